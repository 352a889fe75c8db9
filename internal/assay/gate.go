package assay

import (
	"fmt"
	"math"
	"slices"

	"secretome/internal/stats"
)

// The control groups by their codes in a protocol, and what they must show.
const (
	unstressed = "NC"
	stressed   = "MC"
	reference  = "PC"
	leastShift = 20 // percent, of stress against no stress
)

// gates holds the controls of a stressed model against what they must show: the
// stress did something, and the reference drug is seen to help. A model without
// these groups, or a comparator without stress, has none.
func (d *design) gates(alpha float64) []Gate {
	var out []Gate
	if !d.isStressed(d.endpoint.Comparator) {
		return nil
	}
	if d.group(unstressed) != nil && d.group(stressed) != nil {
		g := Gate{Title: "the model is established (" + stressed + " against " + unstressed + ")", Limit: fmt.Sprintf("p below %v and a shift of at least %d %%", alpha, leastShift)}
		g.P, g.Effect = d.pair(stressed, unstressed)
		g.Pass = g.P != nil && *g.P < alpha && g.Effect != nil && math.Abs(*g.Effect) >= leastShift*(1-rounding)
		out = append(out, g)
	}
	if slices.Contains(d.endpoint.Groups, reference) && (d.endpoint.Benefit == "lower" || d.endpoint.Benefit == "higher") {
		g := Gate{Title: "the assay sees the reference drug (" + reference + " against " + d.endpoint.Comparator + ")", Limit: fmt.Sprintf("p below %v, %s", alpha, d.endpoint.Benefit)}
		g.P, g.Effect = d.pair(reference, d.endpoint.Comparator)
		g.Pass = g.P != nil && *g.P < alpha && g.Effect != nil && (*g.Effect < 0) == (d.endpoint.Benefit == "lower")
		out = append(out, g)
	}
	return out
}

func (d *design) isStressed(code string) bool {
	for _, g := range d.model.Groups {
		if g.Code == code {
			return g.Stress != ""
		}
	}
	return false
}

// pair tests group a against b alone, on the scale of the test: as a contrast of
// all groups in complete blocks, by Welch's test without blocks. The effect is
// of the groups' means, in percent of b.
func (d *design) pair(a, b string) (p, effect *float64) {
	if ma, mb := d.group(a).Mean, d.group(b).Mean; ma != nil && mb != nil && *mb != 0 {
		e := 100 * (*ma - *mb) / *mb
		effect = &e
	}
	if !d.blocked {
		va, errA := d.scaled(d.group(a))
		vb, errB := d.scaled(d.group(b))
		c, err := stats.Welch(va, vb)
		if errA != nil || errB != nil || err != nil {
			return nil, effect
		}
		return &c.P, effect
	}
	codes := []string{b, a}
	for _, g := range d.groups {
		if g.Group != a && g.Group != b {
			codes = append(codes, g.Group)
		}
	}
	cells, _, err := d.cells(codes)
	if err != nil || len(cells) < minimumN {
		return nil, effect
	}
	all, err := stats.DunnettBlocks(cells, 0)
	if err != nil {
		return nil, effect
	}
	v := twoSided(all[0].T, all[0].DF)
	return &v, effect
}
