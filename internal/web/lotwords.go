package web

import (
	"fmt"
	"math"
	"net/url"
	"strings"

	"secretome/internal/lab"
	"secretome/internal/sample"
)

// What the pages of lots and donors say in the same way.

// Plain writes units for people.
func (in lotPage) Plain(text string) string { return plainUnits(text) }

// Plain writes units for people.
func (in donorPage) Plain(text string) string { return plainUnits(text) }

// EventOf is the address of the record behind a line of the chain; empty for one of
// the lot's own logbook.
func (in lotPage) EventOf(l sample.Line) string { return eventOf(l) }

// EventOf is the address of the record behind a line of the chain.
func (in donorPage) EventOf(l sample.Line) string { return eventOf(l) }

func eventOf(l sample.Line) string {
	run, ok := strings.CutPrefix(l.Logbook, "run/")
	if !ok {
		return ""
	}
	return fmt.Sprintf("/runs/%s/events/%d", url.PathEscape(run), l.Number)
}

// Percent is a fraction as people read it.
func (in lotPage) Percent(f float64) string { return percentWords(f) }

// Percent is a fraction as people read it.
func (in donorPage) Percent(f float64) string { return percentWords(f) }

// Ends says when the lot expires, in days.
func (in lotPage) Ends() string { return endsWords(in.Fitness) }

// Share is how much of the whole is left, in percent.
func (in lotPage) Share() int { return leftShare(in.LotDesk) }

func leftShare(d lab.LotDesk) int {
	unit := d.Whole.Unit()
	whole, err := d.Whole.Float(unit)
	if err != nil || whole == 0 {
		return 0
	}
	left, err := d.Left.Float(unit)
	if err != nil {
		return 0
	}
	return int(math.Round(left / whole * 100))
}
