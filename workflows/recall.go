package workflows

import (
	"strconv"

	"go.temporal.io/sdk/workflow"

	"secretome/activities"
	"secretome/internal/record"
	"secretome/internal/sample"
)

// RecallID returns the ID of the workflow that calls a thing back.
func RecallID(request string) string { return "recall/" + request }

// RecallInput calls back a thing and all that was made from it.
type RecallInput struct {
	Request string       `json:"request"`
	Thing   string       `json:"thing"`
	Why     string       `json:"why"`
	By      record.Actor `json:"by"`
	Cause   record.Ref   `json:"cause,omitzero"` // what the thing's own logbook says
}

// Recall walks from a thing to every descendant in every run: what is kept is put
// on hold, and each run that one of them reached is held until its manager
// decided. What was done stands in the laboratory's logbook.
func Recall(ctx workflow.Context, in RecallInput) error {
	var found []sample.Descendant
	look := workflow.WithActivityOptions(ctx, computing("all that was made from "+in.Thing))
	if err := workflow.ExecuteActivity(look, act.Descend, in.Thing).Get(ctx, &found); err != nil {
		return err
	}
	done := record.Recall{Thing: in.Thing, Why: in.Why}
	why := in.Thing + " was recalled: " + in.Why
	for i, d := range found {
		if d.Barcode != in.Thing {
			done.All = append(done.All, d.Barcode)
		}
		if d.Kept && d.Barcode != in.Thing {
			hold := sample.LotAct{Kind: record.LotHeld, Request: request(in.Request, "hold "+strconv.Itoa(i)), By: in.By, Happened: workflow.Now(ctx).UTC(), Body: record.LotAct{Why: why}}
			if in.Cause.Hash != "" {
				hold.Uses = []record.Use{in.Cause.As("recall")}
			}
			if _, err := toLot(ctx, activities.ToLotInput{Barcode: d.Barcode, Act: hold}, "hold"); err != nil {
				workflow.GetLogger(ctx).Warn("hold a descendant", "lot", d.Barcode, "error", err)
				continue
			}
			done.Lots = append(done.Lots, d.Barcode)
		}
	}
	for _, name := range runsOf(found) {
		if err := holdRun(ctx, in, name, why, found); err != nil {
			return err
		}
		done.Runs = append(done.Runs, name)
	}
	return in.record(ctx, done)
}

// runsOf are the runs that things were in, each once, in their order.
func runsOf(found []sample.Descendant) []string {
	var names []string
	seen := map[string]bool{}
	for _, d := range found {
		for _, name := range d.Runs {
			if !seen[name] {
				seen[name], names = true, append(names, name)
			}
		}
	}
	return names
}

func holdRun(ctx workflow.Context, in RecallInput, name, why string, found []sample.Descendant) error {
	var things []string
	for _, d := range found {
		for _, other := range d.Runs {
			if other == name {
				things = append(things, d.Barcode)
			}
		}
	}
	options := computing("hold run " + name)
	options.TaskQueue = Calls
	hold := activities.HoldRunInput{Run: name, Request: request(in.Request, name), Why: why, By: in.By, Things: things, Cause: in.Cause, Thing: in.Thing}
	return workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, options), act.HoldRun, hold).Get(ctx, nil)
}

func (in RecallInput) record(ctx workflow.Context, done record.Recall) error {
	now := workflow.Now(ctx).UTC()
	d := record.Draft{Logbook: "lab", Request: in.Request, Kind: record.Recalled, Received: now, Happened: now, By: in.By, Subject: record.Subject{Thing: in.Thing}}
	if in.Cause.Hash != "" {
		d.Uses = []record.Use{in.Cause.As("cause")}
	}
	var err error
	if d.Body, err = record.Body(done); err != nil {
		return err
	}
	_, err = appendRecord(ctx, d)
	return err
}
