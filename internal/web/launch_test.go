package web

import (
	"context"
	"net/http"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"
	"go.temporal.io/sdk/client"

	"secretome/internal/account"
	"secretome/internal/artifact"
	"secretome/internal/index"
	"secretome/internal/lab"
	"secretome/internal/logbook"
)

// starter stands where runs are started, and counts them.
type starter struct {
	lab.Temporal
	mu      sync.Mutex
	started []string
}

func (s *starter) ExecuteWorkflow(_ context.Context, o client.StartWorkflowOptions, _ any, _ ...any) (client.WorkflowRun, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.started = append(s.started, o.ID)
	return nil, nil
}

// launching is a desk whose laboratory keeps drafts and starts runs.
type launching struct {
	desk
	*starter
}

// launchDay is a Thursday, so that the next Monday is 30 November.
func launchDay() time.Time { return time.Date(2026, 11, 26, 11, 0, 0, 0, time.UTC) }

func openLaunching(t *testing.T) launching {
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
	drafts, err := lab.OpenDrafts(filepath.Join(dir, "drafts"))
	if err != nil {
		t.Fatal(err)
	}
	bucket, s := &artifact.Mem{}, &starter{}
	l := lab.New(lab.Deps{
		Temporal: s, Logbooks: logbook.New(bucket, x, zerolog.Nop()), Index: x, Artifacts: artifact.New(bucket, dir), People: book,
		Program: "test", Now: launchDay, Drafts: drafts,
	})
	d := launching{desk{New(l, Options{Log: zerolog.Nop(), Accounts: byToken{l}}), map[string]string{}}, s}
	for _, p := range book.People() {
		d.tokens[p.Role], _ = book.Token(p.Name) // they were just made
	}
	return d
}

// began is the address of a new draft.
func (d launching) began(t *testing.T, fields url.Values) string {
	t.Helper()
	fields.Set("request", uuid.NewString())
	w := d.post(account.Manager, "/runs/new", fields.Encode())
	if w.Code != http.StatusSeeOther {
		t.Fatalf("a draft is not begun: %d %s", w.Code, w.Body)
	}
	return w.Header().Get("Location")
}

func (d launching) example(t *testing.T) string {
	t.Helper()
	return d.began(t, url.Values{"protocol": {"example/range.yaml"}})
}

// revise is the form of a draft as the page at its address has it, with changes.
func (d launching) revise(t *testing.T, at string, changes url.Values) url.Values {
	t.Helper()
	page := d.get(account.Manager, at).Body.String()
	form := url.Values{"settings": {"1"}}
	for _, name := range []string{"version", "editor", "turn"} {
		m := regexp.MustCompile(`name="` + name + `"(?: id="version")? value="([^"]*)"`).FindStringSubmatch(page)
		if m == nil {
			t.Fatalf("%s has no input %s:\n%s", at, name, page)
		}
		form.Set(name, m[1])
	}
	for name, values := range changes {
		form[name] = values
	}
	return form
}

func TestALaunchIsTheManagers(t *testing.T) {
	d := openLaunching(t)
	at := d.example(t)
	for _, role := range account.Roles() {
		for _, path := range []string{"/runs/new", at, at + "/document", at + "/check"} {
			want := http.StatusForbidden
			if role == account.Manager {
				want = http.StatusOK
			}
			if w := d.get(role, path); w.Code != want {
				t.Errorf("%s as %s: %d, not %d", path, role, w.Code, want)
			}
		}
		if role == account.Manager {
			continue
		}
		for _, path := range []string{"/runs/new", at, at + "/preview", at + "/drop", at + "/launch"} {
			if w := d.post(role, path, "version=1"); w.Code != http.StatusForbidden {
				t.Errorf("POST %s as %s: %d", path, role, w.Code)
			}
		}
	}
	if w := d.get(account.Manager, "/runs/new/draft/"+uuid.NewString()); w.Code != http.StatusNotFound {
		t.Errorf("a draft that nobody made: %d", w.Code)
	}
}

