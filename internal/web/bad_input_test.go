package web

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"secretome/internal/account"
	"secretome/internal/quantity"
	"secretome/internal/record"
	"secretome/internal/task"
)

// The list D1 to D30 of what people type at a bench, a row each. A row is sent
// through the bench's form where it is a value of one, held against package
// quantity where it is a number or a unit, or names the test that has it.

// oddities is a task with fields that a bad input is typed into.
func oddities(t *testing.T) task.Spec {
	t.Helper()
	s := bottles(t)
	s.Task.Steps = nil
	err := json.Unmarshal([]byte(`[{"step":"in","text":"Enter it.","fields":[
		{"field":"volume","title":"volume","kind":"quantity","unit":"mL","optional":true},
		{"field":"mass","title":"mass","kind":"quantity","unit":"g","range":["10 g","60 g"],"optional":true},
		{"field":"freezer","title":"freezer","kind":"quantity","unit":"Cel","range":["-86 Cel","-70 Cel"],"optional":true},
		{"field":"viable","title":"viability","kind":"quantity","unit":"%","range":["0 %","100 %"],"optional":true},
		{"field":"wells","title":"wells","kind":"quantity","unit":"{wells}","range":["0 {wells}","18 {wells}"],"optional":true},
		{"field":"cells","title":"cells","kind":"quantity","unit":"{cells}","optional":true},
		{"field":"seen","title":"seen","kind":"time","optional":true},
		{"field":"label","title":"label","kind":"scan","optional":true},
		{"field":"remark","title":"remark","kind":"text","optional":true}]}]`), &s.Task.Steps)
	if err != nil {
		t.Fatal(err)
	}
	s.Task.Computed, s.Expect = nil, nil
	return s
}

// typing is one thing that is typed, and what comes of it.
type typing struct {
	field, text string
	code        int    // 303: taken
	says        string // of the page; where it is taken: the value in the record
}

// zone of the laboratory of these rows: it has a summer time.
const zoneOfRows = "Europe/Berlin"

