package sample

import (
	"encoding/binary"
	"errors"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"secretome/internal/fault"
)

func berlin(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func wideText(s string) string {
	out := []byte("\xff\xfe")
	for _, u := range utf16.Encode([]rune(s)) {
		out = binary.LittleEndian.AppendUint16(out, u)
	}
	return string(out)
}

// Readings are written as time in UTC and °C; "-" is one that is missing. Berlin
// is one hour ahead of UTC in winter, two in summer; in 2026 the clock is put
// forward on 29 March and back on 25 October. 32 °F is 0 °C, 193.15 K is -80 °C.
func TestLoggersFilesAreRead(t *testing.T) {
	for _, test := range []struct{ name, file, want string }{
		{"semicolons and a decimal comma", "time;temperature (°C)\n2026-03-02 14:05;-80,5\n2026-03-02 14:10:30;-79\n", "03-02T13:05:00 -80.5, 03-02T13:10:30 -79"},
		{"tabs, kelvin and no line end", "timestamp\ttemp [K]\n2026-03-02T14:05:00+05:00\t193.15", "03-02T09:05:00 -80"},
		{"commas, quotes, fahrenheit and line ends of Windows", "\"Date/Time\",\"Temp (°F)\"\r\n\"2026-03-02 14:05\",\"32,0\"\r\n", "03-02T13:05:00 0"},
		{"a column of the unit", "time;temp;unit\n2026-03-02T14:05:00Z;4.1;°C\n", "03-02T14:05:00 4.1"},
		{"only the unit as title", "Time;°C\n2026-03-02T14:05:00Z;4.1\n", "03-02T14:05:00 4.1"},
		{"the unit behind an underscore", "time_utc;temp_c\n2026-03-02 14:05;4.1\n", "03-02T14:05:00 4.1"},
		{"the zone in the title", "\"Date Time, GMT-03:00\",\"Temp, °C\"\n2026-03-02 14:05,4.1\n", "03-02T17:05:00 4.1"},
		{"date and time apart", "Date;Time;Temp (°C)\n2026-03-02;14:05;4\n", "03-02T13:05:00 4"},
		{"lines about the logger above", "Serial;4711\nInterval: 5 min\n\ntime;temp (°C);\n2026-03-02 14:05;4;\n", "03-02T13:05:00 4"},
		{"readings that failed", "time;temp (°C)\n2026-03-02 14:05;NaN\n2026-03-02 14:10;OVRFLW\n2026-03-02 14:15;\n2026-03-02 14:20;4\n", "03-02T13:05:00 -, 03-02T13:10:00 -, 03-02T13:15:00 -, 03-02T13:20:00 4"},
		{"another minus", "time;temp (°C)\n2026-03-02 14:05;\u22124\n", "03-02T13:05:00 -4"},
		{"Latin-1", "time;temp (\xb0C)\n2026-03-02 14:05;4\n", "03-02T13:05:00 4"},
		{"UTF-16", wideText("time;temp (°C)\n2026-03-02 14:05;4\n"), "03-02T13:05:00 4"},
		{"the hour that comes twice", "time;temp (°C)\n2026-10-25 02:30;1\n2026-10-25 02:59;2\n2026-10-25 02:00;3\n2026-10-25 02:30;4\n2026-10-25 03:00;5\n",
			"10-25T00:30:00 1, 10-25T00:59:00 2, 10-25T01:00:00 3, 10-25T01:30:00 4, 10-25T02:00:00 5"},
	} {
		t.Run(test.name, func(t *testing.T) {
			log, err := ReadPlaceLog("a.csv", []byte(test.file), berlin(t))
			if err != nil {
				t.Fatal(err)
			}
			var all []string
			for _, r := range log.Readings {
				text := "-"
				if !r.Missing {
					text = Celsius(r.Cel).Amount()
				}
				all = append(all, r.At.Format("01-02T15:04:05 ")+text)
			}
			if got := strings.Join(all, ", "); got != test.want {
				t.Errorf("read %s, want %s", got, test.want)
			}
		})
	}
}

func TestAMistakeInALoggersFileNamesItsLine(t *testing.T) {
	for _, test := range []struct {
		name, file, words string
		line              int
	}{
		{"no titles", "2026-03-02 14:05;4\n", "no line names a column", 1},
		{"empty", "", "no line names a column", 1},
		{"no unit", "time;temp\n2026-03-02 14:05;4\n", `"temp" does not say its unit`, 1},
		{"an unknown unit in its column", "time;temp;unit\n2026-03-02 14:05;4;bar\n", "unit of the temperature", 2},
		{"no reading", "time;temp (°C)\n", "below the titles is no temperature", 1},
		{"nothing but failed readings", "time;temp (°C)\n2026-03-02 14:05;NaN\n", "below the titles is no temperature", 1},
		{"a time that is none", "time;temp (°C)\n2026-03-02 14:05;4\n02.03.2026 14:10;4\n", `"02.03.2026 14:10" is no time`, 3},
		{"time that goes backwards", "time;temp (°C)\n2026-03-02 14:05;4\n2026-03-02 14:00;4\n2026-03-02 14:02;4\n", "before the time of the reading above", 3},
		{"an hour that never came", "time;temp (°C)\n2026-03-29 02:30;4\n", "does not exist in Europe/Berlin", 2},
		{"a decimal comma between commas", "time,temp (°C)\n2026-03-02 14:05,-80,5\n", "3 columns, the titles have 2", 2},
		{"a decimal comma before an empty column", "time,temp (°C),event\n2026-03-02 14:05,-80,5,\n", "4 columns, the titles have 3", 2},
		{"words", "time;temp (°C)\n2026-03-02 14:05;cold\n", `"cold" is no temperature`, 2},
		{"two decimal marks", "time;temp (°C)\n2026-03-02 14:05;1.234,5\n", `"1.234,5" is no temperature`, 2},
		{"an exponent", "time;temp (°C)\n2026-03-02 14:05;1e3\n", `"1e3" is no temperature`, 2},
		{"colder than cold", "time;temp (°C)\n2026-03-02 14:05;-999\n", "that a place can have", 2},
		{"an open quote", "time;temp (°C)\n\"2026-03-02 14:05;4\n", "columns", 2},
		{"no text", "time;temp (°C)\x00\n", "binary", 0},
		{"too much", "time;temp (°C)\n" + strings.Repeat(" ", MaxPlaceFile), "the most is 16777216", 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ReadPlaceLog("a.csv", []byte(test.file), berlin(t))
			var f *fault.Fault
			if !errors.As(err, &f) || f.Kind != fault.Invalid || f.Place.Line != test.line || f.Place.File != "a.csv" || !strings.Contains(f.Message, test.words) || f.Help == "" {
				t.Errorf("%v (%+v), want line %d with %q", err, f, test.line, test.words)
			}
		})
	}
}

