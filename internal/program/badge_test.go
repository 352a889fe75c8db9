package program

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/google/uuid"

	"secretome/internal/account"
)

// ask sends a request of a browser with a session, and returns the answer.
func ask(t *testing.T, door http.Handler, session, method, path string, form url.Values) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(form.Encode()))
	r.Host = "localhost"
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if session != "" {
		r.AddCookie(&http.Cookie{Name: "secretome-session", Value: session})
	}
	w := httptest.NewRecorder()
	door.ServeHTTP(w, r)
	return w
}

func TestABadgeIsGivenAndSignsInAtTheDoor(t *testing.T) {
	door, tokens := frontDoor(t)
	w := ask(t, door, tokens[account.Administrator], "POST", "/people/technician/badge", url.Values{"request": {uuid.NewString()}})
	if w.Code != http.StatusSeeOther {
		t.Fatalf("giving a badge: %d\n%s", w.Code, w.Body)
	}
	page := ask(t, door, tokens[account.Administrator], "GET", w.Header().Get("Location"), nil).Body.String()
	code := regexp.MustCompile(`<code class="secret">(BDG-[A-Z2-7]{16})</code>`).FindStringSubmatch(page)
	if code == nil {
		t.Fatal("the page does not show the badge")
	}
	w = ask(t, door, "", "POST", "/login", url.Values{"badge": {code[1]}})
	if w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/tasks" {
		t.Fatalf("by badge: %d to %q", w.Code, w.Header().Get("Location"))
	}
	for _, c := range w.Result().Cookies() {
		if c.Name == "secretome-session" {
			if w := ask(t, door, c.Value, "GET", "/tasks", nil); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "technician") {
				t.Errorf("the bench: %d", w.Code)
			}
			return
		}
	}
	t.Error("no session was begun")
}
