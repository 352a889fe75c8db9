package index

import (
	"context"
	"database/sql"
	"time"

	"secretome/internal/record"
)

const selectRecords = "SELECT json, hash FROM records"

// Records returns up to limit records behind number after of a run's logbook, in
// order; a limit of 0 is none. With kinds only those.
func (x *Index) Records(ctx context.Context, run string, after int64, limit int, kinds ...record.Kind) ([]record.Record, error) {
	w := where{conditions: []string{"number > ?"}, args: []any{after}}
	w.equal("logbook", "run/"+run)
	in(&w, "kind", kinds)
	return list(ctx, x, x.scanRecord, limited(selectRecords+w.clause()+" ORDER BY number", limit), w.args...)
}

// Following says by which protocol a run goes from a record on: that of its launch,
// or of a change of its plan.
type Following struct {
	Run      string
	Number   int64 // of the record
	Happened time.Time
	By       record.Actor
	Amended  bool   // the run was changed to it on its way
	Name     string // of the protocol, with its version
	Hash     string // SHA-256 of its canonical JSON
}

// Followings lists by which protocols runs go, by run and in order.
func (x *Index) Followings(ctx context.Context) ([]Following, error) {
	scan := func(rows *sql.Rows) (Following, error) {
		var f Following
		err := rows.Scan(&f.Run, &f.Number, moment{&f.Happened}, &f.By.Kind, &f.By.Name, &f.By.Role, &f.Amended, &f.Name, &f.Hash)
		return f, err
	}
	return list(ctx, x, scan, `SELECT substr(logbook, 5), number, happened, actor_kind, actor, actor_role, kind = 'run-amended',
		COALESCE(json_extract(json, '$.body.name'), ''), COALESCE(json_extract(json, '$.body.protocol.sha256'), '')
		FROM records WHERE kind IN ('run-launched', 'run-amended') ORDER BY logbook, number`) // as its index says
}

// TaskRecords returns the records about one task, in order.
func (x *Index) TaskRecords(ctx context.Context, task string) ([]record.Record, error) {
	return list(ctx, x, x.scanRecord, selectRecords+" WHERE task = ? ORDER BY logbook, number", task)
}

// FindRequest returns the records that answer a request, in whatever logbooks:
// one draw from a lot may stand in several.
func (x *Index) FindRequest(ctx context.Context, request string) ([]record.Record, error) {
	return list(ctx, x, x.scanRecord, selectRecords+" WHERE request = ? ORDER BY logbook, number", request)
}

// Unread is a record whose meaning is not in the tables.
type Unread struct {
	Record  record.Ref
	Kind    record.Kind
	Problem string
}

// Unread lists the records that could be kept and not understood: of a kind that
// this program does not know, or with a body that is none of its kind.
func (x *Index) Unread(ctx context.Context) ([]Unread, error) {
	scan := func(rows *sql.Rows) (Unread, error) {
		var u Unread
		err := rows.Scan(&u.Record.Logbook, &u.Record.Number, &u.Record.Hash, &u.Kind, &u.Problem)
		return u, err
	}
	return list(ctx, x, scan, "SELECT logbook, number, hash, kind, problem FROM records WHERE problem <> '' ORDER BY logbook, number")
}
