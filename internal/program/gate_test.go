package program

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	temporal "go.temporal.io/sdk/client"
	sdk "go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"secretome/internal/cli"
	"secretome/internal/client"
	"secretome/internal/embedded"
	"secretome/internal/embedded/embeddedtest"
	"secretome/internal/fault"
	"secretome/worker"
	"secretome/workflows"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
)

func TestMain(m *testing.M) { os.Exit(embeddedtest.Main(m)) }

func TestOnlyAnotherBuildIsChecked(t *testing.T) {
	one, other := build{Version: "0.1.0", Code: "commit 1"}, build{Version: "0.1.0", Code: "commit 2"}
	unknown, elsewhere := build{Version: "0.1.0"}, build{Version: "0.1.0", Code: "commit 1", Servers: "temporal:7233/secretome"}
	for _, test := range []struct {
		name    string
		builds  []build // one start after the other
		checked bool    // whether the last is
		last    build   // what its check is told of the one before
	}{
		{"the first start", []build{one}, true, build{}},
		{"the same build", []build{one, one}, false, build{}},
		{"other code of the same version", []build{one, other}, true, one},
		{"back to the build before", []build{one, other, one}, true, other},
		{"a build of which nothing is known", []build{unknown, unknown}, true, unknown},
		{"the same build for other servers", []build{one, elsewhere}, true, build{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), programFile)
			var checked bool
			var told build
			for _, b := range test.builds {
				checked = false
				err := admit(path, b, func(last build) error { checked, told = true, last; return nil })
				if err != nil {
					t.Fatal(err)
				}
			}
			if checked != test.checked || (checked && told != test.last) {
				t.Errorf("checked = %v, told %+v; want %v, %+v", checked, told, test.checked, test.last)
			}
		})
	}
}

func TestARefusedBuildIsNotKept(t *testing.T) {
	path := filepath.Join(t.TempDir(), programFile)
	one, other := build{Version: "0.1.0", Code: "commit 1"}, build{Version: "0.2.0", Code: "commit 2"}
	if err := admit(path, one, func(build) error { return nil }); err != nil {
		t.Fatal(err)
	}
	no := errors.New("no")
	for range 2 {
		if err := admit(path, other, func(build) error { return no }); !errors.Is(err, no) {
			t.Errorf("admit = %v, want the refusal each time", err)
		}
	}
	if err := admit(path, one, func(build) error { return no }); err != nil {
		t.Errorf("the build before is refused too: %v", err)
	}
}

func TestADamagedFileSaysNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), programFile)
	if err := os.WriteFile(path, []byte(`{"version":"0.1.0","co`), 0o600); err != nil {
		t.Fatal(err)
	}
	checked := false
	if err := admit(path, build{Version: "0.1.0"}, func(last build) error { checked = last == (build{}); return nil }); err != nil || !checked {
		t.Errorf("checked = %v (%v); want a check that is told nothing", checked, err)
	}
}

func TestABuildFromChangesIsKnownByItsFile(t *testing.T) {
	info := func(settings ...string) *debug.BuildInfo {
		var i debug.BuildInfo
		for n := 0; n < len(settings); n += 2 {
			i.Settings = append(i.Settings, debug.BuildSetting{Key: settings[n], Value: settings[n+1]})
		}
		return &i
	}
	for _, test := range []struct {
		name string
		info *debug.BuildInfo
		want string
	}{
		{"a commit", info("vcs.revision", "abc", "vcs.modified", "false"), "abc"},
		{"a commit and changes", info("vcs.revision", "abc", "vcs.modified", "true"), ""},
		{"no repository", info("-compiler", "gc"), ""},
	} {
		if got := cleanCommit(test.info); got != test.want {
			t.Errorf("%s: %q, want %q", test.name, got, test.want)
		}
	}
	if kind, sum, _ := strings.Cut(code(), " "); kind == "sha256" && len(sum) != 64 {
		t.Errorf("code() = %q", code())
	}
}

func TestTheFirstFiveAreNamed(t *testing.T) {
	var failed []worker.Failure
	for n := range 7 {
		failed = append(failed, worker.Failure{Workflow: fmt.Sprintf("stage/UCM-2026-%03d/culture", n+1), Reason: "why"})
	}
	f := fault.Of(refusal(failed, build{Version: "0.0.9", Code: "commit 0123456789abcdef"}))
	for want, there := range map[string]bool{
		"run UCM-2026-001 (stage/UCM-2026-001/culture) does not go on under this version: why; ": true,
		"UCM-2026-005": true, "UCM-2026-006": false, "; and 2 more": true,
	} {
		if strings.Contains(f.Message, want) != there {
			t.Errorf("%q in %q: want %v", want, f.Message, there)
		}
	}
	if want := "start the version that ran last: 0.0.9 (commit 0123456789ab); nothing was changed"; f.Help != want || f.Kind != fault.Refused {
		t.Errorf("%v, help %q; want refused, %q", f.Kind, f.Help, want)
	}
	if err := refusal(failed[:5], build{}); strings.Contains(err.Error(), "more") {
		t.Errorf("five of five: %v", err)
	}
	if err := refusal([]worker.Failure{{Workflow: "lot/CM-0031", Reason: "why"}}, build{}); err.Error() != "lot/CM-0031 does not go on under this version: why" {
		t.Errorf("what has no run: %v", err)
	}
}

