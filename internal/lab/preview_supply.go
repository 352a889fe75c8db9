package lab

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"secretome/internal/fault"
	"secretome/internal/forecast"
	"secretome/internal/protocol"
	"secretome/internal/quantity"
	"secretome/internal/record"
	"secretome/internal/sample"
)

// DonorCheck is what is known of the donor that a draft names.
type DonorCheck struct {
	Asked bool       // the protocol has a stage in which a donor is scanned
	Lot   sample.Lot // the donor; without a state where none is named or known
	Err   *fault.Fault
}

// LotCheck is a material that tasks use, and the lots that were chosen for it.
type LotCheck struct {
	protocol.Material
	Used   forecast.Used
	Needed quantity.Quantity // in all; zero: the protocol does not say
	Chosen []sample.Lot
	Offers []sample.Lot // that may be used and last
	Err    *fault.Fault
}

// Field is the name of the form's field.
func (c LotCheck) Field() string { return "lot-" + c.ID }

// Medium is how much conditioned medium a run needs, and where it comes from.
type Medium struct {
	Needed  quantity.Quantity // zero: the protocol does not say
	Makes   int               // lots of conditioned medium that the run itself makes
	Range   [2]float64        // mL a lot, as the protocol allows; zero: it does not say
	Earlier int               // lots that earlier runs made, with a known volume
	Yield   [3]float64        // their least, middle and greatest volume in mL
	Stock   float64           // mL left of the lots that were chosen
	Chosen  int               // of them
}

// supplied holds donor, lots and medium against the plan.
func (l *Lab) supplied(ctx context.Context, s *Sketch, course forecast.Course) error {
	stock, err := l.Index.AllStock(ctx, "")
	if err != nil {
		return err
	}
	s.donor(stock)
	for _, u := range course.Uses(s.Plan) {
		c := LotCheck{Material: protocol.Material{ID: u.Material, Title: u.Title}, Used: u}
		for _, m := range s.Protocol.Materials {
			if m.ID == u.Material {
				c.Material = m
			}
		}
		for _, n := range s.Plan.Supplies {
			if n.Material == u.Material {
				c.Needed = n.Amount
			}
		}
		c.check(s, stock)
		if c.Err != nil {
			s.refuse(c.Field(), c.Err)
		}
		s.Lots = append(s.Lots, c)
	}
	s.medium(stock)
	return nil
}

// donor checks that the donor who is named has given consent.
func (s *Sketch) donor(stock []sample.Lot) {
	for _, f := range scans(s.Protocol) {
		s.Donor.Asked = s.Donor.Asked || f.Thing.Is == sample.Donor
	}
	code := s.Draft.Donor
	if code == "" {
		return
	}
	lot, ok := find(stock, code)
	var err error
	switch {
	case !ok:
		err = fault.New(fault.Refused, "Donor %s has no consent on file. A run cannot start", code).Try("register the donor with their consent on the page Donors, or leave this empty where the run itself asks for the consent")
	case lot.Kind != sample.Donor:
		err = fault.New(fault.Invalid, "%s is a %s, no donor", code, lot.Kind).Try("scan the code of the donor")
	case lot.Usable(time.Time{}) != nil:
		f := fault.Of(lot.Usable(time.Time{}))
		err = fault.New(fault.Refused, "Donor %s. A run cannot start", f.Message).Try("take material of another donor")
	case lot.Clock == s.Draft.Rehearsal:
		err = mixed(lot)
	}
	s.Donor.Lot = lot
	if err != nil {
		s.Donor.Err = fault.Of(err)
		s.refuse("donor", err)
	}
}

// mixed refuses what is real in a rehearsal, and the other way round.
func mixed(lot sample.Lot) error {
	if lot.Clock {
		return fault.New(fault.Refused, "%s is real, and this is a rehearsal", lot.Barcode).Try("give the rehearsal things of its own")
	}
	return fault.New(fault.Refused, "%s was made up by a rehearsal", lot.Barcode).Try("take one that exists")
}

