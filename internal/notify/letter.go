package notify

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/mail"
	"regexp"
	"strings"
	"time"
	"unicode"

	gomail "github.com/wneessen/go-mail"
)

const subjectShown = 150 // characters of a subject; the whole title stands in the text

// letter returns m as an e-mail (RFC 5322) in plain text, signed off at now.
// from and to come from settings that were checked. What m says cannot leave
// its place: headers are one line each, and the text is quoted-printable.
func (m Message) letter(from *mail.Address, to []*mail.Address, now time.Time) ([]byte, error) {
	zone := place(m.Zone)
	msg := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithEncoding(gomail.EncodingQP))
	msg.FromMailAddress(from)
	msg.ToMailAddress(to...)
	msg.Subject(m.subject())
	msg.SetDateWithValue(now.In(zone))
	msg.SetMessageIDWithValue(m.messageID(from.Address))
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no reply while away
	msg.SetBodyString(gomail.TypeTextPlain, m.text(zone))
	var b bytes.Buffer
	if _, err := msg.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("write message %s as e-mail: %w", m.ID, err)
	}
	return b.Bytes(), nil
}

// subject is kind, title and run in one line, in which nothing reads as an
// encoded word (RFC 2047) but what the encoder makes.
func (m Message) subject() string {
	s := "[secretome] " + m.Kind
	if m.Title != "" {
		s += ": " + m.Title
	}
	if m.Run != "" {
		s += " (" + m.Run + ")"
	}
	return strings.ReplaceAll(shorten(oneLine(s), subjectShown), "=?", "= ?")
}

var dotAtom = regexp.MustCompile(`^[0-9A-Za-z_-]+(\.[0-9A-Za-z_-]+)*$`)

// messageID is the same for the same ID, and for no other. An ID that cannot
// stand in a Message-ID does so as its hash.
func (m Message) messageID(from string) string {
	left := m.ID
	if !dotAtom.MatchString(left) {
		sum := sha256.Sum256([]byte(m.ID))
		left = "sha256." + hex.EncodeToString(sum[:])
	}
	_, host, _ := strings.Cut(from, "@")
	return left + "@" + host
}

// text is the body: the facts first, each in one line, and then what somebody
// wrote, so that it cannot pass for a fact.
func (m Message) text(zone *time.Location) string {
	var b strings.Builder
	if title := oneLine(m.Title); title != "" {
		b.WriteString(title + "\n\n")
	}
	for _, fact := range []struct{ word, value string }{
		{"What", m.Kind}, {"Run", m.Run}, {"Task", m.Task}, {"For", m.Role},
		{"Happened", clock(m.Happened, zone)}, {"Due", clock(m.Due, zone)}, {"See", m.Link},
	} {
		if value := oneLine(fact.value); value != "" {
			fmt.Fprintf(&b, "%-10s%s\n", fact.word+":", value)
		}
	}
	if text := lines(m.Text); text != "" {
		b.WriteString("\n" + text + "\n")
	}
	fmt.Fprintf(&b, "\n-- \nSent by secretome as message %s.\nThe same number twice is the same message.\n", m.ID)
	return strings.ReplaceAll(b.String(), "\n", "\r\n")
}

// place is the time zone of an IANA name. A message with a wrong name is better
// read in UTC than not at all; the abbreviation behind each time says which.
func place(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil || name == "Local" { // where the server stands is no zone of a message
		return time.UTC
	}
	return zone
}

func clock(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("Mon 2 Jan 2006, 15:04 MST")
}

// oneLine returns s without control and formatting characters, with one blank
// for each run of white space and none at the ends.
func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.Map(visible, strings.ToValidUTF8(s, "\uFFFD"))), " ")
}

// lines is as oneLine, but leaves line breaks and tabs.
func lines(s string) string {
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return r
		}
		return visible(r)
	}, s))
}

// visible makes white space and controls a blank, and drops what changes the
// order in which people see text.
func visible(r rune) rune {
	switch {
	case unicode.IsControl(r), unicode.IsSpace(r):
		return ' '
	case unicode.Is(unicode.Cf, r):
		return -1
	}
	return r
}

// shorten cuts s to n characters.
func shorten(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return s
}
