package task

import (
	"slices"
	"time"

	"secretome/internal/protocol"
	"secretome/internal/record"
)

// Apply brings the state up to a record of this task, unless it was applied
// before: a handler may see the same record twice.
func (s *State) Apply(r record.Record, ref record.Ref) error {
	if r.Number <= s.Last {
		return nil
	}
	s.Last = r.Number
	switch r.Kind {
	case record.TaskClaimed:
		s.Phase, s.Holder = Claimed, r.By
	case record.TaskReleased:
		s.Phase, s.Holder = Open, record.Actor{}
	case record.TaskHandedOver:
		note, err := record.Read[record.Note](r)
		if err != nil {
			return err
		}
		s.Holder = record.Actor{Kind: record.Person, Name: note.To, Role: r.By.Role}
	case record.StepDone:
		entered, err := record.Read[record.Entered](r)
		if err != nil {
			return err
		}
		s.enter(Done{Step: r.Subject.Step, Entries: entered.Entries, Record: ref, By: r.By.Name, Again: entered.Corrects > 0})
	case record.DeviationOpened:
		d, err := record.Read[record.Deviation](r)
		if err != nil {
			return err
		}
		s.Departures = append(s.Departures, Departure{ref, protocol.Action(d.Asks), d.What, d.Reason, r.By.Name})
	case record.TaskCompleted:
		c, err := record.Read[record.Completed](r)
		if err != nil {
			return err
		}
		s.finish(Completed, r, ref)
		s.Verdict = c.Verdict
	case record.TaskAssigned:
		return s.assign(r)
	case record.StepChecked:
		return s.check(r)
	case record.StepTakenBack:
		s.Done = slices.DeleteFunc(s.Done, func(d Done) bool { return d.Step == r.Subject.Step })
	case record.TaskSkipped, record.TaskCancelled:
		s.finish(Skipped, r, ref)
	case record.TaskSuperseded:
		s.finish(Closed, r, ref)
	case record.TaskClosed:
		s.finish(Closed, r, ref)
	default: // notes change no state
	}
	return nil
}

// assign gives the task to one person, and takes it from who holds it.
func (s *State) assign(r record.Record) error {
	note, err := record.Read[record.Note](r)
	if err != nil {
		return err
	}
	s.Assigned = note.To
	if s.Holder.Name != "" && s.Holder.Name != note.To {
		s.Phase, s.Holder = Open, record.Actor{}
	}
	return nil
}

func (s *State) check(r record.Record) error {
	note, err := record.Read[record.Note](r)
	if err != nil {
		return err
	}
	for i := range s.Done {
		if s.Done[i].Step == r.Subject.Step {
			s.Done[i].Checked, s.Done[i].Badge = r.By.Name, note.Badge
		}
	}
	return nil
}

func (s *State) enter(d Done) {
	for i := range s.Done {
		if s.Done[i].Step == d.Step {
			s.Done[i] = d
			return
		}
	}
	s.Done = append(s.Done, d)
}

func (s *State) finish(p Phase, r record.Record, ref record.Ref) {
	s.Phase, s.Completed, s.By, s.Happened = p, ref, r.By, r.Happened
}

// Value returns the entered text of "step.field".
func (s State) Value(path string) (record.Entry, bool) {
	for _, d := range s.Done {
		for _, e := range d.Entries {
			if d.Step+"."+e.Field == path {
				return e, true
			}
		}
	}
	return record.Entry{}, false
}

// The verdicts on a window.
const (
	NoWindow = "no window"
	InWindow = "in window"
	Early    = "early"
	Late     = "late"
	Missed   = "past the hard limit"
)

// Judge holds a time against a window and says what the protocol wants then.
func Judge(w record.Window, happened time.Time) (verdict string, do protocol.Action) {
	switch {
	case w == record.Window{}:
		return NoWindow, protocol.Accept
	case !w.Opens.IsZero() && happened.Before(w.Opens):
		return Early, action(w.OnEarly)
	case !w.Hard.IsZero() && happened.After(w.Hard):
		return Missed, action(w.OnHard)
	case !w.Closes.IsZero() && happened.After(w.Closes):
		return Late, action(w.OnLate)
	}
	return InWindow, protocol.Accept
}

// Departed says in words by how much a time lies outside a window.
func Departed(w record.Window, happened time.Time) string {
	if !w.Opens.IsZero() && happened.Before(w.Opens) {
		return w.Opens.Sub(happened).String() + " before it opens"
	}
	return happened.Sub(w.Closes).String() + " after it closes"
}

func action(s string) protocol.Action {
	if s == "" {
		return protocol.Flag
	}
	return protocol.Action(s)
}

// Notices counts from a window's end when its holder is reminded and when
// somebody else is told.
func Notices(w protocol.Window, closes time.Time) (remind time.Time, escalate Escalation) {
	if closes.IsZero() {
		return remind, escalate
	}
	if d, err := w.Remind.Duration(); err == nil && !w.Remind.IsZero() {
		remind = closes.Add(-d)
	}
	if w.Escalate.To != "" {
		escalate = Escalation{At: closes, To: w.Escalate.To}
		if d, err := w.Escalate.After.Duration(); err == nil && !w.Escalate.After.IsZero() {
			escalate.At = closes.Add(d)
		}
	}
	return remind, escalate
}

// Absolute counts a protocol's window from its anchor.
func Absolute(w protocol.Window, anchor time.Time) record.Window {
	if w.IsZero() {
		return record.Window{}
	}
	abs := record.Window{OnEarly: string(w.OnEarly), OnLate: string(w.OnLate), OnHard: string(w.OnMissed)}
	if d, err := w.Nominal.Duration(); err == nil && !w.Nominal.IsZero() {
		abs.Nominal = anchor.Add(d)
	}
	if d, err := w.Earliest.Duration(); err == nil && !w.Earliest.IsZero() {
		abs.Opens = anchor.Add(d)
	}
	if d, err := w.Latest.Duration(); err == nil && !w.Latest.IsZero() {
		abs.Closes = anchor.Add(d)
		if grace, err := w.Grace.Duration(); err == nil && !w.Grace.IsZero() {
			abs.Hard = abs.Closes.Add(grace)
		}
	}
	return abs
}
