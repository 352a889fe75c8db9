package workflows

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"secretome/activities"
	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/run"

	enums "go.temporal.io/api/enums/v1"
)

// runner carries one run from the cord to the seal.
type runner struct {
	ctx     workflow.Context
	in      run.Input
	err     error
	halted  run.StageResult // the stage that ended the run before its time
	now     time.Time
	answers map[string]run.Answer
	hands   []string
	donors  []string
	lots    []string     // barcodes that may be used
	results []record.Ref // of the blocks' assays
	drawn   *run.Allocation
	stages  []string // workflow IDs

	standing run.Standing
	mutex    workflow.Mutex // of what a manager does
	updates  int
	open     map[string]workflow.ChildWorkflowFuture // stages, by workflow ID
	asides   workflow.WaitGroup                      // stages beside the others
	aways    int
	amended  []string // plan of the amended protocol
}

// Run carries one protocol from its first stage to its seal.
func Run(ctx workflow.Context, in run.Input) (run.Status, error) {
	r := &runner{
		ctx: ctx, in: in, now: in.Start, answers: map[string]run.Answer{},
		mutex: workflow.NewMutex(ctx), open: map[string]workflow.ChildWorkflowFuture{}, asides: workflow.NewWaitGroup(ctx),
	}
	if err := r.listen(); err != nil {
		return run.Status{}, err
	}
	workflow.SetCurrentDetails(ctx, r.details())

	r.allocate()
	for i := 0; i < len(r.plan()); i++ { // a manager may amend what has not begun
		stage := r.plan()[i]
		r.standing.Begun = append(r.standing.Begun, stage)
		switch stage {
		case protocol.Harvesting:
			r.once(stage, CordHarvest)
		case protocol.Culturing:
			r.once(stage, Culture)
		case protocol.Collecting:
			r.once(stage, Collection)
		case protocol.Stocking:
			r.once(stage, Stock)
		case protocol.ByModel:
			r.blocks()
		case protocol.Analysing:
			r.once(stage, Analysis)
		case protocol.Reviewing:
			r.once(stage, Review)
		default:
			r.aside(stage)
		}
	}
	return r.close()
}

// allocate draws which group stands where, and seals it. The workflow never
// learns more than the codes.
func (r *runner) allocate() {
	if !r.in.Draws {
		return
	}
	r.drawn = &run.Allocation{}
	ctx := workflow.WithActivityOptions(r.ctx, computing("draw the layouts and seal the key"))
	in := activities.AllocateInput{Base: r.base("allocate"), Protocol: r.in.Context.Protocol}
	r.err = workflow.ExecuteActivity(ctx, act.Allocate, in).Get(ctx, r.drawn)
}

// plan is the protocol's order of stages. Runs that were launched before
// protocols had one go through these.
func (r *runner) plan() []string {
	if len(r.amended) > 0 {
		return r.amended
	}
	if len(r.in.Plan) > 0 {
		return r.in.Plan
	}
	return []string{protocol.Harvesting, protocol.Culturing, protocol.Collecting, protocol.ByModel, protocol.Analysing, protocol.Reviewing}
}

// once runs a stage that happens once a run.
func (r *runner) once(stage string, code any) {
	if r.over() {
		return
	}
	in := run.StageInput{Begins: r.now, Given: r.answers, Hands: r.hands}
	if stage == protocol.Analysing {
		in.Results = r.results
	}
	result, err := r.stage(r.ctx, stage, code, in)
	r.learn(result, err)
	if stage != protocol.Analysing { // to lock data and to open a key is not the work that is reviewed
		r.credit(result)
	}
	r.lots, r.donors = append(r.lots, result.Lots...), append(r.donors, result.Donors...)
	for _, id := range workflow.DeterministicKeys(result.Answers) {
		r.answers[id] = result.Answers[id]
	}
}

// aside runs a stage whose flow stands in the protocol. The stages of the code
// ask nothing of it.
func (r *runner) aside(stage string) {
	if r.over() {
		return
	}
	result, err := r.stage(r.ctx, stage, Steps, run.StageInput{Begins: r.now, Hands: r.hands})
	r.learn(result, err)
	r.credit(result)
}

func (r *runner) over() bool {
	return r.err != nil || r.halted.Outcome != "" || r.standing.Stopping != ""
}

