package stats

import (
	"math"

	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"
)

// tTail returns P(|T| ≥ |t|) for Student's t with df degrees of freedom. The
// tail itself is computed, so small p keep their digits.
func tTail(t, df float64) float64 {
	if t == 0 {
		return 1
	}
	return mathext.RegIncBeta(df/2, 0.5, df/(df+float64(t*t)))
}

// fTail returns P(F ≥ f).
func fTail(f, df1, df2 float64) float64 {
	if f <= 0 {
		return 1
	}
	return mathext.RegIncBeta(df2/2, df1/2, df2/(df2+float64(df1*f)))
}

// tQuantile returns the t that |T| exceeds with probability 0.05.
func tQuantile(df float64) float64 { return tExceeded(1-confidence, df) }

// tExceeded returns the t with P(|T| ≥ t) = p: gonum's quantile, polished by
// Newton steps on the tail.
func tExceeded(p, df float64) float64 {
	d := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: df}
	t := d.Quantile(1 - p/2)
	for range 3 {
		t += (tTail(t, df) - p) / float64(2*d.Prob(t))
	}
	return t
}

// normalTail returns P(Z ≥ z) of the standard normal distribution.
func normalTail(z float64) float64 { return math.Erfc(z/math.Sqrt2) / 2 }
