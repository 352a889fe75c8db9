// Package elisa reads concentrations off the standard curve of an
// immunoassay.
//
// # Curve
//
// The four-parameter logistic of package stats through all wells of the
// standards, a standard of 0 included, by weighted least squares. Absorbances
// enter as read, less the reference where the protocol has one; the curve's own
// lower end takes the place of a blank. Acceptance of standards, LLOQ and ULOQ
// are those of [assay.Fit].
package elisa

import (
	"secretome/internal/assay"
)

// Assay is the method.
var Assay = assay.Assay{Name: "elisa", Version: "1", Compute: compute}

func compute(in assay.Input) (assay.Result, error) {
	p, err := in.Fill()
	if err != nil {
		return assay.Result{}, err
	}
	curve, err := assay.Fit(p.Levels(), assay.Options{Model: in.Assay.Curve, Weights: in.Assay.Weights, Unit: in.StandardUnit(p)})
	if err != nil {
		return assay.Result{}, err
	}
	reader, err := in.Reader(curve, 0)
	if err != nil {
		return assay.Result{}, err
	}
	r := assay.Result{Unit: in.Assay.Unit, Curve: &curve, Flags: p.Flags, Values: reader.Values(p), Vendor: reader.Compare(p, in.Table)}
	passed := float64(curve.Passed)
	judged := float64(curve.Judged)
	r.Name("standards_passing", assay.Percent(&passed, &judged), "%")
	r.Name("standards_passed", &passed, "1")
	r.Name("r_squared", &curve.R2, "1")
	r.Named = append(r.Named, assay.Named{Name: "blank_below_lloq", Value: blankBelow(p, curve)})
	r.Name("max_cv", largestCV(r.Values), "%")
	return r, nil
}

// blankBelow says whether the mean response without analyte lies on the far
// side of the response at the LLOQ: yes or no, or nothing where there is no
// blank or no LLOQ.
func blankBelow(p assay.Plate, c assay.Curve) string {
	var blanks []float64
	for _, s := range p.Spots {
		if v, ok := s.Signal(); ok && (s.Role == assay.AsBlank || s.Role == assay.AsStandard && s.Conc == 0) {
			blanks = append(blanks, v)
		}
	}
	blank := assay.Summarise(blanks).Mean
	if blank == nil || c.LLOQ == nil {
		return ""
	}
	var atLimit, highest float64
	for _, s := range c.Standards {
		if s.Response == nil {
			continue
		}
		if s.Conc == *c.LLOQ {
			atLimit = *s.Response
		}
		highest = *s.Response
	}
	if rising := highest > atLimit; (*blank < atLimit) == rising && *blank != atLimit {
		return "yes"
	}
	return "no"
}

// largestCV returns the largest coefficient of variation of samples inside the
// range; 0 where none of them has two wells inside.
func largestCV(values []assay.Value) *float64 {
	most := 0.0
	for _, v := range values {
		if v.Censored == "" && v.CV != nil && *v.CV > most {
			most = *v.CV
		}
	}
	return &most
}
