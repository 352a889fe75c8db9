package web

import (
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"secretome/internal/account"
	"secretome/internal/artifact"
	"secretome/internal/index"
	"secretome/internal/lab"
	"secretome/internal/logbook"
	"secretome/internal/record"
)

// written is a desk over a laboratory in whose logbooks a test writes.
type written struct {
	desk
	books *logbook.Logbooks
	store *artifact.Store
}

// writeRun opens a desk with one run of some records.
func writeRun(t *testing.T) written {
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
	var people []account.Person
	for _, role := range account.Roles() {
		people = append(people, account.Person{Name: "The " + role, Role: role})
	}
	book, err := account.Ensure(filepath.Join(dir, "credentials.json"), people)
	if err != nil {
		t.Fatal(err)
	}
	bucket := &artifact.Mem{}
	w := written{desk{tokens: map[string]string{}}, logbook.New(bucket, x, zerolog.Nop()), artifact.New(bucket, dir)}
	l := lab.New(lab.Deps{Logbooks: w.books, Index: x, Artifacts: w.store, People: book, Program: "test", Now: time.Now})
	w.Handler = New(l, Options{Log: zerolog.Nop(), Accounts: byToken{l}})
	for _, p := range book.People() {
		w.tokens[p.Role], _ = book.Token(p.Name) // they were just made
	}
	protocol, err := w.store.PutBytes(t.Context(), []byte(`{"protocol":"P","version":"1","title":"P","zone":"UTC","ethics":{"committee":"c","approval":"a","scope":[]},"models":[],"assays":[],"stages":[{"stage":"review","title":"Review","tasks":[{"task":"sign-report","title":"Sign the report","role":"reviewer","steps":[{"step":"sign","text":"Say what it means.","fields":[{"field":"meaning","title":"meaning","kind":"choice","choices":["reviewed"]},{"field":"identity","title":"name","kind":"text"}]}]}]}],"analysis":{"alpha":"0.05","endpoints":[{"endpoint":"e","title":"The endpoint","claim":"c","model":"m","assay":"a","test":"report","comparator":"x","groups":[],"scale":"identity","benefit":"none"}]}}`), "application/json", "protocol.json")
	if err != nil {
		t.Fatal(err)
	}
	w.append(t, "Mara", record.RunLaunched, record.Subject{}, record.Launch{Run: "R-1", Title: "Study <b>one</b>", Protocol: protocol, Name: "P 1", Zone: "UTC", Plan: []string{"culture", "review"}})
	return w
}

