package web

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"secretome/internal/account"
	"secretome/internal/record"
)

// given is the badge that an administrator gives on the page of a person.
func given(t *testing.T, boss *browser, person string) string {
	t.Helper()
	at := "/people/" + url.PathEscape(person)
	w := boss.ask("POST", at+"/badge", fill(), at)
	to := w.Header().Get("Location")
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(to, at+"?told=") {
		t.Fatalf("giving a badge: %d to %q\n%s", w.Code, to, w.Body)
	}
	body := boss.get(to).Body.String()
	code := regexp.MustCompile(`<code class="secret">(BDG-[A-Z2-7]{16})</code>`).FindStringSubmatch(body)
	if code == nil || !strings.Contains(body, `<div class="labels roll-70x36"><div class="label"><svg`) || !strings.Contains(body, "<title>Label "+code[1]) {
		t.Fatalf("the page does not show the badge as a label: %v", code)
	}
	if strings.Contains(boss.get(to).Body.String(), "BDG-") {
		t.Error("the badge is shown twice")
	}
	return code[1]
}

func TestATechnicianSignsInByABadgeForTheBenchAlone(t *testing.T) {
	s := staff(t, nil)
	boss, b := s.browser(), s.browser()
	boss.signIn(t, name(account.Administrator), nil)
	code := given(t, boss, name(account.Technician))
	if body := b.get("/login").Body.String(); !strings.Contains(body, `id="badge" name="badge" type="password"`) || !strings.Contains(body, "autofocus") || strings.Index(body, `name="badge"`) > strings.Index(body, `name="password"`) {
		t.Error("the sign-in does not ask for a badge first")
	}
	w := b.ask("POST", "/login", url.Values{"badge": {code}}, "")
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/tasks" {
		t.Fatalf("by badge: %d to %q\n%s", w.Code, w.Header().Get("Location"), w.Body)
	}
	if w := b.get("/people/me"); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "this browser, by badge") || strings.Contains(w.Body.String(), `name="password-before"`) || strings.Contains(w.Body.String(), "Make a token") {
		t.Errorf("one's own page: %d, or it offers what a badge cannot do", w.Code)
	}
	for path, form := range map[string]url.Values{
		"/people/me/password": fill("password-before", good, "password", "amber ladder nineteen", "password-again", "amber ladder nineteen"),
		"/people/me/sessions": fill(),
		"/people/" + url.PathEscape(name(account.Technician)) + "/tokens": fill("scope", "read", "expires", "2099-01-01"),
		"/people": fill("name", "Eva Roth", "role", account.Technician),
	} {
		if w := b.ask("POST", path, form, ""); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "ou came in by your badge") {
			t.Errorf("%s by badge: %d", path, w.Code)
		}
	}
	if w := boss.ask("POST", "/people/"+url.PathEscape(name(account.Technician))+"/badge/take", fill(), ""); w.Code != http.StatusSeeOther {
		t.Fatalf("taking it away: %d", w.Code)
	}
	if w := b.get("/tasks"); w.Code != http.StatusSeeOther {
		t.Errorf("the session goes on without the badge: %d", w.Code)
	}
	if body := boss.get("/people/" + url.PathEscape(name(account.Technician))).Body.String(); strings.Contains(body, "Take the badge away") || !strings.Contains(body, "Give a badge") {
		t.Error("the page of the person offers to take a badge that is not there")
	}
}

func TestABadgeThatDoesNotSignInIsAnsweredInWords(t *testing.T) {
	s := staff(t, nil)
	boss := s.browser()
	boss.signIn(t, name(account.Administrator), nil)
	reviewers := given(t, boss, name(account.Reviewer))
	const unknown = "BDG-AAAAAAAAAAAAAAAA"
	for _, test := range []struct {
		badge string
		code  int
		want  string
	}{
		{"", http.StatusUnprocessableEntity, "Scan your badge"},
		{unknown, http.StatusForbidden, "This badge is unknown here, or counts no more"},
		{reviewers, http.StatusForbidden, "This badge is for checking as the second person"},
	} {
		w := s.browser().ask("POST", "/login", url.Values{"badge": {test.badge}}, "")
		body := w.Body.String()
		if w.Code != test.code || strings.Count(body, test.want) < 2 || !strings.Contains(body, `id="badge-wrong"`) || strings.Contains(body, "BDG-") {
			t.Errorf("%q: %d, or no sentence at the top and at the field, or the code is shown: %s", test.badge, w.Code, faultsIn(w))
		}
	}
	b := s.browser()
	for i := range 31 { // 30 in a minute are taken; those above came from the same address
		if w := b.ask("POST", "/login", url.Values{"badge": {unknown}}, ""); w.Code == http.StatusTooManyRequests {
			if i < 20 || w.Header().Get("Retry-After") == "" {
				t.Errorf("try %d: %d, Retry-After %q", i+1, w.Code, w.Header().Get("Retry-After"))
			}
			return
		}
	}
	t.Error("badges can be tried without end")
}

