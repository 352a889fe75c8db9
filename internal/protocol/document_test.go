package protocol_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"secretome/internal/protocol"
)

// The part of docs/protocol.md that lists every key is made from the types.
func TestEveryKeyStandsInTheDocument(t *testing.T) {
	const path = "../../docs/protocol.md"
	text := read(t, path)
	head, rest, ok := strings.Cut(text, "<!-- keys -->\n")
	_, tail, closed := strings.Cut(rest, "<!-- end -->")
	if !ok || !closed {
		t.Fatal("the document has no place for the keys")
	}
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
	want := head + "<!-- keys -->\n" + b.String() + "\n<!-- end -->" + tail
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if text != want {
		t.Error("docs/protocol.md lists other keys; run with -update")
	}
}

// The stage that the document shows is one that the parser takes.
func TestTheExampleOfTheDocumentIsRight(t *testing.T) {
	text := read(t, "../../docs/protocol.md")
	from := strings.Index(text, "    - stage: warm-medium")
	to := strings.Index(text, "It may stand before")
	if from < 0 || to < from {
		t.Fatal("the document has no example of a stage")
	}
	var stage strings.Builder
	for line := range strings.Lines(strings.TrimRight(text[from:to], "\n")) {
		stage.WriteString("  " + strings.TrimPrefix(line, "    "))
	}
	small := strings.Replace(read(t, "testdata/small.yaml"), "  - stage: cord-harvest\n", stage.String()+"\n  - stage: cord-harvest\n", 1)
	if _, err := protocol.Parse("p.yaml", []byte(small)); err != nil {
		t.Error(err)
	}
}
