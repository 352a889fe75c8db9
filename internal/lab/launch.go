package lab

import (
	"context"
	"errors"
	"fmt"
	"time"

	enums "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"

	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/workflows"
)

// LaunchRequest asks for a new run.
type LaunchRequest struct {
	Request   string    // ID of the request
	Document  []byte    // the protocol, YAML
	Name      string    // of its file; empty: protocol.yaml
	Title     string    // empty: the protocol's
	Start     time.Time // from when windows count; zero: now
	Speed     float64   // waits are divided by it; zero: 1
	Rehearsal bool      // people and instruments are played by a script
	Script    string    // name of that script
	Donor     string    // who is expected; empty: whoever is scanned
	Lots      []record.Chosen
	Approval  record.Approval // by whom the protocol was signed for use; empty: by nobody
}

// Launched is the run that a launch started.
type Launched struct {
	Run    string
	Record record.Ref // its first record
}

// Launch starts a run of a protocol. It stores the document, gives the run its
// number by creating the first record of its logbook, and starts its workflow.
// Asked again with the same request it returns the same run, whose workflow it
// starts where the first time died before that.
func (l *Lab) Launch(ctx context.Context, who record.Actor, q LaunchRequest) (Launched, error) {
	if err := Allowed(who, Launch); err != nil {
		return Launched{}, err
	}
	if err := l.checkLaunch(&q); err != nil {
		return Launched{}, err
	}
	if first, found, err := l.launchedBefore(ctx, q.Request); err != nil || found {
		return l.restart(ctx, first, err)
	}
	body, err := l.prepareLaunch(ctx, q)
	if err != nil {
		return Launched{}, err
	}
	first, err := l.number(ctx, who, q, body)
	if err != nil {
		return Launched{}, err
	}
	return l.start(ctx, first)
}

// restart answers a launch that was asked for before.
func (l *Lab) restart(ctx context.Context, first record.Record, err error) (Launched, error) {
	if err != nil {
		return Launched{}, err
	}
	return l.start(ctx, first)
}

func (l *Lab) checkLaunch(q *LaunchRequest) error {
	if err := checkRequest(q.Request); err != nil {
		return err
	}
	if q.Start.IsZero() {
		q.Start = l.Now()
	}
	if q.Speed == 0 {
		q.Speed = 1
	}
	if q.Name == "" {
		q.Name = "protocol.yaml"
	}
	switch {
	case q.Speed < 1:
		return fault.New(fault.Invalid, "speed is %g, waits can only be made shorter", q.Speed).Field("speed").Try("give a factor of 1 or more")
	case q.Speed != 1 && !q.Rehearsal:
		return fault.New(fault.Refused, "speed is %g: cells do not grow faster", q.Speed).Field("speed").Try("launch it as a rehearsal")
	}
	return nil
}

// prepareLaunch reads the protocol and stores it in both its forms.
func (l *Lab) prepareLaunch(ctx context.Context, q LaunchRequest) (record.Launch, error) {
	p, err := protocol.Parse(q.Name, q.Document)
	if err != nil {
		return record.Launch{}, err
	}
	if err := errors.Join(checkApproval(p, q), l.checkStart(p, q)); err != nil {
		return record.Launch{}, err
	}
	canonical, _, err := p.Canonical()
	if err != nil {
		return record.Launch{}, err
	}
	document, err := l.Artifacts.PutBytes(ctx, q.Document, "application/yaml", q.Name)
	if err != nil {
		return record.Launch{}, fmt.Errorf("store protocol: %w", err)
	}
	stored, err := l.Artifacts.PutBytes(ctx, canonical, "application/json", "protocol.json")
	if err != nil {
		return record.Launch{}, fmt.Errorf("store protocol: %w", err)
	}
	title := q.Title
	if title == "" {
		title = p.Title
	}
	return record.Launch{
		Title: title, Protocol: stored, Document: document, Name: p.Name(), Zone: p.Zone,
		Start: q.Start.UTC().Truncate(time.Millisecond), Speed: q.Speed, Script: q.Script, Simulated: q.Rehearsal, Plan: p.Plan(), Draws: p.Draws(),
		Donor: q.Donor, Lots: q.Lots, Approval: q.Approval,
	}, nil
}

// checkStart refuses a real run that would have begun before now.
func (l *Lab) checkStart(p protocol.Protocol, q LaunchRequest) error {
	zone, err := time.LoadLocation(p.Zone)
	if err != nil {
		return err
	}
	return notPast(q.Start.In(zone), q.Rehearsal, l.Now())
}

// notPast refuses a start before now, but for a rehearsal.
func notPast(start time.Time, rehearsal bool, now time.Time) error {
	const slack = time.Minute // in which the form was filled in, or the request was on its way
	if rehearsal || !start.Before(now.Add(-slack)) {
		return nil
	}
	return fault.New(fault.Refused, "The start, %s, is in the past", start.Format("Mon 2 Jan 2006 15:04")).Field("start").Try("choose a time from now on, or launch it as a rehearsal")
}

// checkApproval refuses a start on which the ethics approval does not stand.
func checkApproval(p protocol.Protocol, q LaunchRequest) error {
	zone, err := time.LoadLocation(p.Zone)
	if err != nil || q.Rehearsal {
		return err
	}
	day := q.Start.In(zone).Format(time.DateOnly)
	switch {
	case p.Ethics.From != "" && day < p.Ethics.From:
		return fault.New(fault.Refused, "the approval %s begins on %s, the run on %s", p.Ethics.Approval, p.Ethics.From, day).Field("start").Try("launch it later")
	case p.Ethics.Until != "" && day > p.Ethics.Until:
		return fault.New(fault.Refused, "the approval %s ended on %s, the run begins on %s", p.Ethics.Approval, p.Ethics.Until, day).Field("start").Try("have the approval extended, and write its new end into the protocol")
	}
	return nil
}

