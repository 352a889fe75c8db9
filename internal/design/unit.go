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

// Count returns N of a group, from the blocks of the model and the units of a
// group in one block. Runs, donors and lots count once a block, so theirs is 0;
// repeated measurements are averaged and appear nowhere. It fails with
// [fault.Invalid] for numbers that make no N.
func (u Unit) Count(blocks, units int) (int, error) {
	if _, err := ParseUnit(string(u)); err != nil {
		return 0, err
	}
	switch {
	case blocks < 1:
		return 0, fault.New(fault.Invalid, "%d blocks give no N", blocks).Field("blocks").Try("plan at least one block")
	case u != Tissue && units != 0:
		return 0, fault.New(fault.Invalid, "N counts each %s once, whatever is measured in it; %d units of a group in one block are given", u, units).Field("units").Try("leave units out: what is repeated within a %s is averaged", u)
	case u == Tissue && units < 1:
		return 0, fault.New(fault.Invalid, "%d tissues of a group in one block give no N", units).Field("units").Try("say how many tissues of a batch each group gets")
	case u == Tissue:
		return blocks * units, nil
	}
	return blocks, nil
}
