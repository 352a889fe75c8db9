package web

import (
	"bytes"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// refill puts what was typed back into the form that it was typed in, on a page
// that was made anew. What has no place there any more is shown above it, so that
// nothing is lost. It works on the finished page: no template need know of it.
func refill(page []byte, k keptForm) ([]byte, error) {
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return nil, fmt.Errorf("fill form again: %w", err)
	}
	f := bestForm(doc, k)
	left := k.Values
	if f != nil {
		left = f.fill(k.Values)
	}
	if main := find(doc, func(n *html.Node) bool { return n.DataAtom == atom.Main }); main != nil {
		main.InsertBefore(notice(f != nil, k.Chosen, left), main.FirstChild)
	}
	var b bytes.Buffer
	if err := html.Render(&b, doc); err != nil {
		return nil, fmt.Errorf("fill form again: %w", err)
	}
	return b.Bytes(), nil
}

// form is a form of a page with its inputs, wherever they stand.
type form struct {
	node     *html.Node
	controls []*html.Node
}

// bestForm is the form that goes to the same address and asks for most of what was
// typed; nil if there is none.
func bestForm(doc *html.Node, k keptForm) (best *form) {
	const none = -1
	score := none
	for n := range doc.Descendants() {
		if n.DataAtom != atom.Form || !strings.EqualFold(attr(n, "method"), "post") {
			continue
		}
		to, err := url.Parse(attr(n, "action"))
		if err != nil || to.Path != k.Action {
			continue
		}
		f := &form{node: n, controls: inputsOf(doc, n)}
		if s := f.score(k.Values); s > score {
			best, score = f, s
		}
	}
	return best
}

func inputsOf(doc, form *html.Node) (all []*html.Node) {
	for n := range doc.Descendants() {
		if !slices.Contains([]atom.Atom{atom.Input, atom.Select, atom.Textarea, atom.Button}, n.DataAtom) {
			continue
		}
		owner, named := attr(form, "id"), attr(n, "form")
		inside := named == "" && within(n, form)
		if attr(n, "name") != "" && (inside || named != "" && named == owner) {
			all = append(all, n)
		}
	}
	return all
}

// stand are the hidden inputs that say what a form is about: with another value it
// is another form.
func stand() []string { return []string{"step", "task", "run", "lot", "person", "model", "stage"} }

// score counts the inputs that something was typed into; below 0 the form is about
// something else.
func (f *form) score(values url.Values) int {
	n := 0
	for _, c := range f.controls {
		name := attr(c, "name")
		typed, ok := values[name]
		hidden := attr(c, "type") == "hidden"
		if ok && hidden && slices.Contains(stand(), name) && !slices.Contains(typed, attr(c, "value")) {
			return -1
		}
		if ok && !hidden {
			n++
		}
	}
	return n
}

// fill fills the form and returns what has no place in it.
func (f *form) fill(values url.Values) (left url.Values) {
	left = url.Values{}
	for name, typed := range values {
		left[name] = slices.Clone(typed)
	}
	for _, c := range f.controls {
		name := attr(c, "name")
		fillOne(c, left, values[name])
	}
	for _, c := range f.controls { // what was there for each input, though it may be empty
		delete(left, attr(c, "name"))
	}
	for n := f.node; n != nil; n = n.Parent {
		if n.DataAtom == atom.Details {
			set(n, "open", "")
		}
	}
	return left
}

// fillOne fills one input. Inputs of one name take the values in their order.
func fillOne(c *html.Node, left url.Values, typed []string) {
	name := attr(c, "name")
	next := func() (string, bool) {
		if len(left[name]) == 0 {
			return "", false
		}
		v := left[name][0]
		left[name] = left[name][1:]
		return v, true
	}
	switch c.DataAtom {
	case atom.Button:
	case atom.Select:
		for o := range c.Descendants() {
			if o.DataAtom == atom.Option {
				mark(o, "selected", slices.Contains(typed, optionValue(o)))
			}
		}
	case atom.Textarea:
		if v, ok := next(); ok {
			for c.FirstChild != nil {
				c.RemoveChild(c.FirstChild)
			}
			c.AppendChild(text(v))
		}
	default:
		fillInput(c, typed, next)
	}
}

func fillInput(c *html.Node, typed []string, next func() (string, bool)) {
	switch attr(c, "type") {
	case "checkbox", "radio":
		value := attr(c, "value")
		if value == "" {
			value = "on"
		}
		mark(c, "checked", slices.Contains(typed, value))
	case "password", "file", "submit", "image", "button", "reset":
	case "hidden": // what the page says now is true now; what a script had put there is put there again
		if v, ok := next(); ok && attr(c, "value") == "" {
			set(c, "value", v)
		}
	default:
		if v, ok := next(); ok {
			set(c, "value", v)
		}
	}
}

func optionValue(o *html.Node) string {
	if slices.ContainsFunc(o.Attr, func(a html.Attribute) bool { return a.Key == "value" }) {
		return attr(o, "value")
	}
	var b strings.Builder
	for n := range o.Descendants() {
		if n.Type == html.TextNode {
			b.WriteString(n.Data)
		}
	}
	return strings.TrimSpace(b.String())
}

// notice says that nothing was sent yet, that a file has to be chosen again, and
// what has no place.
func notice(found, chosen bool, left url.Values) *html.Node {
	say := "You are signed in again. What you typed is back in the form below; nothing was sent yet."
	if !found {
		say = "You are signed in again. Nothing was sent. The form is not on this page any more; this is what you typed:"
	}
	if chosen {
		say += " The file has to be chosen again: it was not kept."
	}
	n := element(atom.Section, "said", element(atom.P, "", text(say)))
	set(n, "role", "status")
	list := element(atom.Dl, "facts")
	for _, name := range slices.Sorted(maps.Keys(left)) {
		value := strings.TrimSpace(strings.Join(left[name], ", "))
		if value == "" || name == "request" || name == "back" {
			continue
		}
		list.AppendChild(element(atom.Dt, "", text(strings.TrimPrefix(name, prefix))))
		list.AppendChild(element(atom.Dd, "", text(value)))
	}
	if list.FirstChild != nil {
		if found {
			n.AppendChild(element(atom.P, "", text("This has no place in it any more:")))
		}
		n.AppendChild(list)
	}
	return n
}

func element(a atom.Atom, class string, children ...*html.Node) *html.Node {
	n := &html.Node{Type: html.ElementNode, DataAtom: a, Data: a.String()}
	if class != "" {
		set(n, "class", class)
	}
	for _, c := range children {
		n.AppendChild(c)
	}
	return n
}

func text(s string) *html.Node { return &html.Node{Type: html.TextNode, Data: s} }

func find(doc *html.Node, is func(*html.Node) bool) *html.Node {
	for n := range doc.Descendants() {
		if is(n) {
			return n
		}
	}
	return nil
}

func within(n, outer *html.Node) bool {
	for ; n != nil; n = n.Parent {
		if n == outer {
			return true
		}
	}
	return false
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func set(n *html.Node, key, value string) {
	unset(n, key)
	n.Attr = append(n.Attr, html.Attribute{Key: key, Val: value})
}

func unset(n *html.Node, key string) {
	n.Attr = slices.DeleteFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

// mark sets an attribute without a value, or takes it away.
func mark(n *html.Node, key string, yes bool) {
	unset(n, key)
	if yes {
		set(n, key, "")
	}
}
