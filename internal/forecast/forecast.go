// Package forecast says before a run is launched who must be in the laboratory
// when. It runs the workflows that carry a real run, in Temporal's time-skipping
// environment, with people who answer every task as the protocol expects; so it
// has no flow of its own that could differ from the run's.
//
// # What is presumed
//
// Every criterion is met at the first time: nothing is repeated, a repetition in
// a flow ends after its first round, and of two ways the one behind "then" is
// taken. A task is completed at the nominal time of its window, so work on it
// begins that much earlier as it takes; without a nominal time it begins as soon
// as it is asked. Hours are elapsed hours: a change of the clock does not move
// them. Nobody is made to wait for anybody: where more people or instruments
// would be needed than there are, that is a clash.
//
// # Clashes
//
// A task clashes if it stands outside the calendar's hours and no time inside
// its window would put all of it into them; if it would, that time is a hint
// and no clash. It also clashes where more tasks of its role go on than there
// are people, or with one of its instruments than there are of it, and where
// its window closes before it can be done.
//
// Everything here is a function of its arguments: no files, no network, no
// clock.
package forecast

import (
	"cmp"
	"context"
	"slices"
	"time"

	"secretome/internal/fault"
	"secretome/internal/protocol"
)

// Options say from when on and by which calendar.
type Options struct {
	Start    time.Time // when the run is launched
	Calendar Calendar  // of the laboratory; see [Usual]
}

// Forecast is the bench work of one run. Its times are in the laboratory's zone.
type Forecast struct {
	Protocol string    `json:"protocol"` // name and version
	Hash     string    `json:"hash"`     // the protocol's identity
	Title    string    `json:"title"`
	Zone     string    `json:"zone"`
	Start    time.Time `json:"start"`
	End      time.Time `json:"end"` // of the last task
	Tasks    []Task    `json:"tasks"`
	Clashes  int       `json:"clashes"`   // tasks that have one
	Supplies []Supply  `json:"materials"` // by first use
	Starts   []Start   `json:"starts"`    // the days on which the run could begin instead
	Best     string    `json:"best"`      // the first of those with the fewest clashes

	calendar Calendar
}

// Task is one asking of one task.
type Task struct {
	ID          string    `json:"id"` // "stage/model/block/task/n", parts that do not apply left out
	Stage       string    `json:"stage"`
	Model       string    `json:"model,omitempty"`
	Block       string    `json:"block,omitempty"`
	Step        string    `json:"step"` // ID of the task in the protocol
	N           int       `json:"n"`    // the how-manieth asking
	Title       string    `json:"title"`
	Role        string    `json:"role"`
	Opens       time.Time `json:"opens"`            // its window; without one, begin and end of the work
	Closes      time.Time `json:"closes"`           //
	Windowed    bool      `json:"windowed"`         // the protocol says when it must be done at the latest
	Hard        time.Time `json:"hard,omitzero"`    // end of the grace behind Closes
	Nominal     time.Time `json:"nominal,omitzero"` //
	Begins      time.Time `json:"begins"`           // work on it
	Ends        time.Time `json:"ends"`             //
	Instruments []string  `json:"instruments,omitempty"`
	Clash       []Clash   `json:"clash"`
	Hint        string    `json:"hint,omitempty"` // when to do it instead, inside its window

	asks   protocol.Task
	launch bool // it follows the launch without a break, and nothing lets it wait
}

// Takes returns how long the task takes.
func (t Task) Takes() time.Duration { return t.Ends.Sub(t.Begins) }

// Zone returns the zone of the laboratory. It fails with [fault.Invalid] where
// the protocol names none that is known here.
func Zone(p protocol.Protocol) (*time.Location, error) {
	zone, err := time.LoadLocation(p.Zone)
	if err != nil {
		return nil, fault.New(fault.Invalid, "the protocol's zone %q is no time zone", p.Zone).Field("zone").Try("write it like Europe/Berlin")
	}
	return zone, nil
}

// Course is what a run of a protocol would ask of people, whenever it began. It is
// dear to find out and cheap to put at another date.
type Course struct {
	p     protocol.Protocol
	hash  string
	zone  *time.Location
	start time.Time // of the tasks below
	tasks []Task
}

// Foresee carries a run of p from its begin at start to its end. It fails with
// [fault.Invalid] where the run would not come to its end.
func Foresee(ctx context.Context, p protocol.Protocol, start time.Time) (Course, error) {
	zone, err := Zone(p)
	if err != nil {
		return Course{}, err
	}
	_, hash, err := p.Canonical()
	if err != nil {
		return Course{}, err
	}
	c := Course{p: p, hash: hash, zone: zone, start: start.In(zone).Truncate(time.Second)}
	if c.tasks, err = walk(ctx, p, c.start); err != nil {
		return Course{}, err
	}
	sort(p, c.tasks)
	launched(c.tasks, c.start)
	return c, nil
}

// Plan forecasts a run of p. It fails with [fault.Invalid] where the run would
// not come to its end.
func Plan(ctx context.Context, p protocol.Protocol, o Options) (Forecast, error) {
	c, err := Foresee(ctx, p, o.Start)
	if err != nil {
		return Forecast{}, err
	}
	return c.On(o)
}

// On puts the course at a date. Hours are elapsed hours, so that all tasks move
// with the start by the same time.
func (c Course) On(o Options) (Forecast, error) {
	start := o.Start.In(c.zone).Truncate(time.Second)
	tasks := moved(c.tasks, start.Sub(c.start), c.zone)
	f := Forecast{Protocol: c.p.Name(), Hash: c.hash, Title: c.p.Title, Zone: c.p.Zone, Start: start, End: start, calendar: o.Calendar}
	f.Tasks = judge(c.p, o.Calendar, moved(tasks, 0, c.zone))
	for _, t := range f.Tasks {
		if t.Ends.After(f.End) {
			f.End = t.Ends
		}
		if len(t.Clash) > 0 {
			f.Clashes++
		}
	}
	var err error
	if f.Supplies, err = supplies(c.p, f.Tasks); err != nil {
		return Forecast{}, err
	}
	f.Starts = starts(c.p, o.Calendar, tasks, start)
	f.Best = best(f.Starts)
	return f, nil
}

// sort puts tasks in the order of their work, and what begins at once in the
// protocol's order.
func sort(p protocol.Protocol, tasks []Task) {
	model := map[string]int{}
	for i, m := range p.Models {
		model[m.ID] = i
	}
	slices.SortFunc(tasks, func(a, b Task) int {
		return cmp.Or(a.Begins.Compare(b.Begins), cmp.Compare(model[a.Model], model[b.Model]), natural(a.Block, b.Block),
			a.Ends.Compare(b.Ends), cmp.Compare(a.ID, b.ID))
	})
}

// launched marks the tasks without a window that follow the launch one upon the
// other. Tasks are sorted by begin.
func launched(tasks []Task, start time.Time) {
	until := start
	for i := range tasks {
		t := &tasks[i]
		if t.Begins.After(until) {
			return
		}
		if t.launch = !t.Windowed; t.launch && t.Ends.After(until) {
			until = t.Ends
		}
	}
}

// natural compares numbers by value: 2 before 10.
func natural(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }

// moved returns the tasks in another zone, later by the given time.
func moved(tasks []Task, by time.Duration, zone *time.Location) []Task {
	all := slices.Clone(tasks)
	for i := range all {
		t := &all[i]
		for _, at := range []*time.Time{&t.Opens, &t.Closes, &t.Hard, &t.Nominal, &t.Begins, &t.Ends} {
			if !at.IsZero() {
				*at = at.Add(by).In(zone)
			}
		}
	}
	return all
}
