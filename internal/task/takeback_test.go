package task

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
)

var mara = record.Actor{Kind: record.Person, Name: "Mara", Role: "technician"}

// twoSteps is a task of which both steps are done, by Mara.
func twoSteps() (Spec, State) {
	spec := Spec{ID: "task/R/s/t/1", Task: protocol.Task{ID: "t", Steps: []protocol.Step{{ID: "one"}, {ID: "two"}}}}
	return spec, State{Phase: Claimed, Holder: mara, Last: 5, Done: []Done{
		{Step: "one", Record: record.Ref{Logbook: "run/R", Number: 4}, By: "Mara"},
		{Step: "two", Record: record.Ref{Logbook: "run/R", Number: 5}, By: "Mara"},
	}}
}

func TestOnlyASlipIsTakenBack(t *testing.T) {
	for _, test := range []struct {
		name, step string
		change     func(*State)
		kind       fault.Kind
		says       string
	}{
		{"the step that was done last", "two", func(*State) {}, fault.Internal, ""},
		{"an earlier step", "one", func(*State) {}, fault.Conflict, `"one" is not the one that was done last`},
		{"a step of somebody else", "two", func(s *State) { s.Done[1].By = "Jonas" }, fault.Refused, "Jonas did step"},
		{"a correction", "two", func(s *State) { s.Done[1].Again = true }, fault.Refused, "was corrected already"},
		{"a step that was checked", "two", func(s *State) { s.Done[1].Checked = "Jonas" }, fault.Refused, "Jonas checked"},
		{"a step that scanned something", "two", func(s *State) {
			s.Done[1].Entries = []record.Entry{{Field: "lot", Value: "CM-1", Thing: &record.Thing{Kind: "lot"}}}
		}, fault.Refused, "something was scanned: CM-1"},
		{"a step that opened a deviation", "two", func(s *State) {
			s.Departures = []Departure{{Record: record.Ref{Number: 6}}}
		}, fault.Refused, "opened a deviation"},
		{"a task that is over", "two", func(s *State) { s.Phase = Completed }, fault.Conflict, "completed already"},
		{"a task that somebody else holds", "two", func(s *State) { s.Holder = record.Actor{Name: "Jonas"} }, fault.Conflict, "Jonas holds"},
	} {
		t.Run(test.name, func(t *testing.T) {
			spec, s := twoSteps()
			test.change(&s)
			err := s.Check(spec, Act{Verb: TakeBack, By: mara, Step: test.step})
			_, _, loose := s.Loose("Mara")
			if test.says == "" {
				if err != nil || !loose {
					t.Errorf("it is refused: %v", err)
				}
				return
			}
			if !fault.Is(err, test.kind) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want a %s with %q", err, test.kind, test.says)
			}
			if loose && test.step == "two" {
				t.Error("it is offered all the same")
			}
		})
	}
}

func TestAStepThatWasTakenBackIsTheNextOneAndStaysInTheRecord(t *testing.T) {
	spec, s := twoSteps()
	drafts, err := Drafts(record.Draft{Logbook: "run/R", By: mara, Subject: record.Subject{Step: "two"}}, spec, s, Act{Verb: TakeBack, By: mara, Step: "two"})
	if err != nil || len(drafts) != 1 || drafts[0].Kind != record.StepTakenBack || len(drafts[0].Uses) != 1 || drafts[0].Uses[0].Number != 5 {
		t.Fatalf("drafts are %+v, %v", drafts, err)
	}
	r := drafts[0].Numbered(6, "")
	if err := s.Apply(r, record.Ref{Logbook: "run/R", Number: 6}); err != nil {
		t.Fatal(err)
	}
	if s.Next(spec.Task) != "two" || len(s.Done) != 1 {
		t.Errorf("the state is %+v", s)
	}
}

// What earlier versions wrote has to read and hash as it did.
func TestTheNewMarksAreAbsentWhereNothingIsMarked(t *testing.T) {
	body, err := record.Body(record.Entered{Entries: []record.Entry{{Field: "a", Value: "1 g"}}})
	if err != nil || string(body) != `{"entries":[{"field":"a","value":"1 g"}]}` {
		t.Errorf("the body is %s, %v", body, err)
	}
	state, err := json.Marshal(Done{Step: "a"})
	if err != nil || strings.Contains(string(state), "again") {
		t.Errorf("the state is %s, %v", state, err)
	}
}

func TestTextsOfABench(t *testing.T) {
	zone := berlin(t)
	one := func(kind protocol.FieldKind, value string) (string, error) {
		s := protocol.Step{ID: "s", Fields: []protocol.Field{{ID: "f", Title: "value", Kind: kind, Unit: "mL"}}}
		got, err := Normalise(s, []record.Entry{{Field: "f", Value: value}}, zone)
		if err == nil {
			err = CheckEntries(s, got, "", false)
		}
		if err != nil {
			return "", err
		}
		return got[0].Value, nil
	}
	for _, test := range []struct {
		name        string
		kind        protocol.FieldKind
		typed, want string
		says        string
	}{
		{"a time that the clocks left out", protocol.Time, "2026-03-29 02:30", "", "put forward over it"},
		{"a time that the clocks had twice", protocol.Time, "2026-10-25T02:30", "", "came twice"},
		{"which of the two, said", protocol.Time, "2026-10-25T02:30:00+01:00", "2026-10-25T01:30:00Z", ""},
		{"the hour after", protocol.Time, "2026-10-25 03:00", "2026-10-25T02:00:00Z", ""},
		{"spaces", protocol.Text, " \u00a0 ", "", "is empty"},
		{"signs without a width", protocol.Text, "\u200b\u200d\ufeff", "", "is empty"},
		{"a code with an end of line", protocol.Scan, "CM-1\r\n", "CM-1", ""},
		{"a code with a group separator", protocol.Scan, "\x1dCM-1\x1d", "CM-1", ""},
		{"a code with the name of its symbology", protocol.Scan, "]d2CM-1", "CM-1", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := one(test.kind, test.typed)
			if test.says == "" && (err != nil || got != test.want) || test.says != "" && (err == nil || !strings.Contains(err.Error(), test.says)) {
				t.Errorf("%q is %q, %v", test.typed, got, err)
			}
		})
	}
	at, known := Instants("2026-10-25 02:30", zone)
	if !known || len(at) != 2 || at[1].Sub(at[0]) != time.Hour {
		t.Errorf("the two moments are %v", at)
	}
	for _, reason := range []string{".", "x", "....................", "a b"} {
		if err := CheckReason(reason, "reason"); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q is taken for a reason", reason)
		}
	}
	if err := CheckReason("spilled", "reason"); err != nil {
		t.Error(err)
	}
}
