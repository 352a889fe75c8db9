package assay_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"secretome/internal/assay"
	"secretome/internal/assay/assaytest"
	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
)

// blocks are six repeats of a viability study, constructed; its analysis was
// computed in R 4.2 with aov and by integrating Dunnett's distribution.
var (
	codes  = []string{"VC", "CM1", "CM5", "CM10", "PC"}
	blocks = [][]float64{
		{81.8, 91.6, 78.8, 55.5, 28.3}, {91.3, 93.2, 74.3, 60.7, 38.0}, {98.0, 87.2, 75.5, 71.4, 44.5},
		{95.1, 92.5, 80.3, 66.9, 39.5}, {110.4, 118.2, 102.2, 88.5, 62.5}, {100.4, 98.4, 92.2, 71.0, 47.3},
	}
	endpoint = protocol.Endpoint{ID: "viability", Model: "cells", Assay: "viability", Test: "dunnett", Comparator: "VC", Groups: codes[1:], Scale: "identity"}
)

func model(blocks int, codes ...string) protocol.Model {
	m := protocol.Model{ID: "cells", Block: "thaw", Unit: "run", Blocks: blocks}
	if blocks == 1 {
		m.Unit = "tissue"
	}
	for _, c := range codes {
		m.Groups = append(m.Groups, protocol.Group{Code: c})
	}
	return m
}

// plates makes one result a block; each value is the mean of n wells, and of
// units units that lie around it.
func plates(cells [][]float64, codes []string, n, units int) []assay.Result {
	var out []assay.Result
	for i, row := range cells {
		r := assay.Result{Assay: "viability", Model: "cells", Block: fmt.Sprint("b", i+1), Plate: fmt.Sprint("PL-", i+1), Unit: "%"}
		for j, v := range row {
			for u := range units {
				value := v + float64(u) - float64(units-1)/2
				r.Values = append(r.Values, assay.Value{Group: codes[j], Unit: u + 1, N: n, Mean: &value})
			}
		}
		out = append(out, r)
	}
	return out
}

