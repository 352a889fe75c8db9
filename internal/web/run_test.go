package web

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"secretome/internal/account"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/internal/task"
)

// control does to the run what its workflow would, by the rules of package run.
func (h *hands) control(ctx context.Context, o client.UpdateWorkflowOptions) (client.WorkflowUpdateHandle, error) {
	a, _ := o.Args[0].(run.Act)
	if h.over {
		return nil, serviceerror.NewNotFound("the run is over")
	}
	if err := h.standing.Check(a); err != nil {
		return controlled{err: err}, nil
	}
	kinds := map[run.Verb]record.Kind{run.Pause: record.RunPaused, run.Resume: record.RunResumed, run.Stop: record.RunStopping, run.Hold: record.RunHeld, run.Ask: record.TaskAdded, run.Amend: record.RunAmended}
	var body any = record.Note{Text: a.Reason}
	switch a.Verb {
	case run.Amend:
		body = *a.Amended
	case run.Pause, run.Hold:
		h.standing.Paused = a.Reason
	case run.Resume:
		h.standing.Paused = ""
	case run.Stop:
		h.standing.Stopping = a.Reason
	case run.Ask:
	}
	encoded, err := record.Body(body)
	if err != nil {
		return nil, err
	}
	r, err := h.books.Append(ctx, record.Draft{Logbook: "run/" + atRun, Request: a.Request, Kind: kinds[a.Verb], By: a.By, Received: time.Now(), Happened: time.Now(), Body: encoded})
	if err != nil {
		return nil, err
	}
	ref, err := r.Ref()
	return controlled{acted: run.Acted{Record: ref, Standing: h.standing}}, err
}

type controlled struct {
	told
	acted run.Acted
	err   error
}

func (c controlled) Get(_ context.Context, into any) error {
	if p, ok := into.(*run.Acted); ok {
		*p = c.acted
	}
	return c.err
}

// atRun is the run of the tests of the bench.
const atRun = "UCM-2026-001"

// deciding is a decision that waits for a manager, and asks whoever did not do
// what it is about.
func deciding(notBy ...string) task.Spec {
	s := task.Spec{ID: "task/" + atRun + "/cord-harvest/" + protocol.DecisionID + "/1", Task: protocol.DecisionTask("the cord was <i>warm</i>"), Attempt: 1, NotBy: notBy}
	s.Subject = record.Subject{Stage: "cord-harvest", Task: s.ID}
	s.Window = record.Window{Opens: time.Now()}
	return s
}

// write appends a record to the run as a person or the program.
func (h *hands) add(t *testing.T, kind record.Kind, about record.Subject, body any, uses ...record.Use) record.Ref {
	t.Helper()
	encoded, err := record.Body(body)
	if err != nil {
		t.Fatal(err)
	}
	r, err := h.books.Append(t.Context(), record.Draft{
		Logbook: "run/" + atRun, Request: newID(), Kind: kind, Received: time.Now(), Happened: time.Now(), Uses: uses,
		By: record.Actor{Kind: record.Person, Name: "Mara Thiel", Role: account.Technician}, Subject: about, Body: encoded,
	})
	if err != nil {
		t.Fatal(err)
	}
	ref, err := r.Ref()
	if err != nil {
		t.Fatal(err)
	}
	return ref
}

func TestTheRunPageShowsEachRoleWhatItMayDo(t *testing.T) {
	d, h := atBench(t, bottles(t))
	h.add(t, record.StageStarted, record.Subject{Stage: "cord-harvest"}, record.Start{Title: "Cord harvest", Tasks: 4})
	buttons := map[string][]string{
		account.Manager:    {"/pause", "/stop", "/hold", "/ask", "/amend", "/manage/assign/"},
		account.Technician: nil, account.Reviewer: nil, account.Auditor: nil,
	}
	for role, may := range buttons {
		w := d.get(role, "/runs/"+atRun)
		body := w.Body.String()
		if w.Code != http.StatusOK {
			t.Errorf("%s is answered with %d: %s", role, w.Code, faultsIn(w))
		}
		for _, want := range []string{"Receive the cord", "min left", "Cord harvest", "Treatment of the cells", "not started", "Timeline", "launched the run", "UC-CM-COMPACT 1.0", "/stages/treatment/skin"} {
			if !strings.Contains(body, want) {
				t.Errorf("%s does not see %q", role, want)
			}
		}
		for _, button := range buttons[account.Manager] {
			drawn := strings.Contains(body, atRun+button+`"`) || strings.Contains(body, `href="`+button)
			if want := len(may) > 0; drawn != want {
				t.Errorf("%s: a button for %s is drawn: %t", role, button, drawn)
			}
		}
	}
}

