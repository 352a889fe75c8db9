package all_test

import (
	"math"
	"os"
	"strings"
	"testing"

	"secretome/internal/assay"
	"secretome/internal/assay/all"
	"secretome/internal/assay/assaytest"
	"secretome/internal/instrument"
	formats "secretome/internal/instrument/all"
	"secretome/internal/protocol"
	"secretome/internal/record"
)

func compute(t *testing.T, name string, a protocol.Assay) assay.Result {
	t.Helper()
	b, err := os.ReadFile("../../../examples/files/" + name)
	if err != nil {
		t.Fatal(err)
	}
	table, err := instrument.Read(formats.List(), b)
	if err != nil {
		t.Fatal(err)
	}
	a.Wavelength = assaytest.Quantity(t, "450 nm")
	r, err := assay.Compute(all.List(), assay.Input{Table: table, Assay: a})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const (
	elisaFile   = "softmaxpro_example_group_with_missing_calc_column.txt"
	proteinFile = "endpoint_stdcurve_singleplate_2.txt"
)

// SoftMax Pro prints readings of group tables with three decimals and
// concentrations with three; its plate block has four. What is left between us
// is that rounding.
func TestTheELISAAgreesWithSoftMaxPro(t *testing.T) {
	r := compute(t, elisaFile, protocol.Assay{ID: "marker", Method: "elisa", Unit: "ng/mL", Curve: "4pl"})
	if got := math.Abs(*r.Vendor.Largest); got > 0.07 || r.Vendor.At != "Samples 22" {
		t.Errorf("the largest difference is %v %% at %s", got, r.Vendor.At)
	}
	if n := len(r.Vendor.Rows); n != 32 { // 30 samples and 2 controls
		t.Errorf("%d samples are compared, want 32", n)
	}
	assaytest.Near(t, "standards_passed", assaytest.Named(t, r, "standards_passed", "1"), 5, 0)
	assaytest.Near(t, "LLOQ", r.Curve.LLOQ, 5, 0)
	var first []string
	for _, v := range r.Values[:3] {
		first = append(first, v.Group+" "+v.Sample)
	}
	if got := strings.Join(first, ", "); got != "Controls 01, Controls 02, Samples 01" {
		t.Errorf("values begin with %s, want the file's own order", got)
	}
	for _, v := range r.Values {
		if v.Group == "Samples" && v.Sample == "17" { // AdjConc 2140.804 in the file
			assaytest.Near(t, "sample 17, diluted 100 times", v.Mean, 2140.804, 2e-4)
		}
		if v.Sample == "05" && v.Wells[1].Source.Line == 0 {
			t.Errorf("a well does not say where it stands: %+v", v.Wells[1])
		}
	}
}

// Gen5 fits the readings with all their digits; the file has three decimals.
func TestTheProteinAgreesWithGen5(t *testing.T) {
	r := compute(t, proteinFile, protocol.Assay{ID: "protein", Method: "protein", Unit: "ug/mL", Curve: "linear"})
	if got := math.Abs(*r.Vendor.Largest); got > 0.14 || r.Vendor.At != "SPL SPL2:4" {
		t.Errorf("the largest difference is %v %% at %s", got, r.Vendor.At)
	}
	if n := len(r.Vendor.Rows); n != 24 {
		t.Errorf("%d dilutions are compared, want 24", n)
	}
	assaytest.Near(t, "slope", &r.Curve.Parameters[1].Value, 0.00336, 1e-3)
	v := r.Values[0]
	if v.Sample != "SPL1" || v.N != 12 || v.Spread == nil || *v.Spread > 0.1 {
		t.Errorf("the first sample is %+v, want SPL1 of four dilutions that agree", v)
	}
}

func TestEqualInputGivesEqualBytes(t *testing.T) {
	a, err := record.Canonical(compute(t, elisaFile, protocol.Assay{ID: "marker", Method: "elisa", Unit: "ng/mL"}))
	if err != nil {
		t.Fatal(err)
	}
	b, err := record.Canonical(compute(t, elisaFile, protocol.Assay{ID: "marker", Method: "elisa", Unit: "ng/mL"}))
	if err != nil || string(a) != string(b) {
		t.Errorf("two computations differ (%v)", err)
	}
}
