package stats

import (
	"math"

	"secretome/internal/fault"
)

// Weights says how much each point of a fit counts. The weights come from the
// observed responses and stay fixed.
type Weights string

// The weights.
const (
	Equal        Weights = "none"
	InverseY     Weights = "1/y"  // for a variance that grows with the response
	InverseYSqrd Weights = "1/y2" // for a constant coefficient of variation
)

// at returns the weight of a response y.
func (w Weights) at(y float64) float64 {
	switch w {
	case InverseY:
		return 1 / y
	case InverseYSqrd:
		return 1 / float64(y*y)
	}
	return 1
}

// of returns the weights of all responses.
func (w Weights) of(y []float64) ([]float64, error) {
	switch w {
	case Equal, InverseY, InverseYSqrd:
	default:
		return nil, fault.New(fault.Invalid, "unknown weights %q; weights are: none, 1/y, 1/y2", string(w)).Field("weights")
	}
	out := make([]float64, len(y))
	for i, v := range y {
		if w != Equal && v <= 0 {
			return nil, fault.New(fault.Invalid, "weights %s need responses above 0, and response number %d is %v", w, i+1, v).
				Field("weights").Try("use weights none, or leave the blank out of the fit")
		}
		out[i] = w.at(v)
	}
	return out, finite("weight", out)
}

// points checks the columns of a fit.
func points(x, y []float64, parameters int) error {
	if len(x) != len(y) {
		return fault.New(fault.Invalid, "a fit of %d x and %d y: each point needs both", len(x), len(y))
	}
	if err := enough("x", x, parameters+1); err != nil {
		return err
	}
	if err := finite("y", y); err != nil {
		return err
	}
	if distinct(x) < parameters {
		return fault.New(fault.Invalid, "a curve of %d parameters needs as many different x, found %d", parameters, distinct(x))
	}
	if distinct(y) == 1 {
		return fault.New(fault.Invalid, "all %d responses are %v: there is no curve", len(y), y[0])
	}
	return nil
}

func distinct(v []float64) int {
	seen := map[float64]bool{}
	for _, e := range v {
		seen[e] = true
	}
	return len(seen)
}

// Quality says how well a curve fits.
type Quality struct {
	N         int
	DF        int     // N less the parameters
	RSS       float64 // weighted
	S         float64 // residual standard deviation: sqrt(RSS/DF)
	RSquared  float64 // weighted; to be reported, not to be judged by
	Exact     bool    // the points lie on the curve; S and all errors are 0
	Weights   Weights
	Predicted []float64 // at each x
}

// exactness is the relative residual below which points lie on the curve: what
// rounding alone leaves.
const exactness = 1e-13

func quality(y, weights, predicted []float64, parameters int, w Weights) Quality {
	q := Quality{N: len(y), DF: len(y) - parameters, Weights: w, Predicted: predicted}
	mean := dot(weights, y) / sum(weights)
	total, scale := 0.0, 0.0
	for i := range y {
		q.RSS += float64(weights[i] * float64((y[i]-predicted[i])*(y[i]-predicted[i])))
		total += float64(weights[i] * float64((y[i]-mean)*(y[i]-mean)))
		scale += float64(weights[i] * float64(y[i]*y[i]))
	}
	q.RSquared = 1 - q.RSS/total
	q.Exact = q.RSS <= float64(exactness*exactness)*scale
	if !q.Exact {
		q.S = math.Sqrt(q.RSS / float64(q.DF))
	}
	return q
}

// matrix is a small dense matrix by rows.
type matrix [][]float64

// triangle is the R of a QR decomposition of a matrix whose columns were scaled
// to length 1, and Q'b.
type triangle struct {
	r     matrix
	qb    []float64
	scale []float64 // lengths of the columns
}

