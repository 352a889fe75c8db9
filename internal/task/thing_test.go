package task

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/sample"
)

// filling is a task that makes a lot of aliquots from a vessel, medium and a lot
// from stock.
func filling(t *testing.T) Spec {
	t.Helper()
	scan := func(id string, thing protocol.Thing) protocol.Field {
		return protocol.Field{ID: id, Title: "barcode of the " + id, Kind: protocol.Scan, Thing: thing}
	}
	return Spec{
		ID: "task/R-1/make/fill/1", Keeps: true, Donors: []string{"D-1"},
		From: []Thing{{Barcode: "CV-1", Kind: "vessel", Passage: 3}, {Barcode: "CV-2", Kind: "vessel", Passage: 5}},
		Task: protocol.Task{ID: "fill", Steps: []protocol.Step{
			{ID: "split", Fields: []protocol.Field{scan("parent", protocol.Thing{Is: "vessel"}), scan("child", protocol.Thing{Is: "vessel", Made: true})}},
			{ID: "fill", Fields: []protocol.Field{
				scan("lot", protocol.Thing{Is: "lot", Made: true, Amount: "fill.volume", Number: "fill.number", Matched: "fill.blank", Keeps: q(t, "2 d"), Thaws: 2}),
				scan("blank", protocol.Thing{Is: "unconditioned", Made: true}),
				scan("medium", protocol.Thing{Is: "reagent", Draws: "fill.taken"}),
				{ID: "volume", Kind: protocol.Amount, Unit: "mL"}, {ID: "number", Kind: protocol.Amount, Unit: "1"}, {ID: "taken", Kind: protocol.Amount, Unit: "mL"},
			}},
			{ID: "treat", Fields: []protocol.Field{
				scan("aliquot", protocol.Thing{Is: "lot", Stock: true, Draws: protocol.OneAliquot}),
				scan("plate", protocol.Thing{Is: "plate", Treated: true}),
			}},
		}},
	}
}

func entries(pairs ...string) []record.Entry {
	var all []record.Entry
	for i := 0; i < len(pairs); i += 2 {
		all = append(all, record.Entry{Field: pairs[i], Value: pairs[i+1]})
	}
	return all
}

var tim = record.Actor{Kind: record.Person, Name: "Tim", Role: "technician"}

func stepOf(step, request string, entered []record.Entry) Act {
	return Act{Verb: Step, Step: step, Request: request, By: tim, Happened: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), Reason: "misread", Entries: entered}
}

// done is the state after a step whose entries the lots answered, each with the
// number of the record that it wrote.
func done(spec Spec, s State, a Act, answers map[string]int64) State {
	a.Entries = slices.Clone(a.Entries)
	for i, e := range a.Entries {
		if n, ok := answers[e.Field]; ok {
			a.Entries[i].Thing = &record.Thing{Act: &record.Ref{Logbook: "lot/" + e.Value, Number: n}}
		}
	}
	step, _ := spec.Task.Step(a.Step)
	s.Done = slices.Clone(s.Done)
	s.enter(Done{Step: a.Step, Entries: Things(step, spec, s, a.Entries)})
	return s
}

// said are acts in words.
func said(acts []LotAct) []string {
	var all []string
	for _, a := range acts {
		text := fmt.Sprintf("%s %s", a.Act.Kind, a.Barcode)
		if b := a.Act.Body; b.Draw > 0 {
			text += fmt.Sprintf(" draw %d", b.Draw)
		}
		for _, part := range []string{a.Act.Body.Amount, a.Act.Body.Left, a.Act.Body.Why} {
			if part != "" {
				text += " " + part
			}
		}
		all = append(all, text)
	}
	return all
}

