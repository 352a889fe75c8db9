package web

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
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

// event is one event of the stream.
type event struct{ id, name, data string }

// listener is an open stream.
type listener struct {
	t      *testing.T
	events chan event
	close  context.CancelFunc
}

// listen opens the stream of a server as a browser does.
func listen(t *testing.T, url, session, last string) *listener {
	t.Helper()
	within, cancel := context.WithCancel(t.Context())
	r, err := http.NewRequestWithContext(within, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: sessionCookie, Value: session})
	r.Header.Set("Accept", "text/event-stream")
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cancel)
	if got := answer.Header.Get("Content-Type"); answer.StatusCode != http.StatusOK || !strings.HasPrefix(got, "text/event-stream") || answer.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("the stream is answered with %d, %s", answer.StatusCode, got)
	}
	l := &listener{t, make(chan event, 100), cancel}
	go l.read(answer)
	return l
}

func (l *listener) read(answer *http.Response) {
	defer close(l.events)
	defer func() { _ = answer.Body.Close() }() // it was read to its end
	var e event
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		name, value, _ := strings.Cut(lines.Text(), ": ")
		switch name {
		case "":
			if e.name != "" {
				l.events <- e
			}
			e = event{}
		case "id":
			e.id = value
		case "event":
			e.name = value
		case "data":
			e.data = value
		}
	}
}

// next returns the next event of a name; of any where it is empty.
func (l *listener) next(name string) event {
	l.t.Helper()
	for deadline := time.After(10 * time.Second); ; {
		select {
		case e, ok := <-l.events:
			if !ok {
				l.t.Fatalf("the stream ended before an event %q", name)
			}
			if name == "" || e.name == name {
				return e
			}
		case <-deadline:
			l.t.Fatalf("no event %q", name)
		}
	}
}

// ends waits for the end of the stream and returns its last event.
func (l *listener) ends() (last event) {
	l.t.Helper()
	for deadline := time.After(10 * time.Second); ; {
		select {
		case e, ok := <-l.events:
			if !ok {
				return last
			}
			last = e
		case <-deadline:
			l.t.Fatal("the stream does not end")
		}
	}
}

func (e event) topics(t *testing.T) []string {
	t.Helper()
	var h happened
	if err := json.Unmarshal([]byte(e.data), &h); err != nil {
		t.Fatalf("%q: %v", e.data, err)
	}
	return h.Topics
}

// serve starts a server, which ends when its listeners have.
func serve(t *testing.T, h http.Handler) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server
}

func TestTheStreamTellsWhatChangedWithoutAGap(t *testing.T) {
	w := writeRun(t)
	server := serve(t, w.Handler)
	mark := regexp.MustCompile(`data-mark="([^"]+)"`).FindStringSubmatch(w.get(account.Technician, "/tasks").Body.String())
	if mark == nil {
		t.Fatal("the page has no mark")
	}
	ask := func(id string) {
		w.append(t, "Mara", record.TaskAsked, record.Subject{Stage: "culture", Task: "task/R-1/culture/" + id + "/1"}, record.Asked{Title: "Feed", Role: account.Technician})
	}
	ask("before") // between the page and its stream
	l := listen(t, server.URL+"/events?after="+mark[1], w.tokens[account.Technician], "")
	first := l.next("changed")
	if got := first.topics(t); !slices.Contains(got, "task:R-1/culture/before/1") || !slices.Contains(got, "tasks") || !slices.Contains(got, "run:R-1") || !slices.Contains(got, "runs") {
		t.Errorf("what came between the page and the stream: %v", got)
	}
	if at := l.next("time"); at.id != first.id {
		t.Errorf("a sign of life with the place %q behind %q", at.id, first.id)
	}
	ask("during")
	seen := l.next("changed")
	l.close()
	ask("away")
	w.append(t, "Tim", record.DeviationOpened, record.Subject{Stage: "culture"}, record.Deviation{Type: "other", What: "secret words", Asks: "DEVIATION"})
	l = listen(t, server.URL+"/events?after="+mark[1], w.tokens[account.Technician], seen.id)
	again := l.next("changed")
	got := again.topics(t)
	if slices.Contains(got, "task:R-1/culture/during/1") || !slices.Contains(got, "task:R-1/culture/away/1") || !slices.Contains(got, "decisions") || !strings.Contains(again.data, `"count":2`) {
		t.Errorf("behind %s the stream tells %s", seen.id, again.data)
	}
	if strings.Contains(again.data, "secret") {
		t.Errorf("the stream tells what was recorded: %s", again.data)
	}
	for _, old := range []string{"0badf00d.7", "nonsense", strings.Split(seen.id, ".")[0] + ".9999"} {
		l = listen(t, server.URL+"/events", w.tokens[account.Technician], old)
		if got := l.next("changed").topics(t); !slices.Equal(got, []string{"all"}) {
			t.Errorf("a browser that comes back with %q is told %v", old, got)
		}
	}
}

