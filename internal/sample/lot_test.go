package sample

import (
	"slices"
	"testing"
	"time"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// Each refusal is a sentence that the person at the bench reads.
func TestWhatMayNotBeDoneToALot(t *testing.T) {
	medium := []LotAct{registered("10 mL"), released()}
	for _, test := range []struct {
		name   string
		before []LotAct
		act    LotAct
		kind   fault.Kind
		says   string
		field  string
	}{
		{"what nobody registered is unknown", nil, draws("1 mL"), fault.NotFound, `no lot "BM-1" is registered`, ""},
		{"a barcode names one thing for ever", medium, registered("5 mL"), fault.Conflict, "BM-1 is registered already, as medium", ""},
		{"a thing has a kind", nil, LotAct{Kind: record.LotRegistered}, fault.Invalid, "kind is missing", "kind"},
		{"nobody has less than nothing", nil, registered("-1 mL"), fault.Invalid, "-1 mL is less than nothing", "amount"},
		{"an amount has a unit", nil, registered("10"), fault.Invalid, `"10" has no unit`, ""},
		{"quarantine keeps it", medium[:1], draws("1 mL"), fault.Refused, "BM-1 is in quarantine", ""},
		{"more than is left", medium, draws("10.001 mL"), fault.Refused, "BM-1 has 10 mL left, 10.001 mL is asked for", ""},
		{"a litre for a millilitre", medium, draws("1 L"), fault.Refused, "BM-1 has 10 mL left, 1000 mL is asked for", ""},
		{"nothing cannot be drawn", medium, draws("0 mL"), fault.Invalid, "0 mL is nothing that can be drawn", "amount"},
		{"a mass is no volume", medium, draws("1 g"), fault.Invalid, "1 g is a mass, not a volume", ""},
		{"an empty lot says how much it has", append(slices.Clone(medium), draws("10 mL")), draws("1 mL"), fault.Refused, "BM-1 has 0 mL left", ""},
		{"a hold says why", append(slices.Clone(medium), why(record.LotHeld, "an alarm of the freezer")), draws("1 mL"), fault.Refused, "BM-1 is on hold: an alarm of the freezer", ""},
		{"a hold needs a reason", medium, why(record.LotHeld, " "), fault.Invalid, "why is missing", "why"},
		{"only what is held is freed", medium, why(record.LotFreed, "checked"), fault.Conflict, "BM-1 is not on hold", ""},
		{"rejected is for ever", append(slices.Clone(medium), why(record.LotRejected, "turbid")), draws("1 mL"), fault.Refused, "BM-1 is rejected: turbid", ""},
		{"what is rejected is not rejected again", append(slices.Clone(medium), why(record.LotRejected, "turbid")), why(record.LotRejected, "turbid"), fault.Conflict, "BM-1 is rejected already: turbid", ""},
		{"what is rejected is not released", append(slices.Clone(medium), why(record.LotRejected, "turbid")), released(), fault.Conflict, "BM-1 is rejected, only what is in quarantine is released", ""},
		{"it is released once", medium, released(), fault.Conflict, "BM-1 is released, only what is in quarantine is released", ""},
		{"whoever made it does not release it", medium[:1], LotAct{Kind: record.LotReleased, By: maker}, fault.Refused, "Tim made BM-1", ""},
		{"a hold comes before the release", append(slices.Clone(medium[:1]), why(record.LotHeld, "a question")), released(), fault.Refused, "BM-1 is on hold: a question", ""},
		{"consent is a donor's", medium, why(record.ConsentWithdrawn, "in writing"), fault.Invalid, "BM-1 is no donor", ""},
		{"an expired lot", append(slices.Clone(medium), why(record.LotExpired, "")), draws("1 mL"), fault.Refused, "BM-1 expired on 0001-01-01", ""},
		{"a draw that never was is not returned", medium, again(record.LotReturned, 2, ""), fault.Conflict, "record 2 of BM-1 is no draw that is still open", "draw"},
		{"a draw is returned once", append(slices.Clone(medium), draws("1 mL"), again(record.LotReturned, 3, "")), again(record.LotReturned, 3, ""), fault.Conflict, "record 3 of BM-1 is no draw that is still open", "draw"},
		{"what is lost does not come back", append(slices.Clone(medium), draws("1 mL"), again(record.LotWrittenOff, 3, "")), again(record.LotReturned, 3, ""), fault.Conflict, "record 3 of BM-1 is no draw that is still open", "draw"},
		{"a return needs a reason", append(slices.Clone(medium), draws("1 mL")), LotAct{Kind: record.LotReturned, Body: record.LotAct{Draw: 3}}, fault.Invalid, "why is missing", "why"},
		{"a correction takes no more than there is", append(slices.Clone(medium), draws("4 mL")), again(record.LotCorrected, 3, "11 mL"), fault.Refused, "BM-1 has 6 mL left, 7 mL is asked for", ""},
		{"a correction says an amount", append(slices.Clone(medium), draws("4 mL")), again(record.LotCorrected, 3, ""), fault.Invalid, "amount is missing", "amount"},
		{"a correction stays in its dimension", append(slices.Clone(medium), draws("4 mL")), again(record.LotCorrected, 3, "4 g"), fault.Invalid, "4 g is a mass, not a volume", ""},
		{"a correction to nothing is a return", append(slices.Clone(medium), draws("4 mL")), again(record.LotCorrected, 3, "0 mL"), fault.Invalid, "0 mL is nothing that can be drawn", "amount"},
		{"a count says why", medium, LotAct{Kind: record.LotCounted, Body: record.LotAct{Left: "9 mL"}}, fault.Invalid, "why is missing", "why"},
		{"nobody counts less than nothing", medium, LotAct{Kind: record.LotCounted, Body: record.LotAct{Left: "-1 mL", Why: "counted"}}, fault.Invalid, "-1 mL is less than nothing", "left"},
		{"a count stays in its dimension", medium, LotAct{Kind: record.LotCounted, Body: record.LotAct{Left: "9 g", Why: "counted"}}, fault.Invalid, "9 g is a mass, not a volume", ""},
		{"there was no less than was taken", append(slices.Clone(medium), draws("4 mL")), LotAct{Kind: record.LotCounted, Body: record.LotAct{Amount: "3 mL", Why: "miscounted"}}, fault.Refused, "BM-1 has 6 mL left of 10 mL: more than 3 mL was taken already", "amount"},
		{"a move says where to", medium, LotAct{Kind: record.LotMoved}, fault.Invalid, "place is missing", "place"},
		{"what is frozen lies somewhere", medium, LotAct{Kind: record.LotFrozen}, fault.Invalid, "place is missing", "place"},
		{"it is handed over to somebody", medium, LotAct{Kind: record.LotHandedOver}, fault.Invalid, "to is missing", "to"},
		{"it is thawed once", append(slices.Clone(medium), LotAct{Kind: record.LotThawed}), LotAct{Kind: record.LotThawed}, fault.Refused, "BM-1 was thawed 1 times, the most is 1", "aliquot"},
		{"a made up draw on a real lot", medium, LotAct{Kind: record.LotDrawn, Rehearsal: true}, fault.Refused, "BM-1 is real, and this is a rehearsal", ""},
		{"a made up lot in real life", []LotAct{{Kind: record.LotRegistered, By: maker, Rehearsal: true, Body: record.LotAct{Kind: "reagent"}}, released()}, draws(""), fault.Refused, "BM-1 was made up by a rehearsal", ""},
		{"it is not drawn from before it was made", medium, LotAct{Kind: record.LotDrawn, Happened: monday}, fault.Refused, "BM-1 was made at 2026-03-02T08:01:00Z, after 2026-03-02T08:00:00Z", ""},
		{"what is done to a lot is in the list", medium, LotAct{Kind: record.TaskClaimed}, fault.Invalid, `"task-claimed" is nothing that is done to a lot`, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBook("BM-1").all(t, test.before...)
			as := text(b.lot)
			err := b.do(test.act)
			if !fault.Is(err, test.kind) || fault.Of(err).Message != test.says || fault.Of(err).Place.Field != test.field {
				t.Errorf("got %v, want %s: %s (field %q)", err, test.kind, test.says, test.field)
			}
			if text(b.lot) != as || len(b.records) != len(test.before) {
				t.Errorf("a refused act changed the lot from %s to %s", as, text(b.lot))
			}
		})
	}
}

