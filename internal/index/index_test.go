package index_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/record"
)

const run = "UCM-2026-001"

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// book writes a logbook into an index.
type book struct {
	t    testing.TB
	x    *index.Index
	head record.Ref
	at   time.Time
}

func openAt(t testing.TB, path string) *index.Index {
	t.Helper()
	x, err := index.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func begin(t testing.TB, logbook string) *book {
	t.Helper()
	x := openAt(t, filepath.Join(t.TempDir(), "index 100% #1?.db")) // a path that is no URL
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return &book{t: t, x: x, head: record.Ref{Logbook: logbook}, at: noon}
}

// next returns the next record, a minute later, and does not apply it.
func (b *book) next(by string, kind record.Kind, s record.Subject, body any, uses ...record.Use) record.Record {
	b.t.Helper()
	encoded, err := record.Body(body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.at = b.at.Add(time.Minute)
	d := record.Draft{
		Logbook: b.head.Logbook, Request: fmt.Sprintf("%s#%d", b.head.Logbook, b.head.Number+1), Kind: kind, Received: b.at, Happened: b.at,
		By: record.Actor{Kind: record.Person, Name: by, Role: "technician"}, Subject: s, Uses: uses, Program: "test", Body: encoded,
	}
	return d.Numbered(b.head.Number+1, b.head.Hash)
}

// add applies the next record and returns its name.
func (b *book) add(by string, kind record.Kind, s record.Subject, body any, uses ...record.Use) record.Ref {
	b.t.Helper()
	r := b.next(by, kind, s, body, uses...)
	if err := b.x.Apply(b.t.Context(), r); err != nil {
		b.t.Fatal(err)
	}
	b.head, _ = r.Ref()
	return b.head
}

func file(name string) record.Artifact {
	return record.Artifact{SHA256: record.Hash([]byte(name)), Size: int64(len(name)), MediaType: "text/plain", Name: name}
}

func must[T any](t testing.TB) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func TestRecordsAreFoundByRequestNumberAndKind(t *testing.T) {
	b := begin(t, "run/"+run)
	ctx := t.Context()
	for range 5 {
		b.add("Mara Thiel", record.TaskCommented, record.Subject{}, record.Note{Text: "µ"})
		b.add("Mara Thiel", record.TaskClaimed, record.Subject{}, record.Note{})
	}
	r, ok, err := b.x.Find(ctx, "run/"+run, "run/"+run+"#7")
	if err != nil || !ok || r.Number != 7 {
		t.Errorf("Find = %d, %v, %v", r.Number, ok, err)
	}
	if _, ok, err := b.x.Find(ctx, "lab", "run/"+run+"#7"); ok || err != nil {
		t.Errorf("Find in another logbook = %v, %v", ok, err)
	}
	if got := must[[]record.Record](t)(b.x.FindRequest(ctx, "run/"+run+"#7")); len(got) != 1 || got[0].Number != 7 {
		t.Errorf("FindRequest = %+v", got)
	}
	got := must[[]record.Record](t)(b.x.Records(ctx, run, 2, 3, record.TaskClaimed))
	if len(got) != 3 || got[0].Number != 4 || got[2].Number != 8 {
		t.Errorf("Records = %+v", got)
	}
	if got := must[[]record.Record](t)(b.x.Records(ctx, run, 0, 0)); len(got) != 10 {
		t.Errorf("%d records, want 10", len(got))
	}
}

func TestTheLastRunIsTheHighestNumber(t *testing.T) {
	b := begin(t, "lab")
	for _, id := range []string{"UCM-2026-009", "UCM-2026-1000", "UCM-2026-999", "UCM-2026-x", "UCM-2025-2000", "UCM-2026-"} {
		b.head = record.Ref{Logbook: "run/" + id}
		b.add("Ines Falk", record.RunLaunched, record.Subject{}, record.Launch{})
	}
	for prefix, want := range map[string]int{"UCM-2026-": 1000, "UCM-2025-": 2000, "UCM-2024-": 0} {
		if got, err := b.x.LastRun(t.Context(), prefix); got != want || err != nil {
			t.Errorf("LastRun(%s) = %d, %v, want %d", prefix, got, err, want)
		}
	}
}

func TestApplyTakesOnlyWhatFollows(t *testing.T) {
	b := begin(t, "run/"+run)
	ctx := t.Context()
	comment := func() record.Record {
		return b.next("Mara Thiel", record.TaskCommented, record.Subject{}, record.Note{})
	}
	first := comment()
	b.add("Mara Thiel", record.TaskCommented, record.Subject{}, record.Note{}) // a minute later than first
	second := comment()
	other := second
	other.Previous = strings.Repeat("0", 64)
	again := second
	again.Request = "run/" + run + "#1"
	late := second
	late.Number = 3
	for name, test := range map[string]struct {
		records []record.Record
		kind    fault.Kind
	}{
		"a gap":                        {[]record.Record{late}, fault.Conflict},
		"another record at its number": {[]record.Record{first}, fault.Corrupt},
		"another predecessor":          {[]record.Record{other}, fault.Corrupt},
		"a request twice":              {[]record.Record{again}, fault.Corrupt},
		"one bad of two":               {[]record.Record{second, again}, fault.Corrupt},
	} {
		t.Run(name, func(t *testing.T) {
			if err := b.x.Apply(ctx, test.records...); !fault.Is(err, test.kind) {
				t.Errorf("Apply = %v, want %s", err, test.kind)
			}
			if last, _, err := b.x.Last(ctx, "run/"+run); last != 1 || err != nil {
				t.Errorf("last = %d, %v, want 1: all or none", last, err)
			}
		})
	}
	for range 2 {
		if err := b.x.Apply(ctx, second); err != nil {
			t.Errorf("the next record, and once more: %v", err)
		}
	}
	if last, hash, _ := b.x.Last(ctx, "run/"+run); last != 2 || hash != hashOf(t, second) {
		t.Errorf("last = %d %s", last, hash)
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if err := b.x.Apply(cancelled, second); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled Apply = %v", err)
	}
}

func hashOf(t *testing.T, r record.Record) string {
	return must[record.Ref](t)(r.Ref()).Hash
}

func TestARecordThatCannotBeUnderstoodIsKept(t *testing.T) {
	b := begin(t, "run/"+run)
	b.add("Mara Thiel", record.Kind("moon-phase"), record.Subject{}, record.Note{})
	b.add("Mara Thiel", record.TaskAsked, record.Subject{Task: "t"}, []string{"no object"})
	b.add("Mara Thiel", record.TaskCommented, record.Subject{}, record.Note{})
	got := must[[]index.Unread](t)(b.x.Unread(t.Context()))
	if len(got) != 2 || got[0].Kind != "moon-phase" || got[1].Record.Number != 2 {
		t.Errorf("unread: %+v", got)
	}
	b.add("Mara Thiel", record.TaskClaimed, record.Subject{Task: "task/UCM-2026-002/culture/feed/1"}, record.Note{})
	b.head = record.Ref{Logbook: "lab"}
	b.add("run", record.StageStarted, record.Subject{Stage: "culture"}, record.Start{})
	got = must[[]index.Unread](t)(b.x.Unread(t.Context()))
	if len(got) != 4 || !strings.Contains(got[0].Problem+got[3].Problem, "no task of this run") {
		t.Errorf("unread: %+v, want those in the wrong logbook too", got)
	}
}

func TestANewerIndexIsRefused(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	if err := openAt(t, path).Close(); err != nil {
		t.Fatal(err)
	}
	index.Execute(t, path, "INSERT INTO meta (version) VALUES (99)")
	_, err := index.Open(t.Context(), path)
	if !fault.Is(err, fault.Refused) || !strings.Contains(err.Error(), "has version 99") {
		t.Errorf("Open = %v, want a refusal that names the version", err)
	}
}

func TestADamagedFileSaysSo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := index.Open(t.Context(), path)
	if !fault.Is(err, fault.Corrupt) || !strings.Contains(fault.Of(err).Sentence(), path+" is damaged") {
		t.Errorf("Open = %v, want a corrupt fault with the path", err)
	}
}

func TestAChangedRecordInTheFileIsSeen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	b := &book{t: t, x: openAt(t, path), head: record.Ref{Logbook: "lab"}, at: noon}
	b.add("Mara Thiel", record.TaskCommented, record.Subject{}, record.Note{})
	index.Execute(t, path, "UPDATE records SET json = replace(json, 'Mara', 'Nara')")
	if _, _, err := b.x.Find(t.Context(), "lab", "lab#1"); !fault.Is(err, fault.Corrupt) {
		t.Errorf("Find = %v, want a corrupt fault", err)
	}
	if err := b.x.Close(); err != nil {
		t.Error(err)
	}
}

func TestAFullDiskSaysSo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "index.db")
	b := &book{t: t, x: openAt(t, path), head: record.Ref{Logbook: "lab"}, at: noon}
	b.x.Limit(t, 60) // pages: the schema takes about 50
	for range 1000 {
		r := b.next("Mara Thiel", record.TaskCommented, record.Subject{}, record.Note{Text: strings.Repeat("long ", 1000)})
		err := b.x.Apply(t.Context(), r)
		if err == nil {
			b.head, _ = r.Ref()
			continue
		}
		if !fault.Is(err, fault.Unavailable) || !strings.Contains(fault.Of(err).Sentence(), path+" is full") {
			t.Errorf("Apply = %v, want a fault that says the disk is full", err)
		}
		last, _, err := b.x.Last(t.Context(), "lab")
		if last != b.head.Number || err != nil {
			t.Errorf("last = %d (%v), want %d: what was applied stays", last, err, b.head.Number)
		}
		return
	}
	t.Error("the disk never filled")
}
