package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"time"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"secretome/internal/fault"
)

// File is the name of the store's file in a data directory.
const File = "account.db"

// Settings are what a laboratory may choose. What is zero has its default.
type Settings struct {
	Idle     time.Duration // a session ends that was not used for so long; 30 min
	Absolute time.Duration // a session ends after so long, used or not; 12 h
	Cost     Cost          // of a password's hash
}

// The defaults of [Settings].
const (
	defaultIdle     = 30 * time.Minute
	defaultAbsolute = 12 * time.Hour
)

func (s Settings) filled() Settings {
	if s.Idle == 0 {
		s.Idle = defaultIdle
	}
	if s.Absolute == 0 {
		s.Absolute = defaultAbsolute
	}
	if s.Cost == (Cost{}) {
		s.Cost = defaultCost()
	}
	return s
}

// Store is the accounts of a laboratory in a SQLite file of their own, which one
// process uses at a time: people, their passwords and badges, sessions, one-time
// links and the tokens of scripts. Of every secret it keeps only a hash. It is safe for
// concurrent use.
//
// What is done to an account is kept together with an [Event], in one
// transaction; [Store.Deliver] hands the events on to where they are recorded.
type Store struct {
	path     string
	db       *sql.DB
	now      func() time.Time
	settings Settings

	computing  chan struct{}       // of the hashes that are computed at once
	trying     [stripes]chan token // one sign-in at a time for a name
	sources    sources
	delivering sync.Mutex
}

// token is held by whoever is in turn.
type token = struct{}

// stripes is into how many queues the names are spread that sign in.
const stripes = 64

// atOnce is how many passwords are hashed side by side: each needs the memory
// that [Cost] says.
const atOnce = 2

