package web

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"secretome/internal/fault"
	"secretome/internal/lab"
	"secretome/internal/quantity"
	"secretome/internal/record"
	"secretome/internal/sample"
)

// newLotPage registers what no run made: a reagent, a vial that was bought.
type newLotPage struct {
	Typed  map[string]string
	Kinds  []kindChoice
	Places []string
}

type kindChoice struct{ Kind, Word string }

// newLotFields are the names of the form's fields.
func newLotFields() []string {
	return []string{"barcode", "kind", "title", "amount", "each", "expires", "place", "matched", "parents", "state", "thaws"}
}

func (p *page) newLotPage() (newLotPage, error) {
	in := newLotPage{Typed: map[string]string{}}
	for _, name := range newLotFields() {
		in.Typed[name] = p.value(name)
	}
	for _, k := range sample.KeptKinds() {
		if k != sample.Donor { // a donor comes into the record by consent only
			in.Kinds = append(in.Kinds, kindChoice{k, kindWord(k)})
		}
	}
	var err error
	in.Places, err = p.placeNames()
	return in, err
}

func (p *page) placeNames() ([]string, error) {
	places, err := p.lab.Storage(p.r.Context(), p.Who)
	var names []string
	for _, s := range places {
		names = append(names, s.Place.Place)
	}
	return names, err
}

func (p *page) newLot() error {
	in, err := p.newLotPage()
	if err != nil {
		return err
	}
	if in.Typed["kind"] == "" {
		in.Typed["kind"] = "reagent"
	}
	return p.show("lotnew", "lots", "Register a lot", in)
}

func (p *page) addLot() error {
	request, err := p.postedRequest()
	if err != nil {
		return err
	}
	in, err := p.newLotPage()
	if err != nil {
		return err
	}
	body, err := p.newLotBody(in.Typed)
	var done lab.LotActed
	if err == nil {
		done, err = p.lab.ActOnLot(p.r.Context(), p.Who, lab.LotRequest{Request: request, Barcode: in.Typed["barcode"], Kind: record.LotRegistered, Body: body})
	}
	if err != nil {
		return p.again(inWordsOfPages(atBarcode(err)), "lotnew", "lots", "Register a lot", in)
	}
	return p.see(fmt.Sprintf("/lots/%s?done=%d", url.PathEscape(in.Typed["barcode"]), done.Record.Number))
}

// atBarcode puts what is said of a barcode that is taken to its field.
func atBarcode(err error) error {
	f := fault.Of(err)
	if f.Kind == fault.Conflict && f.Place.Field == "" {
		return fault.New(f.Kind, "%s", f.Message).Field("barcode").Try("%s", f.Help)
	}
	return err
}

func (p *page) newLotBody(typed map[string]string) (record.LotAct, error) {
	b := record.LotAct{Kind: typed["kind"], Title: typed["title"], Matched: typed["matched"], State: typed["state"], Place: typed["place"]}
	var wrong faultList
	if typed["barcode"] == "" {
		wrong.add(fault.New(fault.Invalid, "Scan the label, or type its ID").Field("barcode"))
	}
	if !slices.Contains(sample.KeptKinds(), b.Kind) || b.Kind == sample.Donor {
		wrong.add(fault.New(fault.Invalid, "Choose what it is").Field("kind"))
	}
	if b.Title == "" {
		wrong.add(fault.New(fault.Invalid, "Enter what stands on the bottle").Field("title").Try("Like “DMEM/F12 without phenol red”"))
	}
	if b.State != "" && b.State != string(sample.Quarantine) && b.State != string(sample.Released) {
		wrong.add(fault.New(fault.Invalid, "Choose how it stands").Field("state"))
	}
	var err error
	for name, into := range map[string]*string{"amount": &b.Amount, "each": &b.Each} {
		if typed[name] != "" {
			*into, err = typedAmount(actField{Name: name, Value: typed[name]})
			wrong.add(err)
		}
	}
	if b.Place != "" {
		b.Place, err = sample.CleanPlace(b.Place)
		wrong.add(err)
	}
	wrong.add(p.typedExpiry(typed["expires"], &b.Expires))
	for _, code := range strings.FieldsFunc(typed["parents"], func(r rune) bool { return r == ',' || r == ' ' || r == ';' || r == '\n' }) {
		b.Parents = append(b.Parents, code)
		wrong.add(p.knownThing("parents", code))
	}
	if b.Matched != "" {
		wrong.add(p.knownThing("matched", b.Matched))
	}
	wrong.add(sameUnit(b))
	return b, wrong.err()
}

// knownThing says at its field where no label reads so.
func (p *page) knownThing(field, code string) error {
	_, err := p.lab.Lot(p.r.Context(), p.Who, code)
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	f := fault.Of(p.lab.Unread(p.r.Context(), p.Who, code))
	return fault.New(fault.Invalid, "%s", f.Message).Field(field).Try("%s", f.Help)
}

// typedExpiry reads the last day, which counts to its end in lab time.
func (p *page) typedExpiry(text string, into *time.Time) error {
	if text == "" {
		return nil
	}
	day, err := time.ParseInLocation(time.DateOnly, text, p.Zone)
	if err != nil {
		return fault.New(fault.Invalid, "“%s” is no day", text).Field("expires").Try("Enter it like 2027-03-31")
	}
	*into = day.AddDate(0, 0, 1).Add(-time.Second)
	if into.Before(p.Now()) {
		return fault.New(fault.Invalid, "It expired on %s", day.Format("2 Jan 2006")).Field("expires").Try("Put it aside; what is expired is not registered")
	}
	return nil
}

// sameUnit refuses an aliquot in another unit than the whole, or larger than it.
func sameUnit(b record.LotAct) error {
	if b.Amount == "" || b.Each == "" {
		return nil
	}
	whole, err := quantity.Parse(b.Amount)
	if err != nil {
		return err
	}
	each, err := quantity.Parse(b.Each)
	if err != nil {
		return err
	}
	c, err := each.Compare(whole)
	if err != nil || c > 0 {
		return fault.New(fault.Invalid, "One aliquot of %s is not part of %s in all", amount(each), amount(whole)).Field("each").Try("Enter both in the same unit, the aliquot as the smaller one")
	}
	return nil
}
