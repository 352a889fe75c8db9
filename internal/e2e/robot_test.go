package e2e

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"secretome/internal/client"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/task"
)

// robot does every task that a run asks for, with values that the test gives or
// with the first ones that fit.
type robot struct {
	t      *testing.T
	l      *laboratory
	run    string
	values map[string]string // "task/step.field" → what is typed, the first time; a "|" parts the times
	file   func(client.TaskView) []byte
	held   map[string]func(client.Task) // by task: called once it is claimed
	asked  []string                     // tasks in the order in which they were done, with model and block
	done   map[string]bool
}

// launchAll launches a protocol and returns a robot for its run.
func launchAll(t *testing.T, l *laboratory, file string) *robot {
	t.Helper()
	document, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	launched, err := l.as("manager").Launch(t.Context(), client.NewRequest(), client.Launch{Document: string(document)})
	if err != nil {
		t.Fatal(err)
	}
	return &robot{t: t, l: l, run: launched.Run, values: map[string]string{}, done: map[string]bool{}}
}

// play does tasks until the run has ended, and returns it.
func (r *robot) play() client.RunView {
	r.t.Helper()
	return r.until(func(client.Task) bool { return false })
}

// until does tasks until the run has ended, or until one is open before which it
// is to stop.
func (r *robot) until(stop func(client.Task) bool) client.RunView {
	r.t.Helper()
	for deadline := time.Now().Add(3 * time.Minute); ; {
		view, err := r.l.as("manager").Run(r.t.Context(), r.run)
		if err != nil {
			r.t.Fatal(err)
		}
		if view.State != "running" && len(view.Tasks) == 0 {
			return view
		}
		for _, open := range view.Tasks {
			if stop(open) {
				return view
			}
			if !r.done[open.ID] {
				r.do(open)
			}
		}
		if time.Now().After(deadline) {
			r.t.Fatalf("the run does not end: %+v", view)
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// do does one task as a person of its role that may.
func (r *robot) do(open client.Task) {
	r.t.Helper()
	c := r.l.as(open.Role)
	view, err := c.Task(r.t.Context(), open.ID)
	if err != nil {
		r.t.Fatal(err)
	}
	r.act(c, open.ID, client.Act{Verb: task.Claim})
	if f, ok := r.held[view.Spec.Task.ID]; ok {
		f(open)
	}
	r.finish(c, view)
}

// finish does the steps of a task that its person holds.
func (r *robot) finish(c *client.Client, view client.TaskView) {
	r.t.Helper()
	for _, step := range view.Spec.Task.Steps {
		act := client.Act{Verb: task.Step, Step: step.ID}
		for _, f := range step.Fields {
			act.Entries = append(act.Entries, r.entry(c, view, step.ID, f))
		}
		r.act(c, view.ID, act)
	}
	r.act(c, view.ID, client.Act{Verb: task.Complete})
	r.done[view.ID] = true
	r.asked = append(r.asked, strings.TrimPrefix(view.ID, "task/"+r.run+"/"))
}

func (r *robot) act(c *client.Client, id string, a client.Act) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), time.Minute)
	defer cancel()
	if _, err := c.Act(ctx, client.NewRequest(), id, a); err != nil {
		r.t.Fatalf("%s %s %s: %v", a.Verb, a.Step, id, err)
	}
}

func (r *robot) entry(c *client.Client, view client.TaskView, step string, f protocol.Field) record.Entry {
	r.t.Helper()
	path := step + "." + f.ID
	if f.Kind == protocol.File {
		return r.upload(c, view, f.ID)
	}
	return record.Entry{Field: f.ID, Value: r.value(view, path, f)}
}

func (r *robot) value(view client.TaskView, path string, f protocol.Field) string {
	key := view.Spec.Task.ID + "/" + path
	if given, ok := r.values[key]; ok {
		now, later, more := strings.Cut(given, "|")
		if more {
			r.values[key] = later
		}
		return now
	}
	if code, ok := view.Spec.Expect[path]; ok {
		return code
	}
	switch f.Kind {
	case protocol.Amount:
		if len(f.Range) == 2 {
			return f.Range[0].String()
		}
		return "1 " + f.Unit
	case protocol.Choice:
		return f.Choices[0]
	case protocol.YesNo:
		return "yes"
	case protocol.Time:
		return "2026-02-20 14:30"
	case protocol.Text, protocol.Scan, protocol.File:
	}
	return "CM-1"
}

func (r *robot) upload(c *client.Client, view client.TaskView, field string) record.Entry {
	r.t.Helper()
	data := []byte("a picture of " + view.ID)
	if r.file != nil {
		data = r.file(view)
	}
	a, err := c.Upload(r.t.Context(), client.NewRequest(), bytes.NewReader(data), client.Upload{Name: "file.txt", MediaType: "text/plain", Size: int64(len(data))})
	if err != nil {
		r.t.Fatal(err)
	}
	return record.Entry{Field: field, Value: a.SHA256, File: &a}
}

func TestAProtocolOfTheLabsOwnRunsToItsEnd(t *testing.T) {
	l := up(t, t.TempDir())
	r := launchAll(t, l, "testdata/own.yaml")
	r.values["look/look.clear"] = "no|no|yes"
	ended := r.play()
	if ended.State != "done" {
		t.Fatalf("the run is %s: %s", ended.State, ended.Why)
	}
	before := []string{"warm-medium/look/1", "warm-medium/look/2", "warm-medium/look/3", "warm-medium/label/1", "from-stock/take-from-stock/1"}
	if !slices.Equal(r.asked[:len(before)], before) {
		t.Errorf("asked were %v, want %v first", r.asked, before)
	}
	for _, block := range []string{"1", "2"} {
		var own []string
		for _, id := range r.asked {
			if name, ok := strings.CutPrefix(id, "treatment/cells/"+block+"/"); ok {
				own = append(own, name)
			}
		}
		if want := []string{"prepare/1", "thaw-aliquot/1", "sterilise/1", "treat/1", "clean/1", "take-samples/1"}; !slices.Equal(own, want) {
			t.Errorf("block %s was asked %v, want %v", block, own, want)
		}
	}
	waits, err := l.as("manager").Records(t.Context(), r.run, 0, record.WaitStarted, record.WaitEnded)
	if err != nil || len(waits) != 2*2+2*2*2+2 {
		t.Errorf("%d records of waits (%v), want a start and an end of 7", len(waits), err)
	}
	if len(waits) > 0 && waits[0].Record.Subject.Stage != "warm-medium" {
		t.Errorf("the first wait is not the protocol's first act: %+v", waits[0].Record.Subject)
	}
	bundle := fmt.Sprint(t.TempDir(), "/bundle")
	mustRun(t, "run", "export", r.run, "--data", l.data, "--out", bundle)
	mustRun(t, "verify", bundle)
	mustRun(t, "replay", bundle)
}
