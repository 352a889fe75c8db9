package e2e

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"secretome/internal/record"
)

// records reads the logbook of a bundle.
func records(t *testing.T, bundle string) []record.Record {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(bundle, "records", "run", "*", "*.json"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no records in %s: %v", bundle, err)
	}
	slices.Sort(paths)
	var all []record.Record
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		r, err := record.Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, r)
	}
	return all
}

// story is what a run tells, whatever the machine's load: what was entered,
// when it happened, which windows held, which deviations were opened and
// decided, the bytes of every table and result, and the figures of the report.
// The numbers of records are no part of it: blocks go on side by side.
func story(t *testing.T, bundle string) map[string]string {
	t.Helper()
	told := figures(t, bundle)
	for _, r := range records(t, bundle) {
		where := r.Subject.Model + r.Subject.Block + " " + r.Subject.Task + " " + r.Subject.Step
		when := r.Happened.Format("2006-01-02 15:04:05")
		switch r.Kind {
		case record.StepDone, record.TaskCompleted, record.DeviationOpened, record.DeviationDecided, record.DecisionMade, record.LotMade,
			record.FileParsed, record.WaitEnded, record.WindowPassed, record.StageEnded, record.RunEnded:
			told[fmt.Sprint(r.Kind, " ", where, " ", when)] += body(r)
		case record.ResultComputed:
			result, err := record.Read[record.Result](r)
			if err != nil {
				t.Fatal(err)
			}
			told[fmt.Sprint("result ", result.Name, " ", where)] += result.Output.SHA256
		default:
		}
	}
	return told
}

// figures are those of the report, in any order, without the numbers of the
// records that they lead to.
func figures(t *testing.T, bundle string) map[string]string {
	t.Helper()
	page, err := os.ReadFile(filepath.Join(bundle, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	drawn := map[string]string{}
	title := regexp.MustCompile(`<title[^>]*>([^<]*)`)
	numbers := regexp.MustCompile(`(points|curve|rec)-\d+`)
	for _, svg := range regexp.MustCompile(`(?s)<svg.*?</svg>`).FindAll(page, -1) {
		drawn["figure "+record.Hash(numbers.ReplaceAll(svg, []byte("$1")))] += string(title.FindSubmatch(svg)[1])
	}
	return drawn
}

// body is a record's body without references to records, whose numbers depend
// on what ran side by side.
func body(r record.Record) string {
	var b map[string]any
	if err := json.Unmarshal(r.Body, &b); err != nil {
		return err.Error()
	}
	delete(b, "corrects")
	forgetActs(b["entries"])
	text, err := json.Marshal(b)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func sameStory(t *testing.T, got, want map[string]string) {
	t.Helper()
	for _, k := range slices.Sorted(maps.Keys(want)) {
		if got[k] != want[k] {
			t.Errorf("%s\n tells %s\n want  %s", k, got[k], want[k])
		}
	}
	for _, k := range slices.Sorted(maps.Keys(got)) {
		if _, ok := want[k]; !ok {
			t.Errorf("%s is told in one only: %s", k, got[k])
		}
	}
}

// objects hashes what stands in the logbooks of a data directory, file by file:
// whatever stood there once must stand there for ever.
func objects(t *testing.T, data string) map[string][32]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(data, "s3", "secretome", "logbook", "run", "*", "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][32]byte{}
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		all[p] = sha256.Sum256(data)
	}
	return all
}

// forgetActs takes out what a lot's own logbook says of a scan: it has the time
// of the server, and the number in which draws of several blocks came.
func forgetActs(entries any) {
	all, _ := entries.([]any)
	for _, e := range all {
		entry, _ := e.(map[string]any)
		if thing, ok := entry["thing"].(map[string]any); ok {
			delete(thing, "act")
		}
	}
}
