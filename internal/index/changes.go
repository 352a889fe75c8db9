package index

import (
	"context"
	"database/sql"
	"strings"

	"secretome/internal/protocol"
	"secretome/internal/record"
)

// Change is one record in the order in which this index took them, which is not
// the order of a rebuilt one: who counts changes begins anew with each [Open].
type Change struct {
	Sequence int64 // rises with each record
	Logbook  string
	Kind     record.Kind
	Task     string // the whole ID of the task it is about
}

// Decides reports whether a decision is asked for or made by the record.
func (c Change) Decides() bool {
	return c.Kind == record.DeviationOpened || c.Kind == record.DeviationDecided || strings.Contains(c.Task, "/"+protocol.DecisionID+"/")
}

// Changes lists up to limit records that the index took behind a sequence number,
// in the order in which it took them.
func (x *Index) Changes(ctx context.Context, after int64, limit int) ([]Change, error) {
	scan := func(rows *sql.Rows) (Change, error) {
		var c Change
		err := rows.Scan(&c.Sequence, &c.Logbook, &c.Kind, &c.Task)
		return c, err
	}
	return list(ctx, x, scan, limited("SELECT rowid, logbook, kind, task FROM records WHERE rowid > ? ORDER BY rowid", limit), after)
}

// Sequence is that of the last record that the index took; 0 where it has none.
func (x *Index) Sequence(ctx context.Context) (int64, error) {
	var n int64
	err := x.reader.QueryRowContext(ctx, "SELECT COALESCE(MAX(rowid), 0) FROM records").Scan(&n)
	return n, x.explain(err)
}

// Changed returns a channel that is closed when the next records are in the
// index. Who takes it before they ask misses nothing.
func (x *Index) Changed() <-chan struct{} {
	x.waiting.Lock()
	defer x.waiting.Unlock()
	return x.changed
}

// tell wakes whoever waits for changes.
func (x *Index) tell() {
	x.waiting.Lock()
	defer x.waiting.Unlock()
	close(x.changed)
	x.changed = make(chan struct{})
}
