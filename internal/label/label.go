// Package label draws labels for vials, bottles and boxes: a symbol that a
// scanner reads, the same code for the eye, and up to three lines of text.
//
// A drawing depends on its input alone, byte for byte. All lengths are in
// millimetres. The symbol keeps the quiet zone of its symbology, and nothing
// leaves the label: other text is shortened, the code never is. A label that
// has no room for its code is refused.
package label

import (
	"strings"
	"unicode"

	"secretome/internal/fault"
)

// Label is what stands on one label. Only Code must be given.
type Label struct {
	Code  string // what the scanner reads, see [CheckCode]
	Title string // in one line, as Line2 and Line3; shortened where it is too long
	Line2 string
	Line3 string
}

// MaxCode is how many characters a code has at most. All of them fit the
// smallest of [Sheets] as Data Matrix and as QR code.
const MaxCode = 48

// MaxLabels is how many labels one job prints at most, with all copies.
const MaxLabels = 10_000

// CheckCode refuses with a [fault.Invalid] what scanners and people would read
// differently: an empty code, one of more than [MaxCode] characters, characters
// that are not printable ASCII, and blanks at either end, which no eye sees.
func CheckCode(code string) error {
	switch {
	case code == "":
		return fault.New(fault.Invalid, "a label has no code").Field("code").Try("give each label a code, such as CM-2026-007")
	case len(code) > MaxCode:
		return fault.New(fault.Invalid, "code %q has %d characters, above the %d that a label holds", code, len(code), MaxCode).Field("code").Try("shorten the code")
	case strings.ContainsFunc(code, func(r rune) bool { return r < ' ' || r > '~' }):
		return fault.New(fault.Invalid, "code %q has a character that is not printable ASCII", code).Field("code").Try("use letters without accents, digits, blanks and signs such as - . / only")
	case strings.TrimSpace(code) != code:
		return fault.New(fault.Invalid, "code %q begins or ends with a blank", code).Field("code").Try("leave the blank out: nobody sees it on the label")
	}
	return nil
}

// Job is a set of labels to print.
type Job struct {
	Labels []Label
	Sheet  Sheet
	Symbol Symbol
	Copies int // of each label, one behind the other; 0 means 1
	Skip   int // labels of the first page that are used already
}

// check refuses what cannot be printed, and returns the number of copies.
func (j Job) check() (copies int, err error) {
	copies = max(j.Copies, 1)
	switch {
	case len(j.Labels) == 0:
		return 0, fault.New(fault.Invalid, "there is no label to print").Try("give at least one code")
	case j.Copies < 0:
		return 0, fault.New(fault.Invalid, "%d copies cannot be printed", j.Copies).Field("copies").Try("give 1 or more")
	case copies > MaxLabels/len(j.Labels):
		return 0, fault.New(fault.Invalid, "%d labels in %d copies are more than %d", len(j.Labels), copies, MaxLabels).Field("copies").Try("print them in parts")
	}
	if err := j.Sheet.check(); err != nil {
		return 0, err
	}
	if holds := j.Sheet.perPage(); j.Skip < 0 || j.Skip >= holds {
		return 0, fault.New(fault.Invalid, "%d labels cannot be skipped: a page of %s has %d", j.Skip, j.Sheet.Name, holds).Field("skip").Try("give 0 to %d", holds-1)
	}
	return copies, j.checkCodes()
}

func (j Job) checkCodes() error {
	seen := map[string]bool{}
	for _, l := range j.Labels {
		if err := CheckCode(l.Code); err != nil {
			return err
		}
		if seen[l.Code] {
			return fault.New(fault.Conflict, "code %q is given twice, and two things would carry it", l.Code).Field("code").Try("leave one out, or ask for copies if one thing needs several labels")
		}
		seen[l.Code] = true
	}
	return nil
}

// line is text in one line: blanks and control characters become single
// blanks, and what only steers the direction of writing is left out.
func line(text string) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		return r
	}, text)
	return strings.Join(strings.Fields(text), " ")
}