// learn takes what a stage of the whole run left.
func (r *runner) learn(result run.StageResult, err error) {
	switch {
	case err != nil:
		r.err = err
	case result.Outcome != run.Done:
		r.halted = result
	}
	r.pass(result)
}

// pass moves the run's time on to a stage's end.
func (r *runner) pass(result run.StageResult) {
	if result.Ended.After(r.now) {
		r.now = result.Ended
	}
}

// credit notes who did the work of a stage: they do not review it.
func (r *runner) credit(result run.StageResult) {
	for _, id := range workflow.DeterministicKeys(result.Answers) {
		if by := result.Answers[id].By; by != "" {
			r.hands = append(r.hands, by)
		}
	}
	slices.Sort(r.hands)
	r.hands = slices.Compact(r.hands)
}

// stage starts a stage as a child and waits for it.
func (r *runner) stage(ctx workflow.Context, stage string, code any, in run.StageInput) (run.StageResult, error) {
	var result run.StageResult
	if !r.mayGoOn(ctx, in) {
		return run.StageResult{Outcome: run.Stopped, Why: r.standing.Stopping}, nil
	}
	in.Context, in.Stage, in.Drawn, in.Donors = r.in.Context, stage, r.drawn, r.donors
	id := StageID(in.Context.Run, stage, in.Model, in.Block)
	r.stages = append(r.stages, id)
	child := workflow.WithChildOptions(ctx, workflow.ChildWorkflowOptions{
		WorkflowID: id, ParentClosePolicy: enums.PARENT_CLOSE_POLICY_REQUEST_CANCEL, WaitForCancellation: true, StaticSummary: summary(in),
	})
	future := workflow.ExecuteChildWorkflow(child, code, in)
	r.open[id] = future
	err := future.Get(ctx, &result)
	delete(r.open, id)
	if _, outside := errors.AsType[*temporal.TerminatedError](err); outside {
		err = activities.Encode(fault.New(fault.Conflict, "%s was ended in Temporal from outside", id))
	}
	return result, err
}

// blocks treats and assays every block of every model side by side, and
// keeps the results in the protocol's order, whatever ended first. A block
// that was discarded or invalidated is left out; the others go on.
func (r *runner) blocks() {
	if r.over() {
		return
	}
	var outline run.Outline
	ctx := workflow.WithActivityOptions(r.ctx, computing("of the protocol"))
	if r.err = workflow.ExecuteActivity(ctx, act.Outline, r.in.Context.Protocol).Get(ctx, &outline); r.err != nil {
		return
	}
	var blocks []*block
	for _, m := range outline.Models {
		for n := 1; n <= m.N; n++ {
			blocks = append(blocks, &block{model: m.Model, name: strconv.Itoa(n), begins: r.now.Add(time.Duration(n-1) * m.Apart)})
		}
	}
	joined := workflow.NewWaitGroup(r.ctx)
	for _, b := range blocks {
		joined.Add(1)
		workflow.Go(r.ctx, func(ctx workflow.Context) {
			defer joined.Done()
			b.treatAndAssay(ctx, r)
		})
	}
	joined.Wait(r.ctx)
	r.join(blocks)
}

// block is one independent repeat of a model.
type block struct {
	model, name string
	begins      time.Time
	done        []run.StageResult
	err         error
}

func (b *block) treatAndAssay(ctx workflow.Context, r *runner) {
	if b.err = r.waitFor(ctx, b); b.err != nil {
		return
	}
	in := run.StageInput{Model: b.model, Block: b.name, Lots: r.lots, Begins: b.begins}
	treated, err := r.stage(ctx, protocol.Treating, Treatment, in)
	b.done, b.err = append(b.done, treated), err
	if err != nil || treated.Outcome != run.Done {
		return
	}
	in.Given, in.Begins = treated.Answers, treated.Ended
	measured, err := r.stage(ctx, protocol.Assaying, Assay, in)
	b.done, b.err = append(b.done, measured), err
}

