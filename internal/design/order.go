package design

import (
	"maps"
	"math/rand/v2"
	"slices"
)

// Order returns the wells of a plate, with explants or tissues or cells in them, in
// the order in which they are worked on. Since the time of day is a factor, that
// runs in rounds: no code comes up twice in one, the order within a round is
// drawn, and a code with fewer wells than there are rounds sits out rounds that are
// drawn. The wells of a code come in a random order.
//
// The same seed and label give the same order everywhere.
func Order(seed [32]byte, label string, placed map[Position]string) []Position {
	r := stream(seed, label)
	wells, count, rounds := map[string][]Position{}, map[string]int{}, 0
	for _, at := range slices.SortedFunc(maps.Keys(placed), Position.compare) {
		code := placed[at]
		wells[code] = append(wells[code], at)
		count[code]++
		rounds = max(rounds, count[code])
	}
	codes := slices.Sorted(maps.Keys(wells))
	for _, code := range codes {
		of := wells[code]
		r.Shuffle(len(of), func(i, j int) { of[i], of[j] = of[j], of[i] })
	}
	var order []Position
	for _, code := range inRounds(r, codes, count, rounds) {
		order = append(order, wells[code][0])
		wells[code] = wells[code][1:]
	}
	return order
}

// inRounds returns each code so often as it has wells, in rounds.
func inRounds(r *rand.Rand, codes []string, wells map[string]int, rounds int) []string {
	parts := make([][]string, rounds)
	for _, code := range codes {
		for _, round := range r.Perm(rounds)[:wells[code]] {
			parts[round] = append(parts[round], code)
		}
	}
	for _, part := range parts {
		r.Shuffle(len(part), func(i, j int) { part[i], part[j] = part[j], part[i] })
	}
	return slices.Concat(parts...)
}
