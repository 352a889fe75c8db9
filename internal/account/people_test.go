package account

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"secretome/internal/fault"
	"secretome/internal/record"
)

func TestTheFirstAdministratorSetsTheLaboratoryUp(t *testing.T) {
	s, c := open(t)
	old, ok, err := s.SetUp(t.Context())
	if err != nil || !ok {
		t.Fatalf("SetUp = %v, %v", ok, err)
	}
	link, ok, err := s.SetUp(t.Context()) // the server was started again
	if err != nil || !ok || link.Expires != c.Now().Add(24*time.Hour) {
		t.Fatalf("SetUp = %+v, %v, %v", link, ok, err)
	}
	for _, test := range []struct {
		name string
		d    Redemption
		want fault.Kind
	}{
		{"the link before the last", Redemption{old.Token, "Ida", good}, fault.Forbidden},
		{"a link that never was", Redemption{"", "Ida", good}, fault.Forbidden},
		{"no name", Redemption{link.Token, "", good}, fault.Invalid},
		{"a bad password", Redemption{link.Token, "Ida", "short"}, fault.Invalid},
	} {
		if _, err := s.Redeem(t.Context(), uuid.NewString(), test.d); !fault.Is(err, test.want) {
			t.Errorf("%s: Redeem = %v, want %s", test.name, err, test.want)
		}
	}
	who, err := s.Redeem(t.Context(), uuid.NewString(), Redemption{link.Token, "Ida", good})
	if err != nil || who.Person != (Person{"Ida", Administrator}) || !who.Password {
		t.Fatalf("Redeem = %+v, %v", who, err)
	}
	if _, err := s.Redeem(t.Context(), uuid.NewString(), Redemption{link.Token, "Eve", good}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("the second use of a link: %v, want forbidden", err)
	}
	if _, ok, err := s.SetUp(t.Context()); ok || err != nil {
		t.Errorf("SetUp behind the first administrator = %v, %v, want none", ok, err)
	}
	signIn(t, s, "ida")
}

func TestALinkEnds(t *testing.T) {
	s, c := open(t)
	link, err := s.Add(t.Context(), by("Ida"), Account{Person: Person{"Tim", Technician}})
	if err != nil || link.Expires != c.Now().Add(7*24*time.Hour) {
		t.Fatalf("Add = %+v, %v", link, err)
	}
	if _, err := s.Redeem(t.Context(), uuid.NewString(), Redemption{link.Token, "Eve", good}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("under another name: %v, want forbidden", err)
	}
	c.pass(7 * 24 * time.Hour)
	if _, err := s.Redeem(t.Context(), uuid.NewString(), Redemption{link.Token, "", good}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("after its end: %v, want forbidden", err)
	}
}

func TestABadPersonIsRefused(t *testing.T) {
	s, _ := open(t)
	joined(t, s, "Eva Roth", Technician)
	for _, test := range []struct {
		name string
		a    Account
		want fault.Kind
	}{
		{"no name", Account{Person: Person{"", Technician}}, fault.Invalid},
		{"61 characters", Account{Person: Person{strings.Repeat("é", 61), Technician}}, fault.Invalid},
		{"a line break", Account{Person: Person{"Eva\nRoth", Technician}}, fault.Invalid},
		{"an escape sequence", Account{Person: Person{"Eva\x1b[31m", Technician}}, fault.Invalid},
		{"text that turns round", Account{Person: Person{"Eva\u202eRoth", Technician}}, fault.Invalid},
		{"no UTF-8", Account{Person: Person{"Eva\xff", Technician}}, fault.Invalid},
		{"a blank at the end", Account{Person: Person{"Eva ", Technician}}, fault.Invalid},
		{"two points, which are a folder", Account{Person: Person{"..", Technician}}, fault.Invalid},
		{"another case", Account{Person: Person{"EVA roth", Technician}}, fault.Conflict},
		{"wide letters", Account{Person: Person{"Ｅva Roth", Technician}}, fault.Conflict},
		{"an unknown role", Account{Person: Person{"Tim", "king"}}, fault.Invalid},
		{"an address that is none", Account{Person: Person{"Tim", Technician}, Email: "Tim <tim@example.org>"}, fault.Invalid},
		{"a full name of two lines", Account{Person: Person{"Tim", Technician}, FullName: "Tim\nBo"}, fault.Invalid},
	} {
		if _, err := s.Add(t.Context(), by("Ida"), test.a); !fault.Is(err, test.want) {
			t.Errorf("%s: Add = %v, want %s", test.name, err, test.want)
		}
	}
	for _, name := range []string{strings.Repeat("é", 60), "李雷", "Tim/Bo", "R2"} {
		if _, err := s.Add(t.Context(), by("Ida"), Account{Person: Person{name, Technician}, Email: "a@example.org"}); err != nil {
			t.Errorf("Add(%q) = %v", name, err)
		}
	}
}

