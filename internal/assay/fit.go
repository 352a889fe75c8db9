package assay

import (
	"secretome/internal/fault"
	"secretome/internal/stats"
)

// fit fits the curve that o names.
func fit(x, y []float64, o Options) (Curve, error) {
	weights := stats.Weights(o.Weights)
	if o.Weights == "" {
		weights = stats.Equal
	}
	switch o.Model {
	case "", "4pl":
		f, err := stats.FourPL(x, y, weights)
		if err != nil {
			return Curve{}, err
		}
		return logistic(f, o), nil
	case "linear":
		f, err := stats.Line(x, y, weights)
		if err != nil {
			return Curve{}, err
		}
		return polynomial(f, "linear", "y = b0 + b1·x", o), nil
	case "quadratic":
		f, err := stats.Quadratic(x, y, weights)
		if err != nil {
			return Curve{}, err
		}
		return polynomial(f, "quadratic", "y = b0 + b1·x + b2·x²", o), nil
	}
	return Curve{}, fault.New(fault.Invalid, "unknown curve %q; curves are: 4pl, linear, quadratic", o.Model).Field("curve")
}

func logistic(f stats.Logistic, o Options) Curve {
	c := of(f.Quality, o)
	c.Model, c.Formula, c.fit = "4pl", "y = d + (a - d) / (1 + (x/c)^b)", f
	for i, p := range []Parameter{{Name: "a", Value: f.A}, {Name: "b", Value: f.B}, {Name: "c", Value: f.C}, {Name: "d", Value: f.D}} {
		if f.Jump == nil {
			p.SE = &f.SE[i]
		}
		c.Parameters = append(c.Parameters, p)
	}
	return c
}

func polynomial(f stats.Polynomial, model, formula string, o Options) Curve {
	c := of(f.Quality, o)
	c.Model, c.Formula, c.fit = model, formula, f
	for i, name := range []string{"b0", "b1", "b2"}[:len(f.B)] {
		c.Parameters = append(c.Parameters, Parameter{name, f.B[i], &f.SE[i]})
	}
	return c
}

func of(q stats.Quality, o Options) Curve {
	return Curve{Weights: string(q.Weights), R2: q.RSquared, S: q.S, RSS: q.RSS, DF: q.DF, Unit: o.Unit, Response: "{AU}"}
}

// below reports whether a response that the curve cannot read back lies on the
// side of low concentrations.
func (c Curve) below(y float64) bool {
	low, high := c.Trace[0].Y, c.Trace[len(c.Trace)-1].Y
	return (y < low) == (low < high)
}
