package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"secretome/internal/account"
)

func TestAPersonComesInByTheLinkOfAnAdministrator(t *testing.T) {
	s := staff(t, nil)
	boss := s.browser()
	boss.signIn(t, name(account.Administrator), nil)
	w := boss.ask("POST", "/people", fill("name", "Eva Roth", "role", account.Technician), "/people")
	to := w.Header().Get("Location")
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(to, "/people/Eva%20Roth?told=") {
		t.Fatalf("adding is answered with %d to %q\n%s", w.Code, to, w.Body)
	}
	other := s.browser()
	other.signIn(t, name(account.Manager), nil)
	if strings.Contains(other.get(to).Body.String(), "/link/") {
		t.Error("somebody else sees the link")
	}
	link := regexp.MustCompile(`http://localhost(/link/[\w-]+)`).FindStringSubmatch(boss.get(to).Body.String())
	if link == nil {
		t.Fatal("the page does not show the link")
	}
	if strings.Contains(boss.get(to).Body.String(), "/link/") {
		t.Error("the link is shown twice")
	}
	eva := s.browser()
	if w := eva.get(link[1]); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Eva Roth") {
		t.Fatalf("the page of the link: %d", w.Code)
	}
	for _, bad := range []struct{ password, again, words string }{
		{"short", "short", "it needs at least 12"},
		{good, good + "x", "The two passwords differ"},
	} {
		if w := eva.ask("POST", link[1], fill("password", bad.password, "password-again", bad.again), ""); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), bad.words) {
			t.Errorf("%q: %d", bad.words, w.Code)
		}
	}
	if w := eva.ask("POST", link[1], fill("password", good, "password-again", good), ""); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/login?set=Eva+Roth" {
		t.Fatalf("setting the password: %d to %q", w.Code, w.Header().Get("Location"))
	}
	if w := eva.get(link[1]); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "was used, is over, or never was") {
		t.Errorf("a used link: %d", w.Code)
	}
	eva.signIn(t, "Eva Roth", nil)
	for _, verb := range []string{"disable", "enable", "reset"} {
		if w := boss.ask("POST", "/people/Nobody/"+verb, fill(), ""); w.Code != http.StatusNotFound {
			t.Errorf("%s nobody: %d", verb, w.Code)
		}
	}
	if w := boss.ask("POST", "/people/Eva%20Roth/disable", fill(), ""); w.Code != http.StatusSeeOther {
		t.Fatalf("disable: %d", w.Code)
	}
	if w := eva.get("/runs"); w.Code != http.StatusSeeOther {
		t.Errorf("a session goes on behind the disabling: %d", w.Code)
	}
	if w := boss.get("/people/Eva%20Roth"); !strings.Contains(w.Body.String(), "Let in again") {
		t.Error("the page does not offer to let her in again")
	}
	if w := boss.ask("POST", "/people/"+url.PathEscape(name(account.Administrator))+"/disable", fill(), ""); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "obody can disable themselves") {
		t.Errorf("an administrator disables themselves: %d", w.Code)
	}
}

func TestABadNameIsExplainedAtItsFieldAndWhatWasTypedStays(t *testing.T) {
	boss := staff(t, nil).browser()
	boss.signIn(t, name(account.Administrator), nil)
	w := boss.ask("POST", "/people", fill("name", "Mаra", "role", account.Reviewer, "email", "m@example.org"), "/people") // D23: the second letter is Cyrillic
	body := w.Body.String()
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(body, `id="name-wrong"`) || !strings.Contains(body, "look alike") || !strings.Contains(body, `value="m@example.org"`) || !strings.Contains(body, `value="reviewer" required checked`) {
		t.Errorf("%d\n%s", w.Code, body)
	}
}

