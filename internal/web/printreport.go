package web

import (
	"slices"
	"strconv"

	"secretome/internal/lab"
	"secretome/internal/protocol"
	"secretome/internal/record"
)

func printRoutes() []route {
	return []route{
		{"GET /runs/{run}/report", lab.Look, (*page).printReport},
	}
}

// printPage is a run's report for paper.
type printPage struct {
	lab.RunReport
	Tell telling
	protocolWords
	Parts    []reportPart
	Manifest string // what the signature covers, else the hash of the last record
}

func (p *page) printReport() error {
	r, err := p.lab.RunReport(p.r.Context(), p.Who, p.r.PathValue("run"))
	if err != nil {
		return err
	}
	in := printPage{RunReport: r, Tell: telling{r.History}}
	if r.Report != nil {
		in.Parts = reportParts(r.Report, p.Path("/runs/"+r.Run), "finding-")
	}
	if n := len(r.Signed); n > 0 {
		in.Manifest = r.Signed[n-1].Manifest
	}
	p.Foot = "record " + strconv.FormatInt(r.Last.Number, 10) + ", SHA-256 " + r.Last.Hash
	if in.Manifest != "" {
		p.Foot = "manifest " + in.Manifest
	}
	return p.show("printreport", "runs", "Report of "+r.Run, in)
}

// Sign is how a lot stands.
func (printPage) Sign(m lab.ReportLot) lotSign { return signOf(m.Lot, m.Fitness) }

// Word is what a thing is.
func (printPage) Word(kind string) string { return kindWord(kind) }

// Doses are the groups of a model in words.
func (printPage) Groups(m protocol.Model) []protocol.Group { return m.Groups }

// IsKey reports whether a record is a key event.
func keyOnly(all []record.Record) []record.Record {
	return slices.DeleteFunc(slices.Clone(all), func(r record.Record) bool { return !lab.IsKeyEvent(r.Kind) })
}

// Key are the key events of the run.
func (in printPage) Key() []record.Record { return keyOnly(in.Records) }
