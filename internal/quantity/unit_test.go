package quantity

import (
	"math/big"
	"slices"
	"strings"
	"testing"
)

// factors were computed with exact fractions, by a program of its own, from the
// definitions in ucum-essence.xml, version 2.2 of 2024-06-17; mol, osm and the
// arbitrary units were taken as bases, [EU] as [iU], and a lone % of volume as 1.
var factors = []struct{ code, factor, base string }{
	{"ms", "1/1000", "s"}, {"s", "1", "s"}, {"min", "60", "s"}, {"h", "3600", "s"}, {"d", "86400", "s"}, {"wk", "604800", "s"}, {"a", "31557600", "s"},
	{"nm", "1/1000000000", "m"}, {"um", "1/1000000", "m"}, {"mm", "1/1000", "m"}, {"cm", "1/100", "m"}, {"dm", "1/10", "m"}, {"m", "1", "m"},
	{"km", "1000", "m"}, {"cm2", "1/10000", "m2"}, {"mm2", "1/1000000", "m2"}, {"m2", "1", "m2"}, {"um3", "1/1000000000000000000", "m3"},
	{"cm3", "1/1000000", "m3"}, {"nL", "1/1000000000000", "m3"}, {"uL", "1/1000000000", "m3"}, {"mL", "1/1000000", "m3"}, {"dL", "1/10000", "m3"},
	{"L", "1/1000", "m3"}, {"kL", "1", "m3"}, {"pg", "1/1000000000000", "g"}, {"ng", "1/1000000000", "g"}, {"ug", "1/1000000", "g"},
	{"mg", "1/1000", "g"}, {"g", "1", "g"}, {"kg", "1000", "g"}, {"fmol", "1/1000000000000000", "mol"}, {"pmol", "1/1000000000000", "mol"},
	{"nmol", "1/1000000000", "mol"}, {"umol", "1/1000000", "mol"}, {"mmol", "1/1000", "mol"}, {"mol", "1", "mol"}, {"pg/mL", "1/1000000", "g.m-3"},
	{"ng/mL", "1/1000", "g.m-3"}, {"ng/uL", "1", "g.m-3"}, {"ug/uL", "1000", "g.m-3"}, {"ug/mL", "1", "g.m-3"}, {"ug/L", "1/1000", "g.m-3"},
	{"mg/L", "1", "g.m-3"}, {"mg/dL", "10", "g.m-3"}, {"mg/mL", "1000", "g.m-3"}, {"g/L", "1000", "g.m-3"}, {"kg/m3", "1000", "g.m-3"},
	{"nmol/L", "1/1000000", "mol.m-3"}, {"umol/L", "1/1000", "mol.m-3"}, {"mmol/L", "1", "mol.m-3"}, {"mol/L", "1000", "mol.m-3"},
	{"mol/m3", "1", "mol.m-3"}, {"umol/kg", "1/1000000000", "mol.g-1"}, {"mosm/kg", "1/1000000", "osm.g-1"}, {"osm/kg", "1/1000", "osm.g-1"},
	{"mosm/L", "1", "osm.m-3"}, {"%", "1/100", "1"}, {"1", "1", "1"}, {"10*6", "1000000", "1"}, {"[ppm]", "1/1000000", "1"}, {"%{v/v}", "1", "%{v/v}"},
	{"%{w/v}", "10000", "g.m-3"}, {"{cells}", "1", "{cells}"}, {"{cells}/mL", "1000000", "{cells}.m-3"}, {"{cells}/uL", "1000000000", "{cells}.m-3"},
	{"10*6.{cells}/mL", "1000000000000", "{cells}.m-3"}, {"{cells}/cm2", "10000", "{cells}.m-2"}, {"{cells}/mm2", "1000000", "{cells}.m-2"},
	{"ug/(10*6.{cells})", "1/1000000000000", "g/{cells}"}, {"{particles}/mL", "1000000", "{particles}.m-3"},
	{"{copies}/uL", "1000000000", "{copies}.m-3"}, {"[iU]/mL", "1000000", "[iU].m-3"}, {"k[iU]/L", "1000000", "[iU].m-3"},
	{"[EU]/mL", "1000000", "[iU].m-3"}, {"[EU]/mg", "1000", "[iU].g-1"}, {"[CFU]/mL", "1000000", "[CFU].m-3"}, {"[PFU]/mL", "1000000", "[PFU].m-3"},
	{"U/mL", "1/60", "mol.m-3.s-1"}, {"U/L", "1/60000", "mol.m-3.s-1"}, {"nkat/L", "1/1000000", "mol.m-3.s-1"}, {"mU/mg", "1/60000000", "mol.g-1.s-1"},
	{"J/m2", "1000", "g.s-2"}, {"mJ/cm2", "10000", "g.s-2"}, {"J/cm2", "10000000", "g.s-2"}, {"kJ/m2", "1000000", "g.s-2"}, {"W/m2", "1000", "g.s-3"},
	{"mW/cm2", "10000", "g.s-3"}, {"uW/cm2", "10", "g.s-3"}, {"Ohm", "1000", "g.m2.A-2.s-3"}, {"kOhm", "1000000", "g.m2.A-2.s-3"},
	{"Ohm.cm2", "1/10", "g.m4.A-2.s-3"}, {"kOhm.cm2", "100", "g.m4.A-2.s-3"}, {"Ohm.m2", "1000", "g.m4.A-2.s-3"}, {"mS/cm", "1/10000", "A2.s3.g-1.m-3"},
	{"g/m2/h", "1/3600", "g.m-2.s-1"}, {"mg/cm2/h", "1/360", "g.m-2.s-1"}, {"g/(m2.h)", "1/3600", "g.m-2.s-1"}, {"Pa", "1000", "g.m-1.s-2"},
	{"kPa", "1000000", "g.m-1.s-2"}, {"hPa", "100000", "g.m-1.s-2"}, {"mbar", "100000", "g.m-1.s-2"}, {"bar", "100000000", "g.m-1.s-2"},
	{"mm[Hg]", "133322", "g.m-1.s-2"}, {"N/m", "1000", "g.s-2"}, {"mN", "1", "g.m.s-2"}, {"V", "1000", "g.m2.A-1.s-3"}, {"mV", "1", "g.m2.A-1.s-3"},
	{"uA", "1/1000000", "A"}, {"mA", "1/1000", "A"}, {"W", "1000", "g.m2.s-3"}, {"mW", "1", "g.m2.s-3"}, {"J", "1000", "g.m2.s-2"},
	{"kJ", "1000000", "g.m2.s-2"}, {"kHz", "1000", "s-1"}, {"Hz", "1", "s-1"}, {"1/min", "1/60", "s-1"}, {"/min", "1/60", "s-1"},
	{"mL/min", "1/60000000", "m3.s-1"}, {"uL/h", "1/3600000000000", "m3.s-1"}, {"Cel/min", "1/60", "K.s-1"}, {"K/s", "1", "K.s-1"},
	{"cGy", "1/100", "m2.s-2"}, {"Gy/min", "1/60", "m2.s-3"}, {"m/s2", "1", "m.s-2"}, {"cm.s-1", "1/100", "m.s-1"}, {"L/min/m2", "1/60000", "m.s-1"},
}

