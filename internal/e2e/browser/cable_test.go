package browser

import (
	"net"
	"net/url"
	"sync"
	"testing"
	"time"
)

// cable leads to a laboratory, and can be cut in the middle of a word.
type cable struct {
	t        testing.TB
	listener net.Listener
	to       string

	mu    sync.Mutex
	cut   bool
	slow  int // bytes a second from the browser; 0: as fast as it goes
	ends  map[net.Conn]bool
	bytes int64 // that came from the browser
}

// lay lays a cable to the address of a server's pages.
func lay(t testing.TB, web string) *cable {
	t.Helper()
	u, err := url.Parse(web)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cable{t: t, listener: l, to: u.Host, ends: map[net.Conn]bool{}}
	t.Cleanup(func() {
		_ = l.Close()
		c.set(true, 0)
	})
	go c.serve()
	return c
}

// web is the address of the pages through the cable.
func (c *cable) web() string { return "http://" + c.listener.Addr().String() }

// set cuts the cable or mends it, and says how fast it is.
func (c *cable) set(cut bool, slow int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut, c.slow = cut, slow
	if cut {
		for end := range c.ends {
			_ = end.Close() // what is on its way is lost
		}
		clear(c.ends)
	}
}

// came is how much came from the browser.
func (c *cable) came() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.bytes
}

func (c *cable) serve() {
	for {
		near, err := c.listener.Accept()
		if err != nil {
			return // the test is over
		}
		far, err := net.Dial("tcp", c.to)
		c.mu.Lock()
		if err != nil || c.cut {
			c.mu.Unlock()
			_ = near.Close()
			if far != nil {
				_ = far.Close()
			}
			continue
		}
		c.ends[near], c.ends[far] = true, true
		c.mu.Unlock()
		go c.carry(far, near, true)
		go c.carry(near, far, false)
	}
}

// carry copies from one end to the other, as slowly as the cable is from the
// browser.
func (c *cable) carry(to, from net.Conn, counted bool) {
	defer to.Close()
	const piece = 16 << 10 // bytes
	b := make([]byte, piece)
	for {
		n, err := from.Read(b)
		if n > 0 {
			c.mu.Lock()
			slow := c.slow
			if counted {
				c.bytes += int64(n)
			}
			c.mu.Unlock()
			if counted && slow > 0 {
				time.Sleep(time.Second * time.Duration(n) / time.Duration(slow))
			}
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return // its end, or it was cut
		}
	}
}
