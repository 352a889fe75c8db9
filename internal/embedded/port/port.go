// Package port holds ports of the loopback address until a server takes them,
// so that a taken one is a sentence to a person and not a server's last words.
package port

import (
	"errors"
	"math/rand/v2"
	"net"
	"strconv"
	"syscall"

	"secretome/internal/fault"
)

// Free ports are picked below the range from which the kernel takes the local
// ports of outgoing connections (32768 and up on Linux): a port in that range,
// let go for a moment, may be taken by any connection before its server has it.
const (
	lowestFree  = 10_000
	highestFree = 32_767
	attempts    = 100
)

// Port is a port of 127.0.0.1, held until its server takes it.
type Port struct {
	listener net.Listener
	number   int
}

// Claim takes the port of the given number, or a free one for 0. It fails with
// a [fault.Unavailable] that names the flag to choose another one by.
func Claim(number int, flag string) (*Port, error) {
	if number == 0 {
		return free()
	}
	l, err := listen(number)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fault.New(fault.Unavailable, "port %d is in use", number).Try("stop what listens there, or choose another with %s (0 picks a free one)", flag)
	case err != nil:
		return nil, fault.Wrap(err, fault.Invalid, "%s %d: the port cannot be opened on 127.0.0.1; it must be between 1024 and 65535, or 0 for a free one", flag, number)
	}
	return &Port{l, number}, nil
}

func free() (*Port, error) {
	for range attempts {
		number := lowestFree + rand.IntN(highestFree-lowestFree+1)
		if l, err := listen(number); err == nil {
			return &Port{l, number}, nil
		}
	}
	return nil, fault.New(fault.Unavailable, "no free port was found on 127.0.0.1 between %d and %d", lowestFree, highestFree)
}

func listen(number int) (net.Listener, error) {
	return net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(number)))
}

// Yield lets go of the port and returns its number, for the server to take it.
func (p *Port) Yield() int {
	p.Release()
	return p.number
}

// Release lets go of the port, if it is held. A nil port holds nothing.
func (p *Port) Release() {
	if p != nil && p.listener != nil {
		_ = p.listener.Close() // nobody ever connected to it
		p.listener = nil
	}
}
