package web

import (
	"slices"
	"strings"
	"time"

	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/quantity"
	"secretome/internal/task"
)

// kept is what somebody entered and could not be recorded, beside what somebody
// else recorded in the meantime. Nothing is overwritten, and nothing is lost.
type kept struct {
	Step     string
	N        int
	By       string // who recorded the step; empty: nobody did
	When     time.Time
	Values   []keptValue
	Earlier  string // the time that was said, as typed
	Paper    bool
	Text     string // all of it in a line, for a note
	Corrects bool   // it may be recorded as a correction
}

// keptValue is one entry in both sets.
type keptValue struct {
	Name, Label  string
	Sent         string // as it was posted
	Second, File string // of a file: the input of its name, and the name
	Mine, Theirs string
	Differs      bool
}

// both puts what was posted for a step beside what stands in the record.
func (p *page) both(in *benchPage, act task.Act) {
	i := slices.IndexFunc(in.Steps, func(s benchStep) bool { return s.ID == act.Step })
	if i < 0 {
		return
	}
	s := in.Steps[i]
	k := kept{Step: s.ID, N: s.N, By: s.By, When: s.When, Earlier: p.value("earlier"), Paper: act.Paper, Corrects: s.Done && p.Holds(*in)}
	var all []string
	for _, f := range s.Fields {
		v := keptValue{Name: prefix + f.ID, Label: labelOf(f), Sent: p.value(prefix + f.ID)}
		if v.Mine = visible(v.Sent); f.Kind == protocol.Amount && v.Mine != "" {
			v.Mine = withUnit(v.Mine, quantity.Word(f.Unit))
		} else if f.Kind == protocol.File && v.Sent != "" {
			v.Second, v.File = "n-"+f.ID, p.value("n-"+f.ID)
			v.Mine = visible(v.File)
		}
		for _, line := range s.Lines {
			if line.Entry.Field == f.ID {
				v.Theirs = p.Shown(line)
			}
		}
		if v.Differs = v.Mine != v.Theirs; v.Mine != "" {
			all = append(all, v.Label+" "+v.Mine)
		}
		if v.Mine != "" || v.Theirs != "" {
			k.Values = append(k.Values, v)
		}
	}
	k.Text = strings.Join(all, ", ")
	in.Kept = &k
}

// moved reports whether a step could not be recorded because the task had moved
// on: somebody else holds it, it is over, or the step was done in the meantime.
func (p *page) moved(act task.Act, in benchPage, err error) bool {
	if act.Verb != task.Step {
		return false
	}
	f := fault.Of(err)
	return f.Kind == fault.Conflict || p.doneBefore(act, in, err)
}

// doneBefore reports whether the step was done before this form, which meant to do it.
func (p *page) doneBefore(act task.Act, in benchPage, err error) bool {
	f := fault.Of(err)
	return f.Kind == fault.Invalid && f.Place.Field == "reason" && act.Reason == "" && p.value("correct") == "" &&
		slices.ContainsFunc(in.Steps, func(s benchStep) bool { return s.ID == act.Step && s.Done })
}

// benchMoved answers a step that came too late: the page as the task stands now,
// with both sets of values. It reports whether it answered.
func (p *page) benchMoved(id string, act task.Act, err error) (bool, error) {
	in, broken := p.benchOf(id, "", "")
	if broken != nil || !p.moved(act, in, err) {
		return false, broken
	}
	p.both(&in, act)
	switch {
	case in.Kept == nil:
		return false, nil
	case p.doneBefore(act, in, err):
		err = p.overtaken(in)
	default:
		err = spoken(err)
	}
	p.Faults = nil
	return true, p.again(err, "bench", "tasks", in.Spec.Task.Title, in)
}

// stepOf is a step of a task.
func (p *page) stepOf(id, step string) (protocol.Step, error) {
	v, err := p.lab.Task(p.r.Context(), p.Who, id)
	if err != nil {
		return protocol.Step{}, err
	}
	s, _ := v.Spec.Task.Step(step) // an unknown one has no fields
	return s, nil
}

// overtaken says that a step is done already.
func (p *page) overtaken(in benchPage) error {
	return fault.New(fault.Conflict, "Step %d was recorded by %s at %s", in.Kept.N, in.Kept.By, clock(in.Kept.When, p.Zone)).
		Try("your entries are kept below; nothing was overwritten")
}

// slip is the step that this person may still take back.
type slip struct {
	Step  string
	N     int
	Until time.Time
}

// slipOf finds it in the task's records, by the task's own rule.
func (p *page) slipOf(in benchPage) *slip {
	step, ref, ok := in.Now.Loose(p.Who.Name)
	if !ok {
		return nil
	}
	for _, s := range in.Steps {
		until := s.received.Add(task.TakeBackWithin)
		if s.ID == step && s.number == ref.Number && p.began.Before(until) {
			return &slip{s.ID, s.N, until}
		}
	}
	return nil
}
