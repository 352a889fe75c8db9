package web

import (
	"encoding/json"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"secretome/internal/account"
	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/task"
)

func TestATaskIsDoneByFormsAlone(t *testing.T) {
	d, h := atBench(t, bottles(t))
	page := func(path string) string {
		t.Helper()
		w := d.get(account.Technician, path)
		if w.Code != http.StatusOK {
			t.Fatalf("%s is answered with %d: %s", path, w.Code, w.Body)
		}
		return w.Body.String()
	}
	has := func(body string, parts ...string) {
		t.Helper()
		for _, part := range parts {
			if !strings.Contains(body, part) {
				t.Errorf("the page has no %q in it", part)
			}
		}
	}
	has(page("/tasks"), "Receive the cord", ">Claim<", "Window open", "left")
	has(page(cord), "Nobody has this task", "Claim")
	d.takes(t, account.Technician, fill("do", "claim"))
	has(page(cord), "Weigh the cord.", "10 to 60", "usually 30", "Expected: <code>UC-0031</code>", "Complete step 1")
	d.takes(t, account.Technician, fill("do", "step", "step", "weigh", "e-cord", "UC-0031", "e-mass", "31,4", "e-before", "10", "e-after", "5000 uL"))
	has(page(cord), "Step 1 is recorded", "31.4\u00a0g", "Have it checked", "Look at the cord.")
	d.takes(t, account.Technician, fill("do", "step", "step", "weigh", "e-cord", "UC-0031", "e-mass", "34.1", "e-before", "10", "e-after", "5", "reason", "misread"))
	has(page(cord), "<del><bdi>31.4\u00a0g</bdi></del>", "34.1\u00a0g", "corrected: <bdi>misread</bdi>")
	d.takes(t, account.Technician, fill("do", "step", "step", "look", "e-appearance", "ok", "e-clean", "yes", "e-remark", "<script>alert(1)</script>"))
	body := page(cord)
	has(body, "All steps are done", "waits for a second person", "concentration factor", "<strong>2</strong>", "&lt;script&gt;alert(1)")
	if w := d.post(account.Technician, cord, fill("do", "check", "step", "weigh", "second-name", "Mara Thiel", "second-password", d.tokens[account.Technician]).Encode()); w.Code != 422 || !strings.Contains(w.Body.String(), "Somebody else must check it") {
		t.Errorf("the same person checks: %d %s", w.Code, faultsIn(w))
	}
	if w := d.post(account.Technician, cord, fill("do", "check", "step", "weigh", "second-name", "Jonas Weber", "second-password", "wrong").Encode()); w.Code != 403 || !strings.Contains(w.Body.String(), "Name or password is wrong") {
		t.Errorf("a wrong password: %d %s", w.Code, faultsIn(w))
	}
	d.takes(t, account.Technician, fill("do", "check", "step", "weigh", "second-name", "Jonas Weber", "second-password", d.tokens["other"]))
	has(page(cord), "checked by <bdi>Jonas Weber</bdi>")
	d.takes(t, account.Technician, fill("do", "complete"))
	has(page(cord), "Receive the cord is done.", "in window")
	if h.state.Phase != task.Completed || h.state.Done[0].Checked != "Jonas Weber" {
		t.Errorf("the task is %+v", h.state)
	}
}

