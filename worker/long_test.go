package worker_test

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"secretome/activities"
	"secretome/examples"
	"secretome/internal/artifact"
	"secretome/internal/embedded"
	"secretome/internal/embedded/embeddedtest"
	"secretome/internal/index"
	"secretome/internal/logbook"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/rehearsal"
	"secretome/internal/run"
	"secretome/internal/task"
	"secretome/worker"
	"secretome/workflows"

	enums "go.temporal.io/api/enums/v1"
)

// mostEvents is what a history of this program may have: the server warns at
// 10,240 and ends what has 51,200.
const mostEvents = 10_000

// automat is a person who does at once what a stage asks.
type automat struct {
	*testing.T
	client client.Client
	script rehearsal.Script
	zone   *time.Location
	done   []string // workflow IDs of tasks
}

// A culture of thirty feeds and ten passages is the longest stage that a
// protocol has: neither it nor one of its tasks comes near the server's limit.
func TestALongCultureStaysSmall(t *testing.T) {
	at := embeddedtest.Start(t)
	c := dial(t, at)
	begin(t, c, at)
	a := &automat{T: t, client: c}
	in := a.culture(30, 10)
	id := workflows.StageID(in.Context.Run, in.Stage, "", "")
	began := time.Now()
	r, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: id, TaskQueue: workflows.Queue}, workflows.Culture, in)
	if err != nil {
		t.Fatal(err)
	}
	for open := true; open; {
		open = a.work(id)
	}
	var result run.StageResult
	if err := r.Get(t.Context(), &result); err != nil || result.Outcome != run.Done {
		t.Fatalf("the culture is %s (%s): %v", result.Outcome, result.Why, err)
	}
	counted := map[string]int{}
	for _, done := range a.done {
		counted[path.Base(path.Dir(done))]++
	}
	if counted[protocol.Feed] != 30 || counted[protocol.Harvest] < 10 {
		t.Errorf("asked for %v", counted)
	}
	most, of := 0, ""
	for _, done := range a.done {
		if n := a.events(done); n > most {
			most, of = n, done
		}
	}
	stage := a.events(id)
	t.Logf("%d tasks in %s: the stage has %d events, %s has %d", len(a.done), time.Since(began).Round(time.Second), stage, of, most)
	if stage >= mostEvents || most >= mostEvents {
		t.Errorf("the stage has %d events and its largest task %d, want less than %d", stage, most, mostEvents)
	}
}

