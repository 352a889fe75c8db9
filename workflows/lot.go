package workflows

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"secretome/activities"
	"secretome/internal/fault"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/internal/sample"
)

// lot is a thing that outlives a run. What is done to it arrives as Updates, one
// after another, so that two runs cannot draw the last millilitre.
type lot struct {
	in      activities.LotInput
	state   sample.Lot
	mutex   workflow.Mutex
	updates int
	rolling bool   // no further Update is taken: the history is about to start anew
	known   bool   // its logbook was read
	shown   string // the state that its search attribute says
}

// Lot keeps a lot, a vial, a reagent or a donor. It reads where it stands from
// its logbook, so that it can be started again at any time, and never ends.
func Lot(ctx workflow.Context, in activities.LotInput) error {
	l := &lot{in: in, state: sample.Lot{Barcode: in.Barcode}, mutex: workflow.NewMutex(ctx)}
	if in.Lot != nil {
		l.state, l.known = *in.Lot, true
	}
	if err := l.mutex.Lock(ctx); err != nil { // until it knows where it stands
		return err
	}
	validate := workflow.UpdateHandlerOptions{Validator: l.validate, Description: "Something is done to the lot"}
	if err := workflow.SetUpdateHandlerWithOptions(ctx, activities.LotUpdate, l.handle, validate); err != nil {
		return err
	}
	if err := workflow.SetQueryHandler(ctx, activities.LotQuery, func() (sample.Lot, error) { return l.state, nil }); err != nil {
		return err
	}
	if err := l.follow(ctx); err != nil {
		return err
	}
	l.mutex.Unlock()
	return l.live(ctx)
}

// follow reads the logbook, and keeps the history of the execution before.
func (l *lot) follow(ctx workflow.Context) error {
	if l.in.Before != "" {
		kept := activities.HistoriesInput{Base: l.draft(ctx, "history of "+l.in.Before), Workflows: []string{activities.LotID(l.in.Barcode)}, Execution: l.in.Before}
		ctx := workflow.WithActivityOptions(ctx, computing("keep the history before"))
		if err := workflow.ExecuteActivity(ctx, act.KeepHistories, kept).Get(ctx, nil); err != nil {
			return err
		}
	}
	if l.known {
		return nil
	}
	ctx = workflow.WithActivityOptions(ctx, computing("read its logbook"))
	if err := workflow.ExecuteActivity(ctx, act.Lot, l.in.Barcode).Get(ctx, &l.state); err != nil {
		return err
	}
	l.known = true
	return nil
}

// validate refuses what may not happen, without a trace in history.
func (l *lot) validate(_ workflow.Context, a sample.LotAct) error {
	if l.rolling {
		return activities.Encode(fault.New(fault.Unavailable, "the lot is turning a page").Try("send the same request again"))
	}
	if !l.known || l.mutex.IsLocked() {
		return nil // the handler looks once more, when it knows what was done before
	}
	return activities.Encode(l.state.Check(a))
}

// handle does one act after the other.
func (l *lot) handle(ctx workflow.Context, a sample.LotAct) (activities.LotAnswer, error) {
	if err := l.mutex.Lock(ctx); err != nil {
		return activities.LotAnswer{}, err
	}
	defer l.mutex.Unlock()
	l.updates++
	if err := l.state.Check(a); err != nil {
		return activities.LotAnswer{}, activities.Encode(err)
	}
	r, err := l.record(ctx, a)
	if err != nil {
		return activities.LotAnswer{}, err
	}
	l.show(ctx)
	answer, err := activities.LotAnswerOf(r)
	return answer, activities.Encode(err)
}

func (l *lot) record(ctx workflow.Context, a sample.LotAct) (record.Record, error) {
	body, err := l.state.Body(a)
	if err != nil {
		return record.Record{}, activities.Encode(err)
	}
	d := l.draft(ctx, "")
	d.Kind, d.Request, d.By, d.Uses, d.Rehearsal = a.Kind, a.Request, a.By, a.Uses, a.Rehearsal
	if !a.Happened.IsZero() {
		d.Happened = a.Happened
	}
	if d.Body, err = record.Body(body); err != nil {
		return record.Record{}, err
	}
	r, err := appendRecord(ctx, d)
	if err != nil {
		return r, err
	}
	return r, l.state.Apply(r)
}

