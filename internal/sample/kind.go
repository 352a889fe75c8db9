package sample

import "slices"

// kinds are the things of a laboratory, from the donor to what is measured. Of
// those that are kept there is a logbook of their own, with a state and, where
// somebody said how much there is, a balance: they outlive a run.
var kinds = []struct {
	name string
	kept bool
}{
	{Donor, true},
	{"cord", false},
	{"isolation", false},
	{"vial", true},
	{"vessel", false},
	{"pool", false},
	{CM, true},
	{Unconditioned, true},
	{"aliquot", false},
	{"reagent", true},
	{"explant", false},
	{"tissue", false},
	{"plate", false},
	{"sample", false},
}

// Kinds lists the kinds of things.
func Kinds() []string {
	var all []string
	for _, k := range kinds {
		all = append(all, k.name)
	}
	return all
}

// KeptKinds lists the kinds of which a state and a balance are kept.
func KeptKinds() []string {
	return slices.DeleteFunc(Kinds(), func(name string) bool { return !Kept(name) })
}

// Kept reports whether a kind has a state and a balance.
func Kept(kind string) bool {
	for _, k := range kinds {
		if k.name == kind {
			return k.kept
		}
	}
	return false
}
