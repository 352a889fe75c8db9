package examples_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"secretome/internal/protocol"
)

// asked is a row of docs/steps.md: a step of the study and where it is asked.
type asked struct {
	id, stage, model string // stage is empty where nobody is asked
	refs             []string
	note             string
	files            []string
}

// table reads the rows of all tables in docs/steps.md.
func table(t *testing.T) (rows []asked) {
	t.Helper()
	text, err := os.ReadFile("../docs/steps.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| step |") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		if len(cells) != 5 {
			t.Fatalf("a row has %d cells, not 5: %s", len(cells), line)
		}
		row := asked{id: strings.TrimSpace(cells[0]), files: quoted(cells[4])}
		refs, note, _ := strings.Cut(cells[3], ", ")
		row.note = strings.TrimSpace(note)
		if where := quoted(cells[2]); len(where) > 0 {
			row.stage, row.model, _ = strings.Cut(where[0], " ")
			row.refs = quoted(refs)
		} else {
			row.note = strings.TrimSpace(cells[3])
		}
		rows = append(rows, row)
	}
	return rows
}

// quoted returns what stands between backquotes.
func quoted(text string) (words []string) {
	for i, part := range strings.Split(text, "`") {
		if i%2 == 1 {
			words = append(words, part)
		}
	}
	return words
}

// Each row of the table names what the reference study has, and code that exists.
func TestEachStepIsAskedWhereTheTableSays(t *testing.T) {
	p := shipped(t, "reference.yaml")
	seen := map[string]bool{}
	for _, row := range table(t) {
		t.Run(row.id, func(t *testing.T) {
			if seen[row.id] {
				t.Error("stands in the table twice")
			}
			seen[row.id] = true
			if err := exists(p, row); err != nil {
				t.Error(err)
			}
			if len(row.files) == 0 {
				t.Error("names no code")
			}
			for _, file := range row.files {
				if _, err := os.Stat("../" + file); err != nil {
					t.Errorf("names %s, which is not there", file)
				}
			}
		})
	}
}

// A row that names what is not there is found out.
func TestATableThatNamesAMissingTaskIsRefused(t *testing.T) {
	p := shipped(t, "reference.yaml")
	for what, row := range map[string]asked{
		"a missing stage":              {stage: "distillation", refs: []string{"isolate"}},
		"a task of another stage":      {stage: "collection", refs: []string{"isolate"}},
		"a missing task":               {stage: "culture", refs: []string{"isolate", "boil"}},
		"a missing wait":               {stage: "treatment", model: "a6", refs: []string{"two-weeks"}},
		"a missing step":               {stage: "culture", refs: []string{"isolate:boil"}},
		"a missing field":              {stage: "culture", refs: []string{"isolate:wash.boil"}},
		"a step of a wait":             {stage: "culture", refs: []string{"outgrowth:wash"}},
		"a task of another model":      {stage: "treatment", model: "a1", refs: []string{"rinse-tissues"}},
		"a model that is not there":    {stage: "treatment", model: "z9", refs: []string{"treat"}},
		"an assay of another model":    {stage: "assay", model: "b1", refs: []string{"a6-mtt-prepare"}},
		"nothing":                      {stage: "culture"},
		"neither a stage nor a reason": {},
	} {
		if exists(p, row) == nil {
			t.Errorf("a row with %s passes", what)
		}
	}
}

// exists returns what of a row the protocol does not have.
func exists(p protocol.Protocol, row asked) error {
	if row.stage == "" {
		if row.note == "" {
			return fmt.Errorf("it is asked nowhere, and nothing says why")
		}
		return nil
	}
	part, err := p.Part(row.stage, row.model)
	if err != nil {
		return err
	}
	if len(row.refs) == 0 {
		return fmt.Errorf("stage %s is named, and nothing in it", row.stage)
	}
	for _, ref := range row.refs {
		task, inside, deep := strings.Cut(ref, ":")
		found, ok := lookUp(part, task)
		if _, waits := part.Wait(task); waits && !deep {
			continue
		}
		if !ok || deep && !has(found, inside) {
			return fmt.Errorf("stage %s %s has no %q", row.stage, row.model, ref)
		}
	}
	return nil
}

// lookUp finds a task of the stage or of an assay that it measures.
func lookUp(part protocol.Part, id string) (protocol.Task, bool) {
	if found, ok := part.Task(id); ok {
		return found, true
	}
	for _, name := range part.Stage.Measures {
		a, _ := part.Assay(name)
		for _, found := range []protocol.Task{a.Prepare, a.Read} {
			if found.ID == id {
				return found, true
			}
		}
	}
	return protocol.Task{}, false
}

// has reports whether a task has a step, a field, a criterion or a computed value.
func has(t protocol.Task, inside string) bool {
	_, step := t.Step(inside)
	_, field := t.Field(inside)
	return step || field || slices.ContainsFunc(t.Criteria, func(c protocol.Criterion) bool { return c.ID == inside }) ||
		slices.ContainsFunc(t.Computed, func(c protocol.Computed) bool { return c.ID == inside })
}

