package lab

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/task"
	"secretome/workflows"
)

// Manifest is what a signature covers: every record up to the head of the run's
// logbook, each bound to the one before it by its hash, and the report.
type Manifest struct {
	Over   record.Ref `json:"over"`   // the head of the logbook
	Report string     `json:"report"` // SHA-256
}

// Hash is the SHA-256 of the manifest's canonical JSON.
func (m Manifest) Hash() (string, error) {
	data, err := record.Canonical(m)
	if err != nil {
		return "", err
	}
	return record.Hash(data), nil
}

// ToSign is a report that waits for a signature.
type ToSign struct {
	Task     Task
	Steps    []protocol.Step // what the signature says, beside the name
	Manifest Manifest
	Hash     string // of the manifest
	Refused  string // why whoever asks may not sign, in a sentence; empty: they may
}

// ToSign tells what a person would sign in a run, as of the end of its logbook;
// nil while no report waits for a signature.
func (l *Lab) ToSign(ctx context.Context, who record.Actor, h History) (*ToSign, error) {
	if err := Allowed(who, Look); err != nil {
		return nil, err
	}
	rows, err := l.Index.Tasks(ctx, taskFilter(h.Run))
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(rows, func(t Task) bool { return t.Task == protocol.SignReport && t.Stage == protocol.Reviewing })
	if i < 0 {
		return nil, nil
	}
	s := &ToSign{Task: rows[i], Refused: mayNotSign(who, rows[i])}
	if s.Refused == "" && h.had(who.Name) {
		s.Refused = another
	}
	p, err := l.protocolOf(ctx, h.Run)
	if err != nil {
		return nil, err
	}
	for _, stage := range p.Stages {
		for _, t := range stage.Tasks {
			if t.ID == protocol.SignReport {
				s.Steps = t.Steps
			}
		}
	}
	if s.Manifest, err = h.manifest(); err == nil {
		s.Hash, err = s.Manifest.Hash()
	}
	return s, err
}

// manifest is of all records of the history, and of the newest report.
func (h History) manifest() (m Manifest, err error) {
	if m.Over, err = h.Last().Ref(); err != nil {
		return m, err
	}
	for _, r := range h.Records {
		if r.Kind == record.ReportMade {
			made, err := record.Read[record.Made](r)
			if err != nil {
				return m, err
			}
			m.Report = made.Artifact.SHA256
		}
	}
	return m, nil
}

func mayNotSign(who record.Actor, t Task) string {
	switch {
	case who.Role != t.Role:
		return fmt.Sprintf("It is for the role %s. You are signed in as %s.", t.Role, who.Role)
	case slices.Contains(t.NotBy, who.Name):
		return another
	case t.Holder != "" && t.Holder != who.Name:
		return t.Holder + " holds the task " + t.Title + ". Ask them to sign, or to release it."
	}
	return ""
}

// Signing is a person's signature: the manifest as they saw it, and what they say.
type Signing struct {
	Request string
	Run     string
	Task    string            // the whole ID of the task
	Over    int64             // number of the record that they saw as the last
	Hash    string            // of the manifest that they saw
	Answers map[string]string // "step.field" → value
}

// Sign takes the task, records which manifest is signed, answers its steps and
// completes it, all under request IDs that follow from one: sent again, it is
// signed once. Who signs has proved anew who they are; that is the door's to ask.
// It fails with [fault.Conflict] if more was recorded since the person looked.
func (l *Lab) Sign(ctx context.Context, who record.Actor, q Signing) (Acted, error) {
	if err := checkRequest(q.Request); err != nil {
		return Acted{}, err
	}
	if !strings.HasPrefix(q.Task, "task/"+q.Run+"/"+protocol.Reviewing+"/") {
		return Acted{}, fault.New(fault.NotFound, "there is no task %q to sign in run %s", q.Task, q.Run)
	}
	if err := l.checkManifest(ctx, who, q); err != nil {
		return Acted{}, err
	}
	acts, err := l.signingActs(ctx, q)
	if err != nil {
		return Acted{}, err
	}
	var last Acted
	for _, a := range acts {
		if last, err = l.Act(ctx, who, q.Task, a); err != nil {
			return last, err
		}
	}
	l.signed(ctx, q.Run, last.Record.Number)
	return last, nil
}

// part is the request ID of one part of a signature.
func (q Signing) part(name string) string {
	return uuid.NewSHA1(uuid.MustParse(q.Request), []byte(name)).String()
}

