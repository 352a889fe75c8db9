package protocol_test

import (
	"math"
	"strings"
	"testing"

	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/quantity"
	"secretome/internal/record"
)

func q(t *testing.T, text string) quantity.Quantity {
	t.Helper()
	v, err := quantity.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func judge(t *testing.T, c protocol.Criterion, value string) record.Check {
	t.Helper()
	c.ID, c.Value = "c", "v"
	d, err := protocol.Judge([]protocol.Criterion{c}, map[string]string{"v": value})
	if err != nil {
		t.Fatal(err)
	}
	return d.Checks[0]
}

// sevenPercent is the coefficient of variation of 93, 100 and 107, which is
// exactly 7 %, as floating point computes it.
func sevenPercent() float64 { return math.Sqrt((49+0+49)/2.0) / 100 * 100 * (1 + 2e-16) }

func TestJudgeAtTheEdge(t *testing.T) {
	atMost7 := protocol.Criterion{AtMost: q(t, "7 %")}
	atLeast90 := protocol.Criterion{AtLeast: q(t, "90 %")}
	for _, test := range []struct {
		name, value string
		c           protocol.Criterion
		pass        bool
	}{
		{"a CV of exactly 7 % is at most 7 %", protocol.Measured(7.0/100*100, "%"), atMost7, true},
		{"rounding in the last place does not fail it", protocol.Measured(sevenPercent(), "%"), atMost7, true},
		{"what is truly above fails", protocol.Measured(7.00000001, "%"), atMost7, false},
		{"27 living of 30 cells are at least 90 %", protocol.Measured(27.0/30*100, "%"), atLeast90, true},
		{"the same as a fraction passes too", protocol.Measured(27.0/30, "1"), atLeast90, true},
		{"an amount in another unit is compared exactly", "0.007 1", protocol.Criterion{AtMost: q(t, "0.7 %")}, true},
		{"between includes both ends", "20 %", protocol.Criterion{Between: []quantity.Quantity{q(t, "20 %"), q(t, "30 %")}}, true},
		{"between ends", "30.1 %", protocol.Criterion{Between: []quantity.Quantity{q(t, "20 %"), q(t, "30 %")}}, false},
		{"a word equals", "yes", protocol.Criterion{Equals: "yes"}, true},
		{"another word does not", "no", protocol.Criterion{Equals: "yes"}, false},
		{"a value that is not there does not pass", "", atLeast90, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := judge(t, test.c, test.value); got.Pass != test.pass {
				t.Errorf("%q against %q: pass = %v, want %v", test.value, got.Limit, got.Pass, test.pass)
			}
		})
	}
}

func TestJudgeTakesTheFirstConsequenceThatHolds(t *testing.T) {
	viability := protocol.Criterion{AtLeast: q(t, "90 %"), OnFail: []protocol.Consequence{
		{AtLeast: q(t, "80 %"), Do: protocol.Deviation}, {Do: protocol.Discard},
	}}
	open := protocol.Criterion{AtLeast: q(t, "90 %"), OnFail: []protocol.Consequence{{AtLeast: q(t, "80 %"), Do: protocol.Flag}}}
	for _, test := range []struct {
		name, value string
		c           protocol.Criterion
		want        protocol.Action
	}{
		{"80 % asks for a decision", "80 %", viability, protocol.Deviation},
		{"79.9 % is discarded", "79.9 %", viability, protocol.Discard},
		{"a missing value takes the one without a limit", "", viability, protocol.Discard},
		{"where none holds somebody must look", "10 %", open, protocol.Hold},
		{"what passes has no consequence", "95 %", viability, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := judge(t, test.c, test.value); got.Do != string(test.want) {
				t.Errorf("%s is followed by %q, want %q", test.value, got.Do, test.want)
			}
		})
	}
}

func TestTheGravestActionIsTheDecision(t *testing.T) {
	fails := func(id string, a protocol.Action) protocol.Criterion {
		return protocol.Criterion{ID: id, Title: "t " + id, Value: "v", AtMost: q(t, "1 %"), OnFail: []protocol.Consequence{{Do: a}}, Evidence: "K"}
	}
	d, err := protocol.Judge([]protocol.Criterion{fails("a", protocol.Flag), fails("b", protocol.Repeat), fails("c", protocol.Hold)}, map[string]string{"v": "2 %"})
	if err != nil || d.Do != "REPEAT" || d.Verdict != protocol.VerdictReject || len(d.Checks) != 3 {
		t.Fatalf("decision is %+v, %v", d, err)
	}
	want := record.Check{Criterion: "a", Title: "t a", Value: "2 %", Limit: "at most 1 %", Do: "FLAG", Evidence: "K"}
	if d.Checks[0] != want {
		t.Errorf("check is %+v, want %+v", d.Checks[0], want)
	}
	if d, _ = protocol.Judge(nil, nil); d.Do != "ACCEPT" || d.Verdict != protocol.VerdictAccept {
		t.Errorf("without criteria: %+v", d)
	}
}

func TestJudgeRefusesAnotherDimension(t *testing.T) {
	_, err := protocol.Judge([]protocol.Criterion{{ID: "c", Value: "v", AtMost: q(t, "1 mL")}}, map[string]string{"v": "2 h"})
	if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "2 h is a time, not a volume") {
		t.Errorf("hours against millilitres: %v", err)
	}
}

func TestMeasuredIsAQuantity(t *testing.T) {
	for v, want := range map[float64]string{
		7.000000000000001: "7 %", 1.0 / 3: "0.333333333333 %", 123456789012345: "123456789012000 %",
		-1e-7: "-0.0000001 %", math.Copysign(0, -1): "0 %", math.NaN(): "", math.Inf(1): "",
	} {
		if got := protocol.Measured(v, "%"); got != want {
			t.Errorf("Measured(%v) = %q, want %q", v, got, want)
		}
	}
}
