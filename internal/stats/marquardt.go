package stats

import (
	"math"
	"slices"
)

// theta holds the parameters of a logistic curve as they are fitted: slope and
// midpoint by their logarithms, which keeps them positive and makes their steps
// relative.
type theta struct{ a, lnB, lnC, d float64 }

// share is the part (x/c)^b/(1+(x/c)^b) of the way from a to d, and what is
// left of it; both keep their digits near zero.
func (t theta) share(x float64) (gone, left float64) {
	if x == 0 {
		return 0, 1
	}
	v := math.Exp(t.lnB) * (math.Log(x) - t.lnC)
	return 1 / (1 + math.Exp(-v)), 1 / (1 + math.Exp(v))
}

func (t theta) at(x float64) float64 {
	gone, left := t.share(x)
	return float64(t.a*left) + float64(t.d*gone)
}

// gradient returns the derivatives of the response by a, ln b, ln c, d.
func (t theta) gradient(x float64) [4]float64 {
	gone, left := t.share(x)
	bend := (t.a - t.d) * gone * left
	if x == 0 || bend == 0 {
		return [4]float64{left, 0, 0, gone}
	}
	b := math.Exp(t.lnB)
	return [4]float64{left, -bend * b * (math.Log(x) - t.lnC), bend * b, gone}
}

func (t theta) plus(s []float64) theta {
	return theta{t.a + s[0], t.lnB + s[1], t.lnC + s[2], t.d + s[3]}
}

// problem is a weighted fit.
type problem struct{ x, y, w []float64 }

// linear returns the weighted Jacobian and residuals at t.
func (p problem) linear(t theta) (matrix, []float64) {
	rows, rhs := make(matrix, len(p.x)), make([]float64, len(p.x))
	for i, x := range p.x {
		root := math.Sqrt(p.w[i])
		g := t.gradient(x)
		rows[i] = []float64{root * g[0], root * g[1], root * g[2], root * g[3]}
		rhs[i] = root * (p.y[i] - t.at(x))
	}
	return rows, rhs
}

func (p problem) rss(t theta) float64 {
	s := 0.0
	for i, x := range p.x {
		r := p.y[i] - t.at(x)
		s += float64(p.w[i] * float64(r*r))
	}
	return s
}

// starts is from how many places the search sets out.
const starts = 3

// best searches from the best places of a coarse grid over slope and midpoint
// and keeps the lowest end.
func (p problem) best() (theta, error) {
	grid := p.grid()
	if len(grid) == 0 {
		return theta{}, undetermined()
	}
	best := p.descend(grid[0].theta)
	for _, s := range grid[1:min(starts, len(grid))] {
		if t := p.descend(s.theta); p.rss(t) < p.rss(best) {
			best = t
		}
	}
	return p.polish(best), nil
}

type start struct {
	theta
	rss float64
}

