package label_test

import (
	"encoding/xml"
	"fmt"
	"image"
	"image/color"
	"strings"
	"testing"

	"secretome/internal/label"
)

// drawn is a label as it stands in an SVG page, read back.
type drawn struct {
	x, y   float64 // corner on the page
	symbol struct {
		x, y, scaleX, scaleY float64
		runs                 []run
	}
	texts []textElement
}

// run is a rectangle of dark modules, one module high.
type run struct{ x, y, width int }

type textElement struct {
	X      float64 `xml:"x,attr"`
	Y      float64 `xml:"y,attr"`
	Size   float64 `xml:"font-size,attr"`
	Weight string  `xml:"font-weight,attr"`
	Width  float64 `xml:"textLength,attr"`
	Words  string  `xml:",chardata"`
}

type page struct {
	Width  string `xml:"width,attr"`
	Labels []struct {
		Transform string `xml:"transform,attr"`
		Path      struct {
			Transform string `xml:"transform,attr"`
			D         string `xml:"d,attr"`
			Rendering string `xml:"shape-rendering,attr"`
		} `xml:"path"`
		Texts []textElement `xml:"text"`
	} `xml:"g"`
}

// labels reads a page back.
func labels(t *testing.T, svg []byte) []drawn {
	t.Helper()
	var p page
	if err := xml.Unmarshal(svg, &p); err != nil {
		t.Fatal(err)
	}
	var all []drawn
	for _, l := range p.Labels {
		var d drawn
		scan(t, l.Transform, "translate(%g %g)", &d.x, &d.y)
		s := &d.symbol
		scan(t, l.Path.Transform, "translate(%g %g) scale(%g %g)", &s.x, &s.y, &s.scaleX, &s.scaleY)
		for _, rect := range strings.SplitAfter(l.Path.D, "z") {
			if rect == "" {
				continue
			}
			var r run
			var back int
			scan(t, rect, "M%d %dh%dv1h-%dz", &r.x, &r.y, &r.width, &back)
			if r.width != back {
				t.Fatalf("%s is no rectangle", rect)
			}
			s.runs = append(s.runs, r)
		}
		if l.Path.Rendering != "crispEdges" {
			t.Error("edges are not crisp")
		}
		d.texts = l.Texts
		all = append(all, d)
	}
	return all
}

func scan(t *testing.T, text, format string, into ...any) {
	t.Helper()
	if _, err := fmt.Sscanf(text, format, into...); err != nil {
		t.Fatalf("%q is not %q: %v", text, format, err)
	}
}

// size is that of the symbol in modules, from its dark ones; all three
// symbologies have dark modules at each edge.
func (d drawn) size() (width, height int) {
	for _, r := range d.symbol.runs {
		width, height = max(width, r.x+r.width), max(height, r.y+1)
	}
	return width, height
}

// code is the code as the eye reads it.
func (d drawn) code() string {
	var b strings.Builder
	for _, x := range d.texts {
		if x.Weight != "" {
			b.WriteString(x.Words)
		}
	}
	return b.String()
}

// raster paints the symbol with its quiet zone, a few pixels a module.
func (d drawn) raster(quiet int, linear bool) image.Image {
	const pixels, tall = 4, 20 // a module's side; rows that a line is looked for in
	width, height := d.size()
	rows := pixels
	if linear {
		rows = tall
	}
	img := image.NewGray(image.Rect(0, 0, (width+2*quiet)*pixels, height*rows+2*quiet*pixels))
	for i := range img.Pix {
		img.Pix[i] = 0xff
	}
	for _, r := range d.symbol.runs {
		for y := range rows {
			for x := range r.width * pixels {
				img.SetGray((r.x+quiet)*pixels+x, quiet*pixels+r.y*rows+y, color.Gray{})
			}
		}
	}
	return img
}

// pages draws a job that must succeed.
func pages(t *testing.T, j label.Job) [][]byte {
	t.Helper()
	all, err := j.Pages()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func sheet(t *testing.T, name string) label.Sheet {
	t.Helper()
	s, err := label.Named(name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
