package web

import (
	"fmt"
	"html/template"
	"net/url"
	"slices"
	"strings"

	"secretome/internal/fault"
	"secretome/internal/lab"
	"secretome/internal/label"
)

func labelRoutes() []route {
	return []route{
		{"GET /runs/{run}/labels", lab.Look, (*page).runLabels},
		{"GET /lots/{lot}/label", lab.Look, (*page).lotLabel},
	}
}

// labelsPage chooses labels and shows them in their real size.
type labelsPage struct {
	Run, Lot string // one of them
	Self     string
	Groups   []labelGroup
	Extra    string // codes for what does not exist yet, one a line
	On       string // surface of those
	Symbol   string // chosen for all; empty: as the surface needs it
	Symbols  []string
	Printed  int
	Chosen   bool // a choice was sent: else all are shown
}

// labelGroup are the labels of one surface.
type labelGroup struct {
	Surface lab.Surface
	Title   string
	Sheet   label.Sheet
	Symbol  label.Symbol
	Items   []labelChoice
	Drawn   []template.HTML // those that are chosen, one label each
	Wrong   string          // why they cannot be drawn
}

type labelChoice struct {
	lab.LabelItem
	On bool
}

// surfaceSheet is which labels stick on a surface, with the symbol that is usual:
// tubes are too narrow for bars.
func surfaceSheet(s lab.Surface) (title, sheet string, symbol label.Symbol) {
	switch s {
	case lab.OnVial:
		return "Cryovial and tube wrap 46 × 23 mm", "roll-46x23", label.DataMatrix
	case lab.OnPlate:
		return "Plate 60 × 27 mm", "roll-60x27", label.Code128
	default:
		return "Flask, bottle, box 70 × 36 mm", "roll-70x36", label.Code128
	}
}

func (p *page) runLabels() error {
	run := p.r.PathValue("run")
	items, err := p.lab.RunLabels(p.r.Context(), p.Who, run)
	if err != nil {
		return err
	}
	in := labelsPage{Run: run, Self: "/runs/" + url.PathEscape(run) + "/labels"}
	return p.labels(in, items)
}

func (p *page) lotLabel() error {
	item, err := p.lab.LotLabel(p.r.Context(), p.Who, p.r.PathValue("lot"))
	if err != nil {
		return err
	}
	in := labelsPage{Lot: item.Code, Self: thingPath(item.Code) + "/label"}
	return p.labels(in, []lab.LabelItem{item})
}

// labels shows what was chosen; all of it before anything was.
func (p *page) labels(in labelsPage, items []lab.LabelItem) error {
	in.Extra, in.On, in.Symbol = p.value("codes"), p.value("on"), p.value("symbol")
	in.Chosen = p.value("chosen") != ""
	picked := p.r.Form["pick"]
	for _, s := range label.Symbols() {
		in.Symbols = append(in.Symbols, string(s))
	}
	if in.Symbol != "" && !slices.Contains(in.Symbols, in.Symbol) {
		return fault.New(fault.Invalid, "there is no symbol %q", in.Symbol).Field("symbol").Try("choose one of the list")
	}
	extra, err := extraLabels(in, items)
	if err != nil {
		return p.again(err, "labels", "lots", "Labels", in.sorted(items, nil, picked))
	}
	in = in.sorted(items, extra, picked)
	return p.show("labels", "lots", "Labels of "+in.Run+in.Lot, in)
}

// extraLabels are labels for what does not exist yet: one code a line.
func extraLabels(in labelsPage, items []lab.LabelItem) ([]lab.LabelItem, error) {
	on := lab.Surface(in.On)
	if !slices.Contains(lab.Surfaces(), on) {
		on = lab.OnVial
	}
	var all []lab.LabelItem
	var wrong faultList
	for _, code := range strings.Split(in.Extra, "\n") {
		if code = strings.TrimSpace(code); code == "" {
			continue
		}
		twice := func(i lab.LabelItem) bool { return i.Code == code }
		if err := label.CheckCode(code); err != nil {
			f := fault.Of(err)
			wrong.add(fault.New(f.Kind, "%s", f.Message).Field("codes").Try("%s", f.Help))
		} else if slices.ContainsFunc(all, twice) || slices.ContainsFunc(items, twice) {
			wrong.add(fault.New(fault.Conflict, "%s stands in the list already", code).Field("codes").Try("One barcode names one thing for ever: tick the one in the list, or type another"))
		}
		all = append(all, lab.LabelItem{Code: code, Title: in.Run, Kind: "typed", Surface: on})
	}
	return all, wrong.err()
}

// sorted puts the labels into groups by surface, and draws the chosen ones.
func (in labelsPage) sorted(items, extra []lab.LabelItem, picked []string) labelsPage {
	for _, s := range lab.Surfaces() {
		g := labelGroup{Surface: s}
		var sheet string
		g.Title, sheet, g.Symbol = surfaceSheet(s)
		if in.Symbol != "" {
			g.Symbol = label.Symbol(in.Symbol)
		}
		g.Sheet, _ = label.Named(sheet) // a name of the table above
		var chosen []label.Label
		for _, item := range items {
			if item.Surface != s {
				continue
			}
			on := !in.Chosen || slices.Contains(picked, item.Code)
			g.Items = append(g.Items, labelChoice{item, on})
			if on {
				chosen = append(chosen, drawnLabel(item))
			}
		}
		for _, item := range extra {
			if item.Surface == s {
				chosen = append(chosen, drawnLabel(item))
			}
		}
		g.draw(chosen)
		in.Printed += len(g.Drawn)
		if len(g.Items)+len(g.Drawn) > 0 || g.Wrong != "" {
			in.Groups = append(in.Groups, g)
		}
	}
	return in
}

func drawnLabel(i lab.LabelItem) label.Label {
	return label.Label{Code: i.Code, Title: i.Title, Line2: i.Line2, Line3: i.Line3}
}

func (g *labelGroup) draw(chosen []label.Label) {
	if len(chosen) == 0 {
		return
	}
	pages, err := label.Job{Labels: chosen, Sheet: g.Sheet, Symbol: g.Symbol}.Pages()
	if err != nil {
		f := fault.Of(err)
		g.Wrong = f.Message
		if f.Help != "" {
			g.Wrong += ". Choose another symbol"
		}
		return
	}
	for i, svg := range pages {
		text := strings.Replace(string(svg), fmt.Sprintf("<title>Labels, page %d of %d</title>", i+1, len(pages)), "<title>Label "+template.HTMLEscapeString(chosen[i].Code)+"</title>", 1)
		g.Drawn = append(g.Drawn, template.HTML(text)) //nolint:gosec // package label escapes every text
	}
}

// Word is what a label stands on.
func (labelsPage) Word(kind string) string {
	if kind == "code" {
		return "coded bottle"
	}
	return kindWord(kind)
}

// SurfaceWord is a surface as people say it.
func (labelsPage) SurfaceWord(s lab.Surface) string {
	switch s {
	case lab.OnVial:
		return "tubes and cryovials"
	case lab.OnPlate:
		return "plates"
	default:
		return "flasks, bottles, boxes"
	}
}

// Surfaces are what a typed code may stick on.
func (labelsPage) Surfaces() []lab.Surface { return lab.Surfaces() }

// SymbolWord is a symbol as people say it.
func (labelsPage) SymbolWord(s string) string {
	switch label.Symbol(s) {
	case label.DataMatrix:
		return "Data Matrix"
	case label.Code128:
		return "Code 128"
	default:
		return "QR code"
	}
}
