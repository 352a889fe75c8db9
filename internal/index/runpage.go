package index

import (
	"context"
	"database/sql"
	"slices"
	"time"

	"secretome/internal/record"
)

// OpenTasks lists up to limit tasks of a run that wait for somebody: with later
// those whose window opens behind now, the nearest first; otherwise the others,
// what is due first. Decisions are left out.
func (x *Index) OpenTasks(ctx context.Context, run string, now time.Time, later bool, limit int) ([]Task, error) {
	condition, order := "opens <= ?", "due, nominal, id"
	if later {
		condition, order = "opens > ?", "opens, id"
	}
	return list(ctx, x, scanTask, limited(selectTasks+" INDEXED BY tasks_of_runs WHERE run = ? AND state IN ('open', 'claimed') AND task NOT LIKE 'decide-%' AND "+condition+
		" ORDER BY "+order, limit), run, stamp(now))
}

// StageTasks lists up to limit tasks of a stage and model of a run, in the order
// in which they were asked.
func (x *Index) StageTasks(ctx context.Context, run, stage, model string, limit int) ([]Task, error) {
	w := where{conditions: []string{"run = ?", "stage = ?"}, args: []any{run, stage}}
	w.equal("model", model)
	return list(ctx, x, scanTask, limited(selectTasks+w.clause()+" ORDER BY model, block, asked, id", limit), w.args...)
}

// Latest lists the last records of a logbook, the newest first.
func (x *Index) Latest(ctx context.Context, logbook string, limit int, kinds ...record.Kind) ([]record.Record, error) {
	var w where
	w.equal("logbook", logbook)
	in(&w, "kind", kinds)
	return list(ctx, x, x.scanRecord, limited(selectRecords+w.clause()+" ORDER BY number DESC", limit), w.args...)
}

// StageRecords lists up to limit records of some kinds about a stage and model of
// a run, in order.
func (x *Index) StageRecords(ctx context.Context, run, stage, model string, limit int, kinds ...record.Kind) ([]record.Record, error) {
	w := where{conditions: []string{"logbook = ?", "stage = ?"}, args: []any{"run/" + run, stage}}
	w.equal("model", model)
	in(&w, "kind", kinds)
	return list(ctx, x, x.scanRecord, limited(selectRecords+w.clause()+" ORDER BY number", limit), w.args...)
}

// Worked lists the times at which something was done at the bench of a run, in
// order, at most limit.
func (x *Index) Worked(ctx context.Context, run string, limit int) ([]time.Time, error) {
	scan := func(rows *sql.Rows) (time.Time, error) {
		var t time.Time
		err := rows.Scan(moment{&t})
		return t, err
	}
	return list(ctx, x, scan, limited("SELECT DISTINCT completed FROM tasks WHERE run = ? AND completed <> '' ORDER BY completed", limit), run)
}

// Used is a thing of a run.
type Used struct {
	Barcode, Kind string
	Made          bool
}

// ThingsOf lists up to limit things of some kinds that a run made or used, each
// once, in the order in which they came into it.
func (x *Index) ThingsOf(ctx context.Context, run string, limit int, kinds ...string) ([]Used, error) {
	w := where{conditions: []string{"logbook = ?"}, args: []any{"run/" + run}}
	in(&w, "kind", kinds)
	scan := func(rows *sql.Rows) (Used, error) {
		var u Used
		err := rows.Scan(&u.Barcode, &u.Kind, &u.Made)
		return u, err
	}
	all, err := list(ctx, x, scan, limited("SELECT barcode, kind, MAX(made) FROM things"+w.clause()+" GROUP BY barcode, kind ORDER BY MIN(number)", limit), w.args...)
	return slices.Clip(all), err
}

// RunCounts are numbers of a run's record.
type RunCounts struct {
	Artifacts  int
	Deviations int // opened
	Decided    int // of those
	Plates     int
	Signatures int
}

// RunCounts counts what a run has in its record.
func (x *Index) RunCounts(ctx context.Context, run string) (RunCounts, error) {
	book := "run/" + run
	scan := func(rows *sql.Rows) (RunCounts, error) {
		var c RunCounts
		err := rows.Scan(&c.Artifacts, &c.Deviations, &c.Decided, &c.Plates, &c.Signatures)
		return c, err
	}
	c, _, err := one(ctx, x, scan, `SELECT (SELECT COUNT(DISTINCT artifact) FROM makes WHERE logbook = ?), (SELECT COUNT(*) FROM deviations WHERE logbook = ?),
		(SELECT COUNT(*) FROM deviations WHERE logbook = ? AND state = ?), (SELECT COUNT(DISTINCT barcode) FROM things WHERE logbook = ? AND kind = 'plate'),
		(SELECT COUNT(*) FROM signatures WHERE logbook = ?)`, book, book, book, DeviationDecided, book, book)
	return c, err
}

// Deviation returns one deviation of a run; false where there is none of that
// number.
func (x *Index) Deviation(ctx context.Context, run string, number int64) (Deviation, bool, error) {
	return one(ctx, x, scanDeviation, selectDeviations+" WHERE logbook = ? AND number = ?", "run/"+run, number)
}

// Record returns one record of a run; false where there is none of that number.
func (x *Index) Record(ctx context.Context, run string, number int64) (record.Record, bool, error) {
	return one(ctx, x, x.scanRecord, selectRecords+" WHERE logbook = ? AND number = ?", "run/"+run, number)
}
