package workflows

import (
	"go.temporal.io/sdk/workflow"

	"secretome/internal/protocol"
	"secretome/internal/run"
)

// Culture isolates mesenchymal stem cells from the cord and expands them to
// the passage at which they condition medium.
func Culture(ctx workflow.Context, in run.StageInput) (run.StageResult, error) {
	s := begin(ctx, in)
	counts := s.part.Stage.Counts
	isolated := s.ask(protocol.Isolate, s.given(protocol.CollectCord))
	fed := isolated
	s.repeat(counts.Feeds, func(i int) {
		between := protocol.BetweenFeed
		if i == 1 {
			between = protocol.Undisturbed // the pieces lie still until cells hold on
		}
		fed = s.ask(protocol.Feed, s.wait(between, fed))
	})
	cells := s.ask(protocol.HarvestP0, s.wait(protocol.Outgrowth, isolated))
	s.repeat(counts.Passages, func(int) {
		seeded := s.ask(protocol.Seed, cells)
		cells = s.ask(protocol.Harvest, s.wait(protocol.Expansion, seeded), seeded)
	})
	return s.end()
}
