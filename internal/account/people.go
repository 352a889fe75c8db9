package account

import (
	"context"
	"database/sql"
	"errors"
	"net/mail"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// Account is a person in the store.
type Account struct {
	Person
	FullName string
	Email    string
	Disabled bool
	Password bool // has set one
	Created  time.Time
	Badge    time.Time // since when they have theirs; zero: none
}

// fold is by which two names are the same: without regard to case, and to how
// letters are put together.
func fold(name string) string { return strings.ToLower(strings.ToUpper(norm.NFKC.String(name))) }

// mostName is how long a name may be, in characters; mostEmail is of RFC 5321,
// in bytes.
const (
	mostName  = 60
	mostEmail = 254
)

// checkName refuses what cannot stand in a list, in a record or in an address.
func checkName(field, name string) error {
	n := utf8.RuneCountInString(name)
	bad := ""
	switch {
	case n < 1 || n > mostName:
		bad = "has " + strconv.Itoa(n) + " characters, not 1 to " + strconv.Itoa(mostName)
	case strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) || r == utf8.RuneError }):
		bad = "has a character that cannot be printed"
	case strings.TrimSpace(name) != name:
		bad = "begins or ends with a blank"
	case !strings.ContainsFunc(name, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }):
		bad = "has neither a letter nor a digit"
	case name == "me" || strings.Trim(name, ".") == "":
		bad = "means something else in an address"
	default:
		return nil
	}
	return fault.New(fault.Invalid, "the name %q %s", short(name), bad).Field(field).Try("write it like \"Eva Roth\"")
}

// short is the beginning of what may be very long.
func short(s string) string {
	r := []rune(s)
	return string(r[:min(len(r), mostName)])
}

func checkRole(role string) error {
	if slices.Contains(Roles(), role) {
		return nil
	}
	return fault.New(fault.Invalid, "%q is no role", short(role)).Field("role").Try("roles are: %s", strings.Join(Roles(), ", "))
}

func (a Account) check() error {
	if err := checkName("name", a.Name); err != nil {
		return err
	}
	if err := checkScript(a.Name); err != nil {
		return err
	}
	if a.FullName != "" {
		if err := checkName("full_name", a.FullName); err != nil {
			return err
		}
	}
	if err := checkRole(a.Role); err != nil {
		return err
	}
	if a.Email == "" {
		return nil
	}
	if at, err := mail.ParseAddress(a.Email); err != nil || at.Address != a.Email || len(a.Email) > mostEmail {
		return fault.New(fault.Invalid, "%q is no e-mail address", short(a.Email)).Field("email").Try("write it like eva.roth@example.org, or leave it out")
	}
	return nil
}

// Add gives somebody an account without a password, and returns the one-time
// link by which they set it. It fails with [fault.Invalid], and with
// [fault.Conflict] if the name is taken.
func (s *Store) Add(ctx context.Context, by By, a Account) (link Link, err error) {
	a.Name = norm.NFC.String(a.Name) // the same name has the same bytes in every record
	if err := a.check(); err != nil {
		return Link{}, err
	}
	err = s.change(ctx, func(tx *sql.Tx) error {
		id, err := s.insert(ctx, tx, a)
		if err != nil {
			return err
		}
		if link, err = s.newLink(ctx, tx, id, invitation); err != nil {
			return err
		}
		return s.note(ctx, tx, by, record.PersonAdded, record.PersonAct{Person: a.Name, Role: a.Role, How: invitation})
	})
	return link, err
}

// insert fails with [fault.Conflict] if the name is taken, and with [fault.Invalid]
// if people cannot tell it from one that is.
func (s *Store) insert(ctx context.Context, tx *sql.Tx, a Account) (id int64, err error) {
	taken, err := s.looksLike(ctx, tx, a.Name)
	if err != nil {
		return 0, err
	}
	if taken != "" && fold(taken) != fold(a.Name) {
		return 0, fault.New(fault.Invalid, "the name %q looks like %q, who is here already", a.Name, taken).Field("name").Try("take a name that nobody mistakes, such as one with a middle letter")
	}
	done, err := tx.ExecContext(ctx, "INSERT INTO people (name, folded, full, role, email, password, disabled, created) VALUES (?, ?, ?, ?, ?, '', 0, ?)",
		a.Name, fold(a.Name), a.FullName, a.Role, a.Email, millis(s.now()))
	if unique(err) {
		return 0, fault.New(fault.Conflict, "somebody here is called %q already", a.Name).Field("name").Try("take another name; upper and lower case are the same")
	}
	if err != nil {
		return 0, err
	}
	return done.LastInsertId()
}

// looksLike is somebody whose name people cannot tell from this one; empty: nobody.
func (s *Store) looksLike(ctx context.Context, tx *sql.Tx, name string) (found string, err error) {
	rows, err := tx.QueryContext(ctx, "SELECT name FROM people")
	if err != nil {
		return "", err
	}
	defer rows.Close()
	for mine := alike(name); rows.Next(); {
		var other string
		if err := rows.Scan(&other); err != nil {
			return "", err
		}
		if alike(other) == mine {
			found = other
		}
	}
	return found, rows.Err()
}