// append writes a record into the run's logbook.
func (w written) append(t *testing.T, by string, kind record.Kind, about record.Subject, body any, uses ...record.Use) record.Record {
	t.Helper()
	encoded, err := record.Body(body)
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	r, err := w.books.Append(t.Context(), record.Draft{
		Logbook: "run/R-1", Request: string(kind) + about.Task + string(encoded), Kind: kind, Received: at, Happened: at,
		By: record.Actor{Kind: record.Person, Name: by, Role: account.Technician}, Subject: about, Uses: uses, Program: "test", Body: encoded,
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

const signTask = "task/R-1/review/sign-report/1"

// tell fills the run with what a reviewer meets, and returns where it is cut.
func (w written) tell(t *testing.T) (at int64) {
	t.Helper()
	culture := record.Subject{Stage: "culture", Task: "task/R-1/culture/feed/1"}
	w.append(t, "Mara", record.StageStarted, record.Subject{Stage: "culture"}, record.Start{Title: "Growing"})
	w.append(t, "Mara", record.TaskAsked, culture, record.Asked{Title: "Feed the cells", Role: account.Technician, Attempt: 1})
	w.append(t, "Tim", record.TaskClaimed, culture, record.Note{})
	cut := w.append(t, "Tim", record.DeviationOpened, culture, record.Deviation{Type: "other", What: "the hood <script>was</script> loud", Asks: "DEVIATION"})
	ref, err := cut.Ref()
	if err != nil {
		t.Fatal(err)
	}
	w.append(t, "Tea", record.DeviationDecided, record.Subject{Stage: "culture"}, record.Decided{Choice: "continue", Justification: "zebrafish"}, ref.As("deviation"))
	w.append(t, "Quentin", record.TaskCommented, culture, record.Note{Text: "platypus"})
	w.append(t, "Quentin", record.TaskCompleted, culture, record.Completed{Verdict: "late"})
	w.append(t, "Mara", record.StageEnded, record.Subject{Stage: "culture"}, record.End{Outcome: "discarded", Why: "wombat"})
	report, err := w.store.PutBytes(t.Context(), []byte(`<!doctype html><html><head><meta charset="utf-8"><style>p>a{}</style></head><body><section id="results"><section class="part" id="finding-9"><h3>Axolotl &amp; more</h3><p style="color:red" onclick="x()">lead</p><script>alert(1)</script><figure><svg viewBox="0 0 9 9"><style>.x{}</style><a href="#rec-7" aria-label="well B3"><circle class="pt" r="2"/></a><a href="https://evil.example/"><path d="M0 0"/></a></svg></figure></section></section></body></html>`), "text/html; charset=utf-8", "report.html")
	if err != nil {
		t.Fatal(err)
	}
	w.append(t, "Mara", record.ReportMade, record.Subject{Stage: "analysis"}, record.Made{Title: "Report", Artifact: report})
	w.append(t, "Mara", record.TaskAsked, record.Subject{Stage: "review", Task: signTask}, record.Asked{Title: "Sign the report", Role: account.Reviewer, Attempt: 1})
	return cut.Number
}

var inlineMarkup = regexp.MustCompile(`(?i)<style|<script(?:[^>]*)>[^<]|<[^>]*\son[a-z]+=|<[^>]*\sstyle=|javascript:|evil\.example`)

func TestNothingLaterLeaksIntoAReplay(t *testing.T) {
	w := writeRun(t)
	at := w.tell(t)
	later := []string{"zebrafish", "platypus", "wombat", "Quentin", "Tea", "Sign the report", "Axolotl"}
	for _, path := range []string{"/runs/R-1/review?at=5", "/runs/R-1/events?at=5"} {
		if at != 5 {
			t.Fatalf("the run is cut at %d", at)
		}
		body := w.get(account.Reviewer, path).Body.String()
		for _, word := range later {
			if strings.Contains(body, word) {
				t.Errorf("%s tells %q, which nobody knew then", path, word)
			}
		}
		if !strings.Contains(body, "Feed the cells") {
			t.Errorf("%s does not tell what was known", path)
		}
	}
	replay := w.get(account.Reviewer, "/runs/R-1/review?at=5").Body.String()
	for _, want := range []string{"waits for a decision", "record 5 of 11", "Tim", "Growing"} {
		if !strings.Contains(replay, want) {
			t.Errorf("the replay lacks %q", want)
		}
	}
}

// At each moment of a run, none of its pages, and not its table either, has
// anything in it that was recorded later.
func TestNoPageOfARunTellsWhatCameLater(t *testing.T) {
	w := writeRun(t)
	w.tell(t)
	words := map[int64][]string{2: {"Growing"}, 3: {"Feed the cells"}, 4: {"Tim"}, 5: {"loud"}, 6: {"zebrafish", "Tea"}, 7: {"platypus", "Quentin"}, 9: {"wombat"}, 10: {"Axolotl", "report.html"}, 11: {"Sign the report"}}
	const head = 11
	pages := 0
	for at := int64(1); at < head; at++ {
		paths := []string{"/review", "/events", "/events?as=csv", "/results", "", "/stages/culture"}
		for n := int64(1); n <= at; n++ {
			paths = append(paths, fmt.Sprintf("/events/%d", n))
		}
		for _, path := range paths {
			address := fmt.Sprintf("/runs/R-1%s?at=%d", path, at)
			if strings.Contains(path, "?") {
				address = fmt.Sprintf("/runs/R-1%s&at=%d", path, at)
			}
			answer := w.get(account.Reviewer, address)
			for to := answer.Header().Get("Location"); to != ""; to = answer.Header().Get("Location") {
				answer = w.get(account.Reviewer, to)
			}
			if answer.Code != http.StatusOK {
				t.Errorf("%s is answered with %d", address, answer.Code)
			}
			pages++
			for n, later := range words {
				for _, word := range later {
					if n > at && strings.Contains(answer.Body.String(), word) {
						t.Errorf("%s tells %q of record %d", address, word, n)
					}
				}
			}
		}
		if answer := w.get(account.Reviewer, fmt.Sprintf("/runs/R-1/events/%d?at=%d", at+1, at)); answer.Code != http.StatusNotFound {
			t.Errorf("record %d is there at record %d: %d", at+1, at, answer.Code)
		}
	}
	t.Logf("%d pages", pages)
}

func TestTheReviewersPagesKeepTheRules(t *testing.T) {
	w := writeRun(t)
	w.tell(t)
	file, err := w.store.PutBytes(t.Context(), []byte("well,value\nA1,0.5\n=cmd|x,<script>\n"), "text/csv", "plate.csv")
	if err != nil {
		t.Fatal(err)
	}
	w.append(t, "Tim", record.StepDone, record.Subject{Stage: "assay", Task: "task/R-1/assay/read/1", Step: "file"}, record.Entered{Entries: []record.Entry{{Field: "f", Value: "plate.csv", File: &file}}}, file.As("f"))
	for path, want := range map[string]string{
		"/runs/R-1/review":                  "hood &lt;script&gt;was&lt;/script&gt; loud",
		"/runs/R-1/review?at=3":             "Study &lt;b&gt;one&lt;/b&gt;",
		"/runs/R-1/events":                  `id="r7"`,
		"/runs/R-1/events?who=Tea&show=key": "zebrafish",
		"/runs/R-1/events/5":                "zebrafish", // what came of it
		"/runs/R-1/results":                 "Axolotl &amp; more",
		"/runs/R-1/diff/R-1":                "Nothing differs",
		"/artifacts":                        "plate.csv",
		"/artifacts?q=" + file.SHA256[:7]:   "plate.csv",
		"/artifacts?q=%3Cscript%3E":         "No artifact starts with",
		"/artifacts/" + file.SHA256:         "verified",
	} {
		answer := w.get(account.Reviewer, path)
		body := answer.Body.String()
		if answer.Code != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d, and no %q", path, answer.Code, want)
		}
		if found := inlineMarkup.FindString(body); found != "" {
			t.Errorf("%s has %q in it", path, found)
		}
		if strings.Count(body, "<h1") != 1 {
			t.Errorf("%s has %d headings of the first rank", path, strings.Count(body, "<h1"))
		}
		ids := map[string]bool{}
		for _, m := range regexp.MustCompile(`\sid="([^"]+)"`).FindAllStringSubmatch(body, -1) {
			if ids[m[1]] {
				t.Errorf("%s has the id %q twice", path, m[1])
			}
			ids[m[1]] = true
		}
		if answer := w.get("", path); answer.Code != http.StatusSeeOther {
			t.Errorf("%s answers a stranger with %d", path, answer.Code)
		}
	}
	results := w.get(account.Reviewer, "/runs/R-1/results").Body.String()
	if !strings.Contains(results, `href="/runs/R-1/plates/7#lineage" aria-label="well B3"`) {
		t.Errorf("a mark does not lead to its plate: %s", results)
	}
}

func TestWhatIsNotThereIsSaid(t *testing.T) {
	w := writeRun(t)
	for path, want := range map[string]int{
		"/runs/R-1/review?at=99":    http.StatusNotFound,
		"/runs/R-1/review?at=-1":    http.StatusBadRequest,
		"/runs/R-1/review?at=x":     http.StatusBadRequest,
		"/runs/R-9/review":          http.StatusNotFound,
		"/runs/R-1/events/0":        http.StatusNotFound,
		"/runs/R-1/events/none":     http.StatusNotFound,
		"/runs/R-1/plates/PL-1":     http.StatusNotFound,
		"/runs/R-1/diff/R-9":        http.StatusNotFound,
		"/artifacts/abc":            http.StatusNotFound,
		"/artifacts/../etc/passwd/": http.StatusTemporaryRedirect,
	} {
		w := w.get(account.Manager, path)
		like := want == http.StatusTemporaryRedirect && w.Code/100 == 3 || want == http.StatusBadRequest && w.Code/100 == 4
		if w.Code != want && !like {
			t.Errorf("%s: %d, want %d", path, w.Code, want)
		}
	}
}

func TestARawArtifactRunsNowhere(t *testing.T) {
	w := writeRun(t)
	page, err := w.store.PutBytes(t.Context(), []byte("<script>alert(1)</script>"), "text/html", "a/../b\".html")
	if err != nil {
		t.Fatal(err)
	}
	w.append(t, "Tim", record.ReportMade, record.Subject{}, record.Made{Title: "x", Artifact: page})
	for path, how := range map[string]string{"/raw": "attachment; ", "/raw?open=1": "inline; "} {
		a := w.get(account.Reviewer, "/artifacts/"+page.SHA256+path)
		h := a.Header()
		if a.Code != http.StatusOK || a.Body.String() != "<script>alert(1)</script>" || !strings.HasPrefix(h.Get("Content-Security-Policy"), "sandbox;") || !strings.HasPrefix(h.Get("Content-Disposition"), how) || strings.ContainsAny(h.Get("Content-Disposition"), `/"`) {
			t.Errorf("%s: %d %v", path, a.Code, h)
		}
	}
}

func TestASignatureAsksAnewWhoSigns(t *testing.T) {
	w := writeRun(t)
	w.tell(t)
	page := w.get(account.Reviewer, "/runs/R-1/review").Body.String()
	for _, want := range []string{`name="password" type="password"`, "Manifest, SHA-256", "records 1 to 11 of run/R-1", "reviewed"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page to sign lacks %q", want)
		}
	}
	if page := w.get(account.Manager, "/runs/R-1/review").Body.String(); strings.Contains(page, `name="password"`) || !strings.Contains(page, "It is for the role reviewer") {
		t.Error("a manager is offered to sign, or not told why not")
	}
	form := url.Values{"request": {"01980000-0000-7000-8000-000000000001"}, "task": {signTask}, "over": {"11"}, "manifest": {"00"}, "answer.sign.meaning": {"reviewed"}}
	for _, test := range []struct{ name, who, password, want string }{
		{"a wrong password", "The reviewer", "hunter-2", "Name or password is wrong. Nothing was signed"},
		{"another name", "The manager", w.tokens[account.Manager], "You are signed in as The reviewer. Nothing was signed"},
		{"another manifest", "The reviewer", w.tokens[account.Reviewer], "The manifest&#39;s hash is not that of record 11"},
	} {
		form.Set("name", test.who)
		form.Set("password", test.password)
		a := w.post(account.Reviewer, "/runs/R-1/review/sign", form.Encode())
		if a.Code/100 != 4 || !strings.Contains(a.Body.String(), test.want) {
			t.Errorf("%s: %d, and no %q", test.name, a.Code, test.want)
		}
		if strings.Contains(a.Body.String(), test.password) {
			t.Errorf("%s: the password stands in the page", test.name)
		}
	}
	if a := w.post(account.Auditor, "/runs/R-1/review/sign", form.Encode()); a.Code != http.StatusForbidden {
		t.Errorf("an auditor signs: %d", a.Code)
	}
}

func TestANoteIsPinned(t *testing.T) {
	w := writeRun(t)
	w.tell(t)
	form := url.Values{"request": {"01980000-0000-7000-8000-000000000002"}, "text": {"<i>Look</i>"}}
	for range 2 { // sent twice
		a := w.post(account.Reviewer, "/runs/R-1/events/5/note", form.Encode())
		if to := a.Header().Get("Location"); a.Code != http.StatusSeeOther || to != "/runs/R-1/events/5#notes" {
			t.Fatalf("the note: %d to %q %s", a.Code, to, a.Body)
		}
	}
	page := w.get(account.Technician, "/runs/R-1/events/5").Body.String()
	if strings.Count(page, `class="note"`) != 1 || !strings.Contains(page, "&lt;i&gt;Look&lt;/i&gt;") || strings.Contains(page, "Pin note") {
		t.Errorf("the record's page: %s", page)
	}
	form.Set("text", " ")
	if a := w.post(account.Reviewer, "/runs/R-1/events/5/note", form.Encode()); a.Code/100 != 4 || !strings.Contains(a.Body.String(), "Write the note") {
		t.Errorf("an empty note: %d", a.Code)
	}
	if a := w.post(account.Technician, "/runs/R-1/events/5/note", form.Encode()); a.Code != http.StatusForbidden {
		t.Errorf("a technician pins: %d", a.Code)
	}
}
