package forecast

import (
	"fmt"
	"time"
)

// Calendar says when there are people in the laboratory, in its own zone.
type Calendar struct {
	Hours  [7]Hours // by [time.Weekday]
	Closed []Closed
}

// Hours are the minutes of a day, counted from midnight, between which people
// are there. Zero: nobody is.
type Hours struct{ From, Until int }

// Closed are days on which nobody is there, whatever the weekday.
type Closed struct {
	From, Until string // first and last day, 2026-12-24
	Why         string // "Christmas"; may be empty
}

const day = "2006-01-02"

// Usual is the calendar of a laboratory that gives none: Monday to Friday from
// 7 to 19 o'clock, and no holidays.
func Usual() Calendar {
	var c Calendar
	for d := time.Monday; d <= time.Friday; d++ {
		c.Hours[d] = Hours{From: 7 * 60, Until: 19 * 60}
	}
	return c
}

// on returns from when to when there is somebody on the day of t. ok is false on
// a day on which nobody comes.
func (c Calendar) on(t time.Time) (from, until time.Time, ok bool) {
	h := c.Hours[t.Weekday()]
	if _, closed := c.closed(t); closed || h.Until == 0 {
		return from, until, false
	}
	y, m, d := t.Date()
	clock := func(minutes int) time.Time { return time.Date(y, m, d, 0, minutes, 0, 0, t.Location()) }
	return clock(h.From), clock(h.Until), true
}

// closed returns why nobody is there on the day of t.
func (c Calendar) closed(t time.Time) (Closed, bool) {
	date := t.Format(day)
	for _, days := range c.Closed {
		if days.From <= date && date <= days.Until {
			return days, true
		}
	}
	return Closed{}, false
}

// holds reports whether all of the time from begins to ends lies in the hours of
// one day.
func (c Calendar) holds(begins, ends time.Time) bool {
	from, until, ok := c.on(begins)
	return ok && !begins.Before(from) && !ends.After(until)
}

// nearest returns the time in [earliest, latest] nearest to wanted from which
// work of the given length lies in the hours of a day.
func (c Calendar) nearest(wanted, earliest, latest time.Time, takes time.Duration) (best time.Time, ok bool) {
	for at := earliest; !midnight(at).After(latest); at = midnight(at).AddDate(0, 0, 1) {
		from, until, open := c.on(at)
		if from.Before(earliest) {
			from = earliest
		}
		if until = until.Add(-takes); until.After(latest) {
			until = latest
		}
		if !open || until.Before(from) {
			continue
		}
		near := wanted
		if near.Before(from) {
			near = from
		}
		if near.After(until) {
			near = until
		}
		if !ok || near.Sub(wanted).Abs() < best.Sub(wanted).Abs() {
			best, ok = near, true
		}
	}
	return best, ok
}

// absence says in one sentence why the time from begins to ends does not lie in
// the hours of a day.
func (c Calendar) absence(begins, ends time.Time) Clash {
	at := begins.Format("Monday 2 January 15:04")
	if days, closed := c.closed(begins); closed {
		text := at + ", the laboratory is closed"
		if days.Why != "" {
			text += ": " + days.Why
		}
		return Clash{Holiday, text}
	}
	from, until, open := c.on(begins)
	if !open {
		return Clash{Weekend, at + ", the laboratory is closed"}
	}
	hours := fmt.Sprintf("the hours are %s to %s", from.Format("15:04"), until.Format("15:04"))
	if !begins.Before(from) && begins.Before(until) {
		return Clash{Night, fmt.Sprintf("%s until %s, %s", at, weekdayClock(ends, begins), hours)}
	}
	return Clash{Night, at + ", " + hours}
}

// weekdayClock is the time of day, with the weekday where it is another day than
// that of beside.
func weekdayClock(t, beside time.Time) string {
	if t.Format(day) == beside.Format(day) {
		return t.Format("15:04")
	}
	return t.Format("Monday 15:04")
}
