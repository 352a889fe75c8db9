package web

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/quantity"
	"secretome/internal/record"
	"secretome/internal/task"
)

// benchAct does to a task what one of its forms asks for.
func (p *page) benchAct(id string) error {
	if err := p.benchForm(); err != nil {
		return err
	}
	act, who, err := p.actOf(id)
	if err = p.withFiles(err); err == nil {
		_, err = p.lab.Act(p.r.Context(), who, id, act)
	}
	if err == nil && act.Verb == task.Deviate {
		err = p.photo(id, act)
	}
	if err == nil {
		return p.see("/tasks/" + id[len("task/"):])
	}
	return p.benchAgain(id, act, err)
}

// actOf reads a posted form: what is done, and by whom. A check is by the second
// person, who signs in for it.
func (p *page) actOf(id string) (task.Act, record.Actor, error) {
	act := task.Act{Verb: task.Verb(p.value("do")), Step: p.value("step"), To: p.value("to"), Reason: p.value("reason"), Deviation: p.value("deviation")}
	var err error
	if act.Request, err = p.request(); err != nil {
		return act, p.Who, err
	}
	if err := p.unbadged(); err != nil {
		return act, p.Who, err
	}
	if err := p.times(&act); err != nil {
		return act, p.Who, err
	}
	switch act.Verb {
	case task.Step:
		v, err := p.lab.Task(p.r.Context(), p.Who, id)
		if err != nil {
			return act, p.Who, err
		}
		step, _ := v.Spec.Task.Step(act.Step) // an unknown one is refused by lab
		act.Entries, act.Paper = p.typedEntries(step), p.value("paper") != ""
		if unclear := p.unclear(step); len(unclear) > 0 {
			return act, p.Who, unclear[0]
		}
	case task.Attach:
		act.Entries = []record.Entry{}
		if hash := p.value("file"); hash != "" {
			act.Entries = append(act.Entries, record.Entry{Field: "file", Value: hash, File: &record.Artifact{SHA256: hash, Name: p.value("file-name")}})
		}
	case task.Check:
		act.Badge = p.posted("second-badge") != ""
		who, err := p.second()
		return act, who, err
	case task.Complete:
		return act, p.Who, p.late(id, act)
	case task.Deviate:
		act.Reason, err = p.mishap()
		return act, p.Who, err
	case task.Claim, task.Release, task.HandOver, task.Comment, task.Skip, task.TakeBack:
	default:
		return act, p.Who, fault.New(fault.Invalid, "%q is nothing that is done at the bench", act.Verb)
	}
	return act, p.Who, nil
}

// late writes down why a task is completed after its window, as a note before it.
func (p *page) late(id string, act task.Act) error {
	if act.Reason == "" {
		return nil
	}
	request, err := uuid.Parse(act.Request)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "the form has no request ID")
	}
	v, err := p.lab.Task(p.r.Context(), p.Who, id)
	if err != nil {
		return err
	}
	act.By = p.Who
	if v.Now.Check(v.Spec, act) != nil {
		return nil // the completion itself is refused, and says why
	}
	_, err = p.lab.Act(p.r.Context(), p.Who, id, task.Act{
		Verb: task.Comment, Request: uuid.NewSHA1(request, []byte("late")).String(), Reason: act.Reason, Happened: act.Happened, Bench: act.Bench,
	})
	return err
}

// second signs the second person in, for this one act, by their badge or by name
// and password.
func (p *page) second() (record.Actor, error) {
	name := p.value("second-name")
	if badge := p.posted("second-badge"); badge != "" {
		return p.secondByBadge(badge, name)
	}
	if name == "" {
		return record.Actor{}, fault.New(fault.Invalid, "Scan the badge of who checked it, or enter their name").Field("second-badge")
	}
	who, err := p.Accounts.Check(p.r.Context(), name, p.r.PostFormValue("second-password"), p.from())
	if err != nil {
		f := fault.Of(err)
		f.Place.Field = "second-password"
		return record.Actor{}, f
	}
	return who, nil
}

