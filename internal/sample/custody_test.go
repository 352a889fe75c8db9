package sample

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"secretome/internal/record"
)

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// at is so many minutes after noon.
func at(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }

// told are records of lot/CM-1: who did what when, in minutes after noon.
type told struct {
	minute int
	by     string
	kind   record.Kind
	body   record.LotAct
}

func logbook(t testing.TB, all []told) []record.Record {
	t.Helper()
	var records []record.Record
	for i, a := range all {
		body, err := record.Body(a.body)
		if err != nil {
			t.Fatal(err)
		}
		d := record.Draft{Logbook: "lot/CM-1", Kind: a.kind, Received: at(a.minute), Happened: at(a.minute), By: record.Actor{Kind: record.Person, Name: a.by}, Body: body}
		records = append(records, d.Numbered(int64(i+1), ""))
	}
	return records
}

func minutes(from, to time.Time) string {
	return fmt.Sprintf("%g-%g", from.Sub(noon).Minutes(), to.Sub(noon).Minutes())
}

// drawn prints stays as "place minutes", gaps as "minutes what".
func drawn(c Custody) string {
	var all []string
	for _, s := range c.Stays {
		text := s.Place + " " + minutes(s.From, s.To)
		if s.Still {
			text += " still"
		}
		all = append(all, text)
	}
	for _, g := range c.Gaps {
		all = append(all, minutes(g.From, g.To)+" "+g.What)
	}
	return strings.Join(all, "; ")
}

