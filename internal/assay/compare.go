package assay

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mathext"

	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/stats"
)

// Compare compares the groups of an endpoint over the plates of its blocks, as
// the plan says: Dunnett's test in complete blocks (or in one way, where the
// model has one block and N counts its units), or Welch's test with Holm's
// adjustment. Wells, and units within blocks, are averaged first, so the same
// data with more wells give the same N. Averages are taken before logarithms.
//
// Where too little is there, a control gate fails, or the numbers have no error
// to be tested against, the finding says why and infers nothing; means and
// points stay. Compare fails with [fault.Invalid] where the plan itself cannot
// be followed: an unknown test, scale or group.
func Compare(e protocol.Endpoint, m protocol.Model, results []Result, alpha string) (Finding, error) {
	level, err := strconv.ParseFloat(alpha, 64)
	if err != nil || !(level > 0 && level < 1) {
		return Finding{}, fault.New(fault.Invalid, "alpha is %q, expected a number between 0 and 1", alpha).Field("alpha")
	}
	d, err := newDesign(e, m, results)
	if err != nil {
		return Finding{}, err
	}
	if _, err := d.scale(1); err != nil {
		return Finding{}, err
	}
	if !slices.Contains([]string{"dunnett", "welch", protocol.ReportOnly}, e.Test) {
		return Finding{}, fault.New(fault.Invalid, "unknown test %q; tests are: dunnett, welch, report", e.Test).Field("test")
	}
	f := Finding{
		Endpoint: e.ID, Title: e.Title, Claim: e.Claim, Model: m.ID, Assay: e.Assay, Test: e.Test, Scale: e.Scale,
		Comparator: e.Comparator, Benefit: e.Benefit, Alpha: alpha, Counted: m.Block, Groups: d.groups,
	}
	if !d.blocked {
		f.Counted = m.Unit
	}
	for _, r := range results {
		if r.Assay == e.Assay && r.Model == m.ID {
			f.Unit, f.Simulated = r.Unit, f.Simulated || r.Simulated
		}
	}
	d.infer(&f, level)
	f.Flags, f.Why = d.flags, strings.Join(d.reasons, "; ")
	if f.Inference = f.Why == ""; !f.Inference {
		f.Contrasts = nil
	}
	for i := range f.Contrasts {
		f.Contrasts[i].Shown = shown(f.Contrasts[i], e.Benefit, level)
	}
	return f, nil
}

// infer runs test and gates, or notes why not.
func (d *design) infer(f *Finding, level float64) {
	if d.endpoint.Test == protocol.ReportOnly {
		d.reasons = append(d.reasons, "the plan reports this endpoint and tests nothing")
		return
	}
	d.enough()
	if len(d.reasons) > 0 {
		return
	}
	var err error
	if f.Contrasts, err = d.contrasts(); err != nil { // the numbers cannot be tested, and the fault says why
		d.reasons = append(d.reasons, fault.Of(err).Message)
		return
	}
	f.Gates = d.gates(level)
	for _, g := range f.Gates {
		if !g.Pass {
			d.reasons = append(d.reasons, g.Title+" is not so: wanted "+g.Limit)
		}
	}
}

// enough looks for reasons against inference: too few repeats, values that are
// missing or below the range.
func (d *design) enough() {
	for _, code := range append([]string{d.endpoint.Comparator}, d.endpoint.Groups...) {
		g := d.group(code)
		if g == nil {
			d.reasons = append(d.reasons, fmt.Sprintf("group %s has no value", code))
			continue
		}
		if g.N < minimumN {
			d.reasons = append(d.reasons, fmt.Sprintf("group %s has N = %d, at least %d are needed", code, g.N, minimumN))
		}
		below, all := 0, 0
		for _, p := range g.Points {
			for _, u := range p.Units {
				all++
				if u.Censored != "" {
					below++
				}
			}
		}
		share := float64(below) / float64(all)
		switch {
		case share > censoredLimit:
			d.reasons = append(d.reasons, fmt.Sprintf("%d of %d units of group %s lie below the range: no test of means", below, all, code))
		case below > 0:
			d.flags = append(d.flags, fmt.Sprintf("%d of %d units of group %s lie below the range and stand as LLOQ/√2", below, all, code))
		}
	}
}

// contrasts runs the plan's test.
func (d *design) contrasts() ([]Contrast, error) {
	switch {
	case d.endpoint.Test == "welch":
		return d.welch()
	case d.blocked:
		return d.dunnettBlocks()
	}
	return d.dunnett()
}

