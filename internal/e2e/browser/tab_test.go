package browser

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// closeChromium ends the browser, if one was started.
var closeChromium = func() {}

// browserFile is the browser's program: without windows that nobody sees, where
// there is one, which is half the work.
func browserFile() (string, error) {
	path, err := exec.LookPath("chromium-headless-shell")
	if err != nil {
		path, err = exec.LookPath("chromium")
	}
	return path, err
}

// chromium is one browser for all tests, started when first asked for.
var chromium = sync.OnceValues(func() (context.Context, error) {
	path, err := browserFile()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "secretome-chromium-")
	if err != nil {
		return nil, err
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.UserDataDir(dir), chromedp.Env("LC_ALL=C.UTF-8"))
	all, stop := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, cancel := chromedp.NewContext(all)
	closeChromium = func() {
		cancel()
		stop()
		_ = os.RemoveAll(dir)
	}
	return ctx, chromedp.Do(ctx)
})

// screen is what a person looks at.
type screen struct {
	width, height int
	touch, dark   bool
}

// tab is one person's browser: its cookies are its own.
type tab struct {
	t   testing.TB
	ctx context.Context
	web string // where the pages are

	mu         sync.Mutex
	complaints []string // what the browser found wrong, in its words
	bytes      map[network.RequestID]sent
}

// sent is one request with what came over the network for it.
type sent struct {
	address string
	bytes   float64
	cached  bool
}

// open opens a browser of its own on a laboratory. Whatever the browser complains
// of until the test ends fails the test.
func open(t testing.TB, web string, s screen) *tab {
	t.Helper()
	parent, err := chromium()
	if err != nil {
		missing(t, fmt.Sprintf("there is no Chromium here: apt-get install chromium (%v)", err))
	}
	ctx, cancel := chromedp.NewContext(parent, chromedp.WithNewBrowserContext())
	b := &tab{t: t, ctx: ctx, web: web, bytes: map[network.RequestID]sent{}}
	t.Cleanup(func() {
		cancel()
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, c := range b.complaints {
			t.Errorf("the browser complains: %s", c)
		}
	})
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Listen(ctx, b.hear); err != nil {
		t.Fatal(err)
	}
	b.show(s)
	return b
}

// show sets the size of the screen, its pointer, and whether it is dark.
func (b *tab) show(s screen) {
	b.t.Helper()
	touches := int64(1)
	scheme := "light"
	if s.dark {
		scheme = "dark"
	}
	try(b, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: int64(s.width), Height: int64(s.height), DeviceScaleFactor: 1, Mobile: s.touch})
	try(b, emulation.SetTouchEmulationEnabled, emulation.SetTouchEmulationEnabledParams{Enabled: s.touch, MaxTouchPoints: touches})
	try(b, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
}

// hear keeps what the browser finds wrong, and how much came over the network.
func (b *tab) hear(ev any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := ev.(type) {
	case *runtime.EventExceptionThrown:
		d := e.ExceptionDetails
		what := d.Text
		if d.Exception != nil {
			what += ": " + d.Exception.Description
		}
		b.complaints = append(b.complaints, fmt.Sprintf("%s at %s:%d:%d", what, d.URL, d.LineNumber+1, d.ColumnNumber+1))
	case *cdplog.EventEntryAdded:
		// An answer that is no page, such as 403, is told as an error too: the pages of errors are asked for on purpose.
		if e.Entry.Level == "error" && e.Entry.Source != "network" {
			b.complaints = append(b.complaints, e.Entry.Text+" "+e.Entry.URL)
		}
	case *network.EventRequestWillBeSent:
		if u, err := url.Parse(e.Request.URL); err == nil && (u.Scheme == "http" || u.Scheme == "https") && !strings.HasPrefix(e.Request.URL, b.web) {
			b.complaints = append(b.complaints, "a request goes elsewhere: "+e.Request.URL)
		}
		b.bytes[e.RequestID] = sent{address: e.Request.URL}
	case *network.EventRequestServedFromCache:
		s := b.bytes[e.RequestID]
		s.cached = true
		b.bytes[e.RequestID] = s
	case *network.EventLoadingFinished:
		s := b.bytes[e.RequestID]
		s.bytes = e.EncodedDataLength
		b.bytes[e.RequestID] = s
	}
}

// patience is how long a browser on a busy machine may take for one thing.
const patience = 60 * time.Second

// try calls the browser, and ends the test if it does not answer.
func try[P, R any](b *tab, c cdp.Command[P, R], p P) R {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	r, err := chromedp.Call(ctx, c, p)
	if err != nil {
		b.t.Fatalf("%s: %v", c.Method, err)
	}
	return r
}

