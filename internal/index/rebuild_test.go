package index_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
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

// author invents records that a laboratory could write, from a seed.
type author struct {
	t     *testing.T
	rng   *rand.Rand
	kinds []record.Kind
	heads map[string][]record.Ref
	at    time.Time
}

func newAuthor(t *testing.T, seed uint64) *author {
	return &author{t: t, rng: rand.New(rand.NewPCG(seed, 1)), kinds: kinds(t), heads: map[string][]record.Ref{}, at: noon}
}

func (a *author) pick(words ...string) string { return words[a.rng.IntN(len(words))] }

// file is one of few artifacts, so that logbooks share some; who tells of it
// first decides what it is called.
func (a *author) file() record.Artifact {
	f := file(a.pick("a.txt", "b.txt", "c.txt", "d.txt"))
	f.Name, f.MediaType = a.pick("", "one", "two"), a.pick("text/plain", "text/csv")
	return f
}

func (a *author) time() time.Time {
	if a.rng.IntN(4) == 0 {
		return time.Time{}
	}
	return a.at.Add(time.Duration(a.rng.IntN(1000)) * time.Minute)
}

func (a *author) subject(logbook string) record.Subject {
	s := record.Subject{Stage: a.pick("culture", "assay"), Model: a.pick("", "cells"), Block: a.pick("", "1"), Step: a.pick("read", "weigh")}
	s.Task = strings.ReplaceAll("task/"+strings.TrimPrefix(logbook, "run/")+"/"+s.Stage+"/"+s.Model+"/"+s.Block+"/"+a.pick("feed", "harvest")+"/1", "//", "/")
	return s
}

// body has something for each kind; some kinds get a body of another one.
func (a *author) body(k record.Kind) any {
	w := record.Window{Nominal: a.time(), Closes: a.time()}
	switch k {
	case record.RunLaunched:
		return record.Launch{Title: a.pick("A", "B"), Protocol: a.file(), Document: a.file(), Simulated: a.rng.IntN(2) == 0}
	case record.RunEnded, record.StageEnded:
		return record.End{Outcome: a.pick("done", "discarded"), Why: a.pick("", "because")}
	case record.StageStarted:
		return record.Start{Title: a.pick("A", "B"), Tasks: a.rng.IntN(9)}
	case record.WaitStarted, record.WaitEnded:
		return record.Wait{Wait: a.pick("settle", "condition"), Anchor: a.time(), Window: w, Ended: a.time()}
	case record.TaskAsked:
		return record.Asked{Title: a.pick("A", "B"), Role: a.pick("technician", "manager"), Window: w, Attempt: 1}
	case record.TaskSaved, record.StepDone:
		f := a.file()
		return record.Entered{Entries: []record.Entry{{Field: "file", Value: "x", File: &f}, {Field: "ph", Value: "7.4"}}}
	case record.TaskCompleted:
		return record.Completed{Window: w, Verdict: a.pick("late", "in window", "past the hard limit")}
	case record.DeviationOpened:
		return record.Deviation{Type: a.pick("range", "window"), What: "something"}
	case record.DeviationDecided:
		return record.Decided{Choice: a.pick("continue", "repeat"), Justification: "so"}
	case record.FileParsed:
		return record.Parsed{File: a.file(), Table: a.file()}
	case record.ResultComputed:
		return record.Result{Assay: "elisa", Output: a.file()}
	case record.DecisionMade:
		return record.Decision{Verdict: a.pick("accept", "reject"), Checks: []record.Check{{Pass: a.rng.IntN(2) == 0}}}
	case record.LotMade:
		return record.Lot{Barcode: a.pick("CM-1", "CM-2"), State: a.pick("quarantine", "released")}
	case record.FigureDrawn, record.ReportMade, record.ArtifactStored:
		return record.Made{Title: "T", Artifact: a.file(), More: []record.Artifact{a.file()}}
	case record.Signed:
		return record.Signature{Meaning: "seen"}
	case record.PlaceLogged:
		return record.PlaceLog{Place: a.pick("F1", "F2"), From: a.time(), To: a.time(), Artifact: a.file()}
	case record.HistoriesExported:
		return record.Histories{Histories: []record.History{{Artifact: a.file()}}}
	}
	return record.Note{Text: a.pick("µ", "", "line\nbreak"), To: a.pick("", "Jon Berg")}
}

