package lab

import (
	"encoding/json"
	"strings"
	"testing"

	"secretome/internal/account"
	"secretome/internal/fault"
	"secretome/internal/record"
	"secretome/internal/task"
)

var rita = record.Actor{Kind: record.Person, Name: "Rita", Role: account.Reviewer}

const signID = "task/UCM-2026-001/review/sign-report/1"

// write appends a record to the run's logbook.
func write(t *testing.T, l *Lab, by record.Actor, kind record.Kind, about record.Subject, body any, uses ...record.Use) record.Record {
	t.Helper()
	d, err := l.draft(by, "run/UCM-2026-001", string(kind)+about.Task+about.Step+next(t, l), kind, body)
	if err != nil {
		t.Fatal(err)
	}
	d.Subject, d.Uses = about, uses
	r, err := l.Logbooks.Append(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// next makes requests differ: by the number of the record to come.
func next(t *testing.T, l *Lab) string {
	t.Helper()
	last, hash, err := l.Index.Last(t.Context(), "run/UCM-2026-001")
	if err != nil {
		t.Fatal(err)
	}
	return hash + string(rune('a'+last%26))
}

// reviewed is a run whose report waits for a signature.
func reviewed(t *testing.T, notBy ...string) (*Lab, *bench) {
	t.Helper()
	l, b := open(t)
	launch(t, l, request1)
	about := record.Subject{Stage: "review", Task: signID}
	write(t, l, record.Actor{Kind: record.Program, Name: "Analysis"}, record.ReportMade, record.Subject{Stage: "analysis"}, record.Made{Title: "Report", Artifact: record.Artifact{SHA256: strings.Repeat("ab", 32), Size: 3}})
	write(t, l, record.Actor{Kind: record.Program, Name: "HumanTask"}, record.TaskAsked, about, record.Asked{Title: "Sign the report", Role: account.Reviewer, Attempt: 1, NotBy: notBy})
	err := json.Unmarshal([]byte(`{"id":"`+signID+`","subject":{"stage":"review","task":"`+signID+`"},"task":{"task":"sign-report","title":"Sign the report","role":"reviewer","steps":[
		{"step":"read","text":"Read it.","fields":[{"field":"agrees","title":"agrees","kind":"yes-no"}]},
		{"step":"sign","text":"Sign it.","fields":[{"field":"meaning","title":"meaning","kind":"choice","choices":["reviewed","approved"]},{"field":"identity","title":"name","kind":"text"}]}]}}`), &b.spec)
	if err != nil {
		t.Fatal(err)
	}
	b.spec.NotBy = notBy
	return l, b
}

func toSign(t *testing.T, l *Lab, who record.Actor) *ToSign {
	t.Helper()
	h, err := l.History(t.Context(), who, "UCM-2026-001", 0)
	if err != nil {
		t.Fatal(err)
	}
	s, err := l.ToSign(t.Context(), who, h)
	if err != nil || s == nil {
		t.Fatalf("to sign = %+v, %v", s, err)
	}
	return s
}

func signing(s *ToSign) Signing {
	return Signing{Request: request2, Run: "UCM-2026-001", Task: s.Task.ID, Over: s.Manifest.Over.Number, Hash: s.Hash,
		Answers: map[string]string{"read.agrees": "yes", "sign.meaning": "reviewed", "sign.identity": "Rita"}}
}

func TestASignatureSentTwiceIsOne(t *testing.T) {
	l, b := reviewed(t)
	q := signing(toSign(t, l, rita))
	first, err := l.Sign(t.Context(), rita, q)
	if err != nil || first.Phase != task.Completed {
		t.Fatalf("signed: %+v, %v", first, err)
	}
	b.closed = true
	again, err := l.Sign(t.Context(), rita, q)
	if err != nil || again.Record != first.Record {
		t.Errorf("sent again: %+v, %v; the first was %+v", again, err, first)
	}
	write(t, l, record.Actor{Kind: record.Program, Name: "Review"}, record.Signed, record.Subject{Stage: "review"}, record.Signature{Meaning: "reviewed", Report: strings.Repeat("ab", 32), Over: first.Record, Identity: "Rita"})
	h, err := l.History(t.Context(), rita, "UCM-2026-001", 0)
	if err != nil {
		t.Fatal(err)
	}
	// The Signed record of a run is by the person; here the program wrote it, so the manifest is looked for under its name.
	hash, same := h.named("Rita", h.At, strings.Repeat("ab", 32))
	if hash != q.Hash || !same || len(h.Signatures()) != 1 {
		t.Errorf("the manifest in the record is %q, computed again the same: %v; signed was %q", hash, same, q.Hash)
	}
}

func TestWhatWasNotSeenIsNotSigned(t *testing.T) {
	l, _ := reviewed(t)
	q := signing(toSign(t, l, rita))
	late := write(t, l, tim, record.LateEntry, record.Subject{Stage: "assay"}, record.Late{Verb: "step", Phase: "completed"})
	if _, err := l.Sign(t.Context(), rita, q); !fault.Is(err, fault.Conflict) || !strings.Contains(fault.Of(err).Message, "Nothing was signed") {
		t.Errorf("signed although record %d is new: %v", late.Number, err)
	}
	q = signing(toSign(t, l, rita))
	q.Hash = strings.Repeat("0", 64)
	if _, err := l.Sign(t.Context(), rita, q); !fault.Is(err, fault.Invalid) {
		t.Errorf("a foreign manifest was signed: %v", err)
	}
	q = signing(toSign(t, l, rita))
	q.Answers["read.agrees"] = ""
	if _, err := l.Sign(t.Context(), rita, q); !fault.Is(err, fault.Invalid) {
		t.Errorf("signed without an answer: %v", err)
	}
}

func TestOwnDataCannotBeSigned(t *testing.T) {
	l, _ := reviewed(t, "Rita")
	s := toSign(t, l, rita)
	if !strings.Contains(s.Refused, "Another reviewer must sign it") {
		t.Errorf("refused with %q", s.Refused)
	}
	if _, err := l.Sign(t.Context(), rita, signing(s)); !fault.Is(err, fault.Refused) {
		t.Errorf("signed her own data: %v", err)
	}
	if s := toSign(t, l, tim); !strings.Contains(s.Refused, "for the role reviewer") {
		t.Errorf("a technician is refused with %q", s.Refused)
	}
}

func TestWhoCheckedAsTheSecondPersonCannotSign(t *testing.T) {
	about := record.Subject{Stage: "cord-harvest", Task: "task/UCM-2026-001/cord-harvest/receive-cord/1", Step: "weigh"}
	for kind, body := range map[record.Kind]any{record.StepChecked: record.Note{}, record.StepDone: record.Entered{}, record.TaskSaved: record.Entered{}} {
		l, _ := reviewed(t) // the workflow names nobody: she completed no task
		write(t, l, rita, kind, about, body)
		s := toSign(t, l, rita)
		if !strings.Contains(s.Refused, "recorded or checked data in this run") {
			t.Errorf("%s: refused with %q", kind, s.Refused)
		}
		if _, err := l.Sign(t.Context(), rita, signing(s)); !fault.Is(err, fault.Refused) {
			t.Errorf("%s: she signs what she had her hands in: %v", kind, err)
		}
		if _, err := l.Act(t.Context(), rita, s.Task.ID, task.Act{Verb: task.Claim, Request: request2}); !fault.Is(err, fault.Refused) {
			t.Errorf("%s: she takes the task of the signature: %v", kind, err)
		}
	}
}

func TestAHistoryEndsWhereItIsAskedTo(t *testing.T) {
	l, _ := reviewed(t)
	about := record.Subject{Stage: "cord-harvest", Task: "task/UCM-2026-001/cord-harvest/receive-cord/1", Step: "weigh"}
	wrong := write(t, l, tim, record.StepDone, about, record.Entered{Entries: []record.Entry{{Field: "mass", Value: "31 g"}}})
	deviation := write(t, l, tim, record.DeviationOpened, about, record.Deviation{Type: "other", What: "the box was warm", Asks: "DEVIATION"})
	write(t, l, tim, record.StepDone, about, record.Entered{Entries: []record.Entry{{Field: "mass", Value: "13 g"}}, Corrects: wrong.Number, Reason: "digits swapped"})
	write(t, l, mara, record.DeviationDecided, record.Subject{}, record.Decided{Choice: "continue", Justification: "short"}, record.Use{As: "deviation", Logbook: "run/UCM-2026-001", Number: deviation.Number})
	write(t, l, tim, record.TaskCompleted, record.Subject{Stage: "review", Task: signID}, record.Completed{Verdict: task.Late})
	then, err := l.History(t.Context(), mara, "UCM-2026-001", deviation.Number)
	if err != nil {
		t.Fatal(err)
	}
	found := then.Departures()
	if len(found) != 1 || !found[0].Open || found[0].Sort != Deviated || len(then.Open()) != 1 || then.Next == 0 {
		t.Errorf("then: departures %+v, open %+v, next key event %d", found, then.Open(), then.Next)
	}
	now, err := l.History(t.Context(), mara, "UCM-2026-001", 0)
	if err != nil {
		t.Fatal(err)
	}
	found = now.Departures()
	if len(found) != 3 || found[0].Open || found[0].Decision.Choice != "continue" || found[1].Sort != Outside || found[2].Was != "mass 31 g" || found[2].Why != "digits swapped" {
		t.Errorf("now: departures %+v", found)
	}
	if len(now.Open()) != 0 {
		t.Errorf("open: %+v", now.Open())
	}
	if _, err := l.History(t.Context(), mara, "UCM-2026-001", now.Head+1); !fault.Is(err, fault.NotFound) {
		t.Errorf("a record that is not there: %v", err)
	}
}

func TestANoteIsARecordOfItsOwn(t *testing.T) {
	l, _ := reviewed(t)
	first, err := l.Note(t.Context(), mara, request3, "UCM-2026-001", 1, "Look here")
	if err != nil {
		t.Fatal(err)
	}
	if again, err := l.Note(t.Context(), mara, request3, "UCM-2026-001", 1, "Look here"); err != nil || again != first {
		t.Errorf("sent again: %v, %v", again, err)
	}
	v, err := l.RecordOf(t.Context(), mara, "UCM-2026-001", 1)
	if err != nil || len(v.Notes) != 1 || v.Notes[0].Number != first.Number || len(v.Down) == 0 {
		t.Errorf("record 1: %+v, %v", v.Notes, err)
	}
	for name, err := range map[string]error{
		"an empty one":  second(l.Note(t.Context(), mara, request2, "UCM-2026-001", 1, "")),
		"no such place": second(l.Note(t.Context(), mara, request2, "UCM-2026-001", 99, "x")),
		"a technician":  second(l.Note(t.Context(), tim, request2, "UCM-2026-001", 1, "x")),
	} {
		if err == nil {
			t.Errorf("%s: the note was taken", name)
		}
	}
}

func second(_ record.Ref, err error) error { return err }

func TestRunsAreComparedFieldByField(t *testing.T) {
	l, _ := reviewed(t)
	launch(t, l, request2)
	about := record.Subject{Stage: "cord-harvest", Task: "task/UCM-2026-001/cord-harvest/receive-cord/1", Step: "weigh"}
	write(t, l, tim, record.StepDone, about, record.Entered{Entries: []record.Entry{{Field: "mass", Value: "31 g"}, {Field: "tray", Value: "a"}}})
	body := record.Entered{Entries: []record.Entry{{Field: "mass", Value: "28.5 g"}, {Field: "tray", Value: "a"}}}
	d, err := l.draft(tim, "run/UCM-2026-002", "x", record.StepDone, body)
	if err != nil {
		t.Fatal(err)
	}
	d.Subject = record.Subject{Stage: "cord-harvest", Task: "task/UCM-2026-002/cord-harvest/receive-cord/1", Step: "weigh"}
	if _, err := l.Logbooks.Append(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	c, err := l.Compare(t.Context(), mara, "UCM-2026-001", "UCM-2026-002")
	if err != nil {
		t.Fatal(err)
	}
	var differ []Differing
	for _, row := range c.Rows {
		if !row.Same() {
			differ = append(differ, row)
		}
	}
	if len(differ) != 1 || differ[0].Field != "weigh, mass" || differ[0].Change != "−2.5 g" {
		t.Errorf("what differs: %+v", differ)
	}
}
