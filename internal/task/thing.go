package task

import (
	"slices"
	"strings"

	"secretome/internal/protocol"
	"secretome/internal/quantity"
	"secretome/internal/record"
	"secretome/internal/sample"
)

// Things says of each scan what it did to the thing behind its barcode. What is
// made has for parents the other things of the task, and where those are reagents
// alone, what the tasks before it left.
func Things(step protocol.Step, spec Spec, s State, entries []record.Entry) []record.Entry {
	entries = slices.Clone(entries)
	for i, e := range entries {
		f, err := field(step, e.Field)
		if err != nil || f.Thing.IsZero() {
			continue
		}
		t := record.Thing{Kind: f.Thing.Is, Made: f.Thing.Made}
		if e.Thing != nil {
			t.Act = e.Thing.Act
		}
		if before, ok := s.Value(step.ID + "." + e.Field); ok && before.Value == e.Value && before.Thing != nil && before.Thing.Act != nil {
			t.Act = before.Thing.Act // a correction leaves the draw open that it corrects
		}
		if t.Made || f.Thing.Treated {
			t.Parents, t.Passage = parents(spec, s, t.Kind, step, entries)
			t.Parents = slices.DeleteFunc(t.Parents, func(code string) bool { return code == e.Value })
		}
		entries[i].Thing = &t
	}
	return entries
}

// parents are what a thing of a kind is made from, and the passage of its cells.
func parents(spec Spec, s State, kind string, step protocol.Step, entries []record.Entry) (barcodes []string, passage int) {
	if kind == sample.Donor { // a person is made from nothing
		return nil, 0
	}
	used := used(spec, s, step, entries)
	if treats(step) || !slices.ContainsFunc(used, func(t Thing) bool { return t.Kind != "reagent" }) {
		used = append(slices.Clone(spec.From), used...)
	}
	for _, t := range used {
		if slices.Contains(barcodes, t.Barcode) {
			continue
		}
		barcodes = append(barcodes, t.Barcode)
		if kind == "vessel" && t.Kind == "vessel" {
			passage = max(passage, t.Passage+1)
		}
	}
	return barcodes, passage
}

// treats reports whether something is done to a thing in the step: all that came
// before goes into it.
func treats(step protocol.Step) bool {
	return slices.ContainsFunc(step.Fields, func(f protocol.Field) bool { return f.Thing.Treated })
}

// used are the things that were scanned in this task so far and not made in it.
// Reagents are among them: a recall of one walks to all that it touched.
func used(spec Spec, s State, step protocol.Step, entries []record.Entry) []Thing {
	var all []Thing
	add := func(step protocol.Step, entries []record.Entry) {
		for _, e := range entries {
			f, err := field(step, e.Field)
			if err == nil && !f.Thing.IsZero() && !f.Thing.Made {
				all = append(all, Thing{Barcode: e.Value, Kind: f.Thing.Is, Passage: passageOf(spec, e.Value)})
			}
		}
	}
	for _, d := range s.Done {
		if other, ok := spec.Task.Step(d.Step); ok && d.Step != step.ID {
			add(other, d.Entries)
		}
	}
	add(step, entries)
	return all
}

func passageOf(spec Spec, barcode string) int {
	for _, t := range spec.From {
		if t.Barcode == barcode {
			return t.Passage
		}
	}
	return 0
}

// Left returns the things that a task left, for those that follow it: what it
// made, else what it used.
func (s State) Left() []Thing {
	var made, used []Thing
	for _, d := range s.Done {
		for _, e := range d.Entries {
			switch {
			case e.Thing == nil:
			case e.Thing.Made:
				made = append(made, Thing{e.Value, e.Thing.Kind, true, e.Thing.Passage})
			case e.Thing.Kind != "reagent":
				used = append(used, Thing{Barcode: e.Value, Kind: e.Thing.Kind, Passage: e.Thing.Passage})
			}
		}
	}
	if len(made) > 0 {
		return made
	}
	return used
}

// LotAct is what a step does to a lot.
type LotAct struct {
	Field   string
	Barcode string
	Act     sample.LotAct
	Back    record.LotAct // of a correction: what to say to correct it back
	Answer  int64         // number of the record that the lot answered with
}

