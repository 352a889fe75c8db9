package program

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"secretome/internal/account"
	"secretome/internal/cli"
	"secretome/internal/client"
	"secretome/internal/fault"
)

// certified makes a certificate for lab.example and 127.0.0.1.
func certified(t *testing.T) (cert, key string, roots *x509.CertPool) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	ask := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "lab.example"}, DNSNames: []string{"lab.example", "*.wild.example"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, ask, ask, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalECPrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "EC PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	roots = x509.NewCertPool()
	if found, err := x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	} else {
		roots.AddCert(found)
	}
	return cert, key, roots
}

func TestOnlyTLSOrAProxyOpensMoreThanLoopback(t *testing.T) {
	cert, key, _ := certified(t)
	for _, test := range []struct {
		name string
		o    cli.UpOptions
		web  string // the beginning of the address of the pages
		api  string // and of that for this machine
		kind fault.Kind
		why  string
	}{
		{"loopback needs nothing", cli.UpOptions{Listen: "127.0.0.1:0"}, "http://127.0.0.1:", "http://127.0.0.1:", 0, ""},
		{"every address in clear is refused", cli.UpOptions{Listen: "0.0.0.0:0"}, "", "", fault.Refused, "passwords and tokens would go over the network in clear"},
		{"a name alone opens nothing", cli.UpOptions{Listen: "0.0.0.0:0", Hosts: []string{"lab.example"}}, "", "", fault.Refused, "in clear"},
		{"every address behind a proxy", cli.UpOptions{Listen: "0.0.0.0:0", Proxy: "lab.example", Prefix: "/lab/"}, "https://lab.example/lab", "http://127.0.0.1:", 0, ""},
		{"every address over TLS", cli.UpOptions{Listen: "0.0.0.0:0", Certificate: cert, Key: key}, "https://lab.example:", "http://127.0.0.1:", 0, ""},
		{"a certificate without its key", cli.UpOptions{Listen: "0.0.0.0:0", Certificate: cert}, "", "", fault.Usage, "the other is not"},
		{"a certificate that is none", cli.UpOptions{Listen: "0.0.0.0:0", Certificate: key, Key: key}, "", "", fault.Usage, "cannot be used"},
		{"what is no address is named", cli.UpOptions{Listen: "nonsense"}, "", "", fault.Usage, "nonsense"},
		{"a prefix that leads elsewhere", cli.UpOptions{Listen: "127.0.0.1:0", Prefix: "//evil.example"}, "", "", fault.Usage, "no path below which"},
		{"a prefix without its stroke", cli.UpOptions{Listen: "127.0.0.1:0", Prefix: "lab"}, "", "", fault.Usage, "like /lab"},
		{"a prefix that goes up", cli.UpOptions{Listen: "127.0.0.1:0", Prefix: "/lab/.."}, "", "", fault.Usage, "no path below which"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, err := openFront(test.o)
			if test.web == "" {
				if found := fault.Of(err); err == nil || found.Kind != test.kind || !strings.Contains(found.Error()+found.Help, test.why) {
					t.Fatalf("openFront = %v, want kind %v and %q", err, test.kind, test.why)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			closing(t, f.listener)
			if f.near != nil {
				closing(t, f.near)
			}
			if !strings.HasPrefix(f.web, test.web) || !strings.HasPrefix(f.api, test.api) || !strings.HasSuffix(f.api, f.prefix) {
				t.Errorf("the pages are at %q, the API for this machine at %q", f.web, f.api)
			}
		})
	}
}

func TestOverTLSBrowsersGetHTTP2AndAreToldToComeNoOtherWay(t *testing.T) {
	cert, key, roots := certified(t)
	f, err := openFront(cli.UpOptions{Listen: "127.0.0.1:0", Certificate: cert, Key: key, Prefix: "/lab"})
	if err != nil {
		t.Fatal(err)
	}
	closing(t, f.near)
	h := &house{log: zerolog.Nop()}
	h.run(f.below(echo("api"), echo("pages")), f.listener, f.tls)
	defer h.close()
	address := f.listener.Addr().String()
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	for path, want := range map[string]string{"/lab/api/v1/me": "api /api/v1/me", "/lab/runs": "pages /lab/runs"} {
		r, err := (&http.Client{Transport: transport}).Get("https://" + address + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		closing(t, r.Body)
		if err != nil || string(body) != want || r.ProtoMajor != 2 || r.Header.Get("Strict-Transport-Security") != "max-age=31536000" {
			t.Errorf("%s: %q by %s, %v, %v", path, body, r.Proto, r.Header, err)
		}
	}
	for version, taken := range map[uint16]bool{tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		c, err := tls.Dial("tcp", address, &tls.Config{RootCAs: roots, MinVersion: version, MaxVersion: version}) // that an old one is refused is what is tested
		if err == nil {
			closing(t, c)
		}
		if taken != (err == nil) {
			t.Errorf("TLS version %x: %v", version, err)
		}
	}
	if r, err := http.Get("http://" + address + "/lab/runs"); err == nil {
		closing(t, r.Body)
		if r.StatusCode != http.StatusBadRequest {
			t.Errorf("in clear: %d", r.StatusCode)
		}
	}
	if want := []string{"lab.example", "127.0.0.1"}; strings.Join(f.hosts, " ") != strings.Join(want, " ") {
		t.Errorf("names of the certificate: %q, want %q", f.hosts, want)
	}
}

func echo(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, name+" "+r.URL.Path) })
}

