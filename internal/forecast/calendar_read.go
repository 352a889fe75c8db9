package forecast

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"secretome/internal/fault"
	"secretome/internal/protocol"
)

const maxCalendar = 64 << 10 // bytes

// ParseCalendar reads a laboratory's calendar from YAML:
//
//	hours:                      # a weekday that is left out has none
//	  monday: 07:00-19:00
//	  saturday: 09:00-13:00
//	closed:
//	  - {from: 2026-12-24, until: 2027-01-01, why: Christmas}
//	  - {from: 2026-10-03}      # one day
//
// Where hours are left out they are those of [Usual]. file is the name that
// mistakes are told with. ParseCalendar fails with [protocol.Faults], which hold
// all mistakes with line and column: unknown and repeated keys, hours and dates
// that are none, aliases.
func ParseCalendar(file string, data []byte) (Calendar, error) {
	r := calendarReader{file: file}
	c := Usual()
	if root := r.document(data); root != nil {
		r.keys(root, []string{"hours", "closed"}, func(key string, n *yaml.Node) {
			if key == "hours" {
				c.Hours = r.week(n)
			} else {
				c.Closed = r.closed(n)
			}
		})
	}
	if len(r.faults) > 0 {
		return Calendar{}, r.faults
	}
	return c, nil
}

type calendarReader struct {
	file   string
	faults protocol.Faults
}

func (r *calendarReader) add(n *yaml.Node, format string, args ...any) *fault.Fault {
	f := fault.New(fault.Invalid, format, args...).At(fault.Place{File: r.file, Line: n.Line, Column: n.Column})
	r.faults = append(r.faults, f)
	return f
}

// document returns the one document's mapping; nil where it is none.
func (r *calendarReader) document(data []byte) *yaml.Node {
	if len(data) > maxCalendar {
		r.add(&yaml.Node{}, "the file has %d bytes, a calendar has at most %d", len(data), maxCalendar).Try("is this the right file?")
		return nil
	}
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	err := decoder.Decode(&doc)
	if errors.Is(err, io.EOF) || err == nil && len(doc.Content) != 1 {
		r.add(&yaml.Node{}, "the file is empty").Try("is this the right file?")
		return nil
	}
	if err == nil {
		if err = decoder.Decode(&second); err == nil {
			r.add(&second, "a second document begins here").Try("keep one calendar in a file: take out the line ---")
			return nil
		}
	}
	if !errors.Is(err, io.EOF) {
		r.add(&yaml.Node{}, "this is no YAML: %s", strings.TrimPrefix(err.Error(), "yaml: ")).Try("look at indentation, and at the blank behind each colon")
		return nil
	}
	return doc.Content[0]
}

// keys visits the keys of a mapping once each.
func (r *calendarReader) keys(n *yaml.Node, known []string, visit func(string, *yaml.Node)) {
	if n.Kind != yaml.MappingNode || n.Anchor != "" {
		r.add(n, "keys with values belong here").Try("keys are: %s", strings.Join(known, ", "))
		return
	}
	var seen []string
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch {
		case !slices.Contains(known, key.Value):
			r.add(key, "unknown key %q", key.Value).Try("keys are: %s", strings.Join(known, ", "))
		case slices.Contains(seen, key.Value):
			r.add(key, "%q stands here twice", key.Value).Try("keep one of them")
		default:
			visit(key.Value, n.Content[i+1])
		}
		seen = append(seen, key.Value)
	}
}

func (r *calendarReader) text(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode || n.Anchor != "" || n.Tag == "!!null" {
		r.add(n, "a value belongs here").Try("write it out, without * and &")
		return ""
	}
	return n.Value
}

func (r *calendarReader) week(n *yaml.Node) (week [7]Hours) {
	var names []string
	for d := time.Sunday; d <= time.Saturday; d++ {
		names = append(names, strings.ToLower(d.String()))
	}
	r.keys(n, names, func(name string, n *yaml.Node) { week[slices.Index(names, name)] = r.hours(n) })
	return week
}

var clock = regexp.MustCompile(`^(\d\d):(\d\d)-(\d\d):(\d\d)$`)

func (r *calendarReader) hours(n *yaml.Node) Hours {
	text := r.text(n)
	m := clock.FindStringSubmatch(text)
	var h Hours
	if m != nil {
		h = Hours{minutes(m[1], m[2]), minutes(m[3], m[4])}
	}
	const all = 24 * 60
	if text != "" && (m == nil || m[2] > "59" || m[4] > "59" || h.Until > all || h.From >= h.Until) {
		r.add(n, "%q are no hours", text).Try("write them like 07:00-19:00; leave a day out on which nobody comes")
	}
	return h
}

// minutes of a clock time of two times two digits.
func minutes(hours, rest string) int {
	digit := func(s string, i int) int { return int(s[i] - '0') }
	return 60*(10*digit(hours, 0)+digit(hours, 1)) + 10*digit(rest, 0) + digit(rest, 1)
}

func (r *calendarReader) closed(n *yaml.Node) []Closed {
	if n.Kind != yaml.SequenceNode || n.Anchor != "" {
		r.add(n, "a list of days belongs here").Try("write - {from: 2026-12-24, until: 2027-01-01, why: Christmas}")
		return nil
	}
	var all []Closed
	for _, item := range n.Content {
		var c Closed
		r.keys(item, []string{"from", "until", "why"}, func(key string, n *yaml.Node) {
			switch key {
			case "from":
				c.From = r.date(n)
			case "until":
				c.Until = r.date(n)
			default:
				c.Why = r.text(n)
			}
		})
		if c.Until == "" {
			c.Until = c.From
		}
		if c.From == "" || c.Until < c.From {
			r.add(item, "these days have no first one, or one behind the last").Try("write from: and until: with the first and the last day")
		}
		all = append(all, c)
	}
	return all
}

func (r *calendarReader) date(n *yaml.Node) string {
	text := r.text(n)
	if _, err := time.Parse(day, text); err != nil && text != "" {
		r.add(n, "%q is no date", text).Try("write it like 2026-12-24")
		return ""
	}
	return text
}
