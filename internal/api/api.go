// Package api serves the laboratory over HTTP under /api/v1: each handler
// decodes, calls one method of package lab, and renders a message of package
// client. Errors are problems of RFC 9457.
//
// # Guards
//
// Every request needs a bearer token but /health, and /password, which takes a
// one-time link. A command needs a UUID in the header Idempotency-Key. Bodies are
// bounded and never multipart: an upload is the raw bytes of one file, of
// announced length. Only requests that name this server in their Host header, and
// none from a foreign page, are answered, so that a web site cannot reach a
// server on its reader's machine.
package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"secretome/internal/fault"
	"secretome/internal/lab"
)

// The limits on what is read from a request.
const (
	MaxMessage = 1 << 20 // bytes of a JSON message
	MaxUpload  = 2 << 30 // bytes of one file
)

// Options is what the API needs to know beside the laboratory.
type Options struct {
	Log     zerolog.Logger
	Version string
	Hosts   []string // further names by which this server may be called; loopback always is

	Requests string // file in which request IDs are remembered; empty: in memory only
}

type api struct {
	Options
	lab      *lab.Lab
	requests *requests
}

// New returns the handler of /api/v1, and of the page /api that tells of it.
func New(l *lab.Lab, o Options) http.Handler {
	a := &api{lab: l, Options: o}
	var err error
	if a.requests, err = openRequests(o.Requests); err != nil {
		o.Log.Warn().Err(err).Msg("request IDs are remembered until this server stops, and no longer")
	}
	mux := http.NewServeMux()
	for pattern, h := range a.open() {
		mux.HandleFunc(pattern, h)
	}
	for _, rt := range a.routes() {
		mux.HandleFunc(rt.method+" "+prefix+rt.path, a.signedIn(rt))
	}
	foreign := http.NewCrossOriginProtection()
	foreign.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.fail(w, r, fault.New(fault.Forbidden, "a page of another site may not do this"))
	}))
	return a.logged(a.local(a.addressed(foreign.Handler(a.reached(mux)))))
}

// reached answers in our own words where the router has no route.
func (a *api) reached(mux *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !matches(mux, r) {
			a.nothing(w, r, mux)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// matches reports whether a route answers a request itself: the router would lead
// on from the folder of a path that takes the rest, and nothing is there.
func matches(mux *http.ServeMux, r *http.Request) bool {
	_, pattern := mux.Handler(r)
	_, path, _ := strings.Cut(pattern, " ")
	root, _, rest := strings.Cut(path, "{")
	return pattern != "" && (!rest || !strings.Contains(path, "...}") || strings.HasPrefix(r.URL.Path, root))
}

// Server returns a server for a handler, with limits on how long a client may
// take. Uploads and answers have none but those of their own requests.
func Server(h http.Handler, log zerolog.Logger) *http.Server {
	const (
		headers = 10 * time.Second
		idle    = 2 * time.Minute
		most    = 4 * mostHeaders // what is above mostHeaders is refused in words, what is above this without
	)
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headers, IdleTimeout: idle, MaxHeaderBytes: most,
		BaseContext: func(net.Listener) context.Context { return log.WithContext(context.Background()) },
	}
}

// answerWithin is how long a question or command may take.
const answerWithin = 2 * time.Minute

// logged writes one line for each request: never a payload, a token or a query.
func (a *api) logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		log := a.Log.With().Str("method", r.Method).Str("path", r.URL.Path).Logger()
		counted := &counter{ResponseWriter: w, status: http.StatusOK}
		ctx := log.WithContext(r.Context())
		defer func() {
			zerolog.Ctx(ctx).Debug().Int("status", counted.status).Int64("bytes", counted.bytes).Dur("took", time.Since(began)).Msg("request answered")
		}()
		defer a.recovered(counted, r.WithContext(ctx))
		next.ServeHTTP(counted, r.WithContext(ctx))
	})
}

// recovered answers where the code that should have answered broke down: the log
// has why, the answer a reference to it.
func (a *api) recovered(w *counter, r *http.Request) {
	broken := recover()
	if broken == nil {
		return
	}
	if err, ok := broken.(error); ok && errors.Is(err, http.ErrAbortHandler) || w.begun {
		panic(http.ErrAbortHandler) // the answer is under way: it breaks off
	}
	a.fail(w, r, fmt.Errorf("panic: %v", broken))
}

// counter remembers what was answered.
type counter struct {
	http.ResponseWriter
	begun  bool
	status int
	bytes  int64
}

func (c *counter) WriteHeader(status int) {
	c.status, c.begun = status, true
	c.ResponseWriter.WriteHeader(status)
}

func (c *counter) Write(b []byte) (int, error) {
	c.begun = true
	n, err := c.ResponseWriter.Write(b)
	c.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (c *counter) Unwrap() http.ResponseWriter { return c.ResponseWriter }
