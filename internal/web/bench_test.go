package web

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"
	commonpb "go.temporal.io/api/common/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"secretome/internal/account"
	"secretome/internal/artifact"
	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/lab"
	"secretome/internal/logbook"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/task"
	"secretome/workflows"
)

// hands stands at the edge to Temporal: it holds one task by the rules that its
// workflow holds it by, writing into the same logbook.
type hands struct {
	books *logbook.Logbooks
	files *artifact.Store

	mu    sync.Mutex
	spec  task.Spec
	state task.State
}

func (*hands) DescribeWorkflowExecution(context.Context, string, string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	return nil, serviceerror.NewNotFound("no workflow")
}

func (*hands) NewWithStartWorkflowOperation(client.StartWorkflowOptions, any, ...any) client.WithStartWorkflowOperation {
	return nil
}

func (*hands) UpdateWithStartWorkflow(context.Context, client.UpdateWithStartWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	return nil, serviceerror.NewNotFound("no lots here")
}

func (*hands) ExecuteWorkflow(context.Context, client.StartWorkflowOptions, any, ...any) (client.WorkflowRun, error) {
	return nil, nil
}

func (h *hands) UpdateWorkflow(ctx context.Context, o client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if o.WorkflowID != h.spec.ID {
		return nil, serviceerror.NewNotFound("no such task")
	}
	act, _ := o.Args[0].(task.Act)
	answer, err := h.do(ctx, act)
	return told{answer, err}, nil
}

// do checks, appends and applies, as the workflow does.
func (h *hands) do(ctx context.Context, a task.Act) (task.Answer, error) {
	if err := h.state.Check(h.spec, a); err != nil {
		return task.Answer{}, err
	}
	if a.Happened.IsZero() {
		a.Happened = time.Now()
	}
	base := record.Draft{Logbook: "run/UCM-2026-001", Request: a.Request, By: a.By, Received: time.Now(), Happened: a.Happened, Subject: record.Subject{Task: h.spec.ID, Step: a.Step}}
	drafts, err := task.Drafts(base, h.spec, h.state, a)
	if err != nil {
		return task.Answer{}, err
	}
	var first record.Ref
	for i, d := range drafts {
		ref, err := h.write(ctx, d)
		if err != nil {
			return task.Answer{}, err
		}
		if i == 0 {
			first = ref
		}
	}
	return task.Answer{Record: first, Phase: h.state.Phase, Holder: h.state.Holder.Name, NextStep: h.state.Next(h.spec.Task)}, nil
}

func (h *hands) write(ctx context.Context, d record.Draft) (record.Ref, error) {
	r, err := h.books.Append(ctx, d)
	if err != nil {
		return record.Ref{}, err
	}
	ref, err := r.Ref()
	if err == nil {
		err = h.state.Apply(r, ref)
	}
	return ref, err
}

func (h *hands) QueryWorkflow(_ context.Context, id, _, name string, _ ...any) (converter.EncodedValue, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if id != h.spec.ID {
		return nil, serviceerror.NewNotFound("workflow not found")
	}
	var v any = h.state
	if name == workflows.QuerySpec {
		v = h.spec
	}
	payload, err := converter.GetDefaultDataConverter().ToPayload(v)
	return client.NewValue(&commonpb.Payloads{Payloads: []*commonpb.Payload{payload}}), err
}

type told struct {
	answer task.Answer
	err    error
}

func (told) WorkflowID() string { return "" }
func (told) RunID() string      { return "" }
func (told) UpdateID() string   { return "" }
func (h told) Get(_ context.Context, into any) error {
	if p, ok := into.(*task.Answer); ok {
		*p = h.answer
	}
	return h.err
}

// bottles is a task with an entry of each kind.
func bottles(t *testing.T) task.Spec {
	t.Helper()
	var s task.Spec
	err := json.Unmarshal([]byte(`{"id":"task/UCM-2026-001/cord-harvest/receive-cord/1","attempt":1,"expect":{"weigh.cord":"UC-0031"},
		"task":{"task":"receive-cord","title":"Receive the cord","role":"technician",
		"computed":[{"value":"ratio","title":"concentration factor","formula":"concentration-factor","of":{"in":"weigh.before","out":"weigh.after"},"unit":"1"}],
		"steps":[
		{"step":"weigh","text":"Weigh the cord.","second":true,"fields":[
			{"field":"cord","title":"barcode of the cord","kind":"scan","pattern":"UC-[0-9]{4}","thing":{"is":"cord"}},
			{"field":"mass","title":"mass","kind":"quantity","unit":"g","range":["10 g","60 g"],"default":"30 g"},
			{"field":"before","title":"volume before","kind":"quantity","unit":"mL","optional":true},
			{"field":"after","title":"volume after","kind":"quantity","unit":"mL","optional":true}]},
		{"step":"look","text":"Look at the cord.","fields":[
			{"field":"appearance","title":"appearance","kind":"choice","choices":["ok","meconium","torn"]},
			{"field":"colour","title":"colour","kind":"choice","choices":["a","b","c","d","e","f"],"optional":true},
			{"field":"clean","title":"clean","kind":"yes-no"},
			{"field":"at","title":"when it was seen","kind":"time","optional":true},
			{"field":"remark","title":"remark","kind":"text","optional":true},
			{"field":"photo","title":"photo","kind":"file","optional":true}]}]}}`), &s)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	s.Window = record.Window{Opens: now.Add(-time.Hour), Closes: now.Add(28 * time.Minute), OnLate: "DEVIATION"}
	s.Subject = record.Subject{Stage: "cord-harvest", Task: s.ID}
	return s
}

