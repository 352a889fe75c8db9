package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"secretome/internal/client"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/task"
)

// mortal is a laboratory that is killed, and started again on the same data. What
// is asked of it and not answered is sent again, with the same request.
type mortal struct {
	t       *testing.T
	data    string
	flags   []string
	birth   time.Duration     // how long it takes to start
	tokens  map[string]string // by person
	cmd     *exec.Cmd
	said    bytes.Buffer
	ended   chan struct{} // closed when the process is gone
	mutex   sync.Mutex
	heard   map[string]record.Ref // by request: an answer is a promise
	drawn   map[string][]string   // by lot: what was taken, as it was answered
	resends int
}

// mortals starts a laboratory that may be killed.
func mortals(t *testing.T, flags ...string) *mortal {
	t.Helper()
	m := &mortal{t: t, data: t.TempDir(), flags: flags, tokens: map[string]string{}, heard: map[string]record.Ref{}, drawn: map[string][]string{}}
	begun := time.Now()
	l := up(t, m.data, flags...)
	m.birth = time.Since(begun)
	l.stop(syscall.SIGTERM)
	for _, name := range []string{"manager", "technician", "quality", "reviewer"} {
		token, err := client.FindToken(m.data, name)
		if err != nil {
			t.Fatal(err)
		}
		m.tokens[name] = token
	}
	t.Cleanup(m.kill)
	m.start()
	return m
}

// start starts the process and does not wait for it.
func (m *mortal) start() {
	m.t.Helper()
	m.said.Reset()
	m.cmd, m.ended = exec.Command(binary, append([]string{"up", "--data", m.data, "--json"}, m.flags...)...), make(chan struct{})
	m.cmd.Stderr = &m.said
	m.cmd.Env = environment(m.t.TempDir())
	if err := m.cmd.Start(); err != nil {
		m.t.Fatal(err)
	}
	go func(cmd *exec.Cmd, ended chan struct{}) {
		_ = cmd.Wait() // killed on purpose
		close(ended)
	}(m.cmd, m.ended)
}

func (m *mortal) kill() {
	_ = m.cmd.Process.Signal(syscall.SIGKILL) // it may be gone
	<-m.ended
}

// alive is the laboratory as the other tests know it, for questions.
func (m *mortal) alive() *laboratory {
	m.t.Helper()
	l := &laboratory{t: m.t, data: m.data, cmd: m.cmd}
	eventually(m.t, "an answer of the server", func() bool {
		var err error
		if l.server, err = client.FindServer(m.data); err != nil {
			return false
		}
		_, err = l.with("manager", 0).Health(m.t.Context())
		return err == nil
	})
	return l
}

// as returns a client for one attempt: the server is elsewhere after each kill.
func (m *mortal) as(name string) (*client.Client, error) {
	server, err := client.FindServer(m.data)
	if err != nil {
		return nil, err
	}
	return client.New(client.Options{URL: server.API, Token: m.tokens[name]})
}

// insist sends until it is answered, or until what came back is no sign of a
// server that is away.
func insist[T any](ctx context.Context, m *mortal, who string, send func(context.Context, *client.Client) (T, error)) (T, error) {
	const longest, pause = 45 * time.Second, 100 * time.Millisecond
	for {
		answer, err := func() (answer T, err error) {
			c, err := m.as(who)
			if err != nil {
				return answer, err
			}
			ctx, cancel := context.WithTimeout(ctx, longest)
			defer cancel()
			return send(ctx, c)
		}()
		if err == nil || !pending(err) || ctx.Err() != nil {
			return answer, err
		}
		m.mutex.Lock()
		m.resends++
		m.mutex.Unlock()
		time.Sleep(pause)
	}
}

// promised remembers what was answered, and what was drawn by it.
func (m *mortal) promised(request string, ref record.Ref, drawn map[string]string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.heard[request] = ref
	for barcode, amount := range drawn {
		m.drawn[barcode] = append(m.drawn[barcode], amount)
	}
}

// onLot does one thing to a lot.
func (m *mortal) onLot(ctx context.Context, who, barcode string, a client.LotAct) error {
	request, drawn := client.NewRequest(), map[string]string{}
	acted, err := insist(ctx, m, who, func(ctx context.Context, c *client.Client) (client.LotActed, error) {
		return c.ActOnLot(ctx, request, barcode, a)
	})
	if err != nil {
		return fmt.Errorf("%s %s (request %s): %w", a.Verb, barcode, request, err)
	}
	if a.Verb == "draw" {
		drawn[barcode] = a.Body.Amount
	}
	m.promised(request, acted.Record, drawn)
	return nil
}

