package workflows

import (
	"errors"
	"slices"
	"strings"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"secretome/activities"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/internal/task"

	enums "go.temporal.io/api/enums/v1"
)

// ask asks a person for a task of the protocol and returns what was recorded.
// Its window counts from the first answer that it follows; where that is a
// wait, the wait's window holds. Departures and failed criteria are dealt with
// as the protocol says, which may mean that the task is asked again.
func (s *stage) ask(id string, after ...run.Answer) run.Answer {
	return s.askFor(task.Spec{}, id, after...)
}

// askFor is ask with more said about the task: what a scan must show, whether
// its file must be readable, who may not do it.
func (s *stage) askFor(more task.Spec, id string, after ...run.Answer) run.Answer {
	s.own(func(t protocol.Task) bool { return t.Before == id }, after...)
	answer := s.askUntilAccepted(more, id, after...)
	s.own(func(t protocol.Task) bool { return t.After == id }, answer)
	return answer
}

// own asks the tasks of the lab's own that have their place here.
func (s *stage) own(here func(protocol.Task) bool, after ...run.Answer) {
	for _, t := range s.part.Stage.Tasks {
		if s.err == nil && here(t) {
			s.askUntilAccepted(task.Spec{}, t.ID, after...)
		}
	}
}

// askUntilAccepted asks a task as often as its criteria and the manager want.
func (s *stage) askUntilAccepted(more task.Spec, id string, after ...run.Answer) run.Answer {
	t, ok := s.part.Task(id)
	if !ok && s.err == nil {
		return s.fail("the protocol's stage %q has no task %q", s.part.Stage.ID, id)
	}
	for attempt := 1; s.err == nil; attempt++ {
		answer, departures := s.once(more, t, after)
		v := s.settle(t, &answer, departures, after)
		if v.again() && attempt > t.Repeats && !v.decided {
			v.add(s.decide(v.why+"; it was repeated as often as the protocol allows", answer.By, answer.Record), v.why, true)
		}
		if v.again() {
			continue
		}
		s.follow(v.do, v.why)
		s.become(t, answer)
		if s.err == nil {
			s.book.answers[id] = answer
		}
		return answer
	}
	return run.Answer{}
}

// scanned wants one code in a field: that of the thing that the plan names.
func scanned(field, code string) task.Spec {
	if code == "" {
		return task.Spec{}
	}
	return task.Spec{Expect: map[string]string{field: code}}
}

// verdict is what follows a task or a plate.
type verdict struct {
	do      protocol.Action
	why     string
	decided bool // by the manager, who may repeat more often than the protocol says
}

func (v *verdict) again() bool { return v.do == protocol.Repeat || v.do == protocol.Retest }

// add takes what follows one departure: the gravest stays, but a manager's word
// on the same departure replaces the protocol's.
func (v *verdict) add(do protocol.Action, why string, decided bool) {
	if decided && why == v.why || gravest(v.do, do) != v.do {
		v.do, v.why, v.decided = do, why, decided
	}
}

// once asks a task one time.
func (s *stage) once(more task.Spec, t protocol.Task, after []run.Answer) (run.Answer, []task.Departure) {
	if s.pass(); s.err != nil {
		return run.Answer{}, nil
	}
	s.book.asked[t.ID]++
	spec := more
	spec.Task, spec.Attempt, spec.Subject = t, s.book.asked[t.ID], s.subject()
	spec.ID = TaskID(s.in.Context.Run, s.part.Stage.ID, s.in.Model, s.in.Block, t.ID, spec.Attempt)
	spec.Subject.Task = spec.ID
	spec.Window = s.window(t, after)
	spec.Remind, spec.Escalate = task.Notices(s.protocolWindow(t, after), spec.Window.Closes)
	s.things(&spec, after)
	in := run.TaskInput{Context: s.in.Context, Spec: spec}
	for _, a := range after {
		if a.Record.Hash != "" {
			in.Uses = append(in.Uses, a.Record.As("follows "+a.Task))
		}
	}
	s.book.tasks = append(s.book.tasks, spec.ID)
	ctx := workflow.WithChildOptions(s.ctx, s.taskOptions(spec))
	var result run.TaskResult
	s.err = workflow.ExecuteChildWorkflow(ctx, HumanTask, in).Get(ctx, &result)
	if _, outside := errors.AsType[*temporal.TerminatedError](s.err); outside {
		return s.endedOutside(spec)
	}
	if s.err != nil {
		return run.Answer{}, nil
	}
	answer := answerOf(spec, result.State)
	s.noteLots(answer)
	if answer.Happened.After(s.now) {
		s.now = answer.Happened
	}
	return answer, result.State.Departures
}