// draft invents the next act; the last logbook named gets a first record too.
func (a *author) draft() record.Draft {
	logbook := a.pick("run/UCM-2026-001", "run/UCM-2026-002", "lot/CM-1", "lab")
	kind := a.kinds[a.rng.IntN(len(a.kinds))]
	encoded, err := record.Body(a.body(kind))
	if err != nil {
		a.t.Fatal(err)
	}
	a.at = a.at.Add(time.Duration(a.rng.IntN(3)) * time.Second) // some at the same moment
	d := record.Draft{
		Logbook: logbook, Request: fmt.Sprint(a.rng.Uint64()), Kind: kind, Received: a.at, Happened: a.at.Add(-time.Minute),
		By:      record.Actor{Kind: record.Person, Name: a.pick("Mara Thiel", "Jon Berg"), Role: "technician"},
		Subject: a.subject(logbook), Program: "test", Body: encoded,
	}
	for _, name := range []string{"run/UCM-2026-001", "run/UCM-2026-002"} {
		if refs := a.heads[name]; len(refs) > 0 && a.rng.IntN(2) == 0 {
			d.Uses = append(d.Uses, refs[a.rng.IntN(len(refs))].As("something"), a.file().As("file"))
		}
	}
	return d
}

// write appends n records through a logbook and its index.
func (a *author) write(l *logbook.Logbooks, n int) {
	a.t.Helper()
	for range n {
		r, err := l.Append(a.t.Context(), a.draft())
		if err != nil {
			a.t.Fatal(err)
		}
		ref, err := r.Ref()
		if err != nil {
			a.t.Fatal(err)
		}
		a.heads[r.Logbook] = append(a.heads[r.Logbook], ref)
	}
}

// wavering is an index that does not take everything at once, so that logbooks
// come in another order than they were written.
type wavering struct {
	*index.Index
	rng *rand.Rand
}

func (w wavering) Apply(ctx context.Context, records ...record.Record) error {
	if w.rng.IntN(3) == 0 {
		return fault.New(fault.Unavailable, "not now")
	}
	return w.Index.Apply(ctx, records...)
}

// TestARebuiltIndexIsTheOneThatGrew is the property that makes the index
// replaceable.
func TestARebuiltIndexIsTheOneThatGrew(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "index.db")
			bucket := &artifact.Mem{}
			a := newAuthor(t, seed)
			x := openAt(t, path)
			a.write(logbook.New(bucket, wavering{x, a.rng}, zerolog.Nop()), 300)
			applied := 0
			for name := range a.heads {
				last, _, err := x.Last(t.Context(), name)
				if err != nil {
					t.Fatal(err)
				}
				applied += int(last)
			}
			if err := x.Close(); err != nil {
				t.Fatal(err)
			}
			d, err := index.Rebuild(t.Context(), path, bucket, zerolog.Nop())
			if err != nil || !d.None() || d.Behind != int64(300-applied) {
				t.Fatalf("Rebuild = %+v, %v; want no difference, %d behind", d, err, 300-applied)
			}
			x = openAt(t, path)
			for name, refs := range a.heads {
				if last, hash, err := x.Last(t.Context(), name); last != int64(len(refs)) || hash != refs[last-1].Hash || err != nil {
					t.Errorf("the new index has %s up to %d (%v), want %d", name, last, err, len(refs))
				}
			}
			if err := x.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// lab returns a bucket with some records and the path of its index, closed.
func lab(t *testing.T) (*artifact.Mem, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "index.db")
	bucket := &artifact.Mem{}
	x := openAt(t, path)
	newAuthor(t, 42).write(logbook.New(bucket, x, zerolog.Nop()), 200)
	if err := x.Close(); err != nil {
		t.Fatal(err)
	}
	return bucket, path
}

