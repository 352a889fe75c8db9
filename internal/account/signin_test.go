package account

import (
	"errors"
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

func TestASessionEnds(t *testing.T) {
	for _, test := range []struct {
		name string
		end  func(*Store, *clock, string) error
		ok   bool
	}{
		{"not within 29 minutes", func(_ *Store, c *clock, _ string) error { c.pass(29 * time.Minute); return nil }, true},
		{"after 30 minutes unused", func(_ *Store, c *clock, _ string) error { c.pass(30 * time.Minute); return nil }, false},
		{"not while it is used", func(s *Store, c *clock, session string) error {
			for range 20 {
				c.pass(20 * time.Minute)
				if _, err := s.Touch(t.Context(), session); err != nil {
					return err
				}
			}
			return nil
		}, true},
		{"after 12 hours in any case", func(s *Store, c *clock, session string) error {
			for range 35 {
				c.pass(20 * time.Minute)
				if _, err := s.Touch(t.Context(), session); err != nil {
					return err
				}
			}
			c.pass(20 * time.Minute)
			return nil
		}, false},
		{"when the clock is set back a day", func(_ *Store, c *clock, _ string) error { c.pass(-24 * time.Hour); return nil }, false},
		{"when it is signed out", func(s *Store, _ *clock, session string) error { return s.SignOut(t.Context(), session) }, false},
		{"when all are", func(s *Store, _ *clock, _ string) error { return s.SignOutAll(t.Context(), "tim") }, false},
		{"when its person is disabled", func(s *Store, _ *clock, _ string) error { return s.Disable(t.Context(), by("Ida"), "Tim") }, false},
		{"when the password is reset", func(s *Store, _ *clock, _ string) error {
			_, err := s.Reset(t.Context(), by("Ida"), "Tim")
			return err
		}, false},
		{"not with another one", func(s *Store, _ *clock, _ string) error {
			other, err := s.SignIn(t.Context(), "Tim", good, "")
			return errors.Join(err, s.SignOut(t.Context(), other))
		}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, c := open(t)
			joined(t, s, "Tim", Technician)
			session := signIn(t, s, "Tim")
			if err := test.end(s, c, session); err != nil {
				t.Fatal(err)
			}
			who, err := s.Touch(t.Context(), session)
			if test.ok && (err != nil || who.Name != "Tim") || !test.ok && !fault.Is(err, fault.Forbidden) {
				t.Errorf("Touch = %+v, %v, want ok = %v", who.Person, err, test.ok)
			}
		})
	}
}

