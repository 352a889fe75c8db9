package workflows

import (
	"context"
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/mock"
	"go.temporal.io/sdk/testsuite"
	"go.temporal.io/sdk/workflow"

	"secretome/activities"
	"secretome/examples"
	"secretome/internal/artifact"
	assays "secretome/internal/assay/all"
	"secretome/internal/fault"
	instruments "secretome/internal/instrument/all"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/rehearsal"
	"secretome/internal/run"
	"secretome/internal/sample"
	"secretome/internal/task"
)

// laboratory runs one stage of the compact study with real activities on
// memory, and people who answer as the script says, but for what a test
// changes.
type laboratory struct {
	*testsuite.TestWorkflowEnvironment
	t      *testing.T
	book   *book
	store  *artifact.Store
	script rehearsal.Script
	sha    string
	zone   *time.Location
	typed  map[string]string        // "task step.field" → another value than the script's
	late   map[string]time.Duration // task → how much later it is done
	asked  []string
	lots   map[string]*sample.Lot
}

// stock registers a released lot that was made before.
func (l *laboratory) stock(barcode string) {
	l.t.Helper()
	a := sample.LotAct{Kind: record.LotRegistered, Happened: monday, Rehearsal: true, Body: record.LotAct{Kind: sample.CM, Title: "a lot", State: string(sample.Released)}}
	if _, err := l.toLot(l.t.Context(), activities.ToLotInput{Barcode: barcode, Act: a}); err != nil {
		l.t.Fatal(err)
	}
}

// toLot is a lot's workflow that answers at once.
func (l *laboratory) toLot(_ context.Context, in activities.ToLotInput) (activities.LotAnswer, error) {
	lot, ok := l.lots[in.Barcode]
	if !ok {
		lot = &sample.Lot{Barcode: in.Barcode}
		l.lots[in.Barcode] = lot
	}
	if err := lot.Check(in.Act); err != nil {
		return activities.LotAnswer{}, activities.Encode(err)
	}
	body, err := lot.Body(in.Act)
	if err != nil {
		return activities.LotAnswer{}, err
	}
	encoded, err := record.Body(body)
	if err != nil {
		return activities.LotAnswer{}, err
	}
	r := record.Draft{Logbook: activities.LotID(in.Barcode), Kind: in.Act.Kind, Happened: in.Act.Happened, Rehearsal: in.Act.Rehearsal, Body: encoded}.Numbered(lot.Last+1, "")
	if err := lot.Apply(r); err != nil {
		return activities.LotAnswer{}, err
	}
	return activities.LotAnswerOf(r)
}

func newLaboratory(t *testing.T) *laboratory {
	t.Helper()
	var suite testsuite.WorkflowTestSuite
	l := &laboratory{TestWorkflowEnvironment: suite.NewTestWorkflowEnvironment(), t: t, book: newBook(), typed: map[string]string{}, late: map[string]time.Duration{}, lots: map[string]*sample.Lot{}}
	l.store = artifact.New(&artifact.Mem{}, t.TempDir())
	l.SetTestTimeout(time.Minute)
	l.RegisterActivity(&activities.Activities{Logbooks: l.book, Artifacts: l.store, Instruments: instruments.List(), Assays: assays.List(), Program: "test"})
	l.OnActivity("ToLot", mock.Anything, mock.Anything).Return(l.toLot)
	for name, code := range All() {
		l.RegisterWorkflowWithOptions(code, workflow.RegisterOptions{Name: name})
	}
	l.OnWorkflow("HumanTask", mock.Anything, mock.Anything).Return(l.answer)
	l.load()
	return l
}

