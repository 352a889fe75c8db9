package web

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"secretome/internal/account"
	"secretome/internal/artifact"
	"secretome/internal/index"
	"secretome/internal/lab"
	"secretome/internal/logbook"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/internal/task"
	"secretome/workflows"
)

// hands stands at the edge to Temporal: it holds one task by the rules that its
// workflow holds it by, writing into the same logbook.
type hands struct {
	books *logbook.Logbooks
	files *artifact.Store

	mu    sync.Mutex
	spec  task.Spec
	state task.State

	standing run.Standing // of the run, as a manager left it
	over     bool         // the run has ended
}

func (*hands) DescribeWorkflowExecution(context.Context, string, string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	return nil, serviceerror.NewNotFound("no workflow")
}

func (*hands) NewWithStartWorkflowOperation(client.StartWorkflowOptions, any, ...any) client.WithStartWorkflowOperation {
	return nil
}

func (*hands) UpdateWithStartWorkflow(context.Context, client.UpdateWithStartWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	return nil, serviceerror.NewNotFound("no lots here")
}

func (*hands) ExecuteWorkflow(context.Context, client.StartWorkflowOptions, any, ...any) (client.WorkflowRun, error) {
	return nil, nil
}

func (h *hands) UpdateWorkflow(ctx context.Context, o client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if o.UpdateName == workflows.ControlUpdate {
		return h.control(ctx, o)
	}
	if o.WorkflowID != h.spec.ID {
		return nil, serviceerror.NewNotFound("no such task")
	}
	act, _ := o.Args[0].(task.Act)
	answer, err := h.do(ctx, act)
	return told{answer, err}, nil
}

// do checks, appends and applies, as the workflow does.
func (h *hands) do(ctx context.Context, a task.Act) (task.Answer, error) {
	if err := h.state.Check(h.spec, a); err != nil {
		return task.Answer{}, err
	}
	if a.Happened.IsZero() {
		a.Happened = time.Now()
	}
	base := record.Draft{Logbook: "run/UCM-2026-001", Request: a.Request, By: a.By, Received: time.Now(), Happened: a.Happened, Subject: record.Subject{Task: h.spec.ID, Step: a.Step}}
	drafts, err := task.Drafts(base, h.spec, h.state, a)
	if err != nil {
		return task.Answer{}, err
	}
	var first record.Ref
	for i, d := range drafts {
		ref, err := h.write(ctx, d)
		if err != nil {
			return task.Answer{}, err
		}
		if i == 0 {
			first = ref
		}
	}
	return task.Answer{Record: first, Phase: h.state.Phase, Holder: h.state.Holder.Name, NextStep: h.state.Next(h.spec.Task)}, nil
}

func (h *hands) write(ctx context.Context, d record.Draft) (record.Ref, error) {
	r, err := h.books.Append(ctx, d)
	if err != nil {
		return record.Ref{}, err
	}
	ref, err := r.Ref()
	if err == nil {
		err = h.state.Apply(r, ref)
	}
	return ref, err
}

func (h *hands) QueryWorkflow(_ context.Context, id, _, name string, _ ...any) (converter.EncodedValue, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if id != h.spec.ID {
		return nil, serviceerror.NewNotFound("workflow not found")
	}
	var v any = h.state
	if name == workflows.QuerySpec {
		v = h.spec
	}
	payload, err := converter.GetDefaultDataConverter().ToPayload(v)
	return client.NewValue(&commonpb.Payloads{Payloads: []*commonpb.Payload{payload}}), err
}

type told struct {
	answer task.Answer
	err    error
}

func (told) WorkflowID() string { return "" }
func (told) RunID() string      { return "" }
func (told) UpdateID() string   { return "" }
func (h told) Get(_ context.Context, into any) error {
	if p, ok := into.(*task.Answer); ok {
		*p = h.answer
	}
	return h.err
}

