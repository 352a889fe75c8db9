package figure

import (
	"fmt"
	"math"
	"time"
)

// Schedule is work over time, one line each, with the time in which it may be
// done. Times are drawn as they are: elapsed hours, labelled in their own zone.
type Schedule struct {
	ID          string // unique in the document
	Title       string
	Description string // one sentence for those who do not see it
	From, To    time.Time
	Shut        []Span // when nobody is there
	Lines       []Line
}

// Span is from one time to another.
type Span struct{ From, To time.Time }

// Line is one piece of work.
type Line struct {
	Label  string // what
	Where  string
	Work   Span
	Window Span   // zero where there is none
	Bad    bool   // it cannot be done as planned
	Name   string // spoken: all that is known of it
}

// The ground of a schedule.
const (
	sheet     = 1200.0 // width
	placeAt   = 292.0  // where a line's place is written
	plotLeft  = 440.0
	plotRight = 1188.0
	headTop   = 64.0 // of the first line
	lineStep  = 18.0
	labelRoom = 56.0 // of a mark on the axis
)

// scheduleStyle is for what only schedules have.
const scheduleStyle = style + `.fg .paper{fill:var(--paper)}.fg .shut{fill:var(--line);opacity:.55}.fg .row{fill:var(--dim)}.fg .win{fill:var(--bar);stroke:var(--ink3);stroke-width:.6}` +
	`.fg .work{fill:var(--pt)}.fg .clash{fill:var(--stop)}.fg text.no{fill:var(--stop);font-weight:700}.fg .hd{fill:var(--ink);font-size:15px;font-weight:600}.fg text.what{fill:var(--ink)}`

// Draw returns the drawing. What cannot be done as planned is red and has an
// exclamation mark.
func (s Schedule) Draw() string {
	var c canvas
	height := headTop + float64(len(s.Lines))*lineStep + 26
	x := axis{lo: 0, hi: math.Max(1, s.To.Sub(s.From).Hours()), from: plotLeft, to: plotRight}
	c.add(`<rect class="paper" width="%s" height="%s"/><text class="hd" x="12" y="24">%s</text>`, at(sheet), at(height), esc(clipped(s.Title, 84)))
	c.key()
	for i := 1; i < len(s.Lines); i += 2 {
		c.add(`<rect class="row" x="8" y="%s" width="%s" height="%s"/>`, at(headTop+float64(i)*lineStep), at(sheet-16), at(lineStep))
	}
	for _, shut := range s.Shut {
		from, to := s.clamp(x, shut.From), s.clamp(x, shut.To)
		c.add(`<rect class="shut" x="%s" y="%s" width="%s" height="%s"/>`, at(from), at(headTop-4), at(to-from), at(height-headTop-18))
	}
	for _, t := range s.ticks() {
		c.add(`<path class="gl" d="M%s %sV%s"/>`, at(s.clamp(x, t.at)), at(headTop-4), at(height-22))
		for _, y := range []float64{headTop - 12, height - 8} {
			if s.clamp(x, t.at) > plotRight-labelRoom {
				continue
			}
			c.add(`<text x="%s" y="%s">%s</text>`, at(s.clamp(x, t.at)), at(y), esc(t.label))
		}
	}
	for i, l := range s.Lines {
		l.draw(&c, s, x, headTop+float64(i)*lineStep)
	}
	return c.frame(head{id: s.ID, title: s.Title, description: s.Description, style: scheduleStyle, width: sheet, height: height, fixed: true})
}

// key says what the marks mean.
func (c *canvas) key() {
	const y = 24.0
	c.add(`<rect class="work" x="760" y="%[1]s" width="4" height="12"/><text x="770" y="%[2]s">work</text><rect class="win" x="812" y="%[3]s" width="24" height="8" rx="2"/><text x="842" y="%[2]s">window</text>`, at(y-10), at(y), at(y-8))
	c.add(`<rect class="clash" x="900" y="%[1]s" width="4" height="12"/><text class="no" x="910" y="%[2]s">! clash</text><rect class="shut" x="966" y="%[1]s" width="24" height="12"/><text x="996" y="%[2]s">laboratory closed</text>`, at(y-10), at(y))
}

// clamp returns the place of a time, at the edge of the plot where it lies
// outside.
func (s Schedule) clamp(x axis, t time.Time) float64 {
	return math.Min(plotRight, math.Max(plotLeft, x.at(t.Sub(s.From).Hours())))
}

func (l Line) draw(c *canvas, s Schedule, x axis, top float64) {
	const least = 3.5 // so that half an hour in two months is seen
	base := top + lineStep - 5
	from, to := s.clamp(x, l.Work.From), s.clamp(x, l.Work.To)
	to = math.Max(to, from+least)
	left, right := from, to
	mark := ""
	if !l.Window.From.IsZero() {
		opens, closes := s.clamp(x, l.Window.From), s.clamp(x, l.Window.To)
		left, right = math.Min(left, opens), math.Max(right, closes)
		mark = fmt.Sprintf(`<rect class="win" x="%s" y="%s" width="%s" height="8" rx="2"/>`, at(opens), at(top+5), at(math.Max(closes-opens, least)))
	}
	class, label := "work", l.Work.From.Format("Mon 2 Jan 15:04")
	text := `<text`
	if l.Bad {
		class, label, text = "clash", "! "+label, `<text class="no"`
	}
	mark += fmt.Sprintf(`<rect class="%s" x="%s" y="%s" width="%s" height="12"/>`, class, at(from), at(top+3), at(to-from))
	const room = 110 // for the time
	if right+room < plotRight {
		mark += fmt.Sprintf(`%s x="%s" y="%s">%s</text>`, text, at(right+5), at(base), esc(label))
	} else {
		mark += fmt.Sprintf(`%s x="%s" y="%s" text-anchor="end">%s</text>`, text, at(left-5), at(base), esc(label))
	}
	mark += fmt.Sprintf(`<text class="what" x="12" y="%s">%s</text><text x="%s" y="%s">%s</text>`, at(base), esc(clipped(l.Label, 46)), at(placeAt), at(base), esc(clipped(l.Where, 24)))
	c.link("", l.Name, mark)
}

type stroke struct {
	at    time.Time
	label string
}

// ticks are hours, days or Mondays, so that labels have room.
func (s Schedule) ticks() []stroke {
	const day = 24 * time.Hour
	y, m, d := s.From.Date()
	date := func(n, hour int) time.Time { return time.Date(y, m, d+n, hour, 0, 0, 0, s.From.Location()) }
	var all []stroke
	for n := 0; !date(n, 0).After(s.To); n++ {
		t := date(n, 0)
		switch length := s.To.Sub(s.From); {
		case length <= 3*day+time.Hour: // a day may have 25 hours
			for h := 0; h < 24; h += 6 {
				all = append(all, stroke{date(n, h), date(n, h).Format("Mon 15:04")})
			}
		case length <= 14*day:
			all = append(all, stroke{t, t.Format("Mon 2")})
		case t.Weekday() == time.Monday && (length <= 105*day || n%28 < 7):
			all = append(all, stroke{t, t.Format("2 Jan")})
		}
	}
	for len(all) > 0 && all[0].at.Before(s.From) {
		all = all[1:]
	}
	for len(all) > 0 && all[len(all)-1].at.After(s.To) {
		all = all[:len(all)-1]
	}
	return all
}

func clipped(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
