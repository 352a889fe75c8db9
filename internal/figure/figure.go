// Package figure draws results as SVG: points over bars, standard curves, and
// schedules.
//
// A drawing is text that depends on its input alone: numbers have a fixed form,
// nothing is measured or drawn at random. It holds no script, no handler, no
// image and no outside reference; every text of the input is escaped and shown
// letter by letter. Colours follow the reader's light or dark scheme; shape, not
// hue, tells repeats apart, so a grey print says the same.
package figure

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// The ground of a drawing, in units of its view box.
const (
	width  = 560.0
	left   = 58.0  // of the plot
	right  = 546.0 //
	top    = 18.0  //
	bottom = 262.0 //
)

// style colours a drawing in both schemes; print is always light.
const style = `.fg{--ink:#171c20;--ink2:#434c53;--ink3:#5e676e;--line:#e3e0d7;--paper:#fff;--bar:#dde2e6;--pt:#143f5c;--stop:#a52f15;--dim:#f4f2ec;font:11.5px -apple-system,BlinkMacSystemFont,"Segoe UI",Roboto,"Liberation Sans",Arial,sans-serif;font-variant-numeric:tabular-nums}` +
	`@media screen and (prefers-color-scheme:dark){.fg{--ink:#e9ecec;--ink2:#b9c1c5;--ink3:#929ca2;--line:#272f33;--paper:#171c1f;--bar:#2b343a;--pt:#c9e2f0;--stop:#ff9478;--dim:#0e1214}}` +
	`.fg text{fill:var(--ink3);unicode-bidi:plaintext}.fg .lb{fill:var(--ink);font-weight:600}.fg .gl{stroke:var(--line)}.fg .ax{stroke:var(--ink2);stroke-width:1.1;fill:none}` +
	`.fg .bar{fill:var(--bar)}.fg .mean{stroke:var(--ink);stroke-width:2}.fg .ci{stroke:var(--ink);stroke-width:1.3;fill:none}.fg .pt{fill:var(--paper);stroke:var(--pt);stroke-width:1.6}` +
	`.fg .sub{fill:var(--ink3);opacity:.75}.fg .std{fill:var(--pt);stroke:var(--pt)}.fg .bad{fill:none;stroke:var(--stop);stroke-width:1.6}.fg .fit{fill:none;stroke:var(--ink);stroke-width:1.6}` +
	`.fg .lim{stroke:var(--ink2);stroke-dasharray:5 3;fill:none}.fg .dim{fill:var(--dim)}.fg .sm{fill:var(--paper);stroke:var(--ink2);stroke-width:1.2}.fg a:focus-visible{outline:2px solid var(--ink)}`

// canvas collects the elements of a drawing.
type canvas struct{ bytes.Buffer }

// add writes markup; text and attribute values among args go through [esc].
func (c *canvas) add(format string, args ...any) { fmt.Fprintf(c, format, args...) }

// wrap closes the drawing: its head with name and description.
func (c *canvas) wrap(id, title, description string, height float64) string {
	return c.frame(head{id: id, title: title, description: description, style: style, width: width, height: height})
}

// head is what stands before the elements of a drawing.
type head struct {
	id, title, description, style string
	width, height                 float64
	fixed                         bool // shown at this size, and not fitted to the page
}

func (c *canvas) frame(h head) string {
	var b strings.Builder
	b.WriteString(`<svg xmlns="http://www.w3.org/2000/svg" class="fg"`)
	if h.fixed {
		fmt.Fprintf(&b, ` width="%s" height="%s"`, at(h.width), at(h.height))
	}
	fmt.Fprintf(&b, ` viewBox="0 0 %s %s" role="group" aria-labelledby="%s-t %s-d">`, at(h.width), at(h.height), esc(h.id), esc(h.id))
	fmt.Fprintf(&b, `<title id="%s-t">%s</title><desc id="%s-d">%s</desc><style>%s</style>`, esc(h.id), esc(h.title), esc(h.id), esc(h.description), h.style)
	b.Write(c.Bytes())
	b.WriteString("</svg>\n")
	return b.String()
}

