package web

import (
	"fmt"
	"html/template"
	"slices"

	"secretome/internal/lab"
)

func resultRoutes() []route {
	return []route{
		{"GET /runs/{run}/results", lab.Look, (*page).results},
		{"GET /runs/{run}/results/{figure}", lab.Look, (*page).figure},
		{"GET /runs/{run}/plates/{plate}", lab.Look, (*page).plate},
	}
}

// resultsPage are the figures and tables of a run.
type resultsPage struct {
	lab.Outcomes
	Tell  telling
	Parts []reportPart
	State string // final, preliminary, waiting
}

// reportPart is a piece of the report, as our page shows it.
type reportPart struct {
	ID   string
	HTML template.HTML
}

func (p *page) results() error {
	at, err := p.at()
	if err != nil {
		return err
	}
	o, err := p.lab.ResultsAt(p.r.Context(), p.Who, p.r.PathValue("run"), at)
	if err != nil {
		return err
	}
	in := resultsPage{Tell: telling{o.History}, Outcomes: o, State: finality(o)}
	if o.Report != nil {
		in.Parts = reportParts(o.Report, p.Path("/runs/"+o.Run), "finding-")
	}
	return p.show("results", "runs", "Results of "+o.Run, in)
}

// finality says how final what was found is.
func finality(o lab.Outcomes) string {
	switch {
	case o.Report == nil:
		return "waiting"
	case o.Signed:
		return "final"
	}
	return "preliminary"
}

// figurePage is one figure, with its data and how it was computed.
type figurePage struct {
	lab.FigureView
	Tell  telling
	Parts []reportPart // the figure with its tables; none while it waits
	State string
	Path  *lineage // of the result; nil in a replay, which does not tell what came later
}

// Beside is the figure before or behind this one; nil where there is none.
func (in figurePage) Beside(by int) *lab.Endpoint {
	i := slices.IndexFunc(in.Endpoints, func(e lab.Endpoint) bool { return e.ID == in.About.ID }) + by
	if i < 0 || i >= len(in.Endpoints) {
		return nil
	}
	return &in.Endpoints[i]
}

func (p *page) figure() error {
	at, err := p.at()
	if err != nil {
		return err
	}
	v, err := p.lab.FigureAt(p.r.Context(), p.Who, p.r.PathValue("run"), p.r.PathValue("figure"), at)
	if err != nil {
		return err
	}
	in := figurePage{FigureView: v, Tell: telling{v.History}, State: finality(v.Outcomes)}
	if v.About.Number == 0 {
		in.State = "waiting"
		return p.show("figure", "runs", v.About.Title, in)
	}
	if v.Report != nil {
		in.Parts = reportParts(v.Report, p.Path("/runs/"+v.Run), fmt.Sprintf("finding-%d", v.About.Number))
	}
	if v.At == v.Head {
		if in.Path, err = p.lineageOf(in.Tell, v.Result.Output.SHA256); err != nil {
			return err
		}
	}
	return p.show("figure", "runs", v.About.Title, in)
}

// lineageOf is the lineage of a result, by its artifact.
func (p *page) lineageOf(t telling, artifact string) (*lineage, error) {
	file, err := p.lab.File(p.r.Context(), p.Who, artifact)
	if err != nil {
		return nil, err
	}
	way := newLineage(t, file)
	return &way, nil
}

// plateView is the result of one plate.
type plateView struct {
	lab.PlateView
	Tell  telling
	Map   plateMap
	Parts []reportPart
	Self  string
	Path  *lineage // of the result; nil in a replay, which does not tell what came later
}

func (p *page) plate() error {
	at, err := p.at()
	if err != nil {
		return err
	}
	v, err := p.lab.PlateAt(p.r.Context(), p.Who, p.r.PathValue("run"), p.r.PathValue("plate"), at)
	if err != nil {
		return err
	}
	in := plateView{Tell: telling{v.History}, PlateView: v, Self: "/runs/" + v.Run + "/plates/" + p.r.PathValue("plate")}
	in.Map = newPlateMap(v.Result.Title, wellsOf(v.Result), p.value("code"))
	if v.Report != nil {
		in.Parts = reportParts(v.Report, p.Path("/runs/"+v.Run), fmt.Sprintf("rec-%d", v.Row.Number))
	}
	if v.At == v.Head {
		if in.Path, err = p.lineageOf(in.Tell, v.Row.Output); err != nil {
			return err
		}
	}
	title := v.Result.Plate
	if title == "" {
		title = v.Result.Title
	}
	return p.show("plate", "runs", title, in)
}

// wellsOf are the wells of a plate's result by their place.
func wellsOf(r lab.PlateResult) map[string]plateCell {
	cells := map[string]plateCell{}
	if r.Curve != nil {
		for _, s := range r.Curve.Standards {
			for _, w := range s.Wells {
				cells[w.Well] = wellCell(w, fmt.Sprintf("standard %g", s.Conc))
			}
		}
	}
	for _, v := range r.Values {
		code := v.Group
		if code == "" {
			code = v.Sample
		}
		for _, w := range v.Wells {
			cells[w.Well] = wellCell(w, code)
		}
	}
	return cells
}

// wellCell shows the value of a well, or what was read where nothing was computed.
func wellCell(w lab.PlateWell, code string) plateCell {
	c := plateCell{Well: w.Well, Code: code, Number: w.Corrected, Out: !w.Used, Blank: code == "BLK" || code == "CMB"}
	if c.Number == nil {
		c.Number = w.Reading
	}
	return c
}