func TestTheFirstAdministratorSetsUpInTheBrowser(t *testing.T) {
	s := staff(t, nil)
	if err := s.store.Disable(t.Context(), account.By{Request: "x"}, name(account.Administrator)); err != nil {
		t.Fatal(err)
	}
	link, ok, err := s.store.SetUp(t.Context())
	if err != nil || !ok {
		t.Fatal(ok, err)
	}
	b := s.browser()
	at := "/setup/" + link.Token
	if w := b.get(at); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Set up this laboratory") || !strings.Contains(w.Body.String(), "Your name") {
		t.Fatalf("the set-up: %d", w.Code)
	}
	if w := b.ask("POST", at, fill("name", "", "password", good, "password-again", good), ""); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), `id="name-wrong"`) {
		t.Errorf("without a name: %d", w.Code)
	}
	if w := b.ask("POST", at, fill("name", "Ida Berg", "password", good, "password-again", good), ""); w.Code != http.StatusSeeOther {
		t.Fatalf("the first administrator: %d\n%s", w.Code, w.Body)
	}
	b.signIn(t, "Ida Berg", nil)
	for _, over := range []string{at, "/setup/never-was"} {
		if w := b.get(over); w.Code != http.StatusNotFound || !strings.Contains(w.Body.String(), "was used, is over, or never was") {
			t.Errorf("%s: %d", over, w.Code)
		}
	}
	s.clock.pass(25 * time.Hour)
	if err := s.store.Disable(t.Context(), account.By{Request: "y"}, "Ida Berg"); err != nil {
		t.Fatal(err)
	}
	late, _, err := s.store.SetUp(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	s.clock.pass(25 * time.Hour)
	if w := b.get("/setup/" + late.Token); w.Code != http.StatusNotFound {
		t.Errorf("a link that is over: %d", w.Code)
	}
}

func TestAPersonLooksAfterTheirOwnAccount(t *testing.T) {
	s := staff(t, nil)
	b, other := s.browser(), s.browser()
	for _, each := range []*browser{b, other} {
		each.signIn(t, name(account.Technician), nil)
	}
	if w := b.get("/people"); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/people/me" {
		t.Errorf("who may not list people: %d to %q", w.Code, w.Header().Get("Location"))
	}
	if w := b.get("/people/" + url.PathEscape(name(account.Manager))); w.Code != http.StatusForbidden {
		t.Errorf("the account of somebody else: %d", w.Code)
	}
	if body := b.get("/people/me").Body.String(); strings.Count(body, "this browser") != 1 || strings.Count(body, "another one") != 1 {
		t.Error("the two sessions are not listed")
	}
	const next = "amber ladder nineteen"
	if w := b.ask("POST", "/people/me/password", fill("password-before", "wrong wrong wrong", "password", next, "password-again", next), ""); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "Your password so far is wrong") {
		t.Errorf("with a wrong password: %d", w.Code)
	}
	if w := b.ask("POST", "/people/me/password", fill("password-before", good, "password", next, "password-again", next), ""); w.Code != http.StatusSeeOther {
		t.Fatalf("changing the password: %d\n%s", w.Code, w.Body)
	}
	if w := other.get("/people/me"); w.Code != http.StatusSeeOther {
		t.Errorf("another session goes on: %d", w.Code)
	}
	w := b.ask("POST", "/people/"+url.PathEscape(name(account.Technician))+"/tokens", fill("scope", "read", "expires", s.clock.now().AddDate(0, 1, 0).Format(time.DateOnly)), "")
	if w.Code != http.StatusSeeOther {
		t.Fatalf("making a token: %d\n%s", w.Code, w.Body)
	}
	secret := regexp.MustCompile(`<code class="secret">([\w-]+)</code>`).FindStringSubmatch(b.get(w.Header().Get("Location")).Body.String())
	if secret == nil {
		t.Fatal("the token is not shown")
	}
	script := s.browser()
	script.cookies[sessionCookie] = secret[1]
	if w := script.get("/runs"); w.Code != http.StatusOK {
		t.Errorf("the token reads with %d", w.Code)
	}
	revoke := regexp.MustCompile(`action="(/people/[^"]*/revoke)"`).FindStringSubmatch(b.get("/people/me").Body.String())
	if revoke == nil {
		t.Fatal("no button revokes the token")
	}
	if w := b.ask("POST", revoke[1], fill("back", "/people/me"), ""); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/people/me" {
		t.Errorf("revoking: %d to %q", w.Code, w.Header().Get("Location"))
	}
	if w := script.get("/runs"); w.Code != http.StatusSeeOther {
		t.Errorf("a revoked token reads with %d", w.Code)
	}
	if w := b.ask("POST", "/people/"+url.PathEscape(name(account.Manager))+"/tokens", fill("scope", "act", "expires", "2099-01-01"), ""); w.Code != http.StatusForbidden {
		t.Errorf("a token for somebody else: %d", w.Code)
	}
}
