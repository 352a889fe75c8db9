package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"secretome/internal/assay"
	"secretome/internal/figure"
	"secretome/internal/record"
)

// findings has figure and statistics of each endpoint.
func (b *book) findings() section {
	s := section{ID: "results", Title: "Results", Lead: "Tests were fixed in the protocol before the first cell was touched. Intervals cover 95 %.", IsResult: true}
	for _, f := range b.Findings {
		s.Parts = append(s.Parts, b.finding(f))
	}
	return s
}

func (b *book) finding(f Finding) section {
	find := f.Finding
	s := section{ID: "finding-" + strconv.FormatInt(f.Ref.Number, 10), Title: find.Title, Link: b.event(f.Ref), Notes: spokenAll(find.Flags)}
	s.Lead = fmt.Sprintf("%s. N counts: %s. Scale: %s.", testName(find), find.Counted, find.Scale)
	if find.Claim != "" {
		s.Lead = "Claim to be tested: " + find.Claim + ". " + s.Lead
	}
	if !find.Inference {
		s.Notes = append([]string{"No inference: " + find.Why + "."}, s.Notes...)
	}
	if find.Simulated {
		s.Notes = append([]string{"SIMULATED data."}, s.Notes...)
	}
	if len(find.Groups) > 0 {
		s.Figures = []drawing{b.points(f)}
	}
	s.Tables = []table{b.contrasts(f), b.groups(f)}
	if len(find.Gates) > 0 {
		s.Tables = append(s.Tables, b.gates(f))
	}
	return s
}

func testName(f assay.Finding) string {
	switch f.Test {
	case "dunnett":
		return "Dunnett's test against " + f.Comparator
	case "welch":
		return "Welch's test against " + f.Comparator + ", p adjusted by Holm"
	}
	return f.Test
}

// plateOf returns the plate that a point came from.
func (b *book) plateOf(f assay.Finding, block string) (record.Ref, bool) {
	i := slices.IndexFunc(b.Results, func(r Result) bool {
		return r.Result.Assay == f.Assay && r.Result.Model == f.Model && r.Result.Block == block && r.Result.Counts()
	})
	if i < 0 {
		return record.Ref{}, false
	}
	return b.Results[i].Ref, true
}

func (b *book) points(f Finding) drawing {
	find := f.Finding
	u := unit(find.Unit)
	p := figure.Points{ID: "points-" + strconv.FormatInt(f.Ref.Number, 10), Title: find.Title, Axis: b.axis(find), Counted: find.Counted}
	var blocks []string
	var sources []record.Ref
	for _, g := range find.Groups {
		group := figure.Group{Label: g.Group, N: g.N, Mean: g.Mean, Lo: g.Lo, Hi: g.Hi}
		for _, pt := range g.Points {
			if !slices.Contains(blocks, pt.Block) {
				blocks = append(blocks, pt.Block)
			}
			mark := figure.Mark{Shape: slices.Index(blocks, pt.Block), Value: pt.Value, Name: pointName(g.Group, pt, u)}
			if ref, ok := b.plateOf(find, pt.Block); ok {
				mark.Href = "#" + anchor(ref)
				if !slices.Contains(sources, ref) {
					sources = append(sources, ref)
				}
			}
			if len(pt.Units) > 1 {
				for _, unit := range pt.Units {
					mark.Parts = append(mark.Parts, unit.Value)
				}
			}
			group.Marks = append(group.Marks, mark)
		}
		p.Groups = append(p.Groups, group)
	}
	p.Description = figure.Describe(p.Groups, u)
	caption := find.Title + ". Bar: " + meanName(find.Scale) + "; whisker: its 95 % interval; shapes: blocks (○ first, □ second, △ third)"
	if len(blocks) < 2 {
		caption = find.Title + ". Bar: " + meanName(find.Scale) + "; whisker: its 95 % interval; each circle is one " + find.Counted
	}
	return b.draw(p.Draw(), caption+"; dots beside a shape: the units that it averages.", append([]record.Ref{f.Ref}, sources...)...)
}

