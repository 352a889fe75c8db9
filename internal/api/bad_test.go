package api

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"

	"secretome/internal/client"
	"secretome/internal/record"
)

// bad is one request that must be refused: a row of the list of bad requests.
type bad struct {
	row          string // its name there
	name         string
	who          string // whose token; empty: none
	method, path string
	header       map[string]string // "Host" is the name by which the server is called
	body         string
	raw          string // sent as it is, instead of all that
	status       int
	text         string // part of what a person reads
	then         string // sent before: another request of the same person, to the same path
}

const (
	actPath = "/api/v1/tasks/" + theRun + "/review/sign-report/1"
	runPath = "/api/v1/runs/" + theRun
)

// left names the rows of the list that need a part which does not exist.
func left() map[string]string {
	return map[string]string{
		"B19": "there are no projects: whoever may look sees every run of the laboratory",
		"B32": "tokens are random and looked up, no JWT: nothing in them is believed",
		"B36": "tries at a password are limited where people sign in, see package account",
		"B38": "this server speaks HTTP/1.1 in clear; where it speaks TLS, net/http's own HTTP/2 closes a connection that resets too much",
	}
}

func rows() []bad {
	launch := func(body string) bad {
		return bad{who: "Karin", method: "POST", path: "/api/v1/runs", body: body}
	}
	act := func(body string) bad { return bad{who: "Aiko", method: "POST", path: actPath, body: body} }
	get := func(path string) bad { return bad{who: "Karin", method: "GET", path: path} }
	of := func(row, name string, b bad, status int, text string) bad {
		b.row, b.name, b.status, b.text = row, name, status, text
		return b
	}
	with := func(b bad, header, value string) bad {
		b.header = map[string]string{header: value}
		return b
	}
	after := func(b bad, then string) bad { b.then = then; return b }
	claim, step := `{"verb":"claim"}`, `{"verb":"step","step":"sign","entries":[{"field":"meaning","value":"reviewed"},{"field":"identity","value":"Aiko"}]}`
	sign := func(manifest, meaning, who string) bad {
		return bad{who: who, method: "POST", path: runPath + "/signature", body: fmt.Sprintf(`{"task":%q,"over":%s,"answers":{"sign.meaning":%q,"sign.identity":%q},"password":"{token}"}`, theTask, manifest, meaning, who)}
	}
	return []bad{
		of("B1", "no JSON", launch(`{"document": x}`), 400, "at byte 13"),
		of("B1", "JSON that ends too early", launch(`{"document":"a`), 400, "ends too early, at byte 14"),
		of("B2", "something behind the message", launch(`{"document":"a"} tail`), 400, "behind the message, at byte 17"),
		of("B3", "a key twice", launch(`{"document":"a","title":"b","document":"c"}`), 400, `"document" stands there twice`),
		of("B3", "a key twice, once in upper case", launch(`{"document":"a","DOCUMENT":"c"}`), 400, "twice"),
		of("B4", "an unknown field", launch(`{"document":"a","stpes":1}`), 422, `no field "stpes"`),
		of("B4", "an unknown parameter", get("/api/v1/tasks?rnu=1"), 400, `no parameter "rnu"`),
		of("B5", "a form", with(launch("document=a"), "Content-Type", "application/x-www-form-urlencoded"), 415, "application/json"),
		of("B5", "JSON in UTF-16", with(launch("{}"), "Content-Type", "application/json; charset=utf-16"), 415, "application/json"),
		of("B6", "no body", launch(""), 400, "no body"),
		of("B7", "11 MiB", launch(`{"document":"`+strings.Repeat("x", 11<<20)+`"}`), 413, "the most is 1048576"),
		of("B8", "two lengths", bad{raw: "POST /api/v1/runs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\nContent-Length: 40\r\n\r\n{}"}, 400, ""),
		of("B8", "a length and chunks", bad{who: "Karin", raw: "POST /api/v1/runs HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {id}\r\nContent-Type: application/json\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\nGET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n"}, 400, "length of the body is not announced"),
		of("B9", "70 KiB of headers", with(get("/api/v1/runs"), "X-Long", strings.Repeat("x", 70<<10)), 431, "the most is 65536"),
		of("B10", "100,000 parameters", get("/api/v1/tasks?"+strings.Repeat("a&", 100_000)), 400, "100001 parameters"),
		of("B11", "1e400", launch(`{"document":"a","speed":1e400}`), 422, "1e400 is larger"),
		of("B12", "NaN", launch(`{"document":"a","speed":NaN}`), 422, "NaN is no number"),
		of("B12", "-Infinity", launch(`{"document":"a","speed":-Infinity}`), 422, "Infinity is no number"),
		of("B12", "NaN as text", launch(`{"document":"a","speed":"NaN"}`), 422, "a number is expected"),
		of("B12", "NaN as a value", after(act(`{"verb":"step","step":"sign","entries":[{"field":"share","value":"NaN %"}]}`), claim), 422, "NaN"),
		of("B13", "minus nothing", after(act(`{"verb":"step","step":"sign","entries":[{"field":"meaning","value":"reviewed"},{"field":"identity","value":"Aiko"},{"field":"share","value":"-0 %"}]}`), claim), 200, `"phase":"claimed"`),
		of("B14", "a number that no float64 is", get(runPath+"/records?after=9007199254740993"), 200, "[]"),
		of("B14", "a whole number with a fraction", sign("1.5", "reviewed", "Aiko"), 422, "a whole number is expected"),
		of("B16", "an ID that climbs", get("/api/v1/runs/../../etc/passwd"), 404, "nothing at"),
		of("B16", "an ID that climbs, escaped", get("/api/v1/runs/%2e%2e%2f%2e%2e%2fetc%2fpasswd"), 404, "nothing at"),
		of("B16", "an ID that climbs, wrongly encoded", get("/api/v1/runs/..%c0%af..%c0%afetc"), 404, "nothing at"),
		of("B16", "an artifact that climbs", get("/api/v1/artifacts/..%2f..%2fetc%2fpasswd"), 404, "nothing at"),
		of("B17", "NUL in an ID", get("/api/v1/runs/UCM%00"), 400, "control character"),
		of("B17", "a line break in an ID", get("/api/v1/runs/UCM%0d%0aX-A:1"), 400, "control character"),
		of("B18", "SQL in an ID", get("/api/v1/runs/'%20OR%201=1--"), 404, "' OR 1=1--"),
		of("B18", "SQL in a filter", get("/api/v1/tasks?run='%20OR%201=1--"), 200, "[]"),
		of("B20", "another method in a header", with(bad{who: "Karin", method: "POST", path: runPath}, "X-HTTP-Method-Override", "DELETE"), 405, "does not take POST"),
		of("B21", "a stale version of a task", with(act(claim), "If-Match", `"999-00"`), 412, "is at version 0 now"),
		of("B21", "a stale version of a run", with(bad{who: "Karin", method: "POST", path: runPath + "/control", body: `{"verb":"pause","reason":"x"}`}, "If-Match", `"1-0011223344556677"`), 412, "is at version 3 now"),
		of("B22", "a request ID with another message", after(act(`{"verb":"comment","reason":"b"}`), "same ID: "+`{"verb":"comment","reason":"a"}`), 422, "was used for another message"),
		of("B24", "a completion before its steps", after(act(`{"verb":"complete"}`), claim), 409, "sign"),
		of("B24", "a step before the claim", act(step), 409, ""),
		of("B25", "an entry of another step among right ones", after(act(`{"verb":"step","step":"sign","entries":[{"field":"meaning","value":"reviewed"},{"field":"identity","value":"Aiko"},{"field":"mass","value":"1 g"}]}`), claim), 422, "mass"),
		of("B26", "1,001 entries", act(`{"verb":"step","step":"sign","entries":[`+strings.Repeat(`{"field":"a","value":"b"},`, 1000)+`{"field":"a","value":"b"}]}`), 413, "1001 entries"),
		of("B27", "a changed cursor", get("/api/v1/runs?cursor=WyIyMDI2Il0AAAAAAAAAAAAAAAAA"), 400, "the cursor is not one"),
		of("B27", "a cursor that is none", get("/api/v1/runs?cursor=%00%00"), 400, "the cursor is not one"),
		of("B27", "a limit above the most", get("/api/v1/runs?limit=1001"), 400, "1 to 1000"),
		of("B28", "no token", bad{method: "GET", path: "/api/v1/runs"}, 401, "token"),
		of("B28", "a forged token", with(bad{method: "GET", path: "/api/v1/runs"}, "Authorization", "Bearer forged"), 401, "token"),
		of("B29", "a page of another site", with(launch("{}"), "Sec-Fetch-Site", "cross-site"), 403, "another site"),
		of("B30", "from nowhere", with(launch("{}"), "Origin", "null"), 403, "another site"),
		of("B31", "another host", with(get("/api/v1/runs"), "Host", "evil.example"), 421, "evil.example"),
		of("B33", "a signature without a meaning", sign("{over}", "", "Aiko"), 422, "meaning"),
		of("B34", "a signature over what changed", sign("{stale}", "reviewed", "Aiko"), 409, "was written since"),
		of("B35", "a signature under one's own data", sign("{over}", "reviewed", "Karin"), 403, ""),
		of("B37", "a GET that commands", get(runPath+"/control"), 405, "does not take GET"),
	}
}