// Open opens the store in the file at path, and makes it if it is missing. It
// refuses a file that others may read. It fails with [fault.Refused] for the
// file of a newer program and with [fault.Corrupt] for a damaged one.
func Open(ctx context.Context, path string, now func() time.Time, settings Settings) (*Store, error) {
	path, err := filepath.Abs(path) // another package may change the working directory
	if err != nil {
		return nil, fmt.Errorf("open accounts: %w", err)
	}
	if err := private(path); err != nil {
		return nil, err
	}
	q := url.Values{"_pragma": {"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)"}, "_txlock": {"immediate"}}
	db, err := sql.Open("sqlite", "file:"+(&url.URL{Path: path}).EscapedPath()+"?"+q.Encode())
	if err != nil {
		return nil, fmt.Errorf("open accounts %s: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	s := &Store{path: path, db: db, now: now, settings: settings.filled(), computing: make(chan struct{}, atOnce)}
	for i := range s.trying {
		s.trying[i] = make(chan token, 1)
	}
	if err := s.migrate(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// private makes the file, for its owner only, or checks that it is so.
func private(path string) error {
	const owner = 0o600
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, owner)
	if err != nil {
		return fault.Wrap(err, fault.Unavailable, "the accounts %s cannot be opened", path)
	}
	info, err := f.Stat()
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("look at accounts %s: %w", path, err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fault.New(fault.Refused, "others may read the accounts %s (mode %04o)", path, info.Mode().Perm()).Try("chmod 600 %s", path)
	}
	return nil
}

// Close closes the file.
func (s *Store) Close() error { return s.db.Close() }

// schemas make the tables: the first those of version 1, each further one the
// next version out of the one before it. Times are milliseconds since 1970 in
// UTC; 0 is never.
func schemas() []string { return []string{schema, withBadges} }

const schema = `
CREATE TABLE people (
	id       INTEGER PRIMARY KEY,
	name     TEXT NOT NULL,
	folded   TEXT NOT NULL UNIQUE, -- by which two names are the same
	full     TEXT NOT NULL,
	role     TEXT NOT NULL,
	email    TEXT NOT NULL,
	password TEXT NOT NULL, -- hash in PHC form; empty: none
	disabled INTEGER NOT NULL,
	created  INTEGER NOT NULL
) STRICT;
CREATE TABLE sessions (
	hash    BLOB PRIMARY KEY,
	person  INTEGER NOT NULL REFERENCES people (id),
	created INTEGER NOT NULL,
	used    INTEGER NOT NULL
) STRICT;
CREATE TABLE links (
	hash    BLOB PRIMARY KEY,
	person  INTEGER UNIQUE REFERENCES people (id), -- NULL: whoever sets the laboratory up
	how     TEXT NOT NULL,
	expires INTEGER NOT NULL
) STRICT;
CREATE TABLE tokens (
	id      TEXT PRIMARY KEY,
	hash    BLOB NOT NULL UNIQUE,
	person  INTEGER NOT NULL REFERENCES people (id),
	scope   TEXT NOT NULL,
	created INTEGER NOT NULL,
	expires INTEGER NOT NULL,
	revoked INTEGER NOT NULL
) STRICT;
CREATE TABLE tries (
	name  BLOB PRIMARY KEY, -- hash of the folded name: people type passwords where names belong
	wrong INTEGER NOT NULL, -- in a row
	last  INTEGER NOT NULL,
	until INTEGER NOT NULL  -- before then nothing is tried
) STRICT;
CREATE TABLE events (
	number  INTEGER PRIMARY KEY AUTOINCREMENT,
	request TEXT NOT NULL UNIQUE,
	kind    TEXT NOT NULL,
	actor   TEXT NOT NULL,
	at      INTEGER NOT NULL,
	body    TEXT NOT NULL
) STRICT;
`

const withBadges = `
CREATE TABLE badges (
	person INTEGER PRIMARY KEY REFERENCES people (id), -- one at most
	hash   BLOB NOT NULL UNIQUE,
	given  INTEGER NOT NULL
) STRICT;
ALTER TABLE sessions ADD COLUMN badge INTEGER NOT NULL DEFAULT 0; -- 1: a badge opened it
`

func (s *Store) migrate(ctx context.Context) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		var found int
		if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&found); err != nil {
			return err
		}
		all := schemas()
		if found > len(all) {
			return fault.New(fault.Refused, "the accounts %s have format %d, this program reads up to %d", s.path, found, len(all)).Try("use a newer version of secretome")
		}
		for i, next := range all[found:] {
			if _, err := tx.ExecContext(ctx, next+fmt.Sprintf("PRAGMA user_version = %d", found+i+1)); err != nil {
				return err
			}
		}
		return nil
	})
}

// change does all that do does, or nothing.
func (s *Store) change(ctx context.Context, do func(tx *sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return s.explain(err)
	}
	defer func() { _ = tx.Rollback() }() // no effect once committed
	if err := do(tx); err != nil {
		return s.explain(err)
	}
	return s.explain(tx.Commit())
}

// explain turns an error of the database into a fault that a person can act on.
func (s *Store) explain(err error) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return err
	}
	switch e.Code() & 0xff { // the rest tells where in SQLite
	case lib.SQLITE_CORRUPT, lib.SQLITE_NOTADB:
		return fault.Of(fault.Wrap(err, fault.Corrupt, "the accounts %s are damaged", s.path)).Try("put back %s from a backup", File)
	case lib.SQLITE_FULL, lib.SQLITE_BUSY, lib.SQLITE_LOCKED, lib.SQLITE_IOERR, lib.SQLITE_CANTOPEN, lib.SQLITE_READONLY, lib.SQLITE_PERM:
		return fault.Of(fault.Wrap(err, fault.Unavailable, "the accounts %s cannot be read or written", s.path)).Try("see whether the disk is full, and who may write the folder")
	}
	return fmt.Errorf("accounts %s: %w", s.path, err)
}

// millis writes a time; the zero time is 0.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// moment reads what millis wrote.
func moment(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}
