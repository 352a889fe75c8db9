package web

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"secretome/internal/lab"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/task"
)

// benchPage is one task at the bench: its steps with what was recorded, and one
// instruction.
type benchPage struct {
	lab.TaskView
	Where   string // title of its stage
	Window  window
	Pane    string // "" for the step; look at what is done, correct, check, deviate, note, hand-over, skip, release
	Steps   []benchStep
	Step    *benchStep // in the middle; nil when all are done
	At, Of  int
	Entries []entry
	Formed  []lab.Formed
	Plates  []plateGuide
	Heirs   []string
	Since   time.Time // when it was claimed
	Notes   []benchNote
	Last    *benchStep // the newest one that this person may correct
	Next    *lab.Task  // when this one is over: what is due
	Typed   typed
	Kept    *kept  // what could not be recorded, since the task had moved on
	Slip    *slip  // what may still be taken back
	Answers string // the requests of this task that were answered
}

// typed is what stands in the small forms.
type typed struct {
	Reason, Deviation, To, Name, Earlier, Paper string
	What, Since, Touched, Did                   string // of a deviation
	About                                       string // of a file
	File, FileName                              string // what was stored already: its SHA-256 and its name
}

// benchStep is one step with what was recorded at it.
type benchStep struct {
	protocol.Step
	N       int
	Now     bool // it is the one in the middle
	Done    bool
	By      string
	When    time.Time
	Checked string
	Badge   bool   // who checked it showed who they are by a badge
	Reason  string // of the correction
	Paper   bool
	Lines   []benchLine

	number   int64
	received time.Time
}

// benchLine is one recorded value, with those that it replaced.
type benchLine struct {
	Field  protocol.Field
	Entry  record.Entry
	Before []record.Entry
}

// benchNote is a comment, a file or a deviation beside the steps.
type benchNote struct {
	Kind, Text, By string
	When           time.Time
	File           *record.Artifact
}

// Number is the task's ID as addresses have it.
func (in benchPage) Number() string { return strings.TrimPrefix(in.ID, "task/") }

// Running reports whether the task waits for somebody.
func (in benchPage) Running() bool {
	return in.Now.Phase == task.Open || in.Now.Phase == task.Claimed
}

func (p *page) bench(id string) error {
	in, err := p.benchOf(id, p.value("step"), p.value("do"))
	if err != nil {
		return err
	}
	return p.show("bench", "tasks", in.Spec.Task.Title, in)
}

// benchOf gathers what the page of a task shows: the step of this name, or the
// next one, and one of the small forms.
func (p *page) benchOf(id, step, pane string) (benchPage, error) {
	v, err := p.lab.Task(p.r.Context(), p.Who, id)
	if err != nil {
		return benchPage{}, spoken(err)
	}
	records, err := p.lab.TaskRecords(p.r.Context(), p.Who, id)
	if err != nil {
		return benchPage{}, err
	}
	in := benchPage{TaskView: v, Pane: pane, Of: len(v.Spec.Task.Steps), Formed: v.Formed()}
	if in.Where, err = p.lab.StageTitle(p.r.Context(), p.Who, v.Task); err != nil {
		return in, err
	}
	w := v.Spec.Window
	in.Window = window{Opens: w.Opens, Closes: w.Closes, Nominal: w.Nominal, Hard: w.Hard, now: p.Now()}
	in.recorded(records)
	in.choose(step, p.Who.Name)
	in.Slip = p.slipOf(in)
	if in.Step != nil {
		in.Entries = p.entriesOf(in)
	}
	if in.Plates, err = p.plateGuides(in); err != nil {
		return in, err
	}
	if pane == "hand-over" {
		if in.Heirs, err = p.lab.Heirs(p.r.Context(), p.Who, id); err != nil {
			return in, err
		}
	}
	if !in.Running() {
		in.Next, err = p.nextTask()
	}
	return in, err
}

// nextTask is what this person holds, or may claim, and is due first.
func (p *page) nextTask() (*lab.Task, error) {
	day, err := p.lab.Day(p.r.Context(), p.Who, lab.DayRequest{Whose: lab.MineAndFree, Now: p.Now(), To: 1})
	if err != nil || len(day.Tasks) == 0 {
		return nil, err
	}
	return &day.Tasks[0], nil
}

// recorded reads the task's records into its steps and notes.
func (in *benchPage) recorded(records []record.Record) {
	for i, s := range in.Spec.Task.Steps {
		in.Steps = append(in.Steps, benchStep{Step: s, N: i + 1})
	}
	var answered []string
	for _, r := range records {
		answered = append(answered, r.Request)
		switch r.Kind {
		case record.TaskClaimed, record.TaskHandedOver:
			in.Since = r.Happened
		case record.StepDone:
			if body, err := record.Read[record.Entered](r); err == nil {
				in.step(r, body)
			}
		case record.StepTakenBack:
			in.takenBack(r)
		case record.TaskCommented, record.TaskAttached, record.DeviationOpened, record.FileParsed:
			in.Notes = append(in.Notes, note(r)...)
		default: // what changes the task stands in its state
		}
	}
	for _, d := range in.Now.Done {
		for i := range in.Steps {
			if in.Steps[i].ID == d.Step {
				in.Steps[i].Checked, in.Steps[i].Badge = d.Checked, d.Badge
			}
		}
	}
	in.Answers = strings.Join(answered, " ")
}