func (l *laboratory) load() {
	l.t.Helper()
	text, err := examples.Files.ReadFile("compact.rehearsal.yaml")
	if err != nil {
		l.t.Fatal(err)
	}
	if l.script, err = rehearsal.Parse("compact.rehearsal.yaml", text); err != nil {
		l.t.Fatal(err)
	}
	document, err := examples.Files.ReadFile(l.script.Protocol)
	if err != nil {
		l.t.Fatal(err)
	}
	p, err := protocol.Parse(l.script.Protocol, document)
	if err != nil {
		l.t.Fatal(err)
	}
	data, _, err := p.Canonical()
	if err != nil {
		l.t.Fatal(err)
	}
	stored, err := l.store.PutBytes(l.t.Context(), data, "application/json", "protocol.json")
	if err != nil {
		l.t.Fatal(err)
	}
	l.sha = stored.SHA256
	if l.zone, err = time.LoadLocation(p.Zone); err != nil {
		l.t.Fatal(err)
	}
}

// answer plays one person at one task.
func (l *laboratory) answer(_ workflow.Context, in run.TaskInput) (run.TaskResult, error) {
	spec := in.Spec
	l.asked = append(l.asked, spec.Task.ID)
	below := path.Dir(strings.TrimPrefix(spec.ID, "task/UCM-2026-001/"))
	done := spec.Window.Nominal
	if done.IsZero() || done.Before(spec.Window.Opens) {
		done = spec.Window.Opens.Add(15 * time.Minute)
	}
	done = done.Add(l.late[spec.Task.ID])
	by := record.Actor{Kind: record.Person, Name: "A " + spec.Task.Role, Role: spec.Task.Role}
	if slices.Contains(spec.NotBy, by.Name) {
		by.Name = "Another " + spec.Task.Role
	}
	ref := record.Ref{Logbook: in.Context.Logbook, Number: int64(len(l.asked)), Hash: strings.Repeat("ab", 32)}
	s := task.State{Phase: task.Completed, By: by, Happened: done, Completed: ref}
	for _, step := range spec.Task.Steps {
		entries, err := task.Normalise(step, l.entries(below, spec, step), l.zone)
		if err == nil {
			err = task.CheckEntries(step, entries, "a reason", false)
		}
		if err != nil {
			return run.TaskResult{}, err
		}
		entries = task.Things(step, spec, s, entries)
		if err := l.doToLots(spec, s, step, entries, done); err != nil {
			return run.TaskResult{}, err
		}
		s.Done = append(s.Done, task.Done{Step: step.ID, Entries: entries, Record: ref})
	}
	verdict, do := task.Judge(spec.Window, done)
	if s.Verdict = verdict; verdict != task.InWindow && verdict != task.NoWindow {
		s.Departures = append(s.Departures, task.Departure{Record: ref, Asks: do, What: spec.Task.Title + " is " + verdict, By: by.Name})
	}
	return run.TaskResult{State: s}, nil
}

// doToLots does to lots what the step does to them.
func (l *laboratory) doToLots(spec task.Spec, s task.State, step protocol.Step, entries []record.Entry, done time.Time) error {
	acts, err := task.LotActs(spec, s, task.Act{Verb: task.Step, Request: spec.ID + step.ID, Step: step.ID, Entries: entries, Happened: done})
	for _, a := range acts {
		if err == nil {
			a.Act.Rehearsal = true
			_, err = l.toLot(l.t.Context(), activities.ToLotInput{Barcode: a.Barcode, Act: a.Act})
		}
		if fault.Is(err, fault.Conflict) && (a.Act.Body.Kind == sample.Donor || a.Act.Body.State != "") {
			err = nil
		}
	}
	return err
}

func (l *laboratory) entries(below string, spec task.Spec, step protocol.Step) []record.Entry {
	var entries []record.Entry
	for _, f := range step.Fields {
		field := step.ID + "." + f.ID
		value, ok := l.typed[spec.Task.ID+" "+field]
		for _, a := range l.script.Answers {
			if matched, _ := path.Match(a.Task, below); matched && !ok {
				value, ok = a.Entries[field]
			}
		}
		if !ok {
			continue
		}
		e := record.Entry{Field: f.ID, Value: strings.NewReplacer("{block}", spec.Subject.Block, "{attempt}", "1", "{run}", "UCM-2026-001", "{expect}", spec.Expect[field]).Replace(value)}
		if f.Kind == protocol.File {
			data, err := examples.Files.ReadFile(value)
			if err != nil {
				l.t.Error(err)
			}
			stored, err := l.store.PutBytes(l.t.Context(), data, "text/plain", path.Base(value))
			if err != nil {
				l.t.Error(err)
			}
			e.Value, e.File = stored.SHA256, &stored
		}
		entries = append(entries, e)
	}
	return entries
}