func TestWhatCannotBeTakenComesBackWithWhatWasTyped(t *testing.T) {
	for _, test := range []struct {
		name string
		form url.Values
		code int
		want []string
	}{
		{"nothing at all", fill("do", "step", "step", "weigh"), 422, []string{`href="#e-cord"`, `href="#e-mass"`, "<title>Error:"}},
		{"a number that is none", fill("do", "step", "step", "weigh", "e-cord", "UC-0031", "e-mass", "much"), 422, []string{"much", `value="much"`, `value="UC-0031"`, `aria-invalid="true"`}},
		{"out of range", fill("do", "step", "step", "weigh", "e-cord", "UC-0031", "e-mass", "61"), 422, []string{"61 g is outside 10 g to 60 g", "Measure again, or record a deviation", `data-depart>`}},
		{"another thing than the plan says", fill("do", "step", "step", "weigh", "e-cord", "UC-0032", "e-mass", "31"), 422, []string{"UC-0032", "UC-0031"}},
		{"a step before its turn", fill("do", "step", "step", "look", "e-clean", "yes", "e-appearance", "ok"), 409, []string{"comes before"}},
		{"a time that is none", fill("do", "step", "step", "weigh", "e-cord", "UC-0031", "e-mass", "31", "earlier", "yesterday"), 422, []string{"yesterday"}},
		{"no request", url.Values{"do": {"release"}}, 422, []string{"no request ID"}},
		{"a deviation without words", fill("do", "deviate"), 422, []string{"What happened", "Say what happened"}},
		{"nobody to hand over to", fill("do", "hand-over", "to", "<b>Nobody"), 404, []string{"&lt;b&gt;Nobody"}},
		{"a file that is not there", fill("do", "attach", "file", strings.Repeat("0", 64)), 404, nil},
		{"no verb", fill("do", "explode"), 422, []string{"nothing that is done at the bench"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, h := atBench(t, bottles(t))
			d.takes(t, account.Technician, fill("do", "claim"))
			last := h.state.Last
			w := d.post(account.Technician, cord, test.form.Encode())
			if w.Code != test.code {
				t.Errorf("answered with %d, want %d: %s", w.Code, test.code, faultsIn(w))
			}
			for _, part := range test.want {
				if !strings.Contains(plainSpaces(w.Body.String()), part) {
					t.Errorf("no %q in %s", part, faultsIn(w))
				}
			}
			if strings.Contains(w.Body.String(), "secretome task") || strings.Contains(w.Body.String(), "--deviation") {
				t.Errorf("the page speaks of the command line: %s", faultsIn(w))
			}
			if h.state.Last != last {
				t.Error("something was recorded all the same")
			}
		})
	}
}

func TestOutOfRangeIsRecordedWithADeviation(t *testing.T) {
	d, h := atBench(t, bottles(t))
	d.takes(t, account.Technician, fill("do", "claim"))
	d.takes(t, account.Technician, fill("do", "step", "step", "weigh", "e-cord", "UC-0031", "e-mass", "61", "deviation", "a long cord"))
	if len(h.state.Departures) != 1 || h.state.Departures[0].Why != "a long cord" {
		t.Errorf("departures are %+v", h.state.Departures)
	}
}

func TestTwoTechniciansDoNotShareATask(t *testing.T) {
	d, h := atBench(t, bottles(t))
	d.takes(t, account.Technician, fill("do", "claim"))
	w := d.post("other", cord, fill("do", "claim").Encode())
	if body := w.Body.String(); w.Code != http.StatusConflict || !strings.Contains(body, "Mara Thiel holds the task") || !strings.Contains(body, "has this task since") {
		t.Errorf("the second is answered with %d: %s", w.Code, faultsIn(w))
	}
	d.takes(t, account.Technician, fill("do", "hand-over", "to", "Jonas Weber", "reason", "lunch"))
	if h.state.Holder.Name != "Jonas Weber" {
		t.Errorf("%q holds it", h.state.Holder.Name)
	}
}

func TestAFormThatIsSentTwiceIsDoneOnce(t *testing.T) {
	d, h := atBench(t, bottles(t))
	d.takes(t, account.Technician, fill("do", "claim"))
	form := fill("do", "step", "step", "weigh", "e-cord", "UC-0031", "e-mass", "31")
	d.takes(t, account.Technician, form)
	last := h.state.Last
	d.takes(t, account.Technician, form)
	if h.state.Last != last {
		t.Errorf("the second time wrote record %d", h.state.Last)
	}
}

func TestTheClockOfTheBenchIsKept(t *testing.T) {
	d, h := atBench(t, bottles(t))
	d.takes(t, account.Technician, fill("do", "claim"))
	ahead := time.Now().Add(90 * time.Second).UTC().Format(time.RFC3339Nano) // within what is tolerated
	d.takes(t, account.Technician, fill("do", "step", "step", "weigh", "e-cord", "UC-0031", "e-mass", "31", "clock", ahead, "happened", ahead))
	wrong := time.Now().Add(2 * time.Hour).UTC().Format(time.RFC3339Nano)
	d.takes(t, account.Technician, fill("do", "comment", "reason", "quick", "clock", wrong, "happened", wrong))
	if h.state.Phase != task.Claimed {
		t.Errorf("the task is %s", h.state.Phase)
	}
}

