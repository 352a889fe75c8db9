package forecast

import (
	"cmp"
	"slices"
	"time"
)

// Collision is a task of one run for which somebody or something is bound by
// another run at that time.
type Collision struct {
	Task  Task   // of this run
	Other Task   // of the other, the first that is in its way
	Run   string // the other
	What  string // "technician", or the instrument
	Need  int    // that are wanted at once
	Have  int
}

// Planned is another run as it was forecast.
type Planned struct {
	Run string
	Forecast
}

// Collisions holds the forecast against other runs: where more tasks of a role,
// or with an instrument, go on at once than there are people or instruments
// though this run alone would have enough, the task of this run is named. How
// many there are is the most that one of the protocols says; where none does,
// nobody is short.
func (c Course) Collisions(f Forecast, others []Planned) []Collision {
	var all []Collision
	for _, r := range c.p.Roles {
		if r.People > 0 {
			all = append(all, collide(f.Tasks, others, named(r.Title, r.ID), r.People, func(t Task) bool { return t.Role == r.ID })...)
		}
	}
	for _, m := range c.p.Instruments {
		all = append(all, collide(f.Tasks, others, named(m.Title, m.ID), max(1, m.Count), func(t Task) bool { return slices.Contains(t.Instruments, m.ID) })...)
	}
	slices.SortStableFunc(all, func(a, b Collision) int { return a.Task.Begins.Compare(b.Task.Begins) })
	return all
}

// collide finds the tasks of one kind that are too many only because of others.
func collide(own []Task, others []Planned, what string, have int, of func(Task) bool) []Collision {
	var foreign []meeting
	for _, o := range others {
		for _, t := range o.Tasks {
			if of(t) {
				foreign = append(foreign, meeting{t, o.Run})
			}
		}
	}
	var all []Collision
	for _, t := range own {
		if !of(t) {
			continue
		}
		alone, met := beside(own, t, of), together(foreign, t)
		if need, first := busiest(alone, met, t.Begins); need > have && len(alone) <= have {
			all = append(all, Collision{t, first.Task, first.run, what, need, have})
		}
	}
	return all
}

// meeting is a task of another run.
type meeting struct {
	Task
	run string
}

// beside are the tasks of one kind that go on when t begins, itself among them.
func beside(tasks []Task, t Task, of func(Task) bool) []Task {
	return slices.DeleteFunc(slices.Clone(tasks), func(o Task) bool {
		return !of(o) || o.Begins.After(t.Begins) || !o.Ends.After(t.Begins)
	})
}

// together are the tasks of other runs that share some time with t.
func together(foreign []meeting, t Task) []meeting {
	var all []meeting
	for _, o := range foreign {
		if o.Begins.Before(t.Ends) && o.Ends.After(t.Begins) {
			all = append(all, o)
		}
	}
	return all
}

// busiest returns the most tasks that go on at once from begins on, where that is
// at the begin of one of them, and the first of the others among them.
func busiest(alone []Task, others []meeting, begins time.Time) (most int, first meeting) {
	for _, moment := range others {
		at := later(moment.Begins, begins)
		n := 0
		for _, t := range alone {
			if t.Ends.After(at) {
				n++
			}
		}
		var met []meeting
		for _, o := range others {
			if !o.Begins.After(at) && o.Ends.After(at) {
				met = append(met, o)
			}
		}
		slices.SortFunc(met, func(a, b meeting) int { return cmp.Or(a.Begins.Compare(b.Begins), cmp.Compare(a.run, b.run)) })
		if n+len(met) > most {
			most, first = n+len(met), met[0]
		}
	}
	return most, first
}
