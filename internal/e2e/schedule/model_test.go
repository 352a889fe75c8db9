package schedule

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"

	"secretome/internal/fault"
	"secretome/internal/record"
	"secretome/internal/sample"
	"secretome/internal/task"
)

// step is one act as its lot or task saw it: the record that answered it, or the
// sentence by which it was refused.
type step struct {
	name    string
	request string
	record  *record.Record  // nil: it was refused
	answer  task.Answer     // of a task
	left    string          // of a lot, where a client was told
	told    bool            // whether a client was told state and left
	state   string          //
	refusal string          //
	kind    fault.Kind      // of the refusal
	onTask  task.Act        // what was asked of a task
	ofLot   bool            // the refusal of a task's step was a lot's
	onLot   []sample.LotAct // what a lot may have been asked, at the times at which it may have been
	amount  string          // of a step, which may have been a correction of a draw
}

// held is a state of the model, with a text to compare it by.
type held[T any] struct {
	now  T
	text string
}

func hold[T any](now T) held[T] {
	data, err := json.Marshal(now)
	if err != nil {
		return held[T]{now, err.Error()}
	}
	return held[T]{now, string(data)}
}

func equal[T any](one, other any) bool {
	a, ok := one.(held[T])
	b, fine := other.(held[T])
	return ok && fine && a.text == b.text
}

func describe(input, _ any) string {
	s, ok := input.(step)
	if !ok {
		return "?"
	}
	if s.record == nil {
		return s.name + ": " + s.refusal
	}
	return s.name
}

// lotModel is a lot that does one act after the other.
func lotModel(barcode string) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return hold(sample.Lot{Barcode: barcode}) },
		Step: func(state, input, _ any) (bool, any) {
			before, ok := state.(held[sample.Lot])
			s, fine := input.(step)
			if !ok || !fine {
				return false, state
			}
			if s.record == nil {
				return slices.ContainsFunc(candidates(before.now, s), func(a sample.LotAct) bool { return says(before.now.Check(a), s) }), state
			}
			after, err := apply(before.now, *s.record)
			if err != nil || s.told && (string(after.State) != s.state || after.Left.String() != s.left) {
				return false, state
			}
			return true, hold(after)
		},
		Equal: equal[sample.Lot], DescribeOperation: describe,
	}
}

// apply does the act of a record to a lot, by the rules.
func apply(l sample.Lot, r record.Record) (sample.Lot, error) {
	if r.Number <= l.Last {
		return l, fault.New(fault.Internal, "record %d comes after record %d", r.Number, l.Last)
	}
	if slices.Contains(record.LotKinds(), r.Kind) {
		body, err := record.Read[record.LotAct](r)
		if err != nil {
			return l, err
		}
		a := sample.LotAct{Kind: r.Kind, Request: r.Request, By: r.By, Happened: r.Happened, Rehearsal: r.Rehearsal, Body: body}
		if err := l.Check(a); err != nil {
			return l, err
		}
		last := l
		last.Last = r.Number - 1
		said, err := last.Body(a)
		if err != nil || said.State != body.State || said.Left != body.Left {
			return l, fault.New(fault.Internal, "record %d says %s, %s left; the rules say %s, %s (%v)", r.Number, body.State, body.Left, said.State, said.Left, err)
		}
	}
	return l, l.Apply(r)
}

// candidates are what a lot may have been asked by an act that it refused.
func candidates(l sample.Lot, s step) []sample.LotAct {
	all := slices.Clone(s.onLot)
	if s.amount == "" {
		return all
	}
	for number := range l.Drawn { // a step that is done again corrects its draw
		a := sample.LotAct{Kind: record.LotCorrected, Body: record.LotAct{Draw: number, Amount: s.amount, Why: "corrected"}}
		all = append(all, a)
	}
	return all
}

// says reports whether err is the refusal that somebody was told.
func says(err error, s step) bool {
	if err == nil {
		return false
	}
	f := fault.Of(err)
	return f.Kind == s.kind && strings.HasPrefix(s.refusal, f.Message)
}

// taskModel is a task that does one act after the other.
func taskModel(spec task.Spec) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return hold(task.State{Phase: task.Open}) },
		Step: func(state, input, _ any) (bool, any) {
			before, ok := state.(held[task.State])
			s, fine := input.(step)
			if !ok || !fine {
				return false, state
			}
			err := before.now.Check(spec, s.onTask)
			if s.record == nil {
				return s.ofLot || says(err, s), state
			}
			if err != nil || s.record.Number <= before.now.Last {
				return false, state
			}
			after, err := follow(before.now, *s.record)
			next := after.Next(spec.Task)
			if err != nil || s.answer.Phase != after.Phase || s.answer.Holder != after.Holder.Name || s.answer.NextStep != next {
				return false, state
			}
			return true, hold(after)
		},
		Equal: equal[task.State], DescribeOperation: describe,
	}
}

// follow brings a task's state up to a record, and leaves the state before as it is.
func follow(s task.State, r record.Record) (task.State, error) {
	s.Done = slices.Clone(s.Done)
	ref, err := r.Ref()
	if err != nil {
		return s, err
	}
	return s, s.Apply(r, ref)
}

// linear reports whether there is an order of acts that explains all answers.
func linear(m porcupine.Model, history []porcupine.Operation) (bool, string) {
	const longest = time.Minute
	switch porcupine.CheckOperationsTimeout(m, history, longest) {
	case porcupine.Ok:
		return true, ""
	case porcupine.Unknown:
		return false, "whether there is an order was not found out within " + longest.String()
	default:
		return false, "no order of these acts, one after the other, explains the answers"
	}
}
