package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"secretome/internal/fault"
	"secretome/internal/record"
	"secretome/internal/task"
	"secretome/workflows"
)

// Acted is the answer to what a person did to a task.
type Acted struct {
	task.Answer
	Late    bool // it came after its task was closed: kept, and applied to nothing
	Follows bool // saved; the lists will show it in a moment
}

// Act does one thing to a task: checked here and by the task's workflow, and
// written into the run's logbook before it is answered. By is who, whatever the
// act says. A request that stands in the logbook already is answered from there.
func (l *Lab) Act(ctx context.Context, who record.Actor, id string, a task.Act) (Acted, error) {
	within, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	acted, err := l.act(within, who, id, a)
	if err != nil && within.Err() != nil && ctx.Err() == nil {
		err = fault.Wrap(err, fault.Unavailable, "nobody answered within %s: a disk may be full, or a server away", answerWithin)
	}
	return acted, err
}

func (l *Lab) act(ctx context.Context, who record.Actor, id string, a task.Act) (Acted, error) {
	if err := Allowed(who, ToTask(a.Verb)); err != nil {
		return Acted{}, err
	}
	a.By = who
	if err := checkRequest(a.Request); err != nil {
		return Acted{}, err
	}
	if err := checkSize(a); err != nil {
		return Acted{}, err
	}
	a = l.clocked(a)
	first, err := l.firstRecord(ctx, runOf(id))
	if err != nil {
		return Acted{}, err
	}
	if answer, found, err := l.answered(ctx, id, a); err != nil || found {
		return answer, err
	}
	if err := l.checkBlind(ctx, id, a); err != nil {
		return Acted{}, err
	}
	if err := l.checkSigner(ctx, id, a); err != nil {
		return Acted{}, err
	}
	if a, err = l.prepare(ctx, first, id, a); err != nil {
		return Acted{}, err
	}
	if kept, late, err := l.late(ctx, first, id, a); err != nil || late {
		return kept, err
	}
	if err := checkReasons(a); err != nil {
		return Acted{}, err
	}
	if err := l.checkThings(ctx, first, id, a); err != nil {
		return Acted{}, err
	}
	return l.update(ctx, id, a)
}

// largest is how many bytes an act has at most: what is larger goes by file.
const largest = 200 << 10

func checkSize(a task.Act) error {
	data, err := json.Marshal(a)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "the act cannot be written as JSON")
	}
	if len(data) > largest {
		return fault.New(fault.Invalid, "the entries have %d bytes, the most is %d", len(data), largest).Try("put long texts into a file and attach it")
	}
	return nil
}

// clocked corrects the time that a bench gives by how much its clock is wrong.
// Both stand in the record, and what was wrong is a deviation.
func (l *Lab) clocked(a task.Act) task.Act {
	const tolerance = 2 * time.Minute
	if a.Bench.IsZero() || a.Happened.IsZero() {
		return a
	}
	wrong := a.Bench.Sub(l.Now())
	if wrong.Abs() <= tolerance {
		return a
	}
	where := "ahead"
	if wrong < 0 {
		where = "behind"
	}
	given := a.Happened
	a.Happened = given.Add(-wrong)
	a.Clock = fmt.Sprintf("the bench's clock was %s %s: it said %s, which was %s", wrong.Abs().Round(time.Second), where, given.UTC().Format(time.RFC3339), a.Happened.UTC().Format(time.RFC3339))
	return a
}

// answerWithin is how long a person waits for an answer: while a disk is full or
// a server is away, the workflow goes on trying, but nobody stands there for it.
const answerWithin = 30 * time.Second

// runOf returns the run in a task's ID, "task/<run>/…".
func runOf(id string) string { return task.RunOf(id) }

