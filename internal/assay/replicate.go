package assay

import (
	"math"

	"secretome/internal/stats"
)

// Spread is what the wells of one thing say together.
type Spread struct {
	N    int
	Mean *float64 // absent without values
	SD   *float64 // with n-1; absent below two values
	CV   *float64 // 100·SD/mean; absent where the mean is not above 0
}

// Summarise averages technical replicates.
func Summarise(values []float64) Spread {
	s := Spread{N: len(values)}
	mean, err := stats.Mean(values)
	if err != nil {
		return s
	}
	s.Mean = &mean
	d, err := stats.Describe(values)
	if err != nil {
		return s
	}
	s.SD = &d.SD
	if mean > 0 {
		cv := 100 * d.SD / mean
		s.CV = &cv
	}
	return s
}

// ZPrime is the quality of a plate by its two controls,
//
//	Z' = 1 - 3·(sd_p + sd_n)/|mean_p - mean_n|
//
// of Zhang, Chung & Oldenburg 1999, doi:10.1177/108705719900400206. It is nil
// where a control has fewer than two wells or both have the same mean.
func ZPrime(p, n Spread) *float64 {
	if p.SD == nil || n.SD == nil || *p.Mean == *n.Mean {
		return nil
	}
	z := 1 - 3*(*p.SD+*n.SD)/math.Abs(*p.Mean-*n.Mean)
	return &z
}

// Percent returns 100·part/whole, nil where that is no number.
func Percent(part, whole *float64) *float64 {
	if part == nil || whole == nil || *whole == 0 {
		return nil
	}
	v := 100 * *part / *whole
	return &v
}
