package notify_test

import (
	"context"
	"errors"
	"flag"
	"io"
	"log"
	"mime"
	"mime/quotedprintable"
	"net/http"
	"net/mail"
	"os"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"secretome/internal/fault"
	"secretome/internal/notify"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func quiet() *log.Logger { return log.New(io.Discard, "", 0) }

// post returns a sender that mails by server to ada, bob and max.
func post(server string) (notify.Settings, *notify.Sender) {
	s := notify.Settings{
		Mail: notify.Mail{Server: server, From: "Laboratory <lab@example.org>"},
		To: map[string][]string{
			"technician": {"Ada Example <ada@example.org>", "bob@example.org"},
			"manager":    {"max@example.org", "bob@example.org"},
		},
		Also: map[string][]string{"escalation": {"manager"}},
	}
	return s, notify.New(s, nil, clock)
}

func TestALetterReachesTheRole(t *testing.T) {
	t.Parallel()
	server := (&mailServer{}).serve(t)
	_, s := post(server.Address)
	if err := s.Send(t.Context(), message()); err != nil {
		t.Fatal(err)
	}
	letters := server.Letters()
	if len(letters) != 1 {
		t.Fatalf("%d letters came, want 1", len(letters))
	}
	l := letters[0]
	if l.From != "lab@example.org" || strings.Join(l.To, " ") != "ada@example.org bob@example.org" || l.Login != "" {
		t.Errorf("envelope is %+v", l)
	}
	if !strings.HasPrefix(server.Heard(), "EHLO example.org\n") {
		t.Errorf("the server heard\n%s, want a greeting with the sender's domain", server.Heard())
	}
	golden(t, "testdata/reminder.eml", l.Data)
}

func TestALetterCanBeReadBack(t *testing.T) {
	t.Parallel()
	m := message()
	m.Title = "Füttern 细胞 " + strings.Repeat("sehr ", 40) + "bald"
	m.Text = "50 µL\r\n.\r\n" + strings.Repeat("ü", 300)
	server := (&mailServer{}).serve(t)
	_, s := post(server.Address)
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	header, text := parse(t, server.Letters()[0].Data)
	subject, err := new(mime.WordDecoder).DecodeHeader(header.Get("Subject"))
	if err != nil || !strings.HasPrefix(subject, "[secretome] reminder: Füttern 细胞 sehr sehr") || utf8.RuneCountInString(subject) != 150 {
		t.Errorf("subject is %q (%v)", subject, err)
	}
	if to, err := header.AddressList("To"); err != nil || len(to) != 2 || to[0].Name != "Ada Example" {
		t.Errorf("To is %v (%v)", to, err)
	}
	if at, err := header.Date(); err != nil || !at.Equal(noon) {
		t.Errorf("Date is %v (%v), want %v", at, err, noon)
	}
	for _, want := range []string{m.Title, "50 µL\n.\nüü", "Happened: Tue 3 Mar 2026, 12:00 CET\n", "Due:      Tue 3 Mar 2026, 15:00 CET\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("text is\n%s, want %q in it", text, want)
		}
	}
}

func TestTimesAreInTheZoneOfTheMessage(t *testing.T) {
	t.Parallel()
	summer := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	for zone, want := range map[string]string{
		"Europe/Vienna":     "Wed 1 Jul 2026, 14:00 CEST",
		"America/New_York":  "Wed 1 Jul 2026, 08:00 EDT",
		"America/Sao_Paulo": "Wed 1 Jul 2026, 09:00 -03",
		"":                  "Wed 1 Jul 2026, 12:00 UTC",
		"Local":             "Wed 1 Jul 2026, 12:00 UTC",
		"Mars/Olympus":      "Wed 1 Jul 2026, 12:00 UTC",
		"../../etc/passwd":  "Wed 1 Jul 2026, 12:00 UTC",
	} {
		m := notify.Message{ID: "a", Kind: "asked", Due: summer, Zone: zone}
		letter, err := m.Letter(&mail.Address{Address: "lab@example.org"}, []*mail.Address{{Address: "ada@example.org"}}, noon)
		if err != nil {
			t.Fatal(err)
		}
		if _, text := parse(t, string(letter)); !strings.Contains(text, "Due:      "+want+"\n") {
			t.Errorf("zone %q: text is\n%s, want %s", zone, text, want)
		}
	}
}