func TestBadInputOfTheBench(t *testing.T) {
	for _, row := range []struct {
		id      string
		typings []typing
	}{
		{"D1 a comma is the decimal mark, and is never left out", []typing{{"volume", "1,5", 303, "1.5 mL"}}},
		{"D2 what may be 1.5 or 1500 is asked for", []typing{{"volume", "1.500", 422, `"1.500" may be 1.5 or 1500`}, {"mass", "12.500", 303, "12.500 g"}, {"volume", "1,500", 422, "may have a thousands mark"}}},
		{"D3 blanks between thousands are refused in words", []typing{{"volume", "1\u00a0500", 422, "has a thousands mark"}, {"volume", "1\u2009500", 422, "has a thousands mark"}, {"volume", "1500\u00a0", 303, "1500 mL"}}},
		{"D4 digits of another script", []typing{{"volume", "١٫٥", 422, "digits of another script"}, {"volume", "１２", 422, "digits of another script"}}},
		{"D7 another unit is converted and echoed", []typing{{"volume", "5 ul", 303, "0.005 mL"}, {"mass", "5 mg", 422, "0.005 g is outside 10 g to 60 g"}}},
		{"D8 powers of ten, and points at an end", []typing{{"volume", ".5", 303, "0.5 mL"}, {"volume", "1e-6", 422, "has a power of ten"}, {"volume", "1E6", 422, "has a power of ten"}, {"volume", "1e", 422, "unknown unit"}, {"volume", "5.", 422, "is no decimal number"}}},
		{"D9 two signs, ranges and bounds", []typing{{"volume", "--5", 422, "is no decimal number"}, {"volume", "5-10", 422, "has two numbers"}, {"volume", "~5", 422, "is a bound or a guess"}, {"volume", "<5", 422, "is a bound or a guess"}}},
		{"D10 what is not finite", []typing{{"volume", "Infinity", 422, "not finite"}, {"volume", "NaN", 422, "not finite"}, {"volume", "1e309", 422, "has a power of ten"}}},
		{"D11 the wrong sign of a temperature", []typing{{"freezer", "80", 422, "80 °C is outside −86 °C to −70 °C"}, {"freezer", "−80", 303, "-80 Cel"}}},
		{"D12 parts of what is counted", []typing{{"wells", "3.5", 422, "3.5 {wells} is no whole number"}, {"wells", "-1", 422, "is outside"}, {"wells", "300", 422, "is outside"}, {"wells", "18.0", 303, "18.0 {wells}"}}},
		{"D13 more than all", []typing{{"viable", "105", 422, "105 % is outside 0 % to 100 %"}}},
		{"D14 a count of astronomers", []typing{{"cells", "10^30", 422, "has a power of ten"}}},
		{"D15 dates that are none, or two", []typing{{"seen", "31.02.2026", 422, "is no time"}, {"seen", "02/03/2026", 422, "is no time"}, {"seen", "2026-02-31T10:00", 422, "is no time"}}},
		{"D16 the future, and before the run", []typing{{"earlier", time.Now().Add(48 * time.Hour).Format("2006-01-02T15:04"), 422, "is in the future"}, {"earlier", "2020-01-01T10:00", 422, "is before the run was launched"}}},
		{"D17 an hour that the clocks left out, or had twice", []typing{{"earlier", "2026-03-29T02:30", 422, "the clocks were put forward over it"}, {"earlier", "2026-10-25T02:30", 422, "Which of the two"}, {"seen", "2026-10-25T02:30", 422, "Which of the two"}}},
		{"D19 nothing that can be seen", []typing{{"remark", "\u200b\u200d\ufeff", 422, "Enter remark"}}},
		{"D21 every script is kept as it is", []typing{{"remark", "👩🏽‍🔬 שלום 漢字 𠮷 e\u0301", 303, "👩🏽‍🔬 שלום 漢字 𠮷 e\u0301"}}},
		{"D24 one label, however its letters are composed", []typing{{"label", "Zu\u0308rich-1", 303, "Zürich-1"}}},
		{"D25 what other programs would run", []typing{{"remark", "<script>alert(1)</script>{{7*7}}${jndi:ldap://x}%s%n", 303, "<script>alert(1)</script>{{7*7}}${jndi:ldap://x}%s%n"}}},
		{"D28 a reason that is none", []typing{{"reason", ".", 422, "say in a few words why"}, {"reason", "x", 422, "say in a few words why"}}},
		{"D29 what a scanner adds to a code", []typing{{"label", "CM-1\r\n", 303, "CM-1"}, {"label", "\x1dCM-2\x1d", 303, "CM-2"}, {"label", "]C1CM-3", 303, "CM-3"}}},
	} {
		t.Run(row.id, func(t *testing.T) {
			var d desk
			var h *hands
			for _, typed := range row.typings {
				if h == nil || len(h.state.Done) > 0 {
					d, h = atBenchIn(t, oddities(t), zoneOfRows)
					d.takes(t, account.Technician, fill("do", "claim"))
				}
				typed.run(t, d, h)
			}
		})
	}
}

// run types it into the step of a bench, which is open.
func (in typing) run(t *testing.T, d desk, h *hands) {
	t.Helper()
	form := fill("do", "step", "step", "in")
	switch in.field {
	case "earlier":
		form.Set("earlier", in.text)
	case "reason":
		form = fill("do", "deviate", "reason", in.text)
	default:
		form.Set(prefix+in.field, in.text)
	}
	w := d.post(account.Technician, cord, form.Encode())
	if w.Code != in.code {
		t.Errorf("%q in %s is answered with %d: %s", in.text, in.field, w.Code, faultsIn(w))
		return
	}
	if in.code != http.StatusSeeOther {
		if said := plainSpaces(html.UnescapeString(w.Body.String())); !strings.Contains(strings.ToLower(said), strings.ToLower(in.says)) {
			t.Errorf("%q in %s: nobody reads %q, but %s", in.text, in.field, in.says, faultsIn(w))
		}
		return
	}
	if got := h.state.Done[0].Entries[0]; got.Value != in.says {
		t.Errorf("%q in %s is recorded as %+v, want %q", in.text, in.field, got, in.says)
	}
	if body := d.get(account.Technician, cord).Body.String(); strings.Contains(body, "<script>alert") || strings.Contains(body, ">49") {
		t.Errorf("%q runs on the page", in.text)
	}
}

