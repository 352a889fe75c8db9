package stats

import (
	"math"

	"secretome/internal/fault"
)

// Variation is one line of an analysis of variance.
type Variation struct {
	SS, DF, MS float64
	F, P       float64 // zero on the line of the residuals
}

// ANOVA is an analysis of variance of one or two ways.
type ANOVA struct {
	N          int
	Groups     Variation
	Blocks     Variation // zero without blocks
	Residual   Variation
	EtaSquared float64 // SS of the groups over the total SS
}

// tested completes the lines: mean squares, F and p against the residuals.
func (a ANOVA) tested() (ANOVA, error) {
	if a.Residual.SS <= 0 {
		return ANOVA{}, fault.New(fault.Invalid, "nothing varies beside the means, so there is no error to test them against")
	}
	a.Residual.MS = a.Residual.SS / a.Residual.DF
	for _, v := range []*Variation{&a.Groups, &a.Blocks} {
		if v.DF > 0 {
			v.MS = v.SS / v.DF
			v.F = v.MS / a.Residual.MS
			v.P = fTail(v.F, v.DF, a.Residual.DF)
		}
	}
	a.EtaSquared = a.Groups.SS / (a.Groups.SS + a.Blocks.SS + a.Residual.SS)
	return a, finite("result", []float64{a.Groups.F, a.Blocks.F, a.Residual.MS, a.EtaSquared})
}

// OneWay is the one-way analysis of variance. Groups may differ in size; each
// needs a value, and one of them two.
func OneWay(groups [][]float64) (ANOVA, error) {
	if len(groups) < 2 {
		return ANOVA{}, fault.New(fault.Invalid, "analysis of variance of %d groups, expected at least 2", len(groups))
	}
	var all []float64
	for _, g := range groups {
		if err := enough("group", g, 1); err != nil {
			return ANOVA{}, err
		}
		all = append(all, g...)
	}
	if len(all) == len(groups) {
		return ANOVA{}, fault.New(fault.Invalid, "each of the %d groups has one value: there is no spread within groups", len(groups))
	}
	grand := centre(all)
	a := ANOVA{N: len(all)}
	for _, g := range groups {
		m := shifted(g, grand)
		a.Groups.SS += float64(float64(len(g)) * float64(m*m))
		a.Residual.SS += squares(g, grand+m)
	}
	a.Groups.DF, a.Residual.DF = float64(len(groups)-1), float64(len(all)-len(groups))
	return a.tested()
}

// shifted returns the mean of v less origin, without losing the digits that
// both have in common.
func shifted(v []float64, origin float64) float64 {
	d := make([]float64, len(v))
	for i := range v {
		d[i] = v[i] - origin
	}
	return centre(d)
}

// Blocks is the analysis of a randomised complete block design: cells[i][j] is
// the one value of group j in block i. No interaction is in the model.
func Blocks(cells [][]float64) (ANOVA, error) {
	k, err := rectangle(cells)
	if err != nil {
		return ANOVA{}, err
	}
	b := len(cells)
	grand, groups, blocks := effects(cells, k)
	a := ANOVA{N: b * k}
	a.Groups = Variation{SS: float64(float64(b) * dot(groups, groups)), DF: float64(k - 1)}
	a.Blocks = Variation{SS: float64(float64(k) * dot(blocks, blocks)), DF: float64(b - 1)}
	a.Residual.DF = float64((b - 1) * (k - 1))
	for i, row := range cells {
		for j, v := range row {
			r := v - grand - groups[j] - blocks[i]
			a.Residual.SS += float64(r * r)
		}
	}
	return a.tested()
}

// rectangle checks a complete layout and returns its number of groups.
func rectangle(cells [][]float64) (int, error) {
	if len(cells) < 2 {
		return 0, fault.New(fault.Invalid, "%d blocks, expected at least 2", len(cells))
	}
	k := len(cells[0])
	if k < 2 {
		return 0, fault.New(fault.Invalid, "%d groups in a block, expected at least 2", k)
	}
	for i, row := range cells {
		if len(row) != k {
			return 0, fault.New(fault.Invalid, "block %d has %d groups and block 1 has %d: each block needs each group once", i+1, len(row), k)
		}
		if err := finite("value of a block,", row); err != nil {
			return 0, err
		}
	}
	return k, nil
}

// effects returns the grand mean and the deviations of groups and blocks.
func effects(cells [][]float64, k int) (grand float64, groups, blocks []float64) {
	var all []float64
	for _, row := range cells {
		all = append(all, row...)
	}
	grand = centre(all)
	for _, row := range cells {
		blocks = append(blocks, shifted(row, grand))
	}
	for j := range k {
		groups = append(groups, shifted(column(cells, j), grand))
	}
	return grand, groups, blocks
}

func column(cells [][]float64, j int) []float64 {
	v := make([]float64, len(cells))
	for i, row := range cells {
		v[i] = row[j]
	}
	return v
}

// Contrast is one treatment's mean less the control's, tested simultaneously
// with the others: P and CI hold for the whole family.
type Contrast struct {
	Difference float64
	SE         float64
	DF         float64
	T          float64
	P          float64
	CI         Interval
}

// Dunnett compares each treatment with the control, two-sided, in the one-way
// layout (Dunnett 1955, doi:10.1080/01621459.1955.10501294). Sizes may differ.
func Dunnett(control []float64, treatments [][]float64) ([]Contrast, error) {
	a, err := OneWay(append([][]float64{control}, treatments...))
	if err != nil {
		return nil, err
	}
	n0 := float64(len(control))
	var d, se, lambda []float64
	for _, t := range treatments {
		n := float64(len(t))
		d = append(d, centre(t)-centre(control))
		se = append(se, math.Sqrt(a.Residual.MS*(1/n+1/n0)))
		lambda = append(lambda, math.Sqrt(n/(n+n0)))
	}
	return family(d, se, lambda, a.Residual.DF)
}

// DunnettBlocks compares each group of a complete block design with the group
// in column control; the error is the residual of block + group.
func DunnettBlocks(cells [][]float64, control int) ([]Contrast, error) {
	a, err := Blocks(cells)
	if err != nil {
		return nil, err
	}
	if control < 0 || control >= len(cells[0]) {
		return nil, fault.New(fault.Invalid, "control is group %d of %d", control+1, len(cells[0]))
	}
	_, groups, _ := effects(cells, len(cells[0]))
	var d, se, lambda []float64
	for j, g := range groups {
		if j == control {
			continue
		}
		d = append(d, g-groups[control])
		se = append(se, math.Sqrt(2*a.Residual.MS/float64(len(cells))))
		lambda = append(lambda, math.Sqrt(0.5))
	}
	return family(d, se, lambda, a.Residual.DF)
}

// family tests the differences d together.
func family(d, se, lambda []float64, df float64) ([]Contrast, error) {
	m := newMaxT(lambda, df)
	critical := m.exceeded(1 - confidence)
	var out []Contrast
	for i := range d {
		c := Contrast{Difference: d[i], SE: se[i], DF: df, T: d[i] / se[i], CI: around(d[i], float64(critical*se[i]))}
		c.P = m.tail(math.Abs(c.T))
		if err := finite("result", []float64{c.T, c.P, c.CI.Lo, c.CI.Hi}); err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}
