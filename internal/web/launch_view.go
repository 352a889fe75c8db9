package web

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"secretome/internal/fault"
	"secretome/internal/forecast"
	"secretome/internal/lab"
	"secretome/internal/quantity"
	"secretome/internal/sample"
)

// draftPage is a draft with its preview.
type draftPage struct {
	lab.Sketch
	p      *page
	Editor string
	Turn   string
	Days   []forecast.Day
	Work   work
	Bars   []stageBar
	Shut   string // path of the days on which nobody is there, behind each bar
	Months []dateMark
	Labels []labelled
	Plates []forecast.Made
	Clash  []forecast.Entry // that have one, the first ones
	More   int              // clashes that are not listed
}

// work is what a run asks of people.
type work struct {
	Bench  time.Duration
	Days   int // from the first to the last
	Shares []forecast.Share
	Closed int      // tasks on days on which nobody is there
	Off    []string // those days
}

// stageBar is one stage in the drawing of the schedule.
type stageBar struct {
	Title    string
	X, Width int // of 1000
	Clashes  int
	Spoken   string
}

// dateMark is a date on the axis of the drawing.
type dateMark struct {
	X     int
	Label string
}

type labelled struct {
	Kind   string
	Number int
}

// axisWidth is how many units a drawing of the schedule is wide.
const axisWidth = 1000

// drafting prepares a sketch for its page.
func (p *page) drafting(s lab.Sketch) draftPage {
	in := draftPage{Sketch: s, p: p, Editor: p.value("editor"), Turn: p.value("turn")}
	if in.Editor == "" || p.r.Method == "GET" {
		in.Editor, in.Turn = p.NewRequest(), "0"
	}
	if !s.Known {
		return in
	}
	in.Days, in.Work = s.Plan.Days(), workOf(s.Plan)
	in.draw()
	in.count()
	in.clashes()
	return in
}

func workOf(f forecast.Forecast) work {
	w := work{Shares: f.Shares(), Days: int(f.End.Sub(f.Start).Hours()/24) + 1}
	for _, s := range w.Shares {
		w.Bench += s.Bench
		w.Closed += s.Closed
	}
	const most = 6
	for _, d := range f.Days() {
		if d.Closed != "" {
			w.Off = append(w.Off, d.Date.Format("Mon 2 Jan"))
		}
	}
	if n := len(w.Off); n > most {
		w.Off = append(w.Off[:most], fmt.Sprintf("and %d more", n-most))
	}
	return w
}

// draw places the stages on the axis.
func (in *draftPage) draw() {
	from := in.Plan.Start
	span := max(in.Plan.End.Sub(from), time.Hour)
	x := func(t time.Time) int {
		return min(axisWidth, max(0, int(float64(t.Sub(from))/float64(span)*axisWidth)))
	}
	for _, s := range in.Plan.Stretches() {
		const least = 6 // so that an hour of two months is seen
		b := stageBar{Title: in.stage(s.Stage, s.Model), X: min(x(s.From), axisWidth-least), Clashes: s.Clashes}
		b.Width = max(least, x(s.To)-b.X)
		b.Spoken = fmt.Sprintf("%s to %s", s.From.Format("Mon 2 Jan"), s.To.Format("Mon 2 Jan"))
		in.Bars = append(in.Bars, b)
	}
	var shut strings.Builder
	for _, s := range in.Plan.Shut() {
		fmt.Fprintf(&shut, "M%d 0h%dv14h-%dz", x(s.From), x(s.To)-x(s.From), x(s.To)-x(s.From))
	}
	in.Shut = shut.String()
	const marks = 4
	for i := range marks {
		at := from.Add(span / marks * time.Duration(i))
		in.Months = append(in.Months, dateMark{X: axisWidth / marks * i, Label: at.Format("2 Jan")})
	}
}

// stage is the name of a stage of a model, as the protocol has it.
func (in *draftPage) stage(id, model string) string {
	title := id
	for _, s := range in.Protocol.Stages {
		if s.ID == id && s.Of(model) {
			title = s.Title
		}
	}
	if model != "" {
		title += ", " + model
	}
	return title
}

