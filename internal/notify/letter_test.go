package notify_test

import (
	"bytes"
	"mime"
	"net/mail"
	"strings"
	"testing"

	"secretome/internal/notify"
)

// FuzzHeadersStayThemselves holds that no words of a message make, end or
// change a header, whatever they are.
func FuzzHeadersStayThemselves(f *testing.F) {
	f.Add("asked", "Feed\r\nBcc: eve@example.net", "UCM\r\n\r\nbody", "x\r\n.\r\nMAIL FROM:<eve@example.net>", "https://x\r\ny")
	f.Add("a\nb", "=?utf-8?q?=0D=0ABcc:_eve@example.net?=", "\u2028Bcc: x", "\x00\xff", "\u202Egnp")
	f.Add("", strings.Repeat("ü", 500), strings.Repeat("x", 2000), strings.Repeat("y", 5000), "")
	f.Fuzz(func(t *testing.T, kind, title, run, text, link string) {
		m := notify.Message{ID: "a", Kind: kind, Title: title, Run: run, Task: run, Text: text, Role: title, Link: link, Due: noon, Zone: kind}
		letter, err := m.Letter(&mail.Address{Name: "Laboratory", Address: "lab@example.org"}, []*mail.Address{{Address: "ada@example.org"}}, noon)
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := bytes.Cut(letter, []byte("\r\n\r\n"))
		for line := range strings.SplitSeq(string(head), "\r\n") {
			if strings.ContainsAny(line, "\r\n\x00") || len(line) > 998 { // RFC 5322, 2.1.1
				t.Errorf("header line %q", line)
			}
		}
		header, _ := parse(t, string(letter))
		if len(header) != len(wantHeaders) {
			t.Errorf("headers are %v, want %v", header, wantHeaders)
		}
		for _, name := range wantHeaders {
			if len(header[name]) != 1 {
				t.Errorf("header %s is there %d times", name, len(header[name]))
			}
		}
		if strings.Count(string(letter), "\r\n") != strings.Count(string(letter), "\n") {
			t.Error("a line break without a carriage return")
		}
		subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
		if err != nil || strings.ContainsAny(subject, "\r\n\x00") || !strings.HasPrefix(subject, "[secretome]") {
			t.Errorf("subject is %q (%v)", subject, err)
		}
	})
}

var wantHeaders = []string{"Auto-Submitted", "Content-Transfer-Encoding", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To"}
