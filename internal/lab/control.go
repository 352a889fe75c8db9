package lab

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"secretome/activities"
	"secretome/internal/account"
	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/workflows"
)

// ToRun returns the command that does verb to a run.
func ToRun(verb run.Verb) Command { return Command("run " + string(verb)) }

// ControlRequest is one thing that a manager does to a run.
type ControlRequest struct {
	Request  string
	Verb     run.Verb
	Reason   string
	Task     *protocol.Task // to ask
	Document []byte         // to amend: the protocol as YAML
	Name     string         // of its file
}

// Controlled is the answer.
type Controlled struct {
	run.Acted
	Changes []string // of an amendment, in words
	Follows bool     // saved; the lists will show it in a moment
}

// Control does one thing to a run. A request that stands in the run's logbook is
// answered from there.
func (l *Lab) Control(ctx context.Context, who record.Actor, id string, q ControlRequest) (Controlled, error) {
	if err := Allowed(who, ToRun(q.Verb)); err != nil {
		return Controlled{}, err
	}
	if err := checkRequest(q.Request); err != nil {
		return Controlled{}, err
	}
	first, err := l.firstRecord(ctx, id)
	if err != nil {
		return Controlled{}, err
	}
	a := run.Act{Verb: q.Verb, Request: q.Request, By: who, Reason: strings.TrimSpace(q.Reason), Task: q.Task}
	if q.Verb == run.Ask {
		err = checkAdded(q.Task)
	}
	if q.Verb == run.Amend {
		a.Amended, a.Plan, err = l.amendment(ctx, first, q)
	}
	if err != nil {
		return Controlled{}, err
	}
	within, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	acted, err := l.control(within, id, a)
	c := Controlled{Acted: acted}
	if a.Amended != nil {
		c.Changes = a.Amended.Changes
	}
	if err == nil {
		c.Follows = !l.shown(ctx, acted.Record)
	}
	return c, err
}

// control sends the act to the run's workflow, as long as ctx allows.
func (l *Lab) control(ctx context.Context, id string, a run.Act) (run.Acted, error) {
	const longest = time.Second
	for wait := 20 * time.Millisecond; ; wait = min(2*wait, longest) {
		if r, found, err := l.Logbooks.Find(ctx, workflows.Logbook(id), a.Request); err != nil || found {
			if err != nil {
				return run.Acted{}, err
			}
			if r.By.Name != a.By.Name {
				return run.Acted{}, reused(r)
			}
			ref, err := r.Ref()
			return run.Acted{Record: ref}, err
		}
		acted, err := l.sendControl(ctx, id, a)
		if err == nil {
			return acted, nil
		}
		if err = explainRun(id, err); !fault.Is(err, fault.Unavailable) {
			return acted, err
		}
		select {
		case <-ctx.Done():
			return acted, err
		case <-time.After(wait):
		}
	}
}

func (l *Lab) sendControl(ctx context.Context, id string, a run.Act) (run.Acted, error) {
	var acted run.Acted
	handle, err := l.Temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		UpdateID: a.Request, WorkflowID: workflows.RunID(id), UpdateName: workflows.ControlUpdate, Args: []any{a},
		WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err != nil {
		return acted, err
	}
	return acted, handle.Get(ctx, &acted)
}

func explainRun(id string, err error) error {
	if _, over := errors.AsType[*serviceerror.NotFound](err); over {
		return fault.New(fault.Conflict, "run %s is over", id).Try("see how it ended with: secretome run view %s", id)
	}
	if app, ok := errors.AsType[*temporal.ApplicationError](err); ok && app.Type() != turned {
		return workflows.Fault(err)
	}
	if away(err) {
		return fault.Wrap(err, fault.Unavailable, "the run's workflow does not answer")
	}
	return err
}

// amended reads an amended protocol and what it changes. It fails with
// [fault.Refused] where the run could not follow it.
func (l *Lab) amended(ctx context.Context, first record.Record, name string, document []byte) (protocol.Protocol, []protocol.Change, error) {
	now, err := l.protocolNow(ctx, first)
	if err != nil {
		return now, nil, err
	}
	next, err := protocol.Parse(name, document)
	if err != nil {
		return next, nil, err
	}
	changes := protocol.Diff(now, next)
	switch {
	case len(changes) == 0:
		return next, nil, fault.New(fault.Refused, "%s says the same as the protocol that the run follows", name)
	case next.Draws() || now.Draws():
		return next, nil, fault.New(fault.Refused, "the layouts of this run were drawn from its protocol, and sealed").Try("stop the run and launch another one with the changed protocol")
	case next.ID != now.ID:
		return next, nil, fault.New(fault.Refused, "%s is another protocol than %s", next.ID, now.ID).Try("amend a run with a version of its own protocol")
	case next.Version == now.Version:
		return next, nil, fault.New(fault.Refused, "the version is still %s", now.Version).Try("give the amended protocol a version of its own")
	}
	return next, changes, nil
}

// amendment stores the amended protocol and says what it changes.
func (l *Lab) amendment(ctx context.Context, first record.Record, q ControlRequest) (*record.Amended, []string, error) {
	next, changes, err := l.amended(ctx, first, q.Name, q.Document)
	if err != nil {
		return nil, nil, err
	}
	canonical, _, err := next.Canonical()
	if err != nil {
		return nil, nil, err
	}
	a := record.Amended{Name: next.Name(), Why: q.Reason}
	for _, c := range changes {
		a.Changes = append(a.Changes, c.String())
	}
	if a.Document, err = l.Artifacts.PutBytes(ctx, q.Document, "application/yaml", q.Name); err != nil {
		return nil, nil, err
	}
	a.Protocol, err = l.Artifacts.PutBytes(ctx, canonical, "application/json", "protocol.json")
	return &a, next.Plan(), err
}

// protocolNow reads the protocol that a run follows.
func (l *Lab) protocolNow(ctx context.Context, first record.Record) (protocol.Protocol, error) {
	sha := first.Protocol
	if row, err := l.Index.Run(ctx, runOfLogbook(first.Logbook)); err == nil && row.Protocol != "" {
		sha = row.Protocol
	}
	return activities.Load[protocol.Protocol](ctx, l.Artifacts, sha)
}

func runOfLogbook(name string) string { return strings.TrimPrefix(name, "run/") }

// checkAdded wants of a task that a manager asks for what the protocol wants of
// its own.
func checkAdded(t *protocol.Task) error {
	switch {
	case t == nil || strings.TrimSpace(t.Title) == "":
		return fault.New(fault.Invalid, "the title is missing").Field("title").Try("say what is to be done")
	case len(t.Title) > 200:
		return fault.New(fault.Invalid, "the title has %d bytes, the most is 200", len(t.Title)).Field("title").Try("put the rest into the text")
	case !slices.Contains(account.Roles(), t.Role):
		return fault.New(fault.Invalid, "%q is no role", t.Role).Field("role").Try("roles are: %s", strings.Join(account.Roles(), ", "))
	}
	return nil
}
