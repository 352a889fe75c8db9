package workflows

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"secretome/activities"
	"secretome/examples"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/internal/task"
)

// world is what surrounds a whole run in the time-skipping environment: the
// workflows are the real ones, people and activities are stand-ins. Everybody does
// a task at its nominal time and all criteria are met, but for what mishap and
// moment say.
type world struct {
	*testsuite.TestWorkflowEnvironment
	t       *testing.T
	p       protocol.Protocol
	book    *book
	mutex   sync.Mutex // of what follows: activities run side by side
	asked   []task.Spec
	refused map[string]error // lot → what its own rules say to every act
	sealed  activities.SealInput

	mishap  func(about record.Subject, at string, criteria []protocol.Criterion) record.Decision // nil: all are met
	moment  func(spec task.Spec, ends time.Time) time.Time                                       // when a task is said to have been done; nil: at its nominal time
	choice  func(spec task.Spec) string                                                          // what the manager decides; nil: "continue"
	proviso func(p protocol.Criterion) bool                                                      // nil: all hold
	cut     func(spec task.Spec) error                                                           // how a task ends without a person; nil: it does not
	left    func(spec task.Spec) *task.State                                                     // a task that ends otherwise; nil: it is completed
}

// quiet drops what the environment logs: each timer that it skips.
type quiet struct{}

func (quiet) Debug(string, ...any) {}
func (quiet) Info(string, ...any)  {}
func (quiet) Warn(string, ...any)  {}
func (quiet) Error(string, ...any) {}

