package index

import (
	"database/sql"
	"fmt"
	"testing"

	"secretome/internal/record"
)

// Limit lets the file grow to so many pages, as a full disk would.
func (x *Index) Limit(t testing.TB, pages int) {
	t.Helper()
	if _, err := x.writer.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages)); err != nil {
		t.Fatal(err)
	}
}

// Settings returns how the file is kept.
func (x *Index) Settings(t testing.TB, pragma string) string {
	t.Helper()
	var value string
	if err := x.writer.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

// Projected tells whether a kind of record has a projection.
func Projected(k record.Kind) bool {
	_, ok := projectionOf(k)
	return ok
}

// Compared returns the names of the tables that a rebuild compares, and those in
// the file.
func (x *Index) Compared(t testing.TB) (compared, all []string) {
	t.Helper()
	for _, table := range tables() {
		compared = append(compared, table.name)
	}
	all, err := list(t.Context(), x, scanText, "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'meta'")
	if err != nil {
		t.Fatal(err)
	}
	return compared, all
}

// Execute changes a file behind the back of its index.
func Execute(t testing.TB, path, query string) {
	t.Helper()
	db, err := connect(path, true)
	if err != nil {
		t.Fatal(err)
	}
	defer func(db *sql.DB) {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	}(db)
	if _, err := db.ExecContext(t.Context(), query); err != nil {
		t.Fatal(err)
	}
}
