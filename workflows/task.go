package workflows

import (
	"fmt"
	"slices"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"secretome/activities"
	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/internal/sample"
	"secretome/internal/task"
)

// The queries of a human task.
const (
	QuerySpec  = "spec"  // returns a task.Spec
	QueryState = "state" // returns a task.State
)

// rollOver is after how many Updates a task continues as new: the server takes
// 2,000 in one execution.
const rollOver = 1500

// humanTask is one asking of one task: what a person does to it arrives as
// Updates, and each is a record before it is answered.
type humanTask struct {
	in      run.TaskInput
	state   task.State
	mutex   workflow.Mutex
	updates int
	rolling bool // no further Update is taken: the history is about to start anew
}

// HumanTask asks a person for one task and returns when it is completed,
// skipped, or withdrawn by the run. It may continue as new at any time; its
// state and the answers of earlier requests stay.
func HumanTask(ctx workflow.Context, in run.TaskInput) (run.TaskResult, error) {
	t := &humanTask{in: in, state: task.State{Phase: task.Open}, mutex: workflow.NewMutex(ctx)}
	if in.State != nil {
		t.state = *in.State
	}
	if err := t.mutex.Lock(ctx); err != nil { // until the task stands in the logbook
		return run.TaskResult{}, err
	}
	if err := t.listen(ctx); err != nil {
		return run.TaskResult{}, err
	}
	t.announce(ctx)
	t.mutex.Unlock()
	t.watch(ctx)
	return t.await(ctx)
}

func (t *humanTask) listen(ctx workflow.Context) error {
	for _, verb := range task.Verbs() {
		validate := workflow.UpdateHandlerOptions{Validator: t.validate, Description: "A person does to the task: " + string(verb)}
		if err := workflow.SetUpdateHandlerWithOptions(ctx, string(verb), t.handle, validate); err != nil {
			return err
		}
	}
	if err := workflow.SetQueryHandler(ctx, QuerySpec, func() (task.Spec, error) { return t.in.Spec, nil }); err != nil {
		return err
	}
	return workflow.SetQueryHandler(ctx, QueryState, func() (task.State, error) { return t.state, nil })
}

// validate refuses an act that may not happen, without a trace in history.
func (t *humanTask) validate(_ workflow.Context, a task.Act) error {
	if t.rolling {
		return activities.Encode(fault.New(fault.Unavailable, "the task is turning a page").Try("send the same request again"))
	}
	return activities.Encode(t.state.Check(t.in.Spec, a))
}

// handle does one act after the other.
func (t *humanTask) handle(ctx workflow.Context, a task.Act) (task.Answer, error) {
	if err := t.mutex.Lock(ctx); err != nil {
		return task.Answer{}, err
	}
	defer t.mutex.Unlock()
	t.updates++
	if err := t.state.Check(t.in.Spec, a); err != nil { // another act may have come between
		return task.Answer{}, activities.Encode(err)
	}
	if t.in.Spec.Reads && a.Verb == task.Step {
		if err := t.recognise(ctx, a); err != nil {
			return task.Answer{}, err
		}
	}
	if err := t.lots(ctx, &a); err != nil {
		return task.Answer{}, err
	}
	before := t.state.Phase
	ref, err := t.record(ctx, a)
	if err != nil {
		return task.Answer{}, err
	}
	if t.state.Phase != before {
		t.show(ctx)
		t.mark(ctx)
	}
	return task.Answer{Record: ref, Phase: t.state.Phase, Holder: t.state.Holder.Name, NextStep: t.state.Next(t.in.Spec.Task)}, nil
}

// recognise tries an instrument's file before the step is recorded, so that
// the person at the bench hears at once of a file that is none.
func (t *humanTask) recognise(ctx workflow.Context, a task.Act) error {
	for _, e := range a.Entries {
		if e.File == nil {
			continue
		}
		ctx := workflow.WithActivityOptions(ctx, computing(e.File.Name))
		if err := workflow.ExecuteActivity(ctx, act.Recognise, *e.File).Get(ctx, nil); err != nil {
			return activities.Encode(activities.Decode(err))
		}
	}
	return nil
}

// lots does to lots what completing a step does to them: what was made is
// registered, what was used is drawn. Where one of them says no, those before it
// are undone, and the step is not recorded.
func (t *humanTask) lots(ctx workflow.Context, a *task.Act) error {
	if a.Happened.IsZero() {
		a.Happened = workflow.Now(ctx).UTC()
	}
	acts, err := task.LotActs(t.in.Spec, t.state, *a)
	if err != nil || len(acts) == 0 {
		return activities.Encode(err)
	}
	a.Entries = slices.Clone(a.Entries)
	for i, one := range acts {
		answer, err := toLot(ctx, t.toLot(*a, one), string(one.Act.Kind))
		if err != nil {
			t.undo(ctx, *a, acts[:i])
			return activities.Encode(at(err, one.Field))
		}
		acts[i].Answer = answer.Record.Number
		for j, e := range a.Entries {
			if e.Field == one.Field && (e.Thing == nil || one.Act.Kind == record.LotDrawn) {
				a.Entries[j].Thing = &record.Thing{Act: &answer.Record}
			}
		}
	}
	return nil
}

