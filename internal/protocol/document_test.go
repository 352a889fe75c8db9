package protocol_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"secretome/internal/protocol"
)

// The part of docs/protocol.md that lists every key is made from the types.
func TestEveryKeyStandsInTheDocument(t *testing.T) {
	var b strings.Builder
	of := ""
	for _, k := range protocol.Keys() {
		if k.Of != of {
			of = k.Of
			fmt.Fprintf(&b, "\n### %s\n\n| key | | what stands there | |\n|---|---|---|---|\n", of)
		}
		needed := ""
		if k.Required {
			needed = "•"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", k.Name, needed, strings.ReplaceAll(k.Kind, "_", "\\_"), strings.ReplaceAll(k.Meaning, "|", "\\|"))
	}
	replaced(t, "<!-- keys -->\n", b.String()+"\n", "<!-- end -->")
}

// The stages that the document lists are those of the code.
func TestTheDocumentListsTheStages(t *testing.T) {
	var b strings.Builder
	b.WriteString("| stage | tasks | waits |\n|---|---|---|\n")
	for _, s := range protocol.Shapes() {
		var tasks []string
		for _, task := range s.Tasks {
			switch {
			case slices.Contains(s.Optional, task):
				task += " (optional)"
			case slices.Contains(s.Sealing, task):
				task += " (where groups are blinded)"
			}
			tasks = append(tasks, task)
		}
		if s.Measures {
			tasks = append(tasks, "those of its assays")
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.Stage, strings.Join(tasks, ", "), strings.Join(s.Waits, ", "))
	}
	replaced(t, "<!-- stages -->\n", b.String(), "<!-- end of stages -->")
}

// The whole protocol of the document has no mistakes, by parser and by schema.
func TestTheWholeProtocolOfTheDocumentIsRight(t *testing.T) {
	whole := []byte(shown(t, "<!-- whole -->\n", "<!-- end of whole -->"))
	if _, err := protocol.Parse("docs/protocol.md", whole); err != nil {
		t.Error(err)
	}
	if err := judged(t, schema(t), whole); err != nil {
		t.Error(err)
	}
}

// What the document shows besides is taken where it belongs.
func TestThePiecesOfTheDocumentAreRight(t *testing.T) {
	small, blind := read(t, "testdata/small.yaml"), read(t, "../e2e/testdata/blind.yaml")
	for _, test := range []struct{ name, from, to, in, before, instead string }{
		{"a stage", "    - stage: warm-medium", "\nIt may stand", small, "  - stage: cord-harvest\n", ""},
		{"a task", "    - {task: fill-bottles,", "\n**Optional", small, "      - {task: treat,", ""},
		{"what is left out", "left out with a reason:\n", "\n**A stage of", small, "    waits:\n      - {wait: settle", "    leave_out: [{task: receive, reason: own cells}]\n"},
		{"a layout", "    - layout: cells-96", "\nNo two wells", blind, "assays:\n", "  - layout: cells-96\n    wells: 96\n    area: inner\n    place: {BLK: 4, NC: 6, KC: 4, VC: 6, CM5: 6, CM20: 6}\n"},
	} {
		text := strings.Replace(test.in, test.instead, "", 1)
		indent := strings.Repeat(" ", len(test.before)-len(strings.TrimLeft(test.before, " ")))
		if test.name == "a layout" {
			indent = "  "
		}
		var piece strings.Builder
		for line := range strings.Lines(shown(t, test.from, test.to)) {
			piece.WriteString(indent + line)
		}
		whole := strings.Replace(text, test.before, piece.String()+test.before, 1)
		if whole == text || test.instead != "" && text == test.in {
			t.Fatalf("%s has no place", test.name)
		}
		if _, err := protocol.Parse("p.yaml", []byte(whole)); err != nil {
			t.Errorf("%s: %v", test.name, err)
		}
	}
}

const documentPath = "../../docs/protocol.md"

// shown is what the document shows between two texts, not set in any more; the
// first one belongs to it if it is set in.
func shown(t *testing.T, from, to string) string {
	t.Helper()
	_, rest, ok := strings.Cut(read(t, documentPath), from)
	text, _, closed := strings.Cut(rest, to)
	if !ok || !closed {
		t.Fatalf("the document does not show anything from %q to %q", from, to)
	}
	if strings.HasPrefix(from, "    ") {
		text = from + text
	}
	var b strings.Builder
	for line := range strings.Lines(strings.Trim(text, "\n") + "\n") {
		b.WriteString(strings.TrimPrefix(line, "    "))
	}
	return b.String()
}

// replaced holds that want stands in the document between two comments, or puts
// it there.
func replaced(t *testing.T, from, want, to string) {
	t.Helper()
	text := read(t, documentPath)
	head, rest, ok := strings.Cut(text, from)
	_, tail, closed := strings.Cut(rest, to)
	if !ok || !closed {
		t.Fatalf("the document has no %q", from)
	}
	now := head + from + want + to + tail
	if *update {
		if err := os.WriteFile(documentPath, []byte(now), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if text != now {
		t.Errorf("docs/protocol.md says something else behind %q; run with -update", from)
	}
}
