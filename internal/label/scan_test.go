package label_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/datamatrix"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode"

	"secretome/internal/label"
)

// quiet zones in modules: ISO/IEC 16022 (7.2), 18004 (9.1) and 15417 (4.4).
var quietZones = map[label.Symbol]int{label.DataMatrix: 1, label.QR: 4, label.Code128: 10}

// An independent program, a port of ZXing, reads what was drawn.
func reader(s label.Symbol) gozxing.Reader {
	switch s {
	case label.QR:
		return qrcode.NewQRCodeReader()
	case label.Code128:
		return oned.NewCode128Reader()
	default:
		return datamatrix.NewDataMatrixReader()
	}
}

func read(t *testing.T, s label.Symbol, d drawn) string {
	t.Helper()
	bitmap, err := gozxing.NewBinaryBitmapFromImage(d.raster(quietZones[s], s == label.Code128))
	if err != nil {
		t.Fatal(err)
	}
	hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true}
	found, err := reader(s).Decode(bitmap, hints)
	if err != nil {
		t.Errorf("%s is not read: %v", d.code(), err)
		return ""
	}
	return found.GetText()
}

// codes are n codes: half of them such as laboratories write, half of any
// printable characters and lengths.
func codes(n int) []string {
	r := rand.New(rand.NewPCG(6, 9)) // any seed; fixed, so that a failure comes again
	all := []string{"CM-2026-007", "V-0012", "D-0007", "A", "0", "<&>\"'", "1234567", strings.Repeat("m", label.MaxCode), strings.Repeat("9", label.MaxCode)}
	seen := map[string]bool{}
	for len(all) < n {
		alphabet := "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-./"
		if len(all)%2 == 0 {
			alphabet = printable()
		}
		var b strings.Builder
		for range 1 + r.IntN(label.MaxCode) {
			b.WriteByte(alphabet[r.IntN(len(alphabet))])
		}
		code := strings.TrimSpace(b.String())
		if code != "" && !seen[code] {
			all = append(all, code)
			seen[code] = true
		}
	}
	return all
}

func printable() string {
	var b strings.Builder
	for c := byte(' '); c <= '~'; c++ {
		b.WriteByte(c)
	}
	return b.String()
}

// wide has room for every code as bars.
func wide() label.Sheet {
	return label.Sheet{Name: "wide", PageWidthMM: 200, PageHeightMM: 40, LabelWidthMM: 200, LabelHeightMM: 40, Columns: 1, Rows: 1, PaddingMM: 1}
}

func TestAScannerReadsTheCodeThatTheEyeReads(t *testing.T) {
	for _, s := range label.Symbols() {
		t.Run(string(s), func(t *testing.T) {
			for _, code := range codes(200) {
				all := labels(t, pages(t, label.Job{Labels: []label.Label{{Code: code}}, Sheet: wide(), Symbol: s})[0])
				if got := read(t, s, all[0]); got != code {
					t.Errorf("the scanner reads %q, want %q", got, code)
				}
				if got := all[0].code(); got != code {
					t.Errorf("the eye reads %q, want %q", got, code)
				}
			}
		})
	}
}