// Adopt gives everybody of a credentials file an account without a password, so
// that all people stand in one list and can be disabled there. It fails with
// [fault.Conflict] if somebody has another role here.
func (s *Store) Adopt(ctx context.Context, by func() By, people []Person) error {
	for _, p := range people {
		err := s.change(ctx, func(tx *sql.Tx) error {
			known, err := s.find(ctx, tx, p.Name)
			switch {
			case fault.Is(err, fault.NotFound):
			case err != nil:
				return err
			case known.Person != p:
				return fault.New(fault.Conflict, "the credentials file says %q is %s, the accounts say %q is %s", p.Name, p.Role, known.Name, known.Role).Try("change the credentials file")
			default:
				return nil
			}
			if _, err := s.insert(ctx, tx, Account{Person: p}); err != nil {
				return err
			}
			return s.note(ctx, tx, by(), record.PersonAdded, record.PersonAct{Person: p.Name, Role: p.Role, How: "credentials"})
		})
		if err != nil {
			return err
		}
	}
	return nil
}

const peopleColumns = "SELECT id, name, full, role, email, password, disabled, created, coalesce((SELECT given FROM badges WHERE person = people.id), 0) FROM people"

// row is an account as it lies in the file.
type row struct {
	Account
	id   int64
	hash string
}

func scan(from interface{ Scan(into ...any) error }) (r row, err error) {
	var created, badge int64
	err = from.Scan(&r.id, &r.Name, &r.FullName, &r.Role, &r.Email, &r.hash, &r.Disabled, &created, &badge)
	r.Created, r.Badge, r.Password = moment(created), moment(badge), r.hash != ""
	return r, err
}

// querier is the database or a transaction of it.
type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// find fails with [fault.NotFound].
func (s *Store) find(ctx context.Context, q querier, name string) (row, error) {
	r, err := scan(q.QueryRowContext(ctx, peopleColumns+" WHERE folded = ?", fold(name)))
	if errors.Is(err, sql.ErrNoRows) {
		return r, fault.New(fault.NotFound, "nobody here is called %q", short(name)).Field("name").Try("see who is with: secretome user list")
	}
	return r, s.explain(err)
}

// Find returns an account. It fails with [fault.NotFound].
func (s *Store) Find(ctx context.Context, name string) (Account, error) {
	r, err := s.find(ctx, s.db, name)
	return r.Account, err
}

// People lists all accounts by name.
func (s *Store) People(ctx context.Context) ([]Account, error) {
	rows, err := s.db.QueryContext(ctx, peopleColumns+" ORDER BY folded")
	if err != nil {
		return nil, s.explain(err)
	}
	defer rows.Close()
	var all []Account
	for rows.Next() {
		r, err := scan(rows)
		if err != nil {
			return nil, s.explain(err)
		}
		all = append(all, r.Account)
	}
	return all, s.explain(rows.Err())
}

// Disable keeps somebody out at once: sessions end, and neither password nor
// token nor badge counts until [Store.Enable]. Nobody can disable themselves.
func (s *Store) Disable(ctx context.Context, by By, name string) error {
	return s.with(ctx, name, func(tx *sql.Tx, r row) error {
		if r.Disabled {
			return fault.New(fault.Conflict, "%s is disabled already", r.Name)
		}
		if fold(by.Who.Name) == fold(r.Name) {
			return fault.New(fault.Refused, "nobody can disable themselves").Try("let another administrator do it")
		}
		if err := s.end(ctx, tx, r.id); err != nil {
			return err
		}
		if err := run(ctx, tx, "UPDATE people SET disabled = 1 WHERE id = ?", r.id); err != nil {
			return err
		}
		return s.note(ctx, tx, by, record.PersonDisabled, record.PersonAct{Person: r.Name})
	})
}

// Enable lets somebody in again who was disabled.
func (s *Store) Enable(ctx context.Context, by By, name string) error {
	return s.with(ctx, name, func(tx *sql.Tx, r row) error {
		if !r.Disabled {
			return fault.New(fault.Conflict, "%s is not disabled", r.Name)
		}
		if err := run(ctx, tx, "UPDATE people SET disabled = 0 WHERE id = ?", r.id); err != nil {
			return err
		}
		return s.note(ctx, tx, by, record.PersonEnabled, record.PersonAct{Person: r.Name})
	})
}

// with calls do with the account of a name, in a transaction.
func (s *Store) with(ctx context.Context, name string, do func(tx *sql.Tx, r row) error) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		r, err := s.find(ctx, tx, name)
		if err != nil {
			return err
		}
		return do(tx, r)
	})
}

func run(ctx context.Context, tx *sql.Tx, query string, args ...any) error {
	_, err := tx.ExecContext(ctx, query, args...)
	return err
}

// end ends all sessions of a person and takes back the one-time link.
func (s *Store) end(ctx context.Context, tx *sql.Tx, id int64) error {
	return errors.Join(run(ctx, tx, "DELETE FROM sessions WHERE person = ?", id), run(ctx, tx, "DELETE FROM links WHERE person = ?", id))
}