// reference reads an example protocol.
func reference(t *testing.T, file string) protocol.Protocol {
	t.Helper()
	document, err := examples.Files.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := protocol.Parse(file, document)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func newWorld(t *testing.T, p protocol.Protocol) *world {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(quiet{})
	w := &world{TestWorkflowEnvironment: suite.NewTestWorkflowEnvironment(), t: t, p: p, book: newBook(), refused: map[string]error{}}
	w.SetStartTime(monday)
	w.SetTestTimeout(5 * time.Minute)
	w.SetWorkerOptions(worker.Options{DeadlockDetectionTimeout: time.Minute}) // a busy machine is no deadlock
	all := All()
	all["HumanTask"] = w.answer
	all["Archive"] = func(workflow.Context, ArchiveInput) error { return nil }
	for name, code := range all {
		w.RegisterWorkflowWithOptions(code, workflow.RegisterOptions{Name: name})
	}
	for name, standIn := range w.standIns() {
		w.RegisterActivityWithOptions(standIn, activity.RegisterOptions{Name: name})
	}
	return w
}

func (w *world) standIns() map[string]any {
	return map[string]any{
		"Append": w.book.Append, "Part": w.part, "Judge": w.judge, "Compute": w.compute, "ToLot": w.toLot, "Seal": w.seal,
		"Outline": func(context.Context, string) (run.Outline, error) { return run.OutlineOf(w.p) },
		"Allocate": func(context.Context, activities.AllocateInput) (run.Allocation, error) {
			return run.Allocation{Record: w.ref(), Plan: "drawn"}, nil
		},
		"OpenKey": func(context.Context, activities.OpenKeyInput) (activities.OpenedKey, error) {
			return activities.OpenedKey{Key: "opened"}, nil
		},
		"Compare": func(_ context.Context, in activities.CompareInput) (record.Ref, error) { return w.ref(), nil },
		"Report": func(context.Context, activities.ReportInput) (activities.Reported, error) {
			return activities.Reported{Record: w.ref(), Report: record.Artifact{SHA256: strings.Repeat("ef", 32)}}, nil
		},
		"KeepHistories": func(context.Context, activities.HistoriesInput) (record.Ref, error) { return w.ref(), nil },
	}
}

// run carries a run through the whole protocol.
func (w *world) run() run.Status {
	w.t.Helper()
	w.ExecuteWorkflow(Run, w.input())
	var status run.Status
	if err := w.GetWorkflowResult(&status); err != nil {
		w.t.Fatal(err)
	}
	return status
}

func (w *world) input() run.Input {
	about := run.Context{Run: "UCM-2026-001", Logbook: Logbook("UCM-2026-001"), Protocol: strings.Repeat("01", 32), Zone: w.p.Zone, Speed: 1, Program: "test", Launch: w.ref()}
	return run.Input{Context: about, Title: w.p.Title, Start: monday, Plan: w.p.Plan(), Draws: w.p.Seals()}
}

// ref is a reference to a record that nobody reads.
func (w *world) ref() record.Ref {
	return record.Ref{Logbook: Logbook("UCM-2026-001"), Number: 1, Hash: strings.Repeat("ab", 32)}
}

// place names a task or plate in the protocol: stage/model/task.
func place(about record.Subject, id string) string { return join(about.Stage, about.Model, id) }

// answer is a person at one task.
func (w *world) answer(ctx workflow.Context, in run.TaskInput) (run.TaskResult, error) {
	spec := in.Spec
	w.mutex.Lock()
	w.asked = append(w.asked, spec)
	w.mutex.Unlock()
	if w.cut != nil {
		if err := w.cut(spec); err != nil {
			return run.TaskResult{}, err
		}
	}
	done := workflow.Now(ctx)
	if spec.Window.Opens.After(done) {
		done = spec.Window.Opens
	}
	done = done.Add(spec.Task.Duration())
	if spec.Window.Nominal.After(done) {
		done = spec.Window.Nominal
	}
	if w.moment != nil {
		done = w.moment(spec, done)
	}
	if err := workflow.Sleep(ctx, done.Sub(workflow.Now(ctx))); err != nil {
		return run.TaskResult{}, err
	}
	if w.left != nil {
		if s := w.left(spec); s != nil {
			return run.TaskResult{State: *s}, nil
		}
	}
	return run.TaskResult{State: w.done(spec, done)}, nil
}

// done is the state of a completed task, judged by its window as the real one.
func (w *world) done(spec task.Spec, at time.Time) task.State {
	by := record.Actor{Kind: record.Person, Name: "A " + spec.Task.Role, Role: spec.Task.Role}
	if slices.Contains(spec.NotBy, by.Name) {
		by.Name = "Another " + spec.Task.Role
	}
	s := task.State{Phase: task.Completed, By: by, Happened: at, Completed: w.ref()}
	for _, step := range spec.Task.Steps {
		var entries []record.Entry
		for _, f := range step.Fields {
			entries = append(entries, record.Entry{Field: f.ID, Value: w.value(spec, step.ID+"."+f.ID, f)})
		}
		s.Done = append(s.Done, task.Done{Step: step.ID, Entries: task.Things(step, spec, s, entries), Record: w.ref()})
	}
	verdict, do := task.Judge(spec.Window, at)
	if s.Verdict = verdict; verdict != task.InWindow && verdict != task.NoWindow {
		s.Departures = append(s.Departures, task.Departure{Record: w.ref(), Asks: do, What: place(spec.Subject, spec.Task.ID) + " is " + verdict, By: by.Name})
	}
	return s
}

// value is what stands in a field. Only codes and choices matter: what else is
// entered meets its criteria, see [world.judge].
func (w *world) value(spec task.Spec, path string, f protocol.Field) string {
	switch {
	case path == protocol.DecisionChoice && spec.Task.ID == protocol.DecisionID && w.choice != nil:
		return w.choice(spec)
	case spec.Expect[path] != "":
		return spec.Expect[path]
	case f.Default != "":
		return f.Default
	case len(f.Range) == 2:
		return f.Range[0].String()
	case len(f.Choices) > 0:
		return f.Choices[0]
	case f.Kind == protocol.YesNo:
		return "yes"
	}
	return join(f.ID, spec.Subject.Model, spec.Subject.Block, fmt.Sprint(spec.Attempt))
}

func (w *world) part(_ context.Context, in activities.PartInput) (protocol.Part, error) {
	part, err := w.p.Part(in.Stage, in.Model)
	return part, activities.Encode(err)
}

// judge finds all criteria met but for the mishap. A proviso has no task.
func (w *world) judge(_ context.Context, in activities.JudgeInput) (activities.Judged, error) {
	judged := activities.Judged{Decision: met(in.Task.Criteria), Values: in.Answer.Values, Record: w.ref(), What: place(in.Base.Subject, in.Task.ID) + " departs"}
	switch {
	case in.Task.ID == "":
		judged.Decision.Checks[0].Pass = w.proviso == nil || w.proviso(in.Task.Criteria[0])
	case w.mishap != nil:
		judged.Decision = w.mishap(in.Base.Subject, place(in.Base.Subject, in.Task.ID), in.Task.Criteria)
	}
	return judged, nil
}

func (w *world) compute(_ context.Context, in activities.ComputeInput) (activities.Computed, error) {
	def, _ := in.Part.Assay(in.Assay)
	computed := activities.Computed{Result: w.ref(), Decision: met(def.Criteria), Record: w.ref(), What: place(in.Base.Subject, in.Assay) + " departs"}
	if w.mishap != nil {
		computed.Decision = w.mishap(in.Base.Subject, place(in.Base.Subject, in.Assay), def.Criteria)
	}
	return computed, nil
}

func met(criteria []protocol.Criterion) record.Decision {
	d := record.Decision{Verdict: protocol.VerdictAccept, Do: string(protocol.Accept), Checks: []record.Check{}}
	for _, c := range criteria {
		d.Checks = append(d.Checks, record.Check{Criterion: c.ID, Title: c.Title, Pass: true})
	}
	return d
}

func (w *world) toLot(_ context.Context, in activities.ToLotInput) (activities.LotAnswer, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return activities.LotAnswer{Record: w.ref()}, activities.Encode(w.refused[in.Barcode])
}

func (w *world) seal(_ context.Context, in activities.SealInput) (record.Ref, error) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	w.sealed = in
	return w.ref(), nil
}

// times counts how often a task was asked.
func (w *world) times(id string) int {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	n := 0
	for _, spec := range w.asked {
		if spec.Task.ID == id {
			n++
		}
	}
	return n
}

// first is the first record of a kind, at or after a number of records.
func (b *book) first(kind record.Kind) (record.Record, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.IndexFunc(b.records, func(r record.Record) bool { return r.Kind == kind })
	if i < 0 {
		return record.Record{}, false
	}
	return b.records[i], true
}
