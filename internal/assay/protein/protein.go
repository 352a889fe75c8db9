// Package protein computes total protein from a colour reaction with a standard
// curve (BCA, Bradford).
//
// # Formula
//
// The mean absorbance of each standard, less the mean blank, is fitted by a
// line, a parabola or a four-parameter curve, as the protocol says. A sample is
// read well by well; its dilutions that lie between the lowest and the highest
// standard that pass are multiplied by their factors and averaged, and must
// agree.
package protein

import (
	"strings"

	"secretome/internal/assay"
	"secretome/internal/fault"
)

// Assay is the method.
var Assay = assay.Assay{Name: "protein", Version: "1", Compute: compute}

func compute(in assay.Input) (assay.Result, error) {
	p, err := in.Fill()
	if err != nil {
		return assay.Result{}, err
	}
	blank := assay.Summarise(blanks(p)).Mean
	if blank == nil {
		return assay.Result{}, fault.New(fault.Invalid, "neither a blank (%s) nor a standard of 0 has a reading that can be used", assay.BlankCode).Try("protein is computed against a blank; read the plate again")
	}
	o := assay.Options{Model: in.Assay.Curve, Weights: in.Assay.Weights, Unit: in.StandardUnit(p), Offset: *blank, Means: true}
	if o.Model == "" {
		o.Model = "quadratic"
	}
	curve, err := assay.Fit(p.Levels(), o)
	if err != nil {
		return assay.Result{}, err
	}
	reader, err := in.Reader(curve, *blank)
	if err != nil {
		return assay.Result{}, err
	}
	reader.Name = series
	r := assay.Result{Unit: in.Assay.Unit, Curve: &curve, Flags: p.Flags, Values: reader.Values(p), Vendor: reader.Compare(p, in.Table)}
	r.Name("r_squared", &curve.R2, "1")
	r.Name("max_dilution_spread", largestSpread(r.Values), "%")
	return r, nil
}

func blanks(p assay.Plate) []float64 {
	var out []float64
	for _, s := range p.Spots {
		if v, ok := s.Signal(); ok && (s.Role == assay.AsBlank || s.Role == assay.AsStandard && s.Conc == 0) {
			out = append(out, v)
		}
	}
	return out
}

// series returns the sample of a well: readers number the dilutions of one
// sample behind a colon, "SPL1:2".
func series(s assay.Spot) string {
	name, _, _ := strings.Cut(s.Sample, ":")
	return name
}

// largestSpread returns how far the dilutions of one sample lie apart at most,
// 100·(largest - smallest)/mean; 0 where no sample has two inside the range.
func largestSpread(values []assay.Value) *float64 {
	most := 0.0
	for _, v := range values {
		if v.Spread != nil && *v.Spread > most {
			most = *v.Spread
		}
	}
	return &most
}
