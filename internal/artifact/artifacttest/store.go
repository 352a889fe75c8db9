package artifacttest

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"time"

	"secretome/internal/artifact"
	"secretome/internal/fault"
	"secretome/internal/record"
)

// Opened is a store under test.
type Opened struct {
	Store *artifact.Store
	Spool string // its spool folder, which nothing else uses
	// Damage replaces the stored bytes of an object behind the store's back.
	Damage func(t *testing.T, key string, data []byte)
	// InProcess tells that the objects are in this process's memory.
	InProcess bool
}

// Store checks stores: open returns an empty one each time it is called.
func Store(t *testing.T, open func(t *testing.T) Opened) {
	for _, test := range []struct {
		name string
		run  func(t *testing.T, o Opened)
	}{
		{"what was put is read back under its hash", storeRoundTrip},
		{"an empty artifact is legal", storeEmpty},
		{"equal bytes are kept once under all their names", storeDedupe},
		{"a wrong announcement leaves nothing behind", storeAnnounced},
		{"bad options are refused before a byte is read", storeOptions},
		{"a reader that breaks leaves nothing behind", storeBroken},
		{"a flipped bit is found by every way of reading", storeFlipped},
		{"damage is found where only the size is asked for", storeExactRead},
		{"a second put does not trust a damaged object", storeDamagedPut},
		{"what is not there is not found", storeAbsent},
		{"artifacts are listed in order and strangers are left out", storeList},
		{"sixteen puts of the same bytes at once all succeed", storeRace},
		{"sixty-four puts of 1 MiB at once all arrive", storeMany},
		{"memory stays bounded at 256 MiB", storeMemory},
	} {
		t.Run(test.name, func(t *testing.T) {
			o := open(t)
			test.run(t, o)
			wantEmpty(t, o.Spool)
		})
	}
}

func wantEmpty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("the spool holds %v, %v; want nothing", left, err)
	}
}

// unknown are the options for bytes of which nothing is known.
var unknown = artifact.PutOptions{MediaType: "text/csv", Size: -1}

func mustPut(t *testing.T, s *artifact.Store, data []byte) record.Artifact {
	t.Helper()
	a, err := s.Put(t.Context(), bytes.NewReader(data), unknown)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func wantArtifacts(t *testing.T, s *artifact.Store, want ...string) {
	t.Helper()
	slices.Sort(want)
	got, err := s.List(t.Context())
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("List() = %q, %v; want %q", got, err, want)
	}
}

func storeRoundTrip(t *testing.T, o Opened) {
	noise := make([]byte, 5<<20+1)
	rand.NewChaCha8([32]byte{1}).Read(noise) // its Read has no error
	for _, data := range [][]byte{[]byte("well;OD\nA1;0.52\n"), {0}, noise} {
		name := "plate µ\n\"1\" \u202e<x>/../%00.csv" // a bidirectional override, a line end, a path
		a, err := o.Store.Put(t.Context(), iotest.HalfReader(bytes.NewReader(data)), artifact.PutOptions{
			MediaType: "text/csv; charset=utf-8", Name: name, Size: int64(len(data)), SHA256: record.Hash(data)})
		want := record.Artifact{SHA256: record.Hash(data), Size: int64(len(data)), MediaType: "text/csv; charset=utf-8", Name: name}
		if err != nil || a != want {
			t.Fatalf("Put = %+v, %v; want %+v", a, err, want)
		}
		got, err := o.Store.Bytes(t.Context(), a.SHA256)
		if err != nil || !bytes.Equal(got, data) {
			t.Errorf("Bytes = %d bytes, %v; want the %d that were put", len(got), err, len(data))
		}
		want.Name = ""
		if st, err := o.Store.Stat(t.Context(), a.SHA256); err != nil || st != want {
			t.Errorf("Stat = %+v, %v; want %+v", st, err, want)
		}
	}
}

func storeEmpty(t *testing.T, o Opened) {
	// printf '' | sha256sum
	const hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
	for _, size := range []int64{-1, 0} {
		a, err := o.Store.Put(t.Context(), strings.NewReader(""), artifact.PutOptions{Size: size})
		if err != nil || a.SHA256 != hash || a.Size != 0 || a.MediaType != "application/octet-stream" {
			t.Fatalf("Put = %+v, %v", a, err)
		}
	}
	if got, err := o.Store.Bytes(t.Context(), hash); err != nil || len(got) != 0 {
		t.Errorf("Bytes = %q, %v", got, err)
	}
	wantArtifacts(t, o.Store, hash)
}

func storeDedupe(t *testing.T, o Opened) {
	data := []byte("the same blank plate")
	for _, name := range []string{"PL-1 blank.csv", "PL-2 blank.csv"} {
		a, err := o.Store.PutBytes(t.Context(), data, "text/csv", name)
		if err != nil || a.Name != name || a.SHA256 != record.Hash(data) {
			t.Errorf("PutBytes(%q) = %+v, %v", name, a, err)
		}
	}
	mustPut(t, o.Store, data)
	wantArtifacts(t, o.Store, record.Hash(data))
}

