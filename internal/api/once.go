package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/record"
)

// requests remembers for which message each request ID was used, so that a second
// message under the same ID is refused and not answered with the first one's
// answer. That a command is done once does not hang on it: the logbooks see to
// that. It is kept in a file, as far back as [mostRequests], and may lose its last
// lines in a power cut.
type requests struct {
	mu   sync.Mutex
	of   map[uuid.UUID][sha256.Size]byte
	ids  []uuid.UUID // in the order in which they came
	file *os.File    // nil: in memory only
}

// mostRequests is how many IDs are remembered: a year of a busy laboratory.
const mostRequests = 1 << 17

// entryBytes is the size of one entry of the file: ID and hash. A hash of zeros
// takes the ID back.
const entryBytes = 16 + sha256.Size

// openRequests reads what is remembered at path; nothing is where it is empty.
func openRequests(path string) (*requests, error) {
	q := &requests{of: map[uuid.UUID][sha256.Size]byte{}}
	if path == "" {
		return q, nil
	}
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return q, fmt.Errorf("read the request IDs: %w", err)
	}
	data = data[max(0, len(data)/entryBytes-mostRequests)*entryBytes:]
	for len(data) >= entryBytes {
		q.note(uuid.UUID(data[:16]), [sha256.Size]byte(data[16:entryBytes]))
		data = data[entryBytes:]
	}
	var kept bytes.Buffer
	for _, id := range q.ids {
		if hash, ok := q.of[id]; ok {
			kept.Write(id[:])
			kept.Write(hash[:])
		}
	}
	const private = 0o600
	if err := os.WriteFile(path, kept.Bytes(), private); err != nil {
		return q, fmt.Errorf("keep the request IDs: %w", err)
	}
	q.file, err = os.OpenFile(path, os.O_APPEND|os.O_WRONLY, private)
	return q, err
}

// note takes an entry, and drops the oldest beyond the limit.
func (q *requests) note(id uuid.UUID, hash [sha256.Size]byte) {
	if hash == [sha256.Size]byte{} {
		delete(q.of, id)
		return
	}
	if _, known := q.of[id]; !known {
		q.ids = append(q.ids, id)
	}
	q.of[id] = hash
	for len(q.ids) > mostRequests {
		delete(q.of, q.ids[0])
		q.ids = q.ids[1:]
	}
}

func (q *requests) write(id uuid.UUID, hash [sha256.Size]byte) error {
	q.note(id, hash)
	if q.file == nil {
		return nil
	}
	_, err := q.file.Write(append(id[:], hash[:]...))
	return err
}

// once refuses a request ID that stands at another message, another address or
// another person.
func (a *api) once(r *http.Request, who record.Actor, message any) error {
	id, err := uuid.Parse(r.Header.Get(client.KeyHeader))
	if err != nil {
		return nil // what needs one says so itself
	}
	switch m := message.(type) {
	case client.Password:
		return nil // a secret leaves no trace here
	case client.Sign:
		m.Password = ""
		message = m
	case client.Launch:
		if m.Rehearsal {
			m.Speed = 0 // a rehearsal goes on at whatever speed it is started again
		}
		message = m
	case client.Act:
		m.Clock = time.Time{} // the bench's clock goes on between two tries
		message = m
	}
	hash, err := fingerprint(r, who, message)
	if err != nil {
		return err
	}
	a.requests.mu.Lock()
	defer a.requests.mu.Unlock()
	switch before, known := a.requests.of[id]; {
	case known && before == hash:
		return nil
	case known:
		f := fault.New(fault.Invalid, "the request ID %s was used for another message", id).Try("make a new request ID for each command; keep it only when the same one is sent again")
		return &refusal{fault: f, status: http.StatusUnprocessableEntity, detail: client.Detail{Got: id.String()}}
	}
	if err := a.requests.write(id, hash); err != nil {
		zerolog.Ctx(r.Context()).Warn().Err(err).Msg("request ID not kept")
	}
	if m, ok := r.Context().Value(markKey{}).(*mark); ok {
		m.id, m.first = id, true
	}
	return nil
}

// mark says of a request whether it was the first to use its ID.
type mark struct {
	id    uuid.UUID
	first bool
}

type markKey struct{}

// marked returns a request with an empty mark.
func marked(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), markKey{}, &mark{}))
}

func fingerprint(r *http.Request, who record.Actor, message any) ([sha256.Size]byte, error) {
	data, err := json.Marshal(message)
	if err != nil {
		return [sha256.Size]byte{}, fmt.Errorf("write the message again: %w", err)
	}
	return sha256.Sum256(fmt.Appendf(nil, "%s\n%s\n%s\n%s\n%s", who.Name, r.Method, r.URL.EscapedPath(), r.URL.RawQuery, data)), nil
}

// forget frees a request ID that this request was the first to use, if the
// command was refused: it may be put right and sent again.
func (a *api) forget(r *http.Request, err error) {
	m, ok := r.Context().Value(markKey{}).(*mark)
	if !ok || !m.first || client.ProblemOf(err).Status >= http.StatusInternalServerError {
		return
	}
	a.requests.mu.Lock()
	defer a.requests.mu.Unlock()
	if err := a.requests.write(m.id, [sha256.Size]byte{}); err != nil {
		zerolog.Ctx(r.Context()).Warn().Err(err).Msg("request ID not freed")
	}
}
