package quantity

import (
	"math/big"

	"secretome/internal/fault"
)

// Add returns q and other together, in q's unit, exactly. It fails with
// [fault.Invalid] for different dimensions, for one that is not given, for
// points on a scale (Cel, [pH]), and where q's unit cannot hold the sum as a
// decimal, as 1 h cannot hold 1 s.
func (q Quantity) Add(other Quantity) (Quantity, error) { return q.sum(other, 1) }

// Sub returns q less other, in q's unit, exactly. It fails as [Quantity.Add]
// does; the rest may be negative.
func (q Quantity) Sub(other Quantity) (Quantity, error) { return q.sum(other, -1) }

func (q Quantity) sum(other Quantity, sign int64) (Quantity, error) {
	if err := amounts(q, other); err != nil {
		return Quantity{}, err
	}
	r, err := other.value(q.unit)
	if err != nil {
		return Quantity{}, err
	}
	r.Mul(r, big.NewRat(sign, 1))
	return exact(r.Add(r, rational(q.amount)), q.unit)
}

// Mul returns q times other in the given unit, exactly: 5 mL times 0.3 1 is
// 1.5 mL, 200 uL times 50 ug/mL is 10 ug. It fails with [fault.Invalid] where
// the product is not of the unit's dimension, and as [Quantity.Add] does.
func (q Quantity) Mul(other Quantity, unit string) (Quantity, error) {
	r, err := q.product(other, 1, unit)
	if err != nil {
		return Quantity{}, err
	}
	return exact(r, unit)
}

// Div returns q divided by other in the given unit, rounded half away from zero
// to at most so many decimals, from 0 to 18: 50 mJ/cm2 divided by 1.25 mW/cm2 is
// 40 s. What fits is exact. It fails with [fault.Invalid] for a divisor of 0 and
// as [Quantity.Mul] does.
//
// So C1·V1 = C2·V2 is C2.Mul(V2, "ug") and then Div(C1, "uL", 1).
func (q Quantity) Div(other Quantity, unit string, decimals int) (Quantity, error) {
	if !other.IsZero() && other.Sign() == 0 {
		return Quantity{}, fault.New(fault.Invalid, "nothing can be divided by %s", other)
	}
	r, err := q.product(other, -1, unit)
	if err != nil {
		return Quantity{}, err
	}
	return rounded(r, unit, decimals)
}

// Round returns q rounded half away from zero to at most so many decimals, from
// 0 to 18.
func (q Quantity) Round(decimals int) (Quantity, error) {
	if _, err := q.measure(); err != nil {
		return Quantity{}, err
	}
	return rounded(rational(q.amount), q.unit, decimals)
}

// product returns how many of a unit q times other to the power of n is.
func (q Quantity) product(other Quantity, n int, unit string) (*big.Rat, error) {
	if err := amounts(q, other); err != nil {
		return nil, err
	}
	a, _ := q.measure() // both are given, or amounts had failed
	b, _ := other.measure()
	to, ok := measureOf(unit)
	if !ok {
		return nil, unknownUnit(unit)
	}
	m := a.times(b, n)
	if m.dimension != to.dimension {
		verb := "times"
		if n < 0 {
			verb = "divided by"
		}
		return nil, fault.New(fault.Invalid, "%s %s %s is %s, not %s", q, verb, other, article(m.dimension), article(to.dimension))
	}
	r := measure{factor: rational(q.amount)}.times(measure{factor: rational(other.amount)}, n).factor
	r.Mul(r, m.factor)
	return r.Quo(r, to.factor), nil
}

// amounts fails for what is not given, and for points on a scale, which have no
// sum.
func amounts(list ...Quantity) error {
	for _, q := range list {
		if _, err := q.measure(); err != nil {
			return err
		}
		if q.unit == "Cel" || q.unit == "[pH]" {
			return fault.New(fault.Invalid, "%s is a point on a scale, which nothing can be added to or multiplied by", q)
		}
	}
	return nil
}

// exact returns a quantity of just that many.
func exact(r *big.Rat, unit string) (Quantity, error) {
	d, ok := finite(r)
	if !ok {
		return Quantity{}, fault.New(fault.Invalid, "the result has no exact decimal in %s", unit).Try("use a smaller unit")
	}
	return Quantity{d, unit}, nil
}

func rounded(r *big.Rat, unit string, decimals int) (Quantity, error) {
	d := trim(r.FloatString(min(max(decimals, 0), places)))
	if !held(d) {
		return Quantity{}, fault.New(fault.Invalid, "the result has more than %d digits in %s", maxDigits, unit).Try("use a larger unit")
	}
	return Quantity{d, unit}, nil
}
