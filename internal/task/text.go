package task

import (
	"strings"
	"time"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"secretome/internal/fault"
)

// instant reads RFC 3339, or "2006-01-02 15:04" as lab time. A time that the
// clocks left out, or had twice, is asked for again.
func instant(text string, zone *time.Location) (string, error) {
	text = strings.TrimSpace(text)
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.UTC().Format(time.RFC3339), nil
	}
	at, known := Instants(text, zone)
	switch {
	case !known:
		return "", fault.New(fault.Invalid, "%q is no time", text).Try("write it like 2026-03-02 14:05 (lab time) or 2026-03-02T14:05:00+01:00")
	case len(at) == 0:
		return "", fault.New(fault.Invalid, "%q was no time here: the clocks were put forward over it", text).Try("write the time that the clock showed")
	case len(at) > 1:
		return "", fault.New(fault.Invalid, "%q came twice: the clocks were put back", text).Try("say which: %s or %s", at[0].Format(time.RFC3339), at[1].Format(time.RFC3339))
	}
	return at[0].UTC().Format(time.RFC3339), nil
}

// Instants are the moments at which the clocks of a zone showed a time: one, none
// where they were put forward over it, two where they were put back. It reports
// false for what is no time without a zone.
func Instants(text string, zone *time.Location) ([]time.Time, bool) {
	for _, layout := range []string{"2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02 15:04:05", "2006-01-02T15:04:05"} {
		wall, err := time.Parse(layout, text)
		if err != nil {
			continue
		}
		var at []time.Time
		const furthest, step = 15 * time.Hour, 15 * time.Minute // of zones from UTC
		for offset := furthest; offset >= -furthest; offset -= step {
			t := wall.Add(-offset).In(zone)
			if _, east := t.Zone(); time.Duration(east)*time.Second == offset {
				at = append(at, t)
			}
		}
		return at, true
	}
	return nil, false
}

// scanned is what a scanner read, without what its set-up adds: the end of line,
// the group separator of GS1 codes, the name of the symbology.
func scanned(text string) string {
	text = strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	for _, symbology := range []string{"]C0", "]C1", "]d1", "]d2", "]Q1", "]Q3"} {
		text = strings.TrimPrefix(text, symbology)
	}
	text = strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) })
	return norm.NFC.String(text) // one label, however its letters are composed
}

// blank reports whether a text has nothing that can be seen.
func blank(text string) bool {
	return strings.TrimFunc(text, func(r rune) bool { return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r) }) == ""
}

// leastReason is how many signs a reason has: "x" explains nothing.
const leastReason = 5

// CheckReason holds what somebody gives as a reason against what a reason is. It
// fails with [fault.Invalid] at the field.
func CheckReason(text, field string) error {
	seen := 0
	for _, r := range text {
		if unicode.IsLetter(r) || unicode.IsNumber(r) {
			seen++
		}
	}
	if seen >= leastReason {
		return nil
	}
	return fault.New(fault.Invalid, "%q is no reason", text).Field(field).Try("say in a few words why, %d letters at least", leastReason)
}
