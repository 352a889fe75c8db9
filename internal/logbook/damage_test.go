package logbook_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"secretome/internal/artifact"
	"secretome/internal/fault"
	"secretome/internal/logbook"
	"secretome/internal/record"
)

// without is a bucket from which one object was removed.
type without struct {
	logbook.Objects
	key string
}

func (w without) Get(ctx context.Context, key string) ([]byte, error) {
	if key == w.key {
		return nil, fault.New(fault.NotFound, "there is no object %q", key)
	}
	return w.Objects.Get(ctx, key)
}

func (w without) List(ctx context.Context, prefix, after string) ([]string, error) {
	keys, err := w.Objects.List(ctx, prefix, after)
	var left []string
	for _, key := range keys {
		if key != w.key {
			left = append(left, key)
		}
	}
	return left, err
}

// reads are all ways to read a record.
func reads(ctx context.Context, l *logbook.Logbooks, number int64) map[string]error {
	_, all := l.Read(ctx, book, 0, 0)
	_, page := l.Read(ctx, book, number-1, 1)
	_, single := l.Record(ctx, book, number)
	return map[string]error{"all": all, "page": page, "single": single}
}

func TestARemovedRecordIsNamed(t *testing.T) {
	for _, n := range []int{20, 12} { // in the middle, and the last one
		t.Run(fmt.Sprintf("of %d", n), func(t *testing.T) {
			bucket, _ := filled(t, n)
			x := openIndex(t)
			if err := logbook.New(bucket, x, zerolog.Nop()).Follow(t.Context()); err != nil {
				t.Fatal(err)
			}
			l := logbook.New(without{bucket, logbook.Key(book, 12)}, x, zerolog.Nop())
			for name, err := range reads(t.Context(), l, 12) {
				named(t, name, err, "record 12 of run/UCM-2026-001 is missing")
			}
			if n == 12 {
				_, err := l.Append(t.Context(), draft(book, "new"))
				named(t, "append", err, "record 12 of run/UCM-2026-001 is missing")
			}
		})
	}
}

// TestTheHoleOfARemovedRecordIsNotFilled has an index that ends right before the
// hole: only the list of the first touch shows it.
func TestTheHoleOfARemovedRecordIsNotFilled(t *testing.T) {
	for _, test := range []struct {
		known int
		hole  int64
	}{{0, 12}, {11, 12}, {0, 1}} {
		known, missing := test.known, fmt.Sprintf("record %d of run/UCM-2026-001 is missing", test.hole)
		t.Run(fmt.Sprintf("index at %d, hole at %d", known, test.hole), func(t *testing.T) {
			bucket, whole := filled(t, 20)
			x := openIndex(t)
			records, err := whole.Read(t.Context(), book, 0, known+1)
			if err != nil {
				t.Fatal(err)
			}
			if err := x.Apply(t.Context(), records[:known]...); err != nil {
				t.Fatal(err)
			}
			holed := &removing{without{bucket, logbook.Key(book, test.hole)}}
			l := logbook.New(holed, x, zerolog.Nop())
			_, err = l.Append(t.Context(), draft(book, "new"))
			named(t, "append", err, missing)
			named(t, "follow", l.Follow(t.Context()), missing)
		})
	}
}

// removing is without, and would take another object at the key.
type removing struct{ without }

func (r *removing) Create(ctx context.Context, key string, data []byte) (bool, error) {
	if key == r.key {
		return true, nil
	}
	return r.Objects.Create(ctx, key, data)
}

func TestExchangedRecordsAreNamed(t *testing.T) {
	bucket, l := filled(t, 20)
	a, b := logbook.Key(book, 12), logbook.Key(book, 15)
	first, _ := bucket.Get(t.Context(), a)
	second, _ := bucket.Get(t.Context(), b)
	bucket.Damage(a, second)
	bucket.Damage(b, first)
	for name, err := range reads(t.Context(), l, 12) {
		named(t, name, err, "where record 12 of run/UCM-2026-001 should be, there is record 15")
	}
	_, err := l.Record(t.Context(), book, 15)
	named(t, "the other", err, "where record 15 of run/UCM-2026-001 should be, there is record 12")
}

func TestARecordOfAnotherLogbookIsNamed(t *testing.T) {
	bucket, l := filled(t, 20)
	foreign, err := l.Append(t.Context(), draft("lab", "x"))
	if err != nil {
		t.Fatal(err)
	}
	data, _, _ := foreign.Canonical()
	bucket.Damage(logbook.Key(book, 12), data)
	for name, err := range reads(t.Context(), l, 12) {
		named(t, name, err, "where record 12 of run/UCM-2026-001 should be, there is record 1 of lab")
	}
}

// TestEveryFlippedBitIsNamed flips each bit of a record in the middle and of the
// last one, which nothing follows: the index is its witness.
func TestEveryFlippedBitIsNamed(t *testing.T) {
	for _, n := range []int{3, 2} {
		t.Run(fmt.Sprintf("record 2 of %d", n), func(t *testing.T) {
			bucket, l := filled(t, n)
			key := logbook.Key(book, 2)
			whole, err := bucket.Get(t.Context(), key)
			if err != nil {
				t.Fatal(err)
			}
			for bit := range len(whole) * 8 {
				bad := bytes.Clone(whole)
				bad[bit/8] ^= 1 << (bit % 8)
				bucket.Damage(key, bad)
				for name, err := range reads(t.Context(), l, 2) {
					if err == nil || !strings.Contains(err.Error(), "record 2 ") || !strings.Contains(err.Error(), book) {
						t.Fatalf("bit %d flipped (%s): %s read says %v", bit, bad, name, err)
					}
				}
			}
		})
	}
}

