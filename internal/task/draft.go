package task

import (
	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
)

// Drafts returns what an act writes into the logbook, the record that answers
// it first. base has everything but kind and body. The act was checked.
func Drafts(base record.Draft, spec Spec, s State, a Act) ([]record.Draft, error) {
	switch a.Verb {
	case Claim:
		return one(base, record.TaskClaimed, record.Note{})
	case Release:
		return one(base, record.TaskReleased, record.Note{Text: a.Reason})
	case HandOver:
		return one(base, record.TaskHandedOver, record.Note{Text: a.Reason, To: a.To})
	case Comment:
		return one(base, record.TaskCommented, record.Note{Text: a.Reason})
	case Skip:
		return skipped(base, spec, a)
	case Cancel:
		return one(base, record.TaskCancelled, record.Note{Text: a.Reason})
	case Repeat:
		return superseded(base, spec, a)
	case Assign:
		return one(base, record.TaskAssigned, record.Note{Text: a.Reason, To: a.To})
	case Check:
		return one(base, record.StepChecked, record.Note{Text: a.Reason, Badge: a.Badge})
	case TakeBack:
		return takenBack(base, s, a)
	case Attach:
		return attached(base, a)
	case Save:
		return entered(base, record.TaskSaved, spec, s, a)
	case Step:
		drafts, err := entered(base, record.StepDone, spec, s, a)
		return misread(base, a, drafts, err)
	case Deviate:
		return one(base, record.DeviationOpened, record.Deviation{Type: "other", What: a.Reason, Asks: string(protocol.Deviation)})
	case Complete:
		drafts, err := completed(base, spec, s)
		return misread(base, a, drafts, err)
	}
	return nil, fault.New(fault.Invalid, "unknown verb %q", a.Verb)
}

// skipped leaves a task out. Whether the run may go on without it is for the
// manager to decide, unless the protocol calls it optional.
func skipped(base record.Draft, spec Spec, a Act) ([]record.Draft, error) {
	drafts, err := one(base, record.TaskSkipped, record.Note{Text: a.Reason})
	if err != nil || spec.Optional {
		return drafts, err
	}
	body := record.Deviation{Type: "skipped", What: spec.Task.Title + " was left out: " + a.Reason, Reason: a.Reason, Asks: string(protocol.Deviation)}
	d, err := with(base, record.DeviationOpened, "/skipped", body)
	return append(drafts, d), err
}

// superseded ends this asking of a task; it is asked again from its first step.
func superseded(base record.Draft, spec Spec, a Act) ([]record.Draft, error) {
	drafts, err := one(base, record.TaskSuperseded, record.Note{Text: a.Reason})
	if err != nil {
		return drafts, err
	}
	body := record.Deviation{Type: "repeated", What: spec.Task.Title + " is asked again: " + a.Reason, Reason: a.Reason, Asks: string(protocol.Repeat)}
	d, err := with(base, record.DeviationOpened, "/repeat", body)
	return append(drafts, d), err
}

func attached(base record.Draft, a Act) ([]record.Draft, error) {
	for _, e := range a.Entries {
		if e.File != nil {
			base.Uses = append(base.Uses, e.File.As("attached"))
		}
	}
	return one(base, record.TaskAttached, record.Entered{Entries: a.Entries, Reason: a.Reason})
}

func one(base record.Draft, kind record.Kind, body any) ([]record.Draft, error) {
	d, err := with(base, kind, "", body)
	return []record.Draft{d}, err
}

// with gives a draft its kind and body; what keeps its request apart from the
// act's other records.
func with(base record.Draft, kind record.Kind, what string, body any) (record.Draft, error) {
	encoded, err := record.Body(body)
	base.Kind, base.Body = kind, encoded
	base.Request += what
	return base, err
}

// misread adds that the bench's clock was wrong: the time that it gave was
// corrected, and both stand in the record.
func misread(base record.Draft, a Act, drafts []record.Draft, err error) ([]record.Draft, error) {
	if err != nil || a.Clock == "" {
		return drafts, err
	}
	d, err := with(base, record.DeviationOpened, "/clock", record.Deviation{Type: "clock", What: a.Clock, Asks: string(protocol.Flag)})
	return append(drafts, d), err
}

func entered(base record.Draft, kind record.Kind, spec Spec, s State, a Act) ([]record.Draft, error) {
	body := record.Entered{Entries: a.Entries, Reason: a.Reason, Deviation: a.Deviation, Paper: a.Paper}
	if body.Entries == nil {
		body.Entries = []record.Entry{} // a step that asks for nothing is done all the same
	}
	for _, d := range s.Done {
		if d.Step == a.Step {
			body.Corrects = d.Record.Number
			base.Uses = append(base.Uses, d.Record.As("corrected"))
		}
	}
	step, _ := spec.Task.Step(a.Step)
	body.Entries = Things(step, spec, s, body.Entries)
	for _, e := range body.Entries {
		if e.File != nil {
			base.Uses = append(base.Uses, e.File.As(e.Field))
		}
		if e.Thing != nil && e.Thing.Act != nil {
			base.Uses = append(base.Uses, e.Thing.Act.As(e.Field))
		}
	}
	drafts, err := one(base, kind, body)
	what := OutOfRange(step, a.Entries)
	if err != nil || what == "" || kind != record.StepDone {
		return drafts, err
	}
	d, err := with(base, record.DeviationOpened, "/range", record.Deviation{Type: "range", What: what, Reason: a.Deviation, Asks: string(protocol.Deviation)})
	return append(drafts, d), err
}

func completed(base record.Draft, spec Spec, s State) ([]record.Draft, error) {
	for _, d := range s.Done {
		base.Uses = append(base.Uses, d.Record.As("step "+d.Step))
	}
	verdict, do := Judge(spec.Window, base.Happened)
	drafts, err := one(base, record.TaskCompleted, record.Completed{Window: spec.Window, Verdict: verdict})
	if err != nil || verdict == InWindow || verdict == NoWindow {
		return drafts, err
	}
	what := spec.Task.Title + ": " + verdict + ", " + Departed(spec.Window, base.Happened)
	d, err := with(base, record.DeviationOpened, "/window", record.Deviation{Type: "window", What: what, Asks: string(do)})
	return append(drafts, d), err
}
