package assay

import (
	"cmp"
	"slices"

	"secretome/internal/fault"
	"secretome/internal/instrument"
)

// fromFile takes the map from the file: samples, standards with concentrations
// and dilutions, in the order of its readings. A well of which the file says
// nothing is not in use.
func (in Input) fromFile(main scan) (Plate, error) {
	var p Plate
	about := in.about()
	for _, r := range main {
		s := Spot{Well: Well{Well: r.Well, Dilution: 1}, Unit: 1}
		for _, n := range about[r.Well] {
			s.learn(n)
			if n.Conc != nil && p.ConcUnit == "" {
				p.ConcUnit = n.ConcUnit
			}
		}
		if s.Sample == "" && s.Group == "" {
			continue
		}
		p.Spots = append(p.Spots, s)
	}
	if len(p.Spots) == 0 {
		return Plate{}, fault.New(fault.Invalid, "the file says nothing of what its wells hold, and assay %s has no layout", in.Assay.ID).
			Field("layout").Try("name a layout in the protocol, or export the plate with its layout")
	}
	in.sort(p.Spots)
	return p, in.dilute(&p)
}

// sort puts the wells in the order of the file's tables of samples, where it has
// any, since that is how a person reads it.
func (in Input) sort(spots []Spot) {
	place := map[string]int{}
	for i, r := range in.Table.Readings {
		if _, ok := place[r.Well]; r.Kind == instrument.Tabulated && !ok {
			place[r.Well] = i
		}
	}
	at := func(s Spot) int {
		if i, ok := place[s.Well.Well]; ok {
			return i
		}
		return len(in.Table.Readings)
	}
	slices.SortStableFunc(spots, func(a, b Spot) int { return cmp.Compare(at(a), at(b)) })
}

// about returns the readings of each well that may say what it holds, in the
// order of the file.
func (in Input) about() map[string][]instrument.Reading {
	wells := map[string][]instrument.Reading{}
	for _, r := range in.Table.Readings {
		if r.Well != "" {
			wells[r.Well] = append(wells[r.Well], r)
		}
	}
	return wells
}

// learn takes from a reading what it says of its well: the first that says
// something wins.
func (s *Spot) learn(r instrument.Reading) {
	if s.Sample == "" {
		s.Sample = r.Sample
	}
	if s.Group == "" {
		s.Group = r.Group
	}
	if r.Conc != nil && s.Role == AsSample {
		s.Role, s.Conc = AsStandard, *r.Conc
	}
	if r.Dilution != nil && s.Dilution == 1 && *r.Dilution > 0 {
		s.Dilution = *r.Dilution
	}
	if r.Quantity == instrument.Concentration && r.Value != nil && s.Vendor == nil {
		v := *r.Value
		s.Vendor = &v
	}
	if slices.Contains([]string{r.Sample, r.Group}, BlankCode) {
		s.Role = AsBlank
	}
}
