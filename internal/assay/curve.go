package assay

import (
	"math"
	"slices"

	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/quantity"
	"secretome/internal/stats"
)

// Curve is a standard curve with the judgement of each of its standards.
type Curve struct {
	Model      string      `json:"model"`   // 4pl, linear, quadratic
	Weights    string      `json:"weights"` // none, 1/y, 1/y2
	Formula    string      `json:"formula"`
	Parameters []Parameter `json:"parameters"`
	R2         float64     `json:"r_squared"` // reported, never judged by
	S          float64     `json:"s"`         // residual standard deviation
	RSS        float64     `json:"rss"`       // weighted
	DF         int         `json:"df"`
	Unit       string      `json:"unit"` // of the concentrations
	Response   string      `json:"response"`
	Standards  []Standard  `json:"standards"` // rising concentration
	Passed     int         `json:"passed"`
	Judged     int         `json:"judged"` // those above 0
	LLOQ       *float64    `json:"lloq,omitempty"`
	ULOQ       *float64    `json:"uloq,omitempty"`
	Trace      []Point     `json:"trace"` // of the fitted curve, for drawing
	fit        fitted
}

// Parameter is one fitted number.
type Parameter struct {
	Name  string   `json:"name"`
	Value float64  `json:"value"`
	SE    *float64 `json:"se,omitempty"` // absent where the points leave it open
}

// Standard is one level: its wells, and its concentration read back from the
// curve.
type Standard struct {
	Name     string   `json:"name,omitempty"`
	Conc     float64  `json:"conc"`
	Response *float64 `json:"response,omitempty"` // mean
	Back     *float64 `json:"back,omitempty"`     // the mean response read back
	Recovery *float64 `json:"recovery_percent,omitempty"`
	CV       *float64 `json:"cv_percent,omitempty"` // of the wells read back
	Limit    float64  `json:"limit_percent"`        // for recovery (100 ± it) and CV
	Anchor   bool     `json:"anchor,omitempty"`     // zero: in the fit, not judged
	Pass     bool     `json:"pass"`
	Wells    []Well   `json:"wells"`

	unreadable bool // a well lies beyond the curve, so the wells have no CV
}

// Point is a place on a curve.
type Point struct {
	X float64 `json:"x"`
	Y float64 `json:"y"`
}

// Level is one concentration of a standard, for [Fit].
type Level struct {
	Name  string
	Conc  float64
	Spots []Spot
}

// Levels groups the standards of a plate by concentration, rising.
func (p Plate) Levels() []Level {
	var levels []Level
	for _, s := range p.Spots {
		if s.Role != AsStandard {
			continue
		}
		i := slices.IndexFunc(levels, func(l Level) bool { return l.Conc == s.Conc })
		if i < 0 {
			name := s.Sample
			if name == "" {
				name = s.Group
			}
			i = len(levels)
			levels = append(levels, Level{Name: name, Conc: s.Conc})
		}
		levels[i].Spots = append(levels[i].Spots, s)
	}
	slices.SortStableFunc(levels, func(a, b Level) int {
		switch {
		case a.Conc < b.Conc:
			return -1
		case a.Conc > b.Conc:
			return 1
		}
		return 0
	})
	return levels
}

// Options say how a curve is fitted.
type Options struct {
	Model   string  // 4pl (also where empty), linear, quadratic
	Weights string  // none (also where empty), 1/y, 1/y2
	Unit    string  // of the concentrations
	Offset  float64 // subtracted from every signal: the blank
	Means   bool    // fit the means of the levels, not their wells
}

// Fit fits the standards and judges each: a standard passes if its mean
// response, read back, lies within 20 % of the nominal one and its wells'
// read-back concentrations have a CV of at most 20 %; 25 % for the lowest and
// the highest standard above 0 (acceptance in the manner of ICH M10 for
// ligand-binding assays). A standard of concentration 0 anchors the curve and
// is not judged. LLOQ and ULOQ are the lowest and the highest standard that
// pass; where an outermost one fails, the next becomes the limit and keeps its
// own 20 %.
func Fit(levels []Level, o Options) (Curve, error) {
	var x, y []float64
	for _, l := range levels {
		signals := l.signals(o.Offset)
		if o.Means && len(signals) > 0 {
			signals = []float64{*Summarise(signals).Mean}
		}
		for _, v := range signals {
			x, y = append(x, l.Conc), append(y, v)
		}
	}
	if len(x) == 0 {
		return Curve{}, fault.New(fault.Invalid, "no standard of the plate has a reading that can be used").Try("look at the standards' wells; read the plate again")
	}
	c, err := fit(x, y, o)
	if err != nil {
		return Curve{}, err
	}
	for _, l := range levels {
		c.Standards = append(c.Standards, c.back(l, o.Offset))
	}
	c.trace(levels)
	return c, c.judge()
}

