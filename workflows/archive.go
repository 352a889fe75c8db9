package workflows

import (
	"go.temporal.io/sdk/workflow"

	"secretome/activities"
	"secretome/internal/record"
	"secretome/internal/run"
)

// ArchiveInput starts an Archive.
type ArchiveInput struct {
	Context run.Context  `json:"context"`
	Base    record.Draft `json:"base"`
}

// Archive waits for a run to close and keeps its own history, before the
// server may delete it. Its record stands behind the seal, which covers all
// that came before.
func Archive(ctx workflow.Context, in ArchiveInput) error {
	ctx = workflow.WithActivityOptions(ctx, computing("keep the run's history"))
	kept := activities.HistoriesInput{Base: in.Base, Workflows: []string{RunID(in.Context.Run)}, Closed: true}
	return workflow.ExecuteActivity(ctx, act.KeepHistories, kept).Get(ctx, nil)
}
