package workflows

import (
	"fmt"

	"go.temporal.io/sdk/workflow"

	"secretome/activities"
	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/run"
)

// How a manager speaks to a run, and a run to its stages.
const (
	ControlUpdate = activities.ControlUpdate
	StandingQuery = "standing" // returns a run.Standing
	gateSignal    = "gate"
)

// listen takes what a manager does to the run.
func (r *runner) listen() error {
	validate := workflow.UpdateHandlerOptions{Validator: r.validate, Description: "A manager pauses, resumes, stops or amends the run, or asks for a task"}
	if err := workflow.SetUpdateHandlerWithOptions(r.ctx, ControlUpdate, r.control, validate); err != nil {
		return err
	}
	return workflow.SetQueryHandler(r.ctx, StandingQuery, func() (run.Standing, error) { return r.standing, nil })
}

func (r *runner) validate(_ workflow.Context, a run.Act) error {
	if r.updates >= rollOver { // a run cannot turn a page while its stages are open
		return activities.Encode(fault.New(fault.Refused, "%d things were done to this run, it takes no more", r.updates))
	}
	if r.mutex.IsLocked() { // another act is on its way; the handler looks
		return nil
	}
	return activities.Encode(r.standing.Check(a))
}

// control does one act after the other.
func (r *runner) control(ctx workflow.Context, a run.Act) (run.Acted, error) {
	if err := r.mutex.Lock(ctx); err != nil {
		return run.Acted{}, err
	}
	defer r.mutex.Unlock()
	r.updates++
	if err := r.standing.Check(a); err != nil {
		return run.Acted{}, activities.Encode(err)
	}
	ref, err := r.recordAct(ctx, a)
	if err != nil {
		return run.Acted{}, err
	}
	r.apply(ctx, a, ref)
	return run.Acted{Record: ref, Standing: r.standing}, nil
}

func (r *runner) recordAct(ctx workflow.Context, a run.Act) (record.Ref, error) {
	d := draft(ctx, r.in.Context, record.Subject{Thing: a.Thing})
	d.Request, d.By = a.Request, a.By
	var body any = record.Note{Text: a.Reason}
	switch a.Verb {
	case run.Pause:
		d.Kind = record.RunPaused
	case run.Resume:
		d.Kind = record.RunResumed
	case run.Stop:
		d.Kind = record.RunStopping
	case run.Hold:
		d.Kind = record.RunHeld
	case run.Ask:
		d.Kind, body = record.TaskAdded, record.Note{Text: a.Task.Title + ": " + a.Reason, To: a.Task.Role}
	case run.Amend:
		d.Kind, body = record.RunAmended, *a.Amended
		d.Uses = append(d.Uses, a.Amended.Protocol.As("protocol"), a.Amended.Document.As("protocol document"))
	}
	if a.Cause.Hash != "" {
		d.Uses = append(d.Uses, a.Cause.As("cause"))
	}
	var err error
	if d.Body, err = record.Body(body); err != nil {
		return record.Ref{}, err
	}
	written, err := appendRecord(ctx, d)
	if err != nil {
		return record.Ref{}, err
	}
	return written.Ref()
}

// apply does what the record says.
func (r *runner) apply(ctx workflow.Context, a run.Act, ref record.Ref) {
	switch a.Verb {
	case run.Pause:
		r.standing.Paused = a.Reason
	case run.Resume:
		r.standing.Paused = ""
	case run.Stop:
		r.standing.Stopping, r.standing.Paused = a.Reason, ""
		r.notify(ctx, activities.Stopping, "technician", a)
	case run.Hold:
		r.standing.Paused = a.Reason
		r.notify(ctx, activities.HeldRun, "manager", a)
		r.aways++
		r.away("hold", Held, run.StageInput{What: a.Reason, Cause: ref, Free: true})
	case run.Ask:
		r.aways++
		part := protocol.Part{Stage: protocol.Stage{Title: a.Task.Title, Kind: protocol.Steps, Tasks: []protocol.Task{*a.Task}}}
		r.away("ad-hoc", Steps, run.StageInput{Part: &part, Cause: ref})
	case run.Amend:
		r.in.Context.Protocol = a.Amended.Protocol.SHA256
		r.amended = a.Plan
	}
	r.tell(ctx)
	workflow.SetCurrentDetails(r.ctx, r.details())
}

