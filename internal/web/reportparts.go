package web

import (
	"bytes"
	"encoding/xml"
	"html"
	"html/template"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// reportParts takes sections out of the report, whose IDs begin so, and writes
// them anew: only elements and attributes that are known here, no style, no
// script, and links that lead to our own pages.
func reportParts(report []byte, run, prefix string) []reportPart {
	d := xml.NewDecoder(bytes.NewReader(report))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	var parts []reportPart
	for {
		t, err := d.Token()
		if err != nil { // the end, or what is no report of ours
			return parts
		}
		start, ok := t.(xml.StartElement)
		id := attributeOf(start, "id")
		if !ok || start.Name.Local != "section" || !strings.HasPrefix(id, prefix) || prefix[len(prefix)-1] != '-' && id != prefix {
			continue
		}
		c := reportCopier{run: run}
		if err := c.copy(d, start); err != nil {
			return parts
		}
		parts = append(parts, reportPart{id, template.HTML(c.String())}) //nolint:gosec // every element and attribute is of the lists below, every text is escaped
	}
}

func attributeOf(s xml.StartElement, name string) string {
	for _, a := range s.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}

// reportCopier writes the known part of some markup.
type reportCopier struct {
	strings.Builder
	run string
}

// elements may stand on our pages; what is in others is left out with them.
var reportElements = []string{
	"section", "div", "p", "b", "small", "span", "h3", "figure", "figcaption", "details", "summary",
	"table", "caption", "thead", "tbody", "tr", "th", "td", "a",
	"svg", "g", "title", "desc", "path", "rect", "circle", "line", "text", "tspan", "polyline", "polygon",
}

// attributes that may stay. Links are rewritten.
var reportAttributes = []string{
	"id", "class", "scope", "role", "aria-label", "aria-labelledby", "title", "tabindex",
	"viewBox", "d", "x", "y", "x1", "x2", "y1", "y2", "dx", "dy", "cx", "cy", "r", "rx", "width", "height", "points", "transform", "text-anchor",
}

// copy writes an element whose start was read.
func (c *reportCopier) copy(d *xml.Decoder, start xml.StartElement) error {
	name := start.Name.Local
	if !slices.Contains(reportElements, name) {
		return d.Skip()
	}
	c.open(start)
	empty := true
	for {
		t, err := d.Token()
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if err := c.copy(d, t); err != nil {
				return err
			}
		case xml.EndElement:
			if name == "th" && empty {
				c.WriteString("Remark") // a column without a head in the report
			}
			c.WriteString("</" + name + ">")
			return nil
		case xml.CharData:
			empty = empty && len(bytes.TrimSpace(t)) == 0
			c.WriteString(html.EscapeString(string(t)))
		default: // comments say nothing to a reader
		}
	}
}

func (c *reportCopier) open(start xml.StartElement) {
	c.WriteString("<" + start.Name.Local)
	for _, a := range start.Attr {
		name, value := a.Name.Local, a.Value
		if name == "href" {
			if value = c.link(value); value == "" {
				continue
			}
		} else if !slices.Contains(reportAttributes, name) {
			continue
		}
		c.WriteString(" " + name + `="` + html.EscapeString(value) + `"`)
	}
	c.WriteString(">")
}

var reportAnchors = regexp.MustCompile(`^#rec-([0-9]{1,18})$`)

// link turns a link of the report into one to our pages; empty where it leads to
// nothing of ours.
func (c *reportCopier) link(href string) string {
	if m := reportAnchors.FindStringSubmatch(href); m != nil {
		return c.run + "/plates/" + m[1] + "#lineage"
	}
	number, err := strconv.ParseInt(strings.TrimSuffix(path.Base(href), ".json"), 10, 64)
	if err == nil && strings.HasPrefix(href, "records/run/"+path.Base(c.run)+"/") {
		return c.run + "/events/" + strconv.FormatInt(number, 10)
	}
	return ""
}