// cord is the path of the task of [bottles].
const cord = "/tasks/UCM-2026-001/cord-harvest/receive-cord/1"

// atBench opens a desk with a run in which one task waits, and with a second
// technician under the role "other".
func atBench(t *testing.T, spec task.Spec) (desk, *hands) {
	t.Helper()
	dir := t.TempDir()
	x, err := index.Open(t.Context(), filepath.Join(dir, "index.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	people := []account.Person{{Name: "Mara Thiel", Role: account.Technician}, {Name: "Jonas Weber", Role: account.Technician}, {Name: "Karin Lund", Role: account.Manager}, {Name: "Aiko Vogt", Role: account.Reviewer}, {Name: "Ada Post", Role: account.Auditor}}
	book, err := account.Ensure(filepath.Join(dir, "credentials.json"), people)
	if err != nil {
		t.Fatal(err)
	}
	bucket := &artifact.Mem{}
	books := logbook.New(bucket, x, zerolog.Nop())
	files := artifact.New(bucket, dir)
	h := &hands{books: books, files: files, spec: spec, state: task.State{Phase: task.Open}}
	l := lab.New(lab.Deps{Temporal: h, Logbooks: books, Index: x, Artifacts: files, People: book, Program: "test", Now: time.Now})
	document, err := os.ReadFile("../../examples/compact.yaml")
	if err != nil {
		t.Fatal(err)
	}
	manager := record.Actor{Kind: record.Person, Name: "Karin Lund", Role: account.Manager}
	if _, err := l.Launch(t.Context(), manager, lab.LaunchRequest{Request: newID(), Document: document, Title: "Test"}); err != nil {
		t.Fatal(err)
	}
	body, err := record.Body(record.Asked{Title: spec.Task.Title, Role: spec.Task.Role, Window: spec.Window})
	if err != nil {
		t.Fatal(err)
	}
	asked := record.Draft{Logbook: "run/UCM-2026-001", Request: newID(), Kind: record.TaskAsked, By: manager, Received: time.Now(), Happened: time.Now(), Subject: spec.Subject, Body: body}
	if _, err := h.write(t.Context(), asked); err != nil {
		t.Fatal(err)
	}
	d := desk{New(l, Options{Log: zerolog.Nop(), Accounts: byToken{l}}), map[string]string{}}
	for role, name := range map[string]string{account.Technician: "Mara Thiel", "other": "Jonas Weber", account.Manager: "Karin Lund", account.Reviewer: "Aiko Vogt", account.Auditor: "Ada Post"} {
		d.tokens[role], _ = book.Token(name) // they were just made
	}
	return d, h
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

// fill is a form with a new request ID.
func fill(pairs ...string) url.Values {
	v := url.Values{"request": {newID()}}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// takes posts a form that must be taken.
func (d desk) takes(t *testing.T, role string, form url.Values) {
	t.Helper()
	if w := d.post(role, cord, form.Encode()); w.Code != http.StatusSeeOther || w.Header().Get("Location") != cord {
		t.Fatalf("%v is answered with %d to %q: %s", form, w.Code, w.Header().Get("Location"), faultsIn(w))
	}
}

// faultsIn is the summary of what is wrong on a page.
func faultsIn(w *httptest.ResponseRecorder) string {
	return regexp.MustCompile(`(?s)<section class="faults".*?</section>|<h1>.*?</div>`).FindString(w.Body.String())
}

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
	has(body, "All steps are done", "waits for a second person", "concentration factor", "<strong>2\u00a0", "&lt;script&gt;alert(1)")
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
		{"a deviation without words", fill("do", "deviate"), 422, []string{"What happened", "reason is missing"}},
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
				if !strings.Contains(w.Body.String(), part) {
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
		if v := said[0]; v.Field != "e-mass" || !strings.Contains(v.Problem, test.problem) || test.value != "" && v.Value != test.value || v.Outside != test.outside {
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
	if w := d.post("", cord, fill("do", "claim").Encode()); w.Code != 403 || !strings.Contains(w.Body.String(), "you were signed out") {
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
	if body := w.Body.String(); !strings.Contains(body, "closed 4\u00a0min ago") || !strings.Contains(body, `data-closes="`+spec.Window.Closes.UTC().Format(time.RFC3339)) {
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
		if !strings.Contains(page, "<td>B2D</td>") || !strings.Contains(page, "F7K") || !strings.Contains(page, "B2, A1") || strings.Contains(page, "Z9Z") {
			t.Errorf("%s shows another plate: %s", path, page)
		}
	}
	w := d.get(account.Technician, cord+"/key")
	if w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "It is recorded that you saw it") || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("the page of the key: %d", w.Code)
	}
	if w := d.post("other", cord+"/key", fill().Encode()); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "you do not hold this task") {
		t.Errorf("somebody who does not hold the task sees the key: %d %s", w.Code, faultsIn(w))
	}
}

func TestAnErrorOfTheBenchIsNoBug(t *testing.T) {
	if err := spoken(fault.New(fault.Conflict, "x").Try("do it first: secretome task enter A")); fault.Of(err).Help != "Do it first" {
		t.Errorf("spoken is %q", fault.Of(err).Help)
	}
}