// begin starts the program's worker with a logbook.
func begin(t *testing.T, c client.Client, at embedded.Addresses) {
	t.Helper()
	bucket, err := artifact.Open(t.Context(), artifact.Config{URL: at.S3, Bucket: at.Bucket, AccessKey: at.AccessKey, SecretKey: at.SecretKey, Region: at.Region})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(bucket.Close)
	x, err := index.Open(t.Context(), filepath.Join(t.TempDir(), "index.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = x.Close() }) // it goes with the test
	a := &activities.Activities{Logbooks: logbook.New(bucket, x, zerolog.Nop()), Artifacts: artifact.New(bucket, t.TempDir()), Temporal: c, Program: "test"}
	w := worker.New(c, a, worker.Options{})
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Stop)
}

// culture is the compact study's, with other numbers, and the script of it.
func (a *automat) culture(feeds, passages int) run.StageInput {
	a.Helper()
	text, err := examples.Files.ReadFile("compact.rehearsal.yaml")
	if err != nil {
		a.Fatal(err)
	}
	if a.script, err = rehearsal.Parse("compact.rehearsal.yaml", text); err != nil {
		a.Fatal(err)
	}
	document, err := examples.Files.ReadFile(a.script.Protocol)
	if err != nil {
		a.Fatal(err)
	}
	p, err := protocol.Parse(a.script.Protocol, document)
	if err != nil {
		a.Fatal(err)
	}
	if a.zone, err = time.LoadLocation(p.Zone); err != nil {
		a.Fatal(err)
	}
	part, err := p.Part(protocol.Culturing, "")
	if err != nil {
		a.Fatal(err)
	}
	part.Stage.Counts = protocol.Counts{Feeds: feeds, Passages: passages}
	start := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	cord := run.Answer{Task: protocol.CollectCord, Happened: start, Record: record.Ref{Logbook: "run/LONG-1", Number: 1, Hash: record.Hash(nil)}}
	return run.StageInput{
		Context: run.Context{Run: "LONG-1", Logbook: "run/LONG-1", Zone: p.Zone, Speed: 1e9, Rehearsal: true},
		Stage:   protocol.Culturing, Part: &part, Begins: start, Given: map[string]run.Answer{protocol.CollectCord: cord},
	}
}

// work does what is open. It reports whether the stage goes on.
func (a *automat) work(stage string) bool {
	a.Helper()
	d, err := a.client.DescribeWorkflowExecution(a.Context(), stage, "")
	if err != nil {
		a.Fatal(err)
	}
	for _, child := range d.GetPendingChildren() {
		a.do(child.GetWorkflowId())
	}
	return d.GetWorkflowExecutionInfo().GetStatus() == enums.WORKFLOW_EXECUTION_STATUS_RUNNING
}

// do does one task at its nominal time.
func (a *automat) do(id string) {
	a.Helper()
	answer, err := a.client.QueryWorkflow(a.Context(), id, "", workflows.QuerySpec)
	if _, early := errors.AsType[*serviceerror.NotFound](err); early || len(a.done) > 0 && a.done[len(a.done)-1] == id {
		return
	}
	if err != nil {
		a.Fatal(err)
	}
	var spec task.Spec
	if err := answer.Get(&spec); err != nil {
		a.Fatal(err)
	}
	happened := spec.Window.Nominal
	if happened.IsZero() {
		happened = spec.Window.Opens.Add(15 * time.Minute)
	}
	by := record.Actor{Kind: record.Person, Name: "A " + spec.Task.Role, Role: spec.Task.Role}
	act := func(verb task.Verb, step string, entries []record.Entry) {
		a.update(id, task.Act{Verb: verb, Request: fmt.Sprint(id, verb, step), By: by, Happened: happened, Step: step, Entries: entries})
	}
	act(task.Claim, "", nil)
	for _, step := range spec.Task.Steps {
		entries, err := task.Normalise(step, a.entries(spec, step), a.zone)
		if err != nil {
			a.Fatal(err)
		}
		act(task.Step, step.ID, entries)
	}
	act(task.Complete, "", nil)
	a.done = append(a.done, id)
}

func (a *automat) update(id string, act task.Act) {
	a.Helper()
	h, err := a.client.UpdateWorkflow(a.Context(), client.UpdateWorkflowOptions{
		WorkflowID: id, UpdateName: string(act.Verb), UpdateID: act.Request, Args: []any{act}, WaitForStage: client.WorkflowUpdateStageCompleted,
	})
	if err == nil {
		err = h.Get(a.Context(), nil)
	}
	if err != nil {
		a.Fatalf("%s %s of %s: %v", act.Verb, act.Step, id, activities.Decode(err))
	}
}

// entries are what the script says, or the manager's consent.
func (a *automat) entries(spec task.Spec, step protocol.Step) []record.Entry {
	var entries []record.Entry
	for _, f := range step.Fields {
		value := map[string]string{protocol.DecisionChoice: "continue", protocol.DecisionWhy: "seen"}[step.ID+"."+f.ID]
		for _, answer := range a.script.Answers {
			if answer.Task == spec.Subject.Stage+"/"+spec.Task.ID && value == "" {
				value = strings.ReplaceAll(answer.Entries[step.ID+"."+f.ID], "{attempt}", fmt.Sprint(spec.Attempt))
			}
		}
		if value != "" {
			entries = append(entries, record.Entry{Field: f.ID, Value: value})
		}
	}
	return entries
}

// events counts a history.
func (a *automat) events(id string) int {
	a.Helper()
	n := 0
	for it := a.client.GetWorkflowHistory(a.Context(), id, "", false, enums.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT); it.HasNext(); n++ {
		if _, err := it.Next(); err != nil {
			a.Fatal(err)
		}
	}
	return n
}
