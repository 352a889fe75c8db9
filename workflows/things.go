package workflows

import (
	"slices"

	"go.temporal.io/sdk/workflow"

	"secretome/activities"
	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/internal/sample"
	"secretome/internal/task"
)

// things tells a task from what its things come.
func (s *stage) things(spec *task.Spec, after []run.Answer) {
	for _, a := range after {
		for _, t := range a.Things {
			if !slices.ContainsFunc(spec.From, func(other task.Thing) bool { return other.Barcode == t.Barcode }) {
				spec.From = append(spec.From, t)
			}
		}
	}
	spec.Keeps = slices.ContainsFunc(kept(spec.Task), func(keptField) bool { return true })
	if spec.Keeps {
		spec.Donors = append(slices.Clone(s.in.Donors), s.book.donors...)
	}
}

// keptField is a scan behind which a thing stands that has a logbook of its own.
type keptField struct {
	path string // "step.field"
	protocol.Thing
}

func kept(t protocol.Task) []keptField {
	var all []keptField
	for _, step := range t.Steps {
		for _, f := range step.Fields {
			if !f.Thing.IsZero() && sample.Kept(f.Thing.Is) {
				all = append(all, keptField{step.ID + "." + f.ID, f.Thing})
			}
		}
	}
	return all
}

// noteLots remembers which kept things an answer made.
func (s *stage) noteLots(answer run.Answer) {
	for _, t := range answer.Things {
		switch {
		case !sample.Kept(t.Kind):
			s.inWork(t)
		case !t.Made:
		case t.Kind == sample.Donor:
			s.book.donors = append(s.book.donors, t.Barcode)
		default:
			s.book.made = append(s.book.made, t.Barcode)
		}
	}
}

// inWork notes what may be in an incubator or on a bench.
func (s *stage) inWork(t task.Thing) {
	if !slices.ContainsFunc(s.book.work, func(other task.Thing) bool { return other.Barcode == t.Barcode }) {
		s.book.work = append(s.book.work, t)
	}
}

// clearAway has somebody deal with what is in work when the run is stopped.
func (s *stage) clearAway() {
	s.ctx, _ = workflow.NewDisconnectedContext(s.ctx)
	if len(s.book.work) == 0 {
		return
	}
	var codes []string
	for _, t := range s.book.work {
		codes = append(codes, t.Barcode)
	}
	s.book.gate.Paused = false
	answer, _ := s.once(task.Spec{}, protocol.ClearTask(codes, s.book.gate.Stop), nil)
	if s.err == nil {
		s.book.answers[protocol.ClearID] = answer
	}
}

// become gives the things that a task scanned the state that the protocol says,
// now that the task is accepted.
func (s *stage) become(t protocol.Task, answer run.Answer) {
	if answer.Phase != task.Completed {
		return
	}
	for _, f := range kept(t) {
		if barcode := answer.Values[f.path]; f.Becomes != "" && barcode != "" {
			s.change(barcode, sample.State(f.Becomes), t.Title, answer)
		}
	}
}

// change releases or rejects a kept thing. Where its own rules say no, that is a
// deviation that the manager decides on.
func (s *stage) change(barcode string, to sample.State, why string, from run.Answer) {
	if s.err != nil || barcode == "" {
		return
	}
	kind := record.LotReleased
	if to == sample.Rejected {
		kind = record.LotRejected
	}
	d := s.base(string(kind))
	a := sample.LotAct{
		Kind: kind, Request: d.Request, Happened: d.Happened, Rehearsal: d.Rehearsal,
		By: record.Actor{Kind: record.Person, Name: from.By}, Body: record.LotAct{Why: why, Run: s.in.Context.Run, Task: from.ID},
	}
	if from.By == "" {
		a.By = d.By
	}
	if from.Record.Hash != "" {
		a.Uses = []record.Use{from.Record.As("task")}
	}
	if _, err := toLot(s.ctx, activities.ToLotInput{Barcode: barcode, Act: a}, string(kind)); err != nil {
		s.follow(s.depart(fault.Of(err).Message, protocol.Deviation, from.By, from.Record), why)
	}
}

// release releases what one answer made, now that another one says so.
func (s *stage) release(made, by run.Answer) {
	for _, t := range made.Things {
		if t.Made && sample.Kept(t.Kind) {
			s.change(t.Barcode, sample.Released, "released by "+by.Task, by)
		}
	}
}

// rejectMade rejects what a stage made that came to nothing.
func (s *stage) rejectMade(result run.StageResult) {
	if result.Outcome != run.Discarded {
		return
	}
	calm, _ := workflow.NewDisconnectedContext(s.ctx)
	for _, barcode := range s.book.made {
		d := s.base("reject " + barcode)
		a := sample.LotAct{Kind: record.LotRejected, Request: d.Request, Happened: d.Happened, Rehearsal: d.Rehearsal, By: d.By, Body: record.LotAct{Why: result.Why, Run: s.in.Context.Run}}
		if _, err := toLot(calm, activities.ToLotInput{Barcode: barcode, Act: a}, "reject"); err != nil {
			workflow.GetLogger(s.ctx).Warn("reject what a stage made", "lot", barcode, "error", err) // rejected before
		}
	}
}
