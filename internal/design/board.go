package design

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// board is an arrangement that is being mended.
type board struct {
	free   []Position // row by row
	codes  []int      // of the wells that are wanted
	names  []string   // code → its name
	group  []int      // code → group
	titles []string   // group → its name
	count  []int      // group → wells
	most   []int      // group → most wells in one column
	at     []int      // free position → code, -1 for none
	next   [][]int    // free position → its neighbours
	cols   int        // columns: the greatest and one
	centre [2]int     // sums of the rows and columns of all free positions
	series [][]int    // doses of one well each, in their order

	inColumn []int    // group × column → wells
	sums     [][2]int // group → sums of its rows and columns
}

func newBoard(free []Position, wells map[string]int) *board {
	b := &board{free: slices.Clone(free)}
	slices.SortFunc(b.free, Position.compare)
	columns := map[int]bool{}
	for _, p := range b.free {
		b.centre[0] += p.Row
		b.centre[1] += p.Column
		columns[p.Column] = true
		b.cols = max(b.cols, p.Column+1)
	}
	for code, name := range slices.Sorted(maps.Keys(wells)) {
		title, _, _ := strings.Cut(name, ".")
		g := slices.Index(b.titles, title)
		if g < 0 {
			g = len(b.titles)
			b.titles, b.count = append(b.titles, title), append(b.count, 0)
		}
		b.names, b.group = append(b.names, name), append(b.group, g)
		b.count[g] += wells[name]
		b.codes = append(b.codes, slices.Repeat([]int{code}, wells[name])...)
	}
	for _, n := range b.count {
		b.most = append(b.most, (n+len(columns)-1)/max(len(columns), 1))
	}
	b.neighbours()
	b.findSeries()
	return b
}

func (b *board) neighbours() {
	index := map[Position]int{}
	for i, p := range b.free {
		index[p] = i
	}
	b.next = make([][]int, len(b.free))
	for i, p := range b.free {
		for _, q := range []Position{{p.Row - 1, p.Column}, {p.Row + 1, p.Column}, {p.Row, p.Column - 1}, {p.Row, p.Column + 1}} {
			if j, ok := index[q]; ok {
				b.next[i] = append(b.next[i], j)
			}
		}
	}
}

// findSeries finds groups of one well whose names are the same letters and a
// number: T1, T2, T3.
func (b *board) findSeries() {
	const digits = "0123456789"
	series := map[string][]int{}
	for g, title := range b.titles {
		if letters := strings.TrimRight(title, digits); letters != title && b.count[g] == 1 {
			series[letters] = append(series[letters], g)
		}
	}
	for _, letters := range slices.Sorted(maps.Keys(series)) {
		doses := series[letters]
		slices.SortFunc(doses, func(g, h int) int { // by number: the shorter, or the lesser of equal length
			n, m := strings.TrimLeft(b.titles[g][len(letters):], "0"), strings.TrimLeft(b.titles[h][len(letters):], "0")
			return cmp.Or(cmp.Compare(len(n), len(m)), cmp.Compare(n, m))
		})
		if len(doses) > 2 {
			b.series = append(b.series, doses)
		}
	}
}

func (b *board) shuffle(r *rand.Rand) {
	b.at = slices.Concat(b.codes, slices.Repeat([]int{-1}, len(b.free)-len(b.codes)))
	r.Shuffle(len(b.at), func(i, j int) { b.at[i], b.at[j] = b.at[j], b.at[i] })
	b.inColumn, b.sums = make([]int, len(b.count)*b.cols), make([][2]int, len(b.count))
	for i := range b.at {
		b.tally(i, 1)
	}
}

// tally counts the well at i to its group, or takes it out again.
func (b *board) tally(i, sign int) {
	if b.at[i] < 0 {
		return
	}
	g, p := b.group[b.at[i]], b.free[i]
	b.inColumn[g*b.cols+p.Column] += sign
	b.sums[g][0] += sign * p.Row
	b.sums[g][1] += sign * p.Column
}

func (b *board) exchange(i, j int) {
	b.tally(i, -1)
	b.tally(j, -1)
	b.at[i], b.at[j] = b.at[j], b.at[i]
	b.tally(i, 1)
	b.tally(j, 1)
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
		before := b.around(i, j)
		b.exchange(i, j)
		if after := b.around(i, j); after <= before {
			cost += after - before
		} else {
			b.exchange(i, j)
		}
	}
	return cost == 0
}

// cost counts how far the rules are broken; 0 is a good plate.
func (b *board) cost() int {
	n := b.ascending()
	for i := range b.at {
		n += b.touching(i)
	}
	for g := range b.count {
		n += b.crowded(g) + b.offCentre(g) + b.inOneColumn(g)
	}
	return n
}

// around returns the part of the cost that exchanging two different codes can
// change. A touching pair counts from both its sides.
func (b *board) around(i, j int) int {
	n := 2*(b.touching(i)+b.touching(j)) + b.ascending()
	first := -1
	for _, code := range []int{b.at[i], b.at[j]} {
		if code < 0 || b.group[code] == first {
			continue
		}
		first = b.group[code]
		n += b.crowded(first) + b.offCentre(first) + b.inOneColumn(first)
	}
	return n
}

// touching counts the neighbours of a position that hold its code.
func (b *board) touching(i int) int {
	n := 0
	for _, j := range b.next[i] {
		if b.at[j] == b.at[i] && b.at[i] >= 0 {
			n++
		}
	}
	return n
}

// crowded counts wells above a group's even share of a column.
func (b *board) crowded(g int) int {
	n := 0
	for _, k := range b.inColumn[g*b.cols : (g+1)*b.cols] {
		n += max(0, k-b.most[g])
	}
	return n
}

// offCentre counts, in wells, how far a group lies from the centre.
func (b *board) offCentre(g int) int {
	n, all, k := 0, len(b.free), b.count[g]
	if k < 2 {
		return 0
	}
	for axis := range 2 { // |sum/k - centre| <= 1, times k and the number of free positions
		off := b.sums[g][axis]*all - b.centre[axis]*k
		if over := max(off, -off) - k*all; over > 0 {
			n += 1 + over/all
		}
	}
	return n
}

// inOneColumn is 1 for a group of which all wells stand in one column.
func (b *board) inOneColumn(g int) int {
	k := b.count[g]
	if k > 1 && slices.Contains(b.inColumn[g*b.cols:(g+1)*b.cols], k) {
		return 1
	}
	return 0
}

// ascending counts series of doses that run along the columns, up or down.
func (b *board) ascending() int {
	n := 0
	for _, doses := range b.series {
		up, down := true, true
		for i := range doses[1:] {
			step := b.sums[doses[i+1]][1] - b.sums[doses[i]][1] // one well each: its sum is its column
			up, down = up && step > 0, down && step < 0
		}
		if up || down {
			n++
		}
	}
	return n
}

// broken names a rule that is broken.
func (b *board) broken() string {
	for i := range b.at {
		if b.touching(i) > 0 {
			return "wells of " + b.names[b.at[i]] + " touch"
		}
	}
	for g, title := range b.titles {
		switch {
		case b.inOneColumn(g) > 0:
			return "all wells of " + title + " stand in one column"
		case b.crowded(g) > 0:
			return "a column holds more wells of " + title + " than its share"
		case b.offCentre(g) > 0:
			return title + " lies to one side of the plate"
		}
	}
	return "doses ascend along the columns"
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
