// Package sample has the physical things of a run and the arithmetic of cells
// in culture.
package sample

import (
	"math"
	"slices"
	"strings"

	"secretome/internal/fault"
)

// formula is a named computation: the units in which its arguments are taken
// and in which its result is given.
type formula struct {
	args    map[string]string // name → UCUM unit
	result  string            // UCUM unit
	compute func(map[string]float64) float64
}

// formulas are the computations that a protocol may name.
var formulas = map[string]formula{
	// PD = log2(harvested / seeded), both counted as viable.
	"population-doublings": {
		map[string]string{"harvested": "{cells}", "seeded": "{cells}"}, "{population doublings}",
		func(a map[string]float64) float64 { return math.Log2(a["harvested"] / a["seeded"]) },
	},
	// Cumulative PD: those before the passage and those of it.
	"total-doublings": {
		map[string]string{"before": "{population doublings}", "harvested": "{cells}", "seeded": "{cells}"}, "{population doublings}",
		func(a map[string]float64) float64 { return a["before"] + math.Log2(a["harvested"]/a["seeded"]) },
	},
	// DT = t · ln 2 / ln(harvested / seeded).
	"doubling-time": {
		map[string]string{"harvested": "{cells}", "seeded": "{cells}", "time": "h"}, "h",
		func(a map[string]float64) float64 { return a["time"] * math.Ln2 / math.Log(a["harvested"]/a["seeded"]) },
	},
	// Cell equivalents per millilitre of conditioned medium: viable cells at the
	// end over the volume collected.
	"cell-equivalents": {
		map[string]string{"cells": "{cells}", "volume": "mL"}, "{cells}/mL",
		func(a map[string]float64) float64 { return a["cells"] / a["volume"] },
	},
	// Micrograms of protein that a million viable cells gave off.
	"protein-per-million-cells": {
		map[string]string{"protein": "ug/mL", "volume": "mL", "cells": "{cells}"}, "ug",
		func(a map[string]float64) float64 { return a["protein"] * a["volume"] / (a["cells"] / 1e6) },
	},
	// CF = volume in / volume out, of an ultrafiltration.
	"concentration-factor": {
		map[string]string{"in": "mL", "out": "mL"}, "1",
		func(a map[string]float64) float64 { return a["in"] / a["out"] },
	},
	// Time of exposure: dose over irradiance.
	"exposure-time": {
		map[string]string{"dose": "mJ/cm2", "irradiance": "mW/cm2"}, "s",
		func(a map[string]float64) float64 { return a["dose"] / a["irradiance"] },
	},
	// How much a lamp changed, of what it gave before.
	"irradiance-drift": {
		map[string]string{"before": "mW/cm2", "after": "mW/cm2"}, "%",
		func(a map[string]float64) float64 { return math.Abs(a["after"]-a["before"]) / a["before"] * 100 },
	},
}

// Formula returns the units of a formula's arguments, by name, and of its
// result. It fails with [fault.Invalid] for an unknown one.
func Formula(name string) (args map[string]string, result string, err error) {
	f, ok := formulas[name]
	if !ok {
		var known []string
		for k := range formulas {
			known = append(known, k)
		}
		slices.Sort(known)
		return nil, "", fault.New(fault.Invalid, "unknown formula %q", name).Try("formulas are: %s", strings.Join(known, ", "))
	}
	return f.args, f.result, nil
}

// Compute evaluates a formula on arguments in the units that [Formula] names.
// It fails with [fault.Invalid] if the result is no finite number, for instance
// after a division by nothing.
func Compute(name string, args map[string]float64) (float64, error) {
	if _, _, err := Formula(name); err != nil {
		return 0, err
	}
	v := formulas[name].compute(args)
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0, fault.New(fault.Invalid, "%s has no result for these values", name).Try("check the counts: none may be zero, and a harvest must differ from what was seeded")
	}
	return v, nil
}
