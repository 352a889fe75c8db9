package workflows

import (
	"go.temporal.io/sdk/workflow"

	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/internal/task"
)

// Review lets quality check the results and a reviewer sign the report. Nobody
// reviews what they recorded.
func Review(ctx workflow.Context, in run.StageInput) (run.StageResult, error) {
	s := begin(ctx, in)
	report := s.given(Report)
	checked := s.askFor(task.Spec{NotBy: s.hands()}, protocol.CheckResults, report)
	signed := s.askFor(task.Spec{NotBy: s.hands()}, protocol.SignReport, checked)
	s.sign(signed, report)
	return s.end()
}

// sign records a person's statement about the report's hash.
func (s *stage) sign(by, report run.Answer) {
	d := s.base("signed")
	d.By = record.Actor{Kind: record.Person, Name: by.By, Role: "reviewer"}
	body := record.Signature{
		Meaning: by.Values["sign.meaning"], Identity: by.Values["sign.identity"],
		Report: report.Values["sha256"], Over: by.Record,
	}
	s.recordBy(d, record.Signed, "", body, report.Record.As("report"), by.Record.As("task"), record.Use{As: "signed", Artifact: body.Report})
}

// notBy keeps the people who did something from checking it.
func notBy(answers ...run.Answer) task.Spec {
	var names []string
	for _, a := range answers {
		names = append(names, a.By)
	}
	return task.Spec{NotBy: names}
}
