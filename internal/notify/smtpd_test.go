package notify_test

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"io"
	"net"
	"net/http/httptest"
	"net/textproto"
	"strings"
	"sync"
	"testing"
)

// received is what the mail server took.
type received struct {
	From      string
	To        []string
	Data      string
	Encrypted bool
	Login     string // user and password, with a blank between
}

// mailServer is an SMTP server of one test. Set its fields before it is spoken to.
type mailServer struct {
	Address  string
	Security *tls.Config       // offers STARTTLS if not nil
	AtOnce   bool              // TLS from the first byte
	Replies  map[string]string // by the beginning of a command: what to answer instead
	Mute     bool              // takes the connection and says nothing
	CutAt    string            // hangs up on a command that begins so

	mu       sync.Mutex
	letters  []received
	commands []string
}

// certified returns TLS settings of a server that is 127.0.0.1 and example.com,
// and the issuer that a client has to trust.
func certified(t *testing.T) (*tls.Config, *x509.CertPool) {
	t.Helper()
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	return &tls.Config{Certificates: s.TLS.Certificates, MinVersion: tls.VersionTLS12}, roots
}

// serve starts s on a free port of this machine, until the test ends.
func (s *mailServer) serve(t *testing.T) *mailServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.Address = l.Addr().String()
	var talks sync.WaitGroup
	talks.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			talks.Go(func() {
				defer conn.Close()
				s.talk(conn)
			})
		}
	})
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		talks.Wait()
	})
	return s
}

func (s *mailServer) Letters() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.letters...)
}

// Heard returns the commands that came, in one line each.
func (s *mailServer) Heard() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return strings.Join(s.commands, "\n")
}

// talk answers one client as RFC 5321 says, as far as these tests need it.
func (s *mailServer) talk(conn net.Conn) {
	if s.Mute {
		_, _ = io.Copy(io.Discard, conn) // until the client gives up
		return
	}
	var l received
	if s.AtOnce {
		conn, l.Encrypted = tls.Server(conn, s.Security), true
	}
	text := textproto.NewConn(conn)
	if text.PrintfLine("220 ready") != nil {
		return
	}
	for {
		line, err := text.ReadLine()
		if err != nil {
			return
		}
		s.mu.Lock()
		s.commands = append(s.commands, line)
		s.mu.Unlock()
		if s.CutAt != "" && strings.HasPrefix(line, s.CutAt) {
			return
		}
		answer := s.answer(line, &l, text)
		if text.PrintfLine("%s", answer) != nil || strings.HasPrefix(answer, "221") {
			return
		}
		if line == "STARTTLS" && strings.HasPrefix(answer, "220") {
			conn, l = tls.Server(conn, s.Security), received{Encrypted: true}
			text = textproto.NewConn(conn)
		}
	}
}

func (s *mailServer) answer(line string, l *received, text *textproto.Conn) string {
	for begin, reply := range s.Replies {
		if strings.HasPrefix(line, begin) {
			return reply
		}
	}
	verb, rest, _ := strings.Cut(line, " ")
	switch verb {
	case "EHLO":
		if s.Security != nil && !l.Encrypted {
			return "250-test\r\n250 STARTTLS"
		}
		return "250-test\r\n250 AUTH PLAIN"
	case "STARTTLS":
		return "220 go ahead"
	case "AUTH":
		secret, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(rest, "PLAIN ")) // a wrong one fails the test's comparison
		l.Login = strings.TrimSpace(strings.ReplaceAll(string(secret), "\x00", " "))
		return "235 welcome"
	case "MAIL":
		l.From = between(rest)
	case "RCPT":
		l.To = append(l.To, between(rest))
	case "DATA":
		return s.take(l, text)
	case "QUIT":
		return "221 bye"
	}
	return "250 ok"
}

// take reads a letter up to the line with a dot alone.
func (s *mailServer) take(l *received, text *textproto.Conn) string {
	if text.PrintfLine("354 go ahead") != nil {
		return "451 lost"
	}
	data, err := text.ReadDotBytes() // with \n for each CRLF
	if err != nil {
		return "451 lost"
	}
	l.Data = string(data)
	if reply, ok := s.Replies["."]; ok {
		return reply
	}
	s.mu.Lock()
	s.letters = append(s.letters, *l)
	s.mu.Unlock()
	return "250 taken"
}

func between(path string) string {
	_, rest, _ := strings.Cut(path, "<")
	address, _, _ := strings.Cut(rest, ">")
	return address
}
