package notify

import (
	"context"
	"crypto/x509"
	"net"
	"net/mail"
	"time"
)

// Reach makes s find the mail server at address, whatever the settings name,
// and trust the issuers in roots.
func (s *Sender) Reach(address string, roots *x509.CertPool) {
	s.dial = func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, address)
	}
	s.roots = roots
}

// Letter is the e-mail of m.
func (m Message) Letter(from *mail.Address, to []*mail.Address, now time.Time) ([]byte, error) {
	return m.letter(from, to, now)
}
