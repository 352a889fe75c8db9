package web

import (
	"fmt"
	"slices"
	"time"

	"secretome/internal/index"
	"secretome/internal/lab"
)

// timeline is a run drawn over time. Time in which little happens is compressed,
// and each such break is marked and written out.
type timeline struct {
	Lanes         []timeLane
	Ticks         []tick
	Breaks        []timeBreak
	Now           int // where now is; 0: it is not drawn
	Clock         string
	Width, Height int
	Name          string
	pieces        []piece
}

type timeLane struct {
	Label    string
	Y, TextY int
	Bars     []timeBar
	stage    string // of a lane for a stage that happens once
	model    string // of a lane for a model
}

type timeBar struct {
	X, Y, Width int
	State       string // a state of a part, or "coming"
	Sign        string // empty: no room
	Text        string // empty: no room
	Words       string // all of it, spoken
	Href        string
	SignX       int
	SignY       int
	TextX       int
	TextY       int
}

type timeBreak struct {
	X     int
	Words string
}

// piece is a part of the axis with one scale.
type piece struct {
	from, to time.Time
	x, width float64
	idle     bool
}

// The drawing, in its own units.
const (
	lineLeft, lineWide = 150, 960
	lineHead, lineRow  = 24, 34
	lineBar            = 24
)

// newTimeline returns nil where nothing has begun.
func newTimeline(in lab.RunPage, now time.Time) *timeline {
	if in.Started.IsZero() {
		return nil
	}
	t := &timeline{Width: lineLeft + lineWide + 20, Height: lineHead, Name: "Time from the first stage of " + in.ID + " to the last. Time in which little happens is compressed at the marked breaks."}
	moments := momentsOf(in, now)
	t.pieces = piecesOf(moments)
	t.scale()
	t.lanes(in)
	for i := range t.Lanes {
		t.draw(&t.Lanes[i], in, now)
	}
	t.close()
	t.axis(now.Location())
	if in.State == index.Running {
		t.Now, t.Clock = t.x(now), now.Format("2 Jan 15:04")
	}
	return t
}

// momentsOf are the times at which something happened, is planned, or is now.
func momentsOf(in lab.RunPage, now time.Time) []time.Time {
	all := append([]time.Time{in.Started}, in.Worked...)
	add := func(t time.Time) {
		if !t.IsZero() {
			all = append(all, t)
		}
	}
	for _, c := range in.Map {
		for _, p := range c.Parts {
			add(p.Started)
			add(p.Ended)
		}
	}
	if in.State == index.Running {
		add(now)
		for _, task := range in.Coming {
			add(task.Opens)
			add(task.Closes)
		}
		for _, w := range in.Waits {
			add(w.Nominal)
		}
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal)
}

// piecesOf cuts the axis where more than a day and a half passes between two
// moments. Breaks with less than half a day of work between them are one.
func piecesOf(moments []time.Time) []piece {
	const idle, little = 36 * time.Hour, 12 * time.Hour
	var all []piece
	begin := moments[0]
	for i := 1; i < len(moments); i++ {
		before, at := moments[i-1], moments[i]
		if at.Sub(before) <= idle {
			continue
		}
		if n := len(all); n > 0 && before.Sub(begin) < little && all[n-1].idle {
			all[n-1].to = at
		} else {
			all = append(all, piece{from: begin, to: before}, piece{from: before, to: at, idle: true})
		}
		begin = at
	}
	return append(all, piece{from: begin, to: moments[len(moments)-1]})
}

// scale gives each piece its place: breaks a width that grows slowly with their
// length, the others what is left, by their length.
func (t *timeline) scale() {
	const least, perDay, most, single = 64.0, 3.0, 170.0, 26.0
	var broken, worked float64
	for i := range t.pieces {
		p := &t.pieces[i]
		hours := p.to.Sub(p.from).Hours()
		if p.idle {
			p.width = min(most, least+perDay*hours/24)
			broken += p.width
			continue
		}
		p.width = single
		broken += single
		worked += hours
	}
	if limit := 0.75 * lineWide; broken > limit {
		for i := range t.pieces {
			t.pieces[i].width *= limit / broken
		}
		broken = limit
	}
	x := float64(lineLeft)
	for i := range t.pieces {
		p := &t.pieces[i]
		if !p.idle && worked > 0 {
			p.width += (lineWide - broken) * p.to.Sub(p.from).Hours() / worked
		}
		p.x = x
		x += p.width
	}
}

// x is where a time is drawn.
func (t *timeline) x(at time.Time) int {
	for _, p := range t.pieces {
		if at.After(p.to) {
			continue
		}
		length := p.to.Sub(p.from)
		if at.Before(p.from) || length <= 0 {
			return int(p.x)
		}
		return int(p.x + p.width*float64(at.Sub(p.from))/float64(length))
	}
	last := t.pieces[len(t.pieces)-1]
	return int(last.x + last.width)
}

// lanes lists a row for each stage that happens once, and for each model.
func (t *timeline) lanes(in lab.RunPage) {
	add := func(label, stage, model string) {
		if model != "" && slices.ContainsFunc(t.Lanes, func(l timeLane) bool { return l.model == model }) {
			return
		}
		const middle = 20
		t.Lanes = append(t.Lanes, timeLane{Label: clipped(label, 22), Y: t.Height, TextY: t.Height + middle, stage: stage, model: model})
		t.Height += lineRow
	}
	for _, c := range in.Map {
		for _, p := range c.Parts {
			if p.Model == "" {
				add(p.Title, p.Stage, "")
			} else {
				add(sentence(p.Model), "", p.Model)
			}
		}
	}
}

