// Package cck8 computes viability by the reduction of a tetrazolium salt
// (CCK-8 at 450 nm, reference 650 nm; MTT likewise).
//
// # Formula
//
//	viability % = 100·(OD - blank) / (mean OD of NC - BLK)
//
// OD is the reading less the reference, BLK the mean of the cell-free wells
// with medium and reagent. Conditioned medium reduces the dye by itself, so the
// blank of a group with a dose of it lies between BLK and CMB, the cell-free
// wells with conditioned medium, in proportion to the dose.
package cck8

import (
	"fmt"
	"strings"

	"secretome/internal/assay"
	"secretome/internal/fault"
	"secretome/internal/protocol"
)

// Assay is the method.
var Assay = assay.Assay{Name: "cck8", Version: "1", Compute: compute}

// The codes that a layout must or may use.
const (
	untreated = "NC"  // cells in medium: 100 %
	vehicle   = "VC"  // cells with the vehicle
	killed    = "KC"  // cells killed: about 0 %
	carrier   = "CMB" // begins the codes of cell-free wells with conditioned medium
)

// plate is a filled map with its blanks.
type plate struct {
	assay.Plate
	model *protocol.Model
	blank float64 // mean of BLK
	full  float64 // mean of NC less blank
}

func compute(in assay.Input) (assay.Result, error) {
	filled, err := in.Fill()
	if err != nil {
		return assay.Result{}, err
	}
	p := plate{Plate: filled, model: in.Model}
	blank := assay.Summarise(p.signals(assay.BlankCode))
	if blank.Mean == nil {
		return assay.Result{}, fault.New(fault.Invalid, "no blank well (%s) has a reading that can be used", assay.BlankCode).Try("viability cannot be computed without; read the plate again")
	}
	p.blank = *blank.Mean
	nc := assay.Summarise(less(p.signals(untreated), p.blank))
	if nc.Mean == nil || *nc.Mean <= 0 {
		return assay.Result{}, fault.New(fault.Invalid, "the untreated wells (%s) have no signal above the blank", untreated).Try("check layout and plate")
	}
	p.full = *nc.Mean
	r := assay.Result{Unit: in.Assay.Unit, Flags: p.Flags}
	if r.Values, err = p.values(&r); err != nil {
		return assay.Result{}, err
	}
	r.Name("nc_od", nc.Mean, "{AU}")
	r.Name("nc_cv", assay.Summarise(p.signals(untreated)).CV, "%")
	r.Name("blk_od", blank.Mean, "{AU}")
	r.Name("kc_viability", mean(r.Values, killed), "%")
	r.Name("vc_viability", mean(r.Values, vehicle), "%")
	r.Name("z_prime", assay.ZPrime(nc, assay.Summarise(less(p.signals(killed), p.blank))), "1")
	return r, nil
}

// signals returns the usable signals of a group, in the order of the map.
func (p plate) signals(group string) []float64 {
	var out []float64
	for _, s := range p.Spots {
		if v, ok := s.Signal(); ok && s.Group == group {
			out = append(out, v)
		}
	}
	return out
}

func less(values []float64, blank float64) []float64 {
	var out []float64
	for _, v := range values {
		out = append(out, v-blank)
	}
	return out
}

// values computes all units that hold cells, in the order in which the map
// names them first.
func (p plate) values(r *assay.Result) ([]assay.Value, error) {
	var values []assay.Value
	for _, s := range p.Spots {
		if s.Role != assay.AsSample || strings.HasPrefix(s.Group, carrier) || has(values, s.Group, s.Unit) {
			continue
		}
		blank, note, err := p.blankOf(s.Group)
		if err != nil {
			return nil, err
		}
		if note != "" && !has(values, s.Group, 0) {
			r.Flags = append(r.Flags, note)
		}
		values = append(values, p.value(s.Group, s.Unit, blank))
	}
	return values, nil
}

// has reports whether a unit is there; unit 0 is any of the group.
func has(values []assay.Value, group string, unit int) bool {
	for _, v := range values {
		if v.Group == group && (unit == 0 || v.Unit == unit) {
			return true
		}
	}
	return false
}

// value averages the wells of one unit.
func (p plate) value(group string, unit int, blank float64) assay.Value {
	v := assay.Value{Group: group, Unit: unit}
	var percents []float64
	for _, s := range p.Spots {
		if s.Group != group || s.Unit != unit {
			continue
		}
		w := s.Well
		w.Dilution = 0
		if signal, ok := s.Signal(); ok {
			corrected := signal - blank
			percent := 100 * corrected / p.full
			w.Corrected, w.Value, w.Used = &corrected, &percent, true
			percents = append(percents, percent)
		}
		v.Wells = append(v.Wells, w)
	}
	s := assay.Summarise(percents)
	v.N, v.Mean, v.SD, v.CV = s.N, s.Mean, s.SD, s.CV
	if s.N == 0 {
		v.Flags = append(v.Flags, "no well has a reading that can be used")
	}
	return v
}

// blankOf returns the blank of a group by its dose of conditioned medium, with
// a sentence where it is not measured at that dose.
func (p plate) blankOf(code string) (blank float64, note string, err error) {
	g, ok := p.group(code)
	if !ok || g.Dose.IsZero() {
		return p.blank, "", nil
	}
	dose, err := g.Dose.Float(g.Dose.Unit())
	if err != nil || dose == 0 {
		return p.blank, "", err
	}
	var best protocol.Group
	top := 0.0
	for _, c := range p.model.Groups {
		if !strings.HasPrefix(c.Code, carrier) || c.Dose.IsZero() || len(p.signals(c.Code)) == 0 {
			continue
		}
		d, err := c.Dose.Float(g.Dose.Unit())
		if err != nil {
			return 0, "", err
		}
		if d == dose || best.Code == "" {
			best, top = c, d
		}
	}
	if best.Code == "" || top == 0 {
		return p.blank, fmt.Sprintf("%s has no cell-free wells with conditioned medium: what the medium itself reduces counts as living cells", code), nil
	}
	carried := *assay.Summarise(p.signals(best.Code)).Mean - p.blank
	if dose != top {
		note = fmt.Sprintf("the blank of %s (%s) is taken in proportion between %s and %s (%s)", code, g.Dose, assay.BlankCode, best.Code, best.Dose)
	}
	return p.blank + float64(carried*(dose/top)), note, nil
}

func (p plate) group(code string) (protocol.Group, bool) {
	if p.model == nil {
		return protocol.Group{}, false
	}
	for _, g := range p.model.Groups {
		if g.Code == code {
			return g, true
		}
	}
	return protocol.Group{}, false
}

// mean returns the mean of a group's units, nil where there is none.
func mean(values []assay.Value, group string) *float64 {
	var means []float64
	for _, v := range values {
		if v.Group == group && v.Mean != nil {
			means = append(means, *v.Mean)
		}
	}
	return assay.Summarise(means).Mean
}
