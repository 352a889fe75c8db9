package design

import (
	"slices"

	"secretome/internal/fault"
	"secretome/internal/quantity"
)

const percent = "%{v/v}"

// Mix is what a treated group contains besides its base medium, in %{v/v}.
type Mix struct {
	Conditioned   quantity.Quantity `json:"conditioned"`
	Unconditioned quantity.Quantity `json:"unconditioned"`
}

// Split returns the parts of a dose of conditioned medium under a constant
// fraction: all treated groups get as much medium from the vessels of the donor
// cells, conditioned or not, so that nutrients and serum are diluted alike and
// one vehicle serves all doses. A dose that is not given is 0. The parts are
// exact. It fails with [fault.Invalid] unless 0 <= dose <= fraction <= 100 %{v/v}.
func Split(fraction, dose quantity.Quantity) (Mix, error) {
	nothing, all := hundredths("0"), hundredths("100")
	if dose.IsZero() {
		dose = nothing
	}
	dose, err := dose.In(percent)
	if err != nil {
		return Mix{}, err
	}
	if fraction, err = fraction.In(percent); err != nil {
		return Mix{}, err
	}
	for _, pair := range []struct{ less, more quantity.Quantity }{{nothing, dose}, {dose, fraction}, {fraction, all}} {
		if c, err := pair.less.Compare(pair.more); err != nil || c > 0 {
			return Mix{}, beyond(fraction, dose)
		}
	}
	rest, err := fraction.Sub(dose)
	return Mix{dose, rest}, err
}

func beyond(fraction, dose quantity.Quantity) error {
	return fault.New(fault.Invalid, "a dose of %s does not fit into the constant fraction %s", dose, fraction).
		Field("dose").Try("a dose lies between 0 and the fraction, and the fraction is at most 100 %%{v/v}: lower the dose, or raise the fraction")
}

// hundredths returns an amount of a constant in %{v/v}.
func hundredths(amount string) quantity.Quantity {
	q, _ := quantity.New(amount, percent) // the constants above are decimals
	return q
}

// mostLevels is more than any dose series has.
const mostLevels = 40

// Dilutions returns a series of doses, the least first: top, top/fold,
// top/fold² and so on, each rounded from the exact number to at most so many
// decimals, from 0 to 18. 50 %{v/v} by 2 in 7 levels begins with 0.78125 %{v/v}.
// It fails with [fault.Invalid] for a fold that is not above 1, for fewer than
// one or more than 40 levels, and where rounding makes two levels one or nothing
// of the least.
func Dilutions(top quantity.Quantity, fold string, levels, decimals int) ([]quantity.Quantity, error) {
	step, err := quantity.New(fold, "1")
	if err != nil {
		return nil, err
	}
	one, _ := quantity.New("1", "1")
	if c, err := step.Compare(one); err != nil || c <= 0 || levels < 1 || levels > mostLevels || top.Sign() <= 0 {
		return nil, fault.New(fault.Invalid, "%d levels of %s-fold dilution from %q are no series of doses", levels, fold, top).
			Try("give a top dose above 0, a fold above 1 and 1 to %d levels", mostLevels)
	}
	doses := make([]quantity.Quantity, 0, levels)
	for divisor := one; len(doses) < levels; {
		dose, err := top.Div(divisor, top.Unit(), decimals)
		if err != nil {
			return nil, err
		}
		if last := len(doses) - 1; dose.Sign() == 0 || last >= 0 && dose == doses[last] {
			return nil, fault.New(fault.Invalid, "with %d decimals level %d of the series is %s, which is no dose of its own", decimals, len(doses)+1, dose).Try("give more decimals or fewer levels")
		}
		doses = append(doses, dose)
		if len(doses) == levels {
			break
		}
		if divisor, err = divisor.Mul(step, "1"); err != nil {
			return nil, err
		}
	}
	slices.Reverse(doses)
	return doses, nil
}
