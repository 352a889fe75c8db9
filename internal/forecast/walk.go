package forecast

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"secretome/activities"
	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/internal/task"
	"secretome/workflows"
)

// runName is the run's in the forecast.
const runName = "forecast"

// most is how many tasks a run may ask: a protocol that needs more has a loop
// that somebody mistyped.
const most = 20_000

// silent drops what the environment logs: each timer that it skips.
type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}

// simulation is the world around the workflows: people who answer, and a
// logbook that only counts.
type simulation struct {
	p     protocol.Protocol
	stop  func() error // why to give up
	mutex sync.Mutex   // activities run side by side
	last  int64        // record
	tasks []Task
}

// walk carries a run through the protocol and returns what was asked of people.
func walk(ctx context.Context, p protocol.Protocol, start time.Time) ([]Task, error) {
	s := &simulation{p: p, stop: ctx.Err}
	var suite testsuite.WorkflowTestSuite
	suite.SetLogger(silent{})
	env := suite.NewTestWorkflowEnvironment()
	env.SetStartTime(start)
	env.SetTestTimeout(time.Minute)                                             // of standing still, on the wall's clock
	env.SetWorkerOptions(worker.Options{DeadlockDetectionTimeout: time.Minute}) // the same: a busy machine is no deadlock
	s.register(env)
	about := run.Context{Run: runName, Logbook: workflows.Logbook(runName), Zone: p.Zone, Speed: 1, Program: runName, Launch: reference(0)}
	env.ExecuteWorkflow("Run", run.Input{Context: about, Title: p.Title, Start: start.UTC(), Plan: p.Plan()})
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var status run.Status
	if err := env.GetWorkflowResult(&status); temporal.IsTimeoutError(err) {
		return nil, fault.New(fault.Invalid, "a run of %s would take more than ten years", p.Name()).Try("look at the windows, which is the longest?")
	} else if err != nil {
		return nil, fmt.Errorf("forecast the run: %w", err)
	}
	if status.Outcome != run.Done {
		return nil, fault.New(fault.Invalid, "a run of %s would end %s: %s", p.Name(), status.Outcome, status.Why).Try("see what is wrong with the protocol: secretome protocol lint FILE")
	}
	return s.tasks, nil
}

// register gives the environment the real workflows, but for those that wait
// for the world, and stand-ins for all activities.
func (s *simulation) register(env *testsuite.TestWorkflowEnvironment) {
	all := workflows.All()
	all["HumanTask"] = s.answer
	all["Archive"] = func(workflow.Context, workflows.ArchiveInput) error { return nil }
	for name, code := range all {
		env.RegisterWorkflowWithOptions(code, workflow.RegisterOptions{Name: name})
	}
	for name, standIn := range map[string]any{
		"Part": s.part, "Outline": s.outline, "Append": s.append, "Judge": s.judge, "Compute": s.compute,
		"Compare": func(context.Context, activities.CompareInput) (record.Ref, error) { return s.next(), nil },
		"Report": func(context.Context, activities.ReportInput) (activities.Reported, error) {
			return activities.Reported{Record: s.next()}, nil
		},
		"ToLot": func(context.Context, activities.ToLotInput) (activities.LotAnswer, error) {
			return activities.LotAnswer{Record: s.next()}, nil // whatever is done to a lot, it allows
		},
		"KeepHistories": func(context.Context, activities.HistoriesInput) (record.Ref, error) { return s.next(), nil },
		"Seal":          func(context.Context, activities.SealInput) (record.Ref, error) { return s.next(), nil },
	} {
		env.RegisterActivityWithOptions(standIn, activity.RegisterOptions{Name: name})
	}
}

// answer is a person who does a task at its nominal time, and all of it right.
func (s *simulation) answer(ctx workflow.Context, in run.TaskInput) (run.TaskResult, error) {
	spec := in.Spec
	if err := s.admit(spec); err != nil {
		return run.TaskResult{}, activities.Encode(err)
	}
	begins, ends := hours(spec, workflow.Now(ctx))
	s.mutex.Lock()
	s.tasks = append(s.tasks, asked(spec, begins, ends))
	s.mutex.Unlock()
	if err := workflow.Sleep(ctx, ends.Sub(workflow.Now(ctx))); err != nil {
		return run.TaskResult{}, err
	}
	return run.TaskResult{State: s.done(spec, ends)}, nil
}

