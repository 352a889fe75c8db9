package account

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// Scope is what may be done with a token, within what the role of its person may.
type Scope string

// The scopes; each may do what the one before may.
const (
	Read Scope = "read" // questions
	Act  Scope = "act"  // and commands
	All  Scope = "all"  // and what is done to accounts and tokens
)

// Scopes lists all, the narrowest first.
func Scopes() []Scope { return []Scope{Read, Act, All} }

// Includes reports whether s may do what needs the scope other.
func (s Scope) Includes(other Scope) bool {
	mine, needed := slices.Index(Scopes(), s), slices.Index(Scopes(), other)
	return needed >= 0 && mine >= needed
}

// Token is what is known of a token for scripts; the token itself is not.
type Token struct {
	ID      string
	Person  string
	Scope   Scope
	Created time.Time
	Expires time.Time
	Revoked time.Time // zero: it was not
}

// NewToken makes a token by which scripts act as a person, and returns it with
// its ID. It is told once. It fails with [fault.Invalid] for an unknown scope and
// for an end that has passed.
func (s *Store) NewToken(ctx context.Context, by By, name string, scope Scope, expires time.Time) (secret string, t Token, err error) {
	if !slices.Contains(Scopes(), scope) {
		return "", t, fault.New(fault.Invalid, "%q is no scope", short(string(scope))).Field("scope").Try("scopes are: read, act, all")
	}
	if !expires.After(s.now()) {
		return "", t, fault.New(fault.Invalid, "the token would have ended at %s", expires.UTC().Format(time.RFC3339)).Field("expires").Try("give a time that is to come")
	}
	secret, hash := newSecret()
	const idSize = 8 // characters of 5 random bits: enough to tell a person's tokens apart
	t = Token{ID: "tk-" + strings.ToLower(rand.Text()[:idSize]), Scope: scope, Created: s.now().UTC(), Expires: expires.UTC().Truncate(time.Second)}
	err = s.with(ctx, name, func(tx *sql.Tx, r row) error {
		if r.Disabled {
			return fault.New(fault.Conflict, "%s is disabled", r.Name).Try("enable the account first")
		}
		t.Person = r.Name
		if err := run(ctx, tx, "INSERT INTO tokens (id, hash, person, scope, created, expires, revoked) VALUES (?, ?, ?, ?, ?, ?, 0)",
			t.ID, hash, r.id, string(scope), millis(t.Created), millis(t.Expires)); err != nil {
			return err
		}
		return s.note(ctx, tx, by, record.TokenMade, record.PersonAct{Person: r.Name, Token: t.ID, Scope: string(scope), Expires: t.Expires})
	})
	return secret, t, err
}

const tokenColumns = "SELECT t.id, p.name, t.scope, t.created, t.expires, t.revoked FROM tokens t JOIN people p ON p.id = t.person"

func scanToken(from interface{ Scan(into ...any) error }) (t Token, err error) {
	var scope string
	var created, expires, revoked int64
	err = from.Scan(&t.ID, &t.Person, &scope, &created, &expires, &revoked)
	t.Scope, t.Created, t.Expires, t.Revoked = Scope(scope), moment(created), moment(expires), moment(revoked)
	return t, err
}

// Tokens lists the tokens of a person, the newest first.
func (s *Store) Tokens(ctx context.Context, name string) ([]Token, error) {
	if _, err := s.Find(ctx, name); err != nil {
		return nil, err
	}
	rows, err := s.db.QueryContext(ctx, tokenColumns+" WHERE p.folded = ? ORDER BY t.created DESC, t.id", fold(name))
	if err != nil {
		return nil, s.explain(err)
	}
	defer rows.Close()
	var all []Token
	for rows.Next() {
		t, err := scanToken(rows)
		if err != nil {
			return nil, s.explain(err)
		}
		all = append(all, t)
	}
	return all, s.explain(rows.Err())
}

// Revoke ends a token of a person at once. It fails with [fault.NotFound], and
// with [fault.Conflict] if it was revoked before.
func (s *Store) Revoke(ctx context.Context, by By, name, id string) error {
	return s.with(ctx, name, func(tx *sql.Tx, r row) error {
		t, err := scanToken(tx.QueryRowContext(ctx, tokenColumns+" WHERE t.id = ? AND t.person = ?", id, r.id))
		if errors.Is(err, sql.ErrNoRows) {
			return fault.New(fault.NotFound, "%s has no token %q", r.Name, short(id)).Try("see them with: secretome user tokens %q", r.Name)
		}
		if err != nil {
			return err
		}
		if !t.Revoked.IsZero() {
			return fault.New(fault.Conflict, "the token %s was revoked at %s", id, t.Revoked.Format(time.RFC3339))
		}
		if err := run(ctx, tx, "UPDATE tokens SET revoked = ? WHERE id = ?", millis(s.now()), id); err != nil {
			return err
		}
		return s.note(ctx, tx, by, record.TokenRevoked, record.PersonAct{Person: r.Name, Token: id})
	})
}

// ByToken returns whose token it is and what may be done with it. It fails with
// [fault.NotFound] for what is no token, and with [fault.Forbidden] for one that
// is over.
func (s *Store) ByToken(ctx context.Context, secret string) (Account, Scope, error) {
	t, err := scanToken(s.db.QueryRowContext(ctx, tokenColumns+" WHERE t.hash = ?", hashed(secret)))
	if errors.Is(err, sql.ErrNoRows) {
		return Account{}, "", fault.New(fault.NotFound, "there is no such token")
	}
	if err != nil {
		return Account{}, "", s.explain(err)
	}
	if !t.Revoked.IsZero() || !s.now().Before(t.Expires) {
		return Account{}, "", fault.New(fault.Forbidden, "the token %s was revoked or is over", t.ID).Try("make a new one with: secretome user token")
	}
	r, err := s.find(ctx, s.db, t.Person)
	if err != nil {
		return Account{}, "", err
	}
	who, err := s.admitted(ctx, r.id)
	return who, t.Scope, err
}
