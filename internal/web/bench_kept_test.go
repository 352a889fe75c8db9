package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"secretome/internal/account"
	"secretome/internal/record"
)

// Two technicians fill in one step: whoever comes second sees both sets, and
// nothing is overwritten.
func TestTwoTechniciansOnOneTaskLoseNothing(t *testing.T) {
	d, h := atBench(t, bottles(t))
	d.takes(t, account.Technician, fill("do", "claim"))
	d.takes(t, account.Technician, fill("do", "hand-over", "to", "Jonas Weber"))
	d.takes(t, "other", fill("do", "step", "step", "weigh", "e-cord", "UC-0031", "s-cord", "UC-0031", "e-mass", "34"))

	mine := fill("do", "step", "step", "weigh", "e-cord", "UC-0031", "e-mass", "31,4")
	w := d.post(account.Technician, cord, mine.Encode())
	body := w.Body.String()
	if w.Code != http.StatusConflict {
		t.Fatalf("the second is answered with %d", w.Code)
	}
	for _, part := range []string{"What you entered at step 1 is not recorded", "<bdi>Jonas Weber</bdi> recorded the step", "<bdi>31,4 g</bdi>", "<bdi>34\u00a0g</bdi>", "Keep mine as a note", "Jonas Weber holds the task"} {
		if !strings.Contains(body, part) {
			t.Errorf("the page has no %q: %s", part, faultsIn(w))
		}
	}
	if strings.Contains(body, "Record mine as a correction") {
		t.Error("who does not hold the task is offered to correct it")
	}
	if got := h.state.Done[0].Entries[1].Value; got != "34 g" {
		t.Errorf("recorded is %s", got)
	}
	d.takes(t, account.Technician, fill("do", "comment", "reason", "Not recorded at step 1: Mass 31,4 g"))
	if page := d.get("other", cord).Body.String(); !strings.Contains(page, "Not recorded at step 1: Mass 31,4 g") {
		t.Error("what was kept as a note cannot be read")
	}
}

// The same person at two tablets: the second form meets a step that is done.
func TestAStepThatWasDoneOnAnotherTabletCanBeCorrectedFromTheSecond(t *testing.T) {
	d, h := atBench(t, bottles(t))
	d.takes(t, account.Technician, fill("do", "claim"))
	d.takes(t, account.Technician, fill("do", "step", "step", "weigh", "e-cord", "UC-0031", "e-mass", "34"))
	w := d.post(account.Technician, cord, fill("do", "step", "step", "weigh", "e-cord", "UC-0031", "e-mass", "31").Encode())
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "Step 1 was recorded by Mara Thiel") || !strings.Contains(w.Body.String(), "Record mine as a correction") {
		t.Fatalf("it is answered with %d: %s", w.Code, faultsIn(w))
	}
	d.takes(t, account.Technician, fill("do", "step", "step", "weigh", "correct", "yes", "e-cord", "UC-0031", "e-mass", "31", "reason", "read again"))
	if got := h.state.Done[0]; !got.Again || got.Entries[1].Value != "31 g" {
		t.Errorf("the state is %+v", got)
	}
}

func TestASlipIsTakenBackAtOnce(t *testing.T) {
	spec := bottles(t)
	spec.Task.Steps = spec.Task.Steps[1:]
	d, h := atBench(t, spec)
	d.takes(t, account.Technician, fill("do", "claim"))
	d.takes(t, account.Technician, fill("do", "step", "step", "look", "e-appearance", "torn", "e-clean", "no"))
	if body := d.get(account.Technician, cord).Body.String(); !strings.Contains(body, `data-slip="`) || !strings.Contains(body, "Take back") {
		t.Fatal("nothing can be taken back")
	}
	d.takes(t, account.Technician, fill("do", "take-back", "step", "look"))
	body := d.get(account.Technician, cord).Body.String()
	if len(h.state.Done) != 0 || strings.Contains(body, "data-slip=") || !strings.Contains(body, "taken back") || !strings.Contains(body, "Appearance torn") {
		t.Errorf("the state is %+v, the page does not tell what was taken back", h.state.Done)
	}
	w := d.post(account.Technician, cord, fill("do", "take-back", "step", "look").Encode())
	if w.Code != http.StatusConflict {
		t.Errorf("taken back twice: %d", w.Code)
	}
}

