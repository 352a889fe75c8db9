package design_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"secretome/internal/design"
	"secretome/internal/fault"
	"secretome/internal/quantity"
)

func q(t testing.TB, text string) quantity.Quantity {
	t.Helper()
	if text == "" {
		return quantity.Quantity{}
	}
	got, err := quantity.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestTheFractionIsConstant(t *testing.T) {
	for _, test := range []struct{ fraction, dose, conditioned, unconditioned, says string }{
		{"20 %{v/v}", "5 %{v/v}", "5 %{v/v}", "15 %{v/v}", ""},
		{"20 %{v/v}", "20 %{v/v}", "20 %{v/v}", "0 %{v/v}", ""},
		{"20 %{v/v}", "", "0 %{v/v}", "20 %{v/v}", ""},
		{"50 %{v/v}", "0.78125 %{v/v}", "0.78125 %{v/v}", "49.21875 %{v/v}", ""},
		{"0.3 %{v/v}", "0.1 %{v/v}", "0.1 %{v/v}", "0.2 %{v/v}", ""}, // in floating point it is 0.19999999999999998
		{"100 %{v/v}", "100 %{v/v}", "100 %{v/v}", "0 %{v/v}", ""},
		{"20 %{v/v}", "20.001 %{v/v}", "", "", "a dose of 20.001 %{v/v} does not fit into the constant fraction 20 %{v/v}"},
		{"20 %{v/v}", "-1 %{v/v}", "", "", "a dose of -1 %{v/v} does not fit"},
		{"101 %{v/v}", "1 %{v/v}", "", "", "the constant fraction 101 %{v/v}"},
		{"20 %{v/v}", "5 ug/mL", "", "", "5 ug/mL is a mass concentration"},
		{"20 %", "5 %{v/v}", "", "", "20 % is"},
		{"", "5 %{v/v}", "", "", "not given"},
	} {
		mix, err := design.Split(q(t, test.fraction), q(t, test.dose))
		if test.says != "" {
			if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%q of %q: %v, want %q", test.dose, test.fraction, err, test.says)
			}
			continue
		}
		if err != nil || mix.Conditioned != q(t, test.conditioned) || mix.Unconditioned != q(t, test.unconditioned) {
			t.Errorf("%q of %q: %v and %v, %v", test.dose, test.fraction, mix.Conditioned, mix.Unconditioned, err)
		}
	}
}

func TestThePartsAddUpToTheFraction(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 500 {
		n := r.IntN(10_000_000)
		fraction, dose := q(t, fmt.Sprintf("%d.%05d %%{v/v}", n/100_000, n%100_000)), r.IntN(n+1)
		mix, err := design.Split(fraction, q(t, fmt.Sprintf("%d.%05d %%{v/v}", dose/100_000, dose%100_000)))
		if err != nil {
			t.Fatal(err)
		}
		sum, err := mix.Conditioned.Add(mix.Unconditioned)
		if c, _ := sum.Compare(fraction); err != nil || c != 0 {
			t.Fatalf("%s and %s are %s, not %s", mix.Conditioned, mix.Unconditioned, sum, fraction)
		}
	}
}

func TestSeriesOfDosesAreExact(t *testing.T) {
	for _, test := range []struct {
		top, fold        string
		levels, decimals int
		want             string
		says             string
	}{
		{"50 %{v/v}", "2", 7, 18, "0.78125 1.5625 3.125 6.25 12.5 25 50", ""},
		{"100 %{v/v}", "10", 4, 2, "0.1 1 10 100", ""},
		{"50 %{v/v}", "1.2", 8, 3, "13.954 16.745 20.094 24.113 28.935 34.722 41.667 50", ""}, // 50/1.2ⁿ, each from the exact number
		{"9 ug/mL", "3", 3, 18, "1 3 9", ""},
		{"5 ug/mL", "2", 1, 0, "5", ""},
		{"50 %{v/v}", "1", 3, 2, "", "no series"},
		{"50 %{v/v}", "0.5", 3, 2, "", "no series"},
		{"50 %{v/v}", "2", 0, 2, "", "no series"},
		{"50 %{v/v}", "2", 41, 2, "", "no series"},
		{"0 %{v/v}", "2", 3, 2, "", "no series"},
		{"50 %{v/v}", "two", 3, 2, "", "two"},
		{"1 %{v/v}", "2", 3, 0, "", "level 2"}, // 0.5 is rounded to 1
		{"1 %{v/v}", "10", 3, 1, "", "level 3 of the series is 0"},
	} {
		doses, err := design.Dilutions(q(t, test.top), test.fold, test.levels, test.decimals)
		if test.says != "" {
			if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("%s by %s: %v, want %q", test.top, test.fold, err, test.says)
			}
			continue
		}
		var got []string
		for _, d := range doses {
			got = append(got, d.Amount())
		}
		if err != nil || strings.Join(got, " ") != test.want {
			t.Errorf("%s by %s: %v, %v; want %s", test.top, test.fold, got, err, test.want)
		}
	}
}

func TestAGroupIsMissed(t *testing.T) {
	for _, test := range []struct {
		name, codes string
		on          []design.Occasion
		want        string
	}{
		{"a cytotoxicity plate", "BLK CMB NC VC T1 T8 KC", []design.Occasion{design.OnPlates, design.Cytotoxic}, ""},
		{"without blanks of conditioned medium", "BLK NC VC CM20 KC", []design.Occasion{design.OnPlates, design.Cytotoxic}, "CMB"},
		{"an inflammation plate", "BLK CMB NC VC CM0 MC MV T1 PC", []design.Occasion{design.OnPlates, design.Stressed}, ""},
		{"a stress without its vehicle", "NC VC CM0 MC T1 PC", []design.Occasion{design.Stressed}, "MV"},
		{"names of the laboratory's own", "ALPHA", nil, "NC VC T"},
	} {
		var got []string
		for _, k := range design.Lacking(strings.Fields(test.codes), test.on...) {
			got = append(got, k.Code)
		}
		if strings.Join(got, " ") != test.want {
			t.Errorf("%s lacks %v, want %q", test.name, got, test.want)
		}
	}
	var open []string
	for _, k := range design.Kinds() {
		if k.Open {
			open = append(open, k.Code)
		}
		if k.Title == "" || k.Purpose == "" || k.When == "" {
			t.Errorf("%s says too little", k.Code)
		}
	}
	if !slices.Equal(open, []string{"BLK", "CMB", "NC", "KC"}) {
		t.Errorf("open are %v", open)
	}
	if k, ok := design.KindOf("CM0"); !ok || k.Code != "CM0" {
		t.Errorf("CM0 is a %s", k.Code)
	}
}
