package quantity

import (
	"math/big"
	"slices"
	"strings"

	"secretome/internal/fault"
)

// unit is a UCUM unit: what it measures, and how many of the dimension's first
// unit it is, as a fraction.
type unit struct {
	dimension string
	num, den  int64
}

func (u unit) factor() *big.Rat { return big.NewRat(u.num, u.den) }

// units holds the units of domain knowledge that protocols use, by UCUM code.
// Temperatures are never converted, so they have one unit.
var units = map[string]unit{
	"s": {"time", 1, 1}, "min": {"time", 60, 1}, "h": {"time", 3600, 1}, "d": {"time", 86400, 1},
	"wk": {"time", 604800, 1}, "a": {"time", 31557600, 1},
	"uL": {"volume", 1, 1_000_000}, "mL": {"volume", 1, 1000}, "L": {"volume", 1, 1},
	"ug": {"mass", 1, 1_000_000}, "mg": {"mass", 1, 1000}, "g": {"mass", 1, 1}, "kg": {"mass", 1000, 1},
	"um": {"length", 1, 1_000_000}, "mm": {"length", 1, 1000}, "cm": {"length", 1, 100}, "m": {"length", 1, 1},
	"nm": {"length", 1, 1_000_000_000}, "cm2": {"area", 1, 1}, "mm2": {"area", 1, 100},
	"pg/mL": {"mass concentration", 1, 1000}, "ng/mL": {"mass concentration", 1, 1}, "ug/mL": {"mass concentration", 1000, 1}, "mg/mL": {"mass concentration", 1_000_000, 1},
	"nmol/L": {"molar concentration", 1, 1000}, "umol/L": {"molar concentration", 1, 1}, "mmol/L": {"molar concentration", 1000, 1},
	"%": {"ratio", 1, 100}, "1": {"ratio", 1, 1}, "%{v/v}": {"volume fraction", 1, 1}, "%{w/v}": {"mass per volume", 1, 1},
	"{cells}": {"number of cells", 1, 1}, "{cells}/mL": {"cells per volume", 1, 1}, "{cells}/cm2": {"cells per area", 1, 1},
	"{population doublings}": {"number of population doublings", 1, 1}, "{pieces}": {"number of pieces", 1, 1},
	"Cel": {"temperature", 1, 1}, "[g]": {"relative centrifugal force", 1, 1},
	"{AU}": {"absorbance", 1, 1}, "[EU]/mL": {"endotoxin concentration", 1, 1}, "mosm/kg": {"osmolality", 1, 1},
	"[pH]": {"pH", 1, 1}, "mJ/cm2": {"radiant exposure", 1, 1}, "mW/cm2": {"irradiance", 1, 1},
	"Ohm.cm2": {"transepithelial resistance", 1, 1}, "g/m2/h": {"water loss", 1, 1}, "ug/(10*6.{cells})": {"mass per cells", 1, 1},
}

// spoken are the words of the bench for some codes, in lower case.
var spoken = map[string]string{
	"°c": "Cel", "c": "Cel", "cells": "{cells}", "cells/ml": "{cells}/mL", "cells/cm2": "{cells}/cm2", "cells/cm²": "{cells}/cm2",
	"cm²": "cm2", "mm²": "mm2", "ml": "mL", "ul": "uL", "l": "L", "hours": "h", "hour": "h", "days": "d", "day": "d", "minutes": "min",
	"au": "{AU}", "od": "{AU}", "xg": "[g]", "×g": "[g]", "x g": "[g]", "× g": "[g]", "ph": "[pH]", "eu/ml": "[EU]/mL", "pieces": "{pieces}", "% v/v": "%{v/v}", "%v/v": "%{v/v}",
}

// code returns the UCUM code that a word stands for.
func code(word string) (string, bool) {
	word = strings.NewReplacer("µ", "u", "μ", "u").Replace(word)
	if _, ok := units[word]; ok {
		return word, true
	}
	c, ok := spoken[strings.ToLower(word)]
	return c, ok
}

// Known reports whether unit is a UCUM code of the table.
func Known(unit string) bool { _, ok := units[unit]; return ok }

// Dimension returns what a unit measures, for instance "volume"; empty for an
// unknown one.
func Dimension(unit string) string { return units[unit].dimension }

// Alternatives returns the units of the same dimension, sorted.
func Alternatives(unit string) []string {
	var alike []string
	for c, u := range units {
		if u.dimension == units[unit].dimension {
			alike = append(alike, c)
		}
	}
	slices.Sort(alike)
	return alike
}

func unknownUnit(word string) error {
	f := fault.New(fault.Invalid, "unknown unit %q", word)
	if strings.EqualFold(word, "rpm") {
		return f.Try("a rotor's speed says nothing without its radius: give the relative centrifugal force in [g]")
	}
	var near []string
	for c := range units {
		if strings.EqualFold(c, word) || len(word) > 1 && strings.HasPrefix(strings.ToLower(c), strings.ToLower(word[:1])) && len(c) == len(word) {
			near = append(near, c)
		}
	}
	slices.Sort(near)
	if len(near) > 0 {
		return f.Try("units that look like it: %s", strings.Join(near, ", "))
	}
	return f.Try("write a UCUM code, for instance mL, ug/mL, {cells}, Cel, h")
}
