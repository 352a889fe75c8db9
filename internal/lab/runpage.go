package lab

import (
	"context"
	"time"

	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/protocol"
	"secretome/internal/record"
)

// How much of each list the page of a run shows.
const (
	mostNow    = 6
	mostNext   = 5
	mostLatest = 12
	mostThings = 40
	mostWorked = 3000
)

// Standing is what holds a run up, with who did so.
type Standing struct {
	State string // paused, held, stopping; empty: it goes on
	Why   string
	By    record.Actor
	Since time.Time
}

// RunPage is all that the page of one run tells.
type RunPage struct {
	index.Run
	Launch    record.Launch
	By        record.Actor // who launched it
	Now       time.Time
	Standing  Standing
	Map       []MapColumn // what the protocol plans
	Aside     []Stage     // what was asked besides, held, or arrived late
	Open      int         // tasks that wait for somebody, without decisions
	Doing     []Task      // whose window is open or closed, or that have none
	Coming    []Task      // whose window opens later
	Waits     []index.Wait
	Decisions []DecisionView
	Deciding  int // how many decisions wait
	Worked    []time.Time
	Latest    History // the last records, the newest first
	Changed   time.Time
	Lots      []index.Lot
	Donors    []index.Used
	Plates    []index.Used
	Counts    index.RunCounts
	Signed    []Signature
	Deviating map[string]int // deviations of each "stage/model"
}

// RunPage tells where a run is, what is next and what stops it. It fails with
// [fault.NotFound].
func (l *Lab) RunPage(ctx context.Context, who record.Actor, id string) (RunPage, error) {
	if err := Allowed(who, Look); err != nil {
		return RunPage{}, err
	}
	row, err := l.Index.Run(ctx, id)
	if err != nil {
		return RunPage{}, err
	}
	p := RunPage{Run: row, Now: l.Now(), Deviating: map[string]int{}}
	for _, read := range []func(context.Context, *RunPage) error{l.pageLaunch, l.pageMap, l.pageTasks, l.pageDecisions, l.pageRecord, l.pageMaterials} {
		if err := read(ctx, &p); err != nil {
			return p, err
		}
	}
	return p, nil
}

// pageLaunch reads how the run began, and what holds it up.
func (l *Lab) pageLaunch(ctx context.Context, p *RunPage) error {
	first, found, err := l.Index.Record(ctx, p.ID, 1)
	if err != nil {
		return err
	}
	if found {
		p.By = first.By
		if p.Launch, err = record.Read[record.Launch](first); err != nil {
			return err
		}
	}
	p.Standing, err = l.heldUp(ctx, p.Run)
	return err
}

// heldUp is what the last record says that pauses, holds, stops or resumes.
func (l *Lab) heldUp(ctx context.Context, r index.Run) (Standing, error) {
	if r.State != index.Running {
		return Standing{}, nil
	}
	last, err := l.Index.Latest(ctx, r.Logbook, 1, record.RunPaused, record.RunHeld, record.RunResumed, record.RunStopping)
	if err != nil || len(last) == 0 {
		return Standing{}, err
	}
	state := map[record.Kind]string{record.RunPaused: "paused", record.RunHeld: "held", record.RunStopping: "stopping"}[last[0].Kind]
	if state == "" {
		return Standing{}, nil
	}
	return Standing{State: state, Why: note(last[0]).Text, By: last[0].By, Since: last[0].Happened}, nil
}

// pageMap lays out the stages.
func (l *Lab) pageMap(ctx context.Context, p *RunPage) error {
	stages, err := l.Index.Stages(ctx, p.ID)
	if err != nil {
		return err
	}
	tallies, err := l.Index.Tallies(ctx, []string{p.ID}, p.Now, false)
	if err != nil {
		return err
	}
	for _, t := range tallies {
		p.Open += t.Open - t.Blocked
		p.Deciding += t.Blocked
	}
	p.Map = stageMap(l.outline(ctx, p.Protocol, stages).plain(), p.Run, stages, tallies)
	for _, s := range stages {
		if (Column{Stage: s.Stage}).aside() {
			p.Aside = append(p.Aside, s)
		}
	}
	return nil
}

