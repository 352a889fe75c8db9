package sample

import (
	"math"
	"testing"
)

// The expected values are worked examples of the domain specification, checked
// in R: log2(9.0e6/1.2e6) and 96 h * ln2 / ln(9.0e6/1.2e6).
func TestFormulas(t *testing.T) {
	for _, test := range []struct {
		formula string
		args    map[string]float64
		want    float64
	}{
		{"population-doublings", map[string]float64{"harvested": 9.0e6, "seeded": 1.2e6}, 2.9068905956},
		{"doubling-time", map[string]float64{"harvested": 9.0e6, "seeded": 1.2e6, "time": 96}, 33.02497870},
		{"total-doublings", map[string]float64{"before": 4, "harvested": 9.0e6, "seeded": 1.2e6}, 6.9068905956},
		{"exposure-time", map[string]float64{"dose": 50, "irradiance": 1.25}, 40},
		{"irradiance-drift", map[string]float64{"before": 1.25, "after": 1.2}, 4},
		{"concentration-factor", map[string]float64{"in": 200, "out": 20}, 10},
		{"protein-per-million-cells", map[string]float64{"protein": 120, "volume": 30, "cells": 6e6}, 600},
		{"cell-equivalents", map[string]float64{"cells": 6e6, "volume": 12}, 5e5},
	} {
		got, err := Compute(test.formula, test.args)
		if err != nil || math.Abs(got/test.want-1) > 1e-9 {
			t.Errorf("%s = %.10g, %v; want %.10g", test.formula, got, err, test.want)
		}
	}
}

func TestNothingSeededHasNoDoublings(t *testing.T) {
	if v, err := Compute("population-doublings", map[string]float64{"harvested": 1, "seeded": 0}); err == nil {
		t.Errorf("got %v, want an error", v)
	}
	if _, _, err := Formula("half-life"); err == nil {
		t.Error("an unknown formula was accepted")
	}
}
