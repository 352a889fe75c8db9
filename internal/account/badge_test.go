package account

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"secretome/internal/fault"
	"secretome/internal/record"
)

func badgeOf(t *testing.T, s *Store, name string) string {
	t.Helper()
	code, err := s.GiveBadge(t.Context(), by("Ida"), name)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

func TestABadgeOpensASessionThatIsMarked(t *testing.T) {
	s, c := open(t)
	joined(t, s, "Tim", Technician)
	code := badgeOf(t, s, "tim")
	if len(code) != 20 || !HasBadge(code) || strings.ToUpper(code) != code {
		t.Errorf("the code is %q", code)
	}
	if a, err := s.Find(t.Context(), "Tim"); err != nil || !a.Badge.Equal(c.Now()) {
		t.Errorf("Find = %+v, %v", a, err)
	}
	for _, scanned := range []string{code, " " + strings.ToLower(code) + "\n"} { // a scanner may turn the case, and add what it ends with
		session, err := s.SignInByBadge(t.Context(), scanned, "10.0.0.1")
		if err != nil {
			t.Fatalf("SignInByBadge(%q) = %v", scanned, err)
		}
		if who, err := s.Touch(t.Context(), session); err != nil || who.Name != "Tim" || !who.Badge {
			t.Errorf("Touch = %+v, %v", who, err)
		}
	}
	session := signIn(t, s, "Tim")
	if who, err := s.Touch(t.Context(), session); err != nil || who.Badge {
		t.Errorf("a session by password: %+v, %v", who, err)
	}
	all, err := s.Sessions(t.Context(), "Tim", session)
	if err != nil || len(all) != 3 || slices.IndexFunc(all, func(o Opened) bool { return o.This && o.Badge }) >= 0 {
		t.Errorf("Sessions = %+v, %v", all, err)
	}
}

func TestTheCodeOfABadgeIsKeptNowhereAndIsGoodForNothingElse(t *testing.T) {
	s, _ := open(t)
	joined(t, s, "Tim", Technician)
	code := badgeOf(t, s, "Tim")
	for _, end := range []string{"", "-wal"} {
		data, err := os.ReadFile(s.path + end)
		if err != nil || strings.Contains(string(data), code) || strings.Contains(string(data), code[len(badgePrefix):]) {
			t.Errorf("%s has the code in it (%v)", s.path+end, err)
		}
	}
	if _, err := s.Check(t.Context(), "Tim", code); !fault.Is(err, fault.Forbidden) {
		t.Errorf("as the password of a signature: %v, want forbidden", err)
	}
	if _, err := s.SignIn(t.Context(), "Tim", code, ""); !fault.Is(err, fault.Forbidden) {
		t.Errorf("as a password: %v, want forbidden", err)
	}
	if _, _, err := s.ByToken(t.Context(), code); !fault.Is(err, fault.NotFound) {
		t.Errorf("as a token: %v, want not found", err)
	}
	if _, err := s.Touch(t.Context(), code); !fault.Is(err, fault.Forbidden) {
		t.Errorf("as a session: %v, want forbidden", err)
	}
}

func TestABadgeCountsUntil(t *testing.T) {
	for _, test := range []struct {
		name            string
		do              func(s *Store) error
		badge, password bool // its code counts; the session by password goes on
	}{
		{"nothing is done", func(*Store) error { return nil }, true, true},
		{"a new one is given", func(s *Store) error { _, err := s.GiveBadge(t.Context(), by("Ida"), "Tim"); return err }, false, true},
		{"it is taken away", func(s *Store) error { return s.TakeBadge(t.Context(), by("Ida"), "Tim") }, false, true},
		{"its person is disabled", func(s *Store) error { return s.Disable(t.Context(), by("Ida"), "Tim") }, false, false},
		{"the password is reset", func(s *Store) error { _, err := s.Reset(t.Context(), by("Ida"), "Tim"); return err }, true, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, _ := open(t)
			joined(t, s, "Tim", Technician)
			code := badgeOf(t, s, "Tim")
			before, err := s.SignInByBadge(t.Context(), code, "")
			if err != nil {
				t.Fatal(err)
			}
			password := signIn(t, s, "Tim")
			if err := test.do(s); err != nil {
				t.Fatal(err)
			}
			_, err = s.ByBadge(t.Context(), code, "")
			if test.badge != (err == nil) || err != nil && (!fault.Is(err, fault.Forbidden) || strings.Contains(err.Error(), code)) {
				t.Errorf("ByBadge = %v, want it to count: %v", err, test.badge)
			}
			if _, err := s.SignInByBadge(t.Context(), code, ""); test.badge != (err == nil) {
				t.Errorf("SignInByBadge = %v, want it to count: %v", err, test.badge)
			}
			if _, err := s.Touch(t.Context(), before); (err == nil) != (test.badge && test.password) {
				t.Errorf("the session that it opened: %v", err)
			}
			if _, err := s.Touch(t.Context(), password); (err == nil) != test.password {
				t.Errorf("the session by password: %v", err)
			}
		})
	}
}

