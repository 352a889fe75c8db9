package web

import (
	"fmt"
	"net/url"
	"slices"

	"secretome/internal/lab"
	"secretome/internal/record"
	"secretome/internal/sample"
)

// lotAct is a thing that a person does to a lot: its page says what will happen
// before anything does.
type lotAct struct {
	verb   string
	kind   record.Kind
	title  string // of the page, and the link to it
	button string
	fields []string
	stop   bool                         // it takes something away
	will   func(d lab.LotDesk) []string // what will happen
}

// needs is the command of an act.
func (a lotAct) needs() lab.Command {
	if a.verb == recalling || a.kind == record.ConsentWithdrawn {
		return lab.Recall
	}
	return lab.ToLot(a.kind)
}

const recalling = "recall"

// lotActs lists them, in the order of a lot's life.
func lotActs() []lotAct {
	return slices.Concat(useActs(), whereActs(), stateActs())
}

// useActs are about how much there is.
func useActs() []lotAct {
	return []lotAct{
		{verb: "draw", kind: record.LotDrawn, title: "Take some", button: "Record the draw", fields: []string{"amount", "aliquot", "run", "why", "happened"}, will: func(d lab.LotDesk) []string {
			will := []string{"What is taken is subtracted from what is left" + leftWords(d) + ". The draw gets a number: it can be brought back, corrected or written off by that.", "When nothing is left, the lot is used up."}
			if !d.Each.IsZero() {
				will = append(will, "Where no amount is entered, one aliquot of "+amount(d.Each)+" is taken.")
			}
			return will
		}},
		{verb: "return", kind: record.LotReturned, title: "Bring back a draw", button: "Record that it came back", fields: []string{"draw", "why", "happened"}, will: always(
			"What the draw took is added to what is left again. The draw stays in the record, with why it came back.")},
		{verb: "correct", kind: record.LotCorrected, title: "Correct a draw", button: "Record the right amount", fields: []string{"draw", "amount", "why", "happened"}, will: always(
			"The draw counts with the amount that you enter. What was entered first stays in the record beside it.")},
		{verb: "write-off", kind: record.LotWrittenOff, title: "Write off a draw", button: "Write off the draw", stop: true, fields: []string{"draw", "why", "happened"}, will: always(
			"What the draw took is lost: it does not come back, and the draw cannot be corrected any more.")},
		{verb: "count", kind: record.LotCounted, title: "Count what is left", button: "Record the count", fields: []string{"left", "why", "happened"}, will: func(d lab.LotDesk) []string {
			return []string{"What you counted takes the place of what the record expects" + leftWords(d) + ". The difference stays visible."}
		}},
		{verb: "open", kind: record.LotOpened, title: "Open", button: "Record that it was opened", fields: []string{"why", "happened"}, will: always(
			"The record tells when it was opened and by whom. The expiry stays as it is.")},
		{verb: "thaw", kind: record.LotThawed, title: "Thaw", button: "Record the thaw", fields: []string{"aliquot", "why", "happened"}, will: func(d lab.LotDesk) []string {
			return []string{fmt.Sprintf("The thaw is counted. An aliquot may be thawed %s; after that it is refused at the bench.", count(max(d.Most, 1), "time", "times")), "Without an aliquot the whole has been thawed, and has left its place."}
		}},
	}
}

// whereActs are about where it is and who has it.
func whereActs() []lotAct {
	return []lotAct{
		{verb: "move", kind: record.LotMoved, title: "Move", button: "Record the new place", fields: []string{"place", "why", "happened"}, will: func(d lab.LotDesk) []string {
			if d.Place == "" {
				return []string{"From now on it lies where you say, and the temperatures of that place are held against it."}
			}
			return []string{"From now on it lies where you say, and no longer in " + d.Place + ". The temperatures of both places are held against its stay there."}
		}},
		{verb: "freeze", kind: record.LotFrozen, title: "Freeze", button: "Record that it was frozen", fields: []string{"place", "why", "happened"}, will: always(
			"It lies frozen where you say. A later thaw has something to follow.")},
		{verb: "hand-over", kind: record.LotHandedOver, title: "Hand over", button: "Record the handover", fields: []string{"to", "why", "happened"}, will: always(
			"The chain of custody names who has it from now on. If nothing is recorded of that person while it is theirs, the chain shows a gap.")},
	}
}

