package browser

import (
	"testing"
	"time"
)

// What a page may weigh over the network, in bytes: the first, and each after it.
const (
	heaviestFirst = 150_000
	heaviestLater = 30_000
)

// The browser itself counts what came over the network.
func TestPagesAreLight(t *testing.T) {
	g := hang(t)
	first := map[string]bool{}
	for n, s := range g.scenes {
		if s.form != nil || s.status != 0 {
			continue
		}
		b := g.tab(t, s.who)
		b.weigh()
		begun := time.Now()
		b.visit(g.door(s.who).path(n, s))
		took := time.Since(begun)
		weight, most := b.weigh(), float64(heaviestLater)
		if !first[s.who] {
			first[s.who], most = true, heaviestFirst
		}
		t.Logf("%-22s %6.1f kB, %4d ms", s.name, weight/1000, took.Milliseconds())
		if weight > most {
			t.Errorf("%s weighs %.1f kB, at most %.0f are allowed", s.name, weight/1000, most/1000)
		}
	}
}

// weigh is what came over the network since it was asked before, in bytes.
func (b *tab) weigh() float64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	sum := 0.0
	for id, s := range b.bytes {
		if !s.cached {
			sum += s.bytes
		}
		delete(b.bytes, id)
	}
	return sum
}
