package protocol

import (
	"fmt"
	"slices"
	"strings"
)

// Change is one difference between two versions of a protocol.
type Change struct {
	Where string `json:"where"` // "stage collection, wait condition"; empty: the whole protocol
	What  string `json:"what"`  // "window changed", "added", "removed", "moved", "written differently"
	Old   string `json:"old,omitempty"`
	New   string `json:"new,omitempty"`
}

// String is the change in one sentence.
func (c Change) String() string {
	text := c.What
	if c.Where != "" {
		text = c.Where + ": " + c.What
	}
	switch {
	case c.Old != "" && c.New != "":
		return fmt.Sprintf("%s from %s to %s", text, c.Old, c.New)
	case c.New != "":
		return fmt.Sprintf("%s: %s", text, c.New)
	case c.Old != "":
		return fmt.Sprintf("%s: %s", text, c.Old)
	}
	return text
}

// Diff returns what a protocol says otherwise than the one before, in its own
// order; what is gone comes last. Things are told apart by their names, never by
// their place in the document. It is empty where both say the same.
func Diff(before, now Protocol) []Change {
	d := differ{old: tellingOf(before), now: tellingOf(now)}
	for _, f := range d.now.facts {
		d.compare(f)
	}
	for _, f := range d.old.facts {
		d.gone(f)
	}
	d.moved()
	return d.changes
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
	case d.old.lacks(f.where, d.now), was.text == f.text:
	case !known:
		d.add(f.where, f.what+" added", "", f.text)
	case was.meaning == f.meaning:
		d.add(f.where, f.what+" written differently, which means the same,", was.text, f.text)
	default:
		d.add(f.where, f.what+" changed", was.text, f.text)
	}
}

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
			d.add(parent, "order of "+kind+"s changed", strings.Join(old, ", "), strings.Join(now, ", "))
		}
	}
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
