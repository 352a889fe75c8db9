package workflows

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"secretome/activities"
	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/internal/sample"
	"secretome/internal/task"
)

// A loop of a flow that does not come to its end is for the manager to decide on:
// no further, as often once more, or discard. Waits that follow each other count
// from the end of the one before.
func TestALoopThatDoesNotEndIsDecidedOn(t *testing.T) {
	for _, test := range []struct {
		name    string
		choice  []string // one after another; the last for all that follow
		holds   int      // the round in which it is so; 0: never
		rounds  int
		decided int
		outcome run.Outcome
	}{
		{"it is so in the second round", []string{"continue"}, 2, 2, 0, run.Done},
		{"it never is, and the manager lets the run go on", []string{"continue"}, 0, 3, 1, run.Done},
		{"as often once more, and then it is so", []string{"repeat"}, 5, 5, 1, run.Done},
		{"twice more, in vain", []string{"repeat", "repeat", "continue"}, 0, 9, 3, run.Done},
		{"it never is, and the manager discards all", []string{"discard"}, 0, 3, 1, run.Discarded},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := incubation()
			p.Stages[0].Flow = []protocol.Act{
				{Task: "put-in"},
				{Repeat: []protocol.Act{{Wait: "incubation"}, {Wait: "incubation"}, {Task: "look"}}, Until: protocol.Proviso{Value: "look:do.seen", Equals: "yes"}, AtMost: 3},
			}
			w := newWorld(t, p)
			judged := 0
			w.proviso = func(protocol.Criterion) bool { judged++; return judged == test.holds }
			w.choice = func(spec task.Spec) string { return test.choice[min(spec.Attempt, len(test.choice))-1] }
			if status := w.run(); status.Outcome != test.outcome {
				t.Errorf("the run is %s (%s), want %s", status.Outcome, status.Why, test.outcome)
			}
			if looked, decided := w.times("look"), w.times(protocol.DecisionID); looked != test.rounds || decided != test.decided {
				t.Errorf("looked %d times and decided %d times, want %d and %d", looked, decided, test.rounds, test.decided)
			}
			look := w.asked[slices.IndexFunc(w.asked, func(s task.Spec) bool { return s.Task.ID == "look" })]
			// put in after 1 minute; the second wait counts from when the first was over, after 110 minutes.
			if want := monday.Add(time.Minute + 110*time.Minute + 2*time.Hour); !look.Window.Nominal.Equal(want) {
				t.Errorf("the second wait is nominally over at %s, want %s", look.Window.Nominal, want)
			}
		})
	}
}

// One branch that ends badly withdraws the other.
func TestABranchThatEndsWithdrawsTheOther(t *testing.T) {
	w := newWorld(t, reference(t, "compact.yaml"))
	w.mishap = func(about record.Subject, at string, criteria []protocol.Criterion) record.Decision {
		d := met(criteria)
		if at == "collection/collect" {
			d.Do = string(protocol.Discard)
		}
		return d
	}
	var until time.Time
	w.moment = func(spec task.Spec, ends time.Time) time.Time {
		if spec.Task.ID == protocol.CollectBlank {
			until = ends.Add(24 * time.Hour) // nobody comes
			return until
		}
		return ends
	}
	status := w.run()
	if status.Outcome != run.Discarded || status.Why != "collection/collect departs" {
		t.Errorf("the run is %s (%s)", status.Outcome, status.Why)
	}
	if !w.sealed.Base.Received.Before(until) {
		t.Errorf("the run was sealed at %s: it waited for the other branch, until %s", w.sealed.Base.Received, until)
	}
	if n := w.times(protocol.Clarify); n != 0 {
		t.Errorf("what was discarded was clarified %d times", n)
	}
}

// A lot that its own rules do not release is a deviation; the manager decides.
func TestAReleaseThatALotRefusesIsDecidedOn(t *testing.T) {
	for choice, outcome := range map[string]run.Outcome{"continue": run.Done, "discard": run.Discarded} {
		t.Run(choice, func(t *testing.T) {
			p := incubation()
			p.Stages[0].Tasks[0].Steps[0].Fields[1].Thing = protocol.Thing{Is: sample.CM, Made: true, Becomes: string(sample.Released)}
			w := newWorld(t, p)
			w.refused["vessel/1"] = fault.New(fault.Refused, "vessel/1 has no released unconditioned medium beside it")
			w.choice = func(task.Spec) string { return choice }
			if status := w.run(); status.Outcome != outcome {
				t.Errorf("the run is %s (%s), want %s", status.Outcome, status.Why, outcome)
			}
			d, _ := w.book.first(record.DeviationOpened)
			if body, err := record.Read[record.Deviation](d); err != nil || !strings.Contains(body.What, "no released unconditioned medium") || body.Asks != string(protocol.Deviation) {
				t.Errorf("the deviation says %+v, %v", body, err)
			}
		})
	}
}

