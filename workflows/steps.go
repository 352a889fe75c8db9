package workflows

import (
	"fmt"
	"strings"

	"go.temporal.io/sdk/workflow"

	"secretome/activities"
	"secretome/internal/protocol"
	"secretome/internal/run"
)

// Steps walks a stage whose flow stands in the protocol, for what no other
// stage covers.
func Steps(ctx workflow.Context, in run.StageInput) (run.StageResult, error) {
	s := begin(ctx, in)
	flow := s.part.Stage.Flow
	if len(flow) == 0 {
		for _, t := range s.part.Stage.Tasks {
			flow = append(flow, protocol.Act{Task: t.ID})
		}
	}
	s.walk(flow, s.start())
	return s.end()
}

// walk does one thing after the other and returns the last answer.
func (s *stage) walk(flow []protocol.Act, last run.Answer) run.Answer {
	for _, a := range flow {
		switch {
		case s.err != nil:
		case a.Task != "":
			last = s.ask(a.Task, last)
		case a.Wait != "":
			last = s.wait(a.Wait, s.ended(last))
		case len(a.Repeat) > 0:
			last = s.until(a, last)
		case s.meets(a.When):
			last = s.walk(a.Then, last)
		default:
			last = s.walk(a.Else, last)
		}
	}
	return last
}

// ended is what a wait counts from: the end of the wait before it, else the
// answer itself.
func (s *stage) ended(last run.Answer) run.Answer {
	w, waited := s.book.windows[last.Task]
	if !waited {
		return last
	}
	last.Happened = w.Nominal
	if !w.Opens.IsZero() {
		last.Happened = w.Opens
	}
	return last
}

// until repeats a part of the flow until it is done. Where that does not come
// in as many rounds as the protocol allows, the manager decides: on, once more
// as often, or no further.
func (s *stage) until(a protocol.Act, last run.Answer) run.Answer {
	for s.err == nil {
		done := false
		s.repeat(a.AtMost, func(int) {
			if !done {
				last = s.walk(a.Repeat, last)
				done = s.meets(a.Until)
			}
		})
		if done || s.err != nil {
			return last
		}
		why := fmt.Sprintf("%s: %s was not so after %d rounds", s.part.Stage.Title, a.Until, a.AtMost)
		do := s.depart(why, protocol.Deviation, last.By, last.Record)
		s.follow(do, why)
		if do != protocol.Repeat {
			return last
		}
	}
	return last
}

// meets holds a value of an earlier answer against a limit, as an activity that
// records the decision.
func (s *stage) meets(p protocol.Proviso) bool {
	id, _, _ := strings.Cut(p.Value, ":")
	answer, ok := s.book.answers[id]
	if s.err != nil || !ok {
		s.fail("%q speaks of a task that was not asked", p.Value)
		return false
	}
	var judged activities.Judged
	in := activities.JudgeInput{Base: s.base("judge"), Task: protocol.Task{Title: p.String(), Criteria: []protocol.Criterion{p.Criterion()}}, Answer: answer}
	in.Base.Subject.Task = answer.ID
	ctx := workflow.WithActivityOptions(s.ctx, computing(p.String()))
	s.err = workflow.ExecuteActivity(ctx, act.Judge, in).Get(ctx, &judged)
	return s.err == nil && len(judged.Decision.Checks) == 1 && judged.Decision.Checks[0].Pass
}
