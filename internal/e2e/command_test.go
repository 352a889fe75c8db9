package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"secretome/internal/client"
)

// says runs a command that must succeed and say all of what is wanted.
func says(t *testing.T, data string, args []string, want ...string) string {
	t.Helper()
	out := mustRun(t, append(args, "--data", data)...)
	for _, w := range want {
		if !strings.Contains(out, w) {
			t.Errorf("secretome %s does not say %q:\n%s", strings.Join(args, " "), w, out)
		}
	}
	return out
}

// asked decodes the JSON of a command that must succeed.
func asked[T any](t *testing.T, data string, args ...string) T {
	t.Helper()
	var v T
	out := mustRun(t, append(args, "--data", data, "--json")...)
	if err := json.Unmarshal([]byte(out), &v); err != nil {
		t.Fatalf("secretome %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return v
}

// The demo's data directory can be looked at from all sides.
func TestAFinishedRunAnswersEveryCommand(t *testing.T) {
	p := undisturbed(t)
	l := up(t, p.data)
	const id = "UCM-2026-001"
	says(t, p.data, []string{"run", "list"}, id, "done")
	says(t, p.data, []string{"run", "view", "001"}, "UC-CM-COMPACT 1.0", "people and instruments are simulated", "collection\t\tdone")
	says(t, p.data, []string{"task", "view", "consent"}, "D-0031", "[x] form", "completed")
	says(t, p.data, []string{"doctor"}, "server\tok", "S3\tok", "key of the seal\tok")
	all := records(t, p.bundle)
	if v := asked[client.RunView](t, p.data, "run", "view", id); v.State != "done" || v.Records != int64(len(all)) || v.Open != 0 {
		t.Errorf("run view tells %+v, the logbook has %d records", v.Run, len(all))
	}
	if open := asked[[]client.Task](t, p.data, "task", "list"); len(open) != 0 {
		t.Errorf("%d tasks are open after the end", len(open))
	}
	tasks := asked[[]client.Task](t, p.data, "task", "list", "--all", "--run", "001")
	for _, task := range tasks {
		if task.State != "completed" {
			t.Errorf("%s is %s", task.ID, task.State)
		}
	}
	if seen := strings.Count(says(t, p.data, []string{"run", "watch", id}), "\n"); seen != len(all) {
		t.Errorf("run watch printed %d lines, the logbook has %d records", seen, len(all))
	}
	t.Run("artifacts", func(t *testing.T) { lookAtArtifacts(t, p, id) })
	t.Run("what is not there", func(t *testing.T) {
		run(t, "run", "view", "UCM-2026-999", "--data", p.data).expect(t, "no such run", 5, `there is no run "UCM-2026-999"`)
		run(t, "task", "view", "tea", "--data", p.data).expect(t, "no such task", 5, `there is no task "tea"`)
		run(t, "artifact", "get", strings.Repeat("0", 64), "--data", p.data).expect(t, "no such artifact", 5, "0000")
	})
	l.stop(syscall.SIGTERM)
	if _, err := os.Stat(filepath.Join(p.data, client.ServerFile)); err == nil {
		t.Error("a server that was stopped can still be found")
	}
	says(t, p.data, []string{"index", "rebuild"}, "the old index told the same")
	says(t, p.data, []string{"replay", id}, "run/"+id+"\tRun\t", "\tHumanTask\t")
	run(t, "doctor", "--data", p.data).expect(t, "the doctor without a server", 0, "")
}

// lookAtArtifacts fetches what the bundle has, and compares.
func lookAtArtifacts(t *testing.T, p played, id string) {
	stored := asked[[]client.Artifact](t, p.data, "artifact", "list", "--run", id)
	const some = 5
	compared := 0
	for _, a := range stored {
		files, err := filepath.Glob(filepath.Join(p.bundle, "artifacts", a.SHA256, "*"))
		if err != nil || len(files) != 1 || compared == some {
			continue
		}
		compared++
		want, err := os.ReadFile(files[0])
		if err != nil {
			t.Fatal(err)
		}
		if got := mustRun(t, "artifact", "get", a.SHA256, "--data", p.data); got != string(want) {
			t.Errorf("artifact %s is not the bundle's", a.SHA256)
		}
	}
	if compared != some {
		t.Errorf("%d of %d artifacts were found in the bundle", compared, len(stored))
	}
	says(t, p.data, []string{"artifact", "verify"}, "artifacts match")
	dir := t.TempDir()
	page, bundle := filepath.Join(dir, "report.html"), filepath.Join(dir, "bundle")
	says(t, p.data, []string{"run", "report", id, "--out", page}, page)
	says(t, p.data, []string{"run", "export", id, "--out", bundle}, bundle)
	for _, name := range []string{"report.html", "manifest.sha256", "ro-crate-metadata.json"} {
		want, err := os.ReadFile(filepath.Join(p.bundle, name))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(filepath.Join(bundle, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("the exported %s is not the demo's: %v", name, err)
		}
	}
	if got, err := os.ReadFile(page); err != nil || !bytes.Contains(got, []byte("</html>")) {
		t.Errorf("the saved report is no whole page: %v", err)
	}
	mustRun(t, "verify", bundle)
}

func TestWhatNeedsNoServer(t *testing.T) {
	if v := asked[struct{ Version, Go string }](t, t.TempDir(), "version"); v.Version == "" || v.Go == "" {
		t.Errorf("version tells %+v", v)
	}
	const file = "../../examples/files/softmaxpro_example_group_with_missing_calc_column.txt"
	table := asked[struct {
		Format   string
		Readings []struct{ Well string }
	}](t, t.TempDir(), "parse", file)
	if table.Format != "softmax_pro" || len(table.Readings) == 0 || table.Readings[0].Well == "" {
		t.Errorf("parse tells %s with %d readings", table.Format, len(table.Readings))
	}
	run(t, "parse", file, "--explain").expect(t, "parse --explain", 0, "format softmax_pro")
	fresh := filepath.Join(t.TempDir(), "secretome-data")
	says(t, fresh, []string{"doctor"}, "data directory\twarn", "secretome demo, or secretome up")
	says(t, fresh, []string{"index", "rebuild"}, "there was no index")
}
