package activities

import (
	"context"
	"errors"
	"slices"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"secretome/internal/fault"
	"secretome/internal/record"
	"secretome/internal/sample"

	enums "go.temporal.io/api/enums/v1"
)

// What a lot's workflow is called, and how it is spoken to. Package workflows
// implements it.
const (
	LotWorkflow = "Lot"
	LotUpdate   = "act"
	LotQuery    = "lot" // returns a sample.Lot
)

// LotID returns the workflow ID of a lot, which is also its logbook.
func LotID(barcode string) string { return "lot/" + barcode }

// LotInput starts a lot's workflow. Lot is set when it continues as new.
type LotInput struct {
	Barcode string      `json:"barcode"`
	Lot     *sample.Lot `json:"lot,omitempty"`
	Before  string      `json:"before,omitempty"` // the execution that it continues
}

// LotAnswer is what a lot answers: the record that now stands in its logbook.
type LotAnswer struct {
	Record record.Ref `json:"record"`
	State  string     `json:"state"`
	Left   string     `json:"left,omitempty"`
}

// ToLotInput sends one act to a lot.
type ToLotInput struct {
	Barcode string        `json:"barcode"`
	Act     sample.LotAct `json:"act"`
	Same    bool          `json:"same,omitempty"` // registering it again is no mistake: a donor, what comes from stock
}

// Reach is how a lot's workflow is reached. A workflow cannot send an Update, so
// an activity does it; so does package lab for a person.
type Reach struct {
	Temporal interface {
		NewWithStartWorkflowOperation(options client.StartWorkflowOptions, workflow any, args ...any) client.WithStartWorkflowOperation
		UpdateWithStartWorkflow(ctx context.Context, options client.UpdateWithStartWorkflowOptions) (client.WorkflowUpdateHandle, error)
	}
	Logbooks interface {
		Find(ctx context.Context, logbook, request string) (record.Record, bool, error)
		Read(ctx context.Context, logbook string, after int64, limit int) ([]record.Record, error)
	}
	Queue string // of the worker that has the lots' workflow
}

// ToLot does one act to a lot. A request that stands in its logbook already is
// answered from there, for ever.
func (a *Activities) ToLot(ctx context.Context, in ToLotInput) (LotAnswer, error) {
	answer, err := Reach{a.Temporal, a.Logbooks, a.Queue}.Do(ctx, in)
	return answer, Encode(err)
}

// Lot reads a lot's logbook and returns how it stands.
func (a *Activities) Lot(ctx context.Context, barcode string) (sample.Lot, error) {
	records, err := a.Logbooks.Read(ctx, LotID(barcode), 0, 0)
	if err != nil {
		return sample.Lot{}, Encode(err)
	}
	lot, err := sample.Follow(barcode, records)
	return lot, Encode(err)
}

// Do is [Activities.ToLot] for whoever has a client. It fails with
// [fault.Refused], [fault.Conflict] or [fault.Invalid] as [sample.Lot.Check]
// does, and with [fault.Unavailable] where nobody answers.
func (r Reach) Do(ctx context.Context, in ToLotInput) (LotAnswer, error) {
	if answer, found, err := r.answered(ctx, in); err != nil || found {
		return answer, err
	}
	if err := r.consented(ctx, in); err != nil {
		return LotAnswer{}, err
	}
	answer, err := r.update(ctx, in)
	if err == nil {
		return answer, nil
	}
	if first, found, again := r.answered(ctx, in); again == nil && found {
		return first, nil
	}
	if in.Same && fault.Is(err, fault.Conflict) {
		return r.first(ctx, in.Barcode)
	}
	return answer, err
}

func (r Reach) answered(ctx context.Context, in ToLotInput) (LotAnswer, bool, error) {
	found, ok, err := r.Logbooks.Find(ctx, LotID(in.Barcode), in.Act.Request)
	if err != nil || !ok {
		return LotAnswer{}, false, err
	}
	if found.Kind != in.Act.Kind {
		return LotAnswer{}, false, fault.New(fault.Conflict, "the request ID %s was used for another act, record %d of %s", found.Request, found.Number, found.Logbook).Try("make a new request ID for each act")
	}
	_, undone, err := r.Logbooks.Find(ctx, LotID(in.Barcode), in.Act.Request+"/undo")
	if err == nil && undone {
		err = fault.New(fault.Conflict, "the request %s was refused before", in.Act.Request).Try("make a new request ID for each act")
	}
	if err != nil {
		return LotAnswer{}, false, err
	}
	answer, err := LotAnswerOf(found)
	return answer, true, err
}

