package quantity

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"secretome/internal/fault"
)

const (
	maxDigits = 40  // of a number
	maxText   = 200 // bytes of a typed quantity
)

// clean makes one blank of the blanks of print, and a hyphen of the minus sign.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '\u00a0', '\u202f', '\u2009', '\t':
			return ' '
		case '\u2212':
			return '-'
		}
		return r
	}, strings.TrimSpace(text))
}

// split parts the number from the unit word behind it.
func split(text string) (number, word string) {
	end := 0
	for end < len(text) && strings.IndexByte("0123456789.,+-", text[end]) >= 0 {
		end++
	}
	return text[:end], strings.TrimSpace(text[end:])
}

// A shape is a way to write a number that we understand and do not take.
type shape struct {
	like      *regexp.Regexp
	what, try string
}

const typed = `^[+-]?[0-9.,]+\s*`

var shapes = []shape{
	{regexp.MustCompile(`^[+-]?(?i:nan|inf|∞)`), "is no quantity, since its number is not finite", "write the number that was measured, for instance 9.1 mL"},
	{regexp.MustCompile(`^[<>≤≥~≈±=]`), "is a bound or a guess, no quantity", "write one number and a unit, for instance 9.1 mL"},
	{regexp.MustCompile(`^[+-]?[0-9]{1,3}(?:[ '’‘´_]+[0-9]{3})+(?:[^0-9]|$)`), "has a thousands mark", "write the digits without anything between them"},
	{regexp.MustCompile(typed + `(?:\.\.|…|[-–—±]|to\b|\+/-)\s*[0-9]`), "has two numbers", "write one number and a unit, for instance 9.1 mL"},
	{regexp.MustCompile(typed + `(?:\^\s*[+-]?[0-9]|[x×*·⋅]\s*10|10\s*\^)`), "has a power of ten", "write all digits of the number"},
	{regexp.MustCompile(typed + `(?:/\s*[0-9]|[¼½¾⅓⅔⅛])`), "is a fraction", "write it as a decimal, for instance 0.5"},
	{regexp.MustCompile(`^[+-]?0(?:[xX][0-9a-fA-F]|[bB][01]|[oO][0-7])`), "is no decimal number", "write digits with at most one decimal mark"},
	{regexp.MustCompile(typed + `[^ ]*[^0-9 .,+-][^ ]* +[+-]?[0-9]`), "has two numbers", "write one number and a unit, for instance 1.5 h"},
}

// misshapen explains what is wrong with a text as a whole.
func misshapen(text string) error {
	if len(text) > maxText {
		return fault.New(fault.Invalid, "%s is too long for a quantity", quote(text)).Try("write a number and a unit, for instance 9.1 mL")
	}
	if i := strings.IndexFunc(text, func(r rune) bool { return r > unicode.MaxASCII && unicode.IsDigit(r) }); i >= 0 {
		return fault.New(fault.Invalid, "%s has digits of another script", quote(text)).Try("write the digits 0 to 9")
	}
	if err := exponential(text); err != nil {
		return err
	}
	for _, s := range shapes {
		if s.like.MatchString(text) {
			return fault.New(fault.Invalid, "%s %s", quote(text), s.what).Try("%s", s.try)
		}
	}
	return nil
}

var powerOfTen = regexp.MustCompile(`^([+-]?[0-9.,]+)(?:[eE]|\s*[x×*·⋅]\s*10[\^*])([+-]?[0-9]+)(.*)$`)

// exponential refuses 1e6 and 2x10^6, and writes the number out, since nobody
// counts zeros well.
func exponential(text string) error {
	part := powerOfTen.FindStringSubmatch(text)
	if part == nil {
		return nil
	}
	f := fault.New(fault.Invalid, "%s has a power of ten", quote(text))
	d, err := decimal(part[1])
	n, wide := strconv.Atoi(part[2])
	if err != nil || wide != nil || n < -15 || n > 15 {
		return f.Try("write all digits of the number")
	}
	r := one().times(measure{factor: big.NewRat(10, 1)}, n).factor
	full, ok := finite(r.Mul(r, rational(d)))
	if !ok {
		return f.Try("write all digits of the number")
	}
	return f.Try("write all digits: %s", strings.TrimSpace(full+" "+strings.TrimSpace(part[3])))
}

// decimal returns the canonical form of a typed decimal.
func decimal(text string) (string, error) {
	digits, negative := strings.CutPrefix(text, "-")
	if !negative {
		digits = strings.TrimPrefix(text, "+")
	}
	whole, part, marked := strings.Cut(strings.Replace(digits, ",", ".", 1), ".")
	if grouped(digits, whole, part) {
		return "", fault.New(fault.Invalid, "%s may have a thousands mark", quote(text)).Try("write it without, with a point as the decimal mark")
	}
	if len(whole)+len(part) > maxDigits {
		return "", fault.New(fault.Invalid, "%s has more than %d digits", quote(text), maxDigits).Try("write the digits that were measured")
	}
	if marked && part == "" || whole+part == "" || !numeric(whole+part) {
		return "", fault.New(fault.Invalid, "%s is no decimal number", quote(text)).Try("write digits with at most one decimal mark")
	}
	d := strings.TrimLeft(whole, "0")
	if d == "" {
		d = "0"
	}
	if marked {
		d += "." + part
	}
	if negative && strings.Trim(d, "0.") != "" {
		d = "-" + d
	}
	return d, nil
}

// grouped reports whether a mark may stand between thousands: there are two, or
// it is a comma with three digits behind and a number before it.
func grouped(digits, whole, part string) bool {
	if strings.Count(digits, ".")+strings.Count(digits, ",") > 1 {
		return true
	}
	return strings.Contains(digits, ",") && len(part) == 3 && whole != "" && whole != "0"
}

func numeric(s string) bool { return strings.Trim(s, "0123456789") == "" }

// rational returns the value of a canonical decimal.
func rational(d string) *big.Rat {
	r, ok := new(big.Rat).SetString(d)
	if !ok {
		return new(big.Rat)
	}
	return r
}

// finite writes a number as a decimal, if it has one that [Parse] would read.
func finite(r *big.Rat) (string, bool) {
	places, exact := r.FloatPrec()
	if !exact {
		return "", false
	}
	d := r.FloatString(places)
	return d, held(d)
}

// held reports whether a decimal is short enough to be read again.
func held(d string) bool {
	return len(strings.Trim(strings.Replace(d, ".", "", 1), "-")) <= maxDigits
}

// quote quotes what was typed, and cuts what is too long to be shown.
func quote(text string) string {
	if len(text) > 60 {
		cut := 57
		for cut > 0 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		text = text[:cut] + "…"
	}
	return strconv.Quote(text)
}