// answered looks in the logbook for what this request wrote, and tells the
// answer that it got then.
func (l *Lab) answered(ctx context.Context, id string, a task.Act) (Acted, bool, error) {
	r, found, err := l.Logbooks.Find(ctx, workflows.Logbook(runOf(id)), a.Request)
	if err != nil || !found {
		return Acted{}, false, err
	}
	if r.Subject.Task != id || r.By.Name != a.By.Name {
		return Acted{}, false, reused(r)
	}
	if r.Kind == record.LateEntry {
		answer, err := l.keptLate(ctx, r)
		return answer, true, err
	}
	spec, err := l.spec(ctx, id)
	if err != nil {
		return Acted{}, false, err
	}
	state, err := l.stateAt(ctx, r)
	if err != nil {
		return Acted{}, false, err
	}
	ref, err := r.Ref()
	if err == nil {
		err = l.caughtUp(ctx, id, ref.Number)
	}
	answer := task.Answer{Record: ref, Phase: state.Phase, Holder: state.Holder.Name, NextStep: state.Next(spec.Task)}
	return Acted{Answer: answer, Follows: !l.shown(ctx, ref)}, true, err
}

// caughtUp waits until the task's workflow knows a record that stands in the
// logbook. After a crash it learns of it some seconds later, and until then it
// would refuse what comes next.
func (l *Lab) caughtUp(ctx context.Context, id string, number int64) error {
	const longest = time.Second
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, longest) {
		state, err := query[task.State](ctx, l, id, workflows.QueryState)
		switch {
		case err == nil && state.Last >= number, fault.Is(err, fault.NotFound): // the server forgets what ended long ago
			return nil
		case err != nil && !fault.Is(err, fault.Unavailable):
			return err
		}
		select {
		case <-ctx.Done():
			return fault.New(fault.Unavailable, "it is recorded, but its task does not go on yet").Try("send the same request again")
		case <-time.After(wait):
		}
	}
}

// stateAt tells where r's task stood when r was written.
func (l *Lab) stateAt(ctx context.Context, r record.Record) (task.State, error) {
	state := task.State{Phase: task.Open}
	records, err := l.taskRecords(ctx, r)
	if err != nil {
		return state, err
	}
	for _, other := range records {
		if other.Subject.Task != r.Subject.Task || other.Number > r.Number {
			continue
		}
		ref, err := other.Ref()
		if err != nil {
			return state, err
		}
		if err := state.Apply(other, ref); err != nil {
			return state, err
		}
	}
	return state, nil
}

// taskRecords returns at least the records of r's task up to r: from the index,
// or from the logbook itself where the index lags.
func (l *Lab) taskRecords(ctx context.Context, r record.Record) ([]record.Record, error) {
	if last, _, err := l.Index.Last(ctx, r.Logbook); err == nil && last >= r.Number {
		return l.Index.TaskRecords(ctx, r.Subject.Task)
	}
	return l.Logbooks.Read(ctx, r.Logbook, 0, int(r.Number))
}

// update sends the act to the task's workflow and waits for the answer. What
// is no answer is asked again, with the same request, as long as ctx allows.
func (l *Lab) update(ctx context.Context, id string, a task.Act) (Acted, error) {
	const longest = time.Second
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, longest) {
		answer, err := l.send(ctx, id, a)
		if err == nil {
			return Acted{Answer: answer, Follows: !l.shown(ctx, answer.Record)}, nil
		}
		if first, found, again := l.answered(ctx, id, a); found || again != nil {
			return first, again
		}
		if err = l.explain(ctx, id, err); !fault.Is(err, fault.Unavailable) {
			return Acted{}, err
		}
		select {
		case <-ctx.Done():
			return Acted{}, err
		case <-time.After(wait):
		}
	}
}

func (l *Lab) send(ctx context.Context, id string, a task.Act) (task.Answer, error) {
	var answer task.Answer
	handle, err := l.Temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		UpdateID: a.Request, WorkflowID: id, UpdateName: string(a.Verb), Args: []any{a},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return answer, err
	}
	return answer, handle.Get(ctx, &answer)
}

// turned is how the server calls an Update that was accepted by a workflow
// which ended, or turned a page, before it answered.
const turned = "AcceptedUpdateCompletedWorkflow"