func TestWhereAThingLayAndWhatNobodySaid(t *testing.T) {
	type b = record.LotAct
	const lay = "nobody said where it lay"
	for _, test := range []struct {
		name  string
		kind  string
		acts  []told
		scans []Scan
		now   int
		want  string
	}{
		{name: "registered in a place, and still there", acts: []told{{0, "Tim", record.LotRegistered, b{Place: "F1"}}}, now: 60, want: "F1 0-60 still"},
		{name: "registered nowhere, moved later", acts: []told{{0, "Tim", record.LotRegistered, b{}}, {10, "Tim", record.LotMoved, b{Place: "F1"}}}, now: 60,
			want: "F1 10-60 still; 0-10 " + lay},
		{name: "moved to where it is", acts: []told{{0, "Tim", record.LotRegistered, b{Place: "F1"}}, {10, "Tim", record.LotFrozen, b{Place: "f1 "}}}, now: 60, want: "F1 0-60 still"},
		{name: "told late: the time counts, not the number", acts: []told{{0, "Tim", record.LotRegistered, b{Place: "F1"}}, {30, "Tim", record.LotMoved, b{Place: "F3"}}, {20, "Tim", record.LotMoved, b{Place: "F2"}}}, now: 60,
			want: "F1 0-20; F2 20-30; F3 30-60 still"},
		{name: "thawed as a whole it has left its place", acts: []told{{0, "Tim", record.LotRegistered, b{}}, {0, "Tim", record.LotFrozen, b{Place: "F1"}}, {30, "Tim", record.LotThawed, b{}}}, now: 60,
			want: "F1 0-30; 30-60 " + lay},
		{name: "an aliquot thawed leaves the others", acts: []told{{0, "Tim", record.LotFrozen, b{Place: "F1"}}, {30, "Tim", record.LotThawed, b{Aliquot: "CM-1-01"}}}, now: 60, want: "F1 0-60 still"},
		{name: "thawed twice as a whole, frozen once", acts: []told{{0, "Tim", record.LotFrozen, b{Place: "F1"}}, {30, "Tim", record.LotThawed, b{}}, {40, "Tim", record.LotThawed, b{}}}, now: 30,
			want: "F1 0-30; 30-40 " + lay + "; 40-40 it was thawed, and nobody said that it had been frozen"},
		{name: "used up: nothing can be told of it any more", acts: []told{{0, "Tim", record.LotRegistered, b{Place: "F1", State: "released"}}, {30, "Tim", record.LotDrawn, b{State: "depleted"}}, {40, "Tim", record.LotMoved, b{Place: "bin", State: "depleted"}}}, now: 60,
			want: "F1 0-30"},
		{name: "used up and come back", acts: []told{{0, "Tim", record.LotRegistered, b{Place: "F1", State: "released"}}, {30, "Tim", record.LotDrawn, b{State: "depleted"}}, {40, "Tim", record.LotReturned, b{State: "released"}}}, now: 60,
			want: "F1 0-60 still"},
		{name: "handed over to somebody who acts", acts: []told{{0, "Tim", record.LotRegistered, b{Place: "F1"}}, {10, "Tim", record.LotHandedOver, b{To: "Mara"}}, {20, "mara", record.LotOpened, b{}}}, now: 60, want: "F1 0-60 still"},
		{name: "handed over to somebody who hands it on", acts: []told{{0, "Tim", record.LotRegistered, b{Place: "F1"}}, {10, "Tim", record.LotHandedOver, b{To: "Mara"}}, {20, "Mara", record.LotHandedOver, b{To: "Tim"}}, {30, "Tim", record.LotOpened, b{}}}, now: 60, want: "F1 0-60 still"},
		{name: "handed over to somebody of whom nothing is heard until another has it", acts: []told{{0, "Tim", record.LotRegistered, b{Place: "F1"}}, {10, "Tim", record.LotHandedOver, b{To: "Mara"}}, {20, "Tim", record.LotHandedOver, b{To: "Ada"}}, {30, "Ada", record.LotOpened, b{}}, {40, "Mara", record.LotOpened, b{}}}, now: 60,
			want: "F1 0-60 still; 10-20 it was handed over to Mara, of whom nothing is recorded while it was theirs"},
		{name: "a rehearsal's clock is ahead", acts: []told{{0, "Tim", record.LotRegistered, b{Place: "F1"}}, {100, "Tim", record.LotMoved, b{Place: "F2"}}}, now: 60, want: "F1 0-100; F2 100-100 still"},
		{name: "a vessel that only runs know", kind: "vessel", scans: []Scan{{Run: "R", Number: 1, By: "Tim", Made: true, Happened: at(0)}, {Run: "R", Number: 2, By: "Tim", Happened: at(30)}}, now: 600, want: "0-30 " + lay},
		{name: "a plate that was seen once", kind: "plate", scans: []Scan{{Run: "R", Number: 1, By: "Tim", Made: true, Happened: at(5)}}, now: 600, want: "5-5 " + lay},
		{name: "a label used twice", kind: Donor, scans: []Scan{{Run: "R", Number: 1, Made: true, Happened: at(0)}, {Run: "S", Number: 7, Made: true, Happened: at(9)}}, now: 600,
			want: "0-9 its label was put on something new twice: record 1 of run/R and record 7 of run/S"},
		{name: "frozen before there was one", acts: []told{{30, "Tim", record.LotRegistered, b{}}, {10, "Tim", record.LotFrozen, b{Place: "F1"}}, {20, "Tim", record.LotOpened, b{}}}, now: 60,
			want: "F1 10-60 still; 10-30 records 2, 3 tell of it before it was registered"},
		{name: "a donor lies nowhere", kind: Donor, acts: []told{{0, "Tim", record.LotRegistered, b{}}}, now: 60, want: ""},
		{name: "nothing", now: 60, want: ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			c, err := Trace(test.kind, logbook(t, test.acts), test.scans, at(test.now))
			if err != nil {
				t.Fatal(err)
			}
			if got := drawn(c); got != test.want {
				t.Errorf("\n got %s\nwant %s", got, test.want)
			}
		})
	}
}

