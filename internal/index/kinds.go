package index

import (
	"encoding/json"
	"slices"
	"strings"

	"secretome/internal/fault"
	"secretome/internal/record"
	"secretome/internal/task"
)

// projectionOf returns what a kind of record does to the tables, beside standing
// in the logbook. Its error says that the record means nothing, since its body
// cannot be read or it stands in the wrong logbook; nothing was written then.
func projectionOf(k record.Kind) (func(*projection, record.Record) error, bool) {
	switch k {
	case record.RunLaunched:
		return inRun(reading((*projection).launched)), true
	case record.RunEnded:
		return inRun(reading((*projection).runEnded)), true
	case record.StageStarted:
		return inRun(reading((*projection).stageStarted)), true
	case record.StageEnded:
		return inRun(reading((*projection).stageEnded)), true
	case record.WaitStarted, record.WaitEnded:
		return inRun(reading((*projection).waited)), true
	case record.TaskAsked:
		return ofTask(reading((*projection).asked)), true
	case record.TaskClaimed:
		return ofTask((*projection).claimed), true
	case record.TaskReleased:
		return ofTask((*projection).released), true
	case record.TaskHandedOver:
		return ofTask(reading((*projection).handedOver)), true
	case record.TaskSaved, record.StepDone:
		return reading((*projection).entered), true
	case record.TaskCompleted:
		return ofTask(reading((*projection).completed)), true
	case record.TaskSkipped:
		return ofTask((*projection).skipped), true
	case record.TaskClosed:
		return ofTask((*projection).closed), true
	case record.TaskAssigned:
		return ofTask(reading((*projection).assigned)), true
	case record.TaskCancelled:
		return ofTask((*projection).skipped), true
	case record.TaskSuperseded:
		return ofTask((*projection).closed), true
	case record.StepTakenBack:
		return ofTask((*projection).takenBack), true
	case record.TaskAttached:
		return reading((*projection).entered), true
	case record.RunPaused, record.RunHeld:
		return inRun(reading((*projection).paused)), true
	case record.RunResumed, record.RunStopping:
		return inRun((*projection).resumed), true
	case record.RunAmended:
		return inRun(reading((*projection).amended)), true
	case record.ThingFlagged:
		return inRun(reading((*projection).flagged)), true
	case record.TaskCommented, record.KeySeen, record.StepChecked, record.TaskAdded, record.Noticed, record.Recalled, record.NotePinned:
		return (*projection).nothing, true
	case record.LateEntry:
		return reading((*projection).lateEntry), true
	case record.WindowPassed:
		return ofTask((*projection).late), true
	case record.DeviationOpened:
		return reading((*projection).deviated), true
	case record.DeviationDecided:
		return reading((*projection).decided), true
	case record.FileParsed:
		return reading((*projection).parsed), true
	case record.ResultComputed:
		return reading((*projection).computed), true
	case record.DecisionMade:
		return reading((*projection).judged), true
	case record.LotMade:
		return reading((*projection).lot), true
	case record.Allocated:
		return reading((*projection).allocated), true
	case record.KeyOpened:
		return reading((*projection).keyOpened), true
	case record.FigureDrawn, record.ReportMade, record.ArtifactStored:
		return reading((*projection).document), true
	case record.PlaceLogged:
		return reading((*projection).placeLogged), true
	case record.Signed:
		return reading((*projection).signed), true
	case record.HistoriesExported:
		return reading((*projection).histories), true
	case record.Sealed:
		return (*projection).sealed, true
	}
	if slices.Contains(record.LotKinds(), k) {
		return reading((*projection).kept), true
	}
	if slices.Contains(record.PersonKinds(), k) {
		return (*projection).nothing, true
	}
	return nil, false
}

// reading decodes the body before it is projected.
func reading[T any](project func(*projection, record.Record, T)) func(*projection, record.Record) error {
	return func(p *projection, r record.Record) error {
		body, err := record.Read[T](r)
		if err == nil {
			project(p, r, body)
		}
		return err
	}
}

// inRun refuses what means something in the logbook of a run only. Were it taken
// from another one, the order between logbooks would count.
func inRun(project func(*projection, record.Record) error) func(*projection, record.Record) error {
	return func(p *projection, r record.Record) error {
		if runOf(r.Logbook) == "" {
			return fault.New(fault.Corrupt, "record %d of %s: %s belongs into the logbook of a run", r.Number, r.Logbook, r.Kind)
		}
		return project(p, r)
	}
}

