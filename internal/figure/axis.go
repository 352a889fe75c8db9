package figure

import (
	"math"
	"strconv"
)

// axis maps values to a span of the drawing.
type axis struct {
	lo, hi   float64 // values (logarithms where log)
	from, to float64 // coordinates
	log      bool
}

func (a axis) at(v float64) float64 {
	if a.log {
		v = math.Log10(v)
	}
	return a.from + float64((v-a.lo)/(a.hi-a.lo)*(a.to-a.from))
}

// tick is a mark on an axis.
type tick struct {
	value float64
	label string
}

// linear returns an axis that holds 0 and all values, with round ends, and its
// ticks.
func linear(values []float64, from, to float64) (axis, []tick) {
	lo, hi := 0.0, 0.0
	for _, v := range values {
		lo, hi = math.Min(lo, v), math.Max(hi, v)
	}
	if lo == hi {
		hi = 1
	}
	step := round((hi - lo) / 5)
	first, last := math.Floor(lo/step), math.Ceil(hi/step)
	a := axis{lo: first * step, hi: last * step, from: from, to: to}
	var ticks []tick
	for i := first; i <= last; i++ {
		ticks = append(ticks, tick{i * step, label(i*step, step)})
	}
	return a, ticks
}

// round returns 1, 2, 2.5 or 5 times a power of ten that is at least v.
func round(v float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 2.5, 5} {
		if m*power >= v*(1-1e-9) {
			return m * power
		}
	}
	return 10 * power
}

// label prints a tick with the decimals that its step needs.
func label(v, step float64) string {
	decimals := 0
	for s := step; decimals < 9 && math.Abs(s-math.Round(s)) > 1e-6*math.Abs(s); s *= 10 {
		decimals++
	}
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	if v < 0 {
		s = "−" + s[1:]
	}
	return s
}

// logarithmic returns an axis over positive values with a little room, and its
// ticks: decades, and 2 and 5 between them where there are few.
func logarithmic(values []float64, from, to float64) (axis, []tick) {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if v > 0 {
			lo, hi = math.Min(lo, math.Log10(v)), math.Max(hi, math.Log10(v))
		}
	}
	if lo > hi {
		lo, hi = 0, 1
	}
	room := math.Max(0.06*(hi-lo), 0.05)
	a := axis{lo: lo - room, hi: hi + room, from: from, to: to, log: true}
	within := []float64{1}
	if hi-lo < 3 {
		within = []float64{1, 2, 5}
	}
	var ticks []tick
	for d := math.Floor(a.lo); d <= math.Ceil(a.hi); d++ {
		for _, m := range within {
			v, _ := strconv.ParseFloat(strconv.FormatFloat(m*math.Pow(10, d), 'g', 3, 64), 64) // what was just printed can be read
			if l := math.Log10(v); l >= a.lo && l <= a.hi {
				ticks = append(ticks, tick{v, Number(v)})
			}
		}
	}
	return a, ticks
}
