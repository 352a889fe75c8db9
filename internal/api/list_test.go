package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"secretome/internal/account"
	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/record"
)

// stocked is a server with 25 further tasks, 25 files and a few records.
func stocked(t *testing.T) reviewed {
	t.Helper()
	r := review(t)
	for n := range 25 {
		id := fmt.Sprintf("task/%s/culture/feed/%d", theRun, n+1)
		r.write(t, "Karin", record.TaskAsked, record.Subject{Stage: "culture", Task: id}, record.Asked{Title: "Feed", Role: account.Technician, Attempt: n + 1})
		token, _ := r.people.Token("Tim")
		text := fmt.Sprintf("file %d", n)
		if _, err := as(t, r.Server, token).Upload(t.Context(), client.NewRequest(), strings.NewReader(text), client.Upload{Name: text, MediaType: "text/plain", Size: int64(len(text))}); err != nil {
			t.Fatal(err)
		}
	}
	return r
}

var next = regexp.MustCompile(`^<(\?[^>]+)>; rel="next"$`)

// walk follows a list page by page and returns how many rows each page had, and
// the rows.
func (r reviewed) walk(t *testing.T, path string) (pages []int, rows []json.RawMessage) {
	t.Helper()
	at := path
	for {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.URL+prefix+at, nil)
		if err != nil {
			t.Fatal(err)
		}
		token, _ := r.people.Token("Ada")
		request.Header.Set("Authorization", "Bearer "+token)
		answer, err := r.Client().Do(request)
		if err != nil {
			t.Fatal(err)
		}
		var page []json.RawMessage
		err = json.NewDecoder(answer.Body).Decode(&page)
		answer.Body.Close()
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d, %v", at, answer.StatusCode, err)
		}
		pages, rows = append(pages, len(page)), append(rows, page...)
		link := next.FindStringSubmatch(answer.Header.Get("Link"))
		if link == nil {
			return pages, rows
		}
		bare, _, _ := strings.Cut(path, "?")
		at = bare + link[1]
	}
}

func TestPagesHaveEveryRowOnceAndInOrder(t *testing.T) {
	r := stocked(t)
	for _, test := range []struct {
		path  string
		pages []int
	}{
		{"/tasks?state=all&limit=10", []int{10, 10, 6}},
		{"/tasks?state=all&role=technician&limit=5", []int{5, 5, 5, 5, 5}},
		{"/artifacts?limit=10", []int{10, 10, 7}}, // protocol and report beside the files
		{"/runs/" + theRun + "/records?limit=20", []int{20, 8}},
		{"/runs/" + theRun + "/records?limit=20&after=3&kind=task-asked", []int{20, 5}},
		{"/runs?limit=1", []int{1}},
		{"/lots?kind=reagent", []int{0}},
	} {
		pages, rows := r.walk(t, test.path)
		_, whole := r.walk(t, regexp.MustCompile(`limit=\d+`).ReplaceAllString(test.path, "limit=1000"))
		if !slices.Equal(pages, test.pages) || !slices.EqualFunc(rows, whole, func(a, b json.RawMessage) bool { return string(a) == string(b) }) {
			t.Errorf("%s has pages of %v, want %v, and %d rows of %d", test.path, pages, test.pages, len(rows), len(whole))
		}
	}
	token, _ := r.people.Token("Ada")
	if all, err := as(t, r.Server, token).Tasks(t.Context(), client.TaskFilter{State: "all"}); err != nil || len(all) != 26 {
		t.Errorf("the client has %d tasks, %v", len(all), err)
	}
}

func TestACursorBelongsToOneList(t *testing.T) {
	r := stocked(t)
	first := bad{who: "Ada", method: "GET", path: prefix + "/tasks?state=all&limit=10"}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.URL+first.path, nil)
	if err != nil {
		t.Fatal(err)
	}
	token, _ := r.people.Token("Ada")
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := r.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	answer.Body.Close()
	cursor := regexp.MustCompile(`cursor=([^&>]+)`).FindStringSubmatch(answer.Header.Get("Link"))[1]
	flipped := []byte(cursor)
	flipped[4] ^= 1
	for name, path := range map[string]string{
		"another filter": "/tasks?state=open&cursor=" + cursor, "another list": "/artifacts?cursor=" + cursor, "a changed letter": "/tasks?state=all&cursor=" + string(flipped), "cut off": "/tasks?state=all&cursor=" + cursor[:len(cursor)-2],
	} {
		if status, text := (bad{who: "Ada", method: "GET", path: prefix + path}).send(t, r, ""); status != http.StatusBadRequest || !strings.Contains(text, "cursor") {
			t.Errorf("%s: %d %s", name, status, text)
		}
	}
	if status, _ := (bad{who: "Ada", method: "GET", path: prefix + "/tasks?state=all&limit=3&cursor=" + cursor}).send(t, r, ""); status != http.StatusOK {
		t.Errorf("another limit: %d", status)
	}
}

