package program

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"secretome/internal/cli"
	"secretome/internal/crate"
	"secretome/internal/fault"
	"secretome/internal/record"
	bind "secretome/worker"
	"secretome/workflows"

	history "go.temporal.io/api/history/v1"
)

// replay holds histories against this program: those of a bundle, of a history's
// file, or of a run whose server and records are at hand.
func replay(ctx context.Context, o cli.ReplayOptions, io cli.IO) ([]cli.Replayed, error) {
	info, err := os.Stat(o.What)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return replayRun(ctx, o, io)
	case err != nil:
		return nil, fault.Wrap(err, fault.NotFound, "%s cannot be read", o.What)
	case info.IsDir():
		return replayBundle(o.What)
	}
	data, err := os.ReadFile(o.What)
	if err != nil {
		return nil, fault.Wrap(err, fault.NotFound, "%s cannot be read", o.What)
	}
	return []cli.Replayed{replayOne(data)}, nil
}

func replayBundle(dir string) ([]cli.Replayed, error) {
	kept, err := crate.Histories(dir)
	if err != nil {
		return nil, err
	}
	var all []cli.Replayed
	for _, k := range kept {
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(k.Path)))
		if err != nil {
			return nil, fault.Wrap(err, fault.NotFound, "the history %s is not in the bundle", k.Path)
		}
		r := replayOne(data)
		r.Workflow = k.Workflow
		all = append(all, r)
	}
	return all, nil
}

// replayRun replays the histories that a run's records name.
func replayRun(ctx context.Context, o cli.ReplayOptions, io cli.IO) ([]cli.Replayed, error) {
	if !strings.HasPrefix(o.What, "UCM-") {
		return nil, fault.New(fault.NotFound, "%s is no bundle, no history's file and no run", o.What).Try("give a folder that run export wrote, a file, or a run's ID")
	}
	h, err := open(ctx, o.Servers, io, nil)
	if err != nil {
		return nil, err
	}
	defer h.close()
	records, err := h.index.Records(ctx, o.What, 0, 0, record.HistoriesExported)
	if err != nil {
		return nil, err
	}
	if len(records) == 0 {
		return nil, fault.New(fault.NotFound, "no history of %s is kept yet: %s", o.What, workflows.RunID(o.What))
	}
	var all []cli.Replayed
	for _, r := range records {
		body, err := record.Read[record.Histories](r)
		if err != nil {
			return nil, err
		}
		for _, k := range body.Histories {
			data, err := h.artifacts.Bytes(ctx, k.Artifact.SHA256)
			if err != nil {
				return nil, err
			}
			one := replayOne(data)
			one.Workflow = k.Workflow
			all = append(all, one)
		}
	}
	return all, nil
}

// replayOne replays one history. Events that do not follow each other are named
// by their number, before the program is asked.
func replayOne(data []byte) cli.Replayed {
	var r cli.Replayed
	events, err := client.HistoryFromJSON(strings.NewReader(string(data)), client.HistoryJSONOptions{})
	if err != nil {
		r.Detail = "this is no history of events: " + err.Error()
		return r
	}
	r.Events = int64(len(events.GetEvents()))
	if r.Detail = order(events); r.Detail != "" {
		return r
	}
	started := events.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes()
	r.Workflow, r.Type = started.GetWorkflowId(), started.GetWorkflowType().GetName()
	replayer := worker.NewWorkflowReplayer()
	bind.Register(replayer)
	if err := replayer.ReplayWorkflowHistory(nil, events); err != nil {
		r.Detail = err.Error()
		return r
	}
	r.OK = true
	return r
}

// order says which event is not in its place; empty if all are.
func order(h *history.History) string {
	for i, e := range h.GetEvents() {
		if e.GetEventId() != int64(i+1) {
			return "event " + itoa(int64(i+1)) + " is missing or out of order: event " + itoa(e.GetEventId()) + " stands in its place"
		}
	}
	if len(h.GetEvents()) == 0 || h.GetEvents()[0].GetWorkflowExecutionStartedEventAttributes() == nil {
		return "event 1 is not the start of a workflow"
	}
	return ""
}
