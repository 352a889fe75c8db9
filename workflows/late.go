package workflows

import (
	"go.temporal.io/sdk/workflow"

	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/internal/task"
)

// LateID returns the ID of the workflow that keeps what arrived too late.
func LateID(request string) string { return "late/" + request }

// LateInput is what somebody did at a task that was over when it arrived.
type LateInput struct {
	Context run.Context    `json:"context"`
	Stage   string         `json:"stage"` // "late-" and the beginning of the request
	Subject record.Subject `json:"subject"`
	Title   string         `json:"title"` // of the task
	Act     task.Act       `json:"act"`
	Phase   string         `json:"phase"` // of the task
}

// Late keeps what a tablet brings back after its task was closed: it is recorded
// with both its times, applied to nothing, and the manager decides what follows.
func Late(ctx workflow.Context, in LateInput) error {
	d := draft(ctx, in.Context, in.Subject)
	d.Kind, d.Request, d.By, d.Happened = record.LateEntry, in.Act.Request, in.Act.By, in.Act.Happened
	for _, e := range in.Act.Entries {
		if e.File != nil {
			d.Uses = append(d.Uses, e.File.As(e.Field))
		}
	}
	var err error
	if d.Body, err = record.Body(record.Late{Verb: string(in.Act.Verb), Entries: in.Act.Entries, Reason: in.Act.Reason, Paper: in.Act.Paper, Phase: in.Phase}); err != nil {
		return err
	}
	kept, err := appendRecord(ctx, d)
	if err != nil {
		return err
	}
	ref, err := kept.Ref()
	if err != nil {
		return err
	}
	part := protocol.Part{Stage: protocol.Stage{ID: in.Stage, Title: "Arrived late: " + in.Title}}
	s := begin(ctx, run.StageInput{Context: in.Context, Stage: in.Stage, Part: &part, Free: true, Begins: workflow.Now(ctx).UTC()})
	what := in.Title + ": an entry of " + in.Act.By.Name + " arrived after the task was " + in.Phase
	s.follow(s.departAs("late-entry", what, protocol.Deviation, in.Act.By.Name, ref), what)
	_, err = s.end()
	return err
}