func TestTheRulesJudgeWhileSomebodyTypes(t *testing.T) {
	d, _ := atBench(t, bottles(t))
	for _, test := range []struct {
		typed, problem, value string
		outside               bool
	}{
		{"31,4", "", "31.4\u00a0g", false},
		{"0.0314 kg", "", "31.4\u00a0g", false},
		{"61", "61 g is outside 10 g to 60 g", "", true},
		{"3 1 4 x", "x", "", false},
		{"1e400", "", "", false},
	} {
		w := d.post(account.Technician, cord+"/judge", url.Values{"step": {"weigh"}, "e-mass": {test.typed}}.Encode())
		var said []verdictOf
		if err := json.Unmarshal(w.Body.Bytes(), &said); err != nil || len(said) != 1 {
			t.Errorf("%q is answered with %d %s, %v", test.typed, w.Code, w.Body, err)
			continue
		}
		if v := said[0]; v.Field != "e-mass" || !strings.Contains(plainSpaces(v.Problem), test.problem) || test.value != "" && v.Value != test.value || v.Outside != test.outside {
			t.Errorf("%q is judged %+v", test.typed, v)
		}
	}
	if w := d.post(account.Technician, cord+"/judge", "step=wiegh&e-mass=3"); w.Code != http.StatusNotFound {
		t.Errorf("an unknown step is judged: %d %s", w.Code, w.Body)
	}
}

func TestAnUploadThatIsCutLeavesNothing(t *testing.T) {
	d, _ := atBench(t, bottles(t))
	send := func(body string, length int64, media string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(http.MethodPost, cord+"/files?"+url.Values{"name": {"../../plate\u202e.txt"}, "request": {newID()}}.Encode(), strings.NewReader(body))
		r.Header.Set("Content-Type", media)
		r.ContentLength = length
		return d.do(account.Technician, r)
	}
	for _, test := range []struct {
		name   string
		length int64
		media  string
		code   int
		want   string
	}{
		{"cut", 10, "text/plain", 503, "6 of 10 bytes arrived"},
		{"of no length", -1, "text/plain", 400, "not announced"},
		{"a form of many parts", 6, "multipart/form-data; boundary=x", 400, "raw bytes"},
		{"too large", 3 << 30, "text/plain", 422, "Split it"},
		{"whole", 6, "text/plain", 200, `"size":6`},
	} {
		if w := send("OD 0.3", test.length, test.media); w.Code != test.code || !strings.Contains(w.Body.String(), test.want) {
			t.Errorf("%s: %d %s", test.name, w.Code, w.Body)
		}
	}
}

func TestWhoMayWhatAtTheBench(t *testing.T) {
	d, _ := atBench(t, bottles(t))
	for _, test := range []struct {
		role, path string
		post       bool
		code       int
	}{
		{"", cord, false, 303},
		{"", "/tasks", false, 303},
		{account.Auditor, cord, false, 200},
		{account.Auditor, cord, true, 403},
		{account.Manager, cord, true, 403}, // a manager's is another role than the task asks for
		{account.Reviewer, "/tasks?who=all", false, 200},
		{account.Technician, cord + "/sheet", false, 200},
		{account.Technician, cord + "/key", false, 404},
		{account.Technician, cord + "/nothing", false, 404},
		{account.Technician, "/tasks/UCM-1999-001/x/1", false, 404},
		{account.Technician, "/tasks/..%2f..%2fetc%2fpasswd", false, 404},
	} {
		w := d.get(test.role, test.path)
		if test.post {
			w = d.post(test.role, test.path, fill("do", "claim").Encode())
		}
		if w.Code != test.code {
			t.Errorf("%s as %q is answered with %d, want %d: %s", test.path, test.role, w.Code, test.code, faultsIn(w))
		}
	}
	if w := d.post("", cord, fill("do", "claim").Encode()); w.Code != 401 || !strings.Contains(w.Body.String(), "You were signed out, and nothing was sent") {
		t.Errorf("a form of somebody who was signed out: %d %s", w.Code, faultsIn(w))
	}
}

