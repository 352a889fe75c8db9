package activities

import (
	"context"
	"errors"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"secretome/internal/fault"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/internal/sample"
)

// ControlUpdate is the Update by which something is done to a run.
const ControlUpdate = "control"

// RunID returns the workflow ID of a run, which is also its logbook.
func RunID(name string) string { return "run/" + name }

// Lineage tells what was made from what. Package index implements it.
type Lineage interface {
	Descend(ctx context.Context, barcode string) ([]sample.Descendant, error)
}

// Descend lists a thing and all that was made from it, in every run.
func (a *Activities) Descend(ctx context.Context, barcode string) ([]sample.Descendant, error) {
	found, err := a.Lineage.Descend(ctx, barcode)
	return found, Encode(err)
}

// HoldRunInput holds a run that a recall reached.
type HoldRunInput struct {
	Run     string       `json:"run"`
	Request string       `json:"request"`
	Why     string       `json:"why"`
	By      record.Actor `json:"by"`
	Thing   string       `json:"thing"`  // that was recalled
	Things  []string     `json:"things"` // of this run
	Cause   record.Ref   `json:"cause,omitzero"`
}

// HoldRun flags the things of a run, in its logbook, and holds the run until its
// manager decided. Of one that is over only the flags are written.
func (a *Activities) HoldRun(ctx context.Context, in HoldRunInput) (record.Ref, error) {
	first, err := a.Logbooks.Record(ctx, RunID(in.Run), 1)
	if err != nil {
		return record.Ref{}, Encode(err)
	}
	now := a.Now().UTC()
	base := record.Draft{
		Logbook: RunID(in.Run), Request: in.Request, Received: now, Happened: now, By: in.By, Protocol: first.Protocol,
		Rehearsal: first.Rehearsal, Subject: record.Subject{Thing: in.Thing},
	}
	var uses []record.Use
	if in.Cause.Hash != "" {
		uses = append(uses, in.Cause.As("cause"))
	}
	flags, err := a.append(ctx, base, record.ThingFlagged, "/flag", record.Flagged{Things: in.Things, State: "hold", Why: in.Why}, uses...)
	if err != nil {
		return record.Ref{}, Encode(err)
	}
	act := run.Act{Verb: run.Hold, Request: in.Request, By: in.By, Reason: in.Why, Thing: in.Thing, Cause: flags}
	return flags, a.control(ctx, in.Run, act)
}

// control does something to a run. One that is over, or is being stopped, needs
// it no more.
func (a *Activities) control(ctx context.Context, name string, act run.Act) error {
	handle, err := a.Temporal.UpdateWorkflow(ctx, client.UpdateWorkflowOptions{
		UpdateID: act.Request, WorkflowID: RunID(name), UpdateName: ControlUpdate, Args: []any{act}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = handle.Get(ctx, nil)
	}
	if _, over := errors.AsType[*serviceerror.NotFound](err); over {
		return nil
	}
	if app, ok := errors.AsType[*temporal.ApplicationError](err); ok && app.Type() != turned {
		if fault.Is(Decode(err), fault.Conflict) {
			return nil
		}
		return Encode(Decode(err))
	}
	if err != nil {
		return Encode(fault.Wrap(err, fault.Unavailable, "the workflow of run %s does not answer", name))
	}
	return nil
}
