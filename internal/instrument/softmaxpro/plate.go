package softmaxpro

import (
	"slices"
	"strconv"
	"strings"

	"secretome/internal/fault"
	"secretome/internal/instrument"
)

// heading is the first line of a plate block.
type heading struct {
	plate      string
	format     string // PlateFormat or TimeFormat
	kinetic    bool
	channel    string
	unit       string
	reduced    bool      // the first table is the reduced one
	emission   []float64 // nm, one a read; 0 for none
	excitation []float64
}

// Columns of a plate's heading, behind its Raw or Reduced.
const (
	readsColumn       = 9  // the wavelengths, as a list
	excitationsColumn = 13 // fluorescence only
)

func (r *reader) heading() (heading, error) {
	cells := split(r.lines[r.at])
	h := heading{plate: cell(cells, 1), format: cell(cells, 3)}
	wrong := func(what, found string) error {
		return fault.New(fault.Invalid, "plate %q: %s is %q", h.plate, what, found).At(fault.Place{Line: r.at + 1})
	}
	switch kind := cell(cells, 4); kind {
	case "Endpoint":
	case "Kinetic":
		h.kinetic = true
	default:
		return heading{}, wrong("the read type, which must be Endpoint or Kinetic to be read here,", kind)
	}
	switch mode := cell(cells, 5); {
	case strings.HasPrefix(mode, "Absorbance"):
		h.channel, h.unit = "absorbance", "OD"
	case strings.HasPrefix(mode, "Fluorescence"), strings.HasPrefix(mode, "Time Resolved"):
		h.channel, h.unit = "fluorescence", "RFU"
	case strings.HasPrefix(mode, "Luminescence"):
		h.channel, h.unit = "luminescence", "RLU"
	default:
		return heading{}, wrong("the read mode, which must be Absorbance, Fluorescence or Luminescence,", mode)
	}
	if h.format != "PlateFormat" && h.format != "TimeFormat" {
		return heading{}, wrong("the layout, which must be PlateFormat or TimeFormat,", h.format)
	}
	// Fluorescence has one more column before this one.
	raw := slices.IndexFunc(cells, func(c string) bool { return c == "Raw" || c == "Reduced" || c == "Both" })
	if raw < 0 {
		return heading{}, wrong("the column Raw or Reduced is missing; the mode", cell(cells, 5))
	}
	h.reduced = cells[raw] == "Reduced"
	h.emission = wavelengths(cell(cells, raw+readsColumn))
	if h.channel == "fluorescence" {
		h.excitation = wavelengths(cell(cells, raw+excitationsColumn))
	}
	return h, nil
}

// wavelengths reads "260 280 340 "; 0 means none.
func wavelengths(list string) []float64 {
	var out []float64
	for _, f := range strings.Fields(list) {
		v, ok := instrument.Number(f)
		if !ok {
			return nil
		}
		out = append(out, v)
	}
	return out
}

// shape makes the reading of one read of the plate.
func (h heading) shape(read int, kind instrument.Kind) instrument.Reading {
	s := instrument.Reading{Plate: h.plate, Kind: kind, Channel: h.channel}
	if kind == instrument.Reduced {
		return s
	}
	s.Unit = h.unit
	if read < len(h.emission) {
		s.WavelengthNM = h.emission[read]
	}
	if read < len(h.excitation) {
		s.ExNM = h.excitation[read]
	}
	return s
}

// maxPlates bounds the search for plates of the same name.
const maxPlates = 1000

// plate reads a plate block: heading, head of the table, raw values, then
// perhaps a second head and the reduced values.
func (r *reader) plate() error {
	h, err := r.heading()
	if err != nil {
		return err
	}
	if slices.Contains(r.plates, h.plate) {
		return fault.New(fault.Invalid, "two plates are called %q", h.plate).At(fault.Place{Line: r.at + 1}).
			Try("rename one of them and export again")
	}
	if len(r.plates) == maxPlates {
		return fault.New(fault.Invalid, "the file has more than the %d plates that are read here", maxPlates).At(fault.Place{Line: r.at + 1})
	}
	r.plates = append(r.plates, h.plate)
	r.at++
	kind := instrument.Raw
	switch {
	case h.reduced:
		kind = instrument.Reduced
	case h.kinetic:
		kind = instrument.Kinetic
	}
	if r.at >= len(r.lines) || r.end() {
		return r.finish(h.plate)
	}
	columns := newColumns(split(r.lines[r.at]))
	r.at++
	if err := r.values(h, columns, kind); err != nil {
		return err
	}
	return r.finish(h.plate)
}

