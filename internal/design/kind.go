package design

import (
	"regexp"
	"slices"
)

// Occasion says when a model must have a group.
type Occasion string

// The occasions.
const (
	Always    Occasion = "always"
	OnPlates  Occasion = "plates"       // read in an optical reader, with cells in its wells
	Stressed  Occasion = "stressed"     // the model is a stressed one
	Cytotoxic Occasion = "cytotoxicity" // the effect is cell death
	Optional  Occasion = "optional"
)

// Kind is a group as the practice of such studies knows it.
type Kind struct {
	Code    string
	Title   string
	Purpose string // what cannot be said without it
	When    Occasion
	Open    bool // never blinded: a plate is judged by it before the data are locked
}

// Kinds lists them, controls first. T stands for T1, T2 …, and for CM with a
// dose behind it, as in CM20.
func Kinds() []Kind {
	return []Kind{
		{"BLK", "medium and reagent without cells", "the background of reader and reagent", OnPlates, true},
		{"CMB", "conditioned medium of each dose and reagent without cells", "the signal of the conditioned medium itself, which reduces dyes and contains what is measured", OnPlates, true},
		{"NC", "no stress, no test article", "what 0 % of an effect is", Always, true},
		{"VC", "no stress, unconditioned medium", "the effect of the vehicle", Always, false},
		{"CM0", "no stress, conditioned medium at the top dose", "whether conditioned medium alone does harm", Stressed, false},
		{"MC", "stress, no test article", "whether the stress took", Stressed, false},
		{"MV", "stress and unconditioned medium", "what every claim is compared with", Stressed, false},
		{"T", "conditioned medium in doses", "the test", Always, false},
		{"PC", "stress and a reference drug", "whether the assay can see protection", Stressed, false},
		{"KC", "all cells killed", "what 100 % of an effect is", Cytotoxic, true},
		{"SC", "stress and the conditioned medium of other cells", "whether the effect is the secretome's own", Optional, false},
	}
}

var testGroup = regexp.MustCompile(`^(?:T|CM)[0-9]+$`)

// KindOf returns what kind of group a code names. A laboratory may name groups
// otherwise; of those it knows nothing.
func KindOf(code string) (Kind, bool) {
	if known := slices.IndexFunc(Kinds(), func(k Kind) bool { return k.Code == code }); known < 0 && testGroup.MatchString(code) {
		code = "T"
	}
	i := slices.IndexFunc(Kinds(), func(k Kind) bool { return k.Code == code })
	if i < 0 {
		return Kind{}, false
	}
	return Kinds()[i], true
}

// Lacking returns the kinds of group that a model with the given codes must have
// on these occasions and has not. [Always] goes without saying.
func Lacking(codes []string, occasions ...Occasion) []Kind {
	has := map[string]bool{}
	for _, code := range codes {
		if k, ok := KindOf(code); ok {
			has[k.Code] = true
		}
	}
	var lacking []Kind
	for _, k := range Kinds() {
		if !has[k.Code] && (k.When == Always || slices.Contains(occasions, k.When)) {
			lacking = append(lacking, k)
		}
	}
	return lacking
}