// While it is typed, the same rule answers as when it is sent (D1, D7).
func TestWhatIsTypedIsEchoedAsItWouldBeRecorded(t *testing.T) {
	d, _ := atBench(t, oddities(t))
	d.takes(t, account.Technician, fill("do", "claim"))
	for text, want := range map[string]string{"1,5": `"value":"1.5\u00a0mL"`, "5 ul": `"value":"0.005\u00a0mL"`, "1.500": "may be 1.5 or 1500", "１２": "another script"} {
		w := d.post(account.Technician, cord+"/judge", url.Values{"step": {"in"}, "e-volume": {text}}.Encode())
		if body := w.Body.String(); w.Code != http.StatusOK || !strings.Contains(strings.ReplaceAll(body, "\u00a0", `\u00a0`), want) {
			t.Errorf("%q is judged %d %s", text, w.Code, body)
		}
	}
	form := fill("do", "step", "step", "in", "e-volume", "1.500", "d-volume", "1.500")
	d.takes(t, account.Technician, form) // D2, said which is meant
}

// D5, D6: one unit has many spellings, and none is guessed.
func TestUnitsOfTheBench(t *testing.T) {
	want, err := quantity.New("5", "uL")
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"5 µl", "5 μl", "5 ul", "5µL", "5 uL"} {
		if got, err := quantity.Parse(text); err != nil || got != want {
			t.Errorf("%q is %v, %v", text, got, err)
		}
	}
	if _, err := quantity.Parse("5"); err == nil || !strings.Contains(err.Error(), "has no unit") {
		t.Errorf("a number without a unit: %v", err)
	}
}

// D17: the form asks which of two hours it was, and takes the answer.
func TestAnHourThatCameTwiceIsAsked(t *testing.T) {
	d, h := atBenchIn(t, oddities(t), zoneOfRows)
	d.takes(t, account.Technician, fill("do", "claim"))
	w := d.post(account.Technician, cord, fill("do", "step", "step", "in", "e-seen", "2026-10-25T02:30").Encode())
	for _, part := range []string{`value="2026-10-25T02:30:00&#43;02:00"`, `value="2026-10-25T02:30:00&#43;01:00"`, "02:30 CEST", "02:30 CET"} {
		if !strings.Contains(w.Body.String(), part) {
			t.Errorf("the form has no %q", part)
		}
	}
	d.takes(t, account.Technician, fill("do", "step", "step", "in", "e-seen", "2026-10-25T02:30", "w-seen", "2026-10-25T02:30:00+01:00"))
	if got := h.state.Done[0].Entries[0].Value; got != "2026-10-25T01:30:00Z" {
		t.Errorf("recorded is %s", got)
	}
}

// D20: ten megabytes are refused before they are read, and the words are told to
// be still in the field.
func TestTenMegabytesOfRemarksAreRefused(t *testing.T) {
	d, _ := atBench(t, oddities(t))
	d.takes(t, account.Technician, fill("do", "claim"))
	for size, code := range map[int]int{10 << 20: http.StatusRequestEntityTooLarge, 300 << 10: http.StatusUnprocessableEntity} {
		w := d.post(account.Technician, cord, fill("do", "step", "step", "in", "e-remark", strings.Repeat("x", size)).Encode())
		if w.Code != code || !strings.Contains(w.Body.String(), "attach it") {
			t.Errorf("%d bytes are answered with %d: %s", size, w.Code, faultsIn(w))
		}
		if kept := strings.Contains(w.Body.String(), strings.Repeat("x", 1000)); code == http.StatusUnprocessableEntity && !kept {
			t.Error("the page does not have what was typed")
		}
	}
	address := regexp.MustCompile(`/static/app-[0-9a-f]+\.js`).FindString(d.get(account.Technician, cord).Body.String())
	script := d.get("", address).Body.String()
	if !strings.Contains(script, "it is still in the field") {
		t.Error("the page's script sends what is too long, and so loses it")
	}
}

