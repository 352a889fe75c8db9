package label_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"secretome/internal/fault"
	"secretome/internal/label"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func examples() []label.Label {
	return []label.Label{
		{Code: "CM-2026-007", Title: "Conditioned medium, umbilical cord MSC, passage 4", Line2: "2026-03-02, -80 °C", Line3: "lot UCM-2026-001/L3"},
		{Code: "V-0012", Title: "Vehicle"},
		{Code: "D-0007"},
		{Code: "X7Q/<&>\"' ~", Title: "</text><script>alert(1)</script>", Line2: "培地 – Überstand"},
		{Code: strings.Repeat("LOT-2026.", 5) + "END", Title: "the longest code", Line2: "two", Line3: "three"},
	}
}

func TestAPageOfEachSheetIsAsItWas(t *testing.T) {
	for _, s := range label.Sheets() {
		for _, symbol := range label.Symbols() {
			list, name := examples(), s.Name+".svg"
			if symbol != label.DataMatrix {
				list, name = list[1:2], s.Name+"-"+string(symbol)+".svg"
			}
			t.Run(name, func(t *testing.T) {
				got := pages(t, label.Job{Labels: list, Sheet: s, Symbol: symbol})[0]
				file := filepath.Join("testdata", name)
				if *update {
					if err := os.WriteFile(file, got, 0o644); err != nil {
						t.Fatal(err)
					}
				}
				want, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.Equal(got, want) {
					t.Errorf("%s is drawn differently; look at it, then run the test with -update", name)
				}
			})
		}
	}
}

// inside says what leaves a label or lies over something else.
func inside(t *testing.T, s label.Sheet, symbol label.Symbol, d drawn) {
	t.Helper()
	const rounding = 0.001 // mm; the file has four decimals
	least := map[label.Symbol]float64{label.DataMatrix: 0.25, label.QR: 0.25, label.Code128: 0.19}[symbol]
	y := d.symbol
	if y.scaleX < least {
		t.Errorf("%s: a module of %g mm, below %g", d.code(), y.scaleX, least)
	}
	w, h := d.size()
	quietX, quietY := float64(quietZones[symbol])*y.scaleX, float64(quietZones[symbol])*y.scaleX
	if symbol == label.Code128 {
		quietY = 0
	} else if y.scaleX != y.scaleY {
		t.Errorf("%s: modules are no squares", d.code())
	}
	right, bottom := y.x+float64(w)*y.scaleX+quietX, y.y+float64(h)*y.scaleY+quietY
	if y.x-quietX < s.PaddingMM-rounding || y.y-quietY < s.PaddingMM-rounding || right > s.LabelWidthMM-s.PaddingMM+rounding || bottom > s.LabelHeightMM-s.PaddingMM+rounding {
		t.Errorf("%s: the symbol with its quiet zone leaves the label", d.code())
	}
	last := 0.0
	for _, x := range d.texts {
		top := x.Y - 0.86*x.Size // letters with marks on them end here
		if x.X < s.PaddingMM-rounding || x.X+x.Width > s.LabelWidthMM-s.PaddingMM+rounding || top < s.PaddingMM-rounding || x.Y+0.29*x.Size > s.LabelHeightMM-s.PaddingMM+rounding {
			t.Errorf("%s: text %q leaves the label", d.code(), x.Words)
		}
		if x.X < right-rounding && top < bottom-rounding {
			t.Errorf("%s: text %q lies in the symbol", d.code(), x.Words)
		}
		if top < last-rounding {
			t.Errorf("%s: text %q lies on the one above", d.code(), x.Words)
		}
		if x.Size < 1.4 {
			t.Errorf("%s: text %q is %g mm high, below 4 pt", d.code(), x.Words, x.Size)
		}
		last = x.Y + 0.29*x.Size
	}
}

