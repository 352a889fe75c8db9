package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"secretome/internal/quantity"
)

// pageWidth is how wide a page is where no terminal says so, in characters.
const pageWidth = 80

// page writes lines and keeps the first error.
type page struct {
	w     io.Writer
	width int
	err   error
}

// line writes lines without control characters, broken at blanks to the width;
// what follows the first part stands under its last column.
func (v *page) line(format string, args ...any) {
	for text := range strings.SplitSeq(fmt.Sprintf(format, args...), "\n") {
		text = cell(text)
		v.parts(broken(text, underColumn(text), v.width))
	}
}

// prose writes text whose lines all begin at the left.
func (v *page) prose(text string) {
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		v.parts(broken(cell(line), 0, v.width))
	}
}

func (v *page) parts(parts []string) {
	for _, part := range parts {
		if v.err == nil {
			_, v.err = fmt.Fprintln(v.w, part)
		}
	}
}

// underColumn is how far to set in what follows a line's first part: to behind
// the last gap of two blanks near its beginning, or by two.
func underColumn(text string) int {
	const near = 32 // characters: what is set in further has too little room
	indent := len(text) - len(strings.TrimLeft(text, " "))
	begin := text[:min(len(text), near)]
	if gap := strings.LastIndex(begin, "  "); gap >= indent {
		return gap + len("  ")
	}
	return indent + len("  ")
}

// broken takes text apart at blanks; a word that is longer stays in one piece.
func broken(text string, indent, width int) []string {
	var parts []string
	for utf8.RuneCountInString(text) > width {
		end := len(string([]rune(text)[:width+1]))
		cut := strings.LastIndexByte(text[:end], ' ')
		if cut <= indent {
			next := strings.IndexByte(text[min(indent, len(text)):], ' ')
			if next < 1 {
				break
			}
			cut = indent + next
		}
		parts = append(parts, strings.TrimRight(text[:cut], " "))
		text = strings.Repeat(" ", indent) + strings.TrimLeft(text[cut:], " ")
	}
	return append(parts, text)
}

// said writes a line if there is something to say.
func (v *page) said(format, text string) {
	if text != "" {
		v.line(format, text)
	}
}

func after(words string, q quantity.Quantity) string {
	if q.IsZero() {
		return ""
	}
	return words + bare(q)
}

// joined are those of the texts that say something.
func joined(texts ...string) string {
	return strings.Join(slices.DeleteFunc(texts, func(s string) bool { return s == "" }), ", ")
}

func listed(all []quantity.Quantity) string {
	texts := make([]string, 0, len(all))
	for _, q := range all {
		texts = append(texts, q.String())
	}
	return strings.Join(texts, ", ")
}
