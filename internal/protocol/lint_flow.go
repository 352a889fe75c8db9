package protocol

import (
	"fmt"
	"slices"
	"strings"
)

// maxLoop is how often a repetition of a flow may go round.
const maxLoop = 50

// stepsStage checks a stage whose flow stands in the protocol.
func (l *linter) stepsStage(at string, i int, s Stage) {
	if !l.oneOf(at+".kind", "kind", s.Kind, []string{Steps}) {
		return
	}
	l.id(at+".stage", s.ID, plainID, map[string]bool{})
	switch {
	case slices.Contains(stageIDs(), s.ID):
		l.add(at+".stage", "stage %q has its flow in code", s.ID).Try("leave kind out, or give the stage a name of its own")
	case slices.ContainsFunc(l.p.Stages[:i], func(o Stage) bool { return o.ID == s.ID }):
		l.add(at+".stage", "stage %q stands here for the second time", s.ID).Try("give each its own name")
	case s.Model != "" || len(s.Models) > 0:
		l.add(at+".model", "a stage of kind steps happens once a run, not by model").Try("leave the model out")
	case l.amidst(i):
		l.add(at+".stage", "stage %q stands between stages that go on side by side", s.ID).Try("put it before the first stage %s or behind the last stage %s", Treating, Assaying)
	case len(s.Measures) > 0 || s.Counts != Counts{} || len(s.LeaveOut) > 0:
		l.add(at, "a stage of kind steps has no measures, counts or leave_out").Try("leave them out")
	}
	l.given(at+".title", s.Title)
	l.flowTasks(at, s)
	l.flow(at, s)
}

// amidst reports whether stages by model stand on both sides of stage i.
func (l *linter) amidst(i int) bool {
	side := func(stages []Stage) bool {
		return slices.ContainsFunc(stages, func(s Stage) bool { return s.ID == Treating || s.ID == Assaying })
	}
	return side(l.p.Stages[:i]) && side(l.p.Stages[i+1:])
}

func (l *linter) flowTasks(at string, s Stage) {
	if len(s.Tasks) == 0 {
		l.add(at, "stage %q has no tasks", s.ID).Try("list them under tasks")
	}
	seen := map[string]bool{}
	for i, t := range s.Tasks {
		at := fmt.Sprintf("%s.tasks[%d]", at, i)
		l.id(at+".task", t.ID, plainID, seen)
		if t.Before+t.After != "" {
			l.add(at, "the flow says when task %q comes", t.ID).Try("leave before and after out")
		}
		l.task(at, t, s.Tasks[:i])
	}
	waits := map[string]bool{}
	for i, w := range s.Waits {
		at := fmt.Sprintf("%s.waits[%d]", at, i)
		l.id(at+".wait", w.ID, plainID, waits)
		l.given(at+".title", w.Title)
		if w.Window.Nominal.IsZero() {
			l.add(at+".window", "wait %q has no nominal time", w.ID).Try("say how long it is: window: {nominal: 24 h, …}")
		}
		l.window(at+".window", w.Window)
	}
}

// walk follows a flow and remembers what was asked on the way.
type walk struct {
	l     *linter
	stage Stage
	asked map[string]Task
	used  map[string]bool // tasks and "wait " + waits
}

func (l *linter) flow(at string, s Stage) {
	if len(s.Flow) == 0 {
		if len(s.Waits) > 0 {
			l.add(at+".waits", "no flow says when the waits come").Try("write it: flow: [{wait: …}, {task: …}]")
		}
		return
	}
	w := walk{l, s, map[string]Task{}, map[string]bool{}}
	w.acts(at+".flow", s.Flow)
	for i, t := range s.Tasks {
		if !w.used[t.ID] {
			l.add(fmt.Sprintf("%s.tasks[%d]", at, i), "task %q is never asked", t.ID).Try("name it in the flow, or take it out")
		}
	}
	for i, wait := range s.Waits {
		if !w.used["wait "+wait.ID] {
			l.add(fmt.Sprintf("%s.waits[%d]", at, i), "wait %q is never waited for", wait.ID).Try("name it in the flow, or take it out")
		}
	}
}

func (w walk) acts(at string, acts []Act) {
	for i, a := range acts {
		w.act(fmt.Sprintf("%s[%d]", at, i), a)
	}
}

func (w walk) act(at string, a Act) {
	kinds := 0
	for _, is := range []bool{a.Task != "", a.Wait != "", len(a.Repeat) > 0, !a.When.IsZero()} {
		if is {
			kinds++
		}
	}
	if kinds != 1 {
		w.l.add(at, "this entry says %d things", kinds).Try("give exactly one of task, wait, repeat, when")
		return
	}
	switch {
	case a.Task != "":
		w.task(at+".task", a.Task)
	case a.Wait != "":
		i := slices.IndexFunc(w.stage.Waits, func(x Wait) bool { return x.ID == a.Wait })
		if i < 0 {
			w.l.oneOf(at+".wait", "wait", a.Wait, waitIDs(w.stage))
		}
		w.used["wait "+a.Wait] = true
	case len(a.Repeat) > 0:
		w.repetition(at, a)
	default:
		w.branch(at, a)
	}
}

func (w walk) task(at, id string) {
	i := slices.IndexFunc(w.stage.Tasks, func(t Task) bool { return t.ID == id })
	if i < 0 {
		w.l.oneOf(at, "task", id, taskIDs(w.stage))
		return
	}
	w.asked[id], w.used[id] = w.stage.Tasks[i], true
}

func (w walk) repetition(at string, a Act) {
	if a.AtMost == 0 {
		w.l.add(at, "this repetition has no end").Try("say how often it may go round: at_most: 5")
	} else {
		w.l.number(at+".at_most", a.AtMost, 1, maxLoop)
	}
	w.acts(at+".repeat", a.Repeat)
	if a.Until.IsZero() {
		w.l.add(at, "this repetition does not say when it is done").Try("write until: {value: task:step.field, at_least: …}")
		return
	}
	w.proviso(at+".until", a.Until)
}

func (w walk) branch(at string, a Act) {
	w.proviso(at+".when", a.When)
	if len(a.Then)+len(a.Else) == 0 {
		w.l.add(at, "nothing follows, whether it is so or not").Try("write then: [{task: …}]")
	}
	w.acts(at+".then", a.Then)
	w.acts(at+".else", a.Else)
}

// proviso wants a value of a task that was asked before, and one limit of its
// kind.
func (w walk) proviso(at string, p Proviso) {
	id, path, ok := strings.Cut(p.Value, ":")
	t, asked := w.asked[id]
	if !ok || !asked {
		w.l.add(at+".value", "%q is of no task that was asked by then", clip(p.Value)).Try("name task:step.field of a task that comes before")
		return
	}
	values := taskValues(t)
	v, ok := values[path]
	if !ok {
		w.l.oneOf(at+".value", "value", path, sortedKeys(values))
		return
	}
	w.l.limit(at, Criterion{ID: p.Value, Value: path, AtLeast: p.AtLeast, AtMost: p.AtMost, Between: p.Between, Equals: p.Equals}, v)
}

func waitIDs(s Stage) []string { return names(s.Waits, func(w Wait) string { return w.ID }) }

func taskIDs(s Stage) []string { return names(s.Tasks, func(t Task) string { return t.ID }) }