// explain turns an error of an Update into a fault. One of kind unavailable says
// nothing about the act: ask again.
func (l *Lab) explain(ctx context.Context, id string, err error) error {
	if _, missing := errors.AsType[*serviceerror.NotFound](err); missing {
		return l.closed(ctx, id)
	}
	if app, ok := errors.AsType[*temporal.ApplicationError](err); ok {
		if app.Type() == turned {
			return fault.Wrap(err, fault.Unavailable, "the task is turning a page")
		}
		return workflows.Fault(err)
	}
	if away(err) {
		return fault.Wrap(err, fault.Unavailable, "the task's workflow does not answer")
	}
	return err
}

// away reports whether err says that a server or worker gave no answer.
func away(err error) bool {
	_, timeout := errors.AsType[*client.WorkflowUpdateServiceTimeoutOrCanceledError](err)
	_, exhausted := errors.AsType[*serviceerror.ResourceExhausted](err)
	_, unavailable := errors.AsType[*serviceerror.Unavailable](err)
	_, late := errors.AsType[*serviceerror.DeadlineExceeded](err)
	_, notReady := errors.AsType[*serviceerror.WorkflowNotReady](err)
	_, aborted := errors.AsType[*serviceerror.Aborted](err)
	_, cancelled := errors.AsType[*serviceerror.Canceled](err) // by a server that is too busy, or stops
	cancelled = cancelled || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
	return timeout || exhausted || unavailable || late || notReady || aborted || cancelled
}

// closed explains that a task takes no more acts: it is over, or never was.
func (l *Lab) closed(ctx context.Context, id string) error {
	state, err := query[task.State](ctx, l, id, workflows.QueryState)
	if err != nil {
		return err
	}
	by := state.By.Name
	if by == "" {
		by = "the run"
	}
	f := fault.New(fault.Conflict, "the task is %s already, by %s at %s", state.Phase, by, state.Happened.Format(time.RFC3339))
	if again, ok := l.askedAgain(ctx, id); ok {
		return f.Try("it is asked again: secretome task view %s", again)
	}
	return f.Try("see it with: secretome task view %s", id)
}

// askedAgain returns the newest asking of the same task, if there is one behind it.
func (l *Lab) askedAgain(ctx context.Context, id string) (string, bool) {
	i := strings.LastIndexByte(id, '/')
	n, err := strconv.Atoi(id[i+1:])
	if err != nil {
		return "", false
	}
	again := ""
	for {
		n++
		next := id[:i+1] + strconv.Itoa(n)
		if _, err := l.Index.Task(ctx, next); err != nil {
			return again, again != ""
		}
		again = next
	}
}

// spec returns what a task asks, which never changes: its workflow is asked once.
func (l *Lab) spec(ctx context.Context, id string) (task.Spec, error) {
	if known, ok := l.specs.get(id); ok {
		return known, nil
	}
	spec, err := query[task.Spec](ctx, l, id, workflows.QuerySpec)
	if err == nil {
		l.specs.put(id, spec)
	}
	return spec, err
}

// query asks a task's workflow. It fails with [fault.NotFound] if there is none.
func query[T any](ctx context.Context, l *Lab, id, name string) (T, error) {
	var result T
	value, err := l.Temporal.QueryWorkflow(ctx, id, "", name)
	if _, missing := errors.AsType[*serviceerror.NotFound](err); missing {
		return result, fault.New(fault.NotFound, "there is no task %q", id).Try("see them with: secretome task list")
	}
	if err != nil {
		if away(err) || ctx.Err() != nil {
			return result, fault.Wrap(err, fault.Unavailable, "the task's workflow does not answer")
		}
		return result, fmt.Errorf("ask %s for its %s: %w", id, name, err)
	}
	if err := value.Get(&result); err != nil {
		return result, fmt.Errorf("read the %s of %s: %w", name, id, err)
	}
	return result, nil
}
