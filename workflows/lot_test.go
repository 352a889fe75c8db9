package workflows

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"secretome/activities"
	"secretome/internal/fault"
	"secretome/internal/record"
	"secretome/internal/sample"
)

// shelf runs a Lot and lets people act on it.
type shelf struct {
	*testsuite.TestWorkflowEnvironment
	t    *testing.T
	book *book
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	s := &shelf{TestWorkflowEnvironment: suite.NewTestWorkflowEnvironment(), t: t, book: newBook()}
	s.SetStartTime(monday)
	s.RegisterActivity(&activities.Activities{Logbooks: s.book})
	s.RegisterWorkflowWithOptions(Lot, workflow.RegisterOptions{Name: "Lot"})
	return s
}

func (s *shelf) later(after time.Duration, a sample.LotAct) *told {
	heard := &told{}
	a.By = mara
	s.RegisterDelayedCallback(func() { s.UpdateWorkflow(activities.LotUpdate, a.Request, heard.callback(), a) }, after)
	return heard
}

// keep lets the lot live until a time, and returns how it ended.
func (s *shelf) keep(until time.Duration) error {
	s.RegisterDelayedCallback(s.CancelWorkflow, until)
	s.ExecuteWorkflow(Lot, activities.LotInput{Barcode: "CM-0031-A"})
	return s.GetWorkflowError()
}

func (s *shelf) lot() sample.Lot {
	s.t.Helper()
	answer, err := s.QueryWorkflow(activities.LotQuery)
	if err != nil {
		s.t.Fatal(err)
	}
	var lot sample.Lot
	if err := answer.Get(&lot); err != nil {
		s.t.Fatal(err)
	}
	return lot
}

func registered(expires time.Time) sample.LotAct {
	return sample.LotAct{Kind: record.LotRegistered, Request: "register", Body: record.LotAct{Kind: "reagent", Title: "alpha-MEM", State: string(sample.Released), Amount: "10 mL", Expires: expires}}
}

func drawn(request, amount string) sample.LotAct {
	return sample.LotAct{Kind: record.LotDrawn, Request: request, Body: record.LotAct{Amount: amount}}
}

// A lot expires by itself, at its time, and nothing can be drawn after that.
func TestALotExpiresByItself(t *testing.T) {
	s := newShelf(t)
	expires := monday.Add(180 * 24 * time.Hour)
	s.later(time.Minute, registered(expires))
	before := s.later(179*24*time.Hour, drawn("before", "4 mL"))
	after := s.later(181*24*time.Hour, drawn("after", "4 mL"))
	if err := s.keep(365 * 24 * time.Hour); err == nil {
		t.Error("the lot ended before it was withdrawn")
	}
	before.done(t)
	after.refused(t, fault.Refused, "CM-0031-A expired on 2026-08-29")
	s.book.expect(t, record.LotExpired, expires, "Lot")
	if l := s.lot(); l.State != sample.Expired || l.Left.String() != "6 mL" {
		t.Errorf("the lot is %s with %s left", l.State, l.Left)
	}
}

// One that is used up first does not expire any more.
func TestADepletedLotDoesNotExpire(t *testing.T) {
	s := newShelf(t)
	s.later(time.Minute, registered(monday.Add(24*time.Hour)))
	s.later(time.Hour, drawn("all of it", "10 mL")).doneAtEnd(t)
	s.later(2*time.Hour, drawn("a drop", "1 uL")).refusedAtEnd(t, fault.Refused, "has 0 mL left")
	if err := s.keep(30 * 24 * time.Hour); err == nil {
		t.Error("the lot ended before it was withdrawn")
	}
	if _, expired := s.book.first(record.LotExpired); expired {
		t.Error("a lot that is used up has expired")
	}
}

// doneAtEnd and refusedAtEnd check an answer when the test is over.
func (h *told) doneAtEnd(t *testing.T) { t.Cleanup(func() { h.done(t) }) }

func (h *told) refusedAtEnd(t *testing.T, kind fault.Kind, says string) {
	t.Cleanup(func() { h.refused(t, kind, says) })
}

