package design_test

import (
	"slices"
	"strings"
	"testing"

	"secretome/internal/design"
	"secretome/internal/fault"
)

func TestCodesEnd(t *testing.T) {
	codes, err := design.Codes(seed(1), "x", 500, nil)
	if err != nil || len(slices.Compact(slices.Sorted(slices.Values(codes)))) != 500 {
		t.Errorf("%d codes, %v", len(codes), err)
	}
	for _, code := range codes {
		if len(code) != 3 || strings.ContainsAny(code, "IOSBZ01258") {
			t.Errorf("%s may be misread", code)
		}
	}
	for _, test := range []struct{ wanted, taken int }{{501, 0}, {3, 1990}} {
		if _, err := design.Codes(seed(1), "x", test.wanted, make([]string, test.taken)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%d codes beside %d: %v", test.wanted, test.taken, err)
		}
	}
}