// axis names what is drawn, and its unit.
func (b *book) axis(f assay.Finding) string {
	for _, a := range b.Protocol.Assays {
		if a.ID != f.Assay {
			continue
		}
		if a.Analyte != "" {
			return a.Analyte + ", " + unit(f.Unit)
		}
		return a.Title + ", " + unit(f.Unit)
	}
	return unit(f.Unit)
}

func meanName(scale string) string {
	if strings.HasPrefix(scale, "log") {
		return "geometric mean"
	}
	return "mean"
}

func pointName(group string, p assay.GroupPoint, unit string) string {
	var wells []string
	for _, u := range p.Units {
		wells = append(wells, u.Wells...)
	}
	name := group
	if p.Unit > 0 {
		name += "." + strconv.Itoa(p.Unit)
	}
	if p.Block != "" {
		name += ", block " + p.Block
	}
	return fmt.Sprintf("%s, plate %s, wells %s: %s %s", name, p.Plate, strings.Join(wells, " "), figure.Number(p.Value), unit)
}

func (b *book) contrasts(f Finding) table {
	find := f.Finding
	t := table{Caption: "Comparisons", Head: numeric([]string{"Comparison", "Shown", "Estimate", "95 % interval", "p", "p, adjusted", "N", "df", "Hedges g"}, 2, 3, 4, 5, 6, 7, 8)}
	for _, c := range find.Contrasts {
		estimate, interval := b.number(&c.Estimate, f.Ref), cell{Text: figure.Number(c.Lo) + " to " + figure.Number(c.Hi), Href: b.href(f.Ref), Num: true}
		estimate.Text = signed(c.Estimate) + " " + difference(find.Unit)
		if c.Ratio != nil {
			estimate = b.number(&c.Ratio.Value, f.Ref)
			estimate.Text = "× " + estimate.Text
			interval.Text = "× " + figure.Number(c.Ratio.Lo) + " to " + figure.Number(c.Ratio.Hi)
		}
		t.Rows = append(t.Rows, []cell{
			{Text: c.Group + " against " + c.Comparator}, {Text: c.Shown}, estimate, interval, b.number(&c.P, f.Ref), b.number(&c.PAdjusted, f.Ref),
			{Text: fmt.Sprintf("%d, %d", c.N, c.NControl), Href: b.href(f.Ref), Num: true}, b.number(&c.DF, f.Ref), b.number(c.HedgesG, f.Ref),
		})
	}
	return t
}

// difference is the unit of a difference.
func difference(ucum string) string {
	if ucum == "%" {
		return "pp"
	}
	return unit(ucum)
}

func signed(v float64) string {
	if v > 0 {
		return "+" + figure.Number(v)
	}
	return figure.Number(v)
}

func (b *book) groups(f Finding) table {
	u := unit(f.Finding.Unit)
	t := table{Caption: "Groups and the points of the figure", Head: numeric([]string{"Group", "What", "N", meanName(f.Finding.Scale) + ", " + u, "95 % interval", "Points"}, 2, 3)}
	for _, g := range f.Finding.Groups {
		interval := cell{Text: "–"}
		if g.Lo != nil && g.Hi != nil {
			interval = cell{Text: figure.Number(*g.Lo) + " to " + figure.Number(*g.Hi), Href: b.href(f.Ref)}
		}
		var points []string
		for _, p := range g.Points {
			points = append(points, figure.Number(p.Value))
		}
		t.Rows = append(t.Rows, []cell{{Text: g.Group}, {Text: g.Title}, {Text: strconv.Itoa(g.N), Href: b.href(f.Ref), Num: true}, b.number(g.Mean, f.Ref), interval, {Text: strings.Join(points, "; "), Href: b.href(f.Ref)}})
	}
	return t
}

func (b *book) gates(f Finding) table {
	t := table{Caption: "Control gates: without them no comparison counts", Head: numeric([]string{"Gate", "Wanted", "Effect, %", "p", ""}, 2, 3)}
	for _, g := range f.Finding.Gates {
		verdict := "holds"
		if !g.Pass {
			verdict = "does not hold"
		}
		t.Rows = append(t.Rows, []cell{{Text: g.Title}, {Text: g.Limit}, b.number(g.Effect, f.Ref), b.number(g.P, f.Ref), {Text: verdict, Class: class(g.Pass)}})
	}
	return t
}
