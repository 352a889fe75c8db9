package web

import (
	"cmp"
	"embed"
	"encoding/json"
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"
	"text/template/parse"
	"unicode"
)

// The catalogue of what the pages say. Templates hold the English words where
// they stand on the page, so that a template reads like its page; the catalogue
// lists each of them once, as a message, with the values that the server puts in
// as {1}, {2}. A second language is a second file: message → translation, put in
// when the templates are read. What it leaves out stays English.

//go:embed texts
var textFiles embed.FS

// texts is one language: message → words.
type texts map[string]string

// newTexts reads the catalogue of a language, like "en".
func newTexts(language string) (texts, error) {
	data, err := textFiles.ReadFile("texts/" + language + ".json")
	if err != nil {
		return nil, fmt.Errorf("texts of language %q: %w", language, err)
	}
	t := texts{}
	if err := json.Unmarshal(data, &t); err != nil {
		return nil, fmt.Errorf("texts of language %q: %w", language, err)
	}
	return t, nil
}

// put replaces the messages of all templates that belong to t. It must be called
// before the first page is rendered.
func (x texts) put(t *template.Template) {
	for _, one := range t.Templates() {
		if one.Tree != nil {
			(&texter{in: func(message string) string { return cmp.Or(x[message], message) }}).list(one.Tree.Root)
		}
	}
}

// messagesOf lists what the templates that belong to t say, in order.
func messagesOf(t *template.Template) []string {
	found := map[string]bool{}
	for _, one := range t.Templates() {
		if one.Tree != nil {
			(&texter{in: func(message string) string { found[message] = true; return message }}).list(one.Tree.Root)
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// texter walks a template in the order of its output, knows whether it is in a
// tag, and puts each message through in.
type texter struct {
	in     func(message string) string
	tag    bool   // between < and >
	quote  byte   // inside a quoted value of an attribute
	name   string // of that attribute, as far as it is read
	silent string // an element whose content nobody reads: script, style
}

// readAloud are the attributes that people read or hear.
var readAloud = []string{"aria-label", "title", "alt", "placeholder", "data-say"}

// list replaces the messages below a list of nodes.
func (x *texter) list(l *parse.ListNode) {
	if l == nil {
		return
	}
	var out, run []parse.Node // run: the words and values of one message so far
	flush := func() {
		out = append(out, x.message(run)...)
		run = nil
	}
	for _, node := range l.Nodes {
		switch n := node.(type) {
		case *parse.TextNode:
			for _, piece := range x.pieces(n) {
				if !piece.words {
					flush()
					out = append(out, piece.node)
					continue
				}
				run = append(run, piece.node)
			}
		case *parse.ActionNode:
			if len(n.Pipe.Decl) > 0 || !x.words() {
				flush()
				out = append(out, n)
				continue
			}
			run = append(run, n)
		default:
			flush()
			x.branch(node)
			out = append(out, node)
		}
	}
	flush()
	l.Nodes = out
}

// branch follows both ways of a condition from the same place of the page.
func (x *texter) branch(node parse.Node) {
	var b *parse.BranchNode
	switch n := node.(type) {
	case *parse.IfNode:
		b = &n.BranchNode
	case *parse.RangeNode:
		b = &n.BranchNode
	case *parse.WithNode:
		b = &n.BranchNode
	default:
		return
	}
	begin := *x
	x.list(b.List)
	other := begin
	other.list(b.ElseList)
}

// words reports whether what comes next is read by people.
func (x *texter) words() bool {
	if x.silent != "" {
		return false
	}
	return !x.tag || x.quote != 0 && slices.Contains(readAloud, x.name)
}

// wordsOrTag is a part of a text node: words, or markup.
type wordsOrTag struct {
	node  parse.Node
	words bool
}

// pieces cuts a text into words and markup.
func (x *texter) pieces(n *parse.TextNode) []wordsOrTag {
	var all []wordsOrTag
	text, begin := n.Text, 0
	cut := func(end int, words bool) {
		if end > begin {
			all = append(all, wordsOrTag{node: &parse.TextNode{NodeType: parse.NodeText, Pos: n.Pos + parse.Pos(begin), Text: text[begin:end]}, words: words})
			begin = end
		}
	}
	for i := range text {
		was := x.words()
		x.step(text[i:])
		if is := x.words(); is != was {
			if was {
				cut(i, true) // what ended the words is markup
			} else {
				cut(i+1, false)
			}
		}
	}
	cut(len(text), x.words())
	return all
}

// step reads one byte.
func (x *texter) step(rest []byte) {
	c := rest[0]
	switch {
	case x.quote != 0:
		if c == x.quote {
			x.quote, x.name = 0, ""
		}
	case x.tag:
		x.inTag(c)
	case c == '<':
		x.tag, x.name = true, ""
		x.silence(string(rest[1:min(len(rest), len("</script"))]))
	}
}

func (x *texter) inTag(c byte) {
	switch {
	case c == '>':
		x.tag, x.name = false, ""
	case c == '"' || c == '\'':
		x.quote = c
	case unicode.IsSpace(rune(c)):
		x.name = ""
	case c != '=':
		x.name += string(c)
	}
}

// silence notes where an element begins or ends whose content nobody reads.
func (x *texter) silence(tag string) {
	for _, name := range []string{"script", "style"} {
		switch {
		case strings.HasPrefix(tag, name):
			x.silent = name
		case strings.HasPrefix(tag, "/"+name):
			x.silent = ""
		}
	}
}

// message puts one message through in, and returns the nodes of what comes out.
// Space around the words stays as it is.
func (x *texter) message(run []parse.Node) []parse.Node {
	var b strings.Builder
	var values []parse.Node
	for _, node := range run {
		if t, ok := node.(*parse.TextNode); ok {
			b.Write(t.Text)
			continue
		}
		values = append(values, node)
		fmt.Fprintf(&b, "{%d}", len(values))
	}
	whole := b.String()
	text := strings.TrimSpace(whole)
	if !worded(text) {
		return run
	}
	before, after, _ := strings.Cut(whole, text)
	said := x.in(text)
	if said == text {
		return run
	}
	return putBack(before+said+after, values)
}

// worded reports whether a message has words beside its values.
func worded(message string) bool {
	return strings.ContainsFunc(message, unicode.IsLetter)
}

// putBack puts values back into a message. One that it does not name is left out.
func putBack(message string, values []parse.Node) []parse.Node {
	var out []parse.Node
	words := func(s string) {
		if s != "" {
			out = append(out, &parse.TextNode{NodeType: parse.NodeText, Text: []byte(s)})
		}
	}
	for {
		before, rest, found := strings.Cut(message, "{")
		number, after, closed := strings.Cut(rest, "}")
		var n int
		if _, err := fmt.Sscanf(number, "%d", &n); !found || !closed || err != nil || n < 1 || n > len(values) {
			words(message)
			return out
		}
		words(before)
		out = append(out, values[n-1])
		message = after
	}
}
