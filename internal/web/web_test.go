package web

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"secretome/internal/account"
	"secretome/internal/api"
	"secretome/internal/artifact"
	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/lab"
	"secretome/internal/logbook"
	"secretome/internal/record"
)

// desk is the pages over a laboratory in memory, with one person of each role.
type desk struct {
	http.Handler
	tokens map[string]string // by role
}

type ctx = context.Context

// byToken signs in by a token in the place of a password.
type byToken struct{ lab *lab.Lab }

func (b byToken) SignIn(_ ctx, name, password, _ string) (string, error) {
	if who, err := b.lab.SignIn(password); err != nil || who.Name != name {
		return "", fault.New(fault.Forbidden, "Name or password is wrong").Field("password")
	}
	return password, nil
}

func (b byToken) Check(c ctx, name, password, from string) (record.Actor, error) {
	if _, err := b.SignIn(c, name, password, from); err != nil {
		return record.Actor{}, err
	}
	return b.lab.SignIn(password)
}

func (byToken) SignOut(ctx, string) error { return nil }

// The badges of two people of the bench.
const (
	marasBadge = "BDG-MMMMMMMMMMMMMMMM"
	jonasBadge = "BDG-JJJJJJJJJJJJJJJJ"
)

func (byToken) CheckBadge(_ ctx, badge, _ string) (record.Actor, error) {
	name, ok := map[string]string{marasBadge: "Mara Thiel", jonasBadge: "Jonas Weber"}[badge]
	if !ok {
		return record.Actor{}, fault.New(fault.Forbidden, "This badge is unknown here, or counts no more")
	}
	return record.Actor{Kind: record.Person, Name: name, Role: account.Technician}, nil
}

func (byToken) SignInByBadge(ctx, string, string) (string, error) {
	return "", fault.New(fault.Refused, "this server keeps no accounts")
}

func open(t *testing.T) desk {
	t.Helper()
	dir := t.TempDir()
	x, err := index.Open(t.Context(), filepath.Join(dir, "index.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	var people []account.Person
	for _, role := range account.Roles() {
		people = append(people, account.Person{Name: "The " + role, Role: role})
	}
	book, err := account.Ensure(filepath.Join(dir, "credentials.json"), people)
	if err != nil {
		t.Fatal(err)
	}
	bucket := &artifact.Mem{}
	l := lab.New(lab.Deps{
		Logbooks: logbook.New(bucket, x, zerolog.Nop()), Index: x, Artifacts: artifact.New(bucket, dir), People: book, Program: "test", Now: time.Now,
	})
	uploads := api.Uploads(l, api.Options{Log: zerolog.Nop()})
	d := desk{New(l, Options{Log: zerolog.Nop(), Accounts: byToken{l}, Uploads: uploads}), map[string]string{}}
	for _, p := range book.People() {
		d.tokens[p.Role], _ = book.Token(p.Name) // they were just made
	}
	return d
}

// get answers a page as a person of a role sees it.
func (d desk) get(role, path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	return d.do(role, r)
}

func (d desk) do(role string, r *http.Request) *httptest.ResponseRecorder {
	r.Host = "localhost"
	if token, ok := d.tokens[role]; ok {
		r.AddCookie(&http.Cookie{Name: sessionCookie, Value: token})
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

func (d desk) post(role, path, form string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return d.do(role, r)
}

func TestWhoIsNotSignedInIsAskedTo(t *testing.T) {
	d := open(t)
	w := d.get("", "/runs?state=all")
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != "/login?back=%2Fruns%3Fstate%3Dall" {
		t.Errorf("a stranger gets %d and is sent to %q", w.Code, to)
	}
	if w := d.post("", "/login", "name=The+manager&password=wrong"); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "Name or password is wrong") {
		t.Errorf("a wrong password: %d %s", w.Code, w.Body)
	}
	w = d.post("", "/login", "name=The+technician&password="+d.tokens[account.Technician]+"&back=//evil.example/")
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != "/tasks" || !strings.Contains(w.Header().Get("Set-Cookie"), "HttpOnly; SameSite=Lax") {
		t.Errorf("the right password: %d to %q, %v", w.Code, to, w.Header())
	}
}

func TestEveryPageKeepsTheRules(t *testing.T) {
	d := open(t)
	inline := regexp.MustCompile(`(?i)<style|<script(?:[^>]*)>[^<]|\son[a-z]+=|\sstyle=|javascript:`)
	for _, path := range []string{"/login?back=/", "/runs", "/runs?state=all&q=%3Cscript%3E", "/nothing-here"} {
		w := d.get(account.Manager, path)
		body := w.Body.String()
		if found := inline.FindString(body); found != "" {
			t.Errorf("%s has %q in it", path, found)
		}
		if strings.Count(body, "<h1") != 1 || !strings.Contains(body, `lang="en"`) || strings.Contains(body, "<script>") {
			t.Errorf("%s: one heading, a language, and nothing of what was typed as markup:\n%s", path, body)
		}
		if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", path, csp)
		}
	}
}

func TestAForeignSiteCannotPost(t *testing.T) {
	d := open(t)
	r := httptest.NewRequest(http.MethodPost, "/logout", nil)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if w := d.do(account.Manager, r); w.Code != http.StatusForbidden {
		t.Errorf("a post of another site is answered with %d", w.Code)
	}
}
