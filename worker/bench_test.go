package worker_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"secretome/activities"
	"secretome/internal/artifact"
	"secretome/internal/embedded"
	"secretome/internal/embedded/embeddedtest"
	"secretome/internal/index"
	"secretome/internal/logbook"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/internal/task"
	"secretome/worker"
	"secretome/workflows"
)

func TestMain(m *testing.M) { os.Exit(embeddedtest.Main(m)) }

func dial(b testing.TB, at embedded.Addresses) client.Client {
	b.Helper()
	c, err := client.Dial(client.Options{
		HostPort: at.Temporal, Namespace: at.Namespace,
		ConnectionOptions: client.ConnectionOptions{GrpcCompression: &client.GrpcCompressionNone{}},
	})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(c.Close)
	return c
}

// echo is the least that an activity can do.
func echo(_ context.Context, s string) (string, error) { return s, nil }

// bareTask is a task as the bare SDK has it: two Updates, each with one
// activity that does nothing.
func bareTask(ctx workflow.Context) error {
	left := 2
	answer := func(ctx workflow.Context, s string) (string, error) {
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
		var r string
		err := workflow.ExecuteActivity(ctx, echo, s).Get(ctx, &r)
		left--
		return r, err
	}
	for _, name := range []string{"claim", "complete"} {
		if err := workflow.SetUpdateHandler(ctx, name, answer); err != nil {
			return err
		}
	}
	return workflow.Await(ctx, func() bool { return left == 0 && workflow.AllHandlersFinished(ctx) })
}

// update asks until the workflow is there to answer.
func update(b *testing.B, c client.Client, id, name string, arg any) {
	b.Helper()
	for {
		h, err := c.UpdateWorkflow(b.Context(), client.UpdateWorkflowOptions{
			WorkflowID: id, UpdateName: name, Args: []any{arg}, WaitForStage: client.WorkflowUpdateStageCompleted,
		})
		if _, early := errors.AsType[*serviceerror.NotFound](err); early {
			continue
		}
		if err == nil {
			err = h.Get(b.Context(), nil)
		}
		if err != nil {
			b.Fatal(err)
		}
		return
	}
}

// BenchmarkBareTask is what one task costs with the bare SDK on the embedded
// server: a workflow, two Updates, two activities that do nothing.
func BenchmarkBareTask(b *testing.B) {
	c := dial(b, embeddedtest.Start(b))
	queue := embeddedtest.TaskQueue(b)
	w := sdk.New(c, queue, sdk.Options{})
	w.RegisterWorkflow(bareTask)
	w.RegisterActivity(echo)
	if err := w.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(w.Stop)
	for i := 0; b.Loop(); i++ {
		id := fmt.Sprint(queue, "/", i)
		r, err := c.ExecuteWorkflow(b.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: queue}, bareTask)
		if err != nil {
			b.Fatal(err)
		}
		update(b, c, id, "claim", "a")
		update(b, c, id, "complete", "b")
		if err := r.Get(b.Context(), nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkTask is the same with a human task of ours: claim and complete, each
// a record in S3 and in the index before it is answered.
func BenchmarkTask(b *testing.B) {
	at := embeddedtest.Start(b)
	c := dial(b, at)
	bucket, err := artifact.Open(b.Context(), artifact.Config{URL: at.S3, Bucket: at.Bucket, AccessKey: at.AccessKey, SecretKey: at.SecretKey, Region: at.Region})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(bucket.Close)
	x, err := index.Open(b.Context(), filepath.Join(b.TempDir(), "index.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = x.Close() }) // it goes with the test
	w := worker.New(c, &activities.Activities{Logbooks: logbook.New(bucket, x, zerolog.Nop()), Program: "bench"}, worker.Options{})
	if err := w.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(w.Stop)
	mara := record.Actor{Kind: record.Person, Name: "Mara Thiel", Role: "technician"}
	for i := 0; b.Loop(); i++ {
		id := fmt.Sprint("task/UCM-2026-001/bench/task/", i)
		in := run.TaskInput{
			Context: run.Context{Run: "UCM-2026-001", Logbook: "run/UCM-2026-001", Speed: 1, Rehearsal: true},
			Spec:    task.Spec{ID: id, Attempt: 1, Task: protocol.Task{ID: "task", Title: "Task", Role: "technician"}},
		}
		r, err := c.ExecuteWorkflow(b.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: workflows.Queue}, workflows.HumanTask, in)
		if err != nil {
			b.Fatal(err)
		}
		update(b, c, id, string(task.Claim), task.Act{Verb: task.Claim, Request: fmt.Sprint("claim", i), By: mara})
		update(b, c, id, string(task.Complete), task.Act{Verb: task.Complete, Request: fmt.Sprint("complete", i), By: mara})
		if err := r.Get(b.Context(), nil); err != nil {
			b.Fatal(err)
		}
	}
}
