package notify_test

import (
	"strings"
	"testing"

	"secretome/internal/fault"
	"secretome/internal/notify"
)

const secret = "a secret of 24 bytes, yes"

func good() notify.Settings {
	return notify.Settings{
		Webhook: "https://hooks.example.org/secretome?token=t",
		Secret:  []byte(secret),
		Mail:    notify.Mail{Server: "smtp.example.org:587", From: "Laboratory <lab@example.org>", User: "lab", Password: "p"},
		To:      map[string][]string{"technician": {"Ada Example <ada@example.org>"}, "manager": {"max@example.org"}},
		Also:    map[string][]string{"escalation": {"manager"}},
	}
}

func TestSettingsAreRefusedWithFieldAndAdvice(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(*notify.Settings)
		field  string // empty if the settings are good
		says   string
	}{
		{"what has everything is good", func(*notify.Settings) {}, "", ""},
		{"nothing at all is good: nothing is sent", func(s *notify.Settings) { *s = notify.Settings{} }, "", ""},
		{"http to this machine is good", func(s *notify.Settings) { s.Webhook = "http://127.0.0.1:9000/x" }, "", ""},
		{"http to localhost is good", func(s *notify.Settings) { s.Webhook = "http://localhost/x" }, "", ""},
		{"http to another machine is refused", func(s *notify.Settings) { s.Webhook = "http://example.org/x" }, "webhook", `"example.org" is not encrypted`},
		{"http to an address of the house is refused", func(s *notify.Settings) { s.Webhook = "http://192.168.1.5/x" }, "webhook", `"192.168.1.5" is not encrypted`},
		{"a name that only begins as this machine's is another", func(s *notify.Settings) { s.Webhook = "http://localhost.example.org/x" }, "webhook", "is not encrypted"},
		{"another scheme is refused", func(s *notify.Settings) { s.Webhook = "ftp://example.org/x" }, "webhook", `scheme "ftp"`},
		{"a URL without a host is refused", func(s *notify.Settings) { s.Webhook = "https:///x" }, "webhook", "no URL with a host"},
		{"a line break in the URL is refused", func(s *notify.Settings) { s.Webhook = "https://example.org/\r\nx" }, "webhook", "no URL with a host"},
		{"a password in the URL is refused", func(s *notify.Settings) { s.Webhook = "https://u:p@example.org/x" }, "webhook", "user name or password"},
		{"a fragment is refused", func(s *notify.Settings) { s.Webhook = "https://example.org/#x" }, "webhook", "fragment"},
		{"an empty secret is refused", func(s *notify.Settings) { s.Secret = nil }, "secret", "0 bytes, expected at least 20"},
		{"a short secret is refused", func(s *notify.Settings) { s.Secret = []byte("0123456789012345678") }, "secret", "19 bytes"},
		{"a mail server without a port is refused", func(s *notify.Settings) { s.Mail.Server = "smtp.example.org" }, "mail.server", `"smtp.example.org", expected host:port`},
		{"port 0 is refused", func(s *notify.Settings) { s.Mail.Server = "smtp.example.org:0" }, "mail.server", "expected host:port"},
		{"a port above 65535 is refused", func(s *notify.Settings) { s.Mail.Server = "smtp.example.org:65536" }, "mail.server", "expected host:port"},
		{"a line break in the server is refused", func(s *notify.Settings) { s.Mail.Server = "smtp.example.org\r\nX:25" }, "mail.server", "expected host:port"},
		{"a sender is wanted", func(s *notify.Settings) { s.Mail.From = "" }, "mail.from", `"" is no e-mail address`},
		{"a line break in the sender is refused", func(s *notify.Settings) { s.Mail.From = "Lab <lab@example.org>\r\nBcc: x@example.org" }, "mail.from", "no e-mail address"},
		{"a user without a password is refused", func(s *notify.Settings) { s.Mail.Password = "" }, "mail.user", "the other is missing"},
		{"a NUL, which ends a password, is refused", func(s *notify.Settings) { s.Mail.Password = "a\x00b" }, "mail.user", "NUL"},
		{"addresses without a server are refused", func(s *notify.Settings) { s.Mail = notify.Mail{} }, "mail.server", "no mail server"},
		{"a server without addresses is refused", func(s *notify.Settings) { s.To, s.Also = nil, nil }, "to", "no address"},
		{"what is no address is refused", func(s *notify.Settings) { s.To["technician"] = []string{"ada"} }, "to.technician", `"ada" is no e-mail address`},
		{"two addresses in one are refused", func(s *notify.Settings) { s.To["technician"] = []string{"a@example.org, b@example.org"} }, "to.technician", "no e-mail address"},
		{"a quoted mailbox is refused", func(s *notify.Settings) { s.To["technician"] = []string{`"a b"@example.org`} }, "to.technician", "no e-mail address"},
		{"an address with an umlaut is refused", func(s *notify.Settings) { s.To["technician"] = []string{"jürgen@example.org"} }, "to.technician", "no e-mail address"},
		{"a role that nobody can reach is refused", func(s *notify.Settings) { s.Also["stopped"] = []string{"qualty"} }, "also.stopped", `role "qualty" has no address`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := good()
			test.change(&s)
			err := s.Check()
			if test.field == "" {
				if err != nil {
					t.Fatalf("Check() = %v, want nil", err)
				}
				return
			}
			f := fault.Of(err)
			if f.Kind != fault.Invalid || f.Place.Field != test.field || !strings.Contains(f.Message, test.says) || f.Help == "" {
				t.Errorf("Check() = %+v, want an invalid field %q with help and %q", f, test.field, test.says)
			}
		})
	}
}

func TestAllMistakesAreReportedAtOnce(t *testing.T) {
	t.Parallel()
	s := good()
	s.Secret, s.Mail.From, s.To["manager"] = nil, "nobody", []string{"x"}
	err := s.Check()
	for _, field := range []string{"secret", "mail.from", "to.manager"} {
		if err == nil || !strings.Contains(err.Error(), "field "+field) {
			t.Errorf("Check() = %v, want field %s in it", err, field)
		}
	}
}

func TestTheURLIsNotShown(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"https://example.org/private\n", "http://example.org/private", "https://u@example.org/private", "x://example.org/private", "/private"} {
		s := good()
		s.Webhook = url
		if err := s.Check(); err == nil || strings.Contains(err.Error(), "private") {
			t.Errorf("Check() of %q = %v, want an error without the path", url, err)
		}
	}
}
