package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"secretome/internal/quantity"
	"secretome/internal/sample"
)

// custody is a chain with one of everything.
func custody(t *testing.T) sample.Custody {
	t.Helper()
	var low quantity.Quantity
	if err := low.UnmarshalText([]byte("-80.5 Cel")); err != nil {
		t.Fatal(err)
	}
	noon := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	return sample.Custody{
		Barcode: "CM-1", Kind: "lot", Title: "a lot", State: sample.Released, Held: "endotoxin", Holder: "Mara",
		Origins: []sample.Origin{{Barcode: "CV-1", Kind: "vessel", Made: noon, By: "Tim", Run: "UCM-2026-001", Number: 9}, {Barcode: "BM-1", Kind: "reagent"}},
		Lines: []sample.Line{
			{When: noon, By: "Tim", Logbook: "run/UCM-2026-001", Number: 12, What: "used", Run: "UCM-2026-001", Task: "task/UCM-2026-001/treat/cells/1/thaw/2"},
			{When: noon, By: "Tim", Logbook: "lot/CM-1", Number: 2, What: "0.5 mL drawn", Run: "UCM-2026-002", Entered: noon.Add(2 * time.Hour)},
		},
		Stays: []sample.Stay{
			{Place: "F1", From: noon, To: noon.Add(26 * time.Hour), Coverage: sample.Coverage{Low: low, High: low, Readings: 2, Fraction: 0.99999, Gaps: []sample.Span{{From: noon, To: noon.Add(90 * time.Minute)}}}},
			{Place: "F2", From: noon.Add(26 * time.Hour), To: noon.Add(27 * time.Hour), Still: true},
		},
		Gaps: []sample.Break{{From: noon, To: noon, What: "it was thawed"}, {From: noon, To: noon.Add(time.Hour), What: "nobody said where it lay"}},
	}
}

func TestCustodyIsAPageThatFits(t *testing.T) {
	for _, width := range []int{0, 60, 100, 200} {
		var out bytes.Buffer
		a := &app{out: &out, terminal: width > 0, width: width, getenv: func(string) string { return "" }, file: map[string]string{"tz": "UTC"}}
		if err := a.showCustody(custody(t)); err != nil {
			t.Fatal(err)
		}
		flat := strings.Join(strings.Fields(out.String()), " ")
		for _, words := range []string{
			"CM-1 lot, a lot, on hold: endotoxin in the hands of Mara", "Tim UCM-2026-001 #9", "BM-1 reagent nobody registered it",
			"UCM-2026-001 #12 used, at treat/cells/1/thaw of UCM-2026-001", "#2 0.5 mL drawn, for UCM-2026-002 (entered ",
			"(1 d 2 h) -80.5 °C to -80.5 °C, logged 99.9 % of the time", "(1 h 30 min)", "still there (1 h) no temperature is logged", "it was thawed", "nobody said where it lay, for 1 h",
		} {
			if !strings.Contains(flat, words) {
				t.Errorf("%d wide it does not say %q:\n%s", width, words, out.String())
			}
		}
		most := 100 // characters
		if width > 0 {
			most = min(most, width)
		}
		for line := range strings.Lines(out.String()) {
			if n := len([]rune(line)) - 1; n > most {
				t.Errorf("%d wide a line has %d characters: %s", width, n, line)
			}
		}
		if n := strings.Count(out.String(), "\n"); n > 50 { // lines: one page
			t.Errorf("%d wide it has %d lines:\n%s", width, n, out.String())
		}
	}
}
