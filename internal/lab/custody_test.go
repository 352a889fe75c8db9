package lab

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"secretome/internal/account"
	"secretome/internal/fault"
	"secretome/internal/record"
)

// freezerLog is what a logger writes from 10:00 UTC on, every 30 minutes.
func freezerLog(cel ...string) string {
	text := "time;temperature (°C)\n"
	for i, c := range cel {
		text += fmt.Sprintf("%s;%s\n", noon().Add(-2*time.Hour+time.Duration(i)*30*time.Minute).Format("2006-01-02 15:04"), c)
	}
	return text
}

func stored(t *testing.T, l *Lab, name, text string) record.Artifact {
	t.Helper()
	a, err := l.Artifacts.PutBytes(t.Context(), []byte(text), "text/csv", name)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestATemperatureLogIsRecordedOnce(t *testing.T) {
	l, _ := open(t)
	a := stored(t, l, "a.csv", freezerLog("-80", "NaN", "-79,5", "-81"))
	q := PlaceRequest{Request: request1, Place: " F-80-2 ", Artifact: a.SHA256, Name: "a.csv", Zone: "UTC"}
	first, err := l.LogPlace(t.Context(), tim, q)
	if err != nil {
		t.Fatal(err)
	}
	if b := first.Log; b.Place != "F-80-2" || b.Low != "-81 Cel" || b.High != "-79.5 Cel" || b.Readings != 3 || b.Missing != 1 || !b.From.Equal(noon().Add(-2*time.Hour)) || b.Artifact.SHA256 != a.SHA256 || first.Follows {
		t.Errorf("logged is %+v", first)
	}
	if again, err := l.LogPlace(t.Context(), tim, q); err != nil || again.Record != first.Record {
		t.Errorf("the same request again: %+v, %v", again, err)
	}
	records, err := l.Logbooks.Read(t.Context(), Logbook, 0, 0)
	if err != nil || len(records) != 1 || records[0].By != tim || records[0].Uses[0].Artifact != a.SHA256 {
		t.Errorf("records %v, %v", records, err)
	}
	bad := stored(t, l, "bad.csv", "time;temperature (°C)\nyesterday;4\n2026-03-02 14:00;warm\n")
	for _, test := range []struct {
		name  string
		who   record.Actor
		q     PlaceRequest
		kind  fault.Kind
		words string
	}{
		{"an auditor", record.Actor{Name: "Ada", Role: account.Auditor}, q, fault.Forbidden, "place log"},
		{"the same file again", tim, PlaceRequest{request2, "f-80-2", a.SHA256, "b.csv", "UTC"}, fault.Conflict, "a.csv is in the log of F-80-2 already, by Tim: record 1"},
		{"no request ID", tim, PlaceRequest{"7", "F", a.SHA256, "a.csv", "UTC"}, fault.Invalid, "no request ID"},
		{"no place", tim, PlaceRequest{request2, " ", a.SHA256, "a.csv", "UTC"}, fault.Invalid, "no name of a place"},
		{"no zone", tim, PlaceRequest{request2, "F", a.SHA256, "a.csv", ""}, fault.Invalid, "no time zone"},
		{"the server's own zone", tim, PlaceRequest{request2, "F", a.SHA256, "a.csv", "Local"}, fault.Invalid, "no time zone"},
		{"a file that is not there", tim, PlaceRequest{request2, "F", strings.Repeat("0", 64), "a.csv", "UTC"}, fault.NotFound, "0000"},
		{"a file with two mistakes", tim, PlaceRequest{request2, "F", bad.SHA256, "bad.csv", "UTC"}, fault.Invalid, "bad.csv:3"},
	} {
		if _, err := l.LogPlace(t.Context(), test.who, test.q); !fault.Is(err, test.kind) || !strings.Contains(err.Error(), test.words) {
			t.Errorf("%s: %v, want %s with %q", test.name, err, test.kind, test.words)
		}
	}
	if again, err := l.Logbooks.Read(t.Context(), Logbook, 1, 0); err != nil || len(again) != 0 {
		t.Errorf("a refused log left %v, %v", again, err)
	}
}

func TestPlacesAreListedWithWhatTheirLogsSay(t *testing.T) {
	l, _ := open(t)
	for i, p := range []struct{ place, text string }{
		{"F-80-2", freezerLog("-80", "-70", "-80")}, {"f-80-2", freezerLog("-80", "-80", "-80", "-85")}, {"A", freezerLog("4")},
	} {
		a := stored(t, l, "x.csv", p.text)
		q := PlaceRequest{Request: fmt.Sprintf("01980000-0000-7000-8000-00000000010%d", i), Place: p.place, Artifact: a.SHA256, Name: "x.csv", Zone: "UTC"}
		if _, err := l.LogPlace(t.Context(), tim, q); err != nil {
			t.Fatal(err)
		}
	}
	all, err := l.Places(t.Context(), mara)
	if err != nil || len(all) != 2 || all[0].Place != "A" || all[1].Files != 2 || all[1].Low.String() != "-85 Cel" || all[1].High.String() != "-70 Cel" || all[1].To.Sub(all[1].From) != 90*time.Minute {
		t.Errorf("places are %+v, %v", all, err)
	}
	v, err := l.Place(t.Context(), mara, "F-80-2")
	if err != nil || len(v.Logs) != 2 || v.Coverage.Fraction != 1 || v.Coverage.Readings != 7 || v.Logs[0].By != "Tim" {
		t.Errorf("the place is %+v, %v", v, err)
	}
	if _, err := l.Place(t.Context(), mara, "F-80"); !fault.Is(err, fault.NotFound) {
		t.Errorf("a place without a log: %v", err)
	}
	if _, err := l.Places(t.Context(), record.Actor{}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("nobody asks: %v", err)
	}
}

func TestCustodyJoinsRecordsOriginsAndTemperatures(t *testing.T) {
	l, _ := open(t)
	write := func(logbook string, kind record.Kind, minute int, body any) {
		t.Helper()
		d, err := l.draft(tim, logbook, fmt.Sprintf("%s %d", logbook, minute), kind, body)
		if err != nil {
			t.Fatal(err)
		}
		d.Happened = noon().Add(time.Duration(minute) * time.Minute)
		d.Subject = record.Subject{Stage: "s", Task: "task/UCM-2026-001/s/t/1", Step: "a"}
		if _, err := l.Logbooks.Append(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	vessel := record.Entry{Field: "vessel", Value: "CV-1", Thing: &record.Thing{Kind: "vessel", Made: true, Parents: []string{"D-1"}}}
	write("lot/D-1", record.LotRegistered, -200, record.LotAct{Kind: "donor", Title: "a donor", State: "released"})
	write("run/UCM-2026-001", record.StepDone, -150, record.Entered{Entries: []record.Entry{vessel}})
	write("lot/CM-1", record.LotRegistered, -100, record.LotAct{Kind: "lot", Title: "a lot", State: "quarantine", Parents: []string{"CV-1"}})
	write("lot/CM-1", record.LotFrozen, -90, record.LotAct{Place: "F-80-2, box 1", State: "quarantine"})
	a := stored(t, l, "a.csv", freezerLog("-80", "-79", "-80"))
	if _, err := l.LogPlace(t.Context(), tim, PlaceRequest{request1, "F-80-2", a.SHA256, "a.csv", "UTC"}); err != nil {
		t.Fatal(err)
	}
	c, err := l.Custody(t.Context(), mara, "CM-1")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Origins) != 2 || c.Origins[0].Barcode != "CV-1" || c.Origins[0].Run != "UCM-2026-001" || c.Origins[1].Kind != "donor" || c.Origins[1].By != "Tim" || c.Origins[1].Distance != 2 {
		t.Errorf("origins are %+v", c.Origins)
	}
	// From 10:30 to noon; the log is from 10:00 to 11:00.
	if len(c.Stays) != 1 || c.Stays[0].High.String() != "-79 Cel" || c.Stays[0].Readings != 2 || len(c.Stays[0].Gaps) != 1 || !c.Stays[0].Gaps[0].From.Equal(noon().Add(-time.Hour)) || !c.Stays[0].Still {
		t.Errorf("stays are %+v", c.Stays)
	}
	if len(c.Gaps) != 1 || len(c.Lines) != 2 || c.Barcode != "CM-1" || c.State != "quarantine" {
		t.Errorf("the custody is %+v", c)
	}
	donor, err := l.Custody(t.Context(), mara, "D-1")
	if err != nil || len(donor.Lines) != 2 || donor.Lines[1].What != "made from it: vessel CV-1" || donor.Lines[1].Run != "UCM-2026-001" || len(donor.Stays)+len(donor.Gaps) != 0 {
		t.Errorf("the donor's custody is %+v, %v", donor, err)
	}
	if v, err := l.Custody(t.Context(), mara, "CV-1"); err != nil || v.Kind != "vessel" || len(v.Lines) != 1 || v.Lines[0].What != "made, as a vessel" {
		t.Errorf("the vessel's custody is %+v, %v", v, err)
	}
	if _, err := l.Custody(t.Context(), mara, "CM-9"); !fault.Is(err, fault.NotFound) {
		t.Errorf("of nothing: %v", err)
	}
}