func TestTheKindTellsMoreRoles(t *testing.T) {
	t.Parallel()
	server := (&mailServer{}).serve(t)
	_, s := post(server.Address)
	m := message()
	m.Kind = "escalation"
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(server.Letters()[0].To, " "); got != "ada@example.org bob@example.org max@example.org" {
		t.Errorf("the letter goes to %s, want each of both roles once", got)
	}
	m.Kind, m.Role = "asked", "auditor"
	if err := s.Send(t.Context(), m); err != nil {
		t.Errorf("Send() to a role without an address = %v, want nil", err)
	}
	if n := len(server.Letters()); n != 1 {
		t.Errorf("%d letters came, want no second", n)
	}
}

func TestSecretsTravelInTLSOnly(t *testing.T) {
	t.Parallel()
	security, roots := certified(t)
	for _, test := range []struct {
		name    string
		server  *mailServer
		address string // as the settings name it; empty is 127.0.0.1
		user    string
		trust   bool
		kind    fault.Kind
		says    string // empty if the letter is taken
		login   string
	}{
		{name: "another machine gets it by STARTTLS", server: &mailServer{Security: security}, address: "example.com:587", trust: true},
		{name: "and with a password", server: &mailServer{Security: security}, address: "example.com:587", user: "lab", trust: true, login: "lab pass"},
		{name: "port 465 is TLS at once", server: &mailServer{Security: security, AtOnce: true}, address: "example.com:465", user: "lab", trust: true, login: "lab pass"},
		{name: "another machine without STARTTLS gets nothing", server: &mailServer{}, address: "example.com:587", kind: fault.Refused, says: "offers no STARTTLS"},
		{name: "this machine without STARTTLS gets no password", server: &mailServer{}, user: "lab", kind: fault.Refused, says: "offers no STARTTLS"},
		{name: "a stranger's certificate is not trusted", server: &mailServer{Security: security}, address: "example.com:587", user: "lab", kind: fault.Unavailable, says: "start TLS"},
		{name: "a certificate of another name is not trusted", server: &mailServer{Security: security}, address: "smtp.example.org:587", trust: true, kind: fault.Unavailable, says: "start TLS"},
		{name: "a server that takes back its offer gets nothing", server: &mailServer{Security: security, Replies: map[string]string{"STARTTLS": "454 not now"}}, address: "example.com:587", kind: fault.Unavailable, says: `454 ("not now")`},
		{name: "a wrong password needs a person", server: &mailServer{Security: security, Replies: map[string]string{"AUTH": "535 wrong"}}, address: "example.com:587", user: "lab", trust: true, kind: fault.Refused, says: `535 ("wrong") on trying to sign in`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := test.server.serve(t)
			settings, _ := post(server.Address)
			if test.address != "" {
				settings.Mail.Server = test.address
			}
			if test.user != "" {
				settings.Mail.User, settings.Mail.Password = test.user, "pass"
			}
			s := notify.New(settings, nil, clock)
			if test.trust {
				s.Reach(server.Address, roots)
			} else {
				s.Reach(server.Address, nil)
			}
			err := s.Send(t.Context(), message())
			if test.says == "" {
				if l := server.Letters(); err != nil || len(l) != 1 || !l[0].Encrypted || l[0].Login != test.login {
					t.Errorf("Send() = %v, letters %+v, want one in TLS by %q", err, l, test.login)
				}
				return
			}
			if f := fault.Of(err); f.Kind != test.kind || !strings.Contains(f.Message, test.says) {
				t.Errorf("Send() = %+v, want %v with %q", f, test.kind, test.says)
			}
			if heard := server.Heard(); strings.Contains(heard, "MAIL") || strings.Contains(heard, "AUTH") && test.login == "" && !test.trust {
				t.Errorf("the server heard\n%s", heard)
			}
		})
	}
}

