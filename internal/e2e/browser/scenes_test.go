package browser

import (
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"secretome/internal/client"
	"secretome/internal/record"
	runs "secretome/internal/run"
	"secretome/internal/task"
)

// The people of the demonstration.
const (
	karin  = "Karin Lund"    // manager
	mara   = "Mara Thiel"    // technician
	jonas  = "Jonas Weber"   // technician
	aiko   = "Aiko Vogt"     // reviewer
	tomasz = "Tomasz Brandt" // quality
	admin  = "operator"      // administrator
)

// gallery is a laboratory with a run in every state, and what is to be seen there.
type gallery struct {
	*laboratory
	bare   *laboratory // another one, in which nothing was done yet
	scenes []scene
	doors  map[string]*door
	tabs   map[string]*tab
}

// hang gives the gallery that all tests share.
func hang(t *testing.T) *gallery {
	t.Helper()
	if testing.Short() {
		t.Skip("the demonstration has to be played first")
	}
	if _, err := chromium(); err != nil {
		missing(t, fmt.Sprintf("there is no Chromium here: apt-get install chromium (%v)", err))
	}
	g, err := hung()
	if err != nil {
		t.Fatal(err)
	}
	g.t, g.bare.t = t, t
	if g.scenes == nil {
		g.paint()
	}
	g.tabs = map[string]*tab{}
	return g
}