// admit stops what would not end, and what a run without a mishap does not ask.
func (s *simulation) admit(spec task.Spec) error {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	switch {
	case s.stop() != nil:
		return fault.New(fault.Unavailable, "the forecast was interrupted")
	case len(s.tasks) == most:
		return fault.New(fault.Invalid, "a run would ask for more than %d tasks", most).Try("look at the counts, blocks and at_most of the protocol")
	case spec.Task.ID == protocol.DecisionID:
		return fault.New(fault.Invalid, "a run without a mishap would ask the manager for a decision: %s", spec.Task.Title).Try("look at the criteria of stage %s", spec.Subject.Stage)
	}
	return nil
}

// hours returns when work on a task begins and ends: at its nominal time it is
// done, if that is not too early.
func hours(spec task.Spec, now time.Time) (begins, ends time.Time) {
	begins = now
	if spec.Window.Opens.After(begins) {
		begins = spec.Window.Opens
	}
	takes := spec.Task.Duration()
	ends = begins.Add(takes)
	if nominal := spec.Window.Nominal; nominal.After(ends) {
		begins, ends = nominal.Add(-takes), nominal
	}
	return begins, ends
}

// asked is a task for the calendar.
func asked(spec task.Spec, begins, ends time.Time) Task {
	about, w := spec.Subject, spec.Window
	t := Task{
		ID:    strings.TrimPrefix(spec.ID, "task/"+runName+"/"),
		Stage: about.Stage, Model: about.Model, Block: about.Block, Step: spec.Task.ID, N: spec.Attempt, Title: spec.Task.Title, Role: spec.Task.Role,
		Opens: w.Opens, Closes: w.Closes, Windowed: !w.Closes.IsZero(), Hard: w.Hard, Nominal: w.Nominal, Begins: begins, Ends: ends,
		Instruments: spec.Task.Instruments, Clash: []Clash{}, asks: spec.Task,
	}
	if t.Opens.IsZero() {
		t.Opens = begins
	}
	if t.Closes.IsZero() {
		t.Closes = ends
	}
	return t
}

// done is the state of a task that was done as the protocol wants it.
func (s *simulation) done(spec task.Spec, at time.Time) task.State {
	by := record.Actor{Kind: record.Person, Name: spec.Task.Role, Role: spec.Task.Role}
	state := task.State{Phase: task.Completed, By: by, Happened: at, Completed: s.next()}
	for _, step := range spec.Task.Steps {
		done := task.Done{Step: step.ID, Record: state.Completed}
		for _, f := range step.Fields {
			done.Entries = append(done.Entries, record.Entry{Field: f.ID, Value: value(f, spec.Expect[step.ID+"."+f.ID])})
		}
		state.Done = append(state.Done, done)
	}
	return state
}

// value is what stands in a field. Only codes matter, since lots are told apart
// by them: what else is entered meets its criteria, see [simulation.judge].
func value(f protocol.Field, expected string) string {
	switch {
	case expected != "":
		return expected
	case f.Default != "":
		return f.Default
	case len(f.Range) == 2:
		return f.Range[0].String()
	case len(f.Choices) > 0:
		return f.Choices[0]
	case f.Kind == protocol.YesNo:
		return "yes"
	}
	return f.ID
}

func (s *simulation) part(_ context.Context, in activities.PartInput) (protocol.Part, error) {
	part, err := s.p.Part(in.Stage, in.Model)
	return part, activities.Encode(err)
}

func (s *simulation) outline(context.Context, string) (run.Outline, error) {
	return run.OutlineOf(s.p)
}

func (s *simulation) append(_ context.Context, d record.Draft) (record.Record, error) {
	return record.Record{Number: s.next().Number, Draft: d}, nil
}

// judge finds every criterion met.
func (s *simulation) judge(_ context.Context, in activities.JudgeInput) (activities.Judged, error) {
	return activities.Judged{Decision: met(in.Task.Criteria), Values: in.Answer.Values, Record: s.next()}, nil
}

func (s *simulation) compute(_ context.Context, in activities.ComputeInput) (activities.Computed, error) {
	def, _ := in.Part.Assay(in.Assay)
	return activities.Computed{Result: s.next(), Decision: met(def.Criteria), Record: s.next()}, nil
}

func met(criteria []protocol.Criterion) record.Decision {
	d := record.Decision{Verdict: protocol.VerdictAccept, Do: string(protocol.Accept), Checks: []record.Check{}}
	for _, c := range criteria {
		d.Checks = append(d.Checks, record.Check{Criterion: c.ID, Title: c.Title, Pass: true})
	}
	return d
}

// next counts a record.
func (s *simulation) next() record.Ref {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.last++
	return reference(s.last)
}

func reference(number int64) record.Ref {
	return record.Ref{Logbook: workflows.Logbook(runName), Number: number, Hash: record.Hash(nil)}
}
