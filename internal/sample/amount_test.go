package sample

import (
	"encoding/json"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"secretome/internal/fault"
	"secretome/internal/quantity"
	"secretome/internal/record"
)

// Floating point leaves 1.9e-14 mL after a hundred draws of a tenth.
func TestAHundredDrawsOfATenthEmptyALot(t *testing.T) {
	b := stock(t, "10 mL")
	for range 100 {
		b.all(t, draws("0.1 mL"))
	}
	if b.left() != "0 mL" || b.lot.State != Depleted {
		t.Errorf("%s is left, it is %s", b.left(), b.lot.State)
	}
	if err := b.do(draws("0.1 mL")); !fault.Is(err, fault.Refused) || fault.Of(err).Message != "BM-1 has 0 mL left" {
		t.Errorf("draw 101: %v", err)
	}
	b = stock(t, "1.12 mL").all(t, draws("1120 µL"))
	if b.left() != "0 mL" || b.lot.State != Depleted {
		t.Errorf("1.12 mL less 1120 µL is %s, it is %s", b.left(), b.lot.State)
	}
	b = stock(t, "10 mL").all(t, draws("2 mL"), again(record.LotCorrected, 3, "1.12 mL"))
	if b.left() != "8.88 mL" {
		t.Errorf("2 mL corrected to 1.12 mL leaves %s of 10 mL", b.left())
	}
	said, err := record.Read[record.LotAct](b.records[3])
	if err != nil || said.Draw != 3 || said.Why != "misread" || b.records[3].By != other {
		t.Errorf("the correction says %+v, %v", said, err)
	}
}

// The amounts of the story in which a litre is typed for a millilitre.
func TestALitreForAMillilitre(t *testing.T) {
	b := stock(t, "500 mL")
	if err := b.do(draws("1 L")); !fault.Is(err, fault.Refused) || fault.Of(err).Message != "BM-1 has 500 mL left, 1000 mL is asked for" {
		t.Errorf("a litre: %v", err)
	}
	b.all(t, draws("100 mL"))
	if err := b.do(draws("450 mL")); !fault.Is(err, fault.Refused) || fault.Of(err).Message != "BM-1 has 400 mL left, 450 mL is asked for" {
		t.Errorf("450 mL of 400 mL: %v", err)
	}
	b.all(t, again(record.LotCorrected, 3, "10 mL"), draws("450 mL"))
	if b.left() != "40 mL" || len(b.records) != 5 {
		t.Errorf("%s is left after %d records", b.left(), len(b.records))
	}
	for i, want := range []record.LotAct{{Amount: "100 mL", Left: "400 mL"}, {Amount: "10 mL", Left: "490 mL", Draw: 3, Why: "misread"}, {Amount: "450 mL", Left: "40 mL"}} {
		want.State = string(Released)
		said, err := record.Read[record.LotAct](b.records[i+2])
		if err != nil || fmt.Sprint(said) != fmt.Sprint(want) {
			t.Errorf("entry %d is %+v, %v; want %+v", i, said, err, want)
		}
	}
}

// A draw that did not say how much may be told later.
func TestADrawOfAnUnknownAmountIsCorrected(t *testing.T) {
	b := stock(t, "10 mL").all(t, draws(""))
	if b.left() != "10 mL" {
		t.Errorf("%s is left", b.left())
	}
	if err := b.do(again(record.LotCorrected, 3, "11 mL")); !fault.Is(err, fault.Refused) || fault.Of(err).Message != "BM-1 has 10 mL left, 11 mL is asked for" {
		t.Errorf("more than there is: %v", err)
	}
	b.all(t, again(record.LotCorrected, 3, "4 mL"), again(record.LotCorrected, 3, "3 mL"))
	if b.left() != "7 mL" || b.lot.Drawn[3] != "3 mL" {
		t.Errorf("%s is left, the draw is of %s", b.left(), b.lot.Drawn[3])
	}
}

// Where nobody said how much there is, draws are kept without a balance.
func TestALotWithoutABalance(t *testing.T) {
	b := stock(t, "").all(t, draws("4 mL"), again(record.LotCorrected, 3, "5 mL"), draws(""), again(record.LotReturned, 3, ""))
	if !b.lot.Left.IsZero() || !b.lot.Whole.IsZero() || b.lot.State != Released {
		t.Errorf("%s of %s is left, it is %s", b.left(), b.lot.Whole, b.lot.State)
	}
}

// An aliquot is drawn without naming an amount.
func TestADrawOfOneAliquot(t *testing.T) {
	first := registered("2 mL")
	first.Body.Each = "500 uL"
	b := newBook("CM-1").all(t, first, released(), draws(""), draws(""), again(record.LotCorrected, 3, "1 mL"))
	if b.left() != "0.5 mL" {
		t.Errorf("%s is left of 2 mL after 1 mL and 0.5 mL", b.left())
	}
}

