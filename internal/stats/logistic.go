package stats

import (
	"math"

	"secretome/internal/fault"
)

// Logistic is the four-parameter logistic curve
//
//	y = D + (A - D) / (1 + (x/C)^B)
//
// with B > 0: A is the response at x = 0, D at x → ∞, C the x of the response
// half-way between them. A falling curve has A > D.
type Logistic struct {
	Quality
	A, B, C, D float64
	SE         [4]float64  // of A, B, C, D
	Covariance [][]float64 // in that order
	XMin, XMax float64     // the smallest and largest x above 0

	// Jump is set where the response changes between two neighbouring x, so
	// that any steep slope fits: then B and C are only one of many pairs, they
	// have no errors, and the midpoint lies between the two x.
	Jump *Interval
}

// FourPL fits the curve by weighted least squares. x must not be negative and
// may be 0; at least four different x and five points are needed. Its unit does
// not matter: steps and stopping rules are relative to each parameter.
func FourPL(x, y []float64, w Weights) (Logistic, error) {
	if err := points(x, y, 4); err != nil {
		return Logistic{}, err
	}
	for i, v := range x {
		if v < 0 {
			return Logistic{}, fault.New(fault.Invalid, "x number %d is %v; doses and concentrations are at least 0", i+1, v)
		}
	}
	weights, err := w.of(y)
	if err != nil {
		return Logistic{}, err
	}
	p := problem{x: x, y: y, w: weights}
	best, err := p.best()
	if err != nil {
		return Logistic{}, err
	}
	return p.describe(best, w)
}

// describe makes the answer from the best parameters.
func (p problem) describe(best theta, w Weights) (Logistic, error) {
	f := Logistic{A: best.a, B: math.Exp(best.lnB), C: math.Exp(best.lnC), D: best.d}
	f.XMin, f.XMax = math.Inf(1), 0
	predicted := make([]float64, len(p.x))
	for i, x := range p.x {
		predicted[i] = best.at(x)
		if x > 0 {
			f.XMin, f.XMax = math.Min(f.XMin, x), math.Max(f.XMax, x)
		}
	}
	f.Quality = quality(p.y, p.w, predicted, 4, w)
	f.Jump = p.jump(best)
	if f.Jump == nil {
		rows, rhs := p.linear(best)
		t := reduce(rows, rhs)
		if t.condition() < 1e-12 {
			return Logistic{}, undetermined()
		}
		scale := []float64{1, f.B, f.C, 1} // from the logarithms
		f.Covariance = t.inverse().times(float64(f.S * f.S))
		for i := range 4 {
			for j := range 4 {
				f.Covariance[i][j] *= scale[i] * scale[j]
			}
		}
		copy(f.SE[:], matrix(f.Covariance).errors())
	}
	if !allFinite(append(f.Covariance, f.SE[:], []float64{f.A, f.B, f.C, f.D, f.RSS, f.S, f.RSquared})) || f.B == 0 || f.C == 0 {
		return Logistic{}, undetermined()
	}
	return f, nil
}

func undetermined() error {
	return fault.New(fault.Invalid, "the points do not determine a four-parameter curve: other parameters fit as well").
		Try("look at the points; add concentrations where the response changes, or use a simpler curve")
}

// At returns the curve's response at x ≥ 0.
func (f Logistic) At(x float64) float64 {
	return theta{f.A, math.Log(f.B), math.Log(f.C), f.D}.at(x)
}

// Inverse returns the x that gives the response y, the mean of m replicates;
// m = 0 leaves out the error of the reading and keeps that of the curve. The
// standard error of ln x is that of the delta method:
//
//	Var(ln x) = g'Vg + (d ln x/dy)²·s²/(m·weight(y))
//
// It is refused at and beyond the plateaus. Whether x lies between the
// standards is for the caller to judge.
func (f Logistic) Inverse(y float64, m int) (Inverse, error) {
	if err := finite("response", []float64{y}); err != nil {
		return Inverse{}, err
	}
	if f.Jump != nil {
		return Inverse{}, fault.New(fault.Invalid, "the response jumps between x = %v and %v: no x can be read off", f.Jump.Lo, f.Jump.Hi)
	}
	up, down := f.A-y, y-f.D
	if float64(up*down) <= 0 {
		return Inverse{}, f.beyond(y)
	}
	ratio := math.Log(up / down)
	x := f.C * math.Exp(ratio/f.B)
	dy := -(1/up + 1/down) / f.B
	g := []float64{1 / float64(f.B*up), -ratio / float64(f.B*f.B), 1 / f.C, 1 / float64(f.B*down)}
	variance := matrix(f.Covariance).form(g) + float64(float64(dy*dy)*f.reading(y, m))
	return inverse(x, float64(x*math.Sqrt(variance)), f.DF)
}

func (f Logistic) beyond(y float64) error {
	plateau, side := f.A, "zero"
	if math.Abs(y-f.D) < math.Abs(y-f.A) {
		plateau, side = f.D, "very high"
	}
	return fault.New(fault.Invalid, "a response of %v is at or beyond the curve's plateau of %.6g at %s x: no x belongs to it", y, plateau, side)
}

// Relation says how a midpoint is known.
type Relation string

// The relations.
const (
	At      Relation = "at"      // Value, with SE and CI
	Above   Relation = "above"   // more than Lo, the highest x
	Below   Relation = "below"   // less than Hi, the lowest x above 0
	Between Relation = "between" // from Lo to Hi, two neighbouring x
)

// Midpoint is what may be said of an EC50.
type Midpoint struct {
	Relation  Relation
	Value, SE float64 // only At
	CI        Interval
	Lo, Hi    float64 // bounds, for the other relations; CI does not apply
}

// Midpoint returns the relative EC50, that is C, where the points show it. A C
// beyond the doses is an extrapolation and not given as a number.
func (f Logistic) Midpoint() Midpoint {
	switch {
	case f.Jump != nil:
		return Midpoint{Relation: Between, Lo: f.Jump.Lo, Hi: f.Jump.Hi}
	case f.C > f.XMax:
		return Midpoint{Relation: Above, Lo: f.XMax}
	case f.C < f.XMin:
		return Midpoint{Relation: Below, Hi: f.XMin}
	}
	return Midpoint{Relation: At, Value: f.C, SE: f.SE[2], CI: around(f.C, float64(tQuantile(float64(f.DF))*f.SE[2]))}
}
