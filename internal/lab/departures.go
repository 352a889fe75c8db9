package lab

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"secretome/internal/protocol"
	"secretome/internal/quantity"
	"secretome/internal/record"
	"secretome/internal/task"
)

// Sort says in which way something departed from the plan.
type Sort string

// The sorts, in the order in which a reviewer reads them.
const (
	Deviated  Sort = "deviation"
	Outside   Sort = "window"
	Range     Sort = "range"
	Corrected Sort = "correction"
	ByHand    Sort = "by-hand"
	Late      Sort = "late"
	Again     Sort = "task"
	Paper     Sort = "paper"
	Failed    Sort = "criterion"
	Flag      Sort = "flag"
	OfRun     Sort = "run"
)

// Sorts lists them.
func Sorts() []Sort {
	return []Sort{Deviated, Outside, Range, Corrected, ByHand, Late, Again, Paper, Failed, Flag, OfRun}
}

// Departure is one thing that did not go as the protocol says.
type Departure struct {
	Sort     Sort
	Record   record.Record
	What     string         // in words
	Was      string         // of a correction: what stood there before
	Why      string         // as somebody gave it
	Open     bool           // waits for a decision
	Decided  record.Record  // of a deviation; number 0: none
	Decision record.Decided //
}

// Departures lists what departed, by sort and number.
func (h History) Departures() []Departure {
	var all []Departure
	for _, r := range h.Records {
		if d, ok := h.departure(r); ok {
			d.Record = r
			all = append(all, d)
		}
		all = append(all, h.entered(r)...)
	}
	for _, r := range h.Records {
		if r.Kind == record.DeviationDecided {
			decide(all, r)
		}
	}
	order := Sorts()
	slices.SortStableFunc(all, func(a, b Departure) int {
		return slices.Index(order, a.Sort) - slices.Index(order, b.Sort)
	})
	return all
}

// madeFrom reports whether a record used another one of its logbook, by its number.
func madeFrom(r record.Record, number int64) bool {
	return slices.ContainsFunc(r.Uses, func(u record.Use) bool { return u.Logbook == r.Logbook && u.Number == number })
}

// decide puts a decision beside each deviation that it used.
func decide(all []Departure, r record.Record) {
	decision, err := record.Read[record.Decided](r)
	if err != nil {
		return
	}
	for i, d := range all {
		if d.Sort == Deviated && madeFrom(r, d.Record.Number) {
			all[i].Open, all[i].Decided, all[i].Decision = false, r, decision
		}
	}
}

func (h History) departure(r record.Record) (Departure, bool) {
	title := h.Task(r.Subject.Task)
	switch r.Kind {
	case record.DeviationOpened:
		b, err := record.Read[record.Deviation](r)
		return Departure{Sort: Deviated, What: b.What, Why: b.Reason, Open: b.Asks != "FLAG"}, err == nil
	case record.TaskCompleted:
		b, err := record.Read[record.Completed](r)
		return Departure{Sort: Outside, What: title + ": " + b.Verdict}, err == nil && b.Verdict != task.InWindow && b.Verdict != task.NoWindow
	case record.WindowPassed:
		b, err := record.Read[record.Edge](r)
		return Departure{Sort: Outside, What: title + ": " + passed(b.Edge)}, err == nil
	case record.StepTakenBack:
		b, err := record.Read[record.TakenBack](r)
		return Departure{Sort: Corrected, What: title + ", " + r.Subject.Step + ": taken back at once, to be done again", Was: h.valuesOf(b.Number)}, err == nil
	case record.LateEntry:
		b, err := record.Read[record.Late](r)
		return Departure{Sort: Late, What: fmt.Sprintf("%s: %s, when the task was %s", title, values(b.Entries), b.Phase), Why: b.Reason}, err == nil
	case record.TaskAsked:
		b, err := record.Read[record.Asked](r)
		return Departure{Sort: Again, What: fmt.Sprintf("%s: asked again, attempt %d", title, b.Attempt)}, err == nil && b.Attempt > 1 && r.Subject.Stage != protocol.Culturing // there the number counts feeds and passages
	case record.TaskSuperseded:
		return Departure{Sort: Again, What: title + ": to be done again", Why: note(r).Text}, true
	case record.TaskCancelled:
		return Departure{Sort: Again, What: title + ": the run goes on without it", Why: note(r).Text}, true
	case record.TaskSkipped:
		return Departure{Sort: Again, What: title + ": left out", Why: note(r).Text}, true
	case record.DecisionMade:
		b, err := record.Read[record.Decision](r)
		what := failures(b)
		return Departure{Sort: Failed, What: what}, err == nil && what != ""
	case record.ThingFlagged:
		b, err := record.Read[record.Flagged](r)
		return Departure{Sort: Flag, What: strings.Join(b.Things, ", ") + ": " + b.State, Why: b.Why}, err == nil
	}
	return h.ofRun(r)
}