func TestAVersionIsKnownAndHeld(t *testing.T) {
	r := stocked(t)
	files, rows := r.walk(t, "/artifacts")
	var one client.Artifact
	if err := json.Unmarshal(rows[0], &one); err != nil || len(files) != 1 {
		t.Fatal(err)
	}
	for _, path := range []string{"/runs/" + theRun, "/tasks/" + strings.TrimPrefix(theTask, "task/"), "/artifacts/" + one.SHA256, "/runs/" + theRun + "/records/1", "/openapi.json"} {
		tag := r.tag(t, path, "")
		if !regexp.MustCompile(`^"[0-9a-f-]+"$`).MatchString(tag) {
			t.Errorf("%s has the ETag %q", path, tag)
		}
		if again := r.tag(t, path, tag); again != "304" {
			t.Errorf("%s, which is known: %s", path, again)
		}
		if again := r.tag(t, path, `"other", W/`+tag); again != "304" {
			t.Errorf("%s, among others: %s", path, again)
		}
	}
	before := r.tag(t, "/tasks/"+strings.TrimPrefix(theTask, "task/"), "")
	held := func(tag, id, body string) (int, string) {
		return bad{who: "Aiko", method: "POST", path: actPath, body: body, header: map[string]string{"If-Match": tag}}.send(t, r, id)
	}
	id := client.NewRequest()
	if status, text := held(before, id, `{"verb":"claim"}`); status != http.StatusOK {
		t.Fatalf("as it was read: %d %s", status, text)
	}
	if status, text := held(before, id, `{"verb":"claim"}`); status != http.StatusOK {
		t.Errorf("the same command again, which changed it itself: %d %s", status, text)
	}
	if status, text := held(before, client.NewRequest(), `{"verb":"comment","reason":"x"}`); status != http.StatusPreconditionFailed || !strings.Contains(text, `"version":29`) {
		t.Errorf("another one on the old version: %d %s", status, text)
	}
	if status, _ := held("*", client.NewRequest(), `{"verb":"comment","reason":"x"}`); status != http.StatusOK {
		t.Errorf("whatever version there is: %d", status)
	}
}

// tag asks and returns the ETag, or the status where there is no body.
func (r reviewed) tag(t *testing.T, path, known string) string {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.URL+prefix+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	token, _ := r.people.Token("Ada")
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("If-None-Match", known)
	answer, err := r.Client().Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Sprint(answer.StatusCode)
	}
	return answer.Header.Get("ETag")
}

func TestARequestIDIsRememberedAcrossARestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "requests")
	id, other := uuid.New(), uuid.New()
	q, err := openRequests(path)
	if err != nil {
		t.Fatal(err)
	}
	one, two := [32]byte{1}, [32]byte{2}
	for _, e := range []struct {
		id   uuid.UUID
		hash [32]byte
	}{{id, one}, {other, two}, {other, [32]byte{}}} {
		if err := q.write(e.id, e.hash); err != nil {
			t.Fatal(err)
		}
	}
	if err := q.file.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := openRequests(path)
	if err != nil || again.of[id] != one || len(again.of) != 1 {
		t.Errorf("%d are remembered, %v", len(again.of), err)
	}
}

func TestASignatureIsMadeByWhoProvesThatTheyAreIt(t *testing.T) {
	r := review(t)
	over, manifest := r.manifest(t)
	token, _ := r.people.Token("Aiko")
	aiko := as(t, r.Server, token)
	m := client.Sign{Task: theTask, Over: over, Manifest: manifest, Answers: map[string]string{"sign.meaning": "reviewed", "sign.identity": "Aiko"}, Password: "wrong"}
	if _, err := aiko.Sign(t.Context(), client.NewRequest(), theRun, m); !fault.Is(err, fault.Forbidden) || !strings.Contains(err.Error(), "nothing was signed") {
		t.Errorf("with a wrong password: %v", err)
	}
	m.Password = token // who is in the credentials file, without an account, has nothing else
	id := client.NewRequest()
	if done, err := aiko.Sign(t.Context(), id, theRun, m); err != nil || done.Phase != "completed" {
		t.Fatalf("signed: %+v, %v", done, err)
	}
	if done, err := aiko.Sign(t.Context(), id, theRun, m); err != nil || done.Phase != "completed" {
		t.Errorf("sent again: %+v, %v", done, err)
	}
	karin, _ := r.people.Token("Karin")
	if noted, err := as(t, r.Server, karin).Note(t.Context(), client.NewRequest(), theRun, 2, "looked at it"); err != nil || noted.Record.Number == 0 {
		t.Errorf("Note = %+v, %v", noted, err)
	}
	v, err := aiko.RecordOf(t.Context(), theRun, 2)
	if err != nil || len(v.Notes) != 1 {
		t.Errorf("the notes on record 2: %+v, %v", v.Notes, err)
	}
	if c, err := aiko.Compare(t.Context(), theRun, theRun); err != nil || len(c.Rows) == 0 || !c.Rows[0].Same {
		t.Errorf("Compare = %+v, %v", c, err)
	}
	if h, err := aiko.History(t.Context(), theRun, 2); err != nil || h.At != 2 || len(h.Open) != 0 {
		t.Errorf("History = %+v, %v", h, err)
	}
	if _, err := aiko.Results(t.Context(), theRun); err != nil {
		t.Error(err)
	}
	if _, err := aiko.Departures(t.Context(), theRun); err != nil {
		t.Error(err)
	}
}