func TestPagesOfRunsAnswerAsTheyShould(t *testing.T) {
	d, h := atBench(t, bottles(t))
	h.add(t, record.StageStarted, record.Subject{Stage: "cord-harvest"}, record.Start{Title: "Cord harvest", Tasks: 4})
	is := "/runs/" + atRun
	cord := "UCM-2026-001/cord-harvest/receive-cord/1"
	for _, test := range []struct {
		role, path string
		post       string
		code       int
		want       string
	}{
		{"", is, "", 303, ""},
		{account.Technician, "/runs", "", 200, "Runs"},
		{account.Auditor, "/runs?state=all&q=UCM-2026", "", 200, atRun},
		{account.Auditor, "/runs?state=<b>", "", 422, "is no state of a run"},
		{account.Auditor, "/runs?page=0", "", 422, "no number of a page"},
		{account.Auditor, "/runs?page=9999", "", 200, "No run"},
		{account.Manager, "/runs/<script>", "", 404, "There is no run &#34;&lt;script&gt;&#34;"},
		{account.Manager, "/runs/UCM-1999-001/pause", "", 404, "There is no run"},
		{account.Manager, "/runs/UCM-1999-001/stages/culture", "", 404, "There is no run"},
		{account.Manager, is + "/stages/kitchen", "", 404, "has no stage"},
		{account.Manager, is + "/stages/treatment/skin", "", 200, "Not begun"},
		{account.Manager, is + "/stages/cord-harvest", "", 200, "Receive the cord"},
		{account.Technician, "/tasks", "", 200, "· Cord harvest"},
		{account.Technician, "/tasks/" + cord, "", 200, "· Cord harvest"},
		{account.Auditor, is + "/results", "", 200, "until all plates are read"},
		{account.Auditor, is + "/results/viability", "", 200, "until all plates are read"},
		{account.Auditor, is + "/results/beauty", "", 404, "has no figure"},
		{account.Manager, is + "/pause", "", 200, "What will happen"},
		{account.Manager, is + "/resume", "", 409, "not paused"},
		{account.Manager, is + "/stop", "", 200, "1 open task is withdrawn"},
		{account.Quality, is + "/hold", "", 303, ""}, // nobody of that role is here
		{account.Technician, is + "/pause", "", 403, "Only a manager can"},
		{account.Reviewer, is + "/stop", "", 403, "Only a manager can"},
		{account.Manager, is + "/pause", "reason=", 422, "Write why"},
		{account.Manager, is + "/pause", "reason=" + strings.Repeat("x", 4001), 422, "4001 bytes"},
		{account.Manager, is + "/ask", "title=&reason=", 422, "Write what is to be done"},
		{account.Manager, is + "/ask", "title=Look&reason=alarm&role=king", 422, "is no role"},
		{account.Technician, is + "/pause", "reason=x", 403, "Only a manager can"},
		{account.Manager, "/manage/assign/" + cord, "", 200, "Mara Thiel"},
		{account.Manager, "/manage/assign/" + cord, "to=", 422, "Choose to whom it goes"},
		{account.Manager, "/manage/assign/" + cord, "to=Nobody", 404, "Nobody"},
		{account.Manager, "/manage/repeat/" + cord, "reason=", 422, "Write why"},
		{account.Manager, "/manage/cancel/UCM-2026-001/x/y/1", "", 404, "There is no task"},
		{account.Technician, "/manage/cancel/" + cord, "", 403, "Only a manager can"},
		{account.Technician, "/manage/skip/" + cord, "", 200, "Nobody holds the task"},
		{account.Manager, "/people/workload", "", 200, "Not claimed yet"},
		{account.Auditor, "/decisions", "", 200, "Nothing waits for a decision"},
		{account.Auditor, "/decisions?run=UCM-1999-001", "", 404, "There is no run"},
		{account.Technician, "/decisions", "choice=continue&justification=x&task=task/x", 403, "Only a manager can"},
		{account.Manager, "/decisions", "choice=shrug&justification=x&task=task/x", 422, "Choose what follows"},
		{account.Manager, "/decisions", "choice=repeat&justification=&task=task/x", 422, "Write why, and what it means"},
		{account.Manager, "/decisions", "choice=repeat&justification=x&task=task/" + cord, 422, "is no decision"},
	} {
		path := strings.NewReplacer("<", "%3C", ">", "%3E").Replace(test.path)
		w := d.get(test.role, path)
		if test.post != "" {
			w = d.post(test.role, path, test.post+"&request="+newID())
		}
		body := w.Body.String()
		if w.Code != test.code || !strings.Contains(body, test.want) {
			t.Errorf("%s %q as %q is answered with %d, want %d with %q: %s", test.path, test.post, test.role, w.Code, test.code, test.want, faultsIn(w))
		}
		if found := inlineMarkup.FindString(body); found != "" {
			t.Errorf("%s has %q in it", test.path, found)
		}
		if strings.Contains(body, "secretome run") || strings.Contains(body, "secretome task") {
			t.Errorf("%s speaks of the command line: %s", test.path, faultsIn(w))
		}
	}
}