// ask evaluates a script in the page. It fails while a page is being left.
func ask[T any](b *tab, script string) (T, error) {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	return chromedp.Run(ctx, chromedp.Evaluate[T](script))
}

// visit goes to a page by its address.
func (b *tab) visit(path string) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, chromedp.Navigate(b.web+path)); err != nil {
		b.t.Fatalf("visit %s: %v", path, err)
	}
	b.arrive()
}

// leave marks the page that is seen, so that the next one can be told from it.
func (b *tab) leave() {
	b.t.Helper()
	if _, err := ask[bool](b, "window.seen = true"); err != nil {
		b.t.Fatal(err)
	}
}

// arrive waits until another page than the one that was left is there.
func (b *tab) arrive() {
	b.t.Helper()
	eventually(b.t, "the next page after "+b.where(), func() bool {
		there, err := ask[bool](b, `document.readyState === "complete" && !window.seen`)
		return err == nil && there
	})
}

// where is the path of the page.
func (b *tab) where() string {
	at, err := ask[string](b, "location.pathname + location.search")
	if err != nil {
		return "a page that is being left"
	}
	return at
}

// text is what a person reads on the page.
func (b *tab) text() string {
	s, _ := ask[string](b, `document.body.innerText.replace(/\u00a0/g, " ")`)
	return s
}

// see waits until words stand on the page.
func (b *tab) see(words ...string) {
	b.t.Helper()
	for _, w := range words {
		var at string
		for deadline := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
			if at = b.text(); strings.Contains(at, w) {
				break
			}
			if time.Now().After(deadline) {
				b.t.Fatalf("%s does not say %q, it says\n%s", b.where(), w, at)
			}
		}
	}
}

// reloadUntil loads the page again until words stand on it.
func (b *tab) reloadUntil(words string) {
	b.t.Helper()
	at := b.where()
	eventually(b.t, fmt.Sprintf("%q on %s", words, at), func() bool {
		if strings.Contains(b.text(), words) {
			return true
		}
		b.visit(at)
		return false
	})
}

// found is an element as the browser tells of it.
type found struct {
	role, name string
	node       cdp.BackendNodeID
	object     runtime.RemoteObjectID
}

// all lists the elements of a role that a screen reader is told of.
func (b *tab) all(role string) []found {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	document, err := chromedp.Call(ctx, runtime.Evaluate, runtime.EvaluateParams{Expression: "document"})
	if err != nil || document.Result == nil {
		return nil // the page is being left
	}
	tree, err := chromedp.Call(ctx, accessibility.QueryAXTree, accessibility.QueryAXTreeParams{ObjectID: document.Result.ObjectID, Role: role})
	if err != nil {
		return nil
	}
	var all []found
	for _, n := range tree.Nodes {
		var name string
		if n.Ignored || n.Name == nil || json.Unmarshal(n.Name.Value, &name) != nil {
			continue
		}
		all = append(all, found{role: role, name: strings.Join(strings.Fields(strings.ReplaceAll(name, "\u00a0", " ")), " "), node: n.BackendDOMNodeID})
	}
	return all
}

// begins reports whether a name begins with words, whatever their case.
// Words that begin with an ellipsis may stand anywhere in it.
func begins(name, words string) bool {
	if anywhere, ok := strings.CutPrefix(words, "… "); ok {
		return strings.Contains(name, anywhere)
	}
	return len(name) >= len(words) && strings.EqualFold(name[:len(words)], words)
}

// find waits for the element of a role and a name; else the first whose name
// begins with it.
func (b *tab) find(role, name string) found {
	b.t.Helper()
	var seen []string
	for deadline := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		all := b.all(role)
		seen = seen[:0]
		best := -1
		for i, f := range all {
			seen = append(seen, f.name)
			if strings.EqualFold(f.name, name) {
				best = i
				break
			}
			if best < 0 && begins(f.name, name) {
				best = i
			}
		}
		if best >= 0 {
			f := all[best]
			ctx, cancel := context.WithTimeout(b.ctx, patience)
			o, err := chromedp.Call(ctx, dom.ResolveNode, dom.ResolveNodeParams{BackendNodeID: f.node})
			cancel()
			if err == nil {
				f.object = o.Object.ObjectID
				return f
			}
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("%s has no %s called %q; it has %q and says\n%s", b.where(), role, name, seen, b.text())
		}
	}
}

// call calls a function on an element, and reads what it returns.
func call[T any](b *tab, f found, function string, args ...any) T {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.CallFunctionOn[T](function, func(p *runtime.CallFunctionOnParams) { p.ObjectID = f.object }, args...))
	if err != nil {
		b.t.Fatalf("%s %q: %v", f.role, f.name, err)
	}
	return v
}