func TestACheckThatTakesLongCounts(t *testing.T) {
	var out bytes.Buffer
	say := counting(&out)
	say(1, 214)
	if out.Len() > 0 {
		t.Errorf("a moment after the start: %q", out.String())
	}
	for deadline := time.Now().Add(time.Minute); out.Len() == 0 && time.Now().Before(deadline); {
		say(120, 214)
	}
	if want := "checking 214 open histories with this version … 120\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}

// otherCulture is a culture of another program: it waits where ours asks.
func otherCulture(ctx workflow.Context) error { return workflow.Sleep(ctx, 24*time.Hour) }

// openUnderOtherCode leaves an open execution of another program's Culture.
func openUnderOtherCode(t *testing.T, c temporal.Client, id string) {
	t.Helper()
	w := sdk.New(c, workflows.Queue, sdk.Options{})
	w.RegisterWorkflowWithOptions(otherCulture, workflow.RegisterOptions{Name: "Culture"})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	defer w.Stop()
	if _, err := c.ExecuteWorkflow(t.Context(), temporal.StartWorkflowOptions{ID: id, TaskQueue: workflows.Queue}, "Culture"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the culture waits", func() bool { return strings.Contains(kindsOf(t, c, id), "TimerStarted") })
}

// kindsOf lists the kinds of an execution's events.
func kindsOf(t *testing.T, c temporal.Client, id string) string {
	t.Helper()
	var all []string
	for it := c.GetWorkflowHistory(t.Context(), id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); it.HasNext(); {
		e, err := it.Next()
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, e.GetEventType().String())
	}
	return strings.Join(all, " ")
}

// listed is how many executions the server says are open.
func listed(t *testing.T, c temporal.Client) int {
	t.Helper()
	n, err := c.CountWorkflow(t.Context(), &workflowservice.CountWorkflowExecutionsRequest{Query: `ExecutionStatus = "Running"`})
	if err != nil {
		t.Fatal(err)
	}
	return int(n.GetCount())
}

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick, deadline := time.NewTicker(20*time.Millisecond), time.After(time.Minute)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("waited in vain: %s", what)
		}
	}
}

func serversOf(at embedded.Addresses, data string) cli.Servers {
	return cli.Servers{
		Data: data, Temporal: at.Temporal, Namespace: at.Namespace,
		S3: at.S3, Bucket: at.Bucket, S3AccessKey: at.AccessKey, S3SecretKey: at.SecretKey,
	}
}

func TestNothingStartsThatCannotGoOnWithWhatIsOpen(t *testing.T) {
	at := embeddedtest.Start(t)
	c, err := temporal.Dial(temporal.Options{HostPort: at.Temporal, Namespace: at.Namespace})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	const id = "stage/UCM-2026-004/culture"
	openUnderOtherCode(t, c, id)
	eventually(t, "the list has it", func() bool { return listed(t, c) == 1 })
	before := kindsOf(t, c, id)
	s := serversOf(at, filepath.Join(t.TempDir(), "data"))
	quiet := cli.IO{Out: io.Discard, Err: io.Discard, JSON: true}
	ready := func(client.Server) error { t.Error("up serves"); return nil }
	starts := []struct {
		name  string
		start func(context.Context) error
	}{
		{"up", func(ctx context.Context) error {
			return up(ctx, cli.UpOptions{Servers: s, Listen: "127.0.0.1:0", Ready: ready}, quiet)
		}},
		{"worker", func(ctx context.Context) error { return runWorker(ctx, cli.WorkerOptions{Servers: s}, quiet) }},
		{"demo", func(ctx context.Context) error {
			_, err := demo(ctx, cli.DemoOptions{Servers: s}, quiet)
			return err
		}},
	}
	for _, test := range starts {
		ctx, stop := context.WithTimeout(t.Context(), 30*time.Second) // for one that starts after all
		err := test.start(ctx)
		stop()
		if want := "run UCM-2026-004 (" + id + ") does not go on under this version: "; !fault.Is(err, fault.Refused) || !strings.HasPrefix(fault.Of(err).Message, want) {
			t.Errorf("%s: %v; want it refused: %s…", test.name, err, want)
		}
	}
	for _, file := range []string{programFile, "seal.key"} {
		if _, err := os.Stat(filepath.Join(s.Data, file)); err == nil {
			t.Errorf("%s was written", file)
		}
	}
	if after := kindsOf(t, c, id); after != before {
		t.Errorf("the history was %s and is %s", before, after)
	}
	if err := c.TerminateWorkflow(t.Context(), id, "", "the laboratory gives it up"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the list lacks it", func() bool { return listed(t, c) == 0 })
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	served := false
	if err := up(ctx, cli.UpOptions{Servers: s, Listen: "127.0.0.1:0", Ready: func(client.Server) error { served = true; stop(); return nil }}, quiet); err != nil || !served {
		t.Errorf("with nothing open up does not serve: %v", err)
	}
	if _, err := os.Stat(filepath.Join(s.Data, programFile)); err != nil {
		t.Error(err)
	}
}