// close leaves the lanes out of which nothing has begun, where there are many.
func (t *timeline) close() {
	const many = 10
	if len(t.Lanes) <= many {
		return
	}
	t.Lanes = slices.DeleteFunc(t.Lanes, func(l timeLane) bool { return len(l.Bars) == 0 })
	t.Height = lineHead
	for i := range t.Lanes {
		l := &t.Lanes[i]
		up := t.Height - l.Y
		l.Y, l.TextY = l.Y+up, l.TextY+up
		for j := range l.Bars {
			b := &l.Bars[j]
			b.Y, b.SignY, b.TextY = b.Y+up, b.SignY+up, b.TextY+up
		}
		t.Height += lineRow
	}
}

// draw puts the bars of a lane onto the axis: what happened, and what is planned.
func (t *timeline) draw(l *timeLane, in lab.RunPage, now time.Time) {
	mine := func(stage, model string) bool { return l.model == model && (model != "" || l.stage == stage) }
	for _, c := range in.Map {
		for _, p := range c.Parts {
			if !mine(p.Stage, p.Model) || p.Started.IsZero() {
				continue
			}
			end := p.Ended
			if end.IsZero() {
				end = now
			}
			b := t.bar(l, p.Started, end, p.State)
			b.Href = nodeOf(in, p, now.Location()).Href
			b.Words = fmt.Sprintf("%s: %s, from %s", p.Title, partWords[p.State], p.Started.In(now.Location()).Format("2 Jan 15:04"))
			if !p.Ended.IsZero() {
				b.Words += " to " + p.Ended.In(now.Location()).Format("2 Jan 15:04")
			}
			b.label(p.Title, partSigns[p.State])
			l.Bars = append(l.Bars, b)
		}
	}
	if in.State != index.Running {
		return
	}
	for _, task := range in.Coming {
		if mine(task.Stage, task.Model) {
			l.Bars = append(l.Bars, t.coming(l, task, now))
		}
	}
}

// coming is the window of a task that opens later.
func (t *timeline) coming(l *timeLane, task lab.Task, now time.Time) timeBar {
	end := task.Closes
	if end.IsZero() {
		end = task.Opens
	}
	b := t.bar(l, task.Opens, end, "coming")
	b.Href = "/tasks/" + task.ID[len("task/"):]
	b.Words = task.Title + ", " + windowOf(task, now).Left()
	b.label(task.Title, "planned")
	return b
}

func (t *timeline) bar(l *timeLane, from, to time.Time, state string) timeBar {
	const least, inset = 8, 4
	b := timeBar{X: t.x(from), Y: l.Y + inset, State: state}
	b.Width = max(t.x(to)-b.X, least)
	return b
}

// label writes sign and title into a bar, as far as there is room.
func (b *timeBar) label(title, sign string) {
	const signRoom, letter, margin = 22, 6, 30
	if b.Width >= signRoom {
		b.Sign, b.SignX, b.SignY = sign, b.X+5, b.Y+6
	}
	if len([]rune(title)) <= (b.Width-margin)/letter { // the lane says it too, and part of a word says nothing
		b.Text, b.TextX, b.TextY = title, b.X+21, b.Y+16
	}
}

// clipped shortens a text to so many letters.
func clipped(text string, most int) string {
	r := []rune(text)
	if len(r) <= most {
		return text
	}
	return string(r[:most-1]) + "…"
}

// axis writes dates where pieces begin and days where there is room, and marks
// the breaks.
func (t *timeline) axis(zone *time.Location) {
	const apart, day = 54, 24 * time.Hour
	last := -apart
	add := func(at time.Time) {
		x, text := t.x(at), at.In(zone).Format("2 Jan")
		if hour := at.In(zone).Format("15:04"); len(t.Ticks) > 0 && hour != "00:00" && at.Minute() == 0 {
			text = hour
		}
		if x-last >= apart {
			t.Ticks = append(t.Ticks, tick{At: x, Text: text})
			last = x
		}
	}
	for _, p := range t.pieces {
		if p.idle {
			words := count(int(p.to.Sub(p.from)/day), "day", "days")
			t.Breaks = append(t.Breaks, timeBreak{int(p.x + p.width/2), words})
			continue
		}
		add(p.from)
		from := p.from.In(zone)
		step := p.step()
		for at := time.Date(from.Year(), from.Month(), from.Day(), from.Hour()/step*step, 0, 0, 0, zone); at.Before(p.to); at = at.Add(time.Duration(step) * time.Hour) {
			if at.After(p.from) {
				add(at)
			}
		}
	}
	t.Height += 4
}

// step is how many hours lie between two marks of a piece, so that their words
// have room.
func (p piece) step() int {
	const apart, day = 60, 24
	hours := p.to.Sub(p.from).Hours()
	for _, step := range []int{1, 3, 6, 12} {
		if hours > 0 && p.width*float64(step)/hours >= apart {
			return step
		}
	}
	return day
}

// Feet are where the marks of the breaks stand.
func (t *timeline) Feet() int { return t.Height + 6 }

// Whole is the height of the drawing.
func (t *timeline) Whole() int { return t.Height + 34 }

// BreakWords says how much is compressed.
func (t *timeline) BreakWords() string {
	if len(t.Breaks) == 0 {
		return ""
	}
	return sentence(count(len(t.Breaks), "break", "breaks")) + " marked, each with its length."
}
