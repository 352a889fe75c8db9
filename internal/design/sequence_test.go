package design_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"secretome/internal/design"
	"secretome/internal/fault"
	"secretome/internal/record"
)

func TestExplantsAreProcessedInRounds(t *testing.T) {
	carriers := map[string]int{"NC": 3, "MC": 3, "MV": 3, "T1": 3, "PC": 2}
	firsts := map[string]int{}
	for n := range uint64(1400) {
		turns, err := design.Sequence(seed(n), "skin/1", carriers)
		if err != nil {
			t.Fatal(err)
		}
		numbers, codes := map[int]bool{}, map[string]int{}
		for _, turn := range turns {
			numbers[turn.Carrier] = true
			codes[turn.Code]++
		}
		if len(numbers) != 14 || !numbers[1] || !numbers[14] || fmt.Sprint(codes) != fmt.Sprint(carriers) {
			t.Fatalf("seed %d deals %v", n, turns)
		}
		for _, code := range []string{"NC", "MC", "MV", "T1"} { // once among the first five, whoever of PC sits out
			if seen := slices.IndexFunc(turns, func(u design.Turn) bool { return u.Code == code }); seen > 4 {
				t.Fatalf("seed %d: %s comes up late in %v", n, code, turns)
			}
		}
		firsts[turns[0].Code]++
		firsts[fmt.Sprint(turns[0].Carrier)]++
	}
	for n := 1; n <= 14; n++ { // 100 ± 5 standard deviations of 9.6
		if k := firsts[fmt.Sprint(n)]; k < 52 || k > 148 {
			t.Errorf("explant %d comes first %d times of 1400", n, k)
		}
	}
	if k := firsts["NC"]; k < 230 || k > 390 { // 1400·(2/3·1/5 + 1/3·1/4) = 303, sd 15.4
		t.Errorf("NC comes first %d times of 1400", k)
	}
	for _, bad := range []map[string]int{{"NC": 0}, {"NC": -1}, {"NC": 600, "MV": 600}} {
		if _, err := design.Sequence(seed(1), "x", bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%v: %v", bad, err)
		}
	}
}

// The hash was printed once and never changes, as that of the plate.
func TestTheSameSeedGivesTheSameSequence(t *testing.T) {
	turns, err := design.Sequence(seed(42), "golden", map[string]int{"NC": 3, "MC": 3, "MV": 3, "CM10": 3, "CM50": 3, "PC": 2})
	if err != nil {
		t.Fatal(err)
	}
	b, err := record.Canonical(turns)
	if err != nil {
		t.Fatal(err)
	}
	const want = "06d688c6ab440614a4d099de9d58ec961ac88d03551420490b6b112c978b7019"
	if got := record.Hash(b); got != want {
		t.Errorf("the hash is %s, want %s: if the algorithm has changed on purpose, give it a new name\n%s", got, want, b)
	}
}

func TestCodesEnd(t *testing.T) {
	codes, err := design.Codes(seed(1), "x", 500, nil)
	if err != nil || len(slices.Compact(slices.Sorted(slices.Values(codes)))) != 500 {
		t.Errorf("%d codes, %v", len(codes), err)
	}
	for _, code := range codes {
		if len(code) != 3 || strings.ContainsAny(code, "IOSBZ01258") {
			t.Errorf("%s may be misread", code)
		}
	}
	for _, test := range []struct{ wanted, taken int }{{501, 0}, {3, 1990}} {
		if _, err := design.Codes(seed(1), "x", test.wanted, make([]string, test.taken)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%d codes beside %d: %v", test.wanted, test.taken, err)
		}
	}
}
