package logbook_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"secretome/internal/artifact"
	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/logbook"
	"secretome/internal/record"
	"secretome/internal/seal"
)

const (
	writers  = 16
	requests = 1000
	machines = 3 // each with its own memory and index
)

// dice decides what goes wrong. It is shared by all, so a seed gives the same
// throws, though not to the same writers.
type dice struct {
	mu  sync.Mutex
	rng *rand.Rand
}

func (d *dice) throw(chance float64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rng.Float64() < chance
}

var errWeather = fault.New(fault.Unavailable, "the weather is bad")

// weather is a store and an index that fail at random, before and after they did
// what was asked.
type weather struct {
	logbook.Objects
	*dice
	badly float64 // chance of each failure
}

func (w weather) Create(ctx context.Context, key string, data []byte) (bool, error) {
	if w.throw(w.badly) {
		return false, errWeather // never arrived
	}
	created, err := w.Objects.Create(ctx, key, data)
	if w.throw(w.badly) {
		return false, errWeather // arrived, the answer was lost
	}
	if created && w.throw(w.badly) {
		return false, nil // the client sent it twice and heard the second answer
	}
	return created, err
}

func (w weather) Get(ctx context.Context, key string) ([]byte, error) {
	if w.throw(w.badly / 100) { // of some hundred at once
		return nil, errWeather
	}
	return w.Objects.Get(ctx, key)
}

func (w weather) List(ctx context.Context, prefix, after string) ([]string, error) {
	if w.throw(w.badly) {
		return nil, errWeather
	}
	return w.Objects.List(ctx, prefix, after)
}

type fickle struct {
	logbook.Index
	*dice
	badly float64
}

func (f fickle) Find(ctx context.Context, name, request string) (record.Record, bool, error) {
	if f.throw(f.badly / 5) { // costs reading the logbook from its beginning
		return record.Record{}, false, errWeather
	}
	return f.Index.Find(ctx, name, request)
}

func (f fickle) Last(ctx context.Context, name string) (int64, string, error) {
	if f.throw(f.badly / 5) {
		return 0, "", errWeather
	}
	return f.Index.Last(ctx, name)
}

func (f fickle) Apply(ctx context.Context, records ...record.Record) error {
	if f.throw(f.badly) {
		return errWeather
	}
	err := f.Index.Apply(ctx, records...)
	if f.throw(f.badly) {
		return errWeather
	}
	return err
}

// machine is a process that can be killed: what it remembers is lost then, and
// now and then its index.
type machine struct {
	bucket logbook.Objects
	dice   *dice
	fresh  func() *index.Index

	mu    sync.Mutex
	index *index.Index
	books *logbook.Logbooks
}

func (m *machine) logbooks() *logbook.Logbooks {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.books != nil && !m.dice.throw(0.02) {
		return m.books
	}
	if m.index == nil || m.dice.throw(0.2) {
		m.index = m.fresh()
	}
	m.books = logbook.New(m.bucket, fickle{m.index, m.dice, 0.05}, zerolog.Nop())
	return m.books
}

// insist appends until there is an answer, as an activity does, and is killed
// now and then on the way.
func (m *machine) insist(ctx context.Context, d record.Draft) (record.Record, error) {
	for {
		attempt, kill := context.WithCancel(ctx)
		if m.dice.throw(0.05) {
			kill = killAfter(kill, time.Duration(m.dice.number(2000))*time.Microsecond)
		}
		r, err := m.logbooks().Append(attempt, d)
		kill()
		if err == nil || ctx.Err() != nil {
			return r, err
		}
		if fault.Is(err, fault.Corrupt) {
			return r, err
		}
	}
}

func (d *dice) number(n int) int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.rng.IntN(n)
}

// killAfter cancels after some time, at the latest when the attempt is over.
func killAfter(kill context.CancelFunc, after time.Duration) context.CancelFunc {
	t := time.AfterFunc(after, kill)
	return func() { t.Stop(); kill() }
}

// TestSixteenWritersThatDieLeaveAWholeLogbook is the promise of the package.
func TestSixteenWritersThatDieLeaveAWholeLogbook(t *testing.T) {
	seeds := uint64(2)
	if testing.Short() {
		seeds = 1 // under the race detector one storm takes minutes
	}
	for seed := range seeds {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			bucket := &artifact.Mem{}
			answers := storm(t, bucket, seed)
			x := openIndex(t)
			l := logbook.New(bucket, x, zerolog.Nop())
			records, err := l.Read(t.Context(), book, 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			whole(t, records)
			for _, r := range records {
				if got := answers[r.Request]; got != r.Number {
					t.Errorf("request %s stands at %d, and was answered with %d", r.Request, r.Number, got)
				}
			}
			if err := l.Follow(t.Context()); err != nil {
				t.Fatal(err)
			}
			if last, _, err := x.Last(t.Context(), book); last != requests || err != nil {
				t.Errorf("an index from S3 alone has %d records (%v), want %d", last, err, requests)
			}
		})
	}
}

// storm lets writers append at once, each request from two of them, and returns
// the numbers that they were answered.
func storm(t *testing.T, bucket logbook.Objects, seed uint64) map[string]int64 {
	t.Helper()
	d := &dice{rng: rand.New(rand.NewPCG(seed, 0))}
	all := make([]*machine, machines)
	for i := range all {
		all[i] = &machine{bucket: weather{bucket, d, 0.05}, dice: d, fresh: func() *index.Index { return openIndex(t) }}
	}
	var mu sync.Mutex
	answers := map[string]int64{}
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := w / 2; i < requests; i += writers / 2 { // writer pairs share their requests
				request := fmt.Sprintf("request %d", i)
				r, err := all[w%machines].insist(t.Context(), draft(book, request))
				if err != nil {
					t.Errorf("%s: %v", request, err)
					return
				}
				mu.Lock()
				if n, ok := answers[request]; ok && n != r.Number {
					t.Errorf("%s was answered with records %d and %d", request, n, r.Number)
				}
				answers[request] = r.Number
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return answers
}

// whole checks: no gap, no double, chain whole, each request once.
func whole(t *testing.T, records []record.Record) {
	t.Helper()
	if len(records) != requests {
		t.Errorf("%d records, want %d", len(records), requests)
	}
	for _, p := range seal.Check(records) {
		t.Error(p.Detail)
	}
}

// TestACancelledAppendIsFoundByTheNextOne kills an append right after its bytes
// have landed, in another process than the one that asks again.
func TestACancelledAppendIsFoundByTheNextOne(t *testing.T) {
	bucket, l := filled(t, 5)
	ctx, kill := context.WithCancel(t.Context())
	dying := logbook.New(landing{bucket, kill}, openIndex(t), zerolog.Nop())
	if _, err := dying.Append(ctx, draft(book, "last words")); !errors.Is(err, context.Canceled) {
		t.Fatalf("append = %v, want cancelled", err)
	}
	for name, l := range map[string]*logbook.Logbooks{"the same": dying, "another": l} {
		r, err := l.Append(t.Context(), draft(book, "last words"))
		if err != nil || r.Number != 6 {
			t.Errorf("%s process: record %d (%v), want 6", name, r.Number, err)
		}
	}
}

// landing is a store that dies once it has created an object.
type landing struct {
	logbook.Objects
	kill context.CancelFunc
}

func (l landing) Create(ctx context.Context, key string, data []byte) (bool, error) {
	created, err := l.Objects.Create(ctx, key, data)
	l.kill()
	return created, errors.Join(err, ctx.Err())
}
