package web

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"secretome/internal/account"
)

func TestAPageThatReadsItselfAgainKeepsNobodySignedIn(t *testing.T) {
	b := staff(t, nil).browser()
	b.signIn(t, name(account.Technician), nil)
	again := func(body string) string {
		t.Helper()
		found := regexp.MustCompile(`<noscript><meta http-equiv="refresh" content="60; url=([^"]*)"></noscript>`).FindStringSubmatch(body)
		if found == nil {
			t.Fatal("the page does not read itself again")
		}
		return html.UnescapeString(found[1])
	}
	to := again(b.get("/runs?state=all").Body.String())
	for range 3 { // each is less than the idle limit behind the one before
		b.clock.pass(9 * time.Minute)
		w := b.get(to)
		if w.Code != http.StatusOK {
			t.Fatalf("%s after less than the idle limit: %d", to, w.Code)
		}
		if body := w.Body.String(); again(body) != to || strings.Count(body, "refresh=1") != 1 {
			t.Errorf("read again at %s, the page leads to %s, and has the mark elsewhere too", to, again(body))
		}
	}
	b.clock.pass(4 * time.Minute)
	if w := b.get(to); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/login?back=%2Fruns%3Fstate%3Dall" {
		t.Errorf("after 31 minutes in which a page alone asked: %d to %q", w.Code, w.Header().Get("Location"))
	}
	b.signIn(t, name(account.Technician), nil)
	for range 3 { // whoever looks keeps signed in
		b.clock.pass(20 * time.Minute)
		if w := b.get("/runs?state=all"); w.Code != http.StatusOK {
			t.Fatalf("a page that somebody opens: %d", w.Code)
		}
	}
}
