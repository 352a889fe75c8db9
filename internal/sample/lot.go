package sample

import (
	"slices"
	"strings"
	"time"

	"secretome/internal/fault"
	"secretome/internal/quantity"
	"secretome/internal/record"
)

// State is where a lot stands.
type State string

// The states. A lot goes from quarantine to released or rejected, and from
// released to depleted or expired; nothing comes back from rejected.
const (
	Unknown    State = "" // nothing is registered under the barcode
	Quarantine State = "quarantine"
	Released   State = "released"
	Rejected   State = "rejected"
	Depleted   State = "depleted"
	Expired    State = "expired"
)

// Donor is the kind of a person from whom things come; all other kinds name
// things.
const Donor = "donor"

// CM and Unconditioned are the kinds of conditioned medium and of the matched
// medium that saw no cells: one is released only beside the other.
const (
	CM            = "lot"
	Unconditioned = "unconditioned"
)

// Lot is a thing that outlives a run, with what is left of it: conditioned
// medium, a reagent, the vials of a bank; or a donor with their consent. It
// follows from the records of its logbook.
type Lot struct {
	Barcode string            `json:"barcode"`
	Kind    string            `json:"kind"`
	Title   string            `json:"title"`
	State   State             `json:"state"`
	Held    string            `json:"held,omitempty"` // why it is on hold; empty: it is not
	Why     string            `json:"why,omitempty"`  // of its state
	Made    time.Time         `json:"made,omitzero"`
	Expires time.Time         `json:"expires,omitzero"`
	Parents []string          `json:"parents,omitempty"`
	Donors  []string          `json:"donors,omitempty"`
	Matched string            `json:"matched,omitempty"`
	Each    quantity.Quantity `json:"each,omitzero"`
	Whole   quantity.Quantity `json:"whole,omitzero"` // what there was; zero: nobody said how much
	Left    quantity.Quantity `json:"left,omitzero"`
	Place   string            `json:"place,omitempty"`
	Most    int               `json:"most,omitempty"`   // thaws of one aliquot
	Thawed  map[string]int    `json:"thawed,omitempty"` // aliquot → how often
	Drawn   map[int64]string  `json:"drawn,omitempty"`  // number of a draw → its amount, as long as it can be returned or corrected
	By      string            `json:"by,omitempty"`     // who registered it
	Last    int64             `json:"last"`             // number of the last record applied
	Clock   bool              `json:"clock,omitempty"`  // it was registered in real life: its expiry is a time of the server
}

// LotAct is one thing that is done to a lot.
type LotAct struct {
	Kind      record.Kind   `json:"kind"`
	Request   string        `json:"request"`
	By        record.Actor  `json:"by"`
	Happened  time.Time     `json:"happened"`
	Rehearsal bool          `json:"rehearsal,omitempty"`
	Uses      []record.Use  `json:"uses,omitempty"`
	Body      record.LotAct `json:"body"`
}

// Undone is why a lot is rejected whose registration was taken back: its label was
// never on anything, and may still be used.
const Undone = "the step that made it was refused"

// Registered reports whether anything is known under the barcode.
func (l Lot) Registered() bool { return l.State != Unknown }

// Usable says why the lot may not be used at a time; nil if it may.
func (l Lot) Usable(at time.Time) error {
	switch {
	case !l.Registered():
		return fault.New(fault.NotFound, "no lot %q is registered", l.Barcode).Try("register it first: secretome lot add %s …", l.Barcode)
	case l.Held != "":
		return l.refuse("is on hold: %s", l.Held).Try("take another, or ask the manager to decide on it")
	case l.State == Rejected:
		return l.refuse("is rejected: %s", l.Why).Try("put it aside and take another")
	case l.State == Expired || !l.Expires.IsZero() && at.After(l.Expires):
		return l.refuse("expired on %s", l.Expires.Format("2006-01-02")).Try("take another")
	case l.State == Depleted:
		return l.refuse("has %s left", l.Left).Try("take another")
	case l.State == Quarantine:
		return l.refuse("is in quarantine").Try("wait until it is released, or take another")
	case !at.IsZero() && at.Before(l.Made):
		return l.refuse("was made at %s, after %s", l.Made.Format(time.RFC3339), at.Format(time.RFC3339)).Try("check the time at which it was taken")
	}
	return nil
}

// Unfit says why nothing may be done with the thing at a time, though it may be
// in quarantine or used up; nil if something may.
func (l Lot) Unfit(at time.Time) error {
	if l.Held != "" || l.State == Rejected || l.State == Expired || !l.Expires.IsZero() && at.After(l.Expires) {
		return l.Usable(at)
	}
	return nil
}

