package quantity

import (
	"math/big"
	"slices"
	"strconv"
	"strings"
)

const (
	maxUnit  = 64 // bytes of a unit
	maxDepth = 3  // parentheses within each other
)

// A measure is what a unit stands for: a dimension, and how many of its bases.
type measure struct {
	dimension dimension
	factor    *big.Rat
}

// times returns m multiplied by other to the power of n.
func (m measure) times(other measure, n int) measure {
	out := measure{m.dimension, new(big.Rat).Set(m.factor)}
	for i := range out.dimension {
		out.dimension[i] += other.dimension[i] * int16(n)
	}
	factor := other.factor
	if n < 0 {
		factor, n = new(big.Rat).Inv(factor), -n
	}
	for range n {
		out.factor.Mul(out.factor, factor)
	}
	return out
}

// measureOf reads a UCUM code.
func measureOf(code string) (measure, bool) {
	if len(code) > maxUnit {
		return measure{}, false
	}
	r := reader{rest: code}
	m, ok := r.term(0)
	return m, ok && r.rest == ""
}

// A reader takes a code apart from the left.
type reader struct{ rest string }

func (r *reader) take(text string) bool {
	rest, ok := strings.CutPrefix(r.rest, text)
	r.rest = rest
	return ok
}

func one() measure { return measure{factor: big.NewRat(1, 1)} }

// term reads factors with points and slashes between them, from left to right:
// g/m2/h is g/(m2.h). A slash may come first, but no number behind that one,
// since 1 /2 is a fraction.
func (r *reader) term(depth int) (measure, bool) {
	m, sign := one(), 1
	if r.take("/") {
		sign = -1
		if strings.HasPrefix(r.rest, "1") {
			return m, false
		}
	}
	for {
		f, ok := r.factor(depth)
		if !ok {
			return m, false
		}
		m = m.times(f, sign)
		switch {
		case r.take("."):
			sign = 1
		case r.take("/"):
			sign = -1
		default:
			return m, true
		}
	}
}

// factor reads a term in parentheses, a power of ten, the number one or an atom
// with its prefix and exponent.
func (r *reader) factor(depth int) (measure, bool) {
	switch {
	case r.take("("):
		if depth == maxDepth {
			return measure{}, false
		}
		m, ok := r.term(depth + 1)
		return m, ok && r.take(")")
	case r.take("10*"):
		return r.raised(measure{factor: big.NewRat(10, 1)}, 30)
	case r.take("1"):
		return one(), true
	}
	name := r.symbol()
	m, ok := resolve(name)
	if !ok || strings.HasSuffix(name, "}") || strings.HasSuffix(name, "%") {
		return m, ok
	}
	return r.raised(m, 9)
}

// raised reads the exponent of m, at most so large.
func (r *reader) raised(m measure, most int) (measure, bool) {
	n, ok := r.exponent(most)
	if !ok {
		return measure{}, false
	}
	return one().times(m, n), true
}

// symbol reads letters, percent signs and whole brackets and braces.
func (r *reader) symbol() string {
	end := 0
	for end < len(r.rest) {
		n := piece(r.rest[end:])
		if n == 0 {
			break
		}
		end += n
	}
	name := r.rest[:end]
	r.rest = r.rest[end:]
	return name
}

// piece returns how many bytes of a symbol come first in text.
func piece(text string) int {
	switch b := text[0]; {
	case b == '[':
		return strings.IndexByte(text, ']') + 1
	case b == '{':
		return strings.IndexByte(text, '}') + 1
	case letter(b) || b == '%':
		return 1
	}
	return 0
}

func letter(b byte) bool { return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' }

// exponent reads a whole number between -most and most, as short as it can be
// written and not 0; without one it is 1.
func (r *reader) exponent(most int) (int, bool) {
	end := len(r.rest) - len(strings.TrimLeft(strings.TrimPrefix(r.rest, "-"), "0123456789"))
	if end == 0 {
		return 1, true
	}
	text := r.rest[:end]
	r.rest = r.rest[end:]
	n, err := strconv.Atoi(text)
	return n, err == nil && n != 0 && n <= most && -n <= most && strconv.Itoa(n) == text
}

// resolve finds the atom of a symbol, with or without a prefix.
func resolve(name string) (measure, bool) {
	if a, ok := atoms[name]; ok {
		return measure{a.dimension, big.NewRat(a.num, a.den)}, true
	}
	if name == "" {
		return measure{}, false
	}
	a, ok := atoms[name[1:]]
	if !ok || strings.IndexByte(a.prefixes, name[0]) < 0 {
		return measure{}, false
	}
	ten := measure{factor: big.NewRat(10, 1)}
	return measure{a.dimension, big.NewRat(a.num, a.den)}.times(ten, power(name[0])), true
}

// String names the dimension for people: by its own name, or by its bases, for
// instance "number of cells per mass".
func (d dimension) String() string {
	if name, ok := named[d]; ok {
		return name
	}
	above, below := "", ""
	for i, n := range d {
		name := baseNames[i]
		if n > 1 || n < -1 {
			name += "^" + strconv.Itoa(max(int(n), -int(n)))
		}
		switch {
		case n > 0 && above != "":
			above += " times " + name
		case n > 0:
			above = name
		case n < 0:
			below += " per " + name
		}
	}
	if above == "" {
		above = "number"
	}
	return above + below
}

// Known reports whether unit is a UCUM code that this package can read.
func Known(unit string) bool { _, ok := measureOf(unit); return ok }

// Dimension returns what a unit measures, for instance "volume"; empty for an
// unknown one. Two units convert into each other if and only if they have the
// same.
func Dimension(unit string) string {
	m, ok := measureOf(unit)
	if !ok {
		return ""
	}
	return m.dimension.String()
}

// Alternatives returns the usual units of the same dimension and the unit
// itself, sorted; nothing for an unknown one.
func Alternatives(unit string) []string {
	want, ok := measureOf(unit)
	if !ok {
		return nil
	}
	alike := []string{unit}
	for _, c := range usual {
		// %{w/v} is for enzymes and gels; nobody states a standard in it.
		if m, _ := measureOf(c); m.dimension == want.dimension && c != unit && c != "%{w/v}" {
			alike = append(alike, c)
		}
	}
	slices.Sort(alike)
	return alike
}
