package design

import (
	"secretome/internal/fault"
	"secretome/internal/quantity"
)

// Strength is how strong a lot of conditioned medium is, undiluted. What is not known
// is not given.
type Strength struct {
	Protein quantity.Quantity `json:"protein,omitzero"` // ug/mL
	Cells   quantity.Quantity `json:"cells,omitzero"`   // {cells}/mL: equivalents of the cells that made it
}

// Doses is one dose in the three bases; what the lot does not tell is not given.
type Doses struct {
	Volume  quantity.Quantity `json:"volume"`           // %{v/v} of the undiluted lot
	Protein quantity.Quantity `json:"protein,omitzero"` // ug/mL
	Cells   quantity.Quantity `json:"cells,omitzero"`   // {cells}/mL
}

// shownDecimals of a converted dose.
const shownDecimals = 6

// Doses converts a dose in any of the three bases. The basis that it was given
// in stays as it is, to the digit; the others are rounded to 6 decimals. It fails
// with [fault.Invalid] for other dimensions, for less than nothing, and for a
// basis that the lot does not tell.
func (s Strength) Doses(dose quantity.Quantity) (Doses, error) {
	share, err := s.share(dose)
	if err != nil {
		return Doses{}, err
	}
	var d Doses
	for _, basis := range []struct {
		of   quantity.Quantity
		unit string
		to   *quantity.Quantity
	}{{hundredths("100"), percent, &d.Volume}, {s.Protein, "ug/mL", &d.Protein}, {s.Cells, "{cells}/mL", &d.Cells}} {
		if quantity.Dimension(dose.Unit()) == quantity.Dimension(basis.unit) {
			*basis.to, err = dose.In(basis.unit)
		} else if !basis.of.IsZero() {
			*basis.to, err = scaled(basis.of, share, basis.unit)
		}
		if err != nil {
			return Doses{}, err
		}
	}
	return d, nil
}

// share returns the part of a volume that must be conditioned medium, in 1.
func (s Strength) share(dose quantity.Quantity) (quantity.Quantity, error) {
	if dose.Sign() < 0 {
		return quantity.Quantity{}, fault.New(fault.Invalid, "a dose of %s is less than nothing", dose).Field("dose").Try("take out the minus")
	}
	switch quantity.Dimension(dose.Unit()) {
	case quantity.Dimension(percent):
		return dose.Div(hundredths("100"), "1", ratioDecimals)
	case quantity.Dimension("ug/mL"):
		return ratio(dose, s.Protein, "protein")
	case quantity.Dimension("{cells}/mL"):
		return ratio(dose, s.Cells, "cell equivalents")
	}
	return quantity.Quantity{}, fault.New(fault.Invalid, "a dose of %q does not say of what", dose).Field("dose").
		Try("give it in %%{v/v} of the conditioned medium, ug/mL of protein, or {cells}/mL of cell equivalents")
}

// ratioDecimals are all that quantity gives: a ratio is rounded far below what
// anybody pipettes.
const ratioDecimals = 18

func ratio(dose, strength quantity.Quantity, of string) (quantity.Quantity, error) {
	if strength.Sign() <= 0 {
		return quantity.Quantity{}, fault.New(fault.Invalid, "a dose of %s needs the lot's %s, which is not known", dose, of).
			Field("dose").Try("measure the lot, or give the dose in %%{v/v}")
	}
	return dose.Div(strength, "1", ratioDecimals)
}

// scaled returns a part of a strength, as it is shown.
func scaled(strength, share quantity.Quantity, unit string) (quantity.Quantity, error) {
	q, err := strength.Mul(share, strength.Unit())
	if err != nil {
		return q, err
	}
	if q, err = q.In(unit); err != nil {
		return q, err
	}
	return q.Round(shownDecimals)
}