// times reads when it was done: said by hand in lab time, or told by the script
// of the page with the bench's clock.
func (p *page) times(act *task.Act) error {
	if p.value("earlier") != "" {
		t, err := p.labTime("earlier", p.value("earlier-which"))
		if err == nil {
			err = p.afterLaunch(t)
		}
		act.Happened = t
		return err
	}
	if p.value("paper") != "" {
		return fault.New(fault.Invalid, "Enter the time that stands on the sheet").Field("earlier")
	}
	clock, err := time.Parse(time.RFC3339, p.value("clock"))
	if err != nil {
		return nil // without script: when it is received
	}
	happened, err := time.Parse(time.RFC3339, p.value("happened"))
	if err != nil {
		return nil
	}
	act.Bench, act.Happened = clock, happened
	const apart = 5 * time.Second // pressed and sent at once: as good as now
	const tolerance = 2 * time.Minute
	if wrong := clock.Sub(p.began); wrong.Abs() <= tolerance && clock.Sub(happened).Abs() < apart {
		act.Happened = time.Time{}
	}
	return nil
}

// afterLaunch refuses a time before the run began: nothing of it was done then.
func (p *page) afterLaunch(t time.Time) error {
	first, err := p.lab.LaunchOf(p.r.Context(), p.Who, task.RunOf("task/"+p.r.PathValue("task")))
	if err != nil || first.Rehearsal || !t.Before(first.Received) {
		return err
	}
	return fault.New(fault.Invalid, "%s is before the run was launched, %s", p.time(t).Format("2 Jan 2006 15:04"), p.time(first.Received).Format("2 Jan 2006 15:04")).
		Field("earlier").Try("write when it was done")
}

// benchAgain shows the bench once more, with what was typed and all that is
// wrong with it.
func (p *page) benchAgain(id string, act task.Act, err error) error {
	if f := fault.Of(err); f.Kind == fault.Internal || f.Kind == fault.NotFound {
		return err
	}
	pane := map[task.Verb]string{
		task.HandOver: "hand-over", task.Deviate: "deviate", task.Comment: "note", task.Attach: "note", task.Skip: "skip", task.Release: "release", task.Check: "check",
	}[act.Verb]
	step := act.Step
	if act.Verb == task.Step {
		if shown, err := p.benchMoved(id, act, err); shown || err != nil {
			return err
		}
		err = p.stepFaults(id, act, err)
		if p.value("correct") != "" {
			pane = "correct"
		}
	}
	p.Faults = nil
	for _, f := range faultsOf(err) {
		if f.Place.Field == "happened" {
			f.Place.Field = "earlier" // where a person says when
		}
		p.Faults = append(p.Faults, fault.Of(spoken(f)))
	}
	in, broken := p.benchOf(id, step, pane)
	if broken != nil {
		return broken
	}
	in.Typed = p.typedInto(act)
	return p.again(joined(p.Faults), "bench", "tasks", in.Spec.Task.Title, in)
}

// typedInto is what was typed into one of the small forms.
func (p *page) typedInto(act task.Act) typed {
	t := typed{
		Reason: p.value("reason"), Deviation: act.Deviation, To: act.To, Name: p.value("second-name"), Earlier: p.value("earlier"), Paper: p.value("paper"),
		What: p.value("what"), Since: p.value("since"), Touched: p.value("touched"), Did: p.value("did"), File: p.value("file"), FileName: p.value("file-name"),
	}
	if act.Verb == task.Attach { // its form stands beside that of a note
		t.Reason, t.About = "", t.Reason
	}
	return t
}

func joined(faults []*fault.Fault) error {
	if len(faults) == 1 {
		return faults[0]
	}
	all := make([]error, len(faults))
	for i, f := range faults {
		all[i] = f
	}
	return errors.Join(all...)
}

// stepFaults are all that is wrong with a step, each at its input: who mends one
// thing should not be told of the next one only then.
func (p *page) stepFaults(id string, act task.Act, err error) error {
	first := fault.Of(err)
	if p.unread || first.Kind != fault.Invalid && first.Kind != fault.Refused || slices.Contains([]string{"", "reason", "earlier", "happened", "deviation"}, first.Place.Field) {
		return err
	}
	judged, broken := p.lab.Judge(p.r.Context(), p.Who, id, act.Step, act.Entries)
	if broken != nil {
		return err
	}
	step, err := p.stepOf(id, act.Step)
	if err != nil {
		return first
	}
	all := p.unclear(step)
	for _, j := range judged {
		if f := p.wrongFile(prefix + j.Entry.Field); f != nil {
			all = append(all, f)
			continue
		}
		if j.Fault == nil || j.Outside && act.Deviation != "" {
			continue
		}
		f := fault.Of(j.Fault)
		if f.Place.Field = prefix + j.Entry.Field; j.Entry.Value == "" {
			f.Message, f.Help = sentence(f.Help), "" // "enter the mass in g" says it all
		}
		if i := slices.IndexFunc(step.Fields, func(x protocol.Field) bool { return x.ID == j.Entry.Field }); i >= 0 {
			asWritten(f, step.Fields[i], j.Entry)
		}
		all = append(all, f)
	}
	if len(all) == 0 {
		first.Place.Field = prefix + first.Place.Field
		return first
	}
	return joined(all)
}