func TestEveryBadRequestIsRefusedInWords(t *testing.T) {
	seen := map[string]bool{}
	for _, b := range rows() {
		seen[b.row] = true
		t.Run(b.row+" "+b.name, func(t *testing.T) { b.refused(t, review(t)) })
	}
	for _, elsewhere := range []string{"B15", "B23"} { // tests of their own, below
		seen[elsewhere] = true
	}
	for n := 1; n <= 38; n++ {
		row := fmt.Sprintf("B%d", n)
		if why, is := left()[row]; seen[row] == is {
			t.Errorf("%s: tested %v, left %v %s", row, seen[row], is, why)
		}
	}
}

// refused sends the request and looks at the answer.
func (b bad) refused(t *testing.T, r reviewed) {
	t.Helper()
	before := r.head(t)
	id := client.NewRequest()
	if then, same := strings.CutPrefix(b.then, "same ID: "); b.then != "" {
		first := bad{who: b.who, method: b.method, path: b.path, body: then}
		use := client.NewRequest()
		if same {
			use = id
		}
		if status, text := first.send(t, r, use); status != http.StatusOK {
			t.Fatalf("before it: %d %s", status, text)
		}
		before = r.head(t)
	}
	status, text := b.send(t, r, id)
	if strings.Contains(b.body, "{stale}") {
		before++ // what makes it stale
	}
	if status != b.status || !strings.Contains(strings.ReplaceAll(text, `\"`, `"`), b.text) {
		t.Errorf("answers %d, want %d with %q: %s", status, b.status, b.text, text)
	}
	for _, trace := range []string{"goroutine ", ".go:", "panic"} {
		if strings.Contains(text, trace) {
			t.Errorf("the answer tells of the program: %s", text)
		}
	}
	if after := r.head(t); b.status >= http.StatusBadRequest && after != before {
		t.Errorf("%d records were written", after-before)
	}
	var p client.Problem
	if b.raw == "" && b.status >= http.StatusBadRequest {
		if err := json.Unmarshal([]byte(text), &p); err != nil || p.Status != b.status || p.Title == "" || p.Detail == "" || len(p.Errors) == 0 || p.RequestID == "" || !strings.HasPrefix(p.Type, "urn:secretome:") {
			t.Errorf("the problem lacks something: %s, %v", text, err)
		}
	}
}

