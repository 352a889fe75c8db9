package workflows

import (
	"go.temporal.io/sdk/workflow"

	"secretome/internal/protocol"
	"secretome/internal/run"
)

// Assay measures the samples of one block: a plate that does not meet its
// criteria is repeated as often as the protocol allows.
func Assay(ctx workflow.Context, in run.StageInput) (run.StageResult, error) {
	s := begin(ctx, in)
	samples := s.given(protocol.TakeSamples)
	for _, assay := range s.part.Stage.Measures {
		s.measure(assay, samples)
	}
	return s.end()
}
