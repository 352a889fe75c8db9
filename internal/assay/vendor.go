package assay

import (
	"fmt"
	"math"
	"strings"

	"secretome/internal/instrument"
)

// Vendor sets our concentrations beside those that the vendor's program
// printed: what was measured in the well, before any dilution.
type Vendor struct {
	Unit    string      `json:"unit"`
	Rows    []VendorRow `json:"rows"`
	Largest *float64    `json:"largest_percent,omitempty"` // among rows inside the range, by size
	At      string      `json:"at,omitempty"`              // the sample where it occurs
	Why     string      `json:"why"`
}

// VendorRow is one sample at one dilution.
type VendorRow struct {
	Group      string   `json:"group,omitempty"`
	Sample     string   `json:"sample"`
	Dilution   float64  `json:"dilution"`
	Wells      []string `json:"wells"`
	Ours       float64  `json:"ours"`
	Vendor     float64  `json:"vendor"`
	Difference *float64 `json:"difference_percent,omitempty"` // 100·(ours - vendor)/vendor
	Censored   Censor   `json:"censored,omitempty"`           // outside our range: compared, but no result
}

// Compare returns the comparison with the vendor's numbers, nil where the file
// has none. Only wells that both sides read count.
func (r Reader) Compare(p Plate, table instrument.Table) *Vendor {
	v := Vendor{Unit: r.Curve.Unit}
	for _, spots := range r.samples(p) {
		for _, d := range dilutions(spots) {
			if row, ok := r.row(spots, d); ok {
				v.Rows = append(v.Rows, row)
				v.note(row)
			}
		}
	}
	if len(v.Rows) == 0 {
		return nil
	}
	v.Why = r.why(table)
	return &v
}

// row compares the wells of one sample at one dilution.
func (r Reader) row(spots []Spot, dilution float64) (VendorRow, bool) {
	row := VendorRow{Group: spots[0].Group, Dilution: dilution}
	var vendor, signals []float64
	for _, s := range spots {
		if v, ok := s.Signal(); ok && s.Dilution == dilution && s.Vendor != nil {
			row.Sample = s.Sample
			signals, vendor = append(signals, v-r.Offset), append(vendor, *s.Vendor)
			row.Wells = append(row.Wells, s.Well.Well)
		}
	}
	mean := Summarise(signals).Mean
	if mean == nil {
		return row, false
	}
	read, err := r.Curve.fit.Inverse(*mean, len(signals))
	if err != nil {
		return row, false
	}
	row.Ours, row.Vendor, row.Censored = read.X, *Summarise(vendor).Mean, r.side(signals)
	if row.Vendor != 0 {
		d := 100 * (row.Ours - row.Vendor) / row.Vendor
		row.Difference = &d
	}
	return row, true
}

// note keeps the largest difference inside the range.
func (v *Vendor) note(row VendorRow) {
	if row.Difference == nil || row.Censored != "" {
		return
	}
	if v.Largest == nil || math.Abs(*row.Difference) > math.Abs(*v.Largest) {
		v.Largest, v.At = row.Difference, strings.TrimSpace(row.Group+" "+row.Sample)
	}
}

// why says what the two computations do differently, as far as the file tells.
func (r Reader) why(table instrument.Table) string {
	ours := fmt.Sprintf("Ours: %s, weights %s, through the readings as printed, read at the mean of the wells", r.Curve.Formula, r.Curve.Weights)
	theirs := "the file does not say which curve the vendor's program fitted"
	for _, c := range table.Curves {
		var terms []string
		for _, t := range c.Terms {
			terms = append(terms, t.Name+" = "+t.Printed)
		}
		theirs = fmt.Sprintf("the vendor's: %s with %s", c.Formula, strings.Join(terms, ", "))
	}
	return ours + "; " + theirs + ". They may differ in the form of the curve, in its weights, and by the digits that the vendor's program knows and does not print."
}