func TestTheChainIsToldInWords(t *testing.T) {
	type b = record.LotAct
	task := "task/UCM-2026-001/treat/thaw/1"
	records := logbook(t, []told{
		{0, "Tim", record.LotRegistered, b{Kind: CM, Title: "a lot", Amount: "2 mL", State: "quarantine", Left: "2 mL"}},
		{1, "Ada", record.LotReleased, b{State: "released"}},
		{2, "Tim", record.LotDrawn, b{Amount: "0.5 mL", Aliquot: "CM-1-01", Run: "UCM-2026-001", Task: task, Left: "1.5 mL"}},
		{3, "Tim", record.LotCorrected, b{Draw: 3, Amount: "0.4 mL", Why: "misread", Left: "1.6 mL"}},
		{4, "Tim", record.LotWrittenOff, b{Draw: 3, Why: "spilled", Left: "1.6 mL"}},
		{5, "Ada", record.LotCounted, b{Left: "1.5 mL", Why: "by weight"}},
		{6, "Tim", record.LotHandedOver, b{To: "Mara"}},
		{7, "Mara", record.LotFrozen, b{Place: "F1"}},
		{8, "Mara", record.LotThawed, b{Aliquot: "CM-1-02", Why: "power cut"}},
		{9, "Mara", record.LotOpened, b{}},
		{10, "Ada", record.LotHeld, b{Why: "endotoxin"}},
	})
	records[9].Received = at(9).Add(2 * time.Hour)
	scans := []Scan{{Run: "UCM-2026-001", Number: 40, Task: task, By: "Tim", Happened: at(2)}, {Run: "UCM-2026-002", Number: 8, Task: "t", By: "Tim", Happened: at(2)},
		{Run: "UCM-2026-002", Number: 9, Task: task, Kind: "plate", Child: "PL-1, PL-2", By: "Tim", Happened: at(2)}}
	c, err := Trace(CM, records, scans, at(20))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range c.Lines {
		got = append(got, fmt.Sprintf("%s %d %s: %s", l.Logbook, l.Number, l.By, l.What))
	}
	want := `lot/CM-1 1 Tim: registered as lot: a lot, 2 mL, quarantine
lot/CM-1 2 Ada: released
lot/CM-1 3 Tim: 0.5 mL drawn as CM-1-01, 1.5 mL left
run/UCM-2026-002 8 Tim: used
run/UCM-2026-002 9 Tim: made from it: plate PL-1, PL-2
lot/CM-1 4 Tim: what draw 3 took was 0.4 mL, 1.6 mL left: misread
lot/CM-1 5 Tim: what draw 3 took was lost, 1.6 mL left: spilled
lot/CM-1 6 Ada: counted, 1.5 mL left: by weight
lot/CM-1 7 Tim: handed over to Mara
lot/CM-1 8 Mara: frozen, in F1
lot/CM-1 9 Mara: thawed CM-1-02: power cut
lot/CM-1 10 Mara: opened
lot/CM-1 11 Ada: put on hold: endotoxin`
	if strings.Join(got, "\n") != want {
		t.Errorf("told is\n%s\nwant\n%s", strings.Join(got, "\n"), want)
	}
	if c.Holder != "Mara" || c.Lines[2].Run != "UCM-2026-001" || c.Lines[2].Task != task || !c.Lines[10].Entered.IsZero() || c.Lines[11].Entered.IsZero() {
		t.Errorf("the chain is %+v", c)
	}
}

// log has a reading every five minutes; NaN ones are written "-", lost ones ".".
func log(place string, from int, marks string) PlaceLog {
	p := PlaceLog{Place: place}
	for i, m := range marks {
		if m == '.' {
			continue
		}
		r := Temperature{At: at(from + 5*i), Missing: m == '-'}
		if !r.Missing {
			r.Cel = -80 + float64(m-'0')
		}
		p.Readings = append(p.Readings, r)
	}
	return p
}