func (l Lot) refuse(format string, args ...any) *fault.Fault {
	return fault.New(fault.Refused, "%s "+format, append([]any{l.Barcode}, args...)...)
}

// Check says whether an act may happen now. It changes nothing.
func (l Lot) Check(a LotAct) error {
	if a.Kind == record.LotRegistered {
		return l.checkRegister(a)
	}
	if !l.Registered() {
		return l.Usable(a.Happened)
	}
	switch a.Kind {
	case record.LotDrawn:
		return l.checkDraw(a)
	case record.LotReturned, record.LotCorrected, record.LotWrittenOff:
		return l.checkAgain(a)
	case record.LotThawed:
		return l.checkThaw(a)
	case record.LotReleased:
		return l.checkRelease(a)
	case record.LotRejected, record.LotHeld, record.LotFreed, record.ConsentWithdrawn:
		return l.checkState(a)
	case record.LotCounted:
		return l.checkCount(a)
	case record.LotMoved, record.LotFrozen:
		return needs(a.Body.Place, "place", "say where it lies now")
	case record.LotHandedOver:
		return needs(a.Body.To, "to", "say to whom")
	case record.LotOpened, record.LotExpired:
		return nil
	}
	return fault.New(fault.Invalid, "%q is nothing that is done to a lot", a.Kind)
}

func (l Lot) checkRegister(a LotAct) error {
	if l.Registered() && l.Why != Undone {
		return fault.New(fault.Conflict, "%s is registered already, as %s", l.Barcode, l.Title).Try("a barcode names one thing for ever: use another label")
	}
	if err := needs(a.Body.Kind, "kind", "say what it is"); err != nil {
		return err
	}
	for _, amount := range []string{a.Body.Amount, a.Body.Each} {
		if amount == "" {
			continue
		}
		if q, err := quantity.Parse(amount); err != nil {
			return err
		} else if q.Sign() < 0 {
			return fault.New(fault.Invalid, "%s is less than nothing", amount).Field("amount")
		}
	}
	return nil
}

// checkDraw: what is taken is there, and is usable.
func (l Lot) checkDraw(a LotAct) error {
	if l.Registered() && l.Clock == a.Rehearsal {
		if a.Rehearsal {
			return l.refuse("is real, and this is a rehearsal").Try("give the rehearsal lots of its own")
		}
		return l.refuse("was made up by a rehearsal").Try("take a lot that exists")
	}
	if err := l.Usable(a.Happened); err != nil {
		return err
	}
	if a.Body.Aliquot != "" {
		if err := l.checkThaw(a); err != nil {
			return err
		}
	}
	amount, err := l.amount(a.Body.Amount)
	if err != nil || amount.IsZero() {
		return err
	}
	return l.enough(amount)
}

// amount is what a draw takes: what it says, else one aliquot; the zero quantity
// where nobody knows.
func (l Lot) amount(text string) (quantity.Quantity, error) {
	if text == "" {
		return l.Each, nil
	}
	q, err := quantity.Parse(text)
	if err != nil {
		return q, err
	}
	if q.Sign() <= 0 {
		return q, fault.New(fault.Invalid, "%s is nothing that can be drawn", text).Field("amount").Try("give an amount above zero")
	}
	if !l.Whole.IsZero() {
		q, err = q.In(l.Whole.Unit())
	}
	return q, err
}

func (l Lot) enough(amount quantity.Quantity) error {
	if l.Whole.IsZero() {
		return nil
	}
	c, err := amount.Compare(l.Left)
	if err != nil {
		return err
	}
	if c > 0 {
		return l.refuse("has %s left, %s is asked for", l.Left, amount).Try("draw less, or take another lot")
	}
	return nil
}

// checkThaw: no aliquot is thawed more often than it may be.
func (l Lot) checkThaw(a LotAct) error {
	most := max(l.Most, 1)
	if n := l.Thawed[a.Body.Aliquot]; n >= most {
		name := a.Body.Aliquot
		if name == "" {
			name = l.Barcode
		}
		return fault.New(fault.Refused, "%s was thawed %d times, the most is %d", name, n, most).Field("aliquot").Try("take a fresh aliquot")
	}
	return nil
}

// checkAgain: a draw is returned, corrected or written off once, and a
// correction takes no more than there is.
func (l Lot) checkAgain(a LotAct) error {
	before, ok := l.Drawn[a.Body.Draw]
	if !ok {
		return fault.New(fault.Conflict, "record %d of %s is no draw that is still open", a.Body.Draw, l.Barcode).Field("draw").Try("see its draws with: secretome lot view %s", l.Barcode)
	}
	if err := needs(a.Body.Why, "why", "say why"); err != nil || a.Kind != record.LotCorrected {
		return err
	}
	after, err := l.amount(a.Body.Amount)
	if err != nil {
		return err
	}
	if after.IsZero() {
		return needs("", "amount", "say how much was taken")
	}
	more, err := beyond(after, before)
	if err != nil {
		return err
	}
	return l.enough(more)
}

