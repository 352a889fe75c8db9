// Package client has the messages of the HTTP API and a client that speaks it.
// The server answers in these messages, the command line and the rehearsal read
// them: whatever a person can do goes through here.
//
// # Promises
//
// Fields may be added to a message, never renamed or removed. Every command
// carries a request ID in the header Idempotency-Key; sent again with the same
// one, it is answered as it was the first time. Errors are problems of RFC 9457,
// which the client turns back into faults.
package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/sample"
)

// The headers beyond those of HTTP itself.
const (
	KeyHeader = "Idempotency-Key" // the request ID of a command, a UUID
)

// Options say whom the client speaks to.
type Options struct {
	URL      string        // of the server, "http://127.0.0.1:8080"
	Token    string        // of the person who acts
	Patience time.Duration // how long a server that cannot be reached is tried again; zero: once
}

// Client speaks to one server as one person. It is safe for concurrent use.
type Client struct {
	base     string
	token    string
	patience time.Duration
	http     *http.Client
}

// New returns a client. It does not connect yet.
func New(o Options) (*Client, error) {
	u, err := url.Parse(o.URL)
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fault.New(fault.Usage, "%q is no address of a server", o.URL).Try("write it like http://127.0.0.1:8080")
	}
	base := strings.TrimSuffix(strings.TrimSuffix(o.URL, "/"), "/api/v1")
	return &Client{base: base + "/api/v1", token: o.Token, patience: o.Patience, http: &http.Client{}}, nil
}

// NewRequest returns a new request ID, which sorts by the time it was made.
func NewRequest() string { return uuid.Must(uuid.NewV7()).String() }

// call is one request of the API.
type call struct {
	method string
	path   string // below /api/v1, escaped
	query  url.Values
	key    string      // request ID of a command
	media  string      // media type of the body
	body   io.ReaderAt // nil: none
	size   int64
}

// bodyReader lets a call be sent again from the start.
func (c call) bodyReader() io.Reader {
	if c.body == nil {
		return nil
	}
	return io.NewSectionReader(c.body, 0, c.size)
}

// the wait between two attempts grows from first to longest.
const (
	firstWait   = 50 * time.Millisecond
	longestWait = 2 * time.Second
)

// send sends c until it is answered, but no longer than patience and context
// allow. Only an answer that says nothing about the act (the server is away) is
// tried again. The caller closes the body of the answer.
func (c *Client) send(ctx context.Context, what call) (*http.Response, error) {
	deadline := time.Now().Add(c.patience)
	for wait := firstWait; ; wait = min(2*wait, longestWait) {
		answer, err := c.once(ctx, what)
		if err == nil || !fault.Is(err, fault.Unavailable) || time.Now().Add(wait).After(deadline) {
			return answer, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(wait):
		}
	}
}

func (c *Client) once(ctx context.Context, what call) (*http.Response, error) {
	request, err := c.request(ctx, what)
	if err != nil {
		return nil, err
	}
	answer, err := c.http.Do(request)
	if err != nil {
		return nil, c.away(ctx, err)
	}
	if answer.StatusCode >= http.StatusBadRequest {
		defer answer.Body.Close()
		return nil, problem(answer)
	}
	return answer, nil
}

