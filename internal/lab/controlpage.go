package lab

import (
	"context"
	"slices"
	"time"

	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/internal/sample"
	"secretome/internal/task"
)

// ControlPage is what will happen when somebody does a thing to a run.
type ControlPage struct {
	index.Run
	Verb     run.Verb
	Now      time.Time
	Standing Standing
	Open     int    // tasks that wait for somebody
	Tasks    []Task // the first of them
	Closing  []Task // whose window closes within a day, or has closed
	Waits    []index.Wait
	InWork   []index.Used // what may be in an incubator or on a bench
	Stages   []Stage      // that are going on
	Begun    []string     // titles of the stages that have begun
}

// How many tasks a page of a control lists, and among how many things it looks
// for those that may be in work.
const (
	mostListed  = 12
	mostScanned = 400
)

// ControlPage tells what doing verb to a run will do. It fails with
// [fault.NotFound], and with [fault.Conflict] where it cannot be done: the run is
// over, is being stopped, is paused already, or is not.
func (l *Lab) ControlPage(ctx context.Context, who record.Actor, id string, verb run.Verb) (ControlPage, error) {
	if err := Allowed(who, ToRun(verb)); err != nil {
		return ControlPage{}, err
	}
	row, err := l.Index.Run(ctx, id)
	if err != nil {
		return ControlPage{}, err
	}
	p := ControlPage{Run: row, Verb: verb, Now: l.Now()}
	if row.State != index.Running {
		return p, fault.New(fault.Conflict, "Run %s is over: %s", id, row.Outcome).Try("nothing more can be done to it; its record stays as it is")
	}
	if p.Standing, err = l.heldUp(ctx, row); err != nil {
		return p, err
	}
	if err := mayControl(p.Standing, verb); err != nil {
		return p, err
	}
	return p, l.consequences(ctx, &p)
}

func mayControl(s Standing, verb run.Verb) error {
	held := run.Standing{Paused: s.Why}
	if s.State == "stopping" {
		held = run.Standing{Stopping: s.Why}
	}
	err := held.Check(run.Act{Verb: verb, Reason: "asked"})
	if fault.Is(err, fault.Conflict) {
		return err
	}
	return nil // what is missing yet is asked for on the page
}

// consequences reads what the act touches.
func (l *Lab) consequences(ctx context.Context, p *ControlPage) (err error) {
	if p.Tasks, err = l.Index.Tasks(ctx, index.TaskFilter{Run: p.ID, States: waiting(), Limit: mostListed}); err != nil {
		return err
	}
	const soon = 24 * time.Hour
	for _, t := range p.Tasks {
		if !t.Closes.IsZero() && t.Closes.Before(p.Now.Add(soon)) {
			p.Closing = append(p.Closing, t)
		}
	}
	tallies, err := l.Index.Tallies(ctx, []string{p.ID}, p.Now, true)
	if err != nil {
		return err
	}
	for _, t := range tallies {
		p.Open += t.Open
	}
	waits, err := l.Index.Waits(ctx, p.ID)
	if err != nil {
		return err
	}
	p.Waits = slices.DeleteFunc(waits, func(w index.Wait) bool { return !w.Ended.IsZero() })
	things, err := l.Index.ThingsOf(ctx, p.ID, mostScanned)
	if err != nil {
		return err
	}
	p.InWork = slices.DeleteFunc(things, func(u index.Used) bool { return sample.Kept(u.Kind) })
	stages, err := l.Index.Stages(ctx, p.ID)
	for _, s := range stages {
		if !slices.Contains(p.Begun, s.Title) {
			p.Begun = append(p.Begun, s.Title)
		}
		if s.State == index.Running {
			p.Stages = append(p.Stages, s)
		}
	}
	return err
}

// Amendment is what an amended protocol would change in a run.
type Amendment struct {
	Name    string // of the protocol with its version
	Changes []protocol.Change
}

// PreviewAmendment says what an amended protocol would change, and writes
// nothing. It fails as [Lab.Control] would.
func (l *Lab) PreviewAmendment(ctx context.Context, who record.Actor, id, name string, document []byte) (Amendment, error) {
	if err := Allowed(who, ToRun(run.Amend)); err != nil {
		return Amendment{}, err
	}
	first, err := l.firstRecord(ctx, id)
	if err != nil {
		return Amendment{}, err
	}
	next, changes, err := l.amended(ctx, first, name, document)
	if err != nil {
		return Amendment{}, err
	}
	stages, err := l.Index.Stages(ctx, id)
	if err != nil {
		return Amendment{}, err
	}
	return Amendment{next.Name(), changes}, mayFollow(next.Plan(), stages)
}

// mayFollow refuses a protocol in which a stage that has begun is another one, by
// the rule of the run itself.
func mayFollow(plan []string, stages []Stage) error {
	var begun []string
	for _, s := range stages {
		id := s.Stage
		if s.Model != "" {
			id = protocol.ByModel
		}
		if !(Column{Stage: s.Stage}).aside() && !slices.Contains(begun, id) {
			begun = append(begun, id)
		}
	}
	return run.Standing{Begun: begun}.Check(run.Act{Verb: run.Amend, Reason: "asked", Amended: &record.Amended{}, Plan: plan})
}

// ManagePage is what will happen when somebody does a thing to a task.
type ManagePage struct {
	TaskView
	Title   string // of the run
	Verb    task.Verb
	Heirs   []string // to whom it may go
	Refused error    // why it cannot be done now; nil: it can
}

// ManagePage tells what doing verb to a task will do. It fails with
// [fault.NotFound], and with [fault.Conflict] for a task that is over.
func (l *Lab) ManagePage(ctx context.Context, who record.Actor, id string, verb task.Verb) (ManagePage, error) {
	if err := Allowed(who, ToTask(verb)); err != nil {
		return ManagePage{}, err
	}
	row, err := l.Index.Run(ctx, runOf(id))
	if err != nil {
		return ManagePage{}, err
	}
	p := ManagePage{Title: row.Title, Verb: verb}
	if p.TaskView, err = l.Task(ctx, who, id); err != nil {
		return p, err
	}
	if row.State != index.Running || p.Now.Phase != task.Open && p.Now.Phase != task.Claimed {
		return p, fault.New(fault.Conflict, "“%s” is %s already", p.Spec.Task.Title, p.Now.Phase).Try("what was done stays in the record")
	}
	p.Refused = p.Now.Check(p.Spec, task.Act{Verb: verb, By: who, To: "somebody", Reason: "asked"})
	if verb == task.Assign || verb == task.HandOver {
		p.Heirs, err = l.Heirs(ctx, who, id)
	}
	return p, err
}
