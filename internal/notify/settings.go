package notify

import (
	"errors"
	"maps"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"secretome/internal/fault"
)

// Settings say where messages go. The zero value sends nothing.
type Settings struct {
	Webhook string // URL that gets each message; empty means no webhook
	Secret  []byte // with which the webhook is signed; at least [LeastSecret] bytes
	Mail    Mail
	To      map[string][]string // addresses by role
	Also    map[string][]string // roles by kind of message that are told besides the message's own
}

// Mail is the server that takes our e-mail. An empty Server means no e-mail.
//
// The connection has TLS: from the first byte on port 465, and else by STARTTLS.
// Only a server on this machine that wants no password is spoken to in the clear.
type Mail struct {
	Server   string // host:port
	From     string // sender, for instance "Laboratory <lab@example.org>"
	User     string // empty means no authentication
	Password string
}

// LeastSecret is how many bytes the secret of a webhook has at least, as a
// token of a person.
const LeastSecret = 20

// Check reports each mistake in the settings as a [fault.Invalid] with its
// field, all joined. It does not connect to anything.
func (s Settings) Check() error {
	errs := append(s.checkWebhook(), s.Mail.check()...)
	if s.Mail.Server == "" && len(s.To) > 0 {
		errs = append(errs, fault.New(fault.Invalid, "there are addresses but no mail server").Field("mail.server").Try("name the server as host:port, or remove the addresses"))
	}
	if s.Mail.Server != "" && len(s.To) == 0 {
		errs = append(errs, fault.New(fault.Invalid, "there is a mail server but no address").Field("to").Try("give each role that is told the addresses of its people"))
	}
	for _, role := range slices.Sorted(maps.Keys(s.To)) {
		for _, address := range s.To[role] {
			errs = append(errs, checkAddress("to."+role, address))
		}
	}
	for _, kind := range slices.Sorted(maps.Keys(s.Also)) {
		for _, role := range s.Also[kind] {
			if len(s.To[role]) == 0 {
				errs = append(errs, fault.New(fault.Invalid, "role %q has no address", role).Field("also."+kind).Try("give the role an address under to, or leave it out here"))
			}
		}
	}
	return errors.Join(errs...)
}

func (s Settings) checkWebhook() []error {
	if s.Webhook == "" {
		return nil
	}
	var errs []error
	wrong := func(field, help, format string, args ...any) {
		errs = append(errs, fault.New(fault.Invalid, format, args...).Field(field).Try("%s", help))
	}
	const form = "give a URL such as https://example.org/secretome"
	// The URL may hold a secret of the receiver, so its path is not repeated.
	u, err := url.Parse(s.Webhook)
	switch {
	case err != nil || u.Hostname() == "":
		wrong("webhook", form, "the webhook is no URL with a host")
	case u.User != nil:
		wrong("webhook", "remove what stands before @: who sends is shown by the signature", "the webhook has a user name or password in its URL")
	case u.Fragment != "":
		wrong("webhook", "remove # and what follows: it is never sent", "the webhook has a fragment in its URL")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		wrong("webhook", "use https; http is for this machine only", "the webhook at %q is not encrypted", u.Hostname())
	case u.Scheme != "http" && u.Scheme != "https":
		wrong("webhook", form, "the webhook has scheme %q, expected https", u.Scheme)
	}
	if len(s.Secret) < LeastSecret {
		wrong("secret", "make one and give it to the receiver: head -c 24 /dev/urandom | base64", "the secret of the webhook has %d bytes, expected at least %d", len(s.Secret), LeastSecret)
	}
	return errs
}

func (m Mail) check() []error {
	if m.Server == "" {
		return nil
	}
	var errs []error
	host, port, err := net.SplitHostPort(m.Server)
	if number, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil || number == 0 || !hostName.MatchString(host) {
		errs = append(errs, fault.New(fault.Invalid, "mail server %q, expected host:port", m.Server).Field("mail.server").Try("name it such as smtp.example.org:587"))
	}
	errs = append(errs, checkAddress("mail.from", m.From))
	if (m.User == "") != (m.Password == "") {
		errs = append(errs, fault.New(fault.Invalid, "user and password of the mail server: one is given, the other is missing").Field("mail.user").Try("give both or neither"))
	}
	if strings.ContainsRune(m.User+m.Password, 0) {
		errs = append(errs, fault.New(fault.Invalid, "user or password of the mail server has a NUL character").Field("mail.user").Try("remove it"))
	}
	return errs
}

var (
	hostName = regexp.MustCompile(`^[0-9A-Za-z.:-]+$`)
	// plain is an address that every mail server takes: dot-atom @ host, RFC 5321.
	plain = regexp.MustCompile("^[0-9A-Za-z!#$%&'*+/=?^_`{|}~-]+(\\.[0-9A-Za-z!#$%&'*+/=?^_`{|}~-]+)*@[0-9A-Za-z-]+(\\.[0-9A-Za-z-]+)*$")
)

// checkAddress returns nil, typed as error, for an address that can be used.
func checkAddress(field, address string) error {
	parsed, err := mail.ParseAddress(address)
	if err == nil && plain.MatchString(parsed.Address) {
		return nil
	}
	return fault.New(fault.Invalid, "%q is no e-mail address that every server takes", address).Field(field).Try("write it as name@example.org, in letters without accents")
}

// loopback reports whether host is this machine by its very name, without a
// question to a name server.
func loopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// recipients returns the addresses that m is mailed to: those of its role and
// of the roles that are told of its kind, each once, in order.
func (s Settings) recipients(m Message) []*mail.Address {
	roles := append([]string{m.Role}, s.Also[m.Kind]...)
	found := map[string]*mail.Address{}
	for _, role := range roles {
		for _, address := range s.To[role] {
			parsed, err := mail.ParseAddress(address)
			if err != nil {
				continue // Check has refused it
			}
			if found[parsed.Address] == nil {
				found[parsed.Address] = parsed
			}
		}
	}
	all := make([]*mail.Address, 0, len(found))
	for _, at := range slices.Sorted(maps.Keys(found)) {
		all = append(all, found[at])
	}
	return all
}
