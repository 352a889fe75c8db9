package all_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"secretome/internal/fault"
	"secretome/internal/instrument"
	"secretome/internal/instrument/all"
)

func TestExamplesAreRecognisedByContent(t *testing.T) {
	for file, format := range map[string]string{
		"softmaxpro_example_group_with_missing_calc_column.txt": "softmax_pro",
		"endpoint_stdcurve_singleplate_2.txt":                   "gen5",
	} {
		b, err := os.ReadFile(filepath.Join("../../../examples/files", file))
		if err != nil {
			t.Fatal(err)
		}
		table, err := instrument.Read(all.List(), b)
		if err != nil || table.Format != format {
			t.Errorf("%s is read as %q, %v, want %s", file, table.Format, err, format)
		}
	}
}

func TestNoTwoFormatsClaimTheSameFile(t *testing.T) {
	for _, file := range []string{"softmaxpro_example_group_with_missing_calc_column.txt", "endpoint_stdcurve_singleplate_2.txt"} {
		b, err := os.ReadFile(filepath.Join("../../../examples/files", file))
		if err != nil {
			t.Fatal(err)
		}
		var claims []string
		for _, p := range all.List() {
			if p.Recognise(b) {
				claims = append(claims, p.Name)
			}
		}
		if len(claims) != 1 {
			t.Errorf("%s is claimed by %v", file, claims)
		}
	}
}

func TestAFileOfNoFormatIsNamedWithTheFormats(t *testing.T) {
	_, err := instrument.Read(all.List(), []byte("sample,od\nA,0.1\n"))
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), `"sample,od"`) || !strings.Contains(err.Error(), "Gen5") {
		t.Errorf("error is %v", err)
	}
}
