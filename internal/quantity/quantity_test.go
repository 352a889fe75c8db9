package quantity

import (
	"strings"
	"testing"

	"secretome/internal/fault"
)

func TestParse(t *testing.T) {
	for _, test := range []struct {
		name, in, want, err string
	}{
		{"a point is the decimal mark", "9.10 mL", "9.10 mL", ""},
		{"a comma is the decimal mark", "9,1 mL", "9.1 mL", ""},
		{"micro may be u or µ or μ", "10 µL", "10 uL", ""},
		{"a Greek mu is micro too", "10 μL", "10 uL", ""},
		{"no blank is needed", "48h", "48 h", ""},
		{"degrees have a spoken name", "37,0 °C", "37.0 Cel", ""},
		{"degrees may be one sign", "37℃", "37 Cel", ""},
		{"degrees may lack the sign", "37 C", "37 Cel", ""},
		{"a minus sign may be typographic", "−80 Cel", "-80 Cel", ""},
		{"a plus sign is dropped", "+5 mL", "5 mL", ""},
		{"zeros before the number are dropped", "007.50 mL", "7.50 mL", ""},
		{"a number may begin with its mark", ",125 mL", "0.125 mL", ""},
		{"nothing has no sign", "-0,00 mL", "0.00 mL", ""},
		{"blanks of print are blanks", "9.1\u00a0mL", "9.1 mL", ""},
		{"three decimals behind a zero are no thousands", "0,125 mL", "0.125 mL", ""},
		{"a point is never a thousands mark", "1.500 mL", "1.500 mL", ""},
		{"a litre may be small", "5 ml", "5 mL", ""},
		{"a litre may be small in a quotient", "5 ug/ml", "5 ug/mL", ""},
		{"exponents may be raised", "30 mJ/cm²", "30 mJ/cm2", ""},
		{"negative exponents may be raised", "30 s⁻¹", "30 s-1", ""},
		{"a product may have a raised point", "900 Ω·cm²", "900 Ohm.cm2", ""},
		{"millimolar is a concentration", "5 mM", "5 mmol/L", ""},
		{"micromolar is a concentration", "5 µM", "5 umol/L", ""},
		{"millimetre is a length", "5 mm", "5 mm", ""},
		{"cells are counted in words", "500000 cells", "500000 {cells}", ""},
		{"cells per area are said in words", "5000 cells/cm²", "5000 {cells}/cm2", ""},
		{"endotoxin units have no brackets at the bench", "0.5 EU/ml", "0.5 [EU]/mL", ""},
		{"osmoles are written with a capital", "290 mOsm/kg", "290 mosm/kg", ""},
		{"ten to the sixth is a unit", "2 10*6.{cells}/mL", "2 10*6.{cells}/mL", ""},
		{"ten to the sixth may have a caret", "2 ug/(10^6.cells)", "2 ug/(10*6.{cells})", ""},
		{"a rate has a unit", "-1 °C/min", "-1 Cel/min", ""},
		{"a share of volume is said in words", "5 % v/v", "5 %{v/v}", ""},
		{"a plain number has the unit 1", "3 1", "3 1", ""},
		{"relative force is said in words", "300 × g", "300 [g]", ""},

		{"a bare number is refused", "300", "", `"300" has no unit; write the unit behind the number, for instance 300 mL`},
		{"a comma that may be a thousands mark is refused", "1,500 mL", "", `"1,500" may have a thousands mark; write it without`},
		{"two marks are refused", "1.500,0 mL", "", `"1.500,0" may have a thousands mark`},
		{"a blank between digits is refused", "1 500 mL", "", `"1 500 mL" has a thousands mark; write the digits without`},
		{"a thin blank between digits is refused", "1\u202f500 mL", "", "has a thousands mark"},
		{"a blank in a bare number is refused", "1 500", "", "has a thousands mark"},
		{"an apostrophe is refused", "1'500 mL", "", "has a thousands mark"},
		{"a typographic apostrophe is refused", "1’500’000 {cells}", "", "has a thousands mark"},
		{"an underscore is refused", "1_500 mL", "", "has a thousands mark"},
		{"an exponent is refused and written out", "1e6 {cells}", "", `"1e6 {cells}" has a power of ten; write all digits: 1000000 {cells}`},
		{"a decimal with an exponent is written out", "1,25E-3 mL", "", "write all digits: 0.00125 mL"},
		{"a power of ten is written out", "2x10^6 cells", "", "write all digits: 2000000 cells"},
		{"a power of ten that lost its caret is refused", "2 × 106 cells", "", "has a power of ten; write all digits of the number"},
		{"a vast exponent is refused in short", "1e999999999999999999999 mL", "", "has a power of ten; write all digits of the number"},
		{"an exponent that would take hours is refused at once", "1e900000000 mL", "", "has a power of ten; write all digits of the number"},
		{"a fraction is refused", "1/2 mL", "", `"1/2 mL" is a fraction; write it as a decimal`},
		{"a fraction of one sign is refused", "1½ mL", "", "is a fraction"},
		{"a range is refused", "2–5 mL", "", `"2–5 mL" has two numbers`},
		{"a range with a hyphen is refused", "2-5 mL", "", "has two numbers"},
		{"a range in words is refused", "2 to 5 mL", "", "has two numbers"},
		{"an error is refused", "5 ± 1 mL", "", "has two numbers"},
		{"two quantities are refused", "1 h 30 min", "", "has two numbers"},
		{"a bound is refused", "<5 mL", "", `"<5 mL" is a bound or a guess, no quantity`},
		{"an estimate is refused", "~5 mL", "", "is a bound or a guess"},
		{"a hexadecimal number is refused", "0x1F mL", "", `"0x1F mL" is no decimal number`},
		{"not a number is refused", "NaN mL", "", `"NaN mL" is no quantity, since its number is not finite`},
		{"an infinity is refused", "-Inf mL", "", "its number is not finite"},
		{"infinity in full is refused", "infinity mL", "", "its number is not finite"},
		{"infinity as a sign is refused", "∞ mL", "", "its number is not finite"},
		{"full-width digits are refused", "１５ mL", "", `"１５ mL" has digits of another script; write the digits 0 to 9`},
		{"Arabic digits are refused", "٣ mL", "", "digits of another script"},
		{"a mark behind the number is refused", "5. mL", "", `"5." is no decimal number`},
		{"two signs are refused", "--5 mL", "", "is no decimal number"},
		{"a sign alone is refused", "- mL", "", "is no quantity"},
		{"41 digits are refused", strings.Repeat("1", 41) + " mL", "", "has more than 40 digits"},
		{"a long text is cut", strings.Repeat("é", 150) + " mL", "", "é…\" is too long for a quantity"},
		{"nothing is refused", "", "", "is no quantity"},
		{"words are refused", "many mL", "", "is no quantity"},

		{"an unknown unit is named", "3 furlong", "", `unknown unit "furlong"`},
		{"a unit in capitals is answered with what may be meant", "3 MG", "", `unknown unit "MG"; units that look like it: mg`},
		{"megagrams are no slip that passes", "3 Mg", "", `unknown unit "Mg"; units that look like it: mg`},
		{"an unknown count is answered with the known", "3 {legs}", "", "what is counted is one of {AU}, {RFU}, {RLU}, {cells}"},
		{"a rotor's speed is refused", "1200 rpm", "", `unknown unit "rpm"; a rotor's speed says nothing without its radius`},
		{"words behind the unit are refused", "3 mL of water", "", `unknown unit "mL of water"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Parse(test.in)
			if test.err != "" {
				if err == nil || !strings.Contains(sentence(err), test.err) || !fault.Is(err, fault.Invalid) {
					t.Fatalf("Parse(%q) = %v, %v; want an error with %q", test.in, got, sentence(err), test.err)
				}
				return
			}
			if err != nil || got.String() != test.want {
				t.Errorf("Parse(%q) = %q, %v; want %q", test.in, got, err, test.want)
			}
		})
	}
}

// sentence is what a person sees: what is wrong, and what to do.
func sentence(err error) string {
	if err == nil {
		return ""
	}
	f := fault.Of(err)
	return f.Message + "; " + f.Help
}

func TestNewTakesCodesOnly(t *testing.T) {
	if q, err := New("0,05", "mL"); err != nil || q.String() != "0.05 mL" {
		t.Errorf("New: %v, %v", q, err)
	}
	for _, bad := range [][2]string{{"1", "ml"}, {"1", "cells"}, {"1", "°C"}, {"1e3", "mL"}, {"", "mL"}, {"1", ""}} {
		if q, err := New(bad[0], bad[1]); !fault.Is(err, fault.Invalid) {
			t.Errorf("New(%q, %q) = %v, %v", bad[0], bad[1], q, err)
		}
	}
}

func TestTextOfNothingIsNotGiven(t *testing.T) {
	q, _ := New("1", "mL")
	if err := q.UnmarshalText(nil); err != nil || !q.IsZero() || q.String() != "" {
		t.Errorf("%v, %v", q, err)
	}
	if err := q.UnmarshalText([]byte("1")); err == nil || !q.IsZero() {
		t.Errorf("a bad text left %v, %v", q, err)
	}
}

func TestPeopleReadUnitsOfTheirs(t *testing.T) {
	for text, want := range map[string]string{"-80 Cel": "−80 °C", "30 ug/mL": "30 µg/mL", "39 wk": "39 weeks", "12 {wells}": "12 wells", "3 1": "3", "5000 {cells}/cm2": "5000 cells/cm²"} {
		q, err := Parse(text)
		if err != nil || q.Words() != want {
			t.Errorf("%s reads %q, %v; want %q", text, q.Words(), err, want)
		}
	}
}
