package lab

import (
	"errors"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"

	"secretome/internal/fault"
	"secretome/internal/record"
	"secretome/internal/task"
)

// do carries out an act that must succeed.
func do(t *testing.T, l *Lab, who record.Actor, a task.Act) Acted {
	t.Helper()
	got, err := l.Act(t.Context(), who, weighing().ID, a)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func weigh(request, mass string) task.Act {
	return task.Act{Verb: task.Step, Request: request, Step: "weigh", Entries: []record.Entry{{Field: "mass", Value: mass}}}
}

func TestTheSecondAnswerIsTheFirst(t *testing.T) {
	l, b := open(t)
	launch(t, l, request1)
	claimed := do(t, l, tim, task.Act{Verb: task.Claim, Request: request1[:35] + "a"})
	entered := do(t, l, tim, weigh(request2, "31,4 g"))
	completed := do(t, l, tim, task.Act{Verb: task.Complete, Request: request3})
	if claimed.Phase != task.Claimed || claimed.NextStep != "weigh" || entered.NextStep != "" || completed.Phase != task.Completed {
		t.Fatalf("answers are %+v, %+v, %+v", claimed, entered, completed)
	}
	b.closed = true // the workflow is gone: only the logbook can tell
	updates := b.updates
	for _, test := range []struct {
		name string
		act  task.Act
		want Acted
	}{
		{"a claim", task.Act{Verb: task.Claim, Request: request1[:35] + "a"}, claimed},
		{"a step", weigh(request2, "31,4 g"), entered},
		{"a completion", task.Act{Verb: task.Complete, Request: request3}, completed},
	} {
		if got := do(t, l, tim, test.act); got != test.want {
			t.Errorf("%s: second answer %+v, first %+v", test.name, got, test.want)
		}
	}
	if b.updates != updates {
		t.Errorf("%d Updates were sent for what was answered already", b.updates-updates)
	}
}

// A process that was killed behind an append leaves a record that its task does
// not know yet: who is told of the record can build on it.
func TestAnAnswerFromTheLogbookWaitsForTheTask(t *testing.T) {
	l, b := open(t)
	launch(t, l, request1)
	do(t, l, tim, task.Act{Verb: task.Claim, Request: request1[:35] + "a"})
	before := b.state
	entered := do(t, l, tim, weigh(request2, "31.4 g"))
	r, err := l.Logbooks.Record(t.Context(), "run/UCM-2026-001", entered.Record.Number)
	if err != nil {
		t.Fatal(err)
	}
	b.state, b.missed = before, []record.Record{r}
	if again := do(t, l, tim, weigh(request2, "31.4 g")); again != entered {
		t.Errorf("the second answer is %+v, the first was %+v", again, entered)
	}
	do(t, l, tim, task.Act{Verb: task.Complete, Request: request3})
}

func TestWhatWasTypedIsKeptBesideItsCanonicalForm(t *testing.T) {
	l, _ := open(t)
	launch(t, l, request1)
	do(t, l, tim, task.Act{Verb: task.Claim, Request: request2})
	got := do(t, l, tim, weigh(request3, "31,4 g"))
	r, err := l.Logbooks.Record(t.Context(), got.Record.Logbook, got.Record.Number)
	if err != nil {
		t.Fatal(err)
	}
	body, err := record.Read[record.Entered](r)
	if err != nil || len(body.Entries) != 1 || body.Entries[0].Value != "31.4 g" || body.Entries[0].Typed != "31,4 g" {
		t.Errorf("entries = %+v, %v", body.Entries, err)
	}
}

func TestNoAnswerIsAskedAgain(t *testing.T) {
	for _, test := range []struct {
		name  string
		err   error
		after bool // the first Update was carried out, its answer lost
		want  int  // Updates sent
	}{
		{"the server is away", serviceerror.NewUnavailable("no"), false, 2},
		{"too many Updates at once", serviceerror.NewResourceExhausted(0, "limit"), false, 2},
		{"the task turns a page", temporal.NewNonRetryableApplicationError("turned", turned, nil), false, 2},
		{"no worker in time", client.NewWorkflowUpdateServiceTimeoutOrCanceledError(errors.New("late")), false, 2},
		{"the answer was lost", client.NewWorkflowUpdateServiceTimeoutOrCanceledError(errors.New("late")), true, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			l, b := open(t)
			launch(t, l, request1)
			b.errs, b.after = []error{test.err}, test.after
			got := do(t, l, tim, task.Act{Verb: task.Claim, Request: request2})
			if got.Phase != task.Claimed || got.Holder != "Tim" || b.updates != test.want {
				t.Errorf("answer %+v after %d Updates, want %d", got, b.updates, test.want)
			}
			records, err := l.Logbooks.Read(t.Context(), got.Record.Logbook, 0, 0)
			if err != nil || len(records) != 2 {
				t.Errorf("%d records, %v, want the launch and one claim", len(records), err)
			}
		})
	}
}