func TestARunIsLaunchedWithoutScript(t *testing.T) {
	d := openLaunching(t)
	at := d.example(t)
	page := d.get(account.Manager, at).Body.String()
	for _, want := range []string{"UC-CM-RANGE 1.0", `value="2026-11-30T09:00"`, "Mon 30 Nov 09:00 to", "24\u00a0mL needed", "Show preview", "standard deviations with 80\u00a0% power", "No other run is under way"} {
		if !strings.Contains(page, want) {
			t.Errorf("the draft does not say %q", want)
		}
	}
	w := d.post(account.Manager, at, d.revise(t, at, url.Values{"title": {"Doses <b>of</b> spring"}, "start": {"2026-12-07T10:00"}, "action": {"check"}}).Encode())
	if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != at+"/check" {
		t.Fatalf("the form leads to %q: %d %s", to, w.Code, w.Body)
	}
	check := d.get(account.Manager, at+"/check").Body.String()
	for _, want := range []string{"Doses &lt;b&gt;of&lt;/b&gt; spring", "real run", "Mon 7 Dec 2026, 10:00", "(The technician)", "No run of UC-CM-RANGE was launched before", "Protocol approved for use", "Launch run"} {
		if !strings.Contains(check, want) {
			t.Errorf("the check page does not say %q", want)
		}
	}
	if strings.Contains(page, "Launch run<") {
		t.Error("a run can be launched beside the check page")
	}
	version := regexp.MustCompile(`name="version" id="version" value="(\d+)"`).FindStringSubmatch(check)
	form := url.Values{"version": {version[1]}, "name": {"The manager"}, "password": {"wrong"}}
	if w := d.post(account.Manager, at+"/launch", form.Encode()); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "Name or password is wrong. Nothing was signed") || len(d.started) > 0 {
		t.Fatalf("a wrong password: %d, started %v", w.Code, d.started)
	}
	form.Set("name", "The technician")
	if w := d.post(account.Manager, at+"/launch", form.Encode()); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "You are signed in as The manager") {
		t.Errorf("somebody else's name: %d", w.Code)
	}
	form.Set("name", "The manager")
	form.Set("password", d.tokens[account.Manager])
	for range 2 { // pressed twice
		w := d.post(account.Manager, at+"/launch", form.Encode())
		if to := w.Header().Get("Location"); w.Code != http.StatusSeeOther || to != "/runs/UCM-2026-001" {
			t.Fatalf("launched to %q: %d %s", to, w.Code, w.Body)
		}
	}
	if len(d.started) != 1 {
		t.Errorf("started %v", d.started)
	}
	if record := d.get(account.Manager, "/runs/UCM-2026-001/events?show=all").Body.String(); !strings.Contains(record, "launched the run, and signed: Protocol approved for use") {
		t.Errorf("the record does not tell of the signature:\n%s", record)
	}
	if to := d.get(account.Manager, at).Header().Get("Location"); to != "/runs/UCM-2026-001" {
		t.Errorf("a draft that was launched leads to %q", to)
	}
	if w := d.get(account.Manager, "/runs/new"); strings.Contains(w.Body.String(), "Your drafts") || !strings.Contains(w.Body.String(), "last followed by UCM-2026-001") {
		t.Errorf("afterwards the page of launches says:\n%s", w.Body)
	}
}

