package cli

import (
	"archive/tar"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	temporal "go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"secretome/internal/account"
	"secretome/internal/api"
	"secretome/internal/artifact"
	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/lab"
	"secretome/internal/logbook"
	"secretome/internal/record"
)

// idle is a Temporal server that starts runs and never asks for a task.
type idle struct{}

func (idle) ExecuteWorkflow(context.Context, temporal.StartWorkflowOptions, any, ...any) (temporal.WorkflowRun, error) {
	return nil, nil
}

func (idle) UpdateWorkflow(context.Context, temporal.UpdateWorkflowOptions) (temporal.WorkflowUpdateHandle, error) {
	return nil, serviceerror.NewNotFound("no workflow")
}

func (idle) DescribeWorkflowExecution(context.Context, string, string) (*workflowservice.DescribeWorkflowExecutionResponse, error) {
	return nil, serviceerror.NewNotFound("no workflow")
}

func (idle) NewWithStartWorkflowOperation(temporal.StartWorkflowOptions, any, ...any) temporal.WithStartWorkflowOperation {
	return nil
}

func (idle) UpdateWithStartWorkflow(context.Context, temporal.UpdateWithStartWorkflowOptions) (temporal.WorkflowUpdateHandle, error) {
	return nil, serviceerror.NewUnavailable("no server")
}

func (idle) QueryWorkflow(context.Context, string, string, string, ...any) (converter.EncodedValue, error) {
	return nil, serviceerror.NewNotFound("no workflow")
}

func noon() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) }

// bundle is an exporter of one small file.
type bundle struct{}

func (bundle) Export(_ context.Context, run string, w io.Writer) error {
	t := tar.NewWriter(w)
	err := t.WriteHeader(&tar.Header{Name: "records/1.json", Mode: 0o644, Size: int64(len(run))})
	_, err2 := io.WriteString(t, run)
	return errors.Join(err, err2, t.Close())
}

