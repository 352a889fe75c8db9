package sample

import (
	"encoding/json"
	"testing"
	"time"

	"secretome/internal/record"
)

var (
	monday = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	maker  = record.Actor{Kind: record.Person, Name: "Tim", Role: "technician"}
	other  = record.Actor{Kind: record.Person, Name: "Qing", Role: "quality"}
)

// book keeps one lot as its workflow does: an act is checked, its record is
// numbered, and the lot follows the record.
type book struct {
	lot     Lot
	records []record.Record
	now     time.Time
}

func newBook(barcode string) *book { return &book{lot: Lot{Barcode: barcode}, now: monday} }

// do does an act, and leaves everything as it was where the lot says no.
func (b *book) do(a LotAct) error {
	b.now = b.now.Add(time.Minute)
	if a.Happened.IsZero() {
		a.Happened = b.now
	}
	if a.By.Name == "" {
		a.By = other
	}
	if err := b.lot.Check(a); err != nil {
		return err
	}
	said, err := b.lot.Body(a)
	if err != nil {
		return err
	}
	body, err := record.Body(said)
	if err != nil {
		return err
	}
	d := record.Draft{Logbook: "lot/" + b.lot.Barcode, Request: a.Request, Kind: a.Kind, Received: b.now, Happened: a.Happened, By: a.By, Rehearsal: a.Rehearsal, Body: body}
	r := d.Numbered(b.lot.Last+1, "")
	if err := b.lot.Apply(r); err != nil {
		return err
	}
	b.records = append(b.records, r)
	return nil
}

// all does acts that must be accepted.
func (b *book) all(t *testing.T, acts ...LotAct) *book {
	t.Helper()
	for _, a := range acts {
		if err := b.do(a); err != nil {
			t.Fatalf("%s: %v", a.Kind, err)
		}
	}
	return b
}

func (b *book) left() string { return b.lot.Left.String() }

func registered(amount string) LotAct {
	return LotAct{Kind: record.LotRegistered, By: maker, Body: record.LotAct{Kind: "reagent", Title: "medium", Amount: amount}}
}

func released() LotAct { return LotAct{Kind: record.LotReleased} }

func draws(amount string) LotAct {
	return LotAct{Kind: record.LotDrawn, Body: record.LotAct{Amount: amount}}
}

func why(kind record.Kind, text string) LotAct {
	return LotAct{Kind: kind, Body: record.LotAct{Why: text}}
}

func again(kind record.Kind, draw int64, amount string) LotAct {
	return LotAct{Kind: kind, Body: record.LotAct{Draw: draw, Amount: amount, Why: "misread"}}
}

// stock is a lot of an amount that may be used.
func stock(t *testing.T, amount string) *book {
	t.Helper()
	return newBook("BM-1").all(t, registered(amount), released())
}

// text is all that is known of a lot, to compare two by.
func text(l Lot) string {
	data, err := json.Marshal(l)
	if err != nil {
		return err.Error()
	}
	return string(data)
}