// ofTask refuses what is not about a task of the logbook's run.
func ofTask(project func(*projection, record.Record) error) func(*projection, record.Record) error {
	return func(p *projection, r record.Record) error {
		if !hasTask(r) {
			return fault.New(fault.Corrupt, "record %d of %s: %s is about %q, which is no task of this run", r.Number, r.Logbook, r.Kind, r.Subject.Task)
		}
		return project(p, r)
	}
}

// hasTask tells whether r is about a task of its own run.
func hasTask(r record.Record) bool {
	run := runOf(r.Logbook)
	return run != "" && strings.HasPrefix(r.Subject.Task, "task/"+run+"/")
}

// nothing is for what only stands in the logbook.
func (p *projection) nothing(record.Record) error { return nil }

func (p *projection) launched(r record.Record, b record.Launch) {
	p.makes(r, b.Protocol, b.Document)
	p.exec(`INSERT INTO runs (id, logbook, title, protocol, protocol_name, zone, simulated, state, started, ended, outcome, why, sealed)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', '', 0) ON CONFLICT (id) DO NOTHING`,
		runOf(r.Logbook), r.Logbook, b.Title, b.Protocol.SHA256, b.Name, b.Zone, flag(b.Simulated || r.Rehearsal), Running, stamp(r.Happened))
}

func (p *projection) runEnded(r record.Record, b record.End) {
	p.exec("UPDATE runs SET state = ?, ended = ?, outcome = ?, why = ? WHERE logbook = ?", Ended, stamp(r.Happened), b.Outcome, b.Why, r.Logbook)
}

func (p *projection) sealed(r record.Record) error {
	p.exec("UPDATE runs SET sealed = ? WHERE logbook = ?", r.Number, r.Logbook)
	return nil
}

func (p *projection) stageStarted(r record.Record, b record.Start) {
	s := r.Subject
	p.exec(`INSERT INTO stages (run, stage, model, block, number, title, tasks, state, started, ended, outcome, why)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', '')
		ON CONFLICT (run, stage, model, block) DO UPDATE SET number = excluded.number, title = excluded.title, tasks = excluded.tasks,
			state = excluded.state, started = excluded.started, ended = '', outcome = '', why = ''`,
		runOf(r.Logbook), s.Stage, s.Model, s.Block, r.Number, b.Title, b.Tasks, Running, stamp(r.Happened))
}

func (p *projection) stageEnded(r record.Record, b record.End) {
	s := r.Subject
	p.exec("UPDATE stages SET state = ?, ended = ?, outcome = ?, why = ? WHERE run = ? AND stage = ? AND model = ? AND block = ?",
		Ended, stamp(r.Happened), b.Outcome, b.Why, runOf(r.Logbook), s.Stage, s.Model, s.Block)
}

func (p *projection) waited(r record.Record, b record.Wait) {
	s, w := r.Subject, b.Window
	p.exec(`INSERT INTO waits (run, stage, model, block, wait, number, title, anchor, opens, nominal, closes, hard, ended)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (run, stage, model, block, wait) DO UPDATE SET number = excluded.number, title = excluded.title, anchor = excluded.anchor,
			opens = excluded.opens, nominal = excluded.nominal, closes = excluded.closes, hard = excluded.hard, ended = excluded.ended`,
		runOf(r.Logbook), s.Stage, s.Model, s.Block, b.Wait, r.Number, b.Title, stamp(b.Anchor),
		stamp(w.Opens), stamp(w.Nominal), stamp(w.Closes), stamp(w.Hard), stamp(b.Ended))
}

func (p *projection) asked(r record.Record, b record.Asked) {
	s, w := r.Subject, b.Window
	notBy, _ := json.Marshal(b.NotBy) // strings always encode
	p.exec(`INSERT INTO tasks (id, run, stage, model, block, task, title, role, state, holder, not_by, opens, nominal, closes, hard, due,
			attempt, asked, completed, completed_by, verdict, late)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, ?, ?, ?, ?, ?, ?, '', '', '', 0) ON CONFLICT (id) DO NOTHING`,
		s.Task, runOf(r.Logbook), s.Stage, s.Model, s.Block, taskOf(runOf(r.Logbook), s), b.Title, b.Role, string(task.Open), string(notBy),
		stamp(w.Opens), stamp(w.Nominal), stamp(w.Closes), stamp(w.Hard), due(w), b.Attempt, stamp(r.Happened))
}

