package protocol

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"secretome/internal/fault"
	"secretome/internal/quantity"
)

// Parameter is a number of a protocol that may be chosen anew for a run, within
// limits: how many blocks, how long a wait, how often.
type Parameter struct {
	Path  string // of its value: "models[0].blocks"
	Title string
	Where string // the model or stage
	Value string // as the document has it, without the unit
	Unit  string // UCUM; empty of a count
	Low   quantity.Quantity
	High  quantity.Quantity // both zero: without limits
}

// Parameters lists them in the order of the document: blocks of each model and
// how far they lie apart, passages and medium changes of each stage, and the waits
// whose window says from when to when their end may lie.
func (p Protocol) Parameters() []Parameter {
	var all []Parameter
	for i, m := range p.Models {
		at := fmt.Sprintf("models[%d]", i)
		all = append(all, counted(at+".blocks", "Blocks, each one "+m.Block, m.Title, m.Blocks, 1, mostOffered))
		if !m.Apart.IsZero() {
			all = append(all, Parameter{Path: at + ".apart", Title: "From block to block", Where: m.Title, Value: m.Apart.Amount(), Unit: m.Apart.Unit()})
		}
	}
	for i, s := range p.Stages {
		at := fmt.Sprintf("stages[%d]", i)
		if s.Counts.Passages > 0 {
			all = append(all, counted(at+".counts.passages", "Passages", s.Title, s.Counts.Passages, 1, mostCounts))
		}
		if s.Counts.Feeds > 0 {
			all = append(all, counted(at+".counts.feeds", "Medium changes before the first harvest", s.Title, s.Counts.Feeds, 1, mostCounts))
		}
		for j, w := range s.Waits {
			if w.Window.Nominal.IsZero() || w.Window.Earliest.IsZero() || w.Window.Latest.IsZero() {
				continue
			}
			n := w.Window.Nominal
			all = append(all, Parameter{
				Path: fmt.Sprintf("%s.waits[%d].window.nominal", at, j), Title: w.Title, Where: s.Title, Value: n.Amount(), Unit: n.Unit(), Low: w.Window.Earliest, High: w.Window.Latest,
			})
		}
	}
	return all
}

// The most of what a form offers; the document is held against its own limits.
const (
	mostOffered = 99
	mostCounts  = 20
)

func counted(path, title, where string, n, low, high int) Parameter {
	limit := func(n int) quantity.Quantity {
		q, _ := quantity.New(strconv.Itoa(n), "1") // a whole number is one
		return q
	}
	return Parameter{Path: path, Title: title, Where: where, Value: strconv.Itoa(n), Low: limit(low), High: limit(high)}
}

// Choose reads what a person typed for the parameter and returns it as the
// document has it. It fails with [fault.Invalid] for what is no number or outside
// the limits.
func (p Parameter) Choose(typed string) (string, error) {
	amount := strings.ReplaceAll(strings.Join(strings.Fields(typed), ""), ",", ".")
	unit := p.Unit
	if unit == "" {
		unit = "1"
		if n, err := strconv.Atoi(amount); err != nil || n < 0 {
			return "", fault.New(fault.Invalid, "%q is no whole number", typed).Try("write it like %s", p.Value)
		}
	}
	q, err := quantity.New(amount, unit)
	if err != nil {
		return "", fault.New(fault.Invalid, "%q is no number", typed).Try("enter the number only, like %s. The unit is there already", p.Value)
	}
	if q.Sign() < 0 {
		return "", fault.New(fault.Invalid, "%s is below zero", typed).Try("write it like %s", p.Value)
	}
	if p.High.IsZero() {
		return q.String(), nil
	}
	low, err := q.Compare(p.Low)
	if err != nil {
		return "", err
	}
	high, err := q.Compare(p.High)
	if err != nil {
		return "", err
	}
	if low < 0 || high > 0 {
		return "", fault.New(fault.Invalid, "%s lies outside %s to %s", typed, limitText(p.Low), limitText(p.High)).Try("choose a value between, or change the limits in the document")
	}
	if p.Unit == "" {
		return q.Amount(), nil
	}
	return q.String(), nil
}

// limitText is a limit without the unit of a count.
func limitText(q quantity.Quantity) string {
	if q.Unit() == "1" {
		return q.Amount()
	}
	return q.String()
}

// Replace writes another value at a path of a document, and leaves all else of it
// as it is, comments and layout too. It fails with [fault.Invalid] where the path
// leads to no single value in one line.
func Replace(file string, data []byte, path, value string) ([]byte, error) {
	root, err := document(file, data)
	if err != nil {
		return nil, err
	}
	n := follow(root, path)
	if n == nil || n.Kind != yaml.ScalarNode {
		return nil, fault.New(fault.Invalid, "the document has no value at %s", path)
	}
	from, to, ok := extent(data, n)
	if !ok {
		return nil, fault.New(fault.Invalid, "the value at %s is not written in one line", path).At(fault.Place{File: file, Line: n.Line, Column: n.Column}).Try("change it in the document")
	}
	text := value
	if !plainScalar.MatchString(value) {
		text = strconv.Quote(value)
	}
	changed := append(append(append([]byte{}, data[:from]...), text...), data[to:]...)
	again, err := document(file, changed)
	if err != nil {
		return nil, err
	}
	if n := follow(again, path); n == nil || n.Value != value {
		return nil, fault.New(fault.Invalid, "the value at %s cannot be replaced by %q", path, value).Try("change it in the document")
	}
	return changed, nil
}

// plainScalar is what needs no quotes, wherever it stands.
var plainScalar = regexp.MustCompile(`^[0-9][0-9A-Za-z. /]*$`)

var pathParts = regexp.MustCompile(`[^.\[\]]+|\[\d+\]`)

// follow returns the node at a path; nil where there is none.
func follow(n *yaml.Node, path string) *yaml.Node {
	for _, part := range pathParts.FindAllString(path, -1) {
		if index, err := strconv.Atoi(strings.Trim(part, "[]")); err == nil && n.Kind == yaml.SequenceNode {
			if index >= len(n.Content) {
				return nil
			}
			n = n.Content[index]
			continue
		}
		if n = under(n, part); n == nil {
			return nil
		}
	}
	return n
}

func under(n *yaml.Node, key string) *yaml.Node {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

// extent is where a scalar stands in the text. ok is false where it goes over
// more than one line, or its quotes have escapes.
func extent(data []byte, n *yaml.Node) (from, to int, ok bool) {
	for range n.Line - 1 {
		end := bytes.IndexByte(data[from:], '\n')
		if end < 0 {
			return 0, 0, false
		}
		from += end + 1
	}
	for range n.Column - 1 {
		_, size := utf8.DecodeRune(data[from:])
		from += size
	}
	raw := n.Value
	switch n.Style {
	case yaml.DoubleQuotedStyle:
		raw = `"` + raw + `"`
	case yaml.SingleQuotedStyle:
		raw = "'" + raw + "'"
	case 0:
	default:
		return 0, 0, false
	}
	to = from + len(raw)
	return from, to, to <= len(data) && string(data[from:to]) == raw
}
