package worker

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"sync"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
	"golang.org/x/sync/errgroup"

	"secretome/workflows"

	enums "go.temporal.io/api/enums/v1"
	history "go.temporal.io/api/history/v1"
	execution "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
)

// atOnce is how many histories are replayed at a time: most of the time goes
// into waiting for the server.
const atOnce = 4

// ReplayOptions say which executions are held against which code.
type ReplayOptions struct {
	Queue    string                // only executions of this task queue: those that its workers are given
	Code     map[string]any        // workflows by the name under which histories know them
	Progress func(done, total int) // called after each history, one call at a time; may be nil
}

// Checked is what a replay of the open executions found.
type Checked struct {
	Open     int // executions that were open
	Replayed int // histories that were replayed, the failed ones among them
	Failed   []Failure
}

// Failure is an open execution that the code cannot go on with.
type Failure struct {
	Workflow string // ID
	Type     string
	Reason   string // one line
}

// Replay holds the histories of all open executions of a task queue against the
// code, without changing anything. Of tasks it takes one of each kind and state;
// an execution of which no worker has seen anything has nothing to replay. The
// error is not nil if the server cannot be asked; an execution that does not
// replay is no error.
//
// The list of open executions follows the executions. One that began in the
// moment before a server was killed may be missing from it: it has hardly begun.
func Replay(ctx context.Context, c client.Client, o ReplayOptions) (Checked, error) {
	open, err := listOpen(ctx, c, o.Queue)
	if err != nil {
		return Checked{}, fmt.Errorf("list open workflows: %w", err)
	}
	check := &check{client: c, options: o, kinds: kinds(open), found: Checked{Open: len(open)}}
	together, ctx := errgroup.WithContext(ctx)
	together.SetLimit(atOnce)
	for i := range check.kinds {
		together.Go(func() error { return check.kind(ctx, i) })
	}
	err = together.Wait()
	return check.result(), err
}

// listOpen lists the open executions of a task queue, in the server's order.
func listOpen(ctx context.Context, c client.Client, queue string) ([]*execution.WorkflowExecutionInfo, error) {
	var all []*execution.WorkflowExecutionInfo
	request := &workflowservice.ListWorkflowExecutionsRequest{
		PageSize: 1000, // the most that the server gives
		Query:    `ExecutionStatus = "Running" AND TaskQueue = "` + queue + `"`,
	}
	for {
		page, err := c.ListWorkflow(ctx, request)
		if err != nil {
			return nil, err
		}
		all = append(all, page.GetExecutions()...)
		if request.NextPageToken = page.GetNextPageToken(); len(request.NextPageToken) == 0 {
			return all, nil
		}
	}
}

// kinds puts together executions of which one speaks for all: tasks of one kind
// and state. Everything else is alone.
func kinds(open []*execution.WorkflowExecutionInfo) [][]*execution.WorkflowExecutionInfo {
	var all [][]*execution.WorkflowExecutionInfo
	at := map[[2]string]int{}
	for _, e := range open {
		if e.GetType().GetName() != "HumanTask" {
			all = append(all, []*execution.WorkflowExecutionInfo{e})
			continue
		}
		key := [2]string{taskKind(e.GetExecution().GetWorkflowId()), state(e)}
		i, known := at[key]
		if !known {
			i = len(all)
			at[key] = i
			all = append(all, nil)
		}
		all[i] = append(all[i], e)
	}
	return all
}

// taskKind is what tasks have in common that the same step of a protocol asked:
// "task/RUN/STAGE/MODEL/BLOCK/TASK/N" without model, block and number.
func taskKind(id string) string {
	parts := strings.Split(id, "/")
	last := len(parts) - 1
	if _, err := strconv.Atoi(parts[last]); err == nil {
		parts = parts[:last]
	}
	if len(parts) > 4 {
		parts = append(parts[:3:3], parts[len(parts)-1])
	}
	return strings.Join(parts, "/")
}