// checkManifest refuses to sign what the person did not see. What they did to the
// task of the signature itself, and what people were told, changes nothing.
func (l *Lab) checkManifest(ctx context.Context, who record.Actor, q Signing) error {
	if _, sent, err := l.Logbooks.Find(ctx, workflows.Logbook(q.Run), q.part(string(task.Claim))); err != nil || sent {
		return err
	}
	now, err := l.History(ctx, who, q.Run, 0)
	if err != nil {
		return err
	}
	seen, err := l.History(ctx, who, q.Run, q.Over)
	if err != nil {
		return err
	}
	m, err := seen.manifest()
	if err != nil {
		return err
	}
	if hash, err := m.Hash(); err != nil || hash != q.Hash {
		return fault.New(fault.Invalid, "the manifest's hash is not that of record %d", q.Over).Field("manifest").Try("load the page again, and sign from there")
	}
	if m.Report == "" {
		return fault.New(fault.Conflict, "run %s has no report yet", q.Run).Try("wait until it is written")
	}
	for _, r := range now.Records[q.Over:] {
		if r.Kind != record.Noticed && r.Subject.Task != q.Task {
			return fault.New(fault.Conflict, "Record %d was written since you opened this page. Nothing was signed", r.Number).Field("manifest").Try("read what is new, then sign")
		}
	}
	return nil
}

// signingActs are what is done to the task, in order.
func (l *Lab) signingActs(ctx context.Context, q Signing) ([]task.Act, error) {
	spec, err := l.spec(ctx, q.Task)
	if err != nil {
		return nil, err
	}
	acts := []task.Act{
		{Verb: task.Claim, Request: q.part(string(task.Claim))},
		{Verb: task.Comment, Request: q.part("manifest"), Reason: fmt.Sprintf("%s%s: records 1 to %d, and the report", signs, q.Hash, q.Over)},
	}
	for _, step := range spec.Task.Steps {
		a := task.Act{Verb: task.Step, Step: step.ID, Request: q.part("step " + step.ID)}
		for _, f := range step.Fields {
			if v := q.Answers[step.ID+"."+f.ID]; v != "" {
				a.Entries = append(a.Entries, record.Entry{Field: f.ID, Value: v})
			}
		}
		if err := task.CheckEntries(step, a.Entries, "", false); err != nil {
			return nil, err
		}
		acts = append(acts, a)
	}
	if acts, err = l.unlessDone(ctx, q.Task, acts); err != nil {
		return nil, err
	}
	return append(acts, task.Act{Verb: task.Complete, Request: q.part(string(task.Complete))}), nil
}

// signs begins the comment that names what is signed.
const signs = "signs the manifest with the SHA-256 "

// unlessDone says why a step is entered anew that an earlier try has done.
func (l *Lab) unlessDone(ctx context.Context, id string, acts []task.Act) ([]task.Act, error) {
	state, err := query[task.State](ctx, l, id, workflows.QueryState)
	if fault.Is(err, fault.NotFound) { // over for long: each act is answered from its record
		return acts, nil
	}
	for i, a := range acts {
		if a.Verb == task.Step && slices.ContainsFunc(state.Done, func(d task.Done) bool { return d.Step == a.Step }) {
			acts[i].Reason = "entered again with the signature"
		}
	}
	return acts, err
}

// signed waits until the signature of a task stands in the index; a run that is
// slow shows it a moment later.
func (l *Lab) signed(ctx context.Context, run string, task int64) {
	const pause = 20 * time.Millisecond
	for deadline := time.Now().Add(2 * patience); time.Now().Before(deadline); {
		all, err := l.Index.Signatures(ctx, run)
		if err != nil || slices.ContainsFunc(all, func(s Signature) bool { return s.Over == task }) {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
	}
}

// SignedThen is a signature, with the manifest that was named before it.
type SignedThen struct {
	Record    record.Record
	Signature record.Signature
	Manifest  string // SHA-256; empty where the signature names none
	Same      bool   // computed again from the records it has this hash
}

// Signatures lists the signatures of the history, in order.
func (h History) Signatures() []SignedThen {
	var all []SignedThen
	for _, r := range h.Records {
		if r.Kind != record.Signed {
			continue
		}
		body, err := record.Read[record.Signature](r)
		if err != nil {
			continue
		}
		s := SignedThen{Record: r, Signature: body}
		s.Manifest, s.Same = h.named(r.By.Name, r.Number, body.Report)
		all = append(all, s)
	}
	return all
}

// named finds the manifest that a person named last before a record.
func (h History) named(who string, before int64, report string) (hash string, same bool) {
	for _, r := range slices.Backward(h.Records[:before-1]) {
		rest, ok := strings.CutPrefix(note(r).Text, signs)
		if r.Kind != record.TaskCommented || r.By.Name != who || !ok {
			continue
		}
		var over int64
		hash, rest, _ = strings.Cut(rest, ": records 1 to ")
		if _, err := fmt.Sscanf(rest, "%d", &over); err != nil {
			return hash, false
		}
		seen, ok := h.Record(over)
		if !ok {
			return hash, false
		}
		ref, err := seen.Ref()
		if err != nil {
			return hash, false
		}
		again, err := Manifest{Over: ref, Report: report}.Hash()
		return hash, err == nil && again == hash
	}
	return "", false
}

// Since lists what was recorded behind the last seal, beside the histories that
// the program keeps; nil where nothing was, or nothing is sealed.
func (h History) Since() []record.Record {
	var since []record.Record
	for _, r := range slices.Backward(h.Records) {
		switch r.Kind {
		case record.Sealed:
			slices.Reverse(since)
			return since
		case record.HistoriesExported:
		default:
			since = append(since, r)
		}
	}
	return nil
}
