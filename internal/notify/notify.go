// Package notify tells people outside the program what happened in the
// laboratory, by a signed webhook and by e-mail.
//
// One call is one attempt: who calls tries again where the error is a
// [fault.Unavailable], and does not where it is a [fault.Invalid] or a
// [fault.Refused]. An attempt whose answer was lost is made twice, so a message
// can arrive more than once; it then has the same ID, by which receivers drop
// the second. A message carries the fields of [Message] and nothing else: no
// donor, no measurement, no file.
package notify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"secretome/internal/fault"
)

// Message is one thing to tell. ID and Kind must be given.
type Message struct {
	// ID is the ID of the request that caused the message, the same at each
	// attempt and for no other message: see [MaxID].
	ID       string
	Kind     string // for instance asked, reminder, escalation, deviation, held, stopped, expired, recall
	Run      string
	Task     string
	Title    string // one line
	Text     string // may have several lines
	Role     string // whom it concerns; selects the addresses of [Settings.To]
	Due      time.Time
	Happened time.Time
	Link     string
	Zone     string // IANA name; times in e-mails are in it, or in UTC if it is empty or unknown
}

// MaxID is how many characters an ID has at most. All are visible ASCII, and
// none is "{", so that a signature covers one triple of ID, time and body only.
const MaxID = 200

// check refuses with a [fault.Invalid] what cannot be told apart or sorted.
func (m Message) check() error {
	outside := func(r rune) bool { return r <= ' ' || r > '~' || r == '{' }
	switch {
	case m.ID == "" || len(m.ID) > MaxID || strings.ContainsFunc(m.ID, outside):
		return fault.New(fault.Invalid, "message ID %q, expected 1 to %d characters of visible ASCII without {", m.ID, MaxID).Field("id").Try("use the ID of the request")
	case m.Kind == "":
		return fault.New(fault.Invalid, "message %q has no kind", m.ID).Field("kind").Try("say what happened, for instance: asked")
	}
	return nil
}

// Channel is a way by which messages go out.
type Channel string

// The channels, in the order in which [Sender.Send] uses them.
const (
	Webhook Channel = "webhook"
	Email   Channel = "e-mail"
)

// Sender sends messages. It is safe for concurrent use.
type Sender struct {
	settings Settings
	client   *http.Client
	now      func() time.Time
	dial     func(ctx context.Context, network, address string) (net.Conn, error) // to the mail server
	roots    *x509.CertPool                                                       // whom to trust there; nil means whom the system trusts
}

// New returns a sender for settings that passed [Settings.Check]. It uses the
// transport of client, which may be nil for the standard one; redirects and
// cookies of the client are not used. now dates signatures and e-mails.
func New(s Settings, client *http.Client, now func() time.Time) *Sender {
	if client == nil {
		client = &http.Client{}
	}
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Sender{settings: s, client: &http.Client{Transport: client.Transport, CheckRedirect: stay}, now: now, dial: new(net.Dialer).DialContext}
}

// Channels returns the channels that are set up. Who calls [Sender.SendBy] for
// each of them apart does not send an e-mail again because the webhook is down.
func (s *Sender) Channels() []Channel {
	var all []Channel
	if s.settings.Webhook != "" {
		all = append(all, Webhook)
	}
	if s.settings.Mail.Server != "" {
		all = append(all, Email)
	}
	return all
}

// Send makes one attempt by each channel, the webhook first; it tries the
// second also where the first fails. The error names each channel that failed,
// and is a [fault.Unavailable] if another attempt can help one of them. Such an
// attempt sends by both channels again, under the same ID.
func (s *Sender) Send(ctx context.Context, m Message) error {
	var failed []error
	for _, c := range s.Channels() {
		if err := s.SendBy(ctx, c, m); err != nil {
			failed = append(failed, err)
		}
	}
	switch len(failed) {
	case 0:
		return nil
	case 1:
		return failed[0]
	}
	first, second := fault.Of(failed[0]), fault.Of(failed[1])
	if second.Kind.Meaning().Retry && !first.Kind.Meaning().Retry {
		first, second = second, first
	}
	both := fault.Wrap(errors.Join(failed...), first.Kind, "%s; and %s", first.Sentence(), second.Sentence())
	return advise(both, "%s", first.Help)
}

// SendBy makes one attempt by one channel. By a channel that is not set up, and
// by e-mail where the message concerns nobody with an address, it sends nothing
// and returns nil. A message that is not well formed, see [MaxID], is a
// [fault.Invalid].
func (s *Sender) SendBy(ctx context.Context, c Channel, m Message) error {
	if err := m.check(); err != nil {
		return err
	}
	switch {
	case c == Webhook && s.settings.Webhook != "":
		return s.post(ctx, m)
	case c == Email && s.settings.Mail.Server != "":
		return s.mail(ctx, m)
	}
	return nil
}

// again is an outage of a channel: another attempt can help. cause may be nil.
func again(cause error, c Channel, format string, args ...any) error {
	return say(cause, fault.Unavailable, c, format, args...)
}

// never is an answer that stays: another attempt cannot help. cause may be nil.
func never(cause error, c Channel, format string, args ...any) error {
	return say(cause, fault.Refused, c, format, args...)
}

func say(cause error, k fault.Kind, c Channel, format string, args ...any) error {
	sentence := fmt.Sprintf(format, args...)
	if cause == nil {
		return fault.New(k, "%s: %s", c, sentence)
	}
	err := fault.Wrap(cause, k, "%s: %s", c, sentence)
	if _, ok := errors.AsType[*tls.CertificateVerificationError](cause); ok {
		return advise(err, "its certificate is not trusted: renew it, or name its issuer to this program with SSL_CERT_FILE")
	}
	return err
}

// advise adds to a fault what to do next.
func advise(err error, format string, args ...any) error {
	return fault.Of(err).Try(format, args...)
}