// A code that a scanner did not give, and a step from a bench sheet, are marked
// in the record, and the page says so.
func TestWhatWasTypedAndWhatStandsOnPaperIsMarked(t *testing.T) {
	d, h := atBench(t, bottles(t))
	d.takes(t, account.Technician, fill("do", "claim"))
	step := func(pairs ...string) record.Entered {
		t.Helper()
		d.takes(t, account.Technician, fill(append([]string{"do", "step", "step", "weigh", "e-cord", "UC-0031", "e-mass", "31", "correct", "yes", "reason", "once more"}, pairs...)...))
		r, err := h.books.Record(t.Context(), h.state.Done[0].Record.Logbook, h.state.Done[0].Record.Number)
		if err != nil {
			t.Fatal(err)
		}
		body, err := record.Read[record.Entered](r)
		if err != nil {
			t.Fatal(err)
		}
		return body
	}
	if b := step("s-cord", "UC-0031"); b.Entries[0].Hand || b.Paper {
		t.Errorf("what was scanned is %+v", b)
	}
	if b := step("s-cord", "UC-0030"); !b.Entries[0].Hand {
		t.Error("what was typed over a scan counts as scanned")
	}
	if body := d.get(account.Technician, cord).Body.String(); !strings.Contains(body, "typed by hand") {
		t.Error("the page does not say that it was typed")
	}
	w := d.post(account.Technician, cord, fill("do", "step", "step", "weigh", "correct", "yes", "reason", "once more", "e-cord", "UC-0031", "e-mass", "31", "paper", "yes").Encode())
	if w.Code != 422 || !strings.Contains(w.Body.String(), "Enter the time that stands on the sheet") || !strings.Contains(w.Body.String(), `value="yes" checked`) {
		t.Errorf("from paper without a time: %d %s", w.Code, faultsIn(w))
	}
	at := time.Now().UTC().Add(time.Minute).Format("2006-01-02T15:04")
	if b := step("paper", "yes", "earlier", at); !b.Paper {
		t.Errorf("what was copied is %+v", b)
	}
	body := d.get(account.Technician, cord).Body.String()
	if !strings.Contains(body, "from paper") {
		t.Error("the page does not say that it is from paper")
	}
	review := d.get(account.Reviewer, "/runs/UCM-2026-001/review").Body.String()
	for _, part := range []string{"Typed by hand", "From paper"} {
		if !strings.Contains(review, "<h3>"+part) {
			t.Errorf("the review has no %q", part)
		}
	}
}

func TestADeviationIsChosenFromAListAndSaysWhatItTouched(t *testing.T) {
	d, _ := atBench(t, bottles(t))
	d.takes(t, account.Technician, fill("do", "claim"))
	body := d.get(account.Technician, cord+"?do=deviate").Body.String()
	for _, part := range []string{"Mass outside 10 to 60", "Another cord was used", "It could not be done in its window", "Something else"} {
		if !strings.Contains(body, part) {
			t.Errorf("the list has no %q", part)
		}
	}
	d.takes(t, account.Technician, fill("do", "deviate", "what", "Another cord was used, or its label cannot be read", "reason", "label wet.", "since", "10:20", "touched", "this step only", "did", "dried it"))
	if body := d.get(account.Technician, cord).Body.String(); !strings.Contains(body, "Another cord was used, or its label cannot be read. label wet. Since 10:20. It touched this step only. Done: dried it") {
		t.Error("the deviation is not told whole")
	}
	spec := bottles(t)
	spec.Task.Deviations = []string{"The cord came warm"}
	d, _ = atBench(t, spec)
	d.takes(t, account.Technician, fill("do", "claim"))
	if body := d.get(account.Technician, cord+"?do=deviate").Body.String(); !strings.Contains(body, `value="The cord came warm"`) || strings.Contains(body, "Mass outside") {
		t.Error("the protocol's own list is not offered")
	}
}
