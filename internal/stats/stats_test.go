package stats_test

import (
	"math"
	"strings"
	"testing"

	"secretome/internal/fault"
	"secretome/internal/stats"
)

func TestDescribeReachesNIST(t *testing.T) {
	// NIST StRD NumAcc1 and NumAcc4; certified values, provable by hand.
	numAcc4 := []float64{10000000.2}
	for range 500 {
		numAcc4 = append(numAcc4, 10000000.1, 10000000.3)
	}
	for _, test := range []struct {
		name     string
		values   []float64
		mean, sd float64
		least    float64
	}{
		{"NumAcc1", []float64{10000001, 10000003, 10000002}, 10000002, 1, 14},
		{"NumAcc4", numAcc4, 10000000.2, 0.1, 8},
	} {
		t.Run(test.name, func(t *testing.T) {
			s, err := stats.Describe(test.values)
			if err != nil {
				t.Fatal(err)
			}
			near(t, "mean", s.Mean, test.mean, test.least)
			near(t, "sd", s.SD, test.sd, test.least)
		})
	}
}

func TestDescribePlantGrowth(t *testing.T) {
	want := expected(t, "describe-plantgrowth")
	s, err := stats.Describe(numbers(t, table(t, "reference/PlantGrowth.csv")["weight"]))
	if err != nil {
		t.Fatal(err)
	}
	m := want.named(t, "mean")
	near(t, "mean", s.Mean, m.Value, 12)
	near(t, "se", s.SE, m.SE, 12)
	near(t, "lo", s.CI.Lo, m.Lo, 10)
	near(t, "hi", s.CI.Hi, m.Hi, 10)
	near(t, "sd", s.SD, want.named(t, "sd").Value, 12)
	near(t, "median", s.Median, want.named(t, "median").Value, 12)
}

func TestTwoSamples(t *testing.T) {
	sleep := table(t, "reference/sleep.csv")
	groups, _ := split(t, sleep["group"], sleep["extra"])
	for _, test := range []struct {
		name, id string
		run      func(a, b []float64) (stats.Comparison, error)
	}{
		{"Welch", "welch-sleep", stats.Welch},
		{"Student", "student-sleep", stats.Student},
		{"paired", "paired-sleep", stats.Paired},
	} {
		t.Run(test.name, func(t *testing.T) {
			want := expected(t, test.id)
			got, err := test.run(groups["1"], groups["2"])
			if err != nil {
				t.Fatal(err)
			}
			d := want.named(t, "1 - 2")
			near(t, "difference", got.Difference, d.Value, 12)
			near(t, "se", got.SE, d.SE, 12)
			near(t, "t", got.T, want.Statistic, 12)
			near(t, "df", got.DF, want.DF[0], 12)
			near(t, "p", got.P, want.P, 10)
			near(t, "lo", got.CI.Lo, d.Lo, 9)
			near(t, "hi", got.CI.Hi, d.Hi, 9)
		})
	}
	g, err := stats.HedgesG(groups["1"], groups["2"])
	if err != nil {
		t.Fatal(err)
	}
	near(t, "Hedges' g", g, expected(t, "student-sleep").named(t, "hedges_g").Value, 12)
}

func TestSmallTailsKeepTheirDigits(t *testing.T) {
	want := expected(t, "anova-insectsprays") // p = 3.2e-17
	spray := table(t, "reference/InsectSprays.csv")
	groups, names := split(t, spray["spray"], spray["count"])
	var gg [][]float64
	for _, n := range names {
		gg = append(gg, groups[n])
	}
	a, err := stats.OneWay(gg)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "F", a.Groups.F, want.Statistic, 12)
	near(t, "p", a.Groups.P, want.P, 10)
	near(t, "eta squared", a.EtaSquared, want.named(t, "eta_squared").Value, 12)
}

