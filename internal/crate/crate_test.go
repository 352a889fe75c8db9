package crate

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"secretome/internal/fault"
	"secretome/internal/record"
)

func TestABundleVerifies(t *testing.T) {
	dir := study(t, 1).written()
	v := verified(t, dir)
	if !v.OK {
		t.Fatalf("problems of a fresh bundle: %+v", v.Problems)
	}
	// 10 awkward names, 2 of the protocol, notes, blank, bare, result, 2 histories, report.
	if v.Artifacts != 19 || v.Records != 11 || v.Signatures != 1 {
		t.Errorf("counted %d artifacts, %d records, %d signatures; want 19, 11, 1", v.Artifacts, v.Records, v.Signatures)
	}
	if got := v.Logbooks; len(got) != 3 || got[0].Name != "lab" || got[1] != (Logbook{lot, 1, got[1].Head}) || got[2].Last != 9 {
		t.Errorf("logbooks are %+v; want lab, the lot up to the record that was used, the run", got)
	}
	if s := v.Seals; len(s) != 1 || s[0].Sealed != 7 || s[0].Number != 8 || !slices.Equal(s[0].After, []int64{9}) {
		t.Errorf("seals are %+v; want one over record 7, in record 8, with 9 behind it", s)
	}
	if out, err := exec.Command("sh", "-c", `cd "$0" && sha256sum --strict --quiet -c manifest.sha256`, dir).CombinedOutput(); err != nil {
		t.Errorf("sha256sum -c: %v\n%s", err, out)
	}
	if p := RecordPath(record.Ref{Logbook: run, Number: 9}); p != "records/run/UCM-2026-001/0000000009.json" || !slices.Contains(files(t, dir), p) {
		t.Errorf("record 9 stands at %s in %v", p, files(t, dir))
	}
}

func TestTheSameSourceGivesTheSameBytes(t *testing.T) {
	one, two := study(t, 1).written(), study(t, 1).written()
	for _, p := range files(t, one) {
		if string(read(t, one, p)) != string(read(t, two, p)) {
			t.Errorf("%s differs between two bundles of one source", p)
		}
	}
}

func TestIdentifiersLeadToFilesWithPlainNames(t *testing.T) {
	dir := study(t, 1).written()
	var crate struct {
		Graph []thing `json:"@graph"`
	}
	if err := json.Unmarshal(read(t, dir, metadataFile), &crate); err != nil {
		t.Fatal(err)
	}
	found, names := map[string]string{}, map[string]string{}
	for _, e := range crate.Graph {
		if e.Type != "File" {
			continue
		}
		p, err := url.PathUnescape(e.ID)
		if err != nil {
			t.Fatal(err)
		}
		if got := record.Hash(read(t, dir, p)); got != e.SHA256 {
			t.Errorf("%s has the hash %s, the crate says %s", p, got, e.SHA256)
		}
		found[e.Name], names[e.Name] = e.ID, strings.Join(e.AlternateName, "|")
	}
	// The identifiers follow RFC 3986, 2.1 and 3.3; letters of other scripts stay (RFC 3987).
	for name, id := range map[string]string{
		"2026-06-11 12.56 plate 50%.csv": "2026-06-11%2012.56%20plate%2050%25.csv",
		"a#b?c.csv":                      "a%23b%3Fc.csv",
		"100%25.csv":                     "100%2525.csv",
		"面试.csv":                         "面试.csv",
		`..\back\slash.csv`:              "__%5Cback%5Cslash.csv",
		"../../etc/passwd":               "___.._etc_passwd",
		"..":                             "artifact.csv",
		"tab\there\nand line.csv":        "tab_here_and%20line.csv",
	} {
		if !strings.HasPrefix(found[name], "artifacts/") || !strings.HasSuffix(found[name], "/"+id) {
			t.Errorf("artifact %q has the @id %q, want one that ends with %q", name, found[name], id)
		}
	}
	if names["PL-1 blank.csv"] != "PL-2 blank.csv" {
		t.Errorf("other names of the blank are %q, want PL-2 blank.csv", names["PL-1 blank.csv"])
	}
	for _, line := range []string{"PL-1 blank.csv\trecords/run/UCM-2026-001/0000000002.json\n", "PL-2 blank.csv\trecords/run/UCM-2026-001/0000000003.json\n"} {
		if !strings.Contains(string(read(t, dir, listFile)), line) {
			t.Errorf("%s has no line that ends with %q", listFile, line)
		}
	}
}

