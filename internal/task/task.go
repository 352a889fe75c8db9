// Package task has the rules of a human task: what a person may do to it in
// which state, and what an entry must look like. It is pure: the workflow asks
// it before anything is written, and the doors ask it while a person types, so
// that both judge by the same rule.
package task

import (
	"slices"
	"strings"
	"time"

	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
)

// Verb is what a person does to a task; also the name of the workflow's Update.
type Verb string

// The verbs.
const (
	Claim    Verb = "claim"
	Release  Verb = "release"
	HandOver Verb = "hand-over"
	Save     Verb = "save" // entries of a step that is not complete yet
	Step     Verb = "step"
	Complete Verb = "complete"
	Deviate  Verb = "deviate"
	Comment  Verb = "comment"
	Skip     Verb = "skip"
	Attach   Verb = "attach"    // a file beside the steps
	Check    Verb = "check"     // a step, by a second person
	TakeBack Verb = "take-back" // the step that was done last, by who did it, at once
	Assign   Verb = "assign"    // to one person, by the manager
	Repeat   Verb = "repeat"    // ask it again from the start, by the manager
	Cancel   Verb = "cancel"    // go on without it, by the manager
)

// Verbs lists all.
func Verbs() []Verb {
	return []Verb{Claim, Release, HandOver, Save, Step, Complete, Deviate, Comment, Skip, Attach, Check, TakeBack, Assign, Repeat, Cancel}
}

// Act is one thing that a person does to a task.
type Act struct {
	Verb      Verb           `json:"verb"`
	Request   string         `json:"request"` // made by the client: the second answer is the first
	By        record.Actor   `json:"by"`
	Happened  time.Time      `json:"happened,omitzero"` // zero: when it is received
	Step      string         `json:"step,omitempty"`
	Entries   []record.Entry `json:"entries,omitempty"`
	To        string         `json:"to,omitempty"`        // hand-over: to whom
	Reason    string         `json:"reason,omitempty"`    // of a correction, skip, deviation; text of a comment
	Deviation string         `json:"deviation,omitempty"` // why a value out of range is entered all the same
	Bench     time.Time      `json:"bench,omitzero"`      // the bench's clock when it was sent; zero: it was not said
	Paper     bool           `json:"paper,omitempty"`     // of a step: copied from a bench sheet
	Clock     string         `json:"clock,omitempty"`     // by how much the bench's clock was wrong, in words; Happened is corrected by it
	Badge     bool           `json:"badge,omitempty"`     // of a check: By showed it by a badge, not by name and password
}

// Answer is what the person is told: the record that now stands in the logbook.
type Answer struct {
	Record   record.Ref `json:"record"`
	Phase    Phase      `json:"phase"`
	Holder   string     `json:"holder,omitempty"`
	NextStep string     `json:"next_step,omitempty"`
}

// Phase is the state of a task.
type Phase string

// The phases.
const (
	Open      Phase = "open"
	Claimed   Phase = "claimed"
	Completed Phase = "completed"
	Skipped   Phase = "skipped"
	Closed    Phase = "closed" // withdrawn by the run
)

// Spec is what a task asks, as its workflow holds it.
type Spec struct {
	ID       string            `json:"id"` // task/<run>/<stage>/…/<n>
	Task     protocol.Task     `json:"task"`
	Window   record.Window     `json:"window,omitzero"`
	Attempt  int               `json:"attempt"`
	NotBy    []string          `json:"not_by,omitempty"` // people who may not do it
	Known    map[string]string `json:"known,omitempty"`  // values from earlier tasks, shown beside the steps
	Expect   map[string]string `json:"expect,omitempty"` // "step.field" → the one code that a scan must show
	Reads    bool              `json:"reads,omitempty"`  // its files are instruments' exports, tried before they are taken
	Subject  record.Subject    `json:"subject"`
	Optional bool              `json:"optional,omitempty"` // may be skipped with a reason, and nobody decides on that
	From     []Thing           `json:"from,omitempty"`     // what the tasks before it left: the parents of what is made here without a scan of its parent
	Donors   []string          `json:"donors,omitempty"`   // from whom all of it comes
	Remind   time.Time         `json:"remind,omitzero"`    // when its holder is reminded; zero: never
	Escalate Escalation        `json:"escalate,omitzero"`  // when somebody else is told
	Keeps    bool              `json:"keeps,omitempty"`    // of what is scanned a balance is kept
}

// Escalation says when somebody else is told that nobody answers.
type Escalation struct {
	At time.Time `json:"at"`
	To string    `json:"to"` // a role
}