// Undo returns the act that takes an act back; false where nothing has to be. A
// label that a refused step registered may be used again; what is registered by
// whoever meets it first, from stock or a donor, may be in use by others and stays.
func (l LotAct) Undo() (LotAct, bool) {
	const why = "the step was refused"
	back := l
	back.Act.Request += "/undo"
	switch {
	case l.Act.Kind == record.LotDrawn:
		back.Act.Kind, back.Act.Body = record.LotReturned, record.LotAct{Draw: l.Answer, Why: why}
	case l.Back.Amount != "":
		back.Act.Body = l.Back
		back.Act.Body.Why = why
	case l.Act.Kind == record.LotRegistered && l.Act.Body.State == "" && l.Act.Body.Kind != sample.Donor:
		back.Act.Kind, back.Act.Body = record.LotRejected, record.LotAct{Why: sample.Undone}
	default:
		return back, false
	}
	return back, true
}

// LotActs returns what completing a step does to lots, in the order of its
// fields: those made are registered, those used are drawn from. The requests are
// the step's with the field's name behind it, so that they are as unique as it.
// A correction undoes what the step before it did, once no lot can refuse any more.
func LotActs(spec Spec, s State, a Act) ([]LotAct, error) {
	step, ok := spec.Task.Step(a.Step)
	if !ok || a.Verb != Step || !spec.Keeps {
		return nil, nil
	}
	values := valuesOf(s, a)
	var acts []LotAct
	for _, e := range a.Entries {
		f, err := field(step, e.Field)
		if err != nil || !sample.Kept(f.Thing.Is) {
			continue
		}
		found, err := lotActs(spec, s, a, f, e, values)
		if err != nil {
			return nil, at(err, e.Field)
		}
		acts = append(acts, found...)
	}
	slices.SortStableFunc(acts, func(a, b LotAct) int { return rank(a) - rank(b) })
	return acts, nil
}

// rank puts what is final behind what is undone when another lot refuses.
func rank(l LotAct) int {
	switch l.Act.Kind {
	case record.LotReturned, record.LotRejected:
		return 1
	default:
		return 0
	}
}

func lotActs(spec Spec, s State, a Act, f protocol.Field, e record.Entry, values map[string]string) ([]LotAct, error) {
	before, corrected := s.Value(a.Step + "." + e.Field)
	l := lotStep{spec, s, a, f, e, values, before, corrected, corrected && before.Value == e.Value}
	acts, err := l.made()
	if err != nil || f.Thing.Draws == "" {
		return acts, err
	}
	return append(acts, l.drawn()...), nil
}

// lotStep is what a step does to one lot.
type lotStep struct {
	spec      Spec
	state     State
	act       Act
	field     protocol.Field
	entry     record.Entry
	values    map[string]string
	before    record.Entry // what was scanned in this field before
	corrected bool         // something was
	same      bool         // and it was the same thing
}

func (l lotStep) do(kind record.Kind, what, barcode string, body record.LotAct) LotAct {
	body.Run, body.Task = RunOf(l.spec.ID), l.spec.ID
	return LotAct{Field: l.entry.Field, Barcode: barcode, Act: sample.LotAct{
		Kind: kind, Request: l.act.Request + "/" + l.entry.Field + what, By: l.act.By, Happened: l.act.Happened, Body: body,
	}}
}

// made registers what the step makes or takes from stock, or corrects how much of
// it there is.
func (l lotStep) made() ([]LotAct, error) {
	thing := l.field.Thing
	switch {
	case thing.Made && l.same:
		whole, each, err := amounts(l.field, l.values)
		if err != nil {
			return nil, err
		}
		wasWhole, wasEach, err := amounts(l.field, valuesOf(l.state, Act{}))
		if err == nil && whole == wasWhole && each == wasEach {
			return nil, nil
		}
		one := l.do(record.LotCounted, "/count", l.entry.Value, record.LotAct{Amount: whole, Each: each, Why: "corrected: " + l.act.Reason})
		one.Back = record.LotAct{Amount: wasWhole, Each: wasEach}
		return []LotAct{one}, nil
	case thing.Made || thing.Stock && !l.same:
		body, err := registered(l.spec, l.state, l.act, l.field, l.values)
		if err != nil {
			return nil, err
		}
		acts := []LotAct{l.do(record.LotRegistered, "", l.entry.Value, body)}
		if l.corrected && thing.Made {
			acts = append(acts, l.do(record.LotRejected, "/wrong", l.before.Value, record.LotAct{Why: "another label was meant: " + l.act.Reason}))
		}
		return acts, nil
	}
	return nil, nil
}

