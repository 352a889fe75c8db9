package sample

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"secretome/internal/fault"
	"secretome/internal/quantity"
)

// Temperature is one reading of a place's logger.
type Temperature struct {
	At      time.Time
	Cel     float64 // °C
	Missing bool    // the logger wrote that it has no temperature
}

// PlaceLog is what the logger of a place wrote, in the order of time. It has at
// least one temperature.
type PlaceLog struct {
	Place    string
	Readings []Temperature
}

// Span is a stretch of time, both ends included.
type Span struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// Coverage is how far the logs of a place tell of a stretch of time.
type Coverage struct {
	Low      quantity.Quantity `json:"low,omitzero"`  // the lowest reading, in Cel; zero: there is none
	High     quantity.Quantity `json:"high,omitzero"` // the highest one
	Readings int               `json:"readings"`
	Fraction float64           `json:"fraction"` // of the time for which there are readings, 0 to 1
	Covered  []Span            `json:"covered,omitempty"`
	Gaps     []Span            `json:"gaps,omitempty"` // for which there are none
}

// Place is a place with loggers' files.
type Place struct {
	Place string            `json:"place"`
	Files int               `json:"files"`
	From  time.Time         `json:"from"` // of the first reading
	To    time.Time         `json:"to"`   // of the last one
	Low   quantity.Quantity `json:"low"`
	High  quantity.Quantity `json:"high"`
}

// PlaceView is all that loggers' files say of a place.
type PlaceView struct {
	Place
	Coverage Coverage    `json:"coverage"` // of the time from the first reading to the last one
	Logs     []PlaceFile `json:"logs"`
}

// PlaceFile is one logger's file.
type PlaceFile struct {
	Number   int64             `json:"number"` // of the record in the laboratory's logbook
	Source   string            `json:"source"` // name of the file
	Artifact string            `json:"artifact"`
	From     time.Time         `json:"from"`
	To       time.Time         `json:"to"`
	Low      quantity.Quantity `json:"low"`
	High     quantity.Quantity `json:"high"`
	Readings int               `json:"readings"`
	Missing  int               `json:"missing,omitempty"`
	By       string            `json:"by"`
	Received time.Time         `json:"received"`
}

// CleanPlace returns the name of a place without blanks that mean nothing. It
// fails with [fault.Invalid] for what is no name.
func CleanPlace(name string) (string, error) {
	const most = 200 // characters, as many as a logbook's name may have
	clean := strings.Join(strings.Fields(name), " ")
	if strings.Trim(clean, ".") == "" || utf8.RuneCountInString(clean) > most || strings.ContainsFunc(clean, unicode.IsControl) {
		return "", fault.New(fault.Invalid, "%q is no name of a place", name).Field("place").Try("name it as in lot move and lot freeze, with at most %d characters: F-80-2", most)
	}
	return clean, nil
}

// SamePlace reports whether two names mean the same place: case and the number
// of blanks make no difference.
func SamePlace(a, b string) bool { return placeKey(a) == placeKey(b) }

func placeKey(name string) string { return strings.ToLower(strings.Join(strings.Fields(name), " ")) }

// Inside reports whether a place is within another one, or is it: "F-80-2, rack
// B" and "F-80-2 / rack B" are inside "F-80-2"; "F-80-21" is not.
func Inside(place, whole string) bool {
	rest, ok := strings.CutPrefix(placeKey(place), placeKey(whole))
	if !ok {
		return false
	}
	rest = strings.TrimLeft(rest, " ")
	return rest == "" || strings.ContainsRune(",;/:", rune(rest[0]))
}

// Span returns the time from the first reading to the last one.
func (p PlaceLog) Span() Span {
	return Span{p.Readings[0].At, p.Readings[len(p.Readings)-1].At}
}

// Missing counts the readings without a temperature.
func (p PlaceLog) Missing() int {
	n := 0
	for _, r := range p.Readings {
		if r.Missing {
			n++
		}
	}
	return n
}

