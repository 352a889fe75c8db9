package stats

import (
	"math"

	"gonum.org/v1/gonum/mathext"
)

// Both tails here are sums over j of a weight times P(Beta(a_j, df2/2) ≥ x). All
// terms are positive, so small tails keep their digits. A sum starts at the most
// likely j and goes both ways until nothing changes.

// noncentralFTail returns P(F ≥ f) of the noncentral F distribution with the
// noncentrality λ:
//
//	Σ_j exp(-λ/2)·(λ/2)^j/j! · P(Beta(df1/2 + j, df2/2) ≥ x),  x = df1·f/(df1·f + df2)
//
// (Johnson, Kotz & Balakrishnan 1995, Continuous Univariate Distributions 2,
// section 30.2).
func noncentralFTail(f, df1, df2, lambda float64) float64 {
	if f <= 0 {
		return 1
	}
	y := df2 / (df2 + float64(df1*f)) // 1 - x, without cancellation
	return mixture(lambda/2, func(j, weight float64) float64 {
		return float64(weight * mathext.RegIncBeta(df2/2, df1/2+j, y))
	})
}

// noncentralTTail returns P(T ≥ t) of the noncentral t distribution, for t ≥ 0
// and δ > 0:
//
//	½ Σ_j p_j·P(Beta(j+½, df/2) ≥ x) + q_j·P(Beta(j+1, df/2) ≥ x),  x = t²/(t² + df)
//
// with the Poisson weights p_j of the mean δ²/2 and q_j = p_j·δ/√2·j!/Γ(j+3/2)
// (Lenth 1989, Algorithm AS 243, doi:10.2307/2347693).
func noncentralTTail(t, df, delta float64) float64 {
	y := df / (df + float64(t*t))
	half := float64(delta*delta) / 2
	return mixture(half, func(j, weight float64) float64 {
		up, _ := math.Lgamma(j + 1)
		down, _ := math.Lgamma(j + 1.5)
		q := float64(weight * delta / math.Sqrt2 * math.Exp(up-down))
		return float64(weight*mathext.RegIncBeta(df/2, j+0.5, y)/2) + float64(q*mathext.RegIncBeta(df/2, j+1, y)/2)
	})
}

// tinyWeight is what no sum of a noncentral distribution feels.
const tinyWeight = 1e-18

// mixture sums the terms over j, given its Poisson weight at the mean.
func mixture(mean float64, term func(j, weight float64) float64) float64 {
	most := math.Floor(mean)
	p := 0.0
	for j := most; ; j++ {
		w := poisson(j, mean)
		p += term(j, w)
		if w < tinyWeight {
			break
		}
	}
	for j := most - 1; j >= 0; j-- {
		w := poisson(j, mean)
		p += term(j, w)
		if w < tinyWeight {
			break
		}
	}
	return math.Min(1, p)
}

// poisson returns the probability of j at a mean above 0.
func poisson(j, mean float64) float64 {
	lg, _ := math.Lgamma(j + 1)
	return math.Exp(float64(j*math.Log(mean)) - mean - lg)
}

// fExceeded returns the f with P(F ≥ f) = p, by bisection until the two ends are
// neighbours.
func fExceeded(p, df1, df2 float64) float64 {
	hi := 1.0
	for fTail(hi, df1, df2) > p {
		hi *= 2
	}
	return bisect(0, hi, func(f float64) bool { return fTail(f, df1, df2) > p })
}

// bisect returns the least number between lo and hi that is not below the one
// that is sought.
func bisect(lo, hi float64, below func(float64) bool) float64 {
	for {
		mid := lo + (hi-lo)/2
		switch {
		case mid <= lo || mid >= hi:
			return hi
		case below(mid):
			lo = mid
		default:
			hi = mid
		}
	}
}
