package protocol_test

import (
	"strings"
	"testing"

	"secretome/internal/protocol"
)

func TestAdviceSaysWhatAReviewerWouldAsk(t *testing.T) {
	small := read(t, "testdata/small.yaml")
	stressed := strings.Replace(small, `title: "5 %", dose: "5 %{v/v}"`, `title: "5 %", dose: "5 %{v/v}", stress: LPS`, 1)
	for _, test := range []struct{ name, document, want string }{
		{"too few blocks", small, "model cells has N = 2: with fewer than 3"},
		{"no baseline", small, "model cells lacks NC ("},
		{"a stress without its comparator", stressed, "MV ("},
		{"doses without a common fraction", small, "model cells has doses and no fraction"},
		{"limits from memory", small, "rest on K"},
	} {
		p, err := protocol.Parse("p.yaml", []byte(test.document))
		if err != nil {
			t.Fatal(err)
		}
		if advice := strings.Join(p.Advice(), "\n"); !strings.Contains(advice, test.want) {
			t.Errorf("%s: %q does not stand in\n%s", test.name, test.want, advice)
		}
	}
	for _, line := range parse(t, "../../examples/compact.yaml").Advice() {
		t.Log(line)
	}
}