func TestAReplySaysWhetherToTryAgain(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		replies map[string]string
		cut     string
		kind    fault.Kind
		says    string
		got     string // who got the letter all the same
	}{
		{"a busy server is tried again", map[string]string{"MAIL": "421 busy"}, "", fault.Unavailable, `421 ("busy")`, ""},
		{"a sender who is not liked is not", map[string]string{"MAIL": "550 not you"}, "", fault.Refused, `550 ("not you")`, ""},
		{"a full disk is tried again", map[string]string{".": "452 full"}, "", fault.Unavailable, `452 ("full")`, ""},
		{"a letter that is not liked is not", map[string]string{".": "554 spam"}, "", fault.Refused, `554 ("spam")`, ""},
		{"data that are not wanted are not sent", map[string]string{"DATA": "554 no"}, "", fault.Refused, `554 ("no")`, ""},
		{"a line that breaks is tried again", nil, "RCPT", fault.Unavailable, "broke off", ""},
		{"a line that breaks before the letter is tried again", nil, "DATA", fault.Unavailable, "broke off", ""},
		{"who has left does not keep it from the others", map[string]string{"RCPT TO:<ada": "550-no such\r\n550 user"}, "", fault.Refused, `1 of 2 addresses were refused (ada@example.org: 550 ("no such`, "bob@example.org"},
		{"who is told later does not either", map[string]string{"RCPT TO:<ada": "450 later"}, "", fault.Unavailable, "1 of 2 addresses", "bob@example.org"},
		{"where all are refused nothing is sent", map[string]string{"RCPT": "550 no"}, "", fault.Refused, "2 of 2 addresses", ""},
		{"where one of them is refused for now it is tried again", map[string]string{"RCPT TO:<ada": "550 no", "RCPT TO:<bob": "450 later"}, "", fault.Unavailable, "2 of 2 addresses", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			server := (&mailServer{Replies: test.replies, CutAt: test.cut}).serve(t)
			_, s := post(server.Address)
			f := fault.Of(s.Send(t.Context(), message()))
			if f.Kind != test.kind || !strings.HasPrefix(f.Message, "e-mail: ") || !strings.Contains(f.Message, test.says) {
				t.Errorf("Send() = %+v, want %v with %q", f, test.kind, test.says)
			}
			var got []string
			for _, l := range server.Letters() {
				got = append(got, l.To...)
			}
			if strings.Join(got, " ") != test.got {
				t.Errorf("the letter reached %v, want %q", got, test.got)
			}
		})
	}
}

func TestWhatIsTakenIsTakenWhateverTheFarewell(t *testing.T) {
	t.Parallel()
	server := (&mailServer{CutAt: "QUIT"}).serve(t)
	_, s := post(server.Address)
	if err := s.Send(t.Context(), message()); err != nil {
		t.Errorf("Send() = %v, want nil: the server has the letter", err)
	}
}

func TestAMuteMailServerIsLeft(t *testing.T) {
	t.Parallel()
	server := (&mailServer{Mute: true}).serve(t)
	_, s := post(server.Address)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := s.Send(ctx, message())
	if !fault.Is(err, fault.Unavailable) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Send() = %v, want unavailable because the time was over", err)
	}
}

func TestAMailServerThatIsNotThereMayComeBack(t *testing.T) {
	t.Parallel()
	gone := listen(t, http.StatusOK)
	gone.Close()
	_, s := post(gone.Listener.Addr().String())
	if err := s.Send(t.Context(), message()); !fault.Is(err, fault.Unavailable) {
		t.Errorf("Send() = %v, want unavailable", err)
	}
}