// serve returns the data directory of a running server with one open task.
func serve(t *testing.T) string {
	t.Helper()
	data := t.TempDir()
	x, err := index.Open(t.Context(), filepath.Join(data, "index.db"))
	if err != nil {
		t.Fatal(err)
	}
	people, err := account.Ensure(filepath.Join(data, client.CredentialsFile), []account.Person{{Name: "Mara", Role: account.Manager}, {Name: "Tim", Role: account.Technician}})
	if err != nil {
		t.Fatal(err)
	}
	bucket := &artifact.Mem{}
	books := logbook.New(bucket, x, zerolog.Nop())
	l := lab.New(lab.Deps{Temporal: idle{}, Logbooks: books, Index: x, Artifacts: artifact.New(bucket, data), People: people, Exporter: bundle{}, Program: "test", Now: noon})
	server := httptest.NewServer(api.New(l, api.Options{Log: zerolog.Nop(), Version: "test"}))
	t.Cleanup(func() {
		server.Close()
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := (client.Server{API: server.URL}).Write(data); err != nil {
		t.Fatal(err)
	}
	if code, _, stderr := call(t, false, "--data", data, "--as", "Mara", "run", "launch", "../../examples/compact.yaml", "--title", "Test"); code != 0 {
		t.Fatalf("launch: %s", stderr)
	}
	ask(t, books)
	return data
}

func ask(t *testing.T, books *logbook.Logbooks) {
	t.Helper()
	body, err := record.Body(record.Asked{Title: "Receive the cord", Role: account.Technician, Attempt: 1, Window: record.Window{Closes: noon().Add(time.Hour)}, Steps: []string{"weigh"}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = books.Append(t.Context(), record.Draft{
		Logbook: "run/UCM-2026-001", Request: "asked", Kind: record.TaskAsked, Received: noon(), Happened: noon(),
		Subject: record.Subject{Stage: "cord-harvest", Task: "task/UCM-2026-001/cord-harvest/receive-cord/1"}, Body: body,
	})
	if err != nil {
		t.Fatal(err)
	}
}

// call runs one command line in lab time UTC, with nothing else in the environment.
func call(t *testing.T, terminal bool, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return callWith(t.Context(), terminal, Programs{Version: Version{Version: "1.2.3"}}, args...)
}

func callWith(ctx context.Context, terminal bool, p Programs, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	env := map[string]string{"SECRETOME_TZ": "UTC"}
	a := &app{programs: p, in: strings.NewReader(""), out: &out, err: &errs, terminal: terminal, getenv: func(k string) string { return env[k] }}
	code = a.run(ctx, args)
	return code, out.String(), errs.String()
}

const launched = "UCM-2026-001\tTest\trunning\t1\tReceive the cord\t2026-03-02T13:00:00Z\n"

func TestACommandPrintsItsAnswer(t *testing.T) {
	data := serve(t)
	for _, test := range []struct {
		name     string
		args     string
		terminal bool
		code     int
		stdout   string // whole
		stderr   string // a part; empty: nothing at all
	}{
		{"a noun alone lists", "run", false, 0, launched, ""},
		{"a pipe has tabs and no header", "run list", false, 0, launched, ""},
		{"a header where it is asked for", "run list --header", false, 0, "run\ttitle\tstate\topen\tnext\tcloses\n" + launched, ""},
		{"a terminal has aligned columns", "run list", true, 0, "" +
			"RUN           TITLE  STATE    OPEN  NEXT              CLOSES\n" +
			"UCM-2026-001  Test   running  1     Receive the cord  2 Mar 2026 13:00\n", ""},
		{"fields as columns", "run list --fields state,id", false, 0, "running\tUCM-2026-001\n", ""},
		{"fields of JSON", "run list --json --fields state,id", false, 0, `[{"state":"running","id":"UCM-2026-001"}]` + "\n", ""},
		{"a field that does not exist", "run list --json --fields stat", false, 2, "", `"code":"usage"`},
		{"no rows are an empty list", "task list --state skipped --json", false, 0, "[]\n", ""},
		{"no rows are nothing in a pipe", "task list --state skipped", false, 0, "", ""},
		{"a run by the end of its ID", "task list --run 001", false, 0, "task/UCM-2026-001/cord-harvest/receive-cord/1\tReceive the cord\ttechnician\topen\t\t\t2026-03-02T13:00:00Z\n", ""},
		{"an unknown run", "run view 777", false, 5, "", "error: there is no run \"777\"\n  see them with: secretome run list\n"},
		{"an error as JSON", "run view 777 --json", false, 5, "", `{"error":{"code":"not-found","message":"there is no run \"777\"","help":"see them with: secretome run list"}}`},
		{"a role that may not", "run launch ../../examples/compact.yaml --as Tim", false, 4, "", "Tim is technician"},
		{"somebody unknown", "run list --as Zoe", false, 4, "", `"Mara" (manager)`},
		{"a file that is not there", "run launch nothing.yaml", false, 5, "", "there is no file nothing.yaml"},
		{"a task whose workflow is gone", "task view receive-cord", false, 5, "", "there is no task"},
		{"an unknown flag", "run list --nope", false, 2, "", "unknown flag: --nope"},
		{"an unknown verb", "run lnch", false, 2, "", "launch, list"},
		{"an unknown noun", "rum", false, 2, "", `unknown command "rum"`},
		{"an argument too few", "run view", false, 2, "", "accepts 1 arg"},
		{"a reason that is needed", "task skip receive-cord", false, 2, "", `"reason" not set`},
		{"an entry that is none", "task enter receive-cord weigh 31", false, 2, "", `"31" is no entry`},
		{"a request ID that is none", "task claim receive-cord --request 7", false, 2, "", `"7" is no request ID`},
		{"a time that is none", "task claim receive-cord --happened noonish", false, 2, "", `"noonish" is no time`},
		{"a wait that ends", "run watch 001 --until waiting", false, 0, "" +
			"1\t2026-03-02T12:00:00Z\trun-launched\tMara\t\t\n" +
			"2\t2026-03-02T12:00:00Z\ttask-asked\t\tcord-harvest/receive-cord/1\t\n", ""},
		{"nothing that can be waited for", "run watch 001 --until tea", false, 2, "", `"tea"`},
		{"no report yet", "run report 001", false, 5, "", "has no report yet"},
		{"a part that was left out", "demo", false, 7, "", "built without the demo"},
		{"the version", "version", false, 0, "secretome 1.2.3\n", ""},
		{"a file of no format", "parse cli.go", false, 2, "", "no instrument file"},
		{"a format that does not exist", "parse cli.go --format x", false, 2, "", `unknown instrument format "x"`},
		{"a bundle that is not there", "verify nothing", false, 5, "", "nothing"},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, stdout, stderr := call(t, test.terminal, append([]string{"--data", data}, strings.Fields(test.args)...)...)
			if code != test.code || stdout != test.stdout || !strings.Contains(stderr, test.stderr) || (test.stderr == "" && stderr != "") {
				t.Errorf("secretome %s\nexit %d, want %d\nstdout %q\n  want %q\nstderr %q\n  want %q", test.args, code, test.code, stdout, test.stdout, stderr, test.stderr)
			}
		})
	}
}

func TestAnEndlessWaitTimesOut(t *testing.T) {
	data := serve(t)
	code, _, stderr := call(t, false, "--data", data, "run", "watch", "001", "--timeout", "10ms")
	if code != fault.Timeout.Meaning().Exit || !strings.Contains(stderr, "is not finished") {
		t.Errorf("exit %d, %s", code, stderr)
	}
}

func TestWithoutAServerTheWayToOneIsTold(t *testing.T) {
	stopped := t.TempDir()
	if _, err := account.Ensure(filepath.Join(stopped, client.CredentialsFile), nil); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close() // nobody listens there any more
	if err := (client.Server{API: server.URL}).Write(stopped); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{"never started": t.TempDir(), "killed": stopped} {
		code, _, stderr := call(t, false, "--data", data, "run", "launch", "../../examples/compact.yaml")
		if code != fault.Unavailable.Meaning().Exit || !strings.Contains(stderr, "secretome up --data "+data) && !strings.Contains(stderr, "--request") {
			t.Errorf("%s: exit %d, %s", name, code, stderr)
		}
	}
}

func TestABundleIsUnpackedWholeOrNotAtAll(t *testing.T) {
	data := serve(t)
	dir := filepath.Join(t.TempDir(), "bundle")
	if code, stdout, stderr := call(t, false, "--data", data, "--as", "Mara", "run", "export", "001", "--out", dir); code != 0 || stdout != dir+"\n" {
		t.Fatalf("exit %d, %q, %s", code, stdout, stderr)
	}
	if got, err := os.ReadFile(filepath.Join(dir, "records", "1.json")); err != nil || string(got) != "UCM-2026-001" {
		t.Errorf("the file has %q, %v", got, err)
	}
	if code, _, stderr := call(t, false, "--data", data, "--as", "Mara", "run", "export", "001", "--out", dir); code != fault.Conflict.Meaning().Exit {
		t.Errorf("over an old one: exit %d, %s", code, stderr)
	}
	for name, fill := range map[string]func(io.Writer) error{
		"breaks off": func(w io.Writer) error {
			_, err := io.WriteString(w, "half a header")
			return errors.Join(err, errors.New("the line is dead"))
		},
		"climbs out": func(w io.Writer) error {
			a := tar.NewWriter(w)
			return errors.Join(a.WriteHeader(&tar.Header{Name: "../evil", Mode: 0o644}), a.Close())
		},
	} {
		outer := t.TempDir()
		if err := unpack(filepath.Join(outer, "b"), fill); err == nil {
			t.Errorf("%s: unpack succeeded", name)
		}
		if left, err := os.ReadDir(outer); err != nil || len(left) > 0 {
			t.Errorf("%s: left %v, %v", name, left, err)
		}
	}
}

func TestAProgramEndsWithTheCodeOfItsAnswer(t *testing.T) {
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, test := range []struct {
		name string
		ctx  context.Context
		err  error
		code int
	}{
		{"done", t.Context(), nil, 0},
		{"interrupted", cancelled, fmt.Errorf("play: %w", context.Canceled), 130},
		{"the reader of a pipe has gone", t.Context(), fmt.Errorf("print: %w", syscall.EPIPE), 0},
		{"a bug", t.Context(), errors.New("oops"), 11},
		{"a full disk", t.Context(), fault.New(fault.Unavailable, "the disk is full"), 8},
		{"bytes that differ", t.Context(), fault.New(fault.Corrupt, "the hash differs"), 10},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := Programs{Demo: func(context.Context, DemoOptions, IO) (DemoResult, error) {
				return DemoResult{Run: "UCM-2026-001", Seconds: 4.25}, test.err
			}}
			code, stdout, stderr := callWith(test.ctx, false, p, "demo", "--json")
			if code != test.code {
				t.Errorf("exit %d, want %d: %s", code, test.code, stderr)
			}
			if want := `{"run":"UCM-2026-001","bundle":"","report":"","seconds":4.25}` + "\n"; test.err == nil && stdout != want {
				t.Errorf("stdout = %q, want %q", stdout, want)
			}
		})
	}
}