func TestPagesOfTheBenchKeepTheRules(t *testing.T) {
	d, _ := atBench(t, bottles(t))
	inline := regexp.MustCompile(`(?i)<style|<script(?:[^>]*)>[^<]|\son[a-z]+=|\sstyle=|javascript:`)
	ids := regexp.MustCompile(`\sid="([^"]*)"`)
	check := func(path string) {
		t.Helper()
		w := d.get(account.Technician, path)
		body := w.Body.String()
		if w.Code != 200 || inline.MatchString(body) || strings.Count(body, "<h1") != 1 {
			t.Errorf("%s: %d, %q, %d headings", path, w.Code, inline.FindString(body), strings.Count(body, "<h1"))
		}
		seen := map[string]bool{}
		for _, id := range ids.FindAllStringSubmatch(body, -1) {
			if seen[id[1]] {
				t.Errorf("%s has the ID %q twice", path, id[1])
			}
			seen[id[1]] = true
		}
		if dir := os.Getenv("SECRETOME_SHOW"); dir != "" {
			d.keep(t, dir, path, body)
		}
	}
	check("/tasks")
	check(cord)
	d.takes(t, account.Technician, fill("do", "claim"))
	d.takes(t, account.Technician, fill("do", "comment", "reason", "\u202e<b>hostile</b> {{7*7}}"))
	for _, path := range []string{"", "?do=deviate", "?do=note", "?do=hand-over", "?do=skip", "?do=release", "?step=look", "?step=nothing", "/sheet"} {
		check(cord + path)
	}
	d.takes(t, account.Technician, fill("do", "step", "step", "weigh", "e-cord", "UC-0031", "e-mass", "31"))
	for _, path := range []string{"", "?step=weigh", "?do=correct&step=weigh", "?do=check&step=weigh"} {
		check(cord + path)
	}
}

// A tablet that slept through the end of a window shows what is so when it wakes,
// and a late task is done with its reason.
func TestAWindowEndsWhileATabletSleeps(t *testing.T) {
	spec := bottles(t)
	spec.Window.Closes = time.Now().Add(-4 * time.Minute)
	spec.Task.Steps = spec.Task.Steps[1:]
	d, h := atBench(t, spec)
	d.takes(t, account.Technician, fill("do", "claim"))
	w := d.get(account.Technician, cord)
	if body := w.Body.String(); !strings.Contains(body, "ended "+spec.Window.Closes.UTC().Format("15:04")+", 4\u00a0min ago") || !strings.Contains(body, `data-closes="`+spec.Window.Closes.UTC().Format(time.RFC3339)) {
		t.Errorf("the page does not tell that the window closed: %s", body)
	}
	if w := d.post(account.Technician, cord, fill("do", "complete", "reason", "the lift was broken").Encode()); w.Code != http.StatusConflict {
		t.Errorf("a task with an open step is completed: %d", w.Code)
	}
	d.takes(t, account.Technician, fill("do", "step", "step", "look", "e-appearance", "ok", "e-clean", "yes"))
	if body := d.get(account.Technician, cord).Body.String(); !strings.Contains(body, "Why is it late?") {
		t.Error("nobody asks why it is late")
	}
	form := fill("do", "complete", "reason", "the lift was broken")
	d.takes(t, account.Technician, form)
	d.takes(t, account.Technician, form) // sent twice
	body := d.get(account.Technician, cord).Body.String()
	if h.state.Verdict != task.Late || strings.Count(body, "the lift was broken") != 1 || strings.Count(body, "sign deviation") > 1 {
		t.Errorf("the task is %s, and its page says: %s", h.state.Verdict, body)
	}
}

// keep writes a page with its style and script beside it, to be looked at.
func (d desk) keep(t *testing.T, dir, path, body string) {
	t.Helper()
	for _, m := range regexp.MustCompile(`/static/app-[0-9a-f]+\.(css|js)`).FindAllStringSubmatch(body, -1) {
		if err := os.WriteFile(filepath.Join(dir, "app."+m[1]), d.get("", m[0]).Body.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		body = strings.ReplaceAll(body, m[0], "app."+m[1])
	}
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("%02d", len(all)) + strings.NewReplacer("/", "_", "?", "_", "&", "_", "=", "-").Replace(path) + ".html"
	if err := os.WriteFile(filepath.Join(dir, name), []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
}

// The plates of a task's block show codes, and only those of its own block.
func TestThePlateGuideShowsTheBlockOfTheTask(t *testing.T) {
	spec := bottles(t)
	spec.Subject.Model, spec.Subject.Block, spec.Task.OpensKey = "cells", "1", true
	d, h := atBench(t, spec)
	plan, err := json.Marshal(protocol.Plan{Blocks: []protocol.Shown{
		{Model: "cells", Block: "1", Layouts: []protocol.Layout{{ID: "cells-6", Wells: 6, Rows: map[string]string{"A": "B2D NC -", "B": "- F7K NC"}}}, Order: []protocol.Turn{{Layout: "cells-6", Wells: []string{"B2", "A1"}}}},
		{Model: "cells", Block: "2", Layouts: []protocol.Layout{{ID: "other", Wells: 6, Rows: map[string]string{"A": "Z9Z - -"}}}},
	}})
	if err != nil {
		t.Fatal(err)
	}
	stored, err := h.files.PutBytes(t.Context(), plan, "application/json", "plan.json")
	if err != nil {
		t.Fatal(err)
	}
	body, err := record.Body(record.Allocation{Plan: stored})
	if err != nil {
		t.Fatal(err)
	}
	drawn := record.Draft{Logbook: "run/UCM-2026-001", Request: newID(), Kind: record.Allocated, By: record.Actor{Kind: record.Program, Name: "test"}, Received: time.Now(), Happened: time.Now(), Body: body}
	if _, err := h.books.Append(t.Context(), drawn); err != nil {
		t.Fatal(err)
	}
	d.takes(t, account.Technician, fill("do", "claim"))
	for _, path := range []string{cord, cord + "/sheet"} {
		page := d.get(account.Technician, path).Body.String()
		if !regexp.MustCompile(`<td[^>]*>B2D</td>`).MatchString(page) || !strings.Contains(page, "F7K") || !strings.Contains(page, "B2, A1") || strings.Contains(page, "Z9Z") {
			t.Errorf("%s shows another plate: %s", path, page)
		}
	}
	w := d.get(account.Technician, cord+"/key")
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "It is recorded that you saw it") || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("the page of the key: %d", w.Code)
	}
	if w := d.post("other", cord+"/key", fill().Encode()); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "You do not hold this task") {
		t.Errorf("somebody who does not hold the task sees the key: %d %s", w.Code, faultsIn(w))
	}
}

