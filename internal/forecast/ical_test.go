package forecast

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

// property is a content line of RFC 5545 without parameters.
type property struct{ name, value string }

// unfolded reads content lines as RFC 5545, 3.1 has them, and fails the test
// where one is not as it must be.
func unfolded(t *testing.T, text string) []property {
	t.Helper()
	if !strings.HasSuffix(text, "\r\n") || strings.Contains(strings.ReplaceAll(text, "\r\n", ""), "\n") {
		t.Fatal("lines do not end with CR and LF")
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
		if len(line) > 75 || !utf8.ValidString(line) {
			t.Errorf("a line has %d octets, or half a character: %q", len(line), line)
		}
	}
	var all []property
	for line := range strings.SplitSeq(strings.ReplaceAll(strings.TrimSuffix(text, "\r\n"), "\r\n ", ""), "\r\n") {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			t.Fatalf("no property: %q", line)
		}
		all = append(all, property{name, value})
	}
	return all
}

func values(all []property, name string) []string {
	var found []string
	for _, p := range all {
		if p.name == name {
			found = append(found, p.value)
		}
	}
	return found
}

func TestEventsAreAsRFC5545HasThem(t *testing.T) {
	p := conditioning("48 h", "46 h", "50 h")
	p.Stages[0].Tasks[0].Title = "Füge Basalmedium zu; 20 % CM, 5 µg/mL \\ und mehr 面试 und noch einmal so viel,\r\nin zwei Zeilen"
	f := plan(t, p, monday(t))
	all := unfolded(t, f.ICalendar())
	if first, last := all[0], all[len(all)-1]; first != (property{"BEGIN", "VCALENDAR"}) || last != (property{"END", "VCALENDAR"}) {
		t.Errorf("it is between %v and %v", first, last)
	}
	for name, want := range map[string][]string{
		"VERSION": {"2.0"}, "METHOD": {"PUBLISH"},
		"DTSTAMP": {"20261005T070000Z", "20261005T070000Z"}, // the start, 09:00 in summer
		"DTSTART": {"20261005T070000Z", "20261007T070000Z"},
		"DTEND":   {"20261005T073000Z", "20261007T073000Z"},
		"SUMMARY": {`Füge Basalmedium zu\; 20 % CM\, 5 µg/mL \\ und mehr 面试 und noch einmal so viel\,\nin zwei Zeilen (conditioning)`, "Collect (conditioning)"},
	} {
		if got := values(all, name); !slices.Equal(got, want) {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for i := range all[1:] {
		if all[i].name == "DESCRIPTION" && strings.ContainsAny(all[i].value, "\r\n") {
			t.Errorf("a description has a line of its own: %q", all[i].value)
		}
	}
}

func TestEventsKeepTheirNameWhenTheStartMoves(t *testing.T) {
	p := conditioning("48 h", "46 h", "50 h")
	one := values(unfolded(t, plan(t, p, monday(t)).ICalendar()), "UID")
	two := values(unfolded(t, plan(t, p, monday(t).Add(24*time.Hour)).ICalendar()), "UID")
	if !slices.Equal(one, two) || one[0] == one[1] {
		t.Errorf("events are %v, and after a move %v", one, two)
	}
}
