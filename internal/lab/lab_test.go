package lab

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"secretome/internal/account"
	"secretome/internal/artifact"
	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/logbook"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/internal/task"
	"secretome/workflows"
)

// bench stands at the edge to Temporal: it starts nothing, and holds one task by
// the rules that the workflow holds it by, writing into the same logbook.
type bench struct {
	books *logbook.Logbooks

	mu      sync.Mutex
	started map[string]run.Input
	spec    task.Spec
	state   task.State
	closed  bool    // the task's workflow has ended
	errs    []error // what the next Updates end with, instead of an answer
	after   bool    // such an Update is carried out all the same
	updates int
	missed  []record.Record // in the logbook, but applied only when the state was asked for twice
	asked   int
}

func (b *bench) DescribeWorkflowExecution(context.Context, string, string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	return nil, serviceerror.NewNotFound("no workflow")
}

func (b *bench) NewWithStartWorkflowOperation(options client.StartWorkflowOptions, workflow any, args ...any) client.WithStartWorkflowOperation {
	return nil
}

// UpdateWithStartWorkflow is for lots, whose rules the tests of package sample try.
func (b *bench) UpdateWithStartWorkflow(context.Context, client.UpdateWithStartWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	return nil, serviceerror.NewUnavailable("no lots here")
}

func (b *bench) ExecuteWorkflow(_ context.Context, o client.StartWorkflowOptions, _ any, args ...any) (client.WorkflowRun, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if _, ok := b.started[o.ID]; ok {
		return nil, serviceerror.NewWorkflowExecutionAlreadyStarted("started already", "", "")
	}
	in, _ := args[0].(run.Input)
	b.started[o.ID] = in
	return nil, nil
}

func (b *bench) UpdateWorkflow(ctx context.Context, o client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.updates++
	var failed error
	if len(b.errs) > 0 {
		failed, b.errs = b.errs[0], b.errs[1:]
		if !b.after {
			return nil, failed
		}
	}
	if o.WorkflowID != b.spec.ID || b.closed {
		return nil, serviceerror.NewNotFound("workflow execution already completed")
	}
	act, _ := o.Args[0].(task.Act)
	answer, err := b.do(ctx, act)
	if failed != nil {
		return nil, failed
	}
	return handle{answer, err}, nil
}

// do checks, appends and applies, as the workflow does.
func (b *bench) do(ctx context.Context, a task.Act) (task.Answer, error) {
	if err := b.state.Check(b.spec, a); err != nil {
		return task.Answer{}, err
	}
	base := record.Draft{Logbook: "run/UCM-2026-001", Request: a.Request, By: a.By, Received: noon(), Happened: noon(), Subject: record.Subject{Task: b.spec.ID, Step: a.Step}}
	drafts, err := task.Drafts(base, b.spec, b.state, a)
	if err != nil {
		return task.Answer{}, err
	}
	var first record.Ref
	for i, d := range drafts {
		r, err := b.books.Append(ctx, d)
		if err != nil {
			return task.Answer{}, err
		}
		ref, err := r.Ref()
		if err != nil {
			return task.Answer{}, err
		}
		if i == 0 {
			first = ref
		}
		if err := b.state.Apply(r, ref); err != nil {
			return task.Answer{}, err
		}
	}
	return task.Answer{Record: first, Phase: b.state.Phase, Holder: b.state.Holder.Name, NextStep: b.state.Next(b.spec.Task)}, nil
}

func (b *bench) QueryWorkflow(_ context.Context, id, _, name string, _ ...any) (converter.EncodedValue, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if id != b.spec.ID {
		return nil, serviceerror.NewNotFound("workflow not found")
	}
	var v any = b.state
	if name == workflows.QuerySpec {
		v = b.spec
	} else if b.asked++; b.asked > 1 {
		for _, r := range b.missed {
			ref, err := r.Ref()
			if err != nil {
				return nil, err
			}
			if err := b.state.Apply(r, ref); err != nil {
				return nil, err
			}
		}
	}
	payload, err := converter.GetDefaultDataConverter().ToPayload(v)
	return client.NewValue(&commonpb.Payloads{Payloads: []*commonpb.Payload{payload}}), err
}

