package account

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// clock is a time that tests move.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// cheap is a hash that takes no time; what it costs is tried in one test.
func cheap() Settings { return Settings{Cost: Cost{Memory: 64, Passes: 1, Threads: 1}} }

func openAt(t *testing.T, path string, c *clock) *Store {
	t.Helper()
	s, err := Open(t.Context(), path, c.Now, cheap())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// open returns an empty store.
func open(t *testing.T) (*Store, *clock) {
	t.Helper()
	c := &clock{now: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)}
	return openAt(t, filepath.Join(t.TempDir(), File), c), c
}

func by(name string) By {
	return By{record.Actor{Kind: record.Person, Name: name, Role: Administrator}, uuid.NewString()}
}

const good = "violet harbour seven"

// joined adds somebody who has a password.
func joined(t *testing.T, s *Store, name, role string) {
	t.Helper()
	link, err := s.Add(t.Context(), by("Ida"), Account{Person: Person{name, role}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Redeem(t.Context(), uuid.NewString(), Redemption{Token: link.Token, Password: good}); err != nil {
		t.Fatal(err)
	}
}

func signIn(t *testing.T, s *Store, name string) string {
	t.Helper()
	session, err := s.SignIn(t.Context(), name, good, "10.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	return session
}

func TestATokenActsWithinItsScope(t *testing.T) {
	s, c := open(t)
	joined(t, s, "Tim", Technician)
	day := c.Now().Add(24 * time.Hour)
	for _, test := range []struct {
		name    string
		scope   Scope
		expires time.Time
		person  string
		want    fault.Kind
	}{
		{"no scope", "", day, "Tim", fault.Invalid},
		{"an end that has passed", Read, c.Now(), "Tim", fault.Invalid},
		{"nobody", Read, day, "Zoe", fault.NotFound},
	} {
		if _, _, err := s.NewToken(t.Context(), by("Tim"), test.person, test.scope, test.expires); !fault.Is(err, test.want) {
			t.Errorf("%s: NewToken = %v, want %s", test.name, err, test.want)
		}
	}
	secret, made, err := s.NewToken(t.Context(), by("Tim"), "tim", Act, day)
	if err != nil || made.Person != "Tim" {
		t.Fatalf("NewToken = %+v, %v", made, err)
	}
	if who, scope, err := s.ByToken(t.Context(), secret); err != nil || who.Name != "Tim" || scope != Act {
		t.Errorf("ByToken = %+v, %s, %v", who.Person, scope, err)
	}
	if _, _, err := s.ByToken(t.Context(), made.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("ByToken(its ID) = %v, want not found", err)
	}
	if err := s.Revoke(t.Context(), by("Ida"), "Tim", "tk-nothing"); !fault.Is(err, fault.NotFound) {
		t.Errorf("Revoke(unknown) = %v", err)
	}
	if err := s.Revoke(t.Context(), by("Ida"), "Tim", made.ID); err != nil {
		t.Error(err)
	}
	if _, _, err := s.ByToken(t.Context(), secret); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a revoked token: %v, want forbidden", err)
	}
	short, _, err := s.NewToken(t.Context(), by("Tim"), "Tim", Read, day)
	if err != nil {
		t.Fatal(err)
	}
	c.pass(24 * time.Hour)
	if _, _, err := s.ByToken(t.Context(), short); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a token that is over: %v, want forbidden", err)
	}
	if all, err := s.Tokens(t.Context(), "Tim"); err != nil || len(all) != 2 {
		t.Errorf("Tokens = %+v, %v", all, err)
	}
}

func TestAScopeIncludesTheNarrowerOnes(t *testing.T) {
	for _, test := range []struct {
		scope, needed Scope
		want          bool
	}{{Read, Read, true}, {Read, Act, false}, {Act, Read, true}, {Act, All, false}, {All, Act, true}, {All, "", false}, {"", Read, false}} {
		if got := test.scope.Includes(test.needed); got != test.want {
			t.Errorf("%q includes %q = %v", test.scope, test.needed, got)
		}
	}
}

func TestEventsAreDeliveredInOrderUntilTheyAreTaken(t *testing.T) {
	s, _ := open(t)
	joined(t, s, "Tim", Technician)
	if err := s.Disable(t.Context(), by("Ida"), "Tim"); err != nil {
		t.Fatal(err)
	}
	away := errors.New("the store is away")
	var got []record.Kind
	err := s.Deliver(t.Context(), func(e Event) error {
		if len(got) == 1 {
			return away
		}
		got = append(got, e.Kind)
		return nil
	})
	if !errors.Is(err, away) {
		t.Fatalf("Deliver = %v", err)
	}
	if err := s.Deliver(t.Context(), func(e Event) error { got = append(got, e.Kind); return nil }); err != nil {
		t.Fatal(err)
	}
	if want := []record.Kind{record.PersonAdded, record.PasswordSet, record.PersonDisabled}; !slices.Equal(got, want) {
		t.Errorf("events are %v, want %v", got, want)
	}
}

func TestTheFileIsKeptAsMeant(t *testing.T) {
	s, _ := open(t)
	joined(t, s, "Tim", Technician)
	session := signIn(t, s, "Tim")
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"} { // 2 is FULL
		var got string
		if err := s.db.QueryRowContext(t.Context(), "PRAGMA "+pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s = %s, %v, want %s", pragma, got, err, want)
		}
	}
	for _, end := range []string{"", "-wal"} {
		info, err := os.Stat(s.path + end)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode of %s = %v, %v, want 0600", s.path+end, info, err)
		}
		data, err := os.ReadFile(s.path + end)
		if err != nil || strings.Contains(string(data), session) || strings.Contains(string(data), good) {
			t.Errorf("%s has a secret in it (%v)", s.path+end, err)
		}
	}
}

func TestABadFileIsRefused(t *testing.T) {
	newer := filepath.Join(t.TempDir(), File)
	s, err := Open(t.Context(), newer, time.Now, cheap())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.db.ExecContext(t.Context(), "PRAGMA user_version = 99"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	write := func(mode os.FileMode) string {
		path := filepath.Join(t.TempDir(), File)
		if err := os.WriteFile(path, []byte(strings.Repeat("no database ", 100)), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, test := range []struct {
		name, path string
		want       fault.Kind
	}{
		{"of a newer program", newer, fault.Refused},
		{"that others may read", write(0o640), fault.Refused},
		{"that is no database", write(0o600), fault.Corrupt},
		{"in a folder that is not there", filepath.Join(t.TempDir(), "x", File), fault.Unavailable},
	} {
		if _, err := Open(t.Context(), test.path, time.Now, cheap()); !fault.Is(err, test.want) {
			t.Errorf("%s: Open = %v, want %s", test.name, err, test.want)
		}
	}
}
