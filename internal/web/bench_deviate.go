package web

import (
	"fmt"
	"strings"

	"github.com/google/uuid"

	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/task"
)

// Mishaps are what may differ from the protocol at a task, to choose one: those
// that the protocol lists, else those that follow from what the task asks for.
func (in benchPage) Mishaps() []string {
	if listed := in.Spec.Task.Deviations; len(listed) > 0 {
		return listed
	}
	var all []string
	for _, s := range in.Spec.Task.Steps {
		for _, f := range s.Fields {
			switch {
			case f.Kind == protocol.Amount && len(f.Range) == 2:
				all = append(all, fmt.Sprintf("%s outside %s to %s", labelOf(f), f.Range[0].Amount(), amount(f.Range[1])))
			case f.Kind == protocol.Scan && f.Thing.Is != "" && !f.Thing.Made:
				all = append(all, "Another "+f.Thing.Is+" was used, or its label cannot be read")
			}
		}
	}
	for _, i := range in.Spec.Task.Instruments {
		all = append(all, "The "+i+" was away, or failed")
	}
	if !in.Window.None() {
		all = append(all, "It could not be done in its window")
	}
	const most = 12
	return all[:min(most, len(all))]
}

// Touched are what a deviation may have touched.
func (in benchPage) Touched() []string {
	all := []string{"this step only"}
	if in.Block != "" {
		all = append(all, "this plate", "the wells that I name", "this block")
	}
	if in.Model != "" {
		all = append(all, "this model")
	}
	return append(all, "the whole run")
}

// otherMishap is the choice of what the list does not have.
const otherMishap = "other"

// mishap is what the form for a deviation says, in sentences.
func (p *page) mishap() (string, error) {
	chosen, text := p.value("what"), p.value("reason")
	if chosen == otherMishap {
		chosen = ""
	}
	if chosen == "" && text == "" {
		return "", fault.New(fault.Invalid, "Say what happened").Field("reason").Try("choose it from the list, or write it")
	}
	var all []string
	for _, part := range []struct{ before, text string }{
		{"", chosen}, {"", text}, {"Since ", p.value("since")}, {"It touched ", p.value("touched")}, {"Done: ", p.value("did")},
	} {
		if said := strings.TrimRight(part.text, ". "); said != "" {
			all = append(all, part.before+said)
		} else if part.text != "" {
			all = append(all, part.text) // dots alone: whoever judges reasons says so
		}
	}
	return strings.Join(all, ". "), nil
}

// photo stores the picture that came with a deviation, as an act of its own.
func (p *page) photo(id string, act task.Act) error {
	hash := p.value("file")
	if hash == "" {
		return nil
	}
	request, err := uuid.Parse(act.Request)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "the form has no request ID")
	}
	_, err = p.lab.Act(p.r.Context(), p.Who, id, task.Act{
		Verb: task.Attach, Request: uuid.NewSHA1(request, []byte("photo")).String(), Reason: act.Reason, Happened: act.Happened, Bench: act.Bench,
		Entries: []record.Entry{{Field: "file", Value: hash, File: &record.Artifact{SHA256: hash, Name: p.value("file-name")}}},
	})
	return err
}