func (t *humanTask) toLot(a task.Act, one task.LotAct) activities.ToLotInput {
	one.Act.Rehearsal = t.in.Context.Rehearsal
	for _, f := range t.in.Spec.Task.Fields(a.Step) {
		if f.ID == one.Field && (f.Thing.Stock || f.Thing.Is == sample.Donor) {
			return activities.ToLotInput{Barcode: one.Barcode, Act: one.Act, Same: true}
		}
	}
	return activities.ToLotInput{Barcode: one.Barcode, Act: one.Act}
}

// undo takes back what a step did to lots before another lot refused it.
func (t *humanTask) undo(ctx workflow.Context, a task.Act, done []task.LotAct) {
	for _, one := range done {
		back, ok := one.Undo()
		if !ok {
			continue
		}
		if _, err := toLot(ctx, t.toLot(a, back), string(back.Act.Kind)); err != nil {
			workflow.GetLogger(ctx).Error("undo what a step did to a lot", "lot", one.Barcode, "error", err)
		}
	}
}

// at puts the field's name on a fault of a lot.
func at(err error, field string) error {
	f := fault.Of(err)
	if f.Place.Field == "" {
		f.Place.Field = field
	}
	return f
}

// record appends what the act says and returns the first record.
func (t *humanTask) record(ctx workflow.Context, a task.Act) (record.Ref, error) {
	drafts, err := task.Drafts(t.base(ctx, a), t.in.Spec, t.state, a)
	if err != nil {
		return record.Ref{}, activities.Encode(err)
	}
	var first record.Ref
	for i, d := range drafts {
		ref, err := t.append(ctx, d, appendRecord)
		if err != nil {
			return record.Ref{}, err
		}
		if i == 0 {
			first = ref
		}
	}
	return first, nil
}

// append writes one record and applies it.
func (t *humanTask) append(ctx workflow.Context, d record.Draft, write func(workflow.Context, record.Draft) (record.Record, error)) (record.Ref, error) {
	r, err := write(ctx, d)
	if err != nil {
		return record.Ref{}, err
	}
	ref, err := r.Ref()
	if err != nil {
		return record.Ref{}, err
	}
	return ref, t.state.Apply(r, ref)
}

// base is what all records of an act share.
func (t *humanTask) base(ctx workflow.Context, a task.Act) record.Draft {
	d := draft(ctx, t.in.Context, t.in.Spec.Subject)
	d.Request, d.By, d.Happened = a.Request, a.By, a.Happened
	if d.Happened.IsZero() {
		d.Happened = d.Received
	}
	d.Subject.Step = a.Step
	return d
}

// own is the base of a record that the task itself writes.
func (t *humanTask) own(ctx workflow.Context, act string) record.Draft {
	d := draft(ctx, t.in.Context, t.in.Spec.Subject)
	d.Request = request(t.in.Spec.ID, act)
	if !t.in.Spec.Window.Opens.IsZero() && t.in.Context.Rehearsal {
		d.Happened = t.in.Spec.Window.Opens
	}
	return d
}

func (t *humanTask) announce(ctx workflow.Context) {
	t.show(ctx)
	if t.in.State != nil {
		return
	}
	spec := t.in.Spec
	asked := record.Asked{Title: spec.Task.Title, Role: spec.Task.Role, Window: spec.Window, Attempt: spec.Attempt, NotBy: spec.NotBy}
	for _, s := range spec.Task.Steps {
		asked.Steps = append(asked.Steps, s.ID)
	}
	d := t.own(ctx, "asked")
	d.Kind, d.Uses = record.TaskAsked, t.in.Uses
	d.Body, _ = record.Body(asked) // a struct of strings and times always encodes
	if _, err := t.append(ctx, d, appendOwn); err != nil {
		workflow.GetLogger(ctx).Error("announce task", "error", err)
	}
	if spec.Task.ID == protocol.DecisionID {
		t.tell(ctx, activities.Decide, spec.Task.Role, spec.Task.Steps[0].Text)
	}
}

// show tells operators where the task stands.
func (t *humanTask) show(ctx workflow.Context) {
	details := fmt.Sprintf("**%s** (%s)", t.in.Spec.Task.Title, t.state.Phase)
	if t.state.Phase == task.Claimed {
		details += " by " + t.state.Holder.Name
	}
	if closes := t.in.Spec.Window.Closes; !closes.IsZero() {
		details += ", window closes " + closes.Format(time.RFC3339)
	}
	workflow.SetCurrentDetails(ctx, details)
}

// mark keeps the search attribute of an open task true; the server's own status
// tells when it is over.
func (t *humanTask) mark(ctx workflow.Context) {
	if t.over() {
		return
	}
	state := temporal.NewSearchAttributeKeyKeyword(AttributeState).ValueSet(string(t.state.Phase))
	if err := workflow.UpsertTypedSearchAttributes(ctx, state); err != nil {
		workflow.GetLogger(ctx).Warn("mark state", "error", err)
	}
}

