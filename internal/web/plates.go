package web

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"secretome/internal/lab"
)

// plateMap is a plate with a value in each well.
type plateMap struct {
	Title   string
	Columns []int
	Rows    []wellRow
	Low     string // of the scale
	High    string
	Codes   []string // groups or codes on it, to choose one
	Code    string   // the chosen one
}

type wellRow struct {
	Letter string
	Cells  []plateCell
}

// plateCell is one well.
type plateCell struct {
	Well   string
	Code   string
	Value  string
	Name   string // as it is spoken
	Class  string // fill, c0 to c9, and marks
	Href   string
	Number *float64
	Blank  bool
	Out    bool // excluded
	Faded  bool // another code is chosen
}

// readPlates lays the readings of a plate file out, one map for each read of it.
func readPlates(readings []lab.Reading) []plateMap {
	const most = 4
	var titles []string
	cells := map[string]map[string]plateCell{}
	for _, r := range readings {
		if r.Well == "" {
			continue
		}
		title := r.Label
		if r.Plate != "" {
			title = strings.TrimSpace(r.Plate + " " + title)
		}
		if r.NM > 0 && !strings.Contains(title, strconv.FormatFloat(r.NM, 'f', -1, 64)) {
			title += fmt.Sprintf(" %g nm", r.NM)
		}
		if title == "" {
			title = "Readings"
		}
		if cells[title] == nil {
			titles = append(titles, title)
			cells[title] = map[string]plateCell{}
		}
		c := plateCell{Well: r.Well, Code: r.Group, Number: r.Value}
		if r.Value == nil {
			c.Value = strings.ReplaceAll(r.Flag, "_", " ")
		}
		cells[title][r.Well] = c
	}
	var maps []plateMap
	for _, title := range titles[:min(most, len(titles))] {
		maps = append(maps, newPlateMap(title, cells[title], ""))
	}
	return maps
}

// newPlateMap puts wells into rows and columns, and gives each the colour of its
// value's place between the lowest and the highest.
func newPlateMap(title string, cells map[string]plateCell, code string) plateMap {
	m := plateMap{Title: title, Code: code}
	rows, columns := "H", 12 // of a plate with 96 wells, the smallest that a reader takes here
	low, high := 0.0, 0.0
	first := true
	for _, c := range cells {
		letter, column := wellPlace(c.Well)
		if letter == "" {
			continue
		}
		rows, columns = max(rows, letter), max(columns, column)
		if c.Number != nil {
			if first {
				low, high, first = *c.Number, *c.Number, false
			}
			low, high = min(low, *c.Number), max(high, *c.Number)
		}
		if c.Code != "" && !slices.Contains(m.Codes, c.Code) {
			m.Codes = append(m.Codes, c.Code)
		}
	}
	slices.Sort(m.Codes)
	m.Low, m.High = shownNumber(low), shownNumber(high)
	for i := range columns {
		m.Columns = append(m.Columns, i+1)
	}
	for letter := 'A'; string(letter) <= rows; letter++ {
		row := wellRow{Letter: string(letter)}
		for _, column := range m.Columns {
			well := fmt.Sprintf("%c%d", letter, column)
			c, ok := cells[well]
			if !ok {
				c = plateCell{Well: well}
			}
			row.Cells = append(row.Cells, c.coloured(low, high, code))
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}

// wellPlace splits A1 into row and column.
func wellPlace(well string) (string, int) {
	if len(well) < 2 || well[0] < 'A' || well[0] > 'P' {
		return "", 0
	}
	n, err := strconv.Atoi(well[1:])
	if err != nil || n < 1 || n > 24 {
		return "", 0
	}
	return well[:1], n
}

// coloured says how a well is drawn and spoken.
func (c plateCell) coloured(low, high float64, code string) plateCell {
	c.Name = c.Well
	if c.Code != "" {
		c.Name += ", " + c.Code
	}
	if c.Number != nil {
		step := 0
		if high > low {
			step = min(int((*c.Number-low)/(high-low)*10), 9)
		}
		c.Class, c.Value = fmt.Sprintf("c%d", step), shownNumber(*c.Number)
	}
	if c.Value == "" && c.Blank {
		c.Value = "bl"
	}
	if c.Value != "" {
		c.Name += ": " + c.Value
	} else {
		c.Class = "empty"
	}
	if c.Out {
		c.Class += " out"
		c.Name += ", excluded"
	}
	if c.Blank {
		c.Name += ", blank"
		c.Class += " blank"
	}
	if c.Faded = code != "" && c.Code != code; c.Faded {
		c.Class += " faded"
	}
	return c
}

// shownNumber prints a value with three significant digits at least.
func shownNumber(v float64) string {
	s := strconv.FormatFloat(v, 'f', 3, 64)
	switch {
	case v >= 1000 || v <= -1000:
		s = strconv.FormatFloat(v, 'f', 0, 64)
	case v >= 100 || v <= -100:
		s = strconv.FormatFloat(v, 'f', 1, 64)
	case v >= 10 || v <= -10:
		s = strconv.FormatFloat(v, 'f', 2, 64)
	}
	return strings.Replace(s, "-", "−", 1)
}