// Every step, timer and release test that a study has stands in the table.
func TestTheTableHasNoHole(t *testing.T) {
	rows := map[string]bool{}
	for _, row := range table(t) {
		rows[row.id] = true
	}
	count := func(prefix string, n int) (ids []string) {
		for i := 1; i <= n; i++ {
			ids = append(ids, fmt.Sprint(prefix, i))
		}
		return ids
	}
	want := strings.Fields("S4.0 S6.a S6.b S6.c S6.d S6.e S6.f S6.g S6.h S6.i S6.j S6.k S6.l S8.0 S12.1 S12.2 S2.a S2.b S2.c T12d T13s T17d")
	for _, group := range [][]string{
		count("T", 23), count("S0.", 6), count("S1.", 23), count("S2.", 7), count("S3.", 9), count("S4.", 13), count("S5.", 9),
		count("S6.", 9), count("S7.", 18), count("S8.", 16), count("S9.", 8), count("S11.", 4),
	} {
		want = append(want, group...)
	}
	for _, id := range want {
		if !rows[id] {
			t.Errorf("%s is not in docs/steps.md", id)
		}
		delete(rows, id)
	}
	for id := range rows {
		t.Errorf("docs/steps.md has %s, of which no list knows", id)
	}
}

// Whatever the reference study asks or waits for stands in the table, so that
// nothing is asked for no step.
func TestNothingIsAskedThatTheTableDoesNotName(t *testing.T) {
	named := map[string]bool{}
	for _, row := range table(t) {
		for _, ref := range row.refs {
			task, _, _ := strings.Cut(ref, ":")
			named[row.stage+" "+task] = true
		}
	}
	for _, s := range shipped(t, "reference.yaml").Stages {
		for _, task := range s.Tasks {
			if !named[s.ID+" "+task.ID] {
				t.Errorf("stage %s asks %s, which is in no row of docs/steps.md", s.ID, task.ID)
			}
		}
		for _, w := range s.Waits {
			if !named[s.ID+" "+w.ID] {
				t.Errorf("stage %s waits %s, which is in no row of docs/steps.md", s.ID, w.ID)
			}
		}
	}
}

// The windows are those of the study's timers: earliest, nominal, latest, and
// what follows when it is late or missed.
func TestTheTimersHaveTheirNumbers(t *testing.T) {
	p := shipped(t, "reference.yaml")
	for _, timer := range []struct{ id, stage, model, of, want string }{
		{"T1", "culture", "", "isolate", " 12 h 24 h 24 h DEVIATION DISCARD"},
		{"T2", "culture", "", "undisturbed", "48 h 72 h 96 h  FLAG "},
		{"T3", "culture", "", "between-feeds", "48 h 72 h 84 h 12 h FLAG DEVIATION"},
		{"T4", "culture", "", "outgrowth", "8 d 12 d 21 d  DISCARD "},
		{"T7", "cell-bank", "", "cold", "12 h 24 h 72 h 96 h DEVIATION DISCARD"}, // 7 d altogether
		{"T8", "collection", "", "condition", "46 h 48 h 50 h 4 h DEVIATION DISCARD"},
		{"T9", "collection", "", "clarify-filter-aliquot", " 2 h 4 h  DEVIATION "},
		{"T10", "collection", "", "freeze-aliquots", " 4 h 24 h  DISCARD "},
		{"T11", "treatment", "a1", "treat", " 1 h 4 h  DISCARD "},
		{"T13", "treatment", "a1", "settle", "18 h 24 h 30 h  FLAG "},
		{"T14", "treatment", "a3", "expose", "23.5 h 24 h 24.5 h  INVALIDATE_BLOCK "},
		{"T15", "treatment", "a4", "expose", "46 h 48 h 50 h  INVALIDATE_BLOCK "},
		{"T16", "treatment", "a6", "rinse-tissues", "14.5 min 15 min 15.5 min  INVALIDATE_BLOCK "},
		{"T16", "treatment", "a6", "expose", "41.25 h 42.25 h 43.25 h  INVALIDATE_BLOCK "}, // 15 min of exposure come first
		{"T18", "assay", "a1", "a1-read-cck8", "1 h 2 h 4 h 30 min DEVIATION INVALIDATE_BLOCK"},
		{"T20", "treatment", "b4", "settle", "16 h 24 h 28 h  FLAG "},
		{"T23", "treatment", "a6", "settle", "12 h 18 h 30 h  DEVIATION "},
	} {
		part, err := p.Part(timer.stage, timer.model)
		if err != nil {
			t.Fatal(err)
		}
		task, _ := lookUp(part, timer.of)
		w := task.Window
		if wait, ok := part.Wait(timer.of); ok {
			w = wait.Window
		}
		got := fmt.Sprint(w.Earliest, " ", w.Nominal, " ", w.Latest, " ", w.Grace, " ", w.OnLate, " ", w.OnMissed)
		if got != timer.want {
			t.Errorf("%s, %s: %q, want %q", timer.id, timer.of, got, timer.want)
		}
	}
}

// Frozen medium keeps for half a year and dried medium for a year: the lot
// itself refuses to be drawn from when that is over.
func TestLotsKeepAsLongAsTheStudySays(t *testing.T) {
	p := shipped(t, "reference.yaml")
	for _, of := range []struct{ stage, task, field, want string }{
		{"collection", "clarify-filter-aliquot", "aliquot.lot", "183 d"},
		{"collection", "clarify-filter-aliquot", "aliquot.blank_lot", "183 d"},
		{"fractions", "unload-dryer", "unload.lot", "365 d"},
		{"fractions", "unload-dryer", "unload.blank_lot", "365 d"},
	} {
		part, err := p.Part(of.stage, "")
		if err != nil {
			t.Fatal(err)
		}
		task, _ := part.Task(of.task)
		if field, _ := task.Field(of.field); field.Thing.Keeps.String() != of.want {
			t.Errorf("%s of %s keeps for %s, want %s", of.field, of.task, field.Thing.Keeps, of.want)
		}
	}
}