func TestTheStreamIsForWhoIsSignedIn(t *testing.T) {
	w := writeRun(t)
	if got := w.get("", "/events"); got.Code != http.StatusSeeOther {
		t.Errorf("a stranger is answered with %d", got.Code)
	}
}

func TestAPersonHasAFewStreams(t *testing.T) {
	s := newStreams()
	var last *stream
	for range streamsOfOne {
		one, err := s.admit("Tim", "a")
		if err != nil {
			t.Fatal(err)
		}
		last = one
	}
	if _, err := s.admit("Tim", "b"); err == nil || faultsOf(err)[0].Wait == 0 {
		t.Errorf("one more: %v", err)
	}
	if _, err := s.admit("Tea", "c"); err != nil {
		t.Errorf("somebody else: %v", err)
	}
	s.leave(last)
	if _, err := s.admit("Tim", "b"); err != nil {
		t.Errorf("when one was closed: %v", err)
	}
	s.end("a")
	if n := len(s.open); n != 2 {
		t.Errorf("%d streams are left when a session has ended, want 2", n)
	}
}

// signedIn is a desk with accounts, whose clock a test moves.
type signedIn struct {
	http.Handler
	web   *Web
	books *logbook.Logbooks
	store *account.Store
	now   func(time.Duration)
}

func withAccounts(t *testing.T) signedIn {
	t.Helper()
	dir := t.TempDir()
	x, err := index.Open(t.Context(), filepath.Join(dir, "index.db"))
	if err != nil {
		t.Fatal(err)
	}
	at := make(chan time.Time, 1)
	at <- time.Now()
	clock := func() time.Time { now := <-at; at <- now; return now }
	store, err := account.Open(t.Context(), filepath.Join(dir, "accounts.db"), clock, account.Settings{Cost: account.Cost{Memory: 64, Passes: 1, Threads: 1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	people, err := account.Ensure(filepath.Join(dir, "credentials.json"), nil)
	if err != nil {
		t.Fatal(err)
	}
	bucket := &artifact.Mem{}
	s := signedIn{books: logbook.New(bucket, x, zerolog.Nop()), store: store, now: func(d time.Duration) { at <- (<-at).Add(d) }}
	l := lab.New(lab.Deps{Logbooks: s.books, Index: x, Artifacts: artifact.New(bucket, dir), People: people, Accounts: store, Program: "test", Now: time.Now})
	s.web = newWeb(l, Options{Log: zerolog.Nop(), Accounts: byToken{l}})
	s.web.live.beat = 20 * time.Millisecond
	s.Handler = s.web.handlers()
	return s
}

// session gives somebody an account and signs them in.
func (s signedIn) session(t *testing.T, name, role string) string {
	t.Helper()
	by := account.By{Who: record.Actor{Kind: record.Program, Name: "test"}, Request: uuid.NewString()}
	link, err := s.store.Add(t.Context(), by, account.Account{Person: account.Person{Name: name, Role: role}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.store.Redeem(t.Context(), uuid.NewString(), account.Redemption{Token: link.Token, Password: "violet anvil 27 ponds"}); err != nil {
		t.Fatal(err)
	}
	session, err := s.store.Begin(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	return session
}

func TestTheStreamEndsWithTheSession(t *testing.T) {
	for _, test := range []struct {
		name string
		end  func(s signedIn, server, session string) error
	}{
		{"when somebody signs out", func(_ signedIn, server, session string) error {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server+"/logout", nil)
			if err != nil {
				return err
			}
			r.AddCookie(&http.Cookie{Name: sessionCookie, Value: session})
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
			answer, err := client.Do(r)
			if err == nil && answer.StatusCode != http.StatusSeeOther {
				err = fmt.Errorf("signing out is answered with %d", answer.StatusCode)
			}
			return err
		}},
		{"when it was not used for long, though the stream is", func(s signedIn, _, _ string) error { s.now(31 * time.Minute); return nil }},
		{"when an administrator ends it", func(s signedIn, _, _ string) error { return s.store.SignOutAll(t.Context(), "Tim") }},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := withAccounts(t)
			session := s.session(t, "Tim", account.Technician)
			server := serve(t, s.Handler)
			l := listen(t, server.URL+"/events", session, "")
			l.next("time")
			if err := test.end(s, server.URL, session); err != nil {
				t.Fatal(err)
			}
			if last := l.ends(); last.name != "ended" {
				t.Errorf("the last event is %+v", last)
			}
			if len(s.web.live.open) != 0 {
				t.Error("the stream is still counted")
			}
		})
	}
}

func TestTheStreamEndsWithTheServer(t *testing.T) {
	s := withAccounts(t)
	leaving := make(chan struct{})
	s.web.Leaving = leaving
	server := serve(t, s.Handler)
	l := listen(t, server.URL+"/events", s.session(t, "Tim", account.Technician), "")
	l.next("time")
	close(leaving)
	l.ends()
}
