package protocol

import (
	"regexp"
	"testing"
)

func TestAnExampleIsAcceptedByItsPattern(t *testing.T) {
	for pattern, want := range map[string]string{
		"UCM-[0-9]+":           "UCM-1234",
		"PL-[0-9A-Z-]{3,20}":   "PL-1234",
		"PR-[0-9]{2}":          "PR-12",
		"D-[0-9]{4}(-[0-9])?":  "D-1234",
		"(A|B)[a-f]{2}\\d{12}": "Aaa123456789123",
		"[0-9":                 "",
		".*":                   "1234",
	} {
		got := Example(pattern)
		if got != want {
			t.Errorf("%s is shown as %q, want %q", pattern, got, want)
		}
		if want != "" && !regexp.MustCompile("^(?:"+pattern+")$").MatchString(got) {
			t.Errorf("%s does not take its own example %q", pattern, got)
		}
	}
}
