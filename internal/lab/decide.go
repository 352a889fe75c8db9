package lab

import (
	"context"
	"slices"
	"strings"

	"github.com/google/uuid"

	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/task"
)

// The choices of a decision.
const (
	Continue = "continue"
	Repeat   = "repeat"
	Discard  = "discard"
)

// DecisionView is a decision that waits for a manager.
type DecisionView struct {
	Task
	Title     string // of the run
	Deviation index.Deviation
	About     string         // title of the task in which it departed
	Entered   []record.Entry // what the bench entered there, of the step that departed
	Window    record.Window  // of the task, where a window was missed
	Checks    []record.Check // criteria that did not pass
	Choices   []Choice
	Mine      bool   // whoever asks may decide
	Why       string // why not, where not
}

// Choice is one way to decide, and what follows from it.
type Choice struct {
	ID, Words, Follows string
}

// PageOfDecisions is how many decisions one page has.
const PageOfDecisions = 20

// Decisions is one page of the decisions that wait.
type Decisions struct {
	Run   string // empty: of all runs
	Page  int
	Pages int
	Found int
	All   []DecisionView
}

// Decisions lists what waits for a manager's decision, the oldest first; of one
// run, or of all where run is empty. It fails with [fault.NotFound].
func (l *Lab) Decisions(ctx context.Context, who record.Actor, run string, page int) (Decisions, error) {
	if err := Allowed(who, Look); err != nil {
		return Decisions{}, err
	}
	if run != "" {
		if _, err := l.Index.Run(ctx, run); err != nil {
			return Decisions{}, err
		}
	}
	d := Decisions{Run: run, Page: max(page, 1)}
	var err error
	if d.Found, err = l.Index.CountDeciding(ctx, run); err != nil {
		return d, err
	}
	d.Pages = (d.Found + PageOfDecisions - 1) / PageOfDecisions
	rows, err := l.Index.Deciding(ctx, run, PageOfDecisions, (d.Page-1)*PageOfDecisions)
	if err != nil {
		return d, err
	}
	for _, row := range rows {
		one, err := l.decision(ctx, row)
		if err != nil {
			return d, err
		}
		one.Why = mayDecide(who, one.Task)
		one.Mine = one.Why == ""
		d.All = append(d.All, one)
	}
	return d, nil
}

// mayDecide says why somebody may not decide; empty: they may.
func mayDecide(who record.Actor, t Task) string {
	switch {
	case Allowed(who, Decide) != nil:
		return "A manager decides this"
	case slices.Contains(t.NotBy, who.Name):
		return "You did what this is about. Another manager decides"
	case t.Holder != "" && t.Holder != who.Name:
		return t.Holder + " is deciding this"
	}
	return ""
}

// decision gathers what a manager must know to decide.
func (l *Lab) decision(ctx context.Context, row index.Deciding) (DecisionView, error) {
	v := DecisionView{Task: row.Task}
	r, err := l.Index.Run(ctx, row.Run)
	if err != nil {
		return v, err
	}
	v.Title = r.Title
	if v.Deviation, _, err = l.Index.Deviation(ctx, row.Run, row.Deviation); err != nil {
		return v, err
	}
	if v.Deviation.Task != "" {
		about, err := l.Index.Task(ctx, v.Deviation.Task)
		if err == nil {
			v.About = about.Title
			v.Window = record.Window{Opens: about.Opens, Nominal: about.Nominal, Closes: about.Closes, Hard: about.Hard}
		} else if !fault.Is(err, fault.NotFound) {
			return v, err
		}
	}
	v.Choices = choices(v)
	return v, l.evidence(ctx, &v)
}

// evidence reads what the deviation used: the criteria that did not pass, and the
// step that was entered.
func (l *Lab) evidence(ctx context.Context, v *DecisionView) error {
	opened, found, err := l.Index.Record(ctx, v.Run, v.Deviation.Number)
	if err != nil || !found {
		return err
	}
	for _, u := range opened.Uses {
		if u.Number == 0 || u.Logbook != opened.Logbook {
			continue
		}
		used, found, err := l.Index.Record(ctx, v.Run, u.Number)
		if err != nil {
			return err
		}
		if !found || used.Kind != record.DecisionMade {
			continue
		}
		judged, err := record.Read[record.Decision](used)
		if err != nil {
			return err
		}
		for _, c := range judged.Checks {
			if !c.Pass {
				v.Checks = append(v.Checks, c)
			}
		}
	}
	if opened.Subject.Step == "" {
		return nil
	}
	records, err := l.Index.TaskRecords(ctx, opened.Subject.Task)
	for _, r := range records {
		if r.Kind == record.StepDone && r.Subject.Step == opened.Subject.Step && r.Number <= opened.Number {
			if entered, err := record.Read[record.Entered](r); err == nil {
				v.Entered = entered.Entries
			}
		}
	}
	return err
}

