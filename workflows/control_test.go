package workflows

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"secretome/activities"
	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/internal/task"
)

var karin = record.Actor{Kind: record.Person, Name: "Karin Lund", Role: "manager"}

// simpleTask is a task with one field that takes a minute.
func simpleTask(id string) protocol.Task {
	return protocol.Task{ID: id, Title: "Do " + id, Role: "technician", Takes: must("1 min"), Steps: []protocol.Step{{ID: "do", Fields: []protocol.Field{{ID: "seen", Title: "seen", Kind: protocol.YesNo}}}}}
}

// incubation is a protocol of one stage: a vessel is put into the incubator, two
// hours later, give or take ten minutes, it is taken out, and then looked at.
func incubation() protocol.Protocol {
	w := protocol.Window{Nominal: must("2 h"), Earliest: must("110 min"), Latest: must("130 min"), OnEarly: protocol.Deviation, OnLate: protocol.Deviation}
	in := simpleTask("put-in")
	in.Steps[0].Fields = append(in.Steps[0].Fields, protocol.Field{ID: "vessel", Title: "vessel", Kind: protocol.Scan, Thing: protocol.Thing{Is: "vessel", Made: true}})
	return protocol.Protocol{ID: "INCUBATION", Version: "1", Title: "Incubation", Zone: "Europe/Berlin", Stages: []protocol.Stage{{
		ID: "incubate", Kind: protocol.Steps, Title: "Incubate",
		Waits: []protocol.Wait{{ID: "incubation", Title: "Incubation", Window: w}},
		Tasks: []protocol.Task{in, simpleTask("take-out"), simpleTask("look")},
		Flow:  []protocol.Act{{Task: "put-in"}, {Wait: "incubation"}, {Task: "take-out"}, {Task: "look"}},
	}}}
}

// act does something to the run after some time.
func (w *world) act(after time.Duration, a run.Act) *told {
	heard := &told{}
	if a.By.Name == "" {
		a.By = karin
	}
	w.RegisterDelayedCallback(func() {
		w.UpdateWorkflow(ControlUpdate, a.Request, heard.callback(), a)
	}, after)
	return heard
}

// told is what an Update was answered.
type told struct {
	answered bool
	err      error
	result   any
}

func (h *told) callback() *testsuite.TestUpdateCallback {
	return &testsuite.TestUpdateCallback{
		OnAccept:   func() {},
		OnReject:   func(err error) { h.answered, h.err = true, activities.Decode(err) },
		OnComplete: func(result any, err error) { h.answered, h.result, h.err = true, result, activities.Decode(err) },
	}
}

func (h *told) refused(t *testing.T, kind fault.Kind, says string) {
	t.Helper()
	if !h.answered || !fault.Is(h.err, kind) || !strings.Contains(h.err.Error(), says) {
		t.Errorf("the answer is %v (%v), want a %s with %q", h.err, h.answered, kind, says)
	}
}

func (h *told) done(t *testing.T) {
	t.Helper()
	if !h.answered || h.err != nil {
		t.Errorf("the answer is %v (%v), want none", h.err, h.answered)
	}
}

// clock is a time of the first day.
func clock(text string) time.Time {
	c, err := time.Parse("15:04", text)
	if err != nil {
		panic(err)
	}
	return time.Date(monday.Year(), monday.Month(), monday.Day(), c.Hour(), c.Minute(), 0, 0, time.UTC)
}