// step adds what was recorded at a step, and keeps what it replaced.
func (in *benchPage) step(r record.Record, body record.Entered) {
	i := slices.IndexFunc(in.Steps, func(s benchStep) bool { return s.ID == r.Subject.Step })
	if i < 0 {
		return
	}
	s := &in.Steps[i]
	before := s.Lines
	s.Done, s.By, s.When, s.Reason, s.Lines = true, r.By.Name, r.Happened, body.Reason, nil
	s.Paper, s.number, s.received = body.Paper, r.Number, r.Received
	for _, e := range body.Entries {
		line := benchLine{Entry: e}
		for _, f := range s.Fields {
			if f.ID == e.Field {
				line.Field = f
			}
		}
		for _, b := range before {
			if b.Entry.Field != e.Field {
				continue
			}
			line.Before = b.Before
			if b.Entry.Value != e.Value {
				line.Before = append(line.Before, b.Entry)
			}
		}
		s.Lines = append(s.Lines, line)
	}
}

// takenBack leaves a step to be done again; what stood there is told beside the
// steps.
func (in *benchPage) takenBack(r record.Record) {
	for i := range in.Steps {
		s := &in.Steps[i]
		if s.ID != r.Subject.Step {
			continue
		}
		var was []string
		for _, line := range s.Lines {
			was = append(was, labelOf(line.Field)+" "+line.Entry.Value)
		}
		in.Notes = append(in.Notes, benchNote{Kind: "taken back", Text: because(fmt.Sprintf("step %d", s.N), strings.Join(was, ", ")), By: r.By.Name, When: r.Happened})
		s.Done, s.Lines, s.Paper = false, nil, false
	}
}

func note(r record.Record) []benchNote {
	n := benchNote{By: r.By.Name, When: r.Happened}
	switch r.Kind {
	case record.DeviationOpened:
		d, err := record.Read[record.Deviation](r)
		if err != nil {
			return nil
		}
		n.Kind, n.Text = "deviation", d.What
		if d.Reason != "" && d.Reason != d.What {
			n.Text += ": " + d.Reason
		}
	case record.TaskAttached:
		a, err := record.Read[record.Entered](r)
		if err != nil || len(a.Entries) == 0 {
			return nil
		}
		n.Kind, n.Text, n.File = "file", a.Reason, a.Entries[0].File
	case record.FileParsed:
		f, err := record.Read[record.Parsed](r)
		if err != nil {
			return nil
		}
		n.Kind, n.Text, n.File = "file read", fmt.Sprintf("%s, %s", f.Format, count(f.Readings, "reading", "readings")), &f.Table
	default:
		c, err := record.Read[record.Note](r)
		if err != nil {
			return nil
		}
		n.Kind, n.Text = "note", c.Text
	}
	return []benchNote{n}
}

// Turn is the step whose turn it is; nil when all are done.
func (in benchPage) Turn() *benchStep {
	for i := range in.Steps {
		if !in.Steps[i].Done {
			return &in.Steps[i]
		}
	}
	return nil
}

// choose puts a step into the middle: the named one, else the next.
func (in *benchPage) choose(step, who string) {
	if _, known := in.Spec.Task.Step(step); !known {
		step, in.Pane = in.Now.Next(in.Spec.Task), strings.TrimPrefix(in.Pane, "look")
	}
	for i := range in.Steps {
		s := &in.Steps[i]
		if s.ID == step {
			s.Now = true
			in.Step, in.At = s, s.N
		}
		if s.Done && s.By == who && (in.Last == nil || s.When.After(in.Last.When)) {
			in.Last = s
		}
	}
	switch {
	case in.Step == nil:
	case in.Pane == "" && (in.Step.Done || in.Step.ID != in.Now.Next(in.Spec.Task)):
		in.Pane = "look"
	case !in.Step.Done && (in.Pane == "correct" || in.Pane == "check"):
		in.Pane = ""
	}
}

// Holds reports whether the task is this person's.
func (p *page) Holds(in benchPage) bool {
	return in.Now.Phase == task.Claimed && in.Now.Holder.Name == p.Who.Name
}

// MayClaim reports whether this person may take the task.
func (p *page) MayClaim(in benchPage) bool {
	return p.WhyNotClaim(in) == "" && in.Now.Phase == task.Open && lab.Allowed(p.Who, lab.ToTask(task.Claim)) == nil
}

// WhyNotClaim says why this person cannot take an open task; empty if they can.
func (p *page) WhyNotClaim(in benchPage) string {
	switch {
	case in.Spec.Task.Role != p.Who.Role:
		return fmt.Sprintf("This task is for the role %s. You are %s.", in.Spec.Task.Role, p.Who.Role)
	case in.Now.Assigned != "" && in.Now.Assigned != p.Who.Name:
		return fmt.Sprintf("It is assigned to %s. Ask a manager to assign it to you.", in.Now.Assigned)
	case slices.Contains(in.Spec.NotBy, p.Who.Name):
		return "You did what this task checks. Somebody else must do it."
	}
	return ""
}

// ZoneName is the name of the laboratory's time zone.
func (p *page) ZoneName() string { return p.Zone.String() }