func TestWhoMayNotSignInHearsNothingOfWhy(t *testing.T) {
	s, _ := open(t)
	for _, name := range []string{"Tim", "Off", "Reset"} {
		joined(t, s, name, Technician)
	}
	if err := s.Disable(t.Context(), by("Ida"), "Off"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Reset(t.Context(), by("Ida"), "Reset"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Add(t.Context(), by("Ida"), Account{Person: Person{"New", Technician}}); err != nil {
		t.Fatal(err)
	}
	first := ""
	for _, try := range [][2]string{{"Tim", "wrong harbour seven"}, {"Tim", ""}, {"Tim", strings.Repeat("x", 1<<20)}, {"Nobody", good}, {"", good}, {"Off", good}, {"Reset", good}, {"New", good}, {"New", ""}} {
		_, err := s.SignIn(t.Context(), try[0], try[1], "")
		if !fault.Is(err, fault.Forbidden) {
			t.Fatalf("%q: SignIn = %v, want forbidden", try, err)
		}
		text := fault.Of(err).Sentence() + fault.Of(err).Help
		if first == "" {
			first = text
		}
		if text != first {
			t.Errorf("%q hears %q, others hear %q", try, text, first)
		}
	}
}

func TestWrongPasswordsMakeOneWait(t *testing.T) {
	for _, name := range []string{"Tim", "Nobody"} { // who cannot be told apart
		t.Run(name, func(t *testing.T) {
			s, c := open(t)
			joined(t, s, "Tim", Technician)
			try := func(password string) string {
				_, err := s.Check(t.Context(), name, password)
				if !fault.Is(err, fault.Forbidden) && !fault.Is(err, fault.Limited) {
					t.Fatalf("Check = %v, want forbidden or limited", err)
				}
				return fault.Of(err).Help
			}
			for range freeTries - 1 {
				if help := try("wrong"); strings.HasPrefix(help, "wait ") {
					t.Fatalf("too early: %s", help)
				}
			}
			for _, want := range []string{"30 s", "1 min", "2 min", "4 min", "8 min", "15 min", "15 min"} {
				if help := try("wrong"); help != "wait "+want+", then try again" {
					t.Fatalf("help = %q, want a wait of %s", help, want)
				}
				c.pass(10 * time.Second)
				if help := try(good); !strings.HasPrefix(help, "wait ") { // the right one does not help either
					t.Fatalf("while waiting: %q", help)
				}
				c.pass(mostWait)
			}
		})
	}
}

func TestTheWaitIsToldInMinutes(t *testing.T) {
	for d, want := range map[time.Duration]string{time.Millisecond: "1 s", 59 * time.Second: "59 s", time.Minute: "1 min", 269*time.Second + 1: "4 min 30 s"} {
		if got := span(d); got != want {
			t.Errorf("span(%s) = %q, want %q", d, got, want)
		}
	}
}

func TestARightPasswordForgivesWrongOnes(t *testing.T) {
	s, _ := open(t)
	joined(t, s, "Tim", Technician)
	for range 3 {
		for range freeTries - 1 {
			if _, err := s.Check(t.Context(), "Tim", "wrong"); !fault.Is(err, fault.Forbidden) {
				t.Fatal(err)
			}
		}
		signIn(t, s, "Tim")
	}
}

func TestALockOutSurvivesARestart(t *testing.T) {
	c := &clock{now: time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)}
	path := filepath.Join(t.TempDir(), File)
	s, err := Open(t.Context(), path, c.Now, cheap())
	if err != nil {
		t.Fatal(err)
	}
	joined(t, s, "Tim", Technician)
	for range freeTries {
		if _, err := s.SignIn(t.Context(), "Tim", "wrong", "10.0.0.9"); !fault.Is(err, fault.Forbidden) {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path, c)
	c.pass(10 * time.Second)
	if _, err := s.SignIn(t.Context(), "Tim", good, ""); !fault.Is(err, fault.Limited) || fault.Of(err).Wait != 20*time.Second || fault.Of(err).Help != "wait 20 s, then try again" {
		t.Errorf("after the restart: %v, %q", err, fault.Of(err).Help)
	}
	var last Event
	if err := s.Deliver(t.Context(), func(e Event) error { last = e; return nil }); err != nil {
		t.Fatal(err)
	}
	if b := last.Body; last.Kind != record.SignInLocked || b.Person != "Tim" || b.Wrong != freeTries || b.From != "10.0.0.9" || b.Until.IsZero() {
		t.Errorf("the last event is %+v", last)
	}
	c.pass(20 * time.Second)
	signIn(t, s, "Tim")
}

func TestAnAddressHasThirtyTriesAMinute(t *testing.T) {
	s, c := open(t)
	joined(t, s, "Tim", Technician)
	for range perSource {
		signIn(t, s, "Tim")
	}
	c.pass(15 * time.Second)
	_, err := s.SignIn(t.Context(), "Tim", good, "10.0.0.1")
	if !fault.Is(err, fault.Limited) || fault.Of(err).Help != "wait 45 s, then try again" {
		t.Errorf("the 31st try: %v, %q", err, fault.Of(err).Help)
	}
	if _, err := s.SignIn(t.Context(), "Tim", good, "10.0.0.2"); err != nil {
		t.Errorf("from another address: %v", err)
	}
	c.pass(45 * time.Second)
	signIn(t, s, "Tim")
}

func TestRememberedAddressesHaveAnEnd(t *testing.T) {
	var all sources
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	for i := range mostSource {
		if wait := all.take(uuid.NewSHA1(uuid.Nil, []byte{byte(i >> 8), byte(i)}).String(), now); wait != 0 {
			t.Fatalf("address %d waits %s", i, wait)
		}
	}
	if all.take("one more", now) == 0 {
		t.Error("more addresses are remembered than there is room for")
	}
	if wait := all.take("one more", now.Add(everyTime)); wait != 0 || len(all.all) != 1 {
		t.Errorf("a minute later it waits %s, with %d remembered", wait, len(all.all))
	}
}

func TestSixteenAtOnce(t *testing.T) {
	s, _ := open(t)
	joined(t, s, "Tim", Technician)
	const many = 16
	sessions := make([]string, many)
	var all sync.WaitGroup
	for i := range many {
		all.Go(func() {
			session, err := s.SignIn(t.Context(), "Tim", good, "")
			if err != nil {
				t.Error(err)
			}
			sessions[i] = session
		})
	}
	all.Wait()
	slices.Sort(sessions)
	if got := len(slices.Compact(sessions)); got != many {
		t.Errorf("%d sessions differ, want %d", got, many)
	}
	tried := make([]string, many)
	for i := range many {
		all.Go(func() {
			_, err := s.Check(t.Context(), "Tim", "wrong")
			tried[i] = fault.Of(err).Message
		})
	}
	all.Wait()
	hashes := 0
	for _, text := range tried {
		if text == wrong().Message {
			hashes++
		}
	}
	if hashes != freeTries {
		t.Errorf("%d of %d wrong passwords were tried at once, want %d", hashes, many, freeTries)
	}
}

func TestAClockThatWasSetBackKeepsNobodyOut(t *testing.T) {
	s, c := open(t)
	joined(t, s, "Tim", Technician)
	for range perSource {
		if _, err := s.SignIn(t.Context(), "Tim", "wrong", "10.0.0.1"); err == nil {
			t.Fatal("a wrong password signs in")
		}
	}
	c.pass(-365 * 24 * time.Hour)
	signIn(t, s, "Tim")
}

func TestAThousandGuessesInAMinuteAreFew(t *testing.T) {
	s, c := open(t)
	joined(t, s, "Tim", Technician)
	tried := 0
	for range 1000 {
		_, err := s.Check(t.Context(), "Tim", "wrong")
		if fault.Of(err).Message == wrong().Message {
			tried++
		}
		c.pass(60 * time.Millisecond)
	}
	if want := freeTries + 1; tried != want { // and one when the first wait was over
		t.Errorf("%d of 1,000 guesses were tried, want %d", tried, want)
	}
}
