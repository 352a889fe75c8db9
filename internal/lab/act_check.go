package lab

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/sample"
	"secretome/internal/task"
	"secretome/workflows"
)

// prepare puts what a person typed into canonical form, and makes sure that
// what it names exists.
func (l *Lab) prepare(ctx context.Context, first record.Record, id string, a task.Act) (task.Act, error) {
	if err := l.checkTimes(first, a); err != nil {
		return a, err
	}
	switch a.Verb {
	case task.Attach:
		return a, l.findFiles(ctx, a.Entries)
	case task.TakeBack:
		return a, l.checkFresh(ctx, first.Logbook, id, a)
	case task.Step, task.Save, task.HandOver, task.Assign:
	default:
		return a, nil
	}
	spec, err := l.spec(ctx, id)
	if err != nil {
		return a, err
	}
	switch a.Verb {
	case task.HandOver:
		return a, l.checkHeir(ctx, spec.Task.Role, a.To)
	case task.Assign: // whoever it is claims it under the rules of the task
		return a, l.checkHeir(ctx, "", a.To)
	default:
	}
	step, ok := spec.Task.Step(a.Step)
	if !ok {
		return a, unknownStep(spec, a.Step)
	}
	if err := l.findFiles(ctx, a.Entries); err != nil {
		return a, err
	}
	launch, err := record.Read[record.Launch](first)
	if err != nil {
		return a, err
	}
	zone, err := time.LoadLocation(launch.Zone)
	if err != nil {
		return a, fmt.Errorf("zone of run %s: %w", launch.Run, err)
	}
	a.Entries, err = task.Normalise(step, a.Entries, zone)
	return a, err
}

// checkReasons holds what explains an act against what a reason is. That there is
// one, the task's rules say; what arrives late is kept as it is.
func checkReasons(a task.Act) error {
	switch a.Verb {
	case task.Step, task.Deviate, task.Skip, task.Repeat, task.Cancel:
	default:
		return nil
	}
	if a.Reason != "" {
		if err := task.CheckReason(a.Reason, "reason"); err != nil {
			return err
		}
	}
	if a.Deviation == "" {
		return nil
	}
	return task.CheckReason(a.Deviation, "deviation")
}

// checkFresh refuses to take a step back that was recorded a while ago. Which
// step that may be, the task's rules say.
func (l *Lab) checkFresh(ctx context.Context, logbook, id string, a task.Act) error {
	const onTheWay = 5 * time.Second // between the button and here
	state, err := query[task.State](ctx, l, id, workflows.QueryState)
	if err != nil {
		return err
	}
	for _, d := range state.Done {
		if d.Step != a.Step {
			continue
		}
		r, err := l.Logbooks.Record(ctx, logbook, d.Record.Number)
		if err != nil {
			return err
		}
		if age := l.Now().Sub(r.Received); age > task.TakeBackWithin+onTheWay {
			return fault.New(fault.Conflict, "step %q was recorded %s ago: a step is taken back within %s", a.Step, age.Round(time.Second), task.TakeBackWithin).Field("step").Try("correct it with a reason")
		}
	}
	return nil
}

// checkThings holds what was scanned against what is known of it.
func (l *Lab) checkThings(ctx context.Context, first record.Record, id string, a task.Act) error {
	if a.Verb != task.Step {
		return nil
	}
	spec, err := l.spec(ctx, id)
	if err != nil {
		return err
	}
	step, _ := spec.Task.Step(a.Step) // prepare found it
	used, made := map[string]bool{}, map[string]bool{}
	for _, f := range step.Fields {
		used[f.ID] = f.Kind == protocol.Scan && !f.Thing.Made
		made[f.ID] = f.Thing.Made && !sample.Kept(f.Thing.Is) // of what is kept its own workflow says so
	}
	at := a.Happened
	if at.IsZero() {
		at = l.Now()
	}
	if err := l.checkScans(ctx, a.Entries, used, at); err != nil {
		return err
	}
	return l.checkNew(ctx, id, a.Entries, made, first.Rehearsal)
}

// checkHeir refuses to hand a task over to somebody who could not have claimed it;
// without a role, to somebody whom nobody knows.
func (l *Lab) checkHeir(ctx context.Context, role, to string) error {
	people, err := l.colleagues(ctx)
	if err != nil {
		return err
	}
	var may []string
	known := to == "" // package task says that it is missing
	for _, p := range people {
		if p.Role == role || role == "" {
			may = append(may, strconv.Quote(p.Name))
		}
		if p.Name != to {
			continue
		}
		if p.Role != role && role != "" {
			return fault.New(fault.Forbidden, "the task is for the role %s, %s is %s", role, to, p.Role).Field("to")
		}
		known = true
	}
	if !known {
		return fault.New(fault.NotFound, "nobody here is called %q", to).Field("to").Try("it can go to: %s", strings.Join(may, ", "))
	}
	return nil
}

func unknownStep(spec task.Spec, step string) error {
	var names []string
	for _, s := range spec.Task.Steps {
		names = append(names, s.ID)
	}
	return fault.New(fault.NotFound, "task %q has no step %q", spec.Task.ID, step).Field("step").Try("its steps are: %s", strings.Join(names, ", "))
}

// checkTimes refuses what has not happened yet. A rehearsal's clock is its script.
func (l *Lab) checkTimes(first record.Record, a task.Act) error {
	const tolerance = time.Minute // between the clocks of bench and server
	if first.Rehearsal || !a.Happened.After(l.Now().Add(tolerance)) {
		return nil
	}
	return fault.New(fault.Invalid, "%s is in the future", a.Happened.Format(time.RFC3339)).Field("happened").Try("say when it was done, or leave the time out")
}

// findFiles completes what entries say of their files from the store, so that
// no record names bytes that are not there.
func (l *Lab) findFiles(ctx context.Context, entries []record.Entry) error {
	for i, e := range entries {
		if e.File == nil {
			continue
		}
		stored, err := l.Artifacts.Stat(ctx, e.File.SHA256)
		if err != nil {
			return err
		}
		stored.Name = e.File.Name
		entries[i].File = &stored
	}
	return nil
}
