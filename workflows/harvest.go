package workflows

import (
	"go.temporal.io/sdk/workflow"

	"secretome/internal/protocol"
	"secretome/internal/run"
)

// CordHarvest takes an umbilical cord under consent, receives it in the
// laboratory in time, and clears its donor by serology.
func CordHarvest(ctx workflow.Context, in run.StageInput) (run.StageResult, error) {
	s := begin(ctx, in)
	consent := s.ask(protocol.Consent, s.start())
	cord := s.ask(protocol.CollectCord, consent)
	received := s.ask(protocol.ReceiveCord, cord)
	s.ask(protocol.Serology, received)
	return s.end()
}
