package report_test

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"secretome/internal/record"
	"secretome/internal/report"
)

var update = flag.Bool("update", false, "rewrite the golden file")

const golden = "testdata/report.html"

func render(t *testing.T, in report.Input) string {
	t.Helper()
	b, err := report.Render(in)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestGolden(t *testing.T) {
	html := render(t, newStudy(t).tell("Compact study, first run"))
	if *update {
		if err := os.WriteFile(golden, []byte(html), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if html != string(want) {
		t.Errorf("the report differs from %s; look at both, then run with -update", golden)
	}
}

func TestThePageStandsAlone(t *testing.T) {
	html := render(t, newStudy(t).tell("Compact study"))
	for _, bad := range []string{"<script", "<link", "<img", "<image", "@import", "url(", "<iframe", "<form", " onload", " onclick", " onerror"} {
		if strings.Contains(html, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	for _, m := range regexp.MustCompile(`(?:href|src)="([^"]*)"`).FindAllStringSubmatch(html, -1) {
		if !strings.HasPrefix(m[1], "#") && !strings.HasPrefix(m[1], "records/run/UCM-2026-001/") {
			t.Errorf("the page leads to %q", m[1])
		}
	}
	if strings.Contains(html, "NaN") || strings.Contains(html, "%!") || strings.Contains(html, "ZgotmplZ") {
		t.Error("the page holds what is no text")
	}
}

// numberCell finds table cells of numbers without a link.
var numberCell = regexp.MustCompile(`<td class="num [^"]*">([^<]+)</td>`)

func TestEveryNumberLeadsToItsRecord(t *testing.T) {
	html := render(t, newStudy(t).tell("Compact study"))
	for _, m := range numberCell.FindAllStringSubmatch(html, -1) {
		if m[1] != "–" && !strings.HasPrefix(m[1], "± ") {
			t.Errorf("the number %q leads nowhere", m[1])
		}
	}
	linked := regexp.MustCompile(`<td class="num [^"]*"><a href="records/`).FindAllString(html, -1)
	if len(linked) < 500 {
		t.Errorf("%d numbers have a source; the plates alone have more", len(linked))
	}
	ids := map[string]bool{}
	for _, m := range regexp.MustCompile(` id="([^"]*)"`).FindAllStringSubmatch(html, -1) {
		if ids[m[1]] {
			t.Errorf("the place %q is there twice", m[1])
		}
		ids[m[1]] = true
	}
	for _, m := range regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(html, -1) {
		if !ids[m[1]] {
			t.Errorf("nothing stands at #%s", m[1])
		}
	}
}

func TestWhatAReaderMustSee(t *testing.T) {
	html := render(t, newStudy(t).tell("Compact study"))
	for _, want := range []string{
		"REHEARSAL: people and instruments were played by a script. Waits were divided by 100000",
		"SIMULATED: readings of some plates come from a seeded model",
		"the cord was received 20 minutes late. Reason: traffic", "the logger shows 4 to 8 °C", "continue, Ida Holm",
		"D-0031", "CM-2026-001", "taken from stock, made before this run",
		"computed, does not count: REPEAT", "asked for the second time",
		"Done inside their window: 1. Not: 1.", "between 0.4 AU and 2.0 AU", "the blank of CM5 (5 % v/v)",
		"No inference: group MV has no value", "Dunnett", "vendor’s", "Limits whose evidence is K",
		"Sign the report", "open when this was written",
	} {
		if !strings.Contains(html, want) && !strings.Contains(html, strings.ReplaceAll(want, "’", "&#39;")) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

func TestEqualBytesOfTwoPlatesAreSaid(t *testing.T) {
	s := newStudy(t)
	s.cells("1", "PL-1", 0)
	s.cells("1", "PL-1", 0)
	if html := render(t, s.in); !strings.Contains(html, "has the same bytes as &#34;PL-1.txt&#34; of event #1") {
		t.Error("two plates from one file go unnoticed")
	}
}

func TestMarkupIsShownLetterByLetter(t *testing.T) {
	hostile := `</title></text><image href="x" onerror="y"/><script>alert(1)</script> CM & <1 %> "q"` + "\u202e"
	s := newStudy(t)
	s.in.Protocol.Models[0].Groups[3].Title = hostile
	in := s.tell(hostile)
	in.Signatures = []report.Signature{{Meaning: hostile, Name: hostile, Ref: record.Ref{Logbook: "run/UCM-2026-001", Number: 1}}}
	for i := range in.Results {
		in.Results[i].Result.Plate, in.Results[i].Result.Analyte = hostile, hostile
	}
	for i := range in.Findings {
		in.Findings[i].Finding.Title, in.Findings[i].Finding.Counted = hostile, hostile
	}
	html := render(t, in)
	for _, bad := range []string{"<script", "<image", `onerror="y"`} {
		if strings.Contains(html, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if !strings.Contains(html, "&lt;script&gt;alert(1)&lt;/script&gt;") {
		t.Error("the text is not shown as typed")
	}
}

func TestAnEmptyRunIsStillAReport(t *testing.T) {
	if html := render(t, report.Input{}); !strings.Contains(html, "None.") {
		t.Error("empty sections do not say that they are")
	}
}
