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
	donor := consent.Values["donor.code"] // every label on the way must say the same
	cord := s.askFor(scanned("donor.code", donor), protocol.CollectCord, consent)
	received := s.askFor(scanned("open.code", donor), protocol.ReceiveCord, cord)
	s.release(consent, s.ask(protocol.Serology, received))
	return s.end()
}