func (r *runner) notify(ctx workflow.Context, kind, role string, a run.Act) {
	tell(r.ctx, r.in.Context, activities.Notice{
		ID: a.Request + "#" + kind, Kind: kind, Run: r.in.Context.Run, Title: r.in.Title, Text: a.Reason, Role: role,
		Happened: workflow.Now(ctx).UTC(), Zone: r.in.Context.Zone,
	})
}

func (r *runner) details() string {
	text := "**" + r.in.Title + "**"
	switch {
	case r.standing.Stopping != "":
		text += ": is being stopped: " + r.standing.Stopping
	case r.standing.Paused != "":
		text += ": paused: " + r.standing.Paused
	}
	return text
}

// gate is what the stages are told.
func (r *runner) gate() run.Gate {
	return run.Gate{Paused: r.standing.Paused != "", Stop: r.standing.Stopping}
}

// tell passes the gate on to every open stage. One that ended meanwhile needs it
// no more.
func (r *runner) tell(ctx workflow.Context) {
	for _, id := range workflow.DeterministicKeys(r.open) {
		if err := r.open[id].SignalChildWorkflow(ctx, gateSignal, r.gate()).Get(ctx, nil); err != nil {
			workflow.GetLogger(ctx).Warn("tell a stage that the run pauses or stops", "stage", id, "error", err)
		}
	}
}

// away runs a stage beside the others: what a manager asks for, or a hold.
func (r *runner) away(kind string, code any, in run.StageInput) {
	name := fmt.Sprintf("%s-%d", kind, r.aways)
	in.Begins, in.Hands = r.now, r.hands
	if in.Part != nil {
		in.Part.Stage.ID = name
	}
	r.asides.Add(1)
	workflow.Go(r.ctx, func(ctx workflow.Context) {
		defer r.asides.Done()
		result, err := r.stage(ctx, name, code, in)
		switch {
		case err != nil:
			workflow.GetLogger(ctx).Error("a stage beside the others", "stage", name, "error", err)
		case kind == "hold":
			r.decided(ctx, in, result)
		}
		r.credit(result)
	})
}

// decided goes on after a hold, or stops the run.
func (r *runner) decided(ctx workflow.Context, in run.StageInput, result run.StageResult) {
	if err := r.mutex.Lock(ctx); err != nil {
		return
	}
	defer r.mutex.Unlock()
	if r.standing.Stopping != "" {
		return
	}
	a := run.Act{Verb: run.Resume, Reason: "decided: go on", Cause: result.Head}
	if result.Outcome == run.Discarded {
		a.Verb, a.Reason = run.Stop, in.What
	}
	d := draft(ctx, r.in.Context, record.Subject{})
	a.Request, a.By = request(RunID(r.in.Context.Run), fmt.Sprintf("decided %s", result.Head.Hash)), d.By
	if ref, err := r.recordAct(ctx, a); err == nil {
		r.apply(ctx, a, ref)
	}
}

// mayGoOn waits while the run is paused. It reports whether the run goes on.
func (r *runner) mayGoOn(ctx workflow.Context, in run.StageInput) bool {
	if in.Free {
		return true
	}
	err := workflow.Await(ctx, func() bool { return r.standing.Paused == "" || r.standing.Stopping != "" })
	return err == nil && r.standing.Stopping == ""
}

// Held lets the manager decide what becomes of a run that a recall reached.
func Held(ctx workflow.Context, in run.StageInput) (run.StageResult, error) {
	in.Part = &protocol.Part{Stage: protocol.Stage{ID: in.Stage, Title: "On hold: " + in.What}}
	s := begin(ctx, in)
	s.follow(s.depart(in.What, protocol.Hold, "", in.Cause), in.What)
	return s.end()
}
