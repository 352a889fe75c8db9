package protocol

import (
	"encoding"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"secretome/internal/fault"
)

// reader fills a value from YAML, strictly, and remembers where each part of it
// stands. A part's path is made of keys and indexes: "stages[2].tasks[0].role".
type reader struct {
	file   string
	places map[string]fault.Place
	bad    map[string]bool // paths of values that could not be read
	around map[string]bool // paths of what holds them
	faults Faults
}

func newReader(file string) *reader {
	return &reader{file: file, places: map[string]fault.Place{}, bad: map[string]bool{}, around: map[string]bool{}}
}

// read fills into, a pointer, from n.
func (r *reader) read(n *yaml.Node, into any) { r.value(n, "", reflect.ValueOf(into).Elem()) }

// place returns where path stands, or the nearest part around it that stands
// somewhere.
func (r *reader) place(path string) fault.Place {
	for path != "" {
		if at, ok := r.places[path]; ok {
			return at
		}
		path = parent(path)
	}
	return fault.Place{File: r.file, Line: 1, Column: 1}
}

// parent returns the path of what holds path: "a[1].b" → "a[1]" → "a" → "".
func parent(path string) string { return path[:max(strings.LastIndexAny(path, ".["), 0)] }

// spoilt reports whether path, a part of it, or what holds it could not be read,
// so that a further mistake there would only be an echo.
func (r *reader) spoilt(path string) bool {
	for p := path; p != ""; p = parent(p) {
		if r.bad[p] {
			return true
		}
	}
	return path != "" && r.around[path]
}

// stands reports whether the document has something at path, readable or not.
func (r *reader) stands(path string) bool {
	_, ok := r.places[path]
	return ok
}

func (r *reader) add(n *yaml.Node, path, format string, args ...any) *fault.Fault {
	f := fault.New(fault.Invalid, format, args...).At(fault.Place{File: r.file, Line: n.Line, Column: n.Column})
	r.bad[path], r.around[parent(path)] = true, true
	r.faults = append(r.faults, f)
	return f
}

var textType = reflect.TypeFor[encoding.TextUnmarshaler]()

func (r *reader) value(n *yaml.Node, path string, v reflect.Value) {
	if _, ok := r.places[path]; !ok {
		r.places[path] = fault.Place{File: r.file, Line: n.Line, Column: n.Column}
	}
	switch {
	case !r.plain(n, path):
	case reflect.PointerTo(v.Type()).Implements(textType), v.Kind() == reflect.String, v.Kind() == reflect.Int, v.Kind() == reflect.Bool:
		r.scalar(n, path, v)
	case v.Kind() == reflect.Struct:
		r.record(n, path, v)
	case v.Kind() == reflect.Slice:
		r.list(n, path, v)
	case v.Kind() == reflect.Map:
		r.mapping(n, path, v)
	}
}

// plain refuses what YAML can do and a protocol does not need.
func (r *reader) plain(n *yaml.Node, path string) bool {
	switch {
	case n.Kind == yaml.AliasNode:
		r.add(n, path, "an alias *%s stands here", clip(n.Value)).Try("write the value out: a reader must not have to look elsewhere")
	case n.Anchor != "":
		r.add(n, path, "an anchor &%s stands here", clip(n.Anchor)).Try("take it out: aliases are not read")
	case n.Style&yaml.TaggedStyle != 0:
		r.add(n, path, "a tag %s stands here", clip(n.Tag)).Try("take it out; put quotes around a text")
	case n.Kind == yaml.ScalarNode && n.Tag == "!!null":
		r.add(n, path, "no value is given").Try("leave the key out, or put quotes around the text")
	default:
		return true
	}
	return false
}

func (r *reader) record(n *yaml.Node, path string, v reflect.Value) {
	fields := map[string]int{}
	var known []string
	for i := range v.NumField() {
		name := v.Type().Field(i).Tag.Get("yaml")
		fields[name], known = i, append(known, name)
	}
	r.pairs(n, path, func(key, value *yaml.Node, at string) {
		i, ok := fields[key.Value]
		if !ok {
			r.add(key, at, "unknown key %q", clip(key.Value)).Try("%s", meant(key.Value, known))
			return
		}
		r.value(value, at, v.Field(i))
	})
}

