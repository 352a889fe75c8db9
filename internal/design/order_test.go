package design_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"secretome/internal/design"
	"secretome/internal/record"
)

// placed lays codes row by row onto a plate of 24 wells.
func placed(wells map[string]int) map[design.Position]string {
	plate := map[design.Position]string{}
	free := area(0, 0, 4, 6)
	for _, code := range slices.Sorted(maps.Keys(wells)) {
		for range wells[code] {
			plate[free[0]], free = code, free[1:]
		}
	}
	return plate
}

func TestExplantsAreProcessedInRounds(t *testing.T) {
	wells := map[string]int{"NC": 3, "MC": 3, "MV": 3, "T1": 3, "PC": 2}
	plate := placed(wells)
	firsts := map[string]int{}
	for n := range uint64(1400) {
		order := design.Order(seed(n), "skin/1", plate)
		seen, codes := map[design.Position]bool{}, map[string]int{}
		for _, at := range order {
			seen[at] = true
			codes[plate[at]]++
		}
		if len(order) != 14 || len(seen) != 14 || fmt.Sprint(codes) != fmt.Sprint(wells) {
			t.Fatalf("seed %d orders %v", n, order)
		}
		for _, code := range []string{"NC", "MC", "MV", "T1"} { // once among the first five, whoever of PC sits out
			if first := slices.IndexFunc(order, func(at design.Position) bool { return plate[at] == code }); first > 4 {
				t.Fatalf("seed %d: %s comes up late in %v", n, code, order)
			}
		}
		firsts[plate[order[0]]]++
		firsts[order[0].String()]++
	}
	for at, code := range plate { // an explant of NC: 303/3 = 101, sd 9.7; of PC: 1400·2/3·1/5/2 = 93
		if k := firsts[at.String()]; k < 52 || k > 148 {
			t.Errorf("explant %s of %s comes first %d times of 1400", at, code, k)
		}
	}
	if k := firsts["NC"]; k < 230 || k > 390 { // 1400·(2/3·1/5 + 1/3·1/4) = 303, sd 15.4
		t.Errorf("NC comes first %d times of 1400", k)
	}
}

// The hash was printed once and never changes, as that of the plate.
func TestTheSameSeedGivesTheSameOrder(t *testing.T) {
	var wells []string
	for _, at := range design.Order(seed(42), "golden", placed(map[string]int{"NC": 3, "MC": 3, "MV": 3, "CM10": 3, "CM50": 3, "PC": 2})) {
		wells = append(wells, at.String())
	}
	b, err := record.Canonical(wells)
	if err != nil {
		t.Fatal(err)
	}
	const want = "5df5c77e70925336280c25837c8b770b64e12db126fea0891ff7c5332ee68df8"
	if got := record.Hash(b); got != want {
		t.Errorf("the hash is %s, want %s: if the algorithm has changed on purpose, give it a new name\n%s", got, want, b)
	}
}
