package forecast

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// ICalendar returns the tasks as a calendar of RFC 5545, one event each. Events
// keep their UID when the start moves, so that a calendar that is read again
// replaces them. DTSTAMP is the start: the same forecast gives the same bytes.
func (f Forecast) ICalendar() string {
	var c icalendar
	c.line("BEGIN", "VCALENDAR")
	c.line("VERSION", "2.0")
	c.line("PRODID", "-//secretome//protocol plan//EN")
	c.line("CALSCALE", "GREGORIAN")
	c.line("METHOD", "PUBLISH")
	c.line("X-WR-CALNAME", escaped(f.Protocol))
	for _, t := range f.Tasks {
		c.event(f, t)
	}
	c.line("END", "VCALENDAR")
	return c.String()
}

// icalendar collects content lines.
type icalendar struct{ strings.Builder }

func (c *icalendar) event(f Forecast, t Task) {
	c.line("BEGIN", "VEVENT")
	sum := sha256.Sum256([]byte(f.Hash + "/" + t.ID))
	c.line("UID", hex.EncodeToString(sum[:16])+"@secretome.invalid")
	c.line("DTSTAMP", stamp(f.Start))
	c.line("DTSTART", stamp(t.Begins))
	if t.Ends.After(t.Begins) { // RFC 5545, 3.8.2.2: the end is later than the start
		c.line("DTEND", stamp(t.Ends))
	}
	l := fold([]Task{t})[0]
	c.line("SUMMARY", escaped(l.name()+" ("+l.where()+")"))
	c.line("CATEGORIES", escaped(t.Role))
	c.line("DESCRIPTION", escaped(strings.Join(l.described(), "\n")))
	c.line("END", "VEVENT")
}

// described is what stands below an event's title.
func (l line) described() []string {
	about := []string{"stage: " + l.Stage, "role: " + l.Role}
	if w := l.window(); w != "" {
		about = append(about, "window: "+l.Opens.Format(time.RFC3339)+" to "+l.Closes.Format(time.RFC3339))
	}
	if len(l.Instruments) > 0 {
		about = append(about, "instruments: "+strings.Join(l.Instruments, ", "))
	}
	for _, c := range l.Clash {
		about = append(about, "clash: "+c.Text)
	}
	if l.Hint != "" {
		about = append(about, l.Hint)
	}
	return about
}

// line writes a content line, folded so that no line has more than 75 octets and
// no character is cut (RFC 5545, 3.1).
func (c *icalendar) line(name, value string) {
	const octets = 75
	text := name + ":" + value
	width := octets
	for len(text) > width {
		cut := width
		for !utf8.RuneStart(text[cut]) {
			cut--
		}
		fmt.Fprintf(c, "%s\r\n ", text[:cut])
		text, width = text[cut:], octets-1 // the blank counts
	}
	c.WriteString(text + "\r\n")
}

func stamp(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// escaped is a text value (RFC 5545, 3.3.11); other control characters have no
// place in one.
func escaped(s string) string {
	s = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`).Replace(strings.ToValidUTF8(s, "\ufffd"))
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}