// link wraps markup in a link with a spoken name; without an address only the
// name is kept.
func (c *canvas) link(href, name, markup string) {
	if href == "" {
		c.add(`<g><title>%s</title>%s</g>`, esc(name), markup)
		return
	}
	c.add(`<a href="%s" aria-label="%s"><title>%s</title>%s</a>`, esc(local(href)), esc(name), esc(name), markup)
}

// local keeps addresses inside the document or beside it, and drops all others:
// a drawing must not lead or load anything from elsewhere.
func local(href string) string {
	if strings.HasPrefix(href, "//") || strings.Contains(strings.SplitN(href, "/", 2)[0], ":") || strings.ContainsAny(href, "\\\x00\t\n\r") {
		return "#"
	}
	return href
}

// esc makes text safe in markup; characters that XML cannot hold become U+FFFD.
func esc(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		return "" // a strings.Builder does not fail
	}
	return b.String()
}

// at prints a coordinate.
func at(v float64) string {
	s := strconv.FormatFloat(v, 'f', 1, 64)
	s = strings.TrimSuffix(s, ".0")
	if s == "-0" {
		return "0"
	}
	return s
}

// Number prints a value for people: four significant digits, no trailing zeros
// of the fraction, a true minus.
func Number(v float64) string {
	if v == 0 {
		return "0"
	}
	s := strconv.FormatFloat(v, 'g', 4, 64)
	if a := math.Abs(v); a >= 1e-4 && a < 1e7 {
		rounded, err := strconv.ParseFloat(s, 64)
		if err != nil {
			return s
		}
		s = strconv.FormatFloat(rounded, 'f', -1, 64)
	}
	return strings.ReplaceAll(s, "-", "−")
}

// lines breaks a label into lines of at most n characters, at blanks where
// there are any. No character is lost but the blanks at the breaks.
func lines(label string, n int) []string {
	var out []string
	line := ""
	for _, word := range strings.Fields(label) {
		for _, piece := range pieces(word, n) {
			switch {
			case line == "":
				line = piece
			case len([]rune(line))+1+len([]rune(piece)) <= n && piece == word:
				line += " " + piece
			default:
				out, line = append(out, line), piece
			}
		}
	}
	return append(out, line)
}

// pieces cuts a word that is longer than n.
func pieces(word string, n int) []string {
	r := []rune(word)
	var out []string
	for len(r) > n {
		out, r = append(out, string(r[:n])), r[n:]
	}
	return append(out, string(r))
}

// marker draws the shape of a repeat around a place: circle, square, triangle,
// diamond, cross, and again.
func marker(shape int, x, y float64, class string) string {
	const r = 4.8
	switch shape % 5 {
	case 0:
		return fmt.Sprintf(`<circle class="%s" cx="%s" cy="%s" r="%s"/>`, class, at(x), at(y), at(r))
	case 1:
		return fmt.Sprintf(`<rect class="%s" x="%s" y="%s" width="%s" height="%s"/>`, class, at(x-4.4), at(y-4.4), at(8.8), at(8.8))
	case 2:
		return fmt.Sprintf(`<path class="%s" d="M%s %sl5.4 9.8h-10.8z"/>`, class, at(x), at(y-5.8))
	case 3:
		return diamond(x, y, class)
	}
	return fmt.Sprintf(`<path class="%s" d="M%s %sl9 9m0 -9l-9 9"/>`, class, at(x-4.5), at(y-4.5))
}

func diamond(x, y float64, class string) string {
	return fmt.Sprintf(`<path class="%s" d="M%s %sl5.6 5.6l-5.6 5.6l-5.6 -5.6z"/>`, class, at(x), at(y-5.6))
}
