package lab

import (
	"context"
	"slices"
	"strings"
	"time"

	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/sample"
)

// Surface is what a label sticks on; it decides its size and its symbol.
type Surface string

// The surfaces.
const (
	OnVial  Surface = "vial"  // cryovials and tubes
	OnPlate Surface = "plate" //
	OnFlask Surface = "flask" // vessels, bottles, bags, boxes
)

// Surfaces lists them.
func Surfaces() []Surface { return []Surface{OnVial, OnPlate, OnFlask} }

// LabelItem is something of a run that wants a label.
type LabelItem struct {
	Code    string // what the scanner reads
	Title   string // of three lines of words
	Line2   string
	Line3   string
	Kind    string // of the thing; code for a coded bottle
	Surface Surface
	Blinded bool // it stands for a sealed group: the code is all that it says
}

// RunLabels lists what of a run wants a label: what it made, and the coded bottles
// of each block. Nothing in it says which group a code stands for. It fails with
// [fault.NotFound].
func (l *Lab) RunLabels(ctx context.Context, who record.Actor, run string) ([]LabelItem, error) {
	if err := Allowed(who, Look); err != nil {
		return nil, err
	}
	row, err := l.Index.Run(ctx, run)
	if err != nil {
		return nil, err
	}
	things, err := l.Index.MadeIn(ctx, run)
	if err != nil {
		return nil, err
	}
	var items []LabelItem
	for _, t := range things {
		if t.Kind == sample.Donor {
			continue
		}
		lot, err := l.Index.Stock(ctx, t.Barcode)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		lot.Barcode, lot.Kind = t.Barcode, t.Kind
		if lot.Made.IsZero() {
			lot.Made = t.Happened
		}
		lot.Made, lot.Expires = inZone(lot.Made, row.Zone), inZone(lot.Expires, row.Zone)
		items = append(items, labelOf(lot, run, row.Simulated))
	}
	bottles, err := l.bottles(ctx, who, run, row.Simulated)
	return append(items, bottles...), err
}

// LotLabel is the label of one lot. It fails as [Lab.Lot].
func (l *Lab) LotLabel(ctx context.Context, who record.Actor, barcode string) (LabelItem, error) {
	v, err := l.Lot(ctx, who, barcode)
	if fault.Is(err, fault.NotFound) {
		return LabelItem{}, l.Unread(ctx, who, barcode)
	}
	if err != nil {
		return LabelItem{}, err
	}
	if v.Kind == sample.Donor {
		return LabelItem{}, fault.New(fault.Refused, "a donor has no label").Try("print labels for what came from the donor")
	}
	return labelOf(v.Lot, "", v.Registered() && !v.Clock), nil
}

// inZone is a time on the clocks of a run's laboratory.
func inZone(t time.Time, zone string) time.Time {
	if place, err := time.LoadLocation(zone); err == nil && !t.IsZero() {
		return t.In(place)
	}
	return t
}

// labelOf writes a label: the code, what it is, and the dates that somebody with
// the tube in hand asks for.
func labelOf(lot sample.Lot, run string, rehearsal bool) LabelItem {
	const day = "02 Jan 2006"
	item := LabelItem{Kind: lot.Kind, Surface: surfaceOf(lot.Kind)}
	item.Code = lot.Barcode
	item.Title = labelLine(kindWord(lot.Kind), strings.Join(lot.Donors, " "))
	var each, made, ends string
	if !lot.Each.IsZero() {
		each = lot.Each.String()
	}
	if !lot.Made.IsZero() {
		made = "made " + lot.Made.Format(day)
	}
	if item.Surface == OnVial {
		run = "" // a tube is small: its code leads to the run
	}
	item.Line2 = labelLine(each, made, run)
	if !lot.Expires.IsZero() {
		ends = "exp " + lot.Expires.Format(day)
	}
	test := ""
	if rehearsal {
		test = "REHEARSAL"
	}
	item.Line3 = labelLine(ends, lot.Place, test)
	return item
}

func labelLine(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), " · ")
}

// kindWord is a kind of thing as a label says it.
func kindWord(kind string) string {
	switch kind {
	case sample.CM:
		return "CM"
	case sample.Unconditioned:
		return "Unconditioned"
	case "":
		return ""
	}
	return strings.ToUpper(kind[:1]) + kind[1:]
}

func surfaceOf(kind string) Surface {
	switch kind {
	case "vial", "aliquot", "sample", "tissue", "explant", sample.CM, sample.Unconditioned:
		return OnVial
	case "plate":
		return OnPlate
	}
	return OnFlask
}

// bottles are the coded bottles of each block: the code, the block, and no more.
func (l *Lab) bottles(ctx context.Context, who record.Actor, run string, rehearsal bool) ([]LabelItem, error) {
	plan, err := l.Plates(ctx, who, run)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var items []LabelItem
	for _, block := range plan.Blocks {
		for _, g := range block.Groups {
			if g.Title != protocol.SealedTitle { // open groups have names, and no bottle under a code
				continue
			}
			item := LabelItem{Kind: "code", Surface: OnFlask, Blinded: true}
			item.Code, item.Title, item.Line2 = g.Code, labelLine("Bottle "+g.Code, run), labelLine(block.Model, "block "+block.Block, "blinded")
			if rehearsal {
				item.Line3 = "REHEARSAL"
			}
			items = append(items, item)
		}
	}
	return items, nil
}