// Cells do not pause: an incubation of two hours that begins at 10:00 ends at
// 12:00, whatever the run does meanwhile. The run is paused at 10:30.
func TestPauseDuringAnIncubation(t *testing.T) {
	for _, test := range []struct {
		name    string
		resumed string
		asked   string // when the vessel is to be taken out
		verdict string
		decided int
	}{
		{"resumed after its end, what follows is late by 45 minutes and needs a decision", "12:45", "12:45", task.Late, 1},
		{"resumed before its end, nothing is late", "11:30", "11:50", task.InWindow, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, incubation())
			w.SetStartTime(clock("10:00"))
			begins := map[string]time.Time{}
			w.moment = func(spec task.Spec, _ time.Time) time.Time {
				begins[spec.Task.ID] = w.Now().UTC()
				return w.Now()
			}
			w.act(30*time.Minute, run.Act{Verb: run.Pause, Request: "pause", Reason: "the alarm of the incubator"})
			w.act(clock(test.resumed).Sub(clock("10:00")), run.Act{Verb: run.Resume, Request: "resume", Reason: "it was a false alarm"})
			for quarter := 45 * time.Minute; clock("10:00").Add(quarter).Before(clock(test.resumed)); quarter += 15 * time.Minute {
				w.RegisterDelayedCallback(func() {
					if len(w.asked) != 1 {
						t.Errorf("at %s, while the run is paused, %d tasks were asked", w.Now(), len(w.asked))
					}
				}, quarter)
			}
			in := w.input()
			in.Start = clock("10:00")
			w.ExecuteWorkflow(Run, in)
			var status run.Status
			if err := w.GetWorkflowResult(&status); err != nil || status.Outcome != run.Done {
				t.Fatalf("the run is %v: %v", status, err)
			}

			if got := begins["take-out"]; !got.Equal(clock(test.asked)) {
				t.Errorf("the vessel is to be taken out at %s, want %s", got, test.asked)
			}
			out := w.asked[slices.IndexFunc(w.asked, func(s task.Spec) bool { return s.Task.ID == "take-out" })]
			if got := out.Window; !got.Nominal.Equal(clock("12:00")) || !got.Opens.Equal(clock("11:50")) || !got.Closes.Equal(clock("12:10")) {
				t.Errorf("the window moved: %+v", got)
			}
			if verdict, _ := task.Judge(out.Window, begins["take-out"]); verdict != test.verdict {
				t.Errorf("it is %s, want %s", verdict, test.verdict)
			}
			if got := w.times(protocol.DecisionID); got != test.decided {
				t.Errorf("the manager was asked %d times, want %d", got, test.decided)
			}
			w.book.expect(t, record.RunPaused, clock("10:30"), karin.Name)
			w.book.expect(t, record.WaitEnded, clock("11:50"), "Steps") // when the window opens, paused or not
			w.book.expect(t, record.RunResumed, clock(test.resumed), karin.Name)
			ended, _ := w.book.first(record.WaitEnded)
			if wait, err := record.Read[record.Wait](ended); err != nil || !wait.Ended.Equal(clock("11:50")) || !wait.Anchor.Equal(clock("10:00")) {
				t.Errorf("the incubation's record is %+v, %v", wait, err)
			}
		})
	}
}

// expect wants a record of a kind at a time by somebody.
func (b *book) expect(t *testing.T, kind record.Kind, when time.Time, by string) {
	t.Helper()
	if r, ok := b.first(kind); !ok || !r.Happened.Equal(when) || r.By.Name != by {
		t.Errorf("record %s is %v: at %s by %q, want at %s by %q", kind, ok, r.Happened, r.By.Name, when, by)
	}
}

// A run that stops in the middle of a stage has somebody deal with what is in
// work, and begins nothing more.
func TestStopInTheMiddleOfAStage(t *testing.T) {
	p := incubation()
	p.Stages = append(p.Stages, protocol.Stage{ID: "afterwards", Kind: protocol.Steps, Title: "Afterwards", Tasks: []protocol.Task{simpleTask("never")}})
	w := newWorld(t, p)
	stop := w.act(time.Hour, run.Act{Verb: run.Stop, Request: "stop", Reason: "the freezer failed"})
	late := w.act(time.Hour+time.Second, run.Act{Verb: run.Pause, Request: "late", Reason: "wait"})
	w.moment = func(spec task.Spec, _ time.Time) time.Time { return w.Now().Add(time.Minute) }
	status := w.run()
	if status.Outcome != run.Stopped || status.Why != "the freezer failed" {
		t.Errorf("the run is %s (%s)", status.Outcome, status.Why)
	}
	stop.done(t)
	late.refused(t, fault.Conflict, "is being stopped: the freezer failed")
	var asked []string
	for _, spec := range w.asked {
		asked = append(asked, spec.Task.ID)
	}
	if !slices.Equal(asked, []string{"put-in", protocol.ClearID}) {
		t.Errorf("asked for %v", asked)
	}
	if clear := w.asked[len(w.asked)-1].Task; len(clear.Steps[0].Fields) != 2 || clear.Steps[0].Fields[0].Title != "vessel/1" {
		t.Errorf("the technician is asked about %+v", clear.Steps[0].Fields)
	}
	if outcome, why := w.outcome(record.Subject{Stage: "incubate"}); outcome != run.Stopped || why != "the freezer failed" {
		t.Errorf("the stage is %s (%s)", outcome, why)
	}
}