// choices are the ways to decide, as the run follows them.
func choices(v DecisionView) []Choice {
	about := v.About
	if about == "" {
		about = "the task"
	} else {
		about = "“" + about + "”"
	}
	goesOn := "What was done counts. The deviation and your reason stand beside it in the record and in the report, and the run goes on."
	if v.Deviation.Type == "skipped" || v.Deviation.Type == "outside" {
		goesOn = "The run goes on without " + about + ". What needs its values does without them, and your reason stands in the record and in the report."
	}
	all := []Choice{
		{Continue, "Continue", goesOn},
		{Repeat, "Repeat", "What was done stays in the record and does not count. " + sentenced(about) + " is asked again from its first step."},
	}
	switch decisionsStage(v.Stage) {
	case "hold":
		all[0].Follows = "The hold is over, and the run goes on where it was paused."
		all[1].Follows = "As continue: the hold is over, and the run goes on. Ask for a task to have something done again."
		return append(all, Choice{Discard, "Discard", "The run is stopped. What is in work is dealt with by a technician, and the record is sealed."})
	case "late":
		all[0].Follows = "What arrived late stays in the record and is applied to nothing. The run goes on."
		all[1].Follows = "As continue: nothing is asked again by itself. Ask for a task to have it done again."
		return append(all, Choice{Discard, "Discard", "As continue, and the record says that the entry was set aside."})
	case "block":
		return append(all, Choice{Discard, "Discard", "This block ends here: " + v.Model + ", block " + v.Block + ". It stays in the record and is left out of the results. The other blocks go on."})
	}
	return append(all, Choice{Discard, "Discard", "The run ends here as discarded: nothing more is asked, and its record is sealed. This cannot be taken back."})
}

func sentenced(text string) string {
	if text == "the task" {
		return "The task"
	}
	return text
}

// DecideRequest is a manager's decision.
type DecideRequest struct {
	Request string
	Task    string // ID of the decision's task
	Choice  string
	Why     string
}

// Decide decides: it claims the task of a decision, enters choice and reason, and
// completes it. Put again with the same request, nothing is done twice.
func (l *Lab) Decide(ctx context.Context, who record.Actor, q DecideRequest) (Acted, error) {
	if err := Allowed(who, Decide); err != nil {
		return Acted{}, err
	}
	if err := checkRequest(q.Request); err != nil {
		return Acted{}, err
	}
	q.Why = strings.TrimSpace(q.Why)
	if err := checkDecision(q); err != nil {
		return Acted{}, err
	}
	if answer, found, err := l.answered(ctx, q.Task, task.Act{Request: q.Request, By: who}); err != nil || found {
		return answer, err
	}
	v, err := l.Task(ctx, who, q.Task)
	if err != nil {
		return Acted{}, err
	}
	if v.Spec.Task.ID != protocol.DecisionID {
		return Acted{}, fault.New(fault.Invalid, "%s is no decision", q.Task).Field("task").Try("choose one of those that wait")
	}
	step, choice, _ := strings.Cut(protocol.DecisionChoice, ".")
	_, why, _ := strings.Cut(protocol.DecisionWhy, ".")
	entered := task.Act{Verb: task.Step, Step: step, Entries: []record.Entry{{Field: choice, Value: q.Choice}, {Field: why, Value: q.Why}}}
	if v.Now.Next(v.Spec.Task) == "" { // entered before, and never completed
		entered.Reason = "decided: " + q.Why
	}
	acts := []task.Act{{Verb: task.Claim}, entered, {Verb: task.Complete}}
	if v.Now.Holder.Name == who.Name {
		acts = acts[1:]
	}
	var done Acted
	for _, a := range acts {
		a.Request = partRequest(q.Request, a.Verb)
		if done, err = l.Act(ctx, who, q.Task, a); err != nil {
			return done, err
		}
	}
	return done, nil
}

func checkDecision(q DecideRequest) error {
	switch {
	case !slices.Contains([]string{Continue, Repeat, Discard}, q.Choice):
		return fault.New(fault.Invalid, "Choose what follows").Field("choice").Try("choices are: continue, repeat, discard")
	case q.Why == "":
		return fault.New(fault.Invalid, "Write why, and what it means for the result").Field("justification").Try("it stands in the record and in the report")
	}
	return nil
}

// partRequest is the request of one of the acts of a decision: its last one has
// the decision's own.
func partRequest(request string, v task.Verb) string {
	if v == task.Complete {
		return request
	}
	return uuid.NewSHA1(uuid.MustParse(request), []byte(v)).String()
}
