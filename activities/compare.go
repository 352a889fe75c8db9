package activities

import (
	"context"
	"slices"

	"secretome/internal/assay"
	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
)

// CompareInput asks for one endpoint of the analysis plan.
type CompareInput struct {
	Base     record.Draft `json:"base"`
	Protocol string       `json:"protocol"`
	Endpoint string       `json:"endpoint"`
	Results  []record.Ref `json:"results"`       // of all blocks
	Key      string       `json:"key,omitempty"` // SHA-256 of the opened key, where groups were sealed
}

// Compare compares the groups of one endpoint over the results of the blocks,
// as the plan says. The finding is a record.
func (a *Activities) Compare(ctx context.Context, in CompareInput) (record.Ref, error) {
	p, err := Load[protocol.Protocol](ctx, a.Artifacts, in.Protocol)
	if err != nil {
		return record.Ref{}, Encode(err)
	}
	plan, model, err := endpoint(p, in.Endpoint)
	if err != nil {
		return record.Ref{}, Encode(err)
	}
	reveal, err := a.reader(ctx, in.Key)
	if err != nil {
		return record.Ref{}, Encode(err)
	}
	var results []assay.Result
	var uses []record.Use
	for _, ref := range in.Results {
		r, err := a.result(ctx, ref)
		if err != nil {
			return record.Ref{}, Encode(err)
		}
		if r.Assay == plan.Assay && r.Model == plan.Model {
			results, uses = append(results, reveal(r)), append(uses, ref.As("result of block "+r.Block))
		}
	}
	finding, err := assay.Compare(plan, model, results, p.Analysis.Alpha)
	if err != nil {
		return record.Ref{}, Encode(err)
	}
	output, err := a.keep(ctx, finding, plan.ID+" finding.json")
	if err != nil {
		return record.Ref{}, Encode(err)
	}
	body := record.Result{Assay: endpointResult, Name: plan.ID, Method: plan.Test, Output: output, Summary: plan.Title}
	ref, err := a.append(ctx, in.Base, record.ResultComputed, "", body, uses...)
	return ref, Encode(err)
}

// endpointResult marks the record of a comparison among those of plates.
const endpointResult = "endpoint"

func endpoint(p protocol.Protocol, id string) (e protocol.Endpoint, m protocol.Model, err error) {
	i := slices.IndexFunc(p.Analysis.Endpoints, func(e protocol.Endpoint) bool { return e.ID == id })
	if i < 0 {
		return e, m, fault.New(fault.NotFound, "the plan has no endpoint %q", id)
	}
	e = p.Analysis.Endpoints[i]
	j := slices.IndexFunc(p.Models, func(m protocol.Model) bool { return m.ID == e.Model })
	if j < 0 {
		return e, m, fault.New(fault.NotFound, "the protocol has no model %q", e.Model)
	}
	return e, p.Models[j], nil
}

// result reads the computed result that a record names.
func (a *Activities) result(ctx context.Context, ref record.Ref) (assay.Result, error) {
	r, err := a.Logbooks.Record(ctx, ref.Logbook, ref.Number)
	if err != nil {
		return assay.Result{}, err
	}
	body, err := record.Read[record.Result](r)
	if err != nil {
		return assay.Result{}, err
	}
	return Load[assay.Result](ctx, a.Artifacts, body.Output.SHA256)
}