func (r *reader) mapping(n *yaml.Node, path string, v reflect.Value) {
	filled := reflect.MakeMap(v.Type())
	r.pairs(n, path, func(key, value *yaml.Node, at string) {
		one := reflect.New(v.Type().Elem()).Elem()
		r.value(value, at, one)
		filled.SetMapIndex(reflect.ValueOf(key.Value), one)
	})
	v.Set(filled)
}

// pairs visits the keys of a mapping once each.
func (r *reader) pairs(n *yaml.Node, path string, visit func(key, value *yaml.Node, at string)) {
	if n.Kind != yaml.MappingNode {
		r.add(n, path, "%s stands where keys with values belong", kind(n)).Try("write key: value, one a line")
		return
	}
	if len(n.Content) > 2*maxList {
		r.add(n, path, "the mapping has %d keys, at most %d are read", len(n.Content)/2, maxList)
		return
	}
	first := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		at := strings.TrimPrefix(path+"."+key.Value, ".")
		if key.Kind != yaml.ScalarNode || key.Anchor != "" || key.Style&yaml.TaggedStyle != 0 {
			r.add(key, path+".?", "a key must be a plain word")
			continue
		}
		if line, ok := first[key.Value]; ok {
			r.add(key, at, "the key %q stands here for the second time, first in line %d", clip(key.Value), line).Try("keep one of them")
			continue
		}
		first[key.Value] = key.Line
		r.places[at] = fault.Place{File: r.file, Line: key.Line, Column: key.Column}
		visit(key, value, at)
	}
}

func (r *reader) list(n *yaml.Node, path string, v reflect.Value) {
	if n.Kind != yaml.SequenceNode {
		r.add(n, path, "%s stands where a list belongs", kind(n)).Try("begin each entry with a dash, or write [one, two]")
		return
	}
	if len(n.Content) > maxList {
		r.add(n, path, "the list has %d entries, at most %d are read", len(n.Content), maxList)
		return
	}
	filled := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, child := range n.Content {
		r.value(child, fmt.Sprintf("%s[%d]", path, i), filled.Index(i))
	}
	if len(n.Content) > 0 {
		v.Set(filled)
	}
}

var wholeNumber = regexp.MustCompile(`^(0|[1-9][0-9]{0,5})$`)

func (r *reader) scalar(n *yaml.Node, path string, v reflect.Value) {
	if n.Kind != yaml.ScalarNode {
		r.add(n, path, "%s stands where one value belongs", kind(n)).Try("put quotes around a text with [ or {")
		return
	}
	text, isPlain := n.Value, n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle) == 0
	if u, ok := v.Addr().Interface().(encoding.TextUnmarshaler); ok {
		if text == "" {
			r.add(n, path, "no value is given").Try("leave the key out, or write a number and a unit")
			return
		}
		if err := u.UnmarshalText([]byte(text)); err != nil {
			f := fault.Of(err)
			r.add(n, path, "%s", f.Message).Try("%s", f.Help)
		}
		return
	}
	switch v.Kind() {
	case reflect.Int:
		i, err := strconv.Atoi(text)
		if err != nil || !isPlain || !wholeNumber.MatchString(text) {
			r.add(n, path, "%q is no whole number", clip(text)).Try("write digits without quotes, leading zeros or a sign")
			return
		}
		v.SetInt(int64(i))
	case reflect.Bool:
		if !isPlain || !slices.Contains([]string{"true", "false"}, text) {
			r.add(n, path, "%q is neither true nor false", clip(text)).Try("write true or false, without quotes")
			return
		}
		v.SetBool(text == "true")
	default:
		v.SetString(text)
	}
}

// kind names a node for a person.
func kind(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	default:
		return fmt.Sprintf("%q", clip(n.Value))
	}
}

// clip shortens a text that a message quotes.
func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return s
}
