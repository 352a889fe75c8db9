package softmaxpro_test

import (
	"strings"
	"testing"

	"secretome/internal/fault"
	"secretome/internal/instrument"
	"secretome/internal/instrument/instrumenttest"
	"secretome/internal/instrument/softmaxpro"
)

const shared = "../../../../shared/data/softmax_pro"

func TestRealFiles(t *testing.T) { instrumenttest.Run(t, softmaxpro.Parser, shared) }

func FuzzParse(f *testing.F) {
	instrumenttest.Fuzz(f, softmaxpro.Parser, shared, "../../../examples/files")
}

func example(t *testing.T) instrument.Table {
	t.Helper()
	return instrumenttest.Parse(t, softmaxpro.Parser, "../../../examples/files/softmaxpro_example_group_with_missing_calc_column.txt")
}

func TestGroupTablesNameTheWells(t *testing.T) {
	table := example(t)
	for _, test := range []struct {
		well, group, sample string
		conc, dilution      float64 // 0: none
		unit                string
	}{
		{"A1", "Standards", "01", 100, 0, "ng/mL"},
		{"A2", "Standards", "01", 100, 0, "ng/mL"}, // printed on the first line of its replicates only
		{"F2", "Standards", "06", 0, 0, "ng/mL"},
		{"H2", "Controls", "02", 0, 750, ""},
		{"C4", "Samples", "03", 0, 10000, ""},
		{"G11", "", "", 0, 0, ""},
	} {
		got := instrumenttest.At(table, instrument.Raw, test.well)
		if len(got) != 2 {
			t.Fatalf("%s has %d raw readings, want 2: 450 and 650 nm", test.well, len(got))
		}
		for _, r := range got {
			if r.Group != test.group || r.Sample != test.sample || instrumenttest.Or0(r.Conc) != test.conc || instrumenttest.Or0(r.Dilution) != test.dilution || r.ConcUnit != test.unit {
				t.Errorf("%s is %q of %q, conc %v %s, dilution %v", test.well, r.Sample, r.Group, instrumenttest.Or0(r.Conc), r.ConcUnit, instrumenttest.Or0(r.Dilution))
			}
		}
	}
	if r := instrumenttest.At(table, instrument.Raw, "F1")[0]; r.Conc == nil {
		t.Error("the blank standard has no concentration; it is 0, not missing")
	}
}

func TestVendorsValuesAreReadings(t *testing.T) {
	table := example(t)
	find := func(group, label, sample, well string) (instrument.Reading, bool) {
		for _, r := range table.Readings {
			if r.Kind == instrument.Tabulated && r.Group == group && r.Label == label && r.Sample == sample && r.Well == well {
				return r, true
			}
		}
		return instrument.Reading{}, false
	}
	for _, test := range []struct {
		group, label, sample, well string
		value                      float64
		flag                       instrument.Flag
		quantity                   string
	}{
		{"Standards", "BackCalcConc", "01", "A2", 97.627, "", instrument.Concentration},
		{"Controls", "Result", "02", "H1", 11.760, "", instrument.Concentration},
		{"Samples", "Conc", "05", "E3", 0.567, "", instrument.Concentration},
		{"Samples", "Conc", "05", "E4", 0, instrument.OutOfRange, instrument.Concentration},
		{"Samples", "AdjConc", "02", "", 34935.920, "", ""}, // of the sample, so without a well
		{"Controls", "HC in Range?", "01", "", 0, instrument.Remark, ""},
	} {
		r, ok := find(test.group, test.label, test.sample, test.well)
		if !ok || instrumenttest.Or0(r.Value) != test.value || r.Flag != test.flag || r.Quantity != test.quantity {
			t.Errorf("%s of %s %s %s: found %v, %v, %+v", test.label, test.group, test.sample, test.well, ok, instrumenttest.Or0(r.Value), r)
		}
	}
}

const plate = "##BLOCKS= 1\nPlate:\tP\t1.3\tPlateFormat\tEndpoint\tAbsorbance\tRaw\tFALSE\t1\t\t\t\t\t\t1\t450 \t1\t2\t4\t1\t2\n" +
	"\tTemperature(¡C)\t1\t2\n\t25\t0.1\t\n\t\t\t\n\t\t0.3\tPath?\n\n~End\n"

func TestEmptyRowsAreCounted(t *testing.T) {
	table, err := softmaxpro.Parser.Parse([]byte(plate))
	if err != nil {
		t.Fatal(err)
	}
	var wells []string
	for _, r := range table.Readings {
		wells = append(wells, r.Well)
	}
	if got := strings.Join(wells, " "); got != "A1 C1 C2" {
		t.Errorf("wells are %s, want A1 C1 C2", got)
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	for _, test := range []struct{ name, in, want string }{
		{"a file cut short is refused", plate[:len(plate)-6], `the file ends within plate "P"`},
		{"a spectrum is refused", strings.Replace(plate, "Endpoint", "Spectrum", 1), `line 2: plate "P": the read type`},
		{"an unknown mode is refused", strings.Replace(plate, "Absorbance", "Magic", 1), `is "Magic"`},
		{"two plates of one name are refused", plate + plate, `two plates are called "P"`},
		{"a value beside the wells is refused", strings.Replace(plate, "Path?", "Path?\t7", 1), `line 6:5: plate "P": "7" stands where no well is`},
		{"a list of blocks without a plate is refused", "##BLOCKS= 0\n", "no plate with values"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := softmaxpro.Parser.Parse([]byte(test.in)); !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want one with %q", err, test.want)
			}
		})
	}
}
