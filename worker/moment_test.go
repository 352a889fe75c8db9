package worker

import (
	"os"
	"path/filepath"
	"testing"

	"go.temporal.io/sdk/client"

	"secretome/workflows"

	common "go.temporal.io/api/common/v1"
	history "go.temporal.io/api/history/v1"
	execution "go.temporal.io/api/workflow/v1"
)

// A server may be killed at any moment; whatever a history ends with then, the
// code that made it goes on.
func TestAHistoryReplaysFromAnyMomentOn(t *testing.T) {
	kept, err := filepath.Glob(filepath.Join("..", "workflows", "testdata", "histories", "*", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	if len(kept) == 0 {
		t.Fatal("no histories are kept in workflows/testdata")
	}
	for _, path := range kept {
		t.Run(filepath.Base(path), func(t *testing.T) {
			fromAnyMomentOn(t, read(t, path))
		})
	}
}

func read(t *testing.T, path string) *history.History {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h, err := client.HistoryFromJSON(f, client.HistoryJSONOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func fromAnyMomentOn(t *testing.T, whole *history.History) {
	t.Helper()
	started := whole.Events[0].GetWorkflowExecutionStartedEventAttributes()
	e := &execution.WorkflowExecutionInfo{Execution: &common.WorkflowExecution{WorkflowId: started.GetWorkflowId(), RunId: started.GetOriginalExecutionRunId()}}
	var moments []int
	for end := 1; end < len(whole.Events); end++ {
		if begun(&history.History{Events: whole.Events[:end]}) && ofItsOwn(whole.Events[end]) {
			moments = append(moments, end)
		}
	}
	const most = 20 // of one history, spread over it: each is a replay of all before
	for i := 0; i < len(moments); i += 1 + len(moments)/most {
		end := moments[i]
		if why := replay(workflows.All(), e, &history.History{Events: whole.Events[:end]}); why != "" {
			t.Errorf("killed after event %d, %s: %s", end, whole.Events[end-1].GetEventType(), why)
		}
	}
}

// ofItsOwn reports whether the server may have written what comes before an event
// without the event: what a worker answers is written with its answer.
func ofItsOwn(e *history.HistoryEvent) bool {
	switch e.GetAttributes().(type) {
	case *history.HistoryEvent_WorkflowExecutionSignaledEventAttributes,
		*history.HistoryEvent_WorkflowTaskScheduledEventAttributes, *history.HistoryEvent_WorkflowTaskStartedEventAttributes, *history.HistoryEvent_WorkflowTaskCompletedEventAttributes,
		*history.HistoryEvent_ActivityTaskStartedEventAttributes, *history.HistoryEvent_ActivityTaskCompletedEventAttributes, *history.HistoryEvent_ActivityTaskFailedEventAttributes,
		*history.HistoryEvent_ChildWorkflowExecutionStartedEventAttributes, *history.HistoryEvent_ChildWorkflowExecutionCompletedEventAttributes,
		*history.HistoryEvent_TimerFiredEventAttributes:
		return true
	default:
		return false
	}
}
