package web

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"secretome/internal/account"
)

// typedAtBench is a step half filled, with what html must escape in it.
func typedAtBench() url.Values {
	return fill("do", "step", "step", "weigh", "e-cord", `UC-0031`, "e-mass", "31,4", "e-before", `10 "mL" <b>`, "reason", "two\nlines", "second-password", "secret words here")
}

// send posts a form as a browser does that stands on the task's page.
func send(d desk, path, was string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Referer", "http://localhost"+cord)
	if was != "" {
		r.AddCookie(&http.Cookie{Name: wasCookie, Value: url.QueryEscape(was)})
	}
	return d.do("", r)
}

func TestNothingTypedIsLostWhenASessionEnds(t *testing.T) {
	d, _ := atBench(t, bottles(t))
	d.takes(t, account.Technician, fill("do", "claim"))
	w := send(d, cord, "Mara Thiel", typedAtBench())
	body := w.Body.String()
	if w.Code != http.StatusUnauthorized || !strings.Contains(body, "what you typed is kept") || !strings.Contains(body, `value="Mara Thiel"`) {
		t.Fatalf("a form after the end of its session: %d %s", w.Code, faultsIn(w))
	}
	kept := hidden(t, body, "kept")
	login := func(name, password string) *httptest.ResponseRecorder {
		return send(d, "/login", "", url.Values{"name": {name}, "password": {password}, "kept": {kept}})
	}
	if w := login("Mara Thiel", "wrong"); w.Code != http.StatusForbidden || hidden(t, w.Body.String(), "kept") != kept {
		t.Errorf("a wrong password loses what was typed: %d", w.Code)
	}
	if w := login("Jonas Weber", d.tokens["other"]); w.Code != http.StatusConflict || hidden(t, w.Body.String(), "kept") != kept || w.Header().Get("Set-Cookie") != "" {
		t.Errorf("somebody else goes on with the form: %d %v", w.Code, w.Header())
	}
	w = login("Mara Thiel", d.tokens[account.Technician])
	to := w.Header().Get("Location")
	if w.Code != http.StatusSeeOther || !strings.HasPrefix(to, cord+"?kept=") {
		t.Fatalf("the same person is led to %q with %d: %s", to, w.Code, faultsIn(w))
	}
	for _, path := range []string{to, to} { // also when the page is loaded again
		w = d.get(account.Technician, path)
		body = w.Body.String()
		for _, part := range []string{"nothing was sent yet", `value="UC-0031"`, `value="31,4"`, `value="10 &#34;mL&#34; &lt;b&gt;"`} {
			if !strings.Contains(body, part) {
				t.Errorf("the page does not have %q again", part)
			}
		}
	}
	for _, never := range []string{"secret words", "kept="} {
		if strings.Contains(body, never) {
			t.Errorf("the page has %q in it", never)
		}
	}
	if w := d.get("other", to); strings.Contains(w.Body.String(), "31,4") {
		t.Error("somebody else sees what was typed")
	}
}

func TestWhatHasNoPlaceAnyMoreIsShown(t *testing.T) {
	page := `<html><body><main><form method="post" action="/lab/x"><input type="hidden" name="step" value="2"><input name="e-a"></form></main></body></html>`
	k := keptForm{Action: "/lab/x", Values: url.Values{"step": {"1"}, "e-a": {"<i>one</i>"}, "request": {"r"}}}
	got, err := refill([]byte(page), k)
	if err != nil || !strings.Contains(string(got), "The form is not on this page any more") || !strings.Contains(string(got), "<dd>&lt;i&gt;one&lt;/i&gt;</dd>") || strings.Contains(string(got), `value="&lt;i`) {
		t.Errorf("the form of another step: %v\n%s", err, got)
	}
}

func TestEachKindOfInputIsFilledAgain(t *testing.T) {
	page := `<html><body><main>
	<form method="post" action="/x"><input name="other"></form>
	<details><summary>More</summary><form method="post" action="/x" id="f">
	<input name="t"><input name="t"><textarea name="a">old</textarea>
	<input type="checkbox" name="c" value="1" checked><input type="checkbox" name="c" value="2"><input type="radio" name="r" value="y"><input type="radio" name="r" value="n" checked>
	<select name="s"><option>one</option><option value="2" selected>two</option></select>
	<input type="hidden" name="file" value=""><input type="hidden" name="head" value="new"><input type="password" name="password"><button name="do" value="go">Go</button>
	</form></details><input name="far" form="f"></main></body></html>`
	k := keptForm{Action: "/x", Values: url.Values{"t": {"1", "2"}, "a": {"typed"}, "c": {"2"}, "r": {"y"}, "s": {"one"}, "file": {"sha"}, "head": {"old"}, "do": {"go"}, "far": {"away"}, "gone": {"nowhere"}}}
	got, err := refill([]byte(page), k)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{
		`<input name="t" value="1"/><input name="t" value="2"/>`, `<textarea name="a">typed</textarea>`, `<input type="checkbox" name="c" value="1"/><input type="checkbox" name="c" value="2" checked=""/>`,
		`<input type="radio" name="r" value="y" checked=""/><input type="radio" name="r" value="n"/>`, `<option selected="">one</option><option value="2">two</option>`,
		`name="file" value="sha"`, `name="head" value="new"`, `<details open="">`, `<input name="far" form="f" value="away"/>`, `<dt>gone</dt><dd>nowhere</dd>`, `<input name="other"/>`,
	} {
		if !strings.Contains(string(got), part) {
			t.Errorf("no %s in\n%s", part, got)
		}
	}
	if strings.Contains(string(got), "<dt>do</dt>") || strings.Contains(string(got), "<dt>head</dt>") {
		t.Errorf("what has its place is listed as if it had none:\n%s", got)
	}
}

func TestAForgedFormLeadsNowhere(t *testing.T) {
	d, _ := atBench(t, bottles(t))
	for _, k := range []string{"!", keptForm{Page: "//evil.example/", Action: "/x"}.String(), keptForm{Page: `/\evil.example/`, Action: "/x"}.String(), keptForm{Page: "https://evil.example/", Action: "/x"}.String()} {
		if w := send(d, "/login", "", url.Values{"name": {"Mara Thiel"}, "password": {d.tokens[account.Technician]}, "kept": {k}}); w.Code != http.StatusUnprocessableEntity {
			t.Errorf("%q is answered with %d to %q", k, w.Code, w.Header().Get("Location"))
		}
	}
}