// count sums up labels and plates.
func (in *draftPage) count() {
	for _, m := range in.Plan.Makes() {
		if m.Kind == sample.Donor {
			continue // a person gets no label
		}
		i := slices.IndexFunc(in.Labels, func(c labelled) bool { return c.Kind == m.Kind })
		if i < 0 {
			i, in.Labels = len(in.Labels), append(in.Labels, labelled{Kind: m.Kind})
		}
		in.Labels[i].Number += m.Number
		if m.Kind == "plate" {
			in.Plates = append(in.Plates, m)
		}
	}
	if len(in.Plates) == 0 {
		in.Plates = in.read()
	}
}

// read are the plates that assays read, where no task labels one.
func (in *draftPage) read() []forecast.Made {
	var all []forecast.Made
	for _, a := range in.Protocol.Assays {
		n := 0
		for _, t := range in.Plan.Tasks {
			if t.Step == a.Read.ID {
				n++
			}
		}
		if a.Layout != "" && n > 0 {
			all = append(all, forecast.Made{Kind: "plate", Title: a.Title, Number: n})
		}
	}
	return all
}

// clashes lists the first tasks that cannot be done as planned.
func (in *draftPage) clashes() {
	const most = 5
	for _, d := range in.Days {
		for _, l := range d.Lines {
			switch {
			case len(l.Clash) == 0:
			case len(in.Clash) == most:
				in.More += l.Count
			default:
				in.Clash = append(in.Clash, l)
			}
		}
	}
}

// All are the faults of the draft and its form.
func (in draftPage) All() []*fault.Fault { return in.p.faultsAt(in.Sketch) }

// At is the fault at a field; nil where there is none.
func (in draftPage) At(field string) *fault.Fault {
	for _, f := range in.All() {
		if f.Place.Field == field {
			return f
		}
	}
	return nil
}

// PlateCount is how many plates there are.
func (in draftPage) PlateCount() int {
	n := 0
	for _, m := range in.Plates {
		n += m.Number
	}
	return n
}

// LabelCount is how many labels are printed.
func (in draftPage) LabelCount() int {
	n := 0
	for _, c := range in.Labels {
		n += c.Number
	}
	return n
}

// Hours is a time in hours and minutes.
func (draftPage) Hours(d time.Duration) string {
	h, m := int(d.Hours()), int(d.Minutes())%60
	switch {
	case h == 0:
		return fmt.Sprintf("%d min", m)
	case m == 0:
		return fmt.Sprintf("%d h", h)
	}
	return fmt.Sprintf("%d h %d min", h, m)
}

// Date is a day in words.
func (draftPage) Date(t time.Time) string { return t.Format("Mon 2 Jan 2006") }

// Time is a moment of the plan, in the zone of the protocol.
func (draftPage) Time(t time.Time) string { return t.Format("Mon 2 Jan 15:04") }

// LotTyped is what was typed for a lot.
func (in draftPage) LotTyped(material string) string { return in.Draft.Lots[material] }

// Input is a start as an input of the kind datetime-local has it; what cannot be
// one stays as it was typed.
func (in draftPage) Input() string { return strings.Replace(in.Draft.Start, " ", "T", 1) }

// BestStart is the best of the next days to begin on; nil where the chosen one is.
func (in draftPage) BestStart() *forecast.Start {
	if len(in.Plan.Starts) == 0 || in.Plan.Starts[0].Date == in.Plan.Best {
		return nil
	}
	for i, s := range in.Plan.Starts {
		if s.Date == in.Plan.Best {
			return &in.Plan.Starts[i]
		}
	}
	return nil
}

// Millilitres prints a volume.
func (draftPage) Millilitres(v float64) string {
	const litre = 1000
	if v >= 10*litre {
		return fmt.Sprintf("%.0f\u00a0L", v/litre)
	}
	return fmt.Sprintf("%.4g\u00a0mL", v)
}

// Lasts says until when a lot lasts; empty where nobody said.
func (draftPage) Lasts(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return ", lasts until " + t.Format("2 Jan 2006")
}

// Percent prints a share.
func (draftPage) Percent(share float64) string { return fmt.Sprintf("%.3g\u00a0%%", 100*share) }

// Unit is a unit as people write it.
func (draftPage) Unit(unit string) string { return quantity.Word(unit) }