// Thing is a physical thing that a task left.
type Thing struct {
	Barcode string `json:"barcode"`
	Kind    string `json:"kind"`
	Made    bool   `json:"made,omitempty"`
	Passage int    `json:"passage,omitempty"`
}

// Done is a step that was completed.
type Done struct {
	Step    string         `json:"step"`
	Entries []record.Entry `json:"entries"`
	Record  record.Ref     `json:"record"`
	By      string         `json:"by,omitempty"`
	Checked string         `json:"checked,omitempty"` // by whom, a second person
	Badge   bool           `json:"badge,omitempty"`   // who checked showed who they are by a badge
	Again   bool           `json:"again,omitempty"`   // it corrects what was recorded before
}

// State is where a task stands. It travels through continue-as-new.
type State struct {
	Phase      Phase        `json:"phase"`
	Holder     record.Actor `json:"holder,omitzero"`
	Assigned   string       `json:"assigned,omitempty"` // the one person who may claim it
	Done       []Done       `json:"done,omitempty"`
	Last       int64        `json:"last"` // number of the last record applied
	Departures []Departure  `json:"departures,omitempty"`
	Completed  record.Ref   `json:"completed,omitzero"`
	By         record.Actor `json:"by,omitzero"` // who completed or skipped it
	Happened   time.Time    `json:"happened,omitzero"`
	Verdict    string       `json:"verdict,omitempty"` // of the window
}

// Departure is a deviation that was opened while the task was done.
type Departure struct {
	Record record.Ref      `json:"record"`
	Asks   protocol.Action `json:"asks"` // what the protocol says follows
	What   string          `json:"what"`
	Why    string          `json:"why,omitempty"` // as the bench says
	By     string          `json:"by"`
}

// Next returns the first step that is not done; empty when all are.
func (s State) Next(t protocol.Task) string {
	for _, step := range t.Steps {
		if !s.done(step.ID) {
			return step.ID
		}
	}
	return ""
}

func (s State) done(step string) bool {
	return slices.ContainsFunc(s.Done, func(d Done) bool { return d.Step == step })
}

// Check says whether the act may happen now. It changes nothing.
func (s State) Check(spec Spec, a Act) error {
	if s.Phase == Completed || s.Phase == Skipped || s.Phase == Closed {
		return fault.New(fault.Conflict, "the task is %s already, by %s", s.Phase, named(s.By)).Try("see it with: secretome task view %s", spec.ID)
	}
	if slices.Contains(spec.NotBy, a.By.Name) && !aside(a.Verb) {
		return fault.New(fault.Refused, "%s did what this task checks", a.By.Name).Try("somebody else must do it")
	}
	switch a.Verb {
	case Claim, Comment, Attach:
		return s.checkOpen(spec, a)
	case Assign, Repeat, Cancel:
		return checkManage(spec, a)
	case Check:
		return s.checkSecond(spec, a)
	case Release, HandOver, Save, Step, TakeBack, Complete, Deviate, Skip:
	}
	if s.Phase != Claimed {
		return fault.New(fault.Conflict, "nobody holds the task").Try("claim it first: secretome task claim %s", spec.ID)
	}
	if s.Holder.Name != a.By.Name {
		return s.held()
	}
	return s.checkHeld(spec, a)
}

// checkHeld is for what only who holds the task may do.
func (s State) checkHeld(spec Spec, a Act) error {
	switch a.Verb {
	case Save, Step:
		return s.checkStep(spec, a)
	case TakeBack:
		return s.checkTakeBack(a)
	case Complete:
		return s.checkComplete(spec)
	case HandOver:
		return required(a.To, "to", "say to whom the task goes")
	case Deviate:
		return required(a.Reason, "reason", "say what departed from the protocol, and why")
	case Skip:
		if strings.HasPrefix(spec.Task.ID, protocol.DecisionID) {
			return fault.New(fault.Refused, "a decision cannot be skipped").Try("decide: continue, repeat or discard")
		}
		return required(a.Reason, "reason", "say why the task is left out")
	case Claim, Release, Comment, Attach, Assign, Repeat, Cancel, Check:
	}
	return nil
}

// aside are the verbs that do nothing of what a task asks for.
func aside(v Verb) bool {
	return v == Comment || v == Attach || v == Assign || v == Repeat || v == Cancel
}

