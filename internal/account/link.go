package account

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/base64"
	"errors"
	"time"

	"golang.org/x/text/unicode/norm"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// Link lets one person set their password once.
type Link struct {
	Token   string // told once; only its hash is kept
	Expires time.Time
}

// What a link is for.
const (
	setUp      = "set-up"     // the first administrator
	invitation = "invitation" // somebody new
	resetting  = "reset"      // somebody whose password was taken away
)

// How long a link lasts.
const (
	setUpLasts = 24 * time.Hour
	linkLasts  = 7 * 24 * time.Hour
)

// newSecret returns 256 random bits as text, and their hash.
func newSecret() (text string, hash []byte) {
	const size = 32 // bytes
	b := make([]byte, size)
	_, _ = rand.Read(b) // never fails
	text = base64.RawURLEncoding.EncodeToString(b)
	return text, hashed(text)
}

func hashed(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// newLink replaces the link of a person; 0 is nobody, for the set-up.
func (s *Store) newLink(ctx context.Context, tx *sql.Tx, person int64, how string) (Link, error) {
	lasts, of := linkLasts, any(person)
	if person == 0 {
		lasts, of = setUpLasts, nil
	}
	text, hash := newSecret()
	link := Link{text, s.now().Add(lasts).UTC().Truncate(time.Second)}
	if err := run(ctx, tx, "DELETE FROM links WHERE person IS ?", of); err != nil {
		return Link{}, err
	}
	return link, run(ctx, tx, "INSERT INTO links (hash, person, how, expires) VALUES (?, ?, ?, ?)", hash, of, how, millis(link.Expires))
}

// SetUp returns a new link for the first administrator, in place of the one
// before, while no administrator who may sign in has a password. Else ok is
// false, and there is none.
func (s *Store) SetUp(ctx context.Context) (link Link, ok bool, err error) {
	err = s.change(ctx, func(tx *sql.Tx) error {
		ready, err := s.ready(ctx, tx)
		if err != nil || ready {
			return err
		}
		ok = true
		link, err = s.newLink(ctx, tx, 0, setUp)
		return err
	})
	return link, ok && err == nil, err
}

// ready reports whether an administrator can sign in with a password.
func (s *Store) ready(ctx context.Context, tx *sql.Tx) (bool, error) {
	var n int
	err := tx.QueryRowContext(ctx, "SELECT count(*) FROM people WHERE role = ? AND password <> '' AND disabled = 0", Administrator).Scan(&n)
	return n > 0, err
}

// Invite makes a new link for somebody who has no password yet. It fails with
// [fault.Conflict] for somebody who has one.
func (s *Store) Invite(ctx context.Context, name string) (link Link, err error) {
	err = s.with(ctx, name, func(tx *sql.Tx, r row) error {
		if r.Password || r.Disabled {
			return fault.New(fault.Conflict, "%s has a password or is disabled", r.Name).Try("secretome user reset, or enable")
		}
		link, err = s.newLink(ctx, tx, r.id, invitation)
		return err
	})
	return link, err
}

// Reset takes a password away, ends all sessions of the person, and returns a
// link by which they set a new one.
func (s *Store) Reset(ctx context.Context, by By, name string) (link Link, err error) {
	err = s.with(ctx, name, func(tx *sql.Tx, r row) error {
		if r.Disabled {
			return fault.New(fault.Conflict, "%s is disabled", r.Name).Try("enable the account first")
		}
		if err := s.end(ctx, tx, r.id); err != nil {
			return err
		}
		if err := run(ctx, tx, "UPDATE people SET password = '' WHERE id = ?", r.id); err != nil {
			return err
		}
		if link, err = s.newLink(ctx, tx, r.id, resetting); err != nil {
			return err
		}
		return s.note(ctx, tx, by, record.PasswordReset, record.PersonAct{Person: r.Name})
	})
	return link, err
}

// Redemption is how a one-time link is used.
type Redemption struct {
	Token    string
	Name     string // of the first administrator; else empty or the person's own
	Password string
}

// Redeem sets the password of whoever a link is for; the link of the set-up makes
// the first administrator, or gives a password to one who has none. It fails
// with [fault.Forbidden] for a link that was used, is over or never was, and with
// [fault.Invalid] for a bad name or password, after which the link still works.
func (s *Store) Redeem(ctx context.Context, request string, d Redemption) (who Account, err error) {
	r, how, err := s.linked(ctx, s.db, d)
	if err != nil {
		return Account{}, err
	}
	if err := checkPassword(r.Name, d.Password); err != nil {
		return Account{}, err
	}
	hash, err := s.hash(ctx, d.Password) // before the transaction, since it takes long
	if err != nil {
		return Account{}, err
	}
	err = s.change(ctx, func(tx *sql.Tx) error {
		if r, how, err = s.linked(ctx, tx, d); err != nil { // somebody may have been faster
			return err
		}
		by := By{r.Actor(), request}
		if r.id == 0 {
			if r.id, err = s.insert(ctx, tx, r.Account); err != nil {
				return err
			}
		}
		if err := s.end(ctx, tx, r.id); err != nil {
			return err
		}
		if err := run(ctx, tx, "UPDATE people SET password = ? WHERE id = ?", hash, r.id); err != nil {
			return err
		}
		if err := run(ctx, tx, "DELETE FROM links WHERE hash = ?", hashed(d.Token)); err != nil {
			return err
		}
		if err := run(ctx, tx, "DELETE FROM tries WHERE name = ?", tried(r.Name)); err != nil {
			return err
		}
		return s.note(ctx, tx, by, record.PasswordSet, record.PersonAct{Person: r.Name, Role: r.Role, How: how})
	})
	r.Password = err == nil
	return r.Account, err
}

// linked returns whom a link is for. The first administrator, who has no account
// yet, has the id 0.
func (s *Store) linked(ctx context.Context, q querier, d Redemption) (r row, how string, err error) {
	var person sql.NullInt64
	var expires int64
	err = q.QueryRowContext(ctx, "SELECT person, how, expires FROM links WHERE hash = ?", hashed(d.Token)).Scan(&person, &how, &expires)
	if err := s.linkOver(err, expires); err != nil {
		return r, "", err
	}
	if !person.Valid {
		r, err = s.first(ctx, q, d.Name)
		return r, how, err
	}
	if r, err = scan(q.QueryRowContext(ctx, peopleColumns+" WHERE id = ?", person.Int64)); err != nil {
		return r, "", s.explain(err)
	}
	if d.Name != "" && fold(d.Name) != fold(r.Name) {
		return r, "", fault.New(fault.Forbidden, "the one-time link is for somebody else than %q", short(d.Name)).Field("name").Try("leave the name out")
	}
	return r, how, nil
}

// linkOver explains why a link is not there, or no more.
func (s *Store) linkOver(err error, expires int64) error {
	if errors.Is(err, sql.ErrNoRows) || (err == nil && !s.now().Before(moment(expires))) {
		return fault.New(fault.Forbidden, "the one-time link was used, is over, or never was").Field("token").Try("ask an administrator for a new one; the first one gets it when the server starts again")
	}
	return s.explain(err)
}

// first returns the administrator that the set-up makes.
func (s *Store) first(ctx context.Context, q querier, name string) (row, error) {
	name = norm.NFC.String(name)
	r, err := s.find(ctx, q, name)
	if fault.Is(err, fault.NotFound) {
		r = row{Account: Account{Person: Person{Name: name, Role: Administrator}, Created: s.now()}}
		return r, r.check()
	}
	if err == nil && (r.Role != Administrator || r.Disabled || r.Password) {
		return r, fault.New(fault.Conflict, "somebody here is called %q already", r.Name).Field("name").Try("take another name for the first administrator")
	}
	return r, err
}