// state is the state of a task; empty where the server was told none.
func state(e *execution.WorkflowExecutionInfo) string {
	var s string
	if p := e.GetSearchAttributes().GetIndexedFields()[workflows.AttributeState]; p != nil {
		_ = converter.GetDefaultDataConverter().FromPayload(p, &s) // an unknown form is a kind of its own
	}
	return s
}

// check is one replay of all that is open.
type check struct {
	client  client.Client
	options ReplayOptions
	kinds   [][]*execution.WorkflowExecutionInfo

	mu       sync.Mutex
	found    Checked
	failures []numbered
	done     int
}

// numbered is a failure and the place of its execution in the server's list.
type numbered struct {
	at int
	Failure
}

// kind replays executions of one kind until one of them has a history to replay.
func (c *check) kind(ctx context.Context, i int) error {
	for _, e := range c.kinds[i] {
		events, err := events(ctx, c.client, e)
		if _, gone := errors.AsType[*serviceerror.NotFound](err); gone {
			continue // it ended since it was listed, and was deleted
		}
		if err != nil {
			return fmt.Errorf("history of %s: %w", e.GetExecution().GetWorkflowId(), err)
		}
		if !begun(events) {
			continue
		}
		c.replayed(i, e, replay(c.options.Code, e, events))
		break
	}
	c.progress()
	return nil
}

func (c *check) replayed(i int, e *execution.WorkflowExecutionInfo, why string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.found.Replayed++
	if why != "" {
		c.failures = append(c.failures, numbered{i, Failure{Workflow: e.GetExecution().GetWorkflowId(), Type: e.GetType().GetName(), Reason: why}})
	}
}

func (c *check) progress() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done++
	if c.options.Progress != nil {
		c.options.Progress(c.done, len(c.kinds))
	}
}

// result has the failures in the order of the server's list.
func (c *check) result() Checked {
	c.mu.Lock()
	defer c.mu.Unlock()
	slices.SortFunc(c.failures, func(a, b numbered) int { return a.at - b.at })
	for _, f := range c.failures {
		c.found.Failed = append(c.found.Failed, f.Failure)
	}
	return c.found
}

// events reads the history of one execution, not of the last of its chain.
func events(ctx context.Context, c client.Client, e *execution.WorkflowExecutionInfo) (*history.History, error) {
	all := &history.History{}
	of := e.GetExecution()
	for it := c.GetWorkflowHistory(ctx, of.GetWorkflowId(), of.GetRunId(), false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); it.HasNext(); {
		next, err := it.Next()
		if err != nil {
			return nil, err
		}
		all.Events = append(all.Events, next)
	}
	return all, nil
}

// begun reports whether a worker has completed a workflow task; without one there
// is nothing to hold against the code, and the replayer refuses.
func begun(h *history.History) bool {
	return slices.ContainsFunc(h.GetEvents(), func(e *history.HistoryEvent) bool {
		return e.GetEventType() == enums.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
	})
}

// replay says in one line why a history does not replay; empty if it does.
func replay(code map[string]any, e *execution.WorkflowExecutionInfo, h *history.History) string {
	// Histories of the largest kind take seconds on a busy machine: that is no deadlock.
	r, err := worker.NewWorkflowReplayerWithOptions(worker.WorkflowReplayerOptions{DisableRegistrationAliasing: true, DisableDeadlockDetection: true})
	if err != nil {
		return err.Error()
	}
	for name, w := range code {
		r.RegisterWorkflowWithOptions(w, workflow.RegisterOptions{Name: name})
	}
	of := workflow.Execution{ID: e.GetExecution().GetWorkflowId(), RunID: e.GetExecution().GetRunId()}
	silent := log.NewStructuredLogger(slog.New(slog.DiscardHandler)) // what it would say is in the error
	if err := r.ReplayWorkflowHistoryWithOptions(silent, h, worker.ReplayWorkflowHistoryOptions{OriginalExecution: of}); err != nil {
		return reason(err)
	}
	return ""
}