// do runs a stage and returns what it left.
func (l *laboratory) do(stage string, code any, in run.StageInput) run.StageResult {
	l.t.Helper()
	in.Stage, in.Begins = stage, monday
	in.Context = run.Context{Run: "UCM-2026-001", Logbook: "run/UCM-2026-001", Protocol: l.sha, Zone: "Europe/Berlin", Speed: 1e9, Rehearsal: true}
	for _, barcode := range in.Lots {
		l.stock(barcode)
	}
	l.ExecuteWorkflow(code, in)
	var result run.StageResult
	if err := l.GetWorkflowResult(&result); err != nil {
		l.t.Fatal(err)
	}
	return result
}

// earlier are the answers of earlier stages that a stage counts from.
func earlier(tasks ...string) map[string]run.Answer {
	given := map[string]run.Answer{}
	for _, id := range tasks {
		given[id] = run.Answer{Task: id, Happened: monday, Record: record.Ref{Logbook: "run/UCM-2026-001", Number: 1, Hash: strings.Repeat("cd", 32)}}
	}
	return given
}

func TestStagesEndAsTheProtocolSays(t *testing.T) {
	type change = map[string]string
	harvest := func(l *laboratory) run.StageResult { return l.do(protocol.Harvesting, CordHarvest, run.StageInput{}) }
	culture := func(l *laboratory) run.StageResult {
		return l.do(protocol.Culturing, Culture, run.StageInput{Given: earlier(protocol.CollectCord)})
	}
	collection := func(l *laboratory) run.StageResult {
		return l.do(protocol.Collecting, Collection, run.StageInput{Given: earlier(protocol.Harvest)})
	}
	treatment := func(l *laboratory) run.StageResult {
		return l.do(protocol.Treating, Treatment, run.StageInput{Model: "cells", Block: "2", Lots: []string{"CM-0031-A", "CM-0027-A"}})
	}
	for _, test := range []struct {
		name    string
		stage   func(*laboratory) run.StageResult
		typed   change
		late    map[string]time.Duration
		outcome run.Outcome
		why     string
		decided int // how often the manager was asked
	}{
		{"a cord that is in order goes on", harvest, nil, nil, run.Done, "", 0},
		{"a positive serology discards the cord", harvest, change{"serology markers.hiv": "positive"}, nil, run.Discarded, "HIV negative: positive, wanted negative", 0},
		{"a cord of odd looks goes on if the manager says so", harvest, change{"receive-cord look.appearance": "torn"}, nil, run.Done, "", 1},
		{"a cord of odd looks is discarded if the manager says so", harvest, change{"receive-cord look.appearance": "torn", "decide-deviation decide.choice": "discard"}, nil, run.Discarded, "The cord looks sound: torn", 1},
		{"a cord that comes late needs a decision", harvest, nil, map[string]time.Duration{"receive-cord": 20 * time.Hour}, run.Done, "", 1},
		{"a cord that comes far too late is discarded", harvest, nil, map[string]time.Duration{"receive-cord": 60 * time.Hour}, run.Discarded, "past the hard limit", 0},
		{"a culture is expanded passage by passage", culture, nil, nil, run.Done, "", 0},
		{"a contaminated culture is discarded", culture, change{"feed look.contaminated": "yes"}, nil, run.Discarded, "No contamination: yes", 0},
		{"too few living cells are discarded", culture, change{"harvest count.viability": "60 %"}, nil, run.Discarded, "60 %, wanted at least 90 %", 0},
		{"cells that hardly grow are held for a decision", culture, change{"harvest count.n_harvested": "1400000 {cells}"}, nil, run.Done, "", 3},
		{"a collection makes one lot and takes two from stock", collection, nil, nil, run.Done, "", 0},
		{"dying cells discard the medium", collection, change{"collect count.viability_end": "75 %"}, nil, run.Discarded, "75 %, wanted at least 90 %", 0},
		{"doubtful cells need a decision", collection, change{"collect count.viability_end": "85 %"}, nil, run.Done, "", 1},
		{"conditioning that ends too late needs a decision", collection, nil, map[string]time.Duration{"collect": 3 * time.Hour}, run.Done, "", 1},
		{"conditioning far too late discards the medium", collection, nil, map[string]time.Duration{"collect": 7 * time.Hour}, run.Discarded, "past the hard limit", 0},
		{"a lot that is rejected is discarded", collection, change{"release-lot release.decision": "rejected"}, nil, run.Discarded, "Released: rejected", 0},
		{"a treatment goes to its end", treatment, nil, nil, run.Done, "", 0},
		{"an aliquot that waited too long is discarded", treatment, nil, map[string]time.Duration{"treat": 5 * time.Hour}, run.Discarded, "late", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := newLaboratory(t)
			l.typed = maps.Clone(test.typed)
			if l.typed == nil {
				l.typed = change{}
			}
			usual := change{"decide-deviation decide.choice": "continue", "decide-deviation decide.justification": "seen"}
			for field, value := range usual {
				if _, ok := l.typed[field]; !ok {
					l.typed[field] = value
				}
			}
			maps.Copy(l.late, test.late)
			result := test.stage(l)
			if result.Outcome != test.outcome || !strings.Contains(result.Why, test.why) {
				t.Errorf("the stage is %s (%s), want %s with %q", result.Outcome, result.Why, test.outcome, test.why)
			}
			asked := 0
			for _, id := range l.asked {
				if id == protocol.DecisionID {
					asked++
				}
			}
			if asked != test.decided {
				t.Errorf("the manager was asked %d times, want %d: %v", asked, test.decided, l.asked)
			}
			if last := l.book.records[len(l.book.records)-1]; last.Kind != record.StageEnded {
				t.Errorf("the last record is %s", last.Kind)
			}
		})
	}
}

