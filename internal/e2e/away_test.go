package e2e

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/record"
	"secretome/internal/task"
)

// A Temporal server that hangs: what is asked of it is refused with a clear word
// and done once when it is back; what only the index knows is still answered.
func TestATemporalServerThatGoesAway(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for half a minute")
	}
	temporal, address := temporalServer(t)
	objects := up(t, t.TempDir()) // lends its S3 server
	data := t.TempDir()
	l := upElsewhere(t, data, address, objects)
	r := things(t, l, 1)
	consent := r.before("consent")
	manager := l.as("manager")
	r.act(manager, consent.ID, client.Act{Verb: task.Claim})

	if err := temporal.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	short := l.with("manager", time.Second)
	request := client.NewRequest()
	act := client.Act{Verb: task.Step, Step: "donor", Entries: []record.Entry{{Field: "code", Value: "D-0001"}}}
	_, err := short.Act(t.Context(), request, consent.ID, act)
	if !fault.Is(err, fault.Unavailable) && !fault.Is(err, fault.Timeout) {
		t.Errorf("an entry while Temporal is away: %v, want unavailable", err)
	}
	if view, err := short.Run(t.Context(), r.run); err != nil || len(view.Tasks) != 1 {
		t.Errorf("the run while Temporal is away: %+v, %v", view, err)
	}
	if done, err := short.Records(t.Context(), r.run, 0, record.StepDone); err != nil || len(done) != 0 {
		t.Errorf("half done is %v, %v", done, err)
	}

	if err := temporal.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the same request answered", func() bool {
		_, err := manager.Act(t.Context(), request, consent.ID, act)
		if err != nil && !pending(err) {
			t.Fatal(err)
		}
		return err == nil
	})
	if n := count(t, manager, r.run, request); n != 1 {
		t.Errorf("the request stands in the logbook %d times", n)
	}
	r.act(manager, consent.ID, client.Act{Verb: task.Complete})
	r.open("/culture/")
}

// temporalServer starts a Temporal server as a process of its own.
func temporalServer(t *testing.T) (*os.Process, string) {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "temporalserver")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../gen/temporalserver").CombinedOutput(); err != nil {
		t.Fatalf("build the Temporal server: %v\n%s", err, out)
	}
	cmd := exec.Command(program, filepath.Join(dir, "temporal"))
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGCONT) // a test may have failed while it was stopped
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed on purpose
	})
	address, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return cmd.Process, strings.TrimSpace(address)
}

// upElsewhere starts a laboratory on a Temporal server and another laboratory's
// S3 server.
func upElsewhere(t *testing.T, data, temporal string, objects *laboratory) *laboratory {
	t.Helper()
	access, secret := objects.keys()
	l := &laboratory{t: t, data: data, cmd: exec.Command(binary, "up", "--data", data, "--json", "--temporal", temporal, "--s3", objects.server.S3, "--bucket", "elsewhere")}
	out, err := l.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	l.cmd.Stderr = os.Stderr
	l.cmd.Env = append(environment(t.TempDir()), "SECRETOME_S3_ACCESS_KEY="+access, "SECRETOME_S3_SECRET_KEY="+secret)
	if err := l.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.stop(syscall.SIGTERM) })
	if err := json.NewDecoder(out).Decode(&l.server); err != nil {
		t.Fatal(err)
	}
	return l
}
