package protein_test

import (
	"strconv"
	"testing"

	"secretome/internal/assay"
	"secretome/internal/assay/assaytest"
	"secretome/internal/assay/protein"
	"secretome/internal/protocol"
	"secretome/internal/quantity"
)

// The expected numbers were computed in R 4.2: a parabola through the
// blank-subtracted means, 0 included.
func TestGoldenBCA(t *testing.T) {
	in := assaytest.Plate(protocol.Assay{ID: "protein", Method: "protein", Unit: "ug/mL", Dilution: "5"},
		levels(.092, .115, .203, .310, .512, .705, .890, 1.232, 1.548),
		assaytest.Row("CM", .450),
	)
	in.Layout.Standards = map[string]quantity.Quantity{}
	for i, conc := range []string{"0", "25", "125", "250", "500", "750", "1000", "1500", "2000"} {
		in.Layout.Standards["S"+strconv.Itoa(i)] = assaytest.Quantity(t, conc+" ug/mL")
	}
	r, err := assay.Compute([]assay.Assay{protein.Assay}, in)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{2.80760877021e-03, 8.65694596524e-04, -7.00494699901e-08} {
		assaytest.Near(t, r.Curve.Parameters[i].Name, &r.Curve.Parameters[i].Value, want, 1e-8)
	}
	assaytest.Near(t, "R2", &r.Curve.R2, .9999799848, 1e-9)
	assaytest.Near(t, "s", &r.Curve.S, .0026663686, 1e-7)
	assaytest.Near(t, "CM", assaytest.Value(t, r, "CM", 1).Mean, 2124.53404496, 1e-9)
}

// levels makes one well of each standard.
func levels(od ...float64) []assaytest.Cell {
	var cells []assaytest.Cell
	for i, v := range od {
		cells = append(cells, assaytest.Row("S"+strconv.Itoa(i), v)...)
	}
	return cells
}
