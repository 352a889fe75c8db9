package worker_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"secretome/internal/embedded/embeddedtest"
	"secretome/worker"
	"secretome/workflows"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
)

// inOrder returns a workflow that runs the activities one after the other and
// then stays open.
func inOrder(names ...string) func(workflow.Context) error {
	return func(ctx workflow.Context) error {
		ctx = workflow.WithActivityOptions(ctx, workflow.ActivityOptions{StartToCloseTimeout: time.Minute})
		for _, name := range names {
			if err := workflow.ExecuteActivity(ctx, name, name).Get(ctx, nil); err != nil {
				return err
			}
		}
		return workflow.Await(ctx, func() bool { return false })
	}
}

// bench is a task queue with open executions on it.
type bench struct {
	*testing.T
	client client.Client
	queue  string
	ids    []string
}

func newBench(t *testing.T) *bench {
	return &bench{T: t, client: dial(t, embeddedtest.Start(t)), queue: embeddedtest.TaskQueue(t)}
}

// begin starts an execution; with a state it is a task in that state.
func (b *bench) begin(kind, id, state string) {
	b.Helper()
	o := client.StartWorkflowOptions{ID: id, TaskQueue: b.queue}
	if state != "" {
		o.TypedSearchAttributes = temporal.NewSearchAttributes(temporal.NewSearchAttributeKeyKeyword(workflows.AttributeState).ValueSet(state))
	}
	if _, err := b.client.ExecuteWorkflow(b.Context(), o, kind); err != nil {
		b.Fatal(err)
	}
	b.ids = append(b.ids, id)
	b.Cleanup(func() { _ = b.client.TerminateWorkflow(context.Background(), id, "", "the test is over") })
}

// work runs a worker with the code until all executions have run both
// activities, and stops it.
func (b *bench) work(code map[string]any) {
	b.Helper()
	w := sdk.New(b.client, b.queue, sdk.Options{})
	for name, c := range code {
		w.RegisterWorkflowWithOptions(c, workflow.RegisterOptions{Name: name})
	}
	w.RegisterActivity(echo)
	if err := w.Start(); err != nil {
		b.Fatal(err)
	}
	defer w.Stop()
	for _, id := range b.ids {
		b.wait(id+" to run its activities", func() bool { return b.completed(id) == 2 })
	}
}

// completed is how many activities of an execution have completed, as far as its
// worker has seen them.
func (b *bench) completed(id string) int {
	b.Helper()
	var n, seen int
	for it := b.client.GetWorkflowHistory(b.Context(), id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); it.HasNext(); {
		e, err := it.Next()
		if err != nil {
			b.Fatal(err)
		}
		switch e.GetEventType() {
		case enums.EVENT_TYPE_ACTIVITY_TASK_COMPLETED:
			n++
		case enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
			seen = n
		default: // no other event counts
		}
	}
	return seen
}

func (b *bench) wait(what string, done func() bool) {
	b.Helper()
	tick, deadline := time.NewTicker(20*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			b.Fatalf("waited in vain for %s", what)
		}
	}
}

// replay waits until the list of what is open has it all, and replays it.
func (b *bench) replay(code map[string]any) worker.Checked {
	b.Helper()
	b.wait("the list of open executions", func() bool {
		n, err := b.client.CountWorkflow(b.Context(), &workflowservice.CountWorkflowExecutionsRequest{Query: `ExecutionStatus = "Running" AND TaskQueue = "` + b.queue + `"`})
		return err == nil && int(n.GetCount()) == len(b.ids)
	})
	var last, total int
	found, err := worker.Replay(b.Context(), b.client, worker.ReplayOptions{Queue: b.queue, Code: code, Progress: func(done, of int) {
		if done != last+1 {
			b.Errorf("progress went from %d to %d", last, done)
		}
		last, total = done, of
	}})
	if err != nil {
		b.Fatal(err)
	}
	if last != total {
		b.Errorf("progress ended at %d of %d", last, total)
	}
	return found
}

func names(ff []worker.Failure) (ids []string) {
	for _, f := range ff {
		ids = append(ids, f.Workflow)
	}
	slices.Sort(ids)
	return ids
}