func TestUnitsAreWhatUCUMSays(t *testing.T) {
	for _, test := range factors {
		got, err := Quantity{"1", test.code}.value(test.base)
		want, _ := new(big.Rat).SetString(test.factor)
		if err != nil || got.Cmp(want) != 0 {
			t.Errorf("1 %s in %s = %v, %v; want %s", test.code, test.base, got, err, want)
		}
	}
}

func TestCodesThatAreNone(t *testing.T) {
	for _, test := range []struct{ name, code string }{
		{"nothing", ""},
		{"a prefix alone", "k"},
		{"a prefix on a unit that takes none", "mmin"},
		{"two prefixes", "mmm"},
		{"megagram, a slip for mg", "Mg"},
		{"megalitre, a slip for mL", "ML"},
		{"megawatt, a slip for mW", "MW/cm2"},
		{"a rotor's speed", "rpm"},
		{"an exponent of 0", "m0"},
		{"an exponent with zeros before it", "m02"},
		{"an exponent with a plus sign", "m+2"},
		{"an exponent of two digits", "m10"},
		{"an exponent without end", "g800000000000"},
		{"a power of ten beyond 30", "10*31"},
		{"an exponent on a count", "{cells}2"},
		{"an unknown count", "{furlongs}"},
		{"a count with a prefix", "k{cells}"},
		{"an annotation on a unit", "mL{stock}"},
		{"an open brace", "{cells"},
		{"an open bracket", "[pH"},
		{"an open parenthesis", "(m.s"},
		{"a parenthesis that closes nothing", "m)"},
		{"empty parentheses", "m/()"},
		{"a product of nothing", "m."},
		{"two slashes", "g//L"},
		{"a fraction", "/10*6"},
		{"another number than one", "2.m"},
		{"a blank", "m s"},
		{"the second sign of the litre, in a document", "ml"},
		{"a word of the bench, in a document", "cells"},
		{"parentheses too deep", "((((m))))"},
		{"more than 64 bytes", strings.Repeat("m.", 32) + "m"},
	} {
		if Known(test.code) || Dimension(test.code) != "" || Alternatives(test.code) != nil {
			t.Errorf("%s (%q) is taken for a unit", test.name, test.code)
		}
	}
}