func (r *reader) finish(plate string) error {
	if r.at >= len(r.lines) {
		return r.cut("plate " + strconv.Quote(plate))
	}
	r.at++ // ~End
	return nil
}

// columns says what the cells of a table's line are.
type columns []struct {
	well   string // TimeFormat
	number int    // PlateFormat: column of the plate, from 1
	read   int    // PlateFormat: which of the plates side by side, from 0
}

// newColumns reads a table's head. The first two cells are time and
// temperature; an empty one parts two plates.
func newColumns(head []string) columns {
	c := make(columns, len(head))
	read, last := 0, 0
	for i := 2; i < len(head); i++ {
		if w, ok := instrument.ParseWell(head[i]); ok {
			c[i].well = w
			continue
		}
		n, err := strconv.Atoi(head[i])
		if err != nil || n < 1 {
			continue
		}
		if n <= last {
			read++
		}
		c[i].number, c[i].read, last = n, read, n
	}
	return c
}

// isHead reports whether a line is the head of the reduced table: no time, no
// temperature, and the same columns as the first plate's.
func (c columns) isHead(cells []string) bool {
	n := 0
	for i := 2; i < len(cells) && i < len(c); i++ {
		w, ok := instrument.ParseWell(cells[i])
		switch {
		case cells[i] == "":
		case ok && w == c[i].well, c[i].number > 0 && cells[i] == strconv.Itoa(c[i].number):
			n++
		default:
			return false
		}
	}
	return n > 0 && cells[0] == "" && cells[1] == ""
}

// cursor is where in a plate block the values belong.
type cursor struct {
	kind  instrument.Kind
	read  int // TimeFormat: which wavelength; a blank line leads to the next
	row   int // PlateFormat: row of the plate; a blank line leads back to A
	time  *float64
	blank bool // the line before was blank
}

// values reads the lines of a plate until ~End.
func (r *reader) values(h heading, c columns, kind instrument.Kind) error {
	at := cursor{kind: kind}
	for ; r.at < len(r.lines) && !r.end(); r.at++ {
		line := r.lines[r.at]
		if strings.TrimSpace(line) == "" && !strings.Contains(line, "\t") {
			if !at.blank {
				at.read++
			}
			at.row, at.blank = 0, true
			continue
		}
		cells := split(line)
		if at.blank && len(cells) > 2 && at.kind != instrument.Reduced && c.isHead(cells) {
			c, at = newColumns(cells), cursor{kind: instrument.Reduced}
			continue
		}
		at.blank = false
		if err := r.valueLine(h, c, &at, cells); err != nil {
			return err
		}
		at.row++
	}
	return nil
}

func (r *reader) valueLine(h heading, c columns, at *cursor, cells []string) error {
	if at.kind == instrument.Kinetic && cells[0] != "" {
		s, ok := instrument.Seconds(cells[0])
		if !ok {
			return fault.New(fault.Invalid, "plate %q: the time is %q, expected hours:minutes:seconds", h.plate, cells[0]).At(fault.Place{Line: r.at + 1})
		}
		at.time = &s
	}
	for i := 2; i < len(cells); i++ {
		if cells[i] == "" {
			continue
		}
		var where instrument.Reading
		switch {
		case i < len(c) && c[i].well != "":
			where = h.shape(at.read, at.kind)
			where.Well = c[i].well
		case i < len(c) && c[i].number > 0:
			where = h.shape(c[i].read, at.kind)
			where.Well = instrument.Well(at.row, c[i].number)
		}
		if where.Well == "" {
			return fault.New(fault.Invalid, "plate %q: %q stands where no well is", h.plate, clip(cells[i])).
				At(fault.Place{Line: r.at + 1, Column: i + 1})
		}
		if at.kind == instrument.Kinetic {
			where.TimeS = at.time
		}
		where.Source = instrument.Source{Line: r.at + 1, Cell: instrument.Address(r.at, i)}
		where.Fill(cells[i])
		if err := r.table.Add(where); err != nil {
			return err
		}
	}
	return nil
}

// clip keeps a quoted cell short.
func clip(s string) string { return s[:min(len(s), 40)] }