// stateActs are about whether it may be used.
func stateActs() []lotAct {
	return []lotAct{
		{verb: "release", kind: record.LotReleased, title: "Release", button: "Release for use", fields: []string{"why", "happened"}, will: always(
			"From now on it may be used. You cannot release what you registered yourself.")},
		{verb: "hold", kind: record.LotHeld, title: "Put on hold", button: "Put on hold", stop: true, fields: []string{"why", "happened"}, will: always(
			"Nobody can use it until a manager or quality ends the hold: a scan at the bench is refused. What was made from it is not touched; for that, recall it.")},
		{verb: "free", kind: record.LotFreed, title: "End the hold", button: "End the hold", fields: []string{"why", "happened"}, will: func(d lab.LotDesk) []string {
			if d.Kind == sample.Donor {
				return []string{"The donor's material may be used again as far as its own state allows. What a withdrawal put on hold stays on hold, each until it is freed."}
			}
			return []string{"It may be used again as its state allows: it is " + string(d.State) + ". It was held because: " + d.Held + "."}
		}},
		{verb: "reject", kind: record.LotRejected, title: "Reject", button: "Reject for ever", stop: true, fields: []string{"why", "happened"}, will: always(
			"It may never be used again. Nothing comes back from that. It stays in the record, and its label is never used for anything else.")},
		{verb: recalling, kind: record.LotHeld, title: "Recall", button: "Recall it and all that came of it", stop: true, fields: []string{"why"}, will: func(d lab.LotDesk) []string {
			return []string{
				fmt.Sprintf("It is put on hold, and so is all that was made from it: %s now, and what is made meanwhile.", count(len(d.Descendants), "thing", "things")),
				"Each run that any of them reached is held until its manager decides. Nothing is deleted.",
			}
		}},
		{verb: "withdraw", kind: record.ConsentWithdrawn, title: "Consent withdrawn", button: "Record the withdrawal", stop: true, fields: []string{"why"}, will: func(d lab.LotDesk) []string {
			return []string{
				fmt.Sprintf("The donor's material may not be used any more: %s that came of it %s on hold, in every run.", count(len(d.Descendants), "thing", "things"), areOr(len(d.Descendants))),
				"Each run that it reached is held until its manager decides. The record stays: it says what was done before, and when the consent ended.",
				"Enter how it was withdrawn, never who the person is.",
			}
		}},
	}
}

func areOr(n int) string {
	if n == 1 {
		return "is put"
	}
	return "are put"
}

// always says the same of every lot.
func always(will ...string) func(lab.LotDesk) []string {
	return func(lab.LotDesk) []string { return will }
}

func leftWords(d lab.LotDesk) string {
	if d.Whole.IsZero() {
		return ""
	}
	return ", " + amount(d.Left)
}

// possible reports whether the act may happen as the lot stands, by who asks.
func (a lotAct) possible(d lab.LotDesk) bool {
	switch {
	case a.verb == recalling:
		return d.Recall && d.Kind != sample.Donor
	case a.kind == record.ConsentWithdrawn:
		return d.Recall && slices.Contains(d.May, a.kind)
	}
	return slices.Contains(d.May, a.kind)
}

func (a lotAct) href(d lab.LotDesk) string {
	return "/lots/" + url.PathEscape(d.Barcode) + "/" + a.verb
}

// actLinks are the acts that are possible now. Those on a draw stand at the draw.
func actLinks(d lab.LotDesk) []lotLink {
	var links []lotLink
	for _, a := range lotActs() {
		if a.possible(d) && !slices.Contains(a.fields, "draw") {
			links = append(links, lotLink{a.href(d), a.title, a.stop})
		}
	}
	return links
}

func drawLinks(d lab.LotDesk, draw lab.Draw) []lotLink {
	if _, still := d.Drawn[draw.Number]; !still {
		return nil
	}
	var links []lotLink
	for _, a := range lotActs() {
		if a.possible(d) && slices.Contains(a.fields, "draw") {
			links = append(links, lotLink{fmt.Sprintf("%s?draw=%d", a.href(d), draw.Number), a.title, a.stop})
		}
	}
	return links
}

// whyNot says why an act is not possible as the lot stands.
func (a lotAct) whyNot(who record.Actor, d lab.LotDesk) string {
	state := signOf(d.Lot, d.Fitness).Word
	switch {
	case a.kind == record.LotReleased && d.State == sample.Quarantine && d.Held == "" && who.Name == d.By:
		return "You registered it. Somebody else must release it."
	case a.kind == record.LotReleased && d.Kind == sample.CM && d.Matched == "":
		return "Conditioned medium is released only beside its matched unconditioned medium, and none is named."
	case a.kind == record.LotDrawn && d.Registered() && !d.Clock:
		return "It was made up by a rehearsal. Nothing is drawn from it by hand."
	case slices.Contains(a.fields, "draw"):
		return "No draw of it is open any more."
	}
	return "It is " + state + ": as it stands, this is not possible."
}
