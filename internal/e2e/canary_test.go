package e2e

import (
	"bytes"
	"encoding/json"
	"html"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"

	"secretome/activities"
	"secretome/internal/client"
	"secretome/internal/protocol"
	"secretome/internal/record"
)

// canaries are words that stand in a protocol for what is sealed, and nowhere else.
var canaries = strings.NewReplacer(
	`CM5, title: "5 %", dose: "5 %{v/v}"`, `ZQX7, title: Zirconium, dose: "7.31 %{v/v}"`,
	`CM20, title: "20 %", dose: "20 %{v/v}"`, `HQX9, title: Halcyon, dose: "19.57 %{v/v}"`,
	`VC, title: Vehicle`, `VQX0, title: Peregrine`,
	"CM5", "ZQX7", "CM20", "HQX9", "VC", "VQX0",
)

var sung = []string{"ZQX7", "HQX9", "VQX0", "Zirconium", "Halcyon", "Peregrine", "7.31 ", "19.57 ", "7.31\u00a0", "19.57\u00a0"}

// visitor reads all that one person can reach.
type visitor struct {
	t     *testing.T
	host  string
	token string
	skip  []string // begins of addresses where the protocol itself is read
	seen  map[string]string
}

// mostPages is how many one person reads, from the nearest on: with 600 the test
// found as little, and took five minutes.
const mostPages = 150

var links = regexp.MustCompile(`(?:href|src|action)="(/[^"#]*)`)

// read follows every link from some addresses on, and keeps what is answered.
func (v *visitor) read(from ...string) {
	v.t.Helper()
	for queue := from; len(queue) > 0 && len(v.seen) < mostPages; queue = queue[1:] {
		address := queue[0]
		if _, known := v.seen[address]; known || slices.ContainsFunc(v.skip, func(begin string) bool { return strings.HasPrefix(address, begin) }) {
			continue
		}
		body, head := v.get(address)
		v.seen[address] = head + body
		for _, m := range links.FindAllStringSubmatch(body, -1) {
			queue = append(queue, html.UnescapeString(m[1]))
		}
	}
}

// get answers with what stands at an address, and with its headers.
func (v *visitor) get(address string) (body, head string) {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), http.MethodGet, v.host+address, nil)
	if err != nil {
		v.t.Fatal(err)
	}
	r.AddCookie(&http.Cookie{Name: "secretome-session", Value: v.token})
	if strings.HasPrefix(address, "/api/") {
		r.Header.Set("Authorization", "Bearer "+v.token)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }() // it was only read
	data, err := io.ReadAll(io.LimitReader(answer.Body, 8<<20))
	if err != nil {
		v.t.Fatalf("%s: %v", address, err)
	}
	var b bytes.Buffer
	if err := answer.Header.Write(&b); err != nil {
		v.t.Fatal(err)
	}
	return string(data), b.String()
}

