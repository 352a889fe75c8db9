package browser

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// door is the laboratory as one person sees it who is signed in already: it adds
// their session to each request, for a judge that has no cookies.
type door struct {
	server  *httptest.Server
	web     string
	session string
	scenes  []scene
	mu      sync.Mutex
	answers map[int]*httptest.ResponseRecorder // of forms: each is sent once, however often one looks at the answer
}

// newDoor signs a person in and opens their door.
func newDoor(t testing.TB, l *laboratory, who string, scenes []scene) *door {
	t.Helper()
	d := &door{web: l.server.Web, scenes: scenes, answers: map[int]*httptest.ResponseRecorder{}}
	if who != "" {
		d.session = l.session(who)
	}
	target, err := url.Parse(d.web)
	if err != nil {
		t.Fatal(err)
	}
	proxy := &httputil.ReverseProxy{
		FlushInterval: -1,
		ErrorHandler:  func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) }, // a page was left
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Header.Set("Cookie", d.cookie())
		},
		ModifyResponse: func(r *http.Response) error {
			r.Header.Del("Set-Cookie")
			return nil
		},
	}
	mux := http.NewServeMux()
	mux.Handle("/", proxy)
	mux.HandleFunc("GET /scene/{n}", d.scene)
	d.server = httptest.NewServer(mux)
	return d
}

func (d *door) cookie() string {
	if d.session == "" {
		return ""
	}
	return "secretome-session=" + d.session
}

// path is where a scene is seen: at its own address, unless a form has to be sent
// or the answer is an error.
func (d *door) path(n int, s scene) string {
	if s.form == nil && s.status == 0 {
		return s.path
	}
	return fmt.Sprintf("/scene/%d", n)
}

// scene shows the answer to what a scene sends.
func (d *door) scene(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || n < 0 || n >= len(d.scenes) {
		http.NotFound(w, r)
		return
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	answer := d.answers[n]
	if answer == nil {
		answer = httptest.NewRecorder()
		d.send(answer, r, d.scenes[n])
		if d.scenes[n].form != nil {
			d.answers[n] = answer
		}
	}
	maps.Copy(w.Header(), answer.Header())
	w.WriteHeader(answer.Code)
	_, _ = w.Write(answer.Body.Bytes()) // who asked has gone
}

// send sends what a scene sends, and passes the answer on as if it were a page: a
// judge takes an error for a page that does not load.
func (d *door) send(w http.ResponseWriter, r *http.Request, s scene) {
	method := http.MethodGet
	if s.form != nil {
		method = http.MethodPost
	}
	q, err := http.NewRequestWithContext(r.Context(), method, d.web+s.path, strings.NewReader(s.form.Encode()))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	q.Header.Set("Cookie", d.cookie())
	answer, err := stay.Do(q)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer answer.Body.Close()
	for _, name := range []string{"Content-Type", "Content-Security-Policy"} {
		w.Header().Set(name, answer.Header.Get(name))
	}
	want := s.status
	if want == 0 {
		want = http.StatusOK
	}
	if answer.StatusCode != want {
		w.WriteHeader(answer.StatusCode)
	}
	_, _ = io.Copy(w, answer.Body) // a part of it is no page, and is seen so
}

// stay follows nothing: where a form leads is part of the answer.
var stay = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// post sends a form as somebody, and returns the answer.
func (l *laboratory) post(path, session string, form url.Values) *http.Response {
	l.t.Helper()
	q, err := http.NewRequestWithContext(l.t.Context(), http.MethodPost, l.server.Web+path, strings.NewReader(form.Encode()))
	if err != nil {
		l.t.Fatal(err)
	}
	q.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if session != "" {
		q.Header.Set("Cookie", "secretome-session="+session)
	}
	answer, err := stay.Do(q)
	if err != nil {
		l.t.Fatal(err)
	}
	_ = answer.Body.Close() // the head says it all
	return answer
}

// session signs somebody in without a browser.
func (l *laboratory) session(name string) string {
	l.t.Helper()
	answer := l.post("/login", "", url.Values{"name": {name}, "password": {l.password(name)}})
	for _, c := range answer.Cookies() {
		if c.Name == "secretome-session" && c.Value != "" {
			return c.Value
		}
	}
	l.t.Fatalf("%s is not signed in: %s", name, answer.Status)
	return ""
}
