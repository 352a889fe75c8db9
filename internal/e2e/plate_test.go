package e2e

import (
	"os"
	"slices"
	"strings"
	"testing"

	"secretome/internal/client"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/rehearsal"
)

// rehearsed plays the scripted study on a laboratory up to a task that its
// script leaves out, and returns the run and the task.
func rehearsed(t *testing.T, l *laboratory, until string) (run, id string) {
	t.Helper()
	files := os.DirFS("../../examples")
	text, err := os.ReadFile("../../examples/compact.rehearsal.yaml")
	if err != nil {
		t.Fatal(err)
	}
	cast := rehearsal.Cast{Files: files}
	if cast.Script, err = rehearsal.Parse("compact.rehearsal.yaml", text); err != nil {
		t.Fatal(err)
	}
	cast.Script.Answers = slices.DeleteFunc(cast.Script.Answers, func(a rehearsal.Answer) bool { return a.Task == until })
	if cast.Document, err = os.ReadFile("../../examples/compact.yaml"); err != nil {
		t.Fatal(err)
	}
	if cast.Protocol, err = protocol.Parse("compact.yaml", cast.Document); err != nil {
		t.Fatal(err)
	}
	cast.Speak = func(name string) (*client.Client, error) {
		for role, names := range cast.Script.People {
			if slices.Contains(names, name) {
				return l.as(role), nil
			}
		}
		return l.as(name), nil
	}
	if _, err := cast.Play(t.Context()); err == nil || !strings.Contains(err.Error(), until) {
		t.Fatalf("the rehearsal ended with %v, it was to stop before %s", err, until)
	}
	tasks, err := l.as("manager").Tasks(t.Context(), client.TaskFilter{})
	if err != nil || len(tasks) != 1 {
		t.Fatalf("%d tasks are open (%v), one was left out", len(tasks), err)
	}
	return tasks[0].Run, tasks[0].ID
}

// A file that no instrument wrote is refused at the bench, before the step is
// recorded: the person still stands at the reader and can export again.
func TestAFileThatIsNoPlateIsRefusedAtTheReader(t *testing.T) {
	if testing.Short() {
		t.Skip("the culture has to grow first")
	}
	data := t.TempDir()
	l := up(t, data)
	runID, id := rehearsed(t, l, "collection/read-protein")
	technician := func(args ...string) result {
		return run(t, append(args, "--data", data, "--as", "technician")...)
	}
	steps := func() int {
		all, err := l.as("manager").Records(t.Context(), runID, 0, record.StepDone)
		if err != nil {
			t.Fatal(err)
		}
		return len(slices.DeleteFunc(all, func(r client.Record) bool { return r.Record.Subject.Task != id }))
	}
	technician("task", "claim", "read-protein").expect(t, "claim", 0, "")
	export := []string{"task", "enter", "read-protein", "export", "plate=PL-PROT-1", "reader=PR-01"}
	technician(append(export, "--file", "file=../../go.mod")...).expect(t, "no instrument's file", 2, "go.mod: this is no instrument file")
	technician(append(export, "--file", "file=nothing.txt")...).expect(t, "no file at all", 5, "there is no file nothing.txt")
	technician(append(export, "file=plate.txt")...).expect(t, "a name in the place of a file", 2, "file is no file")
	if n := steps(); n != 0 {
		t.Errorf("%d steps are recorded, all were refused", n)
	}
	technician(append(export, "--file", "file=../../examples/files/endpoint_stdcurve_singleplate_2.txt")...).expect(t, "the reader's export", 0, "")
	if n := steps(); n != 1 {
		t.Errorf("%d steps are recorded, one was done", n)
	}
}