func TestAnErrorOfTheBenchIsNoBug(t *testing.T) {
	if err := spoken(fault.New(fault.NotFound, "x").Try("look again; list them with: secretome run list")); fault.Of(err).Help != "Look again" {
		t.Errorf("of two pieces of advice %q is left", fault.Of(err).Help)
	}
	if err := spoken(fault.New(fault.NotFound, "x").Try("list them with: secretome run list")); fault.Of(err).Help != "" {
		t.Errorf("a command is said as %q", fault.Of(err).Help)
	}
	if err := spoken(fault.New(fault.Conflict, "x").Try("do it first: secretome task enter A")); fault.Of(err).Help != "Do it first" {
		t.Errorf("spoken is %q", fault.Of(err).Help)
	}
}

// Ten thousand open tasks are pages of fifty, in the order of their windows,
// and the next page goes on behind it.
func TestTheListOfTasksIsCutIntoPages(t *testing.T) {
	d, h := atBench(t, bottles(t))
	count := 120
	if n, err := strconv.Atoi(os.Getenv("SECRETOME_TASKS")); err == nil {
		count = n // to measure how long it takes: 10000
	}
	for i := range count {
		asked := record.Asked{Title: fmt.Sprintf("Feed %05d", i), Role: account.Technician, Window: record.Window{Opens: time.Now().Add(-time.Hour), Closes: time.Now().Add(time.Duration(30+i) * time.Minute)}}
		body, err := record.Body(asked)
		if err != nil {
			t.Fatal(err)
		}
		draft := record.Draft{Logbook: "run/UCM-2026-001", Request: newID(), Kind: record.TaskAsked, By: record.Actor{Kind: record.Program, Name: "test"}, Received: time.Now(), Happened: time.Now(), Body: body}
		draft.Subject = record.Subject{Stage: "culture", Task: fmt.Sprintf("task/UCM-2026-001/culture/feed/%d", i+1)}
		if _, err := h.books.Append(t.Context(), draft); err != nil {
			t.Fatal(err)
		}
	}
	row := regexp.MustCompile(`>(Feed \d{5}|Receive the cord)</a>`)
	more := regexp.MustCompile(`href="(/tasks\?[^"]*from=[^"]*)"`)
	seen, last, path := 0, "", "/tasks"
	for range 3 {
		began := time.Now()
		body := d.get(account.Technician, path).Body.String()
		t.Logf("%d bytes in %s", len(body), time.Since(began))
		for _, m := range row.FindAllStringSubmatch(body, -1) {
			if seen++; m[1] != "Receive the cord" && m[1] <= last {
				t.Errorf("%s comes behind %s", m[1], last)
			} else if m[1] != "Receive the cord" {
				last = m[1]
			}
		}
		next := more.FindStringSubmatch(body)
		if next == nil {
			break
		}
		path = html.UnescapeString(next[1])
	}
	if seen != min(count+1, 150) {
		t.Errorf("%d tasks on three pages", seen)
	}
}

// plainSpaces is a text as people read it: units stand behind a no-break space.
func plainSpaces(s string) string { return strings.ReplaceAll(s, "\u00a0", " ") }