// Usual returns the median of the times between two readings; 0 for a single one.
func (p PlaceLog) Usual() time.Duration {
	var steps []time.Duration
	for i := 1; i < len(p.Readings); i++ {
		if d := p.Readings[i].At.Sub(p.Readings[i-1].At); d > 0 {
			steps = append(steps, d)
		}
	}
	if len(steps) == 0 {
		return 0
	}
	slices.Sort(steps)
	return steps[len(steps)/2]
}

// patience is how many usual intervals may lie between two readings without a
// gap: one reading that was lost is none.
const patience = 2

// spans are the times for which there are temperatures. A reading that is missing
// ends one, and so does a step of more than twice the usual one.
func (p PlaceLog) spans() []Span {
	most := patience * p.Usual()
	var all []Span
	open := false
	for _, r := range p.Readings {
		switch {
		case r.Missing:
			open = false
		case open && r.At.Sub(all[len(all)-1].To) <= most:
			all[len(all)-1].To = r.At
		default:
			all, open = append(all, Span{r.At, r.At}), true
		}
	}
	return all
}

// Cover returns how far logs of one place tell of a stretch of time. Files that
// follow each other without a gap are one.
func Cover(logs []PlaceLog, within Span) Coverage {
	var c Coverage
	var low, high float64
	for _, log := range logs {
		for _, r := range log.Readings {
			if r.Missing || r.At.Before(within.From) || r.At.After(within.To) {
				continue
			}
			if c.Readings == 0 || r.Cel < low {
				low = r.Cel
			}
			if c.Readings == 0 || r.Cel > high {
				high = r.Cel
			}
			c.Readings++
		}
	}
	if c.Readings > 0 {
		c.Low, c.High = Celsius(low), Celsius(high)
	}
	c.fill(joinedSpans(logs), within)
	return c
}

// joinedSpans are the covered times of all logs, in order and apart.
func joinedSpans(logs []PlaceLog) []Span {
	logs = slices.Clone(logs)
	slices.SortStableFunc(logs, func(a, b PlaceLog) int { return a.Span().From.Compare(b.Span().From) })
	var all []Span
	for i, log := range logs {
		all = append(all, log.spans()...)
		if i == 0 {
			continue
		}
		before := logs[i-1]
		last, first := before.Readings[len(before.Readings)-1], log.Readings[0]
		between := first.At.Sub(last.At)
		if !last.Missing && !first.Missing && between >= 0 && between <= patience*max(before.Usual(), log.Usual()) {
			all = append(all, Span{last.At, first.At})
		}
	}
	slices.SortStableFunc(all, func(a, b Span) int { return a.From.Compare(b.From) })
	var apart []Span
	for _, s := range all {
		if n := len(apart); n > 0 && !s.From.After(apart[n-1].To) {
			if s.To.After(apart[n-1].To) {
				apart[n-1].To = s.To
			}
			continue
		}
		apart = append(apart, s)
	}
	return apart
}

// fill cuts the covered times to a stretch, and names what lies between.
func (c *Coverage) fill(covered []Span, within Span) {
	at := within.From
	var sum time.Duration
	for _, s := range covered {
		if s.From.Before(within.From) {
			s.From = within.From
		}
		if s.To.After(within.To) {
			s.To = within.To
		}
		if !s.From.Before(s.To) { // outside, or a single reading
			continue
		}
		if at.Before(s.From) {
			c.Gaps = append(c.Gaps, Span{at, s.From})
		}
		c.Covered, sum, at = append(c.Covered, s), sum+s.To.Sub(s.From), s.To
	}
	if at.Before(within.To) {
		c.Gaps = append(c.Gaps, Span{at, within.To})
	}
	if whole := within.To.Sub(within.From); whole > 0 {
		c.Fraction = float64(sum) / float64(whole)
	}
}

// Celsius returns a temperature as a quantity. What [ReadPlaceLog] read always
// has one.
func Celsius(v float64) quantity.Quantity {
	q, err := quantity.New(strconv.FormatFloat(v, 'f', -1, 64), "Cel")
	if err != nil {
		return quantity.Quantity{}
	}
	return q
}
