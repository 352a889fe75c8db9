package e2e

import (
	"context"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"secretome/internal/client"
	"secretome/internal/record"
)

// witness stands beside a demo that is killed again and again, writes comments
// into open tasks, and remembers what was answered: an answer is a promise.
type witness struct {
	t        *testing.T
	data     string
	heard    map[string]record.Ref // by request
	request  string                // sent, and not answered yet
	id       string                // the task that it went to
	resent   int                   // comments that were answered after a kill only
	comments int
}

// kill starts the demo and kills it after a while. It reports false if the demo
// ended before.
func (w *witness) kill(after time.Duration) bool {
	w.t.Helper()
	cmd := exec.Command(binary, "demo", "--data", w.data, "--json")
	cmd.Env = environment(w.t.TempDir())
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() { _ = cmd.Process.Signal(syscall.SIGKILL) }) // it may have ended
	defer timer.Stop()
	ctx, stop := context.WithCancel(w.t.Context())
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		w.watch(ctx)
	}()
	err := cmd.Wait()
	stop()
	<-watched
	return err != nil && cmd.ProcessState.ExitCode() < 0
}

// watch comments until ctx ends, with a pause so that the demo gets on.
func (w *witness) watch(ctx context.Context) {
	const pause = 250 * time.Millisecond
	for tick := time.NewTicker(pause); ; {
		select {
		case <-ctx.Done():
			tick.Stop()
			return
		case <-tick.C:
			w.comment(ctx)
		}
	}
}

// comment writes one comment into the first open task. One that was not answered
// is sent again, until it is answered or its task takes no more.
func (w *witness) comment(ctx context.Context) {
	c, err := w.client()
	if err != nil {
		return // the demo is not there yet
	}
	again := w.request != ""
	if !again {
		open, err := c.Tasks(ctx, client.TaskFilter{})
		if err != nil || len(open) == 0 {
			return
		}
		w.request, w.id = client.NewRequest(), open[0].ID
	}
	acted, err := c.Act(ctx, w.request, w.id, client.Act{Verb: "comment", Reason: "seen"})
	switch {
	case err == nil:
		w.heard[w.request] = acted.Record
		w.comments++
		if again {
			w.resent++
		}
	case pending(err):
		return
	}
	w.request = ""
}

func (w *witness) client() (*client.Client, error) {
	server, err := client.FindServer(w.data)
	if err != nil {
		return nil, err
	}
	token, err := client.FindToken(w.data, "Karin Lund")
	if err != nil {
		return nil, err
	}
	return client.New(client.Options{URL: server.API, Token: token})
}

// judge holds the run's records against what was heard.
func (w *witness) judge(all []record.Record) {
	w.t.Helper()
	stands := map[string]record.Ref{}
	for _, r := range all {
		if _, twice := stands[r.Request]; twice {
			w.t.Errorf("request %s stands twice", r.Request)
		}
		ref, err := r.Ref()
		if err != nil {
			w.t.Fatal(err)
		}
		stands[r.Request] = ref
	}
	for request, ref := range w.heard {
		if stands[request] != ref {
			w.t.Errorf("request %s was answered with %+v, %+v stands in the logbook", request, ref, stands[request])
		}
	}
	w.t.Logf("%d comments were answered, %d of them when sent again; all stand in the logbook of %d records", w.comments, w.resent, len(all))
}
