package lab

import (
	"context"
	"errors"
	"strings"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"secretome/internal/fault"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/internal/task"
	"secretome/workflows"
)

// RecallRequest calls back a thing, or a donor's consent.
type RecallRequest struct {
	Request string
	Thing   string
	Why     string
}

// Recall puts a thing and every descendant on hold, and holds each run that they
// reached. For a donor it is the withdrawal of the consent. It answers once the
// recall stands in the thing's logbook; the walk goes on by itself.
func (l *Lab) Recall(ctx context.Context, who record.Actor, q RecallRequest) (LotActed, error) {
	if err := Allowed(who, Recall); err != nil {
		return LotActed{}, err
	}
	if strings.TrimSpace(q.Why) == "" {
		return LotActed{}, fault.New(fault.Invalid, "why is missing").Field("why").Try("say why: it stands in the record of every thing that it reaches")
	}
	kind := record.LotHeld
	if lot, err := l.Index.Stock(ctx, q.Thing); err == nil && lot.Kind == "donor" {
		kind = record.ConsentWithdrawn
	}
	r := LotRequest{Request: q.Request, Barcode: q.Thing, Kind: kind, Body: record.LotAct{Why: q.Why}}
	acted, err := l.ActOnLot(ctx, who, r)
	if err != nil {
		return acted, err
	}
	in := workflows.RecallInput{Request: q.Request, Thing: q.Thing, Why: q.Why, By: who, Cause: acted.Record}
	return acted, l.begin(ctx, workflows.RecallID(q.Request), "recall of "+q.Thing, workflows.Recall, in)
}

// begin starts a workflow once.
func (l *Lab) begin(ctx context.Context, id, summary string, code any, in any) error {
	_, err := l.Temporal.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: id, TaskQueue: workflows.Queue, StaticSummary: summary,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
	}, code, in)
	if _, before := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); before {
		return nil
	}
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "%s could not be started yet", id)
	}
	return nil
}

// late keeps what arrives for a task that is over, if it was done before: from a
// tablet that was without a network. It is never refused and never applied.
func (l *Lab) late(ctx context.Context, first record.Record, id string, a task.Act) (Acted, bool, error) {
	switch a.Verb {
	case task.Step, task.Save, task.Complete, task.Deviate, task.Comment, task.Attach:
	default:
		return Acted{}, false, nil
	}
	const online = 2 * time.Minute
	if first.Rehearsal || a.Happened.IsZero() || l.Now().Sub(a.Happened) < online {
		return Acted{}, false, nil
	}
	row, err := l.Index.Task(ctx, id)
	if err != nil || row.State == task.Open || row.State == task.Claimed {
		return Acted{}, false, err
	}
	launch, ref, err := decode[record.Launch](first)
	if err != nil {
		return Acted{}, false, err
	}
	in := workflows.LateInput{
		Context: run.Context{Run: launch.Run, Logbook: first.Logbook, Protocol: first.Protocol, Zone: launch.Zone, Speed: launch.Speed, Program: first.Program, Launch: ref},
		Stage:   "late-" + a.Request[:8], Title: row.Title, Act: a, Phase: string(row.State),
		Subject: record.Subject{Stage: row.Stage, Model: row.Model, Block: row.Block, Task: id, Step: a.Step},
	}
	if err := l.begin(ctx, workflows.LateID(a.Request), "arrived late: "+row.Title, workflows.Late, in); err != nil {
		return Acted{}, true, err
	}
	kept, err := l.arrived(ctx, first.Logbook, a.Request)
	if err != nil {
		return Acted{}, true, err
	}
	answer, err := l.keptLate(ctx, kept)
	return answer, true, err
}

// keptLate is the answer to what arrived for a task that was over.
func (l *Lab) keptLate(ctx context.Context, kept record.Record) (Acted, error) {
	body, ref, err := decode[record.Late](kept)
	return Acted{Answer: task.Answer{Record: ref, Phase: task.Phase(body.Phase)}, Late: true, Follows: !l.shown(ctx, ref)}, err
}

// arrived waits until a request stands in a logbook.
func (l *Lab) arrived(ctx context.Context, logbook, request string) (record.Record, error) {
	for {
		r, found, err := l.Logbooks.Find(ctx, logbook, request)
		if err != nil || found {
			return r, err
		}
		select {
		case <-ctx.Done():
			return r, fault.New(fault.Unavailable, "it is on its way into the record").Try("send the same request again")
		case <-time.After(20 * time.Millisecond):
		}
	}
}
