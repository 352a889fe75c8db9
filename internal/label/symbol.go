package label

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/boombuler/barcode"
	"github.com/boombuler/barcode/code128"
	"github.com/boombuler/barcode/datamatrix"
	"github.com/boombuler/barcode/qr"

	"secretome/internal/fault"
)

// Symbol is a symbology.
type Symbol string

// The symbologies, as they are named to people.
const (
	DataMatrix Symbol = "datamatrix" // ISO/IEC 16022, ECC 200, square
	QR         Symbol = "qr"         // ISO/IEC 18004, level M
	Code128    Symbol = "code128"    // ISO/IEC 15417
)

// Symbols returns all symbologies, the usual one first.
func Symbols() []Symbol { return []Symbol{DataMatrix, QR, Code128} }

// SymbolNamed returns the symbology with the given name, or a [fault.Invalid]
// that lists the names.
func SymbolNamed(name string) (Symbol, error) {
	var names []string
	for _, s := range Symbols() {
		if string(s) == name {
			return s, nil
		}
		names = append(names, string(s))
	}
	return "", fault.New(fault.Invalid, "there is no symbol %q", name).Field("symbol").Try("symbols are: %s", strings.Join(names, ", "))
}

// linear says that the symbol is bars in a row, not a square of modules.
func (s Symbol) linear() bool { return s == Code128 }

// quiet is how many modules must be blank around the symbol, by its standard;
// around bars, to the left and right only.
func (s Symbol) quiet() int {
	switch s {
	case QR:
		return 4
	case Code128:
		return 10
	default:
		return 1
	}
}

// leastModule is the smallest module in mm that scanners of a laboratory and
// its printers of 300 dots per inch still keep apart.
func (s Symbol) leastModule() float64 {
	if s.linear() {
		return 0.19
	}
	return 0.25
}

// modules are the cells of a symbol without its quiet zone, row by row. Bars
// are one row.
type modules struct {
	width, height int
	dark          []bool
}

// encode returns the symbol of a code that [CheckCode] let pass.
func (s Symbol) encode(code string) (modules, error) {
	var b barcode.Barcode
	var err error
	switch s {
	case DataMatrix:
		b, err = datamatrix.Encode(code)
	case QR:
		b, err = qr.Encode(code, qr.M, qr.Auto)
	case Code128:
		b, err = code128.Encode(code)
	default:
		_, err = SymbolNamed(string(s))
	}
	if err != nil {
		return modules{}, fmt.Errorf("encode %q as %s: %w", code, s, err)
	}
	size := b.Bounds()
	m := modules{width: size.Dx(), height: size.Dy()}
	for y := size.Min.Y; y < size.Max.Y; y++ {
		for x := size.Min.X; x < size.Max.X; x++ {
			red, _, _, _ := b.At(x, y).RGBA()
			m.dark = append(m.dark, red == 0)
		}
	}
	return m, nil
}

// path draws the dark modules in units of modules: each run of a row is a
// rectangle.
func (m modules) path() string {
	var b strings.Builder
	for y := range m.height {
		row := m.dark[y*m.width : (y+1)*m.width]
		for x := 0; x < m.width; {
			run := 0
			for x+run < m.width && row[x+run] {
				run++
			}
			if run > 0 {
				n := strconv.Itoa(run)
				b.WriteString("M" + strconv.Itoa(x) + " " + strconv.Itoa(y) + "h" + n + "v1h-" + n + "z")
			}
			x += run + 1
		}
	}
	return b.String()
}
