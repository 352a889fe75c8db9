package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"secretome/internal/client"
	"secretome/internal/fault"
)

// refusal is a fault that is told with a status of its own, and with what is
// known of the place in the request.
type refusal struct {
	fault  *fault.Fault
	status int
	header http.Header // beside the problem; nil for none
	detail client.Detail

	version int64 // that there is now; 0: none is told
}

// Error returns the sentence of the fault.
func (r *refusal) Error() string { return r.fault.Error() }

// Unwrap returns the fault.
func (r *refusal) Unwrap() error { return r.fault }

// mediaType refuses a body of another type.
func mediaType(got, want string) error {
	f := fault.New(fault.Usage, "the body is %q, not %s", got, want).Field("Content-Type").Try("send it as %s", want)
	return &refusal{fault: f, status: http.StatusUnsupportedMediaType, header: http.Header{"Accept": {want}}, detail: client.Detail{Got: got}}
}

// tooLarge refuses more bytes than are read.
func tooLarge(format string, args ...any) error {
	f := fault.New(fault.Invalid, format, args...).Try("send large files as uploads")
	return &refusal{fault: f, status: http.StatusRequestEntityTooLarge}
}

// parameter refuses a value of the query.
func parameter(name, got, format string, args ...any) *refusal {
	f := fault.New(fault.Usage, format, args...).Field(name)
	return &refusal{fault: f, status: http.StatusBadRequest, detail: client.Detail{Got: got}}
}

// titles name the statuses that no kind of fault has, as types of problems.
func titles(status int) (kind, title string) {
	switch status {
	case http.StatusUnauthorized:
		return "unauthorized", "Nobody is signed in"
	case http.StatusMethodNotAllowed:
		return "method-not-allowed", "This address does not take that method"
	case http.StatusPreconditionFailed:
		return "precondition-failed", "It has changed since it was read"
	case http.StatusRequestEntityTooLarge:
		return "too-large", "The body is too large"
	case http.StatusUnsupportedMediaType:
		return "media-type", "The body is of another type"
	case http.StatusMisdirectedRequest:
		return "misdirected", "This server has another name"
	case http.StatusRequestHeaderFieldsTooLarge:
		return "headers-too-large", "The headers are too large"
	case http.StatusTooManyRequests:
		return "too-many", "Too many requests"
	}
	return "", ""
}

// problemOf says in a problem what err says.
func problemOf(err error) client.Problem {
	p := client.ProblemOf(err)
	special, ok := errors.AsType[*refusal](err)
	if !ok {
		return p
	}
	p.Status, p.Version = special.status, special.version
	if d := special.detail; len(p.Errors) > 0 {
		p.Errors[0].Pointer, p.Errors[0].Got, p.Errors[0].Offset = d.Pointer, d.Got, d.Offset
	}
	return p
}

// fail answers with a problem. What is a bug is logged in full under a
// reference, and the answer names only that.
func (a *api) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // who asked has gone
	}
	p := problemOf(err)
	if p.Status == http.StatusForbidden && w.Header().Get("WWW-Authenticate") != "" {
		p.Status = http.StatusUnauthorized
	}
	if kind, title := titles(p.Status); kind != "" {
		p.Type, p.Title = "urn:secretome:"+kind, title
	}
	if special, ok := errors.AsType[*refusal](err); ok {
		for name, values := range special.header {
			w.Header()[name] = values
		}
	}
	p.RequestID = requestOf(r)
	log := zerolog.Ctx(r.Context())
	if p.Status >= http.StatusInternalServerError {
		const short = 18 // of a UUIDv7: the time, to the millisecond, and some randomness
		p.Ref = client.NewRequest()[:short]
		log.Error().Err(err).Str("ref", p.Ref).Str("request", p.RequestID).Msg("request failed")
	} else {
		log.Debug().Str("kind", p.Kind).Int("refused", p.Status).Str("request", p.RequestID).Msg("request refused")
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Cache-Control", "no-store")
	for _, name := range []string{"Content-Disposition", "ETag", "Content-Security-Policy"} {
		h.Del(name) // of the answer that it did not become
	}
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // who asked has gone: nobody is left to tell
}

// requestOf is by which ID a request can be talked about: the command's own, else
// a new one.
func requestOf(r *http.Request) string {
	if id := r.Header.Get(client.KeyHeader); uuid.Validate(id) == nil {
		return id
	}
	return client.NewRequest()
}

// nothing answers where there is nothing: at an address that knows other methods
// it names them.
func (a *api) nothing(w http.ResponseWriter, r *http.Request, mux *http.ServeMux) {
	var known []string
	for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete} {
		other := r.Clone(r.Context())
		other.Method = method
		if matches(mux, other) {
			known = append(known, method)
		}
	}
	if len(known) == 0 {
		a.fail(w, r, fault.New(fault.NotFound, "there is nothing at %s %s", r.Method, shown(r.URL.Path)))
		return
	}
	f := fault.New(fault.Usage, "%s does not take %s", r.URL.Path, r.Method).Try("it takes: %s", strings.Join(known, ", "))
	a.fail(w, r, &refusal{fault: f, status: http.StatusMethodNotAllowed, header: http.Header{"Allow": {strings.Join(known, ", ")}}})
}
