package workflows

import (
	"strings"

	"go.temporal.io/sdk/workflow"

	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/run"
)

// Stock takes released lots of conditioned medium that were made before, for a
// study that makes none itself.
func Stock(ctx workflow.Context, in run.StageInput) (run.StageResult, error) {
	s := begin(ctx, in)
	s.keepScanned(s.ask(protocol.TakeFromStock, s.start()))
	return s.end()
}

// keepScanned adds every lot that was scanned in the step "lots".
func (s *stage) keepScanned(taken run.Answer) {
	for _, field := range workflow.DeterministicKeys(taken.Values) {
		if strings.HasPrefix(field, "lots.") {
			s.keep(record.Lot{Barcode: taken.Values[field], Title: "conditioned medium from stock", State: "released", Stock: true}, taken)
		}
	}
}