// Every kind of act, accepted: the state and the rest that its record tells are
// those of the lot afterwards.
func TestWhatAnActChanges(t *testing.T) {
	medium := []LotAct{registered("10 mL"), released()}
	drawn := append(slices.Clone(medium), draws("4 mL"))
	for _, test := range []struct {
		name   string
		before []LotAct
		act    LotAct
		state  State
		left   string
	}{
		{"registered", nil, registered("10 mL"), Quarantine, "10 mL"},
		{"registered without an amount", nil, registered(""), Quarantine, ""},
		{"registered from stock", nil, LotAct{Kind: record.LotRegistered, Body: record.LotAct{Kind: "vial", State: string(Released)}}, Released, ""},
		{"released", medium[:1], released(), Released, "10 mL"},
		{"released though it is empty", []LotAct{registered("0 mL")}, released(), Depleted, "0 mL"},
		{"rejected", medium, why(record.LotRejected, "turbid"), Rejected, "10 mL"},
		{"held", medium, why(record.LotHeld, "a question"), Released, "10 mL"},
		{"freed", append(slices.Clone(medium), why(record.LotHeld, "a question")), why(record.LotFreed, "answered"), Released, "10 mL"},
		{"expired", medium, why(record.LotExpired, ""), Expired, "10 mL"},
		{"rejected before it expired", append(slices.Clone(medium), why(record.LotRejected, "turbid")), why(record.LotExpired, ""), Rejected, "10 mL"},
		{"empty before it expired", append(slices.Clone(medium), draws("10 mL")), why(record.LotExpired, ""), Depleted, "0 mL"},
		{"drawn", medium, draws("4 mL"), Released, "6 mL"},
		{"drawn in another unit", medium, draws("4000 uL"), Released, "6 mL"},
		{"drawn to the last drop", medium, draws("10 mL"), Depleted, "0 mL"},
		{"returned", drawn, again(record.LotReturned, 3, ""), Released, "10 mL"},
		{"the last drop returned", append(slices.Clone(medium), draws("10 mL")), again(record.LotReturned, 3, ""), Released, "10 mL"},
		{"returned after it was rejected", append(slices.Clone(drawn), why(record.LotRejected, "turbid")), again(record.LotReturned, 3, ""), Rejected, "10 mL"},
		{"corrected down", drawn, again(record.LotCorrected, 3, "1500 uL"), Released, "8.5 mL"},
		{"corrected up to the last drop", drawn, again(record.LotCorrected, 3, "10 mL"), Depleted, "0 mL"},
		{"written off", drawn, again(record.LotWrittenOff, 3, ""), Released, "6 mL"},
		{"counted", drawn, LotAct{Kind: record.LotCounted, Body: record.LotAct{Left: "5500 uL", Why: "evaporated"}}, Released, "5.5 mL"},
		{"counted empty", drawn, LotAct{Kind: record.LotCounted, Body: record.LotAct{Left: "0 mL", Why: "spilled"}}, Depleted, "0 mL"},
		{"counted for the first time", []LotAct{registered(""), released()}, LotAct{Kind: record.LotCounted, Body: record.LotAct{Left: "5 mL", Why: "measured"}}, Released, "5 mL"},
		{"said wrong when it was registered", drawn, LotAct{Kind: record.LotCounted, Body: record.LotAct{Amount: "8000 uL", Each: "1 mL", Why: "miscounted"}}, Released, "4 mL"},
		{"said for the first time", []LotAct{registered(""), released()}, LotAct{Kind: record.LotCounted, Body: record.LotAct{Amount: "5 mL", Why: "measured"}}, Released, "5 mL"},
		{"moved", medium, LotAct{Kind: record.LotMoved, Body: record.LotAct{Place: "freezer 2"}}, Released, "10 mL"},
		{"frozen", medium, LotAct{Kind: record.LotFrozen, Body: record.LotAct{Place: "tank 1"}}, Released, "10 mL"},
		{"handed over", medium, LotAct{Kind: record.LotHandedOver, Body: record.LotAct{To: "Tea"}}, Released, "10 mL"},
		{"opened", medium, LotAct{Kind: record.LotOpened}, Released, "10 mL"},
		{"thawed", medium, LotAct{Kind: record.LotThawed}, Released, "10 mL"},
		{"a donor withdraws", []LotAct{{Kind: record.LotRegistered, Body: record.LotAct{Kind: Donor}}, released()}, why(record.ConsentWithdrawn, "in writing"), Released, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			b := newBook("BM-1").all(t, append(slices.Clone(test.before), test.act)...)
			if b.lot.State != test.state || b.left() != test.left {
				t.Errorf("it is %s with %s, want %s with %s", b.lot.State, b.left(), test.state, test.left)
			}
			last := b.records[len(b.records)-1]
			said, err := record.Read[record.LotAct](last)
			if err != nil || said.State != string(test.state) || !b.lot.Whole.IsZero() && said.Left != test.left {
				t.Errorf("its record says %s with %s, %v", said.State, said.Left, err)
			}
			before := text(b.lot)
			if err := b.lot.Apply(last); err != nil || text(b.lot) != before {
				t.Errorf("a record that came twice made it %s, %v", text(b.lot), err)
			}
		})
	}
}

