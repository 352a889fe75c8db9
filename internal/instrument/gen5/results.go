package gen5

import (
	"strings"

	"secretome/internal/fault"
	"secretome/internal/instrument"
)

// grid reads a plate-shaped table: the layout, or results. Further lines of a
// row have no letter; the cell behind the last column says what a line shows.
func (r *reader) grid(head []string) error {
	columns, first := gridColumns(head), columnAt(head, 1)
	layout := r.heading == "Layout"
	row := -1
	for r.at++; r.at < len(r.lines); r.at++ {
		cells := r.cells(r.at)
		if strings.TrimSpace(r.lines[r.at]) == "" {
			return nil
		}
		if cells[0] != "" {
			n, ok := instrument.ParseRow(cells[0])
			if !ok {
				return nil // the next section; this line is read again
			}
			row = n
		}
		if row < 0 {
			return fault.New(fault.Invalid, "a line of a grid comes before the first row letter").At(fault.Place{Line: r.at + 1})
		}
		label := r.heading
		if len(cells) > columns+1 && cells[columns+1] != "" {
			label = cells[columns+1]
		}
		if err := r.gridLine(cells[:min(len(cells), columns+1)], row, first, label, layout); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) gridLine(cells []string, row, first int, label string, layout bool) error {
	shape := r.plate.shape(label)
	for j, cell := range cells[1:] {
		well := instrument.Well(row, first+j)
		if well == "" {
			return fault.New(fault.Invalid, "row %d, column %d is on no plate", row+1, first+j).At(fault.Place{Line: r.at + 1})
		}
		if layout {
			r.place(well, label, cell)
			continue
		}
		if err := r.add(shape, well, j+1, cell); err != nil {
			return err
		}
	}
	return nil
}

// add appends the reading of a cell, with what the layout says of its well.
func (r *reader) add(shape instrument.Reading, well string, column int, cell string) error {
	shape.Well = well
	shape.Source = instrument.Source{Line: r.at + 1, Cell: instrument.Address(r.at, column)}
	if !shape.Fill(cell) {
		return nil
	}
	if e := r.plate.layout[well]; e != nil {
		shape.Sample, shape.Group, shape.Conc, shape.Dilution = e.sample, e.group, e.conc, e.dilution
	}
	return r.table.Add(shape)
}

// place reads a cell of the layout.
func (r *reader) place(well, label, cell string) {
	if cell == "" || r.plate.layout == nil {
		return
	}
	switch label {
	case "Well ID":
		group := strings.TrimRight(strings.SplitN(cell, ":", 2)[0], "0123456789")
		r.plate.layout[well] = &entry{sample: cell, group: group}
	case "Conc/Dil":
		e, v, ok := r.plate.layout[well], 0.0, false
		if v, ok = instrument.Number(cell); e != nil && ok {
			r.meaning(e, v)
		}
	}
}

// meaning tells the two uses of the line Conc/Dil apart. A dilution below 1 is
// the part of sample in the well (0.25 for one in four), kept here as the factor
// that leads back to the sample (4).
func (r *reader) meaning(e *entry, v float64) {
	switch {
	case e.group == "STD":
		e.conc = &v
	case e.group == "SPL" && v >= 1:
		e.dilution = &v
	case e.group == "SPL" && v > 0:
		fold := 1 / v
		e.dilution = &fold
	default:
		r.note("Conc/Dil of wells %q is %v, which is neither a standard's concentration nor a sample's dilution; it is left out", e.group, v)
	}
}

// course reads a time course: wells across, a line a time. Lines without
// values follow where a run was stopped.
func (r *reader) course(head []string) error {
	shape := r.plate.shape(r.heading)
	if shape.Kind == instrument.Raw {
		shape.Kind = instrument.Kinetic
	}
	for r.at++; r.at < len(r.lines); r.at++ {
		cells := r.cells(r.at)
		seconds, ok := instrument.Seconds(cells[0])
		if !ok {
			return nil
		}
		shape.TimeS = &seconds
		for j := 1; j < len(cells) && j < len(head); j++ {
			well, ok := instrument.ParseWell(head[j])
			if !ok {
				continue // the temperature
			}
			if err := r.add(shape, well, j, cells[j]); err != nil {
				return err
			}
		}
	}
	return nil
}