func TestABadgeSignsNobodyButATechnicianIn(t *testing.T) {
	s, _ := open(t)
	for _, role := range Roles() {
		joined(t, s, "of "+role, role)
		code := badgeOf(t, s, "of "+role)
		_, err := s.SignInByBadge(t.Context(), code, "")
		if (err == nil) != (role == Technician) || err != nil && (!fault.Is(err, fault.Forbidden) || !strings.Contains(err.Error(), "for checking as the second person")) {
			t.Errorf("%s: SignInByBadge = %v", role, err)
		}
		if a, err := s.ByBadge(t.Context(), code, ""); err != nil || a.Role != role {
			t.Errorf("%s: ByBadge = %+v, %v", role, a, err)
		}
	}
}

func TestBadgesAndPasswordsOfAnAddressAreCountedTogether(t *testing.T) {
	s, c := open(t)
	joined(t, s, "Tim", Technician)
	code := badgeOf(t, s, "Tim")
	signIn(t, s, "Tim") // from 10.0.0.1
	for i := range perSource - 1 {
		if _, err := s.ByBadge(t.Context(), "BDG-AAAAAAAAAAAAAAAA", "10.0.0.1"); !fault.Is(err, fault.Forbidden) {
			t.Fatalf("try %d: %v, want forbidden", i, err)
		}
	}
	if _, err := s.SignInByBadge(t.Context(), code, "10.0.0.1"); !fault.Is(err, fault.Limited) || fault.Of(err).Wait != time.Minute {
		t.Errorf("the 31st try: %v, want a wait of a minute", err)
	}
	if _, err := s.ByBadge(t.Context(), code, "10.0.0.2"); err != nil {
		t.Errorf("from another address: %v", err)
	}
	c.pass(time.Minute)
	if _, err := s.ByBadge(t.Context(), code, "10.0.0.1"); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}

func TestWhatIsDoneToABadgeIsToldWithoutItsCode(t *testing.T) {
	s, _ := open(t)
	joined(t, s, "Tim", Technician)
	code := badgeOf(t, s, "Tim")
	if err := s.TakeBadge(t.Context(), by("Ida"), "Tim"); err != nil {
		t.Fatal(err)
	}
	if err := s.TakeBadge(t.Context(), by("Ida"), "Tim"); !fault.Is(err, fault.Conflict) {
		t.Errorf("TakeBadge of none = %v, want conflict", err)
	}
	if err := s.Disable(t.Context(), by("Ida"), "Tim"); err != nil {
		t.Fatal(err)
	}
	if got, err := s.GiveBadge(t.Context(), by("Ida"), "Tim"); got != "" || !fault.Is(err, fault.Conflict) {
		t.Errorf("GiveBadge to who is disabled = %q, %v, want conflict", got, err)
	}
	var kinds []record.Kind
	if err := s.Deliver(t.Context(), func(e Event) error {
		if data, err := record.Body(e.Body); err != nil || e.Body.Person != "Tim" || strings.Contains(string(data), code) {
			t.Errorf("the event is %s, %v", data, err)
		}
		kinds = append(kinds, e.Kind)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if want := []record.Kind{record.PersonAdded, record.PasswordSet, record.BadgeGiven, record.BadgeTaken, record.PersonDisabled}; !slices.Equal(kinds, want) {
		t.Errorf("events are %v, want %v", kinds, want)
	}
}

func TestAFileOfVersion1IsBroughtOver(t *testing.T) {
	before, err := os.ReadFile("testdata/version1.sql")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), File)
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := filled(t.Context(), path, string(before)); err != nil {
		t.Fatal(err)
	}
	c := &clock{now: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)}
	s := openAt(t, path, c)
	if who, err := s.Touch(t.Context(), "a session of version 1"); err != nil || who.Name != "Tim" || who.FullName != "Tim Bo" || who.Badge || !who.Account.Badge.IsZero() {
		t.Errorf("Touch = %+v, %v", who, err)
	}
	if who, scope, err := s.ByToken(t.Context(), "a token of version 1"); err != nil || who.Name != "Tim" || scope != Act {
		t.Errorf("ByToken = %+v, %s, %v", who, scope, err)
	}
	if off, err := s.Find(t.Context(), "Off"); err != nil || !off.Disabled || off.Role != Reviewer {
		t.Errorf("Find = %+v, %v", off, err)
	}
	if _, err := s.SignInByBadge(t.Context(), badgeOf(t, s, "Tim"), ""); err != nil {
		t.Errorf("a badge in it: %v", err)
	}
	var first Event
	err = s.Deliver(t.Context(), func(e Event) error {
		if first.Number == 0 {
			first = e
		}
		return nil
	})
	if err != nil || first.Kind != record.TokenMade || first.Body.Token != "tk-aaaaaaaa" {
		t.Errorf("the first event is %+v, %v", first, err)
	}
}

// filled runs statements on an empty database.
func filled(ctx context.Context, path, statements string) error {
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, statements); err != nil {
		return err
	}
	return db.Close()
}
