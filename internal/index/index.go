// Package index projects logbooks into SQL tables, so that questions can be
// asked: what is due, what was made from what, where does a run stand. It holds
// nothing that cannot be made again from S3: [Rebuild] does so and tells where
// the old one differed. It may lag behind the logbooks; package logbook brings
// it up to them.
//
// # Order
//
// Records of one logbook are applied in the order of their numbers, without a
// hole. Logbooks come in any order between each other, so no projection depends
// on it: what several logbooks tell of (artifacts, lots) is kept by logbook, or
// by the earliest record.
//
// # Damage
//
// A full disk and a damaged file are faults that say so. Neither stops the
// laboratory: appending to a logbook does not need the index.
package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// Index is the projection in a SQLite file: one writer, several readers. It is
// safe for concurrent use. It implements the index of package logbook.
type Index struct {
	path   string
	reader *sql.DB

	mu     sync.Mutex // held by the one who writes
	writer *sql.DB

	waiting sync.Mutex    // guards changed
	changed chan struct{} // closed when records were applied
}

// Open opens the index in the file at path, and makes it if it is missing. It
// fails with [fault.Refused] for the index of a newer program and with
// [fault.Corrupt] for a damaged one; [Rebuild] cures both.
func Open(ctx context.Context, path string) (*Index, error) {
	path, err := filepath.Abs(path) // another package may change the working directory
	if err != nil {
		return nil, fmt.Errorf("open index: %w", err)
	}
	x := &Index{path: path, changed: make(chan struct{})}
	if x.writer, err = connect(path, true); err != nil {
		return nil, fmt.Errorf("open index %s: %w", path, err)
	}
	if err := migrate(ctx, x.writer, path); err != nil {
		return nil, errors.Join(x.explain(err), x.writer.Close())
	}
	if x.reader, err = connect(path, false); err != nil {
		return nil, errors.Join(fmt.Errorf("open index %s: %w", path, err), x.writer.Close())
	}
	return x, nil
}

// Close closes the file.
func (x *Index) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return errors.Join(x.reader.Close(), x.writer.Close()) // the writer last: it folds the log into the file
}

// Last returns number and hash of the last record applied of a logbook; 0 for
// none. All before it have been applied too.
func (x *Index) Last(ctx context.Context, logbook string) (number int64, hash string, err error) {
	err = x.reader.QueryRowContext(ctx, statement("SELECT last, hash FROM logbooks WHERE name = ?"), logbook).Scan(&number, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "", nil
	}
	return number, hash, x.explain(err)
}

// Find returns the record of a request in a logbook, if it was applied.
func (x *Index) Find(ctx context.Context, logbook, request string) (record.Record, bool, error) {
	return one(ctx, x, x.scanRecord, "SELECT json, hash FROM records WHERE logbook = ? AND request = ?", logbook, request)
}

// scanRecord reads a record and checks its hash: a file may change on a disk without
// the database noticing.
func (x *Index) scanRecord(rows *sql.Rows) (record.Record, error) {
	var data, hash string
	if err := rows.Scan(&data, &hash); err != nil {
		return record.Record{}, err
	}
	if record.Hash([]byte(data)) != hash {
		return record.Record{}, damaged(errors.New("a record has another hash than its own"), x.path)
	}
	return record.Parse([]byte(data))
}

// Apply takes the next records of a logbook, or of several, in order: all or
// none. Those that were applied before change nothing. It fails with
// [fault.Conflict] if a record is missing before one of them, and with
// [fault.Corrupt] if one is another record than the one applied under its
// number, does not follow the one before, or repeats a request.
func (x *Index) Apply(ctx context.Context, records ...record.Record) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx) // what has begun ends soon
	tx, err := x.writer.BeginTx(ctx, nil)
	if err != nil {
		return x.explain(err)
	}
	defer func() { _ = tx.Rollback() }() // no effect once committed
	p := &projection{ctx: ctx, tx: tx, prepared: map[string]*sql.Stmt{}}
	for _, r := range records {
		if err := p.apply(r); err != nil {
			return fmt.Errorf("apply record %d of %s: %w", r.Number, r.Logbook, x.explain(err))
		}
	}
	if err := tx.Commit(); err != nil {
		return x.explain(err)
	}
	x.tell()
	return nil
}

// conflict is the fault of a record that comes before its turn.
func conflict(r record.Record, last int64) error {
	return fault.New(fault.Conflict, "the index has %s up to record %d, and so cannot take record %d", r.Logbook, last, r.Number).Try("follow the logbook first")
}
