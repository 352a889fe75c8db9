package account

import (
	"context"
	"database/sql"
	"errors"

	"secretome/internal/fault"
)

// Touch returns whose session a token is of, and counts as use of it. It fails
// with [fault.Forbidden] if the session has ended or never was.
func (s *Store) Touch(ctx context.Context, session string) (Account, error) {
	hash := hashed(session)
	var id, created, used int64
	err := s.db.QueryRowContext(ctx, "SELECT person, created, used FROM sessions WHERE hash = ?", hash).Scan(&id, &created, &used)
	if errors.Is(err, sql.ErrNoRows) {
		return Account{}, ended()
	}
	if err != nil {
		return Account{}, s.explain(err)
	}
	now := s.now()
	// A clock that was set back far ends a session too, instead of making it longer.
	if now.Sub(moment(created)).Abs() >= s.settings.Absolute || now.Sub(moment(used)).Abs() >= s.settings.Idle {
		return Account{}, errors.Join(ended(), s.SignOut(ctx, session))
	}
	if rarely := s.settings.Idle / 30; now.Sub(moment(used)) >= rarely { // saves most writes
		if _, err := s.db.ExecContext(ctx, "UPDATE sessions SET used = ? WHERE hash = ?", millis(now), hash); err != nil {
			return Account{}, s.explain(err)
		}
	}
	return s.admitted(ctx, id)
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
