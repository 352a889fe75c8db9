package account

import (
	"testing"

	"secretome/internal/fault"
	"secretome/internal/record"
)

func TestARoleIsChangedByAnAdministratorAndNotOnesOwn(t *testing.T) {
	for _, test := range []struct {
		name, by, whose, role string
		want                  fault.Kind // Internal: it is changed
	}{
		{"to another one", "Ida", "Tim", Reviewer, fault.Internal},
		{"to none", "Ida", "Tim", "king", fault.Invalid},
		{"to the same", "Ida", "Tim", Technician, fault.Conflict},
		{"one's own", "ida", "Ida", Manager, fault.Refused},
		{"nobody's", "Ida", "Zoe", Reviewer, fault.NotFound},
		{"of the last administrator", "operator", "Ida", Manager, fault.Refused},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, _ := open(t)
			joined(t, s, "Ida", Administrator)
			joined(t, s, "Tim", Technician)
			token, _, err := s.NewToken(t.Context(), by("Tim"), "Tim", Act, s.now().AddDate(0, 0, 1))
			if err != nil {
				t.Fatal(err)
			}
			session := signIn(t, s, "Tim")
			err = s.ChangeRole(t.Context(), by(test.by), test.whose, test.role)
			changed := test.want == fault.Internal
			if changed != (err == nil) || !changed && !fault.Is(err, test.want) {
				t.Fatalf("ChangeRole = %v, want %s", err, test.want)
			}
			if _, err := s.Touch(t.Context(), session); (err == nil) == changed {
				t.Errorf("the session of before: %v", err)
			}
			want := Technician
			if changed {
				want = test.role
			}
			if who, _, err := s.ByToken(t.Context(), token); err != nil || who.Role != want {
				t.Errorf("the token acts as %s, %v, want %s", who.Role, err, want)
			}
		})
	}
}

func TestTwoAdministratorsDoNotTakeTheRoleFromEachOther(t *testing.T) {
	s, _ := open(t)
	joined(t, s, "Ida", Administrator)
	joined(t, s, "Ada", Administrator)
	if err := s.ChangeRole(t.Context(), by("Ida"), "Ada", Auditor); err != nil {
		t.Fatal(err)
	}
	if err := s.ChangeRole(t.Context(), by("Ada"), "Ida", Auditor); !fault.Is(err, fault.Refused) { // who was asked at the same moment
		t.Errorf("the last one: %v, want refused", err)
	}
	var last Event
	if err := s.Deliver(t.Context(), func(e Event) error { last = e; return nil }); err != nil {
		t.Fatal(err)
	}
	if b := last.Body; last.Kind != record.RoleChanged || b.Person != "Ada" || b.Role != Auditor || b.Was != Administrator {
		t.Errorf("the last event is %+v", last)
	}
}