type handle struct {
	answer task.Answer
	err    error
}

func (h handle) WorkflowID() string { return "" }
func (h handle) RunID() string      { return "" }
func (h handle) UpdateID() string   { return "" }
func (h handle) Get(_ context.Context, into any) error {
	if p, ok := into.(*task.Answer); ok {
		*p = h.answer
	}
	return h.err
}

func noon() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) }

var (
	mara = record.Actor{Kind: record.Person, Name: "Mara", Role: account.Manager}
	tim  = record.Actor{Kind: record.Person, Name: "Tim", Role: account.Technician}
	tea  = record.Actor{Kind: record.Person, Name: "Tea", Role: account.Technician}
)

// open returns a laboratory on a bucket in memory and an index in a file.
func open(t *testing.T) (*Lab, *bench) {
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
	people, err := account.Ensure(filepath.Join(dir, "credentials.json"), []account.Person{{Name: "Mara", Role: account.Manager}, {Name: "Tim", Role: account.Technician}})
	if err != nil {
		t.Fatal(err)
	}
	bucket := &artifact.Mem{}
	books := logbook.New(bucket, x, zerolog.Nop())
	b := &bench{books: books, started: map[string]run.Input{}, spec: weighing(), state: task.State{Phase: task.Open}}
	return New(Deps{Temporal: b, Logbooks: books, Index: x, Artifacts: artifact.New(bucket, dir), People: people, Program: "test", Now: noon}), b
}

// weighing is a task with one step of one quantity.
func weighing() task.Spec {
	var s task.Spec
	err := json.Unmarshal([]byte(`{"id":"task/UCM-2026-001/cord-harvest/receive-cord/1","task":{"task":"receive-cord","title":"Receive the cord","role":"technician",
		"steps":[{"step":"weigh","text":"Weigh the cord.","fields":[{"field":"mass","title":"Mass","kind":"quantity","unit":"g","range":["10 g","60 g"]}]}]}}`), &s)
	if err != nil {
		panic(err) // the text above is wrong
	}
	return s
}

