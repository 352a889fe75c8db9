package instrument

import (
	"strconv"
	"strings"
)

// Number reads a printed decimal. Point and comma are decimal marks, whichever
// occurs; there are no thousands marks, so "1,250" is 1.25. NaN, infinities,
// hexadecimals and numbers too large for a float64 are none.
func Number(s string) (float64, bool) {
	if !isDecimal(s) {
		return 0, false
	}
	v, err := strconv.ParseFloat(strings.Replace(s, ",", ".", 1), 64)
	if err != nil {
		return 0, false
	}
	return v, true
}

// isDecimal reports whether s is sign, digits with at most one mark among
// them, and perhaps an exponent.
func isDecimal(s string) bool {
	mantissa, exponent, hasExponent := strings.Cut(strings.ToLower(s), "e")
	mantissa = strings.TrimLeft(mantissa, "+-")
	if len(s)-len(strings.TrimLeft(s, "+-")) > 1 {
		return false
	}
	if hasExponent {
		digits := strings.TrimPrefix(strings.TrimPrefix(exponent, "-"), "+")
		if !isDigits(digits) || len(exponent)-len(digits) > 1 {
			return false
		}
	}
	whole, fraction, marked := strings.Cut(strings.Replace(mantissa, ",", ".", 1), ".")
	if !marked {
		return isDigits(whole)
	}
	return isDigits(whole+fraction) && !strings.ContainsAny(fraction, ".,")
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// Seconds reads a printed duration h:mm:ss; hours may exceed 24.
func Seconds(s string) (float64, bool) {
	part := strings.Split(s, ":")
	if len(part) != 3 {
		return 0, false
	}
	total := 0
	for i, p := range part {
		n, err := strconv.Atoi(p)
		if err != nil || !isDigits(p) || n > 1_000_000 || (i > 0 && n > 59) {
			return 0, false
		}
		total = total*60 + n
	}
	return float64(total), true
}

// Fill sets value and flag of r from a cell as printed, and keeps the token in
// the source where it is no plain number. It reports false for an empty cell,
// which is no reading.
func (r *Reading) Fill(cell string) bool {
	cell = strings.TrimSpace(cell)
	if cell == "" {
		return false
	}
	if v, ok := Number(cell); ok {
		r.Value = &v
		return true
	}
	r.Source.Printed = clip(cell, 80)
	if inner, ok := strings.CutPrefix(cell, "*"); ok {
		if v, ok := Number(strings.TrimSuffix(inner, "*")); ok && strings.HasSuffix(inner, "*") {
			r.Value, r.Flag = &v, Masked
			return true
		}
	}
	if v, ok := Seconds(cell); ok {
		r.Value, r.Unit = &v, "s"
		return true
	}
	r.Flag = flagOf(cell)
	return true
}

// flagOf puts a vendor's token into our words.
func flagOf(token string) Flag {
	switch t := strings.ToUpper(token); {
	case t == "OVRFLW", t == "OVER", t == "OVERFLOW", strings.Trim(t, "#") == "", t == "***":
		return Overflow
	case t == "MISSED":
		return NotRead
	case strings.Trim(t, "?") == "", t == "NAN", t == "N/A", t == "ERROR":
		return NoResult
	case strings.HasPrefix(t, "<"):
		return BelowRange
	case strings.HasPrefix(t, ">"):
		return AboveRange
	case t == "RANGE?":
		return OutOfRange
	case t == "PATH?":
		return Path
	}
	return Remark
}

// Address names a cell of a table as a spreadsheet does; both count from 0.
func Address(line, column int) string { return letters(column) + strconv.Itoa(line+1) }

// letters returns A, B … Z, AA, AB … for n = 0, 1 …
func letters(n int) string {
	s := ""
	for n++; n > 0; n = (n - 1) / 26 {
		s = string(rune('A'+(n-1)%26)) + s
	}
	return s
}

// maxPlateRows and maxPlateColumns are those of a 3456-well plate.
const (
	maxPlateRows    = 48
	maxPlateColumns = 72
)

// Well names a well; row counts from 0, column from 1. It is empty outside the
// largest plate there is.
func Well(row, column int) string {
	if row < 0 || row >= maxPlateRows || column < 1 || column > maxPlateColumns {
		return ""
	}
	return letters(row) + strconv.Itoa(column)
}

// ParseWell reads "A1", "a01" or "AF48" and returns the name without padding.
func ParseWell(s string) (string, bool) {
	i := strings.IndexFunc(s, func(r rune) bool { return r < 'A' || r > 'Z' && r < 'a' || r > 'z' })
	if i < 1 || i > 2 || !isDigits(s[i:]) || len(s)-i > 3 {
		return "", false
	}
	row, ok := ParseRow(s[:i])
	column, _ := strconv.Atoi(s[i:])
	if !ok || Well(row, column) == "" {
		return "", false
	}
	return Well(row, column), true
}

// ParseRow reads a row's letters: A is 0, Z 25, AA 26.
func ParseRow(s string) (int, bool) {
	if s == "" || len(s) > 2 {
		return 0, false
	}
	n := 0
	for _, c := range strings.ToUpper(s) {
		if c < 'A' || c > 'Z' {
			return 0, false
		}
		n = n*26 + int(c-'A') + 1
	}
	return n - 1, n <= maxPlateRows
}
