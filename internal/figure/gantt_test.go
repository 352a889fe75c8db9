package figure_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"secretome/internal/figure"
)

func schedule(t *testing.T) figure.Schedule {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	at := func(d, hour int) time.Time { return time.Date(2026, 10, d, hour, 0, 0, 0, zone) }
	return figure.Schedule{
		ID: "f3", Title: "Conditioning", Description: "Two tasks over the change of the clock.", From: at(24, 0), To: at(27, 0),
		Shut: []figure.Span{{From: at(24, 0), To: at(26, 0)}},
		Lines: []figure.Line{
			{Label: "Add basal medium", Where: "collection", Work: figure.Span{From: at(24, 8), To: at(24, 9)}, Bad: true, Name: "Add basal medium, Sat 24 Oct 08:00"},
			{Label: "Collect", Where: "collection", Work: figure.Span{From: at(26, 7), To: at(26, 8)}, Window: figure.Span{From: at(26, 6), To: at(26, 10)}, Name: "Collect, Mon 26 Oct 07:00"},
		},
	}
}

func TestAScheduleLooksAsItShould(t *testing.T) {
	svg := schedule(t).Draw()
	for _, says := range []string{"! Sat 24 Oct 08:00", "Mon 26 Oct 07:00", "Mon 00:00", "Add basal medium", "laboratory closed"} {
		if !strings.Contains(parsed(t, svg), says) {
			t.Errorf("it does not say %q", says)
		}
	}
	golden := filepath.Join("testdata", "schedule.svg")
	if *update {
		if err := os.WriteFile(golden, []byte(svg), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if svg != string(want) {
		t.Error("it differs from the golden file; look at both, then run with -update")
	}
}

func TestSchedulesOfLittleOrOddDataAreStillDrawings(t *testing.T) {
	parsed(t, figure.Schedule{ID: "a"}.Draw())
	s := schedule(t)
	hostile := `</text><image href="x" onerror="y"/> & <1 %> ` + "\u202e\x00"
	s.Title, s.Description, s.Lines[0].Label, s.Lines[0].Where, s.Lines[0].Name = hostile, hostile, hostile, hostile, hostile
	s.Lines[1].Work.From = s.From.Add(-time.Hour) // outside the plot
	s.To = s.To.AddDate(3, 0, 0)
	if got := parsed(t, s.Draw()); !strings.Contains(got, `<image href="x" onerror="y"/> & <1 %>`) {
		t.Errorf("the text is not there as typed: %q", got)
	}
}
