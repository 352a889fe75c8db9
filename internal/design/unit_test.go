package design_test

import (
	"fmt"
	"strings"
	"testing"

	"secretome/internal/design"
	"secretome/internal/fault"
)

func TestUnitsAreCountedAndWellsNever(t *testing.T) {
	for _, test := range []struct {
		unit          design.Unit
		blocks, units int
		n             int
		says          string
	}{
		{design.Run, 6, 0, 6, ""},
		{design.Donor, 4, 0, 4, ""},
		{design.Lot, 3, 0, 3, ""},
		{design.Tissue, 2, 3, 6, ""},
		{design.Run, 6, 6, 0, "N counts each run once"},
		{design.Tissue, 2, 0, 0, "0 tissues"},
		{design.Run, 0, 0, 0, "0 blocks"},
		{"well", 6, 6, 0, "can never be what N counts"},
	} {
		n, err := test.unit.Count(test.blocks, test.units)
		if n != test.n || (err == nil) != (test.says == "") || err != nil && !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s of %d blocks with %d units: %d, %v; want %d, %q", test.unit, test.blocks, test.units, n, err, test.n, test.says)
		}
	}
	for _, word := range []string{"well", "Wells", "plate", "technical replicate", "aliquot", "field of view", "explant", "mouse", ""} {
		_, err := design.ParseUnit(word)
		if f := fault.Of(err); err == nil || f.Kind != fault.Invalid || !strings.Contains(f.Message, fmt.Sprintf("%q", word)) || f.Help == "" {
			t.Errorf("%q: %v", word, err)
		}
	}
	for _, u := range design.Units() {
		if got, err := design.ParseUnit(string(u)); err != nil || got != u {
			t.Errorf("%s: %v, %v", u, got, err)
		}
	}
}
