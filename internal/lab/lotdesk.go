package lab

import (
	"context"
	"maps"
	"slices"

	"secretome/internal/fault"
	"secretome/internal/record"
	"secretome/internal/sample"
)

// LotDesk is a thing with all that its page tells, and what may be done with it.
type LotDesk struct {
	LotView
	Fitness
	Custody sample.Custody
	Draws   []Draw
	Runs    []string      // in which it was scanned, or for which it was drawn
	May     []record.Kind // what who asks may do to it now
	Recall  bool          // who asks may recall it
	Tree    []Branch      // what was made from it
}

// Draw is what was once taken of a lot, and what became of it.
type Draw struct {
	Number  int64 // of its record
	Record  record.Record
	Act     record.LotAct
	Ended   string // returned, written off; empty: it can still be
	Amended string // what a correction says that it took
	Why     string // of the end or the correction
}

// LotDesk tells all about a thing. It fails with [fault.NotFound], and then says
// which label may be meant.
func (l *Lab) LotDesk(ctx context.Context, who record.Actor, barcode string) (LotDesk, error) {
	v, err := l.Lot(ctx, who, barcode)
	if fault.Is(err, fault.NotFound) {
		return LotDesk{}, l.Unread(ctx, who, barcode)
	}
	if err != nil {
		return LotDesk{}, err
	}
	d := LotDesk{LotView: v, Fitness: FitnessOf(v.Lot, l.Now())}
	if d.Custody, err = l.custody(ctx, v); err != nil {
		return d, err
	}
	if d.Draws, err = drawsOf(v.Records); err != nil {
		return d, err
	}
	if d.Runs, err = l.Index.RunsOf(ctx, barcode); err != nil {
		return d, err
	}
	for _, draw := range d.Draws {
		if run := draw.Act.Run; run != "" && !slices.Contains(d.Runs, run) {
			d.Runs = append(d.Runs, run)
		}
	}
	slices.Sort(d.Runs)
	d.May = l.may(who, v)
	d.Recall = Allowed(who, Recall) == nil
	d.Tree, err = l.tree(ctx, barcode)
	return d, err
}

// drawsOf are the draws that a lot's records tell of, the newest first.
func drawsOf(records []record.Record) ([]Draw, error) {
	byNumber := map[int64]Draw{}
	for _, r := range records {
		switch r.Kind {
		case record.LotDrawn, record.LotReturned, record.LotWrittenOff, record.LotCorrected:
		default:
			continue
		}
		b, err := record.Read[record.LotAct](r)
		if err != nil {
			return nil, err
		}
		d := byNumber[b.Draw]
		switch r.Kind {
		case record.LotDrawn:
			b.Draw = r.Number
			d = Draw{Number: r.Number, Record: r, Act: b}
		case record.LotReturned:
			d.Ended, d.Why = "returned", b.Why
		case record.LotWrittenOff:
			d.Ended, d.Why = "written off", b.Why
		default:
			d.Amended, d.Why = b.Amount, b.Why
		}
		byNumber[b.Draw] = d
	}
	draws := slices.SortedFunc(maps.Values(byNumber), func(a, b Draw) int { return int(b.Number - a.Number) })
	return draws, nil
}

// may lists what somebody may do to a thing as it stands, in the order of a lot's
// life. What the lot itself would refuse whatever is typed is left out.
func (l *Lab) may(who record.Actor, v LotView) []record.Kind {
	var all []record.Kind
	for _, verb := range sample.LotVerbs() {
		if Allowed(who, ToLot(verb.Kind)) == nil && l.possible(who, v, verb.Kind) {
			all = append(all, verb.Kind)
		}
	}
	return all
}

func (l *Lab) possible(who record.Actor, v LotView, kind record.Kind) bool {
	lot := v.Lot
	if lot.Kind == sample.Donor {
		return possibleOfDonor(lot, kind)
	}
	unkept := !lot.Registered()
	if unkept && !slices.ContainsFunc(v.Scans, madeHere) {
		return false // of what no run made nothing can be said before it is registered
	}
	switch kind {
	case record.LotRegistered, record.ConsentWithdrawn:
		return false
	case record.LotMoved, record.LotHandedOver, record.LotFrozen, record.LotThawed, record.LotOpened:
		return lot.State != sample.Depleted
	case record.LotHeld:
		return lot.Held == ""
	case record.LotFreed:
		return lot.Held != ""
	case record.LotRejected:
		return lot.State != sample.Rejected
	}
	return !unkept && l.possibleBalance(who, lot, kind)
}

func possibleOfDonor(lot sample.Lot, kind record.Kind) bool {
	switch kind {
	case record.ConsentWithdrawn:
		return lot.Registered() && lot.Held == ""
	case record.LotFreed:
		return lot.Held != ""
	case record.LotReleased:
		return lot.State == sample.Quarantine && lot.Held == ""
	}
	return false
}

// possibleBalance is about what changes how much there is, and the release.
func (l *Lab) possibleBalance(who record.Actor, lot sample.Lot, kind record.Kind) bool {
	switch kind {
	case record.LotReleased:
		return lot.State == sample.Quarantine && lot.Held == "" && who.Name != lot.By && (lot.Kind != sample.CM || lot.Matched != "")
	case record.LotDrawn:
		return lot.Clock && lot.Usable(l.Now()) == nil
	case record.LotReturned, record.LotCorrected, record.LotWrittenOff:
		return len(lot.Drawn) > 0
	}
	return true // counted
}

// KnownRun fails with [fault.Invalid] where there is no such run.
func (l *Lab) KnownRun(ctx context.Context, who record.Actor, run string) error {
	if err := Allowed(who, Look); err != nil {
		return err
	}
	_, err := l.Index.Run(ctx, run)
	if fault.Is(err, fault.NotFound) {
		return fault.New(fault.Invalid, "there is no run %s", run).Field("run").Try("type its ID as it stands on the list of runs, or leave it empty")
	}
	return err
}