// While the key is sealed, no page, no JSON, no name of a file, no alternative
// text and no line of the log has a title, a dose or a name of a sealed group, or
// the seed, whoever looks.
func TestNobodyReadsWhatIsSealed(t *testing.T) {
	document, err := os.ReadFile("testdata/blind.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "canary.yaml")
	if err := os.WriteFile(file, []byte(canaries.Replace(string(document))), 0o600); err != nil {
		t.Fatal(err)
	}
	l := up(t, t.TempDir())
	p, err := protocol.Parse("canary.yaml", []byte(canaries.Replace(string(document))))
	if err != nil {
		t.Fatal(err)
	}
	r := launchAll(t, l, file)
	var plan protocol.Plan
	eventually(t, "the allocation", func() bool {
		plan, err = l.as("technician").Plates(t.Context(), r.run)
		return err == nil
	})
	r.file = func(v client.TaskView) []byte { return export(p, plan, v.Block) }
	said := map[string]string{}
	r.held = map[string]func(client.Task){"lock-data": func(client.Task) { said = everything(t, l, r.run) }}
	if ended := r.play(); ended.State != "done" {
		t.Fatalf("the run is %s: %s", ended.State, ended.Why)
	}
	words := append(slices.Clone(sung), seedOf(t, r))
	for _, address := range slices.Sorted(maps.Keys(said)) {
		for _, word := range words {
			if i := strings.Index(said[address], word); i >= 0 {
				t.Errorf("%s tells %q: …%s…", address, word, said[address][max(0, i-80):min(len(said[address]), i+80)])
			}
		}
	}
	t.Logf("%d answers were read", len(said))
	if !strings.Contains(visit(t, l, "reviewer", nil, "/runs/"+r.run+"/results")["/runs/"+r.run+"/results"], "Zirconium") {
		t.Error("the opened key is nowhere: this test would not see it before the lock either")
	}
	l.stop(syscall.SIGTERM)
	if log, ok := l.cmd.Stderr.(*bytes.Buffer); !ok || log.Len() > 0 && slices.ContainsFunc(words, func(word string) bool { return strings.Contains(log.String(), word) }) {
		t.Errorf("the log tells it: %s", log)
	}
}

// everything is what people of some roles can read of a run, by role and address.
func everything(t *testing.T, l *laboratory, run string) map[string]string {
	t.Helper()
	first, err := l.as("manager").Records(t.Context(), run, 0, record.RunLaunched)
	if err != nil || len(first) == 0 {
		t.Fatalf("the launch is %v, %v", first, err)
	}
	var launch record.Launch
	if err := json.Unmarshal(first[0].Record.Body, &launch); err != nil {
		t.Fatal(err)
	}
	skip := []string{"/protocols", "/runs/new", "/runs?", "/logout", "/static", "/api/v1/runs/" + run + "/export"}
	for _, a := range []record.Artifact{launch.Protocol, launch.Document} { // whoever reads the protocol knows its groups, and no code
		skip = append(skip, "/artifacts/"+a.SHA256, "/api/v1/artifacts/"+a.SHA256)
	}
	said := map[string]string{}
	for _, role := range []string{"technician", "reviewer", "auditor"} {
		for address, body := range visit(t, l, role, skip, starts(run)...) {
			said[role+" "+address] = body
		}
	}
	return said
}

// visit is what a person of a role reads from some addresses on.
func visit(t *testing.T, l *laboratory, role string, skip []string, from ...string) map[string]string {
	t.Helper()
	at, err := url.Parse(l.server.API)
	if err != nil {
		t.Fatal(err)
	}
	token, err := client.FindToken(l.data, role)
	if err != nil {
		t.Fatal(err)
	}
	v := visitor{t: t, host: at.Scheme + "://" + at.Host, token: token, skip: skip, seen: map[string]string{}}
	v.read(from...)
	return v.seen
}

// starts are the addresses that a visit begins with.
func starts(run string) []string {
	all := []string{"/tasks?who=all", "/lots", "/donors", "/artifacts", "/api/v1/runs", "/api/v1/tasks", "/api/v1/lots", "/api/v1/artifacts", "/api/v1/runs/" + run}
	for _, part := range []string{"", "/review", "/review?at=40", "/events", "/events?as=csv", "/results", "/labels", "/report"} {
		all = append(all, "/runs/"+run+part)
	}
	for _, part := range []string{"/records", "/plates", "/report", "/results", "/events"} {
		all = append(all, "/api/v1/runs/"+run+part)
	}
	return all
}

// seedOf is what the layouts were drawn from: known when the key is opened.
func seedOf(t *testing.T, r *robot) string {
	t.Helper()
	bundle := filepath.Join(t.TempDir(), "bundle")
	mustRun(t, "run", "export", r.run, "--data", r.l.data, "--out", bundle)
	var secret activities.Secret
	for _, rec := range records(t, bundle) {
		if rec.Kind != record.KeyOpened {
			continue
		}
		body, err := record.Read[record.Opened](rec)
		if err != nil {
			t.Fatal(err)
		}
		artifactOf(t, bundle, body.Key, &secret)
	}
	if len(secret.Drawing.Seed) != 64 { // hex of 32 bytes
		t.Fatalf("the seed is %q", secret.Drawing.Seed)
	}
	return secret.Drawing.Seed
}