func (c *Client) request(ctx context.Context, what call) (*http.Request, error) {
	target := c.base + what.path
	if len(what.query) > 0 {
		target += "?" + what.query.Encode()
	}
	request, err := http.NewRequestWithContext(ctx, what.method, target, what.bodyReader())
	if err != nil {
		return nil, fmt.Errorf("make request: %w", err)
	}
	if what.body != nil {
		request.ContentLength = what.size
		if what.size == 0 {
			request.Body = http.NoBody // otherwise the length would not be announced
		}
		request.Header.Set("Content-Type", what.media)
	}
	if what.key != "" {
		request.Header.Set(KeyHeader, what.key)
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	request.Header.Set("Accept", "application/json")
	return request, nil
}

// away explains why there was no answer.
func (c *Client) away(ctx context.Context, err error) error {
	if cause := ctx.Err(); cause != nil {
		if errors.Is(cause, context.DeadlineExceeded) {
			return fault.Wrap(err, fault.Timeout, "the server did not answer in time")
		}
		return cause
	}
	return fault.Wrap(err, fault.Unavailable, "the server at %s does not answer", strings.TrimSuffix(c.base, "/api/v1"))
}

// problem turns an answer of the server back into a fault.
func problem(answer *http.Response) error {
	const most = 1 << 20
	data, err := io.ReadAll(io.LimitReader(answer.Body, most))
	var p Problem
	if err == nil {
		err = json.Unmarshal(data, &p)
	}
	if err != nil || p.Kind == "" {
		kind := fault.Internal
		if answer.StatusCode >= http.StatusBadGateway {
			kind = fault.Unavailable
		}
		return fault.New(kind, "the server answered %s", answer.Status)
	}
	return p.Fault()
}

// ask sends a question, or a command with a small body, and reads the answer.
func ask[T any](ctx context.Context, c *Client, what call) (T, error) {
	var result T
	answer, err := c.send(ctx, what)
	if err != nil {
		return result, err
	}
	defer answer.Body.Close()
	if err := json.NewDecoder(answer.Body).Decode(&result); err != nil {
		return result, fault.Wrap(err, fault.Unavailable, "the server's answer broke off")
	}
	return result, nil
}

// get asks a question.
func get[T any](ctx context.Context, c *Client, path string, query url.Values) (T, error) {
	return ask[T](ctx, c, call{method: http.MethodGet, path: path, query: query})
}

// post sends a command.
func post[T any](ctx context.Context, c *Client, key, path string, message any) (T, error) {
	data, err := json.Marshal(message)
	if err != nil {
		var none T
		return none, fmt.Errorf("write message: %w", err)
	}
	return ask[T](ctx, c, call{method: http.MethodPost, path: path, key: key, media: "application/json", body: bytes.NewReader(data), size: int64(len(data))})
}

// Health asks whether the server works. It needs no token.
func (c *Client) Health(ctx context.Context) (Health, error) {
	return get[Health](ctx, c, "/health", nil)
}

// Me asks who the token belongs to.
func (c *Client) Me(ctx context.Context) (record.Actor, error) {
	return get[record.Actor](ctx, c, "/me", nil)
}

// Launch starts a run.
func (c *Client) Launch(ctx context.Context, request string, l Launch) (Launched, error) {
	return post[Launched](ctx, c, request, "/runs", l)
}

// Runs lists all runs, the newest first.
func (c *Client) Runs(ctx context.Context) ([]Run, error) { return pages[Run](ctx, c, "/runs", nil) }

// Run asks where a run stands.
func (c *Client) Run(ctx context.Context, id string) (RunView, error) {
	return get[RunView](ctx, c, runPath(id), nil)
}

// Records lists a run's records with a number above after, in order; the server
// may answer with fewer than there are.
func (c *Client) Records(ctx context.Context, run string, after int64, kinds ...record.Kind) ([]Record, error) {
	query := url.Values{"after": {strconv.FormatInt(after, 10)}, "limit": {mostRows}}
	for _, k := range kinds {
		query.Add("kind", string(k))
	}
	return get[[]Record](ctx, c, runPath(run)+"/records", query)
}

// Report copies a run's report to w.
func (c *Client) Report(ctx context.Context, run string, w io.Writer) error {
	return c.copy(ctx, runPath(run)+"/report", w)
}

// Export copies a run's bundle, a tar archive, to w.
func (c *Client) Export(ctx context.Context, run string, w io.Writer) error {
	return c.copy(ctx, runPath(run)+"/export", w)
}

// Tasks lists tasks, what is due first on top.
func (c *Client) Tasks(ctx context.Context, f TaskFilter) ([]Task, error) {
	return pages[Task](ctx, c, "/tasks", f.Query())
}

// Task asks where a task stands and what it asks.
func (c *Client) Task(ctx context.Context, id string) (TaskView, error) {
	return get[TaskView](ctx, c, taskPath(id), nil)
}

// Act does one thing to a task.
func (c *Client) Act(ctx context.Context, request, id string, a Act) (Acted, error) {
	return post[Acted](ctx, c, request, taskPath(id), a)
}

// Decide decides what follows a deviation, by the ID of the decision's task.
func (c *Client) Decide(ctx context.Context, request, id string, m Decide) (Acted, error) {
	return post[Acted](ctx, c, request, "/decisions/"+strings.TrimPrefix(taskPath(id), "/tasks/"), m)
}

// Key returns which code is which group in the block of a task that opens the
// key; that it was seen is recorded.
func (c *Client) Key(ctx context.Context, request, id string) (Key, error) {
	return post[Key](ctx, c, request, "/keys/"+strings.TrimPrefix(taskPath(id), "/tasks/"), struct{}{})
}

// Plates returns the layouts that were drawn for a run.
func (c *Client) Plates(ctx context.Context, run string) (protocol.Plan, error) {
	return get[protocol.Plan](ctx, c, runPath(run)+"/plates", nil)
}

// Control does one thing to a run.
func (c *Client) Control(ctx context.Context, request, id string, m Control) (Controlled, error) {
	return post[Controlled](ctx, c, request, runPath(id)+"/control", m)
}

// Lots lists the kept things of a kind; all where it is empty.
func (c *Client) Lots(ctx context.Context, kind string) ([]sample.Lot, error) {
	return pages[sample.Lot](ctx, c, "/lots", url.Values{"kind": {kind}})
}

// Lot tells all about one thing.
func (c *Client) Lot(ctx context.Context, barcode string) (LotView, error) {
	return get[LotView](ctx, c, "/lots/"+url.PathEscape(barcode), nil)
}

// ActOnLot does one thing to a lot.
func (c *Client) ActOnLot(ctx context.Context, request, barcode string, m LotAct) (LotActed, error) {
	return post[LotActed](ctx, c, request, "/lots/"+url.PathEscape(barcode), m)
}

// Recall calls back a thing and all that was made from it.
func (c *Client) Recall(ctx context.Context, request, barcode string, m Recall) (LotActed, error) {
	return post[LotActed](ctx, c, request, "/lots/"+url.PathEscape(barcode)+"/recall", m)
}

// taskPath keeps the slashes of a task's ID, which has one path below /tasks.
func taskPath(id string) string {
	parts := strings.Split(strings.TrimPrefix(id, "task/"), "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	return "/tasks/" + strings.Join(parts, "/")
}

// Upload stores bytes as an artifact.
func (c *Client) Upload(ctx context.Context, request string, data io.ReaderAt, u Upload) (record.Artifact, error) {
	query := url.Values{}
	for key, value := range map[string]string{"name": u.Name, "sha256": u.SHA256} {
		if value != "" {
			query.Set(key, value)
		}
	}
	return ask[record.Artifact](ctx, c, call{method: http.MethodPost, path: "/artifacts", query: query, key: request, media: u.MediaType, body: data, size: u.Size})
}

// Artifacts lists what is stored, with what records say of it; run may be empty.
func (c *Client) Artifacts(ctx context.Context, run string) ([]Artifact, error) {
	query := url.Values{}
	if run != "" {
		query.Set("run", run)
	}
	return pages[Artifact](ctx, c, "/artifacts", query)
}

// Artifact copies an artifact's bytes, checked by the server, to w.
func (c *Client) Artifact(ctx context.Context, sha256 string, w io.Writer) error {
	return c.copy(ctx, "/artifacts/"+url.PathEscape(sha256), w)
}

// Lineage lists the edges from an artifact or record (by hash) to what it was
// made from, or, downward, to what was made from it.
func (c *Client) Lineage(ctx context.Context, hash string, down bool) ([]Edge, error) {
	query := url.Values{}
	if down {
		query.Set("down", "true")
	}
	return get[[]Edge](ctx, c, "/lineage/"+url.PathEscape(hash), query)
}

// VerifyArtifacts has the server read every artifact and hold it against its hash.
func (c *Client) VerifyArtifacts(ctx context.Context, request string) (Verified, error) {
	return post[Verified](ctx, c, request, "/artifacts/verify", struct{}{})
}

// copy copies an answer that is no message. What breaks off is an error, so
// that nobody takes a part for the whole.
func (c *Client) copy(ctx context.Context, path string, w io.Writer) error {
	answer, err := c.send(ctx, call{method: http.MethodGet, path: path})
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	from := &source{r: answer.Body}
	if _, err := io.Copy(w, from); err != nil {
		if from.err != nil {
			return fault.Wrap(err, fault.Unavailable, "the server's answer broke off")
		}
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

// source tells an error of reading from one of writing.
type source struct {
	r   io.Reader
	err error
}

func (s *source) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.err = err
	}
	return n, err
}