// due is by when a task wants to be done, as text that sorts: the end of its
// window, else its nominal time, else never.
func due(w record.Window) string {
	for _, t := range []string{stamp(w.Closes), stamp(w.Nominal)} {
		if t != "" {
			return t
		}
	}
	return never
}

// never sorts behind every time.
const never = "9999-12-31T23:59:59.999Z"

// hold says who holds a task.
func (p *projection) hold(r record.Record, phase task.Phase, holder string) {
	p.exec("UPDATE tasks SET state = ?, holder = ? WHERE id = ?", string(phase), holder, r.Subject.Task)
}

func (p *projection) claimed(r record.Record) error {
	p.hold(r, task.Claimed, r.By.Name)
	return nil
}

func (p *projection) released(r record.Record) error {
	p.hold(r, task.Open, "")
	return nil
}

func (p *projection) handedOver(r record.Record, b record.Note) { p.hold(r, task.Claimed, b.To) }

func (p *projection) entered(r record.Record, b record.Entered) {
	for _, e := range b.Entries {
		if e.File != nil {
			p.makes(r, *e.File)
		}
	}
	if r.Kind != record.StepDone || !hasTask(r) {
		return
	}
	p.scanned(r, b.Entries)
	p.exec(`INSERT INTO steps (task, step, logbook, number, happened, actor) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (task, step) DO UPDATE SET number = excluded.number, happened = excluded.happened, actor = excluded.actor`,
		r.Subject.Task, r.Subject.Step, r.Logbook, r.Number, stamp(r.Happened), r.By.Name)
}

// takenBack leaves the step to be done again.
func (p *projection) takenBack(r record.Record) error {
	p.exec("DELETE FROM steps WHERE task = ? AND step = ?", r.Subject.Task, r.Subject.Step)
	return nil
}

// assigned takes a task from who holds it and is not meant to.
func (p *projection) assigned(r record.Record, b record.Note) {
	p.exec("UPDATE tasks SET state = ?, holder = '' WHERE id = ? AND holder <> ? AND holder <> ''", string(task.Open), r.Subject.Task, b.To)
}

func (p *projection) paused(r record.Record, b record.Note) {
	p.exec("UPDATE runs SET why = ? WHERE logbook = ? AND state = ?", "paused: "+b.Text, r.Logbook, Running)
}

func (p *projection) resumed(r record.Record) error {
	p.exec("UPDATE runs SET why = '' WHERE logbook = ? AND state = ?", r.Logbook, Running)
	return nil
}

func (p *projection) amended(r record.Record, b record.Amended) {
	p.makes(r, b.Protocol, b.Document)
	p.exec("UPDATE runs SET protocol = ?, protocol_name = ? WHERE logbook = ?", b.Protocol.SHA256, b.Name, r.Logbook)
}

func (p *projection) lateEntry(r record.Record, b record.Late) {
	for _, e := range b.Entries {
		if e.File != nil {
			p.makes(r, *e.File)
		}
	}
}

// finish ends a task.
func (p *projection) finish(r record.Record, phase task.Phase) {
	p.exec("UPDATE tasks SET state = ?, holder = '', completed = ?, completed_by = ? WHERE id = ?",
		string(phase), stamp(r.Happened), r.By.Name, r.Subject.Task)
}

func (p *projection) completed(r record.Record, b record.Completed) {
	p.finish(r, task.Completed)
	p.exec("UPDATE tasks SET verdict = ?, late = ? WHERE id = ?", b.Verdict, flag(b.Verdict == task.Late || b.Verdict == task.Missed), r.Subject.Task)
}

func (p *projection) skipped(r record.Record) error {
	p.finish(r, task.Skipped)
	return nil
}

func (p *projection) closed(r record.Record) error {
	p.finish(r, task.Closed)
	return nil
}

func (p *projection) late(r record.Record) error {
	p.exec("UPDATE tasks SET late = 1 WHERE id = ?", r.Subject.Task)
	return nil
}

// flag writes a truth value as a number, which every database has.
func flag(b bool) int {
	if b {
		return 1
	}
	return 0
}
