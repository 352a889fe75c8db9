package browser

import (
	"bytes"
	"os"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"secretome/internal/client"
)

// The keys do what the page of the keys says, in a browser.
func TestKeysDoWhatTheHelpSays(t *testing.T) {
	b := at(t, "receive", 107)
	b.show(keys{}.screen())
	b.follow(b.hand, "button", "Claim")
	here := b.where()
	focus := func(what, script string) {
		t.Helper()
		eventually(t, what, func() bool { ok, err := ask[bool](b.tab, script); return err == nil && ok })
	}
	lead := func(to string, pressed ...string) {
		t.Helper()
		b.leave()
		for _, key := range pressed {
			b.keys(key)
		}
		b.arrive()
		if at := b.where(); at != to {
			t.Errorf("%v leads to %s, want %s", pressed, at, to)
		}
	}
	lead(here+"?do=deviate", "d")
	lead("/help/keys", "?")
	lead("/tasks", "g", "t")
	b.keys("j")
	focus("the next row", `document.activeElement.closest("[data-row]") !== null`)
	b.keys("/")
	focus("the search", `document.activeElement.id === "find"`)

	data, err := os.ReadFile("../../../examples/files/endpoint_stdcurve_singleplate_2.txt")
	if err != nil {
		t.Fatal(err)
	}
	a, err := b.l.as("technician").Upload(t.Context(), client.NewRequest(), bytes.NewReader(data), client.Upload{Name: "plate.txt", MediaType: "text/plain", Size: int64(len(data))})
	if err != nil {
		t.Fatal(err)
	}
	b.visit(here + "/read?file=" + a.SHA256)
	focus("a first well that Tab stops at", `(() => { const stops = document.querySelectorAll(".wells td[tabindex='0']"); stops[0]?.focus(); return document.activeElement.title.startsWith("A1"); })()`)
	b.keys(kb.ArrowDown)
	b.keys(kb.ArrowRight)
	focus("the well B2", `document.activeElement.title.startsWith("B2") && document.querySelector(".named").textContent.startsWith("B2")`)
	b.keys("v")
	focus("codes alone, where there are any", `document.querySelectorAll(".wells td span").length === 0 || document.querySelector(".wells").classList.contains("codes")`)
}
