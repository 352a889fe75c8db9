// Package softmaxpro reads the text export of Molecular Devices SoftMax Pro.
//
// A file is a list of blocks, each closed by ~End. A plate block has the raw
// reads, as plates side by side (PlateFormat) or with the wells across
// (TimeFormat), and behind a second head the reduced values. A group block is a
// table of samples: it tells which wells hold which sample, and what SoftMax Pro
// computed. Point and comma are both read as decimal marks; there are no
// thousands marks.
package softmaxpro

import (
	"strings"

	"secretome/internal/fault"
	"secretome/internal/instrument"
)

const name = "softmax_pro"

// Parser reads the format.
var Parser = instrument.Parser{Name: name, Title: "Molecular Devices SoftMax Pro, text export", Recognise: recognise, Parse: parse}

func recognise(head []byte) bool {
	text, err := instrument.Decode(head)
	if err != nil {
		return false
	}
	for _, line := range text.Lines {
		if s := strings.TrimSpace(line); s != "" {
			return strings.HasPrefix(s, "##BLOCKS=")
		}
	}
	return false
}

// reader walks through the lines of a file once.
type reader struct {
	lines  []string
	at     int // index of the line being read
	table  instrument.Table
	plates []string
	wells  map[well]*member // what the group tables say of a well
}

// well is a place in the file: plates have their own names.
type well struct{ plate, name string }

func parse(b []byte) (instrument.Table, error) {
	text, err := instrument.Decode(b)
	if err != nil {
		return instrument.Table{}, err
	}
	r := &reader{lines: text.Lines, wells: map[well]*member{}}
	r.table.Format = name
	r.table.Instrument = instrument.Instrument{Program: "SoftMax Pro", Encoding: text.Encoding}
	for r.at < len(r.lines) {
		if err := r.block(); err != nil {
			return instrument.Table{}, err
		}
	}
	if len(r.table.Readings) == 0 {
		return instrument.Table{}, fault.New(fault.Invalid, "this SoftMax Pro file has no plate with values").
			Try("export again with the plate sections")
	}
	r.assign()
	if d := r.table.Instrument; d.DatePrinted != "" && d.DateISO == "" {
		r.note("the date %s can be read with the day or the month first; nothing in the file decides", d.DatePrinted)
	}
	return r.table, nil
}

func (r *reader) note(format string, args ...any) {
	r.table.Notes = instrument.AddNote(r.table.Notes, format, args...)
}

// block reads the block that begins at the line at hand, or moves on.
func (r *reader) block() error {
	line := r.lines[r.at]
	switch {
	case strings.HasPrefix(line, "Plate:\t"):
		return r.plate()
	case strings.HasPrefix(line, "Group:"):
		return r.group(strings.TrimSpace(strings.SplitN(strings.TrimPrefix(line, "Group:"), "\t", 2)[0]))
	case strings.HasPrefix(line, "Note:"):
		return r.toEnd("a note")
	case strings.HasPrefix(line, "Original Filename:"):
		r.origin(line)
	}
	r.at++
	return nil
}

// end reports whether the line at hand closes a block.
func (r *reader) end() bool { return strings.TrimSpace(r.lines[r.at]) == "~End" }

// toEnd skips the rest of a block.
func (r *reader) toEnd(what string) error {
	for began := r.at; r.at < len(r.lines); r.at++ {
		if r.at > began && r.end() {
			r.at++
			return nil
		}
	}
	return r.cut(what)
}

// cut is the fault of a file that stops within a block.
func (r *reader) cut(what string) error {
	return fault.New(fault.Invalid, "the file ends within %s: it was cut short", what).At(fault.Place{Line: len(r.lines)}).
		Try("export the file again")
}

// origin reads the last line: "Original Filename: x; Date Last Saved: y".
func (r *reader) origin(line string) {
	file, date, _ := strings.Cut(strings.TrimPrefix(line, "Original Filename:"), "; Date Last Saved:")
	i := &r.table.Instrument
	i.File, i.DatePrinted = strings.TrimSpace(file), strings.TrimSpace(date)
	i.DateISO = instrument.ISODate(i.DatePrinted)
}

// split cuts a line into trimmed cells; there is always a first one.
func split(line string) []string {
	cells := strings.Split(line, "\t")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}

// cell returns cells[i], or nothing.
func cell(cells []string, i int) string {
	if i < 0 || i >= len(cells) {
		return ""
	}
	return cells[i]
}