func TestABadgeIsForWhoHasSomethingToDoByIt(t *testing.T) {
	boss := staff(t, nil).browser()
	boss.signIn(t, name(account.Administrator), nil)
	for _, role := range account.Roles() {
		at := "/people/" + url.PathEscape(name(role))
		offered := strings.Contains(boss.get(at).Body.String(), "Give a badge")
		code := boss.ask("POST", at+"/badge", fill(), at).Code
		nothing := role == account.Administrator || role == account.Auditor
		if offered == nothing || (code == http.StatusUnprocessableEntity) != nothing {
			t.Errorf("%s: a badge is offered: %v, and giving one answered %d", role, offered, code)
		}
	}
	manager := boss.browser()
	manager.signIn(t, name(account.Manager), nil)
	if w := manager.ask("POST", "/people/"+url.PathEscape(name(account.Technician))+"/badge", fill(), ""); w.Code != http.StatusForbidden {
		t.Errorf("a manager gives a badge: %d", w.Code)
	}
}

// checked are the checks in the record of the bench's run.
func checked(t *testing.T, h *hands) (all []record.Record) {
	t.Helper()
	records, err := h.books.Read(t.Context(), "run/UCM-2026-001", 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if r.Kind == record.StepChecked {
			all = append(all, r)
		}
	}
	return all
}

func TestASecondPersonChecksByBadgeAndTheRecordSaysSo(t *testing.T) {
	d, h := atBench(t, bottles(t))
	d.takes(t, account.Technician, fill("do", "claim"))
	d.takes(t, account.Technician, fill("do", "step", "step", "weigh", "e-cord", "UC-0031", "e-mass", "31"))
	if body := d.get(account.Technician, cord+"?do=check&step=weigh").Body.String(); !strings.Contains(body, `name="second-badge" type="password"`) || strings.Contains(body, `name="second-name" autocomplete="off" value="" required`) {
		t.Error("the check does not ask for a badge, or for more than that")
	}
	for _, test := range []struct {
		name string
		form []string
		code int
		want string
	}{
		{"nobody", nil, 422, "Scan the badge of who checked it, or enter their name"},
		{"an unknown badge", []string{"second-badge", "BDG-AAAAAAAAAAAAAAAA"}, 403, "This badge is unknown here"},
		{"who did the step", []string{"second-badge", marasBadge}, 422, "Somebody else must check it"},
		{"a name of somebody else", []string{"second-badge", jonasBadge, "second-name", "Aiko Vogt"}, 422, "The badge is of Jonas Weber"},
	} {
		w := d.post(account.Technician, cord, fill(append([]string{"do", "check", "step", "weigh"}, test.form...)...).Encode())
		if w.Code != test.code || !strings.Contains(w.Body.String(), test.want) || strings.Contains(w.Body.String(), "BDG-") {
			t.Errorf("%s: %d %s", test.name, w.Code, faultsIn(w))
		}
	}
	if w := d.post(account.Technician, cord+"?second-badge="+jonasBadge, fill("do", "check", "step", "weigh").Encode()); w.Code != 422 {
		t.Errorf("a badge in the address is taken: %d", w.Code)
	}
	d.takes(t, account.Technician, fill("do", "check", "step", "weigh", "second-badge", jonasBadge))
	d.takes(t, account.Technician, fill("do", "check", "step", "weigh", "second-name", "Jonas Weber", "second-password", d.tokens["other"]))
	all := checked(t, h)
	if len(all) != 2 || all[0].By.Name != "Jonas Weber" || string(all[0].Body) != `{"badge":true}` || string(all[1].Body) != `{}` {
		t.Fatalf("recorded is %+v", all)
	}
	for i, said := range []bool{true, false} {
		body := d.get(account.Technician, "/runs/UCM-2026-001/events/"+strconv.FormatInt(all[i].Number, 10)).Body.String()
		if strings.Contains(body, "checked a step of “Receive the cord”, by badge") != said {
			t.Errorf("the page of record %d says by badge: %v", all[i].Number, !said)
		}
	}
	d.takes(t, account.Technician, fill("do", "step", "step", "weigh", "e-cord", "UC-0031", "e-mass", "32", "reason", "misread"))
	d.takes(t, account.Technician, fill("do", "check", "step", "weigh", "second-badge", jonasBadge))
	if body := d.get(account.Technician, cord).Body.String(); !strings.Contains(body, "checked by <bdi>Jonas Weber</bdi>, by badge") {
		t.Error("the bench does not say that it was checked by badge")
	}
}

