package lab

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"secretome/internal/account"
	"secretome/internal/artifact"
	"secretome/internal/fault"
	"secretome/internal/logbook"
	"secretome/internal/record"
)

var ida = record.Actor{Kind: record.Person, Name: "Ida", Role: account.Administrator}

const password = "violet harbour seven"

// openAccounts returns a laboratory that keeps accounts, with those of the
// credentials file in it.
func openAccounts(t *testing.T) *Lab {
	t.Helper()
	l, _ := open(t)
	keepAccounts(t, l)
	return l
}

func keepAccounts(t *testing.T, l *Lab) {
	t.Helper()
	var err error
	l.Accounts, err = account.Open(t.Context(), filepath.Join(t.TempDir(), account.File), noon, account.Settings{Cost: account.Cost{Memory: 64, Passes: 1, Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Accounts.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := l.Adopt(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// eva adds Eva, who sets her password, and signs her in.
func eva(t *testing.T, l *Lab) (session string) {
	t.Helper()
	done, err := l.AddPerson(t.Context(), ida, request1, account.Account{Person: account.Person{Name: "Eva", Role: account.Technician}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := l.SetPassword(t.Context(), request2, account.Redemption{Token: done.Link.Token, Password: password}); err != nil {
		t.Fatal(err)
	}
	if session, err = l.Accounts.SignIn(t.Context(), "Eva", password, ""); err != nil {
		t.Fatal(err)
	}
	return session
}

// recordedPeople lists what the laboratory's logbook says of accounts, but for
// those of the credentials file.
func recordedPeople(t *testing.T, l *Lab) (kinds []record.Kind) {
	t.Helper()
	all, err := l.Logbooks.Read(t.Context(), Logbook, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range all {
		if r.By.Kind == record.Person {
			kinds = append(kinds, r.Kind)
		}
	}
	return kinds
}

func TestWhatIsDoneToAnAccountIsRecordedOnce(t *testing.T) {
	l := openAccounts(t)
	person := account.Account{Person: account.Person{Name: "Eva", Role: account.Technician}}
	add := func(request string) (PersonActed, error) { return l.AddPerson(t.Context(), ida, request, person) }
	requests := map[string]string{}
	for _, step := range []struct {
		name string
		do   func(request string) (PersonActed, error)
	}{
		{"add", add},
		{"disable", func(r string) (PersonActed, error) { return l.DisablePerson(t.Context(), ida, r, "Eva") }},
		{"enable", func(r string) (PersonActed, error) { return l.EnablePerson(t.Context(), ida, r, "eva") }},
		{"reset", func(r string) (PersonActed, error) { return l.ResetPerson(t.Context(), ida, r, "Eva") }},
	} {
		requests[step.name] = uuid.NewString()
		first, err := step.do(requests[step.name])
		if err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		again, err := step.do(requests[step.name])
		if err != nil || again.Record != first.Record || first.Record.Number == 0 || again.Name != "Eva" && again.Name != "eva" {
			t.Errorf("%s again: %+v, %v, first %+v", step.name, again, err, first)
		}
		if first.Link.Token != "" && again.Link.Token == first.Link.Token {
			t.Errorf("%s again has the same link", step.name)
		}
	}
	want := []record.Kind{record.PersonAdded, record.PersonDisabled, record.PersonEnabled, record.PasswordReset}
	if got := recordedPeople(t, l); !slices.Equal(got, want) {
		t.Errorf("records are %v, want %v", got, want)
	}
	if _, err := add(requests["reset"]); !fault.Is(err, fault.Conflict) {
		t.Errorf("a request ID of another act: %v, want conflict", err)
	}
	if _, err := add(uuid.NewString()); !fault.Is(err, fault.Conflict) {
		t.Errorf("the same name: %v, want conflict", err)
	}
}

func TestATokenSaysWhoAndWhatItIsGoodFor(t *testing.T) {
	l := openAccounts(t)
	session := eva(t, l)
	evasToken, err := l.NewToken(t.Context(), record.Actor{Kind: record.Person, Name: "Eva", Role: account.Technician}, TokenRequest{uuid.NewString(), "Eva", account.Act, noon().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	book, _ := l.People.Token("Tim")
	for _, test := range []struct {
		name, token, who string
		scope            account.Scope
	}{
		{"of the credentials file", book, "Tim", account.All},
		{"of a session", session, "Eva", account.All},
		{"of a script", evasToken.Secret, "Eva", account.Act},
	} {
		got, err := l.Identify(t.Context(), test.token)
		if err != nil || got.Who.Name != test.who || got.Scope != test.scope {
			t.Errorf("%s: Identify = %+v, %v", test.name, got, err)
		}
		if _, err := l.SignIn(test.token); (err == nil) != (test.scope == account.All) {
			t.Errorf("%s: SignIn = %v", test.name, err)
		}
	}
	if err := (Access{Scope: account.Read}).May(account.Act); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a token that reads may act: %v", err)
	}
	for _, name := range []string{"Eva", "Tim"} {
		if _, err := l.DisablePerson(t.Context(), ida, uuid.NewString(), name); err != nil {
			t.Fatal(err)
		}
	}
	for _, token := range []string{book, session, evasToken.Secret, "", "x"} {
		if got, err := l.Identify(t.Context(), token); !fault.Is(err, fault.Forbidden) {
			t.Errorf("after both were disabled Identify = %+v, %v, want forbidden", got, err)
		}
	}
}

func TestTokensThatActAreMadeByWhomTheyActFor(t *testing.T) {
	l := openAccounts(t)
	eva(t, l)
	me := record.Actor{Kind: record.Person, Name: "Eva", Role: account.Technician}
	for _, test := range []struct {
		name  string
		who   record.Actor
		of    string
		scope account.Scope
		ok    bool
	}{
		{"one's own", me, "Eva", account.All, true},
		{"somebody else's", me, "Tim", account.Act, false},
		{"somebody else's that reads", me, "Tim", account.Read, false},
		{"nobody's", me, "Zoe", account.Read, false},
		{"an administrator's for somebody that acts", ida, "Eva", account.Act, false},
		{"an administrator's for somebody that reads", ida, "Eva", account.Read, true},
	} {
		_, err := l.NewToken(t.Context(), test.who, TokenRequest{uuid.NewString(), test.of, test.scope, noon().Add(time.Hour)})
		if test.ok && err != nil || !test.ok && !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: NewToken = %v, want ok = %v", test.name, err, test.ok)
		}
	}
	all, err := l.Tokens(t.Context(), ida, "Eva")
	if err != nil || len(all) != 2 {
		t.Fatalf("Tokens = %+v, %v", all, err)
	}
	if _, err := l.Tokens(t.Context(), tim, "Eva"); !fault.Is(err, fault.Forbidden) {
		t.Errorf("Tokens of somebody else = %v, want forbidden", err)
	}
	if _, err := l.RevokeToken(t.Context(), tim, uuid.NewString(), "Eva", all[0].ID); !fault.Is(err, fault.Forbidden) {
		t.Errorf("RevokeToken of somebody else = %v, want forbidden", err)
	}
	request := uuid.NewString()
	for range 2 {
		if _, err := l.RevokeToken(t.Context(), me, request, "Eva", all[0].ID); err != nil {
			t.Errorf("RevokeToken = %v", err)
		}
	}
}

// silent is a bucket that takes nothing while it is told so.
type silent struct {
	logbook.Objects
	yes bool
}

func (s *silent) Create(ctx context.Context, key string, data []byte) (bool, error) {
	if s.yes {
		return false, errors.New("the store is away")
	}
	return s.Objects.Create(ctx, key, data)
}

func TestWhatWasDoneWhileTheStoreWasAwayIsRecordedLater(t *testing.T) {
	l, _ := open(t)
	bucket := &silent{Objects: &artifact.Mem{}}
	l.Logbooks = logbook.New(bucket, l.Index, zerolog.Nop())
	keepAccounts(t, l)
	bucket.yes = true
	add := func() (PersonActed, error) {
		return l.AddPerson(t.Context(), ida, request1, account.Account{Person: account.Person{Name: "Eva", Role: account.Technician}})
	}
	if _, err := add(); err == nil {
		t.Fatal("an act was answered that is not recorded")
	}
	bucket.yes = false
	if done, err := add(); err != nil || done.Record.Number == 0 || done.Link.Token == "" {
		t.Errorf("the same request again: %+v, %v", done, err)
	}
	if got := recordedPeople(t, l); !slices.Equal(got, []record.Kind{record.PersonAdded}) {
		t.Errorf("records are %v", got)
	}
}

func TestPasswordsAreSetOnce(t *testing.T) {
	l := openAccounts(t)
	eva(t, l)
	// Whoever sends the same request again is told the same, though the link is used.
	if done, err := l.SetPassword(t.Context(), request2, account.Redemption{Token: "used", Password: password}); err != nil || done.Name != "Eva" {
		t.Errorf("SetPassword again = %+v, %v", done, err)
	}
	if _, err := l.SetPassword(t.Context(), request3, account.Redemption{Token: "used", Password: password}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("SetPassword with a used link = %v, want forbidden", err)
	}
	if _, err := l.SetPassword(t.Context(), request1, account.Redemption{}); !fault.Is(err, fault.Conflict) {
		t.Errorf("SetPassword with the request of another act = %v, want conflict", err)
	}
}

func TestOneCanHandOverToSomebodyWithAnAccount(t *testing.T) {
	l := openAccounts(t)
	eva(t, l)
	if err := l.checkHeir(t.Context(), account.Technician, "Eva"); err != nil {
		t.Errorf("to Eva: %v", err)
	}
	if _, err := l.DisablePerson(t.Context(), ida, uuid.NewString(), "Eva"); err != nil {
		t.Fatal(err)
	}
	if err := l.checkHeir(t.Context(), account.Technician, "Eva"); !fault.Is(err, fault.NotFound) {
		t.Errorf("to Eva, who is disabled: %v, want not found", err)
	}
}

func TestALaboratoryWithoutAccountsSaysSo(t *testing.T) {
	l, _ := open(t)
	if _, err := l.ListPeople(t.Context(), ida); !fault.Is(err, fault.Refused) {
		t.Errorf("ListPeople = %v, want refused", err)
	}
	if _, err := l.SetPassword(t.Context(), request1, account.Redemption{}); !fault.Is(err, fault.Refused) {
		t.Errorf("SetPassword = %v, want refused", err)
	}
	if _, err := l.Tokens(t.Context(), tim, "Tim"); !fault.Is(err, fault.Refused) {
		t.Errorf("Tokens = %v, want refused", err)
	}
}
