package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	temporal "go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"secretome/internal/account"
	"secretome/internal/artifact"
	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/lab"
	"secretome/internal/logbook"
)

// empty is a Temporal server without workflows.
type empty struct{}

func (empty) ExecuteWorkflow(context.Context, temporal.StartWorkflowOptions, any, ...any) (temporal.WorkflowRun, error) {
	return nil, serviceerror.NewUnavailable("no server")
}

func (empty) UpdateWorkflow(context.Context, temporal.UpdateWorkflowOptions) (temporal.WorkflowUpdateHandle, error) {
	return nil, serviceerror.NewNotFound("no workflow")
}

func (empty) QueryWorkflow(context.Context, string, string, string, ...any) (converter.EncodedValue, error) {
	return nil, serviceerror.NewNotFound("no workflow")
}

func (empty) DescribeWorkflowExecution(context.Context, string, string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	return nil, serviceerror.NewNotFound("no workflow")
}

func (empty) NewWithStartWorkflowOperation(temporal.StartWorkflowOptions, any, ...any) temporal.WithStartWorkflowOperation {
	return nil
}

func (empty) UpdateWithStartWorkflow(context.Context, temporal.UpdateWithStartWorkflowOptions) (temporal.WorkflowUpdateHandle, error) {
	return nil, serviceerror.NewUnavailable("no server")
}

