package protocol

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"secretome/internal/fault"
)

// maxFaults is how many mistakes of one document are told; more help nobody.
const maxFaults = 100

// Faults are all mistakes of one document, in the order of their places. It is
// never empty where it is an error. [fault.Of] finds the first one.
type Faults []*fault.Fault

// Error returns one line a mistake: place, what is wrong, and what to do.
func (f Faults) Error() string {
	lines := make([]string, 0, len(f))
	for _, one := range f {
		line := one.Error()
		if one.Help != "" {
			line += "; " + one.Help
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the mistakes one by one.
func (f Faults) Unwrap() []error {
	all := make([]error, 0, len(f))
	for _, one := range f {
		all = append(all, one)
	}
	return all
}

// sorted returns f by place, shortened to what a person can use.
func (f Faults) sorted() Faults {
	slices.SortStableFunc(f, func(a, b *fault.Fault) int {
		return cmp.Or(cmp.Compare(a.Place.Line, b.Place.Line), cmp.Compare(a.Place.Column, b.Place.Column))
	})
	if len(f) > maxFaults {
		rest := fault.New(fault.Invalid, "and %d more mistakes", len(f)-maxFaults).Try("mend these first")
		f = append(f[:maxFaults:maxFaults], rest)
	}
	return f
}

// near returns the known word that looks most like word; empty if none does.
func near(word string, known []string) string {
	best, least := "", max(2, len(word)/3)+1
	for _, k := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(k)); d < least {
			best, least = k, d
		}
	}
	return best
}

// meant is the help for an unknown word: the nearest known one, or all.
func meant(word string, known []string) string {
	if n := near(word, known); n != "" {
		return fmt.Sprintf("perhaps %q is meant", n)
	}
	if len(known) == 0 {
		return "there is none"
	}
	return "known are: " + strings.Join(known, ", ")
}

// distance is the number of letters to insert, delete or exchange between a and
// b (Levenshtein 1966).
func distance(a, b string) int {
	if len(a) > 64 || len(b) > 64 {
		return 64
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next := min(row[j+1]+1, row[j]+1, diagonal+cost)
			diagonal, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}
