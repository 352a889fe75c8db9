package workflows

import (
	"errors"
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
	"secretome/internal/task"
)

// stage gives a stage's code its verbs: ask a person, wait, measure, judge.
// The first error stays in err, and from then on every verb does nothing.
type stage struct {
	ctx  workflow.Context
	in   run.StageInput
	part protocol.Part // the stage's part of the protocol
	err  error
	now  time.Time // when the last act happened: in a rehearsal not the server's time
	book *notes
}

// notes are what the branches of a stage share.
type notes struct {
	answers map[string]run.Answer
	windows map[string]record.Window // of the waits
	asked   map[string]int
	acts    int
	tasks   []string // workflow IDs
	lots    []string
	results []record.Ref
	gate    run.Gate
	work    []task.Thing // what may be in an incubator or on a bench
	made    []string     // barcodes of kept things that came into the world here
	donors  []string
}

// stop ends a stage by a decision of the laboratory; it is no failure.
type stop struct {
	outcome run.Outcome
	why     string
}

func (s *stop) Error() string { return string(s.outcome) + ": " + s.why }

// begin opens a stage.
func begin(ctx workflow.Context, in run.StageInput) *stage {
	ctx, cancel := workflow.WithCancel(ctx)
	s := &stage{ctx: ctx, in: in, now: in.Begins, book: &notes{
		answers: map[string]run.Answer{}, windows: map[string]record.Window{}, asked: map[string]int{},
	}}
	s.listen(cancel)
	s.read()
	s.record(record.StageStarted, "", record.Start{Title: s.part.Stage.Title, Tasks: len(s.part.Stage.Tasks)})
	workflow.SetCurrentDetails(ctx, "**"+s.part.Stage.Title+"** is under way")
	return s
}

// read gets the stage's part of the protocol.
func (s *stage) read() {
	if s.in.Part != nil {
		s.part = *s.in.Part
		return
	}
	in, ctx := s.in, s.ctx
	read := workflow.WithActivityOptions(ctx, computing("of the protocol: "+in.Stage))
	asked := activities.PartInput{Protocol: in.Context.Protocol, Stage: in.Stage, Model: in.Model, Block: in.Block}
	if in.Drawn != nil {
		asked.Plan = in.Drawn.Plan
	}
	s.err = workflow.ExecuteActivity(read, act.Part, asked).Get(ctx, &s.part)
}

// listen takes what the run says: that it pauses, goes on, or stops.
func (s *stage) listen(cancel workflow.CancelFunc) {
	workflow.Go(s.ctx, func(ctx workflow.Context) {
		for told := workflow.GetSignalChannel(ctx, gateSignal); ; {
			var gate run.Gate
			told.Receive(ctx, &gate)
			s.book.gate = gate
			if gate.Stop != "" {
				cancel()
				return
			}
		}
	})
}

// pass waits while the run is paused.
func (s *stage) pass() {
	if s.err == nil && !s.in.Free {
		s.err = workflow.Await(s.ctx, func() bool { return !s.book.gate.Paused })
	}
}

// end closes the stage: the histories of its tasks are kept, and its outcome
// is recorded.
func (s *stage) end() (run.StageResult, error) {
	result := run.StageResult{Outcome: run.Done, Answers: s.book.answers, Lots: s.book.lots, Results: s.book.results}
	if halt, ok := errors.AsType[*stop](s.err); ok {
		result.Outcome, result.Why, s.err = halt.outcome, halt.why, nil
	}
	if s.book.gate.Stop != "" {
		result.Outcome, result.Why, s.err = run.Stopped, s.book.gate.Stop, nil
		s.clearAway()
	}
	if s.err != nil {
		return run.StageResult{}, s.err
	}
	s.rejectMade(result)
	s.keepHistories()
	result.Donors = s.book.donors
	result.Head = s.record(record.StageEnded, "", record.End{Outcome: string(result.Outcome), Why: result.Why})
	result.Ended = s.now
	return result, s.err
}

func (s *stage) keepHistories() {
	if s.err != nil || len(s.book.tasks) == 0 {
		return
	}
	ctx := workflow.WithActivityOptions(s.ctx, computing("of "+s.part.Stage.Title))
	in := activities.HistoriesInput{Base: s.base("histories"), Workflows: s.book.tasks}
	s.err = workflow.ExecuteActivity(ctx, act.KeepHistories, in).Get(ctx, nil)
}

// subject is what the stage's records are about.
func (s *stage) subject() record.Subject {
	return record.Subject{Stage: s.part.Stage.ID, Model: s.in.Model, Block: s.in.Block}
}

// base is what the stage's own records share. Its request is new at each call.
func (s *stage) base(what string) record.Draft {
	s.book.acts++
	d := draft(s.ctx, s.in.Context, s.subject())
	d.Request = request(workflow.GetInfo(s.ctx).WorkflowExecution.ID, fmt.Sprintf("%d-%s", s.book.acts, what))
	d.Happened = s.now
	if !s.in.Context.Rehearsal {
		d.Happened = d.Received
	}
	return d
}

// record appends one of the stage's own records.
func (s *stage) record(kind record.Kind, thing string, body any, uses ...record.Use) record.Ref {
	return s.recordBy(s.base(string(kind)), kind, thing, body, uses...)
}