func TestNothingLeavesItsLabel(t *testing.T) {
	for _, s := range label.Sheets() {
		for _, symbol := range label.Symbols() {
			t.Run(s.Name+" "+string(symbol), func(t *testing.T) {
				for _, code := range codes(60) {
					if symbol == label.Code128 && len(code) > 6 {
						code = code[:3] + "012" // bars for longer ones are refused on a vial
					}
					if label.CheckCode(code) != nil {
						continue
					}
					l := label.Label{Code: code, Title: strings.Repeat("a long title ", 9), Line2: strings.Repeat("培", 40), Line3: "x"}
					all := labels(t, pages(t, label.Job{Labels: []label.Label{l}, Sheet: s, Symbol: symbol})[0])
					inside(t, s, symbol, all[0])
					if n := len(all[0].texts); all[0].code() != code || all[0].texts[n-1].Words != "x" || !strings.HasSuffix(all[0].texts[n-2].Words, "…") || !strings.HasSuffix(all[0].texts[n-3].Words, "…") {
						t.Errorf("texts are %v", all[0].texts)
					}
				}
			})
		}
	}
}

func TestLabelsLieWhereTheSheetHasThem(t *testing.T) {
	l7651 := sheet(t, "a4-l7651")
	job := label.Job{Labels: []label.Label{{Code: "A"}, {Code: "B"}}, Sheet: l7651, Symbol: label.DataMatrix, Copies: 2, Skip: 63}
	all := pages(t, job)
	if len(all) != 2 {
		t.Fatalf("%d pages, want 2", len(all))
	}
	var got []string
	for n, page := range all {
		for _, d := range labels(t, page) {
			got = append(got, fmt.Sprintf("page %d, %s at %g %g", n+1, d.code(), d.x, d.y))
		}
	}
	// Avery's template: columns are 40.6 mm apart from 4.75 mm, rows 21.2 mm from 10.7 mm.
	want := []string{"page 1, A at 126.55 265.1", "page 1, A at 167.15 265.1", "page 2, B at 4.75 10.7", "page 2, B at 45.35 10.7"}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestAJobThatCannotBePrintedIsRefused(t *testing.T) {
	roll := sheet(t, "cryo-25x13")
	tiny := label.Sheet{Name: "tiny", PageWidthMM: 6, PageHeightMM: 5, LabelWidthMM: 6, LabelHeightMM: 5, Columns: 1, Rows: 1}
	torn := roll
	torn.Columns = 2
	one := []label.Label{{Code: "CM-2026-007"}}
	for _, test := range []struct {
		name      string
		job       label.Job
		says, try string
	}{
		{"no label", label.Job{Sheet: roll}, "there is no label", "one code"},
		{"no code", label.Job{Labels: []label.Label{{Title: "x"}}, Sheet: roll}, "has no code", "CM-2026-007"},
		{"a code of 49", label.Job{Labels: []label.Label{{Code: strings.Repeat("x", 49)}}, Sheet: roll}, "49 characters", "shorten"},
		{"an accent", label.Job{Labels: []label.Label{{Code: "é"}}, Sheet: roll}, `"é"`, "without accents"},
		{"a control character", label.Job{Labels: []label.Label{{Code: "a\x1d"}}, Sheet: roll}, `"a\x1d"`, "printable"},
		{"a blank at the end", label.Job{Labels: []label.Label{{Code: "a "}}, Sheet: roll}, `"a "`, "blank out"},
		{"equal codes", label.Job{Labels: append(one, one...), Sheet: roll}, "given twice", "copies"},
		{"a skipped roll", label.Job{Labels: one, Sheet: roll, Skip: 1}, "cannot be skipped", "0 to 0"},
		{"fewer than no copies", label.Job{Labels: one, Sheet: roll, Copies: -1}, "-1 copies", "1 or more"},
		{"too many copies", label.Job{Labels: one, Sheet: roll, Copies: 10_001}, "more than 10000", "parts"},
		{"labels outside the page", label.Job{Labels: one, Sheet: torn}, "leave the page", "measures"},
		{"bars too long for a vial", label.Job{Labels: one, Sheet: roll, Symbol: label.Code128}, `"CM-2026-007" is too long for code128 on cryo-25x13, whose labels are 25 x 13 mm: its modules would be 0.13 mm, and 0.19 mm`,
			"symbol datamatrix or qr would do; with this symbol the sheet a4-l7651 or a4-4x10 or roll-50x25"},
		{"bars too long for all", label.Job{Labels: []label.Label{{Code: strings.Repeat("x", 48)}}, Sheet: roll, Symbol: label.Code128}, "too long", "on this sheet the symbol datamatrix or qr would do"},
		{"no room for the text", label.Job{Labels: one, Sheet: tiny, Symbol: label.DataMatrix}, "no room for its text", "with this symbol the sheet a4-l7651"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.job.Symbol == "" {
				test.job.Symbol = label.DataMatrix
			}
			_, err := test.job.HTML()
			f := fault.Of(err)
			if err == nil || f.Kind == fault.Internal || !strings.Contains(f.Sentence()+f.Help, test.says) || !strings.Contains(f.Sentence()+f.Help, test.try) {
				t.Errorf("got %v, help %q; want %q and %q", err, f.Help, test.says, test.try)
			}
		})
	}
}

