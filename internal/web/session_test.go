package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"secretome/internal/account"
	"secretome/internal/artifact"
	"secretome/internal/index"
	"secretome/internal/lab"
	"secretome/internal/logbook"
	"secretome/internal/record"
)

// clockwork is a clock that a test sets.
type clockwork struct {
	mu sync.Mutex
	at time.Time
}

func (c *clockwork) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clockwork) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// byAccount signs in by the store alone.
type byAccount struct{ *account.Store }

func (b byAccount) Check(c ctx, name, password, _ string) (record.Actor, error) {
	a, err := b.Store.Check(c, name, password)
	return a.Actor(), err
}

func (b byAccount) CheckBadge(c ctx, badge, from string) (record.Actor, error) {
	a, err := b.ByBadge(c, badge, from)
	return a.Actor(), err
}

// good is a password that everybody has in these tests.
const good = "violet harbour seven"

// staffed is the pages over accounts, with one person of each role, who are called
// by it, and a clock.
type staffed struct {
	http.Handler
	lab   *lab.Lab
	store *account.Store
	clock *clockwork
}

// staff opens the pages with accounts.
func staff(t *testing.T, change func(*Options)) staffed {
	t.Helper()
	dir := t.TempDir()
	x, err := index.Open(t.Context(), filepath.Join(dir, "index.db"))
	if err != nil {
		t.Fatal(err)
	}
	c := &clockwork{at: time.Now()}
	store, err := account.Open(t.Context(), filepath.Join(dir, account.File), c.now, account.Settings{Cost: account.Cost{Memory: 64, Passes: 1, Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, closer := range []interface{ Close() error }{store, x} {
			if err := closer.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	book, err := account.Ensure(filepath.Join(dir, "credentials.json"), nil)
	if err != nil {
		t.Fatal(err)
	}
	bucket := &artifact.Mem{}
	l := lab.New(lab.Deps{Logbooks: logbook.New(bucket, x, zerolog.Nop()), Index: x, Artifacts: artifact.New(bucket, dir), People: book, Accounts: store, Program: "test", Now: c.now})
	s := staffed{lab: l, store: store, clock: c}
	for _, role := range account.Roles() {
		s.join(t, name(role), role)
	}
	o := Options{Log: zerolog.Nop(), Accounts: byAccount{store}}
	if change != nil {
		change(&o)
	}
	s.Handler = New(l, o)
	return s
}

// name is what the person of a role is called.
func name(role string) string { return "Person of " + role }

func (s staffed) join(t *testing.T, name, role string) {
	t.Helper()
	by := account.By{Who: record.Actor{Kind: record.Program, Name: "test"}, Request: uuid.NewString()}
	link, err := s.store.Add(t.Context(), by, account.Account{Person: account.Person{Name: name, Role: role}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.Redeem(t.Context(), uuid.NewString(), account.Redemption{Token: link.Token, Password: good}); err != nil {
		t.Fatal(err)
	}
}

// browser keeps cookies, as one does.
type browser struct {
	staffed
	cookies map[string]string
	host    string
}

func (s staffed) browser() *browser {
	return &browser{s, map[string]string{}, "localhost"}
}

// ask sends a request, and keeps the cookies of the answer.
func (b *browser) ask(method, path string, form url.Values, from string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Host = b.host
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if from != "" {
		r.Header.Set("Referer", "http://"+b.host+from)
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		if b.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	return w
}

func (b *browser) get(path string) *httptest.ResponseRecorder { return b.ask("GET", path, nil, "") }

func (b *browser) signIn(t *testing.T, name string, more url.Values) *httptest.ResponseRecorder {
	t.Helper()
	form := url.Values{"name": {name}, "password": {good}}
	for k, v := range more {
		form[k] = v
	}
	w := b.ask("POST", "/login", form, "")
	if w.Code != http.StatusSeeOther {
		t.Fatalf("%s does not come in: %d\n%s", name, w.Code, w.Body)
	}
	return w
}

// hidden is the value of a hidden input of a page.
func hidden(t *testing.T, body, name string) string {
	t.Helper()
	found := regexp.MustCompile(`<input type="hidden" name="` + name + `" value="([^"]*)"`).FindStringSubmatch(body)
	if found == nil {
		t.Fatalf("no hidden input %s in\n%s", name, body)
	}
	return found[1]
}

func TestASessionIsNewAtEachSignInAndEndsByItself(t *testing.T) {
	b := staff(t, nil).browser()
	b.cookies[sessionCookie] = "planted by somebody else" // session fixation
	b.signIn(t, name(account.Technician), nil)
	first := b.cookies[sessionCookie]
	b.signIn(t, name(account.Technician), nil)
	if second := b.cookies[sessionCookie]; first == second || first == "planted by somebody else" {
		t.Errorf("two sign-ins have the sessions %q and %q", first, second)
	}
	other := b.browser()
	other.cookies[sessionCookie] = first
	if w := other.get("/runs"); w.Code != http.StatusSeeOther {
		t.Errorf("the session before the second sign-in is still good: %d", w.Code)
	}
	if w := b.get("/runs"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "Signed out after 30\u00a0min without use") {
		t.Errorf("the page does not tell when its session ends: %d", w.Code)
	}
	for range 3 { // what a script of the page asks by itself is no use
		b.clock.pass(9 * time.Minute)
		r := httptest.NewRequest("GET", "/runs", nil)
		r.Host = "localhost"
		r.Header.Set("Sec-Fetch-Dest", "empty")
		r.AddCookie(&http.Cookie{Name: sessionCookie, Value: b.cookies[sessionCookie]})
		w := httptest.NewRecorder()
		b.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Fatalf("after less than the idle limit: %d", w.Code)
		}
	}
	b.clock.pass(4 * time.Minute)
	if w := b.get("/runs"); w.Code != http.StatusSeeOther || !strings.HasPrefix(w.Header().Get("Location"), "/login?back=") {
		t.Errorf("after 31 minutes without use: %d to %q", w.Code, w.Header().Get("Location"))
	}
	if w := b.get("/login?back=/runs"); !strings.Contains(w.Body.String(), "Your session has ended") {
		t.Error("the sign-in does not say why it asks")
	}
}

func TestWrongPasswordsAreAnsweredInWordsAndThenWithAWait(t *testing.T) {
	b := staff(t, nil).browser()
	wrong := url.Values{"name": {name(account.Technician)}, "password": {"wrong wrong wrong"}}
	for i := range 4 {
		w := b.ask("POST", "/login", wrong, "")
		if w.Code != http.StatusForbidden || strings.Count(w.Body.String(), "Name or password is wrong") != 2 {
			t.Fatalf("try %d: %d, and the sentence is not at the top and at the field", i+1, w.Code)
		}
	}
	if w := b.ask("POST", "/login", wrong, ""); !strings.Contains(w.Body.String(), "Wait 30 s, then try again") {
		t.Errorf("the fifth wrong one does not say how long to wait:\n%s", w.Body)
	}
	b.clock.pass(10 * time.Second)
	w := b.ask("POST", "/login", url.Values{"name": {name(account.Technician)}, "password": {good}}, "")
	if w.Code != http.StatusTooManyRequests || w.Header().Get("Retry-After") != "20" || !strings.Contains(w.Body.String(), "Too many tries") || !strings.Contains(w.Body.String(), "Wait 20 s") {
		t.Errorf("the right one before the time: %d, Retry-After %q\n%s", w.Code, w.Header().Get("Retry-After"), w.Body)
	}
	if strings.Contains(w.Body.String(), good) {
		t.Error("a password is sent back")
	}
	b.clock.pass(20 * time.Second)
	b.signIn(t, name(account.Technician), nil)
}

func TestAnAddressThatTriesTooOftenWaits(t *testing.T) {
	b := staff(t, nil).browser()
	for i := range 31 { // 30 in a minute are taken
		w := b.ask("POST", "/login", url.Values{"name": {"Nobody " + strings.Repeat("x", i)}, "password": {"wrong wrong wrong"}}, "")
		if over := w.Code == http.StatusTooManyRequests; over != (i == 30) || over != (w.Header().Get("Retry-After") != "") {
			t.Fatalf("try %d: %d, Retry-After %q", i+1, w.Code, w.Header().Get("Retry-After"))
		}
	}
}

func TestATokenMayOnlyWhatItsScopeSays(t *testing.T) {
	s := staff(t, nil)
	who := record.Actor{Kind: record.Person, Name: name(account.Manager), Role: account.Manager}
	for scope, want := range map[account.Scope]int{account.Read: http.StatusForbidden, account.Act: http.StatusNotFound} {
		made, err := s.lab.NewToken(t.Context(), who, lab.TokenRequest{Request: uuid.NewString(), Name: who.Name, Scope: scope, Expires: s.clock.now().Add(time.Hour)})
		if err != nil {
			t.Fatal(err)
		}
		b := s.browser()
		b.cookies[sessionCookie] = made.Secret
		if w := b.get("/runs"); w.Code != http.StatusOK {
			t.Errorf("a token to %s reads with %d", scope, w.Code)
		}
		w := b.ask("POST", "/runs/UCM-2026-999/events/1/note", url.Values{"request": {uuid.NewString()}, "text": {"a note"}}, "")
		if denied := strings.Contains(w.Body.String(), "This token has the scope"); denied != (want == http.StatusForbidden) {
			t.Errorf("a token to %s writes: %d", scope, w.Code)
		}
	}
}

func TestOverTLSTheCookieBelongsToThisHostAlone(t *testing.T) {
	b := staff(t, func(o *Options) { o.Secure = true }).browser()
	w := b.signIn(t, name(account.Technician), nil)
	set := w.Header().Get("Set-Cookie")
	for _, part := range []string{"__Host-secretome-session=", "Path=/;", "HttpOnly", "Secure", "SameSite=Lax"} {
		if !strings.Contains(set, part) {
			t.Errorf("the cookie is %q, without %s", set, part)
		}
	}
	b.cookies = map[string]string{sessionCookie: b.cookies["__Host-"+sessionCookie]}
	if w := b.get("/runs"); w.Code != http.StatusSeeOther {
		t.Errorf("a cookie that a connection in clear could set is taken: %d", w.Code)
	}
}

// addresses are what a page leads to, loads or sends forms to.
var addresses = regexp.MustCompile(`\s(?:href|src|action|formaction|data-prefix|content|data-url|data-src)="(/[^"]*)"`)

func TestBelowAPrefixEveryAddressOfEveryPageBeginsWithIt(t *testing.T) {
	s := staff(t, func(o *Options) { o.Prefix, o.Guests = "/lab", []Guest{{"Mara", account.Technician, "x"}} })
	b := s.browser()
	if w := b.get("/"); w.Code != http.StatusFound || w.Header().Get("Location") != "/lab/" {
		t.Errorf("/ leads with %d to %q", w.Code, w.Header().Get("Location"))
	}
	if w := b.get("/runs"); w.Code != http.StatusNotFound {
		t.Errorf("a page beside the prefix: %d", w.Code)
	}
	if w := b.get("/lab/runs?state=all"); w.Header().Get("Location") != "/lab/login?back=%2Flab%2Fruns%3Fstate%3Dall" {
		t.Errorf("the sign-in is at %q", w.Header().Get("Location"))
	}
	w := b.ask("POST", "/lab/login", url.Values{"name": {name(account.Administrator)}, "password": {good}, "back": {"/lab/people"}}, "")
	if w.Header().Get("Location") != "/lab/people" || !strings.Contains(w.Header().Get("Set-Cookie"), "Path=/lab/;") {
		t.Fatalf("after the sign-in: %q, %q\n%s", w.Header().Get("Location"), w.Header().Get("Set-Cookie"), w.Body)
	}
	pages := []string{"/login?back=/lab/", "/nothing-here", "/people/" + url.PathEscape(name(account.Manager))}
	for _, r := range (&Web{}).routes() {
		if path, ok := strings.CutPrefix(r.pattern, "GET "); ok && !strings.Contains(path, "{") {
			pages = append(pages, path)
		}
	}
	for _, path := range pages {
		w := b.get("/lab" + path)
		if to := w.Header().Get("Location"); to != "" && !strings.HasPrefix(to, "/lab/") {
			t.Errorf("%s leads to %q", path, to)
		}
		if !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			continue
		}
		for _, found := range addresses.FindAllStringSubmatch(w.Body.String(), -1) {
			if found[1] != "/lab" && !strings.HasPrefix(found[1], "/lab/") {
				t.Errorf("%s has the address %q", path, found[1])
			}
		}
	}
	sheet := regexp.MustCompile(`href="(/lab/static/[^"]*)"`).FindStringSubmatch(b.get("/lab/people").Body.String())
	if sheet == nil {
		t.Fatal("the page has no style sheet")
	}
	if w := b.get(sheet[1]); w.Code != http.StatusOK {
		t.Errorf("the style sheet: %d", w.Code)
	}
}

func TestAServerAnswersToItsNamesOnly(t *testing.T) {
	b := staff(t, func(o *Options) { o.Hosts = []string{"lab.example"} }).browser()
	for host, want := range map[string]int{"lab.example": 200, "LAB.example:8443": 200, "127.0.0.1:80": 200, "[::1]:80": 200, "localhost": 200, "evil.example": 421, "lab.example.evil.example": 421, "": 421} {
		b.host = host
		if w := b.get("/login"); w.Code != want {
			t.Errorf("called %q it answers with %d, want %d", host, w.Code, want)
		}
	}
}

func TestGuestsComeInByOneClickAndEveryPageSaysSo(t *testing.T) {
	const says = "Demonstration: anybody on this machine can act as these people"
	plain := staff(t, nil).browser()
	if w := plain.get("/login"); strings.Contains(w.Body.String(), "Demonstration") || strings.Contains(w.Body.String(), `name="guest"`) {
		t.Error("a laboratory without guests offers them")
	}
	if w := plain.ask("POST", "/login", url.Values{"guest": {name(account.Technician)}}, ""); w.Code == http.StatusSeeOther {
		t.Error("a guest comes into a laboratory that has none")
	}
	b := staff(t, func(o *Options) { o.Guests = []Guest{{name(account.Technician), account.Technician, good}} }).browser()
	if w := b.ask("POST", "/login", url.Values{"guest": {name(account.Manager)}}, ""); w.Code == http.StatusSeeOther {
		t.Error("somebody who is no guest comes in by one click")
	}
	if w := b.ask("POST", "/login", url.Values{"guest": {name(account.Technician)}}, ""); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/tasks" {
		t.Fatalf("one click: %d to %q", w.Code, w.Header().Get("Location"))
	}
	for _, path := range []string{"/login?back=/", "/tasks", "/runs", "/people/me", "/nothing-here", "/people/" + url.PathEscape(name(account.Manager))} {
		if w := b.get(path); !strings.Contains(w.Body.String(), says) {
			t.Errorf("%s does not say that it is a demonstration", path)
		}
	}
}

func TestBehindAProxyTheAddressThatItAddedCounts(t *testing.T) {
	for forwarded, want := range map[bool]string{true: "10.0.0.7", false: "192.0.2.1"} {
		r := httptest.NewRequest("GET", "/", nil)
		r.Header.Add("X-Forwarded-For", "1.2.3.4, 10.0.0.7") // the first one is what a browser claims
		p := &page{Web: &Web{Options: Options{Forwarded: forwarded}}, r: r}
		if got := p.from(); got != want {
			t.Errorf("forwarded %v: from %q, want %q", forwarded, got, want)
		}
	}
}