func TestLogsCoverWhatTheyTellOf(t *testing.T) {
	for _, test := range []struct {
		name     string
		logs     []PlaceLog
		from, to int
		want     string // low..high, percent, gaps
	}{
		{"all of it", []PlaceLog{log("F", 0, "0123210")}, 0, 30, "-80 Cel..-77 Cel 100 %"},
		{"only what lies within counts", []PlaceLog{log("F", 0, "9012109")}, 5, 25, "-80 Cel..-78 Cel 100 %"},
		{"no log", nil, 0, 30, ".. 0 % 0-30"},
		{"one lost reading is no gap", []PlaceLog{log("F", 0, "01.0111")}, 0, 30, "-80 Cel..-79 Cel 100 %"},
		{"two lost ones are", []PlaceLog{log("F", 0, "01..1111")}, 0, 35, "-80 Cel..-79 Cel 57 % 5-20"},
		{"one that failed is", []PlaceLog{log("F", 0, "01-0111")}, 0, 30, "-80 Cel..-79 Cel 67 % 5-15"},
		{"before and behind", []PlaceLog{log("F", 10, "000")}, 0, 30, "-80 Cel..-80 Cel 33 % 0-10 20-30"},
		{"two files that follow each other", []PlaceLog{log("F", 20, "111"), log("F", 0, "0000")}, 0, 30, "-80 Cel..-79 Cel 100 %"},
		{"two files with a hole between them", []PlaceLog{log("F", 0, "00"), log("F", 20, "111")}, 0, 30, "-80 Cel..-79 Cel 50 % 5-20"},
		{"one file that failed at its end does not reach the next", []PlaceLog{log("F", 0, "00-"), log("F", 15, "1111")}, 0, 30, "-80 Cel..-79 Cel 67 % 5-15"},
		{"two loggers, one inside the other", []PlaceLog{log("F", 0, "0000000"), log("F", 10, "55")}, 0, 30, "-80 Cel..-75 Cel 100 %"},
		{"a single reading covers no time", []PlaceLog{log("F", 10, "3")}, 0, 30, "-77 Cel..-77 Cel 0 % 0-30"},
		{"a moment", []PlaceLog{log("F", 0, "000")}, 5, 5, "-80 Cel..-80 Cel 0 %"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := Cover(test.logs, Span{at(test.from), at(test.to)})
			got := fmt.Sprintf("%s..%s %.0f %%", c.Low, c.High, 100*c.Fraction)
			for _, g := range c.Gaps {
				got += " " + minutes(g.From, g.To)
			}
			if got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestALogCountsForWhatLiesInsideItsPlace(t *testing.T) {
	for place, inside := range map[string]bool{
		"F-80-2": true, "f-80-2  ": true, "F-80-2, rack B": true, "F-80-2 / rack B": true, "F-80-2: box 4": true,
		"F-80-21": false, "F-80-2 old": false, "F-80": false, "": false,
	} {
		if got := Inside(place, "F-80-2"); got != inside {
			t.Errorf("Inside(%q) = %t", place, got)
		}
	}
	c, err := Trace(CM, logbook(t, []told{{0, "Tim", record.LotFrozen, record.LotAct{Place: "F1, box 2"}}, {30, "Tim", record.LotMoved, record.LotAct{Place: "F2"}}}), nil, at(60))
	if err != nil {
		t.Fatal(err)
	}
	c.Measure([]PlaceLog{log("F1", 0, "0000000"), log("F3", 0, "9999999999999")})
	if c.Stays[0].Fraction != 1 || c.Stays[0].High.String() != "-80 Cel" || c.Stays[1].Readings != 0 || len(c.Stays[1].Gaps) != 1 {
		t.Errorf("stays are %+v", c.Stays)
	}
	for _, name := range []string{"", " . ", "a\x00b", strings.Repeat("x", 201)} {
		if clean, err := CleanPlace(name); err == nil {
			t.Errorf("CleanPlace(%q) = %q", name, clean)
		}
	}
}