// verdictOf is what the rules say of one field, as the page's script reads it.
type verdictOf struct {
	Field   string `json:"field"` // name of the input
	Value   string `json:"value,omitempty"`
	Fine    string `json:"fine,omitempty"` // how it would be recorded, and that it lies in its range
	Problem string `json:"problem,omitempty"`
	Help    string `json:"help,omitempty"`
	Outside bool   `json:"outside,omitempty"` // it would be taken with a deviation
	At      int    `json:"at"`                // on the scale, of 100; below 0: nowhere
}

// benchJudge holds what is typed against the rules while it is typed.
func (p *page) benchJudge(id string) error {
	if err := p.form(); err != nil {
		return p.tell(nil, err)
	}
	if err := p.unbadged(); err != nil {
		return p.tell(nil, err)
	}
	v, err := p.lab.Task(p.r.Context(), p.Who, id)
	if err != nil {
		return p.tell(nil, err)
	}
	step, _ := v.Spec.Task.Step(p.value("step")) // an unknown one is refused by lab
	typed := p.typedEntries(step)
	judged, err := p.lab.Judge(p.r.Context(), p.Who, id, p.value("step"), typed)
	if err != nil {
		return p.tell(nil, err)
	}
	verdicts := []verdictOf{}
	for i, j := range judged {
		if p.value(prefix+j.Entry.Field) == "" {
			continue // nobody is told while still on the way there
		}
		verdicts = append(verdicts, p.verdict(step.Fields[i], j.Entry, j.Fault, j.Outside))
	}
	for _, f := range p.unclear(step) {
		for i := range verdicts {
			if verdicts[i].Field == f.Place.Field {
				verdicts[i].Problem, verdicts[i].Help = f.Message, f.Help
			}
		}
	}
	return p.tell(verdicts, nil)
}

func (p *page) verdict(f protocol.Field, e record.Entry, wrong error, outside bool) verdictOf {
	v := verdictOf{Field: prefix + f.ID, Outside: outside, At: -1}
	if s := newScale(f); s != nil {
		s.mark(e.Value, f.Unit)
		v.At = s.At
	}
	if e.Typed != "" && f.Kind == protocol.Amount {
		v.Value = p.shown(f, e)
	}
	if wrong == nil && f.Kind == protocol.Amount {
		v.Fine = p.shown(f, e)
		if r := (entry{Field: f}).Range(); r != "" {
			v.Fine += ", within " + r
		}
	}
	if wrong != nil {
		said := fault.Of(spoken(wrong))
		asWritten(said, f, e)
		v.Problem, v.Help = said.Message, said.Help
	}
	return v
}

// asWritten tells of a value outside its range in units as people write them.
func asWritten(f *fault.Fault, field protocol.Field, e record.Entry) {
	q, err := quantity.Parse(e.Value)
	if err == nil && f.Kind == fault.Refused && field.Kind == protocol.Amount && len(field.Range) == 2 && strings.Contains(f.Message, " is outside ") {
		f.Message = fmt.Sprintf("%s is outside %s to %s", amount(q), amount(field.Range[0]), amount(field.Range[1]))
	}
}

// tell answers the page's script.
func (p *page) tell(what any, err error) error {
	code := status(err)
	if err != nil {
		f := fault.Of(spoken(err))
		if f.Kind == fault.Internal {
			p.Log.Error().Err(err).Str("path", p.r.URL.Path).Msg("answer to a page's script failed")
			f = fault.New(fault.Internal, "something went wrong on the server").Try("try again")
		}
		what = verdictOf{Problem: f.Message, Help: f.Help, At: -1}
	}
	return p.tellStatus(code, what)
}

// tellStatus answers a script with a status of its own.
func (p *page) tellStatus(code int, what any) error {
	data, err := json.Marshal(what)
	if err != nil {
		return err
	}
	h := p.w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	p.w.WriteHeader(code)
	_, _ = p.w.Write(data) // who asked has gone: nobody is left to tell
	return nil
}

// Outside reports whether what was posted lies outside its range, so that the
// deviation is asked for.
func (p *page) Outside(in benchPage) bool {
	for _, e := range in.Entries {
		if e.Fault != nil && e.Fault.Kind == fault.Refused && e.Kind == protocol.Amount {
			return true
		}
	}
	return false
}
