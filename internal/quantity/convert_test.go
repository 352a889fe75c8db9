package quantity

import (
	"strings"
	"testing"
	"time"

	"secretome/internal/fault"
)

// given reads a quantity that a test was written with.
func given(t *testing.T, text string) Quantity {
	t.Helper()
	q, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestConversionIsExact(t *testing.T) {
	for _, test := range []struct{ in, unit, want string }{
		{"1120 uL", "mL", "1.12 mL"},
		{"1.5 h", "min", "90 min"},
		{"50 ng/mL", "ug/mL", "0.05 ug/mL"},
		{"50 ug/mL", "mg/L", "50 mg/L"},
		{"9.10 mL", "mL", "9.10 mL"},
		{"9.10 mL", "uL", "9100 uL"},
		{"300 J/m2", "mJ/cm2", "30 mJ/cm2"},
		{"1 mW/cm2", "W/m2", "10 W/m2"},
		{"2.5 kOhm.cm2", "Ohm.cm2", "2500 Ohm.cm2"},
		{"2 10*6.{cells}/mL", "{cells}/uL", "2000 {cells}/uL"},
		{"0.25 %{w/v}", "mg/mL", "2.5 mg/mL"}, // 0.25 g in 100 mL
		{"70 [iU]/mL", "[EU]/mL", "70 [EU]/mL"},
		{"1 cm3", "mL", "1 mL"},
		{"37.0 Cel", "K", "310.15 K"},
		{"0 K", "Cel", "-273.15 Cel"},
		{"-1 Cel/min", "K/min", "-1 K/min"}, // a difference has no offset
		{"5 %", "1", "0.05 1"},
		{"1 fmol", "kmol", "0.000000000000000001 kmol"},
		{"1.5 fg", "kg", "0.0000000000000000015 kg"}, // 19 places, all of them

		{"100 h", "d", "4.166666666666666667 d"},
		{"-100 h", "d", "-4.166666666666666667 d"},
		{"1 s", "a", "0.000000031688087814 a"},
		{"0.01 s", "a", "0.000000000316880878140289502370268968489 a"},
	} {
		got, err := given(t, test.in).In(test.unit)
		if err != nil || got.String() != test.want {
			t.Errorf("%s in %s = %q, %v; want %q", test.in, test.unit, got, err, test.want)
		}
	}
}

func TestConversionRefusesWhatCannotBeWritten(t *testing.T) {
	q := Quantity{strings.Repeat("9", 40), "kg"}
	if _, err := q.In("fg"); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "cannot be written in fg with 40 digits") {
		t.Errorf("58 digits: %v", err)
	}
	q = Quantity{"0.00000000000000000000000000000000000001", "s"} // 38 places
	if got, err := q.In("a"); err == nil {
		t.Errorf("almost nothing became %s", got)
	}
}

func TestDimensionsDoNotMix(t *testing.T) {
	for _, test := range []struct{ in, unit, want string }{
		{"1 mL", "mg", "1 mL is a volume, not a mass; give it in mg"},
		{"1 cm2", "mL", "1 cm2 is an area, not a volume"},
		{"1 {AU}", "1", "1 {AU} is an absorbance, not a ratio"},
		{"1 mL", "furlong", `unknown unit "furlong"`},
	} {
		if _, err := given(t, test.in).In(test.unit); !strings.Contains(sentence(err), test.want) {
			t.Errorf("%s in %s: %s, want %s", test.in, test.unit, sentence(err), test.want)
		}
	}
	if _, err := given(t, "1 mL").Compare(given(t, "1 mg")); err == nil {
		t.Error("a volume was compared with a mass")
	}
}

func TestWhatIsNotGivenHasNoValue(t *testing.T) {
	q := given(t, "1 mL")
	_, in := Quantity{}.In("mL")
	_, left := Quantity{}.Compare(q)
	_, right := q.Compare(Quantity{})
	_, both := Quantity{}.Compare(Quantity{})
	_, float := Quantity{}.Float("mL")
	_, add := q.Add(Quantity{})
	_, sub := Quantity{}.Sub(q)
	_, mul := q.Mul(Quantity{}, "mL")
	_, div := Quantity{}.Div(q, "1", 2)
	_, by := q.Div(Quantity{}, "1", 2)
	_, round := Quantity{}.Round(1)
	for i, err := range []error{in, left, right, both, float, add, sub, mul, div, by, round} {
		if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), "not given") {
			t.Errorf("%d: %v", i, err)
		}
	}
}

func TestCompareIsExact(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"0.3 mL", "300.0 uL", 0},
		{"0.3 mL", "300.0000000000000000000000000000001 uL", -1}, // the same float64
		{"1 g/L", "1 mg/mL", 0},
		{"37 Cel", "310.15 K", 0},
		{"37.01 Cel", "310.15 K", 1},
		{"-1 mL", "1 uL", -1},
	} {
		if c, err := given(t, test.a).Compare(given(t, test.b)); c != test.want || err != nil {
			t.Errorf("%s against %s: %d, %v; want %d", test.a, test.b, c, err, test.want)
		}
	}
}

func TestFloatIsTheNearest(t *testing.T) {
	for _, test := range []struct {
		in, unit string
		want     float64
	}{{"1120 uL", "mL", 1.12}, {"1 fg", "kg", 1e-18}, {"1 d", "wk", 1.0 / 7}, {"1 min", "d", 1.0 / 1440}, {"37 Cel", "K", 310.15}} {
		if f, err := given(t, test.in).Float(test.unit); f != test.want || err != nil {
			t.Errorf("%s in %s: %v, %v; want %v", test.in, test.unit, f, err, test.want)
		}
	}
}

func TestDuration(t *testing.T) {
	if d, err := given(t, "1.5 h").Duration(); d != 90*time.Minute || err != nil {
		t.Errorf("1.5 h = %v, %v", d, err)
	}
	if d, err := given(t, "1.9999999999 s").Duration(); d != 1999999999 || err != nil {
		t.Errorf("the tenth of a nanosecond: %v, %v", d, err)
	}
	// math.MaxInt64 nanoseconds are 292.27 Julian years.
	if d, err := given(t, "293 a").Duration(); !fault.Is(err, fault.Invalid) {
		t.Errorf("293 a = %v, %v", d, err)
	}
	if _, err := given(t, "1 mL").Duration(); err == nil {
		t.Error("a volume is a duration")
	}
}
