// Package quantity has amounts with a unit: exact decimals in UCUM units, as
// people type them and as instruments state them.
//
// # Decimals
//
// An amount is kept as the decimal that was typed, digit for digit, so that a
// hundred draws of 0.1 mL from 10 mL leave exactly nothing. Point and comma are
// both the decimal mark, and the point is written back. A comma with exactly
// three digits behind it is refused unless a zero stands before it, since
// "1,500" may be 1.5 or 1500; a blank, an apostrophe or an underscore between
// digits is refused as a thousands mark; a point never is one, since "1.500" is
// how this package itself writes a number with three places. A number without
// a unit is refused, and so are exponents ("1e6", "2x10^6": the refusal shows
// the number written out), fractions, ranges, bounds, hexadecimals, digits of
// other scripts, NaN and infinities. A number has at most 40 digits.
//
// # Units
//
// Units are written in UCUM (case-sensitive codes, version 2.2):
//
//	unit     = [ "/" ] factor { ( "." | "/" ) factor }     from left to right
//	factor   = atom [ exponent ] | "10*" [ exponent ] | "1" | "(" unit ")"
//	atom     = [ prefix ] code                            mL, m[Hg], [pH], %{v/v}, {cells}
//	exponent = [ "-" ] digits                             -9 to 9, of 10* -30 to 30; not 0
//
// Two units compare and convert if they measure the same thing: ug/mL and mg/L,
// J/m2 and mJ/cm2. Where a laboratory must be stricter than UCUM, it is:
//
//   - an annotation that counts ({cells}, {pieces}, {AU} and so on) measures
//     something of its own, so cells never become pieces; only known ones are read;
//   - mol, osm, [pH] and [g] measure something of their own, too;
//   - no unit takes both prefixes m and M: Mg, ML and MW are slips for mg, mL, mW;
//   - %{v/v} is no %, and %{w/v} is 1 g in 100 mL, that is 10 mg/mL;
//   - [EU] is the endotoxin unit, and 1 [EU] is 1 [iU]. In UCUM that code is the
//     Ehrlich unit's, which measures something else;
//   - Cel alone is a point on a scale: 37 Cel is 310.15 K. Inside a unit, as in
//     Cel/min, it is a difference, that is K;
//   - no rpm.
//
// Some words of the bench stand for a code ([Parse]); documents hold codes ([New]).
package quantity

import (
	"strings"

	"secretome/internal/fault"
)

// Quantity is an amount in a unit. The zero Quantity means "not given", which
// is not the same as an amount of 0.
type Quantity struct {
	amount string // canonical decimal: optional "-", digits, optional "." and digits
	unit   string // UCUM code that measureOf reads
}

// New returns the quantity of a decimal in a UCUM unit. It fails with
// [fault.Invalid] for anything else.
func New(amount, unit string) (Quantity, error) {
	d, err := decimal(amount)
	if err != nil {
		return Quantity{}, err
	}
	if !Known(unit) {
		return Quantity{}, unknownUnit(unit)
	}
	return Quantity{d, unit}, nil
}

// Parse reads "9,1 mL" or "9.1mL". Micro may be written u, µ or μ, exponents
// ² or 2, and some words that laboratories use (°C, cells, mM, EU/ml) stand for
// their UCUM code. It fails with [fault.Invalid] and a sentence on what to write
// instead.
func Parse(text string) (Quantity, error) {
	text = clean(text)
	if err := misshapen(text); err != nil {
		return Quantity{}, err
	}
	number, word := split(text)
	if strings.Trim(number, "+-") == "" {
		return Quantity{}, fault.New(fault.Invalid, "%s is no quantity", quote(text)).Try("write a number and a unit, for instance 9.1 mL")
	}
	d, err := decimal(number)
	if err != nil {
		return Quantity{}, err
	}
	if word == "" {
		return Quantity{}, fault.New(fault.Invalid, "%s has no unit", quote(text)).Try("write the unit behind the number, for instance %s mL", d)
	}
	c, ok := code(word)
	if !ok {
		return Quantity{}, unknownUnit(word)
	}
	return Quantity{d, c}, nil
}

// IsZero reports whether q was not given.
func (q Quantity) IsZero() bool { return q == Quantity{} }

// Amount returns the decimal, digit for digit.
func (q Quantity) Amount() string { return q.amount }

// Unit returns the UCUM code.
func (q Quantity) Unit() string { return q.unit }

// Words returns the quantity as people write it, for instance −80 °C.
func (q Quantity) Words() string {
	return strings.TrimSuffix(strings.Replace(q.amount, "-", "−", 1)+" "+Word(q.unit), " ")
}

// Word is a UCUM code as people write it.
func Word(unit string) string {
	switch unit {
	case "Cel":
		return "°C"
	case "1":
		return ""
	case "a":
		return "years"
	case "wk":
		return "weeks"
	}
	unit = strings.NewReplacer("ug", "µg", "uL", "µL", "umol", "µmol", "{", "", "}", "", "m2", "m²", "cm2", "cm²").Replace(unit)
	return strings.Replace(unit, "cm²²", "cm²", 1)
}

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
