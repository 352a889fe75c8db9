// Package report writes the report of a run: one HTML page that stands alone.
//
// # Links
//
// Every number on the page leads to the record that it came from, beside the
// page in the bundle; a point of a figure leads to its plate further down, whose
// wells say line and cell of the instrument's file.
//
// # Safety
//
// The page holds no script and asks for nothing from outside. All text goes
// through html/template; drawings come from package figure, which escapes its
// own.
package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"time"

	"secretome/internal/assay"
	"secretome/internal/protocol"
	"secretome/internal/record"
)

// Input is what a report is written from.
type Input struct {
	Protocol     protocol.Protocol
	ProtocolHash string
	Records      []record.Record // of the run's logbook, from number 1, in order
	Results      []Result        // computed plates, in the order of their records
	Findings     []Finding       // in the order of the plan
	Program      string          // version that writes the report
	Zone         *time.Location  // of the laboratory; nil: UTC
	Link         func(record.Ref) string
	Signatures   []Signature // what is or will be signed; nil: those of the records, else a place for each task of the review
}

// Result is a computed plate and the record of it.
type Result struct {
	Ref    record.Ref
	Result assay.Result
}

// Finding is a comparison and the record of it.
type Finding struct {
	Ref     record.Ref
	Finding assay.Finding
}

// Signature is a line of the box of signatures. Name and At are empty as long
// as nobody signed.
type Signature struct {
	Meaning string // "approved", or what the place is for
	Role    string
	Name    string
	At      time.Time
	Ref     record.Ref
}

var (
	//go:embed report.html
	page string
	//go:embed report.css
	styles string
)

// Render writes the page. The same input gives the same bytes.
func Render(in Input) ([]byte, error) {
	t, err := template.New("report").Parse(page)
	if err != nil {
		return nil, fmt.Errorf("report's template: %w", err)
	}
	b, err := newBook(in)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, b.view()); err != nil {
		return nil, fmt.Errorf("write report: %w", err)
	}
	return out.Bytes(), nil
}

// view is what the template shows.
type view struct {
	Style      template.CSS
	Title      string
	Run        string
	Banners    []string
	Facts      []fact
	Signatures []Signature
	Signed     table
	Sections   []section
	Foot       []fact
}

// fact is a name and a value with its source.
type fact struct {
	Name  string
	Value cell
}

// section is one part of the page.
type section struct {
	ID       string
	Title    string
	Lead     string
	Link     cell
	Notes    []string
	Figures  []drawing
	Tables   []table
	Parts    []section
	Fold     bool // shut until somebody opens it
	IsResult bool
}

// drawing is a figure with its caption.
type drawing struct {
	SVG     template.HTML // of package figure, which escapes
	Name    string        // "Figure 1"
	Caption string
	Source  []cell
}

// table is a table whose cells lead to their records.
type table struct {
	Caption string
	Head    []cell
	Rows    [][]cell
}

// cell is a text with its source. Full has all digits of a number.
type cell struct {
	Text  string
	Href  string
	Full  string
	Num   bool
	Class string // ok, bad, note, mono
}

func head(names ...string) []cell {
	var out []cell
	for _, n := range names {
		out = append(out, cell{Text: n})
	}
	return out
}

// numeric returns the head of a table in which the given columns are numbers.
func numeric(names []string, columns ...int) []cell {
	out := head(names...)
	for _, c := range columns {
		out[c].Num = true
	}
	return out
}
