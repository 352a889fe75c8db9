package account

import (
	"strings"
	"testing"
	"time"

	"golang.org/x/text/unicode/norm"

	"secretome/internal/fault"
)

func TestAPersonChangesTheirOwnPassword(t *testing.T) {
	s, _ := open(t)
	joined(t, s, "Tim", Technician)
	mine, other := signIn(t, s, "Tim"), signIn(t, s, "Tim")
	const next = "amber ladder nineteen"
	for _, test := range []struct {
		name, before, after, field string
		want                       fault.Kind
	}{
		{"the one before is wrong", "wrong wrong wrong", next, "before", fault.Forbidden},
		{"the new one is bad", good, "short", "password", fault.Invalid},
		{"nothing changes", good, good, "password", fault.Invalid},
	} {
		err := s.ChangePassword(t.Context(), by("Tim"), "Tim", test.before, test.after, mine)
		if f := fault.Of(err); f.Kind != test.want || f.Place.Field != test.field {
			t.Errorf("%s: %v at %q", test.name, err, f.Place.Field)
		}
	}
	if err := s.ChangePassword(t.Context(), by("Tim"), "tim", good, next, mine); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Touch(t.Context(), mine); err != nil {
		t.Errorf("the session that changed it has ended: %v", err)
	}
	if _, err := s.Touch(t.Context(), other); !fault.Is(err, fault.Forbidden) {
		t.Errorf("another session goes on: %v", err)
	}
	if _, err := s.SignIn(t.Context(), "Tim", next, ""); err != nil {
		t.Errorf("the new password: %v", err)
	}
}

func TestAPersonSeesAndEndsTheirSessions(t *testing.T) {
	s, c := open(t)
	joined(t, s, "Tim", Technician)
	joined(t, s, "Eva", Technician)
	signIn(t, s, "Eva")
	old := signIn(t, s, "Tim")
	c.pass(10 * time.Minute)
	mine := signIn(t, s, "Tim")
	all, err := s.Sessions(t.Context(), "Tim", mine)
	if err != nil || len(all) != 2 || !all[0].This || all[1].This || c.Now().Sub(all[1].Began) != 10*time.Minute {
		t.Fatalf("Sessions = %+v, %v", all, err)
	}
	if err := s.SignOutOthers(t.Context(), "Tim", mine); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Touch(t.Context(), old); !fault.Is(err, fault.Forbidden) {
		t.Errorf("the other session goes on: %v", err)
	}
	c.pass(30 * time.Minute)
	if all, err := s.Sessions(t.Context(), "Tim", mine); err != nil || len(all) != 0 {
		t.Errorf("a session that has ended is listed: %+v, %v", all, err)
	}
}

func TestPeekingKeepsNoSessionAlive(t *testing.T) {
	s, c := open(t)
	joined(t, s, "Tim", Technician)
	session := signIn(t, s, "Tim")
	for range 2 {
		c.pass(14 * time.Minute)
		got, err := s.Peek(t.Context(), session)
		if err != nil || got.Name != "Tim" {
			t.Fatalf("Peek = %+v, %v", got, err)
		}
	}
	c.pass(2 * time.Minute)
	if _, err := s.Peek(t.Context(), session); !fault.Is(err, fault.Forbidden) {
		t.Errorf("after 30 minutes without use: %v", err)
	}
}

func TestWhoIsInvitedIsToldWithoutUsingTheLink(t *testing.T) {
	s, c := open(t)
	first, _, err := s.SetUp(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Invited(t.Context(), first.Token); err != nil || got != (Invited{"", first.Expires}) {
		t.Errorf("the set-up: %+v, %v", got, err)
	}
	link, err := s.Add(t.Context(), by("Ida"), Account{Person: Person{"Tim", Technician}})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if got, err := s.Invited(t.Context(), link.Token); err != nil || got != (Invited{"Tim", link.Expires}) {
			t.Errorf("an invitation: %+v, %v", got, err)
		}
	}
	c.pass(7 * 24 * time.Hour)
	for _, token := range []string{link.Token, "", "never was"} {
		if _, err := s.Invited(t.Context(), token); !fault.Is(err, fault.Forbidden) {
			t.Errorf("link %q: %v", token, err)
		}
	}
}

func TestANameThatPeopleTakeForAnotherIsRefused(t *testing.T) {
	s, _ := open(t)
	joined(t, s, "Mara Thiel", Technician)
	joined(t, s, "Zoë", Technician)
	for _, test := range []struct {
		name, person string
		want         fault.Kind
		words        string
	}{
		{"D23: a Cyrillic a among Latin letters", "Mаra Roth", fault.Invalid, "look alike"},
		{"a Greek o among Latin letters", "Jοnas", fault.Invalid, "look alike"},
		{"1 for l", "Mara Thie1", fault.Invalid, `looks like "Mara Thiel"`},
		{"D24: the same name put together in another way", norm.NFD.String("Zoë"), fault.Conflict, "already"},
		{"full-width letters", "Ｚｏë", fault.Conflict, "already"},
		{"a name that is an address here", "me", fault.Invalid, "something else"},
	} {
		_, err := s.Add(t.Context(), by("Ida"), Account{Person: Person{test.person, Technician}})
		if f := fault.Of(err); f.Kind != test.want || f.Place.Field != "name" || !strings.Contains(f.Message, test.words) {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	for _, sound := range []string{"Мара Тиль", "Ζωή Παπά", "山田 太郎 Taro", "Jürgen O'Neill", "Şule"} {
		if _, err := s.Add(t.Context(), by("Ida"), Account{Person: Person{sound, Technician}}); err != nil {
			t.Errorf("%s: %v", sound, err)
		}
	}
	if _, err := s.SignIn(t.Context(), norm.NFD.String("Zoë"), good, ""); err != nil {
		t.Errorf("signing in with the name put together in another way: %v", err)
	}
	if _, err := s.Add(t.Context(), by("Ida"), Account{Person: Person{norm.NFD.String("André"), Technician}}); err != nil {
		t.Fatal(err)
	}
	if a, err := s.Find(t.Context(), "André"); err != nil || a.Name != norm.NFC.String("André") {
		t.Errorf("André is kept as %+q, %v", a.Name, err)
	}
}
