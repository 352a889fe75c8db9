package lab

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// Outcomes are what a run found, and how far its figures are.
type Outcomes struct {
	History
	Endpoints []Endpoint
	Plates    []PlateRow
	Report    []byte // the newest report's HTML; nil while there is none
	Made      record.Artifact
	Number    int64 // of the report's record
	Sealed    bool  // groups are shown by code: the key is not open
	Signed    bool
	Final     bool // its newest report is signed
}

// Endpoint is one comparison that the protocol fixed.
type Endpoint struct {
	ID           string // of the protocol; its figure has this name for good
	Title, Claim string
	Primary      bool
	Model, Assay string
	Number       int64 // of the record of its result; 0: it waits
	Held         string
}

// PlateRow is what one plate gave.
type PlateRow struct {
	Number               int64 // of the record
	Assay, Model, Block  string
	Name, Method, Output string
	Summary              string
	Verdict              string
	Failed               int // criteria
}

// Results tells what a run found. It fails with [fault.NotFound].
func (l *Lab) Results(ctx context.Context, who record.Actor, run string) (Outcomes, error) {
	return l.ResultsAt(ctx, who, run, 0)
}

// ResultsAt tells what a run had found when record at was its last; 0 is the newest.
func (l *Lab) ResultsAt(ctx context.Context, who record.Actor, run string, at int64) (Outcomes, error) {
	h, err := l.History(ctx, who, run, at)
	if err != nil {
		return Outcomes{}, err
	}
	o := Outcomes{History: h}
	p, err := l.protocolOf(ctx, run)
	if err != nil {
		return o, err
	}
	for _, r := range h.Records {
		o.tell(r)
	}
	for _, e := range p.Analysis.Endpoints {
		o.Endpoints = append(o.Endpoints, Endpoint{e.ID, e.Title, e.Claim, e.Primary, e.Model, e.Assay, h.endpoint(e.ID, e.Model, e.Assay), ""})
	}
	o.hold()
	if o.Made.SHA256 != "" && o.Made.Size <= mostVerified {
		o.Report, err = l.Artifacts.Bytes(ctx, o.Made.SHA256)
	}
	return o, err
}

// tell counts what a record says of results.
func (o *Outcomes) tell(r record.Record) {
	switch r.Kind {
	case record.Allocated:
		o.Sealed = true
	case record.KeyOpened:
		o.Sealed = false
	case record.Signed:
		o.Signed, o.Final = true, o.Number > 0
	case record.ReportMade:
		if made, err := record.Read[record.Made](r); err == nil {
			o.Made, o.Number, o.Signed, o.Final = made.Artifact, r.Number, false, false
		}
	case record.ResultComputed:
		if b, err := record.Read[record.Result](r); err == nil && b.Assay != "endpoint" {
			o.Plates = append(o.Plates, PlateRow{Number: r.Number, Assay: b.Assay, Model: r.Subject.Model, Block: r.Subject.Block, Name: b.Name, Method: b.Method, Output: b.Output.SHA256, Summary: b.Summary})
		}
	case record.DecisionMade:
		if b, err := record.Read[record.Decision](r); err == nil {
			o.judge(r, b)
		}
	default:
	}
}

// judge puts the verdict beside the plate that it is about.
func (o *Outcomes) judge(r record.Record, b record.Decision) {
	for i, p := range o.Plates {
		if madeFrom(r, p.Number) {
			o.Plates[i].Verdict = b.Verdict
			for _, c := range b.Checks {
				if !c.Pass {
					o.Plates[i].Failed++
				}
			}
		}
	}
}

// endpoint finds the result of an endpoint.
func (h History) endpoint(id, model, assay string) int64 {
	for _, r := range slices.Backward(h.Records) {
		if r.Kind != record.ResultComputed {
			continue
		}
		b, err := record.Read[record.Result](r)
		if err == nil && b.Assay == "endpoint" && (b.Name == id || b.Name == assay && r.Subject.Model == model) {
			return r.Number
		}
	}
	return 0
}

// hold says of endpoints without a result whether something must be decided first.
func (o *Outcomes) hold() {
	for _, d := range o.Departures() {
		s := d.Record.Subject
		if d.Sort != Deviated || !d.Open {
			continue
		}
		for i, e := range o.Endpoints {
			if e.Number == 0 && (s.Model == "" || s.Model == e.Model) {
				o.Endpoints[i].Held = d.What
			}
		}
	}
}

