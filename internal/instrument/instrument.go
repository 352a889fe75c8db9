// Package instrument turns the files that laboratory instruments export into
// tables of readings. One folder below it knows one format; this package has
// what all of them share: the table, the decoding of text, numbers, wells and
// dates, and the choice of the parser.
//
// # Rules for every parser
//
// A format is recognised by its content, never by a file's name. A parser
// computes nothing: a derived value is one that the file prints. What is no
// number stays a reading without value and with a flag; it never becomes zero.
// An empty cell is a well that was not read and gives no reading. Input is
// untrusted: nothing is allocated by what a file declares, and the limits
// [MaxBytes], [MaxLines], [MaxLine] and [MaxReadings] bound time and memory.
package instrument

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"secretome/internal/fault"
)

// Parser reads one format. Each plug-in folder exports one as Parser.
type Parser struct {
	Name      string                      // as in Table.Format and --format: "gen5"
	Title     string                      // for a person: "Agilent Gen5, text export"
	Recognise func(head []byte) bool      // whether a file that begins so is of this format
	Parse     func([]byte) (Table, error) // the whole file; errors are faults of kind Invalid
}

// Table is what a file says.
type Table struct {
	Format     string     `json:"format"`
	Instrument Instrument `json:"instrument"`
	Readings   []Reading  `json:"readings"` // in the order of the file
	Curves     []Curve    `json:"curves,omitempty"`
	Notes      []string   `json:"notes,omitempty"` // what a person should know, a sentence each
}

// Instrument is what the head of a file says about its origin, as printed.
type Instrument struct {
	Program     string `json:"program,omitempty"`
	Version     string `json:"version,omitempty"`
	Reader      string `json:"reader,omitempty"`
	Serial      string `json:"serial,omitempty"`
	File        string `json:"file,omitempty"`     // the name that the program itself gave the data
	Protocol    string `json:"protocol,omitempty"` // the vendor's protocol
	DatePrinted string `json:"date_printed,omitempty"`
	DateISO     string `json:"date_iso,omitempty"` // empty where day and month cannot be told apart
	Encoding    string `json:"encoding,omitempty"`
}

// Curve is a fit that the vendor's program printed, coefficients as printed.
type Curve struct {
	Plate   string `json:"plate,omitempty"`
	Name    string `json:"name"`
	Formula string `json:"formula"`
	Terms   []Term `json:"terms"`
}

// Term is one printed number of a curve: a coefficient, or R2.
type Term struct {
	Name    string `json:"name"`
	Printed string `json:"printed"`
}

// headBytes is how much of a file a parser sees before it must decide.
const headBytes = 8 << 10

// Read recognises the format of b among parsers and reads it. A file that no
// parser knows is a fault that says what it is and which formats there are.
func Read(parsers []Parser, b []byte) (Table, error) {
	if len(b) > MaxBytes {
		return Table{}, tooLarge(len(b))
	}
	head := b[:min(len(b), headBytes)]
	for _, p := range parsers {
		if p.Recognise(head) {
			return p.Parse(b)
		}
	}
	return Table{}, fault.New(fault.Invalid, "this is no instrument file that can be read here: it is %s; formats are: %s", describe(b), titles(parsers)).
		Try("export the plate again in one of these formats")
}

// Named returns the parser called name.
func Named(parsers []Parser, name string) (Parser, error) {
	var names []string
	for _, p := range parsers {
		if p.Name == name {
			return p, nil
		}
		names = append(names, p.Name)
	}
	return Parser{}, fault.New(fault.Invalid, "unknown instrument format %q; formats are: %s", name, strings.Join(names, ", ")).Field("format")
}

func titles(parsers []Parser) string {
	var tt []string
	for _, p := range parsers {
		tt = append(tt, p.Title)
	}
	return strings.Join(tt, "; ")
}

// describe says in a few words what unrecognised bytes seem to be.
func describe(b []byte) string {
	for _, m := range []struct{ magic, what string }{
		{"PK\x03\x04", "a ZIP container, such as an Excel workbook"},
		{"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)"},
		{"%PDF", "a PDF document"},
		{"\x1f\x8b", "a gzip archive"},
		{"\x89PNG", "a PNG image"},
		{"\xff\xd8\xff", "a JPEG image"},
		{"FCS", "a flow cytometry file"},
		{"II*\x00", "a TIFF image"},
		{"MM\x00*", "a TIFF image"},
	} {
		if bytes.HasPrefix(b, []byte(m.magic)) {
			return m.what
		}
	}
	if len(b) == 0 {
		return "empty"
	}
	text, err := Decode(b[:min(len(b), headBytes)])
	if err != nil {
		return "binary"
	}
	for _, line := range text.Lines {
		if s := strings.TrimSpace(line); s != "" {
			return fmt.Sprintf("text that begins with %q", clip(s, 40))
		}
	}
	return "text without a word"
}

// clip shortens s to at most n characters.
func clip(s string, n int) string {
	r := []rune(s)
	if len(r) <= n {
		return s
	}
	return string(r[:n]) + "…"
}

// Add appends a reading; more than [MaxReadings] are a fault.
func (t *Table) Add(r Reading) error {
	if len(t.Readings) >= MaxReadings {
		return fault.New(fault.Invalid, "the file has more than the %d readings that are read here", MaxReadings).
			Try("export fewer plates into one file")
	}
	t.Readings = append(t.Readings, r)
	return nil
}

// maxNotes bounds what a hostile file can make a table say.
const maxNotes = 20

// AddNote appends a sentence, once.
func AddNote(notes []string, format string, args ...any) []string {
	note := clip(fmt.Sprintf(format, args...), 300)
	if len(notes) >= maxNotes || slices.Contains(notes, note) {
		return notes
	}
	return append(notes, note)
}
