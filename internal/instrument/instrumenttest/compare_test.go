package instrumenttest

import (
	"strings"
	"testing"

	"secretome/internal/instrument"
)

func number(v float64) *float64 { return &v }

// TestCompareSeesEachMistake makes one mistake a case in a table that is right.
func TestCompareSeesEachMistake(t *testing.T) {
	want := File{Records: []Record{
		{Plate: "P", Well: "A1", Kind: "raw", Channel: "absorbance", Label: "od:450", WavelengthNM: 450, Value: number(0.1)},
		{Plate: "P", Well: "A2", Kind: "raw", Channel: "absorbance", Label: "od:450", WavelengthNM: 450, Flag: "OVRFLW"},
		{Plate: "P", Well: "A1", Kind: "calculated", Name: "Conc", Value: number(7)},
		{Plate: "P", Well: "A2", Kind: "calculated", Name: "Lag", Flag: "0:01:00"},
	}}
	right := func() instrument.Table {
		return instrument.Table{Readings: []instrument.Reading{
			{Plate: "Plate P", Well: "A1", Kind: instrument.Raw, Channel: "absorbance", Label: "OD 450", WavelengthNM: 450, Value: number(0.1)},
			{Plate: "Plate P", Well: "A2", Kind: instrument.Raw, Channel: "absorbance", Label: "OD 450", WavelengthNM: 450, Flag: instrument.Overflow},
			{Plate: "Plate P", Well: "A1", Kind: instrument.Calculated, Label: "conc", Value: number(7)},
			{Plate: "Plate P", Well: "A2", Kind: instrument.Calculated, Label: "Lag", Value: number(60)},
			{Plate: "Plate P", Kind: instrument.Tabulated, Label: "Conc", Value: number(9)}, // a kind that is not expected
		}}
	}
	if problems := Compare(want, right()); len(problems) > 0 {
		t.Fatalf("a right table is wrong: %q", problems)
	}
	for _, test := range []struct {
		name    string
		mistake func(r []instrument.Reading)
		want    string
	}{
		{"another value", func(r []instrument.Reading) { *r[0].Value = 0.1000001 }, "want 0.1"},
		{"another well", func(r []instrument.Reading) { r[0].Well = "A3" }, "not expected"},
		{"another wavelength", func(r []instrument.Reading) { r[0].WavelengthNM, r[1].WavelengthNM = 650, 650 }, "no series"},
		{"another label", func(r []instrument.Reading) { r[2].Label = "Blank" }, "no series"},
		{"a zero for an overflow", func(r []instrument.Reading) { r[1].Value = number(0) }, "want no number"},
		{"a lost flag", func(r []instrument.Reading) { r[1].Flag = "" }, "the flag is missing"},
		{"a derived value that nobody printed", func(r []instrument.Reading) { r[4].Kind = instrument.Calculated }, "is not expected"},
		{"a wrong duration", func(r []instrument.Reading) { *r[3].Value = 61 }, "61, want no number"},
	} {
		t.Run(test.name, func(t *testing.T) {
			table := right()
			test.mistake(table.Readings)
			if problems := strings.Join(Compare(want, table), "; "); !strings.Contains(problems, test.want) {
				t.Errorf("problems are %q, want one with %q", problems, test.want)
			}
		})
	}
}
