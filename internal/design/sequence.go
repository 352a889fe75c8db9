package design

import (
	"maps"
	"math/rand/v2"
	"slices"

	"secretome/internal/fault"
)

// mostCarriers is more than anybody cuts from one donor or buys in one batch.
const mostCarriers = 1000

// Turn is one explant or tissue of a donor or batch.
type Turn struct {
	Carrier int    `json:"carrier"` // its number, from 1, as it was cut or delivered
	Code    string `json:"code"`    // what it gets
}

// Sequence deals the explants of one donor, or the tissues of one batch, out to
// the codes and returns them in the order in which they are processed. Which
// carrier a code gets is drawn from all orders with equal chances. Since the time
// of day is a factor, processing runs in rounds: no code comes up twice in one,
// the order within a round is drawn, and a code with fewer carriers than there
// are rounds sits out rounds that are drawn.
//
// The same seed and label give the same sequence everywhere. Sequence fails with
// [fault.Invalid] if a code has no carrier, or there are more than 1,000.
func Sequence(seed [32]byte, label string, carriers map[string]int) ([]Turn, error) {
	codes := slices.Sorted(maps.Keys(carriers))
	total, rounds := 0, 0
	for _, code := range codes {
		n := carriers[code]
		if n < 1 || n > mostCarriers || total+n > mostCarriers {
			return nil, fault.New(fault.Invalid, "%s is to have %d explants or tissues", code, n).Try("give each group at least one, and all together at most %d", mostCarriers)
		}
		total, rounds = total+n, max(rounds, n)
	}
	r := stream(seed, label)
	order := inRounds(r, codes, carriers, rounds)
	turns := make([]Turn, total)
	for i, carrier := range r.Perm(total) {
		turns[i] = Turn{carrier + 1, order[i]}
	}
	return turns, nil
}

// inRounds returns each code so often as it has carriers, in rounds.
func inRounds(r *rand.Rand, codes []string, carriers map[string]int, rounds int) []string {
	parts := make([][]string, rounds)
	for _, code := range codes {
		for _, round := range r.Perm(rounds)[:carriers[code]] {
			parts[round] = append(parts[round], code)
		}
	}
	for _, part := range parts {
		r.Shuffle(len(part), func(i, j int) { part[i], part[j] = part[j], part[i] })
	}
	return slices.Concat(parts...)
}

// Order returns the wells of a plate in the order in which they are worked on: in
// rounds, as [Sequence] has them, and the wells of a code in a random order.
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
