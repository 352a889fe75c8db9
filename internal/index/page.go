package index

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"secretome/internal/sample"
)

// behind asks for rows that sort behind a key, by all its columns.
func (w *where) behind(columns, than string, key ...any) {
	w.conditions = append(w.conditions, "("+columns+") "+than+" (?"+strings.Repeat(", ?", len(key)-1)+")")
	w.args = append(w.args, key...)
}

// RunKey is the place of a run in the list of runs; the zero key is before all.
type RunKey struct {
	Started time.Time
	ID      string
}

// RunsPage lists up to limit runs behind a key, the newest first.
func (x *Index) RunsPage(ctx context.Context, after RunKey, limit int) ([]Run, error) {
	var w where
	if after.ID != "" {
		w.behind("r.started, r.id", "<", stamp(after.Started), after.ID)
	}
	return list(ctx, x, scanRun, limited(selectRuns+w.clause()+" ORDER BY r.started DESC, r.id DESC", limit), w.args...)
}

// TaskKey is the place of a task in the list of tasks; the zero key is before all.
type TaskKey struct {
	Due, Nominal time.Time
	ID           string
}

// TasksPage lists up to f.Limit tasks behind a key, in the order of [Index.Tasks].
func (x *Index) TasksPage(ctx context.Context, f TaskFilter, after TaskKey) ([]Task, error) {
	var w where
	w.equal("run", f.Run)
	w.equal("role", f.Role)
	w.equal("holder", f.Holder)
	in(&w, "state", f.States)
	if after.ID != "" {
		due := never
		if !after.Due.IsZero() {
			due = stamp(after.Due)
		}
		w.behind("due, nominal, id", ">", due, stamp(after.Nominal), after.ID)
	}
	return list(ctx, x, scanTask, limited(selectTasks+w.clause()+" ORDER BY due, nominal, id", f.Limit), w.args...)
}

// StockPage lists up to limit kept things of a kind, all where it is empty, behind
// a barcode.
func (x *Index) StockPage(ctx context.Context, kind, after string, limit int) ([]sample.Lot, error) {
	w := where{conditions: []string{"barcode > ?"}, args: []any{after}}
	w.equal("kind", kind)
	return list(ctx, x, scanLot, limited("SELECT json FROM stock"+w.clause()+" ORDER BY barcode", limit), w.args...)
}

// ArtifactKey is the place of an artifact in the list; the zero key is before all.
type ArtifactKey struct {
	Received time.Time
	SHA256   string
}

// ArtifactsPage lists up to limit artifacts behind a key, in the order of
// [Index.Artifacts].
func (x *Index) ArtifactsPage(ctx context.Context, run string, after ArtifactKey, limit int) ([]Artifact, error) {
	var w where
	if run != "" {
		w.conditions = []string{`a.sha256 IN (SELECT artifact FROM makes WHERE logbook = ? UNION SELECT artifact FROM uses WHERE logbook = ?)`}
		w.args = []any{"run/" + run, "run/" + run}
	}
	if after.SHA256 != "" {
		w.behind("a.received, a.sha256", ">", stamp(after.Received), after.SHA256)
	}
	scan := func(rows *sql.Rows) (Artifact, error) {
		var a Artifact
		err := rows.Scan(&a.SHA256, &a.Size, &a.MediaType, moment{&a.Received}, &a.First.Logbook, &a.First.Number, &a.First.Hash)
		return a, err
	}
	all, err := list(ctx, x, scan, limited(`SELECT a.sha256, a.size, a.media_type, a.received, a.logbook, a.number, r.hash
		FROM artifacts a JOIN records r ON r.logbook = a.logbook AND r.number = a.number`+w.clause()+" ORDER BY a.received, a.sha256", limit), w.args...)
	if err != nil {
		return nil, err
	}
	return all, x.nameAll(ctx, all)
}

// nameAll adds the names of artifacts, in order.
func (x *Index) nameAll(ctx context.Context, all []Artifact) error {
	var hashes []string
	at := map[string]int{}
	for i, a := range all {
		hashes, at[a.SHA256] = append(hashes, a.SHA256), i
	}
	var w where
	in(&w, "sha256", hashes)
	if len(hashes) == 0 {
		return nil
	}
	pairs, err := list(ctx, x, func(rows *sql.Rows) ([2]string, error) {
		var pair [2]string
		err := rows.Scan(&pair[0], &pair[1])
		return pair, err
	}, "SELECT sha256, name FROM artifact_names"+w.clause()+" ORDER BY sha256, name", w.args...)
	for _, p := range pairs {
		a := &all[at[p[0]]]
		a.Names = append(a.Names, p[1])
	}
	return err
}
