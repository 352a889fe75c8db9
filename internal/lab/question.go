package lab

import (
	"context"

	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/record"
	"secretome/internal/task"
	"secretome/workflows"
)

// Task is a row of the index, as doors see it.
type Task = index.Task

// Stage is a row of the index, as doors see it.
type Stage = index.Stage

// Artifact is a row of the index, as doors see it.
type Artifact = index.Artifact

// Node is an artifact or a record in the graph of what was made from what.
type Node = index.Node

// Edge is a row of the index, as doors see it.
type Edge = index.Edge

// Run is where a run stands and what it waits for.
type Run struct {
	index.Run
	State   string // running, or how it ended
	Open    int    // tasks that wait for somebody
	Blocked int    // of those: decisions on a deviation
	Next    *Task  // the open task that is due first; nil where there is none
}

// RunView is a run with its stages and what waits for somebody.
type RunView struct {
	Run
	Stages []Stage
	Tasks  []Task // open or claimed, what is due first on top
}

// waiting are the phases of a task that waits for somebody.
func waiting() []task.Phase { return []task.Phase{task.Open, task.Claimed} }

// Runs lists all runs, the newest first.
func (l *Lab) Runs(ctx context.Context, who record.Actor) ([]Run, error) {
	if err := Allowed(who, Look); err != nil {
		return nil, err
	}
	rows, err := l.Index.Runs(ctx, index.RunFilter{})
	if err != nil {
		return nil, err
	}
	standings, err := l.Index.Standings(ctx)
	if err != nil {
		return nil, err
	}
	runs := make([]Run, 0, len(rows))
	for _, row := range rows {
		runs = append(runs, stand(row, standings[row.ID]))
	}
	return runs, nil
}

// Run tells where a run stands. It fails with [fault.NotFound].
func (l *Lab) Run(ctx context.Context, who record.Actor, id string) (RunView, error) {
	if err := Allowed(who, Look); err != nil {
		return RunView{}, err
	}
	row, err := l.Index.Run(ctx, id)
	if err != nil {
		return RunView{}, err
	}
	tasks, err := l.Index.Tasks(ctx, index.TaskFilter{Run: id, States: waiting()})
	if err != nil {
		return RunView{}, err
	}
	stages, err := l.Index.Stages(ctx, id)
	if err != nil {
		return RunView{}, err
	}
	standings, err := l.Index.Standings(ctx, id)
	return RunView{Run: stand(row, standings[id]), Stages: stages, Tasks: tasks}, err
}

// stand says what a run waits for. One that ended waits for nothing.
func stand(row index.Run, s index.Standing) Run {
	if row.State != index.Running {
		return Run{Run: row, State: row.Outcome}
	}
	return Run{Run: row, State: row.State, Open: s.Open, Blocked: s.Blocked, Next: s.Next}
}

// TaskFilter chooses tasks; an empty part chooses all.
type TaskFilter struct {
	Run   string
	Role  string
	State string // a phase; empty: open and claimed; "all"
	Mine  bool   // held by whoever asks
}

// Tasks lists tasks, what is due first on top.
func (l *Lab) Tasks(ctx context.Context, who record.Actor, f TaskFilter) ([]Task, error) {
	if err := Allowed(who, Look); err != nil {
		return nil, err
	}
	q, err := f.index(who)
	if err != nil {
		return nil, err
	}
	return l.Index.Tasks(ctx, q)
}

// TaskView is all about one task.
type TaskView struct {
	Task
	Spec task.Spec  // what it asks
	Now  task.State // as its workflow has it this moment
}

// Task tells where a task stands and what it asks, asking its workflow. It fails
// with [fault.NotFound].
func (l *Lab) Task(ctx context.Context, who record.Actor, id string) (TaskView, error) {
	if err := Allowed(who, Look); err != nil {
		return TaskView{}, err
	}
	row, err := l.Index.Task(ctx, id)
	if err != nil {
		return TaskView{}, err
	}
	spec, err := l.spec(ctx, id)
	if err != nil {
		return TaskView{}, err
	}
	now, err := query[task.State](ctx, l, id, workflows.QueryState)
	return TaskView{row, spec, now}, err
}

// StageTitle is the title of a task's stage.
func (l *Lab) StageTitle(ctx context.Context, who record.Actor, t Task) (string, error) {
	if err := Allowed(who, Look); err != nil {
		return "", err
	}
	titles, err := l.Index.StageTitles(ctx, t.Run)
	return stageTitles(titles).of(t), err
}

// pageOfRecords is how many records one answer has at most.
const pageOfRecords = 500

// Records lists a run's records behind number after, in order, 500 at most; with
// kinds only those. It fails with [fault.NotFound] for an unknown run.
func (l *Lab) Records(ctx context.Context, who record.Actor, run string, after int64, kinds ...record.Kind) ([]record.Record, error) {
	if err := Allowed(who, Look); err != nil {
		return nil, err
	}
	if _, err := l.Index.Run(ctx, run); err != nil {
		return nil, err
	}
	return l.Index.Records(ctx, run, after, pageOfRecords, kinds...)
}

// ListArtifacts lists the artifacts that records tell of; with a run only those
// that it made or used.
func (l *Lab) ListArtifacts(ctx context.Context, who record.Actor, run string) ([]Artifact, error) {
	if err := Allowed(who, Look); err != nil {
		return nil, err
	}
	if run != "" {
		if _, err := l.Index.Run(ctx, run); err != nil {
			return nil, err
		}
	}
	return l.Index.Artifacts(ctx, run)
}

// Lineage lists the edges from an artifact or record, by its hash, to all that
// it was made from; downward, from all that was made from it.
func (l *Lab) Lineage(ctx context.Context, who record.Actor, hash string, down bool) ([]Edge, error) {
	if err := Allowed(who, Look); err != nil {
		return nil, err
	}
	node := index.Node{Artifact: hash}
	_, err := l.Index.Artifact(ctx, hash)
	if fault.Is(err, fault.NotFound) {
		node, err = index.Node{Record: record.Ref{Hash: hash}}, nil
	}
	if err != nil {
		return nil, err
	}
	if down {
		return l.Index.Down(ctx, node)
	}
	return l.Index.Up(ctx, node)
}

// Signature is a row of the index, as doors see it.
type Signature = index.Signature

// taskFilter chooses the tasks of a run that wait for somebody.
func taskFilter(run string) index.TaskFilter { return index.TaskFilter{Run: run, States: waiting()} }
