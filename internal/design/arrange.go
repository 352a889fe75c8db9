package design

import (
	"maps"
	"slices"

	"secretome/internal/fault"
)

// Limits of the search: from each start so many exchanges for each position, and
// so many starts.
const (
	mostSwaps  = 120
	mostStarts = 25
)

// mostSide is longer than a side of any plate.
const mostSide = 100

// Arrange draws which of the free positions holds what, by a seed and a label.
// wells says how many each code gets; a code is a group, or a group and the
// number of its unit ("MV.2"). Positions that are left over hold nothing.
//
// The rules, after domain practice for plates (the rim dries out, gradients run
// along rows and columns), hold for every drawing:
//
//   - a column is an incomplete block: no group has more wells in one column than
//     its even share, rounded up;
//   - no two wells of a code touch, side by side or one above the other;
//   - the mean row and the mean column of a group lie within 1.0 of the centre of
//     the free positions, for groups of two wells and more;
//   - a group of two wells and more stands in at least two columns;
//   - doses never ascend along the columns: groups of several wells cannot, since
//     they lie about the centre, and three or more of one well each (codes of the
//     same letters and a growing number) stand in another order.
//
// A random arrangement is mended by random exchanges that break no further rule,
// until all hold: drawing anew until a full plate is good by chance would take
// for ever. Only integers decide, so the same seed gives the same plate
// everywhere. Arrange fails with [fault.Invalid] if there are too few positions,
// if one is given twice, or if no arrangement was found, with the rule that stood
// in the way.
func Arrange(seed [32]byte, label string, free []Position, wells map[string]int) (map[Position]string, error) {
	if err := drawable(free, wells); err != nil {
		return nil, err
	}
	b := newBoard(free, wells)
	if wanted := len(b.codes); wanted > len(b.free) {
		return nil, fault.New(fault.Invalid, "%d wells are wanted, %d are free", wanted, len(b.free)).Try("place fewer wells, or take a larger plate")
	}
	r := stream(seed, label)
	for range mostStarts {
		b.shuffle(r)
		if b.mend(r) {
			return b.placed(), nil
		}
	}
	return nil, fault.New(fault.Invalid, "no arrangement keeps the rules: %s", b.broken()).Try("leave more wells free, or place the groups by hand: rows: {…}")
}

// drawable refuses what no board can be made of.
func drawable(free []Position, wells map[string]int) error {
	seen := map[Position]bool{}
	for _, p := range free {
		if seen[p] || p.Row < 0 || p.Column < 0 || max(p.Row, p.Column) >= mostSide {
			return fault.New(fault.Invalid, "row %d, column %d, counted from 0, is free twice or lies on no plate", p.Row, p.Column)
		}
		seen[p] = true
	}
	for _, code := range slices.Sorted(maps.Keys(wells)) {
		if n := wells[code]; n < 1 || n > mostSide*mostSide {
			return fault.New(fault.Invalid, "%s is to have %d wells", code, n).Try("give each group at least one well")
		}
	}
	return nil
}