func TestARebuildTellsWhereTheOldIndexDiffered(t *testing.T) {
	for _, test := range []struct {
		name, change string
		table        string
		old, new     bool // whether each side has the row
	}{
		{"a changed row", "UPDATE runs SET title = 'C' WHERE id = 'UCM-2026-001'", "runs", true, true},
		{"a row too many", "INSERT INTO signatures VALUES ('lab', 999, 'x', 'x', 'x', 'x', 1, '')", "signatures", true, false},
		{"a row too few", "DELETE FROM artifacts WHERE sha256 = (SELECT MIN(sha256) FROM artifacts)", "artifacts", false, true},
		{"a changed hash of a head", "UPDATE logbooks SET hash = 'ff' WHERE name = 'lab'", "logbooks", true, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			bucket, path := lab(t)
			index.Execute(t, path, test.change)
			d, err := index.Rebuild(t.Context(), path, bucket, zerolog.Nop())
			if err != nil || len(d.Rows) != 1 || d.None() {
				t.Fatalf("Rebuild = %+v, %v; want one difference", d, err)
			}
			if r := d.Rows[0]; r.Table != test.table || (r.Old != "") != test.old || (r.New != "") != test.new || r.Key == "" {
				t.Errorf("difference: %+v, want one in %s", r, test.table)
			}
			if d, err := index.Rebuild(t.Context(), path, bucket, zerolog.Nop()); err != nil || !d.None() || d.Behind != 0 {
				t.Errorf("a second rebuild = %+v, %v; want no difference", d, err)
			}
		})
	}
}

func TestARebuildCuresADamagedIndex(t *testing.T) {
	for name, damage := range map[string]func(*testing.T, string){
		"no file": func(t *testing.T, path string) {
			if err := os.Remove(path); err != nil {
				t.Fatal(err)
			}
		},
		"no database": func(t *testing.T, path string) {
			if err := os.WriteFile(path, []byte(strings.Repeat("x", 1<<16)), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"half a file": func(t *testing.T, path string) {
			info, err := os.Stat(path)
			if err == nil {
				err = os.Truncate(path, info.Size()/2)
			}
			if err != nil {
				t.Fatal(err)
			}
		},
		"a newer version": func(t *testing.T, path string) { index.Execute(t, path, "INSERT INTO meta (version) VALUES (99)") },
	} {
		t.Run(name, func(t *testing.T) {
			bucket, path := lab(t)
			damage(t, path)
			d, err := index.Rebuild(t.Context(), path, bucket, zerolog.Nop())
			if err != nil || d.None() || d.Missing != (name == "no file") || (d.Damage == "") != d.Missing {
				t.Errorf("Rebuild = %+v, %v; want it to say what was wrong", d, err)
			}
			if d, err := index.Rebuild(t.Context(), path, bucket, zerolog.Nop()); err != nil || !d.None() {
				t.Errorf("a second rebuild = %+v, %v; want no difference", d, err)
			}
		})
	}
}

func TestARebuildKeepsItsHandsOff(t *testing.T) {
	t.Run("an index that is open", func(t *testing.T) {
		bucket, path := lab(t)
		x := openAt(t, path)
		if _, _, err := x.Last(t.Context(), "lab"); err != nil {
			t.Fatal(err)
		}
		if _, err := index.Rebuild(t.Context(), path, bucket, zerolog.Nop()); !fault.Is(err, fault.Unavailable) || !strings.Contains(err.Error(), "is in use") {
			t.Errorf("Rebuild = %v, want a refusal", err)
		}
		if last, _, err := x.Last(t.Context(), "lab"); last == 0 || err != nil {
			t.Errorf("the open index has %d (%v)", last, err)
		}
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Run("an index of a logbook that is damaged", func(t *testing.T) {
		bucket, path := lab(t)
		bucket.Damage(logbook.Key("lab", 2), []byte("{}"))
		before, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := index.Rebuild(t.Context(), path, bucket, zerolog.Nop()); !fault.Is(err, fault.Corrupt) || !strings.Contains(err.Error(), "record 2 of lab") {
			t.Errorf("Rebuild = %v, want a corrupt fault that names the record", err)
		}
		if after, err := os.ReadFile(path); err != nil || string(after) != string(before) {
			t.Errorf("the old index has changed (%v)", err)
		}
		if left, _ := filepath.Glob(path + ".new*"); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}
