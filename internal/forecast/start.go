package forecast

import (
	"time"

	"secretome/internal/fault"
	"secretome/internal/protocol"
)

// opening is the time of day of a start that is given as a date only.
const opening = 9

// ahead is for how many days the start is tried.
const ahead = 14

// Start is a day on which the run could begin, at the same time of day.
type Start struct {
	Date    string    `json:"date"`
	At      time.Time `json:"start"`
	Clashes int       `json:"clashes"` // tasks that have one
	Moves   int       `json:"moves"`   // tasks that should be moved inside their windows
}

// starts tries the days from start on. Hours are elapsed hours, so that all
// tasks move with the start by the same time, and only the calendar must be
// asked anew.
func starts(p protocol.Protocol, c Calendar, tasks []Task, start time.Time) []Start {
	short := shortages(p, tasks)
	var all []Start
	for d := range ahead {
		s := Start{At: start.AddDate(0, 0, d)}
		s.Date = s.At.Format(day)
		for i, t := range moved(tasks, s.At.Sub(start), start.Location()) {
			absent, hint := absence(c, t)
			switch {
			case len(short[i])+len(absent) > 0, t.Windowed && t.Ends.After(t.Closes):
				s.Clashes++
			case hint != "":
				s.Moves++
			}
		}
		all = append(all, s)
	}
	return all
}

// best returns the first date with the fewest clashes, of equals that with the
// fewest moves.
func best(all []Start) string {
	least := all[0]
	for _, s := range all {
		if s.Clashes < least.Clashes || s.Clashes == least.Clashes && s.Moves < least.Moves {
			least = s
		}
	}
	return least.Date
}

// ParseStart reads when a run is to begin: a date, which means 9 o'clock of that
// day, a date and time, both in the given zone, or RFC 3339. It fails with
// [fault.Invalid], also where a change of the clock leaves a time out or has it
// twice.
func ParseStart(text string, zone *time.Location) (time.Time, error) {
	const example = "write it like 2026-10-24, which means 09:00, or 2026-10-24 10:00"
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return within(t.In(zone), text)
	}
	if t, err := time.Parse(day, text); err == nil {
		return local(t.Add(opening*time.Hour), zone, text)
	}
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return local(t, zone, text)
		}
	}
	return time.Time{}, fault.New(fault.Invalid, "%q is no date", text).Field("start").Try(example)
}

// local finds the one instant at which a clock in the zone shows the wall time.
func local(wall time.Time, zone *time.Location, text string) (time.Time, error) {
	const clock = "2006-01-02 15:04"
	var found []time.Time
	for _, near := range []time.Duration{-24 * time.Hour, 24 * time.Hour} { // before and after a change
		_, offset := wall.Add(near).In(zone).Zone()
		t := wall.Add(-time.Duration(offset) * time.Second).In(zone)
		if t.Format(clock) == wall.Format(clock) && (len(found) == 0 || !found[0].Equal(t)) {
			found = append(found, t)
		}
	}
	switch len(found) {
	case 0:
		later := time.Date(wall.Year(), wall.Month(), wall.Day(), wall.Hour(), wall.Minute(), 0, 0, zone)
		return time.Time{}, fault.New(fault.Invalid, "there is no %s in %s: the clock is put forward then", wall.Format(clock), zone).
			Field("start").Try("write a time that there is, for instance %s", later.Format(clock))
	case 1:
		return within(found[0], text)
	}
	return time.Time{}, fault.New(fault.Invalid, "%s comes twice in %s: the clock is put back then", wall.Format(clock), zone).
		Field("start").Try("write %s or %s", found[0].Format(time.RFC3339), found[1].Format(time.RFC3339))
}

// within refuses years that no laboratory plans for.
func within(t time.Time, text string) (time.Time, error) {
	const first, last = 1970, 2200
	if y := t.Year(); y < first || y > last {
		return time.Time{}, fault.New(fault.Invalid, "%q lies outside the years %d to %d", text, first, last).Field("start").Try("look at the year")
	}
	return t, nil
}
