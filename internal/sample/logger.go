package sample

import (
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"secretome/internal/fault"
)

// MaxPlaceFile is how many bytes a temperature logger's file may have.
const MaxPlaceFile = 16 << 20

const (
	mostHead     = 100 // lines before the titles of the columns, in which loggers describe themselves
	mostMistakes = 20  // that are told of one file
)

// ReadPlaceLog reads a temperature logger's file: separated by semicolons, tabs
// or commas, with a line of titles that names a column for the time and one for
// the temperature. Times without an offset are in zone. Name is the file's, for
// what is said of it. It fails with [fault.Invalid], once for each line that is
// wrong.
func ReadPlaceLog(name string, data []byte, zone *time.Location) (PlaceLog, error) {
	if len(data) > MaxPlaceFile {
		return PlaceLog{}, fault.New(fault.Invalid, "the file has %d bytes, the most is %d", len(data), MaxPlaceFile).At(fault.Place{File: name}).Try("export a shorter time into one file")
	}
	text := decoded(data)
	if strings.ContainsRune(text, 0) {
		return PlaceLog{}, fault.New(fault.Invalid, "the file is binary, expected text").At(fault.Place{File: name}).Try("export it from the logger's program as CSV")
	}
	l := &logger{name: name, zone: zone}
	lines := strings.Split(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	first, err := l.titles(lines)
	if err != nil {
		return PlaceLog{}, err
	}
	for i, line := range lines[first:] {
		if strings.TrimSpace(line) != "" && len(l.mistakes) < mostMistakes {
			l.row(first+i+1, line)
		}
	}
	if len(l.mistakes) == 0 && !slices.ContainsFunc(l.log.Readings, func(t Temperature) bool { return !t.Missing }) {
		l.wrong(first, "below the titles is no temperature", "export a time in which the logger ran")
	}
	return l.log, errors.Join(l.mistakes...)
}

// decoded is the text of a file: by its byte order mark, else UTF-8, else
// Latin-1, in which the sign of a degree is one byte.
func decoded(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		return wide(data[2:], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		return wide(data[2:], binary.BigEndian)
	case utf8.Valid(data):
		return strings.TrimPrefix(string(data), "\ufeff")
	}
	runes := make([]rune, len(data))
	for i, b := range data {
		runes[i] = rune(b)
	}
	return string(runes)
}

func wide(data []byte, order binary.ByteOrder) string {
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return string(utf16.Decode(units))
}

// logger reads the lines of one file.
type logger struct {
	name      string
	zone      *time.Location
	separator string
	width     int // columns
	date      int // column of the date where it has one of its own; else -1
	time      int
	value     int
	unit      int // column of the unit, or -1
	scale     string
	before    time.Time // of the line above
	log       PlaceLog
	mistakes  []error
}

func (l *logger) wrong(line int, sentence, help string) {
	l.mistakes = append(l.mistakes, fault.New(fault.Invalid, "%s", sentence).At(fault.Place{File: l.name, Line: line}).Try("%s", help))
}

// titles finds the line with the titles of the columns, and returns how many
// lines to leave out.
func (l *logger) titles(lines []string) (int, error) {
	for i, line := range lines[:min(len(lines), mostHead)] {
		for _, separator := range []string{"\t", ";", ","} {
			cells, ok := cut(line, separator)
			if !ok || !l.columns(cells) {
				continue
			}
			l.separator, l.width = separator, len(cells)
			if l.scale == "" && l.unit < 0 {
				l.wrong(i+1, "the column "+strconv.Quote(cells[l.value])+" does not say its unit", "write °C, K or °F in brackets behind its title")
			}
			return i + 1, errors.Join(l.mistakes...)
		}
	}
	l.wrong(1, "no line names a column for the time and one for the temperature", "put a line of titles above the readings, for instance: time;temperature (°C)")
	return 0, errors.Join(l.mistakes...)
}

// cut takes a line apart; false where it has one column only, or an open quote.
func cut(line, separator string) ([]string, bool) {
	cells := strings.Split(line, separator)
	if strings.Contains(line, `"`) {
		r := csv.NewReader(strings.NewReader(line))
		r.Comma = rune(separator[0])
		quoted, err := r.Read()
		if err != nil {
			return nil, false
		}
		cells = quoted
	}
	for i := range cells {
		cells[i] = strings.TrimSpace(cells[i])
	}
	return cells, len(cells) > 1
}

// columns finds the columns by their titles.
func (l *logger) columns(cells []string) bool {
	l.date, l.time, l.value, l.unit, l.scale = -1, -1, -1, -1, ""
	for i, cell := range cells {
		title, unit := titled(cell)
		switch title {
		case "date":
			l.date = i
		case "time", "timestamp", "time stamp", "datetime", "date/time", "date time", "date_time", "date and time":
			l.time = i
			if zone := offsetOf(unit); zone != nil {
				l.zone = zone
			}
		case "temperature", "temp", "temp.":
			if l.value < 0 {
				l.value, l.scale = i, scaleOf(unit)
			}
		case "unit", "units":
			l.unit = i
		default:
			if s := scaleOf(title); s != "" && l.value < 0 {
				l.value, l.scale = i, s
			}
		}
	}
	return l.time >= 0 && l.value >= 0
}

// titled parts the title of a column from the unit behind it: in brackets, or
// behind a comma, a blank or an underscore.
func titled(cell string) (title, unit string) {
	cell = strings.ToLower(strings.TrimSpace(cell))
	if i := strings.IndexAny(cell, "([,"); i > 0 {
		return strings.TrimSpace(cell[:i]), strings.Trim(cell[i:], "()[], ")
	}
	if i := strings.LastIndexAny(cell, " _"); i > 0 && (scaleOf(cell[i+1:]) != "" || cell[i+1:] == "utc") {
		return cell[:i], cell[i+1:]
	}
	return cell, ""
}

// offsetOf returns the zone that the title of a time names, "UTC" or "GMT+01:00";
// nil where it names none.
func offsetOf(unit string) *time.Location {
	offset, ok := strings.CutPrefix(strings.Replace(unit, "gmt", "utc", 1), "utc")
	switch {
	case !ok:
		return nil
	case offset == "":
		return time.UTC
	}
	for _, layout := range []string{"-07:00", "-0700", "-07"} {
		if t, err := time.Parse(layout, offset); err == nil {
			_, seconds := t.Zone()
			return time.FixedZone(unit, seconds)
		}
	}
	return nil
}

// scaleOf returns the UCUM code of a unit of temperature; empty for what is none.
func scaleOf(unit string) string {
	switch strings.ToLower(strings.TrimSpace(unit)) {
	case "°c", "c", "cel", "celsius", "degc", "deg c":
		return "Cel"
	case "k", "kelvin":
		return "K"
	case "°f", "f", "fahrenheit", "degf", "deg f":
		return "[degF]"
	}
	return ""
}

// row reads one line below the titles.
func (l *logger) row(number int, line string) {
	cells, ok := cut(line, l.separator)
	if l.separator != "," { // behind a comma an empty cell may be the rest of a decimal comma
		for len(cells) > l.width && cells[len(cells)-1] == "" {
			cells = cells[:len(cells)-1]
		}
	}
	if !ok || len(cells) != l.width {
		l.wrong(number, "the line has "+strconv.Itoa(len(cells))+" columns, the titles have "+strconv.Itoa(l.width),
			"separate columns as the titles do; where a comma separates them, write temperatures with a point")
		return
	}
	at, ok := l.at(number, cells)
	if !ok {
		return
	}
	scale := l.scale
	if l.unit >= 0 {
		scale = scaleOf(cells[l.unit])
	}
	reading, ok := l.reading(number, cells[l.value], scale)
	if ok {
		reading.At = at
		l.log.Readings = append(l.log.Readings, reading)
	}
}

// at reads when a line was measured, and holds it against the line above.
func (l *logger) at(number int, cells []string) (time.Time, bool) {
	text := cells[l.time]
	if l.date >= 0 {
		text = cells[l.date] + " " + text
	}
	at, exact, ok := l.moment(text)
	if !ok {
		l.wrong(number, strconv.Quote(text)+" is no time", "write it like 2026-03-02 14:05 or 2026-03-02T14:05:00+01:00")
		return at, false
	}
	before := l.before
	if !exact {
		if at, ok = l.local(at, before); !ok {
			l.wrong(number, strconv.Quote(text)+" does not exist in "+l.zone.String()+", where the clock was put forward", "say in which zone the logger's clock runs, for instance --zone UTC")
			return at, false
		}
	}
	l.before = at
	if at.Before(before) {
		l.wrong(number, strconv.Quote(text)+" is before the time of the reading above", "sort the lines by time; where the logger was set anew, cut the file in two")
		return at, false
	}
	return at, true
}

// moment reads a time; exact says that it names its offset.
func (l *logger) moment(text string) (at time.Time, exact, ok bool) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t.UTC(), true, true
	}
	for _, layout := range []string{"2006-01-02 15:04:05", "2006-01-02 15:04", "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, false, true // the clock's face, as if it were UTC
		}
	}
	return at, false, false
}