// drawn draws from what the step uses, corrects an earlier draw, or takes one from
// another lot back.
func (l lotStep) drawn() []LotAct {
	amount := drawn(l.field, l.values)
	drew := l.before.Thing != nil && l.before.Thing.Act != nil
	if l.same && drew {
		was := drawn(l.field, valuesOf(l.state, Act{}))
		if was == amount {
			return nil
		}
		draw := l.before.Thing.Act.Number
		one := l.do(record.LotCorrected, "/correct", l.entry.Value, record.LotAct{Draw: draw, Amount: amount, Why: l.act.Reason})
		one.Back = record.LotAct{Draw: draw, Amount: was}
		return []LotAct{one}
	}
	acts := []LotAct{l.do(record.LotDrawn, "/draw", l.entry.Value, record.LotAct{Amount: amount})}
	if l.corrected && drew {
		acts = append(acts, l.do(record.LotReturned, "/return", l.before.Value, record.LotAct{Draw: l.before.Thing.Act.Number, Why: "another lot was meant: " + l.act.Reason}))
	}
	return acts
}

// registered is what is said of a lot when its label is scanned for the first time.
func registered(spec Spec, s State, a Act, f protocol.Field, values map[string]string) (record.LotAct, error) {
	step, _ := spec.Task.Step(a.Step)
	title := strings.TrimPrefix(f.Title, "barcode of the ")
	body := record.LotAct{Kind: f.Thing.Is, Title: title, Thaws: f.Thing.Thaws, Matched: values[f.Thing.Matched]}
	if f.Thing.Stock {
		body.State, body.Title = string(sample.Released), title+", from stock"
		return body, nil
	}
	body.Parents, _ = parents(spec, s, f.Thing.Is, step, a.Entries)
	if f.Thing.Is != sample.Donor { // a person comes from nobody else
		body.Donors = spec.Donors
	}
	if keeps, err := f.Thing.Keeps.Duration(); err == nil && !f.Thing.Keeps.IsZero() && !a.Happened.IsZero() {
		body.Expires = a.Happened.Add(keeps)
	}
	var err error
	body.Amount, body.Each, err = amounts(f, values)
	return body, err
}

// amounts returns how much there is in all and in one aliquot; empty where the
// protocol does not say.
func amounts(f protocol.Field, values map[string]string) (whole, each string, err error) {
	if f.Thing.Amount == "" {
		return "", "", nil
	}
	one, err := quantity.Parse(values[f.Thing.Amount])
	if err != nil || f.Thing.Number == "" {
		return values[f.Thing.Amount], "", err
	}
	number, err := quantity.Parse(values[f.Thing.Number])
	if err != nil {
		return "", "", err
	}
	all, err := one.Mul(number, one.Unit())
	return all.String(), one.String(), err
}

// drawn is how much a step takes; empty for one aliquot.
func drawn(f protocol.Field, values map[string]string) string {
	if f.Thing.Draws == protocol.OneAliquot {
		return ""
	}
	if v, ok := values[f.Thing.Draws]; ok {
		return v
	}
	return f.Thing.Draws
}

// valuesOf are the values of a task with those of an act, by "step.field".
func valuesOf(s State, a Act) map[string]string {
	values := map[string]string{}
	for _, d := range s.Done {
		for _, e := range d.Entries {
			values[d.Step+"."+e.Field] = e.Value
		}
	}
	for _, e := range a.Entries {
		values[a.Step+"."+e.Field] = e.Value
	}
	return values
}
