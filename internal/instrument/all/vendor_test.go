package all_test

import (
	"math"
	"os"
	"path/filepath"
	"testing"

	"secretome/internal/instrument"
	"secretome/internal/instrument/all"
	"secretome/internal/stats"
)

// assay is a plate with standards: signal by well, and what the vendor's
// program read off its curve.
type assay struct {
	signal, vendor map[string]float64
	x, y           []float64 // the standards
}

// load reads an example; signals are the readings that wanted picks.
func load(t *testing.T, file string, wanted func(instrument.Reading) bool) assay {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("../../../examples/files", file))
	if err != nil {
		t.Fatal(err)
	}
	table, err := instrument.Read(all.List(), b)
	if err != nil {
		t.Fatal(err)
	}
	a := assay{signal: map[string]float64{}, vendor: map[string]float64{}}
	for _, r := range table.Readings {
		switch {
		case r.Value == nil:
		case r.Quantity == instrument.Concentration:
			a.vendor[r.Well] = *r.Value
		case wanted(r):
			a.signal[r.Well] = *r.Value
			if r.Conc != nil {
				a.x, a.y = append(a.x, *r.Conc), append(a.y, *r.Value)
			}
		}
	}
	return a
}

// The vendor fitted five parameters, unweighted, to 450 nm alone, the zero
// standard included: its concentrations lie on such a curve (asymmetry 0.0025)
// to the last printed digit. Ours has four, so the two agree between the
// standards and part beyond the highest.
func TestELISAAgainstTheVendor(t *testing.T) {
	a := load(t, "softmaxpro_example_group_with_missing_calc_column.txt", func(r instrument.Reading) bool {
		return r.Kind == instrument.Raw && r.WavelengthNM == 450
	})
	f, err := stats.FourPL(a.x, a.y, stats.Equal)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.vendor) != 74 || len(a.x) != 12 {
		t.Fatalf("%d concentrations and %d standards, want 74 and 12", len(a.vendor), len(a.x))
	}
	for well, vendor := range a.vendor {
		v, err := f.Inverse(a.signal[well], 2)
		if err != nil {
			t.Fatalf("%s: %v", well, err)
		}
		difference := math.Abs(v.X - vendor)
		switch {
		case vendor < 5 && difference > 0.004,
			vendor >= 5 && vendor <= 103 && difference > 0.0007*vendor,
			vendor > 103 && difference > 0.004*vendor:
			t.Errorf("%s: %v ng/mL, the vendor has %v", well, v.X, vendor)
		}
	}
}

// The vendor fitted an unweighted line to the blank-corrected standards, the
// blanks left out. It printed the optical densities with three digits: half of
// the last is 0.15 ug/mL, and nothing differs by more.
func TestProteinAgainstTheVendor(t *testing.T) {
	a := load(t, "endpoint_stdcurve_singleplate_2.txt", func(r instrument.Reading) bool {
		return r.Label == "Blank 450nm:450"
	})
	f, err := stats.Line(a.x, a.y, stats.Equal)
	if err != nil {
		t.Fatal(err)
	}
	if math.Abs(f.B[1]-0.00336) > 5e-6 || math.Abs(f.B[0]+0.000679) > 5e-5 {
		t.Errorf("line is %v + %v x, the vendor printed -0.000679 + 0.00336 x", f.B[0], f.B[1])
	}
	if len(a.vendor) != 96 || len(a.x) != 21 {
		t.Fatalf("%d concentrations and %d standards, want 96 and 21", len(a.vendor), len(a.x))
	}
	for well, vendor := range a.vendor {
		v, err := f.Inverse(a.signal[well], 1)
		if err != nil {
			t.Fatalf("%s: %v", well, err)
		}
		if math.Abs(v.X-vendor) > 0.0005/f.B[1]+0.01 {
			t.Errorf("%s: %v, the vendor has %v", well, v.X, vendor)
		}
	}
}
