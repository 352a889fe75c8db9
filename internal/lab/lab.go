// Package lab is the application: every command and question that a person can
// put, once. Doors (the HTTP API, later the pages) decode, call one method of
// [Lab], and render.
//
// # Commands
//
// Who acts is an argument of each command, is checked against the one table in
// roles.go, and lands in the record. Every command carries a request ID; put
// again with the same one, it is answered from the record of the first time:
// after a lost answer, after a task turned a page, and after it has closed.
//
// # Questions
//
// Questions are answered from the index, which may lag behind the logbooks by a
// moment, and from the workflows themselves where only they know.
package lab

import (
	"context"
	"fmt"
	"io"
	"time"

	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"github.com/google/uuid"

	"secretome/internal/account"
	"secretome/internal/artifact"
	"secretome/internal/fault"
	"secretome/internal/forecast"
	"secretome/internal/index"
	"secretome/internal/logbook"
	"secretome/internal/record"
)

// Temporal is what the laboratory needs of Temporal's client.
type Temporal interface {
	ExecuteWorkflow(ctx context.Context, options client.StartWorkflowOptions, workflow any, args ...any) (client.WorkflowRun, error)
	UpdateWorkflow(ctx context.Context, options client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error)
	NewWithStartWorkflowOperation(options client.StartWorkflowOptions, workflow any, args ...any) client.WithStartWorkflowOperation
	UpdateWithStartWorkflow(ctx context.Context, options client.UpdateWithStartWorkflowOptions) (client.WorkflowUpdateHandle, error)
	DescribeWorkflowExecution(ctx context.Context, workflowID, runID string) (*workflowservice.DescribeWorkflowExecutionResponse, error)
	QueryWorkflow(ctx context.Context, workflowID, runID, queryType string, args ...any) (converter.EncodedValue, error)
}

// Exporter packs a run's bundle.
type Exporter interface {
	// Export writes the bundle of a run to w as a tar archive.
	Export(ctx context.Context, run string, w io.Writer) error
}

// Deps is what a laboratory is made of.
type Deps struct {
	Temporal  Temporal
	Logbooks  *logbook.Logbooks
	Index     *index.Index
	Artifacts *artifact.Store
	People    *account.Book
	Accounts  *account.Store                   // nil: only the book's people are known
	Vault     Vault                            // opens what is blinded
	Exporter  Exporter                         // nil: bundles cannot be exported here
	Notices   bool                             // people outside the program are told
	Drafts    *Drafts                          // nil: runs are launched without drafts
	Calendar  forecast.Calendar                // when people are there; without hours [forecast.Usual]
	Program   string                           // version of this program
	Sheets    func(data []byte) (Sheet, error) // reads instruments' files; nil: they are not shown before they are recorded
	Now       func() time.Time
}

// Lab answers commands and questions. It is safe for concurrent use.
type Lab struct {
	Deps
	specs    specs
	outlines outlines
	drawn    memory[drafted]           // what documents say, by their SHA-256
	planned  memory[forecast.Forecast] // of runs, by their ID
}

// New returns a laboratory.
func New(d Deps) *Lab {
	if d.Calendar.Hours == (forecast.Calendar{}).Hours {
		d.Calendar = forecast.Usual()
	}
	return &Lab{Deps: d}
}

// SignIn returns whose token this is, of those that may do all that their person
// may; see [Lab.Identify] for the others. It fails with [fault.Forbidden].
func (l *Lab) SignIn(token string) (record.Actor, error) {
	a, err := l.Identify(context.Background(), token)
	if err == nil {
		err = a.May(account.All)
	}
	if err != nil {
		return record.Actor{}, err
	}
	return a.Who, nil
}

// patience is how long a command waits for the index to show what it did.
const patience = time.Second

// shown waits until the index knows the record, so that whoever acted sees it
// in the next list. It reports whether it does: a false one is no error.
func (l *Lab) shown(ctx context.Context, ref record.Ref) bool {
	const pause = 10 * time.Millisecond
	for deadline := time.Now().Add(patience); ; {
		last, _, err := l.Index.Last(ctx, ref.Logbook)
		if err == nil && last >= ref.Number {
			return true
		}
		if time.Now().Add(pause).After(deadline) {
			return false
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(pause):
		}
	}
}

// checkRequest refuses a command without a request ID, with which a lost answer
// could never be asked for again.
func checkRequest(id string) error {
	if uuid.Validate(id) != nil {
		return fault.New(fault.Invalid, "%q is no request ID", id).Field("request").Try("make a UUID for each command, and keep it when the command is sent again")
	}
	return nil
}

// reused refuses a request whose ID stands at another act's record.
func reused(r record.Record) error {
	return fault.New(fault.Conflict, "the request ID %s was used for another act, record %d", r.Request, r.Number).Try("make a new request ID for each act")
}

// draft is what the records of a command that lab itself writes have in common.
func (l *Lab) draft(who record.Actor, logbook, request string, kind record.Kind, body any) (record.Draft, error) {
	encoded, err := record.Body(body)
	if err != nil {
		return record.Draft{}, err
	}
	now := l.Now()
	return record.Draft{Logbook: logbook, Request: request, Kind: kind, Received: now, Happened: now, By: who, Program: l.Program, Body: encoded}, nil
}

// decode reads a record's body and its name.
func decode[T any](r record.Record) (T, record.Ref, error) {
	body, err := record.Read[T](r)
	if err != nil {
		return body, record.Ref{}, err
	}
	ref, err := r.Ref()
	if err != nil {
		return body, ref, fmt.Errorf("name record %d of %s: %w", r.Number, r.Logbook, err)
	}
	return body, ref, nil
}
