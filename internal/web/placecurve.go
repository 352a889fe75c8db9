package web

import (
	"fmt"
	"math"
	"strings"
	"time"

	"secretome/internal/lab"
	"secretome/internal/sample"
)

// The drawing of a place's temperatures, in units of its view box.
const (
	curveWidth, curveHeight = 960, 260
	curveLeft, curveRight   = 56, 944
	curveTop, curveBottom   = 14, 224
)

// placeCurve is the temperatures of a place as a drawing.
type placeCurve struct {
	Width, Height int
	Name          string // one sentence
	Lines         []string
	Dots          [][2]int
	Gaps          []curveGap
	Rows          []curveTick // temperatures
	Columns       []curveTick // times
	Low, High     string
}

type curveGap struct {
	X, Width int
	Words    string
	Wide     bool // it has room for its words
}

type curveTick struct {
	At   int
	Text string
}

func newPlaceCurve(c lab.PlaceCurve, zone *time.Location) placeCurve {
	d := placeCurve{Width: curveWidth, Height: curveHeight}
	s := scaleFor(c)
	if s.from.IsZero() {
		return d
	}
	d.Low, d.High = amount(c.Low), amount(c.High)
	d.Name = fmt.Sprintf("Temperature of %s from %s to %s: %s to %s, %s without readings", c.Place.Place, day(c.From, zone), day(c.To, zone), d.Low, d.High, count(len(c.Coverage.Gaps), "stretch", "stretches"))
	for _, file := range c.Readings {
		d.draw(file, c.Coverage.Covered, s)
	}
	for _, g := range c.Coverage.Gaps {
		x := s.x(g.From)
		gap := curveGap{X: x, Width: max(s.x(g.To)-x, 2), Words: "no readings from " + g.From.In(zone).Format("2 Jan 15:04") + " to " + g.To.In(zone).Format("2 Jan 15:04")}
		const room = 76 // units that the words take
		gap.Wide = gap.Width > room
		d.Gaps = append(d.Gaps, gap)
	}
	d.ticks(s, zone)
	return d
}

// draw adds the lines and single dots of one file's readings.
func (d *placeCurve) draw(file []sample.Temperature, covered []sample.Span, s curveScale) {
	var line strings.Builder
	n, last := 0, -1
	end := func() {
		if n > 1 {
			d.Lines = append(d.Lines, line.String())
		}
		line.Reset()
		n, last = 0, -1
	}
	span := -1
	for _, t := range thinned(file, s) {
		at := spanOf(t.At, covered)
		if at != span || t.Missing {
			end()
			span = at
		}
		if t.Missing {
			continue
		}
		x, y := s.x(t.At), s.y(t.Cel)
		if at < 0 {
			d.Dots = append(d.Dots, [2]int{x, y})
			continue
		}
		if last != x || n < 2 {
			n++
		}
		last = x
		fmt.Fprintf(&line, "%d,%d ", x, y)
	}
	end()
}

// spanOf is which covered stretch has a time in it; -1 for none.
func spanOf(t time.Time, covered []sample.Span) int {
	for i, c := range covered {
		if !t.Before(c.From) && !t.After(c.To) {
			return i
		}
	}
	return -1
}

// thinned keeps of all readings that fall onto one point of the drawing the
// first, the coldest, the warmest and the last: no peak is lost.
func thinned(file []sample.Temperature, s curveScale) []sample.Temperature {
	var kept []sample.Temperature
	for i := 0; i < len(file); {
		j := i + 1
		low, high := i, i
		for ; j < len(file) && !file[i].Missing && !file[j].Missing && s.x(file[j].At) == s.x(file[i].At); j++ {
			if file[j].Cel < file[low].Cel {
				low = j
			}
			if file[j].Cel > file[high].Cel {
				high = j
			}
		}
		before := -1
		for _, k := range []int{i, min(low, high), max(low, high), j - 1} {
			if k > before {
				kept, before = append(kept, file[k]), k
			}
		}
		i = j
	}
	return kept
}

// curveScale leads from times and temperatures to the drawing.
type curveScale struct {
	from, to  time.Time
	low, high float64
	step      float64
}

func scaleFor(c lab.PlaceCurve) curveScale {
	s := curveScale{from: c.From, to: c.To, low: math.Inf(1), high: math.Inf(-1)}
	for _, file := range c.Readings {
		for _, t := range file {
			if !t.Missing {
				s.low, s.high = min(s.low, t.Cel), max(s.high, t.Cel)
			}
		}
	}
	if s.low > s.high {
		return curveScale{}
	}
	if !s.to.After(s.from) { // a single reading stands in the middle of a day
		s.from, s.to = s.from.Add(-12*time.Hour), s.to.Add(12*time.Hour)
	}
	const fewest = 2 // °C that the drawing spans at least: noise is no event
	if s.high-s.low < fewest {
		middle := (s.high + s.low) / 2
		s.low, s.high = middle-fewest/2, middle+fewest/2
	}
	s.step = niceStep((s.high - s.low) / 4)
	s.low, s.high = math.Floor(s.low/s.step)*s.step, math.Ceil(s.high/s.step)*s.step
	return s
}

// niceStep is the next of 1, 2, 5 and their tens.
func niceStep(least float64) float64 {
	ten := math.Pow(10, math.Floor(math.Log10(least)))
	for _, m := range []float64{1, 2, 5} {
		if m*ten >= least {
			return m * ten
		}
	}
	return 10 * ten
}

func (s curveScale) x(t time.Time) int {
	share := float64(t.Sub(s.from)) / float64(s.to.Sub(s.from))
	return curveLeft + int(math.Round(share*(curveRight-curveLeft)))
}

func (s curveScale) y(cel float64) int {
	return curveBottom - int(math.Round((cel-s.low)/(s.high-s.low)*(curveBottom-curveTop)))
}

func (d *placeCurve) ticks(s curveScale, zone *time.Location) {
	for v := s.low; v <= s.high+s.step/2; v += s.step {
		text := strings.Replace(fmt.Sprintf("%g °C", math.Round(v/s.step)*s.step), "-", "−", 1)
		d.Rows = append(d.Rows, curveTick{s.y(v), text})
	}
	const columns = 5
	layout := "2 Jan"
	if s.to.Sub(s.from) < columns*24*time.Hour {
		layout = "2 Jan 15:04"
	}
	for i := range columns {
		t := s.from.Add(s.to.Sub(s.from) * time.Duration(i) / (columns - 1))
		d.Columns = append(d.Columns, curveTick{s.x(t), t.In(zone).Format(layout)})
	}
}