// An aliquot is thawed as often as its lot allows, each for itself, whether it is
// drawn or only thawed.
func TestAliquotsAreThawedAsOftenAsTheyMay(t *testing.T) {
	thaw := func(aliquot string) LotAct {
		return LotAct{Kind: record.LotThawed, Body: record.LotAct{Aliquot: aliquot}}
	}
	draw := func(aliquot string) LotAct {
		return LotAct{Kind: record.LotDrawn, Body: record.LotAct{Aliquot: aliquot}}
	}
	first := registered("3 mL")
	first.Body.Thaws, first.Body.Each = 2, "1 mL"
	b := newBook("CM-1").all(t, first, released(), thaw("A-1"), draw("A-1"), draw("A-2"))
	for _, a := range []LotAct{thaw("A-1"), draw("A-1")} {
		if err := b.do(a); !fault.Is(err, fault.Refused) || fault.Of(err).Message != "A-1 was thawed 2 times, the most is 2" {
			t.Errorf("%s: %v", a.Kind, err)
		}
	}
	if b.lot.Thawed["A-1"] != 2 || b.lot.Thawed["A-2"] != 1 || b.left() != "1 mL" {
		t.Errorf("thawed are %v, %s is left", b.lot.Thawed, b.left())
	}
}

func TestAnExpiredLotCountsByTheTimeOfTheAct(t *testing.T) {
	first := registered("10 mL")
	first.Body.Expires = monday.Add(time.Hour)
	b := newBook("CM-1").all(t, first, released())
	late := draws("1 mL")
	late.Happened = monday.Add(time.Hour + time.Second)
	if err := b.do(late); !fault.Is(err, fault.Refused) || fault.Of(err).Message != "CM-1 expired on 2026-03-02" {
		t.Errorf("a second after its time: %v", err)
	}
	if err := b.lot.Unfit(late.Happened); err == nil {
		t.Error("its scan was taken a second after its time")
	}
	late.Happened = monday.Add(time.Hour)
	b.all(t, late)
}