// A recall holds the run: nothing new is asked until its manager decided, and
// then it goes on or ends.
func TestHoldUntilTheManagerDecided(t *testing.T) {
	for _, test := range []struct {
		name    string
		choice  string
		outcome run.Outcome
		kind    record.Kind // what follows by itself
	}{
		{"and goes on", "continue", run.Done, record.RunResumed},
		{"and stops", "discard", run.Stopped, record.RunStopping},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := newWorld(t, incubation())
			w.choice = func(task.Spec) string { return test.choice }
			w.moment = func(spec task.Spec, ends time.Time) time.Time {
				if spec.Task.ID == protocol.DecisionID {
					return w.Now().Add(5 * time.Hour) // long after the incubation
				}
				return ends
			}
			held := w.act(time.Hour, run.Act{Verb: run.Hold, Request: "recall", Reason: "donor D-0031 withdrew", Cause: w.ref(), Thing: "U-0031"})
			if status := w.run(); status.Outcome != test.outcome {
				t.Errorf("the run is %s (%s)", status.Outcome, status.Why)
			}
			held.done(t)
			w.book.expect(t, record.RunHeld, monday.Add(time.Hour), karin.Name)
			w.book.expect(t, test.kind, monday.Add(6*time.Hour), "Run")
			i := slices.IndexFunc(w.asked, func(s task.Spec) bool { return s.Task.ID == protocol.DecisionID })
			if w.asked[i].Subject.Stage != "hold-1" || !strings.Contains(w.asked[i].Task.Steps[0].Text, "D-0031 withdrew") {
				t.Errorf("the manager is asked %+v", w.asked[i])
			}
			if taken := w.times("take-out"); taken > 0 && test.outcome == run.Stopped || taken == 0 && test.outcome == run.Done {
				t.Errorf("the vessel was asked for %d times", taken)
			}
		})
	}
}

// A manager's task stands beside the protocol's, and the run does not close
// without it.
func TestAskForATaskThatTheProtocolDoesNotHave(t *testing.T) {
	w := newWorld(t, incubation())
	extra := simpleTask("swab")
	asked := w.act(30*time.Minute, run.Act{Verb: run.Ask, Request: "ask", Reason: "the door stood open", Task: &extra})
	missing := w.act(31*time.Minute, run.Act{Verb: run.Ask, Request: "nothing", Reason: "for no task"})
	silent := w.act(32*time.Minute, run.Act{Verb: run.Pause, Request: "silent"})
	unknown := w.act(33*time.Minute, run.Act{Verb: "dance", Request: "dance", Reason: "it is spring"})
	running := w.act(34*time.Minute, run.Act{Verb: run.Resume, Request: "resume", Reason: "go on"})
	w.moment = func(spec task.Spec, ends time.Time) time.Time {
		if spec.Task.ID == "swab" {
			return w.Now().Add(24 * time.Hour)
		}
		return ends
	}
	if status := w.run(); status.Outcome != run.Done {
		t.Errorf("the run is %s (%s)", status.Outcome, status.Why)
	}
	asked.done(t)
	missing.refused(t, fault.Invalid, "the task is missing")
	silent.refused(t, fault.Invalid, "the reason is missing")
	unknown.refused(t, fault.Invalid, `"dance" is nothing that is done to a run`)
	running.refused(t, fault.Conflict, "the run is not paused")
	swab := w.asked[slices.IndexFunc(w.asked, func(s task.Spec) bool { return s.Task.ID == "swab" })]
	if swab.ID != "task/UCM-2026-001/ad-hoc-1/swab/1" {
		t.Errorf("the task is %s", swab.ID)
	}
	if !slices.Contains(w.sealed.Workflows, "stage/UCM-2026-001/ad-hoc-1") {
		t.Errorf("the run was sealed without it: %v", w.sealed.Workflows)
	}
}