// head is the number of the run's last record.
func (r reviewed) head(t *testing.T) int64 {
	t.Helper()
	n, _, err := r.index.Last(t.Context(), theBook)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// filled puts the token, the request ID and the manifest into a request.
func (b bad) filled(t *testing.T, r reviewed, id, text string) string {
	t.Helper()
	token, _ := r.people.Token(b.who)
	text = strings.NewReplacer("{token}", token, "{id}", id).Replace(text)
	if !strings.Contains(text, "{over}") && !strings.Contains(text, "{stale}") {
		return text
	}
	over, hash := r.manifest(t)
	stale := strings.Contains(text, "{stale}")
	text = strings.NewReplacer("{over}", fmt.Sprint(over)+`,"manifest":"`+hash+`"`, "{stale}", fmt.Sprint(over)+`,"manifest":"`+hash+`"`).Replace(text)
	if stale {
		r.write(t, "Karin", record.RunPaused, record.Subject{}, record.Note{Text: "the reader broke"})
	}
	return text
}

// manifest is what a reviewer would sign now.
func (r reviewed) manifest(t *testing.T) (over int64, hash string) {
	t.Helper()
	token, _ := r.people.Token("Aiko")
	s, err := as(t, r.Server, token).Signatures(t.Context(), theRun)
	if err != nil || s.Waits == nil {
		t.Fatalf("Signatures = %+v, %v", s, err)
	}
	return s.Waits.Over.Number, s.Waits.Manifest
}

func (b bad) send(t *testing.T, r reviewed, id string) (status int, text string) {
	t.Helper()
	if b.raw != "" {
		return b.sendRaw(t, r, id)
	}
	body := b.filled(t, r, id, b.body)
	request, err := http.NewRequestWithContext(t.Context(), b.method, r.URL, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.URL.Opaque = b.path // as it stands, whatever a client would make of it
	if path, query, ok := strings.Cut(b.path, "?"); ok {
		request.URL.Opaque, request.URL.RawQuery = path, query
	}
	if b.who != "" {
		token, _ := r.people.Token(b.who)
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if b.method == http.MethodPost {
		request.Header.Set("Content-Type", "application/json")
		request.Header.Set(client.KeyHeader, id)
	}
	for k, v := range b.header {
		request.Header.Set(k, v)
	}
	request.Host = request.Header.Get("Host")
	if request.Host == "" {
		request.Host = "localhost"
	}
	answer, err := http.DefaultTransport.RoundTrip(request) // follows nothing
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(data)
}

// sendRaw writes bytes to the server. Behind its answer it closes the connection.
func (b bad) sendRaw(t *testing.T, r reviewed, id string) (status int, text string) {
	t.Helper()
	c, err := net.Dial("tcp", r.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, b.filled(t, r, id, b.raw)); err != nil {
		t.Fatal(err)
	}
	from := bufio.NewReader(c)
	answer, err := http.ReadResponse(from, nil)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(from); err != nil || len(rest) > 0 {
		t.Errorf("the connection stays open, and answers %q, %v", rest, err)
	}
	return answer.StatusCode, string(data)
}

func TestATaskThatIsOverTakesNothingAndAValueStaysAsItWasTyped(t *testing.T) {
	r := review(t)
	for _, body := range []string{`{"verb":"claim"}`, `{"verb":"step","step":"sign","entries":[{"field":"meaning","value":"reviewed"},{"field":"identity","value":"Aiko"},{"field":"share","value":"0.30000000000000000001 %"}]}`, `{"verb":"complete"}`} {
		if status, text := (bad{who: "Aiko", method: "POST", path: actPath, body: body}).send(t, r, client.NewRequest()); status != http.StatusOK {
			t.Fatalf("%s: %d %s", body, status, text)
		}
	}
	status, text := bad{who: "Aiko", method: "POST", path: actPath, body: `{"verb":"complete"}`}.send(t, r, client.NewRequest())
	if status != http.StatusConflict || !strings.Contains(text, "completed already") {
		t.Errorf("B23, completed twice: %d %s", status, text)
	}
	token, _ := r.people.Token("Ada")
	records, err := as(t, r.Server, token).Records(t.Context(), theRun, 0, record.StepDone)
	if err != nil || len(records) != 1 || !strings.Contains(string(records[0].Record.Body), "0.30000000000000000001") {
		t.Errorf("B15, the value stands as %+v, %v", records, err)
	}
}

func TestAQuestionChangesNothing(t *testing.T) {
	r := review(t)
	before := r.head(t)
	replace := strings.NewReplacer("{run}", theRun, "{other}", theRun, "{number}", "2", "{barcode}", "CM-1", "{place}", "F", "{task}", theRun+"/review/sign-report/1", "{sha256}", strings.Repeat("0", 64), "{hash}", strings.Repeat("0", 64), "{name}", "Karin", "{id}", client.NewRequest())
	for _, one := range documented(t) {
		path, ok := strings.CutPrefix(one, "GET ")
		if !ok {
			continue
		}
		status, text := bad{who: "Karin", method: "GET", path: prefix + replace.Replace(path)}.send(t, r, "")
		if !slices.Contains([]int{200, 404, 422}, status) {
			t.Errorf("B37, %s: %d %s", one, status, text)
		}
	}
	lab, _, err := r.index.Last(t.Context(), "lab")
	if after := r.head(t); err != nil || after != before || lab != 0 {
		t.Errorf("B37: questions wrote %d records into the run's logbook and %d into the laboratory's, %v", after-before, lab, err)
	}
}
