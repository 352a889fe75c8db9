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
	for _, name := range []string{"HumanTask-late", "Steps-loop-and-branch", "Run-blinded", "Assay-repeated"} {
		t.Run(name, func(t *testing.T) {
			f, err := os.Open(filepath.Join("..", "workflows", "testdata", "histories", "0.1.0", name+".json"))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			whole, err := client.HistoryFromJSON(f, client.HistoryJSONOptions{})
			if err != nil {
				t.Fatal(err)
			}
			started := whole.Events[0].GetWorkflowExecutionStartedEventAttributes()
			e := &execution.WorkflowExecutionInfo{Execution: &common.WorkflowExecution{WorkflowId: started.GetWorkflowId(), RunId: started.GetOriginalExecutionRunId()}}
			moments := 0
			for end := 1; end < len(whole.Events); end++ {
				until := &history.History{Events: whole.Events[:end]}
				if !begun(until) || !ofItsOwn(whole.Events[end]) {
					continue
				}
				moments++
				if why := replay(workflows.All(), e, until); why != "" {
					t.Errorf("killed after event %d, %s: %s", end, whole.Events[end-1].GetEventType(), why)
				}
			}
			if moments == 0 {
				t.Error("no moment was tried")
			}
		})
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