func passed(edge string) string {
	if edge == "hard" {
		return "the hard limit passed while it was not done"
	}
	return "the window closed while it was not done"
}

// ofRun is what departed for the run as a whole.
func (h History) ofRun(r record.Record) (Departure, bool) {
	d := Departure{Sort: OfRun, Why: note(r).Text}
	switch r.Kind {
	case record.RunPaused:
		d.What = "Paused"
	case record.RunHeld:
		d.What = "Held by a recall"
	case record.RunResumed:
		d.What = "Resumed"
	case record.RunStopping:
		d.What = "Stopped"
	case record.TaskAdded:
		d.What = "A task was asked that the protocol does not have"
	case record.RunAmended:
		b, err := record.Read[record.Amended](r)
		return Departure{Sort: OfRun, What: "Protocol changed: " + strings.Join(b.Changes, "; "), Why: b.Why}, err == nil
	case record.RunEnded, record.StageEnded:
		b, err := record.Read[record.End](r)
		name := "The run"
		if r.Kind == record.StageEnded {
			name = place("Stage "+r.Subject.Stage, r.Subject)
		}
		return Departure{Sort: OfRun, What: name + " ended: " + b.Outcome, Why: b.Why}, err == nil && b.Outcome != "done"
	default:
		return d, false
	}
	return d, true
}

// entered is what departed in the way in which a step was entered: corrected, out
// of range, a code that was typed, copied from paper. More than one may be so.
func (h History) entered(r record.Record) []Departure {
	if r.Kind != record.StepDone && r.Kind != record.TaskSaved {
		return nil
	}
	b, err := record.Read[record.Entered](r)
	if err != nil {
		return nil
	}
	title := h.Task(r.Subject.Task) + ", " + r.Subject.Step
	var all []Departure
	add := func(s Sort, what, was, why string) {
		all = append(all, Departure{Sort: s, Record: r, What: title + ": " + what, Was: was, Why: why})
	}
	switch {
	case b.Corrects > 0:
		add(Corrected, values(b.Entries), h.valuesOf(b.Corrects), b.Reason)
	case b.Deviation != "":
		add(Range, values(b.Entries), "", b.Deviation)
	}
	if typed := slices.DeleteFunc(slices.Clone(b.Entries), func(e record.Entry) bool { return !e.Hand }); len(typed) > 0 {
		add(ByHand, values(typed), "", "")
	}
	if b.Paper {
		add(Paper, values(b.Entries), "", "")
	}
	return all
}

// valuesOf are the entries of a record of this run; empty where it has none.
func (h History) valuesOf(number int64) string {
	r, ok := h.Record(number)
	if !ok {
		return ""
	}
	b, err := record.Read[record.Entered](r)
	if err != nil {
		return ""
	}
	return values(b.Entries)
}

// values are the entries of a step in a line.
func values(entries []record.Entry) string {
	var all []string
	for _, e := range entries {
		all = append(all, e.Field+" "+e.Value)
	}
	return strings.Join(all, ", ")
}

// legible shortens a computed value, for a list, to what can be read: the record
// has all its digits.
func legible(value string) string {
	const most, digits = 6, 4
	q, err := quantity.Parse(value)
	unit := ""
	if err == nil {
		unit = " " + quantity.Word(q.Unit())
	} else if q, err = quantity.Parse(value + " 1"); err != nil { // a ratio is written without a unit
		return value
	}
	f, err := q.Float(q.Unit())
	if err != nil || !strings.Contains(q.Amount(), ".") || len(q.Amount()) <= most {
		return value
	}
	return strconv.FormatFloat(f, 'g', digits, 64) + unit
}

// failures tells the criteria that did not pass.
func failures(d record.Decision) string {
	var all []string
	for _, c := range d.Checks {
		if !c.Pass {
			all = append(all, fmt.Sprintf("%s: %s, wanted %s", c.Title, legible(c.Value), c.Limit))
		}
	}
	return strings.Join(all, "; ")
}
