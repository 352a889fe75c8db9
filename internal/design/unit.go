package design

import (
	"slices"
	"strings"

	"secretome/internal/fault"
)

// Unit is what N may count: the smallest thing that receives a treatment by
// itself and does not share the error of its run.
type Unit string

// The experimental units.
const (
	Run    Unit = "run"    // an independent thaw on its own day; a group's wells in it are averaged
	Donor  Unit = "donor"  // of cells or skin; what is taken from one donor is averaged
	Tissue Unit = "tissue" // of a batch of reconstructed tissues
	Lot    Unit = "lot"    // of conditioned medium
)

// Units lists all.
func Units() []Unit { return []Unit{Run, Donor, Tissue, Lot} }

// ParseUnit reads an experimental unit. A repeated measurement is never one; it
// fails with [fault.Invalid] and says what to count instead.
func ParseUnit(text string) (Unit, error) {
	if u := Unit(text); slices.Contains(Units(), u) {
		return u, nil
	}
	for _, repeated := range []string{"well", "plate", "replicate", "aliquot", "field", "explant"} {
		if strings.Contains(strings.ToLower(text), repeated) {
			return "", fault.New(fault.Invalid, "%q is a repeated measurement and can never be what N counts", text).
				Try("write what is independent: run, donor, tissue or lot; repeated measurements are averaged first")
		}
	}
	return "", fault.New(fault.Invalid, "unknown experimental unit %q", text).Try("write run, donor, tissue or lot")
}
