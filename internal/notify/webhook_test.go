package notify_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"secretome/internal/fault"
	"secretome/internal/notify"
)

// noon is the moment of all tests: in Vienna it is 13:00 CET.
var noon = time.Date(2026, 3, 3, 12, 0, 0, 0, time.UTC)

func clock() time.Time { return noon }

func message() notify.Message {
	return notify.Message{
		ID: "req-7f3a", Kind: "reminder", Run: "UCM-2026-001", Task: "UCM-2026-001/collection/feed-3",
		Title: "Feed the cells", Text: "The window closes soon.\nTake 50 µL from the second bottle.",
		Role: "technician", Due: noon.Add(2 * time.Hour), Happened: noon.Add(-time.Hour),
		Link: "https://lab.example.org/task/3", Zone: "Europe/Vienna",
	}
}

// receiver is a webhook that keeps what came, and answers with the statuses in order.
type receiver struct {
	*httptest.Server
	mu       sync.Mutex
	statuses []int
	header   http.Header // of the answers
	says     string
	requests []*http.Request
	bodies   [][]byte
}

func listen(t *testing.T, statuses ...int) *receiver {
	t.Helper()
	r := &receiver{statuses: statuses, header: http.Header{}}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			t.Error(err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.requests, r.bodies = append(r.requests, req), append(r.bodies, body)
		for name, values := range r.header {
			w.Header()[name] = values
		}
		w.WriteHeader(r.statuses[min(len(r.requests), len(r.statuses))-1])
		_, _ = io.WriteString(w, r.says) // the sender reads only the beginning
	}))
	t.Cleanup(r.Close)
	return r
}

func hook(url string) *notify.Sender {
	return notify.New(notify.Settings{Webhook: url, Secret: []byte(secret)}, nil, clock)
}

func TestAWebhookIsSignedAndCarriesTheMessage(t *testing.T) {
	t.Parallel()
	r := listen(t, http.StatusNoContent)
	if err := hook(r.URL+"/x?y=z").Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	req, body := r.requests[0], r.bodies[0]
	if req.Method != http.MethodPost || req.URL.String() != "/x?y=z" || req.Header.Get("Content-Type") != "application/json" {
		t.Errorf("got %s %s of %s", req.Method, req.URL, req.Header.Get("Content-Type"))
	}
	if err := notify.Verify([]byte(secret), req.Header, body, noon, time.Minute); err != nil {
		t.Error(err)
	}
	const want = `{"id":"req-7f3a","kind":"reminder","run":"UCM-2026-001","task":"UCM-2026-001/collection/feed-3","title":"Feed the cells",` +
		`"text":"The window closes soon.\nTake 50 µL from the second bottle.","role":"technician","due":"2026-03-03T14:00:00Z","happened":"2026-03-03T11:00:00Z",` +
		`"link":"https://lab.example.org/task/3","zone":"Europe/Vienna"}`
	if string(body) != want {
		t.Errorf("body is\n%s, want\n%s", body, want)
	}
}

// known is what another program signs:
//
//	printf '%s' 'req-1.1772539200.{"id":"req-1","kind":"asked"}' | openssl dgst -sha256 -hmac 'a secret of 24 bytes, yes'
const known = "v1=6a147fb13d96d5d189b0f65281b51084264be28b8afd8d60b411f8ee5091fa1c"

func TestAFixedMessageHasAFixedSignature(t *testing.T) {
	t.Parallel()
	r := listen(t, http.StatusOK)
	if err := hook(r.URL).Send(t.Context(), notify.Message{ID: "req-1", Kind: "asked"}); err != nil {
		t.Fatal(err)
	}
	if got := r.requests[0].Header.Get(notify.HeaderSignature); got != known {
		t.Errorf("signature is %s, want %s", got, known)
	}
}

func TestTheDocumentShowsThatSignature(t *testing.T) {
	t.Parallel()
	document, err := os.ReadFile("../../docs/notifications.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{known, `{"id":"req-1","kind":"asked"}`, "`" + secret + "`", notify.HeaderTimestamp + ": 1772539200"} {
		if !strings.Contains(string(document), part) {
			t.Errorf("docs/notifications.md does not show %s", part)
		}
	}
}

func TestAnAnswerSaysWhetherToTryAgain(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		status int
		header map[string]string
		kind   fault.Kind
		says   string // part of what a person sees
	}{
		{"an outage may end", 500, nil, fault.Unavailable, "answered 500"},
		{"a gateway may come back", 502, nil, fault.Unavailable, "answered 502"},
		{"a rest is told in seconds", 503, map[string]string{"Retry-After": "120"}, fault.Unavailable, "try again in 2m0s, as it asks"},
		{"a rest is told as a date", 429, map[string]string{"Retry-After": "Tue, 03 Mar 2026 12:00:30 GMT"}, fault.Unavailable, "try again in 30s"},
		{"a rest that is over does not matter", 429, map[string]string{"Retry-After": "Tue, 03 Mar 2026 11:00:00 GMT"}, fault.Unavailable, "try again"},
		{"a rest that cannot be read does not matter", 429, map[string]string{"Retry-After": "-5 years"}, fault.Unavailable, "try again"},
		{"a slow request may be quicker", 408, nil, fault.Unavailable, "answered 408"},
		{"too early is not too late", 425, nil, fault.Unavailable, "answered 425"},
		{"what is not there stays away", 404, nil, fault.Refused, "answered 404"},
		{"what is gone stays gone", 410, nil, fault.Refused, "answered 410"},
		{"a signature that does not please needs a person", 401, nil, fault.Refused, "same secret"},
		{"a redirect is not followed", 301, map[string]string{"Location": "/elsewhere"}, fault.Refused, "redirects are not followed"},
		{"nor one that keeps the method", 308, map[string]string{"Location": "/elsewhere"}, fault.Refused, "redirects are not followed"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := listen(t, test.status)
			for name, value := range test.header {
				r.header.Set(name, value)
			}
			r.says = "no\r\nway"
			f := fault.Of(hook(r.URL).Send(t.Context(), message()))
			if f.Kind != test.kind || !strings.HasPrefix(f.Message, "webhook: ") || !strings.Contains(f.Message+": "+f.Help, test.says) {
				t.Errorf("Send() = %+v, want %v with %q", f, test.kind, test.says)
			}
			if !strings.Contains(f.Message, `("no way")`) {
				t.Errorf("Send() = %q, want the receiver's words in it", f.Message)
			}
			if len(r.requests) != 1 {
				t.Errorf("%d requests came, want one attempt", len(r.requests))
			}
		})
	}
}