// waitFor lets time pass until a block begins, where blocks begin one after
// another.
func (r *runner) waitFor(ctx workflow.Context, b *block) error {
	if !b.begins.After(r.now) {
		return nil
	}
	title := "block " + b.name + " of " + b.model + " begins"
	body := record.Wait{Wait: "apart", Title: title, Anchor: r.now, Window: record.Window{Nominal: b.begins}}
	d := draft(ctx, r.in.Context, record.Subject{Stage: protocol.Treating, Model: b.model, Block: b.name})
	if err := r.note(ctx, d, record.WaitStarted, body); err != nil {
		return err
	}
	if err := r.sleep(ctx, b, title); err != nil {
		return err
	}
	d = draft(ctx, r.in.Context, d.Subject)
	body.Ended = d.Received
	if r.in.Context.Rehearsal {
		body.Ended = b.begins
	}
	return r.note(ctx, d, record.WaitEnded, body)
}

// sleep waits until a block begins, or the run is stopped.
func (r *runner) sleep(ctx workflow.Context, b *block, title string) error {
	timer := timerUntil(ctx, r.in.Context, b.begins, r.now, title)
	if timer == nil {
		return nil
	}
	if err := workflow.Await(ctx, func() bool { return timer.IsReady() || r.standing.Stopping != "" }); err != nil {
		return err
	}
	if r.standing.Stopping != "" {
		return nil
	}
	return timer.Get(ctx, nil)
}

// note appends a record of the run about one of its blocks.
func (r *runner) note(ctx workflow.Context, d record.Draft, kind record.Kind, body record.Wait) (err error) {
	d.Kind, d.Request = kind, request(RunID(r.in.Context.Run), fmt.Sprintf("%s %s %s %s", kind, body.Wait, d.Subject.Model, d.Subject.Block))
	if r.in.Context.Rehearsal {
		d.Happened = body.Anchor
		if !body.Ended.IsZero() {
			d.Happened = body.Ended
		}
	}
	if d.Body, err = record.Body(body); err != nil {
		return err
	}
	_, err = appendOwn(ctx, d)
	return err
}

func (r *runner) join(blocks []*block) {
	for _, b := range blocks {
		if b.err != nil && r.err == nil {
			r.err = fmt.Errorf("%s, block %s: %w", b.model, b.name, b.err)
		}
		for _, done := range b.done {
			r.pass(done)
			r.credit(done)
			if done.Outcome == run.Done {
				r.results = append(r.results, done.Results...)
			}
		}
	}
}

// close records how the run ended, seals its logbook, and leaves its own
// history to be kept once it is closed.
func (r *runner) close() (run.Status, error) {
	r.asides.Wait(r.ctx)
	r.standing.Closing = true
	calm, _ := workflow.NewDisconnectedContext(r.ctx)
	if err := workflow.Await(calm, func() bool { return workflow.AllHandlersFinished(r.ctx) }); err != nil {
		return run.Status{}, err
	}
	status := run.Status{Run: r.in.Context.Run, Outcome: run.Done}
	switch {
	case r.standing.Stopping != "":
		status.Outcome, status.Why = run.Stopped, r.standing.Stopping
	case r.err != nil:
		status.Outcome, status.Why = run.Failed, activities.Decode(r.err).Error()
	case r.halted.Outcome != "":
		status.Outcome, status.Why = r.halted.Outcome, r.halted.Why
	}
	in := activities.SealInput{Base: r.base("seal"), End: record.End{Outcome: string(status.Outcome), Why: status.Why}, Workflows: r.stages}
	ctx := workflow.WithActivityOptions(calm, computing("keep the stages' histories and seal the logbook"))
	if err := workflow.ExecuteActivity(ctx, act.Seal, in).Get(ctx, &status.Seal); err != nil {
		return status, err
	}
	archive := workflow.WithChildOptions(calm, workflow.ChildWorkflowOptions{
		WorkflowID: ArchiveID(status.Run), ParentClosePolicy: enums.PARENT_CLOSE_POLICY_ABANDON, StaticSummary: "keep the run's own history",
	})
	child := workflow.ExecuteChildWorkflow(archive, Archive, ArchiveInput{Context: r.in.Context, Base: r.base("archive")})
	if err := child.GetChildWorkflowExecution().Get(calm, nil); err != nil {
		return status, err
	}
	return status, nil
}

func (r *runner) base(what string) record.Draft {
	d := draft(r.ctx, r.in.Context, record.Subject{})
	d.Request = request(RunID(r.in.Context.Run), what)
	if r.in.Context.Rehearsal {
		d.Happened = r.now
	}
	return d
}
