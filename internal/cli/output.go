package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"secretome/internal/fault"
)

// column is one column of a list.
type column[T any] struct {
	title string
	text  func(T) string
}

// list prints items in the form that was asked for.
func list[T any](a *app, items []T, columns []column[T]) error {
	if items == nil {
		items = []T{} // nothing is [], not null
	}
	if a.json || len(a.fields) > 0 {
		return a.chosen(items, true)
	}
	rows := make([][]string, 0, len(items))
	for _, item := range items {
		row := make([]string, len(columns))
		for i, c := range columns {
			row[i] = c.text(item)
		}
		rows = append(rows, row)
	}
	titles := make([]string, len(columns))
	for i, c := range columns {
		titles[i] = c.title
	}
	return a.table(titles, rows)
}

// one prints a single thing: as JSON, or as text says it.
func one[T any](a *app, item T, text func() error) error {
	if a.json || len(a.fields) > 0 {
		return a.chosen(item, false)
	}
	return text()
}

// chosen prints v as JSON, or only the fields that were asked for, as JSON or
// as columns.
func (a *app) chosen(v any, many bool) error {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("print as JSON: %w", err)
	}
	if len(a.fields) == 0 {
		_, err := fmt.Fprintf(a.out, "%s\n", data)
		return err
	}
	if !many {
		data = slices.Concat([]byte("["), data, []byte("]"))
	}
	var objects []map[string]json.RawMessage
	if err := json.Unmarshal(data, &objects); err != nil {
		return fmt.Errorf("choose fields: %w", err)
	}
	if err := a.checkFields(objects); err != nil {
		return err
	}
	if a.json {
		return a.chosenJSON(objects, many)
	}
	rows := make([][]string, 0, len(objects))
	for _, o := range objects {
		var row []string
		for _, f := range a.fields {
			row = append(row, plain(o[f]))
		}
		rows = append(rows, row)
	}
	return a.table(a.fields, rows)
}

// checkFields refuses a name that no object has.
func (a *app) checkFields(objects []map[string]json.RawMessage) error {
	known := map[string]bool{}
	for _, o := range objects {
		for k := range o {
			known[k] = true
		}
	}
	for _, f := range a.fields {
		if len(objects) > 0 && !known[f] {
			return fault.New(fault.Usage, "there is no field %q here", f).Field("fields").Try("fields are: %s", strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
	}
	return nil
}

func (a *app) chosenJSON(objects []map[string]json.RawMessage, many bool) error {
	lines := make([]string, 0, len(objects))
	for _, o := range objects {
		var parts []string
		for _, f := range a.fields {
			if value, ok := o[f]; ok {
				parts = append(parts, fmt.Sprintf("%q:%s", f, value))
			}
		}
		lines = append(lines, "{"+strings.Join(parts, ",")+"}")
	}
	text := strings.Join(lines, ",")
	if many {
		text = "[" + text + "]"
	}
	_, err := fmt.Fprintln(a.out, text)
	return err
}

// plain is a JSON value as text: strings without their quotes.
func plain(v json.RawMessage) string {
	var s string
	if json.Unmarshal(v, &s) == nil {
		return s
	}
	return string(bytes.TrimSpace(v))
}

// table prints aligned columns with titles on a terminal, and lines with tabs
// otherwise.
func (a *app) table(titles []string, rows [][]string) error {
	for _, row := range rows {
		for i := range row {
			row[i] = cell(row[i])
		}
	}
	if !a.terminal {
		if a.header {
			rows = append([][]string{titles}, rows...)
		}
		for _, row := range rows {
			if _, err := fmt.Fprintln(a.out, strings.Join(row, "\t")); err != nil {
				return err
			}
		}
		return nil
	}
	head := make([]string, len(titles))
	for i, t := range titles {
		head[i] = strings.ToUpper(t)
	}
	rows = append([][]string{head}, rows...)
	widths := a.widths(rows)
	for _, row := range rows {
		if _, err := fmt.Fprintln(a.out, aligned(row, widths)); err != nil {
			return err
		}
	}
	return nil
}

// cell keeps a value in its place: what would break columns or the terminal
// becomes a blank.
func cell(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || (r >= 0x80 && r < 0xa0) {
			return ' '
		}
		return r
	}, s)
}

const gap = 2 // blanks between columns

// widths fits the columns to the terminal by narrowing the widest.
func (a *app) widths(rows [][]string) []int {
	widths := make([]int, len(rows[0]))
	total := 0
	for i := range widths {
		for _, row := range rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
		total += widths[i] + gap
	}
	const least = 8
	for a.width > 0 && total > a.width {
		widest := slices.Index(widths, slices.Max(widths))
		if widths[widest] <= least {
			break
		}
		widths[widest]--
		total--
	}
	return widths
}

func aligned(row []string, widths []int) string {
	var b strings.Builder
	for i, text := range row {
		runes := []rune(text)
		if len(runes) > widths[i] {
			runes = append(runes[:widths[i]-1], '…')
		}
		b.WriteString(string(runes))
		b.WriteString(strings.Repeat(" ", widths[i]-len(runes)+gap))
	}
	return strings.TrimRight(b.String(), " ")
}

// pairs prints "name  value" lines; empty values are left out.
func (a *app) pairs(pp ...[2]string) error {
	var rows [][]string
	for _, p := range pp {
		if p[1] != "" {
			rows = append(rows, []string{p[0], p[1]})
		}
	}
	if len(rows) == 0 {
		return nil
	}
	plain := *a
	plain.header = false
	if !a.terminal {
		return plain.table(nil, rows)
	}
	widths := a.widths(rows)
	for _, row := range rows {
		if _, err := fmt.Fprintln(a.out, aligned([]string{row[0], cell(row[1])}, widths)); err != nil {
			return err
		}
	}
	return nil
}

// zone is in which times are shown and read.
func (a *app) zone() (*time.Location, error) {
	name := a.setting("SECRETOME_TZ", "Local")
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fault.New(fault.Usage, "SECRETOME_TZ is %q, which is no time zone", name).Try("write it like Europe/Berlin")
	}
	return zone, nil
}

// when prints a time: short on a terminal, RFC 3339 in UTC elsewhere.
func (a *app) when(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	zone, err := a.zone()
	if err != nil || !a.terminal {
		return t.UTC().Format(time.RFC3339)
	}
	return t.In(zone).Format("2 Jan 2006 15:04")
}

// instant reads a time as a person types it.
func (a *app) instant(flag, text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	zone, err := a.zone()
	if err != nil {
		return time.Time{}, err
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04", "2006-01-02T15:04", "2006-01-02"} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fault.New(fault.Usage, "%q is no time", text).Field(flag).Try("write it like 2026-03-02 14:05 or 2026-03-02T14:05:00+01:00")
}
