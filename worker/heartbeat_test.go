package worker_test

import (
	"context"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/workflow"

	"secretome/activities"
	"secretome/internal/embedded/embeddedtest"
	"secretome/worker"
	"secretome/workflows"
)

// silence is shorter than the activity of the test, and longer than two beats.
const silence = 5 * time.Second

// slow takes its time and returns which attempt it is.
func slow(ctx context.Context) (int32, error) {
	select {
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(2 * silence):
		return activity.GetInfo(ctx).Attempt, nil
	}
}

func patience(ctx workflow.Context) (int32, error) {
	ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute, HeartbeatTimeout: silence})
	var attempt int32
	err := workflow.ExecuteActivity(ctx, slow).Get(ctx, &attempt)
	return attempt, err
}

// An activity that takes long is not taken for one whose process was killed.
func TestAnActivityThatGoesOnSaysSo(t *testing.T) {
	if testing.Short() {
		t.Skip("an activity must take longer than its heartbeat timeout")
	}
	c := dial(t, embeddedtest.Start(t))
	w := worker.New(c, &activities.Activities{}, worker.Options{})
	w.RegisterWorkflow(patience)
	w.RegisterActivity(slow)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
	r, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: embeddedtest.TaskQueue(t), TaskQueue: workflows.Queue}, patience)
	if err != nil {
		t.Fatal(err)
	}
	var attempt int32
	if err := r.Get(t.Context(), &attempt); err != nil || attempt != 1 {
		t.Errorf("attempt %d answered (%v), the first goes on", attempt, err)
	}
}