// NIST StRD, public domain: SiRstv, resistivity of silicon by 5 instruments.
func TestOneWayReachesNIST(t *testing.T) {
	a, err := stats.OneWay([][]float64{
		{196.3052, 196.1240, 196.1890, 196.2569, 196.3403},
		{196.3042, 196.3825, 196.1669, 196.3257, 196.0422},
		{196.1303, 196.2005, 196.2889, 196.0343, 196.1811},
		{196.2795, 196.1748, 196.1494, 196.1485, 195.9885},
		{196.2119, 196.1051, 196.1850, 196.0052, 196.2090},
	})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "between", a.Groups.SS, 5.11462616000000e-02, 9)
	near(t, "within", a.Residual.SS, 2.16636560000000e-01, 9)
	near(t, "F", a.Groups.F, 1.18046237440255, 9)
	near(t, "R squared", a.EtaSquared, 1.90999039051129e-01, 9)
	near(t, "residual sd", math.Sqrt(a.Residual.MS), 1.04076068334656e-01, 9)
	if a.Groups.DF != 4 || a.Residual.DF != 20 {
		t.Errorf("degrees of freedom %v, %v", a.Groups.DF, a.Residual.DF)
	}
}

// SmLs04 and SmLs07 have 7 and 13 constant leading digits; the last is beyond
// what a float64 can hold, NIST expects 2 digits there.
func TestOneWayOnConstantLeadingDigits(t *testing.T) {
	for name, least := range map[string]float64{"SmLs01": 9, "SmLs04": 7, "SmLs07": 2} {
		t.Run(name, func(t *testing.T) {
			a, err := stats.OneWay(nistGroups(t, name))
			if err != nil {
				t.Fatal(err)
			}
			near(t, "between", a.Groups.SS, 1.68, least)
			near(t, "within", a.Residual.SS, 1.80, least)
			near(t, "F", a.Groups.F, 21, least)
		})
	}
}

// nistGroups reads the lines "group value" behind line 60 of a NIST file.
func nistGroups(t *testing.T, name string) [][]float64 {
	t.Helper()
	var out [][]float64
	last := ""
	for _, line := range strings.Split(string(open(t, "reference/nist/"+name+".dat")), "\n")[60:] {
		f := strings.Fields(line)
		if len(f) != 2 {
			continue
		}
		if f[0] != last {
			out, last = append(out, nil), f[0]
		}
		out[len(out)-1] = append(out[len(out)-1], numbers(t, f[1:])...)
	}
	return out
}

// Dunnett 1955, blood counts; p and critical value by 40-digit integration.
var (
	bloodControl = []float64{7.40, 8.50, 7.20, 8.24, 9.84, 8.32}
	bloodA       = []float64{9.76, 8.80, 7.68, 9.36}
	bloodB       = []float64{12.80, 9.68, 12.16, 9.20, 10.55}
)

func TestDunnett1955(t *testing.T) {
	got, err := stats.Dunnett(bloodControl, [][]float64{bloodA, bloodB})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ d, se, t, p, lo, hi float64 }{
		{0.65, 0.7584313123517221, 0.8570321259343823, 0.6201019800184544, -1.2563041371482901, 2.55630413714829},
		{2.628, 0.7114716360396167, 3.693752311235729, 0.0058253608479469, 0.8397282064206111, 4.416271793579389},
	} {
		c := got[i]
		near(t, "difference", c.Difference, want.d, 12)
		near(t, "se", c.SE, want.se, 12)
		near(t, "t", c.T, want.t, 12)
		near(t, "p", c.P, want.p, 10)
		nearBy(t, "lo", c.CI.Lo, want.lo, 1.9, 9)
		nearBy(t, "hi", c.CI.Hi, want.hi, 1.9, 9)
		if c.DF != 12 {
			t.Errorf("df = %v, want 12", c.DF)
		}
	}
}

func TestDunnettOnReferenceData(t *testing.T) {
	for _, test := range []struct{ id, file, group, response, control string }{
		{"dunnett-plantgrowth", "PlantGrowth.csv", "group", "weight", "ctrl"},
		{"dunnett-insectsprays", "InsectSprays.csv", "spray", "count", "C"},
		{"dunnett-chickwts-unbalanced", "chickwts.csv", "feed", "weight", "casein"},
	} {
		t.Run(test.id, func(t *testing.T) {
			want := expected(t, test.id)
			columns := table(t, "reference/"+test.file)
			groups, names := split(t, columns[test.group], columns[test.response])
			var treatments [][]float64
			var labels []string
			for _, n := range names {
				if n != test.control {
					treatments, labels = append(treatments, groups[n]), append(labels, n+" - "+test.control)
				}
			}
			got, err := stats.Dunnett(groups[test.control], treatments)
			if err != nil {
				t.Fatal(err)
			}
			for i, c := range got {
				e := want.named(t, labels[i])
				near(t, labels[i]+" p", c.P, e.P, 9)
				nearBy(t, labels[i]+" lo", c.CI.Lo, e.Lo, (e.Hi-e.Lo)/2, 9)
				nearBy(t, labels[i]+" hi", c.CI.Hi, e.Hi, (e.Hi-e.Lo)/2, 9)
			}
		})
	}
}