func TestARunIsPausedAndResumedByFormsAlone(t *testing.T) {
	d, h := atBench(t, bottles(t))
	is := "/runs/" + atRun
	does := func(verb string, form url.Values) {
		t.Helper()
		if w := d.post(account.Manager, is+"/"+verb, form.Encode()); w.Code != http.StatusSeeOther || w.Header().Get("Location") != is {
			t.Fatalf("%s is answered with %d: %s", verb, w.Code, faultsIn(w))
		}
	}
	pause := fill("reason", "the <b>hood</b> is serviced")
	does("pause", pause)
	does("pause", pause) // sent twice, done once
	body := d.get(account.Manager, is).Body.String()
	for _, want := range []string{"Paused", "Karin Lund", "the &lt;b&gt;hood&lt;/b&gt; is serviced", is + `/resume"`} {
		if !strings.Contains(body, want) {
			t.Errorf("a paused run does not show %q", want)
		}
	}
	if strings.Contains(body, is+`/pause"`) {
		t.Error("a paused run can be paused")
	}
	if w := d.post(account.Manager, is+"/pause", fill("reason", "again").Encode()); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "paused already") {
		t.Errorf("pausing twice is answered with %d: %s", w.Code, faultsIn(w))
	}
	if w := d.get(account.Manager, is+"/resume"); !strings.Contains(w.Body.String(), "Paused by Karin Lund") {
		t.Errorf("the page to resume does not tell why it was paused: %s", w.Body)
	}
	does("resume", fill("reason", "the hood works"))
	does("stop", fill("reason", "the cord was lost"))
	if body := d.get(account.Manager, is).Body.String(); !strings.Contains(body, "Being stopped") || strings.Contains(body, is+`/stop"`) {
		t.Error("a run that is being stopped says so, and is stopped once")
	}
	if h.standing.Stopping != "the cord was lost" {
		t.Errorf("the run stands as %+v", h.standing)
	}
}

