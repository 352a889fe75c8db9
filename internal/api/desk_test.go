package api

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	temporal "go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"secretome/internal/account"
	"secretome/internal/artifact"
	"secretome/internal/client"
	"secretome/internal/index"
	"secretome/internal/lab"
	"secretome/internal/logbook"
	"secretome/internal/record"
	"secretome/internal/task"
	"secretome/workflows"
)

// oneTask is a Temporal server with the workflow of one task, which keeps its
// rules and writes into its run's logbook.
type oneTask struct {
	empty
	books *logbook.Logbooks
	mu    sync.Mutex
	spec  task.Spec
	state task.State
}

func (o *oneTask) UpdateWorkflow(ctx context.Context, options temporal.UpdateWorkflowOptions) (temporal.WorkflowUpdateHandle, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	act, ok := options.Args[0].(task.Act)
	if options.WorkflowID != o.spec.ID || !ok || o.state.Phase == task.Completed {
		return nil, serviceerror.NewNotFound("no workflow")
	}
	if err := o.state.Check(o.spec, act); err != nil {
		return updated{err: err}, nil
	}
	at := act.Happened
	if at.IsZero() {
		at = time.Now()
	}
	drafts, err := task.Drafts(record.Draft{Logbook: theBook, Request: act.Request, By: act.By, Received: time.Now(), Happened: at, Subject: record.Subject{Task: o.spec.ID, Step: act.Step}}, o.spec, o.state, act)
	if err != nil {
		return updated{err: err}, nil
	}
	answer := task.Answer{}
	for i, d := range drafts {
		r, err := o.books.Append(ctx, d)
		if err != nil {
			return nil, err
		}
		ref, err := r.Ref()
		if err == nil {
			err = o.state.Apply(r, ref)
		}
		if err != nil {
			return nil, err
		}
		if i == 0 {
			answer.Record = ref
		}
	}
	answer.Phase, answer.Holder, answer.NextStep = o.state.Phase, o.state.Holder.Name, o.state.Next(o.spec.Task)
	return updated{answer: answer}, nil
}

func (o *oneTask) QueryWorkflow(_ context.Context, id, _, name string, _ ...any) (converter.EncodedValue, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if id != o.spec.ID {
		return nil, serviceerror.NewNotFound("no workflow")
	}
	var about any = o.spec
	if name == workflows.QueryState {
		about = o.state
	}
	payload, err := converter.GetDefaultDataConverter().ToPayload(about)
	return temporal.NewValue(&commonpb.Payloads{Payloads: []*commonpb.Payload{payload}}), err
}

// updated is the answer to an Update.
type updated struct {
	temporal.WorkflowUpdateHandle
	answer task.Answer
	err    error
}

func (s updated) Get(_ context.Context, into any) error {
	if to, ok := into.(*task.Answer); ok {
		*to = s.answer
	}
	return s.err
}

const (
	theRun  = "UCM-2026-001"
	theBook = "run/" + theRun
	theTask = "task/" + theRun + "/review/sign-report/1"
)

// theProtocol is a protocol of one stage with the task of the signature, as it is
// stored at the launch.
const theProtocol = `{"protocol":"P","version":"1","title":"P","zone":"UTC","ethics":{"committee":"c","approval":"a","scope":[]},"models":[],"assays":[],"analysis":{"alpha":"0.05","endpoints":[]},
	"stages":[{"stage":"review","title":"Review","tasks":[` + theTasks + `]}]}`

const theTasks = `{"task":"sign-report","title":"Sign the report","role":"reviewer","steps":[{"step":"sign","text":"Say what it means.","fields":[
	{"field":"meaning","title":"meaning","kind":"choice","choices":["reviewed"]},{"field":"identity","title":"name","kind":"text"},
	{"field":"share","title":"share","kind":"quantity","unit":"%","optional":true}]}]}`

// reviewed is a server with one run whose report waits for a signature.
type reviewed struct {
	*httptest.Server
	lab    *lab.Lab
	people *account.Book
	books  *logbook.Logbooks
	index  *index.Index
}

func review(t *testing.T) reviewed {
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
	people, err := account.Ensure(filepath.Join(dir, "credentials.json"), []account.Person{{Name: "Aiko", Role: account.Reviewer}, {Name: "Tim", Role: account.Technician}, {Name: "Karin", Role: account.Manager}, {Name: "Ada", Role: account.Auditor}})
	if err != nil {
		t.Fatal(err)
	}
	bucket := &artifact.Mem{}
	files := artifact.New(bucket, dir)
	one := &oneTask{books: logbook.New(bucket, x, zerolog.Nop()), spec: task.Spec{ID: theTask, Attempt: 1, Subject: record.Subject{Stage: "review", Task: theTask}}, state: task.State{Phase: task.Open}}
	if err := json.Unmarshal([]byte(theTasks), &one.spec.Task); err != nil {
		t.Fatal(err)
	}
	l := lab.New(lab.Deps{Temporal: one, Logbooks: one.books, Index: x, Artifacts: files, People: people, Program: "test", Now: time.Now})
	r := reviewed{lab: l, people: people, books: one.books, index: x}
	protocol, err := files.PutBytes(t.Context(), []byte(theProtocol), "application/json", "protocol.json")
	if err != nil {
		t.Fatal(err)
	}
	r.write(t, "Karin", record.RunLaunched, record.Subject{}, record.Launch{Run: theRun, Title: "Study", Protocol: protocol, Name: "P 1", Zone: "UTC", Plan: []string{"review"}})
	report, err := files.PutBytes(t.Context(), []byte("<!doctype html>"), "text/html", "report.html")
	if err != nil {
		t.Fatal(err)
	}
	r.write(t, "Karin", record.ReportMade, record.Subject{Stage: "analysis"}, record.Made{Title: "Report", Artifact: report})
	r.write(t, "Karin", record.TaskAsked, one.spec.Subject, record.Asked{Title: "Sign the report", Role: account.Reviewer, Attempt: 1})
	r.Server = httptest.NewServer(held(t, New(l, Options{Log: zerolog.Nop(), Version: "test"})))
	t.Cleanup(r.Close)
	return r
}

// write appends a record to the run's logbook.
func (r reviewed) write(t *testing.T, by string, kind record.Kind, about record.Subject, body any) {
	t.Helper()
	encoded, err := record.Body(body)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	_, err = r.books.Append(t.Context(), record.Draft{
		Logbook: theBook, Request: client.NewRequest(), Kind: kind, Received: now, Happened: now, Subject: about, Body: encoded, Program: "test",
		By: record.Actor{Kind: record.Person, Name: by, Role: account.Manager},
	})
	if err != nil {
		t.Fatal(err)
	}
}
