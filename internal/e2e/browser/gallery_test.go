package browser

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/page"
)

// scene is one page in one state, as one person sees it. The judge looks at each
// at three sizes, light and dark.
type scene struct {
	name   string
	who    string // nobody where empty
	path   string
	form   url.Values // sent to the page; nil: it is only looked at
	status int        // 0 is 200
}

// widths are those of a phone, a tablet and a desk, in px.
var widths = []screen{{width: 390, height: 844, touch: true}, {width: 820, height: 1180, touch: true}, {width: 1440, height: 900}}

// look opens a scene at every width, and says what is wrong with it.
func (g *gallery) look(t *testing.T, n int, s scene) {
	t.Helper()
	b := g.tab(t, s.who)
	for _, w := range widths {
		b.show(w)
		b.visit(g.door(s.who).path(n, s))
		const sound = `({
  Heads: document.querySelectorAll("h1").length,
  Over: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  Status: performance.getEntriesByType("navigation")[0].responseStatus,
  Said: (document.querySelector("h1") || {}).innerText || "",
})`
		got, err := ask[struct {
			Heads, Over, Status int
			Said                string
		}](b, sound)
		switch {
		case err != nil:
			t.Errorf("%s: %v", s.name, err)
		case got.Status != http.StatusOK:
			t.Errorf("%s: %s is answered with %d: %s", s.name, s.path, got.Status, got.Said)
		case got.Heads != 1:
			t.Errorf("%s has %d heads of the first order", s.name, got.Heads)
		case got.Over > 1:
			t.Errorf("%s scrolls sideways by %d px at %d", s.name, got.Over, w.width)
		}
		g.shoot(t, b, s, w)
	}
}

// shoot writes a scene as pictures, light and dark, where they are asked for.
func (g *gallery) shoot(t *testing.T, b *tab, s scene, w screen) {
	t.Helper()
	dir := os.Getenv("SECRETOME_SHOTS")
	if dir == "" {
		return
	}
	for _, w.dark = range []bool{false, true} {
		b.show(w)
		name := fmt.Sprintf("%s-%d-%s.png", s.name, w.width, map[bool]string{false: "light", true: "dark"}[w.dark])
		if err := os.WriteFile(filepath.Join(dir, name), b.picture(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// picture is what the screen shows, as PNG.
func (b *tab) picture() []byte {
	b.t.Helper()
	return try(b, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng}).Data
}

func TestEveryPageInEveryStateIsSound(t *testing.T) {
	if _, err := os.Stat(validate); err == nil && os.Getenv("SECRETOME_SHOTS") == "" {
		t.Skip("the judge looks at every page, at the same widths")
	}
	g := hang(t)
	for n, s := range g.scenes {
		g.look(t, n, s)
	}
	t.Logf("%d pages were looked at, at %d widths each", len(g.scenes), len(widths))
}

// routes are the addresses of all pages, read from the code that serves them.
func routes(t *testing.T) (*http.ServeMux, map[string]bool) {
	t.Helper()
	mux, pattern := http.NewServeMux(), regexp.MustCompile(`"GET (/[^"]*)"`)
	files, err := filepath.Glob("../../web/*.go")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		code, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range pattern.FindAllStringSubmatch(string(code), -1) {
			if _, known := seen[m[1]]; !known && !strings.HasSuffix(file, "_test.go") {
				seen[m[1]] = false
				mux.Handle("GET "+m[1], http.NotFoundHandler())
			}
		}
	}
	return mux, seen
}

// route is the address that shows a scene.
func (s scene) route(t *testing.T, mux *http.ServeMux) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://lab"+s.path, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, p := mux.Handler(r)
	return strings.TrimPrefix(p, "GET ")
}

// A page of which the gallery has no picture is judged by nobody.
func TestTheGalleryHasEveryPage(t *testing.T) {
	g := hang(t)
	mux, seen := routes(t)
	for _, s := range g.scenes {
		seen[s.route(t, mux)] = true
	}
	for p, hung := range seen {
		if !hung && !slices.Contains(noPages, p) {
			t.Errorf("the gallery has no picture of %s", p)
		}
	}
}

// noPages answer with something else than a page, or only lead on to one.
var noPages = []string{"/static/", "/{$}", "/artifacts/{sha256}/raw", "/events", "/s/{scan...}", "/uploads/{id}", "/setup/{link}"}

// validate is the judge: beside the repository, not part of it.
const validate = "../../../../shared/validators/validate"

// judged is what the judge says of one page.
type judged struct {
	Path     string
	Valid    *bool
	Findings []struct{ Level, Node, Message string }
}

func TestTheJudgeFindsNothing(t *testing.T) {
	which := os.Getenv("SECRETOME_JUDGE")
	if which == "" {
		t.Skip("set SECRETOME_JUDGE to all, to first, or to names of scenes with commas between, to have pages judged: all take a quarter of an hour")
	}
	if _, err := os.Stat(validate); err != nil {
		missing(t, "the validators are not here: "+validate)
	}
	g := hang(t)
	names := map[string]string{}
	var addresses [4][]string // a judge waits for its browser most of the time
	mux, seen := routes(t)
	named := strings.Split(which, ",")
	clear(seen)
	for n, s := range g.scenes {
		if which == "first" && s.form == nil { // each page in its first state, and each refused form
			route := s.route(t, mux)
			if seen[route] {
				continue
			}
			seen[route] = true
		} else if which != "first" && which != "all" && !slices.Contains(named, s.name) {
			continue
		}
		at := g.door(s.who).server.URL + g.door(s.who).path(n, s)
		names[at] = s.name
		addresses[len(names)%len(addresses)] = append(addresses[len(names)%len(addresses)], at)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	findings := 0
	for _, some := range addresses {
		all.Go(func() {
			said, err := judge(t.Context(), some)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			}
			for _, j := range said {
				if j.Valid == nil {
					t.Errorf("%s was not judged", names[j.Path])
				}
				for _, f := range j.Findings {
					findings++
					t.Errorf("%s (%s): %s %s: %s", names[j.Path], j.Path, f.Level, f.Node, f.Message)
				}
			}
		})
	}
	all.Wait()
	t.Logf("%d pages × 6 looks were judged, of %d in the gallery: %d findings", len(names), len(g.scenes), findings)
}

// judge has pages judged, one after the other.
func judge(ctx context.Context, addresses []string) ([]judged, error) {
	var out, complaint bytes.Buffer
	cmd := exec.CommandContext(ctx, validate, append([]string{"page", "--level", "should", "--json"}, addresses...)...)
	cmd.Stdout, cmd.Stderr = &out, &complaint
	if browser, err := browserFile(); err == nil {
		cmd.Env = append(os.Environ(), "CHROMIUM="+browser)
	}
	if err := cmd.Run(); err != nil {
		if exit, ok := errors.AsType[*exec.ExitError](err); !ok || exit.ExitCode() != 1 { // 1: there are findings
			return nil, fmt.Errorf("%w: %s", err, complaint.String())
		}
	}
	var all []judged
	for d := json.NewDecoder(&out); ; {
		var j judged
		err := d.Decode(&j)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, j)
	}
}
