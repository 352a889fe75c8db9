package lab

import (
	"fmt"
	"slices"

	"secretome/internal/record"
)

// StageThen is how a stage stood.
type StageThen struct {
	Stage, Model, Block string
	Title               string
	Number              int64  // of the record that started it; 0: planned
	State               string // planned, running, or how it ended
}

// Stages lists the stages that were started, then those that the launch planned.
func (h History) Stages() []StageThen {
	var all []StageThen
	for _, r := range h.Records {
		s := r.Subject
		i := slices.IndexFunc(all, func(t StageThen) bool { return t.Stage == s.Stage && t.Model == s.Model && t.Block == s.Block })
		switch r.Kind {
		case record.StageStarted:
			start, _ := record.Read[record.Start](r) // a stage without a title is told by its ID
			now := StageThen{s.Stage, s.Model, s.Block, start.Title, r.Number, "running"}
			if i < 0 {
				all = append(all, now)
			} else {
				all[i] = now
			}
		case record.StageEnded:
			if end, err := record.Read[record.End](r); err == nil && i >= 0 {
				all[i].State = end.Outcome
			}
		default:
		}
	}
	return append(all, h.planned(all)...)
}

func (h History) planned(started []StageThen) []StageThen {
	var all []StageThen
	for _, id := range h.Launch.Plan {
		byModel := id == "by-model"
		if !slices.ContainsFunc(started, func(t StageThen) bool { return t.Stage == id || byModel && t.Model != "" }) {
			all = append(all, StageThen{Stage: id, State: "planned"})
		}
	}
	return all
}

// TaskThen is a task that waited for somebody.
type TaskThen struct {
	ID, Title, Role string
	Subject         record.Subject
	Asked           int64  // number of the record that asked it
	Attempt         int    //
	Holder          string // empty: nobody had claimed it
	Window          record.Window
}

// Open lists the tasks that were asked and not over, in the order of their asking.
func (h History) Open() []TaskThen {
	var all []TaskThen
	for _, r := range h.Records {
		i := slices.IndexFunc(all, func(t TaskThen) bool { return t.ID == r.Subject.Task })
		if r.Kind == record.TaskAsked && i < 0 {
			if asked, err := record.Read[record.Asked](r); err == nil {
				all = append(all, TaskThen{r.Subject.Task, asked.Title, asked.Role, r.Subject, r.Number, asked.Attempt, "", asked.Window})
			}
			continue
		}
		if i < 0 {
			continue
		}
		switch r.Kind {
		case record.TaskClaimed:
			all[i].Holder = r.By.Name
		case record.TaskReleased:
			all[i].Holder = ""
		case record.TaskHandedOver:
			all[i].Holder = note(r).To
		case record.TaskAssigned:
			if to := note(r).To; all[i].Holder != to {
				all[i].Holder = ""
			}
		case record.TaskCompleted, record.TaskSkipped, record.TaskClosed, record.TaskCancelled, record.TaskSuperseded:
			all = slices.Delete(all, i, i+1)
		default:
		}
	}
	return all
}

func note(r record.Record) record.Note {
	n, _ := record.Read[record.Note](r) // what cannot be read says nothing
	return n
}

// Fact is one thing that was known, and the record that told it.
type Fact struct {
	Name, Value string
	Number      int64
}

// Known lists what was known of the run. Of what was said more than once it has
// the last.
func (h History) Known() []Fact {
	var facts []Fact
	say := func(r record.Record, name, value string) {
		if i := slices.IndexFunc(facts, func(f Fact) bool { return f.Name == name }); i >= 0 {
			facts[i].Value, facts[i].Number = value, r.Number
			return
		}
		facts = append(facts, Fact{name, value, r.Number})
	}
	open := 0
	for _, r := range h.Records {
		switch r.Kind {
		case record.RunLaunched:
			say(r, "Protocol", h.Launch.Name)
			say(r, "Launched by", r.By.Name)
			if a := h.Launch.Approval; a.Meaning != "" {
				say(r, a.Meaning, "signed by "+a.Identity)
			}
			if h.Launch.Donor != "" {
				say(r, "Donor expected", h.Launch.Donor)
			}
		case record.Allocated:
			say(r, "Layouts", "drawn and sealed")
		case record.KeyOpened:
			say(r, "Layouts", "key opened")
		case record.DeviationOpened:
			open++
			say(r, "Deviations", fmt.Sprintf("%d opened", open))
		case record.RunPaused, record.RunHeld:
			say(r, "Run", "paused")
		case record.RunResumed:
			say(r, "Run", "goes on")
		case record.RunStopping:
			say(r, "Run", "is being stopped")
		case record.RunEnded:
			end, _ := record.Read[record.End](r) // told by its kind alone
			say(r, "Run", "ended: "+end.Outcome)
		default:
			h.say(r, say)
		}
	}
	return facts
}

// say tells what was made and found.
func (h History) say(r record.Record, say func(record.Record, string, string)) {
	switch r.Kind {
	case record.LotMade:
		if lot, err := record.Read[record.Lot](r); err == nil {
			say(r, "Lot "+lot.Barcode, lot.State)
		}
	case record.ResultComputed:
		if result, err := record.Read[record.Result](r); err == nil {
			say(r, place(result.Name, r.Subject), result.Summary)
		}
	case record.RunAmended:
		if amended, err := record.Read[record.Amended](r); err == nil {
			say(r, "Protocol", amended.Name)
		}
	case record.ReportMade:
		say(r, "Report", "written")
	case record.Signed:
		say(r, "Signed by", r.By.Name)
	case record.Sealed:
		say(r, "Record", "sealed")
	default:
	}
}

func place(what string, s record.Subject) string {
	if s.Model != "" {
		what += ", " + s.Model
	}
	if s.Block != "" {
		what += " " + s.Block
	}
	return what
}

// KeyEvents are the numbers of the records that a reader steps through first:
// launch and end, deviations and decisions on them, results' refusals, keys,
// signatures and seals. They are of the history only.
func (h History) KeyEvents() []record.Record {
	var all []record.Record
	for _, r := range h.Records {
		if IsKeyEvent(r.Kind) {
			all = append(all, r)
		}
	}
	return all
}

// IsKeyEvent reports whether a kind of record turns a run.
func IsKeyEvent(k record.Kind) bool {
	return slices.Contains([]record.Kind{
		record.RunLaunched, record.RunEnded, record.RunPaused, record.RunResumed, record.RunStopping, record.RunHeld, record.RunAmended,
		record.StageStarted, record.DeviationOpened, record.DeviationDecided, record.LateEntry, record.TaskCancelled, record.TaskSuperseded,
		record.TaskSkipped, record.Allocated, record.KeySeen, record.KeyOpened, record.ReportMade, record.Signed, record.Sealed,
	}, k)
}
