package forecast

import (
	"fmt"
	"slices"
	"time"

	"secretome/internal/protocol"
)

// Clash is one reason why a task cannot be done as planned.
type Clash struct {
	Kind Kind   `json:"kind"`
	Text string `json:"text"` // one sentence: when, and who or what is missing
}

// Kind is a kind of clash.
type Kind string

// The kinds of clashes.
const (
	Weekend    Kind = "weekend"    // a weekday without hours
	Night      Kind = "night"      // not all of it lies in the day's hours
	Holiday    Kind = "closed"     // a day on which the laboratory is closed
	People     Kind = "people"     // more tasks of a role at once than people
	Instrument Kind = "instrument" // more tasks with an instrument at once than there are of it
	Window     Kind = "window"     // it takes longer than its window is open
)

// reach is how far from its nominal time a task is moved in a hint at most.
const reach = 28 * 24 * time.Hour

// judge returns the tasks with their clashes and hints. They are sorted by
// begin.
func judge(p protocol.Protocol, c Calendar, tasks []Task) []Task {
	for i := range tasks {
		t := &tasks[i]
		t.Clash = []Clash{}
		if t.Windowed && t.Ends.After(t.Closes) {
			t.Clash = append(t.Clash, Clash{Window, fmt.Sprintf("ends %s, but its window closes at %s", t.Ends.Format("Monday 2 January 15:04"), weekdayClock(t.Closes, t.Ends))})
		}
		absent, hint := absence(c, *t)
		t.Clash, t.Hint = append(t.Clash, absent...), hint
	}
	for i, more := range shortages(p, tasks) {
		tasks[i].Clash = append(tasks[i].Clash, more...)
	}
	return tasks
}

// absence holds a task against the calendar: a clash where nobody is there in
// all of its window, a hint where somebody is at another time.
func absence(c Calendar, t Task) ([]Clash, string) {
	if c.holds(t.Begins, t.Ends) {
		return nil, ""
	}
	earliest, latest := t.Begins, t.Begins.Add(reach)
	if last := t.Closes.Add(-t.Takes()); t.Windowed {
		earliest = later(t.Opens, t.Begins.Add(-reach))
		if last.Before(latest) {
			latest = last
		}
	}
	at, ok := c.nearest(t.Begins, earliest, latest, t.Takes())
	switch {
	case !ok, t.launch:
		return []Clash{c.absence(t.Begins, t.Ends)}, ""
	case t.Windowed:
		return nil, "move to " + at.Format("Monday 2 January 15:04") + ", still in the window"
	}
	return nil, "may wait until " + at.Format("Monday 2 January 15:04")
}

// shortages are the clashes of tasks for which there are too few people or
// instruments, by the task's index. Of tasks that begin at once the first ones
// have their people. The clashes do not depend on the date.
func shortages(p protocol.Protocol, tasks []Task) [][]Clash {
	all := make([][]Clash, len(tasks))
	for _, r := range p.Roles {
		if r.People == 0 {
			continue // not said
		}
		of := func(t Task) bool { return t.Role == r.ID }
		for i, n := range crowded(tasks, r.People, of) {
			all[i] = append(all[i], Clash{People, fmt.Sprintf("%s, %d tasks at once for %s: %s", tasks[i].Begins.Format("Monday 2 January 15:04"), n, named(r.Title, r.ID), people(r.People))})
		}
	}
	for _, m := range p.Instruments {
		of := func(t Task) bool { return slices.Contains(t.Instruments, m.ID) }
		for i, n := range crowded(tasks, max(1, m.Count), of) {
			all[i] = append(all[i], Clash{Instrument, fmt.Sprintf("%s, %d tasks at once with %s: there is %d", tasks[i].Begins.Format("Monday 2 January 15:04"), n, named(m.Title, m.ID), max(1, m.Count))})
		}
	}
	return all
}

// crowded returns, by index, the tasks for which there is no room when they
// begin, and how many then go on. Tasks are sorted by begin.
func crowded(tasks []Task, room int, of func(Task) bool) map[int]int {
	over := map[int]int{}
	var going []int
	for i := 0; i < len(tasks); {
		now := tasks[i].Begins
		going = slices.DeleteFunc(going, func(j int) bool { return !tasks[j].Ends.After(now) })
		before := len(going)
		for ; i < len(tasks) && tasks[i].Begins.Equal(now); i++ {
			if of(tasks[i]) {
				going = append(going, i)
			}
		}
		for _, j := range going[min(max(before, room), len(going)):] {
			over[j] = len(going)
		}
	}
	return over
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func named(title, id string) string {
	if title != "" {
		return title
	}
	return id
}

func people(n int) string {
	if n == 1 {
		return "1 person"
	}
	return fmt.Sprintf("%d people", n)
}
