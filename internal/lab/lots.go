package lab

import (
	"context"
	"strings"
	"time"

	"secretome/activities"
	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/record"
	"secretome/internal/sample"
	"secretome/workflows"
)

// LotRequest is one thing that a person does to a lot, vial, reagent or donor.
type LotRequest struct {
	Request  string
	Barcode  string
	Kind     record.Kind
	Happened time.Time // zero: now
	Body     record.LotAct
}

// LotActed is the answer.
type LotActed struct {
	activities.LotAnswer
	Follows bool // saved; the lists will show it in a moment
}

// ToLot returns the command that does an act to a lot.
func ToLot(kind record.Kind) Command {
	verb, ok := sample.VerbOf(kind)
	if !ok {
		verb = string(kind) // which nobody may do
	}
	return Command("lot " + verb)
}

// ActOnLot does one thing to a lot. What nobody registered, and is known from a
// run, is registered first, so that a vessel can be put on hold like a lot.
func (l *Lab) ActOnLot(ctx context.Context, who record.Actor, q LotRequest) (LotActed, error) {
	if err := Allowed(who, ToLot(q.Kind)); err != nil {
		return LotActed{}, err
	}
	if err := checkRequest(q.Request); err != nil {
		return LotActed{}, err
	}
	if err := checkBarcode(q.Barcode); err != nil {
		return LotActed{}, err
	}
	if q.Happened.IsZero() {
		q.Happened = l.Now()
	}
	if err := l.known(ctx, who, q); err != nil {
		return LotActed{}, err
	}
	return l.toLot(ctx, q.Barcode, sample.LotAct{Kind: q.Kind, Request: q.Request, By: who, Happened: q.Happened.UTC(), Body: q.Body})
}

func (l *Lab) toLot(ctx context.Context, barcode string, a sample.LotAct) (LotActed, error) {
	within, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	answer, err := l.reach().Do(within, activities.ToLotInput{Barcode: barcode, Act: a})
	if err != nil {
		return LotActed{}, err
	}
	return LotActed{answer, !l.shown(ctx, answer.Record)}, nil
}

func (l *Lab) reach() activities.Reach {
	return activities.Reach{Temporal: l.Temporal, Logbooks: l.Logbooks, Queue: workflows.Queue}
}

// known registers what a run made and nobody keeps, before something is done to
// it by hand.
func (l *Lab) known(ctx context.Context, who record.Actor, q LotRequest) error {
	if q.Kind == record.LotRegistered {
		return nil
	}
	if _, err := l.Index.Stock(ctx, q.Barcode); err == nil || !fault.Is(err, fault.NotFound) {
		return err
	}
	made, ok, err := l.Index.Maker(ctx, q.Barcode)
	if err != nil || !ok {
		return err // the lot itself says that it is not registered
	}
	first, err := l.Logbooks.Record(ctx, made.Record.Logbook, made.Record.Number)
	if err != nil {
		return err
	}
	ref, err := first.Ref()
	if err != nil {
		return err
	}
	body := record.LotAct{Kind: made.Kind, Title: made.Kind + " of " + strings.TrimPrefix(made.Record.Logbook, "run/"), State: string(sample.Released)}
	_, err = l.toLot(ctx, q.Barcode, sample.LotAct{
		Kind: record.LotRegistered, Request: q.Request + "/register", By: who, Happened: made.Happened, Rehearsal: first.Rehearsal,
		Uses: []record.Use{ref.As("made")}, Body: body,
	})
	return err
}

func checkBarcode(barcode string) error {
	if barcode == "" || strings.Trim(barcode, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") != "" {
		return fault.New(fault.Invalid, "%q is no barcode of a lot", barcode).Field("barcode").Try("letters, digits, points, hyphens and underscores")
	}
	return nil
}

// LotView is all about one thing.
type LotView struct {
	sample.Lot
	Scans       []index.Thing
	Flags       []index.Flag
	Ancestors   []index.Relative
	Descendants []index.Relative
	Records     []record.Record // of its own logbook
}

