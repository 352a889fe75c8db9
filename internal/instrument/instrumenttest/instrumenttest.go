// Package instrumenttest holds every parser to the same promises: real files
// read to the last value (a folder with an EXPECTED.json says what is in them),
// and no input that panics, runs away or yields what is no number.
package instrumenttest

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"secretome/internal/fault"
	"secretome/internal/instrument"
)

// File is what EXPECTED.json says of one file.
type File struct {
	File        string
	Encoding    string
	DateISO     *string `json:"date_iso"`
	ExpectError any     `json:"expect_error"` // true, "either" or nothing
	Sampled     bool    `json:"records_are_sampled"`
	Records     []Record
}

// Record is one expected value.
type Record struct {
	Plate, Well, Kind, Channel, Label, Name, Target string
	WavelengthNM                                    float64  `json:"wavelength_nm"`
	ExNM                                            float64  `json:"ex_nm"`
	TimeS                                           *float64 `json:"time_s"`
	Value                                           *float64
	Flag                                            string
}

// read returns a file, or skips the test where the folder is absent.
func read(t testing.TB, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if os.IsNotExist(err) && os.Getenv("SECRETOME_CI") == "" {
		t.Skipf("the instrument files are absent: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Run reads all files of dir and compares them with its EXPECTED.json. A file in
// a ZIP container may be refused: it is another format's.
func Run(t *testing.T, p instrument.Parser, dir string) {
	var expected struct{ Files []File }
	if err := json.Unmarshal(read(t, filepath.Join(dir, "EXPECTED.json")), &expected); err != nil {
		t.Fatal(err)
	}
	for _, want := range expected.Files {
		t.Run(want.File, func(t *testing.T) {
			b := read(t, filepath.Join(dir, want.File))
			got, err := instrument.Read([]instrument.Parser{p}, b)
			if want.ExpectError == true || strings.HasPrefix(want.Encoding, "zip") {
				if !fault.Is(err, fault.Invalid) {
					t.Errorf("error is %v, want a refusal", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if want.Encoding != got.Instrument.Encoding {
				t.Errorf("encoding is %s, want %s", got.Instrument.Encoding, want.Encoding)
			}
			if date := ""; want.DateISO != nil || got.Instrument.DateISO != "" {
				if want.DateISO != nil {
					date = *want.DateISO
				}
				if got.Instrument.DateISO != date {
					t.Errorf("date is %q, want %q", got.Instrument.DateISO, date)
				}
			}
			for _, problem := range Compare(want, got) {
				t.Error(problem)
			}
		})
	}
}

// Parse reads one file, or skips the test where it is absent.
func Parse(t *testing.T, p instrument.Parser, path string) instrument.Table {
	t.Helper()
	table, err := instrument.Read([]instrument.Parser{p}, read(t, path))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// At returns the readings of a kind and a well.
func At(table instrument.Table, kind instrument.Kind, well string) []instrument.Reading {
	var out []instrument.Reading
	for _, r := range table.Readings {
		if r.Kind == kind && r.Well == well {
			out = append(out, r)
		}
	}
	return out
}

// Or0 returns what p points to, and 0 for nil.
func Or0(p *float64) float64 {
	if p == nil {
		return 0
	}
	return *p
}

// Fuzz feeds p with variations of the text files of dirs. Whatever comes, it
// answers with a fault of kind Invalid or with sound readings.
func Fuzz(f *testing.F, p instrument.Parser, dirs ...string) {
	f.Add([]byte{})
	f.Add([]byte("\xff\xfe#\x00"))
	for _, dir := range dirs {
		names, err := filepath.Glob(filepath.Join(dir, "*.txt"))
		if err != nil {
			f.Fatal(err)
		}
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		p.Recognise(b[:min(len(b), 100)])
		table, err := p.Parse(b)
		if err != nil {
			if !fault.Is(err, fault.Invalid) {
				t.Errorf("the error is no fault: %v", err)
			}
			return
		}
		if len(table.Readings) == 0 {
			t.Error("neither readings nor an error")
		}
		for _, r := range table.Readings {
			sound(t, r)
		}
	})
}

// sound checks what holds for every reading of every format.
func sound(t *testing.T, r instrument.Reading) {
	for _, v := range []*float64{r.Value, r.Conc, r.Dilution, r.TimeS, &r.WavelengthNM, &r.ExNM} {
		if v != nil && (math.IsNaN(*v) || math.IsInf(*v, 0)) {
			t.Errorf("a number is %v: %+v", *v, r)
		}
	}
	if r.Kind == "" || r.Value == nil && r.Flag == "" {
		t.Errorf("a reading without kind, or without value and flag: %+v", r)
	}
	if well, ok := instrument.ParseWell(r.Well); r.Well != "" && (!ok || well != r.Well) {
		t.Errorf("%q is no well", r.Well)
	}
	if r.Source.Line < 1 || !utf8.ValidString(r.Label) {
		t.Errorf("a reading without a line, or with a broken label: %+v", r)
	}
}
