package crate

import (
	"bytes"
	"cmp"
	"context"
	"crypto/ed25519"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"testing"
	"time"

	"secretome/internal/fault"
	"secretome/internal/record"
	"secretome/internal/seal"
)

// lab is a laboratory in memory: what a store answers, without the store.
type lab struct {
	t         *testing.T
	contents  Contents
	artifacts map[string][]byte
	logbooks  map[string][][]byte
	heads     map[string]record.Ref
	request   string // of all records, where they should not have one each
}

var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

func newLab(t *testing.T) *lab {
	t.Helper()
	return &lab{t: t, artifacts: map[string][]byte{}, logbooks: map[string][][]byte{}, heads: map[string]record.Ref{}}
}

func (l *lab) Contents(context.Context) (Contents, error) { return l.contents, nil }

func (l *lab) Records(_ context.Context, logbook string, after int64) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for i := after; i < int64(len(l.logbooks[logbook])); i++ {
			if !yield(l.logbooks[logbook][i], nil) {
				return
			}
		}
	}
}

func (l *lab) Artifact(_ context.Context, sha256 string) (io.ReadCloser, error) {
	data, ok := l.artifacts[sha256]
	if !ok {
		return nil, fault.New(fault.NotFound, "there is no artifact %s", sha256)
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

func (l *lab) store(name, mediaType, text string) record.Artifact {
	hash := record.Hash([]byte(text))
	l.artifacts[hash] = []byte(text)
	return record.Artifact{SHA256: hash, Size: int64(len(text)), MediaType: mediaType, Name: name}
}

func (l *lab) act(logbook, person string, kind record.Kind, body any, uses ...record.Use) record.Ref {
	l.t.Helper()
	raw, err := record.Body(body)
	if err != nil {
		l.t.Fatal(err)
	}
	head := l.heads[logbook]
	d := record.Draft{
		Logbook: logbook, Request: cmp.Or(l.request, fmt.Sprintf("request %d", head.Number+1)), Kind: kind, Received: noon, Happened: noon,
		By: record.Actor{Kind: record.Person, Name: person, Role: "technician"}, Uses: uses, Program: "test", Body: raw,
	}
	data, hash, err := d.Numbered(head.Number+1, head.Hash).Canonical()
	if err != nil {
		l.t.Fatal(err)
	}
	l.logbooks[logbook] = append(l.logbooks[logbook], data)
	l.heads[logbook] = record.Ref{Logbook: logbook, Number: head.Number + 1, Hash: hash}
	return l.heads[logbook]
}

const run, lot = "run/UCM-2026-001", "lot/CM-2026-07"

// awkward are names that make bad paths.
var awkward = []string{
	"2026-06-11 12.56 plate 50%.csv", "a#b?c.csv", "100%25.csv", "面试.csv", `..\back\slash.csv`,
	"../../etc/passwd", "", "..", "tab\there\nand line.csv", "a:b [1] \"<&>\".csv",
}

// study is a small run: two logbooks of its own and one as far as it was used.
func study(t *testing.T, key byte) *lab {
	l := newLab(t)
	made := l.act(lot, "Mara Thiel", record.LotMade, record.Lot{Barcode: "CM-2026-07", Title: "conditioned medium", State: "released"})
	l.act(lot, "Mara Thiel", record.TaskCommented, record.Note{Text: "after the use, so not in the bundle"})
	l.act(run, "Jonas Öz", record.RunLaunched, record.Launch{
		Run: "UCM-2026-001", Protocol: l.store("protocol.json", "application/json", `{}`), Document: l.store("compact.yaml", "application/yaml", "title: x\n"),
	})
	l.act("lab", "Jonas Öz", record.ArtifactStored, record.Made{Title: "notes", Artifact: l.store("notes.txt", "text/plain", "")})
	var uses []record.Use
	var entries []record.Entry
	for i, name := range awkward {
		a := l.store(name, "text/csv", fmt.Sprintf("well,value\nA1,%d\n", i))
		uses = append(uses, a.As("plate file"))
		entries = append(entries, record.Entry{Field: fmt.Sprint("file", i), Value: name, File: &a})
	}
	blank := l.store("PL-1 blank.csv", "text/csv", "blank\n")
	again := blank
	again.Name = "PL-2 blank.csv"
	entered := l.act(run, "Mara Thiel", record.StepDone, record.Entered{Entries: append(entries, record.Entry{Field: "blank", File: &blank})}, append(uses, made.As("medium"))...)
	l.act(run, "Ada Wu", record.StepDone, record.Entered{Entries: []record.Entry{{Field: "blank", File: &again}}})
	bare := l.store("", "", "only a hash names it")
	result := l.act(run, "Mara Thiel", record.ResultComputed, record.Result{Output: l.store("result.json", "application/json", `{"il8":1}`)}, entered.As("entries"), bare.As("curve"))
	history := record.History{Workflow: "task/UCM-2026-001/assay/cck8/1", Execution: "0198", Type: "HumanTask", Events: 11, Artifact: l.store("h.json", "application/json", `{"events":[]}`)}
	later := history
	later.Execution, later.Artifact = "0199", l.store("h.json", "application/json", `{"events":[1]}`)
	l.act(run, "Mara Thiel", record.HistoriesExported, record.Histories{Histories: []record.History{history, later}})
	l.contents.Report = l.store("report.html", "text/html", "<!doctype html><title>r</title>")
	report := l.act(run, "Mara Thiel", record.ReportMade, record.Made{Title: "Report", Artifact: l.contents.Report}, result.As("result"))
	head := l.act(run, "Dr. Rena Voss", record.Signed, record.Signature{Meaning: "reviewed", Report: l.contents.Report.SHA256, Over: report, Identity: "rena"}, report.As("report"))
	l.seal(key, head)
	l.act(run, "Mara Thiel", record.TaskCommented, record.Note{Text: "after the seal"})
	l.contents.Title, l.contents.Laboratory, l.contents.Published = "IL-8 of a <small> run", "A laboratory", noon
	l.contents.Website = "https://example.org/lab"
	l.contents.Logbooks = []string{run, "lab"}
	return l
}

func (l *lab) seal(key byte, head record.Ref) {
	l.t.Helper()
	s, err := seal.Sign(ed25519.NewKeyFromSeed(bytes.Repeat([]byte{key}, ed25519.SeedSize)), head, noon)
	if err != nil {
		l.t.Fatal(err)
	}
	l.act(head.Logbook, "Dr. Rena Voss", record.Sealed, s)
}

// written writes the bundle of l to a new folder.
func (l *lab) written() string {
	l.t.Helper()
	dir := filepath.Join(l.t.TempDir(), "bundle")
	if err := Write(l.t.Context(), dir, l); err != nil {
		l.t.Fatal(err)
	}
	return dir
}

func verified(t *testing.T, dir string) Verdict {
	t.Helper()
	v, err := Verify(dir)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// files returns the paths of all files below dir, with slashes.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var found []string
	err := filepath.WalkDir(dir, func(p string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			rel, _ := filepath.Rel(dir, p)
			found = append(found, filepath.ToSlash(rel))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func read(t *testing.T, elem ...string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(elem...))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func write(t *testing.T, data []byte, elem ...string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(elem...), data, 0o644); err != nil {
		t.Fatal(err)
	}
}
