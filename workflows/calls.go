package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"secretome/activities"
	"secretome/internal/record"
	"secretome/internal/run"
)

// act names the activities; its methods are never called here.
var act *activities.Activities

// patient retries until it works: for what must not be lost. Faults that
// trying again cannot cure are marked so by package activities.
var patient = temporal.RetryPolicy{InitialInterval: 200 * time.Millisecond, BackoffCoefficient: 2, MaximumInterval: 30 * time.Second}

// silence is after how long an activity that says nothing is done again: its
// process was killed. The worker has every activity speak up more often.
const silence = 10 * time.Second

// recording are the options of an activity that appends a record.
func recording(summary string) workflow.ActivityOptions {
	return workflow.ActivityOptions{StartToCloseTimeout: 30 * time.Second, HeartbeatTimeout: silence, RetryPolicy: &patient, Summary: summary}
}

// computing are the options of an activity that reads, computes or draws.
func computing(summary string) workflow.ActivityOptions {
	return workflow.ActivityOptions{StartToCloseTimeout: 5 * time.Minute, HeartbeatTimeout: silence, RetryPolicy: &patient, Summary: summary}
}

// tell has somebody told outside the program, where that is set up. It is tried
// for a day, beside everything else, and ends with whoever asked for it.
func tell(ctx workflow.Context, c run.Context, n activities.Notice) {
	if !c.Notices || c.Rehearsal {
		return
	}
	for _, channel := range activities.Channels() {
		n := n
		n.Channel = channel
		workflow.Go(ctx, func(ctx workflow.Context) {
			options := workflow.ActivityOptions{
				StartToCloseTimeout: time.Minute, ScheduleToCloseTimeout: 24 * time.Hour, TaskQueue: Calls, Summary: n.Kind + " to the " + n.Role + " by " + n.Channel,
				RetryPolicy: &temporal.RetryPolicy{InitialInterval: 5 * time.Second, BackoffCoefficient: 2, MaximumInterval: 10 * time.Minute},
			}
			if err := workflow.ExecuteActivity(workflow.WithActivityOptions(ctx, options), act.Notify, n).Get(ctx, nil); err != nil {
				workflow.GetLogger(ctx).Warn("tell somebody", "kind", n.Kind, "role", n.Role, "error", err)
			}
		})
	}
}

// draft is the part of a record that a workflow knows.
func draft(ctx workflow.Context, c run.Context, about record.Subject) record.Draft {
	now := workflow.Now(ctx).UTC()
	return record.Draft{
		Logbook: c.Logbook, Protocol: c.Protocol, Rehearsal: c.Rehearsal,
		Received: now, Happened: now, Subject: about,
		By: record.Actor{Kind: record.Program, Name: workflow.GetInfo(ctx).WorkflowType.Name},
	}
}

// appendRecord writes a record and waits for it. It cannot be cancelled and
// never gives up: what stands in a logbook has happened.
func appendRecord(ctx workflow.Context, d record.Draft) (record.Record, error) {
	calm, _ := workflow.NewDisconnectedContext(ctx)
	calm = workflow.WithActivityOptions(calm, recording(summaryOf(d)))
	var r record.Record
	err := workflow.ExecuteActivity(calm, act.Append, d).Get(calm, &r)
	return r, activities.Encode(activities.Decode(err))
}

// appendOwn writes a record of the workflow itself. What a person did is an
// activity that the history shows before it begins, so that it cannot be done
// and forgotten; a workflow does its own acts again after a crash, and so they
// can be written inside its task, which is one round trip to the server less.
func appendOwn(ctx workflow.Context, d record.Draft) (record.Record, error) {
	calm, _ := workflow.NewDisconnectedContext(ctx)
	calm = workflow.WithLocalActivityOptions(calm, workflow.LocalActivityOptions{
		ScheduleToCloseTimeout: 10 * 365 * 24 * time.Hour, StartToCloseTimeout: 30 * time.Second, RetryPolicy: &patient, Summary: summaryOf(d),
	})
	var r record.Record
	err := workflow.ExecuteLocalActivity(calm, act.Append, d).Get(calm, &r)
	return r, activities.Encode(activities.Decode(err))
}

// summaryOf is what the Web UI shows of a record.
func summaryOf(d record.Draft) string {
	text := string(d.Kind)
	if d.Subject.Step != "" {
		text += " " + d.Subject.Step
	}
	if d.By.Kind == record.Person {
		text += ", " + d.By.Name
	}
	return text
}
