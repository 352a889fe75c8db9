package web

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"secretome/internal/account"
	"secretome/internal/artifact"
	"secretome/internal/index"
	"secretome/internal/lab"
	"secretome/internal/logbook"
	"secretome/internal/record"
)

// crowd is a laboratory with many runs and tasks, filled by records of which each
// follows the one before, as the logbooks write them.
type crowd struct {
	b      *testing.B
	x      *index.Index
	bucket *artifact.Mem
	heads  map[string]record.Ref
	ready  []record.Record
	at     time.Time
}

func (c *crowd) add(book, by string, kind record.Kind, about record.Subject, body any) record.Ref {
	c.b.Helper()
	encoded, err := record.Body(body)
	if err != nil {
		c.b.Fatal(err)
	}
	head := c.heads[book]
	r := record.Draft{
		Logbook: book, Request: fmt.Sprintf("%s#%d", book, head.Number+1), Kind: kind, Received: c.at, Happened: c.at,
		By: record.Actor{Kind: record.Person, Name: by, Role: account.Technician}, Subject: about, Program: "test", Body: encoded,
	}.Numbered(head.Number+1, head.Hash)
	data, _, err := r.Canonical()
	if err != nil {
		c.b.Fatal(err)
	}
	if _, err := c.bucket.Create(c.b.Context(), logbook.Key(book, r.Number), data); err != nil {
		c.b.Fatal(err)
	}
	ref, err := r.Ref()
	if err != nil {
		c.b.Fatal(err)
	}
	c.heads[book] = ref
	if c.ready = append(c.ready, r); len(c.ready) >= 2000 {
		c.flush()
	}
	return ref
}

func (c *crowd) flush() {
	if err := c.x.Apply(c.b.Context(), c.ready...); err != nil {
		c.b.Fatal(err)
	}
	c.ready = nil
}

// fillRun writes a run with ten open tasks whose windows lie around now; each
// fiftieth waits for a decision, each twentieth for its review, each fourth is over.
func (c *crowd) fillRun(n int, protocol record.Artifact) {
	id := fmt.Sprintf("UCM-2026-%04d", n)
	book := "run/" + id
	c.add(book, "Mara", record.RunLaunched, record.Subject{}, record.Launch{Run: id, Title: fmt.Sprintf("Study %d of conditioned medium", n), Protocol: protocol, Name: "P 1", Zone: "UTC", Plan: []string{"culture", "review"}})
	c.add(book, "Mara", record.StageStarted, record.Subject{Stage: "culture"}, record.Start{Title: "Growing", Tasks: 10})
	for i := range 10 {
		about := record.Subject{Stage: "culture", Task: fmt.Sprintf("task/%s/culture/feed/%d", id, i+1)}
		opens := c.at.Add(time.Duration((n*7919+i*104729)%(7*24*60)-24*60) * time.Minute) // scattered over a week: primes
		c.add(book, "Mara", record.TaskAsked, about, record.Asked{Title: "Change the medium", Role: account.Technician, Attempt: 1, Window: record.Window{Opens: opens, Nominal: opens, Closes: opens.Add(4 * time.Hour)}})
		if i == 0 && n%10 == 0 {
			c.add(book, "The technician", record.TaskClaimed, about, record.Note{})
		}
	}
	c.add(book, "Tim", record.StepDone, record.Subject{Stage: "culture", Task: "task/" + id + "/culture/feed/1", Step: "scan"},
		record.Entered{Entries: []record.Entry{{Field: "code", Value: fmt.Sprintf("CM-%04d-A", n), Thing: &record.Thing{Kind: "lot", Made: true}}}})
	switch {
	case n%50 == 0:
		c.add(book, "Tim", record.DeviationOpened, record.Subject{Stage: "culture"}, record.Deviation{Type: "other", What: "the hood was loud", Asks: "DEVIATION"})
	case n%20 == 0:
		c.add(book, "Mara", record.TaskAsked, record.Subject{Stage: "review", Task: "task/" + id + "/review/sign-report/1"}, record.Asked{Title: "Sign the report", Role: account.Reviewer, Attempt: 1})
	}
}

