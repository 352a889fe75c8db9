package design

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"secretome/internal/fault"
)

// Plate is a format of plates. Inserts stand in the wells of one.
type Plate struct{ Wells, Rows, Columns int }

// Plates lists the formats.
func Plates() []Plate {
	return []Plate{{6, 2, 3}, {12, 3, 4}, {24, 4, 6}, {48, 6, 8}, {96, 8, 12}, {384, 16, 24}}
}

// PlateOf returns the format with so many wells. It fails with [fault.Invalid]
// if there is none.
func PlateOf(wells int) (Plate, error) {
	i := slices.IndexFunc(Plates(), func(p Plate) bool { return p.Wells == wells })
	if i < 0 {
		return Plate{}, fault.New(fault.Invalid, "there is no plate of %d wells", wells).Try("known are: 6, 12, 24, 48, 96, 384")
	}
	return Plates()[i], nil
}

const rowLetters = "ABCDEFGHIJKLMNOP"

// Position is a well of a plate, counted from 0.
type Position struct{ Row, Column int }

// String returns the name of the well: A1, P24. It is empty for what lies on no
// plate.
func (at Position) String() string {
	if at.Row < 0 || at.Row >= len(rowLetters) || at.Column < 0 {
		return ""
	}
	return rowLetters[at.Row:at.Row+1] + strconv.Itoa(at.Column+1)
}

// Position reads the name of a well: A1, A01 or a1. It fails with
// [fault.Invalid] if the plate has no such well.
func (p Plate) Position(well string) (Position, error) {
	if len(well) >= 2 && len(well) <= 3 && !strings.ContainsAny(well, "+-") {
		row := strings.IndexByte(rowLetters[:p.Rows], strings.ToUpper(well[:1])[0])
		column, err := strconv.Atoi(well[1:])
		if row >= 0 && err == nil && column >= 1 && column <= p.Columns {
			return Position{row, column - 1}, nil
		}
	}
	last := Position{p.Rows - 1, p.Columns - 1}
	return Position{}, fault.New(fault.Invalid, "a plate of %d wells has no well %q", p.Wells, well).Try("wells are A1 to %s", last)
}

// All returns the wells row by row.
func (p Plate) All() []Position { return p.inside(0) }

// Inner returns the wells that do not lie on the rim, row by row: 60 of 96. A
// plate of 6 has none.
func (p Plate) Inner() []Position { return p.inside(1) }

func (p Plate) inside(rim int) []Position {
	var wells []Position
	for row := rim; row < p.Rows-rim; row++ {
		for column := rim; column < p.Columns-rim; column++ {
			wells = append(wells, Position{row, column})
		}
	}
	return wells
}

// compare orders positions row by row.
func (at Position) compare(q Position) int {
	return cmp.Or(cmp.Compare(at.Row, q.Row), cmp.Compare(at.Column, q.Column))
}
