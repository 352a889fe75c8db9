package stats

import (
	"math"

	"secretome/internal/fault"
)

// Comparison is the difference of two means, a minus b, with its test.
type Comparison struct {
	NA, NB     int
	MeanA      float64
	MeanB      float64
	Difference float64
	SE         float64
	CI         Interval
	T          float64
	DF         float64
	P          float64
}

func compare(a, b []float64, difference, se, df float64) (Comparison, error) {
	if se == 0 {
		return Comparison{}, fault.New(fault.Invalid, "the values do not vary, so their difference of %v has no error to be tested against", difference)
	}
	c := Comparison{
		NA: len(a), NB: len(b), MeanA: centre(a), MeanB: centre(b),
		Difference: difference, SE: se, T: difference / se, DF: df,
	}
	c.P = tTail(c.T, df)
	c.CI = around(difference, float64(tQuantile(df)*se))
	return c, finite("result", []float64{c.MeanA, c.MeanB, c.T, c.DF, c.P, c.CI.Lo, c.CI.Hi})
}

func two(a, b []float64) error {
	if err := enough("first group", a, 2); err != nil {
		return err
	}
	return enough("second group", b, 2)
}

// variance returns Σ(v-m)²/(n-1).
func variance(v []float64) float64 { return squares(v, centre(v)) / float64(len(v)-1) }

// Welch compares two independent groups of unequal variance (Welch 1947).
func Welch(a, b []float64) (Comparison, error) {
	if err := two(a, b); err != nil {
		return Comparison{}, err
	}
	na, nb := float64(len(a)), float64(len(b))
	va, vb := variance(a)/na, variance(b)/nb
	df := float64((va+vb)*(va+vb)) / (float64(va*va)/(na-1) + float64(vb*vb)/(nb-1))
	return compare(a, b, centre(a)-centre(b), math.Sqrt(va+vb), df)
}

// pooled returns the common variance of two groups and its degrees of freedom.
func pooled(a, b []float64) (variance, df float64) {
	df = float64(len(a) + len(b) - 2)
	return (squares(a, centre(a)) + squares(b, centre(b))) / df, df
}

// Student compares two independent groups of equal variance.
func Student(a, b []float64) (Comparison, error) {
	if err := two(a, b); err != nil {
		return Comparison{}, err
	}
	v, df := pooled(a, b)
	return compare(a, b, centre(a)-centre(b), math.Sqrt(v*(1/float64(len(a))+1/float64(len(b)))), df)
}

// Paired compares two columns of pairs, a[i] with b[i].
func Paired(a, b []float64) (Comparison, error) {
	if len(a) != len(b) {
		return Comparison{}, fault.New(fault.Invalid, "a paired test of %d and %d values: each value needs its partner", len(a), len(b))
	}
	if err := two(a, b); err != nil {
		return Comparison{}, err
	}
	d := make([]float64, len(a))
	for i := range a {
		d[i] = a[i] - b[i]
	}
	n := float64(len(d))
	return compare(a, b, centre(d), math.Sqrt(variance(d)/n), n-1)
}

// HedgesG returns the standardised difference of two independent groups, a
// minus b, with the small-sample factor 1 - 3/(4 df - 1).
func HedgesG(a, b []float64) (float64, error) {
	if err := two(a, b); err != nil {
		return 0, err
	}
	v, df := pooled(a, b)
	if v == 0 {
		return 0, fault.New(fault.Invalid, "the values do not vary, so there is no standard deviation to measure an effect by")
	}
	g := (centre(a) - centre(b)) / math.Sqrt(v) * (1 - 3/(float64(4*df)-1))
	return g, finite("result", []float64{g})
}
