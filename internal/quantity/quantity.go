// Package quantity has amounts with a unit: exact decimals in UCUM units, as
// people type them and as instruments state them.
//
// # Decimals
//
// An amount is kept as the decimal that was typed, digit for digit, so that a
// hundred draws of 0.1 mL from 10 mL leave exactly nothing. Point and comma are
// both the decimal mark; a thousands mark is refused, since "1,500" may be 1.5
// or 1500; so is a number without a unit.
package quantity

import (
	"math/big"
	"strings"
	"time"

	"secretome/internal/fault"
)

// Quantity is an amount in a unit. The zero Quantity means "not given".
type Quantity struct {
	amount string // canonical decimal: optional "-", digits, optional "." and digits
	unit   string // UCUM code; a key of units
}

// New returns the quantity of a canonical decimal in a known unit.
func New(amount, unit string) (Quantity, error) {
	d, err := decimal(amount)
	if err != nil {
		return Quantity{}, err
	}
	if _, ok := units[unit]; !ok {
		return Quantity{}, unknownUnit(unit)
	}
	return Quantity{d, unit}, nil
}

// Parse reads "9,1 mL" or "9.1mL". Micro may be written u, µ or μ, and some
// words that laboratories use (°C, cells) stand for their UCUM code.
func Parse(text string) (Quantity, error) {
	number, word := split(text)
	if number == "" {
		return Quantity{}, fault.New(fault.Invalid, "%q is no quantity", text).Try("write a number and a unit, for instance 9.1 mL")
	}
	d, err := decimal(number)
	if err != nil {
		return Quantity{}, err
	}
	if word == "" {
		return Quantity{}, fault.New(fault.Invalid, "%q has no unit", text).Try("write the unit behind the number, for instance %s mL", d)
	}
	code, ok := code(word)
	if !ok {
		return Quantity{}, unknownUnit(word)
	}
	return Quantity{d, code}, nil
}

// IsZero reports whether q was not given.
func (q Quantity) IsZero() bool { return q == Quantity{} }

// Amount returns the decimal, digit for digit.
func (q Quantity) Amount() string { return q.amount }

// Unit returns the UCUM code.
func (q Quantity) Unit() string { return q.unit }

// String returns the amount and the unit with a blank between them, which
// [Parse] reads back.
func (q Quantity) String() string {
	if q.IsZero() {
		return ""
	}
	return q.amount + " " + q.unit
}

// MarshalText writes q as [Quantity.String] does.
func (q Quantity) MarshalText() ([]byte, error) { return []byte(q.String()), nil }

// UnmarshalText reads what [Quantity.MarshalText] writes; empty is not given.
func (q *Quantity) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*q = Quantity{}
		return nil
	}
	parsed, err := Parse(string(b))
	*q = parsed
	return err
}

// In returns q in another unit of the same dimension, exactly where a finite
// decimal exists and rounded to 18 places where not.
func (q Quantity) In(unit string) (Quantity, error) {
	if q.unit == unit {
		return q, nil
	}
	from, to := units[q.unit], units[unit]
	if to.dimension == "" {
		return Quantity{}, unknownUnit(unit)
	}
	if from.dimension != to.dimension {
		return Quantity{}, fault.New(fault.Invalid, "%s is a %s, not a %s", q, from.dimension, to.dimension).Try("give it in %s", unit)
	}
	r := new(big.Rat).Mul(q.rat(), from.factor())
	r.Quo(r, to.factor())
	return Quantity{trim(r.FloatString(18)), unit}, nil
}

// Compare returns -1, 0 or 1 as q is below, equal to or above other, exactly.
// It fails if they have different dimensions.
func (q Quantity) Compare(other Quantity) (int, error) {
	a, b := units[q.unit], units[other.unit]
	if a.dimension != b.dimension {
		return 0, fault.New(fault.Invalid, "%s is a %s, not a %s", q, a.dimension, b.dimension).Try("give it in %s", other.unit)
	}
	left := new(big.Rat).Mul(q.rat(), a.factor())
	return left.Cmp(new(big.Rat).Mul(other.rat(), b.factor())), nil
}

// Float returns the amount in the given unit as the nearest float64.
func (q Quantity) Float(unit string) (float64, error) {
	in, err := q.In(unit)
	if err != nil {
		return 0, err
	}
	f, _ := in.rat().Float64()
	return f, nil
}

// Duration returns a quantity of time. It fails for other dimensions.
func (q Quantity) Duration() (time.Duration, error) {
	s, err := q.In("s")
	if err != nil {
		return 0, err
	}
	ns := new(big.Rat).Mul(s.rat(), big.NewRat(int64(time.Second), 1))
	return time.Duration(new(big.Int).Quo(ns.Num(), ns.Denom()).Int64()), nil
}

func (q Quantity) rat() *big.Rat {
	r, ok := new(big.Rat).SetString(q.amount)
	if !ok {
		return new(big.Rat)
	}
	return r
}

// split parts the number from the unit word behind it.
func split(text string) (number, word string) {
	text = strings.Map(func(r rune) rune {
		switch r {
		case '\u00a0', '\u202f', '\u2009', '\t':
			return ' '
		case '\u2212':
			return '-'
		}
		return r
	}, strings.TrimSpace(text))
	end := 0
	for end < len(text) && strings.IndexByte("0123456789.,+-", text[end]) >= 0 {
		end++
	}
	return text[:end], strings.TrimSpace(text[end:])
}

// decimal returns the canonical form of a typed decimal.
func decimal(text string) (string, error) {
	marks := strings.Count(text, ".") + strings.Count(text, ",")
	whole, part, found := strings.Cut(strings.Replace(text, ",", ".", 1), ".")
	if marks > 1 || strings.Contains(text, ",") && len(part) == 3 && whole != "0" && whole != "-0" {
		return "", fault.New(fault.Invalid, "%q may have a thousands mark", text).Try("write it without, with a point as the decimal mark")
	}
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	} else {
		whole = strings.TrimPrefix(whole, "+")
	}
	if whole == "" && part == "" || !digits(whole) || !digits(part) || found && part == "" || len(whole)+len(part) > 40 {
		return "", fault.New(fault.Invalid, "%q is no decimal number", text).Try("write digits with at most one decimal mark")
	}
	whole = strings.TrimLeft(whole, "0")
	if whole == "" {
		whole = "0"
	}
	if part != "" {
		whole += "." + part
	}
	if strings.Trim(whole, "0.") == "" {
		sign = ""
	}
	return sign + whole, nil
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// trim drops the zeros that end a decimal's fraction.
func trim(s string) string {
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}
