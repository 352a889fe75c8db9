package program

import (
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"syscall"

	"secretome/internal/cli"
	"secretome/internal/fault"
)

// front is where the server is reached, by people and by programs.
type front struct {
	listener net.Listener
	near     net.Listener // for programs of this machine where the other one speaks TLS; else nil
	tls      *tls.Config  // nil: in clear
	web      string       // address of the pages, with the prefix
	api      string       // address of the API for programs of this machine, without /api/v1
	hosts    []string     // names by which it may be called, beside those of loopback
	prefix   string
	secure   bool // people reach it over TLS, of its own or of a proxy
	proxy    bool // a proxy says from where requests come
	alone    bool // nothing but this machine reaches it
}

// openFront opens what the server listens on. What is not loopback needs TLS, of
// its own or of a proxy before it: passwords and tokens go that way.
func openFront(o cli.UpOptions) (f front, err error) {
	if f.prefix, err = cleanPrefix(o.Prefix); err != nil {
		return f, err
	}
	if f.tls, err = certificate(o.Certificate, o.Key); err != nil {
		return f, err
	}
	f.secure, f.proxy = f.tls != nil || o.Proxy != "", o.Proxy != ""
	f.hosts = names(o, f.tls)
	if f.listener, err = listen(o.Listen); err != nil {
		return f, err
	}
	at, ok := f.listener.Addr().(*net.TCPAddr)
	loopback := ok && at.IP.IsLoopback()
	if !loopback && !f.secure {
		return f, errors.Join(fault.New(fault.Refused, "%s is not a loopback address, and passwords and tokens would go over the network in clear", o.Listen).
			Try("listen on 127.0.0.1; or give --tls-cert and --tls-key; or put a proxy with TLS before it and give its name with --behind-proxy"), f.listener.Close())
	}
	f.alone = loopback && o.Proxy == ""
	near := "http://" + nearby(f.listener)
	f.web, f.api = near+f.prefix, near+f.prefix
	if f.tls != nil {
		if f.near, err = listen("127.0.0.1:0"); err != nil {
			return f, errors.Join(err, f.listener.Close())
		}
		f.api = "http://" + nearby(f.near) + f.prefix
		f.web = "https://" + called(f.listener, f.hosts) + f.prefix
	}
	if o.Proxy != "" {
		f.web = "https://" + o.Proxy + f.prefix
	}
	return f, nil
}

func listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	if errors.Is(err, syscall.EADDRINUSE) {
		return nil, fault.Wrap(err, fault.Unavailable, "port %s is in use", address)
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Usage, "cannot listen on %q", address)
	}
	return l, nil
}

// nearby is the address of a listener for this machine.
func nearby(l net.Listener) string {
	at, err := netip.ParseAddrPort(l.Addr().String())
	if err != nil || !at.Addr().IsUnspecified() {
		return l.Addr().String()
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), at.Port()).String()
}

// called is how people write the address of a listener: with the first name that
// the server has.
func called(l net.Listener, hosts []string) string {
	if len(hosts) == 0 {
		return nearby(l)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil || port == "443" {
		return hosts[0]
	}
	return net.JoinHostPort(hosts[0], port)
}

// certificate reads the certificate and its key; nil where there are none. Nothing
// older than TLS 1.2 is spoken.
func certificate(cert, key string) (*tls.Config, error) {
	if cert == "" && key == "" {
		return nil, nil
	}
	if cert == "" || key == "" {
		return nil, fault.New(fault.Usage, "one of --tls-cert and --tls-key is given, the other is not").Try("give both, or neither")
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, fault.Of(fault.Wrap(err, fault.Usage, "the certificate %s and the key %s cannot be used: %v", cert, key, err)).Try("give the certificate with its chain and its own key, both as PEM")
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}, nil
}

// names are those by which the server may be called: told, of the proxy, and of
// the certificate.
func names(o cli.UpOptions, t *tls.Config) []string {
	all := slices.Clone(o.Hosts)
	if o.Proxy != "" {
		all = append(all, o.Proxy)
	}
	if t != nil && t.Certificates[0].Leaf != nil {
		leaf := t.Certificates[0].Leaf
		all = append(all, leaf.DNSNames...)
		for _, ip := range leaf.IPAddresses {
			all = append(all, ip.String())
		}
	}
	for i := range all {
		all[i] = strings.ToLower(all[i])
	}
	return slices.DeleteFunc(all, func(host string) bool { return strings.Contains(host, "*") })
}

// cleanPrefix checks the path below which everything is served.
func cleanPrefix(prefix string) (string, error) {
	prefix = strings.TrimSuffix(prefix, "/")
	parts := strings.Split(prefix, "/")
	plain := func(part string) bool {
		return strings.Trim(part, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~") == "" && strings.Trim(part, ".") != ""
	}
	if prefix == "" || parts[0] == "" && !slices.ContainsFunc(parts[1:], func(part string) bool { return !plain(part) }) {
		return prefix, nil
	}
	return "", fault.New(fault.Usage, "%q is no path below which pages can be served", prefix).Field("path-prefix").Try("write it like /lab")
}

// below serves a handler below a prefix, and tells browsers that come over TLS to
// come no other way.
func (f front) below(api, pages http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(f.prefix+"/api", http.StripPrefix(f.prefix, api)) // a page of its own
	mux.Handle(f.prefix+"/api/", http.StripPrefix(f.prefix, api))
	mux.Handle("/", pages) // which know their prefix
	if !f.secure {
		return mux
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Strict-Transport-Security", "max-age=31536000")
		mux.ServeHTTP(w, r)
	})
}
