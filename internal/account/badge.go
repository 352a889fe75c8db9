package account

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"regexp"
	"strings"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// A badge reads BDG- and letters of [rand.Text], with 5 random bits each: 80 in
// all. Code 128 has all of them, and every scanner types them.
const (
	badgePrefix = "BDG-"
	badgeSize   = 16
)

var badgeCode = regexp.MustCompile(`(?i)BDG-[A-Z2-7]{16}`)

// HasBadge reports whether the code of a badge stands in a text, whoever has it:
// it belongs into the field that asks for a badge and nowhere else.
func HasBadge(text string) bool { return badgeCode.MatchString(text) }

// badgeHash is by which a badge is known, whatever the scanner did to its case.
func badgeHash(code string) []byte { return hashed(strings.ToUpper(strings.TrimSpace(code))) }

// GiveBadge gives somebody a badge in place of the one that they had, whose
// sessions end, and returns its code. It is told once. It fails with
// [fault.Conflict] for somebody who is disabled.
func (s *Store) GiveBadge(ctx context.Context, by By, name string) (code string, err error) {
	code = badgePrefix + rand.Text()[:badgeSize]
	err = s.with(ctx, name, func(tx *sql.Tx, r row) error {
		if r.Disabled {
			return fault.New(fault.Conflict, "%s is disabled", r.Name).Try("enable the account first")
		}
		if err := dropBadge(ctx, tx, r.id); err != nil {
			return err
		}
		if err := run(ctx, tx, "INSERT INTO badges (person, hash, given) VALUES (?, ?, ?)", r.id, badgeHash(code), millis(s.now())); err != nil {
			return err
		}
		return s.note(ctx, tx, by, record.BadgeGiven, record.PersonAct{Person: r.Name})
	})
	if err != nil {
		return "", err
	}
	return code, nil
}

// TakeBadge takes somebody's badge away, and ends the sessions that it opened. It
// fails with [fault.Conflict] for somebody who has none.
func (s *Store) TakeBadge(ctx context.Context, by By, name string) error {
	return s.with(ctx, name, func(tx *sql.Tx, r row) error {
		if r.Badge.IsZero() {
			return fault.New(fault.Conflict, "%s has no badge", r.Name)
		}
		if err := dropBadge(ctx, tx, r.id); err != nil {
			return err
		}
		return s.note(ctx, tx, by, record.BadgeTaken, record.PersonAct{Person: r.Name})
	})
}

func dropBadge(ctx context.Context, tx *sql.Tx, person int64) error {
	return errors.Join(run(ctx, tx, "DELETE FROM badges WHERE person = ?", person), run(ctx, tx, "DELETE FROM sessions WHERE person = ? AND badge = 1", person))
}

// ByBadge returns whose badge a code is of. Tries count for the address that they
// come from, as those of [Store.SignIn] do. It fails with [fault.Forbidden], in
// the same words for a badge that never was, was taken away, or is of somebody who
// is disabled, and with [fault.Limited] after too many tries.
func (s *Store) ByBadge(ctx context.Context, code, from string) (Account, error) {
	if wait := s.sources.take(from, s.now()); wait > 0 {
		return Account{}, later(fault.New(fault.Limited, "Too many tries from here"), wait)
	}
	r, err := s.ofBadge(ctx, s.db, code)
	return r.Account, err
}

func (s *Store) ofBadge(ctx context.Context, q querier, code string) (row, error) {
	r, err := scan(q.QueryRowContext(ctx, peopleColumns+" WHERE id = (SELECT person FROM badges WHERE hash = ?)", badgeHash(code)))
	if errors.Is(err, sql.ErrNoRows) || err == nil && r.Disabled {
		return row{}, fault.New(fault.Forbidden, "This badge is unknown here, or counts no more").Try("use name and password, or ask an administrator for a new badge")
	}
	return r, s.explain(err)
}

// SignInByBadge begins a session for work at the bench, of a technician alone, and
// returns its token. Such a session does nothing to accounts, and signs nothing.
// It fails as [Store.ByBadge] does, and with [fault.Forbidden] for another role.
func (s *Store) SignInByBadge(ctx context.Context, code, from string) (session string, err error) {
	if _, err := s.ByBadge(ctx, code, from); err != nil {
		return "", err
	}
	err = s.change(ctx, func(tx *sql.Tx) error {
		r, err := s.ofBadge(ctx, tx, code) // it may have been taken away meanwhile
		if err != nil {
			return err
		}
		if r.Role != Technician {
			return fault.New(fault.Forbidden, "This badge is for checking as the second person").Try("sign in with your name and password")
		}
		session, err = s.begin(ctx, tx, r.id, true)
		return err
	})
	return session, err
}
