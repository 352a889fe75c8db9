package stats

import (
	"cmp"
	"math"

	"secretome/internal/fault"
)

// The limits between which power is computed.
const (
	leastAlpha = 1e-6
	mostGroups = 100
	mostN      = 1e5
	leastD     = 0.005 // of standard deviations: below it mostN do not suffice
	mostD      = 50
)

// TwoMeans is a two-sided t test, with equal variances, of two groups whose true
// means lie apart.
type TwoMeans struct {
	D     float64 // how far apart, in standard deviations; the sign does not matter
	Alpha float64 // level of the test
}

// Power returns the probability that the test finds the difference in its true
// direction with n experimental units per group, never wells. n need not be
// whole, as the solution of [TwoMeans.Size] is not. A significant difference in
// the wrong direction is no success and does not count (as in R's power.t.test,
// which counts it if asked to be strict). It fails with [fault.Invalid] for n
// outside 2 to 100,000 and effects or levels that make no test.
func (m TwoMeans) Power(n float64) (float64, error) {
	if err := cmp.Or(m.check(), perGroup(n)); err != nil {
		return 0, err
	}
	return m.power(n), nil
}

// Size returns the n per group that gives the power; see [TwoMeans.Power]. A study
// takes the next whole number. It is never below 2. It fails with [fault.Invalid]
// for a power that is not above alpha and below 1, and if 100,000 units do not
// suffice.
func (m TwoMeans) Size(power float64) (float64, error) {
	if err := m.check(); err != nil {
		return 0, err
	}
	return size(power, m.Alpha, m.power)
}

func (m TwoMeans) check() error {
	if d := math.Abs(m.D); !(d >= leastD && d <= mostD) {
		return fault.New(fault.Invalid, "means that lie %v standard deviations apart, expected %v to %v", m.D, leastD, mostD).Field("effect")
	}
	return level(m.Alpha)
}

func (m TwoMeans) power(n float64) float64 {
	df := float64(2 * (n - 1))
	t := math.Sqrt(fExceeded(m.Alpha, 1, df)) // |T| exceeds it with probability alpha
	return noncentralTTail(t, df, float64(math.Sqrt(n/2)*math.Abs(m.D)))
}

// ManyMeans is a one-way analysis of variance of groups whose true means differ.
type ManyMeans struct {
	Groups  int
	Between float64 // variance of the true means, with k-1
	Within  float64 // variance of the units within a group
	Alpha   float64 // level of the test
}

// Power returns the probability that the test finds a difference with n
// experimental units per group; else as [TwoMeans.Power].
func (m ManyMeans) Power(n float64) (float64, error) {
	if err := cmp.Or(m.check(), perGroup(n)); err != nil {
		return 0, err
	}
	return m.power(n), nil
}

// Size returns the n per group that gives the power, as [TwoMeans.Size].
func (m ManyMeans) Size(power float64) (float64, error) {
	if err := m.check(); err != nil {
		return 0, err
	}
	return size(power, m.Alpha, m.power)
}

func (m ManyMeans) check() error {
	if m.Groups < 2 || m.Groups > mostGroups {
		return fault.New(fault.Invalid, "%d groups, expected 2 to %d", m.Groups, mostGroups).Field("groups")
	}
	if f := m.Between / m.Within; !(m.Between > 0 && m.Within > 0 && f >= leastD*leastD/2 && f <= mostD*mostD/2) {
		return fault.New(fault.Invalid, "variances of %v between and %v within groups, expected two above 0 that can be compared", m.Between, m.Within).Field("effect")
	}
	return level(m.Alpha)
}

func (m ManyMeans) power(n float64) float64 {
	k := float64(m.Groups)
	df1, df2 := k-1, float64((n-1)*k)
	return noncentralFTail(fExceeded(m.Alpha, df1, df2), df1, df2, float64(df1*n)*(m.Between/m.Within))
}

func level(alpha float64) error {
	if !(alpha >= leastAlpha && alpha <= 0.5) {
		return fault.New(fault.Invalid, "alpha is %v, expected %v to 0.5", alpha, leastAlpha).Field("alpha")
	}
	return nil
}

func perGroup(n float64) error {
	if !(n >= 2 && n <= mostN) {
		return fault.New(fault.Invalid, "%v units per group, expected 2 to %v", n, mostN).Field("n")
	}
	return nil
}

// size returns the least n of 2 and more at which a growing function reaches the
// power.
func size(power, alpha float64, at func(n float64) float64) (float64, error) {
	if !(power > alpha && power < 1) {
		return 0, fault.New(fault.Invalid, "power is %v, expected more than alpha, %v, and less than 1", power, alpha).Field("power")
	}
	lo, hi := 2.0, 2.0
	for at(hi) < power {
		if lo, hi = hi, 2*hi; hi > mostN {
			return 0, fault.New(fault.Invalid, "more than %v units per group are needed", lo).Field("effect").Try("look for a larger effect, or settle for less power")
		}
	}
	if lo == hi {
		return hi, nil
	}
	return bisect(lo, hi, func(n float64) bool { return at(n) < power }), nil
}

// LeastRankSumP returns the smallest two-sided p that the rank sum test of
// Wilcoxon, Mann and Whitney can reach for groups of m and n without ties:
// 2/C(m+n, m), at most 1. It fails with [fault.Invalid] for an empty group.
func LeastRankSumP(m, n int) (float64, error) {
	if m < 1 || n < 1 {
		return 0, fault.New(fault.Invalid, "groups of %d and %d, expected at least 1 in each", m, n)
	}
	p := 2.0
	for i := 1; i <= min(m, n); i++ { // C(m+n, i) from C(m+n, i-1)
		p = float64(p*float64(i)) / float64(max(m, n)+i)
	}
	return math.Min(1, p), nil
}

// LeastSignedRankP returns the smallest two-sided p that Wilcoxon's signed rank
// test can reach for n pairs without ties: 2/2ⁿ. It fails with [fault.Invalid]
// for no pair.
func LeastSignedRankP(n int) (float64, error) {
	if n < 1 {
		return 0, fault.New(fault.Invalid, "%d pairs, expected at least 1", n)
	}
	return math.Ldexp(1, 1-n), nil
}