func TestABadgeThatIsScannedIntoAnEntryIsKeptNowhere(t *testing.T) {
	d, h := atBench(t, bottles(t))
	d.takes(t, account.Technician, fill("do", "claim"))
	last := h.state.Last
	form := fill("do", "step", "step", "weigh", "e-cord", "UC-0031", "e-mass", "31", "e-before", strings.ToLower(jonasBadge))
	w := d.post(account.Technician, cord, form.Encode())
	if body := w.Body.String(); w.Code != http.StatusUnprocessableEntity || !strings.Contains(body, "A badge was scanned into the form") || strings.Contains(strings.ToUpper(body), jonasBadge) || !strings.Contains(body, `value="UC-0031"`) || h.state.Last != last {
		t.Errorf("%d, the badge is shown or recorded, or the rest is lost: %s", w.Code, faultsIn(w))
	}
	if w := d.post(account.Technician, cord+"/judge", form.Encode()); w.Code != http.StatusUnprocessableEntity || strings.Contains(strings.ToUpper(w.Body.String()), jonasBadge) {
		t.Errorf("while it is typed: %d %s", w.Code, w.Body)
	}
	form.Set("second-badge", jonasBadge)
	w = send(d, cord, "Mara Thiel", form) // after the session ended
	kept, err := readKept(hidden(t, w.Body.String(), "kept"))
	if err != nil || kept.Values.Get("e-cord") != "UC-0031" || kept.Values.Has("second-badge") || kept.Values.Has("e-before") {
		t.Errorf("kept is %+v, %v", kept, err)
	}
}

func TestABadgeThatIsScannedIntoTheSearchLeavesNoTrace(t *testing.T) {
	w := sought(t)
	for _, at := range []string{"/search?q=", "/s/"} {
		a := w.get(account.Technician, at+jonasBadge)
		to := a.Header().Get("Location")
		if a.Code != http.StatusSeeOther || to != "/search?badge=1" || strings.Contains(a.Body.String(), jonasBadge) {
			t.Fatalf("%s: %d to %q", at, a.Code, to)
		}
		if a := w.get(account.Technician, to); a.Code != http.StatusUnprocessableEntity || !strings.Contains(a.Body.String(), "That was a badge") {
			t.Errorf("%s: %d %s", to, a.Code, faultsIn(a))
		}
	}
}

func TestABadgeSignsNothing(t *testing.T) {
	w := writeRun(t)
	w.tell(t)
	form := fill("task", signTask, "over", "11", "manifest", "00", "answer.sign.meaning", "reviewed", "name", "The reviewer", "badge", jonasBadge, "second-badge", jonasBadge)
	for _, password := range []string{"", jonasBadge} {
		form.Set("password", password)
		if a := w.post(account.Reviewer, "/runs/R-1/review/sign", form.Encode()); a.Code != http.StatusForbidden || !strings.Contains(a.Body.String(), "Name or password is wrong. Nothing was signed") {
			t.Errorf("with the password %q: %d %s", password, a.Code, faultsIn(a))
		}
	}
}

func TestAnAdministratorChangesARole(t *testing.T) {
	s := staff(t, nil)
	boss, b := s.browser(), s.browser()
	boss.signIn(t, name(account.Administrator), nil)
	b.signIn(t, name(account.Technician), nil)
	at := "/people/" + url.PathEscape(name(account.Technician))
	if w := boss.ask("POST", at+"/role", fill("role", "king"), at); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "is no role") {
		t.Errorf("to none: %d", w.Code)
	}
	if w := b.ask("POST", at+"/role", fill("role", account.Manager), at); w.Code != http.StatusForbidden {
		t.Errorf("a technician makes themselves manager: %d", w.Code)
	}
	if w := boss.ask("POST", at+"/role", fill("role", account.Reviewer), at); w.Code != http.StatusSeeOther {
		t.Fatalf("to reviewer: %d\n%s", w.Code, w.Body)
	}
	if w := b.get("/runs"); w.Code != http.StatusSeeOther {
		t.Errorf("the session in the old role goes on: %d", w.Code)
	}
	b.signIn(t, name(account.Technician), nil)
	if body := b.get("/people/me").Body.String(); !strings.Contains(body, account.Reviewer) {
		t.Error("the new role does not stand on one's own page")
	}
	self := "/people/" + url.PathEscape(name(account.Administrator))
	if w := boss.ask("POST", self+"/role", fill("role", account.Manager), self); w.Code != http.StatusUnprocessableEntity || !strings.Contains(w.Body.String(), "obody can change their own role") {
		t.Errorf("one's own role: %d", w.Code)
	}
}