// The shape is what lint promises of a protocol; the code must ask for just
// that, in that order.
func TestStagesAskForTheirShape(t *testing.T) {
	for _, test := range []struct {
		stage string
		code  any
		in    run.StageInput
	}{
		{protocol.Harvesting, CordHarvest, run.StageInput{}},
		{protocol.Culturing, Culture, run.StageInput{Given: earlier(protocol.CollectCord)}},
		{protocol.Collecting, Collection, run.StageInput{Given: earlier(protocol.Harvest)}},
		{protocol.Treating, Treatment, run.StageInput{Model: "skin", Block: "1", Lots: []string{"CM-0031-A"}}},
	} {
		t.Run(test.stage, func(t *testing.T) {
			l := newLaboratory(t)
			l.do(test.stage, test.code, test.in)
			shape, _ := protocol.ShapeOf(test.stage)
			var first []string // each task once, in the order of its first asking
			for _, id := range l.asked {
				if slices.Contains(shape.Tasks, id) && !slices.Contains(first, id) {
					first = append(first, id)
				}
			}
			// Side by side: whichever the test environment starts first.
			if i := slices.Index(first, protocol.CollectBlank); i >= 0 && i+1 < len(first) && first[i+1] == protocol.Collect {
				first[i], first[i+1] = first[i+1], first[i]
			}
			if !slices.Equal(first, shape.Tasks) {
				t.Errorf("asked for %v, the shape is %v", first, shape.Tasks)
			}
			for _, id := range l.asked {
				if !slices.Contains(shape.Tasks, id) && !shape.Measures {
					t.Errorf("asked for %q, which is not in the shape", id)
				}
			}
			var waited []string
			for _, r := range l.book.records {
				if r.Kind == record.WaitStarted {
					w, err := record.Read[record.Wait](r)
					if err != nil {
						t.Fatal(err)
					}
					waited = append(waited, w.Wait)
				}
			}
			for _, id := range shape.Waits {
				if !slices.Contains(waited, id) {
					t.Errorf("never waited for %q", id)
				}
			}
		})
	}
}