func TestWritingIsRefused(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*lab)
		kind   fault.Kind
		says   string
	}{
		{"an artifact with other bytes", func(l *lab) { l.artifacts[l.contents.Report.SHA256] = []byte("x") }, fault.Corrupt, "other bytes"},
		{"an artifact that is not there", func(l *lab) { delete(l.artifacts, l.contents.Report.SHA256) }, fault.NotFound, "no artifact"},
		{"a chain with a gap", func(l *lab) { l.logbooks[run] = slices.Delete(l.logbooks[run], 2, 3) }, fault.Corrupt, "record 3 of run/UCM-2026-001"},
		{"a record that is not canonical", func(l *lab) { l.logbooks[run][0] = append([]byte(" "), l.logbooks[run][0]...) }, fault.Corrupt, "canonical"},
		{"a used logbook that is not there", func(l *lab) { delete(l.logbooks, lot) }, fault.NotFound, lot},
		{"a logbook that is not there", func(l *lab) { l.contents.Logbooks = []string{"run/none"} }, fault.NotFound, "run/none"},
		{"no logbook", func(l *lab) { l.contents.Logbooks = nil }, fault.Invalid, "no logbook"},
		{"a report that no record names", func(l *lab) { l.contents.Report = l.store("r", "text/html", "r") }, fault.Refused, "report"},
		{"a use with another hash", func(l *lab) {
			l.act(run, "x", record.TaskCommented, record.Note{}, record.Use{As: "x", Record: "ab", Logbook: lot, Number: 1})
		}, fault.Corrupt, "not its hash"},
		{"a request that is answered twice", func(l *lab) { l.request = "request 2"; l.act(run, "x", record.TaskCommented, record.Note{}) }, fault.Corrupt, "same request"},
		{"a seal of another head", func(l *lab) { l.seal(1, record.Ref{Logbook: run, Number: 3, Hash: "ab"}) }, fault.Corrupt, "seal"},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := study(t, 1)
			test.change(l)
			parent := t.TempDir()
			err := Write(t.Context(), filepath.Join(parent, "bundle"), l)
			if !fault.Is(err, test.kind) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("Write = %v, want a fault of kind %s that says %q", err, test.kind, test.says)
			}
			if left := files(t, parent); len(left) > 0 {
				t.Errorf("a failed bundle left %v", left)
			}
		})
	}
}

func TestAFolderInUseIsRefusedAndAnEmptyOneTaken(t *testing.T) {
	l, dir := study(t, 1), t.TempDir()
	if err := Write(t.Context(), dir, l); err != nil {
		t.Fatalf("an empty folder: %v", err)
	}
	before := files(t, dir)
	if err := Write(t.Context(), dir, l); !fault.Is(err, fault.Conflict) {
		t.Errorf("a folder with a bundle: %v, want a conflict", err)
	}
	if err := Write(t.Context(), filepath.Join(dir, readmeFile), l); !fault.Is(err, fault.Conflict) {
		t.Errorf("a file: %v, want a conflict", err)
	}
	if !slices.Equal(files(t, dir), before) {
		t.Error("a refused bundle changed the folder")
	}
}

func TestACancelledBundleLeavesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	parent := t.TempDir()
	if err := Write(ctx, filepath.Join(parent, "bundle"), study(t, 1)); !errors.Is(err, context.Canceled) {
		t.Errorf("Write = %v, want context.Canceled", err)
	}
	if left, err := os.ReadDir(parent); err != nil || len(left) > 0 {
		t.Errorf("left %v (%v)", left, err)
	}
}

func TestHistoriesAreListedWithTheirTypes(t *testing.T) {
	found, err := Histories(study(t, 1).written())
	if err != nil {
		t.Fatal(err)
	}
	if len(found) != 2 || found[0].Path != "histories/task/UCM-2026-001/assay/cck8/1/0198.json" || found[1].Execution != "0199" || found[1].Type != "HumanTask" {
		t.Errorf("histories are %+v", found)
	}
}

func TestPathsOfRecordsStayBelowTheirFolderAndReadBack(t *testing.T) {
	for _, logbook := range []string{run, "lab", "lot/../../x", "lot/a b%2F#?", "lot/面", `lot/a\b`, "."} {
		p := RecordPath(record.Ref{Logbook: logbook, Number: 12})
		if back, ok := recordAt(p); !filepath.IsLocal(p) || !strings.HasPrefix(filepath.Clean(p), "records/") || !ok || back.Logbook != logbook || back.Number != 12 {
			t.Errorf("logbook %q stands at %q, which reads as %+v, %v", logbook, p, back, ok)
		}
	}
	for _, p := range []string{"records/run/12.json", "records/0000000012.json", "records/run/0000000000.json", "records/run/0000000012.txt", "x/run/0000000012.json"} {
		if r, ok := recordAt(p); ok {
			t.Errorf("%q is taken for %+v", p, r)
		}
	}
}
