package index

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/rs/zerolog"

	"secretome/internal/fault"
	"secretome/internal/logbook"
)

// Differences is how an index differed from the one made anew.
type Differences struct {
	Missing bool         // there was none
	Damage  string       // why the old one could not be read, or not be brought up to the logbooks; empty if it could
	Behind  int64        // how many records it lagged, which is no difference
	Rows    []Difference // the first 100 rows that differ
	More    int          // how many further rows differ
}

// None reports whether the old index was right, as far as it went.
func (d Differences) None() bool {
	return !d.Missing && d.Damage == "" && len(d.Rows) == 0
}

// Difference is one row of the projection that differs. A row that one side
// lacks is empty.
type Difference struct {
	Table string
	Key   string
	Old   string
	New   string
}

// Rebuild makes the index at path anew from the logbooks in S3 alone, puts it in
// the place of the old one, and tells whether and where that one differed. A lag
// is caught up before the two are compared.
//
// Nobody may have the index open: Rebuild fails with [fault.Unavailable] if
// somebody has. If a logbook in S3 is damaged it fails with
// [fault.Corrupt], which names each, and the old index stays; whoever needs an
// index of the others moves the old file away and opens a new one.
func Rebuild(ctx context.Context, path string, objects logbook.Objects, log zerolog.Logger) (Differences, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return Differences{}, fmt.Errorf("rebuild index: %w", err)
	}
	beside := path + ".new"
	if err := remove(beside); err != nil { // left by a rebuild that was interrupted
		return Differences{}, err
	}
	d, err := rebuild(ctx, path, beside, objects, log)
	if err == nil {
		err = swap(beside, path)
	}
	if err != nil {
		return Differences{}, errors.Join(fmt.Errorf("rebuild index: %w", err), remove(beside))
	}
	return d, nil
}

// rebuild makes the new index beside the old one and compares them.
func rebuild(ctx context.Context, path, beside string, objects logbook.Objects, log zerolog.Logger) (Differences, error) {
	fresh, err := Open(ctx, beside)
	if err != nil {
		return Differences{}, err
	}
	err = logbook.New(objects, fresh, log).Follow(ctx)
	var d Differences
	if err == nil {
		d, err = fresh.against(ctx, path, objects, log)
	}
	return d, errors.Join(err, fresh.Close())
}

// against compares the old index at path with x.
func (x *Index) against(ctx context.Context, path string, objects logbook.Objects, log zerolog.Logger) (Differences, error) {
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		return Differences{Missing: true}, nil
	}
	old, err := Open(ctx, path)
	if fault.Is(err, fault.Unavailable) {
		return Differences{}, err
	}
	if err != nil {
		return Differences{Damage: fault.Of(err).Message}, nil
	}
	d, err := old.compared(ctx, x, objects, log)
	if err == nil {
		err = old.alone(ctx)
	}
	if err == nil || fault.Is(err, fault.Unavailable) || ctx.Err() != nil {
		return d, errors.Join(err, old.Close())
	}
	d.Damage = err.Error()
	_ = old.Close() // it is damaged and about to be replaced
	return d, nil
}

// compared brings the old index up to the logbooks and compares it with the new.
func (x *Index) compared(ctx context.Context, fresh *Index, objects logbook.Objects, log zerolog.Logger) (Differences, error) {
	var d Differences
	before, err := x.count(ctx)
	if err != nil {
		return d, err
	}
	if err := x.check(ctx); err != nil {
		return d, err
	}
	behind := logbook.New(objects, x, log).Follow(ctx)
	after, err := x.count(ctx)
	if err != nil {
		return d, err
	}
	d.Behind = after - before
	for _, t := range tables() {
		if err := compare(ctx, t, x, fresh, d.add); err != nil {
			return d, err
		}
	}
	if len(d.Rows) > 0 { // they say more than what kept it from following
		return d, ctx.Err()
	}
	return d, behind
}

// most is how many rows that differ are told.
const most = 100

func (d *Differences) add(one Difference) {
	if len(d.Rows) < most {
		d.Rows = append(d.Rows, one)
	} else {
		d.More++
	}
}

// count returns how many records the index has.
func (x *Index) count(ctx context.Context) (int64, error) {
	var n int64
	err := x.reader.QueryRowContext(ctx, "SELECT COUNT(*) FROM records").Scan(&n)
	return n, x.explain(err)
}

// check lets the database look for damage in its own file.
func (x *Index) check(ctx context.Context) error {
	found, err := list(ctx, x, scanText, "PRAGMA quick_check(1)")
	if err == nil && (len(found) != 1 || found[0] != "ok") {
		err = damaged(fmt.Errorf("quick_check: %v", found), x.path)
	}
	return err
}

// alone fails if anybody else has the index open. It gives up the write-ahead
// log, for which the database wants to be alone, and ends all reading.
func (x *Index) alone(ctx context.Context) error {
	if err := x.reader.Close(); err != nil {
		return x.explain(err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, pragma := range []string{"PRAGMA busy_timeout = 0", "PRAGMA journal_mode = DELETE"} {
		if _, err := x.writer.ExecContext(ctx, pragma); err != nil {
			return x.explain(err)
		}
	}
	return nil
}

// swap puts the new index in the place of the old one. The old one's write-ahead
// log goes first: the new file must never meet it.
func swap(beside, path string) error {
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove the log of the old index: %w", err)
		}
	}
	if err := os.Rename(beside, path); err != nil {
		return fmt.Errorf("put the new index in place: %w", err)
	}
	return nil
}

// remove deletes an index and its log.
func remove(path string) error {
	for _, suffix := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(path + suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove an unfinished index: %w", err)
		}
	}
	return nil
}
