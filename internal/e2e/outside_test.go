package e2e

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	messages "secretome/internal/client"
	"secretome/internal/record"
	"secretome/internal/task"
)

// terminate ends a workflow as somebody with Temporal's own tools would.
func (l *laboratory) terminate(t *testing.T, workflow string) {
	t.Helper()
	c, err := client.Dial(client.Options{HostPort: l.server.Temporal, Namespace: l.server.Namespace})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.TerminateWorkflow(t.Context(), workflow, "", "by hand"); err != nil {
		t.Fatal(err)
	}
}

func TestWhatIsEndedInTemporalFromOutsideIsToldAndDecidedOn(t *testing.T) {
	data := t.TempDir()
	l := up(t, data)
	medium(t, l, "1 L")
	r := things(t, l, 1)
	r.do(r.before("consent"))
	culture := r.before("culture")
	r.act(l.as("technician"), culture.ID, messages.Act{Verb: task.Claim})
	l.terminate(t, culture.ID)
	decide := r.open("/decide-deviation/")
	if view, err := l.as("manager").Task(t.Context(), decide.ID); err != nil || !strings.Contains(view.Spec.Task.Steps[0].Text, "was ended in Temporal from outside") {
		t.Errorf("the decision is about %+v, %v", view.Spec.Task.Steps, err)
	}
	if view, err := l.as("manager").Task(t.Context(), culture.ID); err != nil || view.State != string(task.Closed) {
		t.Errorf("the task that was ended is %s, %v", view.State, err)
	}
	r.values["decide-deviation/decide.choice"] = "repeat"
	r.do(decide)
	r.open("/culture/2")
	l.keepHistory(t, "stage/"+r.run+"/make-lot", "Steps-ended-outside")

	l.terminate(t, "run/"+r.run)
	l.stop(syscall.SIGTERM)
	l = up(t, data)
	eventually(t, "the run that was ended", func() bool {
		view, err := l.as("manager").Run(t.Context(), r.run)
		return err == nil && view.State == "failed" && strings.Contains(view.Why, "terminated in Temporal from outside")
	})
	found, err := l.as("manager").Records(t.Context(), r.run, 0, record.DeviationOpened)
	if err != nil || len(found) != 2 {
		t.Errorf("%d deviations (%v), want one each for task and run", len(found), err)
	}
}

func TestAClockThatIsWrongIsCorrectedAndTold(t *testing.T) {
	l := up(t, t.TempDir())
	r := things(t, l, 1)
	consent := r.before("consent")
	manager := l.as("manager")
	r.act(manager, consent.ID, messages.Act{Verb: task.Claim})
	ahead := time.Now().Add(time.Hour)
	step := messages.Act{Verb: task.Step, Step: "donor", Happened: ahead.Add(-time.Minute), Clock: ahead, Entries: []record.Entry{{Field: "code", Value: "D-0001"}}}
	r.act(manager, consent.ID, step)
	done, err := manager.Records(t.Context(), r.run, 0, record.StepDone)
	if err != nil || len(done) != 1 {
		t.Fatal(done, err)
	}
	if off := done[0].Record.Received.Sub(done[0].Record.Happened); off < 30*time.Second || off > 2*time.Minute {
		t.Errorf("it happened %s before it was received, want a minute", off)
	}
	told, err := manager.Records(t.Context(), r.run, 0, record.DeviationOpened)
	if err != nil || len(told) != 1 || !strings.Contains(string(told[0].Record.Body), "the bench's clock was 1h0m0s ahead") {
		t.Errorf("told is %v, %v", told, err)
	}
}