func find(stock []sample.Lot, barcode string) (sample.Lot, bool) {
	i := slices.IndexFunc(stock, func(l sample.Lot) bool { return l.Barcode == barcode })
	if i < 0 {
		return sample.Lot{}, false
	}
	return stock[i], true
}

// scans are all fields in which something is scanned.
func scans(p protocol.Protocol) []protocol.Field {
	var all []protocol.Field
	for _, t := range tasksOf(p) {
		for _, step := range t.Steps {
			for _, f := range step.Fields {
				if f.Kind == protocol.Scan {
					all = append(all, f)
				}
			}
		}
	}
	return all
}

// tasksOf are all tasks of a protocol, those of assays behind the stages'.
func tasksOf(p protocol.Protocol) []protocol.Task {
	var all []protocol.Task
	for _, s := range p.Stages {
		all = append(all, s.Tasks...)
	}
	for _, a := range p.Assays {
		all = append(all, a.Prepare, a.Read)
	}
	return all
}

// Barcodes splits what was typed into a field for lots.
func Barcodes(typed string) []string {
	return strings.FieldsFunc(typed, func(r rune) bool { return r == ',' || r == ';' || r == ' ' || r == '\t' || r == '\n' })
}

// check holds the lots that were chosen against the plan, and finds others.
func (c *LotCheck) check(s *Sketch, stock []sample.Lot) {
	const mostOffers = 40
	kinds := c.kinds(s.Protocol)
	for _, lot := range stock {
		fits := slices.Contains(kinds, lot.Kind) && lot.Clock != s.Draft.Rehearsal && lot.Usable(s.Start) == nil
		if fits && (lot.Expires.IsZero() || !lot.Expires.Before(c.Used.Last)) && len(c.Offers) < mostOffers {
			c.Offers = append(c.Offers, lot)
		}
	}
	for _, barcode := range Barcodes(s.Draft.Lots[c.ID]) {
		lot, ok := find(stock, barcode)
		if !ok {
			c.Err = fault.New(fault.Invalid, "No lot %s is registered", barcode).Try("scan its label again, or register it on the page Lots")
			return
		}
		c.Chosen = append(c.Chosen, lot)
		if err := c.fits(s, lot); err != nil {
			c.Err = fault.Of(err)
			return
		}
	}
	c.enough()
}

// kinds are those of the lots that are offered for the material.
func (c *LotCheck) kinds(p protocol.Protocol) []string {
	switch {
	case isMedium(p, c.ID):
		return []string{sample.CM}
	case c.ID == sample.Unconditioned:
		return []string{sample.Unconditioned}
	}
	return []string{"reagent", "vial"}
}

// fits says why a lot cannot be used as planned.
func (c *LotCheck) fits(s *Sketch, lot sample.Lot) error {
	date := func(t time.Time) string { return t.In(s.Zone).Format("2 Jan 2006") }
	switch {
	case lot.Kind == sample.Donor:
		return fault.New(fault.Invalid, "%s is a donor, no lot", lot.Barcode).Try("scan the label of the lot")
	case !lot.Expires.IsZero() && lot.Expires.Before(s.Start):
		return fault.New(fault.Refused, "%s lot %s expired on %s", c.name(), lot.Barcode, date(lot.Expires)).Try("choose another lot")
	case !lot.Expires.IsZero() && lot.Expires.Before(c.Used.Last):
		return fault.New(fault.Refused, "%s lot %s expires on %s", c.name(), lot.Barcode, date(lot.Expires)).Try("choose a lot that lasts until %s", date(c.Used.Last))
	case lot.Clock == s.Draft.Rehearsal:
		return mixed(lot)
	}
	return lot.Usable(s.Start)
}

func (c *LotCheck) name() string { return cmp.Or(c.Title, c.ID) }

