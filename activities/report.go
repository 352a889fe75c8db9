package activities

import (
	"context"
	"fmt"
	"time"

	"secretome/internal/assay"
	"secretome/internal/crate"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/report"
)

// ReportInput asks for the report of a run.
type ReportInput struct {
	Base     record.Draft `json:"base"`
	Protocol string       `json:"protocol"`
	Zone     string       `json:"zone"` // of the laboratory, an IANA name
}

// Reported is where the report is.
type Reported struct {
	Report record.Artifact `json:"report"`
	Record record.Ref      `json:"record"`
}

// Report writes the report of a run from all that its logbook holds, and
// records it.
func (a *Activities) Report(ctx context.Context, in ReportInput) (Reported, error) {
	page, uses, err := a.render(ctx, in)
	if err != nil {
		return Reported{}, Encode(err)
	}
	artifact, err := a.Artifacts.PutBytes(ctx, page, "text/html; charset=utf-8", "report.html")
	if err != nil {
		return Reported{}, Encode(err)
	}
	made := record.Made{Title: "Report", Artifact: artifact}
	ref, err := a.append(ctx, in.Base, record.ReportMade, "", made, append(uses, artifact.As("report"))...)
	return Reported{artifact, ref}, Encode(err)
}

func (a *Activities) render(ctx context.Context, in ReportInput) (page []byte, uses []record.Use, err error) {
	zone, err := time.LoadLocation(in.Zone)
	if err != nil {
		return nil, nil, fmt.Errorf("zone of the laboratory: %w", err)
	}
	from := report.Input{ProtocolHash: in.Protocol, Program: a.Program, Zone: zone, Link: crate.RecordPath}
	if from.Protocol, err = Load[protocol.Protocol](ctx, a.Artifacts, in.Protocol); err != nil {
		return nil, nil, err
	}
	if from.Records, err = a.Logbooks.Read(ctx, in.Base.Logbook, 0, 0); err != nil {
		return nil, nil, err
	}
	reveal, err := a.revealing(ctx, from.Records)
	if err != nil {
		return nil, nil, err
	}
	for _, r := range from.Records {
		if r.Kind != record.ResultComputed {
			continue
		}
		ref, err := r.Ref()
		if err != nil {
			return nil, nil, err
		}
		if err := a.add(ctx, &from, r, ref); err != nil {
			return nil, nil, err
		}
		uses = append(uses, ref.As("result"))
	}
	for i := range from.Results {
		from.Results[i].Result = reveal(from.Results[i].Result)
	}
	page, err = report.Render(from)
	return page, uses, err
}

// add reads what a record of a result says was computed.
func (a *Activities) add(ctx context.Context, in *report.Input, r record.Record, ref record.Ref) error {
	body, err := record.Read[record.Result](r)
	if err != nil {
		return err
	}
	if body.Assay == endpointResult {
		f, err := Load[assay.Finding](ctx, a.Artifacts, body.Output.SHA256)
		in.Findings = append(in.Findings, report.Finding{Ref: ref, Finding: f})
		return err
	}
	result, err := Load[assay.Result](ctx, a.Artifacts, body.Output.SHA256)
	in.Results = append(in.Results, report.Result{Ref: ref, Result: result})
	return err
}
