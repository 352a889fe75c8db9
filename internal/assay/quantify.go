package assay

import (
	"fmt"
	"slices"

	"secretome/internal/quantity"
)

// Reader reads samples off a standard curve.
type Reader struct {
	Curve  Curve
	Unit   string            // of the results
	Offset float64           // subtracted from every signal: the blank
	Name   func(Spot) string // what wells belong together within a group; nil: the sample's name
	factor float64           // from the curve's unit to Unit
}

// Reader returns a reader for results in the assay's unit. It fails where that
// unit cannot be had from the standards' one.
func (in Input) Reader(c Curve, offset float64) (Reader, error) {
	one, err := quantity.Parse("1 " + c.Unit)
	if err != nil {
		return Reader{}, err
	}
	factor, err := one.Float(in.Assay.Unit)
	return Reader{Curve: c, Unit: in.Assay.Unit, Offset: offset, factor: factor}, err
}

// StandardUnit returns the unit of the standards: the file's or the layout's,
// else the assay's.
func (in Input) StandardUnit(p Plate) string {
	if p.ConcUnit == "" {
		return in.Assay.Unit
	}
	return p.ConcUnit
}

// Values reads all samples of the plate, in the order of its map.
//
// A sample's wells of one dilution are averaged and read off where that lies
// between LLOQ and ULOQ; else that dilution is censored. SD and CV are of the
// wells read one by one. The sample's value is the mean of its dilutions that lie inside,
// each multiplied by its factor; if none does, the value is censored, and Bound
// is the limit nearest to it.
func (r Reader) Values(p Plate) []Value {
	var values []Value
	for _, g := range r.samples(p) {
		values = append(values, r.value(g))
	}
	return values
}

// samples returns the wells of each sample.
func (r Reader) samples(p Plate) [][]Spot {
	var names []string
	var groups [][]Spot
	for _, s := range p.Spots {
		if s.Role != AsSample {
			continue
		}
		key := fmt.Sprintf("%q %d %q", s.Group, s.Unit, r.name(s))
		i := slices.Index(names, key)
		if i < 0 {
			i = len(names)
			names, groups = append(names, key), append(groups, nil)
		}
		groups[i] = append(groups[i], s)
	}
	return groups
}

func (r Reader) name(s Spot) string {
	if r.Name == nil {
		return s.Sample
	}
	return r.Name(s)
}

// part is the wells of a sample at one dilution.
type part struct {
	dilution float64
	wells    []Well
	signals  []float64
	mean     *float64  // read at the mean signal, with dilution, where inside
	inside   []float64 // the same well by well
	censored Censor
}

func (r Reader) value(spots []Spot) Value {
	v := Value{Group: spots[0].Group, Unit: spots[0].Unit, Sample: r.name(spots[0])}
	var inside, means []float64
	var parts []part
	for _, d := range dilutions(spots) {
		p := r.part(spots, d)
		parts = append(parts, p)
		v.Wells = append(v.Wells, p.wells...)
		if p.mean != nil {
			v.N += len(p.signals)
			inside, means = append(inside, p.inside...), append(means, *p.mean)
		}
	}
	if len(parts) == 1 {
		v.Dilution = parts[0].dilution
	}
	if len(means) == 0 {
		r.censor(&v, parts)
		return v
	}
	s := Summarise(inside)
	v.SD, v.CV, v.Mean = s.SD, s.CV, Summarise(means).Mean
	if len(means) > 1 {
		spread := 100 * (slices.Max(means) - slices.Min(means)) / *v.Mean
		v.Spread = &spread
	}
	return v
}

// dilutions returns the factors of a sample's wells, as they occur.
func dilutions(spots []Spot) []float64 {
	var out []float64
	for _, s := range spots {
		if !slices.Contains(out, s.Dilution) {
			out = append(out, s.Dilution)
		}
	}
	return out
}

// part reads the wells of one dilution.
func (r Reader) part(spots []Spot, dilution float64) part {
	p := part{dilution: dilution}
	for _, s := range spots {
		if s.Dilution != dilution {
			continue
		}
		w := s.Well
		if v, ok := s.Signal(); ok {
			v -= r.Offset
			w.Corrected = &v
			p.signals = append(p.signals, v)
		}
		p.wells = append(p.wells, w)
	}
	mean := Summarise(p.signals).Mean
	p.censored = r.side(p.signals)
	if mean == nil || p.censored != "" || r.Curve.LLOQ == nil {
		return p
	}
	p.mean = r.read(*mean, dilution)
	for i := range p.wells {
		if w := &p.wells[i]; w.Corrected != nil && p.mean != nil {
			w.Used = true
			if w.Value = r.read(*w.Corrected, dilution); w.Value != nil {
				p.inside = append(p.inside, *w.Value)
			}
		}
	}
	return p
}

// read returns the concentration of a signal in the result's unit, nil beyond
// the curve.
func (r Reader) read(signal, dilution float64) *float64 {
	read, err := r.Curve.fit.Inverse(signal, 1)
	if err != nil {
		return nil
	}
	x := float64(float64(read.X*dilution) * r.factor)
	return &x
}

// side says on which side of the range the mean of the signals lies; empty
// inside, or where the curve has no range.
func (r Reader) side(signals []float64) Censor {
	mean := Summarise(signals).Mean
	if mean == nil || r.Curve.LLOQ == nil {
		return ""
	}
	x, err := r.Curve.fit.Inverse(*mean, len(signals))
	switch {
	case err != nil && r.Curve.below(*mean), err == nil && x.X < *r.Curve.LLOQ*(1-rounding):
		return BelowLLOQ
	case err != nil, x.X > *r.Curve.ULOQ*(1+rounding):
		return AboveULOQ
	}
	return ""
}

// rounding is the relative difference that computing alone may make.
const rounding = 1e-12

// censor fills a value that has no dilution inside the range.
func (r Reader) censor(v *Value, parts []part) {
	for _, p := range parts {
		v.N += len(p.signals)
		if p.censored == "" || v.Censored == AboveULOQ && p.censored == BelowLLOQ {
			continue
		}
		limit := r.Curve.LLOQ
		if p.censored == AboveULOQ {
			limit = r.Curve.ULOQ
		}
		bound := float64(float64(*limit*p.dilution) * r.factor)
		tighter := v.Bound == nil || v.Censored != p.censored || (bound < *v.Bound) == (p.censored == BelowLLOQ)
		if v.Censored = p.censored; tighter {
			v.Bound = &bound
		}
	}
	switch {
	case v.N == 0:
		v.Flags = append(v.Flags, "no well has a reading that can be used")
	case v.Censored == "":
		v.Flags = append(v.Flags, "the curve gives no value: none of its standards passed")
	}
}