func TestADamagedHeadIsNotBuiltUpon(t *testing.T) {
	bucket, _ := filled(t, 12)
	x := openIndex(t)
	if err := logbook.New(bucket, x, zerolog.Nop()).Follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	key := logbook.Key(book, 12)
	data, _ := bucket.Get(t.Context(), key)
	bucket.Damage(key, bytes.Replace(data, []byte("Mara"), []byte("Nara"), 1))
	_, err := logbook.New(bucket, x, zerolog.Nop()).Append(t.Context(), draft(book, "new"))
	named(t, "append", err, "record 12 of run/UCM-2026-001 in the store is not the one that the index has")
}

func TestADamagedLogbookDoesNotKeepTheIndexFromOthers(t *testing.T) {
	bucket, l := filled(t, 20)
	for _, name := range []string{"lab", "run/UCM-2026-002"} {
		if _, err := l.Append(t.Context(), draft(name, "x")); err != nil {
			t.Fatal(err)
		}
	}
	bucket.Damage(logbook.Key(book, 12), []byte("{}"))
	x := openIndex(t)
	named(t, "follow", logbook.New(bucket, x, zerolog.Nop()).Follow(t.Context()), "record 12 of run/UCM-2026-001")
	for name, want := range map[string]int64{"lab": 1, "run/UCM-2026-002": 1} {
		if got, _, err := x.Last(t.Context(), name); got != want || err != nil {
			t.Errorf("index has %s up to %d (%v), want %d", name, got, err, want)
		}
	}
}

func TestAForeignObjectAmongTheLogbooksIsNamed(t *testing.T) {
	bucket, l := filled(t, 2)
	if _, err := bucket.Create(t.Context(), "logbook/"+book+"/notes.txt", nil); err != nil {
		t.Fatal(err)
	}
	_, err := l.Read(t.Context(), book, 0, 0)
	named(t, "read", err, "notes.txt")
}

func named(t *testing.T, what string, err error, want string) {
	t.Helper()
	if !fault.Is(err, fault.Corrupt) || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: %v, want a corrupt fault with %q", what, err, want)
	}
}

// TestASilentIndexIsNoReason lets the index fail in one way for ever: appends go
// on, each request once.
func TestASilentIndexIsNoReason(t *testing.T) {
	for _, what := range []string{"last", "find", "apply", "forgets"} {
		t.Run(what, func(t *testing.T) {
			bucket, _ := filled(t, 5)
			x := &broken{Index: openIndex(t)}
			l := logbook.New(bucket, x, zerolog.Nop())
			if _, err := l.Append(t.Context(), draft(book, "r6")); err != nil {
				t.Fatal(err)
			}
			x.what = what
			for _, request := range []string{"r7", "r3", "r6", "r7", "r8"} {
				r, err := l.Append(t.Context(), draft(book, request))
				if err != nil || fmt.Sprintf("r%d", r.Number) != request {
					t.Fatalf("append of %s gave record %d (%v)", request, r.Number, err)
				}
			}
			x.what = ""
			r, err := l.Append(t.Context(), draft(book, "r9"))
			last, _, _ := x.Last(t.Context(), book)
			if err != nil || r.Number != 9 || last != 9 {
				t.Errorf("after the index came back: record %d (%v), index at %d, want 9 and 9", r.Number, err, last)
			}
		})
	}
}

// TestAnErrorOfTheStoreIsNotTakenForExists: servers answer 409 for races and for
// full disks.
func TestAnErrorOfTheStoreIsNotTakenForExists(t *testing.T) {
	bucket, _ := filled(t, 3)
	conflict := fault.New(fault.Unavailable, "the store answered 409")
	l := logbook.New(refusing{bucket, conflict}, openIndex(t), zerolog.Nop())
	_, err := l.Append(t.Context(), draft(book, "new"))
	_, created, err2 := l.Create(t.Context(), draft("run/UCM-2026-002", "new"))
	if !errors.Is(err, conflict) || !errors.Is(err2, conflict) || created {
		t.Errorf("Append = %v, Create = %v, want the store's own error", err, err2)
	}
}

// refusing is a store that creates nothing.
type refusing struct {
	logbook.Objects
	err error
}

func (r refusing) Create(context.Context, string, []byte) (bool, error) { return false, r.err }

// broken is an index that fails in one way.
type broken struct {
	logbook.Index
	what string
}

func (b *broken) fails(what string) error {
	if b.what == what {
		return fault.New(fault.Unavailable, "the index is away")
	}
	return nil
}

func (b *broken) Last(ctx context.Context, name string) (int64, string, error) {
	if err := errors.Join(b.fails("last"), b.fails("forgets")); err != nil {
		return 0, "", err
	}
	return b.Index.Last(ctx, name)
}

func (b *broken) Find(ctx context.Context, name, request string) (record.Record, bool, error) {
	if b.what == "forgets" { // it is being made anew
		return record.Record{}, false, nil
	}
	if err := b.fails("find"); err != nil {
		return record.Record{}, false, err
	}
	return b.Index.Find(ctx, name, request)
}

func (b *broken) Apply(ctx context.Context, records ...record.Record) error {
	if err := b.fails("apply"); err != nil {
		return err
	}
	return b.Index.Apply(ctx, records...)
}

var _ logbook.Objects = (*artifact.Mem)(nil)