// Lots lists the kept things of a kind; all where it is empty.
func (l *Lab) Lots(ctx context.Context, who record.Actor, kind string) ([]sample.Lot, error) {
	if err := Allowed(who, Look); err != nil {
		return nil, err
	}
	if kind != "" && !sample.Kept(kind) {
		return nil, fault.New(fault.Usage, "of a %q no balance is kept", kind).Field("kind").Try("kinds are: %s", strings.Join(sample.KeptKinds(), ", "))
	}
	return l.Index.AllStock(ctx, kind)
}

// Lot tells all about a thing: a lot, or whatever was scanned in a run. It fails
// with [fault.NotFound].
func (l *Lab) Lot(ctx context.Context, who record.Actor, barcode string) (LotView, error) {
	if err := Allowed(who, Look); err != nil {
		return LotView{}, err
	}
	lot, err := l.Index.Stock(ctx, barcode)
	unknown := fault.Is(err, fault.NotFound)
	if err != nil && !unknown {
		return LotView{}, err
	}
	v := LotView{Lot: lot}
	if v.Scans, err = l.Index.Things(ctx, barcode); err != nil {
		return v, err
	}
	if unknown {
		if len(v.Scans) == 0 {
			return v, fault.New(fault.NotFound, "no thing %q is known", barcode).Try("see what is registered with: secretome lot list")
		}
		v.Barcode, v.Kind = barcode, v.Scans[0].Kind
	}
	return v, l.relatives(ctx, &v, barcode)
}

func (l *Lab) relatives(ctx context.Context, v *LotView, barcode string) (err error) {
	if v.Flags, err = l.Index.Flags(ctx, barcode); err != nil {
		return err
	}
	if v.Ancestors, err = l.Index.Ancestors(ctx, barcode); err != nil {
		return err
	}
	if v.Descendants, err = l.Index.Descendants(ctx, barcode); err != nil {
		return err
	}
	v.Records, err = l.Logbooks.Read(ctx, activities.LotID(barcode), 0, 0)
	return err
}

// checkScans refuses a scan of a thing that may not be used any more: the person
// at the bench hears why before anything is done with it.
func (l *Lab) checkScans(ctx context.Context, step []record.Entry, scans map[string]bool, at time.Time) error {
	for _, e := range step {
		if !scans[e.Field] {
			continue
		}
		lot, err := l.Index.Stock(ctx, e.Value)
		if err == nil {
			err = lot.Unfit(at)
		} else if fault.Is(err, fault.NotFound) {
			err = l.flagged(ctx, e.Value)
		}
		if err != nil {
			return inField(err, e.Field)
		}
	}
	return nil
}

func (l *Lab) flagged(ctx context.Context, barcode string) error {
	flags, err := l.Index.Flags(ctx, barcode)
	if err != nil || len(flags) == 0 {
		return err
	}
	last := flags[len(flags)-1]
	return fault.New(fault.Refused, "%s is flagged as %s: %s", barcode, last.State, last.Why).Try("put it aside; record %d of %s tells of it", last.Record.Number, last.Record.Logbook)
}

// checkNew refuses a label for something new that another thing has already. In a
// rehearsal only its own run counts, since scripts use the same labels again.
func (l *Lab) checkNew(ctx context.Context, id string, entries []record.Entry, made map[string]bool, rehearsal bool) error {
	for _, e := range entries {
		if !made[e.Field] {
			continue
		}
		all, err := l.Index.Things(ctx, e.Value)
		if err != nil {
			return err
		}
		for _, t := range all {
			elsewhere := t.Record.Logbook != workflows.Logbook(runOf(id))
			if t.Made && t.Task != id && (!rehearsal || !elsewhere) {
				return fault.New(fault.Conflict, "%s is the label of a %s already, made by %s", e.Value, t.Kind, t.By).Field(e.Field).Try("use another label: a barcode names one thing for ever")
			}
		}
	}
	return nil
}

func inField(err error, field string) error {
	f := fault.Of(err)
	if f.Place.Field == "" {
		f.Place.Field = field
	}
	return f
}