func TestABadPasswordIsRefused(t *testing.T) {
	for _, test := range []struct {
		name, password string
		ok             bool
	}{
		{"11 characters", "violet harb", false},
		{"12 characters", "violet harbo", true},
		{"12 characters that are 11 in one form", "violet hare\u0301", false},
		{"201 bytes", strings.Repeat("violet ", 29)[:201], false},
		{"200 bytes", strings.Repeat("violet ", 29)[:200], true},
		{"one of the worst", "Password1234", false},
		{"one key", strings.Repeat("a", 20), false},
		{"digits", "198419851986", false},
		{"the name", "Christopher Longname", false},
		{"the name and digits", "christopher longname 2026!", false},
		{"no UTF-8", "violet harbour \xff", false},
		{"a control character", "violet harbour\x00 seven", false},
		{"another alphabet", "мой любимый пароль", true},
	} {
		if err := checkPassword("Christopher Longname", test.password); (err == nil) != test.ok || (err != nil && !fault.Is(err, fault.Invalid)) {
			t.Errorf("%s: %v, want ok = %v", test.name, err, test.ok)
		}
	}
}

func TestAPasswordIsTheSameHoweverItIsTyped(t *testing.T) {
	s, _ := open(t)
	link, err := s.Add(t.Context(), by("Ida"), Account{Person: Person{"Tim", Technician}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Redeem(t.Context(), uuid.NewString(), Redemption{link.Token, "", "fünf blaue Würfel"}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Check(t.Context(), "TIM", "fu\u0308nf blaue Wu\u0308rfel"); err != nil {
		t.Errorf("Check in the other form = %v", err)
	}
	var hash string
	if err := s.db.QueryRowContext(t.Context(), "SELECT password FROM people").Scan(&hash); err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=64,t=1,p=1$") {
		t.Errorf("hash = %q, %v", hash, err)
	}
}

// The first choice is measured in memory, so it may not become cheaper unseen.
func TestTheDefaultHashCostsWhatWasDecided(t *testing.T) {
	if got, want := (Settings{}).filled(), (Settings{30 * time.Minute, 12 * time.Hour, Cost{64 << 10, 3, 1}}); got != want {
		t.Errorf("defaults are %+v, want %+v", got, want)
	}
}

func TestAHashThatCannotBeReadIsNamed(t *testing.T) {
	for _, hash := range []string{
		"x", "$argon2i$v=19$m=64,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=64,t=0,p=1$AAAA$" + strings.Repeat("A", 43),
		"$argon2id$v=19$m=4194304,t=1,p=1$AAAA$" + strings.Repeat("A", 43), "$argon2id$v=19$m=64,t=1,p=1$AAAA$AAAA", "$argon2id$v=19$m=64$AAAA$AAAA",
	} {
		s, _ := open(t)
		joined(t, s, "Tim", Technician)
		if _, err := s.db.ExecContext(t.Context(), "UPDATE people SET password = ?", hash); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Check(t.Context(), "Tim", good); !fault.Is(err, fault.Corrupt) {
			t.Errorf("%q: Check = %v, want corrupt", hash, err)
		}
	}
}

func TestADisabledPersonIsOutUntilEnabled(t *testing.T) {
	s, c := open(t)
	joined(t, s, "Tim", Technician)
	token, _, err := s.NewToken(t.Context(), by("Tim"), "Tim", Read, c.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Disable(t.Context(), by("tim"), "Tim"); !fault.Is(err, fault.Refused) {
		t.Errorf("by themselves: %v, want refused", err)
	}
	if err := s.Disable(t.Context(), by("Ida"), "Tim"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.ByToken(t.Context(), token); !fault.Is(err, fault.Forbidden) {
		t.Errorf("ByToken = %v, want forbidden", err)
	}
	if err := s.Disable(t.Context(), by("Ida"), "Tim"); !fault.Is(err, fault.Conflict) {
		t.Errorf("twice: %v, want conflict", err)
	}
	if _, err := s.Reset(t.Context(), by("Ida"), "Tim"); !fault.Is(err, fault.Conflict) {
		t.Errorf("Reset = %v, want conflict", err)
	}
	if err := s.Enable(t.Context(), by("Ida"), "Tim"); err != nil {
		t.Fatal(err)
	}
	signIn(t, s, "Tim")
	if err := s.Enable(t.Context(), by("Ida"), "Tim"); !fault.Is(err, fault.Conflict) {
		t.Errorf("enabled twice: %v, want conflict", err)
	}
}

func TestPeopleOfTheCredentialsAreAdoptedOnce(t *testing.T) {
	s, _ := open(t)
	program := func() By { return By{record.Actor{Kind: record.Program, Name: "secretome"}, uuid.NewString()} }
	for range 2 {
		if err := s.Adopt(t.Context(), program, []Person{Operator(), {"Mara", Manager}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Adopt(t.Context(), program, []Person{{"Mara", Auditor}}); !fault.Is(err, fault.Conflict) {
		t.Errorf("with another role: %v, want conflict", err)
	}
	all, err := s.People(t.Context())
	if err != nil || len(all) != 2 || all[0].Name != "Mara" || all[0].Password {
		t.Errorf("People = %+v, %v", all, err)
	}
	link, ok, err := s.SetUp(t.Context())
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	if _, err := s.Redeem(t.Context(), uuid.NewString(), Redemption{link.Token, "Mara", good}); !fault.Is(err, fault.Conflict) {
		t.Errorf("a manager as the first administrator: %v, want conflict", err)
	}
	if _, err := s.Redeem(t.Context(), uuid.NewString(), Redemption{link.Token, "operator", good}); err != nil {
		t.Errorf("the operator: %v", err)
	}
}