// Conditioned medium is released only beside the medium that saw no cells.
func TestConditionedMediumNeedsItsMatch(t *testing.T) {
	first := LotAct{Kind: record.LotRegistered, By: maker, Body: record.LotAct{Kind: CM, Title: "conditioned medium"}}
	err := newBook("CM-1").all(t, first).do(released())
	if !fault.Is(err, fault.Refused) || fault.Of(err).Message != "CM-1 has no unconditioned medium that belongs to it" {
		t.Errorf("released alone: %v", err)
	}
	first.Body.Matched = "UCM-1"
	newBook("CM-1").all(t, first, released())
}

// A donor is released for each cord, also by whoever noted the consent, and what
// is in quarantine may be scanned.
func TestADonorIsReleasedForEachCord(t *testing.T) {
	b := newBook("D-1").all(t, LotAct{Kind: record.LotRegistered, By: maker, Body: record.LotAct{Kind: Donor}})
	if err := b.lot.Unfit(monday); err != nil {
		t.Errorf("a thing in quarantine is not even scanned: %v", err)
	}
	again := released()
	again.By = maker
	b.all(t, again, again, why(record.ConsentWithdrawn, "in writing"))
	if err := b.lot.Usable(monday.Add(time.Hour)); fault.Of(err).Message != "D-1 is on hold: in writing" {
		t.Errorf("after the consent was withdrawn: %v", err)
	}
}