// pageTasks reads what is to be done now and next.
func (l *Lab) pageTasks(ctx context.Context, p *RunPage) (err error) {
	if p.Worked, err = l.Index.Worked(ctx, p.ID, mostWorked); err != nil || p.State != index.Running {
		return err
	}
	if p.Doing, err = l.Index.OpenTasks(ctx, p.ID, p.Now, false, mostNow); err != nil {
		return err
	}
	if p.Coming, err = l.Index.OpenTasks(ctx, p.ID, p.Now, true, mostNext); err != nil {
		return err
	}
	waits, err := l.Index.Waits(ctx, p.ID)
	if err != nil {
		return err
	}
	for _, w := range waits {
		if w.Ended.IsZero() {
			p.Waits = append(p.Waits, w)
		}
	}
	return nil
}

func (l *Lab) pageDecisions(ctx context.Context, p *RunPage) error {
	deviations, err := l.Index.Deviations(ctx, p.ID)
	if err != nil {
		return err
	}
	for _, d := range deviations {
		p.Deviating[d.Stage+"/"+d.Model]++
	}
	if p.Deciding == 0 {
		return nil
	}
	rows, err := l.Index.Deciding(ctx, p.ID, mostNeeds, 0)
	if err != nil {
		return err
	}
	for _, row := range rows {
		d, err := l.decision(ctx, row)
		if err != nil {
			return err
		}
		p.Decisions = append(p.Decisions, d)
	}
	return nil
}

// pageRecord reads the last records, with the titles of their tasks.
func (l *Lab) pageRecord(ctx context.Context, p *RunPage) error {
	records, err := l.Index.Latest(ctx, p.Logbook, mostLatest)
	if err != nil {
		return err
	}
	p.Latest, err = l.titled(ctx, p.Run, records)
	if len(records) > 0 {
		p.Changed = records[0].Received
	}
	return err
}

// titled puts records into a history that knows the titles of their tasks.
func (l *Lab) titled(ctx context.Context, r index.Run, records []record.Record) (History, error) {
	h := History{Run: r.ID, Records: records, At: r.Head, Head: r.Head, titles: map[string]string{}}
	for _, rec := range records {
		id := rec.Subject.Task
		if id == "" || h.titles[id] != "" {
			continue
		}
		t, err := l.Index.Task(ctx, id)
		switch {
		case err == nil:
			h.titles[id] = t.Title
		case !fault.Is(err, fault.NotFound):
			return h, err
		}
	}
	return h, nil
}

func (l *Lab) pageMaterials(ctx context.Context, p *RunPage) (err error) {
	if p.Lots, err = l.Index.Lots(ctx, index.LotFilter{Logbook: p.Logbook}); err != nil {
		return err
	}
	if p.Donors, err = l.Index.ThingsOf(ctx, p.ID, mostThings, "donor"); err != nil {
		return err
	}
	if p.Plates, err = l.Index.ThingsOf(ctx, p.ID, mostThings, "plate"); err != nil {
		return err
	}
	if p.Counts, err = l.Index.RunCounts(ctx, p.ID); err != nil {
		return err
	}
	p.Signed, err = l.Index.Signatures(ctx, p.ID)
	return err
}

// mostStageTasks is how many tasks, and records of what was entered, the page of
// a stage shows.
const mostStageTasks = 200

// StagePage is a stage of a run with its tasks, entries and artifacts.
type StagePage struct {
	index.Run
	Now      time.Time
	Part     MapPart
	Parts    []MapPart // all of the column, to go from one model to the next
	Stages   []Stage   // a row a block
	Tasks    []Task
	Cut      bool    // there is more than is shown
	Entries  History // what was entered, in order
	Results  []index.Result
	Waits    []index.Wait
	Deviated []index.Deviation
}

