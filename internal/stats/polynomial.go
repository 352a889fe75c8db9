package stats

import (
	"math"

	"secretome/internal/fault"
)

// Polynomial is y = B[0] + B[1]·x (+ B[2]·x²), fitted by weighted least squares.
type Polynomial struct {
	Quality
	B          []float64
	SE         []float64
	Covariance [][]float64
	XMin, XMax float64 // of the points
}

// Line fits a straight line.
func Line(x, y []float64, w Weights) (Polynomial, error) { return polynomial(x, y, w, 2) }

// Quadratic fits a parabola.
func Quadratic(x, y []float64, w Weights) (Polynomial, error) { return polynomial(x, y, w, 3) }

func polynomial(x, y []float64, w Weights, parameters int) (Polynomial, error) {
	if err := points(x, y, parameters); err != nil {
		return Polynomial{}, err
	}
	weights, err := w.of(y)
	if err != nil {
		return Polynomial{}, err
	}
	rows, rhs := make(matrix, len(x)), make([]float64, len(x))
	for i := range x {
		root := math.Sqrt(weights[i])
		rhs[i] = root * y[i]
		for power := 1.0; len(rows[i]) < parameters; power *= x[i] {
			rows[i] = append(rows[i], root*power)
		}
	}
	t := reduce(rows, rhs)
	if t.condition() < 1e-14 {
		return Polynomial{}, fault.New(fault.Invalid, "the x lie too close together for a curve of %d parameters", parameters)
	}
	f := Polynomial{B: t.solve(), XMin: least(x), XMax: largest(x)}
	predicted := make([]float64, len(x))
	for i := range x {
		predicted[i] = f.At(x[i])
	}
	f.Quality = quality(y, weights, predicted, parameters, w)
	f.Covariance = t.inverse().times(float64(f.S * f.S))
	f.SE = matrix(f.Covariance).errors()
	if !allFinite(append(f.Covariance, f.B, f.SE)) {
		return Polynomial{}, fault.New(fault.Invalid, "the numbers are too large or too small to be fitted")
	}
	return f, nil
}

func least(v []float64) float64 {
	m := v[0]
	for _, e := range v {
		m = math.Min(m, e)
	}
	return m
}

func largest(v []float64) float64 {
	m := v[0]
	for _, e := range v {
		m = math.Max(m, e)
	}
	return m
}

// At returns the curve's response at x.
func (f Polynomial) At(x float64) float64 {
	s := 0.0
	for j := len(f.B) - 1; j >= 0; j-- {
		s = f.B[j] + float64(s*x)
	}
	return s
}

// slope is the derivative at x.
func (f Polynomial) slope(x float64) float64 {
	if len(f.B) == 2 {
		return f.B[1]
	}
	return f.B[1] + 2*float64(f.B[2]*x)
}

// Inverse returns the x that gives the response y, the mean of m replicates;
// m = 0 leaves out the error of the reading and keeps that of the curve. A line
// may be extrapolated, a parabola not: beyond its points it turns back.
func (f Polynomial) Inverse(y float64, m int) (Inverse, error) {
	if err := finite("response", []float64{y}); err != nil {
		return Inverse{}, err
	}
	x, err := f.solve(y)
	if err != nil {
		return Inverse{}, err
	}
	d := f.slope(x)
	g := make([]float64, len(f.B))
	for j, power := 0, 1.0; j < len(g); j, power = j+1, power*x {
		g[j] = -power / d
	}
	variance := matrix(f.Covariance).form(g) + f.reading(y, m)/float64(d*d)
	return inverse(x, math.Sqrt(variance), f.DF)
}

// solve finds the x on the curve.
func (f Polynomial) solve(y float64) (float64, error) {
	if len(f.B) == 2 {
		if f.B[1] == 0 {
			return 0, fault.New(fault.Invalid, "the line is level: a response of %v belongs to no x", y)
		}
		return (y - f.B[0]) / f.B[1], nil
	}
	var inside []float64
	for _, x := range roots(f.B[2], f.B[1], f.B[0]-y) {
		slack := 1e-12 * (f.XMax - f.XMin)
		if x >= f.XMin-slack && x <= f.XMax+slack {
			inside = append(inside, x)
		}
	}
	switch len(inside) {
	case 0:
		return 0, fault.New(fault.Invalid, "a response of %v lies outside the curve, which reaches from x = %v to %v (responses %v to %v)", y, f.XMin, f.XMax, f.At(f.XMin), f.At(f.XMax)).
			Try("dilute the sample so that it falls between the standards")
	case 1:
		return inside[0], nil
	}
	return 0, fault.New(fault.Invalid, "a response of %v belongs to two x, %v and %v: the curve turns between its standards", y, inside[0], inside[1])
}

// roots returns the real roots of a·x² + b·x + c, without the cancellation of
// the school formula.
func roots(a, b, c float64) []float64 {
	if a == 0 {
		if b == 0 {
			return nil
		}
		return []float64{-c / b}
	}
	disc := float64(b*b) - float64(4*float64(a*c))
	if disc < 0 {
		return nil
	}
	q := -(b + math.Copysign(math.Sqrt(disc), b)) / 2
	if q == 0 || disc == 0 {
		return []float64{-b / (2 * a)}
	}
	return []float64{q / a, c / q}
}

// reading is the variance of the mean of m readings at response y.
func (q Quality) reading(y float64, m int) float64 {
	if m <= 0 || q.S == 0 {
		return 0
	}
	if w := q.Weights.at(y); w > 0 && !math.IsInf(w, 0) {
		return float64(q.S*q.S) / w / float64(m)
	}
	return float64(q.S*q.S) / float64(m)
}

// Inverse is an x read off a curve.
type Inverse struct {
	X     float64
	SE    float64
	LogSE float64  // of ln X, by the delta method; 0 if X is not above 0
	CI    Interval // X·exp(±t·LogSE); X ± t·SE if X is not above 0
}

func inverse(x, se float64, df int) (Inverse, error) {
	t := tQuantile(float64(df))
	v := Inverse{X: x, SE: se, CI: around(x, float64(t*se))}
	if x > 0 {
		v.LogSE = se / x
		v.CI = Interval{x * math.Exp(-float64(t*v.LogSE)), x * math.Exp(float64(t*v.LogSE))}
	}
	if !allFinite(matrix{{v.X, v.SE, v.LogSE, v.CI.Lo, v.CI.Hi}}) {
		return Inverse{}, fault.New(fault.Invalid, "the curve is too flat at x = %v for a value to be read", x)
	}
	return v, nil
}
