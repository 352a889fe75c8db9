package label

import (
	"strings"

	"secretome/internal/fault"
)

// Sheet is how labels lie on a page. Lengths are in mm; the pitch is from the
// edge of one label to the same edge of the next.
type Sheet struct {
	Name          string  `json:"name"`
	Title         string  `json:"title"`
	PageWidthMM   float64 `json:"page_width_mm"`
	PageHeightMM  float64 `json:"page_height_mm"`
	LabelWidthMM  float64 `json:"label_width_mm"`
	LabelHeightMM float64 `json:"label_height_mm"`
	Columns       int     `json:"columns"`
	Rows          int     `json:"rows"`
	LeftMM        float64 `json:"left_mm"` // margin before the first column
	TopMM         float64 `json:"top_mm"`  // margin above the first row
	PitchXMM      float64 `json:"pitch_x_mm"`
	PitchYMM      float64 `json:"pitch_y_mm"`
	PaddingMM     float64 `json:"padding_mm"` // kept free inside each edge of a label, for printers that miss a little
}

// Sheets returns the sheets that are known, the usual one first. The measures
// are those of the makers' templates; where a template says nothing of margins,
// the labels lie in the middle of the page.
func Sheets() []Sheet {
	return []Sheet{
		{Name: "a4-l7651", Title: "A4, Avery L7651, 65 labels", PageWidthMM: 210, PageHeightMM: 297, LabelWidthMM: 38.1, LabelHeightMM: 21.2,
			Columns: 5, Rows: 13, LeftMM: 4.75, TopMM: 10.7, PitchXMM: 40.6, PitchYMM: 21.2, PaddingMM: 1.2},
		{Name: "a4-4x10", Title: "A4, 40 labels without gaps", PageWidthMM: 210, PageHeightMM: 297, LabelWidthMM: 48.5, LabelHeightMM: 25.4,
			Columns: 4, Rows: 10, LeftMM: 8, TopMM: 21.5, PitchXMM: 48.5, PitchYMM: 25.4, PaddingMM: 1.5},
		single("cryo-25x13", "Roll for cryo-vials, one label a page", 25, 13, 0.8),
		single("roll-50x25", "Continuous roll of one column, cut behind each label", 50, 25, 1.2),
		single("roll-46x23", "Roll for wraps of cryo-vials and tubes, one label a page", 46, 23, 1.2),
		single("roll-60x27", "Roll for plates, one label a page", 60, 27, 1.2),
		single("roll-70x36", "Roll for flasks and bottles, one label a page", 70, 36, 1.5),
	}
}

// single is a roll: each page is a label.
func single(name, title string, width, height, padding float64) Sheet {
	return Sheet{Name: name, Title: title, PageWidthMM: width, PageHeightMM: height, LabelWidthMM: width, LabelHeightMM: height,
		Columns: 1, Rows: 1, PitchXMM: width, PitchYMM: height, PaddingMM: padding}
}

// Named returns the sheet with the given name, or a [fault.Invalid] that lists
// the names.
func Named(name string) (Sheet, error) {
	var names []string
	for _, s := range Sheets() {
		if s.Name == name {
			return s, nil
		}
		names = append(names, s.Name)
	}
	return Sheet{}, fault.New(fault.Invalid, "there is no sheet %q", name).Field("sheet").Try("sheets are: %s", strings.Join(names, ", "))
}

func (s Sheet) perPage() int { return s.Columns * s.Rows }

// check refuses a sheet whose labels have no size or leave the page.
func (s Sheet) check() error {
	const rounding = 1e-9 // mm: sums of decimal fractions are not exact
	right := s.LeftMM + float64(s.Columns-1)*s.PitchXMM + s.LabelWidthMM
	bottom := s.TopMM + float64(s.Rows-1)*s.PitchYMM + s.LabelHeightMM
	sized := s.Columns > 0 && s.Rows > 0 && s.PaddingMM >= 0 && s.LabelWidthMM > 2*s.PaddingMM && s.LabelHeightMM > 2*s.PaddingMM
	within := s.LeftMM >= 0 && s.TopMM >= 0 && right <= s.PageWidthMM+rounding && bottom <= s.PageHeightMM+rounding
	apart := (s.Columns == 1 || s.PitchXMM >= s.LabelWidthMM) && (s.Rows == 1 || s.PitchYMM >= s.LabelHeightMM)
	if !sized || !within || !apart {
		return fault.New(fault.Invalid, "the labels of sheet %q have no size, lie over each other or leave the page", s.Name).Field("sheet").Try("correct its measures, which are in mm")
	}
	return nil
}

// corner is where the label in the given place of a page begins; places count
// from 0, row by row.
func (s Sheet) corner(place int) (x, y float64) {
	return s.LeftMM + float64(place%s.Columns)*s.PitchXMM, s.TopMM + float64(place/s.Columns)*s.PitchYMM
}
