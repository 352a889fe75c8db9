package sample

import (
	"maps"
	"time"

	"secretome/internal/quantity"
	"secretome/internal/record"
)

// change does to the lot what a record says. number is that of the record.
func (l *Lot) change(kind record.Kind, happened time.Time, number int64, b record.LotAct, rehearsal bool) error {
	switch kind {
	case record.LotRegistered:
		l.Clock = !rehearsal
		return l.register(happened, b)
	case record.LotReleased:
		l.State, l.Why = Released, b.Why
		return l.deplete()
	case record.LotRejected:
		l.State, l.Why = Rejected, b.Why
	case record.LotExpired:
		if l.State != Rejected && l.State != Depleted {
			l.State = Expired
		}
	case record.LotHeld, record.ConsentWithdrawn:
		l.Held = b.Why
	case record.LotFreed:
		l.Held = ""
	case record.LotDrawn:
		return l.draw(number, b)
	case record.LotReturned, record.LotCorrected, record.LotWrittenOff:
		return l.again(kind, b)
	case record.LotCounted:
		return l.count(b)
	case record.LotThawed:
		l.thaw(b.Aliquot)
	case record.LotMoved, record.LotFrozen:
		l.Place = b.Place
	default: // handed over, opened: they change nothing that a rule asks for
	}
	return nil
}

// register begins the lot's life. What an earlier registration said, that was
// undone, is forgotten; a hold on the label is not.
func (l *Lot) register(happened time.Time, b record.LotAct) (err error) {
	*l = Lot{
		Barcode: l.Barcode, Held: l.Held, By: l.By, Last: l.Last, Clock: l.Clock,
		Kind: b.Kind, Title: b.Title, Parents: b.Parents, Donors: b.Donors, Matched: b.Matched,
		Made: happened, Expires: b.Expires, Most: b.Thaws, Place: b.Place, State: Quarantine,
	}
	if b.State != "" {
		l.State = State(b.State)
	}
	if b.Each != "" {
		if l.Each, err = quantity.Parse(b.Each); err != nil {
			return err
		}
	}
	if b.Amount != "" {
		if l.Whole, err = quantity.Parse(b.Amount); err != nil {
			return err
		}
		l.Left = l.Whole
	}
	return l.deplete()
}

func (l *Lot) draw(number int64, b record.LotAct) error {
	amount, err := l.amount(b.Amount)
	if err != nil {
		return err
	}
	text := ""
	if !amount.IsZero() {
		text = amount.String()
	}
	l.Drawn = maps.Clone(l.Drawn)
	if l.Drawn == nil {
		l.Drawn = map[int64]string{}
	}
	l.Drawn[number] = text
	if b.Aliquot != "" {
		l.thaw(b.Aliquot)
	}
	return l.take(amount)
}

func (l *Lot) thaw(aliquot string) {
	l.Thawed = maps.Clone(l.Thawed)
	if l.Thawed == nil {
		l.Thawed = map[string]int{}
	}
	l.Thawed[aliquot]++
}

// take takes an amount from what is left; a negative one comes back.
func (l *Lot) take(amount quantity.Quantity) (err error) {
	if l.Whole.IsZero() || amount.IsZero() {
		return nil
	}
	if l.Left, err = l.Left.Sub(amount); err != nil {
		return err
	}
	return l.deplete()
}

// deplete holds the state against what is left.
func (l *Lot) deplete() error {
	switch {
	case l.Whole.IsZero():
	case l.State == Released && l.Left.Sign() == 0:
		l.State = Depleted
	case l.State == Depleted && l.Left.Sign() > 0:
		l.State = Released
	}
	return nil
}

// again deals with an earlier draw: returned, corrected, written off.
func (l *Lot) again(kind record.Kind, b record.LotAct) error {
	before := l.Drawn[b.Draw]
	l.Drawn = maps.Clone(l.Drawn)
	if kind == record.LotCorrected {
		return l.correct(before, b)
	}
	delete(l.Drawn, b.Draw)
	if kind == record.LotWrittenOff || before == "" {
		return nil
	}
	back, err := quantity.Parse(before)
	if err != nil {
		return err
	}
	if back, err = zero(back).Sub(back); err != nil {
		return err
	}
	return l.take(back)
}

// correct puts another amount in the place of a draw's.
func (l *Lot) correct(before string, b record.LotAct) error {
	after, err := l.amount(b.Amount)
	if err != nil {
		return err
	}
	l.Drawn[b.Draw] = after.String()
	more, err := beyond(after, before)
	if err != nil {
		return err
	}
	return l.take(more)
}

// beyond is how much more an amount is than one before; empty was nothing.
func beyond(after quantity.Quantity, before string) (quantity.Quantity, error) {
	if before == "" {
		return after, nil
	}
	back, err := quantity.Parse(before)
	if err != nil {
		return back, err
	}
	return after.Sub(back)
}

// zero is nothing, in the unit of q.
func zero(q quantity.Quantity) quantity.Quantity {
	none, err := q.Sub(q)
	if err != nil {
		return quantity.Quantity{}
	}
	return none
}

// count says how much is left, or, where an amount is given, that there was
// another amount in all than was said when it was registered.
func (l *Lot) count(b record.LotAct) (err error) {
	if b.Amount != "" {
		return l.recount(b)
	}
	if l.Left, err = quantity.Parse(b.Left); err != nil {
		return err
	}
	if l.Whole.IsZero() {
		l.Whole = l.Left
	}
	if l.Left, err = l.Left.In(l.Whole.Unit()); err != nil {
		return err
	}
	return l.deplete()
}

func (l *Lot) recount(b record.LotAct) error {
	whole, err := quantity.Parse(b.Amount)
	if err != nil {
		return err
	}
	if l.Whole.IsZero() {
		l.Whole, l.Left = whole, whole
	}
	less, err := l.Whole.Sub(whole)
	if err != nil {
		return err
	}
	if l.Left, err = l.Left.Sub(less); err != nil {
		return err
	}
	if l.Whole, err = whole.In(l.Whole.Unit()); err != nil {
		return err
	}
	if b.Each != "" {
		if l.Each, err = quantity.Parse(b.Each); err != nil {
			return err
		}
	}
	return l.deplete()
}
