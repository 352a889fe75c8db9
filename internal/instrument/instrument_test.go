package instrument_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"secretome/internal/fault"
	"secretome/internal/instrument"
)

func TestNumber(t *testing.T) {
	for _, test := range []struct {
		name, in string
		want     float64
		ok       bool
	}{
		{"a point is a decimal mark", "0.02", 0.02, true},
		{"a comma is a decimal mark", "0,02", 0.02, true},
		{"a comma is never a thousands mark", "1,250", 1.25, true},
		{"two marks are no number", "1,250.5", 0, false},
		{"a negative zero stays one", "-0.000", math.Copysign(0, -1), true},
		{"an exponent is read", "1.48E+05", 148000, true},
		{"a mark may stand first", ".5", 0.5, true},
		{"NaN is no number", "NaN", 0, false},
		{"infinity is no number", "Inf", 0, false},
		{"what overflows is no number", "1e999", 0, false},
		{"hexadecimals are no numbers", "0x10", 0, false},
		{"underscores are no part of a number", "1_000", 0, false},
		{"two signs are no number", "--1", 0, false},
		{"an empty cell is no number", "", 0, false},
		{"a mark alone is no number", ".", 0, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, ok := instrument.Number(test.in)
			if got != test.want || ok != test.ok {
				t.Errorf("Number(%q) = %v, %v, want %v, %v", test.in, got, ok, test.want, test.ok)
			}
		})
	}
}

func TestFill(t *testing.T) {
	none := math.NaN() // stands for: no value
	for _, test := range []struct {
		name, cell string
		value      float64
		flag       instrument.Flag
	}{
		{"overflow is no number", "OVRFLW", none, instrument.Overflow},
		{"hashes are overflow", "#####", none, instrument.Overflow},
		{"a missed well is no number", "MISSED", none, instrument.NotRead},
		{"question marks are no result", "?????", none, instrument.NoResult},
		{"below the curve has no number", "<0.000", none, instrument.BelowRange},
		{"above the curve has no number", "> 18300", none, instrument.AboveRange},
		{"off the curve has no number", "Range?", none, instrument.OutOfRange},
		{"a masked well keeps its number", "*0.356*", 0.356, instrument.Masked},
		{"a duration is read in seconds", "10:10:22", 36622, ""},
		{"other text is a remark", "20.lip", none, instrument.Remark},
	} {
		t.Run(test.name, func(t *testing.T) {
			var r instrument.Reading
			if !r.Fill(test.cell) {
				t.Fatalf("Fill(%q) says that the cell is empty", test.cell)
			}
			if got := value(r); !same(got, test.value) || r.Flag != test.flag || r.Source.Printed != test.cell {
				t.Errorf("Fill(%q): value %v, flag %q, printed %q", test.cell, got, r.Flag, r.Source.Printed)
			}
		})
	}
	var r instrument.Reading
	if r.Fill("  ") || r.Value != nil {
		t.Errorf("a blank cell gave the reading %+v", r)
	}
}

func value(r instrument.Reading) float64 {
	if r.Value == nil {
		return math.NaN()
	}
	return *r.Value
}

func same(a, b float64) bool { return a == b || math.IsNaN(a) && math.IsNaN(b) }

func TestDecode(t *testing.T) {
	for _, test := range []struct{ name, in, encoding, line string }{
		{"plain ASCII", "a\tb\r\nc", "ascii", "a\tb"},
		{"UTF-8", "µ\nc", "utf-8", "µ"},
		{"UTF-8 with a mark", "\xef\xbb\xbfµ", "utf-8-sig", "µ"},
		{"UTF-16, low byte first", "\xff\xfe\xb5\x00\x0d\x00\x0a\x00", "utf-16le-bom", "µ"},
		{"UTF-16, high byte first", "\xfe\xff\x00\xb5", "utf-16be-bom", "µ"},
		{"Windows-1252", "\xb5\x80\r", "cp1252", "µ€"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := instrument.Decode([]byte(test.in))
			if err != nil || got.Encoding != test.encoding || got.Lines[0] != test.line {
				t.Errorf("Decode(%q) = %+v, %v", test.in, got, err)
			}
		})
	}
}

func TestLimits(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"a file of 33 MiB is refused", strings.Repeat("a\n", 33<<19), "bytes, more than"},
		{"a file of two million lines is refused", strings.Repeat("\n", 2_000_000), "lines"},
		{"a line of 2 MiB is refused", strings.Repeat("a", 2<<20), "line 1: the line has"},
		{"a NUL is refused", "a\x00", "binary"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := instrument.Decode([]byte(test.in))
			if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestWells(t *testing.T) {
	for _, test := range []struct {
		in, want string
		ok       bool
	}{
		{"A1", "A1", true}, {"A01", "A1", true}, {"af48", "AF48", true}, {"H12", "H12", true},
		{"A0", "", false}, {"ZZ1", "", false}, {"A1234", "", false}, {"1A", "", false}, {"", "", false}, {"Ä1", "", false},
	} {
		if got, ok := instrument.ParseWell(test.in); got != test.want || ok != test.ok {
			t.Errorf("ParseWell(%q) = %q, %v, want %q, %v", test.in, got, ok, test.want, test.ok)
		}
	}
	if got := instrument.Well(26, 3); got != "AA3" {
		t.Errorf("the 27th row is %s, want AA3", got)
	}
}

func TestISODate(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"month first can only be month first", "8/26/2022 10:14:27 AM", "2022-08-26"},
		{"day first can only be day first", "25/01/2024 17:23:30", "2024-01-25"},
		{"equal numbers read the same both ways", "5/5/2023", "2023-05-05"},
		{"what can be read both ways is not guessed", "11/5/2025", ""},
		{"year first is ISO", "2021-05-14", "2021-05-14"},
		{"a day that the month does not have is none", "2/30/2024", ""},
		{"no date is none", "soon", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := instrument.ISODate(test.in); got != test.want {
				t.Errorf("ISODate(%q) = %q, want %q", test.in, got, test.want)
			}
		})
	}
}

func TestUnknownFileIsNamed(t *testing.T) {
	parsers := []instrument.Parser{{Name: "x", Title: "X Reader, text", Recognise: func([]byte) bool { return false }}}
	for _, test := range []struct{ name, in, want string }{
		{"a workbook", "PK\x03\x04…", "a ZIP container"},
		{"nothing", "", "it is empty"},
		{"a letter", "\n\nDear colleague,\n", `text that begins with "Dear colleague,"`},
		{"noise", "\x00\x01\x02", "binary"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := instrument.Read(parsers, []byte(test.in))
			if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), test.want) || !strings.Contains(err.Error(), "X Reader, text") {
				t.Errorf("error is %v, want one with %q and the formats", err, test.want)
			}
		})
	}
	if _, err := instrument.Named(parsers, "y"); !fault.Is(err, fault.Invalid) {
		t.Errorf("an unknown name gave %v", err)
	}
}

func TestReadingWithoutValueIsNullInJSON(t *testing.T) {
	r := instrument.Reading{Well: "A1", Kind: instrument.Raw}
	r.Fill("OVRFLW")
	b, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	if want := `{"well":"A1","kind":"raw","value":null,"flag":"overflow","source":{"printed":"OVRFLW"}}`; string(b) != want {
		t.Errorf("got %s, want %s", b, want)
	}
}
