package activities

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"
	"google.golang.org/protobuf/encoding/protojson"

	"secretome/internal/fault"
	"secretome/internal/record"

	enums "go.temporal.io/api/enums/v1"
	history "go.temporal.io/api/history/v1"
)

// HistoriesInput names executions whose events are kept.
type HistoriesInput struct {
	Base      record.Draft `json:"base"`
	Workflows []string     `json:"workflows"`           // workflow IDs
	Closed    bool         `json:"closed,omitempty"`    // wait until they are
	Execution string       `json:"execution,omitempty"` // only this one of a chain that goes on
}

// KeepHistories stores the events of executions as artifacts, all links of a
// chain of each, and records them. The server may delete them after that.
func (a *Activities) KeepHistories(ctx context.Context, in HistoriesInput) (record.Ref, error) {
	if a.Temporal == nil {
		return record.Ref{}, nil
	}
	kept, err := a.histories(ctx, in)
	if err != nil {
		return record.Ref{}, Encode(err)
	}
	var uses []record.Use
	for _, h := range kept {
		uses = append(uses, h.Artifact.As("history of "+h.Workflow))
	}
	ref, err := a.append(ctx, in.Base, record.HistoriesExported, "", record.Histories{Histories: kept}, uses...)
	return ref, Encode(err)
}

func (a *Activities) histories(ctx context.Context, in HistoriesInput) ([]record.History, error) {
	var kept []record.History
	for _, id := range in.Workflows {
		if activity.IsActivity(ctx) {
			activity.RecordHeartbeat(ctx, id)
		}
		chain, err := a.chain(ctx, id, in)
		if err != nil {
			return nil, fmt.Errorf("history of %s: %w", id, err)
		}
		kept = append(kept, chain...)
	}
	return kept, nil
}

// chain stores one workflow's executions, the last first, or the one asked for.
func (a *Activities) chain(ctx context.Context, id string, in HistoriesInput) ([]record.History, error) {
	var kept []record.History
	for execution, more := in.Execution, true; more; {
		events, err := a.events(ctx, id, execution, in.Closed)
		if err != nil {
			return nil, err
		}
		h, before, err := a.keepHistory(ctx, id, events)
		if err != nil {
			return nil, err
		}
		kept = append(kept, h)
		execution, more = before, before != "" && in.Execution == ""
	}
	return kept, nil
}

func (a *Activities) events(ctx context.Context, id, execution string, closed bool) (*history.History, error) {
	if closed {
		// Nothing is kept of a run that still writes: wait for its last event.
		ctx, cancel := context.WithTimeout(ctx, 4*time.Minute)
		defer cancel()
		last := a.Temporal.GetWorkflowHistory(ctx, id, execution, true, enums.HISTORY_EVENT_FILTER_TYPE_CLOSE_EVENT)
		if _, err := last.Next(); err != nil {
			return nil, fault.Wrap(err, fault.Unavailable, "%s has not closed yet", id)
		}
	}
	all := &history.History{}
	for events := a.Temporal.GetWorkflowHistory(ctx, id, execution, false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); events.HasNext(); {
		e, err := events.Next()
		if err != nil {
			return nil, err
		}
		all.Events = append(all.Events, e)
	}
	if len(all.Events) == 0 {
		return nil, fault.New(fault.NotFound, "%s has no history", id)
	}
	return all, nil
}

func (a *Activities) keepHistory(ctx context.Context, id string, events *history.History) (h record.History, before string, err error) {
	text, err := protojson.Marshal(events)
	if err != nil {
		return h, "", err
	}
	var compact bytes.Buffer // protojson varies its white space on purpose
	if err := compactJSON(&compact, text); err != nil {
		return h, "", err
	}
	started := events.Events[0].GetWorkflowExecutionStartedEventAttributes()
	execution := started.GetOriginalExecutionRunId()
	artifact, err := a.Artifacts.PutBytes(ctx, compact.Bytes(), "application/json", id+" "+execution+".json")
	h = record.History{Workflow: id, Execution: execution, Type: started.GetWorkflowType().GetName(), Events: int64(len(events.Events)), Artifact: artifact}
	return h, started.GetContinuedExecutionRunId(), err
}
