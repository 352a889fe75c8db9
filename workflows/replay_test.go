package workflows

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// TestEveryHistoryThatEverRanReplays holds the program against the histories of
// all releases: a change of workflow code that would break an open run is seen
// here. Files are only added, by the version that made them.
func TestEveryHistoryThatEverRanReplays(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir("testdata/histories", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		t.Run(path, func(t *testing.T) {
			replayer := worker.NewWorkflowReplayer()
			for name, code := range All() {
				replayer.RegisterWorkflowWithOptions(code, workflow.RegisterOptions{Name: name})
			}
			if err := replayer.ReplayWorkflowHistoryFromJSONFile(nil, path); err != nil {
				t.Error(err)
			}
		})
		kind, _, _ := strings.Cut(strings.TrimSuffix(d.Name(), ".json"), "-")
		seen[kind] = true
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range All() {
		if !seen[name] {
			t.Errorf("no history of %s is kept in testdata/histories", name)
		}
	}
}

func TestAHistoryOfAnotherProgramIsRefused(t *testing.T) {
	data, err := os.ReadFile("testdata/histories/0.1.0/CordHarvest-with-deviation.json")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "other.json")
	other := strings.ReplaceAll(string(data), "task/UCM-2026-001/cord-harvest/collect-cord/1", "task/UCM-2026-001/cord-harvest/weigh-cord/1")
	if err := os.WriteFile(path, []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	replayer := worker.NewWorkflowReplayer()
	for name, code := range All() {
		replayer.RegisterWorkflowWithOptions(code, workflow.RegisterOptions{Name: name})
	}
	if err := replayer.ReplayWorkflowHistoryFromJSONFile(nil, path); err == nil {
		t.Error("a history in which another task was asked replays")
	}
}