// StagePage tells a stage of a run, of one model where model is not empty. It
// fails with [fault.NotFound].
func (l *Lab) StagePage(ctx context.Context, who record.Actor, id, stage, model string) (StagePage, error) {
	if err := Allowed(who, Look); err != nil {
		return StagePage{}, err
	}
	row, err := l.Index.Run(ctx, id)
	if err != nil {
		return StagePage{}, err
	}
	p := StagePage{Run: row, Now: l.Now()}
	all, err := l.Index.Stages(ctx, id)
	if err != nil {
		return p, err
	}
	tallies, err := l.Index.Tallies(ctx, []string{id}, p.Now, false)
	if err != nil {
		return p, err
	}
	if !p.find(stageMap(l.outline(ctx, row.Protocol, all), row, all, tallies), stage, model) {
		return p, fault.New(fault.NotFound, "run %s has no stage %q", id, stageName(stage, model)).Try("open it from the map of the run")
	}
	for _, s := range all {
		if s.Stage == stage && (model == "" || s.Model == model) {
			p.Stages = append(p.Stages, s)
		}
	}
	return p, l.stageRest(ctx, &p, stage, model)
}

func stageName(stage, model string) string {
	if model == "" {
		return stage
	}
	return stage + "/" + model
}

// find takes the part from the map of the run. A stage of several models without
// one of them named is all of them.
func (p *StagePage) find(columns []MapColumn, stage, model string) bool {
	for _, c := range columns {
		if c.Stage != stage || len(c.Parts) == 0 {
			continue
		}
		p.Parts = c.Parts
		if model == "" {
			p.Part = c.Parts[0]
			if c.ByModel {
				p.Part = MapPart{Stage: stage, Title: c.Title, State: c.Parts[0].State}
			}
			return true
		}
		for _, part := range c.Parts {
			if part.Model == model {
				p.Part = part
				return true
			}
		}
	}
	return false
}

func (l *Lab) stageRest(ctx context.Context, p *StagePage, stage, model string) (err error) {
	if p.Tasks, err = l.Index.StageTasks(ctx, p.ID, stage, model, mostStageTasks+1); err != nil {
		return err
	}
	if p.Cut = len(p.Tasks) > mostStageTasks; p.Cut {
		p.Tasks = p.Tasks[:mostStageTasks]
	}
	entries, err := l.Index.StageRecords(ctx, p.ID, stage, model, mostStageTasks, record.StepDone)
	if err != nil {
		return err
	}
	if p.Entries, err = l.titled(ctx, p.Run, entries); err != nil {
		return err
	}
	return l.stageOutcome(ctx, p, stage, model)
}

// stageOutcome adds what a stage found, waits for, and departed in.
func (l *Lab) stageOutcome(ctx context.Context, p *StagePage, stage, model string) error {
	here := func(s, m string) bool { return s == stage && (model == "" || m == model) }
	results, err := l.Index.Results(ctx, p.ID)
	if err != nil {
		return err
	}
	for _, r := range results {
		if here(r.Stage, r.Model) {
			p.Results = append(p.Results, r)
		}
	}
	waits, err := l.Index.Waits(ctx, p.ID)
	for _, w := range waits {
		if here(w.Stage, w.Model) {
			p.Waits = append(p.Waits, w)
		}
	}
	if err != nil {
		return err
	}
	deviations, err := l.Index.Deviations(ctx, p.ID)
	for _, d := range deviations {
		if here(d.Stage, d.Model) {
			p.Deviated = append(p.Deviated, d)
		}
	}
	return err
}

// decisionsStage reports whether a stage is of a kind in which a decision means
// something else than for a task.
func decisionsStage(stage string) string {
	for _, kind := range []string{"hold-", "late-", "ad-hoc-"} {
		if len(stage) > len(kind) && stage[:len(kind)] == kind {
			return kind[:len(kind)-1]
		}
	}
	if stage == protocol.Treating || stage == protocol.Assaying {
		return "block"
	}
	return ""
}
