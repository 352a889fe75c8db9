package lab

import (
	"strings"
	"testing"
	"time"

	"secretome/internal/fault"
	"secretome/internal/record"
	"secretome/internal/task"
)

func TestAStepIsTakenBackWithinSecondsOnly(t *testing.T) {
	l, b := open(t)
	launch(t, l, request1)
	do(t, l, tim, task.Act{Verb: task.Claim, Request: request1[:35] + "a"})
	first := do(t, l, tim, weigh(request2, "31 g"))
	back := task.Act{Verb: task.TakeBack, Request: request3, Step: "weigh"}

	l.Now = func() time.Time { return noon().Add(16 * time.Second) } // 10 s, and 5 s on the way
	if _, err := l.Act(t.Context(), tim, weighing().ID, back); !fault.Is(err, fault.Conflict) || !strings.Contains(err.Error(), "recorded 16s ago") {
		t.Errorf("taken back late: %v", err)
	}
	l.Now = func() time.Time { return noon().Add(9 * time.Second) }
	got := do(t, l, tim, back)
	if got.NextStep != "weigh" || len(b.state.Done) != 0 {
		t.Fatalf("the answer is %+v, the state %+v", got, b.state)
	}
	if again := do(t, l, tim, back); again != got {
		t.Errorf("sent again: %+v, the first was %+v", again, got)
	}
	kept, err := l.Logbooks.Record(t.Context(), "run/UCM-2026-001", first.Record.Number)
	if err != nil || kept.Kind != record.StepDone {
		t.Errorf("what was taken back is gone: %+v, %v", kept, err)
	}
	do(t, l, tim, weigh(request1[:35]+"b", "32 g"))
	h, err := l.History(t.Context(), rita, "UCM-2026-001", 0)
	if err != nil {
		t.Fatal(err)
	}
	d := h.Departures()
	if len(d) != 1 || d[0].Sort != Corrected || !strings.Contains(d[0].What, "taken back") || d[0].Was != "mass 31 g" {
		t.Errorf("a reviewer reads %+v", d)
	}
}

// One step can depart in more than one way, and each is listed.
func TestWhatWasTypedByHandAndFromPaperIsForTheReviewer(t *testing.T) {
	l, _ := open(t)
	launch(t, l, request1)
	about := record.Subject{Stage: "culture", Task: weighing().ID, Step: "weigh"}
	write(t, l, tim, record.StepDone, about, record.Entered{Paper: true, Deviation: "pooled", Entries: []record.Entry{{Field: "mass", Value: "61 g"}, {Field: "lot", Value: "CM-1", Hand: true}}})
	h, err := l.History(t.Context(), rita, "UCM-2026-001", 0)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range h.Departures() {
		got = append(got, string(d.Sort)+": "+d.What[strings.LastIndex(d.What, ": ")+2:])
	}
	if strings.Join(got, "; ") != "range: mass 61 g, lot CM-1; by-hand: lot CM-1; paper: mass 61 g, lot CM-1" {
		t.Errorf("departures are %s", strings.Join(got, "; "))
	}
}