func TestUpTellsWhereItIsInOneLine(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	p := Programs{Up: func(ctx context.Context, o UpOptions, _ IO) error {
		err := o.Ready(client.Server{API: "http://127.0.0.1:8080", Namespace: o.Namespace, Bucket: o.Bucket})
		interrupt()
		return errors.Join(err, ctx.Err())
	}}
	code, stdout, _ := callWith(ctx, false, p, "up", "--json")
	var s client.Server
	if err := json.Unmarshal([]byte(stdout), &s); code != 0 || err != nil || strings.Count(stdout, "\n") != 1 || s.API != "http://127.0.0.1:8080" || s.Bucket != "secretome" {
		t.Errorf("exit %d, stdout %q, %v", code, stdout, err)
	}
}

func TestHowManyActivitiesAtOnceIsAsked(t *testing.T) {
	got := -1
	p := Programs{
		Up:     func(_ context.Context, o UpOptions, _ IO) error { got = o.Slots; return nil },
		Worker: func(_ context.Context, o WorkerOptions, _ IO) error { got = o.Slots; return nil },
	}
	for _, command := range []string{"up", "worker"} {
		for args, want := range map[string]int{"": 0, "--slots 0": 0, "--slots 2": 2} {
			got = -1
			if code, _, stderr := callWith(t.Context(), false, p, append([]string{command}, strings.Fields(args)...)...); code != 0 || got != want {
				t.Errorf("%s %s: exit %d with %d slots, want %d: %s", command, args, code, got, want, stderr)
			}
		}
		for _, bad := range []string{"-1", "two", "1.5"} {
			got = -1
			code, _, stderr := callWith(t.Context(), false, p, command, "--slots", bad)
			if code != 2 || got != -1 || !strings.Contains(stderr, `"`+bad+`" is no number of activities at once`) {
				t.Errorf("%s --slots %s: exit %d, started with %d: %s", command, bad, code, got, stderr)
			}
		}
	}
}

func TestWhatWouldBreakTheTerminalIsLeftOut(t *testing.T) {
	if got := cell("a\x1b[31mb\tc\nd\u009be"); got != "a [31mb c d e" {
		t.Errorf("cell = %q", got)
	}
	a := &app{width: 24}
	if got := aligned([]string{"UCM-2026-001", "a very long title"}, a.widths([][]string{{"UCM-2026-001", "a very long title"}})); len([]rune(got)) > 24 || !strings.HasSuffix(got, "…") {
		t.Errorf("aligned = %q", got)
	}
}
