package activities

import (
	"context"

	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/run"
)

// ComputeInput asks for one assay of one plate.
type ComputeInput struct {
	Base  record.Draft  `json:"base"`
	Part  protocol.Part `json:"part"`
	Assay string        `json:"assay"`
	Read  run.Answer    `json:"read"` // the task that brought the instrument's file
	Unit  string        `json:"unit,omitempty"`
}

// Computed is what a computation leaves.
type Computed struct {
	Result   record.Ref      `json:"result"`
	Decision record.Decision `json:"decision"`
	Record   record.Ref      `json:"record"` // of the decision
	What     string          `json:"what"`   // one sentence about what did not pass
}

// CompareInput asks for one endpoint of the analysis plan.
type CompareInput struct {
	Base     record.Draft  `json:"base"`
	Part     protocol.Part `json:"part"`
	Protocol string        `json:"protocol"`
	Endpoint string        `json:"endpoint"`
	Results  []record.Ref  `json:"results"` // of all blocks
}

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

// Recognise tries whether an instrument's file can be read at all.
func (a *Activities) Recognise(ctx context.Context, file record.Artifact) error {
	return nil
}

func (a *Activities) Compute(ctx context.Context, in ComputeInput) (Computed, error) { return Computed{}, nil }
func (a *Activities) Compare(ctx context.Context, in CompareInput) (Computed, error) { return Computed{}, nil }
func (a *Activities) Report(ctx context.Context, in ReportInput) (Reported, error)   { return Reported{}, nil }
