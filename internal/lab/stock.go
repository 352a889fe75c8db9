package lab

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"secretome/internal/fault"
	"secretome/internal/quantity"
	"secretome/internal/record"
	"secretome/internal/sample"
)

// Which lots a list of the stock shows.
const (
	InStock = "stock" // what is not used up and not rejected, also what is expired and must be put aside
	OnHold  = "held"  // on hold or in quarantine: somebody decides
	Gone    = "gone"  // used up or rejected
	AllLots = "all"
)

// StockFilter chooses lots of the stock. Of donors there is a list of their own:
// they are shown only where Kind is donor.
type StockFilter struct {
	Kind  string // empty: all but donors
	Show  string // InStock where it is empty
	Text  string // in the barcode, the title or the place
	From  int    // how many to leave out
	Limit int    // how many rows at most, above 0
}

// StockRow is one lot of the list.
type StockRow struct {
	sample.Lot
	Runs []string // in which it was scanned
	Fitness
}

// Fitness is what a lot's state means now.
type Fitness struct {
	Expired bool              // it is past its expiry
	Days    int               // whole days until it expires
	Soon    bool              // that is two weeks or less
	OneUse  quantity.Quantity // the most that was taken at once, else one aliquot; zero: nobody knows
	Low     bool              // less is left than one use
}

// soon is from how many days before its expiry a lot is marked.
const soon = 14

// FitnessOf tells what a lot's state means at a time. The expiry of what a
// rehearsal made is a time of the rehearsal, and is not held against this one.
func FitnessOf(lot sample.Lot, now time.Time) Fitness {
	var s Fitness
	s.Expired = lot.State == sample.Expired
	if lot.Clock && !lot.Expires.IsZero() {
		s.Expired = s.Expired || now.After(lot.Expires)
		s.Days = int(lot.Expires.Sub(now) / (24 * time.Hour))
		s.Soon = !s.Expired && s.Days <= soon
	}
	s.OneUse = oneUse(lot)
	if lot.State == sample.Released && !lot.Whole.IsZero() && !s.OneUse.IsZero() {
		c, err := lot.Left.Compare(s.OneUse)
		s.Low = err == nil && c < 0
	}
	return s
}

// oneUse is the greatest draw that is still open, else one aliquot.
func oneUse(lot sample.Lot) quantity.Quantity {
	most := lot.Each
	found := false
	for _, text := range lot.Drawn {
		q, err := quantity.Parse(text)
		if text == "" || err != nil {
			continue
		}
		if c, err := q.Compare(most); !found || err == nil && c > 0 {
			most, found = q, true
		}
	}
	return most
}

// StockPage is a part of the list.
type StockPage struct {
	Rows  []StockRow
	Found int // before the page was cut
	Next  int // what to leave out for the next page; 0: this is the last one
}

// Stock lists lots, what expires first first; what is used up or rejected comes
// last. It fails with [fault.Usage] for a kind of which no balance is kept, and
// with [fault.Invalid] for another choice that there is not.
func (l *Lab) Stock(ctx context.Context, who record.Actor, f StockFilter) (StockPage, error) {
	f.Show = cmp.Or(f.Show, InStock)
	if !slices.Contains([]string{InStock, OnHold, Gone, AllLots}, f.Show) {
		return StockPage{}, fault.New(fault.Invalid, "%q is no choice of lots", f.Show).Field("show").Try("Choose one of the links above the list")
	}
	all, err := l.Lots(ctx, who, f.Kind)
	if err != nil {
		return StockPage{}, err
	}
	all = slices.DeleteFunc(all, func(lot sample.Lot) bool { return !f.shows(lot) })
	slices.SortStableFunc(all, byExpiry)
	p := StockPage{Found: len(all)}
	all = all[min(max(f.From, 0), len(all)):]
	if f.Limit > 0 && len(all) > f.Limit {
		all, p.Next = all[:f.Limit], max(f.From, 0)+f.Limit
	}
	now := l.Now()
	for _, lot := range all {
		row := StockRow{Lot: lot, Fitness: FitnessOf(lot, now)}
		if row.Runs, err = l.Index.RunsOf(ctx, lot.Barcode); err != nil {
			return p, err
		}
		p.Rows = append(p.Rows, row)
	}
	return p, nil
}

func (f StockFilter) shows(lot sample.Lot) bool {
	if f.Kind == "" && lot.Kind == sample.Donor {
		return false
	}
	text := strings.ToLower(lot.Barcode + "\n" + lot.Title + "\n" + lot.Place)
	if !strings.Contains(text, strings.ToLower(strings.TrimSpace(f.Text))) {
		return false
	}
	gone := over(lot)
	switch f.Show {
	case InStock:
		return !gone
	case OnHold:
		return lot.Held != "" || lot.State == sample.Quarantine
	case Gone:
		return gone
	}
	return true
}

func over(lot sample.Lot) bool { return lot.State == sample.Depleted || lot.State == sample.Rejected }

// byExpiry puts what expires first first, what never does behind it, and what is
// over at the end.
func byExpiry(a, b sample.Lot) int {
	rank := func(lot sample.Lot) int {
		switch {
		case over(lot):
			return 2
		case lot.Expires.IsZero():
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(rank(a), rank(b)), a.Expires.Compare(b.Expires), strings.Compare(a.Barcode, b.Barcode))
}
