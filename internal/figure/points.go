package figure

import (
	"fmt"
	"math"
)

// Points is a comparison of groups: a bar to the mean, the 95 % interval beside
// it, and each thing that N counts as a point, whose shape is its block. What
// was averaged into a point stands behind it as small dots.
type Points struct {
	ID          string // unique in the document
	Title       string
	Description string // one sentence for those who do not see it
	Axis        string // of the values: "viability, % of untreated"
	Counted     string // what N counts: "skin donors"
	Groups      []Group
	Limits      []Limit
}

// Group is one column.
type Group struct {
	Label  string // below the axis
	N      int
	Mean   *float64
	Lo, Hi *float64 // 95 % interval; absent where there is none
	Marks  []Mark
}

// Mark is one point.
type Mark struct {
	Shape int // the block's number, from 0
	Value float64
	Name  string // spoken: "CM20, block 2, plate PL-2, wells B9 D2 …: 96.4 %"
	Href  string // "#rec-41", or an address beside the document
	Parts []float64
}

// Limit is a line across the plot.
type Limit struct {
	Value float64
	Label string
}

// Draw returns the drawing.
func (p Points) Draw() string {
	var c canvas
	y, ticks := linear(p.values(), bottom, top)
	slot := (right - left) / math.Max(1, float64(len(p.Groups)))
	for _, t := range ticks {
		c.add(`<path class="gl" d="M%s %sH%s"/><text x="%s" y="%s" text-anchor="end">%s</text>`, at(left), at(y.at(t.value)), at(right), at(left-7), at(y.at(t.value)+4), esc(t.label))
	}
	c.add(`<text transform="translate(13 %s)rotate(-90)" text-anchor="middle">%s</text>`, at((top+bottom)/2), esc(p.Axis))
	most := 1
	for i, g := range p.Groups {
		centre := left + float64((float64(i)+0.5)*slot)
		g.bar(&c, y, centre, slot)
		most = max(most, g.foot(&c, centre, slot))
	}
	c.add(`<path class="ax" d="M%s %sH%s"/>`, at(left), at(y.at(0)), at(right))
	for _, l := range p.Limits {
		c.add(`<path class="lim" d="M%s %sH%s"/><text x="%s" y="%s" text-anchor="end">%s</text>`, at(left), at(y.at(l.Value)), at(right), at(right), at(y.at(l.Value)-4), esc(l.Label))
	}
	for i, g := range p.Groups {
		g.marks(&c, y, left+float64((float64(i)+0.5)*slot), slot)
	}
	height := bottom + 20 + 13*float64(most+1)
	c.add(`<text x="%s" y="%s" text-anchor="end">N counts: %s</text>`, at(right), at(height+2), esc(p.Counted))
	return c.wrap(p.ID, p.Title, p.Description, height+10)
}

// values returns all that must lie on the axis.
func (p Points) values() []float64 {
	var out []float64
	for _, g := range p.Groups {
		for _, v := range []*float64{g.Mean, g.Lo, g.Hi} {
			if v != nil {
				out = append(out, *v)
			}
		}
		for _, m := range g.Marks {
			out = append(append(out, m.Value), m.Parts...)
		}
	}
	for _, l := range p.Limits {
		out = append(out, l.Value)
	}
	return out
}

// bar draws mean and interval.
func (g Group) bar(c *canvas, y axis, x, slot float64) {
	if g.Mean == nil {
		return
	}
	w := math.Min(52, 0.62*slot)
	a, b := y.at(*g.Mean), y.at(0)
	c.add(`<rect class="bar" x="%s" y="%s" width="%s" height="%s"/>`, at(x-w/2), at(math.Min(a, b)), at(w), at(math.Abs(a-b)))
	c.add(`<path class="mean" d="M%s %sh%s"/>`, at(x-w/2), at(a), at(w))
	if g.Lo != nil && g.Hi != nil {
		right := x + w/2 - 4
		c.add(`<path class="ci" d="M%s %sV%sm-3 0h6M%s %sh6"/>`, at(right), at(y.at(*g.Lo)), at(y.at(*g.Hi)), at(right-3), at(y.at(*g.Lo)))
	}
}

// foot writes label and N below the axis and returns the label's lines.
func (g Group) foot(c *canvas, x, slot float64) int {
	n := max(4, int(slot/6.4))
	label := lines(g.Label, n)
	for i, line := range label {
		c.add(`<text class="lb" x="%s" y="%s" text-anchor="middle">%s</text>`, at(x), at(bottom+17+13*float64(i)), esc(line))
	}
	c.add(`<text x="%s" y="%s" text-anchor="middle">N = %d</text>`, at(x), at(bottom+17+13*float64(len(label))), g.N)
	return len(label)
}

// marks draws the points side by side, and what they were averaged from.
func (g Group) marks(c *canvas, y axis, x, slot float64) {
	step := math.Min(18, 0.62*slot/math.Max(1, float64(len(g.Marks))))
	for i, m := range g.Marks {
		px := x + float64((float64(i)-float64(len(g.Marks)-1)/2)*step)
		for _, v := range m.Parts {
			c.add(`<circle class="sub" cx="%s" cy="%s" r="1.5"/>`, at(px+8), at(y.at(v)))
		}
		c.link(m.Href, m.Name, marker(m.Shape, px, y.at(m.Value), "pt"))
	}
}

// Describe says in a sentence what a comparison shows, for the description.
func Describe(groups []Group, unit string) string {
	text := ""
	for _, g := range groups {
		if g.Mean != nil {
			text += fmt.Sprintf("%s: mean %s %s, N = %d. ", g.Label, Number(*g.Mean), unit, g.N)
		}
	}
	return text
}