// The label of a registration that was taken back is free, and nothing of the
// first thing sticks to the second.
func TestALabelWhoseRegistrationWasUndoneIsFree(t *testing.T) {
	first := registered("10 mL")
	first.Body.Each, first.Body.Thaws, first.Body.Place = "1 mL", 3, "freezer 1"
	first.Body.State = string(Released)
	b := newBook("BM-1").all(t, first, draws("2 mL"), LotAct{Kind: record.LotThawed}, why(record.LotRejected, Undone))
	second := LotAct{Kind: record.LotRegistered, By: other, Body: record.LotAct{Kind: "vial", Title: "cells"}}
	b.all(t, second)
	fresh := newBook("BM-1").all(t, second)
	fresh.lot.Made, fresh.lot.Last = b.lot.Made, b.lot.Last
	if text(b.lot) != text(fresh.lot) {
		t.Errorf("registered again it is %s\nwant %s", text(b.lot), text(fresh.lot))
	}
	if err := b.do(registered("1 mL")); !fault.Is(err, fault.Conflict) {
		t.Errorf("registered a third time: %v", err)
	}
}

func TestALotFollowsFromItsLogbookWhateverElseStandsThere(t *testing.T) {
	b := stock(t, "10 mL")
	history := record.Draft{Kind: "history-kept", Body: []byte(`{}`)}.Numbered(b.lot.Last+1, "")
	if err := b.lot.Apply(history); err != nil {
		t.Fatal(err)
	}
	b.records = append(b.records, history)
	b.all(t, draws("1 mL"))
	lot, err := Follow("BM-1", b.records)
	if err != nil || text(lot) != text(b.lot) || lot.Last != 4 {
		t.Errorf("it follows %s, %v; want %s", text(lot), err, text(b.lot))
	}
	broken := record.Draft{Kind: record.LotDrawn, Body: []byte(`[]`)}.Numbered(5, "")
	if _, err := Follow("BM-1", append(b.records, broken)); !fault.Is(err, fault.Corrupt) {
		t.Errorf("a body that is none: %v", err)
	}
}

func TestEveryVerbHasItsKind(t *testing.T) {
	for _, v := range LotVerbs() {
		if verb, ok := VerbOf(v.Kind); !ok || verb != v.Verb || !slices.Contains(record.LotKinds(), v.Kind) {
			t.Errorf("%s is the verb of %s: %q, %v", v.Verb, v.Kind, verb, ok)
		}
	}
	if verb, ok := VerbOf(record.LotExpired); ok {
		t.Errorf("a person may %q a lot: time does that", verb)
	}
	for _, kind := range Kinds() {
		if Kept(kind) != slices.Contains(KeptKinds(), kind) {
			t.Errorf("%s is kept: %v", kind, Kept(kind))
		}
	}
}