func TestARunThatIsOverTakesNothingMore(t *testing.T) {
	d, h := atBench(t, bottles(t))
	h.over = true
	if w := d.post(account.Manager, "/runs/"+atRun+"/pause", fill("reason", "late").Encode()); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "is over") {
		t.Errorf("a run whose workflow has ended is answered with %d: %s", w.Code, faultsIn(w))
	}
	h.add(t, record.RunEnded, record.Subject{}, record.End{Outcome: "discarded", Why: "sterility"})
	for _, path := range []string{"/pause", "/stop", "/ask", "/amend", "/hold"} {
		if w := d.get(account.Manager, "/runs/"+atRun+path); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "is over: discarded") {
			t.Errorf("%s of a run that is over is answered with %d: %s", path, w.Code, faultsIn(w))
		}
	}
	body := d.get(account.Manager, "/runs/"+atRun).Body.String()
	if !strings.Contains(body, "sterility") || strings.Contains(body, `/stop"`) || strings.Contains(body, "/manage/") {
		t.Errorf("a run that is over shows how it ended, and no control")
	}
}

func TestAManagerDecidesOnAPage(t *testing.T) {
	spec := deciding("Mara Thiel")
	d, h := atBench(t, spec)
	is := "/decisions?run=" + atRun
	body := d.get(account.Manager, is).Body.String()
	for _, want := range []string{"One decision waits", "The run ends here as discarded", "is asked again from its first step", `name="choice" value="repeat"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page of decisions lacks %q", want)
		}
	}
	if body := d.get(account.Technician, is).Body.String(); strings.Contains(body, `name="choice"`) || !strings.Contains(body, "A manager decides this") {
		t.Error("a technician is offered a decision")
	}
	if body := d.get(account.Manager, "/runs").Body.String(); !strings.Contains(body, "Blocked") || !strings.Contains(body, "/decisions?run="+atRun+"#") {
		t.Error("the board does not show what is blocked")
	}
	wrong := d.post(account.Manager, "/decisions", fill("task", spec.ID, "choice", "", "justification", "it is <u>fine</u>", "run", atRun).Encode())
	if body := wrong.Body.String(); wrong.Code != 422 || !strings.Contains(body, "it is &lt;u&gt;fine&lt;/u&gt;") || !strings.Contains(body, `href="#choice-`+keyOf(spec.ID)) {
		t.Errorf("a decision without a choice: %d %s", wrong.Code, faultsIn(wrong))
	}
	form := fill("task", spec.ID, "choice", "continue", "justification", "twelve minutes do no harm", "back", "/runs/"+atRun)
	for range 2 {
		if w := d.post(account.Manager, "/decisions", form.Encode()); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/runs/"+atRun {
			t.Fatalf("a decision is answered with %d: %s", w.Code, faultsIn(w))
		}
	}
	choice, _ := h.state.Value(protocol.DecisionChoice)
	if h.state.Phase != task.Completed || choice.Value != "continue" {
		t.Errorf("the decision is %+v", h.state)
	}
	if w := d.post(account.Manager, "/decisions", fill("task", spec.ID, "choice", "discard", "justification", "no").Encode()); w.Code != http.StatusConflict {
		t.Errorf("deciding twice is answered with %d: %s", w.Code, faultsIn(w))
	}
}

func TestWhoDidItDoesNotDecide(t *testing.T) {
	spec := deciding("Karin Lund")
	d, _ := atBench(t, spec)
	if body := d.get(account.Manager, "/decisions").Body.String(); strings.Contains(body, `name="choice"`) || !strings.Contains(body, "You did what this is about") {
		t.Error("who did it is offered the decision")
	}
	if w := d.post(account.Manager, "/decisions", fill("task", spec.ID, "choice", "continue", "justification", "x").Encode()); w.Code != 422 {
		t.Errorf("who did it decides: %d %s", w.Code, faultsIn(w))
	}
}

