package browser

import (
	"encoding/json"
	"strings"
	"testing"

	"secretome/internal/client"
	"secretome/internal/record"
)

// wedge types as a scanner without a prefix does, whose keys come faster than any
// hand's: into what has the focus, and nothing at all where the page forbids it.
const wedge = `((code) => {
  for (const key of [...code, "Enter"]) {
    const at = document.activeElement;
    const taken = at.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    if (!taken || key.length > 1 || !("value" in at)) continue;
    at.value += key;
    at.dispatchEvent(new Event("input", { bubbles: true }));
  }
})`

// read lets the scanner read a code.
func (b *tab) read(code string) {
	b.t.Helper()
	text, err := json.Marshal(code)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := ask[bool](b, wedge+"("+string(text)+"); true"); err != nil {
		b.t.Fatal(err)
	}
}

// nowhere fails if a badge stands on the page, in an entry that is not hidden, or in
// what the tablet keeps.
func (b *tab) nowhere(code string) {
	b.t.Helper()
	seen, err := ask[string](b, `document.body.innerText + " " + location.href + " " + JSON.stringify(localStorage) + " " + JSON.stringify(sessionStorage) + " " +
	  [...document.querySelectorAll("input:not([type=password]), textarea")].map((e) => e.value).join(" ")`)
	if err != nil || strings.Contains(strings.ToUpper(seen), code[:8]) {
		b.t.Errorf("%s has the badge on it (%v): %s", b.where(), err, seen)
	}
}

// badge gives somebody one.
func (b bench) badge(name string) string {
	b.Helper()
	given, err := b.l.as("operator").ActOnPerson(b.Context(), client.NewRequest(), name, client.PersonAct{Verb: client.GiveBadge})
	if err != nil || !strings.HasPrefix(given.Badge, "BDG-") {
		b.Fatalf("a badge for %s: %+v, %v", name, given, err)
	}
	return given.Badge
}

// A badge that is scanned goes to the field that asks for one, wherever the focus
// is, and nowhere else.
func TestABadgeIsReadWhereItIsAskedForAndShownNowhere(t *testing.T) {
	b := at(t, "culture", 108)
	jonas, mara := b.badge("Jonas Weber"), b.badge("Mara Thiel")
	b.follow(b.hand, "button", "Claim")
	b.scan(b.code("CV"))
	b.hand.number(b.tab, "viability", "97.1")
	call[bool](b.tab, b.field("viability"), "function() { this.focus(); return true; }")
	b.read(jonas) // too early: the step is not done
	b.see("That was a badge")
	b.nowhere(jonas)
	if got := call[string](b.tab, b.field("viability"), "function() { return this.value; }"); got != "97.1" {
		t.Errorf("the entry says %q after the badge, 97.1 was typed", got)
	}
	b.follow(b.hand, "button", "Complete step 1")
	b.follow(b.hand, "link", "Have it checked")
	for _, code := range []string{mara, jonas} { // who did the step, then somebody else
		b.read(code)
		b.see("The badge is read")
		b.nowhere(code)
		b.follow(b.hand, "button", "Checked: it is so")
		if code == mara {
			b.see("Somebody else must check it")
			b.nowhere(code)
		}
	}
	b.see("checked by Jonas Weber, by badge")
	all := b.records(record.StepChecked)
	if len(all) != 1 || all[0].Record.By.Name != "Jonas Weber" || string(all[0].Record.Body) != `{"badge":true}` {
		t.Errorf("recorded is %+v", all)
	}
}

// Somebody signs in with one movement of the scanner.
func TestABadgeSignsInWithoutATouch(t *testing.T) {
	l := house(t)
	b := open(t, l.server.Web, finger{}.screen())
	code := bench{play: &play{T: t, l: l}}.badge("Jonas Weber")
	b.visit("/login")
	b.leave()
	b.keys(code)
	b.keys("\r")
	b.arrive()
	b.see("Jonas Weber")
	b.nowhere(code)
	if at := b.where(); at != "/tasks" {
		t.Errorf("the badge leads to %s", at)
	}
}
