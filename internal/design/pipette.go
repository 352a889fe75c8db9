package design

import (
	"slices"
	"strconv"

	"secretome/internal/fault"
	"secretome/internal/quantity"
)

// Tube is the mixture for one group, made once for all its wells.
type Tube struct {
	Group     string
	Wells     int
	Treated   bool              // gets the constant fraction of conditioned and unconditioned medium
	Dose      quantity.Quantity // of conditioned medium, in any of the three bases; not given is 0
	Additions []Addition        // stressors and drugs
}

// Addition is something that is added from a stock: C1·V1 = C2·V2.
type Addition struct {
	Name         string
	Stock, Final quantity.Quantity // concentrations of one dimension
}

// Preparation is what all tubes of a sheet share.
type Preparation struct {
	Strength Strength          // of the lot of conditioned medium
	Fraction quantity.Quantity // %{v/v} of conditioned and unconditioned medium together in treated groups
	PerWell  quantity.Quantity // volume
	Excess   quantity.Quantity // %: what is prepared beyond the wells
	Least    quantity.Quantity // the smallest volume that is pipetted; not given is 0.5 uL
}

// Volume is how much of something is taken, in uL.
type Volume struct {
	Of     string            `json:"of"`
	Volume quantity.Quantity `json:"volume"`
}

// Mixed is what goes into one tube, in uL. The parts add up to the total exactly.
type Mixed struct {
	Group string            `json:"group"`
	Wells int               `json:"wells"`
	Total quantity.Quantity `json:"total"`
	Parts []Volume          `json:"parts"` // base medium first; nothing that is 0
}

// Sheet is a pipetting sheet.
type Sheet struct {
	Tubes []Mixed  `json:"tubes"`
	Needs []Volume `json:"needs"` // of all tubes together
}

// The media, as sheets name them.
const (
	BaseMedium          = "base medium"
	ConditionedMedium   = "conditioned medium"
	UnconditionedMedium = "unconditioned medium"
)

const (
	pipetteDecimals = 2 // of a volume in uL: finer than any pipette's scale
	leastVolume     = "0.5"
)

// Sheet computes what goes into each tube. Volumes are rounded to 0.01 uL; the
// base medium takes what is left, so that no sum is off. It fails with
// [fault.Invalid] and names the group where a dose does not fit into the
// fraction, the parts do not fit into the tube, or a volume is too small to be
// pipetted: then it says which dilution to make first.
func (p Preparation) Sheet(tubes []Tube) (Sheet, error) {
	if p.Least.IsZero() {
		p.Least, _ = quantity.New(leastVolume, "uL") // a constant
	}
	finest, _ := quantity.New("0.1", "uL") // a constant
	if c, err := finest.Compare(p.Least); err != nil || c > 0 {
		return Sheet{}, fault.New(fault.Invalid, "%s is no volume that a pipette takes", p.Least).Field("least").Try("give at least %s", finest)
	}
	s := Sheet{Tubes: []Mixed{}, Needs: []Volume{}}
	for _, t := range tubes {
		m, err := p.mix(t)
		if err != nil {
			f := fault.Of(err)
			return Sheet{}, fault.New(f.Kind, "group %s: %s", t.Group, f.Message).Field(f.Place.Field).Try("%s", f.Help)
		}
		s.Tubes = append(s.Tubes, m)
		for _, v := range m.Parts {
			if err := s.need(v); err != nil {
				return Sheet{}, err
			}
		}
	}
	return s, nil
}

// need adds to what all tubes take.
func (s *Sheet) need(v Volume) error {
	i := slices.IndexFunc(s.Needs, func(n Volume) bool { return n.Of == v.Of })
	if i < 0 {
		s.Needs = append(s.Needs, v)
		return nil
	}
	sum, err := s.Needs[i].Volume.Add(v.Volume)
	s.Needs[i].Volume = sum
	return err
}

func (p Preparation) mix(t Tube) (Mixed, error) {
	total, err := p.total(t)
	if err != nil {
		return Mixed{}, err
	}
	parts, err := p.media(t, total)
	if err != nil {
		return Mixed{}, err
	}
	for _, a := range t.Additions {
		v, err := p.addition(a, total)
		if err != nil {
			return Mixed{}, err
		}
		parts = append(parts, v)
	}
	rest := total
	for _, v := range parts {
		if rest, err = rest.Sub(v.Volume); err != nil {
			return Mixed{}, err
		}
	}
	if rest.Sign() < 0 {
		return Mixed{}, fault.New(fault.Invalid, "media and stocks are more than the %s of the tube", total).Try("use stronger stocks, or a smaller fraction")
	}
	if err := p.fills(BaseMedium, rest); err != nil {
		return Mixed{}, err
	}
	if rest.Sign() > 0 {
		parts = slices.Insert(parts, 0, Volume{BaseMedium, rest})
	}
	return Mixed{t.Group, t.Wells, total, parts}, nil
}

