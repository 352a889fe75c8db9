package task

import (
	"strings"
	"testing"
	"time"

	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/quantity"
	"secretome/internal/record"
)

func q(t *testing.T, text string) quantity.Quantity {
	t.Helper()
	v, err := quantity.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func berlin(t *testing.T) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func step(t *testing.T) protocol.Step {
	return protocol.Step{ID: "pool", Fields: []protocol.Field{
		{ID: "volume", Title: "volume collected", Kind: protocol.Amount, Unit: "mL", Range: []quantity.Quantity{q(t, "2 mL"), q(t, "50 mL")}},
		{ID: "clarity", Title: "clarity", Kind: protocol.Choice, Choices: []string{"clear", "cloudy"}},
		{ID: "lot", Title: "lot", Kind: protocol.Scan, Pattern: "CM-[0-9]{4}", Optional: true},
		{ID: "at", Title: "when", Kind: protocol.Time, Optional: true},
		{ID: "file", Title: "export", Kind: protocol.File, Optional: true},
	}}
}

func TestEntriesAreNormalised(t *testing.T) {
	for _, test := range []struct{ name, field, typed, want, err string }{
		{"a comma is echoed as a point", "volume", "9,10 mL", "9.10 mL", ""},
		{"another unit of the dimension is converted", "volume", "9100 µL", "9.1 mL", ""},
		{"a bare number is told the field's unit", "volume", "9.1", "", "has no unit"},
		{"another dimension is named", "volume", "9.1 mg", "", "is a mass, not a volume"},
		{"lab time is understood in the lab's zone", "at", "2026-03-29 03:30", "2026-03-29T01:30:00Z", ""},
		{"a time with an offset is kept", "at", "2026-03-29T03:30:00+02:00", "2026-03-29T01:30:00Z", ""},
		{"words are no time", "at", "noon", "", "is no time"},
		{"a field that the step has not", "mass", "1 g", "", `no field "mass"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Normalise(step(t), []record.Entry{{Field: test.field, Value: test.typed}}, berlin(t))
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) || fault.Of(err).Place.Field != test.field || fault.Of(err).Help == "" {
					t.Fatalf("got %v, %v; want an error about %q with a field and a help", got, err, test.err)
				}
				return
			}
			if err != nil || got[0].Value != test.want {
				t.Fatalf("got %v, %v; want %q", got, err, test.want)
			}
			if got[0].Value != test.typed && got[0].Typed != test.typed {
				t.Errorf("what was typed is lost: %+v", got[0])
			}
		})
	}
}

func TestEntriesAreChecked(t *testing.T) {
	good := []record.Entry{{Field: "volume", Value: "9.1 mL"}, {Field: "clarity", Value: "clear"}}
	for _, test := range []struct {
		name      string
		entries   []record.Entry
		deviation string
		partial   bool
		kind      fault.Kind
		says      string
	}{
		{"what the step asks for is accepted", good, "", false, fault.Internal, ""},
		{"the limits of a range belong to it", []record.Entry{{Field: "volume", Value: "50.0 mL"}, good[1]}, "", false, fault.Internal, ""},
		{"beyond the range is refused", []record.Entry{{Field: "volume", Value: "50.1 mL"}, good[1]}, "", false, fault.Refused, "50.1 mL is outside 2 mL to 50 mL"},
		{"beyond the range with a reason is accepted", []record.Entry{{Field: "volume", Value: "50.1 mL"}, good[1]}, "pooled", false, fault.Internal, ""},
		{"a reason does not excuse nonsense", []record.Entry{{Field: "volume", Value: "many mL"}, good[1]}, "pooled", false, fault.Invalid, "is no quantity"},
		{"a missing field is named", good[:1], "", false, fault.Invalid, "clarity is missing"},
		{"a missing field may come later", good[:1], "", true, fault.Internal, ""},
		{"a field cannot be given twice", append([]record.Entry{good[0]}, good...), "", false, fault.Invalid, "entered twice"},
		{"a choice is one of the list", []record.Entry{good[0], {Field: "clarity", Value: "milky"}}, "", false, fault.Invalid, `"milky" is none of: clear, cloudy`},
		{"a scan has its pattern", append(good[:2:2], record.Entry{Field: "lot", Value: "CM-12"}), "", false, fault.Invalid, "does not look like lot"},
		{"a file is an artifact", append(good[:2:2], record.Entry{Field: "file", Value: "plate.txt"}), "", false, fault.Invalid, "file is no file"},
		{"an empty value is no value", []record.Entry{good[0], {Field: "clarity"}}, "", false, fault.Invalid, "clarity is empty"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := CheckEntries(step(t), test.entries, test.deviation, test.partial)
			if test.says == "" {
				if err != nil {
					t.Fatal(err)
				}
				return
			}
			if !fault.Is(err, test.kind) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want a %s with %q", err, test.kind, test.says)
			}
		})
	}
}

// A manager decides by this sentence, and knows fields by their titles.
func TestWhatIsOutOfRangeIsSaidInWords(t *testing.T) {
	low, err := quantity.New("2", "Cel")
	if err != nil {
		t.Fatal(err)
	}
	high, err := quantity.New("8", "Cel")
	if err != nil {
		t.Fatal(err)
	}
	step := protocol.Step{ID: "look", Fields: []protocol.Field{{ID: "temperature", Title: "Temperature on receipt", Kind: protocol.Amount, Unit: "Cel", Range: []quantity.Quantity{low, high}}}}
	for value, want := range map[string]string{"9.5 Cel": "Temperature on receipt: 9.5 °C is outside 2 °C to 8 °C", "-1 Cel": "Temperature on receipt: −1 °C is outside 2 °C to 8 °C", "8 Cel": ""} {
		if got := OutOfRange(step, []record.Entry{{Field: "temperature", Value: value}}); got != want {
			t.Errorf("%s: %q, want %q", value, got, want)
		}
	}
}

// Tube codes that differ in a leading zero are different tubes.
func TestAnotherTubeIsRefused(t *testing.T) {
	spec := Spec{ID: "task/R/s/t/1", Expect: map[string]string{"scan.lot": "0363147001"}, Task: protocol.Task{Steps: []protocol.Step{{ID: "scan", Fields: []protocol.Field{{ID: "lot", Kind: protocol.Scan}}}}}}
	mara := record.Actor{Kind: record.Person, Name: "Mara"}
	s := State{Phase: Claimed, Holder: mara}
	act := Act{Verb: Step, By: mara, Step: "scan", Entries: []record.Entry{{Field: "lot", Value: "363147001"}}}
	err := s.Check(spec, act)
	if !fault.Is(err, fault.Refused) || !strings.Contains(err.Error(), `scanned "363147001", the plan says "0363147001"`) || !strings.Contains(fault.Of(err).Help, "zero") {
		t.Errorf("a lost zero: %v (%s)", err, fault.Of(err).Help)
	}
	act.Entries[0].Value = "0363147001"
	if err := s.Check(spec, act); err != nil {
		t.Error(err)
	}
}

func TestWhoMayNot(t *testing.T) {
	spec := Spec{NotBy: []string{"Mara"}, Task: protocol.Task{Role: "technician"}}
	err := State{Phase: Open}.Check(spec, Act{Verb: Claim, By: record.Actor{Name: "Mara", Role: "technician"}})
	if !fault.Is(err, fault.Refused) {
		t.Errorf("whoever did the work checks it: %v", err)
	}
	if err := (State{Phase: Open}).Check(spec, Act{Verb: Claim, By: record.Actor{Name: "Jonas", Role: "technician"}}); err != nil {
		t.Error(err)
	}
}

func TestACorrectionNeedsAReason(t *testing.T) {
	jonas := record.Actor{Name: "Jonas"}
	spec := Spec{Task: protocol.Task{Steps: []protocol.Step{{ID: "a"}, {ID: "b"}}}}
	s := State{Phase: Claimed, Holder: jonas, Done: []Done{{Step: "a"}}}
	if err := s.Check(spec, Act{Verb: Step, By: jonas, Step: "a"}); !fault.Is(err, fault.Invalid) {
		t.Errorf("corrected without a reason: %v", err)
	}
	if err := s.Check(spec, Act{Verb: Step, By: jonas, Step: "a", Reason: "misread"}); err != nil {
		t.Error(err)
	}
}

// Hours for cells are elapsed hours: 48 h over the end of summer time end at
// 08:00, not at 09:00 (from the rules of the zone).
func TestWindowsOverAClockChange(t *testing.T) {
	zone := berlin(t)
	w := protocol.Window{Nominal: q(t, "48 h"), Earliest: q(t, "46 h"), Latest: q(t, "50 h"), Grace: q(t, "4 h"), OnLate: protocol.Deviation, OnMissed: protocol.Discard}
	abs := Absolute(w, time.Date(2026, 10, 24, 9, 0, 0, 0, zone))
	if got := abs.Nominal.In(zone).Format("15:04"); got != "08:00" {
		t.Errorf("nominal is %s lab time, want 08:00", got)
	}
	for _, test := range []struct {
		hour, minute int
		verdict      string
		do           protocol.Action
	}{
		{5, 59, Early, protocol.Flag},
		{6, 0, InWindow, protocol.Accept},
		{9, 0, InWindow, protocol.Accept}, // 49 h
		{10, 0, InWindow, protocol.Accept},
		{10, 30, Late, protocol.Deviation}, // 50.5 h
		{14, 1, Missed, protocol.Discard},
	} {
		at := time.Date(2026, 10, 26, test.hour, test.minute, 0, 0, zone)
		if verdict, do := Judge(abs, at); verdict != test.verdict || do != test.do {
			t.Errorf("%s is %s, %s; want %s, %s", at, verdict, do, test.verdict, test.do)
		}
	}
}

func TestARecordIsAppliedOnce(t *testing.T) {
	body, err := record.Body(record.Note{})
	if err != nil {
		t.Fatal(err)
	}
	claim := record.Draft{Kind: record.TaskClaimed, By: record.Actor{Name: "Mara"}, Body: body}.Numbered(4, "")
	release := record.Draft{Kind: record.TaskReleased, Body: body}.Numbered(5, "")
	var s State
	for _, r := range []record.Record{claim, release, claim} { // the first comes again, after a retry
		if err := s.Apply(r, record.Ref{Number: r.Number}); err != nil {
			t.Fatal(err)
		}
	}
	if s.Phase != Open || s.Last != 5 {
		t.Errorf("state is %+v, want open at record 5", s)
	}
}
