package quantity

import (
	"strings"
	"testing"
	"time"

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
		{"a minus sign may be typographic", "−80 Cel", "-80 Cel", ""},
		{"a bare number is refused", "300", "", "has no unit"},
		{"a thousands mark is refused", "1,500 mL", "", "thousands mark"},
		{"two marks are refused", "1.500,0 mL", "", "thousands mark"},
		{"three decimals behind a zero are no thousands", "0,125 mL", "0.125 mL", ""},
		{"an unknown unit is named", "3 furlong", "", `unknown unit "furlong"`},
		{"a rotor's speed is refused", "1200 rpm", "", `unknown unit "rpm"`},
		{"an exponent is refused", "1e3 mL", "", `unknown unit "e3 mL"`},
		{"not a number is refused", "NaN mL", "", "is no quantity"},
		{"nothing is refused", "", "", "is no quantity"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := Parse(test.in)
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) || !fault.Is(err, fault.Invalid) {
					t.Fatalf("Parse(%q) = %v, %v; want an error with %q", test.in, got, err, test.err)
				}
				return
			}
			if err != nil || got.String() != test.want {
				t.Errorf("Parse(%q) = %q, %v; want %q", test.in, got, err, test.want)
			}
		})
	}
}

func TestConversionIsExact(t *testing.T) {
	for _, test := range []struct{ in, unit, want string }{
		{"1120 uL", "mL", "1.12 mL"},
		{"1.5 h", "min", "90 min"},
		{"50 ng/mL", "ug/mL", "0.05 ug/mL"},
	} {
		q, err := Parse(test.in)
		if err != nil {
			t.Fatal(err)
		}
		got, err := q.In(test.unit)
		if err != nil || got.String() != test.want {
			t.Errorf("%s in %s = %q, %v; want %q", test.in, test.unit, got, err, test.want)
		}
	}
}

func TestDimensionsDoNotMix(t *testing.T) {
	q, _ := Parse("1 mL")
	if _, err := q.In("mg"); err == nil || !strings.Contains(err.Error(), "is a volume, not a mass") {
		t.Errorf("1 mL in mg: %v", err)
	}
	other, _ := Parse("1 mg")
	if _, err := q.Compare(other); err == nil {
		t.Error("a volume was compared with a mass")
	}
}

func TestCompareIsExact(t *testing.T) {
	a, _ := Parse("0.3 mL")
	b, _ := Parse("300.0 uL")
	if c, err := a.Compare(b); c != 0 || err != nil {
		t.Errorf("0.3 mL against 300.0 uL: %d, %v", c, err)
	}
}

func TestDuration(t *testing.T) {
	q, _ := Parse("1.5 h")
	if d, err := q.Duration(); d != 90*time.Minute || err != nil {
		t.Errorf("1.5 h = %v, %v", d, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"9,1 mL", "-80 °C", "1.2.3 h", "µ", "0.0000 %"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		q, err := Parse(s)
		if err != nil {
			return
		}
		again, err := Parse(q.String())
		if err != nil || again != q {
			t.Errorf("Parse(%q) = %q, which reads back as %q, %v", s, q, again, err)
		}
	})
}