// reduce decomposes rows (a copy is made) by Householder's reflections.
func reduce(rows matrix, b []float64) triangle {
	n, p := len(rows), len(rows[0])
	t := triangle{r: make(matrix, n), qb: append([]float64(nil), b...), scale: make([]float64, p)}
	for i := range rows {
		t.r[i] = append([]float64(nil), rows[i]...)
	}
	for j := range p {
		t.scale[j] = t.length(0, j)
		if t.scale[j] > 0 {
			for i := range n {
				t.r[i][j] /= t.scale[j]
			}
		}
	}
	for j := range p {
		t.reflect(j)
	}
	return t
}

// length is that of column j from row i on.
func (t triangle) length(i, j int) float64 {
	s := 0.0
	for ; i < len(t.r); i++ {
		s = math.Hypot(s, t.r[i][j])
	}
	return s
}

// reflect makes column j zero below its diagonal.
func (t triangle) reflect(j int) {
	norm := t.length(j, j)
	if norm == 0 {
		return
	}
	norm = math.Copysign(norm, -t.r[j][j])
	v := make([]float64, len(t.r)-j)
	for i := range v {
		v[i] = t.r[i+j][j]
	}
	v[0] -= norm
	vv := dot(v, v)
	for c := j; c < len(t.scale); c++ {
		f := 0.0
		for i := range v {
			f += float64(v[i] * t.r[i+j][c])
		}
		f *= 2 / vv
		for i := range v {
			t.r[i+j][c] -= float64(f * v[i])
		}
	}
	f := 2 * dot(v, t.qb[j:]) / vv
	for i := range v {
		t.qb[i+j] -= float64(f * v[i])
	}
}

// condition is the smallest diagonal element of R over the largest: about 0
// where a column depends on the others.
func (t triangle) condition() float64 {
	lo, hi := math.Inf(1), 0.0
	for j := range t.scale {
		lo, hi = math.Min(lo, math.Abs(t.r[j][j])), math.Max(hi, math.Abs(t.r[j][j]))
	}
	if hi == 0 {
		return 0
	}
	return lo / hi
}

// solve returns the least-squares solution.
func (t triangle) solve() []float64 {
	p := len(t.scale)
	x := make([]float64, p)
	for j := p - 1; j >= 0; j-- {
		s := t.qb[j]
		for k := j + 1; k < p; k++ {
			s -= float64(t.r[j][k] * x[k])
		}
		x[j] = s / t.r[j][j]
	}
	for j := range x {
		x[j] /= t.scale[j]
	}
	return x
}

// inverse returns (A'A)^-1 = R^-1 R^-T, scaled back.
func (t triangle) inverse() matrix {
	p := len(t.scale)
	ri := make(matrix, p)
	for i := range ri {
		ri[i] = make([]float64, p)
	}
	for j := p - 1; j >= 0; j-- {
		ri[j][j] = 1 / t.r[j][j]
		for i := j - 1; i >= 0; i-- {
			s := 0.0
			for k := i + 1; k <= j; k++ {
				s += float64(t.r[i][k] * ri[k][j])
			}
			ri[i][j] = -s / t.r[i][i]
		}
	}
	out := make(matrix, p)
	for i := range out {
		out[i] = make([]float64, p)
		for j := range out[i] {
			out[i][j] = dot(ri[i], ri[j]) / t.scale[i] / t.scale[j]
		}
	}
	return out
}

// times returns m scaled by f.
func (m matrix) times(f float64) matrix {
	out := make(matrix, len(m))
	for i := range m {
		for j := range m[i] {
			out[i] = append(out[i], m[i][j]*f)
		}
	}
	return out
}

// errors returns the square roots of the diagonal of a covariance.
func (m matrix) errors() []float64 {
	var out []float64
	for i := range m {
		out = append(out, math.Sqrt(m[i][i]))
	}
	return out
}

// form returns g'mg.
func (m matrix) form(g []float64) float64 {
	s := 0.0
	for i := range g {
		s += float64(g[i] * dot(m[i], g))
	}
	return s
}

func allFinite(m matrix) bool {
	for _, row := range m {
		for _, v := range row {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return false
			}
		}
	}
	return true
}