// grid tries midpoints from below the smallest to above the largest x and
// slopes from 0.5 to 4, each with the plateaus that fit best, best first.
func (p problem) grid() []start {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, x := range p.x {
		if x > 0 {
			lo, hi = math.Min(lo, math.Log(x)), math.Max(hi, math.Log(x))
		}
	}
	var out []start
	const steps = 16
	for i := range steps + 1 {
		lnC := lo - 1 + float64((hi-lo+2)*float64(i))/steps
		for _, b := range []float64{0.5, 1, 2, 4} {
			if t, ok := p.plateaus(math.Log(b), lnC); ok {
				out = append(out, start{t, p.rss(t)})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b start) int {
		switch {
		case a.rss < b.rss:
			return -1
		case a.rss > b.rss:
			return 1
		}
		return 0
	})
	return out
}

// plateaus returns the best a and d for a given slope and midpoint, in which
// the curve is linear.
func (p problem) plateaus(lnB, lnC float64) (theta, bool) {
	t := theta{lnB: lnB, lnC: lnC}
	rows, rhs := make(matrix, len(p.x)), make([]float64, len(p.x))
	for i, x := range p.x {
		gone, left := t.share(x)
		root := math.Sqrt(p.w[i])
		rows[i], rhs[i] = []float64{root * left, root * gone}, root*p.y[i]
	}
	q := reduce(rows, rhs)
	if q.condition() < 1e-10 {
		return theta{}, false
	}
	s := q.solve()
	t.a, t.d = s[0], s[1]
	return t, true
}

// maxSteps bounds the time of a search; most end within 20.
const maxSteps = 500

// descend walks downhill by the damped steps of Marquardt (1963),
// doi:10.1137/0111030, each column of the Jacobian scaled to its length. It
// stops when a step is nothing beside each parameter: for a and d beside the
// distance between them, so that a plateau of 0 does no harm.
func (p problem) descend(t theta) theta {
	rss, damping := p.rss(t), 1e-3
	for range maxSteps {
		next, step, ok := p.step(t, damping)
		lower := p.rss(next)
		small := ok && stepSize(step, t) < 1e-13
		switch {
		case ok && lower < rss:
			t, rss, damping = next, lower, math.Max(damping/10, 1e-15)
			if small {
				return t
			}
		case small || damping > 1e15:
			return t
		default:
			damping *= 8
		}
	}
	return t
}

// polish takes undamped steps as long as they shrink. Near the minimum the sum
// of squares no longer tells better from worse, which leaves half of the digits
// open; the length of the step still does.
func (p problem) polish(t theta) theta {
	limit, last := float64(p.rss(t)*(1+1e-9))+math.SmallestNonzeroFloat64, 1e-4
	for range 20 {
		next, step, ok := p.step(t, 0)
		if !ok || p.rss(next) > limit || stepSize(step, t) > last {
			return t
		}
		t, last = next, stepSize(step, t)/2
	}
	return t
}

// stepSize is the largest part of a step, relative to the parameter.
func stepSize(step []float64, t theta) float64 {
	span := math.Abs(t.a-t.d) + math.SmallestNonzeroFloat64
	return max(math.Abs(step[0])/span, math.Abs(step[1]), math.Abs(step[2]), math.Abs(step[3])/span)
}

// maxLog bounds the logarithm of the slope: beyond, exp(±B·ln(x/c)) says
// nothing but "a step".
const maxLog = 50

// step solves the damped linear problem.
func (p problem) step(t theta, damping float64) (theta, []float64, bool) {
	rows, rhs := p.linear(t)
	for j := range 4 {
		length := 0.0
		for i := range p.x {
			length = math.Hypot(length, rows[i][j])
		}
		row := make([]float64, 4)
		row[j] = math.Sqrt(damping) * math.Max(length, 1e-150)
		rows, rhs = append(rows, row), append(rhs, 0)
	}
	q := reduce(rows, rhs)
	s := q.solve()
	next := t.plus(s)
	ok := allFinite(matrix{s}) && math.Abs(next.lnB) < maxLog && math.Abs(next.lnC) < 700
	return next, s, ok
}

// informative is the share of the way between the plateaus (times what is left
// of it) from which a point tells something about slope and midpoint.
const informative = 1e-4

// jump returns the neighbouring x between which the response changes, if fewer
// than two different x lie on the slope: then slope and midpoint cannot both be
// known.
func (p problem) jump(t theta) *Interval {
	var on []float64
	lo, hi := 0.0, math.Inf(1)
	for _, x := range p.x {
		gone, left := t.share(x)
		if gone*left > informative {
			on = append(on, x)
		}
		if gone < 0.5 {
			lo = math.Max(lo, x)
		} else {
			hi = math.Min(hi, x)
		}
	}
	if len(on) > 0 && distinct(on) >= 2 || math.IsInf(hi, 1) {
		return nil
	}
	return &Interval{lo, hi}
}