func TestWhatAStepDoesToLots(t *testing.T) {
	spec := filling(t)
	fill := entries("lot", "CM-1", "blank", "UCM-1", "medium", "BM-1", "volume", "0.5 mL", "number", "4 1", "taken", "10 mL")
	first := stepOf("fill", "r1", fill)
	filled := done(spec, State{}, first, map[string]int64{"lot": 1, "blank": 1, "medium": 7})
	changed := func(pairs ...string) []record.Entry {
		e := slices.Clone(fill)
		for i := range e {
			for j := 0; j < len(pairs); j += 2 {
				if e[i].Field == pairs[j] {
					e[i].Value = pairs[j+1]
				}
			}
		}
		return e
	}
	treat := stepOf("treat", "r3", entries("aliquot", "CM-9", "plate", "PL-1"))
	treated := done(spec, State{}, treat, map[string]int64{"aliquot": 4})
	for _, test := range []struct {
		name  string
		state State
		act   Act
		want  []string
	}{
		{"what is made is registered, what is used is drawn from", State{}, first, []string{"lot-registered CM-1 2 mL", "lot-registered UCM-1", "lot-drawn BM-1 10 mL"}},
		{"a step that names no lot does nothing to one", State{}, stepOf("split", "r", entries("parent", "CV-1", "child", "CV-3")), nil},
		{"what is saved does nothing yet", State{}, Act{Verb: Save, Step: "fill", Entries: fill}, nil},
		{"a lot from stock is registered if need be, and drawn from", State{}, treat, []string{"lot-registered CM-9", "lot-drawn CM-9"}},
		{"a correction of the amount corrects the draw", filled, stepOf("fill", "r2", changed("taken", "8 mL")), []string{"lot-corrected BM-1 draw 7 8 mL misread"}},
		{"a correction of the barcode draws anew before the old draw comes back", filled, stepOf("fill", "r2", changed("medium", "BM-2")), []string{"lot-drawn BM-2 10 mL", "lot-returned BM-1 draw 7 another lot was meant: misread"}},
		{"a correction of a number corrects how much was made", filled, stepOf("fill", "r2", changed("number", "3 1")), []string{"lot-counted CM-1 1.5 mL corrected: misread"}},
		{"a wrong label is rejected once the right one is registered", filled, stepOf("fill", "r2", changed("lot", "CM-2")), []string{"lot-registered CM-2 2 mL", "lot-rejected CM-1 another label was meant: misread"}},
		{"an aliquot of another lot from stock", treated, stepOf("treat", "r4", entries("aliquot", "CM-8", "plate", "PL-1")), []string{"lot-registered CM-8", "lot-drawn CM-8", "lot-returned CM-9 draw 4 another lot was meant: misread"}},
		{"a correction of something else leaves the draw", treated, stepOf("treat", "r4", entries("aliquot", "CM-9", "plate", "PL-2")), nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			acts, err := LotActs(spec, test.state, test.act)
			if err != nil || !slices.Equal(said(acts), test.want) {
				t.Fatalf("got %q, %v; want %q", said(acts), err, test.want)
			}
			requests := map[string]bool{}
			for _, a := range acts {
				if requests[a.Barcode+a.Act.Request] || !strings.HasPrefix(a.Act.Request, test.act.Request+"/") || a.Act.Body.Run != "R-1" || a.Act.Body.Task != spec.ID || a.Act.By != tim {
					t.Errorf("%+v", a)
				}
				requests[a.Barcode+a.Act.Request] = true
			}
		})
	}
	spec.Keeps = false
	if acts, err := LotActs(spec, State{}, first); err != nil || acts != nil {
		t.Errorf("where nothing is kept: %v, %v", acts, err)
	}
}

func TestWhatIsSaidOfALotThatIsMade(t *testing.T) {
	spec := filling(t)
	a := stepOf("fill", "r1", entries("lot", "CM-1", "blank", "UCM-1", "medium", "BM-1", "volume", "0.5 mL", "number", "4 1", "taken", "10 mL"))
	acts, err := LotActs(spec, State{}, a)
	if err != nil {
		t.Fatal(err)
	}
	b := acts[0].Act.Body
	if b.Kind != "lot" || b.Title != "lot" || b.Matched != "UCM-1" || b.Each != "0.5 mL" || b.Thaws != 2 || !slices.Equal(b.Donors, []string{"D-1"}) || !b.Expires.Equal(a.Happened.Add(48*time.Hour)) {
		t.Errorf("said is %+v", b)
	}
	if !slices.Equal(b.Parents, []string{"CV-1", "CV-2", "BM-1"}) {
		t.Errorf("parents are %v", b.Parents)
	}
	a.Entries = entries("lot", "CM-1", "volume", "much", "number", "4 1")
	if _, err := LotActs(spec, State{}, a); err == nil {
		t.Error("an amount that is none was taken")
	}
}

// A run has the donor of its cord and those of its skin. None of them comes from
// another: to withdraw the consent of one reaches nothing of the others.
func TestADonorComesFromNoOtherDonor(t *testing.T) {
	spec := filling(t)
	spec.Task.Steps[1].Fields = []protocol.Field{{ID: "code", Title: "skin donor code", Kind: protocol.Scan, Thing: protocol.Thing{Is: sample.Donor, Made: true}}}
	acts, err := LotActs(spec, State{}, stepOf("fill", "r1", entries("code", "SD-1")))
	if err != nil || len(acts) != 1 {
		t.Fatalf("the step does %+v, %v", acts, err)
	}
	if b := acts[0].Act.Body; b.Kind != sample.Donor || len(b.Donors) > 0 || len(b.Parents) > 0 {
		t.Errorf("of the donor is said %+v", b)
	}
}