// local returns when a clock in the zone showed this. An hour that comes twice,
// when the clock is put back, is the first one that is not before the reading
// above; false for an hour that never came.
func (l *logger) local(face, before time.Time) (time.Time, bool) {
	var last time.Time
	found := false
	guess := time.Date(face.Year(), face.Month(), face.Day(), face.Hour(), face.Minute(), face.Second(), face.Nanosecond(), l.zone)
	for _, shift := range []time.Duration{-time.Hour, 0, time.Hour} {
		t := guess.Add(shift)
		if t.Hour() != face.Hour() || t.Minute() != face.Minute() {
			continue
		}
		last, found = t.UTC(), true
		if !last.Before(before) {
			break
		}
	}
	return last, found
}

// absent is what loggers write where they have no temperature.
var absent = []string{"", "nan", "n/a", "na", "null", "-", "--", "---", "ovrflw", "overflow", "ovf", "ovfl", "inf", "-inf", "open", "err", "error", "no data"}

// reading reads a temperature.
func (l *logger) reading(number int, text, scale string) (Temperature, bool) {
	if slices.Contains(absent, strings.ToLower(text)) {
		return Temperature{Missing: true}, true
	}
	if scale == "" {
		l.wrong(number, "the unit of the temperature is missing or unknown", "write °C, K or °F")
		return Temperature{}, false
	}
	decimal := strings.ReplaceAll(strings.ReplaceAll(text, "\u2212", "-"), ",", ".")
	v, err := strconv.ParseFloat(decimal, 64)
	if err != nil || strings.Trim(decimal, "+-.0123456789") != "" {
		l.wrong(number, strconv.Quote(text)+" is no temperature", "write a number, or NaN where the logger has none")
		return Temperature{}, false
	}
	const zero, most = -273.15, 2000 // absolute zero; hotter than any furnace of a laboratory
	v = inCelsius(v, scale)
	if v < zero || v > most {
		l.wrong(number, strconv.Quote(text)+" is no temperature that a place can have", "where the logger writes this for a reading that failed, write NaN")
		return Temperature{}, false
	}
	return Temperature{Cel: v}, true
}

// inCelsius converts to °C; what was no °C is rounded to a hundredth, finer than
// loggers measure.
func inCelsius(v float64, scale string) float64 {
	const kelvin, freezing, fifths, ninths, fine = 273.15, 32, 5, 9, 100
	switch scale {
	case "K":
		v -= kelvin
	case "[degF]":
		v = (v - freezing) * fifths / ninths
	default:
		return v
	}
	return math.Round(v*fine) / fine
}