func compare(t *testing.T, e protocol.Endpoint, m protocol.Model, results []assay.Result) assay.Finding {
	t.Helper()
	f, err := assay.Compare(e, m, results, "0.05")
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestDunnettOverBlocks(t *testing.T) {
	f := compare(t, endpoint, model(6, codes...), plates(blocks, codes, 3, 1))
	if !f.Inference || len(f.Contrasts) != 4 {
		t.Fatalf("no inference: %s", f.Why)
	}
	for i, want := range []struct{ estimate, t, p float64 }{
		{.683333333, .290521314546, .994888922}, {-12.283333333, -5.222297776113, .000154167694}, {-27.166666667, -11.549993724646, 1.0339e-09},
	} {
		c := f.Contrasts[i]
		assaytest.Near(t, c.Group+" estimate", &c.Estimate, want.estimate, 1e-8)
		assaytest.Near(t, c.Group+" t", &c.T, want.t, 1e-9)
		assaytest.Near(t, c.Group+" p", &c.PAdjusted, want.p, 1e-4)
		assaytest.Near(t, c.Group+" SE", &c.SE, 2.35209363003, 1e-9)
		if c.DF != 20 || c.N != 6 || c.P > c.PAdjusted || c.HedgesG == nil {
			t.Errorf("%s: df %v, N %d, p %v", c.Group, c.DF, c.N, c.P)
		}
	}
	if f.Contrasts[0].Shown != "no difference shown" || f.Contrasts[1].Shown != "lower" {
		t.Errorf("shown: %q, %q", f.Contrasts[0].Shown, f.Contrasts[1].Shown)
	}
}

func TestWellsAndUnitsWithinBlocksAreNotN(t *testing.T) {
	once := compare(t, endpoint, model(6, codes...), plates(blocks, codes, 1, 1))
	more := compare(t, endpoint, model(6, codes...), plates(blocks, codes, 9, 3))
	for i := range once.Contrasts {
		a, b := once.Contrasts[i], more.Contrasts[i]
		if a.N != b.N || a.DF != b.DF || math.Abs(a.PAdjusted-b.PAdjusted) > 1e-9*a.PAdjusted {
			t.Errorf("%s: N %d and %d, df %v and %v, p %v and %v", a.Group, a.N, b.N, a.DF, b.DF, a.PAdjusted, b.PAdjusted)
		}
	}
}

func TestWelchCountsUnitsOfOneBatch(t *testing.T) {
	e := protocol.Endpoint{ID: "il1a", Model: "cells", Assay: "viability", Test: "welch", Comparator: "MV", Groups: []string{"CM"}, Scale: "log10", Benefit: "lower"}
	r := assay.Result{Assay: "viability", Model: "cells", Block: "b1", Unit: "pg/mL"}
	for u, v := range []float64{1000, 1258.9254117941673, 794.3282347242815, 100, 125.89254117941673, 79.43282347242815} { // 10^3, 3.1, 2.9, and a tenth
		r.Values = append(r.Values, assay.Value{Group: []string{"MV", "CM"}[u/3], Unit: u%3 + 1, N: 2, Mean: &v})
	}
	f := compare(t, e, model(1, "MV", "CM"), []assay.Result{r})
	if !f.Inference {
		t.Fatal(f.Why)
	}
	// By hand: logarithms 3, 3.1, 2.9 and 2, 2.1, 1.9: difference -1, SE 0.1·√(2/3), df 4.
	c := f.Contrasts[0]
	assaytest.Near(t, "estimate", &c.Estimate, -1, 1e-12)
	assaytest.Near(t, "SE", &c.SE, 0.1*math.Sqrt(2.0/3), 1e-12)
	assaytest.Near(t, "df", &c.DF, 4, 1e-12)
	assaytest.Near(t, "ratio", &c.Ratio.Value, 0.1, 1e-12)
	assaytest.Near(t, "geometric mean", f.Groups[0].Mean, 1000, 1e-12)
	if f.Counted != "tissue" || c.N != 3 || c.Shown != "lower, the benefit foreseen" || c.PAdjusted != c.P {
		t.Errorf("counted %q, N %d, %q", f.Counted, c.N, c.Shown)
	}
}

func TestWhereNothingIsInferred(t *testing.T) {
	constant := [][]float64{{1, 2, 3, 4, 5}, {1, 2, 3, 4, 5}, {1, 2, 3, 4, 5}}
	rejected := plates(blocks[:3], codes, 1, 1)
	rejected[2].Decision = record.Decision{Verdict: protocol.VerdictReject, Do: "INVALIDATE_BLOCK"}
	missing := plates(blocks[:3], codes, 1, 1)
	missing[1].Values = missing[1].Values[1:]
	below := plates(blocks, codes, 1, 1)
	for i := range 3 {
		bound := 10.0
		below[i].Values[1] = assay.Value{Group: "CM1", Unit: 1, Censored: assay.BelowLLOQ, Bound: &bound}
	}
	for _, test := range []struct {
		name    string
		results []assay.Result
		want    string
	}{
		{"two blocks are too few", plates(blocks[:2], codes, 3, 1), "group VC has N = 2, at least 3 are needed"},
		{"a plate that was rejected does not count", rejected, "group VC has N = 2"},
		{"a group without value", nil, "group VC has no value"},
		{"a missing value leaves too few blocks", missing, "group VC has N = 2"},
		{"data without error", plates(constant, codes, 3, 1), "no error"},
		{"half of a group below the range", below, "3 of 6 units of group CM1 lie below the range"},
	} {
		t.Run(test.name, func(t *testing.T) {
			f := compare(t, endpoint, model(6, codes...), test.results)
			if f.Inference || len(f.Contrasts) != 0 || !strings.Contains(f.Why, test.want) {
				t.Errorf("why is %q, want one with %q", f.Why, test.want)
			}
			if _, err := record.Canonical(f); err != nil {
				t.Errorf("the finding has no JSON: %v", err)
			}
		})
	}
}

func TestFewValuesBelowTheRangeStandAsALimit(t *testing.T) {
	results := plates(blocks, codes, 1, 1)
	bound := 20 * math.Sqrt2
	results[0].Values[4] = assay.Value{Group: "PC", Unit: 1, Censored: assay.BelowLLOQ, Bound: &bound}
	f := compare(t, endpoint, model(6, codes...), results)
	if !f.Inference || len(f.Flags) != 1 || !strings.Contains(f.Flags[0], "1 of 6 units of group PC") {
		t.Fatalf("inference %v, flags %q", f.Inference, f.Flags)
	}
	p := f.Groups[4].Points[0]
	assaytest.Near(t, "the value that entered", &p.Value, 20, 1e-12)
}

func TestTheControlsOfAStressedModelAreGates(t *testing.T) {
	m := model(3, "NC", "MC", "MV", "CM", "PC")
	for i := 1; i < 5; i++ {
		m.Groups[i].Stress = "LPS"
	}
	e := protocol.Endpoint{ID: "il8", Model: "cells", Assay: "viability", Test: "dunnett", Comparator: "MV", Groups: []string{"CM", "PC"}, Scale: "log10", Benefit: "lower"}
	codes := []string{"NC", "MC", "MV", "CM", "PC"}
	good := [][]float64{{10, 100, 98, 60, 20}, {12, 118, 121, 70, 26}, {9, 92, 90, 58, 19}}
	f := compare(t, e, m, plates(good, codes, 1, 1))
	if !f.Inference || len(f.Gates) != 2 || !f.Gates[0].Pass || !f.Gates[1].Pass || f.Contrasts[0].Shown != "lower, the benefit foreseen" {
		t.Errorf("%s; gates %+v, contrasts %+v", f.Why, f.Gates, f.Contrasts)
	}
	for _, test := range []struct {
		name  string
		cells [][]float64
		want  string
	}{
		{"stress without effect", [][]float64{{90, 100, 98, 60, 20}, {125, 118, 121, 70, 26}, {91, 92, 90, 58, 19}}, "the model is established (MC against NC) is not so"},
		{"a clear shift of a tenth only", [][]float64{{90, 100, 98, 60, 20}, {107, 118, 121, 70, 25}, {83, 92, 90, 55, 18.4}}, "the model is established (MC against NC) is not so"},
		{"a reference drug that does nothing", [][]float64{{10, 100, 98, 60, 99}, {12, 118, 121, 70, 119}, {9, 92, 90, 58, 91}}, "the assay sees the reference drug (PC against MV) is not so"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if f := compare(t, e, m, plates(test.cells, codes, 1, 1)); f.Inference || !strings.Contains(f.Why, test.want) || len(f.Contrasts) != 0 {
				t.Errorf("why is %q, want one with %q", f.Why, test.want)
			}
		})
	}
}

func TestPlansThatCannotBeFollowed(t *testing.T) {
	e := endpoint
	e.Scale = "sqrt"
	if _, err := assay.Compare(e, model(6, codes...), nil, "0.05"); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "unknown scale") {
		t.Errorf("scale: %v", err)
	}
	e = endpoint
	e.Test = "mannwhitney"
	if _, err := assay.Compare(e, model(6, codes...), plates(blocks, codes, 1, 1), "0.05"); err == nil || !strings.Contains(err.Error(), "unknown test") {
		t.Errorf("test: %v", err)
	}
	if _, err := assay.Compare(endpoint, model(6, codes...), nil, "5 %"); !fault.Is(err, fault.Invalid) {
		t.Errorf("alpha: %v", err)
	}
	double := append(plates(blocks, codes, 1, 1), plates(blocks[:1], codes, 1, 1)...)
	if _, err := assay.Compare(endpoint, model(6, codes...), double, "0.05"); err == nil || !strings.Contains(err.Error(), "two plates") {
		t.Errorf("two plates of a block: %v", err)
	}
}