func (d *design) dunnettBlocks() ([]Contrast, error) {
	codes := append([]string{d.endpoint.Comparator}, d.endpoint.Groups...)
	cells, dropped, err := d.cells(codes)
	if err != nil {
		return nil, err
	}
	if err := d.complete(codes, len(cells), dropped); err != nil {
		return nil, err
	}
	found, err := stats.DunnettBlocks(cells, 0)
	if err != nil {
		return nil, err
	}
	var out []Contrast
	for i, c := range found {
		out = append(out, d.contrast(d.endpoint.Groups[i], c, "Dunnett", len(cells), len(cells)))
		out[i].HedgesG = hedges(column(cells, i+1), column(cells, 0))
	}
	return out, nil
}

// complete refuses what is left where blocks miss a group.
func (d *design) complete(codes []string, left int, dropped []string) error {
	if len(dropped) == 0 {
		return nil
	}
	missing := len(d.rows) * len(codes)
	for _, code := range codes {
		missing -= len(d.group(code).Points)
	}
	if float64(missing) > missingLimit*float64(len(d.rows)*len(codes)) || left < minimumN {
		return fault.New(fault.Invalid, "blocks %s miss a group: %d values are missing and %d complete blocks are left, at least %d are needed", strings.Join(dropped, ", "), missing, left, minimumN)
	}
	d.flags = append(d.flags, fmt.Sprintf("blocks %s miss a group and are left out of the test", strings.Join(dropped, ", ")))
	return nil
}

func (d *design) dunnett() ([]Contrast, error) {
	control, treatments, err := d.columns()
	if err != nil {
		return nil, err
	}
	found, err := stats.Dunnett(control, treatments)
	if err != nil {
		return nil, err
	}
	var out []Contrast
	for i, c := range found {
		out = append(out, d.contrast(d.endpoint.Groups[i], c, "Dunnett", len(treatments[i]), len(control)))
		out[i].HedgesG = hedges(treatments[i], control)
	}
	return out, nil
}

func (d *design) welch() ([]Contrast, error) {
	control, treatments, err := d.columns()
	if err != nil {
		return nil, err
	}
	var out []Contrast
	var p []float64
	for i, t := range treatments {
		w, err := stats.Welch(t, control)
		if err != nil {
			return nil, err
		}
		c := stats.Contrast{Difference: w.Difference, SE: w.SE, DF: w.DF, T: w.T, P: w.P, CI: w.CI}
		out = append(out, d.contrast(d.endpoint.Groups[i], c, "Holm", len(t), len(control)))
		out[i].HedgesG = hedges(t, control)
		p = append(p, w.P)
	}
	adjusted, err := stats.Holm(p)
	for i := range adjusted {
		out[i].PAdjusted = adjusted[i]
	}
	return out, err
}

// columns returns the comparator's values and each group's, on the scale.
func (d *design) columns() (control []float64, treatments [][]float64, err error) {
	if control, err = d.scaled(d.group(d.endpoint.Comparator)); err != nil {
		return nil, nil, err
	}
	for _, code := range d.endpoint.Groups {
		v, err := d.scaled(d.group(code))
		if err != nil {
			return nil, nil, err
		}
		treatments = append(treatments, v)
	}
	return control, treatments, nil
}

func (d *design) contrast(group string, c stats.Contrast, adjustment string, n, control int) Contrast {
	out := Contrast{
		Group: group, Comparator: d.endpoint.Comparator, N: n, NControl: control, Adjustment: adjustment,
		Estimate: c.Difference, SE: c.SE, Lo: c.CI.Lo, Hi: c.CI.Hi, T: c.T, DF: c.DF, P: twoSided(c.T, c.DF), PAdjusted: c.P,
	}
	if strings.HasPrefix(d.endpoint.Scale, "log") {
		out.Ratio = &Ratio{d.back(c.Difference), d.back(c.CI.Lo), d.back(c.CI.Hi)}
	}
	return out
}

// twoSided returns P(|T| ≥ |t|) of Student's t by the incomplete beta function.
func twoSided(t, df float64) float64 {
	if t == 0 {
		return 1
	}
	return mathext.RegIncBeta(df/2, 0.5, df/(df+float64(t*t)))
}

func hedges(a, b []float64) *float64 {
	g, err := stats.HedgesG(a, b)
	if err != nil {
		return nil
	}
	return &g
}

func column(cells [][]float64, j int) []float64 {
	var v []float64
	for _, row := range cells {
		v = append(v, row[j])
	}
	return v
}

// shown puts a contrast into words.
func shown(c Contrast, benefit string, alpha float64) string {
	direction := "higher"
	if c.Estimate < 0 {
		direction = "lower"
	}
	switch {
	case c.PAdjusted >= alpha || math.IsNaN(c.PAdjusted):
		return "no difference shown"
	case !slices.Contains([]string{"higher", "lower"}, benefit):
		return direction
	case direction == benefit:
		return direction + ", the benefit foreseen"
	}
	return direction + ", against the benefit foreseen"
}
