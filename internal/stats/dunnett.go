package stats

import (
	"math"
	"slices"
)

// maxT is the distribution of the largest |T_i| of correlated t variables with
// a common denominator of df degrees of freedom, where T_i and T_j correlate as
// λ_i·λ_j: that of Dunnett's contrasts with λ_i = sqrt(n_i/(n_i+n_0)).
//
// Given the common part z of the numerators and the denominator s, the T_i are
// independent. The tail is integrated itself, as a positive integrand, so small
// p keep their digits. Both integrals run over the whole line (s on a
// logarithmic scale), where the integrand is analytic and dies off like a
// normal density: the trapezoidal rule then converges faster than any power of
// the step (Trefethen & Weideman 2014, doi:10.1137/130932132).
type maxT struct {
	df     float64
	lambda []float64 // distinct values
	count  []float64 // how often each occurs
}

func newMaxT(lambda []float64, df float64) maxT {
	m := maxT{df: df, lambda: slices.Compact(slices.Sorted(slices.Values(lambda)))}
	for _, l := range m.lambda {
		n := 0.0
		for _, v := range lambda {
			if v == l {
				n++
			}
		}
		m.count = append(m.count, n)
	}
	return m
}

// The trapezoidal error behaves as exp(-2π²/(h²·g)), g the curvature of the
// integrand's logarithm; stepScale/sqrt(g) makes that about 1e-17.
const stepScale = 0.7

// cutoff is the exponent below which the density of the denominator is nothing.
const cutoff = -80

// zEnd is where the normal density of the common part is nothing.
const zEnd = 12.0

// tail returns P(max |T_i| ≥ t).
func (m maxT) tail(t float64) float64 {
	if t == 0 {
		return 1
	}
	gz, gu := 1.0, 2*m.df
	for i, l := range m.lambda {
		rest := 1 - float64(l*l)
		gz += float64(m.count[i]*float64(l*l)) / rest
		gu += float64(m.count[i]*math.Min(float64(t*t), 81)) / rest
	}
	hz, hu := stepScale/math.Sqrt(gz), stepScale/math.Sqrt(gu)
	p := 0.0
	for _, u := range m.denominators(hu) {
		p += float64(m.density(u) * m.given(float64(t*math.Exp(u)), hz))
	}
	return math.Min(1, float64(p*hu))
}

// logDensity is the logarithm of the density of u = ln s, up to a constant that
// makes its largest value, at u = 0, equal to zero.
func (m maxT) logDensity(u float64) float64 { return float64(m.df * (u - math.Expm1(2*u)/2)) }

// density is the density of u = ln sqrt(χ²_df/df).
func (m maxT) density(u float64) float64 {
	half := m.df / 2
	lg, _ := math.Lgamma(half)
	peak := math.Ln2 + float64(half*math.Log(half)) - half - lg
	return math.Exp(peak + m.logDensity(u))
}

// denominators returns the nodes u, a multiple of h each, where the density
// matters.
func (m maxT) denominators(h float64) []float64 {
	first := 0
	for m.logDensity(float64(float64(first)*h)) > cutoff {
		first--
	}
	var nodes []float64
	for i := first; i <= 0 || m.logDensity(float64(float64(i)*h)) > cutoff; i++ {
		nodes = append(nodes, float64(float64(i)*h))
	}
	return nodes
}

// given returns P(max |T_i| ≥ t) for a known denominator; ts is t·s.
func (m maxT) given(ts, h float64) float64 {
	n := int(math.Ceil(zEnd / h))
	p := 0.0
	for i := -n; i <= n; i++ {
		z := float64(float64(i) * h)
		inside := 0.0 // logarithm of the probability that all lie inside
		for j, l := range m.lambda {
			r := math.Sqrt(1 - float64(l*l))
			outside := normalTail((ts+float64(l*z))/r) + normalTail((ts-float64(l*z))/r)
			inside += float64(m.count[j] * math.Log1p(-math.Min(1, outside)))
		}
		p -= float64(math.Exp(-float64(z*z)/2) * math.Expm1(inside))
	}
	return float64(p*h) / math.Sqrt(2*math.Pi)
}

// exceeded returns the t with P(max |T_i| ≥ t) = p: bisection between Student's
// quantile and Bonferroni's, sharpened by the secant on the logarithm.
func (m maxT) exceeded(p float64) float64 {
	k := sum(m.count)
	lo, hi := tExceeded(p, m.df), tExceeded(p/k, m.df)
	if k == 1 {
		return lo
	}
	flo, fhi := math.Log(m.tail(lo)/p), math.Log(m.tail(hi)/p)
	for range 60 {
		t := hi - float64(fhi*(hi-lo))/(fhi-flo)
		if !(t > lo && t < hi) {
			t = lo + (hi-lo)/2
		}
		f := math.Log(m.tail(t) / p)
		if math.Abs(f) < 1e-13 || hi-lo < 1e-13*hi {
			return t
		}
		if f > 0 {
			lo, flo, fhi = t, f, fhi/2 // halving keeps the other end from standing still (Illinois)
		} else {
			hi, fhi, flo = t, f, flo/2
		}
	}
	return hi
}