// bottles is a task with an entry of each kind.
func bottles(t *testing.T) task.Spec {
	t.Helper()
	var s task.Spec
	err := json.Unmarshal([]byte(`{"id":"task/UCM-2026-001/cord-harvest/receive-cord/1","attempt":1,"expect":{"weigh.cord":"UC-0031"},
		"task":{"task":"receive-cord","title":"Receive the cord","role":"technician",
		"computed":[{"value":"ratio","title":"concentration factor","formula":"concentration-factor","of":{"in":"weigh.before","out":"weigh.after"},"unit":"1"}],
		"steps":[
		{"step":"weigh","text":"Weigh the cord.","second":true,"fields":[
			{"field":"cord","title":"barcode of the cord","kind":"scan","pattern":"UC-[0-9]{4}","thing":{"is":"cord"}},
			{"field":"mass","title":"mass","kind":"quantity","unit":"g","range":["10 g","60 g"],"default":"30 g"},
			{"field":"before","title":"volume before","kind":"quantity","unit":"mL","optional":true},
			{"field":"after","title":"volume after","kind":"quantity","unit":"mL","optional":true}]},
		{"step":"look","text":"Look at the cord.","fields":[
			{"field":"appearance","title":"appearance","kind":"choice","choices":["ok","meconium","torn"]},
			{"field":"colour","title":"colour","kind":"choice","choices":["a","b","c","d","e","f"],"optional":true},
			{"field":"clean","title":"clean","kind":"yes-no"},
			{"field":"at","title":"when it was seen","kind":"time","optional":true},
			{"field":"remark","title":"remark","kind":"text","optional":true},
			{"field":"photo","title":"photo","kind":"file","optional":true}]}]}}`), &s)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	s.Window = record.Window{Opens: now.Add(-time.Hour), Closes: now.Add(28 * time.Minute), OnLate: "DEVIATION"}
	s.Subject = record.Subject{Stage: "cord-harvest", Task: s.ID}
	return s
}

// cord is the path of the task of [bottles].
const cord = "/tasks/UCM-2026-001/cord-harvest/receive-cord/1"

// atBench opens a desk with a run in which one task waits, and with a second
// technician under the role "other".
func atBench(t *testing.T, spec task.Spec) (desk, *hands) {
	t.Helper()
	return atBenchIn(t, spec, "UTC")
}

// atBenchIn is the same in a laboratory with another time.
func atBenchIn(t *testing.T, spec task.Spec, zone string) (desk, *hands) {
	t.Helper()
	labTime, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
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
	people := []account.Person{{Name: "Mara Thiel", Role: account.Technician}, {Name: "Jonas Weber", Role: account.Technician}, {Name: "Karin Lund", Role: account.Manager}, {Name: "Aiko Vogt", Role: account.Reviewer}, {Name: "Ada Post", Role: account.Auditor}}
	book, err := account.Ensure(filepath.Join(dir, "credentials.json"), people)
	if err != nil {
		t.Fatal(err)
	}
	bucket := &artifact.Mem{}
	books := logbook.New(bucket, x, zerolog.Nop())
	files := artifact.New(bucket, dir)
	h := &hands{books: books, files: files, spec: spec, state: task.State{Phase: task.Open}}
	l := lab.New(lab.Deps{Temporal: h, Logbooks: books, Index: x, Artifacts: files, People: book, Program: "test", Now: time.Now})
	document, err := os.ReadFile("../../examples/compact.yaml")
	if err != nil {
		t.Fatal(err)
	}
	manager := record.Actor{Kind: record.Person, Name: "Karin Lund", Role: account.Manager}
	if _, err := l.Launch(t.Context(), manager, lab.LaunchRequest{Request: newID(), Document: document, Title: "Test"}); err != nil {
		t.Fatal(err)
	}
	body, err := record.Body(record.Asked{Title: spec.Task.Title, Role: spec.Task.Role, Window: spec.Window, NotBy: spec.NotBy})
	if err != nil {
		t.Fatal(err)
	}
	asked := record.Draft{Logbook: "run/UCM-2026-001", Request: newID(), Kind: record.TaskAsked, By: manager, Received: time.Now(), Happened: time.Now(), Subject: spec.Subject, Body: body}
	if _, err := h.write(t.Context(), asked); err != nil {
		t.Fatal(err)
	}
	d := desk{New(l, Options{Log: zerolog.Nop(), Accounts: byToken{l}, Zone: labTime}), map[string]string{}}
	for role, name := range map[string]string{account.Technician: "Mara Thiel", "other": "Jonas Weber", account.Manager: "Karin Lund", account.Reviewer: "Aiko Vogt", account.Auditor: "Ada Post"} {
		d.tokens[role], _ = book.Token(name) // they were just made
	}
	return d, h
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// fill is a form with a new request ID.
func fill(pairs ...string) url.Values {
	v := url.Values{"request": {newID()}}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// takes posts a form that must be taken.
func (d desk) takes(t *testing.T, role string, form url.Values) {
	t.Helper()
	if w := d.post(role, cord, form.Encode()); w.Code != http.StatusSeeOther || w.Header().Get("Location") != cord {
		t.Fatalf("%v is answered with %d to %q: %s", form, w.Code, w.Header().Get("Location"), faultsIn(w))
	}
}

// faultsIn is the summary of what is wrong on a page.
func faultsIn(w *httptest.ResponseRecorder) string {
	return regexp.MustCompile(`(?s)<section class="faults".*?</section>|<h1>.*?</div>`).FindString(w.Body.String())
}
