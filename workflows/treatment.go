package workflows

import (
	"strconv"

	"go.temporal.io/sdk/workflow"

	"secretome/internal/protocol"
	"secretome/internal/run"
)

// Treatment prepares one block of a model, treats its groups with an aliquot
// of the block's lot, and takes the samples.
func Treatment(ctx workflow.Context, in run.StageInput) (run.StageResult, error) {
	s := begin(ctx, in)
	ready := s.start()
	if s.has(protocol.Receive) {
		ready = s.ask(protocol.Receive, ready)
	}
	prepared := s.ask(protocol.Prepare, ready)
	settled := s.wait(protocol.Settle, prepared)
	thawed := s.askFor(scanned("scan.lot", s.lot()), protocol.ThawAliquot, settled)
	treated := s.ask(protocol.Treat, thawed)
	s.ask(protocol.TakeSamples, s.wait(protocol.Expose, treated), treated)
	return s.end()
}

// lot is the lot of conditioned medium of this block: the lots take turns.
func (s *stage) lot() string {
	block, err := strconv.Atoi(s.in.Block)
	if err != nil || len(s.in.Lots) == 0 {
		s.fail("block %q of %s has no lot of conditioned medium", s.in.Block, s.in.Model)
		return ""
	}
	return s.in.Lots[(block-1)%len(s.in.Lots)]
}