// endedOutside records that a task was terminated in Temporal. What it had
// answered stands in the logbook; what follows is for the manager to decide.
func (s *stage) endedOutside(spec task.Spec) (run.Answer, []task.Departure) {
	s.err = nil
	d := s.base("ended outside")
	d.Subject.Task = spec.ID
	s.recordBy(d, record.TaskClosed, "", record.Note{Text: "ended in Temporal from outside"})
	what := spec.Task.Title + " was ended in Temporal from outside, before it was completed"
	d = s.base("ended outside")
	d.Subject.Task = spec.ID
	ref := s.recordBy(d, record.DeviationOpened, "", record.Deviation{Type: "outside", What: what, Asks: string(protocol.Deviation)})
	return run.Answer{Task: spec.Task.ID, ID: spec.ID, Phase: task.Closed, Happened: s.now}, []task.Departure{{Record: ref, Asks: protocol.Deviation, What: what}}
}

// window counts the task's window from what it follows.
func (s *stage) window(t protocol.Task, after []run.Answer) record.Window {
	if len(after) == 0 {
		return record.Window{}
	}
	if w, ok := s.book.windows[after[0].Task]; ok {
		return w
	}
	w := task.Absolute(t.Window, after[0].Happened)
	if w.Opens.IsZero() { // nothing is asked before what came last
		w.Opens = after[0].Happened
		if s.now.After(w.Opens) {
			w.Opens = s.now
		}
	}
	return w
}

// protocolWindow is the window as the protocol has it: the wait's, where a task
// ends one.
func (s *stage) protocolWindow(t protocol.Task, after []run.Answer) protocol.Window {
	if len(after) > 0 {
		if _, waited := s.book.windows[after[0].Task]; waited {
			w, _ := s.part.Wait(after[0].Task)
			return w.Window
		}
	}
	return t.Window
}

func (s *stage) taskOptions(spec task.Spec) workflow.ChildWorkflowOptions {
	keyword := temporal.NewSearchAttributeKeyKeyword
	attributes := []temporal.SearchAttributeUpdate{
		keyword(AttributeRun).ValueSet(s.in.Context.Run),
		keyword(AttributeRole).ValueSet(spec.Task.Role),
		keyword(AttributeState).ValueSet(string(task.Open)),
	}
	if closes := spec.Window.Closes; !closes.IsZero() {
		attributes = append(attributes, temporal.NewSearchAttributeKeyTime(AttributeDue).ValueSet(closes))
	}
	return workflow.ChildWorkflowOptions{
		WorkflowID: spec.ID, ParentClosePolicy: enums.PARENT_CLOSE_POLICY_REQUEST_CANCEL, WaitForCancellation: true,
		StaticSummary: spec.Task.Title + " (" + spec.Task.Role + ")", TypedSearchAttributes: temporal.NewSearchAttributes(attributes...),
	}
}

func answerOf(spec task.Spec, state task.State) run.Answer {
	a := run.Answer{
		Task: spec.Task.ID, ID: spec.ID, Phase: state.Phase, Happened: state.Happened, By: state.By.Name, Record: state.Completed,
		Values: map[string]string{}, Files: map[string]record.Artifact{}, Things: state.Left(),
	}
	if len(a.Things) == 0 {
		a.Things = spec.From
	}
	for _, d := range state.Done {
		a.Steps = append(a.Steps, d.Record)
		for _, e := range d.Entries {
			a.Values[d.Step+"."+e.Field] = e.Value
			if e.File != nil {
				a.Files[d.Step+"."+e.Field] = *e.File
			}
		}
	}
	return a
}

// settle deals with what departed from the protocol: the departures of the
// task, and criteria that its values do not meet.
func (s *stage) settle(t protocol.Task, answer *run.Answer, departures []task.Departure, after []run.Answer) *verdict {
	v := &verdict{do: protocol.Accept}
	for _, d := range departures {
		if asks(d.Asks) {
			v.add(s.decide(said(d), d.By, d.Record), d.What, true)
		} else {
			v.add(d.Asks, d.What, answer.Phase == task.Closed) // the manager had it asked again
		}
	}
	if s.err != nil || len(t.Criteria)+len(t.Computed) == 0 || answer.Phase != task.Completed {
		return v
	}
	judged := s.judge(t, answer, after)
	if do := protocol.Action(judged.Decision.Do); asks(do) {
		v.add(s.depart(judged.What, do, answer.By, judged.Record), judged.What, true)
	} else {
		v.add(do, judged.What, false)
	}
	return v
}

// said is what departed, with what the bench says of it.
func said(d task.Departure) string {
	if d.Why == "" || strings.Contains(d.What, d.Why) {
		return d.What
	}
	return d.What + ". The bench says: " + d.Why
}

// asks reports whether a person must decide before anything goes on.
func asks(do protocol.Action) bool { return do == protocol.Deviation || do == protocol.Hold }

