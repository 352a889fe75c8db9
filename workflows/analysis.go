package workflows

import (
	"go.temporal.io/sdk/workflow"

	"secretome/activities"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/run"
)

// Analysis compares the groups over the blocks as the plan says, and writes
// the report: the plan was fixed before. Where groups are sealed, people lock
// the data and open the key first.
func Analysis(ctx workflow.Context, in run.StageInput) (run.StageResult, error) {
	s := begin(ctx, in)
	key := s.openKey()
	for _, e := range s.part.Analysis.Endpoints {
		s.compare(e.ID, key)
	}
	s.report()
	return s.end()
}

// openKey tells which code is which group, once the data are locked and two
// people want it. It returns the key's SHA-256; empty where no group is sealed.
func (s *stage) openKey() string {
	if !s.has(protocol.LockData) {
		return ""
	}
	locked := s.ask(protocol.LockData, s.start())
	opened := s.ask(protocol.OpenKey, locked)
	confirmed := s.askFor(notBy(opened), protocol.ConfirmKey, opened)
	if s.err != nil || s.in.Drawn == nil {
		return ""
	}
	var key activities.OpenedKey
	ctx := workflow.WithActivityOptions(s.ctx, computing("open the key"))
	in := activities.OpenKeyInput{Base: s.base("open key"), Allocation: s.in.Drawn.Record, Locked: locked, Opened: opened, Confirmed: confirmed}
	s.err = workflow.ExecuteActivity(ctx, act.OpenKey, in).Get(ctx, &key)
	return key.Key
}

// compare computes one endpoint of the plan over the results of the blocks.
func (s *stage) compare(endpoint, key string) {
	if s.err != nil {
		return
	}
	var finding record.Ref
	ctx := workflow.WithActivityOptions(s.ctx, computing(endpoint))
	in := activities.CompareInput{Base: s.base("compare " + endpoint), Protocol: s.in.Context.Protocol, Endpoint: endpoint, Results: s.in.Results, Key: key}
	if s.err = workflow.ExecuteActivity(ctx, act.Compare, in).Get(ctx, &finding); s.err == nil {
		s.book.results = append(s.book.results, finding)
	}
}

// report writes the report over all that the logbook holds.
func (s *stage) report() {
	if s.err != nil {
		return
	}
	var made activities.Reported
	ctx := workflow.WithActivityOptions(s.ctx, computing("write the report"))
	in := activities.ReportInput{Base: s.base("report"), Protocol: s.in.Context.Protocol, Zone: s.in.Context.Zone}
	if s.err = workflow.ExecuteActivity(ctx, act.Report, in).Get(ctx, &made); s.err == nil {
		s.book.answers[Report] = run.Answer{Task: Report, Happened: s.now, Record: made.Record, Values: map[string]string{"sha256": made.Report.SHA256}}
	}
}

// Report is the name under which the analysis leaves the report.
const Report = "report"