// enough refuses lots that together have less than is needed, where both are
// known.
func (c *LotCheck) enough() {
	if len(c.Chosen) == 0 || c.Needed.IsZero() {
		return
	}
	left := quantity.Quantity{}
	for _, lot := range c.Chosen {
		if lot.Whole.IsZero() {
			return
		}
		if left.IsZero() {
			left = lot.Left
			continue
		}
		sum, err := left.Add(lot.Left)
		if err != nil {
			return // in units that do not add up: nothing can be said
		}
		left = sum
	}
	if less, err := left.Compare(c.Needed); err == nil && less < 0 {
		c.Err = fault.New(fault.Refused, "%s: %s is left of what is chosen, the plan needs %s", c.name(), left, c.Needed).Try("choose another lot, or one more")
	}
}

// medium sums up the conditioned medium.
func (s *Sketch) medium(stock []sample.Lot) {
	m := &s.Medium
	for _, made := range s.Plan.Makes() {
		if made.Kind == sample.CM {
			m.Makes += made.Number
		}
	}
	for _, c := range s.Lots {
		if !isMedium(s.Protocol, c.ID) {
			continue
		}
		m.Needed = c.Needed
		for _, lot := range c.Chosen {
			if left, err := lot.Left.Float("mL"); err == nil && !lot.Left.IsZero() {
				m.Stock += left
				m.Chosen++
			}
		}
	}
	m.Range = yieldOf(s.Protocol)
	var volumes []float64
	for _, lot := range stock {
		if v, err := lot.Whole.Float("mL"); err == nil && lot.Kind == sample.CM && !lot.Whole.IsZero() && lot.Clock != s.Draft.Rehearsal {
			volumes = append(volumes, v)
		}
	}
	if m.Earlier = len(volumes); m.Earlier > 0 {
		slices.Sort(volumes)
		m.Yield = [3]float64{volumes[0], volumes[m.Earlier/2], volumes[m.Earlier-1]}
	}
}

// isMedium reports whether a material is conditioned medium: it is called so, or
// its lots are scanned as such.
func isMedium(p protocol.Protocol, material string) bool {
	return material == "cm" || slices.ContainsFunc(scans(p), func(f protocol.Field) bool {
		return f.Material == material && f.Thing.Is == sample.CM
	})
}

// yieldOf is the volume of one lot of conditioned medium that the protocol
// allows, in mL: that of an aliquot times their number.
func yieldOf(p protocol.Protocol) (span [2]float64) {
	for _, t := range tasksOf(p) {
		for _, step := range t.Steps {
			for _, f := range step.Fields {
				if f.Thing.Is != sample.CM || !f.Thing.Made {
					continue
				}
				volume, number := limits(t, f.Thing.Amount, "mL"), limits(t, f.Thing.Number, "1")
				if f.Thing.Number == "" {
					number = [2]float64{1, 1}
				}
				return [2]float64{volume[0] * number[0], volume[1] * number[1]}
			}
		}
	}
	return span
}

// limits are least and greatest of a field's value: what is usual where the
// protocol says so, else its range.
func limits(t protocol.Task, path, unit string) [2]float64 {
	f, ok := t.Field(path)
	if !ok {
		return [2]float64{}
	}
	ends := f.Range
	if usual, err := quantity.Parse(f.Default); err == nil {
		ends = []quantity.Quantity{usual, usual}
	}
	if len(ends) != 2 {
		return [2]float64{}
	}
	low, err := ends[0].Float(unit)
	if err != nil {
		return [2]float64{}
	}
	high, err := ends[1].Float(unit)
	if err != nil {
		return [2]float64{}
	}
	return [2]float64{low, high}
}

// chosen are the lots of a draft, for the record of the launch, in the order of
// the protocol's materials.
func (s *Sketch) chosen() []record.Chosen {
	var all []record.Chosen
	for _, c := range s.Lots {
		for _, lot := range c.Chosen {
			all = append(all, record.Chosen{Material: c.ID, Lot: lot.Barcode})
		}
	}
	return all
}
