package elisa_test

import (
	"strconv"
	"testing"

	"secretome/internal/assay"
	"secretome/internal/assay/assaytest"
	"secretome/internal/assay/elisa"
	"secretome/internal/protocol"
	"secretome/internal/quantity"
)

// dnase is run 1 of the data set DNase of R: an ELISA of deoxyribonuclease in
// rat serum, ng/mL and optical density in duplicate.
var dnase = []struct {
	conc string
	od   [2]float64
}{
	{"0.04882812", [2]float64{.017, .018}}, {"0.1953125", [2]float64{.121, .124}}, {"0.390625", [2]float64{.206, .215}},
	{"0.78125", [2]float64{.377, .374}}, {"1.5625", [2]float64{.614, .609}}, {"3.125", [2]float64{1.019, 1.001}},
	{"6.25", [2]float64{1.334, 1.364}}, {"12.5", [2]float64{1.730, 1.710}},
}

func plate(t *testing.T, a protocol.Assay, unit string, samples ...[]assaytest.Cell) assay.Input {
	t.Helper()
	a.ID, a.Method = "il8", "elisa"
	var rows [][]assaytest.Cell
	standards := map[string]quantity.Quantity{}
	for i, s := range dnase {
		code := "S" + strconv.Itoa(i+1)
		standards[code] = assaytest.Quantity(t, s.conc+" "+unit)
		rows = append(rows, assaytest.Row(code, s.od[:]...))
	}
	in := assaytest.Plate(a, append(rows, samples...)...)
	in.Layout.Standards = standards
	return in
}

func compute(t *testing.T, in assay.Input) assay.Result {
	t.Helper()
	r, err := assay.Compute([]assay.Assay{elisa.Assay}, in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The expected numbers are those of SSfpl in R 4.2, as a, b, c, d.
func TestTheCurveOfDNaseRun1(t *testing.T) {
	c := compute(t, plate(t, protocol.Assay{Unit: "ng/mL", Curve: "4pl"}, "ng/mL", assaytest.Row("X", .5, .5))).Curve
	for i, want := range []float64{-.00789717436609, .94110682028, 4.51498978687, 2.37723886653} {
		assaytest.Near(t, c.Parameters[i].Name, &c.Parameters[i].Value, want, 1e-7)
	}
	assaytest.Near(t, "RSS", &c.RSS, .004707254958, 1e-8)
	for i, want := range []float64{74.946054, 111.850277, 100.919207, 99.814094, 94.931181, 105.595987, 96.999046, 100.881512} {
		assaytest.Near(t, "recovery of standard "+strconv.Itoa(i+1), c.Standards[i].Recovery, want, 1e-6)
	}
}

// The lowest standard reads back 74.946 %, 0.054 points below its limit of
// 75 %; the next one is inside its own 20 %.
func TestAStandardThatBarelyFailsMovesTheLLOQ(t *testing.T) {
	r := compute(t, plate(t, protocol.Assay{Unit: "ng/mL"}, "ng/mL", assaytest.Row("X", .5, .5)))
	assaytest.Near(t, "LLOQ", r.Curve.LLOQ, .1953125, 0)
	assaytest.Near(t, "ULOQ", r.Curve.ULOQ, 12.5, 0)
	assaytest.Near(t, "standards_passing", assaytest.Named(t, r, "standards_passing", "%"), 87.5, 0)
	assaytest.Near(t, "standards_passed", assaytest.Named(t, r, "standards_passed", "1"), 7, 0)
	if r.Curve.Standards[0].Pass || r.Curve.Standards[0].Limit != 25 || r.Curve.Standards[1].Limit != 20 {
		t.Errorf("standards are %+v", r.Curve.Standards[:2])
	}
}

func TestSamplesAreReadBack(t *testing.T) {
	samples := [][]assaytest.Cell{
		append(assaytest.Row("MV.1", .5, .5), assaytest.Row("MV.2", 1, 1)...),
		append(assaytest.Row("NC.1", .05, .05), assaytest.Row("NC.2", 2, 2)...),
		assaytest.Row("PC.1", 2.5, 2.5),
	}
	in := plate(t, protocol.Assay{Unit: "pg/mL", Dilution: "2"}, "ng/mL", samples...)
	r := compute(t, in)
	// R: .50 reads back 1.1256008073 ng/mL, 1.00 3.2402499171; times 2, in pg/mL.
	assaytest.Near(t, "MV.1", assaytest.Value(t, r, "MV", 1).Mean, 2251.2016146, 1e-7)
	assaytest.Near(t, "MV.2", assaytest.Value(t, r, "MV", 2).Mean, 6480.4998342, 1e-7)
	for _, test := range []struct {
		group string
		unit  int
		want  assay.Censor
		bound float64
	}{
		{"NC", 1, assay.BelowLLOQ, 390.625}, // .05 reads back .0891, below .1953125
		{"NC", 2, assay.AboveULOQ, 25000},   // 2.00 reads back 26.68, above 12.5
		{"PC", 1, assay.AboveULOQ, 25000},   // 2.5 lies above the curve's upper end
	} {
		v := assaytest.Value(t, r, test.group, test.unit)
		if v.Mean != nil || v.Censored != test.want || v.N != 2 {
			t.Errorf("%s.%d is %+v, want censored %s", test.group, test.unit, v, test.want)
		}
		assaytest.Near(t, "bound", v.Bound, test.bound, 1e-12)
	}
}

func TestTheUnitOfTheStandardsDoesNotMatter(t *testing.T) {
	a := compute(t, plate(t, protocol.Assay{Unit: "pg/mL", Weights: "1/y2"}, "ng/mL", assaytest.Row("X", .5, .6)))
	b := compute(t, plate(t, protocol.Assay{Unit: "pg/mL", Weights: "1/y2"}, "mg/mL", assaytest.Row("X", .5, .6)))
	assaytest.Near(t, "X with standards a million times as high", assaytest.Value(t, b, "X", 1).Mean, 1e6**assaytest.Value(t, a, "X", 1).Mean, 1e-9)
}

func TestTheBlankIsHeldAgainstTheLLOQ(t *testing.T) {
	for _, test := range []struct {
		name  string
		blank []assaytest.Cell
		want  string
	}{
		{"a low blank", assaytest.Row("BLK", .01, .012), "yes"},
		{"a blank as high as the LLOQ", assaytest.Row("BLK", .12, .13), "no"},
		{"no blank", assaytest.Row("X", .5), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := compute(t, plate(t, protocol.Assay{Unit: "ng/mL"}, "ng/mL", assaytest.Row("X", .5), test.blank))
			if got := r.Texts()["blank_below_lloq"]; got != test.want {
				t.Errorf("blank_below_lloq = %q, want %q", got, test.want)
			}
		})
	}
}
