package client

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"secretome/internal/account"
	"secretome/internal/fault"
)

func serve(t *testing.T, patience time.Duration, h http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c, err := New(Options{URL: server.URL, Token: "secret", Patience: patience})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAFaultSurvivesTheWayThroughAProblem(t *testing.T) {
	for _, test := range []struct {
		name string
		err  error
	}{
		{"a place and a help", fault.New(fault.Invalid, "33 °C is too cold").At(fault.Place{File: "p.yaml", Line: 3, Column: 7, Field: "temperature", Well: "B7"}).Try("warm it")},
		{"no place", fault.New(fault.Conflict, "Tim holds the task")},
		{"several mistakes", errors.Join(fault.New(fault.Invalid, "one").Field("a"), fault.New(fault.Invalid, "two").Field("b").Try("mend it"))},
		{"every kind", fault.New(fault.Corrupt, "the hash differs")},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, want := Faults(ProblemOf(test.err).Fault()), Faults(test.err)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("Fault = %v, want %v", got, want)
			}
		})
	}
}

func TestABugShowsNothingOfItself(t *testing.T) {
	p := ProblemOf(errors.New("password is hunter2"))
	if p.Kind != "internal" || strings.Contains(p.Detail, "hunter2") {
		t.Errorf("problem = %+v", p)
	}
}

func TestACommandIsSentAgainWithTheSameRequestAndBody(t *testing.T) {
	const want = 3
	var calls atomic.Int32
	var keys, bodies []string
	c := serve(t, time.Minute, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body) // a short body would be seen below
		keys, bodies = append(keys, r.Header.Get(KeyHeader)), append(bodies, string(body))
		if calls.Add(1) < want {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = io.WriteString(w, `{"sha256":"ab","size":5}`) // the test's own answer
	})
	got, err := c.Upload(t.Context(), "k1", strings.NewReader("hello"), Upload{Name: "a b.txt", MediaType: "text/plain", Size: 5})
	if err != nil || got.SHA256 != "ab" {
		t.Fatalf("Upload = %v, %v", got, err)
	}
	if calls.Load() != want || !reflect.DeepEqual(keys, []string{"k1", "k1", "k1"}) || !reflect.DeepEqual(bodies, []string{"hello", "hello", "hello"}) {
		t.Errorf("%d calls with keys %q and bodies %q", calls.Load(), keys, bodies)
	}
}

func TestWhatCannotBeCuredIsNotTriedAgain(t *testing.T) {
	for _, test := range []struct {
		name   string
		status int
		body   string
		want   fault.Kind
	}{
		{"a refusal is final", http.StatusConflict, `{"kind":"conflict","detail":"no"}`, fault.Conflict},
		{"a bug is told once", http.StatusInternalServerError, `{"kind":"internal","detail":"internal error","ref":"7F3K"}`, fault.Internal},
		{"an answer that is no problem", http.StatusTeapot, `<html>`, fault.Internal},
	} {
		t.Run(test.name, func(t *testing.T) {
			calls := 0
			c := serve(t, time.Minute, func(w http.ResponseWriter, _ *http.Request) {
				calls++
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body) // the test's own answer
			})
			if _, err := c.Runs(t.Context()); !fault.Is(err, test.want) || calls != 1 {
				t.Errorf("Runs = %v after %d calls, want %s after 1", err, calls, test.want)
			}
		})
	}
}

func TestAServerThatIsAwayIsUnavailable(t *testing.T) {
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close() // nobody listens there any more
	c, err := New(Options{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Health(t.Context()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("Health = %v, want unavailable", err)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Health(ended); !errors.Is(err, context.Canceled) {
		t.Errorf("Health after a cancel = %v, want canceled", err)
	}
}

func TestAnAnswerThatBreaksOffIsNotTakenForTheWhole(t *testing.T) {
	c := serve(t, 0, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "only this") // the test's own answer
	})
	var got strings.Builder
	if err := c.Export(t.Context(), "UCM-2026-001", &got); !fault.Is(err, fault.Unavailable) {
		t.Errorf("Export = %v with %q, want unavailable", err, got.String())
	}
}

func TestTokensAreFoundWhereTheServerLeavesThem(t *testing.T) {
	data := t.TempDir()
	book, err := account.Ensure(filepath.Join(data, CredentialsFile), []account.Person{{Name: "Mara", Role: account.Manager}})
	if err != nil {
		t.Fatal(err)
	}
	for name, role := range map[string]string{"": account.Administrator, "Mara": account.Manager} {
		token, err := FindToken(data, name)
		if who, ok := book.Who(token); err != nil || !ok || who.Role != role {
			t.Errorf("FindToken(%q) is of %v, %v", name, who, err)
		}
	}
	if _, err := FindToken(data, "Tim"); !fault.Is(err, fault.Forbidden) || !strings.Contains(fault.Of(err).Help, "Mara") {
		t.Errorf("FindToken of a stranger = %v", err)
	}
	if _, err := FindServer(data); !fault.Is(err, fault.Unavailable) {
		t.Errorf("FindServer without a server = %v, want unavailable", err)
	}
	want := Server{API: "http://127.0.0.1:1", Web: "http://127.0.0.1:1"}
	if err := want.Write(data); err != nil {
		t.Fatal(err)
	}
	if got, err := FindServer(data); err != nil || got != want {
		t.Errorf("FindServer = %v, %v", got, err)
	}
}
