package figure

import (
	"math"
	"strconv"
)

// Curve is a standard curve: logarithmic concentration, response, the fit, the
// limits of quantification, and the samples where they lie on it.
type Curve struct {
	ID          string // unique in the document
	Title       string
	Description string
	XAxis       string // "IL-8, pg/mL"
	YAxis       string // "absorbance at 450 nm"
	Trace       []XY   // of the fit, rising x
	Standards   []Dot
	Samples     []Dot // X is not read: it follows from the trace
	LLOQ, ULOQ  *float64
	Notes       []string // printed in the plot: "R² = 0.9991 (reported, not judged)"
}

// XY is a place on the curve.
type XY struct{ X, Y float64 }

// Dot is a standard's well or a sample.
type Dot struct {
	X, Y float64
	Name string // spoken
	Href string
	Bad  bool // a standard that does not pass
}

// Draw returns the drawing.
func (f Curve) Draw() string {
	var c canvas
	xs, ys := f.spans()
	x, xTicks := logarithmic(xs, left, right)
	y, yTicks := linear(ys, bottom, top)
	f.ground(&c, x)
	for _, t := range yTicks {
		c.add(`<path class="gl" d="M%s %sH%s"/><text x="%s" y="%s" text-anchor="end">%s</text>`, at(left), at(y.at(t.value)), at(right), at(left-7), at(y.at(t.value)+4), esc(t.label))
	}
	for _, t := range xTicks {
		c.add(`<path class="ax" d="M%s %sv4"/><text class="lb" x="%s" y="%s" text-anchor="middle">%s</text>`, at(x.at(t.value)), at(bottom), at(x.at(t.value)), at(bottom+17), esc(t.label))
	}
	c.add(`<path class="ax" d="M%s %sH%s"/>`, at(left), at(bottom), at(right))
	c.add(`<text x="%s" y="%s" text-anchor="middle">%s</text>`, at((left+right)/2), at(bottom+35), esc(f.XAxis))
	c.add(`<text transform="translate(13 %s)rotate(-90)" text-anchor="middle">%s</text>`, at((top+bottom)/2), esc(f.YAxis))
	f.line(&c, x, y)
	f.dots(&c, x, y)
	return c.wrap(f.ID, f.Title, f.Description, bottom+46)
}

// spans returns what must lie on the axes.
func (f Curve) spans() (xs, ys []float64) {
	for _, p := range f.Trace {
		xs, ys = append(xs, p.X), append(ys, p.Y)
	}
	for _, d := range f.Standards {
		xs, ys = append(xs, d.X), append(ys, d.Y)
	}
	return xs, ys
}

// rising reports whether the response rises with the concentration.
func (f Curve) rising() bool {
	return len(f.Trace) == 0 || f.Trace[0].Y <= f.Trace[len(f.Trace)-1].Y
}

// ground shades what lies outside the range, draws its limits, and writes limits
// and notes into the corners that the curve leaves free.
func (f Curve) ground(c *canvas, x axis) {
	low, high := left, right
	if f.LLOQ != nil && *f.LLOQ > 0 {
		low = x.at(*f.LLOQ)
		c.shade(left, low)
	}
	if f.ULOQ != nil && *f.ULOQ > 0 {
		high = x.at(*f.ULOQ)
		c.shade(high, right)
	}
	upper, lower := bottom-8, bottom-8
	if f.rising() {
		lower = top + 14
	} else {
		upper = top + 14
	}
	if f.LLOQ != nil && *f.LLOQ > 0 {
		c.limit(low, low+5, lower, "start", "LLOQ "+nominal(*f.LLOQ))
	}
	if f.ULOQ != nil && *f.ULOQ > 0 {
		c.limit(high, high-5, upper, "end", "ULOQ "+nominal(*f.ULOQ))
	}
	for i, n := range f.Notes {
		px, anchor := low+5, "start"
		if !f.rising() {
			px, anchor = high-5, "end"
		}
		c.add(`<text x="%s" y="%s" text-anchor="%s">%s</text>`, at(px), at(top+29+14*float64(i)), anchor, esc(n))
	}
}

func (c *canvas) shade(from, to float64) {
	c.add(`<rect class="dim" x="%s" y="%s" width="%s" height="%s"/>`, at(from), at(top), at(to-from), at(bottom-top))
}

func (c *canvas) limit(x, text, y float64, anchor, label string) {
	c.add(`<path class="lim" d="M%s %sV%s"/><text x="%s" y="%s" text-anchor="%s">%s</text>`, at(x), at(top), at(bottom), at(text), at(y), anchor, esc(label))
}

func (f Curve) line(c *canvas, x, y axis) {
	if len(f.Trace) == 0 {
		return
	}
	c.add(`<path class="fit" d="`)
	for i, p := range f.Trace {
		command := "L"
		if i == 0 {
			command = "M"
		}
		c.add(`%s%s %s`, command, at(x.at(p.X)), at(y.at(p.Y)))
	}
	c.add(`"/>`)
}

// dots draws standards, filled, and samples, open, on the curve.
func (f Curve) dots(c *canvas, x, y axis) {
	for _, d := range f.Samples {
		if px, ok := f.read(d.Y); ok {
			c.add(`<path class="ax" d="M%s %sv-6"/>`, at(x.at(px)), at(bottom))
			c.link(d.Href, d.Name, diamond(x.at(px), y.at(d.Y), "sm"))
		}
	}
	for _, d := range f.Standards {
		if !(d.X > 0) {
			continue
		}
		if d.Bad {
			c.link(d.Href, d.Name, marker(4, x.at(d.X), y.at(d.Y), "bad"))
			continue
		}
		c.link(d.Href, d.Name, marker(0, x.at(d.X), y.at(d.Y), "std"))
	}
}

// read finds the x of a response between two points of the trace.
func (f Curve) read(y float64) (float64, bool) {
	for i := 1; i < len(f.Trace); i++ {
		a, b := f.Trace[i-1], f.Trace[i]
		if (a.Y <= y) == (y <= b.Y) && a.Y != b.Y {
			share := (y - a.Y) / (b.Y - a.Y)
			return math.Exp(math.Log(a.X) + float64(share*(math.Log(b.X)-math.Log(a.X)))), true
		}
	}
	return 0, false
}

// nominal prints a concentration that somebody chose, with all its digits.
func nominal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
