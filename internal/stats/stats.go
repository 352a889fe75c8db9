// Package stats computes: numbers in, numbers out. It has the tests and fits
// that analyses of plates need, and nothing that reads, prints or waits.
//
// # Rules
//
// No result is NaN or infinite: what cannot be computed is a [fault.Invalid]
// that says why. Input is not changed. Sums run in the order of the input, and
// a product that is added to something is converted explicitly, so that no
// compiler fuses the two: equal input gives equal bits on every machine (as far
// as the incomplete beta function of gonum does).
//
// Intervals are two-sided and cover 95 %. p-values are two-sided.
package stats

import (
	"math"
	"slices"

	"secretome/internal/fault"
)

// confidence is what all intervals of this package cover.
const confidence = 0.95

// Interval is a range that covers the true value with 95 % confidence.
type Interval struct{ Lo, Hi float64 }

func around(centre, halfWidth float64) Interval {
	return Interval{centre - halfWidth, centre + halfWidth}
}

// finite refuses values that are no numbers; what names them in the sentence.
func finite(what string, values []float64) error {
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fault.New(fault.Invalid, "%s number %d is %v, expected a number", what, i+1, v)
		}
	}
	return nil
}

// enough refuses fewer than least values, and those that are no numbers.
func enough(what string, values []float64, least int) error {
	if len(values) < least {
		return fault.New(fault.Invalid, "%s: %d values, expected at least %d", what, len(values), least)
	}
	return finite(what, values)
}

func sum(values []float64) float64 {
	s := 0.0
	for _, v := range values {
		s += v
	}
	return s
}

// dot returns Σ a[i]·b[i].
func dot(a, b []float64) float64 {
	s := 0.0
	for i := range a {
		s += float64(a[i] * b[i])
	}
	return s
}

// centre returns the mean, corrected once by the mean of the residuals, which
// recovers the digits that a sum of large equal values loses.
func centre(values []float64) float64 {
	n := float64(len(values))
	m := sum(values) / n
	rest := 0.0
	for _, v := range values {
		rest += v - m
	}
	return m + rest/n
}

// squares returns Σ (v-m)².
func squares(values []float64, m float64) float64 {
	s := 0.0
	for _, v := range values {
		s += float64((v - m) * (v - m))
	}
	return s
}

// Mean returns the arithmetic mean of at least one value.
func Mean(values []float64) (float64, error) {
	if err := enough("mean", values, 1); err != nil {
		return 0, err
	}
	return centre(values), nil
}

// Median returns the middle value, or the mean of the two middle values.
func Median(values []float64) (float64, error) {
	if err := enough("median", values, 1); err != nil {
		return 0, err
	}
	return middle(values), nil
}

func middle(values []float64) float64 {
	v := slices.Sorted(slices.Values(values))
	h := len(v) / 2
	if len(v)%2 == 1 {
		return v[h]
	}
	return v[h-1]/2 + v[h]/2
}

// Summary describes one sample.
type Summary struct {
	N        int
	Mean     float64
	SD       float64 // with n-1
	SE       float64 // of the mean
	CI       Interval
	Median   float64
	Min, Max float64
}

// Describe summarises at least two values. Constant values have SD 0.
func Describe(values []float64) (Summary, error) {
	if err := enough("description", values, 2); err != nil {
		return Summary{}, err
	}
	n := float64(len(values))
	s := Summary{N: len(values), Mean: centre(values), Median: middle(values), Min: slices.Min(values), Max: slices.Max(values)}
	s.SD = math.Sqrt(squares(values, s.Mean) / (n - 1))
	s.SE = s.SD / math.Sqrt(n)
	s.CI = around(s.Mean, float64(tQuantile(n-1)*s.SE))
	return s, finite("result", []float64{s.Mean, s.SD, s.CI.Lo, s.CI.Hi})
}
