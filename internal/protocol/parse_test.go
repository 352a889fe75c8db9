package protocol_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
)

var update = flag.Bool("update", false, "rewrite the messages in testdata/errors")

func read(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func parse(t testing.TB, path string) protocol.Protocol {
	t.Helper()
	p, err := protocol.Parse(filepath.Base(path), []byte(read(t, path)))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestTheCompactStudyIsAProtocol(t *testing.T) {
	p := parse(t, "../../examples/compact.yaml")
	for _, s := range p.Stages {
		part, err := p.Part(s.ID, s.Model)
		if err != nil {
			t.Fatal(err)
		}
		b, err := record.Canonical(part)
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%-12s %-6s %5d bytes", s.ID, s.Model, len(b))
		if len(b) > 64<<10 {
			t.Errorf("stage %s %s is %d bytes: more than a workflow's input may have", s.ID, s.Model, len(b))
		}
	}
}

// What the workflows read by name must stand in the compact study.
func TestTheCompactStudyHasTheFieldsThatStagesRead(t *testing.T) {
	p := parse(t, "../../examples/compact.yaml")
	for _, test := range []struct {
		stage, model, task, field string
		kind                      protocol.FieldKind
	}{
		{protocol.Culturing, "", protocol.HarvestP0, "count.n_harvested", protocol.Amount},
		{protocol.Culturing, "", protocol.Seed, "count.n_seeded", protocol.Amount},
		{protocol.Collecting, "", protocol.Clarify, "aliquot.lot", protocol.Scan},
		{protocol.Collecting, "", protocol.ReleaseLot, "release.decision", protocol.Choice},
		{protocol.Collecting, "", protocol.TakeFromStock, "lots.lot_1", protocol.Scan},
		{protocol.Collecting, "", protocol.TakeFromStock, "lots.lot_2", protocol.Scan},
		{protocol.Treating, "cells", protocol.ThawAliquot, "scan.lot", protocol.Scan},
		{protocol.Treating, "skin", protocol.ThawAliquot, "scan.lot", protocol.Scan},
		{protocol.Treating, "tissue", protocol.ThawAliquot, "scan.lot", protocol.Scan},
		{protocol.Reviewing, "", protocol.SignReport, "sign.meaning", protocol.Choice},
		{protocol.Reviewing, "", protocol.SignReport, "sign.identity", protocol.Text},
	} {
		part, err := p.Part(test.stage, test.model)
		if err != nil {
			t.Fatal(err)
		}
		task, _ := part.Task(test.task)
		if f, ok := task.Field(test.field); !ok || f.Kind != test.kind {
			t.Errorf("%s/%s has field %q of kind %q, want kind %q", test.stage, test.task, test.field, f.Kind, test.kind)
		}
	}
}

func hash(t *testing.T, text string) string {
	t.Helper()
	p, err := protocol.Parse("small.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	_, h, err := p.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestTheHashIsOfTheMeaning(t *testing.T) {
	small := read(t, "testdata/small.yaml")
	want := hash(t, small)
	for _, test := range []struct {
		name, old, new string
		same           bool
	}{
		{"a comment means nothing", "title: Small\n", "title: Small # a remark\n", true},
		{"quotes mean nothing", "title: Small\n", "title: 'Small'\n", true},
		{"the order of keys means nothing", "version: \"1\"\ntitle: Small\n", "title: Small\nversion: \"1\"\n", true},
		{"indentation and style mean nothing", "counts: {feeds: 1, passages: 1}", "counts:\n          feeds: 1\n          passages: 1", true},
		{"ends of lines mean nothing", "\n", "\r\n", true},
		{"a title is meant", "title: Small\n", "title: Smaller\n", false},
		{"a limit is meant", "at_least: 90 %", "at_least: 91 %", false},
		{"digits that were written are meant", "at_least: 90 %", "at_least: 90.0 %", false},
		{"a unit is meant", "latest: 24 h", "latest: 1 d", false},
		{"the order of steps' choices is meant", "[ok, torn]", "[torn, ok]", false},
		{"evidence is meant", "evidence: S:5", "evidence: S:6", false},
		{"a well is meant", "A: VC.1 S1 BLK", "A: VC.1 BLK S1", false},
		{"what follows is meant", "do: DISCARD", "do: HOLD", false},
		{"a count is meant", "feeds: 1", "feeds: 2", false},
		{"what is open is meant", ", open: true", "", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			changed := strings.ReplaceAll(small, test.old, test.new)
			if changed == small {
				t.Fatalf("%q is not in the document", test.old)
			}
			if got := hash(t, changed); (got == want) != test.same {
				t.Errorf("hash with %q is the same: %v, want %v", test.new, got == want, test.same)
			}
		})
	}
}

// A file of testdata/errors has pairs of what to replace in small.yaml and with
// what, and then the messages.
func TestBadDocumentsAreExplained(t *testing.T) {
	files, err := filepath.Glob("testdata/errors/*.txt")
	if err != nil || len(files) < 40 {
		t.Fatalf("%d bad documents, %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			text := read(t, file)
			edits, want, _ := strings.Cut(text, "-- says --\n")
			_, err := protocol.Parse("p.yaml", []byte(edited(t, edits)))
			if err == nil {
				t.Fatal("the document is taken")
			}
			var all protocol.Faults
			if !errors.As(err, &all) || !fault.Is(err, fault.Invalid) {
				t.Fatalf("%T is not protocol.Faults of kind invalid", err)
			}
			got := all.Error() + "\n"
			if *update {
				if err := os.WriteFile(file, []byte(edits+"-- says --\n"+got), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != want {
				t.Errorf("says\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// edited returns small.yaml with edits applied, or the whole document where
// there is one.
func edited(t *testing.T, edits string) string {
	t.Helper()
	if whole, ok := strings.CutPrefix(edits, "-- document --\n"); ok {
		return whole
	}
	text := read(t, "testdata/small.yaml")
	for _, edit := range strings.Split(edits, "-- replace --\n")[1:] {
		old, replacement, ok := strings.Cut(edit, "\n-- by --\n")
		if !ok || strings.Count(text, old) == 0 {
			t.Fatalf("%q is not in small.yaml", old)
		}
		text = strings.Replace(text, old, strings.TrimSuffix(replacement, "\n"), 1)
	}
	return text
}

func TestAllMistakesAreToldAtOnce(t *testing.T) {
	small := read(t, "testdata/small.yaml")
	small = strings.Replace(small, "latest: 24 h", "latest: 24 furlong", 1)
	small = strings.Replace(small, "role: manager", "role: boss", 1)
	small = strings.Replace(small, "wells: 6", "wels: 6", 1)
	_, err := protocol.Parse("p.yaml", []byte(small))
	for _, want := range []string{`p.yaml:21:5: unknown key "wels"; perhaps "wells" is meant`, `unknown unit "furlong"`, `unknown role "boss"`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not told: %v", want, err)
		}
	}
}

func TestMistakesAreCapped(t *testing.T) {
	var keys strings.Builder
	for i := range 300 {
		keys.WriteString(strings.Repeat("z", 70+i) + ": 1\n")
	}
	_, err := protocol.Parse("p.yaml", []byte(read(t, "testdata/small.yaml")+keys.String()))
	var all protocol.Faults
	if !errors.As(err, &all) || len(all) != 101 || !strings.Contains(all[100].Message, "and 200 more") {
		t.Errorf("300 unknown keys give %d mistakes", len(all))
	}
}

func TestLimitsHold(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"a file of more than 1 MiB", strings.Repeat("#", 1<<20+1), "at most 1048576"},
		{"lists in lists", "title: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000), "nested more than 24 deep"},
		{"brackets that never close", strings.Repeat("[", 1<<20), "nested more than 24 deep"},
		{"dashes without end", strings.Repeat("- ", 1<<19), "nested more than 24 deep"},
		{"aliases that multiply", "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "unknown key"},
		{"a list without end", "models: [" + strings.Repeat("a,", 501) + "]", "501 entries, at most 500"},
		{"a mapping without end", "layouts:\n - rows: {" + strings.Repeat("a, ", 501) + "}", "501 keys, at most 500"},
		{"no text at all", "\x00\x01", "this is no YAML"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := protocol.Parse("p.yaml", []byte(test.text)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("says %.200v, want %q", err, test.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	small := read(f, "testdata/small.yaml")
	f.Add(small)
	f.Add("a: &x [*x]")
	f.Add("%YAML 1.1\n--- !!map {? [a] : b}")
	f.Add("protocol: 010\nversion: yes\nzone: ~\nmodels: {}\nlayouts: [{rows: {A: 1}}]")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := protocol.Parse("p.yaml", []byte(text))
		if err != nil {
			var all protocol.Faults
			if !errors.As(err, &all) || len(all) == 0 {
				t.Fatalf("%T", err)
			}
			for _, one := range all {
				if one.Kind != fault.Invalid || one.Place.File != "p.yaml" || one.Message == "" {
					t.Errorf("a mistake without a place or a sentence: %+v", one)
				}
			}
			return
		}
		if _, _, err := p.Canonical(); err != nil {
			t.Errorf("taken, but without canonical form: %v", err)
		}
	})
}
