package logbook_test

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"secretome/internal/artifact"
	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/logbook"
	"secretome/internal/record"
)

const book = "run/UCM-2026-001"

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// draft returns a comment with the given request.
func draft(logbook, request string) record.Draft {
	return record.Draft{
		Logbook: logbook, Request: request, Kind: record.TaskCommented, Received: noon, Happened: noon,
		By: record.Actor{Kind: record.Person, Name: "Mara Thiel", Role: "technician"}, Program: "test", Body: []byte(`{"text":"seen"}`),
	}
}

func openIndex(t testing.TB) *index.Index {
	t.Helper()
	x, err := index.Open(t.Context(), filepath.Join(t.TempDir(), "index.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

// filled returns a bucket with a logbook of n records, and its logbooks.
func filled(t testing.TB, n int) (*artifact.Mem, *logbook.Logbooks) {
	t.Helper()
	bucket := &artifact.Mem{}
	l := logbook.New(bucket, openIndex(t), zerolog.Nop())
	for i := range n {
		if _, err := l.Append(t.Context(), draft(book, fmt.Sprintf("r%d", i+1))); err != nil {
			t.Fatal(err)
		}
	}
	return bucket, l
}

// counting counts what is asked of a bucket.
type counting struct {
	logbook.Objects
	creates, gets, lists int
}

func (c *counting) Create(ctx context.Context, key string, data []byte) (bool, error) {
	c.creates++
	return c.Objects.Create(ctx, key, data)
}

func (c *counting) Get(ctx context.Context, key string) ([]byte, error) {
	c.gets++
	return c.Objects.Get(ctx, key)
}

func (c *counting) List(ctx context.Context, prefix, after string) ([]string, error) {
	c.lists++
	return c.Objects.List(ctx, prefix, after)
}

func TestAnUndisturbedAppendIsOneRequestToTheStore(t *testing.T) {
	bucket := &counting{Objects: &artifact.Mem{}}
	l := logbook.New(bucket, openIndex(t), zerolog.Nop())
	for i := range 10 {
		if _, err := l.Append(t.Context(), draft(book, fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
	}
	if bucket.creates != 10 || bucket.gets != 0 || bucket.lists != 1 { // one list at the first touch
		t.Errorf("10 appends took %d creates, %d gets, %d lists, want 10, 0, 1", bucket.creates, bucket.gets, bucket.lists)
	}
}

func TestTheSameRequestIsAnsweredWithItsFirstRecord(t *testing.T) {
	_, l := filled(t, 3)
	again := draft(book, "r2")
	again.Received, again.Body = noon.Add(time.Hour), []byte(`{"text":"other"}`)
	r, err := l.Append(t.Context(), again)
	if err != nil || r.Number != 2 || !r.Received.Equal(noon) || string(r.Body) != `{"text":"seen"}` {
		t.Errorf("append of r2 again = %d at %v, %s (%v), want record 2 as it was", r.Number, r.Received, r.Body, err)
	}
	head, err := l.Head(t.Context(), book)
	if err != nil || head.Number != 3 {
		t.Errorf("head = %d (%v), want 3", head.Number, err)
	}
}

func TestAnAppendAnswersWithTheRecordThatIsStored(t *testing.T) {
	bucket, l := filled(t, 0)
	d := draft(book, "r1")
	d.Body = []byte(`{ "text" : "µ" }`)
	d.Received = noon.Add(123456 * time.Nanosecond)
	r, err := l.Append(t.Context(), d)
	if err != nil {
		t.Fatal(err)
	}
	_, hash, _ := r.Canonical()
	stored, err := bucket.Get(t.Context(), "logbook/run/UCM-2026-001/0000000001.json")
	if err != nil || record.Hash(stored) != hash || string(r.Body) != `{"text":"µ"}` {
		t.Errorf("answered %s (%s), stored %s (%v)", r.Body, hash, stored, err)
	}
}

func TestARunNumberGoesToOne(t *testing.T) {
	_, l := filled(t, 0)
	first, created, err := l.Create(t.Context(), draft(book, "a"))
	if err != nil || !created || first.Number != 1 {
		t.Fatalf("Create = %d, %v, %v", first.Number, created, err)
	}
	for request, own := range map[string]bool{"a": true, "b": false} {
		r, created, err := l.Create(t.Context(), draft(book, request))
		if err != nil || created || r.Number != 1 || (r.Request == request) != own {
			t.Errorf("Create for %q = record %d of request %q, %v, %v; want record 1 of a, not created", request, r.Number, r.Request, created, err)
		}
	}
}

func TestFindReadsWhatTheIndexLacks(t *testing.T) {
	bucket, _ := filled(t, 5)
	other := logbook.New(bucket, openIndex(t), zerolog.Nop())
	r, ok, err := other.Find(t.Context(), book, "r4")
	if err != nil || !ok || r.Number != 4 {
		t.Errorf("Find r4 = %d, %v, %v", r.Number, ok, err)
	}
	if _, ok, err := other.Find(t.Context(), book, "r9"); ok || err != nil {
		t.Errorf("Find r9 = %v, %v, want neither", ok, err)
	}
}

func TestReadPagesThroughALogbook(t *testing.T) {
	_, l := filled(t, 150)
	for _, test := range []struct {
		after       int64
		limit       int
		first, last int64
	}{{0, 0, 1, 150}, {0, 10, 1, 10}, {10, 10, 11, 20}, {145, 10, 146, 150}, {149, 1, 150, 150}} {
		got, err := l.Read(t.Context(), book, test.after, test.limit)
		if err != nil || len(got) == 0 || got[0].Number != test.first || got[len(got)-1].Number != test.last || len(got) != int(test.last-test.first+1) {
			t.Errorf("Read after %d limit %d: %d records (%v)", test.after, test.limit, len(got), err)
		}
	}
	for _, after := range []int64{150, 1000} {
		if got, err := l.Read(t.Context(), book, after, 0); err != nil || len(got) != 0 {
			t.Errorf("Read after %d: %d records, %v, want none", after, len(got), err)
		}
	}
}

func TestNamesAndHeads(t *testing.T) {
	_, l := filled(t, 2)
	for _, name := range []string{"lab", "lot/CM-0001", "run/UCM-2026-0010"} {
		if _, err := l.Append(t.Context(), draft(name, "x")); err != nil {
			t.Fatal(err)
		}
	}
	names, err := l.Names(t.Context())
	if want := "[lab lot/CM-0001 run/UCM-2026-001 run/UCM-2026-0010]"; err != nil || fmt.Sprint(names) != want {
		t.Errorf("Names = %v (%v), want %s", names, err, want)
	}
	if _, err := l.Head(t.Context(), "run/none"); !fault.Is(err, fault.NotFound) {
		t.Errorf("Head of a logbook that is not there: %v", err)
	}
	if _, err := l.Record(t.Context(), book, 3); !fault.Is(err, fault.NotFound) {
		t.Errorf("Record 3 of 2: %v", err)
	}
}

func TestBadDraftsAreRefused(t *testing.T) {
	_, l := filled(t, 0)
	for name, change := range map[string]func(*record.Draft){
		"no logbook":         func(d *record.Draft) { d.Logbook = "" },
		"a logbook upwards":  func(d *record.Draft) { d.Logbook = "run/.." },
		"a logbook in lab":   func(d *record.Draft) { d.Logbook = "lab/x" },
		"a logbook too deep": func(d *record.Draft) { d.Logbook = "run/a/b" },
		"a long logbook":     func(d *record.Draft) { d.Logbook = "run/" + strings.Repeat("a", 201) },
		"no request":         func(d *record.Draft) { d.Request = "" },
		"no kind":            func(d *record.Draft) { d.Kind = "" },
		"a body not of JSON": func(d *record.Draft) { d.Body = []byte("{") },
	} {
		t.Run(name, func(t *testing.T) {
			d := draft(book, "r1")
			change(&d)
			if _, err := l.Append(t.Context(), d); !fault.Is(err, fault.Invalid) {
				t.Errorf("Append = %v, want an invalid fault", err)
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	_, l := filled(b, 0)
	for i := 0; b.Loop(); i++ {
		if _, err := l.Append(b.Context(), draft(book, fmt.Sprint(i))); err != nil {
			b.Fatal(err)
		}
	}
}
