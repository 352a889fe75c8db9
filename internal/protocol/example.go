package protocol

import (
	"regexp/syntax"
	"strings"
)

// Example is a text that a pattern accepts, for people: PL-1234 for
// PL-[0-9A-Z-]{3,20}. It is empty where the pattern is no regular expression.
func Example(pattern string) string {
	r, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return ""
	}
	var e example
	e.write(r)
	return e.String()
}

// example is written sign by sign; its digits count upwards.
type example struct {
	strings.Builder
	digits rune
}

// enough is how often something stands that may stand any number of times.
const enough = 4

func (e *example) write(r *syntax.Regexp) {
	switch r.Op {
	case syntax.OpLiteral:
		e.WriteString(string(r.Rune))
	case syntax.OpCharClass:
		e.WriteRune(e.of(r.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		e.WriteRune(e.digit())
	case syntax.OpConcat, syntax.OpCapture:
		for _, part := range r.Sub {
			e.write(part)
		}
	case syntax.OpAlternate:
		e.write(r.Sub[0])
	case syntax.OpStar, syntax.OpPlus:
		e.repeat(r.Sub[0], enough)
	case syntax.OpRepeat:
		n := max(r.Min, enough)
		if r.Max >= 0 {
			n = min(n, r.Max)
		}
		e.repeat(r.Sub[0], n)
	default: // nothing, or a place and no sign
	}
}

func (e *example) repeat(r *syntax.Regexp, times int) {
	for range times {
		e.write(r)
	}
}

// of is a sign of a class, given as pairs of first and last: a digit if it may be.
func (e *example) of(class []rune) rune {
	for i := 0; i+1 < len(class); i += 2 {
		if class[i] <= '0' && class[i+1] >= '9' {
			return e.digit()
		}
	}
	return class[0]
}

func (e *example) digit() rune {
	e.digits = e.digits%9 + 1
	return '0' + e.digits
}
