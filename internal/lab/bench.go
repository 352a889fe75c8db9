package lab

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/quantity"
	"secretome/internal/record"
	"secretome/internal/sample"
	"secretome/internal/task"
)

// Judged is what the rules say of one field of a step before it is sent.
type Judged struct {
	Entry   record.Entry // as it would be recorded; only the field where nothing is entered
	Fault   error        // nil: it would be taken
	Outside bool         // outside its range: it would be taken with a deviation
}

// Judge holds what was typed for a step against the very rules that [Lab.Act]
// holds it against, each field by itself, and writes nothing. What is missing is
// judged too. It fails with [fault.NotFound] for an unknown task or step.
func (l *Lab) Judge(ctx context.Context, who record.Actor, id, step string, entries []record.Entry) ([]Judged, error) {
	if err := Allowed(who, Look); err != nil {
		return nil, err
	}
	spec, err := l.spec(ctx, id)
	if err != nil {
		return nil, err
	}
	s, ok := spec.Task.Step(step)
	if !ok {
		return nil, unknownStep(spec, step)
	}
	first, err := l.firstRecord(ctx, runOf(id))
	if err != nil {
		return nil, err
	}
	judged := make([]Judged, 0, len(s.Fields))
	for _, f := range s.Fields {
		i := slices.IndexFunc(entries, func(e record.Entry) bool { return e.Field == f.ID })
		if i < 0 {
			missing := task.CheckEntries(protocol.Step{ID: s.ID, Fields: []protocol.Field{f}}, nil, "", false)
			judged = append(judged, Judged{Entry: record.Entry{Field: f.ID}, Fault: missing})
			continue
		}
		one := l.judge(ctx, who, first, spec, step, entries[i])
		one.Outside = f.Kind == protocol.Amount && fault.Is(one.Fault, fault.Refused)
		judged = append(judged, one)
	}
	return judged, nil
}

// judge holds one entry against the rules: its form, its range, what the plan
// expects, and what is known of a thing that was scanned.
func (l *Lab) judge(ctx context.Context, who record.Actor, first record.Record, spec task.Spec, step string, e record.Entry) Judged {
	act := task.Act{Verb: task.Save, By: who, Step: step, Entries: []record.Entry{e}}
	act, err := l.prepare(ctx, first, spec.ID, act)
	if err != nil {
		return Judged{Entry: e, Fault: err}
	}
	j := Judged{Entry: act.Entries[0]}
	holding := task.State{Phase: task.Claimed, Holder: who}
	spec.NotBy = nil // who may do the task is judged when it is claimed
	if j.Fault = holding.Check(spec, act); j.Fault == nil {
		act.Verb = task.Step
		j.Fault = l.checkThings(ctx, first, spec.ID, act)
	}
	return j
}

// LaunchOf returns the first record of a run. It fails with [fault.NotFound].
func (l *Lab) LaunchOf(ctx context.Context, who record.Actor, run string) (record.Record, error) {
	if err := Allowed(who, Look); err != nil {
		return record.Record{}, err
	}
	return l.firstRecord(ctx, run)
}

// TaskRecords lists what was recorded of one task, in order.
func (l *Lab) TaskRecords(ctx context.Context, who record.Actor, id string) ([]record.Record, error) {
	if err := Allowed(who, Look); err != nil {
		return nil, err
	}
	return l.Index.TaskRecords(ctx, id)
}

// Heirs lists to whom the holder of a task may hand it over, by name.
func (l *Lab) Heirs(ctx context.Context, who record.Actor, id string) ([]string, error) {
	if err := Allowed(who, Look); err != nil {
		return nil, err
	}
	spec, err := l.spec(ctx, id)
	if err != nil {
		return nil, err
	}
	people, err := l.colleagues(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, p := range people {
		if p.Role == spec.Task.Role && p.Name != who.Name && !slices.Contains(spec.NotBy, p.Name) {
			names = append(names, p.Name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// Formed is a computed value of a task as far as its entries reach.
type Formed struct {
	protocol.Computed
	Value quantity.Quantity // zero: not yet
	Needs string            // the "step.field" that it waits for
}

// Formed computes what a task computes from what was entered so far. What comes
// from another task is left to the run, which knows it.
func (v TaskView) Formed() []Formed {
	var all []Formed
	for _, c := range v.Spec.Task.Computed {
		f := Formed{Computed: c}
		f.Value, f.Needs = form(c, v.Now)
		all = append(all, f)
	}
	return all
}

// readable rounds a computed number to what a person at the bench reads. The run
// computes it again, unrounded.
func readable(v float64) float64 {
	const digits = 4
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', digits, 64), 64)
	if err != nil {
		return v // at the end of the range
	}
	return rounded
}

// form evaluates a formula, or names the argument that is not there.
func form(c protocol.Computed, s task.State) (quantity.Quantity, string) {
	var none quantity.Quantity
	units, unit, err := sample.Formula(c.Formula)
	if err != nil {
		return none, c.Formula
	}
	args := map[string]float64{}
	for _, name := range slices.Sorted(maps.Keys(units)) {
		in := units[name]
		e, ok := s.Value(c.Of[name])
		if !ok {
			return none, c.Of[name]
		}
		q, err := quantity.Parse(e.Value)
		if err == nil {
			args[name], err = q.Float(in)
		}
		if err != nil {
			return none, c.Of[name]
		}
	}
	value, err := sample.Compute(c.Formula, args)
	if err != nil {
		return none, c.Formula
	}
	q, err := quantity.Parse(protocol.Measured(readable(value), unit))
	if err == nil {
		q, err = q.In(c.Unit)
	}
	if err != nil {
		return none, c.Formula
	}
	return q, ""
}
