package quantity

import (
	"slices"
	"strings"

	"secretome/internal/fault"
)

// glyphs are the signs of print, and their UCUM spelling.
var glyphs = strings.NewReplacer("µ", "u", "μ", "u", "Ω", "Ohm", "Ω", "Ohm", "°C", "Cel", "°c", "Cel", "℃", "Cel",
	"·", ".", "⋅", ".", "⁻", "-", "¹", "1", "²", "2", "³", "3", "10^", "10*")

// phrases are the words of the bench that stand for a whole unit, in lower case.
var phrases = map[string]string{
	"xg": "[g]", "×g": "[g]", "x g": "[g]", "× g": "[g]", "mm2": "mm2", "population doublings": "{population doublings}",
	"% v/v": "%{v/v}", "%v/v": "%{v/v}", "% (v/v)": "%{v/v}", "%(v/v)": "%{v/v}",
	"% w/v": "%{w/v}", "%w/v": "%{w/v}", "% (w/v)": "%{w/v}", "%(w/v)": "%{w/v}",
}

// molar are the chemist's letters; their case matters, since mm is a length.
var molar = map[string]string{"M": "mol/L", "mM": "mmol/L", "uM": "umol/L", "nM": "nmol/L", "pM": "pmol/L"}

// words are the words of the bench that stand for one atom of a unit, in lower
// case. Lower case l is UCUM's second sign of the litre; we write L.
var words = map[string]string{
	"l": "L", "dl": "dL", "cl": "cL", "ml": "mL", "ul": "uL", "nl": "nL", "pl": "pL", "cm": "cm",
	"seconds": "s", "second": "s", "minutes": "min", "minute": "min", "hours": "h", "hour": "h", "days": "d", "day": "d",
	"weeks": "wk", "week": "wk", "years": "a", "year": "a", "c": "Cel", "cel": "Cel",
	"cells": "{cells}", "cell": "{cells}", "pieces": "{pieces}", "piece": "{pieces}", "wells": "{wells}", "well": "{wells}",
	"colonies": "{colonies}", "particles": "{particles}", "copies": "{copies}",
	"au": "{AU}", "od": "{AU}", "rfu": "{RFU}", "rlu": "{RLU}", "ph": "[pH]", "cfu": "[CFU]", "pfu": "[PFU]",
	"eu": "[EU]", "[eu]": "[EU]", "iu": "[iU]", "[iu]": "[iU]", "osm": "osm", "mosm": "mosm", "ohm": "Ohm", "mmhg": "mm[Hg]",
}

// code returns the UCUM code that a typed word stands for.
func code(word string) (string, bool) {
	if len(word) > 2*maxUnit {
		return "", false
	}
	word = glyphs.Replace(word)
	if Known(word) {
		return word, true
	}
	if c, ok := molar[word]; ok {
		return c, true
	}
	if c, ok := phrases[strings.ToLower(word)]; ok {
		return c, true
	}
	word = spell(word)
	return word, Known(word)
}

// spell writes every atom of a unit as UCUM does.
func spell(word string) string {
	var b strings.Builder
	r := reader{rest: word}
	for r.rest != "" {
		name := r.symbol()
		if name == "" {
			b.WriteByte(r.rest[0])
			r.rest = r.rest[1:]
			continue
		}
		if c, ok := words[strings.ToLower(name)]; ok {
			name = c
		}
		b.WriteString(name)
	}
	return b.String()
}

// unknownUnit explains what a word may have meant.
func unknownUnit(word string) error {
	f := fault.New(fault.Invalid, "unknown unit %s", quote(word))
	switch {
	case strings.EqualFold(word, "rpm"):
		return f.Try("a rotor's speed says nothing without its radius: give the relative centrifugal force in [g]")
	case strings.HasPrefix(word, "{"):
		return f.Try("what is counted is one of %s; anything else is counted in 1", strings.Join(counted(), ", "))
	}
	if near := similar(word); len(near) > 0 {
		return f.Try("units that look like it: %s", strings.Join(near, ", "))
	}
	return f.Try("write a UCUM code, for instance mL, ug/mL, {cells}, Cel, h")
}

// similar returns the usual units that differ from word in case only, else those
// of the same length that begin like it.
func similar(word string) []string {
	var cased, near []string
	for _, c := range usual {
		switch {
		case strings.EqualFold(c, word):
			cased = append(cased, c)
		case len(word) > 1 && len(c) == len(word) && strings.EqualFold(c[:1], word[:1]):
			near = append(near, c)
		}
	}
	if len(cased) > 0 {
		return cased
	}
	return near
}

// counted returns the annotations that are units, sorted.
func counted() []string {
	var list []string
	for c := range atoms {
		if strings.HasPrefix(c, "{") {
			list = append(list, c)
		}
	}
	slices.Sort(list)
	return list
}