func (s *stage) recordBy(d record.Draft, kind record.Kind, thing string, body any, uses ...record.Use) record.Ref {
	if s.err != nil {
		return record.Ref{}
	}
	d.Kind, d.Uses, d.Subject.Thing = kind, uses, thing
	d.Body, s.err = record.Body(body)
	if s.err != nil {
		return record.Ref{}
	}
	r, err := appendOwn(s.ctx, d)
	if err != nil {
		s.err = err
		return record.Ref{}
	}
	var ref record.Ref
	ref, s.err = r.Ref()
	return ref
}

// wait lets time pass from the first answer on, as long as the protocol says.
// The task that is asked with its result is judged by the wait's window.
func (s *stage) wait(id string, from run.Answer) run.Answer {
	if s.err != nil {
		return run.Answer{}
	}
	w, ok := s.part.Wait(id)
	if !ok {
		return s.fail("the protocol's stage %q has no wait %q", s.part.Stage.ID, id)
	}
	s.book.asked[id]++
	window := task.Absolute(w.Window, from.Happened)
	body := record.Wait{Wait: id, Title: w.Title, Anchor: from.Happened, Window: window}
	started := s.record(record.WaitStarted, "", body, from.Record.As("anchor"))
	until := window.Opens
	if until.IsZero() {
		until = window.Nominal
	}
	if s.err != nil {
		return run.Answer{}
	}
	cut := sleep(s.ctx, s.in.Context, until, from.Happened, w.Title)
	body.Ended = workflow.Now(s.ctx).UTC()
	if s.in.Context.Rehearsal && cut == nil {
		body.Ended, s.now = until, until
	}
	s.record(record.WaitEnded, "", body, started.As("start")) // one that was cut short has an end, too
	if s.err == nil {
		s.err = cut
	}
	s.book.windows[id] = window
	return run.Answer{Task: id, Happened: from.Happened, Record: started, Things: from.Things}
}

// sleep waits for a time. In a rehearsal it lasts the span since from, divided
// by the speed that the run's first record states.
func sleep(ctx workflow.Context, c run.Context, until, from time.Time, what string) error {
	timer := timerUntil(ctx, c, until, from, what)
	if timer == nil {
		return nil
	}
	return timer.Get(ctx, nil)
}

// timerUntil starts the timer of a sleep; nil where the time has come.
func timerUntil(ctx workflow.Context, c run.Context, until, from time.Time, what string) workflow.Future {
	d := until.Sub(workflow.Now(ctx))
	if c.Rehearsal {
		d = time.Duration(float64(until.Sub(from)) / c.Speed)
	}
	if d <= 0 {
		return nil
	}
	return workflow.NewTimerWithOptions(ctx, d, workflow.TimerOptions{Summary: what})
}

// together does several things side by side and joins them. The first error in
// the order given stays, and cancels the rest.
func (s *stage) together(branches ...func(*stage)) {
	if s.err != nil {
		return
	}
	ctx, cancel := workflow.WithCancel(s.ctx)
	joined := workflow.NewWaitGroup(ctx)
	arms := make([]*stage, len(branches))
	for i, branch := range branches {
		joined.Add(1)
		workflow.Go(ctx, func(ctx workflow.Context) {
			defer joined.Done()
			arms[i] = &stage{ctx: ctx, in: s.in, part: s.part, now: s.now, book: s.book}
			branch(arms[i])
			if arms[i].err != nil {
				cancel()
			}
		})
	}
	joined.Wait(s.ctx)
	for _, b := range arms {
		if b.now.After(s.now) {
			s.now = b.now
		}
		if s.err == nil || temporal.IsCanceledError(s.err) && b.err != nil && !temporal.IsCanceledError(b.err) {
			s.err = b.err
		}
	}
}

// repeat does f until it says that no more is needed, at most n times.
func (s *stage) repeat(n int, f func(i int)) {
	for i := 1; i <= n && s.err == nil; i++ {
		f(i)
	}
}

// fail notes an error that only a mended program or protocol cures.
func (s *stage) fail(format string, args ...any) run.Answer {
	if s.err == nil {
		s.err = activities.Encode(fault.New(fault.Invalid, format, args...))
	}
	return run.Answer{}
}

// discard ends the stage: what it made is unusable.
func (s *stage) discard(why string) {
	if s.err == nil {
		s.err = &stop{run.Discarded, why}
	}
}

// invalidate ends the stage: its block is kept, and left out of the decision.
func (s *stage) invalidate(why string) {
	if s.err == nil {
		s.err = &stop{run.Invalidated, why}
	}
}

// hands are the people who did something in this stage or before.
func (s *stage) hands() []string {
	names := slices.Clone(s.in.Hands)
	for _, id := range workflow.DeterministicKeys(s.book.answers) {
		names = append(names, s.book.answers[id].By)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// has reports whether the protocol's stage has the task: one that the shape
// calls optional may be left out.
func (s *stage) has(id string) bool {
	_, ok := s.part.Task(id)
	return ok
}

// given returns the answer of a task of an earlier stage.
func (s *stage) given(id string) run.Answer {
	a, ok := s.in.Given[id]
	if !ok {
		return s.fail("no earlier stage answered %q", id)
	}
	return a
}

// start is what the first task of a stage follows.
func (s *stage) start() run.Answer {
	return run.Answer{Task: "launch", Happened: s.in.Begins, Record: s.in.Context.Launch}
}

// act returns what the gravest action of several is.
func gravest(actions ...protocol.Action) protocol.Action {
	order := protocol.Actions()
	worst := protocol.Accept
	for _, a := range actions {
		if slices.Index(order, a) > slices.Index(order, worst) {
			worst = a
		}
	}
	return worst
}
