package quantity

import (
	"strings"
	"testing"

	"secretome/internal/fault"
)

func TestAHundredDrawsEmptyTheLot(t *testing.T) {
	lot, draw := given(t, "10 mL"), given(t, "0.1 mL")
	for range 100 {
		var err error
		if lot, err = lot.Sub(draw); err != nil {
			t.Fatal(err)
		}
	}
	if lot.String() != "0 mL" || lot.Sign() != 0 || lot.IsZero() {
		t.Errorf("%s is left", lot)
	}
	if lot, _ = lot.Sub(draw); lot.Sign() != -1 {
		t.Errorf("after draw 101 %s is left", lot)
	}
}

func TestSumsAreExact(t *testing.T) {
	for _, test := range []struct{ a, b, sum, rest string }{
		{"1.12 mL", "1120 uL", "2.24 mL", "0 mL"},
		{"0.1 mL", "0.2 mL", "0.3 mL", "-0.1 mL"},
		{"2 mL", "-0.88 mL", "1.12 mL", "2.88 mL"},
		{"1 h", "90 min", "2.5 h", "-0.5 h"},
		{"500 mL", "1 L", "1500 mL", "-500 mL"},
		{"500000 {cells}", "1 {cells}", "500001 {cells}", "499999 {cells}"},
		{"0.00000000000000000001 g", "1 g", "1.00000000000000000001 g", "-0.99999999999999999999 g"},
	} {
		a, b := given(t, test.a), given(t, test.b)
		sum, err := a.Add(b)
		rest, errRest := a.Sub(b)
		if err != nil || errRest != nil || sum.String() != test.sum || rest.String() != test.rest {
			t.Errorf("%s and %s: %s, %s, %v, %v", a, b, sum, rest, err, errRest)
		}
	}
}

func TestProductsAreExact(t *testing.T) {
	for _, test := range []struct{ a, b, unit, want string }{
		{"5 mL", "0.3 1", "mL", "1.5 mL"},
		{"5 mL", "10 %", "uL", "500 uL"},
		{"200 uL", "50 ug/mL", "ug", "10 ug"},
		{"5000 {cells}/cm2", "75 cm2", "{cells}", "375000 {cells}"},
		{"0.15 mL/cm2", "175 cm2", "mL", "26.25 mL"},
		{"1.25 mW/cm2", "40 s", "mJ/cm2", "50 mJ/cm2"}, // 1 W is 1 J/s
	} {
		got, err := given(t, test.a).Mul(given(t, test.b), test.unit)
		if err != nil || got.String() != test.want {
			t.Errorf("%s times %s = %s, %v; want %s", test.a, test.b, got, err, test.want)
		}
	}
}

func TestQuotientsAreRoundedAtTheStatedPlace(t *testing.T) {
	for _, test := range []struct {
		a, b, unit string
		decimals   int
		want       string
	}{
		{"50 mJ/cm2", "1.25 mW/cm2", "s", 0, "40 s"},
		{"10 ug", "2 mg/mL", "uL", 1, "5 uL"},
		{"1 mL", "3 1", "uL", 1, "333.3 uL"},
		{"2 mL", "3 1", "uL", 1, "666.7 uL"},
		{"0.25 mL", "1 1", "mL", 1, "0.3 mL"}, // half away from zero
		{"-0.25 mL", "1 1", "mL", 1, "-0.3 mL"},
		{"-0.01 mL", "1 1", "mL", 1, "0 mL"}, // nothing has no sign
		{"5 %{v/v}", "100 %{v/v}", "1", 4, "0.05 1"},
		{"6 mL", "8 mL", "%", 2, "75 %"},
		{"1 mL", "3 1", "mL", 99, "0.333333333333333333 mL"},
		{"9 mL", "2 1", "mL", -1, "5 mL"},
	} {
		got, err := given(t, test.a).Div(given(t, test.b), test.unit, test.decimals)
		if err != nil || got.String() != test.want {
			t.Errorf("%s by %s = %s, %v; want %s", test.a, test.b, got, err, test.want)
		}
	}
	if q, err := given(t, "0.449 mL").Round(1); err != nil || q.String() != "0.4 mL" {
		t.Errorf("0.449 mL rounded once is %s, %v", q, err)
	}
}

func TestArithmeticRefuses(t *testing.T) {
	add := func(a, b string) error { _, err := given(t, a).Add(given(t, b)); return err }
	mul := func(a, b, unit string) error { _, err := given(t, a).Mul(given(t, b), unit); return err }
	div := func(a, b, unit string) error { _, err := given(t, a).Div(given(t, b), unit, 3); return err }
	for _, test := range []struct {
		name string
		err  error
		want string
	}{
		{"another dimension", add("1 mL", "1 mg"), "1 mg is a mass, not a volume"},
		{"points on a scale", add("37 Cel", "1 Cel"), "37 Cel is a point on a scale"},
		{"a difference to a point", add("37 Cel", "1 K"), "37 Cel is a point on a scale"},
		{"a multiple of a pH", mul("7 [pH]", "2 1", "[pH]"), "7 [pH] is a point on a scale"},
		{"a sum that is no decimal in the unit", add("1 h", "1 s"), "no exact decimal in h"},
		{"a product of another dimension", mul("1 mL", "1 ug/mL", "mL"), "1 mL times 1 ug/mL is a mass, not a volume"},
		{"a quotient of another dimension", div("1 mL", "1 ug/mL", "mL"), "1 mL divided by 1 ug/mL is a"},
		{"a share of volume times a volume", mul("5 %{v/v}", "1 mL", "mL"), "not a volume"},
		{"a division by nothing", div("1 mL", "0.0 1", "mL"), "nothing can be divided by 0.0 1"},
		{"an unknown unit", mul("1 mL", "1 1", "ml"), `unknown unit "ml"`},
		{"a product of more than 40 digits", mul(strings.Repeat("9", 40)+" mL", "11 1", "mL"), "no exact decimal in mL"},
		{"a quotient of more than 40 digits", div(strings.Repeat("9", 40)+" mL", "0.1 1", "mL"), "more than 40 digits"},
	} {
		if !fault.Is(test.err, fault.Invalid) || !strings.Contains(sentence(test.err), test.want) {
			t.Errorf("%s: %v, want %s", test.name, test.err, test.want)
		}
	}
}
