package web

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"secretome/internal/fault"
	"secretome/internal/lab"
	"secretome/internal/quantity"
	"secretome/internal/record"
	"secretome/internal/sample"
)

// lotActRoutes have a page and a form for each act, so that the table of who may
// do what names each.
func lotActRoutes() []route {
	routes := []route{
		{"GET /lots/new", lab.ToLot(record.LotRegistered), (*page).newLot},
		{"POST /lots/new", lab.ToLot(record.LotRegistered), (*page).addLot},
	}
	for _, a := range lotActs() {
		path := " /lots/{lot}/" + a.verb
		routes = append(routes,
			route{"GET" + path, a.needs(), func(p *page) error { return p.lotAct(a) }},
			route{"POST" + path, a.needs(), func(p *page) error { return p.doToLot(a) }})
	}
	return routes
}

// lotActPage says what will happen, and asks what must be known for it.
type lotActPage struct {
	lab.LotDesk
	Title, Button string
	Stop          bool
	Will          []string
	WhyNot        string // it cannot be done now; empty: it can
	Fields        []actField
	Self, Back    string
	Sign          lotSign
	Places        []string
	Kind          string
}

// actField is one field of the form.
type actField struct {
	Name, Label, Hint, Unit, Value string
	Type                           string // text, decimal, why, draw, time, place
	Need                           bool
	Options                        []drawRow
}

func (p *page) lotAct(a lotAct) error {
	in, err := p.lotActPage(a)
	if err != nil {
		return err
	}
	return p.show("lotact", "lots", a.title+": "+in.Barcode, in)
}

func (p *page) lotActPage(a lotAct) (lotActPage, error) {
	d, err := p.lab.LotDesk(p.r.Context(), p.Who, p.r.PathValue("lot"))
	if err != nil {
		return lotActPage{}, err
	}
	in := lotActPage{LotDesk: d, Title: a.title, Button: a.button, Stop: a.stop, Will: a.will(d), Sign: signOf(d.Lot, d.Fitness), Kind: kindWord(d.Kind)}
	in.Self, in.Back = a.href(d), "/lots/"+url.PathEscape(d.Barcode)
	if !a.possible(d) {
		in.WhyNot = a.whyNot(p.Who, d)
	}
	for _, name := range a.fields {
		in.Fields = append(in.Fields, p.actField(a, name, d))
		if name == "place" {
			if in.Places, err = p.placeNames(); err != nil {
				return in, err
			}
		}
	}
	return in, nil
}

// actField is a field with what was typed, or what is known before.
func (p *page) actField(a lotAct, name string, d lab.LotDesk) actField {
	f := actField{Name: name, Value: p.value(name), Type: "text"}
	switch name {
	case "amount":
		f.Label, f.Type, f.Unit, f.Need = "Amount", "decimal", unitOf(d.Lot), a.kind == record.LotCorrected || d.Each.IsZero() && !d.Whole.IsZero()
		if f.Unit == "" {
			f.Type, f.Hint = "text", "With its unit, like 0.5 mL. Nobody said how much there was, so no balance is kept"
		}
	case "left":
		f.Label, f.Type, f.Unit, f.Need = "Left", "decimal", unitOf(d.Lot), true
		if f.Unit == "" {
			f.Type, f.Hint = "text", "With its unit, like 12 mL. From then on a balance is kept"
		}
	case "aliquot":
		f.Label, f.Hint = "Aliquot", "Scan its label. Empty where the whole is meant"
	case "run":
		f.Label, f.Hint = "For which run", "Its ID. Empty where it is for none"
	case "to":
		f.Label, f.Hint, f.Need = "To whom", "The name under which they sign in", true
	case "place":
		f.Label, f.Hint, f.Type, f.Need = "Place", "Freezer, rack, box, like F-80-2, rack B", "place", true
	case "draw":
		f.Label, f.Type, f.Need = "Which draw", "draw", true
		for _, draw := range d.Draws {
			if _, still := d.Drawn[draw.Number]; still {
				f.Options = append(f.Options, drawRow{Draw: draw})
			}
		}
	case "happened":
		f.Label, f.Hint, f.Type = "When", "Lab time, "+p.Now().Format("MST")+". Empty: now", "time"
	case "why":
		f.Label, f.Type, f.Need = "Why", "why", whyNeeded(a)
	}
	return f
}

// whyNeeded says which acts are refused without a reason.
func whyNeeded(a lotAct) bool {
	switch a.kind {
	case record.LotDrawn, record.LotOpened, record.LotThawed, record.LotMoved, record.LotFrozen, record.LotHandedOver, record.LotReleased:
		return false
	}
	return true
}

// unitOf is in which unit a lot's amounts are typed; empty where nobody said one.
func unitOf(lot sample.Lot) string {
	if !lot.Whole.IsZero() {
		return lot.Whole.Unit()
	}
	return lot.Each.Unit()
}

// doToLot takes the form of an act.
func (p *page) doToLot(a lotAct) error {
	request, err := p.postedRequest()
	if err != nil {
		return err
	}
	in, err := p.lotActPage(a)
	if err != nil {
		return err
	}
	body, happened, err := p.lotBody(a, in)
	var done lab.LotActed
	if err == nil {
		done, err = p.sendLotAct(a, request, in.Barcode, body, happened)
	}
	if err != nil {
		return p.again(inWordsOfPages(atAmount(err)), "lotact", "lots", a.title+": "+in.Barcode, in)
	}
	return p.see(fmt.Sprintf("%s?done=%d", in.Back, done.Record.Number))
}

