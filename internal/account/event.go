package account

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// By says who does something to an account, and with which request.
type By struct {
	Who     record.Actor
	Request string // a UUID; kept when the same thing is asked again
}

// Event is one thing that was done to an account and is to be recorded.
type Event struct {
	Number int64 // in the order in which it was done
	Kind   record.Kind
	By
	At   time.Time
	Body record.PersonAct
}

// note keeps what is done, in the transaction that does it.
func (s *Store) note(ctx context.Context, tx *sql.Tx, by By, kind record.Kind, body record.PersonAct) error {
	actor, err := json.Marshal(by.Who)
	if err != nil {
		return fmt.Errorf("note %s: %w", kind, err)
	}
	text, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("note %s: %w", kind, err)
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO events (request, kind, actor, at, body) VALUES (?, ?, ?, ?, ?)", by.Request, string(kind), string(actor), millis(s.now()), string(text))
	if unique(err) {
		return fault.New(fault.Conflict, "the request ID %s was used just now", by.Request).Try("make a new request ID for each act")
	}
	return err
}

// unique reports whether err says that a value exists already.
func unique(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && (e.Code() == lib.SQLITE_CONSTRAINT_UNIQUE || e.Code() == lib.SQLITE_CONSTRAINT_PRIMARYKEY)
}

// Deliver hands each event that was not recorded yet to write, in order, and
// forgets it when write succeeds. A process that dies in between hands it over
// again: write must know a request that it has seen.
func (s *Store) Deliver(ctx context.Context, write func(Event) error) error {
	s.delivering.Lock()
	defer s.delivering.Unlock()
	for {
		e, ok, err := s.oldest(ctx)
		if err != nil || !ok {
			return err
		}
		if err := write(e); err != nil {
			return err
		}
		if _, err := s.db.ExecContext(ctx, "DELETE FROM events WHERE number = ?", e.Number); err != nil {
			return s.explain(err)
		}
	}
}

func (s *Store) oldest(ctx context.Context) (e Event, ok bool, err error) {
	var kind, actor, body string
	var at int64
	err = s.db.QueryRowContext(ctx, "SELECT number, request, kind, actor, at, body FROM events ORDER BY number LIMIT 1").Scan(&e.Number, &e.Request, &kind, &actor, &at, &body)
	if errors.Is(err, sql.ErrNoRows) {
		return e, false, nil
	}
	if err != nil {
		return e, false, s.explain(err)
	}
	e.Kind, e.At = record.Kind(kind), moment(at)
	if err := errors.Join(json.Unmarshal([]byte(actor), &e.Who), json.Unmarshal([]byte(body), &e.Body)); err != nil {
		return e, false, fault.Wrap(err, fault.Corrupt, "the accounts %s have an event that cannot be read", s.path)
	}
	return e, true, nil
}