func TestATaskIsManaged(t *testing.T) {
	d, h := atBench(t, bottles(t))
	to := "/manage/assign" + strings.TrimPrefix(cord, "/tasks")
	if w := d.post(account.Manager, to, fill("to", "Jonas Weber", "back", "/runs/"+atRun).Encode()); w.Code != http.StatusSeeOther || h.state.Assigned != "Jonas Weber" {
		t.Errorf("assigning is answered with %d: %s", w.Code, faultsIn(w))
	}
	if w := d.get("other", "/manage/hand-over"+strings.TrimPrefix(cord, "/tasks")); w.Code != 200 || !strings.Contains(w.Body.String(), "not now") || strings.Contains(w.Body.String(), `name="to"`) {
		t.Errorf("who does not hold a task may hand it over: %d", w.Code)
	}
	d.post("other", cord, fill("do", "claim").Encode())
	skip := "/manage/skip" + strings.TrimPrefix(cord, "/tasks")
	if w := d.post("other", skip, fill("reason", "the cord was lost").Encode()); w.Code != http.StatusSeeOther || h.state.Phase != task.Skipped {
		t.Errorf("leaving out is answered with %d: %s", w.Code, faultsIn(w))
	}
	if w := d.get(account.Manager, "/manage/cancel"+strings.TrimPrefix(cord, "/tasks")); w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "skipped already") {
		t.Errorf("a task that is over is answered with %d: %s", w.Code, faultsIn(w))
	}
}

func TestAPlanIsChangedAfterTheChangesWereSeen(t *testing.T) {
	d, h := atBench(t, bottles(t))
	document, err := os.ReadFile("../../examples/compact.yaml")
	if err != nil {
		t.Fatal(err)
	}
	changed := regexp.MustCompile(`(?m)^version: .*$`).ReplaceAll(document, []byte(`version: "1.1"`))
	changed = bytes.Replace(changed, []byte("title: Analysis"), []byte("title: Analysis <again>"), 1)
	is := "/runs/" + atRun + "/amend"
	send := func(name string, data []byte) *httptest.ResponseRecorder {
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		part, err := m.CreateFormFile("document", name)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write(data) // into memory
		if err := m.Close(); err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPost, is, &b)
		r.Header.Set("Content-Type", m.FormDataContentType())
		return d.do(account.Manager, r)
	}
	for _, test := range []struct {
		name string
		data []byte
		code int
		want string
	}{
		{"nothing", nil, 422, "is empty"},
		{"the same protocol", document, 422, "says the same"},
		{"no protocol", []byte("a: [1"), 422, "<h2 id=\"faults-title\">"},
		{"too large", bytes.Repeat([]byte("#"), mostProtocol+1), 422, "larger than 1 MB"},
		{"of the same version", bytes.Replace(document, []byte("title: Analysis"), []byte("title: Other"), 1), 422, "version is still"},
	} {
		if w := send("p.yaml", test.data); w.Code != test.code || !strings.Contains(w.Body.String(), test.want) {
			t.Errorf("%s: %d %s", test.name, w.Code, faultsIn(w))
		}
	}
	w := send(`..\..\plan.yaml`, changed)
	body := w.Body.String()
	if w.Code != 200 || !strings.Contains(body, "Analysis &lt;again&gt;") || !strings.Contains(body, "Follow UC-CM-COMPACT 1.1") || !strings.Contains(body, `name="name" value="plan.yaml"`) {
		t.Fatalf("the changes are answered with %d: %s", w.Code, faultsIn(w))
	}
	carried := regexp.MustCompile(`name="carried" value="([^"]*)"`).FindStringSubmatch(body)[1]
	carried = strings.NewReplacer("&#43;", "+", "&#34;", `"`).Replace(carried)
	form := fill("confirm", "yes", "name", "plan.yaml", "carried", carried)
	if w := d.post(account.Manager, is, form.Encode()); w.Code != 422 || !strings.Contains(w.Body.String(), "Write why") || !strings.Contains(w.Body.String(), `name="carried"`) {
		t.Errorf("without a reason: %d %s", w.Code, faultsIn(w))
	}
	form.Set("reason", "the supplier's medium changed")
	if w := d.post(account.Manager, is, form.Encode()); w.Code != http.StatusSeeOther {
		t.Errorf("confirmed: %d %s", w.Code, faultsIn(w))
	}
	if body := d.get(account.Manager, "/runs/"+atRun).Body.String(); !strings.Contains(body, "UC-CM-COMPACT 1.1") {
		t.Error("the run does not follow the changed protocol")
	}
	if h.standing.Paused != "" {
		t.Errorf("the run stands as %+v", h.standing)
	}
}