func TestWhatMustNotCompare(t *testing.T) {
	for _, pair := range [][2]string{
		{"{cells}", "{pieces}"}, {"{cells}", "1"}, {"{AU}", "1"}, {"[pH]", "1"}, {"[g]", "g"}, {"[g]", "m/s2"}, {"%", "%{v/v}"}, {"%", "%{w/v}"},
		{"%{v/v}", "%{w/v}"}, {"mol", "osm"}, {"mol", "1"}, {"[iU]", "U"}, {"[iU]", "[CFU]"}, {"[EU]/mL", "ug/mL"}, {"mJ/cm2", "mW/cm2"}, {"Ohm", "Ohm.cm2"},
		{"{particles}", "{copies}"}, {"{RFU}", "{RLU}"}, {"{population doublings}", "{cells}"},
	} {
		if _, err := (Quantity{"1", pair[0]}).In(pair[1]); err == nil {
			t.Errorf("%s converts to %s", pair[0], pair[1])
		}
	}
}

func TestDimensionsHaveNames(t *testing.T) {
	for _, test := range []struct{ code, want string }{
		{"cm3", "volume"}, {"g/L", "mass concentration"}, {"%{w/v}", "mass concentration"}, {"%{v/v}", "volume fraction"}, {"[iU]/mL", "endotoxin concentration"},
		{"1", "ratio"}, {"Cel", "temperature"}, {"Cel/min", "temperature per time"}, {"{cells}/mg", "number of cells per mass"},
		{"m4", "length^4"}, {"/m2", "number per length^2"}, {"mol.s", "time times amount of substance"},
	} {
		if got := Dimension(test.code); got != test.want {
			t.Errorf("%s measures %q, want %q", test.code, got, test.want)
		}
	}
}

func TestDimensionsHaveDifferentNames(t *testing.T) {
	seen := map[string]dimension{}
	add := func(d dimension) {
		if other, ok := seen[d.String()]; ok && other != d {
			t.Errorf("%v and %v are both called %q", d, other, d)
		}
		seen[d.String()] = d
	}
	for d := range named {
		add(d)
	}
	for i := range bases { // every quotient and product of two powers
		for j := range bases {
			for _, powers := range [][2]int16{{1, 0}, {1, 1}, {1, -1}, {1, -2}, {1, -3}, {2, -1}, {-1, 0}, {-1, -1}, {3, 1}} {
				var d dimension
				d[i] += powers[0]
				d[j] += powers[1]
				add(d)
			}
		}
	}
}

func TestNoUnitTakesBothMilliAndMega(t *testing.T) {
	for code, a := range atoms {
		if strings.Contains(a.prefixes, "m") && strings.Contains(a.prefixes, "M") {
			t.Errorf("m%s and M%s are a shift key apart", code, code)
		}
	}
}

func TestEachCodeHasOneReading(t *testing.T) {
	for code := range atoms {
		if a, ok := atoms[code[1:]]; ok && strings.IndexByte(a.prefixes, code[0]) >= 0 {
			t.Errorf("%s may be %c and %s", code, code[0], code[1:])
		}
	}
}

func TestAlternativesAreUsualUnits(t *testing.T) {
	if !slices.IsSorted(usual) {
		t.Error("usual is not sorted")
	}
	for _, c := range usual {
		if !Known(c) {
			t.Errorf("%s is usual and unknown", c)
		}
	}
	for _, test := range []struct{ unit, want string }{
		{"mL", "L mL uL"}, {"dL", "L dL mL uL"}, {"ug/mL", "mg/mL ng/mL pg/mL ug/mL"}, {"%{w/v}", "%{w/v} mg/mL ng/mL pg/mL ug/mL"},
		{"%", "% 1"}, {"Cel", "Cel"}, {"{cells}", "{cells}"}, {"kPa", "kPa"},
	} {
		if got := strings.Join(Alternatives(test.unit), " "); got != test.want {
			t.Errorf("alternatives to %s: %s, want %s", test.unit, got, test.want)
		}
	}
}