// first answers with the record by which a lot was registered.
func (r Reach) first(ctx context.Context, barcode string) (LotAnswer, error) {
	records, err := r.Logbooks.Read(ctx, LotID(barcode), 0, 1)
	if err != nil || len(records) == 0 {
		return LotAnswer{}, err
	}
	return LotAnswerOf(records[0])
}

// consented asks the donors of a lot before something is drawn from it: a
// withdrawal counts from the moment it stands in the donor's logbook, whatever
// of it has reached the lot.
func (r Reach) consented(ctx context.Context, in ToLotInput) error {
	if !slices.Contains([]record.Kind{record.LotDrawn, record.LotReleased}, in.Act.Kind) {
		return nil
	}
	lot, err := r.follow(ctx, in.Barcode)
	if err != nil {
		return err
	}
	if in.Act.Kind == record.LotReleased && lot.Matched != "" {
		matched, err := r.follow(ctx, lot.Matched)
		if err != nil {
			return err
		}
		if !matched.Registered() || matched.Unfit(in.Act.Happened) != nil {
			return fault.New(fault.Refused, "%s belongs to %s, which may not be used", lot.Matched, in.Barcode).Try("conditioned medium is released only beside its matched unconditioned medium")
		}
	}
	for _, code := range lot.Donors {
		donor, err := r.follow(ctx, code)
		if err != nil {
			return err
		}
		if donor.Held != "" {
			return fault.New(fault.Refused, "%s comes from donor %s: %s", in.Barcode, code, donor.Held).Try("take a lot of another donor, or ask the manager to decide")
		}
	}
	return nil
}

func (r Reach) follow(ctx context.Context, barcode string) (sample.Lot, error) {
	records, err := r.Logbooks.Read(ctx, LotID(barcode), 0, 0)
	if err != nil {
		return sample.Lot{}, err
	}
	return sample.Follow(barcode, records)
}

// LotAnswerOf returns the answer that a record of a lot's logbook is.
func LotAnswerOf(r record.Record) (LotAnswer, error) {
	body, err := record.Read[record.LotAct](r)
	if err != nil {
		return LotAnswer{}, err
	}
	ref, err := r.Ref()
	return LotAnswer{Record: ref, State: body.State, Left: body.Left}, err
}

// update sends the act, starting the lot's workflow where none runs.
func (r Reach) update(ctx context.Context, in ToLotInput) (LotAnswer, error) {
	var answer LotAnswer
	const longest = 20 * time.Second // the caller asks again
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	start := r.Temporal.NewWithStartWorkflowOperation(client.StartWorkflowOptions{
		ID: LotID(in.Barcode), TaskQueue: r.Queue, StaticSummary: in.Barcode,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enums.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE,
	}, LotWorkflow, LotInput{Barcode: in.Barcode})
	handle, err := r.Temporal.UpdateWithStartWorkflow(ctx, client.UpdateWithStartWorkflowOptions{
		StartWorkflowOperation: start,
		UpdateOptions: client.UpdateWorkflowOptions{
			UpdateID: in.Act.Request, WorkflowID: LotID(in.Barcode), UpdateName: LotUpdate, Args: []any{in.Act},
			WaitForStage: client.WorkflowUpdateStageCompleted,
		},
	})
	if err == nil {
		err = handle.Get(ctx, &answer)
	}
	return answer, explain(err, in.Barcode)
}

// turned is how the server calls an Update that was accepted by a workflow which
// turned a page before it answered.
const turned = "AcceptedUpdateCompletedWorkflow"

// explain turns an error of an Update to a lot into a fault.
func explain(err error, barcode string) error {
	if err == nil {
		return nil
	}
	if app, ok := errors.AsType[*temporal.ApplicationError](err); ok && app.Type() != turned {
		return Decode(err)
	}
	if _, ok := errors.AsType[*serviceerror.InvalidArgument](err); ok {
		return err
	}
	return fault.Wrap(err, fault.Unavailable, "the workflow of %s does not answer", barcode)
}