func (s State) checkComplete(spec Spec) error {
	if next := s.Next(spec.Task); next != "" {
		return fault.New(fault.Conflict, "step %q is not done", next).Field(next).Try("do it first: secretome task enter %s %s …", spec.ID, next)
	}
	for _, d := range s.Done {
		if step, ok := spec.Task.Step(d.Step); ok && step.Second && d.Checked == "" {
			return fault.New(fault.Conflict, "step %q waits for a second person", d.Step).Field(d.Step).Try("somebody else checks it: secretome task check %s %s", spec.ID, d.Step)
		}
	}
	return nil
}

// checkSecond: who checks a step is somebody else than who did it.
func (s State) checkSecond(spec Spec, a Act) error {
	step, ok := spec.Task.Step(a.Step)
	if !ok || !step.Second {
		return fault.New(fault.NotFound, "task %q has no step %q that a second person checks", spec.Task.ID, a.Step).Field("step")
	}
	for _, d := range s.Done {
		if d.Step != a.Step {
			continue
		}
		if d.By == a.By.Name {
			return fault.New(fault.Refused, "%s did step %q", d.By, d.Step).Try("somebody else must check it")
		}
		return nil
	}
	return fault.New(fault.Conflict, "step %q is not done yet", a.Step).Field(a.Step).Try("it is checked after it is done")
}

// checkManage: what a manager does to a task that somebody else does.
func checkManage(spec Spec, a Act) error {
	if a.Verb == Assign {
		return required(a.To, "to", "say who is to do it")
	}
	if strings.HasPrefix(spec.Task.ID, protocol.DecisionID) {
		return fault.New(fault.Refused, "a decision is not left out or asked again").Try("decide: continue, repeat or discard")
	}
	return required(a.Reason, "reason", "say why")
}

func (s State) checkOpen(spec Spec, a Act) error {
	switch {
	case a.Verb == Comment:
		return required(a.Reason, "text", "write the comment")
	case a.Verb == Attach:
		if len(a.Entries) == 0 || a.Entries[0].File == nil {
			return fault.New(fault.Invalid, "the file is missing").Field("file").Try("name one: --file PATH")
		}
		return nil
	case s.Assigned != "" && s.Assigned != a.By.Name:
		return fault.New(fault.Refused, "the task is assigned to %s", s.Assigned).Try("ask the manager to assign it to you")
	}
	if s.Phase == Claimed && s.Holder.Name != a.By.Name {
		return s.held()
	}
	if a.By.Role != spec.Task.Role {
		return fault.New(fault.Forbidden, "the task is for the role %s, %s acts as %s", spec.Task.Role, a.By.Name, a.By.Role).
			Try("it is for somebody of that role: --as NAME")
	}
	return nil
}

func (s State) checkStep(spec Spec, a Act) error {
	step, ok := spec.Task.Step(a.Step)
	if !ok {
		return fault.New(fault.NotFound, "task %q has no step %q", spec.Task.ID, a.Step).Try("its next step is %q", s.Next(spec.Task))
	}
	next := s.Next(spec.Task)
	if s.done(a.Step) {
		if err := required(a.Reason, "reason", "step "+a.Step+" is done: say why it is corrected"); err != nil {
			return err
		}
	} else if a.Verb == Step && a.Step != next {
		return fault.New(fault.Conflict, "step %q comes before %q", next, a.Step).Field(next).Try("do step %q first", next)
	}
	if err := expected(spec, a); err != nil {
		return err
	}
	return CheckEntries(step, a.Entries, a.Deviation, a.Verb == Save)
}

// expected refuses another thing than the one that the plan names.
func expected(spec Spec, a Act) error {
	for _, e := range a.Entries {
		want, ok := spec.Expect[a.Step+"."+e.Field]
		if !ok || want == e.Value {
			continue
		}
		f := fault.New(fault.Refused, "scanned %q, the plan says %q", e.Value, want).Field(e.Field)
		if strings.TrimLeft(e.Value, "0") == strings.TrimLeft(want, "0") {
			return f.Try("a zero may have been lost: scan the label again, do not type it")
		}
		return f.Try("take the one that the plan names")
	}
	return nil
}

func (s State) held() error {
	return fault.New(fault.Conflict, "%s holds the task", s.Holder.Name).Try("ask %s to release it or hand it over", s.Holder.Name)
}

func required(text, field, help string) error {
	if text == "" {
		return fault.New(fault.Invalid, "%s is missing", field).Field(field).Try("%s", help)
	}
	return nil
}

func named(a record.Actor) string {
	if a.Name == "" {
		return "the run"
	}
	return a.Name
}

// RunOf returns the run in a task's ID, "task/<run>/…".
func RunOf(id string) string {
	rest, _ := strings.CutPrefix(id, "task/")
	name, _, _ := strings.Cut(rest, "/")
	return name
}
