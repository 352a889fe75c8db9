package index

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"secretome/internal/fault"
)

// statement turns a query with ? placeholders into the dialect of the database.
// SQLite takes them as they are.
func statement(query string) string { return query }

// readers is how many queries run side by side.
const readers = 4

// connect opens the file for one writer or for several readers. The write-ahead
// log lets them work at once; it is synced at checkpoints only, since what a
// power cut takes is read again from S3.
func connect(path string, writes bool) (*sql.DB, error) {
	q := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(NORMAL)"}, "_txlock": {"immediate"}}
	if !writes {
		q = url.Values{"_pragma": {"busy_timeout(10000)", "query_only(1)"}}
	}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, err
	}
	n := readers
	if writes {
		n = 1
	}
	db.SetMaxOpenConns(n)
	db.SetMaxIdleConns(n)
	return db, nil
}

// explain turns an error of the database into a fault that a person can act on.
func (x *Index) explain(err error) error { return explain(err, x.path) }

func explain(err error, path string) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return err
	}
	switch e.Code() & 0xff { // the rest tells where in SQLite
	case lib.SQLITE_FULL:
		return advise(err, fault.Unavailable, "make room; nothing is lost, the records are in the store", "the disk of the index %s is full", path)
	case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
		return damaged(err, path)
	case lib.SQLITE_BUSY, lib.SQLITE_LOCKED:
		return advise(err, fault.Unavailable, "try again; another program may have it open", "the index %s is in use", path)
	case lib.SQLITE_IOERR, lib.SQLITE_CANTOPEN, lib.SQLITE_READONLY, lib.SQLITE_PERM:
		return advise(err, fault.Unavailable, "check the disk and the rights of the folder", "the index %s cannot be read or written", path)
	}
	return fmt.Errorf("index %s: %w", path, err)
}

func damaged(cause error, path string) error {
	return advise(cause, fault.Corrupt, "run: secretome index rebuild; nothing is lost, the records are in the store", "the index %s is damaged", path)
}

func advise(cause error, k fault.Kind, help, format string, args ...any) error {
	return fault.Of(fault.Wrap(cause, k, format, args...)).Try("%s", help)
}

// list returns what scan makes of each row.
func list[T any](ctx context.Context, x *Index, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := x.reader.QueryContext(ctx, statement(query), args...)
	if err != nil {
		return nil, x.explain(err)
	}
	defer rows.Close()
	var all []T
	for rows.Next() {
		t, err := scan(rows)
		if err != nil {
			return nil, x.explain(err)
		}
		all = append(all, t)
	}
	return all, x.explain(rows.Err())
}

// one is list for what there is at most one of.
func one[T any](ctx context.Context, x *Index, scan func(*sql.Rows) (T, error), query string, args ...any) (T, bool, error) {
	all, err := list(ctx, x, scan, query, args...)
	if err != nil || len(all) == 0 {
		var none T
		return none, false, err
	}
	return all[0], true, nil
}

// where collects conditions that a filter asks for.
type where struct {
	conditions []string
	args       []any
}

// equal asks for a value, if one is given.
func (w *where) equal(column, value string) {
	if value != "" {
		w.conditions = append(w.conditions, column+" = ?")
		w.args = append(w.args, value)
	}
}

// in asks for one of several values, if any are given.
func in[T ~string](w *where, column string, values []T) {
	if len(values) == 0 {
		return
	}
	w.conditions = append(w.conditions, column+" IN (?"+strings.Repeat(", ?", len(values)-1)+")")
	for _, v := range values {
		w.args = append(w.args, string(v))
	}
}

func (w *where) clause() string {
	if len(w.conditions) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.conditions, " AND ")
}

// limited ends a query after n rows, if n is above 0.
func limited(query string, n int) string {
	if n <= 0 {
		return query
	}
	return fmt.Sprintf("%s LIMIT %d", query, n)
}

// layout has a fixed width, so that times sort as text.
const layout = "2006-01-02T15:04:05.000Z"

// stamp writes a time; the zero time is empty.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(layout)
}

// moment scans what stamp wrote.
type moment struct{ time *time.Time }

// Scan implements [sql.Scanner].
func (m moment) Scan(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("a time is %T", v)
	}
	*m.time = time.Time{}
	if s == "" {
		return nil
	}
	t, err := time.Parse(layout, s)
	*m.time = t
	return err
}
