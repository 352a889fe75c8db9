package lab

import (
	"slices"
	"testing"

	"github.com/google/uuid"

	"secretome/internal/account"
	"secretome/internal/fault"
	"secretome/internal/record"
)

func TestASessionByBadgeActsAndNoMore(t *testing.T) {
	l := openAccounts(t)
	eva(t, l)
	given, err := l.GiveBadge(t.Context(), ida, uuid.NewString(), "Eva")
	if err != nil || !account.HasBadge(given.Secret) || given.Record.Number == 0 {
		t.Fatalf("GiveBadge = %+v, %v", given, err)
	}
	session, err := l.Accounts.SignInByBadge(t.Context(), given.Secret, "")
	if err != nil {
		t.Fatal(err)
	}
	a, err := l.Identify(t.Context(), session)
	if err != nil || a.Who.Name != "Eva" || a.Scope != account.Act || !a.Badge || a.Ends.IsZero() {
		t.Errorf("Identify = %+v, %v", a, err)
	}
	for _, c := range Commands() {
		of := slices.Contains([]Command{AddPerson, DisablePerson, EnablePerson, ResetPerson, ChangeRole, GiveBadge, TakeBadge, MakeToken, RevokeToken, ChangePassword, EndSessions}, c)
		if err := a.May(c.Needs()); of != fault.Is(err, fault.Forbidden) || !of && err != nil {
			t.Errorf("%s: May = %v", c, err)
		}
	}
	if other, err := l.BeginSession(t.Context(), session); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a session without a badge is begun by it: %q, %v", other, err)
	}
}

func TestBadgesAndRolesAreRecordedOnce(t *testing.T) {
	l := openAccounts(t)
	eva(t, l)
	before := len(recordedPeople(t, l))
	give, role, take := uuid.NewString(), uuid.NewString(), uuid.NewString()
	if _, err := l.GiveBadge(t.Context(), ida, give, "Eva"); err != nil {
		t.Fatal(err)
	}
	if again, err := l.GiveBadge(t.Context(), ida, give, "Eva"); !fault.Is(err, fault.Conflict) || again.Secret != "" {
		t.Errorf("GiveBadge again = %+v, %v, want conflict", again, err)
	}
	for range 2 {
		if done, err := l.ChangeRole(t.Context(), ida, role, "Eva", account.Reviewer); err != nil || done.Record.Number == 0 {
			t.Errorf("ChangeRole = %+v, %v", done, err)
		}
		if done, err := l.TakeBadge(t.Context(), ida, take, "Eva"); err != nil || done.Record.Number == 0 {
			t.Errorf("TakeBadge = %+v, %v", done, err)
		}
	}
	want := []record.Kind{record.BadgeGiven, record.RoleChanged, record.BadgeTaken}
	if got := recordedPeople(t, l)[before:]; !slices.Equal(got, want) {
		t.Errorf("records are %v, want %v", got, want)
	}
}

func TestWhoGetsNoBadgeAndWhoseRoleStays(t *testing.T) {
	l := openAccounts(t)
	eva(t, l)
	manager := record.Actor{Kind: record.Person, Name: "Mara", Role: account.Manager}
	give := func(who record.Actor, name string) error {
		_, err := l.GiveBadge(t.Context(), who, uuid.NewString(), name)
		return err
	}
	role := func(who record.Actor, name string) error {
		_, err := l.ChangeRole(t.Context(), who, uuid.NewString(), name, account.Quality)
		return err
	}
	for _, test := range []struct {
		name string
		got  error
		want fault.Kind
	}{
		{"a badge by a manager", give(manager, "Eva"), fault.Forbidden},
		{"a badge of who does nothing at the bench", give(ida, "operator"), fault.Refused},
		{"a badge of nobody", give(ida, "Zoe"), fault.NotFound},
		{"a role by a manager", role(manager, "Eva"), fault.Forbidden},
		{"a role that stands in the credentials file", role(ida, "Tim"), fault.Refused},
		{"a role of nobody", role(ida, "Zoe"), fault.NotFound},
	} {
		if !fault.Is(test.got, test.want) {
			t.Errorf("%s: %v, want %s", test.name, test.got, test.want)
		}
	}
}
