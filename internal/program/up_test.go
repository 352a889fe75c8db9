package program

import (
	"net"
	"strings"
	"testing"

	"secretome/internal/fault"
)

func TestOnlyAProxyOpensMoreThanLoopback(t *testing.T) {
	for _, test := range []struct {
		name, listen, proxy string
		near                string // how this machine reaches it, without the port
		kind                fault.Kind
	}{
		{"loopback needs no proxy", "127.0.0.1:0", "", "http://127.0.0.1:", 0},
		{"every address without a proxy is refused", "0.0.0.0:0", "", "", fault.Refused},
		{"every address behind a proxy is reached by loopback", "0.0.0.0:0", "lab.example.org", "http://127.0.0.1:", 0},
		{"what is no address is named", "nonsense", "", "", fault.Usage},
	} {
		t.Run(test.name, func(t *testing.T) {
			listener, address, err := listenOn(test.listen, test.proxy)
			if test.near == "" {
				if err == nil || fault.Of(err).Kind != test.kind {
					t.Fatalf("listenOn(%q, %q) = %v, want kind %v", test.listen, test.proxy, err, test.kind)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer closing(t, listener)
			if !strings.HasPrefix(address, test.near) {
				t.Errorf("address = %q, want %q and a port", address, test.near)
			}
			connection, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
			if err != nil {
				t.Fatalf("nobody answers at %s: %v", address, err)
			}
			closing(t, connection)
		})
	}
}

func closing(t *testing.T, c interface{ Close() error }) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
