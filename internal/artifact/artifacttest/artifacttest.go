// Package artifacttest has the suites that every bucket and every store of
// artifacts must pass, and starts the servers that they are run against.
package artifacttest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"secretome/internal/artifact"
	"secretome/internal/fault"
)

// Objects is what logbooks and stores need of a bucket; the suite of [Bucket]
// says what it must do.
type Objects interface {
	artifact.Objects
	Create(ctx context.Context, key string, data []byte) (created bool, err error)
	Get(ctx context.Context, key string) ([]byte, error)
}

// Bucket checks buckets: open returns an empty one each time it is called.
func Bucket(t *testing.T, open func(t *testing.T) Objects) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, b Objects)
	}{
		{"what was created is read back", bucketRoundTrip},
		{"a key is created once and keeps its first bytes", bucketOnce},
		{"of sixteen creators at once one wins", bucketRace},
		{"other bytes than those announced by hash are refused and not stored", bucketMismatch},
		{"what is not there is not found", bucketAbsent},
		{"keys are listed in the order of their bytes from a key on", bucketOrder},
		{"more keys than a page holds are all listed", bucketPages},
		{"a cancelled call fails and does nothing", bucketCancelled},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
}

func mustCreate(t *testing.T, b Objects, key string, data []byte) {
	t.Helper()
	created, err := b.Create(t.Context(), key, data)
	if err != nil || !created {
		t.Fatalf("Create(%q) = %v, %v; want true", key, created, err)
	}
}

func wantBytes(t *testing.T, b Objects, key string, want []byte) {
	t.Helper()
	got, err := b.Get(t.Context(), key)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("Get(%q) = %d bytes %.40q, %v; want %d bytes %.40q", key, len(got), got, err, len(want), want)
	}
}

func wantKind(t *testing.T, what string, err error, want fault.Kind) {
	t.Helper()
	if !fault.Is(err, want) {
		t.Errorf("%s fails with %v; want a fault %v", what, err, want)
	}
}

func bucketRoundTrip(t *testing.T, b Objects) {
	for key, data := range map[string][]byte{
		"logbook/run/UCM-2026-001/0000000001.json": []byte(`{"number":1}`),
		"empty":                 {},
		"folder/µl = 5 + ü.csv": []byte("a;b\n"),
		"zeros":                 make([]byte, 3<<20),
	} {
		mustCreate(t, b, key, data)
		wantBytes(t, b, key, data)
		o, err := b.Stat(t.Context(), key)
		if err != nil || o.Size != int64(len(data)) {
			t.Errorf("Stat(%q) = %+v, %v; want %d bytes", key, o, err, len(data))
		}
	}
}

func bucketOnce(t *testing.T, b Objects) {
	mustCreate(t, b, "k", []byte("first"))
	for _, data := range []string{"second", "first", ""} {
		created, err := b.Create(t.Context(), "k", []byte(data))
		if created || err != nil {
			t.Errorf("Create(k, %q) on an existing key = %v, %v; want false, nil", data, created, err)
		}
	}
	wantBytes(t, b, "k", []byte("first"))
}

func bucketRace(t *testing.T, b Objects) {
	for round := range 20 { // as many rounds as found the races of other servers
		key := fmt.Sprintf("race/%02d", round)
		var won atomic.Value
		var winners atomic.Int32
		together(16, func(i int) {
			data := fmt.Appendf(nil, "writer %d", i)
			created, err := b.Create(t.Context(), key, data)
			if err != nil {
				t.Errorf("round %d, writer %d: %v", round, i, err)
			}
			if created {
				winners.Add(1)
				won.Store(data)
			}
		})
		if winners.Load() != 1 {
			t.Fatalf("round %d has %d winners; want 1", round, winners.Load())
		}
		wantBytes(t, b, key, won.Load().([]byte))
	}
}

// together runs n calls of f at once and waits for them.
func together(n int, f func(i int)) {
	var wg sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	wg.Wait()
}

