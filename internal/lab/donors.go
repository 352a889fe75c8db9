package lab

import (
	"context"
	"slices"

	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/sample"
)

// Donor is what is known of a donor: a code, what consent covers, and what came
// of it. Who the person is, is known to nobody here.
type Donor struct {
	LotDesk
	Withdrawn *record.Record // of the consent, where it was; nil: it was not
	Why       string         // of the withdrawal
	Consents  []Agreed
}

// Agreed is what one run asked about consent, and what was answered.
type Agreed struct {
	Run      string
	Task     string // its whole ID
	Title    string
	Number   int64 // of the record
	Ethics   protocol.Ethics
	Answers  []AgreedAnswer
	Protocol string // name
}

// AgreedAnswer is one entry of the task, of a kind that cannot name a person.
type AgreedAnswer struct{ Title, Value string }

// Donor tells of a donor by code. It fails with [fault.NotFound] for what is none.
func (l *Lab) Donor(ctx context.Context, who record.Actor, code string) (Donor, error) {
	desk, err := l.LotDesk(ctx, who, code)
	if err != nil {
		return Donor{}, err
	}
	if desk.Kind != sample.Donor {
		return Donor{}, fault.New(fault.NotFound, "%s is no donor, but a %s", code, desk.Kind).Try("open its own page: search for %s above", code)
	}
	d := Donor{LotDesk: desk}
	for _, r := range desk.Records {
		switch r.Kind {
		case record.ConsentWithdrawn:
			body, err := record.Read[record.LotAct](r)
			if err != nil {
				return d, err
			}
			d.Withdrawn, d.Why = &r, body.Why
		case record.LotFreed:
			d.Withdrawn, d.Why = nil, ""
		}
	}
	for _, scan := range desk.Scans {
		if !scan.Made {
			continue
		}
		a, err := l.agreed(ctx, runIn(scan.Record), scan.Task, scan.Record.Number)
		if err != nil {
			return d, err
		}
		d.Consents = append(d.Consents, a)
	}
	return d, nil
}

// agreed reads what was entered in the task that brought the donor in. Texts,
// scans and quantities are left out: nothing there may tell who somebody is.
func (l *Lab) agreed(ctx context.Context, run, task string, number int64) (Agreed, error) {
	a := Agreed{Run: run, Task: task, Number: number}
	p, err := l.protocolOf(ctx, run)
	if err != nil {
		return a, err
	}
	a.Ethics, a.Protocol = p.Ethics, p.Name()
	row, err := l.Index.Task(ctx, task)
	if err != nil {
		return a, err
	}
	a.Title = row.Title
	asked := taskCalled(p, row.Title)
	records, err := l.Index.TaskRecords(ctx, task)
	if err != nil {
		return a, err
	}
	for _, r := range records {
		if r.Kind != record.StepDone {
			continue
		}
		body, err := record.Read[record.Entered](r)
		if err != nil {
			return a, err
		}
		for _, e := range body.Entries {
			if f, ok := asked.Field(r.Subject.Step + "." + e.Field); ok && impersonal(f.Kind) {
				a.answer(f.Title, e.Value)
			}
		}
	}
	return a, nil
}

// answer keeps the last value of a field: a correction comes later.
func (a *Agreed) answer(title, value string) {
	i := slices.IndexFunc(a.Answers, func(x AgreedAnswer) bool { return x.Title == title })
	if i >= 0 {
		a.Answers[i].Value = value
		return
	}
	a.Answers = append(a.Answers, AgreedAnswer{title, value})
}

func impersonal(kind protocol.FieldKind) bool {
	return kind == protocol.YesNo || kind == protocol.Choice || kind == protocol.Time
}

func taskCalled(p protocol.Protocol, title string) protocol.Task {
	for _, s := range p.Stages {
		for _, t := range s.Tasks {
			if t.Title == title {
				return t
			}
		}
	}
	return protocol.Task{}
}
