package api

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"secretome/internal/account"
	"secretome/internal/artifact"
	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/lab"
	"secretome/internal/logbook"
)

// serveAccounts returns a server that keeps accounts, and a client for any token.
func serveAccounts(t *testing.T) (*httptest.Server, *account.Book, *account.Store) {
	t.Helper()
	dir := t.TempDir()
	x, err := index.Open(t.Context(), filepath.Join(dir, "index.db"))
	if err != nil {
		t.Fatal(err)
	}
	people, err := account.Ensure(filepath.Join(dir, "credentials.json"), nil)
	if err != nil {
		t.Fatal(err)
	}
	accounts, err := account.Open(t.Context(), filepath.Join(dir, account.File), time.Now, account.Settings{Cost: account.Cost{Memory: 64, Passes: 1, Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
	bucket := &artifact.Mem{}
	books := logbook.New(bucket, x, zerolog.Nop())
	l := lab.New(lab.Deps{Temporal: empty{}, Logbooks: books, Index: x, Artifacts: artifact.New(bucket, dir), People: people, Accounts: accounts, Program: "test", Now: time.Now})
	if err := l.Adopt(t.Context()); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(held(t, New(l, Options{Log: zerolog.Nop(), Version: "test"})))
	t.Cleanup(func() {
		server.Close()
		if err := accounts.Close(); err != nil {
			t.Error(err)
		}
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return server, people, accounts
}

func as(t *testing.T, server *httptest.Server, token string) *client.Client {
	t.Helper()
	c, err := client.New(client.Options{URL: server.URL, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAPersonComesInByALinkAndGoesByADisabling(t *testing.T) {
	server, people, accounts := serveAccounts(t)
	token, _ := people.Token("operator")
	operator := as(t, server, token)
	const name, password = "Eva/Roth", "violet harbour seven" // a slash is a letter like others
	added, err := operator.AddPerson(t.Context(), client.NewRequest(), client.NewPerson{Name: name, Role: account.Technician})
	if err != nil || added.Link == "" || added.Record.Logbook != lab.Logbook {
		t.Fatalf("AddPerson = %+v, %v", added, err)
	}
	set, err := as(t, server, "").SetPassword(t.Context(), client.NewRequest(), client.Password{Link: added.Link, Password: password})
	if err != nil || set.Name != name || set.Link != "" {
		t.Fatalf("SetPassword = %+v, %v", set, err)
	}
	session, err := accounts.SignIn(t.Context(), name, password, "")
	if err != nil {
		t.Fatal(err)
	}
	eva := as(t, server, session)
	if me, err := eva.Me(t.Context()); err != nil || me.Name != name || me.Role != account.Technician {
		t.Errorf("Me = %+v, %v", me, err)
	}
	if _, err := eva.People(t.Context()); !fault.Is(err, fault.Forbidden) {
		t.Errorf("People as a technician = %v, want forbidden", err)
	}
	all, err := operator.People(t.Context())
	if err != nil || len(all) != len(account.Roles())+1 {
		t.Errorf("People = %+v, %v", all, err)
	}
	if _, err := operator.ActOnPerson(t.Context(), client.NewRequest(), name, client.PersonAct{Verb: "delete"}); !fault.Is(err, fault.Usage) {
		t.Errorf("an unknown verb: %v, want usage", err)
	}
	for _, verb := range []string{client.ResetPerson, client.DisablePerson} {
		if _, err := operator.ActOnPerson(t.Context(), client.NewRequest(), name, client.PersonAct{Verb: verb}); err != nil {
			t.Errorf("%s: %v", verb, err)
		}
		if _, err := eva.Me(t.Context()); !fault.Is(err, fault.Forbidden) {
			t.Errorf("Me after %s = %v, want forbidden", verb, err)
		}
	}
}

func TestABadgeIsGivenHereAndGoodForThePagesAlone(t *testing.T) {
	server, people, accounts := serveAccounts(t)
	token, _ := people.Token("operator")
	operator := as(t, server, token)
	do := func(name string, m client.PersonAct) (client.PersonActed, error) {
		return operator.ActOnPerson(t.Context(), client.NewRequest(), name, m)
	}
	given, err := do("technician", client.PersonAct{Verb: client.GiveBadge})
	if err != nil || !account.HasBadge(given.Badge) || given.Link != "" {
		t.Fatalf("giving a badge = %+v, %v", given, err)
	}
	session, err := accounts.SignInByBadge(t.Context(), given.Badge, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{session, given.Badge} {
		if me, err := as(t, server, secret).Me(t.Context()); !fault.Is(err, fault.Forbidden) {
			t.Errorf("Me = %+v, %v, want forbidden", me, err)
		}
	}
	all, err := operator.People(t.Context())
	if i := slices.IndexFunc(all, func(p client.Person) bool { return p.Name == "technician" }); err != nil || i < 0 || all[i].Badge.IsZero() {
		t.Errorf("People = %+v, %v", all, err)
	}
	if _, err := do("technician", client.PersonAct{Verb: client.TakeBadge}); err != nil {
		t.Error(err)
	}
	if _, err := accounts.SignInByBadge(t.Context(), given.Badge, ""); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a badge that was taken: %v, want forbidden", err)
	}
	if _, err := operator.AddPerson(t.Context(), client.NewRequest(), client.NewPerson{Name: "Eva", Role: account.Technician}); err != nil {
		t.Fatal(err)
	}
	if done, err := do("Eva", client.PersonAct{Verb: client.ChangeRole, Role: account.Reviewer}); err != nil || done.Name != "Eva" {
		t.Errorf("changing a role = %+v, %v", done, err)
	}
	if eva, err := accounts.Find(t.Context(), "Eva"); err != nil || eva.Role != account.Reviewer {
		t.Errorf("Eva is %+v, %v", eva, err)
	}
}

func TestATokenReachesAsFarAsItsScope(t *testing.T) {
	server, people, _ := serveAccounts(t)
	full, _ := people.Token("manager")
	manager := as(t, server, full)
	for _, test := range []struct {
		scope     account.Scope
		act, make bool
	}{{account.Read, false, false}, {account.Act, true, false}, {account.All, true, true}} {
		made, err := manager.NewToken(t.Context(), client.NewRequest(), "manager", client.NewToken{Scope: string(test.scope), Expires: time.Now().Add(time.Hour)})
		if err != nil || made.Token == "" {
			t.Fatalf("NewToken = %+v, %v", made, err)
		}
		c := as(t, server, made.Token)
		if _, err := c.Runs(t.Context()); err != nil {
			t.Errorf("%s: Runs = %v", test.scope, err)
		}
		_, err = c.VerifyArtifacts(t.Context(), client.NewRequest())
		if (err == nil) != test.act || err != nil && !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: a command = %v, want allowed = %v", test.scope, err, test.act)
		}
		_, err = c.NewToken(t.Context(), client.NewRequest(), "manager", client.NewToken{Scope: "all", Expires: time.Now().Add(time.Hour)})
		if (err == nil) != test.make || err != nil && !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s: NewToken = %v, want allowed = %v", test.scope, err, test.make)
		}
		if _, err := manager.RevokeToken(t.Context(), client.NewRequest(), "manager", made.ID); err != nil {
			t.Error(err)
		}
		if _, err := c.Runs(t.Context()); !fault.Is(err, fault.Forbidden) {
			t.Errorf("%s, revoked: Runs = %v, want forbidden", test.scope, err)
		}
	}
	all, err := manager.Tokens(t.Context(), "manager")
	if err != nil || len(all) != 4 { // three, and the one that the widest made
		t.Fatalf("Tokens = %+v, %v", all, err)
	}
	for _, listed := range all {
		if listed.Token != "" {
			t.Errorf("token %s is told a second time", listed.ID)
		}
	}
}

func TestABadPasswordOrLinkIsAProblem(t *testing.T) {
	server, people, _ := serveAccounts(t)
	token, _ := people.Token("operator")
	added, err := as(t, server, token).AddPerson(t.Context(), client.NewRequest(), client.NewPerson{Name: "Eva", Role: account.Technician})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, key, body string
		status          int
		text            string
	}{
		{"a link that never was", key, `{"link":"x","password":"violet harbour seven"}`, 403, "one-time link"},
		{"a short password", key, `{"link":"` + added.Link + `","password":"violet"}`, 422, "at least 12"},
		{"no request ID", "", `{"link":"` + added.Link + `","password":"violet harbour seven"}`, 422, "request ID"},
		{"no JSON", key, `{`, 400, "too early"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/api/v1/password", strings.NewReader(test.body))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set(client.KeyHeader, test.key)
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(answer.Body)
		if err := errors.Join(err, answer.Body.Close()); err != nil {
			t.Fatal(err)
		}
		if answer.StatusCode != test.status || !strings.Contains(string(text), test.text) || strings.Contains(string(text), added.Link) {
			t.Errorf("%s: answered %d, %s, want %d with %q", test.name, answer.StatusCode, string(text), test.status, test.text)
		}
	}
}
