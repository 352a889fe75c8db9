package gen5_test

import (
	"strings"
	"testing"

	"secretome/internal/fault"
	"secretome/internal/instrument"
	"secretome/internal/instrument/gen5"
	"secretome/internal/instrument/instrumenttest"
)

const shared = "../../../../shared/data/gen5"

func TestRealFiles(t *testing.T) { instrumenttest.Run(t, gen5.Parser, shared) }

func FuzzParse(f *testing.F) { instrumenttest.Fuzz(f, gen5.Parser, shared, "../../../examples/files") }

func example(t *testing.T) instrument.Table {
	t.Helper()
	return instrumenttest.Parse(t, gen5.Parser, "../../../examples/files/endpoint_stdcurve_singleplate_2.txt")
}

func TestLayoutIsOnTheReadings(t *testing.T) {
	table := example(t)
	for _, test := range []struct {
		well, sample, group string
		conc, dilution      float64 // 0: none
	}{
		{"A1", "STD1", "STD", 1000, 0},
		{"G3", "STD7", "STD", 1.3717, 0},
		{"H1", "BLK", "BLK", 0, 0},
		{"A4", "SPL1:1", "SPL", 0, 1},
		{"D12", "SPL3:4", "SPL", 0, 8}, // printed 0.125
	} {
		for _, r := range instrumenttest.At(table, instrument.Raw, test.well) {
			if r.Sample != test.sample || r.Group != test.group || instrumenttest.Or0(r.Conc) != test.conc || instrumenttest.Or0(r.Dilution) != test.dilution {
				t.Errorf("%s is %q of %q, conc %v, dilution %v", test.well, r.Sample, r.Group, instrumenttest.Or0(r.Conc), instrumenttest.Or0(r.Dilution))
			}
		}
	}
}

func TestVendorsConcentrationsAndCurveAreRead(t *testing.T) {
	table := example(t)
	n := 0
	for _, r := range table.Readings {
		if r.Quantity == instrument.Concentration && r.Kind == instrument.Calculated && r.Label == "[Concentration]" {
			n++
		}
	}
	if n != 96 {
		t.Errorf("%d concentrations, want 96", n)
	}
	if len(table.Curves) != 1 || table.Curves[0].Formula != "Y=A*X+B" || table.Curves[0].Terms[0] != (instrument.Term{Name: "A", Printed: "0.00336"}) {
		t.Errorf("curves are %+v", table.Curves)
	}
	if got := instrumenttest.At(table, instrument.Raw, "A1")[0].Source; got.Line != 50 || got.Cell != "B50" {
		t.Errorf("A1 stands at %+v, want line 50", got)
	}
}

func TestNotesSayWhatAPersonShouldKnow(t *testing.T) {
	table := example(t)
	if len(table.Notes) != 1 || !strings.Contains(table.Notes[0], `"Manual"`) {
		t.Errorf("notes are %q", table.Notes)
	}
	if got := table.Instrument.DateISO; got != "2022-08-26" {
		t.Errorf("date is %q", got)
	}
}

const head = "\nSoftware Version\t3.12\nExperiment File Path:\t\nPlate Number\tP\n"

func TestFilesThatCannotBeRead(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"a head alone is refused", head, "has no results"},
		{"a spectrum is refused", head + "450\n\nWavelength\tA1\tA2\n450\t1\t2\n", "line 7: this Gen5 file holds a spectrum"},
		{"a grid without letters is refused", head + "Results\n\t1\t2\n\t0.1\t0.2\tx\n", "before the first row letter"},
		{"a grid as large as no plate is refused", head + "Results\n\t100\t101\nA\t1\t2\tx\n", "on no plate"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := gen5.Parser.Parse([]byte(test.in)); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want one with %q", err, test.want)
			}
		})
	}
}

func TestUnnamedLuminescenceHasNoWavelength(t *testing.T) {
	in := head + "Read\tLuminescence Endpoint\nResults\n\t1\t2\nA\t12\tOVRFLW\tLum\n\t1\t\tBlank Lum\n"
	table, err := gen5.Parser.Parse([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	if len(table.Readings) != 3 {
		t.Fatalf("%d readings, want 3: an empty cell is none", len(table.Readings))
	}
	a, b, c := table.Readings[0], table.Readings[1], table.Readings[2]
	if a.Channel != "luminescence" || a.Unit != "RLU" || a.WavelengthNM != 0 || b.Flag != instrument.Overflow || c.Kind != instrument.Calculated {
		t.Errorf("%+v\n%+v\n%+v", a, b, c)
	}
}