// What only a mended protocol or program cures ends the run, and is said.
func TestAStageThatCannotBeDoneSaysWhy(t *testing.T) {
	of := func(change func(*protocol.Stage)) protocol.Protocol {
		p := incubation()
		change(&p.Stages[0])
		return p
	}
	for _, test := range []struct {
		name string
		p    protocol.Protocol
		why  string
	}{
		{"no such task", of(func(s *protocol.Stage) { s.Flow = []protocol.Act{{Task: "weigh"}} }), `the protocol's stage "incubate" has no task "weigh"`},
		{"no such wait", of(func(s *protocol.Stage) { s.Flow = []protocol.Act{{Wait: "growth"}} }), `the protocol's stage "incubate" has no wait "growth"`},
		{"a limit on what was not asked", of(func(s *protocol.Stage) {
			s.Flow = []protocol.Act{{When: protocol.Proviso{Value: "look:do.seen", Equals: "yes"}, Then: []protocol.Act{{Task: "look"}}}}
		}), `"look:do.seen" speaks of a task that was not asked`},
		{"no cord", protocol.Protocol{Stages: []protocol.Stage{{ID: protocol.Culturing}}}, `no earlier stage answered "collect-cord"`},
		{"no lot", protocol.Protocol{
			Models: []protocol.Model{{ID: "cells", Blocks: 1}},
			Stages: []protocol.Stage{{ID: protocol.Treating, Model: "cells", Tasks: []protocol.Task{simpleTask(protocol.Prepare)}, Waits: []protocol.Wait{{ID: protocol.Settle}}}},
		}, `block "1" of cells has no lot of conditioned medium`},
		{"no assay", protocol.Protocol{Stages: []protocol.Stage{{
			ID: protocol.Collecting, Measures: []string{"protein"}, Waits: []protocol.Wait{{ID: protocol.Grow}, {ID: protocol.Condition}},
			Tasks: []protocol.Task{
				simpleTask(protocol.SeedVessels), simpleTask(protocol.Rinse), simpleTask(protocol.AddBasal), simpleTask(protocol.Collect),
				simpleTask(protocol.CollectBlank), simpleTask(protocol.Clarify),
			},
		}}}, `the protocol's stage "collection" does not measure "protein"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, test.p)
			if test.name == "no assay" { // the culture before it went well
				w.ExecuteWorkflow(Collection, run.StageInput{Context: w.input().Context, Stage: protocol.Collecting, Begins: monday, Given: earlier(protocol.Harvest)})
				if err := activities.Decode(w.GetWorkflowError()); err == nil || !strings.Contains(err.Error(), test.why) {
					t.Errorf("the stage ends with %v, want %q", err, test.why)
				}
				return
			}
			if status := w.run(); status.Outcome != run.Failed || !strings.Contains(status.Why, test.why) {
				t.Errorf("the run is %s (%s), want %q", status.Outcome, status.Why, test.why)
			}
		})
	}
}

// Blocks that begin apart are not waited for once the run is stopped, and the
// record says when the waiting ended.
func TestAStopEndsTheWaitForABlock(t *testing.T) {
	p := reference(t, "compact.yaml")
	for i := range p.Models {
		p.Models[i].Apart = must("30 d")
	}
	w := newWorld(t, p)
	var stopped time.Time
	w.moment = func(spec task.Spec, ends time.Time) time.Time {
		if spec.Task.ID == protocol.Prepare && stopped.IsZero() {
			stopped = w.Now().Add(time.Hour)
			w.act(time.Hour, run.Act{Verb: run.Stop, Request: "stop", Reason: "the study is given up"})
		}
		return ends
	}
	if status := w.run(); status.Outcome != run.Stopped {
		t.Errorf("the run is %s (%s)", status.Outcome, status.Why)
	}
	waits := 0
	for _, r := range w.book.records {
		if r.Kind != record.WaitEnded {
			continue
		}
		if body, err := record.Read[record.Wait](r); err == nil && body.Wait == "apart" {
			if waits++; !body.Ended.Equal(stopped) {
				t.Errorf("record %d says that the wait ended at %s, want %s", r.Number, body.Ended, stopped)
			}
		}
	}
	if waits == 0 || w.times(protocol.Treat) != 0 {
		t.Errorf("%d waits ended, %d blocks were treated", waits, w.times(protocol.Treat))
	}
}

// What a tablet brings back after its task was closed is kept with both its times,
// and the manager decides.
func TestALateEntryIsKeptAndDecidedOn(t *testing.T) {
	w := newWorld(t, incubation())
	in := LateInput{
		Context: w.input().Context, Stage: "late-0a1b", Title: "Take out", Phase: "completed", Subject: record.Subject{Stage: "incubate"},
		Act: task.Act{Verb: task.Step, Request: "0a1b", By: mara, Happened: monday.Add(-48 * time.Hour), Step: "do", Entries: []record.Entry{
			{Field: "photo", Value: strings.Repeat("ab", 32), File: &record.Artifact{SHA256: strings.Repeat("ab", 32)}},
		}},
	}
	w.ExecuteWorkflow(Late, in)
	if err := w.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
	r, ok := w.book.first(record.LateEntry)
	if !ok || !r.Happened.Equal(in.Act.Happened) || !r.Received.Equal(monday) || r.By.Name != mara.Name || len(r.Uses) != 1 {
		t.Errorf("the record is %+v", r)
	}
	want := []record.Kind{record.LateEntry, record.StageStarted, record.DeviationOpened, record.DeviationDecided, record.StageEnded}
	if got := w.book.kinds(); !slices.Equal(got, want) {
		t.Errorf("records are %v, want %v", got, want)
	}
	if decides := w.asked[0]; !slices.Contains(decides.NotBy, mara.Name) || LateID("0a1b") != "late/0a1b" {
		t.Errorf("who brought it may decide on it: %+v", decides)
	}
}

// A recall holds each descendant that is kept and each run that one was in; what
// cannot be held does not stop it.
func TestARecallReachesEveryDescendant(t *testing.T) {
	w := newWorld(t, incubation())
	w.refused["CM-2"] = fault.New(fault.Conflict, "CM-2 is on hold already")
	w.RegisterActivityWithOptions(func(context.Context, string) ([]sample.Descendant, error) {
		return []sample.Descendant{
			{Barcode: "D-0031", Kept: true, Runs: []string{"A"}}, {Barcode: "CV-1", Runs: []string{"A"}},
			{Barcode: "CM-1", Kept: true, Runs: []string{"A", "B"}}, {Barcode: "CM-2", Kept: true, Runs: []string{"C"}},
		}, nil
	}, activity.RegisterOptions{Name: "Descend"})
	var held []activities.HoldRunInput
	w.RegisterActivityWithOptions(func(_ context.Context, in activities.HoldRunInput) (record.Ref, error) {
		held = append(held, in)
		return w.ref(), nil
	}, activity.RegisterOptions{Name: "HoldRun"})
	w.ExecuteWorkflow(Recall, RecallInput{Request: "r1", Thing: "D-0031", Why: "the donor withdrew", By: karin, Cause: w.ref()})
	if err := w.GetWorkflowError(); err != nil {
		t.Fatal(err)
	}
	var runs []string
	for _, h := range held {
		runs = append(runs, h.Run+" "+strings.Join(h.Things, ","))
	}
	if want := []string{"A D-0031,CV-1,CM-1", "B CM-1", "C CM-2"}; !slices.Equal(runs, want) {
		t.Errorf("held are %v, want %v", runs, want)
	}
	r, _ := w.book.first(record.Recalled)
	body, err := record.Read[record.Recall](r)
	if err != nil || !slices.Equal(body.All, []string{"CV-1", "CM-1", "CM-2"}) || !slices.Equal(body.Lots, []string{"CM-1"}) || !slices.Equal(body.Runs, []string{"A", "B", "C"}) {
		t.Errorf("the laboratory's logbook says %+v, %v", body, err)
	}
	if r.Subject.Thing != "D-0031" || RecallID("r1") != "recall/r1" {
		t.Errorf("the record is about %+v", r.Subject)
	}
}

// Where the second lot of a step refuses, the first gets back what was drawn, and
// the step is not recorded.
func TestAStepThatALotRefusesIsUndone(t *testing.T) {
	b := newBench(t)
	var acts []string
	b.OnActivity("ToLot", mock.Anything, mock.Anything).Return(func(_ context.Context, in activities.ToLotInput) (activities.LotAnswer, error) {
		acts = append(acts, fmt.Sprint(in.Act.Kind, " ", in.Barcode, " ", in.Act.Body.Draw))
		if in.Barcode == "EMPTY" {
			return activities.LotAnswer{}, activities.Encode(fault.New(fault.Refused, "EMPTY has 0 mL left"))
		}
		return activities.LotAnswer{Record: record.Ref{Logbook: "lot/FULL", Number: 7}}, nil
	})
	in := input()
	in.Spec.Keeps = true
	in.Spec.Task.Steps = []protocol.Step{{ID: "mix", Fields: []protocol.Field{
		{ID: "one", Title: "the first lot", Kind: protocol.Scan, Thing: protocol.Thing{Is: sample.CM, Draws: "1 mL"}},
		{ID: "two", Title: "the second lot", Kind: protocol.Scan, Thing: protocol.Thing{Is: sample.CM, Draws: "1 mL"}},
	}}}
	mix := step("mix", "mix", "one", "FULL")
	mix.Entries = append(mix.Entries, record.Entry{Field: "two", Value: "EMPTY"})
	b.later(time.Minute, task.Act{Verb: task.Claim, Request: "claim", By: mara})
	b.later(2*time.Minute, mix)
	b.RegisterDelayedCallback(b.CancelWorkflow, time.Hour)
	b.ExecuteWorkflow(HumanTask, in)
	b.expect("mix", fault.Refused, "EMPTY has 0 mL left")
	if want := []string{"lot-drawn FULL 0", "lot-drawn EMPTY 0", "lot-returned FULL 7"}; !slices.Equal(acts, want) {
		t.Errorf("the lots were told %v, want %v", acts, want)
	}
	if slices.Contains(b.book.kinds(), record.StepDone) {
		t.Error("the step is recorded")
	}
	if f := fault.Of(b.answers["mix"]); f.Place.Field != "two" {
		t.Errorf("the refusal is about field %q", f.Place.Field)
	}
}

// A file that no instrument wrote is refused at the bench.
func TestAFileThatNoInstrumentWroteIsRefused(t *testing.T) {
	b := newBench(t)
	b.OnActivity("Recognise", mock.Anything, mock.Anything).Return(func(_ context.Context, f record.Artifact) error {
		if f.Name != "plate.txt" {
			return activities.Encode(fault.New(fault.Invalid, "%s is no export of a known instrument", f.Name))
		}
		return nil
	})
	in := input()
	in.Spec.Reads = true
	in.Spec.Task.Steps = []protocol.Step{{ID: "read", Fields: []protocol.Field{{ID: "export", Title: "export", Kind: protocol.File}}}}
	file := func(request, name string) task.Act {
		a := step(request, "read", "export", strings.Repeat("ab", 32))
		a.Entries[0].File = &record.Artifact{SHA256: strings.Repeat("ab", 32), Name: name}
		return a
	}
	b.later(time.Minute, task.Act{Verb: task.Claim, Request: "claim", By: mara})
	b.later(2*time.Minute, file("a cat", "cat.jpg"))
	b.later(3*time.Minute, file("a plate", "plate.txt"))
	b.RegisterDelayedCallback(b.CancelWorkflow, time.Hour)
	b.ExecuteWorkflow(HumanTask, in)
	b.expect("a cat", fault.Invalid, "cat.jpg is no export of a known instrument")
	if err := b.answers["a plate"]; err != nil {
		t.Error(err)
	}
}

func TestAFaultIsFoundInTheErrorOfAWorkflow(t *testing.T) {
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	env := suite.NewTestWorkflowEnvironment()
	env.ExecuteWorkflow(func(workflow.Context) error {
		return activities.Encode(fault.New(fault.Conflict, "somebody was quicker"))
	})
	if err := Fault(env.GetWorkflowError()); !fault.Is(err, fault.Conflict) || err.Error() != "somebody was quicker" {
		t.Errorf("the fault is %v", err)
	}
	if plain := errors.New("disk full"); !errors.Is(Fault(plain), plain) {
		t.Error("an error without a fault is another one")
	}
}