// Whatever is accepted, in whatever order: the lot never has less than nothing,
// what is left, drawn and lost is what there was, its logbook tells the same, and
// it survives the way through JSON.
func TestWhateverIsAcceptedKeepsTheBalance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b, lost := newBook("BM-1"), "0 mL"
		first := registered(rapid.SampledFrom([]string{"10 mL", "1.5 mL", "2500 uL", "0.01 L", "0 mL", ""}).Draw(t, "whole"))
		first.Body.Each = rapid.SampledFrom([]string{"", "500 uL", "0.1 mL"}).Draw(t, "each")
		first.Body.Thaws = rapid.IntRange(0, 3).Draw(t, "thaws")
		if rapid.Bool().Draw(t, "from stock") {
			first.Body.State = string(Released)
		}
		if err := b.do(first); err != nil {
			t.Fatal(err)
		}
		counted := false
		for range rapid.IntRange(1, 40).Draw(t, "acts") {
			a := anyAct(b).Draw(t, "act")
			open, unknown := b.lot.Drawn[a.Body.Draw], b.lot.Whole.IsZero()
			if b.do(a) != nil {
				continue
			}
			counted = counted || a.Kind == record.LotCounted && (a.Body.Amount == "" || unknown)
			if a.Kind == record.LotWrittenOff && open != "" {
				lost = sum(t, lost, open)
			}
			holds(t, b, lost, counted)
		}
	})
}

func anyAct(b *book) *rapid.Generator[LotAct] {
	amounts := rapid.SampledFrom([]string{"", "0.1 mL", "1 mL", "300 uL", "2.5 mL", "9 mL", "1 L"})
	return rapid.Custom(func(t *rapid.T) LotAct {
		a := LotAct{Kind: rapid.SampledFrom(record.LotKinds()).Draw(t, "kind"), Body: record.LotAct{Why: "because", Place: "freezer", To: "Tea"}}
		switch a.Kind {
		case record.LotDrawn, record.LotThawed:
			a.Body.Amount = amounts.Draw(t, "amount")
			a.Body.Aliquot = rapid.SampledFrom([]string{"", "", "A-1", "A-2"}).Draw(t, "aliquot")
		case record.LotReturned, record.LotCorrected, record.LotWrittenOff:
			a.Body.Draw = rapid.Int64Range(1, b.lot.Last).Draw(t, "draw")
			a.Body.Amount = amounts.Draw(t, "amount")
		case record.LotCounted:
			a.Body.Left = rapid.SampledFrom([]string{"0 mL", "5 mL", "700 uL"}).Draw(t, "left")
			a.Body.Amount = rapid.SampledFrom([]string{"", "8 mL", "20 mL", "600 uL"}).Draw(t, "amount")
		case record.LotRejected, record.LotExpired: // rarely: nothing comes back from there
			if rapid.IntRange(0, 9).Draw(t, "rarely") > 0 {
				a.Kind = record.LotOpened
			}
		case record.LotRegistered:
			a.Body.Kind = "reagent"
		default:
		}
		return a
	})
}

func holds(t *rapid.T, b *book, lost string, counted bool) {
	if b.lot.Left.Sign() < 0 {
		t.Fatalf("%s is left", b.left())
	}
	followed, err := Follow(b.lot.Barcode, b.records)
	if err != nil || text(followed) != text(b.lot) {
		t.Fatalf("its logbook tells %s, %v; it is %s", text(followed), err, text(b.lot))
	}
	var again Lot
	if err := json.Unmarshal([]byte(text(b.lot)), &again); err != nil || text(again) != text(b.lot) {
		t.Fatalf("through JSON it is %s, %v; it was %s", text(again), err, text(b.lot))
	}
	if (b.lot.State == Depleted) != (b.lot.State != Quarantine && b.lot.State != Rejected && b.lot.State != Expired && !b.lot.Whole.IsZero() && b.lot.Left.Sign() == 0) {
		t.Fatalf("it is %s with %s of %s", b.lot.State, b.left(), b.lot.Whole)
	}
	if counted || b.lot.Whole.IsZero() {
		return
	}
	all := sum(t, lost, b.left())
	for _, amount := range b.lot.Drawn {
		if amount != "" {
			all = sum(t, all, amount)
		}
	}
	total, err := quantity.Parse(all)
	if err != nil {
		t.Fatal(err)
	}
	if c, err := total.Compare(b.lot.Whole); err != nil || c != 0 {
		t.Fatalf("left, drawn and lost are %s, there were %s (%v)", all, b.lot.Whole, err)
	}
}

func sum(t *rapid.T, one, other string) string {
	a, err := quantity.Parse(one)
	if err != nil {
		t.Fatal(err)
	}
	b, err := quantity.Parse(other)
	if err != nil {
		t.Fatal(err)
	}
	all, err := a.Add(b)
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}
