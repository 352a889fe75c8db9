package label

import "unicode"

// Sizes of letters in tenths of a mm. Sizes are whole tenths so that sums of
// them have few decimals.
const (
	leastText   = 14 // 4 pt
	usualText   = 18 // the code takes several rows rather than going below
	largestText = 32
	tenths      = 10 // per mm
)

// Shares of the size of letters.
const (
	advance  = 0.6  // width of a letter of a typewriter face, such as Courier or Liberation Mono
	pitch    = 1.15 // from row to row
	baseline = 0.86 // from the top of a row
	lesser   = 0.85 // other text beside the code, at most
)

// row is one row of text.
type row struct {
	words       string
	x, y        float64 // left end of the baseline
	size, width float64
	code        bool
}

// write sets the code and the other text of a label into a width and a height,
// from the corner 0, 0, and returns the height that is taken. The code keeps
// all characters; the others are shortened. It is not ok if there is no room.
func write(l Label, width, height float64) (rows []row, taken float64, ok bool) {
	var others []string
	for _, words := range []string{line(l.Title), line(l.Line2), line(l.Line3)} {
		if cells(words) > 0 {
			others = append(others, words)
		}
	}
	n := float64(len(others))
	size, per := codeSize(len(l.Code), width, height-n*leastText*pitch/tenths)
	if size == 0 {
		return nil, 0, false
	}
	add := func(words string, size int, code bool) {
		s := float64(size) / tenths
		rows = append(rows, row{words: words, y: taken + s*baseline, size: s, width: float64(cells(words)) * advance * s, code: code})
		taken += s * pitch
	}
	for code := l.Code; code != ""; {
		cut := min(per, len(code))
		add(code[:cut], size, true)
		code = code[cut:]
	}
	size = otherSize(others, int(float64(size)*lesser), width, height-taken)
	for _, words := range others {
		add(shorten(words, fitting(width, size)), size, false)
	}
	return rows, taken, true
}

// codeSize returns the size of a code's letters in tenths of a mm, and how many
// stand in one row: one large row if that is possible, else several. The size is
// 0 if nothing fits.
func codeSize(letters int, width, height float64) (size, per int) {
	for size := largestText; size >= leastText; size-- {
		per := fitting(width, size)
		if per < 1 || size > usualText && per < letters {
			continue
		}
		rows := (letters + per - 1) / per
		if float64(rows*size)*pitch/tenths <= height+finer {
			return size, per
		}
	}
	return 0, 0
}

// otherSize returns the largest size up to most at which all texts fit whole,
// and the least size if none does.
func otherSize(texts []string, most int, width, height float64) int {
	longest := 0
	for _, words := range texts {
		longest = max(longest, cells(words))
	}
	for size := most; size > leastText; size-- {
		if fitting(width, size) >= longest && float64(len(texts)*size)*pitch/tenths <= height+finer {
			return size
		}
	}
	return leastText
}

// fitting is how many letters of a size in tenths of a mm fit a width in mm.
func fitting(width float64, size int) int {
	return int((width + finer) * tenths / (advance * float64(size)))
}

// cell is how many places of a typewriter face a rune takes at most: marks over
// letters none, and letters that a Western face may lack two.
func cell(r rune) int {
	const firstWide = 0x2e80 // East Asian scripts and pictures
	switch {
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case r >= firstWide:
		return 2
	}
	return 1
}

func cells(words string) int {
	n := 0
	for _, r := range words {
		n += cell(r)
	}
	return n
}

// shorten cuts words to a number of places, the last of which is then "…".
func shorten(words string, places int) string {
	if cells(words) <= places {
		return words
	}
	n := 0
	for i, r := range words {
		n += cell(r)
		if n > places-1 {
			return words[:i] + "…"
		}
	}
	return words
}
