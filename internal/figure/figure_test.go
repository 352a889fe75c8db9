package figure_test

import (
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"secretome/internal/figure"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func number(v float64) *float64 { return &v }

func points() figure.Points {
	p := figure.Points{
		ID: "f1", Title: "Viability of HaCaT cells after 24 h", Description: "Two doses near the vehicle, killed cells near zero.",
		Axis: "viability, % of untreated", Counted: "independent thaws", Limits: []figure.Limit{{Value: 70, Label: "70 %, ISO 10993-5"}},
	}
	for i, g := range []struct {
		label  string
		values []float64
	}{{"NC", []float64{100, 100, 100}}, {"VC", []float64{96.2, 101.4, 98.9}}, {"CM5", []float64{101.2, 104.9, 99.1}}, {"CM20", []float64{108.4, 112.1, 104.2}}, {"KC", []float64{2.1, -0.8, 1.4}}} {
		group := figure.Group{Label: g.label, N: 3}
		mean := 0.0
		for j, v := range g.values {
			mean += v / 3
			group.Marks = append(group.Marks, figure.Mark{
				Shape: j, Value: v, Name: g.label + ", block " + string(rune('1'+j)) + ": " + figure.Number(v) + " %", Href: "#rec-4" + string(rune('0'+i)),
				Parts: []float64{v - 3, v + 1, v + 2},
			})
		}
		group.Mean = number(mean)
		if i > 0 {
			group.Lo, group.Hi = number(mean-6), number(mean+6)
		}
		p.Groups = append(p.Groups, group)
	}
	return p
}

func curve() figure.Curve {
	f := figure.Curve{
		ID: "f2", Title: "IL-8 standard curve", Description: "Eight standards in duplicate, four-parameter fit.", XAxis: "IL-8, pg/mL", YAxis: "absorbance at 450 nm",
		LLOQ: number(15.625), ULOQ: number(1000), Notes: []string{"4PL, weights 1/y²", "R² 0.9993 (reported, not judged by)"},
	}
	at := func(x float64) float64 { return 3.2 + (0.05-3.2)/(1+math.Pow(x/300, 1.1)) }
	for i := range 40 {
		x := 7.8125 * math.Pow(2, 7*float64(i)/39)
		f.Trace = append(f.Trace, figure.XY{X: x, Y: at(x)})
	}
	for i := range 8 {
		x := 7.8125 * math.Pow(2, float64(i))
		f.Standards = append(f.Standards, figure.Dot{X: x, Y: at(x) * 1.03, Name: "standard", Href: "#rec-9", Bad: i == 0}, figure.Dot{X: x, Y: at(x) * 0.98, Name: "standard", Href: "#rec-9", Bad: i == 0})
	}
	for _, x := range []float64{40, 52, 75, 130, 210} {
		f.Samples = append(f.Samples, figure.Dot{Y: at(x), Name: "sample", Href: "#rec-9"})
	}
	return f
}

func TestGolden(t *testing.T) {
	for name, svg := range map[string]string{"points.svg": points().Draw(), "curve.svg": curve().Draw()} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join("testdata", name)
			if *update {
				if err := os.WriteFile(file, []byte(svg), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if svg != string(want) {
				t.Errorf("%s differs from the golden file; look at both, then run with -update", name)
			}
		})
	}
}

// parsed returns the text of a drawing, or stops the test if it is no XML or
// holds what a drawing must not.
func parsed(t *testing.T, svg string) string {
	t.Helper()
	var text strings.Builder
	d := xml.NewDecoder(strings.NewReader(svg))
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return text.String()
		}
		if err != nil {
			t.Fatalf("the drawing is no XML: %v", err)
		}
		switch e := token.(type) {
		case xml.CharData:
			text.Write(e)
			text.WriteByte('\n')
		case xml.StartElement:
			inspect(t, e)
		}
	}
}

func inspect(t *testing.T, e xml.StartElement) {
	t.Helper()
	for _, bad := range []string{"script", "image", "foreignObject", "use", "iframe", "animate", "set"} {
		if e.Name.Local == bad {
			t.Errorf("the drawing has a <%s>", bad)
		}
	}
	for _, a := range e.Attr {
		if strings.HasPrefix(strings.ToLower(a.Name.Local), "on") {
			t.Errorf("the drawing has the handler %s", a.Name.Local)
		}
		if a.Name.Local == "href" && !strings.HasPrefix(a.Value, "#") && strings.Contains(a.Value, ":") {
			t.Errorf("the drawing leads to %q", a.Value)
		}
	}
}

func TestMarkupIsShownLetterByLetter(t *testing.T) {
	hostile := `</text><image href="x" onerror="y"/> CM & <1 %> "q" ` + "\u202e\u2028\x00"
	p, f := points(), curve()
	p.Title, p.Axis, p.Counted, p.ID = hostile, hostile, hostile, hostile
	p.Groups[0].Label, p.Groups[0].Marks[0].Name, p.Limits[0].Label = hostile, hostile, hostile
	f.Title, f.XAxis, f.YAxis, f.Notes[0], f.Standards[0].Name = hostile, hostile, hostile, hostile, hostile
	for _, svg := range []string{p.Draw(), f.Draw()} {
		if got := parsed(t, svg); !strings.Contains(got, `<image href="x" onerror="y"/> CM & <1 %> "q"`) {
			t.Errorf("the text is not there as typed: %q", got)
		}
	}
	label := strings.Join(strings.Fields(parsed(t, p.Draw())), "")
	if !strings.Contains(label, `</text><imagehref="x"onerror="y"/>CM&<1%>`) {
		t.Error("the label below the axis lost letters")
	}
}

func TestLinksStayHere(t *testing.T) {
	for href, want := range map[string]string{
		"#rec-7": "#rec-7", "records/0000000007.json": "records/0000000007.json", "javascript:alert(1)": "#",
		"https://example.org": "#", "//example.org": "#", "data:text/html,x": "#", `\\host\x`: "#", "java\nscript:x": "#",
	} {
		p := points()
		p.Groups[0].Marks[0].Href = href
		svg := p.Draw()
		parsed(t, svg)
		if !strings.Contains(svg, `<a href="`+want+`" `) {
			t.Errorf("%q does not become %q", href, want)
		}
	}
}

func TestDrawingsOfLittleOrOddDataAreStillDrawings(t *testing.T) {
	for name, svg := range map[string]string{
		"no group":      figure.Points{ID: "a"}.Draw(),
		"a group alone": figure.Points{ID: "a", Groups: []figure.Group{{Label: "NC"}}}.Draw(),
		"all zero":      figure.Points{ID: "a", Groups: []figure.Group{{Label: "NC", Mean: number(0)}}}.Draw(),
		"no trace":      figure.Curve{ID: "a"}.Draw(),
		"tiny values":   figure.Points{ID: "a", Groups: []figure.Group{{Label: "NC", Mean: number(3e-12)}}}.Draw(),
	} {
		t.Run(name, func(t *testing.T) {
			parsed(t, svg)
			if strings.Contains(svg, "NaN") || strings.Contains(svg, "Inf") {
				t.Errorf("the drawing has no numbers: %s", svg)
			}
		})
	}
}

func TestNumber(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 104.249292: "104.2", -0.81234: "−0.8123", 1234567: "1235000", 1.0: "1", 2.5e-7: "2.5e−07", 0.10000000000000001: "0.1"} {
		if got := figure.Number(v); got != want {
			t.Errorf("Number(%v) = %q, want %q", v, got, want)
		}
	}
}
