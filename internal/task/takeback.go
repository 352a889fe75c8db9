package task

import (
	"time"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// TakeBackWithin is how long after its answer a step may be taken back. Whoever
// sees a slip later corrects it with a reason.
const TakeBackWithin = 10 * time.Second

// checkTakeBack: only a slip is taken back, so only the step that was done last,
// by who did it, and of which nothing hangs: no second person, no deviation, and
// nothing that was scanned, since a lot may have been drawn or a label given away.
func (s State) checkTakeBack(a Act) error {
	d, ok := s.newest()
	if !ok || d.Step != a.Step {
		return fault.New(fault.Conflict, "step %q is not the one that was done last", a.Step).Field("step").Try("correct it with a reason")
	}
	return s.loose(d, a.By.Name)
}

// newest returns the step with the newest record.
func (s State) newest() (Done, bool) {
	var last Done
	for _, d := range s.Done {
		if d.Record.Number > last.Record.Number {
			last = d
		}
	}
	return last, last.Step != ""
}

// loose says whether who could take d back, as far as its content goes.
func (s State) loose(d Done, who string) error {
	no := func(text string, args ...any) error {
		return fault.New(fault.Refused, text, args...).Field("step").Try("correct it with a reason")
	}
	switch {
	case d.By != who:
		return no("%s did step %q", d.By, d.Step)
	case d.Again:
		return no("step %q was corrected already", d.Step)
	case d.Checked != "":
		return no("%s checked step %q", d.Checked, d.Step)
	}
	for _, e := range d.Entries {
		if e.Thing != nil {
			return no("in step %q something was scanned: %s", d.Step, e.Value)
		}
	}
	for _, open := range s.Departures {
		if open.Record.Number > d.Record.Number {
			return no("step %q opened a deviation", d.Step)
		}
	}
	return nil
}

// Loose returns the step that who may still take back, and the record of it;
// false where there is none. How old it is, its reader asks.
func (s State) Loose(who string) (step string, ref record.Ref, ok bool) {
	d, ok := s.newest()
	if !ok || s.Phase != Claimed || s.Holder.Name != who || s.loose(d, who) != nil {
		return "", record.Ref{}, false
	}
	return d.Step, d.Record, true
}

// takenBack leaves the record where it is, and says that it no longer counts.
func takenBack(base record.Draft, s State, a Act) ([]record.Draft, error) {
	body := record.TakenBack{}
	for _, d := range s.Done {
		if d.Step == a.Step {
			body.Number = d.Record.Number
			base.Uses = append(base.Uses, d.Record.As("taken back"))
		}
	}
	return one(base, record.StepTakenBack, body)
}
