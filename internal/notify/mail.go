package notify

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/mail"
	"net/textproto"
	"strings"
	"time"

	"github.com/wneessen/go-mail/smtp"
)

const (
	mailPatience = 30 * time.Second // for one attempt, from the first byte to the last
	portTLS      = "465"            // TLS from the first byte, RFC 8314
	repliesShown = 3                // addresses that a sentence names
)

// dialogue is one connection to a mail server.
type dialogue struct {
	*smtp.Client
	host string
}

// mail makes one attempt to mail m to everybody whom it concerns, as one letter.
// Where the server takes some addresses and not others, the letter goes to the
// former, and the error names the latter.
func (s *Sender) mail(ctx context.Context, m Message) error {
	to := s.settings.recipients(m)
	if len(to) == 0 {
		return nil
	}
	from, err := mail.ParseAddress(s.settings.Mail.From)
	if err != nil {
		return never(err, Email, "the sender %q is no address", s.settings.Mail.From)
	}
	letter, err := m.letter(from, to, s.now())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, mailPatience)
	defer cancel()
	err = s.converse(ctx, from, to, letter)
	if err != nil && ctx.Err() != nil {
		return again(errors.Join(err, ctx.Err()), Email, "%s did not take the letter in time", s.settings.Mail.Server)
	}
	return err
}

func (s *Sender) converse(ctx context.Context, from *mail.Address, to []*mail.Address, letter []byte) error {
	d, hangUp, err := s.call(ctx, from)
	if err != nil {
		return err
	}
	defer hangUp()
	return d.deliver(from, to, letter)
}

// call connects to the mail server, and makes the connection secret and known
// as the settings say. It is cut when ctx ends, and by hangUp.
func (s *Sender) call(ctx context.Context, from *mail.Address) (d dialogue, hangUp func(), err error) {
	at := s.settings.Mail
	host, port, err := net.SplitHostPort(at.Server)
	if err != nil {
		return d, nil, never(err, Email, "the server %q is not host:port", at.Server)
	}
	conn, err := s.dial(ctx, "tcp", at.Server)
	if err != nil {
		return d, nil, again(err, Email, "%s cannot be reached", at.Server)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // who reads from it sees the end
	hangUp = func() { stop(); _ = conn.Close() }                // the letter is delivered or not by then
	security := &tls.Config{ServerName: host, RootCAs: s.roots, MinVersion: tls.VersionTLS12}
	if port == portTLS {
		conn = tls.Client(conn, security)
	}
	d.host = host
	if d.Client, err = smtp.NewClient(conn, host); err == nil {
		_, domain, _ := strings.Cut(from.Address, "@")
		err = d.Hello(domain) // a name of ours that has a dot, which many servers want
	}
	if err != nil {
		hangUp()
		return d, nil, d.explain(err, "greet")
	}
	if err := d.secure(at, port == portTLS, security); err != nil {
		hangUp()
		return d, nil, err
	}
	return d, hangUp, nil
}

// secure starts TLS and signs in. Without a password to hide, a server on this
// machine is spoken to in the clear: its certificate, if any, names another host.
func (d dialogue) secure(at Mail, encrypted bool, security *tls.Config) error {
	if !encrypted && (at.User != "" || !loopback(d.host)) {
		if offered, _ := d.Extension("STARTTLS"); !offered {
			return advise(never(nil, Email, "%s offers no STARTTLS: nothing was sent", d.host), "use a server with TLS, or its port 465")
		}
		if err := d.StartTLS(security); err != nil {
			return d.explain(err, "start TLS")
		}
	}
	if at.User == "" {
		return nil
	}
	if err := d.Auth(smtp.PlainAuth("", at.User, at.Password, d.host, false)); err != nil {
		return d.explain(err, "sign in")
	}
	return nil
}

// deliver hands over the letter.
func (d dialogue) deliver(from *mail.Address, to []*mail.Address, letter []byte) error {
	if err := d.Mail(bracketed(from)); err != nil {
		return d.explain(err, "name the sender")
	}
	var refused []refusal
	for _, address := range to {
		err := d.Rcpt(bracketed(address))
		if reply, ok := errors.AsType[*textproto.Error](err); ok {
			refused = append(refused, refusal{address.Address, reply})
		} else if err != nil {
			return d.explain(err, "name who gets it")
		}
	}
	if len(refused) < len(to) {
		if err := d.hand(letter); err != nil {
			return err
		}
	}
	_ = d.Quit() // the letter is taken; how they part does not matter
	return undelivered(refused, len(to))
}

// hand sends the bytes of the letter and waits until the server has them.
func (d dialogue) hand(letter []byte) error {
	w, err := d.Data()
	if err == nil {
		_, err = w.Write(letter)
		err = errors.Join(err, w.Close())
	}
	return d.explain(err, "hand over the letter")
}

// explain says whether another attempt can help: not where the server's reply
// has a code of 500 or more (RFC 5321, 4.2.1).
func (d dialogue) explain(err error, doing string) error {
	if err == nil {
		return nil
	}
	reply, ok := errors.AsType[*textproto.Error](err)
	switch {
	case !ok:
		return again(err, Email, "the talk with %s broke off on trying to %s", d.host, doing)
	case permanent(reply):
		return advise(never(err, Email, "%s answered %s on trying to %s", d.host, quote(reply), doing), "set server, sender, user and password so that the server takes our letters")
	}
	return again(err, Email, "%s answered %s on trying to %s", d.host, quote(reply), doing)
}

// refusal is an address that the server did not take.
type refusal struct {
	address string
	reply   *textproto.Error
}

// undelivered names the addresses that were refused of all. Another attempt can
// help if one was refused only for now.
func undelivered(refused []refusal, all int) error {
	if len(refused) == 0 {
		return nil
	}
	var named []string
	var causes []error
	wrong := never
	for i, r := range refused {
		if i < repliesShown {
			named = append(named, fmt.Sprintf("%s: %s", r.address, quote(r.reply)))
		}
		causes = append(causes, fmt.Errorf("%s: %w", r.address, r.reply))
		if !permanent(r.reply) {
			wrong = again
		}
	}
	err := wrong(errors.Join(causes...), Email, "%d of %d addresses were refused (%s)", len(refused), all, strings.Join(named, "; "))
	return advise(err, "correct or remove these addresses in the settings")
}

func permanent(reply *textproto.Error) bool { return reply.Code >= 500 }

// quote shows a server's reply as a stranger's words.
func quote(reply *textproto.Error) string {
	words := cmp.Or(shorten(oneLine(reply.Msg), answerShown), "no reason")
	return fmt.Sprintf("%d (%q)", reply.Code, words)
}

func bracketed(a *mail.Address) string { return "<" + a.Address + ">" }
