package web

import (
	"fmt"
	"strings"

	"secretome/internal/fault"
	"secretome/internal/lab"
	"secretome/internal/task"
)

// manageView is a page that says what will happen to a task, before it asks why.
type manageView struct {
	lab.ManagePage
	Heading string
	Follows []string // sentences
	Button  string
	Refuse  string // why it cannot be done now; empty: it can
	Reason  string
	To      string
	Needs   bool // a reason must be given
	ToWhom  bool // somebody is chosen
}

// manageWords are heading, button, and what follows.
var manageWords = map[task.Verb][]string{
	task.Assign:   {"Assign", "Assign the task", "Only the person that you choose may claim it from then on.", "Who holds it now loses it; what they have entered stays."},
	task.Repeat:   {"Ask again", "Ask again from the first step", "This asking of the task ends. What was entered stays in the record and does not count.", "The task is asked again from its first step, and the repeat is a deviation in the record."},
	task.Cancel:   {"Go on without", "Go on without the task", "The task ends unanswered, and whoever holds it can enter nothing more.", "The run goes on without it. What needs its values does without them, or asks you to decide."},
	task.Skip:     {"Leave out", "Leave the task out", "The task ends unanswered. A deviation says so, with your reason.", "A manager decides whether the run goes on without it. Where the protocol calls the task optional, it goes on at once."},
	task.HandOver: {"Hand over", "Hand the task over", "The person that you choose has the task from then on, at the step where it stands.", "What you entered stays yours in the record."},
}

func showsManage(verb task.Verb) func(*page) error {
	return func(p *page) error {
		in, err := p.manageView(verb)
		if err != nil {
			return err
		}
		return p.show("manage", "tasks", in.Heading, in)
	}
}

func (p *page) manageView(verb task.Verb) (manageView, error) {
	m, err := p.lab.ManagePage(p.r.Context(), p.Who, "task/"+p.r.PathValue("task"), verb)
	if err != nil {
		if fault.Is(err, fault.NotFound) {
			return manageView{}, fault.New(fault.NotFound, "There is no task %q", p.r.PathValue("task")).Try("look for it in the list of tasks, or on the page of its run")
		}
		return manageView{}, spoken(err)
	}
	words := manageWords[verb]
	in := manageView{ManagePage: m, Heading: words[0] + ": " + m.Spec.Task.Title, Button: words[1], Follows: words[2:], Reason: p.value("reason"), To: p.value("to")}
	in.ToWhom = verb == task.Assign || verb == task.HandOver
	in.Needs = !in.ToWhom
	if m.Refused != nil {
		f := fault.Of(spoken(m.Refused))
		in.Refuse = sentence(f.Message)
		if f.Help != "" {
			in.Refuse += ". " + f.Help
		}
	}
	if len(m.Spec.Task.Steps) > 0 && m.Spec.Task.Repeats > 0 && verb == task.Repeat {
		in.Follows = append(in.Follows, "The protocol repeats it "+count(m.Spec.Task.Repeats, "time", "times")+" by itself; your word counts beyond that.")
	}
	return in, nil
}

func manage(verb task.Verb) func(*page) error {
	return func(p *page) error {
		request, err := p.postedRequest()
		if err != nil {
			return err
		}
		id := "task/" + p.r.PathValue("task")
		a := task.Act{Verb: verb, Request: request, Reason: p.value("reason"), To: p.value("to")}
		if err = checkManaged(a); err == nil {
			_, err = p.lab.Act(p.r.Context(), p.Who, id, a)
		}
		if err == nil {
			return p.see(p.back("/runs/" + task.RunOf(id)))
		}
		in, broken := p.manageView(verb)
		if broken != nil {
			return broken
		}
		return p.again(spoken(err), "manage", "tasks", in.Heading, in)
	}
}

func checkManaged(a task.Act) error {
	switch {
	case (a.Verb == task.Assign || a.Verb == task.HandOver) && a.To == "":
		return fault.New(fault.Invalid, "Choose to whom it goes").Field("to")
	case a.Verb != task.Assign && a.Verb != task.HandOver && a.Reason == "":
		return fault.New(fault.Invalid, "Write why").Field("reason").Try("it stands in the record")
	}
	return nil
}

// Number is the task's ID as addresses have it.
func (in manageView) Number() string { return strings.TrimPrefix(in.ID, "task/") }

// Step is the title of the step at which the task stands, and which it is.
func (in manageView) Step() string {
	for i, s := range in.Spec.Task.Steps {
		if s.ID == in.Now.Next(in.Spec.Task) {
			return fmt.Sprintf("step %d of %d", i+1, len(in.Spec.Task.Steps))
		}
	}
	return "all steps are done"
}