// viability is a made example (CC0): 6 blocks of VC, CM1, CM5, CM10, PC.
var viability = [][]float64{
	{81.8, 91.6, 78.8, 55.5, 28.3},
	{91.3, 93.2, 74.3, 60.7, 38.0},
	{98.0, 87.2, 75.5, 71.4, 44.5},
	{95.1, 92.5, 80.3, 66.9, 39.5},
	{110.4, 118.2, 102.2, 88.5, 62.5},
	{100.4, 98.4, 92.2, 71.0, 47.3},
}

// Expected numbers: R (aov, multcomp) and 40-digit integration.
func TestBlocksWithDunnett(t *testing.T) {
	a, err := stats.Blocks(viability)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "SS block", a.Blocks.SS, 2638.931, 12)
	near(t, "SS arm", a.Groups.SS, 12008.843333333334, 12)
	near(t, "SS error", a.Residual.SS, 331.9406666666667, 12)
	near(t, "MSE", a.Residual.MS, 16.597033333333334, 12)
	near(t, "F", a.Groups.F, 180.88840174248008, 12)
	near(t, "p", a.Groups.P, 2.1272482291736283e-15, 10)
	near(t, "p block", a.Blocks.P, 7.325390120841356e-09, 10)
	got, err := stats.DunnettBlocks(viability, 0)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []struct{ d, t, p, lo float64 }{
		{0.6833333333333333, 0.2905213145463022, 0.9948889216506569, -5.5521364773311195},
		{-12.283333333333333, -5.222297776112798, 0.0001541676942156721, -18.518803143997786},
		{-27.166666666666668, -11.549993724645672, 1.033859291111307e-09, -33.40213647733112},
		{-52.81666666666667, -22.45517184871297, 4.577342864924259e-15, -59.05213647733112},
	} {
		near(t, "difference", got[i].Difference, want.d, 11)
		near(t, "se", got[i].SE, 2.352093630033559, 11)
		near(t, "t", got[i].T, want.t, 11)
		near(t, "p", got[i].P, want.p, 9)
		near(t, "lo", got[i].CI.Lo, want.lo, 9)
	}
}

// With one treatment Dunnett's test is Student's; the exact critical values for
// more come from R by integration (balanced, two-sided 0.05).
func TestDunnettCriticalValues(t *testing.T) {
	for _, test := range []struct {
		blocks, groups int // df = (blocks-1)(groups-1)
		want           float64
	}{
		{11, 2, 2.2281}, {6, 3, 2.5683}, {6, 5, 2.6510}, {3, 6, 2.9903}, {4, 6, 2.8161}, {5, 6, 2.7347},
	} {
		cells := make([][]float64, test.blocks)
		for i := range cells {
			for j := range test.groups {
				cells[i] = append(cells[i], math.Sin(float64(7*i*i+3*j*j+i*j+1))) // any numbers: the critical value does not depend on them
			}
		}
		got, err := stats.DunnettBlocks(cells, 0)
		if err != nil {
			t.Fatal(err)
		}
		critical := (got[0].CI.Hi - got[0].Difference) / got[0].SE
		if math.Abs(critical-test.want) > 6e-5 {
			t.Errorf("critical value for %d treatments, df %v: %.5f, want %.4f", test.groups-1, got[0].DF, critical, test.want)
		}
	}
}