func TestOneMistakeIsToldOnceAndManyAreNotAllTold(t *testing.T) {
	backwards := "time;temp (°C)\n2026-03-02 14:05;4\n2026-03-02 14:00;4\n2026-03-02 14:02;4\n"
	_, err := ReadPlaceLog("a.csv", []byte(backwards), berlin(t))
	if n := strings.Count(err.Error(), "\n") + 1; n != 1 {
		t.Errorf("%d mistakes: %v", n, err)
	}
	_, err = ReadPlaceLog("a.csv", []byte("time;temp (°C)\n"+strings.Repeat("x;y\n", 100)), berlin(t))
	if n := strings.Count(err.Error(), "\n") + 1; n != mostMistakes {
		t.Errorf("%d mistakes are told, want %d", n, mostMistakes)
	}
}

func FuzzReadPlaceLog(f *testing.F) {
	f.Add([]byte("time;temperature (°C)\n2026-03-02 14:05;-80,5\n"))
	f.Add([]byte("\"Date Time, GMT+01:00\",\"Temp, °F\"\r\n\"2026-03-02 14:05:00\",NaN\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		log, err := ReadPlaceLog("a.csv", data, time.UTC)
		if err != nil {
			return
		}
		c := Cover([]PlaceLog{log}, log.Span())
		if c.Readings+log.Missing() != len(log.Readings) || c.Readings == 0 || c.Low.IsZero() || c.Fraction < 0 || c.Fraction > 1 {
			t.Errorf("of %d readings: %+v", len(log.Readings), c)
		}
	})
}
