// Package gen5 reads the text export of Agilent (BioTek) Gen5.
//
// A file is a head of keys and values, the steps of the procedure, a layout and
// results, once a plate. Results are grids, whose lines each end with the name
// of what they show, or time courses with the wells across. A name is a raw read
// if it is that of a Read step (or nothing) followed by wavelengths; all else was
// derived by Gen5. Point and comma are both read as decimal marks; Gen5 prints
// no thousands marks.
package gen5

import (
	"strconv"
	"strings"

	"secretome/internal/fault"
	"secretome/internal/instrument"
)

const name = "gen5"

// Parser reads the format.
var Parser = instrument.Parser{Name: name, Title: "Agilent (BioTek) Gen5, text export", Recognise: recognise, Parse: parse}

func recognise(head []byte) bool {
	text, err := instrument.Decode(head)
	if err != nil {
		return false
	}
	version, path := false, false
	for _, line := range text.Lines {
		version = version || strings.HasPrefix(line, "Software Version\t")
		path = path || strings.HasPrefix(line, "Experiment File Path:") || strings.HasPrefix(line, "Plate Number\t")
	}
	return version && path
}

// maxReads bounds the work that each line of results can cause.
const maxReads = 200

// reader walks through the lines of a file once.
type reader struct {
	lines   []string
	at      int // index of the line being read
	table   instrument.Table
	plate   plate
	heading string // the last line that had one cell only
}

// plate is what the file says of the plate at hand before its results.
type plate struct {
	name   string
	date   string
	reads  []read
	layout map[string]*entry
}

// entry is a well of the layout.
type entry struct {
	sample, group  string
	conc, dilution *float64
}

func parse(b []byte) (instrument.Table, error) {
	text, err := instrument.Decode(b)
	if err != nil {
		return instrument.Table{}, err
	}
	r := &reader{lines: text.Lines}
	r.table.Format = name
	r.table.Instrument = instrument.Instrument{Program: "Gen5", Encoding: text.Encoding}
	for r.at < len(r.lines) {
		if err := r.line(); err != nil {
			return instrument.Table{}, err
		}
	}
	if len(r.table.Readings) == 0 {
		return instrument.Table{}, fault.New(fault.Invalid, "this Gen5 file has no results: neither a grid headed 1 2 3 … nor a time course was found").
			Try("export again with the results matrix")
	}
	if d := r.table.Instrument; d.DatePrinted != "" && d.DateISO == "" {
		r.note("the date %s can be read with the day or the month first; nothing in the file decides", d.DatePrinted)
	}
	return r.table, nil
}

// line reads one line or one table and moves on.
func (r *reader) line() error {
	cells := r.cells(r.at)
	first := cells[0]
	switch {
	case isGridHead(cells):
		return r.grid(cells)
	case first == "Time" && isWellHead(cells):
		return r.course(cells)
	case first == "Wavelength" && isWellHead(cells):
		return fault.New(fault.Invalid, "this Gen5 file holds a spectrum, which is not read yet").At(fault.Place{Line: r.at + 1}).
			Try("export single wavelengths")
	case first == "Curve Name":
		r.curves(cells)
		return nil
	case first == "Read":
		if len(r.plate.reads) == maxReads {
			return fault.New(fault.Invalid, "plate %q has more than the %d read steps that are read here", r.plate.name, maxReads).At(fault.Place{Line: r.at + 1})
		}
		r.plate.reads = append(r.plate.reads, newRead(value(cells)))
	case first == "" && value(cells) != "":
		r.detail(value(cells))
	case first != "" && value(cells) == "":
		r.heading = first
	default:
		r.key(strings.TrimSuffix(first, ":"), value(cells))
	}
	r.at++
	return nil
}

// cells splits a line; there is always a first cell.
func (r *reader) cells(line int) []string {
	cells := strings.Split(r.lines[line], "\t")
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells
}

// value is the second cell, if there is one.
func value(cells []string) string {
	if len(cells) < 2 {
		return ""
	}
	return cells[1]
}

// key reads a line of the head.
func (r *reader) key(key, value string) {
	i := &r.table.Instrument
	switch key {
	case "Software Version":
		i.Version = value
	case "Experiment File Path":
		i.File = value
	case "Protocol File Path":
		i.Protocol = value
	case "Plate Number":
		r.plate = plate{name: value, layout: map[string]*entry{}}
	case "Date":
		r.plate.date = value
	case "Time":
		r.dated(strings.TrimSpace(r.plate.date + " " + value))
	case "Reader Type":
		i.Reader = value
	case "Reader Serial Number":
		i.Serial = value
	case "Reading Type":
		if value != "Reader" && value != "" {
			r.note("the reading type of %s is %q: the values did not come straight from a reader", r.plate.name, value)
		}
	}
}

// dated keeps the date of the first plate.
func (r *reader) dated(printed string) {
	if i := &r.table.Instrument; i.DatePrinted == "" {
		i.DatePrinted, i.DateISO = printed, instrument.ISODate(printed)
	}
}

func (r *reader) note(format string, args ...any) {
	r.table.Notes = instrument.AddNote(r.table.Notes, format, args...)
}

// curves reads the table of fits.
func (r *reader) curves(head []string) {
	for r.at++; r.at < len(r.lines); r.at++ {
		cells := r.cells(r.at)
		if cells[0] == "" || len(cells) < 2 {
			return
		}
		c := instrument.Curve{Plate: r.plate.name, Name: cells[0], Formula: cells[1]}
		for j := 2; j < len(cells) && j < len(head); j++ {
			if cells[j] != "" {
				c.Terms = append(c.Terms, instrument.Term{Name: head[j], Printed: cells[j]})
			}
		}
		r.table.Curves = append(r.table.Curves, c)
	}
}

// isGridHead reports whether a line is "", 1, 2, 3 …
func isGridHead(cells []string) bool { return gridColumns(cells) > 0 }

// gridColumns counts the consecutive numbers of a grid's head.
func gridColumns(cells []string) int {
	if cells[0] != "" {
		return 0
	}
	n := 0
	for n+1 < len(cells) && cells[n+1] != "" {
		v, err := strconv.Atoi(cells[n+1])
		if err != nil || v < 1 || (n > 0 && v != columnAt(cells, n)+1) {
			return 0
		}
		n++
	}
	return n
}

func columnAt(cells []string, i int) int {
	v, _ := strconv.Atoi(cells[i]) // checked by gridColumns
	return v
}

// isWellHead reports whether wells stand across, perhaps after a temperature.
func isWellHead(cells []string) bool {
	for _, c := range cells[1:min(3, len(cells))] {
		if _, ok := instrument.ParseWell(c); ok {
			return true
		}
	}
	return false
}