func TestAdjustedPValues(t *testing.T) {
	// Benjamini & Hochberg 1995, 15 p-values; R p.adjust.
	p := []float64{.0001, .0004, .0019, .0095, .0201, .0278, .0298, .0344, .0459, .3240, .4262, .5719, .6528, .7590, 1}
	for _, test := range []struct {
		name string
		run  func([]float64) ([]float64, error)
		want []float64
	}{
		{"Holm", stats.Holm, []float64{.0015, .0056, .0247, .114, .2211, .278, .278, .278, .3213, 1, 1, 1, 1, 1, 1}},
		{"Benjamini-Hochberg", stats.BenjaminiHochberg, []float64{.0015, .003, .0095, .035625, .0603, 0.06385714285714286, 0.06385714285714286, .0645, .0765, .486, 0.5811818181818181, .714875, 0.7532307692307693, 0.8132142857142857, 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			reversed := make([]float64, len(p))
			for i := range p {
				reversed[len(p)-1-i] = p[i]
			}
			got, err := test.run(reversed)
			if err != nil {
				t.Fatal(err)
			}
			for i, w := range test.want {
				near(t, "adjusted p", got[len(p)-1-i], w, 14)
			}
		})
	}
	if _, err := stats.Holm([]float64{0.5, 1.5}); !fault.Is(err, fault.Invalid) {
		t.Errorf("a p of 1.5 gave %v", err)
	}
}

func TestGrubbs(t *testing.T) {
	// NIST/SEMATECH handbook 1.3.5.17.1; R outliers and 40-digit arithmetic.
	o, err := stats.Grubbs([]float64{199.31, 199.53, 200.19, 200.82, 201.92, 201.95, 202.18, 245.57})
	if err != nil {
		t.Fatal(err)
	}
	near(t, "G", o.G, 2.4687646112124506, 12)
	near(t, "critical", o.Critical, 2.1266450871954654, 10)
	near(t, "p", o.P, 3.0026386820708375e-07, 8)
	if !o.Found || o.Index != 7 || o.Value != 245.57 {
		t.Errorf("found %+v", o)
	}
	// Three values at the largest G that three can have, (n-1)/sqrt(n).
	if o, err = stats.Grubbs([]float64{0, 0, 1}); err != nil || o.P < 0 || o.P > 1e-6 {
		t.Errorf("three values: %+v, %v", o, err)
	}
}

func TestWhatCannotBeComputedIsAFault(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct {
		name string
		run  func() error
		want string
	}{
		{"one value has no spread", func() error { _, err := stats.Describe([]float64{1}); return err }, "1 values, expected at least 2"},
		{"nothing has no mean", func() error { _, err := stats.Mean(nil); return err }, "0 values"},
		{"nothing has no median", func() error { _, err := stats.Median(nil); return err }, "0 values"},
		{"NaN is refused", func() error { _, err := stats.Describe([]float64{1, nan}); return err }, "number 2 is NaN"},
		{"constant groups cannot be compared", func() error { _, err := stats.Welch([]float64{5, 5}, []float64{5, 5}); return err }, "do not vary"},
		{"constant pairs cannot be compared", func() error { _, err := stats.Paired([]float64{1, 2}, []float64{2, 3}); return err }, "do not vary"},
		{"pairs need partners", func() error { _, err := stats.Paired([]float64{1, 2}, []float64{2}); return err }, "partner"},
		{"an effect needs spread", func() error { _, err := stats.HedgesG([]float64{1, 1}, []float64{2, 2}); return err }, "do not vary"},
		{"one group is no comparison", func() error { _, err := stats.OneWay([][]float64{{1, 2}}); return err }, "1 groups"},
		{"groups of one have no spread", func() error { _, err := stats.OneWay([][]float64{{1}, {2}}); return err }, "no spread"},
		{"constant groups have no error", func() error { _, err := stats.OneWay([][]float64{{1, 1}, {2, 2}}); return err }, "nothing varies"},
		{"a block that misses a group is refused", func() error { _, err := stats.Blocks([][]float64{{1, 2}, {1}}); return err }, "block 2 has 1 groups"},
		{"a control that is not there is refused", func() error { _, err := stats.DunnettBlocks(viability, 5); return err }, "control is group 6 of 5"},
		{"two values have no outlier", func() error { _, err := stats.Grubbs([]float64{1, 2}); return err }, "2 values"},
		{"equal values have no outlier", func() error { _, err := stats.Grubbs([]float64{1, 1, 1}); return err }, "all 3 values are 1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if err := test.run(); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want one with %q", err, test.want)
			}
		})
	}
}