func TestWhatIsWrongStandsAtItsFieldAndTheTypedIsKept(t *testing.T) {
	d := openLaunching(t)
	for _, test := range []struct {
		name        string
		change      url.Values
		field, says string
		kept        string // part of the page
	}{
		{"past", url.Values{"start": {"2026-11-01T09:00"}}, "start", "The start, Sun 1 Nov 2026 09:00, is in the past", `value="2026-11-01T09:00"`},
		{"no date", url.Values{"start": {`"><script>x`}}, "start", "is no date", `&#34;&gt;&lt;script&gt;x`},
		{"donor", url.Values{"donor": {"D-0034"}}, "donor", "Donor D-0034 has no consent on file. A run cannot start", `value="D-0034"`},
		{"lot", url.Values{"lot-cck8": {"K-9"}}, "lot-cck8", "No lot K-9 is registered", `value="K-9"`},
		{"speed", url.Values{"rehearsal": {"1"}, "speed": {"fast"}}, "speed", "&#34;fast&#34; is no speed", `value="fast"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			at := d.example(t)
			form := d.revise(t, at, test.change)
			form.Set("action", "check")
			w := d.post(account.Manager, at, form.Encode())
			body := w.Body.String()
			if w.Code != http.StatusUnprocessableEntity || !strings.Contains(body, "There is a problem") {
				t.Errorf("asked to check it: %d", w.Code)
			}
			for _, want := range []string{`href="#` + test.field + `"`, `id="` + test.field + `-wrong">`, test.says, test.kept, `aria-invalid="true"`} {
				if !strings.Contains(body, want) {
					t.Errorf("the page does not say %q", want)
				}
			}
			if again := d.get(account.Manager, at).Body.String(); !strings.Contains(again, test.kept) {
				t.Error("the draft forgot what was typed")
			}
			check := d.get(account.Manager, at+"/check").Body.String()
			if strings.Contains(check, "Launch run<") || !strings.Contains(check, "It cannot be launched yet") {
				t.Error("the check page has a button all the same")
			}
			launch := url.Values{"version": {"2"}, "name": {"The manager"}, "password": {d.tokens[account.Manager]}}
			if w := d.post(account.Manager, at+"/launch", launch.Encode()); w.Code != 422 || len(d.started) > 0 {
				t.Errorf("launched by hand: %d, started %v", w.Code, d.started)
			}
		})
	}
}

func TestMistakesOfTheDocumentAreToldWithLineAndColumn(t *testing.T) {
	d := openLaunching(t)
	at := d.began(t, url.Values{"document": {"protocol: UC-X\r\nversion: \"1\"\r\ntitle: [\r\n"}, "file": {"mine.yaml"}})
	for _, path := range []string{at, at + "/document"} {
		if body := d.get(account.Manager, path).Body.String(); !strings.Contains(body, "mine.yaml") || !regexp.MustCompile(`[Ll]ine \d`).MatchString(body) || !strings.Contains(body, "It comes back when the document has no mistakes") {
			t.Errorf("%s does not tell of the mistake", path)
		}
	}
	form := d.revise(t, at+"/document", url.Values{"document": {"protocol: uc\r\nversion: \"1\"\r\n<script>: 1\r\n"}})
	form.Del("settings")
	w := d.post(account.Manager, at+"/preview", form.Encode())
	body := w.Body.String()
	if w.Code != http.StatusOK || strings.Contains(body, "<html") || !strings.Contains(body, `data-line="3" data-column="1"`) || !strings.Contains(body, `data-version="2"`) {
		t.Errorf("the preview as one types: %d\n%s", w.Code, body)
	}
	if page := d.get(account.Manager, at+"/document").Body.String(); !strings.Contains(page, "protocol: uc\nversion: &#34;1&#34;\n&lt;script&gt;: 1\n</textarea>") {
		t.Error("the text is not kept as it was typed")
	}
	if w := d.post(account.Manager, "/runs/new", url.Values{"request": {uuid.NewString()}, "document": {" "}}.Encode()); w.Code != 422 || !strings.Contains(w.Body.String(), "Choose a protocol, or paste one") {
		t.Errorf("nothing was chosen: %d", w.Code)
	}
}

func TestThePreviewKeepsTheDraftAndKnowsItsPage(t *testing.T) {
	d := openLaunching(t)
	at := d.example(t)
	mine, others := d.revise(t, at, url.Values{"title": {"Mine"}, "turn": {"1"}}), d.revise(t, at, url.Values{"title": {"Others"}})
	if w := d.post(account.Manager, at+"/preview", mine.Encode()); w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	w := d.post(account.Manager, at+"/preview", others.Encode())
	if w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "This draft was changed at") || !strings.Contains(w.Body.String(), "Nothing was written over") {
		t.Errorf("another page writes over it: %d %s", w.Code, w.Body)
	}
	w = d.post(account.Manager, at, others.Encode())
	if body := w.Body.String(); w.Code != http.StatusConflict || !strings.Contains(body, `value="Others"`) {
		t.Errorf("without script: %d, and what was typed is kept: %v", w.Code, strings.Contains(w.Body.String(), `value="Others"`))
	}
	if page := d.get(account.Manager, at).Body.String(); !strings.Contains(page, `value="Mine"`) {
		t.Error("the first title is gone")
	}
	if w := d.post(account.Manager, at+"/drop", ""); w.Code != http.StatusSeeOther {
		t.Errorf("thrown away: %d", w.Code)
	}
	if w := d.get(account.Manager, at); w.Code != http.StatusNotFound {
		t.Errorf("thrown away, and still there: %d", w.Code)
	}
}

func TestTheBestStartIsTakenByOneButton(t *testing.T) {
	d := openLaunching(t)
	at := d.example(t)
	d.post(account.Manager, at, d.revise(t, at, url.Values{"start": {"2026-12-05T09:00"}}).Encode())
	m := regexp.MustCompile(`name="use" value="([^"]+)"`).FindStringSubmatch(d.get(account.Manager, at).Body.String())
	if m == nil {
		t.Fatal("for a start on a Saturday no better one is offered")
	}
	d.post(account.Manager, at, d.revise(t, at, url.Values{"start": {"2026-12-05T09:00"}, "use": {m[1]}}).Encode())
	if page := d.get(account.Manager, at).Body.String(); !strings.Contains(page, `id="start" name="start" value="`+m[1]+`"`) {
		t.Errorf("the start is not %s", m[1])
	}
}

func TestThePagesOfALaunchKeepTheRules(t *testing.T) {
	d := openLaunching(t)
	at := d.example(t)
	wrong := d.began(t, url.Values{"document": {"<script>alert(1)</script>: ["}, "file": {"<b>.yaml"}})
	inline := regexp.MustCompile(`(?i)<style|<script(?:[^>]*)>[^<]|\son[a-z]+=|\sstyle=|javascript:`)
	ids := regexp.MustCompile(`\sid="([^"]+)"`)
	for _, path := range []string{"/runs/new", "/runs/new?protocol=example/compact.yaml", at, at + "/document", at + "/check", wrong, wrong + "/document", wrong + "/check"} {
		body := d.get(account.Manager, path).Body.String()
		if found := inline.FindString(body); found != "" || strings.Contains(body, "<script>alert") || strings.Contains(body, "<b>.yaml") {
			t.Errorf("%s has markup of its own: %q", path, found)
		}
		if strings.Count(body, "<h1") != 1 {
			t.Errorf("%s has %d headings of the first order", path, strings.Count(body, "<h1"))
		}
		seen := map[string]bool{}
		for _, m := range ids.FindAllStringSubmatch(body, -1) {
			if seen[m[1]] {
				t.Errorf("%s has the ID %s twice", path, m[1])
			}
			seen[m[1]] = true
		}
	}
}