// Stages that have not begun follow the amended protocol; those that have stay.
func TestAmendWhatHasNotBegun(t *testing.T) {
	p := incubation()
	p.Stages = append(p.Stages, protocol.Stage{ID: "count", Kind: protocol.Steps, Title: "Count", Tasks: []protocol.Task{simpleTask("count")}})
	amended := &record.Amended{Protocol: record.Artifact{SHA256: strings.Repeat("02", 32)}}
	w := newWorld(t, p)
	nothing := w.act(20*time.Minute, run.Act{Verb: run.Amend, Request: "nothing", Reason: "why not"})
	begun := w.act(21*time.Minute, run.Act{Verb: run.Amend, Request: "begun", Reason: "the other way round", Amended: amended, Plan: []string{"count", "incubate"}})
	done := w.act(30*time.Minute, run.Act{Verb: run.Amend, Request: "amend", Reason: "nothing to count", Amended: amended, Plan: []string{"incubate", "weigh"}})
	w.p.Stages = append(w.p.Stages, protocol.Stage{ID: "weigh", Kind: protocol.Steps, Title: "Weigh", Tasks: []protocol.Task{simpleTask("weigh")}})
	if status := w.run(); status.Outcome != run.Done {
		t.Errorf("the run is %s (%s)", status.Outcome, status.Why)
	}
	nothing.refused(t, fault.Invalid, "the protocol is missing")
	begun.refused(t, fault.Refused, `stage "incubate" has begun and is not stage 1`)
	done.done(t)
	if w.times("count") != 0 || w.times("weigh") != 1 {
		t.Errorf("asked to count %d times and to weigh %d times", w.times("count"), w.times("weigh"))
	}
	for _, r := range w.book.records {
		if r.Subject.Stage == "weigh" && r.Protocol != amended.Protocol.SHA256 {
			t.Errorf("record %d of a later stage stands under protocol %s", r.Number, r.Protocol)
		}
	}
}

// A stage that somebody ended in Temporal ends the run, which says so.
func TestAStageEndedOutsideEndsTheRun(t *testing.T) {
	w := newWorld(t, incubation())
	w.OnWorkflow("Steps", mock.Anything, mock.Anything).Return(func(workflow.Context, run.StageInput) (run.StageResult, error) {
		return run.StageResult{}, &temporal.TerminatedError{}
	})
	if status := w.run(); status.Outcome != run.Failed || !strings.Contains(status.Why, "stage/UCM-2026-001/incubate was ended in Temporal from outside") {
		t.Errorf("the run is %s (%s)", status.Outcome, status.Why)
	}
}

// A task that somebody ended in Temporal is a deviation that the manager decides
// on: the run goes on, or asks for it again.
func TestATaskEndedOutsideIsDecidedOn(t *testing.T) {
	w := newWorld(t, incubation())
	w.cut = func(spec task.Spec) error {
		if spec.ID == "task/UCM-2026-001/incubate/look/1" {
			return &temporal.TerminatedError{}
		}
		return nil
	}
	w.choice = func(task.Spec) string { return "repeat" }
	if status := w.run(); status.Outcome != run.Done {
		t.Errorf("the run is %s (%s)", status.Outcome, status.Why)
	}
	d, ok := w.book.first(record.DeviationOpened)
	if body, err := record.Read[record.Deviation](d); !ok || err != nil || body.Type != "outside" || d.Subject.Task != "task/UCM-2026-001/incubate/look/1" {
		t.Errorf("the deviation is %+v: %v", d, err)
	}
	if last := w.asked[len(w.asked)-1]; last.ID != "task/UCM-2026-001/incubate/look/2" {
		t.Errorf("asked last is %s", last.ID)
	}
}