// serve returns a server over a laboratory in memory, and the tokens by name.
func serve(t *testing.T, log *bytes.Buffer) (*httptest.Server, *account.Book) {
	t.Helper()
	dir := t.TempDir()
	x, err := index.Open(t.Context(), filepath.Join(dir, "index.db"))
	if err != nil {
		t.Fatal(err)
	}
	people, err := account.Ensure(filepath.Join(dir, "credentials.json"), []account.Person{{Name: "Tim", Role: account.Technician}, {Name: "Ada", Role: account.Auditor}})
	if err != nil {
		t.Fatal(err)
	}
	bucket := &artifact.Mem{}
	books := logbook.New(bucket, x, zerolog.Nop())
	l := lab.New(lab.Deps{Temporal: empty{}, Logbooks: books, Index: x, Artifacts: artifact.New(bucket, dir), People: people, Program: "test", Now: time.Now})
	server := httptest.NewServer(held(t, New(l, Options{Log: zerolog.New(log), Version: "test"})))
	t.Cleanup(func() {
		server.Close()
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return server, people
}

const key = "01980000-0000-7000-8000-000000000001"

func TestAGuardAnswersWithAProblem(t *testing.T) {
	for _, test := range []struct {
		name         string
		method, path string
		who          string // whose token is sent; "" sends none, "?" a wrong one
		header       map[string]string
		body         string
		status       int
		kind         string
		text         string
	}{
		{"no token", "GET", "/api/v1/runs", "", nil, "", 401, "forbidden", "token"},
		{"a wrong token", "GET", "/api/v1/runs", "?", nil, "", 401, "forbidden", "token"},
		{"a token in the query is none", "GET", "/api/v1/runs?token=x", "", nil, "", 401, "forbidden", "token"},
		{"a role that may not", "POST", "/api/v1/artifacts", "Ada", map[string]string{client.KeyHeader: key}, "x", 403, "forbidden", "auditor"},
		{"no request ID", "POST", "/api/v1/runs", "Tim", nil, "{}", 400, "usage", client.KeyHeader},
		{"a request ID that is no UUID", "POST", "/api/v1/runs", "Tim", map[string]string{client.KeyHeader: "7"}, "{}", 400, "usage", client.KeyHeader},
		{"a form", "POST", "/api/v1/runs", "Tim", map[string]string{client.KeyHeader: key, "Content-Type": "multipart/form-data; boundary=x"}, "--x--", 415, "usage", "multipart"},
		{"a body that is no JSON", "POST", "/api/v1/runs", "Tim", map[string]string{client.KeyHeader: key, "Content-Type": "application/json"}, "{", 400, "usage", "too early"},
		{"a field that does not exist", "POST", "/api/v1/runs", "Tim", map[string]string{client.KeyHeader: key, "Content-Type": "application/json"}, `{"documnet":"x"}`, 422, "invalid", "documnet"},
		{"two values", "POST", "/api/v1/runs", "Tim", map[string]string{client.KeyHeader: key, "Content-Type": "application/json"}, `{} {}`, 400, "usage", "behind the message"},
		{"a large message", "POST", "/api/v1/runs", "Tim", map[string]string{client.KeyHeader: key, "Content-Type": "application/json"}, `{"document":"` + strings.Repeat("x", MaxMessage) + `"}`, 413, "invalid", "the most is"},
		{"a page of another site", "POST", "/api/v1/runs", "Tim", map[string]string{client.KeyHeader: key, "Sec-Fetch-Site": "cross-site"}, "{}", 403, "forbidden", "another site"},
		{"another host name", "GET", "/api/v1/health", "", map[string]string{"Host": "evil.example"}, "", 421, "forbidden", "evil.example"},
		{"nothing there", "GET", "/api/v2", "Tim", nil, "", 404, "not-found", "/api/v2"},
		{"a run that does not exist", "GET", "/api/v1/runs/UCM-1999-001", "Tim", nil, "", 404, "not-found", "UCM-1999-001"},
		{"a record number that is none", "GET", "/api/v1/runs/UCM-1999-001/records?after=x", "Tim", nil, "", 400, "usage", "no number"},
		{"an artifact that does not exist", "GET", "/api/v1/artifacts/" + strings.Repeat("0", 64), "Tim", nil, "", 404, "not-found", "0000"},
		{"a hash that is none", "GET", "/api/v1/artifacts/x", "Tim", nil, "", 422, "invalid", "SHA-256"},
		{"a task of an unknown run", "POST", "/api/v1/tasks/UCM-1999-001/a/b/1", "Tim", map[string]string{client.KeyHeader: key, "Content-Type": "application/json"}, `{"verb":"claim"}`, 404, "not-found", "UCM-1999-001"},
		{"an unknown verb", "POST", "/api/v1/tasks/UCM-1999-001/a/b/1", "Tim", map[string]string{client.KeyHeader: key, "Content-Type": "application/json"}, `{"verb":"drop"}`, 403, "forbidden", "drop"},
		{"a state that is none", "GET", "/api/v1/tasks?state=late", "Tim", nil, "", 400, "usage", "late"},
	} {
		t.Run(test.name, func(t *testing.T) {
			server, people := serve(t, &bytes.Buffer{})
			r, err := http.NewRequestWithContext(t.Context(), test.method, server.URL+test.path, strings.NewReader(test.body))
			if err != nil {
				t.Fatal(err)
			}
			if token, ok := people.Token(test.who); ok {
				r.Header.Set("Authorization", "Bearer "+token)
			} else if test.who != "" {
				r.Header.Set("Authorization", "Bearer wrong")
			}
			for k, v := range test.header {
				r.Header.Set(k, v)
			}
			r.Host = r.Header.Get("Host")
			answer, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer answer.Body.Close()
			var p client.Problem
			if err := json.NewDecoder(answer.Body).Decode(&p); err != nil {
				t.Fatal(err)
			}
			if answer.StatusCode != test.status || p.Status != test.status || p.Kind != test.kind || !strings.Contains(p.Detail+p.Help, test.text) {
				t.Errorf("answered %d with %+v, want %d %s with %q", answer.StatusCode, p, test.status, test.kind, test.text)
			}
			if media := answer.Header.Get("Content-Type"); media != "application/problem+json" {
				t.Errorf("Content-Type = %q", media)
			}
		})
	}
}

func TestHealthNeedsNoToken(t *testing.T) {
	server, _ := serve(t, &bytes.Buffer{})
	c, err := client.New(client.Options{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	if h, err := c.Health(t.Context()); err != nil || h != (client.Health{Status: "ok", Version: "test"}) {
		t.Errorf("Health = %+v, %v", h, err)
	}
}

func TestAnUploadComesBackAsItWas(t *testing.T) {
	var log bytes.Buffer
	server, people := serve(t, &log)
	token, _ := people.Token("Tim")
	c, err := client.New(client.Options{URL: server.URL, Token: token})
	if err != nil {
		t.Fatal(err)
	}
	const secret = "plate 1: patient Smith"
	for _, test := range []struct {
		name string
		u    client.Upload
		want fault.Kind // Internal: none
	}{
		{"announced wrongly by hash", client.Upload{Name: "a.txt", MediaType: "text/plain", Size: int64(len(secret)), SHA256: strings.Repeat("0", 64)}, fault.Invalid},
		{"announced rightly", client.Upload{Name: "a b.txt", MediaType: "text/plain", Size: int64(len(secret))}, fault.Internal},
	} {
		stored, err := c.Upload(t.Context(), client.NewRequest(), strings.NewReader(secret), test.u)
		if test.want != fault.Internal {
			if !fault.Is(err, test.want) {
				t.Errorf("%s: Upload = %v, want %s", test.name, err, test.want)
			}
			continue
		}
		if err != nil || stored.Name != test.u.Name || stored.MediaType != "text/plain" {
			t.Fatalf("%s: Upload = %+v, %v", test.name, stored, err)
		}
		var back bytes.Buffer
		if err := c.Artifact(t.Context(), stored.SHA256, &back); err != nil || back.String() != secret {
			t.Errorf("%s: Artifact = %q, %v", test.name, back.String(), err)
		}
	}
	found, err := c.Artifacts(t.Context(), "")
	if err != nil || len(found) != 1 || found[0].First.Logbook != lab.Logbook || len(found[0].Names) != 1 {
		t.Errorf("Artifacts = %+v, %v", found, err)
	}
	if text := log.String(); strings.Contains(text, "Smith") || strings.Contains(text, token) || strings.Contains(text, "a b.txt") {
		t.Errorf("the log tells a payload, a name or a token: %s", text)
	}
}

func TestABugIsLoggedUnderAReferenceAndNotTold(t *testing.T) {
	var log bytes.Buffer
	bug := &api{Options: Options{Log: zerolog.New(&log)}}
	broken := httptest.NewServer(bug.logged(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		bug.fail(w, r, errors.New("a bug that tells hunter2"))
	})))
	defer broken.Close()
	c, err := client.New(client.Options{URL: broken.URL})
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Runs(t.Context())
	message := fault.Of(err).Message
	_, ref, ok := strings.Cut(message, "reference ")
	if !fault.Is(err, fault.Internal) || strings.Contains(message, "hunter2") || !ok {
		t.Fatalf("Runs = %v, want an internal error with a reference only", err)
	}
	if text := log.String(); !strings.Contains(text, "hunter2") || !strings.Contains(text, strings.TrimSuffix(ref, ")")) {
		t.Errorf("the log lacks the cause or the reference %s: %s", ref, text)
	}
}

func TestAnAnswerThatFailsHalfWayIsSeenToBeBroken(t *testing.T) {
	broken := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = pour(w, r, func(w io.Writer) error {
			_, _ = w.Write([]byte("half")) // the failure comes behind it
			return errors.New("disk gone")
		})
	}))
	defer broken.Close()
	c, err := client.New(client.Options{URL: broken.URL})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Export(t.Context(), "UCM-2026-001", &bytes.Buffer{}); !fault.Is(err, fault.Unavailable) {
		t.Errorf("Export = %v, want unavailable", err)
	}
}