// crowded opens a desk with 1,000 runs and 10,000 open tasks.
func crowded(b *testing.B) desk {
	dir := b.TempDir()
	x, err := index.Open(b.Context(), filepath.Join(dir, "index.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := x.Close(); err != nil {
			b.Error(err)
		}
	})
	var people []account.Person
	for _, role := range account.Roles() {
		people = append(people, account.Person{Name: "The " + role, Role: role})
	}
	book, err := account.Ensure(filepath.Join(dir, "credentials.json"), people)
	if err != nil {
		b.Fatal(err)
	}
	c := crowd{b: b, x: x, bucket: &artifact.Mem{}, heads: map[string]record.Ref{}, at: time.Now().UTC().Truncate(time.Millisecond)}
	store := artifact.New(c.bucket, dir)
	protocol, err := store.PutBytes(b.Context(), []byte(shortProtocol), "application/json", "protocol.json")
	if err != nil {
		b.Fatal(err)
	}
	const runs = 1000
	for n := range runs {
		c.fillRun(n+1, protocol)
	}
	c.flush()
	l := lab.New(lab.Deps{Logbooks: logbook.New(c.bucket, x, zerolog.Nop()), Index: x, Artifacts: store, People: book, Program: "test", Now: time.Now})
	d := desk{New(l, Options{Log: zerolog.Nop(), Accounts: byToken{l}}), map[string]string{}}
	for _, p := range book.People() {
		d.tokens[p.Role], _ = book.Token(p.Name) // they were just made
	}
	return d
}

// shortProtocol has two stages.
const shortProtocol = `{"protocol":"P","version":"1","title":"P","zone":"UTC","ethics":{"committee":"c","approval":"a","scope":[]},"models":[],"assays":[],"stages":[{"stage":"review","title":"Review","tasks":[{"task":"sign-report","title":"Sign the report","role":"reviewer","steps":[{"step":"sign","text":"Say what it means.","fields":[{"field":"meaning","title":"meaning","kind":"choice","choices":["reviewed"]},{"field":"identity","title":"name","kind":"text"}]}]}]}],"analysis":{"alpha":"0.05","endpoints":[{"endpoint":"e","title":"The endpoint","claim":"c","model":"m","assay":"a","test":"report","comparator":"x","groups":[],"scale":"identity","benefit":"none"}]}}`

// BenchmarkPages asks the pages of three people among 1,000 runs and 10,000 open
// tasks, and tells the time that half of the answers took at most, and 99 of 100,
// with the bytes on the wire:
//
//	go test ./internal/web -run '^$' -bench Pages -benchtime 200x
func BenchmarkPages(b *testing.B) {
	d := crowded(b)
	for _, page := range []struct{ role, path string }{
		{account.Manager, "/runs"},
		{account.Manager, "/runs?state=all"},
		{account.Manager, "/runs?q=study+77"},
		{account.Manager, "/runs/UCM-2026-0500"},
		{account.Manager, "/decisions"},
		{account.Manager, "/tasks?who=all"},
		{account.Manager, "/lots"},
		{account.Manager, "/protocols"},
		{account.Manager, "/people"},
		{account.Manager, "/people/workload"},
		{account.Technician, "/tasks"},
		{account.Technician, "/tasks?who=me"},
		{account.Technician, "/tasks?from=5000"},
		{account.Technician, "/search?q=medium"},
		{account.Technician, "/search?q=CM-05"},
		{account.Technician, "/s/CM-O5OO-A"},
		{account.Reviewer, "/runs?state=review"},
		{account.Reviewer, "/runs/UCM-2026-0020/review"},
		{account.Reviewer, "/runs/UCM-2026-0020/events"},
		{account.Reviewer, "/artifacts"},
	} {
		b.Run(page.role+" "+page.path, func(b *testing.B) { timed(b, d, page.role, page.path) })
	}
}

// timed asks one page many times.
func timed(b *testing.B, d desk, role, path string) {
	var took []time.Duration
	bytes, plain, before := 0, int64(0), used(b)
	for b.Loop() {
		r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, path, nil)
		if err != nil {
			b.Fatal(err)
		}
		r.Header.Set("Accept-Encoding", "gzip")
		began := time.Now()
		w := d.do(role, r)
		took = append(took, time.Since(began))
		if w.Code >= http.StatusInternalServerError {
			b.Fatalf("answered with %d: %s", w.Code, w.Body)
		}
		bytes = w.Body.Len()
		if w.Header().Get("Content-Encoding") == "gzip" && plain == 0 {
			z, err := gzip.NewReader(w.Body)
			if err != nil {
				b.Fatal(err)
			}
			if plain, err = io.Copy(io.Discard, z); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.ReportMetric(float64((used(b)-before).Microseconds())/1000/float64(len(took)), "cpu-ms")
	slices.Sort(took)
	at := func(part int) float64 {
		return float64(took[min(len(took)*part/100, len(took)-1)].Microseconds()) / 1000
	}
	b.ReportMetric(at(50), "p50-ms")
	b.ReportMetric(at(99), "p99-ms")
	b.ReportMetric(float64(bytes), "wire-bytes")
	b.ReportMetric(float64(plain), "plain-bytes")
}

// used is how much of the processors this program has used: on a busy machine it
// tells more than the time that passed.
func used(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
