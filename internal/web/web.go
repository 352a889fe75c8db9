// Package web serves the laboratory's pages: the manager's board, the
// technician's bench, the reviewer's desk. Every page is complete HTML from the
// server; script adds timers, scanning and live updates, and nothing depends on
// it. Each handler decodes, calls package lab, and renders.
//
// # Guards
//
// A strict content security policy, no inline script and no request to another
// host; state is changed by POST only, never from another site, and answered by
// 303. Who is signed in is known by a cookie that script cannot read. What a role
// may do stands in package lab; the table of routes names the command of each.
package web

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"secretome/internal/fault"
	"secretome/internal/lab"
	"secretome/internal/record"
)

// Accounts signs people in and out.
type Accounts interface {
	// SignIn returns a token that is new each time and that [lab.Lab.Identify] knows.
	SignIn(ctx context.Context, name, password, from string) (token string, err error)
	// Check asks for a password again, as a signature or a second person needs it.
	Check(ctx context.Context, name, password, from string) (record.Actor, error)
	// SignInByBadge is SignIn for the code of a badge. What it begins is good for work
	// at the bench alone.
	SignInByBadge(ctx context.Context, badge, from string) (token string, err error)
	// CheckBadge returns whose badge it is, for a second person.
	CheckBadge(ctx context.Context, badge, from string) (record.Actor, error)
	// SignOut ends what SignIn began.
	SignOut(ctx context.Context, token string) error
}

// Guest is a person of a demonstration, who is signed in with one click.
type Guest struct {
	Name, Role, Token string
}

// Options is what the pages need to know beside the laboratory.
type Options struct {
	Log       zerolog.Logger
	Version   string
	Prefix    string         // path below which the pages are, "" or "/lab"
	Hosts     []string       // further names by which this server may be called; loopback always is
	Zone      *time.Location // lab time
	Secure    bool           // the pages are reached over TLS: the cookie goes nowhere else
	Forwarded bool           // a proxy stands before it, and says from where requests come
	Accounts  Accounts
	Guests    []Guest         // one click each; nil but for a demonstration on loopback
	Leaving   <-chan struct{} // closed when the server goes; nil: nobody waits for open streams

	// Uploads answers below /uploads, as the API does, for whoever is signed in;
	// nil where files come whole only.
	Uploads func(w http.ResponseWriter, r *http.Request, who record.Actor)
}

// Web are the pages.
type Web struct {
	Options
	lab     *lab.Lab
	views   views
	assets  assets
	mux     *http.ServeMux
	kept    keptForms
	secrets secrets
	live    *streams
	waits   waitings
	served  map[string]lab.Command // what each pattern needs
}

// route is one page or form: its pattern, who may use it, and what answers.
type route struct {
	pattern string      // of net/http, without the prefix
	needs   lab.Command // what it does; empty: open to everybody
	serve   func(*page) error
}

// New returns the handler of all pages.
func New(l *lab.Lab, o Options) http.Handler { return newWeb(l, o).handlers() }

func newWeb(l *lab.Lab, o Options) *Web {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	w := &Web{Options: o, lab: l, assets: newAssets(), live: newStreams(), served: map[string]lab.Command{}}
	w.views = newViews(w)
	return w
}

// handlers routes what is asked.
func (w *Web) handlers() http.Handler {
	mux := http.NewServeMux()
	w.mux = mux
	for _, r := range w.routes() {
		w.served[r.pattern] = r.needs
		mux.HandleFunc(r.pattern, w.handler(r))
	}
	mux.HandleFunc("GET /static/", w.static)
	mux.HandleFunc("/", w.handler(route{serve: notFound}))
	foreign := http.NewCrossOriginProtection()
	foreign.SetDenyHandler(w.handler(route{serve: func(*page) error {
		return fault.New(fault.Forbidden, "a page of another site may not do this").Try("open this page here and try again")
	}}))
	return w.guarded(w.below(foreign.Handler(mux)))
}

// below takes the prefix from the path of a request.
func (w *Web) below(next http.Handler) http.Handler {
	stripped := http.StripPrefix(w.Prefix, next)
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if w.Prefix != "" && (r.URL.Path == w.Prefix || r.URL.Path == "/") {
			http.Redirect(out, r, w.Prefix+"/", http.StatusFound)
			return
		}
		stripped.ServeHTTP(out, r)
	})
}

func notFound(p *page) error {
	return fault.New(fault.NotFound, "there is no page %s", p.r.URL.Path).Try("scan a label or search above, or begin at the list of runs")
}

// guarded answers only requests that are meant for this server, with the headers
// that every answer has.
func (w *Web) guarded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		h := out.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data: blob:; connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'; worker-src 'self'; media-src 'self' blob:")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "camera=(self), microphone=(), geolocation=()")
		if !w.local(r.Host) {
			http.Error(out, "this server is not called "+strconv.Quote(r.Host)+": use its own address, or start it with --host and that name", http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(out, r)
	})
}

func (w *Web) local(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.Trim(host, "[]"))
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback() || slices.Contains(w.Hosts, host)
}

// handler answers one route: signed in where it must be, and with a page that
// explains what went wrong.
func (w *Web) handler(r route) http.HandlerFunc {
	return func(out http.ResponseWriter, in *http.Request) {
		p := &page{Web: w, w: out, r: in, began: time.Now()}
		if err := p.identify(); err != nil {
			p.fail(err)
			return
		}
		if r.needs != "" && nobody(p.Who) {
			if err := p.askToSignIn(); err != nil {
				p.fail(err)
			}
			return
		}
		p.pickUp()
		p.marked()
		err := p.may(r.needs)
		if err == nil {
			err = r.serve(p)
		}
		if err != nil {
			p.fail(err)
		}
	}
}

// nobody is who has not signed in.
func nobody(a record.Actor) bool { return a.Name == "" }
