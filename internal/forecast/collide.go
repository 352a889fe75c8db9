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
	mine := only(own, "", of)
	var foreign []meeting
	for _, o := range others {
		foreign = append(foreign, only(o.Tasks, o.Run, of)...)
	}
	if len(foreign) == 0 {
		return nil
	}
	var all []Collision
	for _, t := range mine {
		alone := slices.DeleteFunc(together(mine, t), func(o meeting) bool { return o.Begins.After(t.Begins) })
		if need, first := busiest(alone, together(foreign, t), t.Begins); need > have && len(alone) <= have {
			all = append(all, Collision{*t.Task, *first.Task, first.run, what, need, have})
		}
	}
	return all
}

// meeting is a task of a run.
type meeting struct {
	*Task
	run string
}

// only are the tasks of one kind.
func only(tasks []Task, run string, of func(Task) bool) []meeting {
	var all []meeting
	for i := range tasks {
		if of(tasks[i]) {
			all = append(all, meeting{&tasks[i], run})
		}
	}
	return all
}

// together are the tasks that share some time with t, itself among them.
func together(tasks []meeting, t meeting) []meeting {
	var all []meeting
	for _, o := range tasks {
		if o.Begins.Before(t.Ends) && o.Ends.After(t.Begins) {
			all = append(all, o)
		}
	}
	return all
}

// busiest returns the most tasks that go on at once from begins on, where that is
// at the begin of one of the others, and the first of these then.
func busiest(alone, others []meeting, begins time.Time) (most int, first meeting) {
	for _, moment := range others {
		at := later(moment.Begins, begins)
		going := func(o meeting) bool { return !o.Begins.After(at) && o.Ends.After(at) }
		n, met := 0, meeting{}
		for _, t := range alone {
			if going(t) {
				n++
			}
		}
		for _, o := range others {
			if !going(o) {
				continue
			}
			n++
			if met.Task == nil || cmp.Or(o.Begins.Compare(met.Begins), cmp.Compare(o.run, met.run)) < 0 {
				met = o
			}
		}
		if n > most {
			most, first = n, met
		}
	}
	return most, first
}
