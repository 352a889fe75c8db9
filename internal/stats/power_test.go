package stats_test

import (
	"math"
	"strings"
	"testing"

	"secretome/internal/fault"
	"secretome/internal/stats"
)

// The first four were solved to 12 digits with R's pt and pf, since power.t.test
// and power.anova.test of R stop at 1e-5.
func TestSizesReachTheReference(t *testing.T) {
	for _, test := range []struct {
		name string
		test sized
		want float64
	}{
		{"d = 1", stats.TwoMeans{D: 1, Alpha: 0.05}, 16.7147598312},
		{"d = -1", stats.TwoMeans{D: -1, Alpha: 0.05}, 16.7147598312},
		{"d = 1.5", stats.TwoMeans{D: 1.5, Alpha: 0.05}, 8.06030909054},
		{"d = 2", stats.TwoMeans{D: 2, Alpha: 0.05}, 5.09000075869},
		{"four groups", stats.ManyMeans{Groups: 4, Between: 1, Within: 3, Alpha: 0.05}, 11.9261111678},
	} {
		n, err := test.test.Size(0.8)
		if err != nil {
			t.Fatal(err)
		}
		if math.Abs(n-test.want) > 5.1e-11*max(1, math.Pow(10, math.Floor(math.Log10(test.want)))) { // half of the 12th digit
			t.Errorf("%s: n = %.14g, want %.12g", test.name, n, test.want)
		}
		power, err := test.test.Power(n)
		if err != nil {
			t.Fatal(err)
		}
		near(t, test.name+": power", power, 0.8, 12)
	}
}

type sized interface {
	Size(power float64) (float64, error)
	Power(n float64) (float64, error)
}

// Two groups have one F test and one t test, and F counts the wrong direction too:
// it is the less likely, the larger the effect. Without an effect both would have
// the power alpha and alpha/2.
func TestTwoGroupsAreOneDesign(t *testing.T) {
	for _, d := range []float64{0.01, 0.5, 1, 2, 4} {
		for _, n := range []float64{2, 3, 6, 17.5, 100} {
			upper, err := stats.TwoMeans{D: d, Alpha: 0.05}.Power(n)
			if err != nil {
				t.Fatal(err)
			}
			both, err := stats.ManyMeans{Groups: 2, Between: d * d / 2, Within: 1, Alpha: 0.05}.Power(n)
			if err != nil {
				t.Fatal(err)
			}
			if wrong := both - upper; wrong < -1e-13 || wrong > 0.025 {
				t.Errorf("d = %v, n = %v: t has %v, F %v", d, n, upper, both)
			}
			if d == 4 && n == 3 { // the wrong direction has 4e-10
				near(t, "F beside t", both, upper, 9)
			}
		}
	}
}

func TestPowerGrows(t *testing.T) {
	last := 0.0
	for n := 2.0; n < 5000; n *= 1.3 {
		p, err := stats.TwoMeans{D: 0.3, Alpha: 0.01}.Power(n)
		if err != nil {
			t.Fatal(err)
		}
		if p < last || p > 1 {
			t.Errorf("at n = %v the power is %v, after %v", n, p, last)
		}
		last = p
	}
	if last < 0.9999 {
		t.Errorf("the power ends at %v", last)
	}
	small, err := stats.TwoMeans{D: 50, Alpha: 0.05}.Size(0.8)
	if err != nil || small != 2 {
		t.Errorf("n = %v, %v; no study has fewer than 2", small, err)
	}
	large, err := stats.TwoMeans{D: 0.02, Alpha: 0.05}.Size(0.8)
	quantiles := (1.959963984540054 + 0.8416212335729143) / 0.02
	if normal := 2 * quantiles * quantiles; err != nil || math.Abs(large-normal) > 2 { // normal quantiles of 0.975 and 0.8
		t.Errorf("n = %v, %v; by the normal distribution %v", large, err, normal)
	}
}

func TestPowerRefusesWhatIsNoDesign(t *testing.T) {
	ok := stats.TwoMeans{D: 1, Alpha: 0.05}
	for _, test := range []struct {
		name, says string
		run        func() (float64, error)
	}{
		{"one unit", "1 units per group", func() (float64, error) { return ok.Power(1) }},
		{"no number of units", "NaN units", func() (float64, error) { return ok.Power(math.NaN()) }},
		{"no effect", "0 standard deviations apart", func() (float64, error) { return stats.TwoMeans{Alpha: 0.05}.Power(6) }},
		{"an endless effect", "+Inf standard", func() (float64, error) { return stats.TwoMeans{D: math.Inf(1), Alpha: 0.05}.Power(6) }},
		{"no level", "alpha is 0", func() (float64, error) { return stats.TwoMeans{D: 1}.Size(0.8) }},
		{"power below the level", "power is 0.01", func() (float64, error) { return ok.Size(0.01) }},
		{"certainty", "power is 1", func() (float64, error) { return ok.Size(1) }},
		{"too small an effect", "units per group are needed", func() (float64, error) { return stats.TwoMeans{D: 0.006, Alpha: 0.001}.Size(0.99) }},
		{"one group", "1 groups", func() (float64, error) {
			return stats.ManyMeans{Groups: 1, Between: 1, Within: 1, Alpha: 0.05}.Power(6)
		}},
		{"no variance within", "variances of 1 between and 0 within", func() (float64, error) {
			return stats.ManyMeans{Groups: 3, Between: 1, Alpha: 0.05}.Power(6)
		}},
	} {
		if _, err := test.run(); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%s: %v, want %q", test.name, err, test.says)
		}
	}
}

// R 4.2.2: wilcox.test of completely separated groups, exact.
func TestRankTestsHaveALeastP(t *testing.T) {
	for _, test := range []struct {
		m, n int
		want float64
	}{{1, 1, 1}, {1, 2, 2. / 3}, {3, 3, 0.1}, {4, 4, 2. / 70}, {5, 5, 2. / 252}, {3, 6, 2. / 84}, {6, 3, 2. / 84}} {
		p, err := stats.LeastRankSumP(test.m, test.n)
		if err != nil {
			t.Fatal(err)
		}
		near(t, "rank sum", p, test.want, 14)
	}
	for n, want := range map[int]float64{1: 1, 4: 0.125, 5: 0.0625, 6: 0.03125} {
		if p, err := stats.LeastSignedRankP(n); err != nil || p != want {
			t.Errorf("%d pairs: %v, %v; want %v", n, p, err, want)
		}
	}
	if _, err := stats.LeastRankSumP(0, 3); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
	if _, err := stats.LeastSignedRankP(0); !fault.Is(err, fault.Invalid) {
		t.Error(err)
	}
}

func BenchmarkSize(b *testing.B) {
	for b.Loop() {
		if _, err := (stats.TwoMeans{D: 0.5, Alpha: 0.05}).Size(0.8); err != nil {
			b.Fatal(err)
		}
	}
}
