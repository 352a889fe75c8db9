package label

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"
)

// face is the typewriter face of all text. Widths are told to the reader with
// each text, so that another face does not leave the label either.
const face = `'Liberation Mono','Courier New',Courier,monospace`

// Pages draws each page as SVG, in its real size. A page names no other file
// and has no script. It fails with a [fault.Invalid] or [fault.Conflict] if the
// job cannot be printed, and then says which sheet or symbol would do.
func (j Job) Pages() ([][]byte, error) {
	copies, err := j.check()
	if err != nil {
		return nil, err
	}
	labels := make([]string, 0, len(j.Labels))
	for _, l := range j.Labels {
		p, err := layOut(l, j.Symbol, j.Sheet)
		if err != nil {
			return nil, err
		}
		labels = append(labels, p.draw(j.Sheet))
	}
	end := j.Skip + len(labels)*copies
	sheets := (end + j.Sheet.perPage() - 1) / j.Sheet.perPage()
	var pages [][]byte
	for n := range sheets {
		pages = append(pages, j.page(n, sheets, end, func(place int) string { return labels[(place-j.Skip)/copies] }))
	}
	return pages, nil
}

// page draws page n, counted from 0. Places are counted over all pages, up to
// end; at returns the label of one.
func (j Job) page(n, of, end int, at func(place int) string) []byte {
	var b bytes.Buffer
	width, height := mm(j.Sheet.PageWidthMM), mm(j.Sheet.PageHeightMM)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%smm" height="%smm" viewBox="0 0 %s %s" role="img">`+"\n", width, height, width, height)
	fmt.Fprintf(&b, "<title>Labels, page %d of %d</title>\n", n+1, of)
	fmt.Fprintf(&b, `<rect width="%s" height="%s" fill="#fff"/>`+"\n", width, height)
	first, holds := n*j.Sheet.perPage(), j.Sheet.perPage()
	for place := max(first, j.Skip); place < min(first+holds, end); place++ {
		x, y := j.Sheet.corner(place - first)
		fmt.Fprintf(&b, `<g transform="translate(%s %s)">%s</g>`+"\n", mm(x), mm(y), at(place))
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// HTML draws all pages as one document to print: each page of it is one page of
// paper in the sheet's size, without margins. On a screen, and there only, the
// labels' edges and a line about printing are shown. It fails as [Job.Pages].
func (j Job) HTML() ([]byte, error) {
	pages, err := j.Pages()
	if err != nil {
		return nil, err
	}
	width, height := mm(j.Sheet.PageWidthMM), mm(j.Sheet.PageHeightMM)
	var b bytes.Buffer
	b.WriteString("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
	b.WriteString(`<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">` + "\n<title>Labels</title>\n")
	fmt.Fprintf(&b, "<style>\n@page{size:%smm %smm;margin:0}\n", width, height)
	b.WriteString("html{color-scheme:light}\nbody{margin:0}\nsvg{display:block;break-after:page;break-inside:avoid}\nsvg:last-of-type{break-after:auto}\n" +
		"@media screen{body{background:#ddd}p{margin:0;padding:4mm;font:14px sans-serif}svg{margin:0 0 4mm}.edge{stroke:#bbb;stroke-width:.1}}\n@media print{p{display:none}}\n</style>\n</head>\n<body>\n")
	fmt.Fprintf(&b, "<p>%s. Print at 100 %% (actual size) on pages of %s × %s mm. Pages: %d.</p>\n", escape(j.Sheet.Title), width, height, len(pages))
	for _, page := range pages {
		b.Write(page)
	}
	b.WriteString("</body>\n</html>\n")
	return b.Bytes(), nil
}

// draw returns the elements of one label, from its corner.
func (p plan) draw(on Sheet) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<rect class="edge" width="%s" height="%s" fill="none"/>`, mm(on.LabelWidthMM), mm(on.LabelHeightMM))
	scaleX, scaleY := p.at.width/float64(p.symbol.width), p.at.height/float64(p.symbol.height)
	fmt.Fprintf(&b, `<path transform="translate(%s %s) scale(%s %s)" shape-rendering="crispEdges" d="%s"/>`, mm(p.at.x), mm(p.at.y), mm(scaleX), mm(scaleY), p.symbol.path())
	for _, r := range p.rows {
		weight := ""
		if r.code {
			weight = ` font-weight="700"`
		}
		fmt.Fprintf(&b, `<text x="%s" y="%s" font-family="%s" font-size="%s"%s textLength="%s" lengthAdjust="spacingAndGlyphs" xml:space="preserve">%s</text>`,
			mm(r.x), mm(r.y), face, mm(r.size), weight, mm(r.width), escape(r.words))
	}
	return b.String()
}

// mm prints a length with as many decimals as it needs, and four at most.
func mm(v float64) string {
	const decimals = 4
	s := strconv.FormatFloat(v, 'f', decimals, 64)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// escape makes text safe as content and as an attribute.
func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
	return b.String()
}
