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
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/lab"
	"secretome/internal/record"
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
}

type api struct {
	lab *lab.Lab
	Options
}

// New returns the handler of /api/v1.
func New(l *lab.Lab, o Options) http.Handler {
	a := &api{l, o}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /api/v1/health", a.health)
	mux.HandleFunc("POST /api/v1/password", a.setPassword)
	for pattern, h := range a.routes() {
		mux.HandleFunc(pattern, a.signedIn(h))
	}
	mux.HandleFunc("/", a.nothing)
	foreign := http.NewCrossOriginProtection()
	foreign.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a.fail(w, r, fault.New(fault.Forbidden, "a page of another site may not do this"))
	}))
	return a.logged(a.local(foreign.Handler(mux)))
}

// handler answers one request of a person.
type handler func(w http.ResponseWriter, r *http.Request, who record.Actor) error

func (a *api) routes() map[string]handler {
	return map[string]handler{
		"GET /api/v1/me":                     a.me,
		"GET /api/v1/runs":                   a.runs,
		"POST /api/v1/runs":                  a.launch,
		"GET /api/v1/runs/{run}":             a.run,
		"GET /api/v1/runs/{run}/records":     a.records,
		"GET /api/v1/runs/{run}/report":      a.report,
		"GET /api/v1/runs/{run}/export":      a.export,
		"GET /api/v1/runs/{run}/plates":      a.plates,
		"POST /api/v1/runs/{run}/control":    a.control,
		"GET /api/v1/lots":                   a.lots,
		"GET /api/v1/lots/{barcode}":         a.lot,
		"POST /api/v1/lots/{barcode}":        a.actOnLot,
		"POST /api/v1/lots/{barcode}/recall": a.recall,
		"GET /api/v1/lots/{barcode}/custody": a.custody,
		"GET /api/v1/places":                 a.places,
		"GET /api/v1/places/{place}":         a.place,
		"POST /api/v1/places/{place}":        a.logPlace,
		"POST /api/v1/keys/{task...}":        a.readKey,
		"GET /api/v1/tasks":                  a.tasks,
		"GET /api/v1/tasks/{task...}":        a.task,
		"POST /api/v1/tasks/{task...}":       a.act,
		"GET /api/v1/artifacts":              a.artifacts,
		"POST /api/v1/artifacts":             a.upload,
		"POST /api/v1/artifacts/verify":      a.verify,
		"GET /api/v1/artifacts/{sha256}":     a.artifact,
		"GET /api/v1/lineage/{hash}":         a.lineage,
		"GET /api/v1/people":                 a.people,
		"POST /api/v1/people":                a.addPerson,
		"POST /api/v1/people/{name}":         a.actOnPerson,
		"GET /api/v1/people/{name}/tokens":   a.tokens,
		"POST /api/v1/people/{name}/tokens":  a.newToken,

		"POST /api/v1/people/{name}/tokens/{id}/revoke": a.revokeToken,
	}
}

// Server returns a server for a handler, with limits on how long a client may
// take. Uploads and answers have none but those of their own requests.
func Server(h http.Handler, log zerolog.Logger) *http.Server {
	const (
		headers = 10 * time.Second
		idle    = 2 * time.Minute
		most    = 64 << 10
	)
	return &http.Server{
		Handler: h, ReadHeaderTimeout: headers, IdleTimeout: idle, MaxHeaderBytes: most,
		BaseContext: func(net.Listener) context.Context { return log.WithContext(context.Background()) },
	}
}

// answerWithin is how long a question or command may take.
const answerWithin = 2 * time.Minute

// signedIn asks for a token, and for a request ID where something is commanded.
func (a *api) signedIn(h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		access, err := a.lab.Identify(r.Context(), token)
		if err != nil {
			if fault.Is(err, fault.Forbidden) {
				w.Header().Set("WWW-Authenticate", `Bearer realm="secretome"`)
			}
			a.fail(w, r, err)
			return
		}
		if err := access.May(needed(r)); err != nil {
			a.fail(w, r, err)
			return
		}
		who := access.Who
		if r.Method != http.MethodGet && r.Method != http.MethodHead && uuid.Validate(r.Header.Get(client.KeyHeader)) != nil {
			a.fail(w, r, fault.New(fault.Usage, "the header %s is missing or no UUID", client.KeyHeader).Try("make one for each command, and keep it when the command is sent again"))
			return
		}
		zerolog.Ctx(r.Context()).UpdateContext(func(c zerolog.Context) zerolog.Context { return c.Str("by", who.Name) })
		if err := h(w, r, who); err != nil {
			a.fail(w, r, err)
		}
	}
}

// local answers only requests that are meant for this server.
func (a *api) local(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		host = strings.Trim(host, "[]")
		ip := net.ParseIP(host)
		if host == "localhost" || (ip != nil && ip.IsLoopback()) || slices.Contains(a.Hosts, host) {
			next.ServeHTTP(w, r)
			return
		}
		a.fail(w, r, fault.New(fault.Forbidden, "this server is not called %q", host).Try("use its own address, or start it with that name"))
	})
}

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
		next.ServeHTTP(counted, r.WithContext(ctx))
	})
}

// counter remembers what was answered.
type counter struct {
	http.ResponseWriter
	status int
	bytes  int64
}

func (c *counter) WriteHeader(status int) {
	c.status = status
	c.ResponseWriter.WriteHeader(status)
}

func (c *counter) Write(b []byte) (int, error) {
	n, err := c.ResponseWriter.Write(b)
	c.bytes += int64(n)
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (c *counter) Unwrap() http.ResponseWriter { return c.ResponseWriter }