func TestTheDocumentIsOnePageOfPaperEach(t *testing.T) {
	job := label.Job{Labels: examples(), Sheet: sheet(t, "cryo-25x13"), Symbol: label.QR}
	html, err := job.HTML()
	if err != nil {
		t.Fatal(err)
	}
	again, err := job.HTML()
	if err != nil || !bytes.Equal(html, again) {
		t.Errorf("the second time it differs, %v", err)
	}
	text := string(html)
	if !strings.Contains(text, "@page{size:25mm 13mm;margin:0}") || strings.Count(text, "<svg ") != len(examples()) {
		t.Error("it has not one page for each label")
	}
	for _, never := range []string{"<script", "src=", "href=", "url(", "@import"} {
		if strings.Contains(text, never) {
			t.Errorf("it has %s", never)
		}
	}
}

func TestAListIsRead(t *testing.T) {
	got, err := label.ReadList("list.csv", []byte("\ufeffcode,line2,title\r\nA-1,\"2, 3\",First\r\nA-2,,\r\n"))
	want := []label.Label{{Code: "A-1", Title: "First", Line2: "2, 3"}, {Code: "A-2"}}
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

func TestAListWithMistakesIsRefusedWithTheirLines(t *testing.T) {
	for _, test := range []struct{ name, list, says string }{
		{"empty", "", "list.csv: the list is empty"},
		{"without codes", "title\nx\n", `list.csv:1: there is no column "code"`},
		{"with semicolons", "code;title\nx;y\n", `list.csv:1: column "code;title" is unknown`},
		{"a column twice", "code,code\nx,y\n", `column "code" is unknown or stands there twice`},
		{"a cell too many", "code\nx\ny,z\n", "list.csv:3:1: the list is no CSV: wrong number of fields"},
		{"two wrong codes", "title,code\nx,é\n\ny,\n", "list.csv:2, field code: code \"é\" has a character that is not printable ASCII\nlist.csv:4, field code: a label has no code"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if _, err := label.ReadList("list.csv", []byte(test.list)); err == nil || !strings.Contains(err.Error(), test.says) {
				t.Errorf("got %v, want %q", err, test.says)
			}
		})
	}
}

func FuzzAListIsReadOrRefused(f *testing.F) {
	f.Add([]byte("code,title\nA-1,First\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := label.ReadList("list.csv", data)
		if err != nil || len(list) == 0 || len(list) > 100 {
			return
		}
		all, err := label.Job{Labels: list, Sheet: sheet(t, "a4-4x10"), Symbol: label.DataMatrix}.Pages()
		if err != nil {
			if fault.Is(err, fault.Conflict) {
				return // a code stands there twice
			}
			t.Fatal(err)
		}
		for _, page := range all {
			for _, d := range labels(t, page) {
				inside(t, sheet(t, "a4-4x10"), label.DataMatrix, d)
			}
		}
	})
}
