package quantity

import (
	"math/big"
	"strings"
	"time"

	"secretome/internal/fault"
)

// places are the decimals of a conversion that has no finite decimal.
const places = 18

// In returns q in another unit of the same dimension: exactly where that is a
// decimal of at most 40 digits, else rounded half away from zero to 18 places
// (39 below 1e-9).
func (q Quantity) In(unit string) (Quantity, error) {
	if q.unit == unit {
		return q, nil
	}
	r, err := q.value(unit)
	if err != nil {
		return Quantity{}, err
	}
	if d, ok := finite(r); ok {
		return Quantity{d, unit}, nil
	}
	n := places
	if new(big.Rat).Abs(r).Cmp(big.NewRat(1, 1_000_000_000)) < 0 {
		n = maxDigits - 1
	}
	d := trim(r.FloatString(n))
	if !held(d) || d == "0" {
		return Quantity{}, fault.New(fault.Invalid, "%s cannot be written in %s with %d digits", q, unit, maxDigits).Try("use a unit that is nearer to %s", q.unit)
	}
	return Quantity{d, unit}, nil
}

// value returns how many of a unit q is, exactly.
func (q Quantity) value(unit string) (*big.Rat, error) {
	from, err := q.measure()
	if err != nil {
		return nil, err
	}
	to, ok := measureOf(unit)
	if !ok {
		return nil, unknownUnit(unit)
	}
	if from.dimension != to.dimension {
		return nil, fault.New(fault.Invalid, "%s is %s, not %s", q, article(from.dimension), article(to.dimension)).Try("give it in %s", unit)
	}
	r := rational(q.amount)
	r.Mul(r.Add(r, offset(q.unit)), from.factor)
	return r.Sub(r.Quo(r, to.factor), offset(unit)), nil
}

// measure returns what q's unit stands for. It fails if q was not given.
func (q Quantity) measure() (measure, error) {
	m, ok := measureOf(q.unit)
	if !ok {
		return measure{}, fault.New(fault.Invalid, "a quantity is not given")
	}
	return m, nil
}

// offset returns where a unit's zero lies above its dimension's: 0 °C is
// 273.15 K by definition.
func offset(unit string) *big.Rat {
	if unit == "Cel" {
		return big.NewRat(27315, 100)
	}
	return new(big.Rat)
}

// article puts a or an before the name of a dimension.
func article(d dimension) string {
	name := d.String()
	if strings.Contains("aeio", name[:1]) {
		return "an " + name
	}
	return "a " + name
}

// Compare returns -1, 0 or 1 as q is below, equal to or above other, exactly.
// It fails with [fault.Invalid] if they have different dimensions or one is not
// given.
func (q Quantity) Compare(other Quantity) (int, error) {
	if _, err := other.measure(); err != nil {
		return 0, err
	}
	r, err := q.value(other.unit)
	if err != nil {
		return 0, err
	}
	return r.Cmp(rational(other.amount)), nil
}

// Sign returns -1, 0 or 1 as the amount is negative, nothing or positive; 0 too
// if q was not given.
func (q Quantity) Sign() int { return rational(q.amount).Sign() }

// Float returns the amount in the given unit as the nearest float64.
func (q Quantity) Float(unit string) (float64, error) {
	r, err := q.value(unit)
	if err != nil {
		return 0, err
	}
	f, _ := r.Float64()
	return f, nil
}

// Duration returns a quantity of time, cut to whole nanoseconds. It fails for
// other dimensions and for more than 292 years.
func (q Quantity) Duration() (time.Duration, error) {
	r, err := q.value("s")
	if err != nil {
		return 0, err
	}
	r.Mul(r, big.NewRat(int64(time.Second), 1))
	ns := new(big.Int).Quo(r.Num(), r.Denom())
	if !ns.IsInt64() {
		return 0, fault.New(fault.Invalid, "%s is too long a time", q).Try("give less than 292 a")
	}
	return time.Duration(ns.Int64()), nil
}

// trim drops the zeros that end a decimal's fraction, and the sign of nothing.
func trim(d string) string {
	if strings.Contains(d, ".") {
		d = strings.TrimRight(strings.TrimRight(d, "0"), ".")
	}
	if d == "-0" {
		return "0"
	}
	return d
}