// judge holds the values of a task against its criteria, as an activity that
// records the decision.
func (s *stage) judge(t protocol.Task, answer *run.Answer, after []run.Answer) activities.Judged {
	var judged activities.Judged
	if s.err != nil {
		return judged
	}
	in := activities.JudgeInput{Base: s.base("judge"), Task: t, Answer: *answer, Known: map[string]run.Answer{}}
	in.Base.Subject.Task = answer.ID
	for _, a := range after {
		in.Known[a.Task] = a
	}
	for _, c := range t.Computed {
		for _, from := range workflow.DeterministicKeys(c.Of) {
			if name, ok := activities.OtherTask(c.Of[from]); ok {
				if a, known := s.book.answers[name]; known {
					in.Known[name] = a
				}
			}
		}
	}
	ctx := workflow.WithActivityOptions(s.ctx, computing(t.Title))
	if s.err = workflow.ExecuteActivity(ctx, act.Judge, in).Get(ctx, &judged); s.err == nil {
		answer.Values = judged.Values
	}
	return judged
}

// depart opens a deviation for what the program found, and asks for its
// decision.
func (s *stage) depart(what string, asks protocol.Action, by string, from record.Ref) protocol.Action {
	return s.departAs("criterion", what, asks, by, from)
}

func (s *stage) departAs(kind, what string, asks protocol.Action, by string, from record.Ref) protocol.Action {
	ref := s.record(record.DeviationOpened, "", record.Deviation{Type: kind, What: what, Asks: string(asks)}, from.As("decision"))
	return s.decide(what, by, ref)
}

// decide asks the manager what follows a deviation, and records it. Nothing
// downstream happens before.
func (s *stage) decide(what, by string, deviation record.Ref) protocol.Action {
	t := protocol.DecisionTask(what)
	more := task.Spec{}
	if by != "" {
		more.NotBy = []string{by}
	}
	var answer run.Answer
	for s.err == nil && answer.Phase != task.Completed { // ended from outside, a decision is asked for again
		answer, _ = s.once(more, t, []run.Answer{{Task: "deviation", Happened: s.now, Record: deviation}})
	}
	choice := answer.Values[protocol.DecisionChoice]
	d := s.base("decided")
	d.By = record.Actor{Kind: record.Person, Name: answer.By, Role: t.Role}
	body := record.Decided{Choice: choice, Justification: answer.Values[protocol.DecisionWhy]}
	s.recordBy(d, record.DeviationDecided, "", body, deviation.As("deviation"), answer.Record.As("task"))
	return protocol.Chosen(choice)
}

// follow does what an action asks for when nothing is asked again.
func (s *stage) follow(do protocol.Action, why string) {
	switch do {
	case protocol.Discard:
		s.discard(why)
	case protocol.InvalidateBlock:
		s.invalidate(why)
	case protocol.Accept, protocol.Flag, protocol.Deviation, protocol.Hold, protocol.Retest, protocol.Repeat:
	}
}

// measure lets a person prepare and read a plate, computes the assay and
// repeats the plate as often as the protocol allows.
func (s *stage) measure(id string, after ...run.Answer) record.Ref {
	a, ok := s.part.Assay(id)
	if !ok && s.err == nil {
		s.fail("the protocol's stage %q does not measure %q", s.part.Stage.ID, id)
	}
	for attempt := 1; s.err == nil; attempt++ {
		prepared := s.ask(a.Prepare.ID, after...)
		read := s.askFor(task.Spec{Reads: a.Method != protocol.KeptMethod}, a.Read.ID, prepared)
		if s.err == nil && read.Phase != task.Completed { // left out, as the manager decided
			return record.Ref{}
		}
		computed := s.compute(a, read)
		v := verdict{protocol.Action(computed.Decision.Do), computed.What, false}
		if asks(v.do) || v.again() && attempt > a.Repeats {
			v.add(s.depart(v.why, v.do, read.By, computed.Record), v.why, true)
		}
		if v.again() {
			continue
		}
		s.follow(v.do, v.why)
		if s.err == nil {
			s.book.results = append(s.book.results, computed.Result)
		}
		return computed.Result
	}
	return record.Ref{}
}

// compute parses the instrument's file of an answer and computes the assay.
func (s *stage) compute(a protocol.Assay, read run.Answer) activities.Computed {
	var computed activities.Computed
	if s.err != nil {
		return computed
	}
	in := activities.ComputeInput{Base: s.base("compute " + a.ID), Part: s.part, Assay: a.ID, Read: read, Block: s.in.Block}
	in.Base.Subject.Task = read.ID
	ctx := workflow.WithActivityOptions(s.ctx, computing(a.ID))
	s.err = workflow.ExecuteActivity(ctx, act.Compute, in).Get(ctx, &computed)
	return computed
}

// keep adds a lot to those that the run may use.
func (s *stage) keep(lot record.Lot, from run.Answer) {
	s.record(record.LotMade, lot.Barcode, lot, from.Record.As("made by"))
	if s.err == nil && !slices.Contains(s.book.lots, lot.Barcode) {
		s.book.lots = append(s.book.lots, lot.Barcode)
	}
}