func (l Lot) checkRelease(a LotAct) error {
	switch {
	case a.By.Kind == record.Person && a.By.Name == l.By && l.Kind != Donor:
		return fault.New(fault.Refused, "%s made %s", l.By, l.Barcode).Try("somebody else must release it")
	case l.Kind == Donor && l.State == Released: // a second cord
		return nil
	case l.State != Quarantine:
		return fault.New(fault.Conflict, "%s is %s, only what is in quarantine is released", l.Barcode, l.State)
	case l.Held != "":
		return l.refuse("is on hold: %s", l.Held).Try("decide on the hold first: secretome lot free %s", l.Barcode)
	case l.Kind == CM && l.Matched == "":
		return l.refuse("has no unconditioned medium that belongs to it").Try("conditioned medium is released only beside its matched unconditioned medium")
	}
	return nil
}

func (l Lot) checkState(a LotAct) error {
	if err := needs(a.Body.Why, "why", "say why"); err != nil {
		return err
	}
	switch {
	case a.Kind == record.LotRejected && l.State == Rejected:
		return fault.New(fault.Conflict, "%s is rejected already: %s", l.Barcode, l.Why)
	case a.Kind == record.LotFreed && l.Held == "":
		return fault.New(fault.Conflict, "%s is not on hold", l.Barcode)
	case a.Kind == record.ConsentWithdrawn && l.Kind != Donor:
		return fault.New(fault.Invalid, "%s is no donor", l.Barcode).Try("hold or reject it instead")
	}
	return nil
}

func (l Lot) checkCount(a LotAct) error {
	if err := needs(a.Body.Why, "why", "say why the count differs"); err != nil {
		return err
	}
	text, field := a.Body.Left, "left"
	if a.Body.Amount != "" {
		text, field = a.Body.Amount, "amount"
	}
	q, err := quantity.Parse(text)
	if err == nil && q.Sign() < 0 {
		err = fault.New(fault.Invalid, "%s is less than nothing", text).Field(field)
	}
	if err != nil || l.Whole.IsZero() {
		return err
	}
	less, err := l.Whole.Sub(q)
	if err != nil || a.Body.Amount == "" {
		return err
	}
	if c, err := less.Compare(l.Left); err != nil || c > 0 {
		return l.refuse("has %s left of %s: more than %s was taken already", l.Left, l.Whole, q).Field(field).Try("correct what was taken from it first")
	}
	return nil
}

func needs(text, field, help string) error {
	if strings.TrimSpace(text) == "" {
		return fault.New(fault.Invalid, "%s is missing", field).Field(field).Try("%s", help)
	}
	return nil
}

// Body returns what the record of an act says: the act, and how the lot stands
// after it. The act was checked.
func (l Lot) Body(a LotAct) (record.LotAct, error) {
	after := l
	if err := after.change(a.Kind, a.Happened, l.Last+1, a.Body, a.Rehearsal); err != nil {
		return record.LotAct{}, err
	}
	b := a.Body
	b.State = string(after.State)
	if !after.Whole.IsZero() {
		b.Left = after.Left.String()
	}
	return b, nil
}

// Apply brings the lot up to a record of its logbook, unless that was applied
// before.
func (l *Lot) Apply(r record.Record) error {
	if r.Number <= l.Last {
		return nil
	}
	l.Last = r.Number
	if !slices.Contains(record.LotKinds(), r.Kind) {
		return nil // histories and what else stands there
	}
	b, err := record.Read[record.LotAct](r)
	if err != nil {
		return err
	}
	if r.Kind == record.LotRegistered {
		l.By = r.By.Name
	}
	return l.change(r.Kind, r.Happened, r.Number, b, r.Rehearsal)
}

// Follow returns the lot that the records of a logbook tell of, in order.
func Follow(barcode string, records []record.Record) (Lot, error) {
	l := Lot{Barcode: barcode}
	for _, r := range records {
		if err := l.Apply(r); err != nil {
			return l, err
		}
	}
	return l, nil
}

// Descendant is a thing that was made from another one, with the runs that it was
// in.
type Descendant struct {
	Barcode string   `json:"barcode"`
	Kept    bool     `json:"kept,omitempty"` // it has a state and a balance
	Runs    []string `json:"runs,omitempty"`
}