// maxRuns is how many runs one year can have: their numbers have three digits.
const maxRuns = 999

// number appends the first record of a new logbook, and with that gives the run
// its number. A number that another run has is passed over; one that this
// request got before is kept.
func (l *Lab) number(ctx context.Context, who record.Actor, q LaunchRequest, body record.Launch) (record.Record, error) {
	prefix, err := series(q.Start, body.Zone)
	if err != nil {
		return record.Record{}, err
	}
	taken, err := l.taken(ctx)
	if err != nil {
		return record.Record{}, err
	}
	if first, found, err := l.launchedBefore(ctx, q.Request); err != nil || found { // at the same time, by the same request
		return first, err
	}
	for n := 1; n <= maxRuns; n++ {
		body.Run = fmt.Sprintf("%s%03d", prefix, n)
		if taken[body.Run] { // by others: what this request launched was looked for after they were listed
			continue
		}
		draft, err := l.launchDraft(who, q, body)
		if err != nil {
			return record.Record{}, err
		}
		r, created, err := l.Logbooks.Create(ctx, draft)
		if err != nil {
			return record.Record{}, err
		}
		if created || r.Request == q.Request {
			return r, nil
		}
	}
	return record.Record{}, fault.New(fault.Refused, "there are %d runs %s… already", maxRuns, prefix)
}

// taken are the runs that the index knows. One that it does not know yet is met
// when its number is tried.
func (l *Lab) taken(ctx context.Context) (map[string]bool, error) {
	runs, err := l.Index.Runs(ctx, index.RunFilter{})
	taken := map[string]bool{}
	for _, r := range runs {
		taken[r.ID] = true
	}
	return taken, err
}

// series is what the numbers of all runs of a year begin with.
func series(start time.Time, zone string) (string, error) {
	place, err := time.LoadLocation(zone)
	if err != nil {
		return "", fault.New(fault.Invalid, "%q is no time zone", zone).Field("zone").Try("write it like Europe/Berlin")
	}
	return fmt.Sprintf("UCM-%04d-", start.In(place).Year()), nil
}

// launchedBefore returns the first record of the run that this request launched.
func (l *Lab) launchedBefore(ctx context.Context, request string) (record.Record, bool, error) {
	records, err := l.Index.FindRequest(ctx, request)
	for _, r := range records {
		if r.Kind == record.RunLaunched {
			return r, true, err
		}
	}
	return record.Record{}, false, err
}

func (l *Lab) launchDraft(who record.Actor, q LaunchRequest, body record.Launch) (record.Draft, error) {
	d, err := l.draft(who, workflows.Logbook(body.Run), q.Request, record.RunLaunched, body)
	if q.Rehearsal {
		d.Happened = q.Start
	}
	d.Rehearsal, d.Protocol = q.Rehearsal, body.Protocol.SHA256
	d.Uses = []record.Use{body.Protocol.As("protocol"), body.Document.As("protocol document")}
	return d, err
}

// start starts the workflow of the run whose first record this is; one that
// runs or has ended already is left alone.
func (l *Lab) start(ctx context.Context, first record.Record) (Launched, error) {
	body, ref, err := decode[record.Launch](first)
	if err != nil {
		return Launched{}, err
	}
	in := run.Input{Title: body.Title, Start: body.Start, Plan: body.Plan, Draws: body.Draws, Context: run.Context{
		Run: body.Run, Logbook: first.Logbook, Protocol: body.Protocol.SHA256, Zone: body.Zone, Speed: body.Speed,
		Rehearsal: first.Rehearsal, Program: first.Program, Launch: ref, Notices: l.Notices && !first.Rehearsal,
	}}
	options := client.StartWorkflowOptions{
		ID: workflows.RunID(body.Run), TaskQueue: workflows.Queue,
		WorkflowIDConflictPolicy: enums.WORKFLOW_ID_CONFLICT_POLICY_USE_EXISTING,
		WorkflowIDReusePolicy:    enums.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE,
		StaticSummary:            body.Run + ": " + body.Title,
	}
	_, err = l.Temporal.ExecuteWorkflow(ctx, options, workflows.Run, in)
	if _, ended := errors.AsType[*serviceerror.WorkflowExecutionAlreadyStarted](err); err != nil && !ended {
		return Launched{}, fault.Wrap(err, fault.Unavailable, "run %s is recorded, but it could not be started yet", body.Run)
	}
	l.shown(ctx, ref)
	return Launched{body.Run, ref}, nil
}

// Heal starts the workflow of every launched run that has none, as one whose
// launch died between its first record and its start. It returns the runs that
// have not ended.
func (l *Lab) Heal(ctx context.Context) ([]string, error) {
	runs, err := l.Index.Runs(ctx, index.RunFilter{State: index.Running})
	if err != nil {
		return nil, err
	}
	var open []string
	for _, r := range runs {
		first, err := l.firstRecord(ctx, r.ID)
		if err != nil {
			return open, err
		}
		if _, err := l.start(ctx, first); err != nil {
			return open, err
		}
		ended, err := l.endedOutside(ctx, first)
		if err != nil {
			return open, err
		}
		if !ended {
			open = append(open, r.ID)
		}
	}
	return open, nil
}

// firstRecord reads the record by which a run was launched. It fails with
// [fault.NotFound].
func (l *Lab) firstRecord(ctx context.Context, id string) (record.Record, error) {
	r, err := l.Logbooks.Record(ctx, workflows.Logbook(id), 1)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) {
		return r, fault.New(fault.NotFound, "there is no run %q", id).Try("see them with: secretome run list")
	}
	return r, err
}
