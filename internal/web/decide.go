package web

import (
	"net/url"
	"strconv"

	"secretome/internal/fault"
	"secretome/internal/lab"
)

// decisionsPage is what waits for a manager's decision.
type decisionsPage struct {
	lab.Decisions
	Tell   telling
	Title  string // of the one run
	Items  []decisionItem
	Before string
	After  string
}

// decisionItem is one decision, with what was typed for it.
type decisionItem struct {
	lab.DecisionView
	Key    string
	Choice string
	Text   string
	Open   window
}

func (p *page) decisions() error {
	number, err := p.pageNumber()
	if err != nil {
		return err
	}
	in, err := p.decisionsOf(p.value("run"), number)
	if err != nil {
		return err
	}
	if in.Run != "" && p.value("choice") != "" {
		for i := range in.Items {
			in.Items[i].Choice = p.value("choice")
		}
	}
	return p.show("decisions", "runs", "Decisions", in)
}

func (p *page) decisionsOf(run string, number int) (decisionsPage, error) {
	d, err := p.lab.Decisions(p.r.Context(), p.Who, run, number)
	if err != nil {
		return decisionsPage{}, noRun(err, run)
	}
	in := decisionsPage{Decisions: d}
	for _, one := range d.All {
		in.Items = append(in.Items, decisionItem{DecisionView: one, Key: keyOf(one.ID), Open: windowOf(one.Task, p.Now())})
		if run != "" {
			in.Title = one.Title
		}
	}
	address := func(n int) string {
		q := url.Values{"page": {strconv.Itoa(n)}}
		if run != "" {
			q.Set("run", run)
		}
		return "/decisions?" + q.Encode()
	}
	if d.Page > 1 {
		in.Before = address(d.Page - 1)
	}
	if d.Page < d.Pages {
		in.After = address(d.Page + 1)
	}
	return in, nil
}

// Sum is how many decisions wait, in words.
func (in decisionsPage) Sum() string {
	return sentence(count(in.Found, "decision waits", "decisions wait"))
}

// decide takes one decision.
func (p *page) decide() error {
	request, err := p.postedRequest()
	if err != nil {
		return err
	}
	q := lab.DecideRequest{Request: request, Task: p.value("task"), Choice: p.value("choice"), Why: p.value("justification")}
	if _, err = p.lab.Decide(p.r.Context(), p.Who, q); err == nil {
		return p.see(p.back("/decisions"))
	}
	in, broken := p.decisionsOf(p.value("run"), 0)
	if broken != nil {
		return broken
	}
	key := keyOf(q.Task)
	for i := range in.Items {
		if in.Items[i].Key == key {
			in.Items[i].Choice, in.Items[i].Text = q.Choice, q.Why
		}
	}
	return p.again(atDecision(err, key), "decisions", "runs", "Decisions", in)
}

// atDecision puts a fault at the field of the one decision that it is about.
func atDecision(err error, key string) error {
	f := fault.Of(spoken(err))
	if f.Kind == fault.Internal {
		return err
	}
	if f.Place.Field != "" {
		f.Place.Field += "-" + key
	}
	return f
}

// Entry is what was entered where it departed, as people read it.
func (decisionsPage) Entry(text string) string { return enteredValue(text) }
