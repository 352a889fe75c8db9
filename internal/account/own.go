package account

import (
	"bytes"
	"context"
	"database/sql"
	"time"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// changed is how a password was set by its person, who knew the one before.
const changed = "change"

// ChangePassword sets somebody's own password, for whoever knows the one before,
// and ends all sessions but the given one. It has the limits of [Store.Check]. It
// fails with [fault.Forbidden] for a wrong one before, and with [fault.Invalid]
// for a bad new one, each at its field.
func (s *Store) ChangePassword(ctx context.Context, by By, name, before, after, session string) error {
	r, err := s.authenticate(ctx, name, before, "")
	if err != nil {
		f := fault.Of(err)
		if f.Kind == fault.Forbidden {
			f.Message = "Your password so far is wrong"
		}
		f.Place.Field = "before"
		return f
	}
	if err := checkPassword(r.Name, after); err != nil {
		return err
	}
	if plain(before) == plain(after) {
		return fault.New(fault.Invalid, "the new password is the one that you have").Field("password").Try("take another one")
	}
	hash, err := s.hash(ctx, after)
	if err != nil {
		return err
	}
	return s.with(ctx, name, func(tx *sql.Tx, now row) error {
		if now.hash != r.hash || now.Disabled { // an administrator was faster
			return wrong().Field("before")
		}
		if err := run(ctx, tx, "DELETE FROM sessions WHERE person = ? AND hash <> ?", r.id, hashed(session)); err != nil {
			return err
		}
		if err := run(ctx, tx, "UPDATE people SET password = ? WHERE id = ?", hash, r.id); err != nil {
			return err
		}
		return s.note(ctx, tx, by, record.PasswordSet, record.PersonAct{Person: r.Name, Role: r.Role, How: changed})
	})
}

// Opened is one session of a person, as its own person sees it.
type Opened struct {
	Began, Used time.Time
	This        bool // the one that asks
	Badge       bool // a badge opened it
}

// Sessions lists the sessions of a person that have not ended, the last used
// first; session is the one that asks.
func (s *Store) Sessions(ctx context.Context, name, session string) ([]Opened, error) {
	r, err := s.find(ctx, s.db, name)
	if err != nil {
		return nil, err
	}
	at := s.now()
	rows, err := s.db.QueryContext(ctx, "SELECT hash, created, used, badge FROM sessions WHERE person = ? AND used > ? AND created > ? ORDER BY used DESC, created DESC",
		r.id, millis(at.Add(-s.settings.Idle)), millis(at.Add(-s.settings.Absolute)))
	if err != nil {
		return nil, s.explain(err)
	}
	defer rows.Close()
	var all []Opened
	for rows.Next() {
		var hash []byte
		var began, used int64
		var badge bool
		if err := rows.Scan(&hash, &began, &used, &badge); err != nil {
			return nil, s.explain(err)
		}
		all = append(all, Opened{moment(began), moment(used), bytes.Equal(hash, hashed(session)), badge})
	}
	return all, s.explain(rows.Err())
}

// SignOutOthers ends all sessions of a person but the given one.
func (s *Store) SignOutOthers(ctx context.Context, name, session string) error {
	return s.with(ctx, name, func(tx *sql.Tx, r row) error {
		return run(ctx, tx, "DELETE FROM sessions WHERE person = ? AND hash <> ?", r.id, hashed(session))
	})
}

// Invited is what a one-time link is for.
type Invited struct {
	Name    string // empty: whoever sets the laboratory up, who chooses one
	Expires time.Time
}

// Invited tells what a one-time link is for, without using it. It fails with
// [fault.Forbidden] for a link that was used, is over or never was.
func (s *Store) Invited(ctx context.Context, link string) (Invited, error) {
	var name sql.NullString
	var expires int64
	err := s.db.QueryRowContext(ctx, "SELECT p.name, l.expires FROM links l LEFT JOIN people p ON p.id = l.person WHERE l.hash = ?", hashed(link)).Scan(&name, &expires)
	return Invited{name.String, moment(expires)}, s.linkOver(err, expires)
}
