package web

import (
	"fmt"
	"time"

	"secretome/internal/lab"
)

// window is when a task may be done, as seen now. Times that the protocol does
// not give are zero.
type window struct {
	Opens, Closes, Nominal time.Time
	Hard                   time.Time
	now                    time.Time // lab time
}

func windowOf(t lab.Task, now time.Time) window {
	return window{Opens: t.Opens, Closes: t.Closes, Nominal: t.Nominal, Hard: t.Hard, now: now}
}

// from is when the window begins; zero: as soon as the task is asked.
func (w window) from() time.Time {
	if w.Opens.IsZero() && w.Closes.IsZero() {
		return w.Nominal
	}
	return w.Opens
}

// None reports whether there is no window.
func (w window) None() bool { return w.from().IsZero() && w.Closes.IsZero() }

// Early, Missed and Ending say where now lies.
func (w window) Early() bool { return w.now.Before(w.from()) }

// Missed reports whether the window has closed.
func (w window) Missed() bool { return !w.Closes.IsZero() && w.now.After(w.Closes) }

// Ending reports whether the window closes within ten minutes.
func (w window) Ending() bool {
	const near = 10 * time.Minute
	return !w.Closes.IsZero() && !w.Missed() && w.Closes.Sub(w.now) < near
}

// soon is how long before its opening a window is said to open soon.
const soon = 2 * time.Hour

// Part is the part of the day in which the window stands: missed, open, free,
// soon, today, tomorrow, later.
func (w window) Part() string {
	from := w.from()
	switch {
	case w.None():
		return "free"
	case w.Missed():
		return "missed"
	case !w.Early():
		return "open"
	case from.Sub(w.now) <= soon:
		return "soon"
	}
	day := from.In(w.now.Location()).Format(time.DateOnly)
	switch day {
	case w.now.Format(time.DateOnly):
		return "today"
	case w.now.AddDate(0, 0, 1).Format(time.DateOnly):
		return "tomorrow"
	}
	return "later"
}

// Left is how long there is, in words. The script of the page says the same.
func (w window) Left() string {
	return w.left("closed " + span(w.now.Sub(w.Closes)) + " ago")
}

// Clock is the same at the head of a task, where the hour of the end is said.
func (w window) Clock() string {
	return w.left("ended " + w.Closes.In(w.now.Location()).Format("15:04") + ", " + span(w.now.Sub(w.Closes)) + " ago")
}

func (w window) left(missed string) string {
	switch {
	case w.None():
		return "any time"
	case w.Early():
		return "opens in " + span(w.from().Sub(w.now))
	case w.Missed():
		return missed
	case w.Closes.IsZero():
		return "open"
	}
	return span(w.Closes.Sub(w.now)) + " left"
}

// Ring is how much of the window is left, of 100; 0 where it does not run.
func (w window) Ring() int {
	from := w.from()
	if from.IsZero() || w.Closes.IsZero() || w.Early() || w.Missed() || !w.Closes.After(from) {
		return 0
	}
	return max(1, int(w.Closes.Sub(w.now)*100/w.Closes.Sub(from)))
}

// From is when the window opens; zero: it is not said.
func (w window) From() time.Time { return w.from() }

// span is a length of time as people say it.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return "less than a minute"
	case d < time.Hour:
		return fmt.Sprintf("%d\u00a0min", d/time.Minute)
	case d < 2*day:
		return fmt.Sprintf("%d\u00a0h %d\u00a0min", d/time.Hour, d%time.Hour/time.Minute)
	}
	return fmt.Sprintf("%d days", d/day)
}

// axis is the one time axis that the windows of a list share.
type axis struct {
	from, to time.Time
	Now      int // where now is, of 300
	Ticks    []tick
}

type tick struct {
	At   int
	Text string
}

// wide is the width of an axis, in the units of its drawing.
const wide = 300

// newAxis reaches from two hours ago to eight hours from now.
func newAxis(now time.Time) axis {
	const back, ahead = 2 * time.Hour, 8 * time.Hour
	a := axis{from: now.Add(-back), to: now.Add(ahead)}
	a.Now = a.at(now)
	first := time.Date(a.from.Year(), a.from.Month(), a.from.Day(), a.from.Hour()+1, 0, 0, 0, now.Location())
	for t := first; t.Before(a.to); t = t.Add(time.Hour) {
		k := tick{At: a.at(t)}
		if t.Hour()%2 == 0 {
			k.Text = t.Format("15:04")
		}
		a.Ticks = append(a.Ticks, k)
	}
	return a
}

func (a axis) at(t time.Time) int {
	return int(t.Sub(a.from) * wide / a.to.Sub(a.from))
}

// bar is a window drawn on an axis.
type bar struct {
	X, Width    int
	Before, Aft bool // it goes on beyond the axis
}

// bar returns nil for a window of which nothing lies on the axis.
func (a axis) bar(w window) *bar {
	from, to := w.from(), w.Closes
	if w.None() || from.After(a.to) || !to.IsZero() && to.Before(a.from) {
		return nil
	}
	b := bar{Before: from.Before(a.from), Aft: to.IsZero() || to.After(a.to)}
	end := wide
	if !b.Before {
		b.X = a.at(from)
	}
	if !b.Aft {
		end = a.at(to)
	}
	const least = 4 // still to be seen
	b.Width = max(end-b.X, least)
	return &b
}
