package report_test

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"secretome/internal/assay"
	"secretome/internal/assay/cck8"
	"secretome/internal/assay/elisa"
	"secretome/internal/instrument"
	"secretome/internal/instrument/softmaxpro"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/report"
	"secretome/internal/task"
)

// study is a small run: three blocks of a viability plate, one of them
// repeated, and the marker ELISA of a published file.
type study struct {
	t       *testing.T
	in      report.Input
	now     time.Time
	results []assay.Result
}

func newStudy(t *testing.T) *study {
	t.Helper()
	b, err := os.ReadFile("../../examples/compact.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, err := protocol.Parse("compact.yaml", b)
	if err != nil {
		t.Fatal(err)
	}
	_, hash, err := p.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	s := &study{t: t, now: time.Date(2026, 3, 2, 7, 0, 0, 0, time.UTC)}
	s.in = report.Input{
		Protocol: p, ProtocolHash: hash, Program: "test", Zone: time.FixedZone("CET", 3600),
		Link: func(r record.Ref) string { return fmt.Sprintf("records/%s/%010d.json", r.Logbook, r.Number) },
	}
	return s
}

// act appends a record and returns its name.
func (s *study) act(kind record.Kind, by string, subject record.Subject, body any, uses ...record.Use) record.Ref {
	s.t.Helper()
	encoded, err := record.Body(body)
	if err != nil {
		s.t.Fatal(err)
	}
	s.now = s.now.Add(10 * time.Minute)
	d := record.Draft{
		Logbook: "run/UCM-2026-001", Request: strconv.Itoa(len(s.in.Records) + 1), Kind: kind, Received: s.now, Happened: s.now,
		By: record.Actor{Kind: record.Person, Name: by, Role: "technician"}, Subject: subject, Uses: uses, Program: "test", Rehearsal: true, Body: encoded,
	}
	previous := ""
	if n := len(s.in.Records); n > 0 {
		ref, _ := s.in.Records[n-1].Ref()
		previous = ref.Hash
	}
	r := d.Numbered(int64(len(s.in.Records)+1), previous)
	s.in.Records = append(s.in.Records, r)
	ref, err := r.Ref()
	if err != nil {
		s.t.Fatal(err)
	}
	return ref
}

// plate records a file, its parsing and its result.
func (s *study) plate(in assay.Input, name string) {
	s.t.Helper()
	r, err := assay.Compute([]assay.Assay{cck8.Assay, elisa.Assay}, in)
	if err != nil {
		s.t.Fatal(err)
	}
	subject := record.Subject{Stage: protocol.Assaying, Block: in.Block, Task: "task/UCM-2026-001/assay/read-cck8/1"}
	if in.Model != nil {
		subject.Model = in.Model.ID
	}
	file := record.Artifact{SHA256: record.Hash([]byte(name)), Size: 4000, MediaType: "text/plain", Name: name}
	parsed := s.act(record.FileParsed, "parser", subject, record.Parsed{Format: "softmaxpro", File: file, Readings: 96}, file.As("file"))
	ref := s.act(record.ResultComputed, "assay", subject, record.Result{Assay: r.Method, Name: r.Assay}, parsed.As("table"), file.As("file"))
	s.act(record.DecisionMade, "assay", subject, r.Decision, ref.As("result"))
	s.in.Results = append(s.in.Results, report.Result{Ref: ref, Result: r})
	s.results = append(s.results, r)
}

// cells fills the viability plate of a block with readings around what the
// groups should show; wobble spoils the untreated wells.
func (s *study) cells(block, plate string, wobble float64) {
	p := s.in.Protocol
	in := assay.Input{Block: block, Plate: plate, Simulated: true, Model: &p.Models[0], Layout: &p.Layouts[0], Assay: p.Assays[0]}
	level := map[string]float64{"BLK": .08, "CMB": .13, "NC": 1.28, "VC": 1.25, "CM5": 1.30, "CM20": 1.42, "KC": .16}
	n, shift := 0, float64(block[0]-'0')*.03
	for row := range 8 {
		for column, code := range strings.Fields(in.Layout.Rows[string(rune('A'+row))]) {
			if code == "-" {
				continue
			}
			n++
			v := math.Round(1000*(level[code]*(1+shift)+.02*math.Sin(float64(n*n)+10*shift))) / 1000
			if code == "NC" {
				v += wobble * float64(n%3)
			}
			ref := .04
			for nm, value := range map[float64]*float64{450: &v, 650: &ref} {
				in.Table.Readings = append(in.Table.Readings, instrument.Reading{
					Well: instrument.Well(row, column+1), Kind: instrument.Raw, WavelengthNM: nm, Value: value,
					Source: instrument.Source{Line: row + 4, Cell: instrument.Address(row+3, column+2)},
				})
			}
		}
	}
	s.plate(in, plate+".txt")
}

// marker adds the published ELISA.
func (s *study) marker() {
	b, err := os.ReadFile("../../examples/files/softmaxpro_example_group_with_missing_calc_column.txt")
	if err != nil {
		s.t.Fatal(err)
	}
	table, err := softmaxpro.Parser.Parse(b)
	if err != nil {
		s.t.Fatal(err)
	}
	a := s.in.Protocol.Assays
	s.plate(assay.Input{Table: table, Assay: a[len(a)-1], Plate: "PL-HGF-1"}, "marker.txt")
}

// tell plays the run.
func (s *study) tell(title string) report.Input {
	s.t.Helper()
	p := s.in.Protocol
	s.act(record.RunLaunched, "Ida Holm", record.Subject{}, record.Launch{Run: "UCM-2026-001", Title: title, Name: p.Name(), Zone: p.Zone, Speed: 100000, Script: "demo", Simulated: true})
	cord := record.Subject{Stage: protocol.Harvesting}
	s.act(record.StageStarted, "run", cord, record.Start{Title: "Cord"})
	consent := record.Subject{Stage: protocol.Harvesting, Task: "task/UCM-2026-001/cord-harvest/consent/1", Step: p.Stages[0].Tasks[0].Steps[0].ID}
	s.act(record.TaskAsked, "run", consent, record.Asked{Title: p.Stages[0].Tasks[0].Title, Attempt: 1})
	s.act(record.StepDone, "Mara Thiel", consent, record.Entered{Entries: []record.Entry{{Field: "code", Value: "D-0031"}}})
	window := record.Window{Opens: s.now, Closes: s.now.Add(time.Hour)}
	s.act(record.TaskCompleted, "Mara Thiel", consent, record.Completed{Window: window, Verdict: task.InWindow})
	late := consent
	late.Task = "task/UCM-2026-001/cord-harvest/receive-cord/1"
	s.act(record.TaskAsked, "run", late, record.Asked{Title: "Receive the cord", Attempt: 1})
	s.act(record.TaskCompleted, "Mara Thiel", late, record.Completed{Window: window, Verdict: task.Late})
	open := s.act(record.DeviationOpened, "Mara Thiel", late, record.Deviation{Type: "window", What: "the cord was received 20 minutes late", Reason: "traffic", Asks: "DEVIATION"})
	s.act(record.DeviationDecided, "Ida Holm", late, record.Decided{Choice: "continue", Justification: "the logger shows 4 to 8 °C"}, open.As("deviation"))
	s.act(record.StageEnded, "run", cord, record.End{Outcome: "done"})
	s.act(record.LotMade, "run", record.Subject{Stage: protocol.Collecting}, record.Lot{Barcode: "CM-2026-001", Title: "Conditioned medium", State: "released", Volume: "40 mL", Aliquots: 20})
	s.act(record.LotMade, "run", record.Subject{Stage: protocol.Collecting}, record.Lot{Barcode: "CM-2025-017", Title: "Conditioned medium", State: "released", Stock: true})
	s.cells("1", "PL-1", 0)
	s.cells("2", "PL-2", .4)
	s.act(record.TaskAsked, "run", record.Subject{Stage: protocol.Assaying, Model: "cells", Block: "2", Task: "task/UCM-2026-001/assay/cells/2/add-cck8/2"}, record.Asked{Title: "Add CCK-8 to the plate", Attempt: 2})
	s.cells("2", "PL-2B", 0)
	s.cells("3", "PL-3", 0)
	s.marker()
	e := p.Analysis.Endpoints[0]
	f, err := assay.Compare(e, p.Models[0], s.results, p.Analysis.Alpha)
	if err != nil {
		s.t.Fatal(err)
	}
	ref := s.act(record.ResultComputed, "assay", record.Subject{Stage: protocol.Analysing}, record.Result{Assay: "endpoint", Name: e.ID})
	none, err := assay.Compare(p.Analysis.Endpoints[1], p.Models[1], nil, p.Analysis.Alpha)
	if err != nil {
		s.t.Fatal(err)
	}
	second := s.act(record.ResultComputed, "assay", record.Subject{Stage: protocol.Analysing}, record.Result{Assay: "endpoint", Name: none.Endpoint})
	s.in.Findings = []report.Finding{{Ref: ref, Finding: f}, {Ref: second, Finding: none}}
	return s.in
}