// FigureView is one endpoint: its figure, what it was computed from, and how.
type FigureView struct {
	Outcomes
	About  Endpoint
	Record record.Record // of its result; zero while it waits
	Result record.Result
	From   []PlateRow // the results of plates that went in
}

// FigureAt tells of one endpoint, by its ID in the protocol or by the number of the
// record of its result, what was known when record at was the run's last; 0 is the
// newest. One without a result waits. It fails with [fault.NotFound].
func (l *Lab) FigureAt(ctx context.Context, who record.Actor, run, figure string, at int64) (FigureView, error) {
	o, err := l.ResultsAt(ctx, who, run, at)
	if err != nil {
		return FigureView{}, err
	}
	i := slices.IndexFunc(o.Endpoints, func(e Endpoint) bool {
		return e.ID == figure || e.Number > 0 && strconv.FormatInt(e.Number, 10) == figure
	})
	if i < 0 {
		return FigureView{}, fault.New(fault.NotFound, "run %s has no figure %q", run, figure).Try("see the run's results")
	}
	v := FigureView{Outcomes: o, About: o.Endpoints[i]}
	r, found := o.Record(v.About.Number)
	if !found {
		return v, nil
	}
	v.Record = r
	if v.Result, err = record.Read[record.Result](r); err != nil {
		return v, err
	}
	for _, p := range o.Plates {
		if madeFrom(r, p.Number) {
			v.From = append(v.From, p)
		}
	}
	return v, nil
}

// PlateView is one plate's result with its wells.
type PlateView struct {
	Outcomes
	Row    PlateRow
	Record record.Record
	Result PlateResult
}

// PlateResult is what the result's artifact says, as far as a page shows it.
type PlateResult struct {
	Title string `json:"title"`
	Plate string `json:"plate"`
	Unit  string `json:"unit"`
	Curve *struct {
		Standards []PlateStandard `json:"standards"`
	} `json:"curve"`
	Values    []PlateValue    `json:"values"`
	Decision  record.Decision `json:"decision"`
	Flags     []string        `json:"flags"`
	Simulated bool            `json:"simulated"`
}

// PlateStandard is a standard with its wells.
type PlateStandard struct {
	Conc  float64     `json:"conc"`
	Wells []PlateWell `json:"wells"`
}

// PlateValue is a group's unit, or a sample, with its wells.
type PlateValue struct {
	Group    string      `json:"group"`
	Unit     int         `json:"unit"`
	Sample   string      `json:"sample"`
	Mean     *float64    `json:"mean"`
	CV       *float64    `json:"cv_percent"`
	Censored string      `json:"censored"`
	Wells    []PlateWell `json:"wells"`
}

// PlateWell is one well.
type PlateWell struct {
	Well      string   `json:"well"`
	Reading   *float64 `json:"reading"`
	Corrected *float64 `json:"corrected"`
	Value     *float64 `json:"value"`
	Used      bool     `json:"used"`
	Flag      string   `json:"flag"`
}

// Plate tells the result of one plate: by the plate's name, of which it is the
// newest, or by the number of its record. It fails with [fault.NotFound].
func (l *Lab) Plate(ctx context.Context, who record.Actor, run, plate string) (PlateView, error) {
	return l.PlateAt(ctx, who, run, plate, 0)
}

// PlateAt is the same as it was when record at was the run's last; 0 is the newest.
func (l *Lab) PlateAt(ctx context.Context, who record.Actor, run, plate string, at int64) (PlateView, error) {
	o, err := l.ResultsAt(ctx, who, run, at)
	if err != nil {
		return PlateView{}, err
	}
	for _, row := range slices.Backward(o.Plates) {
		data, err := l.Artifacts.Bytes(ctx, row.Output)
		if err != nil {
			return PlateView{}, err
		}
		v := PlateView{Outcomes: o, Row: row}
		if err := json.Unmarshal(data, &v.Result); err != nil {
			return v, fault.Wrap(err, fault.Corrupt, "artifact %s is no result of a plate", row.Output)
		}
		if v.Result.Plate == plate || strconv.FormatInt(row.Number, 10) == plate {
			v.Record, _ = o.Record(row.Number)
			return v, nil
		}
	}
	return PlateView{}, fault.New(fault.NotFound, "run %s has no result of a plate %q", run, plate).Try("see the run's results")
}
