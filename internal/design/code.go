package design

import (
	"slices"

	"secretome/internal/fault"
)

// Letters and digits of codes: those that no handwriting confuses.
const (
	codeLetters = "ACDEFHJKLMNPQRTUVWXY"
	codeDigits  = "34679"
)

// Codes draws n different codes like X7Q, none of which is taken. Their order is
// random, so it says nothing. Only a quarter of those that are free is ever given
// out, so that a mistyped code is rarely another's. It fails with [fault.Invalid]
// if more are wanted.
func Codes(seed [32]byte, label string, n int, taken []string) ([]string, error) {
	if most := (len(codeLetters)*len(codeDigits)*len(codeLetters) - len(taken)) / 4; n > most {
		return nil, fault.New(fault.Invalid, "%d codes are wanted, there are at most %d", n, max(most, 0)).Try("seal fewer groups, or launch the models as runs of their own")
	}
	r := stream(seed, label)
	var codes []string
	for len(codes) < n {
		code := string([]byte{codeLetters[r.IntN(len(codeLetters))], codeDigits[r.IntN(len(codeDigits))], codeLetters[r.IntN(len(codeLetters))]})
		if !slices.Contains(codes, code) && !slices.Contains(taken, code) {
			codes = append(codes, code)
		}
	}
	return codes, nil
}