func document(t *testing.T) []byte {
	t.Helper()
	data, err := os.ReadFile("../../examples/compact.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return data
}

const (
	request1 = "01980000-0000-7000-8000-000000000001"
	request2 = "01980000-0000-7000-8000-000000000002"
	request3 = "01980000-0000-7000-8000-000000000003"
)

func launch(t *testing.T, l *Lab, request string) Launched {
	t.Helper()
	got, err := l.Launch(t.Context(), mara, LaunchRequest{Request: request, Document: document(t), Title: "Test"})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestALaunchGivesEachRunItsNumberOnce(t *testing.T) {
	l, b := open(t)
	first, again, second := launch(t, l, request1), launch(t, l, request1), launch(t, l, request2)
	if first.Run != "UCM-2026-001" || again != first || second.Run != "UCM-2026-002" {
		t.Errorf("runs are %v, %v, %v", first, again, second)
	}
	in := b.started["run/UCM-2026-001"]
	if in.Context.Launch != first.Record || in.Context.Zone == "" || in.Context.Speed != 1 || in.Start != noon() || in.Title != "Test" {
		t.Errorf("the workflow got %+v", in)
	}
	r, err := l.Logbooks.Record(t.Context(), "run/UCM-2026-001", 1)
	if err != nil || r.By != mara || r.Program != "test" || len(r.Uses) != 2 {
		t.Errorf("record 1 = %+v, %v", r, err)
	}
}

func TestARunWhoseLaunchDiedBeforeItsStartIsHealed(t *testing.T) {
	l, b := open(t)
	want := launch(t, l, request1)
	for _, heal := range []func() error{
		func() error { _, err := l.Heal(t.Context()); return err },
		func() error { launch(t, l, request1); return nil },
	} {
		delete(b.started, "run/UCM-2026-001") // as if the process had died before the start
		if err := heal(); err != nil {
			t.Fatal(err)
		}
		if in, ok := b.started["run/UCM-2026-001"]; !ok || in.Context.Launch != want.Record {
			t.Errorf("after healing the workflow got %+v, %v", in, ok)
		}
	}
}

func TestALaunchThatTheIndexHasMissedKeepsItsNumber(t *testing.T) {
	l, _ := open(t)
	first := launch(t, l, request1)
	fresh, err := index.Open(t.Context(), filepath.Join(t.TempDir(), "index.db")) // empty, as after a loss
	if err != nil {
		t.Fatal(err)
	}
	defer fresh.Close()
	l.Index = fresh
	if again, err := l.Launch(t.Context(), mara, LaunchRequest{Request: request1, Document: document(t)}); err != nil || again != first {
		t.Errorf("Launch = %v, %v, want %v", again, err, first)
	}
}

func TestABadLaunchLeavesNothing(t *testing.T) {
	for _, test := range []struct {
		name    string
		who     record.Actor
		request LaunchRequest
		want    fault.Kind
	}{
		{"a technician may not", tim, LaunchRequest{Request: request1}, fault.Forbidden},
		{"no request ID", mara, LaunchRequest{}, fault.Invalid},
		{"a document that is none", mara, LaunchRequest{Request: request1, Document: []byte("protocol: [")}, fault.Invalid},
		{"real life cannot be sped up", mara, LaunchRequest{Request: request1, Speed: 10}, fault.Refused},
		{"a real run cannot have begun", mara, LaunchRequest{Request: request1, Document: document(t), Start: noon().Add(-time.Hour)}, fault.Refused},
		{"waits cannot be stretched", mara, LaunchRequest{Request: request1, Speed: 0.5, Rehearsal: true}, fault.Invalid},
	} {
		t.Run(test.name, func(t *testing.T) {
			l, b := open(t)
			if _, err := l.Launch(t.Context(), test.who, test.request); !fault.Is(err, test.want) {
				t.Errorf("Launch = %v, want %s", err, test.want)
			}
			names, err := l.Logbooks.Names(t.Context())
			if err != nil || len(names) > 0 || len(b.started) > 0 {
				t.Errorf("left logbooks %v and workflows %v, %v", names, b.started, err)
			}
		})
	}
}

// The same bytes in the same form are one upload, however often it is sent; other
// bytes are another, though the form is the same.
func TestAFileInAFormIsRecordedOnce(t *testing.T) {
	l, _ := open(t)
	for _, data := range []string{"a blurred photo", "a photo", "a photo"} {
		a, err := l.UploadInForm(t.Context(), tim, request1, strings.NewReader(data), Uploaded{MediaType: "image/jpeg", Name: "cord.jpg", Size: -1})
		if err != nil || a.SHA256 != record.Hash([]byte(data)) {
			t.Errorf("%q is stored as %+v, %v", data, a, err)
		}
	}
	records, err := l.Logbooks.Read(t.Context(), Logbook, 0, 0)
	if err != nil || len(records) != 2 || records[0].By != tim {
		t.Errorf("records %v, %v", records, err)
	}
	if _, err := l.UploadInForm(t.Context(), tim, "1", strings.NewReader("x"), Uploaded{Size: -1}); !fault.Is(err, fault.Invalid) {
		t.Errorf("without a request ID: %v", err)
	}
}

func TestAnUploadIsRecordedOnce(t *testing.T) {
	l, _ := open(t)
	var hashes []string
	for range 2 {
		a, err := l.Upload(t.Context(), tim, request1, strings.NewReader("OD 0.3"), Uploaded{MediaType: "text/plain", Name: "plate.txt", Size: 6})
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, a.SHA256)
	}
	records, err := l.Logbooks.Read(t.Context(), Logbook, 0, 0)
	if err != nil || len(records) != 1 || records[0].By != tim || hashes[0] != hashes[1] {
		t.Errorf("records %v, %v; hashes %v", records, err, hashes)
	}
	v, err := l.VerifyArtifacts(t.Context(), mara)
	if err != nil || v.Checked != 1 || len(v.Problems) != 0 {
		t.Errorf("VerifyArtifacts = %+v, %v", v, err)
	}
}
