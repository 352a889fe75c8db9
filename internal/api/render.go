package api

import (
	"encoding/json"
	"io"
	"net/http"

	"github.com/rs/zerolog"

	"secretome/internal/record"
)

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