func storeAnnounced(t *testing.T, o Opened) {
	honest := bytes.Repeat([]byte("x"), 1000)
	changed := bytes.Clone(honest)
	changed[499] ^= 1
	for _, test := range []struct {
		name     string
		sent     []byte
		announce int64
		hash     string
		says     []string
	}{
		{"fewer bytes", honest[:900], 1000, record.Hash(honest), []string{"1000", "900"}},
		{"more bytes", append(bytes.Clone(honest), make([]byte, 100)...), 1000, record.Hash(honest), []string{"1000", "1100"}},
		{"far more bytes", make([]byte, 4<<20), 1000, "", []string{"1000", "more than"}},
		{"none", nil, 1000, "", []string{"1000", "0 came"}},
		{"one changed", changed, 1000, record.Hash(honest), []string{record.Hash(honest), record.Hash(changed)}},
		{"one changed, size unknown", changed, -1, record.Hash(honest), []string{record.Hash(honest), record.Hash(changed)}},
	} {
		_, err := o.Store.Put(t.Context(), bytes.NewReader(test.sent), artifact.PutOptions{Size: test.announce, SHA256: test.hash})
		wantKind(t, test.name, err, fault.Invalid)
		for _, word := range append(test.says, "nothing was recorded") {
			if !strings.Contains(fault.Of(err).Sentence(), word) {
				t.Errorf("%s: %q does not say %q", test.name, fault.Of(err).Sentence(), word)
			}
		}
	}
	wantArtifacts(t, o.Store)
}

func storeOptions(t *testing.T, o Opened) {
	for name, opts := range map[string]artifact.PutOptions{
		"a hash in capitals":            {Size: -1, SHA256: strings.Repeat("AB", 32)},
		"a short hash":                  {Size: -1, SHA256: "ab"},
		"a media type that is none":     {Size: -1, MediaType: "text/csv\r\nX-Evil: 1"},
		"a name that is not UTF-8":      {Size: -1, Name: "\xff.csv"},
		"more than S3 takes in one PUT": {Size: artifact.MaxSize + 1},
	} {
		read := iotest.ErrReader(errors.New("a byte was read"))
		_, err := o.Store.Put(t.Context(), read, opts)
		wantKind(t, name, err, fault.Invalid)
	}
	_, err := o.Store.Get(t.Context(), "../../etc/passwd")
	wantKind(t, "Get of no hash", err, fault.Invalid)
	wantArtifacts(t, o.Store)
}

func storeBroken(t *testing.T, o Opened) {
	broke := errors.New("cable pulled")
	_, err := o.Store.Put(t.Context(), io.MultiReader(strings.NewReader("half"), iotest.ErrReader(broke)), unknown)
	if !errors.Is(err, broke) {
		t.Errorf("Put fails with %v; want %v", err, broke)
	}
	_, err = o.Store.Put(t.Context(), io.MultiReader(strings.NewReader("half"), iotest.ErrReader(io.ErrUnexpectedEOF)), unknown)
	wantKind(t, "Put of an upload that broke off", err, fault.Invalid)
	wantArtifacts(t, o.Store)
}

func storeFlipped(t *testing.T, o Opened) {
	data := bytes.Repeat([]byte("0123456789abcdef"), 5000)
	a := mustPut(t, o.Store, data)
	for _, at := range []int{0, len(data) / 2, len(data) - 1} {
		damaged := bytes.Clone(data)
		damaged[at] ^= 1
		o.Damage(t, artifact.Key(a.SHA256), damaged)
		_, err := o.Store.Bytes(t.Context(), a.SHA256)
		wantKind(t, "Bytes", err, fault.Corrupt)
		if !strings.Contains(fmt.Sprint(err), a.SHA256) {
			t.Errorf("%q does not name the artifact", err)
		}
		wantKind(t, "Verify", o.Store.Verify(t.Context(), a.SHA256), fault.Corrupt)
	}
	for name, damaged := range map[string][]byte{"cut": data[:100], "longer": append(bytes.Clone(data), 0), "emptied": {}} {
		o.Damage(t, artifact.Key(a.SHA256), damaged)
		wantKind(t, name, o.Store.Verify(t.Context(), a.SHA256), fault.Corrupt)
	}
	o.Damage(t, artifact.Key(a.SHA256), data)
	if err := o.Store.Verify(t.Context(), a.SHA256); err != nil {
		t.Errorf("Verify of the restored artifact: %v", err)
	}
}

