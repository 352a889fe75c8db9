package e2e

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"secretome/internal/client"
	runs "secretome/internal/run"
	"secretome/internal/task"
)

// before is the last commit in whose program lots had no workflows, no manager
// could pause a run, and nobody was reminded.
const before = "22a858d"

// earlier checks out a commit beside this one, builds its program, and returns
// both.
func earlier(t *testing.T, commit string) (source, program string) {
	t.Helper()
	git := func(ctx context.Context, args ...string) error {
		out, err := exec.CommandContext(ctx, "git", args...).CombinedOutput()
		if err != nil {
			t.Logf("git %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return err
	}
	if git(t.Context(), "cat-file", "-e", commit+"^{commit}") != nil {
		absent(t, "commit "+commit+" is not in this clone; fetch the whole history")
	}
	source, program = filepath.Join(t.TempDir(), "earlier"), filepath.Join(t.TempDir(), "secretome")
	if git(t.Context(), "worktree", "add", "--detach", source, commit) != nil {
		absent(t, "commit "+commit+" cannot be checked out beside this one")
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // the test's own has ended
		defer cancel()
		_ = git(ctx, "worktree", "remove", "--force", source) // it says why it could not
	})
	build := exec.CommandContext(t.Context(), "go", "build", "-o", program, "./cmd/secretome")
	build.Dir = source
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build the program of %s: %v\n%s", commit, err, out)
	}
	return source, program
}

// absent skips a test that needs what is not there; where everything must be there
// it fails.
func absent(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("SECRETOME_CI") == "1" {
		t.Fatal(what)
	}
	t.Skip(what)
}

// A run that the program of an earlier commit began goes on under this one, though
// the workflows have changed since; what was recorded stays as it was.
func TestARunGoesOnUnderTheNextVersion(t *testing.T) {
	if testing.Short() {
		t.Skip("builds an earlier program")
	}
	source, program := earlier(t, before)
	data := t.TempDir()
	l := upWith(t, program, data)
	r := launchAll(t, l, filepath.Join(source, "internal/e2e/testdata/own.yaml"))
	r.values["look/look.clear"] = "no|no|yes"
	held := r.before("treat")
	r.act(l.as(held.Role), held.ID, client.Act{Verb: task.Claim})
	done := len(r.asked)
	l.stop(syscall.SIGTERM)
	stood := objects(t, data)

	l = up(t, data)
	r.l = l
	kept(t, data, stood)
	r.control(runs.Pause, "the program was changed") // which the earlier one could not
	r.control(runs.Resume, "it works")
	view, err := l.as(held.Role).Task(t.Context(), held.ID)
	if err != nil || view.State != string(task.Claimed) {
		t.Fatalf("the task that was claimed is %s, %v", view.State, err)
	}
	r.finish(l.as(held.Role), view)
	if ended := r.play(); ended.State != "done" {
		t.Fatalf("the run is %s: %s", ended.State, ended.Why)
	}
	kept(t, data, stood)
	bundle := filepath.Join(t.TempDir(), "bundle")
	mustRun(t, "run", "export", r.run, "--data", data, "--out", bundle)
	mustRun(t, "verify", bundle)
	mustRun(t, "replay", bundle)
	nothingTwice(t, r.run, records(t, bundle))
	t.Logf("%d tasks and %d records under %s, %d tasks and %d records in all", done, len(stood), before, len(r.asked), len(records(t, bundle)))
}