func bucketMismatch(t *testing.T, b Objects) {
	sent := []byte("these bytes changed on the way")
	o := artifact.Object{Size: int64(len(sent)), SHA256: strings.Repeat("ab", 32)}
	created, err := b.CreateFrom(t.Context(), "m", bytes.NewReader(sent), o)
	if created {
		t.Error("the object was created")
	}
	wantKind(t, "CreateFrom", err, fault.Unavailable)
	_, err = b.Get(t.Context(), "m")
	wantKind(t, "Get", err, fault.NotFound)
}

func bucketAbsent(t *testing.T, b Objects) {
	_, err := b.Get(t.Context(), "nobody/was/here")
	wantKind(t, "Get", err, fault.NotFound)
	_, err = b.Stat(t.Context(), "nobody/was/here")
	wantKind(t, "Stat", err, fault.NotFound)
	_, _, err = b.Reader(t.Context(), "nobody/was/here")
	wantKind(t, "Reader", err, fault.NotFound)
	keys, err := b.List(t.Context(), "", "")
	if err != nil || len(keys) != 0 {
		t.Errorf("List of an empty bucket = %q, %v", keys, err)
	}
}

func bucketOrder(t *testing.T, b Objects) {
	for _, key := range []string{"l/0000000010", "l/0000000002", "l/0000000001", "l/A", "l/a", "l/é", "l-2/x", "l2/x", "other"} {
		mustCreate(t, b, key, nil)
	}
	for _, test := range []struct {
		prefix, after string
		want          []string
	}{
		{"l/", "", []string{"l/0000000001", "l/0000000002", "l/0000000010", "l/A", "l/a", "l/é"}},
		{"l/", "l/0000000002", []string{"l/0000000010", "l/A", "l/a", "l/é"}},
		{"l/", "l/0000000003", []string{"l/0000000010", "l/A", "l/a", "l/é"}}, // a key that does not exist
		{"l/", "l/é", nil},
		{"l/", "zzz", nil},
		{"l/00000000", "", []string{"l/0000000001", "l/0000000002", "l/0000000010"}},
		{"", "", []string{"l-2/x", "l/0000000001", "l/0000000002", "l/0000000010", "l/A", "l/a", "l/é", "l2/x", "other"}},
		{"none/", "", nil},
	} {
		got, err := b.List(t.Context(), test.prefix, test.after)
		if err != nil || !slices.Equal(got, test.want) {
			t.Errorf("List(%q, after %q) = %q, %v; want %q", test.prefix, test.after, got, err, test.want)
		}
	}
}

func bucketPages(t *testing.T, b Objects) {
	const n = 1100 // a page of 1000, which is what S3 puts into one, and a part
	together(16, func(i int) {
		for k := i; k < n; k += 16 {
			if _, err := b.Create(t.Context(), fmt.Sprintf("p/%010d.json", k), []byte{byte(k)}); err != nil {
				t.Error(err)
			}
		}
	})
	for _, from := range []int{-1, 0, 98, 99, 100, 999, 1000, 1098, 1099} {
		after := ""
		if from >= 0 {
			after = fmt.Sprintf("p/%010d.json", from)
		}
		keys, err := b.List(t.Context(), "p/", after)
		if err != nil || len(keys) != n-1-from {
			t.Fatalf("List after %q = %d keys, %v; want %d", after, len(keys), err, n-1-from)
		}
		for i, key := range keys {
			if want := fmt.Sprintf("p/%010d.json", from+1+i); key != want {
				t.Fatalf("List after %q: key %d is %q; want %q", after, i, key, want)
			}
		}
	}
}

func bucketCancelled(t *testing.T, b Objects) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Create(ctx, "c", []byte("x")); err == nil {
		t.Error("Create succeeds")
	}
	if _, err := b.List(ctx, "", ""); err == nil {
		t.Error("List succeeds: a listing that was broken off looks like a whole one")
	}
	if _, err := b.Get(ctx, "c"); err == nil || fault.Is(err, fault.NotFound) {
		t.Errorf("Get fails with %v; want the cancellation", err)
	}
	_, err := b.Get(t.Context(), "c")
	wantKind(t, "Get afterwards", err, fault.NotFound)
}