func TestGuestsAreOfferedOnlyOnLoopbackAndWhereADemonstrationMadeTheData(t *testing.T) {
	people := []account.Person{{Name: "Mara Thiel", Role: account.Technician}, {Name: "Karin Lund", Role: account.Manager}}
	house := func(marked bool) *house {
		data := t.TempDir()
		if yes, err := fresh(data); err != nil || !yes {
			t.Fatalf("a new directory: %v, %v", yes, err)
		}
		book, err := account.Ensure(filepath.Join(data, "credentials.json"), append(people, account.Person{Name: "Real Person", Role: account.Reviewer}))
		if err != nil {
			t.Fatal(err)
		}
		if yes, err := fresh(data); err != nil || yes {
			t.Fatalf("a directory that was used: %v, %v", yes, err)
		}
		if marked {
			if err := markDemo(data, append(people, account.Person{Name: "Mara Thiel", Role: account.Quality}, account.Person{Name: "Nobody", Role: account.Reviewer})); err != nil {
				t.Fatal(err)
			}
		}
		return &house{data: data, people: book, log: zerolog.Nop()}
	}
	for _, test := range []struct {
		name   string
		marked bool
		o      cli.UpOptions
		guests int
	}{
		{"a demonstration on loopback", true, cli.UpOptions{Listen: "127.0.0.1:0"}, 2},
		{"a directory that no demonstration made", false, cli.UpOptions{Listen: "127.0.0.1:0"}, 0},
		{"a demonstration behind a proxy on loopback", true, cli.UpOptions{Listen: "127.0.0.1:0", Proxy: "lab.example"}, 0},
		{"a demonstration for everybody", true, cli.UpOptions{Listen: "0.0.0.0:0", Proxy: "lab.example"}, 0},
	} {
		f, err := openFront(test.o)
		if err != nil {
			t.Fatal(err)
		}
		closing(t, f.listener)
		if got := house(test.marked).guests(f); len(got) != test.guests || (len(got) > 0 && (got[0].Name != "Mara Thiel" || got[0].Token == "")) {
			t.Errorf("%s: guests %+v", test.name, got)
		}
	}
	h := house(false)
	if err := os.WriteFile(filepath.Join(h.data, demoFile), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := h.guests(front{alone: true}); got != nil {
		t.Errorf("a mark that cannot be read: %+v", got)
	}
}

func TestTheServerFileLeadsProgramsOfThisMachineToThePlainAddress(t *testing.T) {
	h := &house{data: t.TempDir()}
	s := h.where(front{web: "https://lab.example/lab", api: "http://127.0.0.1:1/lab"})
	if err := s.Write(h.data); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(h.data, client.ServerFile))
	if err != nil {
		t.Fatal(err)
	}
	var found client.Server
	if err := json.Unmarshal(text, &found); err != nil || found.API != "http://127.0.0.1:1/lab/api/v1" || found.Web != "https://lab.example/lab" {
		t.Errorf("server.json has %s, %v", text, err)
	}
}

func closing(t *testing.T, c interface{ Close() error }) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
