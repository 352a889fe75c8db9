package stats

import (
	"math"
	"slices"

	"secretome/internal/fault"
)

// order checks p-values and returns their indices from the smallest up; equal
// ones keep their order.
func order(p []float64) ([]int, error) {
	if err := enough("p-value", p, 1); err != nil {
		return nil, err
	}
	index := make([]int, len(p))
	for i, v := range p {
		if v < 0 || v > 1 {
			return nil, fault.New(fault.Invalid, "p-value number %d is %v, expected 0 to 1", i+1, v)
		}
		index[i] = i
	}
	slices.SortStableFunc(index, func(a, b int) int {
		switch {
		case p[a] < p[b]:
			return -1
		case p[a] > p[b]:
			return 1
		}
		return 0
	})
	return index, nil
}

// Holm adjusts p-values so that the family-wise error is controlled
// (Holm 1979). The answer is in the order of p.
func Holm(p []float64) ([]float64, error) {
	index, err := order(p)
	if err != nil {
		return nil, err
	}
	out, most := make([]float64, len(p)), 0.0
	for rank, i := range index {
		most = math.Max(most, math.Min(1, float64(len(p)-rank)*p[i]))
		out[i] = most
	}
	return out, nil
}

// BenjaminiHochberg adjusts p-values so that the false discovery rate is
// controlled (Benjamini & Hochberg 1995). The answer is in the order of p.
func BenjaminiHochberg(p []float64) ([]float64, error) {
	index, err := order(p)
	if err != nil {
		return nil, err
	}
	out, least := make([]float64, len(p)), 1.0
	for rank, i := range slices.Backward(index) {
		least = math.Min(least, float64(len(p))/float64(rank+1)*p[i])
		out[i] = least
	}
	return out, nil
}

// Outlier is the answer of Grubbs' test.
type Outlier struct {
	Index    int // of the value that lies furthest from the mean
	Value    float64
	G        float64
	Critical float64 // that G must exceed at alpha 0.05, two-sided
	P        float64
	Found    bool // G > Critical
}

// Grubbs looks for one outlier, two-sided, at alpha 0.05 (Grubbs 1969). It is
// meant for technical replicates, and once: not again on what is left.
func Grubbs(values []float64) (Outlier, error) {
	if err := enough("Grubbs' test", values, 3); err != nil {
		return Outlier{}, err
	}
	m, n := centre(values), float64(len(values))
	sd := math.Sqrt(squares(values, m) / (n - 1))
	if sd == 0 {
		return Outlier{}, fault.New(fault.Invalid, "Grubbs' test: all %d values are %v", len(values), values[0])
	}
	var o Outlier
	for i, v := range values {
		if g := math.Abs(v-m) / sd; g > o.G {
			o.Index, o.Value, o.G = i, v, g
		}
	}
	t := tExceeded(0.05/n, n-2)
	o.Critical = (n - 1) / math.Sqrt(n) * math.Sqrt(float64(t*t)/(n-2+float64(t*t)))
	o.Found = o.G > o.Critical
	o.P = grubbsTail(o.G, n)
	return o, nil
}

// grubbsTail inverts the bound of the critical value: n·P(|T| > t), at most 1.
func grubbsTail(g, n float64) float64 {
	room := float64((n-1)*(n-1)) - float64(n*float64(g*g))
	if room <= 0 { // G at its largest possible value
		return 0
	}
	t := math.Sqrt(float64(n*(n-2)) * float64(g*g) / room)
	return math.Min(1, float64(n*tTail(t, n-2)))
}