// hung starts the two laboratories of the gallery.
var hung = sync.OnceValues(func() (*gallery, error) {
	dir, err := os.MkdirTemp("", "secretome-gallery-")
	if err != nil {
		return nil, err
	}
	atClosing(func() { _ = os.RemoveAll(dir) })
	if err := played(filepath.Join(dir, "demo")); err != nil {
		return nil, err
	}
	g := &gallery{doors: map[string]*door{}}
	for name, l := range map[string]**laboratory{"demo": &g.laboratory, "bare": &g.bare} {
		made, stop, err := start(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		atClosing(stop)
		*l = made
	}
	g.cast = map[string]string{"manager": karin, "technician": mara, "quality": tomasz, "reviewer": aiko}
	return g, nil
})

// door is where a person sees the laboratory.
func (g *gallery) door(who string) *door {
	if g.doors[who] == nil {
		l, name := g.laboratory, who
		if bare, ok := strings.CutPrefix(who, "bare "); ok {
			l, name = g.bare, bare
		}
		g.doors[who] = newDoor(g.t, l, name, g.scenes)
	}
	return g.doors[who]
}

// tab is a person's browser, for one test.
func (g *gallery) tab(t *testing.T, who string) *tab {
	t.Helper()
	if g.tabs[who] == nil {
		g.tabs[who] = open(t, g.door(who).server.URL, widths[0])
	}
	return g.tabs[who]
}

// add hangs pages that somebody sees.
func (g *gallery) add(who string, pages ...string) {
	for i := 0; i+1 < len(pages); i += 2 {
		g.scenes = append(g.scenes, scene{name: pages[i], who: who, path: pages[i+1]})
	}
}

// refused hangs the answer to a form that cannot be taken.
func (g *gallery) refused(name, who, path string, status int, form ...string) {
	f := url.Values{"request": {client.NewRequest()}}
	for i := 0; i+1 < len(form); i += 2 {
		f.Set(form[i], form[i+1])
	}
	g.scenes = append(g.scenes, scene{name: name, who: who, path: path, form: f, status: status})
}

// paint brings runs into every state and lists what is to be seen.
func (g *gallery) paint() {
	g.t.Helper()
	g.doorsAndPeople()
	g.finished("/runs/UCM-2026-001")
	g.bench()
	g.underWay()
	g.blinded()
	g.launch()
	g.rooms()
	g.add("bare technician", "tasks-empty", "/tasks")
	g.add("bare manager", "runs-empty", "/runs", "decisions-empty", "/decisions", "lots-empty", "/lots", "artifacts-empty", "/artifacts", "launch-empty", "/runs/new", "places-empty", "/places")
	g.scenes = append(g.scenes, scene{name: "not-found", who: karin, path: "/nothing/here", status: http.StatusNotFound},
		scene{name: "not-allowed", who: mara, path: "/runs/new", status: http.StatusForbidden})
}

func (g *gallery) doorsAndPeople() {
	g.add("", "login", "/login")
	g.refused("login-refused", "", "/login", http.StatusForbidden, "name", karin, "password", "wrong")
	if at := setUpLink.FindString(g.bare.told.String()); at != "" {
		g.add("bare ", "setup", strings.TrimPrefix(at, g.bare.server.Web))
	}
	invited, err := g.as(admin).AddPerson(g.t.Context(), client.NewRequest(), client.NewPerson{Name: "Rafael Ortiz", Role: "reviewer", Email: "rafael@example.org"})
	if err != nil {
		g.t.Fatal(err)
	}
	g.add("", "link", "/link/"+invited.Link)
	g.add(admin, "people", "/people", "person", "/people/"+url.PathEscape(mara), "me", "/people/me", "workload", "/people/workload")
	g.add(karin, "people-manager", "/people")
	g.refused("people-refused", admin, "/people", http.StatusUnprocessableEntity, "name", "", "role", "manager")
}

// finished is the signed run of the demonstration.
func (g *gallery) finished(at string) {
	g.add(aiko, "review-signed", at+"/review", "replay", at+"/review?at=120", "results-final", at+"/results", "figure-final", at+"/results/viability",
		"events", at+"/events", "event", at+"/events/449", "artifacts", "/artifacts", "runs-review", "/runs?state=review")
	g.add(karin, "run-signed", at, "runs-all", "/runs?state=all", "labels", at+"/labels", "report", at+"/report", "stage-treatment", at+"/stages/treatment/cells")
	files, err := g.as(aiko).Artifacts(g.t.Context(), "UCM-2026-001")
	if err != nil {
		g.t.Fatal(err)
	}
	for _, f := range files {
		if slices.ContainsFunc(f.Names, func(name string) bool { return strings.HasSuffix(name, "1-1.txt") }) {
			g.add(aiko, "artifact-plate", "/artifacts/"+f.SHA256)
			break
		}
	}
	results, err := g.as(aiko).Records(g.t.Context(), "UCM-2026-001", 0, record.ResultComputed)
	if err != nil {
		g.t.Fatal(err)
	}
	for _, r := range results {
		if r.Record.Subject.Model == "cells" {
			g.add(aiko, "plate", fmt.Sprintf("%s/plates/%d", at, r.Record.Number))
			break
		}
	}
}

// short is a task's address.
func short(t client.Task) string { return "/tasks/" + strings.TrimPrefix(t.ID, "task/") }

// bench is the technician's page in its states.
func (g *gallery) bench() {
	r := launched(g.laboratory, journey, "Second cord").barcodes(21)
	receive := r.until("receive")
	g.add(mara, "tasks", "/tasks", "bench-unclaimed", short(receive)+"?look=1")
	other := launched(g.laboratory, journey, "Third cord").barcodes(22)
	mine := other.until("receive")
	at := short(mine)
	other.act(mara, mine, client.Act{Verb: task.Claim})
	other.act(mara, mine, client.Act{Verb: task.Step, Step: "donor", Entries: []record.Entry{{Field: "code", Value: "D-0022"}, {Field: "cord", Value: "UC-0022"}}})
	g.add(mara, "bench-step", at, "bench-look", at+"?step=donor", "bench-correct", at+"?do=correct&step=donor", "bench-deviate", at+"?do=deviate", "bench-note", at+"?do=note",
		"bench-hand-over", at+"?do=hand-over", "bench-skip", at+"?do=skip", "bench-release", at+"?do=release", "sheet", at+"/sheet", "tasks-mine", "/tasks?who=me", "tasks-all", "/tasks?who=all")
	g.add(jonas, "bench-of-another", at)
	g.refused("bench-refused", mara, at, http.StatusUnprocessableEntity, "do", "step", "step", "look", "e-temperature", "338", "e-colour", "")

	third := launched(g.laboratory, journey, "Fourth cord").barcodes(23)
	culture := third.until("culture")
	g.add(jonas, "bench-closed", short(client.Task{ID: strings.Replace(culture.ID, "/culture/", "/receive/", 1)}))
	third.act(jonas, culture, client.Act{Verb: task.Claim})
	g.add(jonas, "bench-scan", short(culture))
	fourth := launched(g.laboratory, journey, "Fifth cord").barcodes(24)
	checked := fourth.until("culture")
	fourth.act(jonas, checked, client.Act{Verb: task.Claim})
	fourth.act(jonas, checked, client.Act{Verb: task.Step, Step: "seed", Entries: []record.Entry{{Field: "vessel", Value: "CV-0024"}, {Field: "viability", Value: "97 %"}}})
	g.add(jonas, "bench-finish", short(checked), "bench-check", short(checked)+"?do=check&step=seed")
	file := launched(g.laboratory, journey, "Sixth cord").barcodes(25)
	read := file.until("read-plate")
	file.act(jonas, read, client.Act{Verb: task.Claim})
	g.add(jonas, "bench-file", short(read))
	g.add(karin, "results-waiting", "/runs/"+file.run+"/results", "figure-waiting", "/runs/"+file.run+"/results/viability", "run-under-way", "/runs/"+file.run, "stage", "/runs/"+file.run+"/stages/make-lot",
		"manage-assign", "/manage/assign/"+strings.TrimPrefix(read.ID, "task/"), "manage-cancel", "/manage/cancel/"+strings.TrimPrefix(read.ID, "task/"),
		"manage-hand-over", "/manage/hand-over/"+strings.TrimPrefix(read.ID, "task/"), "manage-repeat", "/manage/repeat/"+strings.TrimPrefix(read.ID, "task/"), "manage-skip", "/manage/skip/"+strings.TrimPrefix(read.ID, "task/"),
		"pause", "/runs/"+file.run+"/pause", "stop", "/runs/"+file.run+"/stop", "hold", "/runs/"+file.run+"/hold", "ask", "/runs/"+file.run+"/ask", "amend", "/runs/"+file.run+"/amend",
		"diff", "/runs/"+file.run+"/diff/UCM-2026-001")
	g.refused("pause-refused", karin, "/runs/"+file.run+"/pause", http.StatusUnprocessableEntity, "reason", "")
}

// underWay are runs that a manager or a reviewer has something to do with.
func (g *gallery) underWay() {
	blocked := launched(g.laboratory, journey, "A cord that came warm").barcodes(31)
	warm := blocked.until("receive")
	blocked.values["receive/look.temperature"] = "9.5 Cel"
	blocked.reasons["look"] = "the courier was late"
	blocked.do(warm)
	blocked.until("decide-deviation")
	g.add(karin, "runs", "/runs", "run-blocked", "/runs/"+blocked.run, "decisions", "/decisions", "decisions-of-a-run", "/decisions?run="+blocked.run)
	g.add(tomasz, "decisions-of-others", "/decisions")

	paused := launched(g.laboratory, journey, "A cord that waits").barcodes(32)
	paused.until("receive")
	paused.control(runs.Pause, "the incubator is being repaired")
	g.add(karin, "run-paused", "/runs/"+paused.run, "resume", "/runs/"+paused.run+"/resume")

	stopped := launched(g.laboratory, journey, "A cord that was lost").barcodes(33)
	stopped.until("receive")
	stopped.control(runs.Stop, "the courier lost it")
	eventually(g.t, "the end of the stopped run", func() bool {
		view, err := g.as(karin).Run(g.t.Context(), stopped.run)
		return err == nil && view.State != "running"
	})
	g.add(karin, "run-stopped", "/runs/"+stopped.run)

	ready := launched(g.laboratory, journey, "Seventh cord").barcodes(34)
	ready.apart["check-results"] = "Ines Okafor"
	ready.apart["look-at-lot"] = aiko
	ready.until("sign-report")
	g.add(aiko, "review-own", "/runs/"+ready.run+"/review", "results-preliminary", "/runs/"+ready.run+"/results")
}

// blinded is a run whose key is sealed, with a plate that was read.
func (g *gallery) blinded() {
	r := launched(g.laboratory, "../testdata/blind.yaml", "A blinded study")
	fill := r.until("fill-bottles")
	r.act(karin, fill, client.Act{Verb: task.Claim})
	g.add(karin, "key", short(fill)+"/key")
	sealed := launched(g.laboratory, "../testdata/blind.yaml", "A blinded study that is read")
	sealed.until("lock-data")
	results, err := g.as(mara).Records(g.t.Context(), sealed.run, 0, record.ResultComputed)
	if err != nil || len(results) == 0 {
		g.t.Fatalf("no plate of the blinded run was read: %v", err)
	}
	g.add(mara, "plate-sealed", fmt.Sprintf("/runs/%s/plates/%d", sealed.run, results[0].Record.Number), "results-sealed", "/runs/"+sealed.run+"/results")
}

// launch is a draft with its preview and its check.
func (g *gallery) launch() {
	document, err := os.ReadFile("../../../examples/compact.yaml")
	if err != nil {
		g.t.Fatal(err)
	}
	begun := g.post("/runs/new", g.session(karin), url.Values{"request": {client.NewRequest()}, "document": {string(document)}, "file": {"compact.yaml"}})
	draft := begun.Header.Get("Location")
	if draft == "" {
		g.t.Fatalf("no draft was begun: %s", begun.Status)
	}
	g.add(karin, "launch", "/runs/new", "launch-draft", draft, "launch-check", draft+"/check", "launch-document", draft+"/document")
	g.refused("launch-refused", karin, "/runs/new", http.StatusUnprocessableEntity, "document", "")
}

// rooms are lots, donors, protocols and places, and what is on every page.
func (g *gallery) rooms() {
	moved := client.LotAct{Verb: "move", Body: record.LotAct{Place: "FZ-80-2"}}
	if _, err := g.as(mara).ActOnLot(g.t.Context(), client.NewRequest(), "CM-UCM-2026-001", moved); err != nil {
		g.t.Fatal(err)
	}
	document, err := os.ReadFile(journey)
	if err != nil {
		g.t.Fatal(err)
	}
	second := strings.Replace(strings.Replace(string(document), `version: "1"`, `version: "2"`, 1), "nominal: 2 s, latest: 8 s", "nominal: 3 s, latest: 9 s", 1)
	if _, err := g.as(karin).Launch(g.t.Context(), client.NewRequest(), client.Launch{Document: second, Title: "The second version"}); err != nil {
		g.t.Fatal(err)
	}
	g.add(karin, "lots", "/lots", "lot", "/lots/CM-UCM-2026-001", "lot-label", "/lots/CM-UCM-2026-001/label", "lot-new", "/lots/new", "donor", "/donors/D-0031",
		"protocols", "/protocols", "protocol", "/protocols/JOURNEY/1", "protocol-diff", "/protocols/JOURNEY/diff?a=1&b=2", "places", "/places", "place", "/places/FZ-80-2",
		"search", "/search?q=cord", "search-nothing", "/search?q=nothing+is+called+so", "settings", "/settings", "help", "/help/keys")
	g.add(tomasz, "lot-quality", "/lots/CM-UCM-2026-001")
}