// storeExactRead reads as a caller does that knows the size: it never asks for
// the end of the file.
func storeExactRead(t *testing.T, o Opened) {
	data := bytes.Repeat([]byte("spectrum "), 9000)
	a := mustPut(t, o.Store, data)
	damaged := bytes.Clone(data)
	damaged[1] ^= 0x80
	o.Damage(t, artifact.Key(a.SHA256), damaged)
	r, err := o.Store.Get(t.Context(), a.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	n, err := io.ReadFull(r, make([]byte, a.Size))
	wantKind(t, "ReadFull", err, fault.Corrupt)
	if int64(n) >= a.Size {
		t.Errorf("all %d damaged bytes were given out", n)
	}
	_, err = r.Read(make([]byte, 1))
	wantKind(t, "a read after the end", err, fault.Corrupt)
}

func storeDamagedPut(t *testing.T, o Opened) {
	for name, size := range map[string]int{"small": 4096, "large": 2 << 20} {
		data := bytes.Repeat([]byte(name[:1]), size)
		a := mustPut(t, o.Store, data)
		damaged := bytes.Clone(data)
		damaged[size/2] ^= 4
		o.Damage(t, artifact.Key(a.SHA256), damaged)
		_, err := o.Store.Put(t.Context(), bytes.NewReader(data), unknown)
		wantKind(t, "Put of the same bytes ("+name+")", err, fault.Corrupt)
	}
}

func storeAbsent(t *testing.T, o Opened) {
	missing := strings.Repeat("0", 64)
	_, err := o.Store.Get(t.Context(), missing)
	wantKind(t, "Get", err, fault.NotFound)
	_, err = o.Store.Stat(t.Context(), missing)
	wantKind(t, "Stat", err, fault.NotFound)
	wantKind(t, "Verify", o.Store.Verify(t.Context(), missing), fault.NotFound)
}

func storeList(t *testing.T, o Opened) {
	var want []string
	for i := range 50 {
		want = append(want, mustPut(t, o.Store, fmt.Appendf(nil, "artifact %d", i)).SHA256)
	}
	o.Damage(t, "artifact/sha256/00/README", []byte("a stranger"))
	wantArtifacts(t, o.Store, want...)
}

func storeRace(t *testing.T, o Opened) {
	for _, size := range []int{100, 2 << 20} {
		data := bytes.Repeat([]byte{byte(size)}, size)
		together(16, func(i int) {
			a, err := o.Store.Put(t.Context(), bytes.NewReader(data), unknown)
			if err != nil || a.SHA256 != record.Hash(data) {
				t.Errorf("writer %d: %+v, %v", i, a, err)
			}
		})
		if err := o.Store.Verify(t.Context(), record.Hash(data)); err != nil {
			t.Error(err)
		}
	}
}

func storeMany(t *testing.T, o Opened) {
	var sum atomic.Int64
	together(64, func(i int) {
		data := bytes.Repeat([]byte{byte(i)}, 1<<20)
		a, err := o.Store.Put(t.Context(), bytes.NewReader(data), artifact.PutOptions{Size: 1 << 20})
		if err != nil {
			t.Errorf("writer %d: %v", i, err)
			return
		}
		sum.Add(a.Size)
		if err := o.Store.Verify(t.Context(), a.SHA256); err != nil {
			t.Errorf("writer %d: %v", i, err)
		}
	})
	if sum.Load() != 64<<20 {
		t.Errorf("%d bytes arrived; want %d", sum.Load(), 64<<20)
	}
}

func storeMemory(t *testing.T, o Opened) {
	if o.InProcess {
		t.Skip("the objects themselves are in memory here")
	}
	if testing.Short() {
		t.Skip("256 MiB are too much for -short")
	}
	const size, most = 256 << 20, 16 << 20 // most: buffers are well below 1 MiB, garbage comes on top
	peak := HeapPeak(func() {
		a, err := o.Store.Put(t.Context(), Noise(2, size), artifact.PutOptions{Size: size})
		if err != nil {
			t.Fatal(err)
		}
		if err := o.Store.Verify(t.Context(), a.SHA256); err != nil {
			t.Error(err)
		}
	})
	t.Logf("put and verify of 256 MiB: heap grew by at most %.1f MiB", float64(peak)/(1<<20))
	if peak > most {
		t.Errorf("the heap grew by %d bytes; want at most %d", peak, most)
	}
}

// Noise yields size bytes that depend on the seed alone.
func Noise(seed byte, size int64) io.Reader {
	return io.LimitReader(rand.NewChaCha8([32]byte{seed}), size)
}

// HeapPeak runs f and returns by how many bytes the heap in use was above its
// start at most, as seen every few milliseconds.
func HeapPeak(f func()) int64 {
	var start runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&start)
	done, peak := make(chan struct{}), make(chan int64)
	go func() {
		var most int64
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			var now runtime.MemStats
			runtime.ReadMemStats(&now)
			most = max(most, int64(now.HeapInuse)-int64(start.HeapInuse))
			select {
			case <-done:
				peak <- most
				return
			case <-tick.C:
			}
		}
	}()
	f()
	close(done)
	return <-peak
}