// D22: signs that turn the direction of a text are seen, and turn nothing.
func TestSignsThatTurnATextAreShown(t *testing.T) {
	d, h := atBench(t, oddities(t))
	d.takes(t, account.Technician, fill("do", "claim"))
	const turned = "label \u202efdp.exe"
	d.takes(t, account.Technician, fill("do", "step", "step", "in", "e-remark", turned))
	d.takes(t, account.Technician, fill("do", "comment", "reason", turned))
	d.takes(t, account.Technician, fill("do", "deviate", "reason", turned))
	if got := h.state.Done[0].Entries[0].Value; got != turned {
		t.Errorf("recorded is %q", got)
	}
	for role, paths := range map[string][]string{account.Technician: {cord}, account.Reviewer: {"/runs/UCM-2026-001/review", "/runs/UCM-2026-001/events", fmt.Sprintf("/runs/UCM-2026-001/events/%d", h.state.Done[0].Record.Number), "/runs/UCM-2026-001/events?as=csv"}} {
		for _, path := range paths {
			body := html.UnescapeString(d.get(role, path).Body.String())
			if strings.ContainsRune(body, '\u202e') || !strings.Contains(body, "⟦U+202E⟧fdp.exe") {
				t.Errorf("%s turns the text", path)
			}
		}
	}
	if body := html.UnescapeString(d.get(account.Technician, cord).Body.String()); !strings.Contains(body, "<bdi>label ⟦U+202E⟧fdp.exe</bdi>") {
		t.Error("the text is not kept apart from its neighbours")
	}
}

// D26: in the table of a record nothing is a formula, and numbers are numbers.
func TestATableHasNoFormulas(t *testing.T) {
	for text, want := range map[string]string{
		`=HYPERLINK("http://x")`: `'=HYPERLINK("http://x")`, "@SUM(A1)": "'@SUM(A1)", "+1+2": "'+1+2", "-2+3": "'-2+3", "\tx": "'\tx", "\rx": "'\rx",
		"-2.5": "-2.5", "+1": "+1", "plain": "plain", "": "",
	} {
		if got := cellText(text); got != want {
			t.Errorf("%q is written as %q, want %q", text, got, want)
		}
	}
	w := writeRun(t)
	w.append(t, "=cmd|' /C calc'!A0", record.RunPaused, record.Subject{}, record.Note{Text: "a \"quoted\", text"})
	answer := w.get(account.Reviewer, "/runs/R-1/events?as=csv&kind=run-paused")
	if body := answer.Body.String(); answer.Header().Get("Content-Type") != "text/csv; charset=utf-8" || !strings.Contains(body, `,'=cmd|' /C calc'!A0,`) || !strings.Contains(body, `"paused the run: a ""quoted"", text"`) || strings.Contains(body, "run-launched") {
		t.Errorf("the table is %s", body)
	}
}

// Rows that other tests have, and what has to wait for a part that is not there.
func TestRowsOfBadInputThatStandElsewhere(t *testing.T) {
	for row, where := range map[string]struct{ file, test string }{
		"D23 a name that looks like another":     {"internal/account/own_test.go", "TestANameThatPeopleTakeForAnotherIsRefused"},
		"D27 newlines and escapes, in the shell": {"internal/cli/cli_test.go", "TestWhatWouldBreakTheTerminalIsLeftOut"},
	} {
		text, err := os.ReadFile(filepath.Join("..", "..", where.file))
		if err != nil || !strings.Contains(string(text), "func "+where.test+"(") {
			t.Errorf("%s: %s has no %s (%v)", row, where.file, where.test, err)
		}
	}
	for row, why := range map[string]string{
		"D18 a time without a zone": "it is a row of the API, whose times are RFC 3339 by their type; a form has lab time, which its page names",
		"D30 a donor's name":        "names of donors stand nowhere in secretome: a donor is a code, and there is nothing to hold a remark against",
	} {
		t.Logf("left: %s: %s", row, why)
	}
}