func TestLotRefusesWhatMayNotHappen(t *testing.T) {
	s := newShelf(t)
	unknown := s.later(time.Second, drawn("unknown", "1 mL"))
	s.later(time.Minute, registered(time.Time{}))
	twice := s.later(90*time.Second, registered(time.Time{})) // the same request
	another := registered(time.Time{})
	another.Request = "register another"
	again := s.later(2*time.Minute, another)
	much := s.later(3*time.Minute, drawn("much", "10.1 mL"))
	mass := s.later(4*time.Minute, drawn("mass", "1 g"))
	one := s.later(5*time.Minute, drawn("one", "6 mL")) // at once: one wins
	other := s.later(5*time.Minute, drawn("other", "6 mL"))
	held := s.later(6*time.Minute, sample.LotAct{Kind: record.LotHeld, Request: "hold", Body: record.LotAct{Why: "it was left on the bench"}})
	while := s.later(7*time.Minute, drawn("while", "1 mL"))
	if err := s.keep(time.Hour); err == nil {
		t.Error("the lot ended before it was withdrawn")
	}
	unknown.refused(t, fault.NotFound, `no lot "CM-0031-A" is registered`)
	twice.done(t)
	again.refused(t, fault.Conflict, "is registered already")
	much.refused(t, fault.Refused, "10 mL left")
	mass.refused(t, fault.Invalid, "mass")
	one.done(t)
	other.refused(t, fault.Refused, "4 mL left")
	held.done(t)
	while.refused(t, fault.Refused, "is on hold: it was left on the bench")
	want := []record.Kind{record.LotRegistered, record.LotDrawn, record.LotHeld}
	if got := s.book.kinds(); !slices.Equal(got, want) {
		t.Errorf("records are %v, want %v: a refusal left a trace", got, want)
	}
}

// drawAgain draws, a moment later once more: the environment takes no thousand
// callbacks at once.
func (s *shelf) drawAgain(i int) {
	if i == rollOver {
		return
	}
	s.RegisterDelayedCallback(func() {
		s.UpdateWorkflow(activities.LotUpdate, fmt.Sprint("draw ", i), (&told{}).callback(), sample.LotAct{
			Kind: record.LotDrawn, Request: fmt.Sprint("draw ", i), By: mara, Body: record.LotAct{Amount: "1 uL"},
		})
		s.drawAgain(i + 1)
	}, 2*time.Millisecond)
}

// After 1,500 Updates a lot turns a page: what stands carries over, its expiry
// too, and the history before is kept.
func TestALongLivedLotTurnsAPage(t *testing.T) {
	s := newShelf(t)
	s.later(time.Second, registered(monday.Add(24*time.Hour)))
	s.RegisterDelayedCallback(func() { s.drawAgain(0) }, 2*time.Second)
	again, ok := errors.AsType[*workflow.ContinueAsNewError](s.keep(time.Hour))
	if !ok || again.WorkflowType.Name != "Lot" {
		t.Fatalf("the lot ended with %v, want continue as new", s.GetWorkflowError())
	}
	// One Update registered it, 1,499 drew 1 uL each: 10 mL - 1.499 mL.
	var in activities.LotInput
	if err := converter.GetDefaultDataConverter().FromPayloads(again.Input, &in); err != nil {
		t.Fatal(err)
	}
	if in.Lot == nil || in.Lot.Left.String() != "8.501 mL" || in.Before == "" || in.Lot.Last != int64(rollOver) {
		t.Fatalf("the next page begins with %+v", in)
	}

	next := newShelf(t)
	next.book.records, next.book.known, next.book.head = s.book.records, s.book.known, s.book.head
	next.later(time.Minute, drawn("on the next page", "1 mL")).doneAtEnd(t)
	var kept activities.HistoriesInput
	next.OnActivity("KeepHistories", mock.Anything, mock.Anything).Return(func(_ context.Context, in activities.HistoriesInput) (record.Ref, error) {
		kept = in
		return record.Ref{}, nil
	})
	next.RegisterDelayedCallback(next.CancelWorkflow, 48*time.Hour)
	next.ExecuteWorkflow(Lot, in)
	if kept.Execution != in.Before {
		t.Errorf("the history of execution %q is kept, want %q", kept.Execution, in.Before)
	}
	if l := next.lot(); l.Left.String() != "7.501 mL" || l.State != sample.Expired {
		t.Errorf("on the next page %s are left, and it is %s", l.Left, l.State)
	}
}
