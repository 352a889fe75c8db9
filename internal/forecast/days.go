package forecast

import (
	"cmp"
	"slices"
	"time"
)

// Day is the bench work of one day on which there is any.
type Day struct {
	Date   time.Time // its midnight, in the laboratory's zone
	Closed string    // why nobody is there: "Saturday", "Christmas"; empty on a day with hours
	Bench  time.Duration
	Tasks  int
	Lines  []Entry
}

// Entry is one task of a day, or the same task of several blocks at once.
type Entry struct {
	Task          // the first of them
	Name   string // its title, with a number where it is asked more than once
	Where  string // models and blocks, or the stage
	Window string // "08:00 to Tue 12:00"; empty where there is none
	Count  int    // tasks
}

// Days returns the calendar, day by day.
func (f Forecast) Days() []Day {
	var days []Day
	for _, l := range fold(f.Tasks) {
		date := midnight(l.Begins)
		if n := len(days); n == 0 || !days[n-1].Date.Equal(date) {
			days = append(days, Day{Date: date, Closed: f.shut(date)})
		}
		d := &days[len(days)-1]
		e := Entry{Task: l.Task, Name: l.name(), Where: l.where(), Window: l.window(), Count: max(1, len(l.blocks))}
		d.Lines = append(d.Lines, e)
		d.Tasks += e.Count
		d.Bench += time.Duration(e.Count) * l.Takes()
	}
	return days
}

// shut says why nobody is there on a day; empty where somebody is.
func (f Forecast) shut(date time.Time) string {
	if days, closed := f.calendar.closed(date); closed {
		if days.Why != "" {
			return days.Why
		}
		return "closed"
	}
	if _, _, open := f.calendar.on(date); !open {
		return date.Weekday().String()
	}
	return ""
}

// Share is what one role has to do.
type Share struct {
	Role   string
	Tasks  int
	Bench  time.Duration
	First  Task // by begin
	Closed int  // tasks on days on which nobody is there
}

// Shares sums up the work of each role, in the order in which they begin.
func (f Forecast) Shares() []Share {
	var all []Share
	for _, t := range f.Tasks {
		i := slices.IndexFunc(all, func(s Share) bool { return s.Role == t.Role })
		if i < 0 {
			i, all = len(all), append(all, Share{Role: t.Role, First: t})
		}
		s := &all[i]
		s.Tasks++
		s.Bench += t.Takes()
		if f.shut(t.Begins) != "" {
			s.Closed++
		}
	}
	return all
}

// Stretch is one stage of one model, from its first task to its last.
type Stretch struct {
	Stage, Model string
	From, To     time.Time
	Clashes      int // tasks that have one
}

// Stretches returns how long each stage lasts, in the order in which they begin.
func (f Forecast) Stretches() []Stretch {
	var all []Stretch
	for _, t := range f.Tasks {
		i := slices.IndexFunc(all, func(s Stretch) bool { return s.Stage == t.Stage && s.Model == t.Model })
		if i < 0 {
			i, all = len(all), append(all, Stretch{Stage: t.Stage, Model: t.Model, From: t.Begins})
		}
		s := &all[i]
		s.To = later(s.To, t.Ends)
		if len(t.Clash) > 0 {
			s.Clashes++
		}
	}
	return all
}

// Made is how many things of one kind get a label in a run, one for each scan.
type Made struct {
	Kind   string // plate, vessel, lot …
	Title  string // of the task that makes them
	Number int
}

// Makes counts the things that tasks make, by kind and task, in the order in
// which the first of each is made.
func (f Forecast) Makes() []Made {
	var all []Made
	for _, t := range f.Tasks {
		for _, step := range t.asks.Steps {
			for _, field := range step.Fields {
				if !field.Thing.Made {
					continue
				}
				i := slices.IndexFunc(all, func(m Made) bool { return m.Kind == field.Thing.Is && m.Title == t.Title })
				if i < 0 {
					i, all = len(all), append(all, Made{Kind: field.Thing.Is, Title: t.Title})
				}
				all[i].Number++
			}
		}
	}
	return all
}

// Used is when a run uses one material.
type Used struct {
	Material    string // its ID; of what is only scanned "task.field"
	Title       string // of what is only scanned
	Tasks       int    // that name it; 0: none does, and it may be used at any time of the run
	First, Last time.Time
}

// Uses returns when each material is used: by a task that needs some of it, or in
// which a lot of it is scanned. A material that no task names comes last, with
// the time of the whole run. Where the protocol lists no materials, each reagent
// that is scanned takes the place of one.
func (c Course) Uses(f Forecast) []Used {
	var all []Used
	for _, t := range f.Tasks {
		for _, u := range t.uses(len(c.p.Materials) > 0) {
			i := slices.IndexFunc(all, func(a Used) bool { return a.Material == u.Material })
			if i < 0 {
				i, all = len(all), append(all, Used{Material: u.Material, Title: u.Title, First: t.Begins})
			}
			all[i].Tasks++
			all[i].Last = later(all[i].Last, t.Ends)
		}
	}
	for _, m := range c.p.Materials {
		if !slices.ContainsFunc(all, func(u Used) bool { return u.Material == m.ID }) {
			all = append(all, Used{Material: m.ID, First: f.Start, Last: f.End})
		}
	}
	return all
}

// uses lists what the task uses, each once: materials where the protocol lists
// them, else the reagents that are scanned.
func (t Task) uses(listed bool) []Used {
	var all []Used
	for _, n := range t.asks.Needs {
		all = append(all, Used{Material: n.Material})
	}
	for _, step := range t.asks.Steps {
		for _, field := range step.Fields {
			switch {
			case field.Material != "":
				all = append(all, Used{Material: field.Material})
			case !listed && field.Thing.Is == "reagent" && !field.Thing.Made:
				all = append(all, Used{Material: t.Step + "." + field.ID, Title: t.Title + ", " + field.Title})
			}
		}
	}
	slices.SortFunc(all, func(a, b Used) int { return cmp.Compare(a.Material, b.Material) })
	return slices.Compact(all)
}

// Span is from one time to another.
type Span struct{ From, To time.Time }

// Shut are the times from the first day of the run to its last in which nobody
// is there, days that follow each other in one.
func (f Forecast) Shut() []Span {
	var all []Span
	for d := midnight(f.Start); !d.After(f.End); d = d.AddDate(0, 0, 1) {
		if f.shut(d) == "" {
			continue
		}
		next := d.AddDate(0, 0, 1)
		if n := len(all); n > 0 && all[n-1].To.Equal(d) {
			all[n-1].To = next
			continue
		}
		all = append(all, Span{d, next})
	}
	return all
}