func TestBothChannelsAreTried(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		status int
		rcpt   string // what the mail server says to each address; empty is yes
		kind   fault.Kind
		says   []string // empty if all is well
	}{
		{"both take it", 200, "", 0, nil},
		{"a webhook that is down does not keep the letter", 503, "", fault.Unavailable, []string{"webhook: "}},
		{"a letter that is refused is told", 200, "550 no", fault.Refused, []string{"e-mail: "}},
		{"both fail for good", 404, "550 no", fault.Refused, []string{"webhook: ", "; and e-mail: "}},
		{"one of both may come back", 404, "450 later", fault.Unavailable, []string{"e-mail: ", "; and webhook: "}},
		{"the other may come back", 503, "550 no", fault.Unavailable, []string{"webhook: ", "; and e-mail: "}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r, server := listen(t, test.status), &mailServer{}
			if test.rcpt != "" {
				server.Replies = map[string]string{"RCPT": test.rcpt}
			}
			settings, _ := post(server.serve(t).Address)
			settings.Webhook, settings.Secret = r.URL, []byte(secret)
			s := notify.New(settings, nil, clock)
			if got := s.Channels(); len(got) != 2 || got[0] != notify.Webhook || got[1] != notify.Email {
				t.Errorf("Channels() = %v", got)
			}
			err := s.Send(t.Context(), message())
			if (err == nil) != (test.says == nil) {
				t.Fatalf("Send() = %v", err)
			}
			for _, part := range test.says {
				if f := fault.Of(err); f.Kind != test.kind || !strings.Contains(f.Message, part) {
					t.Errorf("Send() = %+v, want %v with %q", f, test.kind, part)
				}
			}
			if letters := len(server.Letters()); len(r.requests) != 1 || (letters == 1) != (test.rcpt == "") {
				t.Errorf("%d requests and %d letters came", len(r.requests), letters)
			}
		})
	}
}

func TestWithoutSettingsNothingIsSent(t *testing.T) {
	t.Parallel()
	s := notify.New(notify.Settings{}, nil, clock)
	if err := s.Send(t.Context(), message()); err != nil || len(s.Channels()) != 0 {
		t.Errorf("Send() = %v by %v, want nothing", err, s.Channels())
	}
	for _, c := range []notify.Channel{notify.Webhook, notify.Email} {
		if err := s.SendBy(t.Context(), c, message()); err != nil {
			t.Errorf("SendBy(%s) = %v, want nil", c, err)
		}
	}
}

func TestTheMessageIDFollowsTheID(t *testing.T) {
	t.Parallel()
	for id, want := range map[string]string{
		"req-7f3a":   "<req-7f3a@example.org>",
		"a.b_C-1":    "<a.b_C-1@example.org>",
		"a..b":       "<sha256.", // two dots in a row cannot stand in a Message-ID
		"x><y@z/(1)": "<sha256.",
	} {
		m := notify.Message{ID: id, Kind: "asked"}
		letter, err := m.Letter(&mail.Address{Address: "lab@example.org"}, []*mail.Address{{Address: "ada@example.org"}}, noon)
		if err != nil {
			t.Fatal(err)
		}
		if header, _ := parse(t, string(letter)); !strings.HasPrefix(header.Get("Message-Id"), want) {
			t.Errorf("Message-ID of %q is %s, want %s", id, header.Get("Message-Id"), want)
		}
	}
}

// parse reads a letter with the standard library, and its text with \n.
func parse(t *testing.T, letter string) (mail.Header, string) {
	t.Helper()
	m, err := mail.ReadMessage(strings.NewReader(letter))
	if err != nil {
		t.Fatalf("%v in\n%s", err, letter)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil {
		t.Fatal(err)
	}
	return m.Header, strings.ReplaceAll(string(text), "\r\n", "\n")
}

func golden(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the letter is\n%s, want\n%s", got, want)
	}
}
