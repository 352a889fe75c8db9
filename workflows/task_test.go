package workflows

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"secretome/activities"
	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/quantity"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/internal/task"
)

func must(text string) quantity.Quantity {
	q, err := quantity.Parse(text)
	if err != nil {
		panic(err)
	}
	return q
}

var mara = record.Actor{Kind: record.Person, Name: "Mara Thiel", Role: "technician"}

var monday = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)

func input() run.TaskInput {
	return run.TaskInput{
		Context: run.Context{Run: "UCM-2026-001", Logbook: "run/UCM-2026-001", Speed: 1},
		Spec: task.Spec{
			ID: "task/UCM-2026-001/collection/collect/1", Attempt: 1,
			Task: protocol.Task{
				ID: "collect", Title: "Collect the medium", Role: "technician",
				Steps: []protocol.Step{
					{ID: "volume", Fields: []protocol.Field{{ID: "volume", Title: "volume", Kind: protocol.Amount, Unit: "mL", Range: []quantity.Quantity{must("1 mL"), must("20 mL")}}}},
					{ID: "look", Fields: []protocol.Field{{ID: "colour", Title: "colour", Kind: protocol.Choice, Choices: []string{"clear", "turbid"}}}},
				},
			},
			Window: record.Window{Opens: monday, Nominal: monday.Add(time.Hour), Closes: monday.Add(2 * time.Hour), Hard: monday.Add(4 * time.Hour), OnLate: "DEVIATION", OnHard: "DISCARD"},
		},
	}
}

// bench runs a HumanTask and lets people act on it.
type bench struct {
	*testsuite.TestWorkflowEnvironment
	book    *book
	answers map[string]error // what each request was told; nil for done
	t       *testing.T
}

func newBench(t *testing.T) *bench {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	b := &bench{suite.NewTestWorkflowEnvironment(), newBook(), map[string]error{}, t}
	b.SetStartTime(monday)
	b.RegisterActivity(&activities.Activities{Logbooks: b.book})
	for name, code := range All() {
		b.RegisterWorkflowWithOptions(code, workflow.RegisterOptions{Name: name})
	}
	return b
}

// later lets a person act after some time.
func (b *bench) later(after time.Duration, a task.Act) {
	b.RegisterDelayedCallback(func() {
		b.UpdateWorkflow(string(a.Verb), a.Request, &testsuite.TestUpdateCallback{
			OnAccept:   func() {},
			OnReject:   func(err error) { b.answers[a.Request] = activities.Decode(err) },
			OnComplete: func(_ any, err error) { b.answers[a.Request] = activities.Decode(err) },
		}, a)
	}, after)
}

func (b *bench) expect(request string, kind fault.Kind, says string) {
	b.t.Helper()
	err, told := b.answers[request]
	if !told || !fault.Is(err, kind) || !strings.Contains(err.Error(), says) {
		b.t.Errorf("%s was told %v (%v), want a %s with %q", request, err, told, kind, says)
	}
}

func step(request, name, field, value string) task.Act {
	return task.Act{Verb: task.Step, Request: request, By: mara, Step: name, Entries: []record.Entry{{Field: field, Value: value}}}
}

func TestAWholeTask(t *testing.T) {
	b := newBench(t)
	b.later(time.Minute, task.Act{Verb: task.Claim, Request: "claim", By: mara})
	b.later(2*time.Minute, step("volume", "volume", "volume", "9.1 mL"))
	b.later(3*time.Minute, step("colour", "look", "colour", "clear"))
	b.later(4*time.Minute, task.Act{Verb: task.Complete, Request: "done", By: mara})
	b.ExecuteWorkflow(HumanTask, input())
	var result run.TaskResult
	if err := b.GetWorkflowResult(&result); err != nil {
		t.Fatal(err)
	}
	want := []record.Kind{record.TaskAsked, record.TaskClaimed, record.StepDone, record.StepDone, record.TaskCompleted}
	if got := b.book.kinds(); !slices.Equal(got, want) {
		t.Errorf("records are %v, want %v", got, want)
	}
	if e, ok := result.State.Value("volume.volume"); !ok || e.Value != "9.1 mL" || result.State.Verdict != task.InWindow {
		t.Errorf("state is %+v", result.State)
	}
}