// The second correction of an amount corrects the same draw as the first: that
// is the one that its lot knows.
func TestADrawIsCorrectedTwice(t *testing.T) {
	spec := filling(t)
	act := func(request, taken string) Act {
		return stepOf("fill", request, entries("medium", "BM-1", "taken", taken))
	}
	s := done(spec, State{}, act("r1", "10 mL"), map[string]int64{"medium": 7})
	s = done(spec, s, act("r2", "8 mL"), map[string]int64{"medium": 8}) // the lot answers with its correction
	acts, err := LotActs(spec, s, act("r3", "6 mL"))
	if err != nil || len(acts) != 1 || acts[0].Act.Body.Draw != 7 || acts[0].Back.Amount != "8 mL" {
		t.Errorf("the second correction is %+v, %v", acts, err)
	}
	s = done(spec, s, act("r4", "8 mL"), nil) // nothing to answer
	if ref := s.Done[0].Entries[0].Thing.Act; ref == nil || ref.Number != 7 {
		t.Errorf("the draw is lost: %v", ref)
	}
}

// What was done to lots before another lot refused is taken back.
func TestWhatARefusedStepTakesBack(t *testing.T) {
	act := func(kind record.Kind, body record.LotAct) LotAct {
		return LotAct{Barcode: "BM-1", Act: sample.LotAct{Kind: kind, Request: "r1/f", Body: body}, Answer: 9}
	}
	corrected := act(record.LotCorrected, record.LotAct{Draw: 7, Amount: "1 mL"})
	corrected.Back = record.LotAct{Draw: 7, Amount: "2 mL"}
	for _, test := range []struct {
		name string
		act  LotAct
		want string
	}{
		{"a draw is returned", act(record.LotDrawn, record.LotAct{Amount: "1 mL"}), "lot-returned BM-1 draw 9 the step was refused"},
		{"a corrected amount is corrected back", corrected, "lot-corrected BM-1 draw 7 2 mL the step was refused"},
		{"a label is free again", act(record.LotRegistered, record.LotAct{Kind: "vial"}), "lot-rejected BM-1 " + sample.Undone},
		{"a lot from stock stays, since others may use it", act(record.LotRegistered, record.LotAct{Kind: "lot", State: string(sample.Released)}), ""},
		{"a donor stays, since others may name them", act(record.LotRegistered, record.LotAct{Kind: sample.Donor}), ""},
		{"what comes last stays", act(record.LotReturned, record.LotAct{Draw: 7}), ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			back, ok := test.act.Undo()
			if ok != (test.want != "") || ok && (said([]LotAct{back})[0] != test.want || back.Act.Request != "r1/f/undo") {
				t.Errorf("got %+v, %v; want %q", back, ok, test.want)
			}
		})
	}
}

// A vessel has one passage more than the one before it; whatever is treated has
// for parents all that went into it.
func TestThingsComeFromThings(t *testing.T) {
	spec := filling(t)
	thing := func(a Act, s State, field string) *record.Thing {
		step, _ := spec.Task.Step(a.Step)
		for _, e := range Things(step, spec, s, a.Entries) {
			if e.Field == field {
				return e.Thing
			}
		}
		return nil
	}
	split := stepOf("split", "r1", entries("parent", "CV-1", "child", "CV-3"))
	child := thing(split, State{}, "child")
	if !child.Made || child.Passage != 4 || !slices.Equal(child.Parents, []string{"CV-1"}) {
		t.Errorf("the child is %+v", child)
	}
	if parent := thing(split, State{}, "parent"); parent.Made || parent.Parents != nil {
		t.Errorf("the parent is %+v", parent)
	}
	s := done(spec, State{}, split, nil)
	treat := stepOf("treat", "r2", entries("aliquot", "CM-9", "plate", "PL-1"))
	if plate := thing(treat, s, "plate"); plate.Made || !slices.Equal(plate.Parents, []string{"CV-1", "CV-2", "CM-9"}) {
		t.Errorf("the plate is %+v", plate)
	}
	if got := s.Left(); !slices.Equal(got, []Thing{{"CV-3", "vessel", true, 4}}) {
		t.Errorf("the task made %v", got)
	}
	used := done(spec, State{}, stepOf("treat", "r2", entries("plate", "PL-1")), nil)
	if got := used.Left(); !slices.Equal(got, []Thing{{Barcode: "PL-1", Kind: "plate"}}) {
		t.Errorf("the task used %v", got)
	}
	mixed := stepOf("fill", "r3", entries("lot", "CM-1", "medium", "BM-1"))
	if lot := thing(mixed, State{}, "lot"); !slices.Equal(lot.Parents, []string{"CV-1", "CV-2", "BM-1"}) {
		t.Errorf("with reagents alone in the task, the lot comes from %v", lot.Parents)
	}
}
