package forecast

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"secretome/examples"
	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/quantity"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func compact(t testing.TB) protocol.Protocol { return shipped(t, "compact.yaml") }

func shipped(t testing.TB, file string) protocol.Protocol {
	t.Helper()
	data, err := examples.Files.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := protocol.Parse(file, data)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func monday(t testing.TB) time.Time { return time.Date(2026, 10, 5, 9, 0, 0, 0, berlin(t)) }

func must(text string) quantity.Quantity {
	q, err := quantity.Parse(text)
	if err != nil {
		panic(err)
	}
	return q
}

func plan(t testing.TB, p protocol.Protocol, start time.Time) Forecast {
	t.Helper()
	f, err := Plan(t.Context(), p, Options{Start: start, Calendar: Usual()})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// steps is a protocol of one stage whose flow stands in it.
func steps(s protocol.Stage) protocol.Protocol {
	s.ID, s.Kind = "conditioning", protocol.Steps
	return protocol.Protocol{ID: "TEST", Version: "1", Title: "a test", Zone: "Europe/Berlin", Stages: []protocol.Stage{s}}
}

// conditioning is a medium that cells condition for a time, give or take two
// hours.
func conditioning(nominal, earliest, latest string) protocol.Protocol {
	return steps(protocol.Stage{
		Tasks: []protocol.Task{{ID: "add", Title: "Add basal medium", Role: "technician"}, {ID: "collect", Title: "Collect", Role: "technician"}},
		Waits: []protocol.Wait{{ID: "condition", Window: protocol.Window{Nominal: must(nominal), Earliest: must(earliest), Latest: must(latest)}}},
		Flow:  []protocol.Act{{Task: "add"}, {Wait: "condition"}, {Task: "collect"}},
	})
}

func TestTheCompactStudyLooksAsItShould(t *testing.T) {
	f := plan(t, compact(t), monday(t))
	f.Hash = strings.Repeat("ab", 32) // so that a word in the protocol does not change every event
	encoded, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{"compact.txt": f.Text(), "compact.json": string(encoded) + "\n", "compact.svg": f.SVG(), "compact.ics": f.ICalendar()} {
		golden := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s differs from its golden; look at it, then run with -update", name)
		}
	}
}

func TestTheSameForecastTwiceIsTheSameBytes(t *testing.T) {
	p := compact(t)
	one, two := plan(t, p, monday(t)), plan(t, p, monday(t))
	if one.Text() != two.Text() || one.SVG() != two.SVG() || one.ICalendar() != two.ICalendar() {
		t.Error("two forecasts of one protocol differ")
	}
}

// The times are UTC arithmetic over the zone's rules: 48 h from 24 October 2026
// 09:00 CEST (07:00Z) end on 26 October at 07:00Z, which is 08:00 CET.
func TestHoursAreElapsedHoursOverAChangeOfTheClock(t *testing.T) {
	for _, test := range []struct {
		name, start, nominal, earliest, latest string
		opens, at, closes                      string
	}{
		{"clocks are put back", "2026-10-24T08:30:00+02:00", "48 h", "46 h", "50 h", "2026-10-26T06:00:00+01:00", "2026-10-26T08:00:00+01:00", "2026-10-26T10:00:00+01:00"},
		{"clocks are put forward", "2026-03-28T09:30:00+01:00", "24 h", "22 h", "26 h", "2026-03-29T09:00:00+02:00", "2026-03-29T11:00:00+02:00", "2026-03-29T13:00:00+02:00"},
	} {
		t.Run(test.name, func(t *testing.T) {
			start, err := ParseStart(test.start, berlin(t))
			if err != nil {
				t.Fatal(err)
			}
			f := plan(t, conditioning(test.nominal, test.earliest, test.latest), start)
			if len(f.Tasks) != 2 {
				t.Fatalf("%d tasks, want 2", len(f.Tasks))
			}
			collect := f.Tasks[1]
			for _, at := range []struct {
				what string
				got  time.Time
				want string
			}{{"opens", collect.Opens, test.opens}, {"nominal", collect.Nominal, test.at}, {"ends", collect.Ends, test.at}, {"closes", collect.Closes, test.closes}} {
				if got := at.got.Format(time.RFC3339); got != at.want {
					t.Errorf("%s %s, want %s", at.what, got, at.want)
				}
			}
		})
	}
}

// The calendar alone decides between starts: each is what a forecast from there
// says, also behind a change of the clock.
func TestAnotherStartIsWhatAForecastFromThereSays(t *testing.T) {
	p := compact(t)
	p.Roles = []protocol.Role{{ID: "technician", People: 2}}
	start := time.Date(2026, 10, 18, 9, 0, 0, 0, berlin(t))
	f := plan(t, p, start)
	if len(f.Starts) != ahead {
		t.Fatalf("%d starts, want %d", len(f.Starts), ahead)
	}
	for _, i := range []int{0, 3, 8, 13} {
		s := f.Starts[i]
		there := plan(t, p, s.At)
		if there.Clashes != s.Clashes {
			t.Errorf("start %s: %d clashes, a forecast from there has %d", s.Date, s.Clashes, there.Clashes)
		}
		if got := s.At.Format("15:04"); got != "09:00" {
			t.Errorf("start %s at %s, want 09:00", s.Date, got)
		}
	}
}

func TestARunWithoutAMishapRepeatsNothing(t *testing.T) {
	done := protocol.Proviso{Value: "look:look.confluence", AtLeast: must("80 %")}
	look := protocol.Task{ID: "look", Title: "Look", Role: "technician", Repeats: 3, Criteria: []protocol.Criterion{{ID: "never", Title: "never", Value: "nowhere", Equals: "yes"}}}
	f := plan(t, steps(protocol.Stage{
		Tasks: []protocol.Task{look, {ID: "go", Title: "Go", Role: "technician"}, {ID: "stop", Title: "Stop", Role: "technician"}},
		Flow:  []protocol.Act{{Repeat: []protocol.Act{{Task: "look"}}, Until: done, AtMost: 5}, {When: done, Then: []protocol.Act{{Task: "go"}}, Else: []protocol.Act{{Task: "stop"}}}},
	}), monday(t))
	var ids []string
	for _, task := range f.Tasks {
		ids = append(ids, task.ID)
	}
	if want := []string{"conditioning/look/1", "conditioning/go/1"}; !slices.Equal(ids, want) {
		t.Errorf("asked %v, want %v", ids, want)
	}
}

func TestAProtocolThatCannotRunIsRefused(t *testing.T) {
	p := conditioning("48 h", "46 h", "50 h")
	p.Stages[0].Flow[1].Wait = "condtion"
	_, err := Plan(t.Context(), p, Options{Start: monday(t), Calendar: Usual()})
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), `no wait "condtion"`) {
		t.Errorf("got %v, want a fault about the wait", err)
	}
	if _, err := Plan(t.Context(), conditioning("100 a", "1 h", "100 a"), Options{Start: monday(t), Calendar: Usual()}); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "more than ten years") {
		t.Errorf("got %v, want a fault about a run of a hundred years", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Plan(ctx, conditioning("48 h", "46 h", "50 h"), Options{Start: monday(t), Calendar: Usual()}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was interrupted", err)
	}
}

func TestSuppliesAreSummedAndOrderedInTime(t *testing.T) {
	p := conditioning("48 h", "46 h", "50 h")
	p.Materials = []protocol.Material{
		{ID: "medium", Title: "Basal medium", Lead: must("14 d")}, {ID: "tubes", Title: "Tubes"}, {ID: "unused", Title: "Unused"},
	}
	p.Stages[0].Tasks[0].Needs = []protocol.Need{{Material: "medium", Amount: must("500 mL")}}
	p.Stages[0].Tasks[1].Needs = []protocol.Need{{Material: "medium", Amount: must("0.25 L")}, {Material: "tubes", Amount: must("12 {pieces}")}}
	f := plan(t, p, monday(t))
	if len(f.Supplies) != 2 {
		t.Fatalf("supplies %v, want two", f.Supplies)
	}
	medium, tubes := f.Supplies[0], f.Supplies[1]
	if got := medium.Amount.String(); got != "750 mL" || medium.Tasks != 2 || medium.OrderBy != "2026-09-21" || !medium.Late {
		t.Errorf("medium is %+v, want 750 mL for 2 tasks, to be ordered by 2026-09-21, before the start", medium)
	}
	if tubes.First.Format(day) != "2026-10-07" || tubes.OrderBy != "" || tubes.Late {
		t.Errorf("tubes are %+v, want them on 2026-10-07 and no date of order", tubes)
	}
	p.Stages[0].Tasks[1].Needs[0].Amount = must("3 g")
	if _, err := Plan(t.Context(), p, Options{Start: monday(t), Calendar: Usual()}); !fault.Is(err, fault.Invalid) {
		t.Errorf("millilitres and grams were summed: %v", err)
	}
}

func TestADrawingShowsWhatAProtocolSaysLetterByLetter(t *testing.T) {
	p := conditioning("48 h", "46 h", "50 h")
	p.Title, p.Stages[0].Tasks[0].Title = "<b>", `</text><image href="x" onerror="y"/> & CM <1 %>`
	svg := plan(t, p, monday(t)).SVG()
	elements := map[string]int{}
	text := ""
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("the drawing is no XML: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			elements[token.Name.Local]++
		case xml.CharData:
			text += string(token)
		}
	}
	if elements["image"]+elements["script"] > 0 || !strings.Contains(text, `</text><image href="x" onerror="y"/> & CM <1 %>`) {
		t.Errorf("the title is not shown letter by letter: %v", elements)
	}
}

func BenchmarkCompact(b *testing.B)   { benchmark(b, compact(b)) }
func BenchmarkReference(b *testing.B) { benchmark(b, shipped(b, "reference.yaml")) }

func benchmark(b *testing.B, p protocol.Protocol) {
	for b.Loop() {
		b.ReportMetric(float64(len(plan(b, p, monday(b)).Tasks)), "tasks")
	}
}

// The reference study runs through its real workflows from the freeze to the
// signature, every task of every block.
func TestTheReferenceStudyIsForecastWhole(t *testing.T) {
	p := shipped(t, "reference.yaml")
	f := plan(t, p, monday(t))
	blocks := map[string]bool{}
	for _, task := range f.Tasks {
		if task.Step == protocol.Treat {
			blocks[task.Model+" "+task.Block] = true
		}
	}
	want := 0
	for _, m := range p.Models {
		want += m.Blocks
	}
	if len(blocks) != want || f.Tasks[len(f.Tasks)-1].Step != protocol.SignReport {
		t.Errorf("%d blocks of %d are treated; the last task is %+v", len(blocks), want, f.Tasks[len(f.Tasks)-1])
	}
}
