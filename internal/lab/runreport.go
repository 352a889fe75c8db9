package lab

import (
	"context"

	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/sample"
)

// RunReport is what the printed report of a run is made of.
type RunReport struct {
	Outcomes
	Protocol   protocol.Protocol // without its groups while they are sealed
	Signed     []SignedThen
	Departures []Departure
	Things     []ReportLot
	Last       record.Ref // the last record: its hash binds all before it
}

// ReportLot is a kept thing that the run used or made.
type ReportLot struct {
	sample.Lot
	Fitness
	Made bool // by the run
}

// RunReport gathers a run's report. Groups of a sealed run stand under their
// codes. It fails with [fault.NotFound].
func (l *Lab) RunReport(ctx context.Context, who record.Actor, run string) (RunReport, error) {
	o, err := l.Results(ctx, who, run)
	if err != nil {
		return RunReport{}, err
	}
	r := RunReport{Outcomes: o, Signed: o.Signatures()}
	r.Departures = o.Departures()
	if r.Protocol, err = l.protocolOf(ctx, run); err != nil {
		return r, err
	}
	if o.Sealed { // what a group gets stands nowhere before the key is open
		for i := range r.Protocol.Models {
			r.Protocol.Models[i].Groups = nil
		}
	}
	if r.Last, err = o.Last().Ref(); err != nil {
		return r, err
	}
	r.Things, err = l.thingsOf(ctx, run)
	return r, err
}

// thingsOf lists the kept things that were scanned in a run.
func (l *Lab) thingsOf(ctx context.Context, run string) ([]ReportLot, error) {
	scans, err := l.Index.ScannedIn(ctx, run)
	if err != nil {
		return nil, err
	}
	var all []ReportLot
	for _, t := range scans {
		lot, err := l.Index.Stock(ctx, t.Barcode)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, ReportLot{lot, FitnessOf(lot, l.Now()), t.Made})
	}
	return all, nil
}
