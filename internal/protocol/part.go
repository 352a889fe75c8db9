package protocol

import (
	"slices"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// Canonical returns the canonical JSON of p and its hash, which is the
// protocol's identity.
func (p Protocol) Canonical() (data []byte, hash string, err error) {
	data, err = record.Canonical(p)
	return data, record.Hash(data), err
}

// ByModel stands in a plan for the stages that go on side by side, once a model
// and block.
const ByModel = "by-model"

// Plan returns the stages in the order in which a run goes through them.
func (p Protocol) Plan() []string {
	var plan []string
	for _, s := range p.Stages {
		id := s.ID
		if shape, known := ShapeOf(s.ID); known && shape.ByModel {
			id = ByModel
		}
		if !slices.Contains(plan, id) {
			plan = append(plan, id)
		}
	}
	return plan
}

// names returns what each of a list is called.
func names[T any](all []T, name func(T) string) []string {
	var called []string
	for _, one := range all {
		called = append(called, name(one))
	}
	return called
}

// assaysOf returns the assays that a stage of the model's measures, in the
// protocol's order.
func (p Protocol) assaysOf(model string) []Assay {
	var all []Assay
	for _, a := range p.Assays {
		if slices.ContainsFunc(p.Stages, func(s Stage) bool { return s.ID == Assaying && s.Of(model) && slices.Contains(s.Measures, a.ID) }) {
			all = append(all, a)
		}
	}
	return all
}

// Group returns a model's group by its code; none is zero.
func (p Protocol) Group(model, code string) Group {
	for _, m := range p.Models {
		for _, g := range m.Groups {
			if m.ID == model && g.Code == code {
				return g
			}
		}
	}
	return Group{}
}

// Part returns what the given stage gets, for one model ("" for a stage that
// happens once a run). It fails with [fault.NotFound].
func (p Protocol) Part(stage, model string) (Part, error) {
	i := slices.IndexFunc(p.Stages, func(s Stage) bool { return s.ID == stage && s.Of(model) })
	if i < 0 {
		return Part{}, fault.New(fault.NotFound, "protocol %s has no stage %q for model %q", p.Name(), stage, model)
	}
	part := Part{Stage: p.Stages[i], Ethics: p.Ethics}
	for _, m := range p.Models {
		if m.ID == model {
			part.Model = &m
		}
	}
	for _, a := range p.Assays {
		if slices.Contains(part.Stage.Measures, a.ID) {
			part.Assays = append(part.Assays, a)
		}
	}
	for _, l := range p.Layouts {
		if slices.ContainsFunc(part.Assays, func(a Assay) bool { return a.Layout == l.ID }) {
			part.Layouts = append(part.Layouts, l)
		}
	}
	if stage == Analysing {
		part.Analysis, part.Assays = p.Analysis, p.Assays
	}
	return part, nil
}

// Task returns the task with the given ID, among those of the stage and of the
// assays that it measures.
func (p Part) Task(id string) (Task, bool) {
	for _, t := range p.Stage.Tasks {
		if t.ID == id {
			return t, true
		}
	}
	for _, a := range p.Assays {
		for _, t := range []Task{a.Prepare, a.Read} {
			if t.ID == id {
				return t, true
			}
		}
	}
	return Task{}, false
}

// Wait returns the wait with the given ID.
func (p Part) Wait(id string) (Wait, bool) {
	i := slices.IndexFunc(p.Stage.Waits, func(w Wait) bool { return w.ID == id })
	if i < 0 {
		return Wait{}, false
	}
	return p.Stage.Waits[i], true
}

// Assay returns the assay with the given ID.
func (p Part) Assay(id string) (Assay, bool) {
	i := slices.IndexFunc(p.Assays, func(a Assay) bool { return a.ID == id })
	if i < 0 {
		return Assay{}, false
	}
	return p.Assays[i], true
}

// Field returns a step's field by "step.field".
func (t Task) Field(path string) (Field, bool) {
	for _, s := range t.Steps {
		for _, f := range s.Fields {
			if s.ID+"."+f.ID == path {
				return f, true
			}
		}
	}
	return Field{}, false
}

// Fields returns the fields of a step; none for an unknown one.
func (t Task) Fields(step string) []Field {
	s, _ := t.Step(step)
	return s.Fields
}

// Step returns the step with the given ID.
func (t Task) Step(id string) (Step, bool) {
	i := slices.IndexFunc(t.Steps, func(s Step) bool { return s.ID == id })
	if i < 0 {
		return Step{}, false
	}
	return t.Steps[i], true
}