func (l Level) signals(offset float64) []float64 {
	var out []float64
	for _, s := range l.Spots {
		if v, ok := s.Signal(); ok {
			out = append(out, v-offset)
		}
	}
	return out
}

// back reads a level back from the curve: the mean of its signals, and for the
// CV each well.
func (c Curve) back(l Level, offset float64) Standard {
	s := Standard{Name: l.Name, Conc: l.Conc, Anchor: l.Conc <= 0}
	var concs []float64
	for _, spot := range l.Spots {
		w := spot.Well
		w.Dilution = 0
		if v, ok := spot.Signal(); ok {
			v -= offset
			w.Corrected, w.Used = &v, true
			if read, err := c.fit.Inverse(v, 1); err == nil {
				w.Value = &read.X
				concs = append(concs, read.X)
			}
		}
		s.Wells = append(s.Wells, w)
	}
	signals := l.signals(offset)
	if s.Response = Summarise(signals).Mean; s.Response == nil {
		return s
	}
	if read, err := c.fit.Inverse(*s.Response, len(signals)); err == nil {
		s.Back, s.Recovery = &read.X, Percent(&read.X, &l.Conc)
	}
	if len(concs) == len(signals) {
		s.CV = Summarise(concs).CV
	}
	s.unreadable = len(concs) < len(signals)
	return s
}

// The limits of a standard, in percent.
const (
	innerLimit = 20
	outerLimit = 25
)

// judge decides which standards pass, and from where to where the curve counts.
func (c *Curve) judge() error {
	lowest := slices.IndexFunc(c.Standards, func(s Standard) bool { return !s.Anchor })
	for i := range c.Standards {
		s := &c.Standards[i]
		s.Limit = innerLimit
		if i == lowest || i == len(c.Standards)-1 {
			s.Limit = outerLimit
		}
		if s.Anchor {
			continue
		}
		c.Judged++
		ok, err := s.passes()
		if err != nil {
			return err
		}
		if s.Pass = ok; !ok {
			continue
		}
		c.Passed++
		if c.LLOQ == nil {
			c.LLOQ = &s.Conc
		}
		c.ULOQ = &s.Conc
	}
	return nil
}

// passes holds recovery and CV against their limits, as any criterion is held.
func (s Standard) passes() (bool, error) {
	if s.Recovery == nil || s.unreadable {
		return false, nil
	}
	percent := func(v float64) quantity.Quantity {
		q, _ := quantity.Parse(protocol.Measured(v, "%")) // a small whole number
		return q
	}
	criteria := []protocol.Criterion{{ID: "recovery", Value: "recovery", Between: []quantity.Quantity{percent(100 - s.Limit), percent(100 + s.Limit)}}}
	values := map[string]string{"recovery": protocol.Measured(*s.Recovery, "%")}
	if s.CV != nil {
		criteria = append(criteria, protocol.Criterion{ID: "cv", Value: "cv", AtMost: percent(s.Limit)})
		values["cv"] = protocol.Measured(*s.CV, "%")
	}
	d, err := protocol.Judge(criteria, values)
	return err == nil && d.Verdict == protocol.VerdictAccept, err
}

// tracePoints is how many points of the curve are kept for drawing.
const tracePoints = 64

// trace follows the curve between the outermost standards above 0, in equal
// steps of the logarithm.
func (c *Curve) trace(levels []Level) {
	first := slices.IndexFunc(levels, func(l Level) bool { return l.Conc > 0 })
	if first < 0 {
		return
	}
	lo, hi := math.Log(levels[first].Conc), math.Log(levels[len(levels)-1].Conc)
	for i := range tracePoints {
		x := math.Exp(lo + float64((hi-lo)*float64(i)/(tracePoints-1)))
		c.Trace = append(c.Trace, Point{x, c.fit.At(x)})
	}
}

// fitted is a curve of package stats.
type fitted interface {
	At(x float64) float64
	Inverse(y float64, m int) (stats.Inverse, error)
}