// watch writes a record when an edge of the window passes and nobody answered.
// In a rehearsal times are the script's, so there is nothing to wait for.
func (t *humanTask) watch(ctx workflow.Context) {
	w := t.in.Spec.Window
	if t.in.Context.Rehearsal {
		return
	}
	edges := []edge{{"remind", t.in.Spec.Remind}, {"closes", w.Closes}, {"escalate", t.in.Spec.Escalate.At}, {"hard", w.Hard}}
	edges = slices.DeleteFunc(edges, func(e edge) bool { return e.at.IsZero() })
	slices.SortStableFunc(edges, func(a, b edge) int { return a.at.Compare(b.at) })
	workflow.Go(ctx, func(ctx workflow.Context) {
		for ; t.in.Edge < len(edges); t.in.Edge++ {
			e := edges[t.in.Edge]
			options := workflow.TimerOptions{Summary: "window of " + t.in.Spec.Task.Title + ": " + e.name}
			if err := workflow.NewTimerWithOptions(ctx, e.at.Sub(workflow.Now(ctx)), options).Get(ctx, nil); err != nil {
				return
			}
			t.pass(ctx, e)
		}
	})
}

type edge struct {
	name string
	at   time.Time
}

func (t *humanTask) pass(ctx workflow.Context, e edge) {
	if t.mutex.Lock(ctx) != nil {
		return
	}
	defer t.mutex.Unlock()
	if t.over() {
		return
	}
	switch e.name {
	case "remind":
		if now := workflow.Now(ctx); t.in.Spec.Window.Closes.After(now) { // after an outage the window may be over
			left := t.in.Spec.Window.Closes.Sub(now).Round(time.Minute)
			if left < 2*time.Minute {
				left = t.in.Spec.Window.Closes.Sub(now).Round(time.Second)
			}
			t.notice(ctx, activities.Reminder, t.in.Spec.Task.Role, fmt.Sprintf("%s: the window closes in %s", t.in.Spec.Task.Title, left))
		}
		return
	case "escalate":
		t.notice(ctx, activities.Escalated, t.in.Spec.Escalate.To, t.in.Spec.Task.Title+": nobody has answered, and the window is closed")
		return
	}
	d := t.own(ctx, "window-"+e.name)
	d.Kind, d.Happened = record.WindowPassed, e.at
	d.Body, _ = record.Body(record.Edge{Edge: e.name, Window: t.in.Spec.Window})
	if _, err := t.append(ctx, d, appendOwn); err != nil {
		workflow.GetLogger(ctx).Error("record a window's edge", "error", err)
	}
}

// notice records that somebody is to be told, and tells them outside the program
// where that is set up. Nobody waits for it.
func (t *humanTask) notice(ctx workflow.Context, kind, role, text string) {
	d := t.own(ctx, "notice-"+kind)
	d.Kind = record.Noticed
	d.Body, _ = record.Body(record.Notice{Kind: kind, Role: role, Text: text}) // strings always encode
	if _, err := t.append(ctx, d, appendOwn); err != nil {
		workflow.GetLogger(ctx).Error("record a notice", "error", err)
	}
	t.tell(ctx, kind, role, text)
}

func (t *humanTask) tell(ctx workflow.Context, kind, role, text string) {
	tell(ctx, t.in.Context, activities.Notice{
		ID: t.in.Spec.ID + "#" + kind, Kind: kind, Run: t.in.Context.Run, Task: t.in.Spec.ID, Title: t.in.Spec.Task.Title, Text: text, Role: role,
		Due: t.in.Spec.Window.Closes, Happened: workflow.Now(ctx).UTC(), Zone: t.in.Context.Zone,
	})
}

func (t *humanTask) over() bool {
	return t.state.Phase == task.Completed || t.state.Phase == task.Skipped || t.state.Phase == task.Closed
}

// await returns when the task is over and every answer was given.
func (t *humanTask) await(ctx workflow.Context) (run.TaskResult, error) {
	full := func() bool { return t.updates >= rollOver || workflow.GetInfo(ctx).GetContinueAsNewSuggested() }
	stopped := workflow.Await(ctx, func() bool { return t.over() || full() })
	t.rolling = stopped == nil && !t.over()
	calm, _ := workflow.NewDisconnectedContext(ctx)
	if err := workflow.Await(calm, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return run.TaskResult{}, err
	}
	switch {
	case t.over():
		return run.TaskResult{State: t.state}, nil
	case stopped != nil:
		return run.TaskResult{State: t.state}, t.close(calm, stopped)
	}
	next := t.in
	next.State = &t.state
	return run.TaskResult{}, workflow.NewContinueAsNewError(ctx, HumanTask, next)
}

// close records that the run withdrew the task.
func (t *humanTask) close(ctx workflow.Context, why error) error {
	d := t.own(ctx, "closed")
	d.Kind, d.Happened = record.TaskClosed, d.Received
	d.Body, _ = record.Body(record.Note{Text: "withdrawn by the run"})
	if _, err := t.append(ctx, d, appendOwn); err != nil {
		return err
	}
	return why
}