func TestBadInputIsRefusedWithoutATrace(t *testing.T) {
	b := newBench(t)
	jonas := record.Actor{Kind: record.Person, Name: "Jonas Weber", Role: "technician"}
	b.later(time.Second, step("unclaimed", "volume", "volume", "9.1 mL"))
	b.later(2*time.Second, task.Act{Verb: task.Claim, Request: "wrong role", By: record.Actor{Kind: record.Person, Name: "Aiko Vogt", Role: "reviewer"}})
	b.later(time.Minute, task.Act{Verb: task.Claim, Request: "claim", By: mara})
	b.later(61*time.Second, task.Act{Verb: task.Claim, Request: "held", By: jonas})
	b.later(62*time.Second, step("out of range", "volume", "volume", "91 mL"))
	b.later(63*time.Second, step("unit", "volume", "volume", "9.1 mg"))
	b.later(64*time.Second, step("order", "look", "colour", "clear"))
	b.later(65*time.Second, task.Act{Verb: task.Step, Request: "missing", By: mara, Step: "volume"})
	b.later(66*time.Second, step("no such step", "weigh", "mass", "1 g"))
	b.later(67*time.Second, task.Act{Verb: task.Complete, Request: "too soon", By: mara})
	b.later(68*time.Second, task.Act{Verb: task.Skip, Request: "skip", By: mara})
	b.later(70*time.Second, task.Act{Verb: task.Release, Request: "release", By: mara})
	b.later(80*time.Second, func() task.Act {
		a := step("by hand", "volume", "volume", "9.1 mL")
		a.By = jonas
		return a
	}())
	b.RegisterDelayedCallback(b.CancelWorkflow, 2*time.Minute)
	b.ExecuteWorkflow(HumanTask, input())
	if !b.IsWorkflowCompleted() || b.GetWorkflowError() == nil {
		t.Fatal("the task is not withdrawn")
	}
	b.expect("unclaimed", fault.Conflict, "nobody holds the task")
	b.expect("wrong role", fault.Forbidden, "for the role technician")
	b.expect("held", fault.Conflict, "Mara Thiel holds the task")
	b.expect("out of range", fault.Refused, "91 mL is outside 1 mL to 20 mL")
	b.expect("unit", fault.Invalid, "9.1 mg is a mass, not a volume")
	b.expect("order", fault.Conflict, `step "volume" comes before "look"`)
	b.expect("missing", fault.Invalid, "volume is missing")
	b.expect("no such step", fault.NotFound, `no step "weigh"`)
	b.expect("too soon", fault.Conflict, `step "volume" is not done`)
	b.expect("skip", fault.Invalid, "reason is missing")
	b.expect("by hand", fault.Conflict, "nobody holds the task")
	want := []record.Kind{record.TaskAsked, record.TaskClaimed, record.TaskReleased, record.TaskClosed}
	if got := b.book.kinds(); !slices.Equal(got, want) {
		t.Errorf("records are %v, want %v: a refusal left a trace", got, want)
	}
}

func TestLateAnswerOpensADeviation(t *testing.T) {
	b := newBench(t)
	b.later(150*time.Minute, task.Act{Verb: task.Claim, Request: "claim", By: mara})
	b.later(151*time.Minute, step("volume", "volume", "volume", "9.1 mL"))
	b.later(152*time.Minute, step("colour", "look", "colour", "clear"))
	b.later(153*time.Minute, task.Act{Verb: task.Complete, Request: "done", By: mara})
	b.ExecuteWorkflow(HumanTask, input())
	var result run.TaskResult
	if err := b.GetWorkflowResult(&result); err != nil {
		t.Fatal(err)
	}
	d := result.State.Departures
	if result.State.Verdict != task.Late || len(d) != 1 || d[0].Asks != protocol.Deviation || !strings.Contains(d[0].What, "33m0s after it closes") {
		t.Errorf("verdict %q, departures %+v", result.State.Verdict, d)
	}
	if kinds := b.book.kinds(); !slices.Contains(kinds, record.WindowPassed) {
		t.Errorf("nobody noted that the window closed: %v", kinds)
	}
}

func TestOutOfRangeWithAReasonIsADeviation(t *testing.T) {
	b := newBench(t)
	odd := step("volume", "volume", "volume", "25 mL")
	odd.Deviation = "two vessels were pooled"
	b.later(time.Minute, task.Act{Verb: task.Claim, Request: "claim", By: mara})
	b.later(2*time.Minute, odd)
	b.RegisterDelayedCallback(b.CancelWorkflow, 3*time.Minute)
	b.ExecuteWorkflow(HumanTask, input())
	if err := b.answers["volume"]; err != nil {
		t.Fatal(err)
	}
	want := []record.Kind{record.TaskAsked, record.TaskClaimed, record.StepDone, record.DeviationOpened, record.TaskClosed}
	if got := b.book.kinds(); !slices.Equal(got, want) {
		t.Errorf("records are %v, want %v", got, want)
	}
}

// saveAgain saves, a millisecond later once more, until the history is full:
// the environment takes no thousand callbacks at once.
func (b *bench) saveAgain(i int) {
	if i == rollOver {
		return
	}
	a := task.Act{Verb: task.Save, Request: fmt.Sprint("save ", i), By: mara, Step: "volume", Entries: []record.Entry{{Field: "volume", Value: fmt.Sprintf("%d mL", 1+i%20)}}}
	b.RegisterDelayedCallback(func() {
		none := &testsuite.TestUpdateCallback{OnAccept: func() {}, OnReject: func(error) {}, OnComplete: func(any, error) {}}
		b.UpdateWorkflow(string(a.Verb), a.Request, none, a)
		b.saveAgain(i + 1)
	}, 2*time.Millisecond)
}

func TestALongTaskStartsANewHistory(t *testing.T) {
	b := newBench(t)
	b.later(time.Second, task.Act{Verb: task.Claim, Request: "claim", By: mara})
	b.RegisterDelayedCallback(func() { b.saveAgain(0) }, 2*time.Second)
	b.ExecuteWorkflow(HumanTask, input())
	again, ok := errors.AsType[*workflow.ContinueAsNewError](b.GetWorkflowError())
	if !ok || again.WorkflowType.Name != "HumanTask" {
		t.Fatalf("the task ended with %v, want continue as new", b.GetWorkflowError())
	}
}
