package api

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"

	"github.com/rs/zerolog"

	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/record"
)

// message reads a JSON body of bounded size. Unknown fields are refused: a
// mistyped one would otherwise be a value silently lost.
func message[T any](w http.ResponseWriter, r *http.Request) (T, error) {
	var m T
	if media, _, _ := strings.Cut(r.Header.Get("Content-Type"), ";"); media != "application/json" {
		return m, fault.New(fault.Usage, "the body is %q, not application/json", media).Field("Content-Type")
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, MaxMessage))
	d.DisallowUnknownFields()
	err := d.Decode(&m)
	if err == nil && d.More() {
		return m, fault.New(fault.Invalid, "there is more than one JSON value in the body")
	}
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return m, fault.New(fault.Invalid, "the message is larger than %d bytes", MaxMessage).Try("send large files as uploads")
	}
	if err != nil {
		return m, fault.Wrap(err, fault.Invalid, "the body is no such message: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	return m, nil
}

// render answers with a message.
func render(w http.ResponseWriter, status int, m any) error {
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(append(data, '\n')) // who asked has gone: nobody is left to tell
	return nil
}

// send answers with bytes of known size. What breaks off in the middle breaks
// the connection, so that nobody takes a part for the whole.
func send(w http.ResponseWriter, r *http.Request, a record.Artifact, data io.ReadCloser) error {
	defer data.Close()
	h := w.Header()
	h.Set("Content-Type", a.MediaType)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Security-Policy", "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:")
	h.Set("Cache-Control", "no-store")
	return pour(w, r, func(w io.Writer) error {
		_, err := io.Copy(w, data)
		return err
	})
}

// pour writes a body that may fail on the way. A failure before the first byte
// is a problem; a later one ends the connection.
func pour(w http.ResponseWriter, r *http.Request, write func(io.Writer) error) error {
	first := &begun{w: w}
	err := write(first)
	if err == nil || !first.yes {
		return err
	}
	zerolog.Ctx(r.Context()).Error().Err(err).Msg("answer broken off")
	panic(http.ErrAbortHandler)
}

type begun struct {
	w   io.Writer
	yes bool
}

func (b *begun) Write(p []byte) (int, error) {
	b.yes = true
	return b.w.Write(p)
}

// fail answers with a problem. What is a bug is logged in full under a
// reference, and the answer names only that.
func (a *api) fail(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		return // who asked has gone
	}
	p := client.ProblemOf(err)
	if p.Status == http.StatusForbidden && w.Header().Get("WWW-Authenticate") != "" {
		p.Status = http.StatusUnauthorized
	}
	log := zerolog.Ctx(r.Context())
	if p.Status >= http.StatusInternalServerError {
		const short = 18 // of a UUIDv7: the time, to the millisecond, and some randomness
		p.Ref = client.NewRequest()[:short]
		log.Error().Err(err).Str("ref", p.Ref).Msg("request failed")
	} else {
		log.Debug().Str("kind", p.Kind).Msg("request refused")
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(p.Status)
	_ = json.NewEncoder(w).Encode(p) // who asked has gone: nobody is left to tell
}

// nothing answers where there is nothing.
func (a *api) nothing(w http.ResponseWriter, r *http.Request) {
	a.fail(w, r, fault.New(fault.NotFound, "there is nothing at %s %s", r.Method, r.URL.Path))
}