func TestASecondAttemptIsTheSameMessage(t *testing.T) {
	t.Parallel()
	r := listen(t, http.StatusInternalServerError, http.StatusOK)
	s := hook(r.URL)
	if err := s.Send(t.Context(), message()); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("Send() = %v, want that it can be tried again", err)
	}
	if err := s.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	first, second := r.requests[0].Header.Get(notify.HeaderID), r.requests[1].Header.Get(notify.HeaderID)
	if first != "req-7f3a" || second != first || string(r.bodies[0]) != string(r.bodies[1]) {
		t.Errorf("attempts have IDs %q and %q and bodies\n%s\n%s", first, second, r.bodies[0], r.bodies[1])
	}
}

func TestALongAnswerIsNotReadToItsEnd(t *testing.T) {
	t.Parallel()
	r := listen(t, http.StatusBadRequest)
	r.says = strings.Repeat("x", 1<<20)
	f := fault.Of(hook(r.URL).Send(t.Context(), message()))
	if f.Kind != fault.Refused || len(f.Error()) > 1<<10 {
		t.Errorf("Send() = %v with %d bytes, want at most 1 KiB", f.Kind, len(f.Error()))
	}
}

func TestAServerThatIsNotThereMayComeBack(t *testing.T) {
	t.Parallel()
	r := listen(t, http.StatusOK)
	r.Close()
	err := hook(r.URL+"/services/private").Send(t.Context(), message())
	if !fault.Is(err, fault.Unavailable) {
		t.Errorf("Send() = %v, want unavailable", err)
	}
	if strings.Contains(err.Error(), "private") {
		t.Errorf("Send() = %v, which tells the path: a secret of the receiver", err)
	}
}

func TestAServerThatDoesNotAnswerIsLeft(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel() // the request is here: now the caller loses patience
		_, _ = io.Copy(io.Discard, r.Body)
		<-r.Context().Done()
	}))
	defer s.Close()
	err := hook(s.URL).Send(ctx, message())
	if !fault.Is(err, fault.Unavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("Send() = %v, want unavailable because the context ended", err)
	}
}

func TestAStrangersCertificateIsNotTrusted(t *testing.T) {
	t.Parallel()
	s := httptest.NewUnstartedServer(http.NotFoundHandler())
	s.Config.ErrorLog = quiet()
	s.StartTLS()
	defer s.Close()
	f := fault.Of(hook(s.URL).Send(t.Context(), message()))
	if f.Kind != fault.Unavailable || !strings.Contains(f.Help, "certificate") {
		t.Errorf("Send() = %+v, want that the certificate is not trusted", f)
	}
	trusting := notify.New(notify.Settings{Webhook: s.URL, Secret: []byte(secret)}, s.Client(), clock)
	if f := fault.Of(trusting.Send(t.Context(), message())); !strings.Contains(f.Message, "answered 404") {
		t.Errorf("Send() with the server's own client = %+v, want its 404", f)
	}
}

func TestHostileWordsStayWords(t *testing.T) {
	t.Parallel()
	r := listen(t, http.StatusOK)
	m := message()
	m.Title, m.Text, m.Kind = "</script>\r\nX: y", "\xff\x00\"}", "as\r\nked"
	if err := hook(r.URL).Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	var got struct{ ID, Kind, Title, Text string }
	if err := json.Unmarshal(r.bodies[0], &got); err != nil {
		t.Fatal(err)
	}
	if got.ID != m.ID || got.Kind != m.Kind || got.Title != m.Title || got.Text != "\uFFFD\x00\"}" {
		t.Errorf("got %+v", got)
	}
	if err := notify.Verify([]byte(secret), r.requests[0].Header, r.bodies[0], noon, 0); err != nil {
		t.Error(err)
	}
}

func TestAMessageThatCannotBeToldApartIsNotSent(t *testing.T) {
	t.Parallel()
	r := listen(t, http.StatusOK)
	for _, test := range []struct{ name, id, kind, field string }{
		{"no ID", "", "asked", "id"},
		{"a line break in the ID", "a\r\nX: y", "asked", "id"},
		{"a blank in the ID", "a b", "asked", "id"},
		{"a letter beyond ASCII in the ID", "ä", "asked", "id"},
		{"a brace, with which a body begins", "a.1.{", "asked", "id"},
		{"an ID without end", strings.Repeat("a", notify.MaxID+1), "asked", "id"},
		{"no kind", "a", "", "kind"},
	} {
		f := fault.Of(hook(r.URL).Send(t.Context(), notify.Message{ID: test.id, Kind: test.kind}))
		if f.Kind != fault.Invalid || f.Place.Field != test.field {
			t.Errorf("%s: Send() = %+v, want field %s to be invalid", test.name, f, test.field)
		}
	}
	if len(r.requests) != 0 {
		t.Errorf("%d requests came, want none", len(r.requests))
	}
}
