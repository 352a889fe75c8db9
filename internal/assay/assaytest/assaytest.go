// Package assaytest makes small plates for the tests of methods.
package assaytest

import (
	"math"
	"testing"

	"secretome/internal/assay"
	"secretome/internal/instrument"
	"secretome/internal/protocol"
	"secretome/internal/quantity"
)

// Quantity parses a quantity or stops the test.
func Quantity(t testing.TB, text string) quantity.Quantity {
	t.Helper()
	q, err := quantity.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// Reading is a raw absorbance of a well; the source's line is the place in the
// plate, row by row, from 1.
func Reading(well string, nm, value float64) instrument.Reading {
	return instrument.Reading{
		Well: well, Kind: instrument.Raw, Channel: "absorbance", WavelengthNM: nm, Value: &value,
		Source: instrument.Source{Line: 1 + int(well[0]-'A'), Cell: well},
	}
}

// Near stops the test unless got is want to the given relative difference. A
// nil got is none.
func Near(t testing.TB, what string, got *float64, want, relative float64) {
	t.Helper()
	if got == nil {
		t.Errorf("%s is absent, want %v", what, want)
		return
	}
	if math.Abs(*got-want) > relative*math.Abs(want) {
		t.Errorf("%s = %.12g, want %.12g (relative difference %.2g)", what, *got, want, math.Abs(*got/want-1))
	}
}

// Plate lays one row of the layout a list: codes and readings at 450 nm side by
// side.
func Plate(a protocol.Assay, rows ...[]Cell) assay.Input {
	l := protocol.Layout{ID: "l", Wells: 96, Rows: map[string]string{}}
	in := assay.Input{Assay: a, Layout: &l}
	for i, row := range rows {
		letter, text := string(rune('A'+i)), ""
		for j, c := range row {
			text += c.Code + " "
			if !math.IsNaN(c.OD) {
				in.Table.Readings = append(in.Table.Readings, Reading(instrument.Well(i, j+1), 450, c.OD))
			}
		}
		l.Rows[letter] = text
	}
	return in
}

// Cell is a well of [Plate]; an OD of NaN leaves it unread.
type Cell struct {
	Code string
	OD   float64
}

// Row makes the cells of one code.
func Row(code string, od ...float64) []Cell {
	var cells []Cell
	for _, v := range od {
		cells = append(cells, Cell{code, v})
	}
	return cells
}

// Value returns the value of a group's unit, or stops the test.
func Value(t testing.TB, r assay.Result, group string, unit int) assay.Value {
	t.Helper()
	for _, v := range r.Values {
		if v.Group == group && v.Unit == unit {
			return v
		}
	}
	t.Fatalf("no value of %s.%d in %+v", group, unit, r.Values)
	return assay.Value{}
}

// Named returns the number of a named value, nil where it is none.
func Named(t testing.TB, r assay.Result, name, unit string) *float64 {
	t.Helper()
	text, ok := r.Texts()[name]
	if !ok {
		t.Fatalf("the result does not name %s: %+v", name, r.Named)
	}
	if text == "" {
		return nil
	}
	f, err := Quantity(t, text).Float(unit)
	if err != nil {
		t.Fatal(err)
	}
	return &f
}
