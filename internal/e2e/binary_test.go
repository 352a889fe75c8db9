package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"secretome/internal/artifact"
	"secretome/internal/client"
	_ "secretome/internal/program" // the binary under test is made of it: where it changes, no cached result holds
	"secretome/internal/record"
)

// binary is the program under test, built once.
var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "secretome-e2e-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "secretome")
		build := exec.Command("go", "build", "-o", binary, "../../cmd/secretome")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			fmt.Fprintln(os.Stderr, "build the program:", err)
			return 1
		}
		return m.Run()
	}())
}

// result is what a command left.
type result struct {
	code        int
	out, errors string
}

// run runs a command to its end.
func run(t *testing.T, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, binary, args...)
	cmd.Env = environment(t.TempDir())
	var out, errors bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errors
	err := cmd.Run()
	if cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return result{cmd.ProcessState.ExitCode(), out.String(), errors.String()}
}

// environment is without the settings of whoever runs the tests.
func environment(folder string) []string {
	ours := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "SECRETOME_") })
	return append(ours, "XDG_CONFIG_HOME="+folder)
}

// mustRun runs a command that must succeed.
func mustRun(t *testing.T, args ...string) string {
	t.Helper()
	r := run(t, args...)
	if r.code != 0 {
		t.Fatalf("secretome %s: exit %d\n%s", strings.Join(args, " "), r.code, r.errors)
	}
	return r.out
}

// laboratory is a running "secretome up".
type laboratory struct {
	t      testing.TB
	data   string
	cmd    *exec.Cmd
	server client.Server
}

// up starts a laboratory on a data directory and waits until it answers.
func up(t testing.TB, data string, flags ...string) *laboratory {
	t.Helper()
	return upWith(t, binary, data, flags...)
}

// upWith is up with another build of the program.
func upWith(t testing.TB, program, data string, flags ...string) *laboratory {
	t.Helper()
	l := &laboratory{t: t, data: data, cmd: exec.Command(program, append([]string{"up", "--data", data, "--json"}, flags...)...)}
	out, err := l.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var errors bytes.Buffer
	l.cmd.Stderr = &errors
	l.cmd.Env = environment(t.TempDir())
	if err := l.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.stop(syscall.SIGTERM) })
	if err := json.NewDecoder(out).Decode(&l.server); err != nil {
		_ = l.cmd.Wait() // it ended: what it said tells why
		t.Fatalf("up: %v\n%s", err, errors.String())
	}
	return l
}

func (l *laboratory) stop(signal syscall.Signal) {
	if l.cmd.ProcessState == nil {
		_ = l.cmd.Process.Signal(signal) // it may be gone
		_ = l.cmd.Wait()                 // killed on purpose
	}
}

// as returns a client that acts as a person of the laboratory.
func (l *laboratory) as(name string) *client.Client {
	l.t.Helper()
	return l.with(name, 30*time.Second)
}

// with returns a client that asks again for a time.
func (l *laboratory) with(name string, patience time.Duration) *client.Client {
	l.t.Helper()
	token, err := client.FindToken(l.data, name)
	if err != nil {
		l.t.Fatal(err)
	}
	c, err := client.New(client.Options{URL: l.server.API, Token: token, Patience: patience})
	if err != nil {
		l.t.Fatal(err)
	}
	return c
}

// eventually polls until f says that it is so.
func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !f(); {
		if time.Now().After(deadline) {
			t.Fatalf("%s does not come", what)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// lab returns the records of a kind in the laboratory's logbook, from S3.
func (l *laboratory) lab(kind record.Kind) []record.Record {
	l.t.Helper()
	var found []record.Record
	for _, r := range l.logbook("lab") {
		if r.Kind == kind {
			found = append(found, r)
		}
	}
	return found
}

// logbook reads a logbook from S3, and fails the test if its chain is not whole.
func (l *laboratory) logbook(name string) []record.Record {
	l.t.Helper()
	access, secret := l.keys()
	ctx := context.Background()
	bucket, err := artifact.Open(ctx, artifact.Config{URL: l.server.S3, Bucket: l.server.Bucket, AccessKey: access, SecretKey: secret})
	if err != nil {
		l.t.Fatal(err)
	}
	defer bucket.Close()
	names, err := bucket.List(ctx, "logbook/"+name+"/", "")
	if err != nil {
		l.t.Fatal(err)
	}
	var all []record.Record
	for _, key := range names {
		data, err := bucket.Get(ctx, key)
		if err != nil {
			l.t.Fatal(err)
		}
		r, err := record.Parse(data)
		if err != nil {
			l.t.Fatal(err)
		}
		all = append(all, r)
	}
	for _, problem := range record.Chain(all) {
		l.t.Errorf("%s: %s", name, problem.Detail)
	}
	return all
}

// keys are those of the S3 server.
func (l *laboratory) keys() (access, secret string) {
	l.t.Helper()
	text, err := os.ReadFile(l.server.Credentials)
	if err != nil {
		l.t.Fatal(err)
	}
	var keys struct {
		Access string `json:"s3_access_key"`
		Secret string `json:"s3_secret_key"`
	}
	if err := json.Unmarshal(text, &keys); err != nil {
		l.t.Fatal(err)
	}
	return keys.Access, keys.Secret
}
