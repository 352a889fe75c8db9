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
	for _, test := range []struct{ name, document, says string }{
		{"ten megabytes", "protocol: " + strings.Repeat("A", 10<<20), "the file has 10485770 bytes"},
		{"10,000 brackets", "protocol: " + strings.Repeat("[", 10_000), "p.yaml:1:"},
		{"10,000 brackets, closed again", "protocol: " + strings.Repeat("[", 10_000) + strings.Repeat("]", 10_000), "p.yaml:1:"},
		{"10,000 braces", "protocol: " + strings.Repeat("{a: ", 10_000) + strings.Repeat("}", 10_000), "p.yaml:1:"},
		{"10,000 dashes in a line", "protocol:\n " + strings.Repeat("- ", 10_000) + "x", "p.yaml:2:"},
		{"a thousand levels of blocks", block.String(), "p.yaml:"},
		{"a billion laughs", laughs, "an anchor &a0 stands here"},
		{"a mapping of 100,000 keys", "ethics: {" + keys(100_000) + "}", "the mapping has 100000 keys"},
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

func keys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d: 1,", i)
	}
	return b.String()
}
