package protocol

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"secretome/internal/design"
)

func (l *linter) layoutIDs() []string {
	return names(l.p.Layouts, func(y Layout) string { return y.ID })
}

func (l *linter) layouts() {
	seen := map[string]bool{}
	for i, y := range l.p.Layouts {
		at := fmt.Sprintf("layouts[%d]", i)
		l.id(at+".layout", y.ID, plainID, seen)
		if !slices.ContainsFunc(l.p.Assays, func(a Assay) bool { return a.Layout == y.ID }) && !slices.ContainsFunc(l.p.Models, func(m Model) bool { return m.Layout == y.ID }) {
			l.add(at+".layout", "no assay and no model uses layout %q", y.ID).Try("name it as the layout of one, or take it out")
		}
		plate, err := design.PlateOf(y.Wells)
		if err != nil {
			l.add(at+".wells", "there is no plate of %d wells", y.Wells).Try("known are: 6, 12, 24, 48, 96, 384")
			continue
		}
		l.free(at, y, plate)
		l.standards(at, y)
	}
}

// free checks which wells are free for what is drawn, and that it fits.
func (l *linter) free(at string, y Layout, plate design.Plate) {
	if len(y.Rows) > 0 || !y.Drawn() {
		l.rows(at, y, plate.Rows, plate.Columns)
	}
	wanted, free := 0, 0
	for _, code := range sortedKeys(y.Place) {
		l.number(at+".place."+code, y.Place[code], 1, plate.Wells)
		wanted += y.Place[code]
	}
	for _, codes := range y.Rows {
		free += strings.Count(codes, drawnWell)
	}
	switch {
	case !y.Drawn() && free > 0:
		l.add(at+".rows", "%d wells are marked ? and nothing is drawn into them", free).Try("say what: place: {NC: 6, …}")
		return
	case !y.Drawn() && y.Area != "":
		l.add(at+".area", "area means nothing without place").Try("take it out, or say what is drawn: place: {NC: 6, …}")
		return
	case !y.Drawn():
		return
	case len(y.Rows) > 0 && y.Area != "":
		l.add(at+".area", "rows and area both say where groups are drawn").Try("keep one of them")
		return
	case len(y.Rows) == 0:
		if !l.oneOf(at+".area", "area", y.Area, []string{"inner", "all"}) {
			return
		}
		if free = plate.Wells; y.Area == "inner" {
			free = len(plate.Inner())
		}
	}
	if wanted > free {
		l.add(at+".place", "%d wells are wanted, %d are free", wanted, free).Try("place fewer, or take a larger plate")
	}
}

// drawnWell marks a well of a layout that a code is drawn into.
const drawnWell = "?"

func (l *linter) rows(at string, y Layout, rows, columns int) {
	letters := strings.Split(rowLetters[:rows], "")
	for _, row := range letters {
		if _, ok := y.Rows[row]; !ok {
			l.add(at+".rows", "row %s is missing", row).Try("write - for each unused well")
		}
	}
	for _, row := range sortedKeys(y.Rows) {
		at := at + ".rows." + row
		if !slices.Contains(letters, row) {
			l.add(at, "a plate of %d wells has no row %q", y.Wells, clip(row)).Try("rows are %s to %s", letters[0], letters[rows-1])
		}
		if n := len(strings.Fields(y.Rows[row])); n != columns {
			l.add(at, "row %s has %d wells, a plate of %d wells has %d columns", clip(row), n, y.Wells, columns).Try("write - for each unused well")
		}
	}
}

func (l *linter) standards(at string, y Layout) {
	used := map[string]bool{}
	for _, codes := range y.Rows {
		for _, c := range strings.Fields(codes) {
			used[c] = true
		}
	}
	for _, s := range sortedKeys(y.Standards) {
		at := at + ".standards." + s
		l.matches(at, s, groupCode, "a capital letter, then capital letters or digits")
		if !used[s] {
			l.add(at, "standard %q stands in no well", s).Try("put it on the plate, or take it out")
		}
		if strings.HasPrefix(y.Standards[s].Amount(), "-") {
			l.add(at, "standard %q has less than nothing", s).Try("take out the minus")
		}
	}
}

var unitCode = regexp.MustCompile(`^([A-Z][A-Z0-9]*)\.[1-9][0-9]?$`)

// codes wants each well to hold a group of the model, a unit of one, a standard,
// or nothing.
func (l *linter) codes(at string, y Layout, groups []string, model string) {
	known := append(slices.Clone(groups), sortedKeys(y.Standards)...)
	for _, c := range sortedKeys(y.Place) {
		if m := unitCode.FindStringSubmatch(c); m == nil || !slices.Contains(groups, m[1]) {
			l.oneOf(at+".place."+c, "group", c, groups)
		}
	}
	for _, row := range sortedKeys(y.Rows) {
		for i, c := range strings.Fields(y.Rows[row]) {
			if m := unitCode.FindStringSubmatch(c); m != nil && slices.Contains(groups, m[1]) || c == "-" || c == drawnWell || slices.Contains(known, c) {
				continue
			}
			f := l.add(at+".rows."+row, "%q is neither a group of %s nor a standard", clip(c), quoted(model))
			f.Place.Well = fmt.Sprintf("%s%d", row, i+1)
			f.Try("%s", meant(c, known))
		}
	}
}

func quoted(model string) string {
	if model == "" {
		return "the run"
	}
	return fmt.Sprintf("model %q", model)
}
