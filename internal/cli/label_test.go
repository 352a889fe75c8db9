package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestLabelsAreWrittenIntoAPipe(t *testing.T) {
	list := filepath.Join(t.TempDir(), "list.csv")
	if err := os.WriteFile(list, []byte("code,title\nV-0012,Vehicle\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, stdout, stderr := call(t, false, "label", "CM-2026-007", "--file", list, "--title", "Study <12>", "--copies", "2", "--sheet", "roll-50x25")
	if code != 0 || stderr != "" {
		t.Fatalf("exit %d, %s", code, stderr)
	}
	for text, times := range map[string]int{"<svg ": 4, ">CM-2026-007</text>": 2, ">Study &lt;12&gt;</text>": 2, ">V-0012</text>": 2, ">Vehicle</text>": 2} {
		if got := strings.Count(stdout, text); got != times {
			t.Errorf("%q stands there %d times, want %d", text, got, times)
		}
	}
}

func TestLabelsAreWrittenToAFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "labels.html")
	code, stdout, stderr := call(t, true, "label", "V-0012", "--out", file)
	if code != 0 || stdout != "" || !strings.Contains(stderr, "1 labels for a4-l7651") {
		t.Fatalf("exit %d, %q, %q", code, stdout, stderr)
	}
	html, err := os.ReadFile(file)
	if err != nil || !strings.HasPrefix(string(html), "<!DOCTYPE html>") {
		t.Errorf("it has %.40q, %v", html, err)
	}
}

func TestLabelsThatCannotBeDrawnAreRefused(t *testing.T) {
	for _, test := range []struct {
		name     string
		terminal bool
		args     []string
		says     string
	}{
		{"no code", false, nil, "write secretome label CODE..., or --file LIST.csv"},
		{"a terminal", true, []string{"A"}, "write --out labels.html"},
		{"no copies", false, []string{"A", "--copies", "0"}, "0 copies cannot be printed"},
		{"another sheet", false, []string{"A", "--sheet", "a4"}, "sheets are: a4-l7651, a4-4x10, cryo-25x13, roll-50x25"},
		{"another symbol", false, []string{"A", "--symbol", "aztec"}, "symbols are: datamatrix, qr, code128"},
		{"equal codes", false, []string{"A", "A", "--sheet", "a4-4x10"}, `code "A" is given twice`},
		{"bars on a vial", false, []string{"CM-2026-007", "--symbol", "code128", "--sheet", "cryo-25x13"}, "the symbol datamatrix or qr would do"},
		{"no such list", false, []string{"--file", "/nowhere/list.csv"}, "there is no file /nowhere/list.csv"},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, stdout, stderr := call(t, test.terminal, append([]string{"label"}, test.args...)...)
			if code == 0 || stdout != "" || !strings.Contains(stderr, test.says) {
				t.Errorf("exit %d, %q, %q; want %q", code, stdout, stderr, test.says)
			}
		})
	}
}

func TestSheetsAreListed(t *testing.T) {
	code, stdout, stderr := call(t, false, "label", "--sheets")
	if first, _, _ := strings.Cut(stdout, "\n"); code != 0 || first != "a4-l7651\t38.1 x 21.2 mm\t65\t210 x 297 mm\tA4, Avery L7651, 65 labels" {
		t.Errorf("exit %d, %q, %q", code, first, stderr)
	}
	code, stdout, _ = call(t, false, "label", "--sheets", "--json")
	var sheets []struct {
		Name    string
		Columns int
		Width   float64 `json:"label_width_mm"`
	}
	if err := json.Unmarshal([]byte(stdout), &sheets); code != 0 || err != nil || len(sheets) != 7 || sheets[0].Columns != 5 || sheets[0].Width != 38.1 {
		t.Errorf("exit %d, %v, %v", code, sheets, err)
	}
}
