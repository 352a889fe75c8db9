package lab

import (
	"context"
	"strings"

	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/record"
	"secretome/internal/sample"
	"secretome/internal/task"
	"secretome/workflows"
)

// RunKey is a place in the list of runs, as doors see it.
type RunKey = index.RunKey

// TaskKey is a place in the list of tasks.
type TaskKey = index.TaskKey

// ArtifactKey is a place in the list of artifacts.
type ArtifactKey = index.ArtifactKey

// RunsPage lists up to limit runs behind a place in the list, the newest first.
func (l *Lab) RunsPage(ctx context.Context, who record.Actor, after RunKey, limit int) ([]Run, error) {
	if err := Allowed(who, Look); err != nil {
		return nil, err
	}
	rows, err := l.Index.RunsPage(ctx, after, limit)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(rows))
	for _, row := range rows {
		names = append(names, row.ID)
	}
	if len(names) == 0 {
		return nil, nil // none named are all
	}
	standings, err := l.Index.Standings(ctx, names...)
	runs := make([]Run, 0, len(rows))
	for _, row := range rows {
		runs = append(runs, stand(row, standings[row.ID]))
	}
	return runs, err
}

// TasksPage lists up to limit tasks behind a place in the list, what is due first
// on top.
func (l *Lab) TasksPage(ctx context.Context, who record.Actor, f TaskFilter, after TaskKey, limit int) ([]Task, error) {
	if err := Allowed(who, Look); err != nil {
		return nil, err
	}
	q, err := f.index(who)
	if err != nil {
		return nil, err
	}
	q.Limit = limit
	return l.Index.TasksPage(ctx, q, after)
}

// index is the filter as the index has it.
func (f TaskFilter) index(who record.Actor) (index.TaskFilter, error) {
	q := index.TaskFilter{Run: f.Run, Role: f.Role}
	switch p := task.Phase(f.State); p {
	case "":
		q.States = waiting()
	case "all":
	case task.Open, task.Claimed, task.Completed, task.Skipped, task.Closed:
		q.States = []task.Phase{p}
	default:
		return q, fault.New(fault.Usage, "%q is no state of a task", f.State).Field("state").Try("states are: open, claimed, completed, skipped, closed, all")
	}
	if f.Mine {
		q.Holder = who.Name
	}
	return q, nil
}

// LotsPage lists up to limit kept things of a kind behind a barcode, all kinds
// where it is empty.
func (l *Lab) LotsPage(ctx context.Context, who record.Actor, kind, after string, limit int) ([]sample.Lot, error) {
	if err := Allowed(who, Look); err != nil {
		return nil, err
	}
	if kind != "" && !sample.Kept(kind) {
		return nil, fault.New(fault.Usage, "of a %q no balance is kept", kind).Field("kind").Try("kinds are: %s", strings.Join(sample.KeptKinds(), ", "))
	}
	return l.Index.StockPage(ctx, kind, after, limit)
}

// ArtifactsPage lists up to limit artifacts that records tell of, behind a place
// in the list; with a run only those that it made or used.
func (l *Lab) ArtifactsPage(ctx context.Context, who record.Actor, run string, after ArtifactKey, limit int) ([]Artifact, error) {
	if err := Allowed(who, Look); err != nil {
		return nil, err
	}
	if run != "" {
		if _, err := l.Index.Run(ctx, run); err != nil {
			return nil, err
		}
	}
	return l.Index.ArtifactsPage(ctx, run, after, limit)
}

// RecordsPage lists up to limit records of a run behind number after, in order;
// with kinds only those. It fails with [fault.NotFound] for an unknown run.
func (l *Lab) RecordsPage(ctx context.Context, who record.Actor, run string, after int64, limit int, kinds ...record.Kind) ([]record.Record, error) {
	if err := Allowed(who, Look); err != nil {
		return nil, err
	}
	if _, err := l.Index.Run(ctx, run); err != nil {
		return nil, err
	}
	return l.Index.Records(ctx, run, after, limit, kinds...)
}

// Has tells size and media type of an artifact without opening it. It fails with
// [fault.NotFound].
func (l *Lab) Has(ctx context.Context, who record.Actor, sha256 string) (record.Artifact, error) {
	if err := Allowed(who, Look); err != nil {
		return record.Artifact{}, err
	}
	return l.Artifacts.Stat(ctx, sha256)
}

// Version is how far a logbook tells of a thing: the number of the last record
// that counts for it.
type Version struct {
	Number  int64
	Logbook string
}

// RunVersion is the last record of a run's logbook.
func (l *Lab) RunVersion(ctx context.Context, run string) (Version, error) {
	row, err := l.Index.Run(ctx, run)
	return Version{row.Head, row.Logbook}, err
}

// TaskVersion is the last record that the workflow of a task has applied.
func (l *Lab) TaskVersion(ctx context.Context, id string) (Version, error) {
	state, err := query[task.State](ctx, l, id, workflows.QueryState)
	return Version{state.Last, workflows.Logbook(runOf(id))}, err
}

// LotVersion is the last record of a lot's own logbook.
func (l *Lab) LotVersion(ctx context.Context, barcode string) (Version, error) {
	lot, err := l.Index.Stock(ctx, barcode)
	return Version{lot.Last, "lot/" + barcode}, err
}

// Sent reports whether a request stands in a logbook: it was done before.
func (l *Lab) Sent(ctx context.Context, logbook, request string) (bool, error) {
	_, sent, err := l.Logbooks.Find(ctx, logbook, request)
	return sent, err
}

// Prove asks anew who acts, as a signature needs it: by the password of their
// account; by their token where they have none, as the people of a credentials
// file. It fails with [fault.Forbidden].
func (l *Lab) Prove(ctx context.Context, who record.Actor, password string) error {
	if l.Accounts != nil {
		known, err := l.Accounts.Find(ctx, who.Name)
		if err == nil && known.Password {
			_, err = l.Accounts.Check(ctx, who.Name, password)
			return err
		}
		if err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	if p, ok := l.People.Who(password); ok && p.Name == who.Name {
		_, err := l.Identify(ctx, password)
		return err
	}
	return fault.New(fault.Forbidden, "the name or the password is wrong").Field("password")
}
