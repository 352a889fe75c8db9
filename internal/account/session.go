package account

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"secretome/internal/fault"
)

// Session is somebody signed in.
type Session struct {
	Account
	Began time.Time
	Idle  time.Time // when it ends if it is not used again
	Ends  time.Time // when it ends in any case
	Badge bool      // a badge opened it: it is for tasks, see [Store.SignInByBadge]
}

// Touch returns whose session a token is of, and counts as use of it. It fails
// with [fault.Forbidden] if the session has ended or never was.
func (s *Store) Touch(ctx context.Context, session string) (Session, error) {
	return s.session(ctx, session, true)
}

// Peek is [Store.Touch] without use, for what a page asks by itself: an open page
// does not keep anybody signed in.
func (s *Store) Peek(ctx context.Context, session string) (Session, error) {
	return s.session(ctx, session, false)
}

func (s *Store) session(ctx context.Context, session string, use bool) (Session, error) {
	hash := hashed(session)
	var id, created, used int64
	var badge bool
	err := s.db.QueryRowContext(ctx, "SELECT person, created, used, badge FROM sessions WHERE hash = ?", hash).Scan(&id, &created, &used, &badge)
	if errors.Is(err, sql.ErrNoRows) {
		return Session{}, ended()
	}
	if err != nil {
		return Session{}, s.explain(err)
	}
	now := s.now()
	// A clock that was set back far ends a session too, instead of making it longer.
	if now.Sub(moment(created)).Abs() >= s.settings.Absolute || now.Sub(moment(used)).Abs() >= s.settings.Idle {
		return Session{}, errors.Join(ended(), s.SignOut(ctx, session))
	}
	if rarely := s.settings.Idle / 30; use && now.Sub(moment(used)) >= rarely { // saves most writes
		if _, err := s.db.ExecContext(ctx, "UPDATE sessions SET used = ? WHERE hash = ?", millis(now), hash); err != nil {
			return Session{}, s.explain(err)
		}
		used = millis(now)
	}
	who, err := s.admitted(ctx, id)
	return Session{who, moment(created), moment(used).Add(s.settings.Idle), moment(created).Add(s.settings.Absolute), badge}, err
}

// Limits are how long a session may be unused, and how long it lasts.
func (s *Store) Limits() (idle, whole time.Duration) {
	return s.settings.Idle, s.settings.Absolute
}

// Begin begins a session of somebody who showed in another way than by a password
// who they are, and returns its token.
func (s *Store) Begin(ctx context.Context, name string) (session string, err error) {
	err = s.with(ctx, name, func(tx *sql.Tx, r row) error {
		if r.Disabled {
			return fault.New(fault.Forbidden, "the account of %s is disabled", r.Name).Try("ask an administrator")
		}
		session, err = s.begin(ctx, tx, r.id, false)
		return err
	})
	return session, err
}

// begin adds a session, with a token that never was before, and forgets those that
// are over. badge says that a badge opened it.
func (s *Store) begin(ctx context.Context, tx *sql.Tx, person int64, badge bool) (string, error) {
	session, hash := newSecret()
	at := millis(s.now())
	if err := run(ctx, tx, "DELETE FROM sessions WHERE used < ? OR created < ?", at-s.settings.Idle.Milliseconds(), at-s.settings.Absolute.Milliseconds()); err != nil {
		return "", err
	}
	return session, run(ctx, tx, "INSERT INTO sessions (hash, person, created, used, badge) VALUES (?, ?, ?, ?, ?)", hash, person, at, at, badge)
}

func ended() error {
	return fault.New(fault.Forbidden, "the token is unknown, or its session has ended").Try("sign in again")
}

// admitted returns an account that may be used.
func (s *Store) admitted(ctx context.Context, id int64) (Account, error) {
	r, err := scan(s.db.QueryRowContext(ctx, peopleColumns+" WHERE id = ?", id))
	if err != nil {
		return Account{}, s.explain(err)
	}
	if r.Disabled {
		return Account{}, fault.New(fault.Forbidden, "the account of %s is disabled", r.Name).Try("ask an administrator")
	}
	return r.Account, nil
}

// SignOut ends a session. One that has ended already is no error.
func (s *Store) SignOut(ctx context.Context, session string) error {
	_, err := s.db.ExecContext(ctx, "DELETE FROM sessions WHERE hash = ?", hashed(session))
	return s.explain(err)
}

// SignOutAll ends all sessions of a person.
func (s *Store) SignOutAll(ctx context.Context, name string) error {
	return s.with(ctx, name, func(tx *sql.Tx, r row) error {
		return run(ctx, tx, "DELETE FROM sessions WHERE person = ?", r.id)
	})
}