// total is the volume of a tube: that of its wells and the excess.
func (p Preparation) total(t Tube) (quantity.Quantity, error) {
	none := quantity.Quantity{}
	if t.Wells < 1 || p.PerWell.Sign() <= 0 || p.Excess.Sign() < 0 {
		return none, fault.New(fault.Invalid, "%d wells of %q with an excess of %q are no volume", t.Wells, p.PerWell, p.Excess).Try("give at least one well and a volume above 0")
	}
	wells, err := quantity.New(strconv.Itoa(t.Wells), "1")
	if err != nil {
		return none, err
	}
	filled, err := p.PerWell.Mul(wells, "uL")
	if err != nil || p.Excess.IsZero() {
		return filled, err
	}
	more, err := filled.Mul(p.Excess, "uL")
	if err != nil {
		return none, err
	}
	if filled, err = filled.Add(more); err != nil {
		return none, err
	}
	return filled.Round(pipetteDecimals)
}

// media returns conditioned and unconditioned medium of a treated tube.
func (p Preparation) media(t Tube, total quantity.Quantity) ([]Volume, error) {
	if !t.Treated && t.Dose.IsZero() {
		return nil, nil
	}
	dose, err := p.percentOf(t.Dose)
	if err != nil {
		return nil, err
	}
	if _, err := Split(p.Fraction, dose); err != nil {
		return nil, err
	}
	both, err := p.take("media", p.Fraction, hundredths("100"), total, BaseMedium)
	if err != nil {
		return nil, err
	}
	conditioned, err := p.take(ConditionedMedium, dose, hundredths("100"), total, UnconditionedMedium)
	if err != nil {
		return nil, err
	}
	rest, err := both.Sub(conditioned)
	if err == nil {
		err = p.fills(UnconditionedMedium, rest)
	}
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc([]Volume{{ConditionedMedium, conditioned}, {UnconditionedMedium, rest}},
		func(v Volume) bool { return v.Volume.Sign() == 0 }), nil
}

// percentOf returns a dose in %{v/v} of conditioned medium.
func (p Preparation) percentOf(dose quantity.Quantity) (quantity.Quantity, error) {
	if dose.Sign() == 0 { // or not given
		return hundredths("0"), nil
	}
	share, err := p.Strength.share(dose)
	if err != nil {
		return quantity.Quantity{}, err
	}
	factor, _ := quantity.New("100", "1") // a constant
	if share, err = share.Mul(factor, "1"); err != nil {
		return quantity.Quantity{}, err
	}
	return quantity.New(share.Amount(), percent)
}

func (p Preparation) addition(a Addition, total quantity.Quantity) (Volume, error) {
	if from, to := quantity.Dimension(a.Stock.Unit()), quantity.Dimension(a.Final.Unit()); from != to {
		return Volume{}, fault.New(fault.Invalid, "the stock of %s is %s and %s is wanted, which do not measure the same", a.Name, a.Stock, a.Final).Try("give both as mass, or both as amount, in a volume")
	}
	if a.Stock.Sign() <= 0 || a.Final.Sign() <= 0 {
		return Volume{}, fault.New(fault.Invalid, "%s of %s cannot be made from a stock of %q", a.Final, a.Name, a.Stock).Try("give concentrations above 0")
	}
	v, err := p.take(a.Name, a.Final, a.Stock, total, BaseMedium)
	return Volume{a.Name, v}, err
}

// take returns total·final/stock, and fails if that is too little for a pipette.
func (p Preparation) take(of string, final, stock, total quantity.Quantity, diluent string) (quantity.Quantity, error) {
	part, err := final.Div(stock, "1", ratioDecimals)
	if err != nil {
		return part, err
	}
	volume, err := total.Mul(part, "uL")
	if err != nil {
		return volume, err
	}
	c, err := volume.Compare(p.Least)
	if err != nil {
		return volume, err
	}
	if c < 0 && final.Sign() > 0 {
		return volume, p.tooLittle(of, volume, diluent)
	}
	return volume.Round(pipetteDecimals)
}

// fills refuses a medium that fills up less than a pipette takes.
func (p Preparation) fills(of string, volume quantity.Quantity) error {
	if c, err := volume.Compare(p.Least); err != nil || c >= 0 || volume.Sign() == 0 {
		return err
	}
	return fault.New(fault.Invalid, "%s of %s cannot be pipetted, the least is %s", volume, of, p.Least).Try("prepare more, or leave it out altogether")
}

// mostDilution is the strongest intermediate dilution that is advised: 1 in 10^9.
const mostDilution = 9

// tooLittle advises the weakest dilution of which enough is taken.
func (p Preparation) tooLittle(of string, volume quantity.Quantity, diluent string) error {
	shown, err := volume.Round(4)
	if err != nil {
		return err
	}
	f := fault.New(fault.Invalid, "%s of %s cannot be pipetted, the least is %s", shown, of, p.Least)
	ten, _ := quantity.New("10", "1") // a constant
	times := "1"
	for range mostDilution {
		if volume, err = volume.Mul(ten, "uL"); err != nil {
			return err
		}
		times += "0"
		if c, err := volume.Compare(p.Least); err == nil && c >= 0 {
			if shown, err = volume.Round(pipetteDecimals); err != nil {
				return err
			}
			return f.Try("dilute it 1 in %s with %s first and take %s of that, or prepare more", times, diluent, shown)
		}
	}
	return f.Try("start from a much weaker stock")
}
