package design

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"secretome/internal/fault"
)

// Position is a well of a plate, counted from 0.
type Position struct{ Row, Column int }

// Limits of the search: from each start so many exchanges for each position, and
// so many starts.
const (
	mostSwaps  = 120
	mostStarts = 25
)

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
//     the free positions, for groups of two wells and more; so doses never ascend
//     along the columns;
//   - a group of two wells and more stands in at least two columns.
//
// A random arrangement is mended by random exchanges that break no further rule,
// until all hold. Only integers decide, so the same seed gives the same plate
// everywhere. Arrange fails with [fault.Invalid] if there are too few positions,
// or if no arrangement was found, with the rule that stood in the way.
func Arrange(seed [32]byte, label string, free []Position, wells map[string]int) (map[Position]string, error) {
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

// board is an arrangement that is being mended.
type board struct {
	free  []Position
	codes []int    // of the wells that are wanted
	names []string // code → its name
	group []int    // code → group
	count []int    // group → wells
	at    []int    // free position → code, -1 for none
	index map[Position]int
	most  []int // group → most wells in one column
	sums  [2]int
	cols  int     // columns: the greatest and one
	next  [][]int // free position → its neighbours
}

func newBoard(free []Position, wells map[string]int) *board {
	b := &board{free: slices.Clone(free), index: map[Position]int{}}
	slices.SortFunc(b.free, func(p, q Position) int { return cmp.Or(cmp.Compare(p.Row, q.Row), cmp.Compare(p.Column, q.Column)) })
	groups := map[string]int{}
	columns := map[int]bool{}
	for i, p := range b.free {
		b.index[p] = i
		b.sums[0] += p.Row
		b.sums[1] += p.Column
		columns[p.Column] = true
		b.cols = max(b.cols, p.Column+1)
	}
	for code, name := range slices.Sorted(maps.Keys(wells)) {
		group, _, _ := strings.Cut(name, ".")
		if _, known := groups[group]; !known {
			groups[group] = len(groups)
			b.count = append(b.count, 0)
		}
		b.names, b.group = append(b.names, name), append(b.group, groups[group])
		b.count[groups[group]] += wells[name]
		b.codes = append(b.codes, slices.Repeat([]int{code}, wells[name])...)
	}
	for _, n := range b.count {
		b.most = append(b.most, (n+len(columns)-1)/max(len(columns), 1))
	}
	b.neighbours()
	return b
}

func (b *board) neighbours() {
	b.next = make([][]int, len(b.free))
	for i, p := range b.free {
		for _, q := range []Position{{p.Row - 1, p.Column}, {p.Row + 1, p.Column}, {p.Row, p.Column - 1}, {p.Row, p.Column + 1}} {
			if j, ok := b.index[q]; ok {
				b.next[i] = append(b.next[i], j)
			}
		}
	}
}

func (b *board) shuffle(r *rand.Rand) {
	b.at = slices.Concat(b.codes, slices.Repeat([]int{-1}, len(b.free)-len(b.codes)))
	r.Shuffle(len(b.at), func(i, j int) { b.at[i], b.at[j] = b.at[j], b.at[i] })
}

// mend exchanges wells at random, and keeps what does not break more rules.
func (b *board) mend(r *rand.Rand) bool {
	cost := b.cost()
	for range mostSwaps * len(b.at) {
		if cost == 0 {
			return true
		}
		i, j := r.IntN(len(b.at)), r.IntN(len(b.at))
		if b.at[i] == b.at[j] {
			continue
		}
		b.at[i], b.at[j] = b.at[j], b.at[i]
		if after := b.cost(); after <= cost {
			cost = after
		} else {
			b.at[i], b.at[j] = b.at[j], b.at[i]
		}
	}
	return cost == 0
}

// cost counts how far the rules are broken; 0 is a good plate.
func (b *board) cost() int {
	return b.touching() + b.crowded() + b.offCentre() + b.inOneColumn()
}

// touching counts pairs of neighbours with the same code.
func (b *board) touching() int {
	n := 0
	for i, code := range b.at {
		if code < 0 {
			continue
		}
		for _, j := range b.next[i] {
			if b.at[j] == code {
				n++
			}
		}
	}
	return n
}

// tally returns the wells of each group by column, and the sums of its rows and
// columns.
func (b *board) tally() (inColumn []int, sums [][2]int) {
	inColumn, sums = make([]int, len(b.count)*b.cols), make([][2]int, len(b.count))
	for i, code := range b.at {
		if code < 0 {
			continue
		}
		g, p := b.group[code], b.free[i]
		inColumn[g*b.cols+p.Column]++
		sums[g][0] += p.Row
		sums[g][1] += p.Column
	}
	return inColumn, sums
}

// crowded counts wells above a group's even share of a column.
func (b *board) crowded() int {
	n := 0
	inColumn, _ := b.tally()
	for i, k := range inColumn {
		n += max(0, k-b.most[i/b.cols])
	}
	return n
}

// offCentre counts, in wells, how far groups lie from the centre.
func (b *board) offCentre() int {
	n, all := 0, len(b.free)
	_, sums := b.tally()
	for g, k := range b.count {
		if k < 2 {
			continue
		}
		for axis := range 2 { // |sum/k - centre| <= 1, times k and the number of free positions
			off := sums[g][axis]*all - b.sums[axis]*k
			if over := max(off, -off) - k*all; over > 0 {
				n += 1 + over/all
			}
		}
	}
	return n
}

// inOneColumn counts groups of which all wells stand in one column.
func (b *board) inOneColumn() int {
	n := 0
	inColumn, _ := b.tally()
	for i, k := range inColumn {
		if k == b.count[i/b.cols] && k > 1 {
			n++
		}
	}
	return n
}

// broken names the rule that is broken.
func (b *board) broken() string {
	switch {
	case b.touching() > 0:
		return "two wells of one group touch"
	case b.crowded() > 0:
		return "a column holds more wells of a group than its share"
	case b.offCentre() > 0:
		return "a group lies to one side of the plate"
	}
	return "a group stands in one column"
}

func (b *board) placed() map[Position]string {
	placed := map[Position]string{}
	for i, code := range b.at {
		if code >= 0 {
			placed[b.free[i]] = b.names[code]
		}
	}
	return placed
}