// steady does the tasks of one run on a mortal laboratory, all that are open side
// by side.
type steady struct {
	*mortal
	run    string
	typed  func(client.TaskView) map[string]string // "task/step.field" → what is typed
	reason func(client.TaskView) string            // why a value is out of range; empty: none is
}

// play does all tasks of a run until it has ended.
func (s *steady) play(ctx context.Context) (view client.RunView, err error) {
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	var hands sync.WaitGroup
	defer hands.Wait()
	begun := map[string]bool{}
	for {
		view, err = insist(ctx, s.mortal, "manager", func(ctx context.Context, c *client.Client) (client.RunView, error) { return c.Run(ctx, s.run) })
		if cause := context.Cause(ctx); cause != nil {
			err = cause
		}
		if err != nil || view.State != "running" && len(view.Tasks) == 0 {
			return view, err
		}
		for _, open := range view.Tasks {
			if !begun[open.ID] {
				begun[open.ID] = true
				hands.Go(func() {
					if err := s.do(ctx, open); err != nil {
						fail(err)
					}
				})
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
}

// do does one task.
func (s *steady) do(ctx context.Context, open client.Task) error {
	view, err := insist(ctx, s.mortal, open.Role, func(ctx context.Context, c *client.Client) (client.TaskView, error) { return c.Task(ctx, open.ID) })
	if err != nil {
		return fmt.Errorf("ask for %s: %w", open.ID, err)
	}
	acts := []client.Act{{Verb: task.Claim}}
	for _, step := range view.Spec.Task.Steps {
		act := client.Act{Verb: task.Step, Step: step.ID, Deviation: s.reason(view)}
		for _, f := range step.Fields {
			entry, err := s.fill(ctx, view, step.ID, f)
			if err != nil {
				return fmt.Errorf("%s of %s: %w", f.ID, open.ID, err)
			}
			act.Entries = append(act.Entries, entry)
		}
		acts = append(acts, act)
	}
	for _, a := range append(acts, client.Act{Verb: task.Complete}) {
		request := client.NewRequest()
		acted, err := insist(ctx, s.mortal, open.Role, func(ctx context.Context, c *client.Client) (client.Acted, error) {
			return c.Act(ctx, request, open.ID, a)
		})
		if err != nil {
			return fmt.Errorf("%s %s %s (request %s): %w", a.Verb, a.Step, open.ID, request, err)
		}
		s.promised(request, acted.Record, draws(view.Spec.Task, a))
	}
	return nil
}

// fill is what goes into a field.
func (s *steady) fill(ctx context.Context, view client.TaskView, step string, f protocol.Field) (record.Entry, error) {
	if typed, ok := s.typed(view)[view.Spec.Task.ID+"/"+step+"."+f.ID]; ok {
		return record.Entry{Field: f.ID, Value: typed}, nil
	}
	if f.Kind != protocol.File {
		return record.Entry{Field: f.ID, Value: (&robot{}).value(view, step+"."+f.ID, f)}, nil
	}
	data, request := []byte("a picture of "+view.ID), client.NewRequest()
	a, err := insist(ctx, s.mortal, view.Role, func(ctx context.Context, c *client.Client) (record.Artifact, error) {
		return c.Upload(ctx, request, bytes.NewReader(data), client.Upload{Name: "file.txt", MediaType: "text/plain", Size: int64(len(data))})
	})
	return record.Entry{Field: f.ID, Value: a.SHA256, File: &a}, err
}

// draws is what a step takes from lots: an amount that the protocol states, or
// one that is typed beside the barcode.
func draws(t protocol.Task, a client.Act) map[string]string {
	typed, taken := map[string]string{}, map[string]string{}
	for _, e := range a.Entries {
		typed[a.Step+"."+e.Field] = e.Value
	}
	for _, f := range t.Fields(a.Step) {
		if amount := f.Thing.Draws; amount != "" {
			if strings.HasPrefix(amount, a.Step+".") {
				amount = typed[amount]
			}
			taken[typed[a.Step+"."+f.ID]] = amount
		}
	}
	return taken
}
