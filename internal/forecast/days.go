package forecast

import (
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
	Material    string
	Tasks       int
	First, Last time.Time
}

// Uses returns when each material is used: by a task that needs some of it, or
// in which a lot of it is scanned. Materials that no task names are left out.
func (f Forecast) Uses() []Used {
	var all []Used
	for _, t := range f.Tasks {
		for _, id := range t.materials() {
			i := slices.IndexFunc(all, func(u Used) bool { return u.Material == id })
			if i < 0 {
				i, all = len(all), append(all, Used{Material: id, First: t.Begins})
			}
			all[i].Tasks++
			all[i].Last = later(all[i].Last, t.Ends)
		}
	}
	return all
}

// materials lists what the task uses, each once.
func (t Task) materials() []string {
	var all []string
	for _, n := range t.asks.Needs {
		all = append(all, n.Material)
	}
	for _, step := range t.asks.Steps {
		for _, field := range step.Fields {
			if field.Material != "" {
				all = append(all, field.Material)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}
