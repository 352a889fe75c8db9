package protocol

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Change is one difference between two versions of a protocol.
type Change struct {
	Where string `json:"where"` // "stage collection, wait condition"; empty: the whole protocol
	What  string `json:"what"`  // "window changed", "range added", "removed", "order of tasks changed"
	Old   string `json:"old,omitempty"`
	New   string `json:"new,omitempty"`
}

// String is the change in one sentence, in which long texts are shortened to
// where they differ.
func (c Change) String() string {
	text := c.What
	if c.Where != "" {
		text = c.Where + ": " + c.What
	}
	before, now := shortened(c.Old, c.New)
	switch {
	case c.Old != "" && c.New != "":
		return fmt.Sprintf("%s from %s to %s", text, before, now)
	case c.New != "":
		return fmt.Sprintf("%s: %s", text, now)
	case c.Old != "":
		return fmt.Sprintf("%s: %s", text, before)
	}
	return text
}

// shortened takes the words with which two long texts begin alike out, but for
// the last ones, and clips the rest.
func shortened(a, b string) (string, string) {
	if len(a) <= mostShown && len(b) <= mostShown {
		return a, b
	}
	one, other := strings.Fields(a), strings.Fields(b)
	alike := 0
	for alike < min(len(one), len(other)) && one[alike] == other[alike] {
		alike++
	}
	cut := func(text string, words []string) string {
		if alike > shownBefore {
			text = "… " + strings.Join(words[alike-shownBefore:], " ")
		}
		return clip(text)
	}
	return cut(a, one), cut(b, other)
}

const (
	mostShown   = 100 // bytes of a text that is told as a whole
	shownBefore = 3   // words before the first one that differs
)

// Diff returns what a protocol says otherwise than the one before, in its own
// order, stage by stage; what is gone comes last in each. Things are told apart by
// their names, never by their place in the document. It is empty if and only if
// both have the same identity.
func Diff(before, now Protocol) []Change {
	d := differ{old: tellingOf(before), now: tellingOf(now)}
	for _, f := range d.now.facts {
		d.compare(f)
	}
	for _, f := range d.old.facts {
		d.gone(f)
	}
	d.moved()
	return d.grouped()
}

// grouped returns the changes so that those of one stage, model or assay stand
// together, in the order of the protocol.
func (d *differ) grouped() []Change {
	place := map[string]int{"": 0}
	for _, f := range slices.Concat(d.now.facts, d.old.facts) {
		if _, known := place[outermost(f.where)]; !known {
			place[outermost(f.where)] = len(place)
		}
	}
	slices.SortStableFunc(d.changes, func(a, b Change) int {
		return cmp.Compare(place[outermost(a.Where)], place[outermost(b.Where)])
	})
	return d.changes
}

// outermost is the part of the protocol in which a thing is: "stage collection".
func outermost(where string) string {
	part, _, _ := strings.Cut(where, ", ")
	return part
}

// telling is what one version says.
type telling struct {
	facts []fact
	said  map[[2]string]fact // by where and what
	names map[string]bool    // the things that it has
}

func tellingOf(p Protocol) telling {
	t := telling{p.facts(), map[[2]string]fact{}, map[string]bool{}}
	for _, f := range t.facts {
		t.said[[2]string{f.where, f.what}] = f
		if f.what == "" {
			t.names[f.where] = true
		}
	}
	return t
}

// lacks reports whether a thing of the other version, or one around it, is not
// there: then that is said once, and not of each of its parts.
func (t telling) lacks(where string, other telling) bool {
	for at := where; at != ""; at = around(at) {
		if other.names[at] && !t.names[at] {
			return true
		}
	}
	return false
}

// around is the thing of which one is a part.
func around(where string) string {
	return where[:max(strings.LastIndex(where, ", "), 0)]
}

type differ struct {
	old, now telling
	changes  []Change
}

func (d *differ) add(where, what, old, now string) {
	d.changes = append(d.changes, Change{where, what, old, now})
}

// compare tells what became of one fact.
func (d *differ) compare(f fact) {
	was, known := d.old.said[[2]string{f.where, f.what}]
	switch {
	case f.what == "":
		if !known && !d.old.lacks(around(f.where), d.now) {
			d.add(f.where, "added", "", f.text)
		}
	case d.old.lacks(f.where, d.now), was.exact == f.exact:
	case !known:
		d.add(f.where, f.what+" added", "", f.text)
	case was.text == f.text: // blanks, or 46 h written as 2760 min
		d.add(f.where, f.what+same, was.exact, f.exact)
	case was.means(f):
		d.add(f.where, f.what+same, was.text, f.text)
	default:
		d.add(f.where, f.what+" changed", was.text, f.text)
	}
}

const same = " written differently, which means the same,"

// gone tells what is not said any more.
func (d *differ) gone(f fact) {
	if _, still := d.now.said[[2]string{f.where, f.what}]; still {
		return
	}
	switch {
	case f.what == "" && !d.now.lacks(around(f.where), d.old):
		d.add(f.where, "removed", f.text, "")
	case f.what != "" && !d.now.lacks(f.where, d.old):
		d.add(f.where, f.what+" removed", f.text, "")
	}
}

// moved tells where things that both versions have come in another order.
func (d *differ) moved() {
	seen := map[string]bool{}
	for _, f := range d.now.facts {
		parent, kind := around(f.where), kindOf(f.where)
		if f.what != "" || seen[parent+kind] {
			continue
		}
		seen[parent+kind] = true
		old, now := d.old.order(parent, kind, d.now), d.now.order(parent, kind, d.old)
		if !slices.Equal(old, now) {
			d.add(parent, "order of "+plural(kind)+" changed", strings.Join(old, ", "), strings.Join(now, ", "))
		}
	}
}

func plural(kind string) string {
	switch kind {
	case "criterion":
		return "criteria"
	case "leave_out":
		return "what is left out"
	}
	return kind + "s"
}

// kindOf is the first word of a thing's own name: "task".
func kindOf(where string) string {
	kind, _, _ := strings.Cut(strings.TrimPrefix(where[len(around(where)):], ", "), " ")
	return kind
}

// order lists the things of a kind that another version has too.
func (t telling) order(parent, kind string, other telling) []string {
	var order []string
	for _, f := range t.facts {
		if f.what == "" && around(f.where) == parent && kindOf(f.where) == kind && other.names[f.where] {
			order = append(order, strings.TrimPrefix(strings.TrimPrefix(f.where[len(parent):], ", "), kind+" "))
		}
	}
	return order
}