func (l *lot) draft(ctx workflow.Context, what string) record.Draft {
	now := workflow.Now(ctx).UTC()
	return record.Draft{
		Logbook: activities.LotID(l.in.Barcode), Request: request(activities.LotID(l.in.Barcode), what), Received: now, Happened: now,
		By: record.Actor{Kind: record.Program, Name: "Lot"}, Subject: record.Subject{Thing: l.in.Barcode},
	}
}

// show tells operators where the lot stands.
func (l *lot) show(ctx workflow.Context) {
	text := fmt.Sprintf("**%s** (%s)", l.state.Title, l.state.State)
	if l.state.Held != "" {
		text += ", on hold: " + l.state.Held
	}
	if !l.state.Whole.IsZero() {
		text += ", " + l.state.Left.String() + " left"
	}
	workflow.SetCurrentDetails(ctx, text)
	state := string(l.state.State)
	if l.state.Held != "" {
		state = "hold"
	}
	if state == l.shown {
		return
	}
	l.shown = state
	keyword := temporal.NewSearchAttributeKeyKeyword
	if err := workflow.UpsertTypedSearchAttributes(ctx, keyword(AttributeState).ValueSet(state), keyword(AttributeRole).ValueSet(l.state.Kind)); err != nil {
		workflow.GetLogger(ctx).Warn("mark the lot's state", "error", err)
	}
}

// live waits for the lot's expiry, and turns a page before the server's limits.
func (l *lot) live(ctx workflow.Context) error {
	full := func() bool { return l.updates >= rollOver || workflow.GetInfo(ctx).GetContinueAsNewSuggested() }
	for !full() {
		expires := l.expiry()
		changed := func() bool { return full() || !l.expiry().Equal(expires) }
		if expires.IsZero() {
			if err := workflow.Await(ctx, changed); err != nil {
				return err
			}
			continue
		}
		in, err := workflow.AwaitWithOptions(ctx, workflow.AwaitOptions{Timeout: expires.Sub(workflow.Now(ctx)), TimerOptions: workflow.TimerOptions{Summary: "expires"}}, changed)
		if err != nil {
			return err
		}
		if !in {
			if err := l.expire(ctx); err != nil {
				return err
			}
		}
	}
	l.rolling = true
	if err := workflow.Await(ctx, func() bool { return workflow.AllHandlersFinished(ctx) }); err != nil {
		return err
	}
	next := activities.LotInput{Barcode: l.in.Barcode, Lot: &l.state, Before: workflow.GetInfo(ctx).WorkflowExecution.RunID}
	return workflow.NewContinueAsNewError(ctx, Lot, next)
}

// expiry is when the lot's time is over; zero where that means nothing any more,
// and in a rehearsal, whose clock is its script.
func (l *lot) expiry() time.Time {
	if !l.state.Clock || l.state.State != sample.Released && l.state.State != sample.Quarantine {
		return time.Time{}
	}
	return l.state.Expires
}

func (l *lot) expire(ctx workflow.Context) error {
	if err := l.mutex.Lock(ctx); err != nil {
		return err
	}
	defer l.mutex.Unlock()
	if l.expiry().IsZero() { // somebody was quicker
		return nil
	}
	a := sample.LotAct{
		Kind: record.LotExpired, Request: request(activities.LotID(l.in.Barcode), fmt.Sprintf("expired behind %d", l.state.Last)), By: record.Actor{Kind: record.Program, Name: "Lot"},
		Happened: l.state.Expires, Body: record.LotAct{Why: "its time is over"},
	}
	_, err := l.record(ctx, a)
	l.show(ctx)
	tell(ctx, run.Context{Notices: true}, activities.Notice{
		ID: a.Request, Kind: activities.LotOver, Title: l.state.Title, Text: l.in.Barcode + " has expired", Role: "manager", Happened: l.state.Expires,
	})
	return err
}

// toLot sends acts to lots, on behalf of a task or a stage. It cannot be
// cancelled: what was drawn is known to whoever asked.
func toLot(ctx workflow.Context, in activities.ToLotInput, what string) (activities.LotAnswer, error) {
	calm, _ := workflow.NewDisconnectedContext(ctx)
	options := recording(what + " " + in.Barcode)
	options.TaskQueue = Calls
	calm = workflow.WithActivityOptions(calm, options)
	var answer activities.LotAnswer
	err := workflow.ExecuteActivity(calm, act.ToLot, in).Get(calm, &answer)
	return answer, activities.Decode(err)
}