func TestWhatMayNotHappenIsRefused(t *testing.T) {
	id := weighing().ID
	claim := task.Act{Verb: task.Claim, Request: request2}
	for _, test := range []struct {
		name string
		who  record.Actor
		id   string
		act  task.Act
		want fault.Kind
		text string
	}{
		{"a task that somebody else holds", tea, id, task.Act{Verb: task.Claim, Request: request3}, fault.Conflict, "Tim holds"},
		{"the request of another act", tea, id, claim, fault.Conflict, "used for another act"},
		{"an unknown run", tim, "task/UCM-1999-001/x/1", claim, fault.NotFound, "UCM-1999-001"},
		{"an unknown task", tim, "task/UCM-2026-001/x/1", task.Act{Verb: task.Claim, Request: request3}, fault.NotFound, "x/1"},
		{"a task without a run", tim, "task/", claim, fault.NotFound, "no run"},
		{"an unknown step", tim, id, task.Act{Verb: task.Step, Request: request3, Step: "wiegh"}, fault.NotFound, "weigh"},
		{"an unknown unit", tim, id, weigh(request3, "31 ounce"), fault.Invalid, "ounce"},
		{"a number without a unit", tim, id, weigh(request3, "31"), fault.Invalid, "31"},
		{"a value out of range", tim, id, weigh(request3, "61 g"), fault.Refused, "61 g"},
		{"a missing field", tim, id, task.Act{Verb: task.Step, Request: request3, Step: "weigh"}, fault.Invalid, "missing"},
		{"a stranger to hand over to", tim, id, task.Act{Verb: task.HandOver, Request: request3, To: "Nobody"}, fault.NotFound, "Nobody"},
		{"somebody of another role to hand over to", tim, id, task.Act{Verb: task.HandOver, Request: request3, To: "Mara"}, fault.Forbidden, "Mara is manager"},
		{"the future", tim, id, task.Act{Verb: task.Complete, Request: request3, Happened: noon().Add(time.Hour)}, fault.Invalid, "future"},
		{"no request ID", tim, id, task.Act{Verb: task.Complete}, fault.Invalid, "request ID"},
	} {
		t.Run(test.name, func(t *testing.T) {
			l, _ := open(t)
			launch(t, l, request1)
			do(t, l, tim, claim)
			_, err := l.Act(t.Context(), test.who, test.id, test.act)
			f := fault.Of(err)
			if !fault.Is(err, test.want) || !strings.Contains(f.Sentence()+f.Help, test.text) {
				t.Errorf("Act = %v, want %s with %q", err, test.want, test.text)
			}
			records, err := l.Logbooks.Read(t.Context(), "run/UCM-2026-001", 0, 0)
			if err != nil || len(records) != 2 {
				t.Errorf("%d records, %v, want the launch and the claim", len(records), err)
			}
		})
	}
}

func TestAClosedTaskNamesWhoCompletedIt(t *testing.T) {
	l, b := open(t)
	launch(t, l, request1)
	do(t, l, tim, task.Act{Verb: task.Claim, Request: request1[:35] + "a"})
	do(t, l, tim, weigh(request2, "31 g"))
	do(t, l, tim, task.Act{Verb: task.Complete, Request: request3})
	b.closed = true
	_, err := l.Act(t.Context(), tim, weighing().ID, task.Act{Verb: task.Complete, Request: request1[:35] + "b"})
	if !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "completed already, by Tim") {
		t.Errorf("Act = %v, want a conflict that names Tim", err)
	}
}
