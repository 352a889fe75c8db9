package assay

import (
	"fmt"
	"math"
	"slices"

	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/stats"
)

// minimumN is how many independent repeats a test needs here: two have one
// degree of freedom, and an interval that says nothing.
const minimumN = 3

// The rules for missing and censored values.
const (
	missingLimit  = 0.20 // of all cells of a block design: above it no inference
	censoredLimit = 0.30 // of a group's units: above it no test of means
)

// design is the values of an endpoint by group and by what N counts.
type design struct {
	endpoint protocol.Endpoint
	model    protocol.Model
	blocked  bool     // N counts blocks
	rows     []string // blocks, or the numbers of units
	groups   []Summary
	reasons  []string // why there is no inference
	flags    []string
}

// newDesign takes the results that count, one a block.
func newDesign(e protocol.Endpoint, m protocol.Model, results []Result) (*design, error) {
	d := &design{endpoint: e, model: m, blocked: m.Unit != "tissue"}
	for _, g := range m.Groups {
		d.groups = append(d.groups, Summary{Group: g.Code, Title: g.Title})
	}
	seen := map[string]bool{}
	for _, r := range results {
		if r.Assay != e.Assay || r.Model != m.ID {
			continue
		}
		if !r.Counts() {
			d.flags = append(d.flags, fmt.Sprintf("plate %s of block %s is kept but does not count: its decision is %s", r.Plate, r.Block, r.Decision.Do))
			continue
		}
		if seen[r.Block] {
			return nil, fault.New(fault.Invalid, "two plates of assay %s count for block %q", e.Assay, r.Block).Field("block").Try("say which of them the block's result is")
		}
		seen[r.Block] = true
		d.take(r)
	}
	for i := range d.groups {
		d.describe(&d.groups[i])
	}
	d.groups = slices.DeleteFunc(d.groups, func(g Summary) bool { return len(g.Points) == 0 })
	return d, nil
}

// take adds one plate.
func (d *design) take(r Result) {
	if d.blocked {
		d.rows = append(d.rows, r.Block)
	}
	for i := range d.groups {
		g := &d.groups[i]
		var units []UnitValue
		for _, v := range r.Values {
			if v.Group != g.Group {
				continue
			}
			if u, ok := unitValue(v); ok {
				units = append(units, u)
			} else {
				d.flags = append(d.flags, fmt.Sprintf("%s.%d of block %s has no number%s", g.Group, v.Unit, r.Block, side(v.Censored)))
			}
		}
		d.point(g, r, units)
	}
}

func side(c Censor) string {
	if c == AboveULOQ {
		return ": it lies above the range and is to be diluted and read again"
	}
	return ""
}

// point adds the mean of the units, or each of them.
func (d *design) point(g *Summary, r Result, units []UnitValue) {
	if len(units) == 0 {
		return
	}
	if d.blocked {
		var values []float64
		for _, u := range units {
			values = append(values, u.Value)
		}
		g.Points = append(g.Points, GroupPoint{Block: r.Block, Plate: r.Plate, Value: *Summarise(values).Mean, Units: units})
		return
	}
	for _, u := range units {
		g.Points = append(g.Points, GroupPoint{Block: r.Block, Unit: u.Unit, Plate: r.Plate, Value: u.Value, Units: []UnitValue{u}})
	}
}

// unitValue returns the number of a unit; one below the range stands as
// LLOQ/√2.
func unitValue(v Value) (UnitValue, bool) {
	u := UnitValue{Unit: v.Unit, Censored: v.Censored, N: v.N}
	for _, w := range v.Wells {
		u.Wells = append(u.Wells, w.Well)
	}
	switch {
	case v.Mean != nil:
		u.Value = *v.Mean
	case v.Censored == BelowLLOQ && v.Bound != nil:
		u.Value = *v.Bound / math.Sqrt2
	default:
		return u, false
	}
	return u, true
}

// describe computes a group's mean and interval on the scale of the test.
func (d *design) describe(g *Summary) {
	g.N = len(g.Points)
	values, err := d.scaled(g)
	if err != nil {
		return
	}
	if mean := Summarise(values).Mean; mean != nil {
		m := d.back(*mean)
		g.Mean = &m
	}
	if s, err := stats.Describe(values); err == nil && s.SD > 0 {
		lo, hi := d.back(s.CI.Lo), d.back(s.CI.Hi)
		g.Lo, g.Hi = &lo, &hi
	}
}

// scaled returns a group's points on the scale of the test.
func (d *design) scaled(g *Summary) ([]float64, error) {
	var out []float64
	for _, p := range g.Points {
		v, err := d.scale(p.Value)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (d *design) scale(v float64) (float64, error) {
	switch d.endpoint.Scale {
	case "", "identity":
		return v, nil
	case "log10", "log2":
		if v <= 0 {
			return 0, fault.New(fault.Invalid, "the value %v has no logarithm", v)
		}
		if d.endpoint.Scale == "log2" {
			return math.Log2(v), nil
		}
		return math.Log10(v), nil
	}
	return 0, fault.New(fault.Invalid, "unknown scale %q; scales are: identity, log10, log2", d.endpoint.Scale).Field("scale")
}

// back carries a value of the scale back.
func (d *design) back(v float64) float64 {
	switch d.endpoint.Scale {
	case "log10":
		return math.Pow(10, v)
	case "log2":
		return math.Exp2(v)
	}
	return v
}

func (d *design) group(code string) *Summary {
	for i := range d.groups {
		if d.groups[i].Group == code {
			return &d.groups[i]
		}
	}
	return nil
}

// cells returns the complete blocks of the given groups, on the scale of the
// test: cells[i][j] is group j in complete block i.
func (d *design) cells(codes []string) (cells [][]float64, dropped []string, err error) {
	for _, block := range d.rows {
		var row []float64
		for _, code := range codes {
			for _, p := range d.group(code).Points {
				if p.Block != block {
					continue
				}
				v, err := d.scale(p.Value)
				if err != nil {
					return nil, nil, err
				}
				row = append(row, v)
			}
		}
		if len(row) == len(codes) {
			cells = append(cells, row)
		} else {
			dropped = append(dropped, block)
		}
	}
	return cells, dropped, nil
}