func TestOpenExecutionsAreHeldAgainstTheCode(t *testing.T) {
	twice := inOrder("echo", "echo")
	tests := []struct {
		kind string
		code func(workflow.Context) error // of the program that is asked; the one before had twice
		want string                       // why it does not go on
	}{
		{"Same", twice, ""},
		{"Other", inOrder("look", "echo"), "its history has ActivityTaskScheduled of echo, this version wants ScheduleActivityTask of look"},
		{"Less", inOrder("echo"), "its history has an activity at event 11, which this version does not want"},
		{"More", inOrder("echo", "echo", "echo"), "this version wants ScheduleActivityTask of echo, which its history does not have"},
		{"Gone", nil, "unable to find workflow type: Gone"},
	}
	b := newBench(t)
	before, after := map[string]any{}, map[string]any{}
	for _, test := range tests {
		before[test.kind] = twice
		if test.code != nil {
			after[test.kind] = test.code
		}
		b.begin(test.kind, test.kind+"/"+b.queue, "")
	}
	b.work(before)
	b.begin("Other", "not-begun/"+b.queue, "") // nobody works any more

	if found := b.replay(before); len(found.Failed) > 0 || found.Open != len(tests)+1 || found.Replayed != len(tests) {
		t.Errorf("with the code that ran: %+v; want all but one replayed, none failed", found)
	}
	why := map[string]string{}
	for _, f := range b.replay(after).Failed {
		why[f.Workflow] = f.Reason
	}
	for _, test := range tests {
		id := test.kind + "/" + b.queue
		if got := why[id]; got == "" != (test.want == "") || !strings.HasPrefix(got, test.want) || strings.Contains(got, "\n") {
			t.Errorf("%s fails since %q; want %q on one line", id, got, test.want)
		}
		delete(why, id)
	}
	if len(why) > 0 {
		t.Errorf("these fail too: %q", why)
	}
}

func TestOfTasksOneOfEachKindAndStateIsReplayed(t *testing.T) {
	code := map[string]any{"HumanTask": inOrder("echo", "echo"), "Lot": inOrder("echo", "echo")}
	for _, test := range []struct {
		name     string
		tasks    [][2]string // the end of the ID, state
		replayed int
	}{
		{"models and attempts of one task are one kind", [][2]string{{"treatment/hacat/1/dose/1", "open"}, {"treatment/hdf/2/dose/3", "open"}}, 1},
		{"states are apart", [][2]string{{"treatment/hacat/1/dose/1", "open"}, {"treatment/hdf/2/dose/1", "claimed"}}, 2},
		{"tasks are apart", [][2]string{{"treatment/hacat/1/dose/1", "open"}, {"treatment/hacat/1/feed/1", "open"}}, 2},
		{"stages are apart", [][2]string{{"culture/feed/1", "open"}, {"treatment/feed/1", "open"}}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBench(t)
			run := strings.NewReplacer("/", "-", "_", "-").Replace(b.queue)
			for _, task := range test.tasks {
				b.begin("HumanTask", "task/"+run+"/"+task[0], task[1])
			}
			b.work(code)
			if found := b.replay(code); found.Replayed != test.replayed {
				t.Errorf("%+v; want %d replayed", found, test.replayed)
			}
		})
	}
}

// The first of its kind may be one that no worker has seen yet.
func TestATaskThatHasNotBegunDoesNotSpeakForTheOthers(t *testing.T) {
	b := newBench(t)
	first, last := "task/"+b.queue+"/culture/feed/", "task/"+b.queue+"/culture/feed/2"
	b.begin("HumanTask", last, "open")
	b.work(map[string]any{"HumanTask": inOrder("echo", "echo")})
	b.begin("HumanTask", first+"1", "open") // before and after it, whichever way the server lists
	b.begin("HumanTask", first+"3", "open")
	found := b.replay(map[string]any{"HumanTask": inOrder("look", "echo")})
	if got := names(found.Failed); !slices.Equal(got, []string{last}) {
		t.Errorf("%+v; want %s to fail", found, last)
	}
}
