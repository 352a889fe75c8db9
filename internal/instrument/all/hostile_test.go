package all_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"secretome/internal/fault"
	"secretome/internal/instrument"
	"secretome/internal/instrument/all"
)

// TestHostileFilesCostBoundedTime feeds files that are as large as allowed and
// made to repeat the dearest work. The bound is generous: each takes a second or
// two, and a parser whose work grew with the square of the size would take hours.
func TestHostileFilesCostBoundedTime(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: files of 30 MiB are left out")
	}
	lines := func(s string, n int) string { return strings.Repeat(s, min((30<<20)/len(s), n/strings.Count(s, "\n"))) }
	fill := func(s string) string { return lines(s, instrument.MaxLines-20) }
	var named strings.Builder
	for i := range 300_000 {
		fmt.Fprintf(&named, "Plate:\t%d\t1.3\tPlateFormat\tEndpoint\tAbsorbance\tRaw\n~End\n", i)
	}
	const gen5 = "\nSoftware Version\t3\nPlate Number\tP\n"
	const softmax = "##BLOCKS= 1\nPlate:\tP\t1.3\tPlateFormat\tEndpoint\tAbsorbance\tRaw\tFALSE\t1\t\t\t\t\t\t1\t450 \t1\t2\t4\t1\t2\n"
	for _, test := range []struct{ name, in string }{
		{"grids of one line", gen5 + fill("\t1\t2\t3\t4\nA\t1\t2\t3\t4\tx\n")},
		{"heads of grids only", gen5 + fill("\t1\n")},
		{"many read steps and many grids", gen5 + lines("Read\tx\n", 400_000) + lines("\t1\nA\t1\ty\n\n", 500_000)},
		{"long lines of tabs", gen5 + fill(strings.Repeat("\t", 1<<19)+"\n")},
		{"values of one plate", softmax + "\t\t1\t2\n" + fill("\t\t1\t2\n\n") + "~End\n"},
		{"blank lines in a plate", softmax + fill("\n\t\n")},
		{"group tables", "##BLOCKS= 1\n" + fill("Group: G\nSample\tWells\tConc\n1\tA1\t2\n\n~End\n")},
		{"plates of many names", "##BLOCKS= 1\n" + named.String()},
	} {
		t.Run(test.name, func(t *testing.T) {
			began := time.Now()
			_, err := instrument.Read(all.List(), []byte(test.in))
			if err != nil && !fault.Is(err, fault.Invalid) {
				t.Errorf("error is %v", err)
			}
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("took %v", took)
			} else {
				t.Logf("%v, %v", took, err)
			}
		})
	}
}
