package workflows

import (
	"go.temporal.io/sdk/workflow"

	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/run"
)

// Collection turns a culture into a released lot of conditioned medium, beside
// its matched unconditioned medium, and takes released lots from stock.
func Collection(ctx workflow.Context, in run.StageInput) (run.StageResult, error) {
	s := begin(ctx, in)
	seeded := s.ask(protocol.SeedVessels, s.given(protocol.Harvest))
	rinsed := s.ask(protocol.Rinse, s.wait(protocol.Grow, seeded))
	started := s.ask(protocol.AddBasal, rinsed)
	conditioned := s.wait(protocol.Condition, started)
	var medium, blank run.Answer
	s.together(
		func(s *stage) { medium = s.ask(protocol.Collect, conditioned, started) },
		func(s *stage) { blank = s.ask(protocol.CollectBlank, conditioned, started) }, // same vessel type, same hours, no cells
	)
	filled := s.ask(protocol.Clarify, medium, blank)
	for _, assay := range s.part.Stage.Measures {
		s.measure(assay, filled)
	}
	released := s.askFor(notBy(filled), protocol.ReleaseLot, filled)
	s.release(filled, released)
	s.keep(record.Lot{Barcode: filled.Values["aliquot.lot"], Title: "conditioned medium of this run", State: "released"}, released)
	if s.has(protocol.TakeFromStock) {
		s.keepScanned(s.ask(protocol.TakeFromStock, filled))
	}
	return s.end()
}
