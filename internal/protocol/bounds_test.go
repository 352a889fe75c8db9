package protocol_test

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"secretome/internal/protocol"
)

// What is made to cost much is refused with one sentence that has a place, for
// little memory.
func TestHostileDocumentsCostLittle(t *testing.T) {
	laughs := "authors:\n  - &a0 [lol]\n"
	for i := range 30 {
		laughs += fmt.Sprintf("  - &a%d [%s]\n", i+1, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d, ", i), 9), ", "))
	}
	var block strings.Builder
	for i := range 1000 {
		block.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	small := read(t, "testdata/small.yaml")
	for _, test := range []struct{ name, document, says string }{
		{"ten megabytes", "protocol: " + strings.Repeat("A", 10<<20), "the file has 10485770 bytes"},
		{"10,000 brackets", "protocol: " + strings.Repeat("[", 10_000), "p.yaml:1:1: this is no YAML"},
		{"10,000 brackets, closed again", "protocol: " + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000), "p.yaml:1:34: nested more than 24 deep"},
		{"10,000 braces", "protocol: " + strings.Repeat("{a: ", 10_000) + strings.Repeat("}", 10_000), "p.yaml:1:100: nested more than 24 deep"},
		{"10,000 dashes in a line", "protocol:\n " + strings.Repeat("- ", 10_000) + "x", "p.yaml:2:2: nested more than 24 deep"},
		{"10,000 questions", strings.Repeat("? ", 10_000) + "x", "p.yaml:1:49: nested more than 24 deep"},
		{"a thousand levels of blocks", block.String(), "p.yaml:24:24: nested more than 24 deep"},
		{"a billion laughs", laughs, "an anchor &a0 stands here"},
		{"a mapping of 100,000 keys", "ethics: {" + keys(100_000) + "}", "the mapping has 100000 keys"},
		{"a key of 900,000 letters", strings.Repeat("z", 900_000) + ": 1", "p.yaml:1:1: this is no YAML"},
		{"a number of 500,000 digits", strings.Replace(small, "latest: 24 h", "latest: "+strings.Repeat("9", 500_000)+" h", 1), "is too long for a quantity"},
		{"a power of ten without end", strings.Replace(small, "latest: 24 h", "latest: 1e999999999 h", 1), "p.yaml:76:19: \"1e999999999 h\" has a power of ten"},
		{"a pattern that grows", strings.Replace(small, "title: state, kind: choice, choices: [ok, torn]", "title: state, kind: text, pattern: '((a{1000}){1000}){1000}'", 1), "is no regular expression"},
		{"more blocks than a run may have", strings.Replace(small, "models:\n", "models:\n"+manyBlocks(), 1), "the models have 1089 blocks up to here, the most of a run is 1000"},
		{"text of another encoding", strings.Replace(small, "title: Small", "title: Gr\xf6\xdfe", 1), "p.yaml:5:10: this is no YAML: the byte 0xF6"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := protocol.Parse("p.yaml", []byte(test.document))
			runtime.ReadMemStats(&after)
			var all protocol.Faults
			if !errors.As(err, &all) || !strings.Contains(err.Error(), test.says) {
				t.Fatalf("says %.200v, want %q", err, test.says)
			}
			const most = 256 << 20
			if took := after.TotalAlloc - before.TotalAlloc; took > most {
				t.Errorf("it took %d MB", took>>20)
			}
			t.Logf("%d MB; %s", (after.TotalAlloc-before.TotalAlloc)>>20, all[0].Error())
		})
	}
}

// manyBlocks are eleven models of 99 blocks each.
func manyBlocks() string {
	var b strings.Builder
	for i := range 11 {
		fmt.Fprintf(&b, "  - {model: more-%d, title: More, block: thaw, blocks: 99, unit: run, means: mean, groups: [{group: VC, title: Vehicle}]}\n", i)
	}
	return b.String()
}

func keys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d: 1,", i)
	}
	return b.String()
}
