package label

import (
	"math"
	"strings"

	"secretome/internal/fault"
)

// Measures of a label's content: mm, or a share of another measure.
const (
	squareShare   = 0.42 // of the width for a square symbol, if that suffices
	largestModule = 0.6  // a larger one is read no better
	between       = 0.8  // symbol and text
	leastBars     = 4.0  // height of bars, over which a hand still holds a scanner's line
	barsShare     = 0.35 // of the height for bars, if that is more
	finer         = 1e-9 // sums of decimal fractions are not exact
)

// box is a rectangle on a label, in mm from the label's corner.
type box struct{ x, y, width, height float64 }

// plan is where everything on a label lies.
type plan struct {
	symbol modules
	at     box // of the symbol without its quiet zone
	rows   []row
}

// layOut places a label's content, and refuses with what would do instead.
func layOut(l Label, s Symbol, on Sheet) (plan, error) {
	p, err := place(l, s, on)
	f := fault.Of(err)
	if err == nil || f.Kind != fault.Invalid {
		return p, err
	}
	return plan{}, f.Field("code").Try("%s", instead(l, s, on))
}

// instead says which symbols on this sheet, and which sheets with this symbol,
// have room for a label.
func instead(l Label, s Symbol, on Sheet) string {
	var symbols, sheets []string
	for _, other := range Symbols() {
		if _, err := place(l, other, on); err == nil {
			symbols = append(symbols, string(other))
		}
	}
	for _, other := range Sheets() {
		if _, err := place(l, s, other); err == nil {
			sheets = append(sheets, other.Name)
		}
	}
	var would []string
	if len(symbols) > 0 {
		would = append(would, "on this sheet the symbol "+strings.Join(symbols, " or ")+" would do")
	}
	if len(sheets) > 0 {
		would = append(would, "with this symbol the sheet "+strings.Join(sheets, " or ")+" would do")
	}
	if len(would) == 0 {
		return "shorten the code, or take another symbol on a larger sheet"
	}
	return strings.Join(would, "; ")
}

func place(l Label, s Symbol, on Sheet) (plan, error) {
	m, err := s.encode(l.Code)
	if err != nil {
		return plan{}, err
	}
	content := box{on.PaddingMM, on.PaddingMM, on.LabelWidthMM - 2*on.PaddingMM, on.LabelHeightMM - 2*on.PaddingMM}
	cells := float64(m.width + 2*s.quiet())
	room, most := content.width, content.width
	if !s.linear() {
		room, most = min(content.height, content.width*squareShare), min(content.height, content.width)
	}
	module := min(hundredths(room/cells), largestModule)
	if module < s.leastModule() {
		module = s.leastModule()
	}
	if module*cells > most+finer {
		return plan{}, fault.New(fault.Invalid, "code %q is too long for %s on %s, whose labels are %s x %s mm: its modules would be %.2f mm, and %.2f mm is the least that is read",
			l.Code, s, on.Name, mm(on.LabelWidthMM), mm(on.LabelHeightMM), hundredths(most/cells), s.leastModule())
	}
	var p plan
	var ok bool
	if s.linear() {
		p, ok = over(l, m, module, content)
	} else {
		p, ok = beside(l, m, module, float64(s.quiet()), content)
	}
	if !ok {
		return plan{}, fault.New(fault.Invalid, "code %q is too long for %s on %s, whose labels are %s x %s mm: it leaves no room for its text", l.Code, s, on.Name, mm(on.LabelWidthMM), mm(on.LabelHeightMM))
	}
	return p, nil
}

// hundredths rounds down to 0.01 mm.
func hundredths(v float64) float64 {
	const perMM = 100
	return math.Floor(v*perMM+finer) / perMM
}

// beside puts a square symbol to the left and the text to its right.
func beside(l Label, m modules, module, quiet float64, in box) (plan, bool) {
	side := module * float64(m.width)
	all := side + 2*quiet*module
	rows, height, ok := write(l, in.width-all-between, in.height)
	down := in.y + (in.height-height)/2
	return plan{
		symbol: m,
		at:     box{in.x + quiet*module, in.y + (in.height-side)/2, side, side},
		rows:   moved(rows, in.x+all+between, down),
	}, ok
}

// over puts bars above the text, in the middle.
func over(l Label, m modules, module float64, in box) (plan, bool) {
	rows, height, ok := write(l, in.width, in.height-between-max(leastBars, in.height*barsShare))
	wide := module * float64(m.width)
	bars := box{in.x + (in.width-wide)/2, in.y, wide, in.height - between - height}
	for i := range rows {
		rows[i].x = (in.width - rows[i].width) / 2
	}
	return plan{symbol: m, at: bars, rows: moved(rows, in.x, in.y+in.height-height)}, ok
}

func moved(rows []row, x, y float64) []row {
	for i := range rows {
		rows[i].x += x
		rows[i].y += y
	}
	return rows
}
