package cli

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestProtocolCommands(t *testing.T) {
	dir := t.TempDir()
	other := filepath.Join(dir, "other.yaml")
	text, err := os.ReadFile(study)
	if err != nil {
		t.Fatal(err)
	}
	longer := strings.Replace(string(text), "{nominal: 48 h", "{nominal: 49 h", 1)
	longer = strings.Replace(longer, "alpha: \"0.05\"", "alpha: \"0.01\"", 1)
	if err := os.WriteFile(other, []byte(longer), 0o600); err != nil {
		t.Fatal(err)
	}
	bad := filepath.Join(dir, "bad.yaml")
	if err := os.WriteFile(bad, []byte(strings.Replace(string(text), "role: technician", "role: techncian", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	mine := filepath.Join(dir, "mine.yaml")
	for _, test := range []struct {
		what           string
		args           []string
		code           int
		stdout, stderr string
	}{
		{"a good protocol", []string{"protocol", "lint", study}, 0, "UC-CM-COMPACT 1.0 has no mistakes", "worth a look"},
		{"a mistake", []string{"protocol", "lint", bad}, 2, "", `unknown role "techncian"`},
		{"a good one beside a bad one", []string{"protocol", "lint", study, bad}, 2, "has no mistakes", "bad.yaml:"},
		{"no file", []string{"protocol", "lint", filepath.Join(dir, "none.yaml")}, 5, "", "there is no file"},
		{"the same protocol", []string{"protocol", "diff", study, study}, 0, "", "the same protocol"},
		{"another one", []string{"protocol", "diff", study, other}, 1, "analysis: alpha changed from 0.05 to 0.01", "differ in"},
		{"a page", []string{"protocol", "view", study}, 0, "MODEL cells", ""},
		{"one stage", []string{"protocol", "view", study, "--stage", "collection"}, 0, "TASK rinse", ""},
		{"a stage that is not there", []string{"protocol", "view", study, "--stage", "colection"}, 5, "", "it has: cord-harvest"},
		{"the canonical form", []string{"protocol", "view", study, "--json"}, 0, `"protocol":"UC-CM-COMPACT"`, ""},
		{"who works there", []string{"protocol", "view", study}, 0, "role technician: Technician, 2 at the same time", ""},
		{"what is to be confirmed", []string{"protocol", "view", study}, 0, "in a, 18 a to 45 a [K, to be confirmed]", ""},
		{"a flow in words", []string{"protocol", "view", "../e2e/testdata/own.yaml"}, 0, "then repeat (look) until look:look.clear is yes, at most 3", ""},
		{"plates that are drawn", []string{"protocol", "view", "../e2e/testdata/blind.yaml"}, 0, "drawn anew for each block into inner wells: 4 BLK", ""},
		{"a schema", []string{"protocol", "schema"}, 0, "json-schema.org/draft/2020-12", ""},
		{"a new protocol", []string{"protocol", "new", "MY-STUDY", "--out", mine}, 0, "mine.yaml", "protocol lint"},
		{"never over another file", []string{"protocol", "new", "MY-STUDY", "--out", mine}, 6, "", "exists already"},
		{"the new one is good", []string{"protocol", "lint", mine}, 0, "MY-STUDY 1.0 has no mistakes", ""},
		{"no name", []string{"protocol", "new", "my study", "--out", filepath.Join(dir, "x.yaml")}, 2, "", "is no name of a protocol"},
		{"from what is no protocol", []string{"protocol", "new", "MY-STUDY", "--from", "compact.rehearsal", "--out", filepath.Join(dir, "x.yaml")}, 5, "", "there are: compact"},
		{"without a name", []string{"protocol", "new", "--out", filepath.Join(dir, "y.yaml")}, 0, "y.yaml", ""},
		{"from nothing", []string{"protocol", "new", "MY-STUDY", "--from", "big", "--out", filepath.Join(dir, "x.yaml")}, 5, "", "there are: compact"},
	} {
		code, stdout, stderr := call(t, false, test.args...)
		if code != test.code || !strings.Contains(stdout, test.stdout) || !strings.Contains(stderr, test.stderr) {
			t.Errorf("%s: exit %d, want %d\n%s\n%s", test.what, code, test.code, stdout, stderr)
		}
	}
}

func TestAPageFitsItsTerminal(t *testing.T) {
	for _, width := range []int{0, 48, 120} {
		var out, errs strings.Builder
		a := &app{in: strings.NewReader(""), out: &out, err: &errs, width: width, getenv: func(string) string { return "" }}
		p, err := a.document(study)
		if err != nil {
			t.Fatal(err)
		}
		if err := a.showProtocol(p, ""); err != nil {
			t.Fatal(err)
		}
		most := max(width, 48)
		if width == 0 {
			most = 80
		}
		for line := range strings.Lines(out.String()) {
			line = strings.TrimRight(line, "\n")
			if utf8.RuneCountInString(line) > most && !strings.HasPrefix(line, "identity") {
				t.Errorf("at %d: %q is %d wide", width, line, utf8.RuneCountInString(line))
			}
		}
	}
}

func TestAPageCannotSteerTheTerminal(t *testing.T) {
	text, err := os.ReadFile(study)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "p.yaml")
	hostile := strings.Replace(string(text), "title: Cord harvest", `title: "Cord \e[31mharvest"`, 1)
	if err := os.WriteFile(path, []byte(hostile), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"protocol", "view", path}, {"protocol", "diff", study, path}} {
		if _, stdout, _ := call(t, false, args...); strings.Contains(stdout, "\x1b") || !strings.Contains(stdout, "[31mharvest") {
			t.Errorf("%v lets control characters through, or says nothing: %.200q", args, stdout)
		}
	}
}

func TestLintReadsStandardInput(t *testing.T) {
	text, err := os.ReadFile(study)
	if err != nil {
		t.Fatal(err)
	}
	var out, errs strings.Builder
	a := &app{in: strings.NewReader(string(text)), out: &out, err: &errs, getenv: func(string) string { return "" }}
	if _, err := a.document("-"); err != nil {
		t.Error(err)
	}
}

func TestEachShippedProtocolIsABeginning(t *testing.T) {
	for _, from := range shipped() {
		text, err := beginning(from, "MY-STUDY")
		if err != nil || !strings.Contains(string(text), "\nprotocol: MY-STUDY\n") {
			t.Errorf("%s: %v", from, err)
		}
	}
}