func (p *page) sendLotAct(a lotAct, request, barcode string, body record.LotAct, happened time.Time) (lab.LotActed, error) {
	if a.needs() == lab.Recall {
		return p.lab.Recall(p.r.Context(), p.Who, lab.RecallRequest{Request: request, Thing: barcode, Why: body.Why})
	}
	return p.lab.ActOnLot(p.r.Context(), p.Who, lab.LotRequest{Request: request, Barcode: barcode, Kind: a.kind, Happened: happened, Body: body})
}

// lotBody reads the fields, and says of all of them at once what is wrong.
func (p *page) lotBody(a lotAct, in lotActPage) (record.LotAct, time.Time, error) {
	var b record.LotAct
	var happened time.Time
	var wrong faultList
	for _, f := range in.Fields {
		if f.Value == "" {
			if f.Need {
				wrong.add(missing(a, f))
			}
			continue
		}
		var err error
		switch f.Name {
		case "amount":
			b.Amount, err = typedAmount(f)
		case "left":
			b.Left, err = typedAmount(f)
		case "aliquot":
			b.Aliquot = f.Value
		case "run":
			b.Run, err = f.Value, p.lab.KnownRun(p.r.Context(), p.Who, f.Value)
		case "to":
			b.To = f.Value
		case "place":
			b.Place, err = sample.CleanPlace(f.Value)
		case "draw":
			b.Draw, err = typedDraw(f)
		case "happened":
			happened, err = p.typedTime(f.Name, f.Value)
		case "why":
			b.Why = f.Value
		}
		wrong.add(err)
	}
	return b, happened, wrong.err()
}

// atAmount puts what is said of an amount that is not there to its field.
func atAmount(err error) error {
	f := fault.Of(err)
	if f.Kind == fault.Refused && strings.HasSuffix(f.Message, "is asked for") {
		return fault.New(f.Kind, "%s", plainUnits(f.Message)).Field("amount").Try("%s", f.Help)
	}
	return err
}

// missing says what a field that must be filled is for.
func missing(a lotAct, f actField) error {
	switch {
	case a.kind == record.ConsentWithdrawn && f.Name == "why":
		return fault.New(fault.Invalid, "Enter how the consent was withdrawn").Field("why").Try("Like “in writing, 12 March”. Never who the person is")
	case f.Name == "why":
		return fault.New(fault.Invalid, "Enter why").Field("why").Try("It stands in the record beside what you do")
	case f.Name == "draw":
		return fault.New(fault.Invalid, "Choose which draw you mean").Field("draw")
	case f.Unit != "":
		return fault.New(fault.Invalid, "Enter the amount in %s", quantity.Word(f.Unit)).Field(f.Name)
	case f.Name == "left":
		return fault.New(fault.Invalid, "Enter how much is left, with its unit").Field(f.Name)
	case f.Name == "to":
		return fault.New(fault.Invalid, "Enter who has it from now on").Field(f.Name)
	}
	return fault.New(fault.Invalid, "Enter where it lies").Field(f.Name)
}

// typedAmount reads an amount: a number where the unit is known, else both.
func typedAmount(f actField) (string, error) {
	text := f.Value
	if f.Unit == "" {
		q, err := quantity.Parse(text)
		if err != nil {
			return "", fault.New(fault.Invalid, "“%s” is no amount", text).Field(f.Name).Try("Enter a number and a unit, like 0.5 mL")
		}
		return q.String(), nil
	}
	if strings.ContainsFunc(text, isLetter) {
		return "", fault.New(fault.Invalid, "Enter the number only. The unit is already %s", quantity.Word(f.Unit)).Field(f.Name)
	}
	q, err := quantity.Parse(text + " " + f.Unit)
	if err != nil {
		return "", fault.New(fault.Invalid, "“%s” is no number", text).Field(f.Name).Try("Enter a number like 0.5")
	}
	if q.Sign() < 0 || q.Sign() == 0 && f.Name == "amount" {
		return "", fault.New(fault.Invalid, "%s is nothing that can be taken", amount(q)).Field(f.Name).Try("Enter a number above zero")
	}
	return q.String(), nil
}

func isLetter(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == 'µ' || r == 'μ' || r == '%' || r == '°'
}

// typedDraw reads which draw is meant. Whether it is still open, the lot says: a
// form that is sent twice is answered as the first time.
func typedDraw(f actField) (int64, error) {
	n, err := strconv.ParseInt(f.Value, 10, 64)
	if err != nil {
		return 0, fault.New(fault.Invalid, "Choose which draw you mean").Field("draw")
	}
	return n, nil
}

// typedTime reads a moment of lab time. Nothing was done in the future.
func (p *page) typedTime(field, text string) (time.Time, error) {
	for _, layout := range []string{"2006-01-02T15:04", "2006-01-02T15:04:05", "2006-01-02 15:04"} {
		at, err := time.ParseInLocation(layout, text, p.Zone)
		if err != nil {
			continue
		}
		if at.After(p.Now().Add(time.Minute)) {
			return at, fault.New(fault.Invalid, "%s is in the future", at.Format("2 Jan 2006 15:04")).Field(field).Try("Enter when it was done, in lab time")
		}
		return at, nil
	}
	return time.Time{}, fault.New(fault.Invalid, "“%s” is no time", text).Field(field).Try("Enter it like 2026-03-02 14:05")
}
