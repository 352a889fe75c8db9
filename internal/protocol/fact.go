package protocol

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"secretome/internal/quantity"
	"secretome/internal/record"
)

// fact is one thing that a protocol says, in words.
type fact struct {
	where   string              // "stage collection, wait condition"; empty: the whole protocol
	what    string              // "window"; empty: that the thing at where is there, by its title
	text    string              // "48 h ± 2 h"
	exact   string              // differs wherever the identity of the protocol does
	amounts []quantity.Quantity // of which it is made
}

// means reports whether two facts say the same, however it is written.
func (f fact) means(other fact) bool {
	return f.text == other.text || len(f.amounts) > 0 && slices.EqualFunc(f.amounts, other.amounts, alike)
}

// alike reports whether two amounts are the same, as 1 d and 24 h are.
func alike(a, b quantity.Quantity) bool {
	if a.IsZero() || b.IsZero() {
		return a.IsZero() && b.IsZero()
	}
	c, err := a.Compare(b)
	return err == nil && c == 0
}

// facts returns all that a protocol says, in the order of its types. It goes over
// the types themselves, so that no key is forgotten.
func (p Protocol) facts() []fact {
	var t teller
	t.record("", reflect.ValueOf(p), 0)
	return t.facts
}

type teller struct{ facts []fact }

// add tells a fact, unless there is nothing to tell.
func (t *teller) add(where, what, text string, amounts ...quantity.Quantity) {
	t.addExact(where, what, text, text, amounts...)
}

func (t *teller) addExact(where, what, text, exact string, amounts ...quantity.Quantity) {
	if text != "" {
		t.facts = append(t.facts, fact{where, what, text, exact, amounts})
	}
}

// record tells the keys of a mapping, from the given one on: the first one of
// an entry of a list is its name, which stands in where already.
func (t *teller) record(where string, v reflect.Value, from int) {
	for i := from; i < v.NumField(); i++ {
		key := v.Type().Field(i).Tag.Get("yaml")
		t.value(where, strings.ReplaceAll(key, "_", " "), v.Field(i))
	}
}

func (t *teller) value(where, what string, v reflect.Value) {
	switch x := v.Interface().(type) {
	case Window:
		t.window(where, x)
	case quantity.Quantity:
		t.add(where, what, x.String(), x)
	case []quantity.Quantity:
		t.span(where, what, x)
	case []Consequence:
		t.add(where, "what follows", consequences(x))
	case []Act:
		t.addExact(where, what, InWords(x), exactly(x))
	default:
		t.shape(where, what, v)
	}
}

// shape tells a value by what it is made of.
func (t *teller) shape(where, what string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		t.record(inside(where, what), v, 0)
	case reflect.Slice:
		t.list(where, what, v)
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, k := range keys {
			t.entry(where, what+" "+k.String(), v.MapIndex(k))
		}
	case reflect.Bool:
		if v.Bool() {
			t.add(where, what, "yes")
		}
	default:
		if !v.IsZero() {
			text := fmt.Sprint(v.Interface())
			t.addExact(where, what, strings.Join(strings.Fields(text), " "), strconv.Quote(text))
		}
	}
}

// entry tells one key of a mapping that takes any key: there nothing is something.
func (t *teller) entry(where, what string, v reflect.Value) {
	if v.IsZero() {
		t.add(where, what, item(v))
		return
	}
	t.value(where, what, v)
}

// list tells the entries one by one by their names, or a plain list in one line.
func (t *teller) list(where, what string, v reflect.Value) {
	if v.Len() == 0 {
		return
	}
	if v.Index(0).Kind() != reflect.Struct {
		var texts []string
		for i := range v.Len() {
			texts = append(texts, item(v.Index(i)))
		}
		t.add(where, what, strings.Join(texts, ", "))
		return
	}
	for i := range v.Len() {
		at := inside(where, name(v.Index(i)))
		t.add(at, "", title(v.Index(i)))
		t.record(at, v.Index(i), 1)
	}
}

// item is an entry of a plain list, in quotes where it could be taken for two or
// for none.
func item(v reflect.Value) string {
	text := fmt.Sprint(v.Interface())
	if text == "" || strings.Contains(text, ",") || strings.Join(strings.Fields(text), " ") != text {
		return strconv.Quote(text)
	}
	return text
}

// name is what an entry of a list is called: its first key and what stands there.
// Stages of the same kind differ by their models.
func name(v reflect.Value) string {
	key := v.Type().Field(0).Tag.Get("yaml")
	text := key + " " + fmt.Sprint(v.Field(0).Interface())
	switch x := v.Interface().(type) {
	case LeftOut: // not to be taken for the task itself
		text = "leave_out " + x.Task
	case Stage:
		if models := strings.TrimSpace(x.Model + " " + strings.Join(x.Models, " ")); models != "" {
			text += " of " + models
		}
	}
	return text
}

func title(v reflect.Value) string {
	for _, key := range []string{"title", "text", "amount", "reason"} {
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("yaml") == key {
				return clip(fmt.Sprint(v.Field(i).Interface()))
			}
		}
	}
	return name(v)
}

func inside(where, what string) string {
	if where == "" {
		return what
	}
	return where + ", " + what
}

func (t *teller) window(where string, w Window) {
	exact := fmt.Sprintf("nominal %s, earliest %s, latest %s, grace %s", w.Nominal, w.Earliest, w.Latest, w.Grace)
	t.addExact(where, "window", w.String(), exact, w.Nominal, w.Earliest, w.Latest, w.Grace)
	for _, edge := range []struct {
		what string
		do   Action
	}{{"when early", w.OnEarly}, {"when late", w.OnLate}, {"when missed", w.OnMissed}} {
		t.add(where, edge.what, string(edge.do))
	}
	t.add(where, "reminder", before(w.Remind), w.Remind)
	t.add(where, "escalation", escalation(w.Escalate))
	t.add(where, "evidence of the window", w.Evidence)
}

func escalation(e Escalation) string {
	if e.To == "" {
		return ""
	}
	return "to " + e.To + " " + after(e.After)
}

func before(q quantity.Quantity) string {
	if q.IsZero() {
		return ""
	}
	return q.String() + " before its end"
}

func after(q quantity.Quantity) string {
	if q.IsZero() {
		return "at once"
	}
	return q.String() + " after its end"
}

// String tells a window as people do: "48 h ± 2 h", "72 h (48 h to 84 h)", "at
// most 24 h"; empty where there is none.
func (w Window) String() string {
	text := w.Nominal.String()
	switch {
	case w.even() != "":
		text += " ± " + w.even()
	case !w.Earliest.IsZero() && !w.Latest.IsZero():
		text = strings.TrimSpace(fmt.Sprintf("%s (%s to %s)", text, w.Earliest, w.Latest))
	case !w.Latest.IsZero():
		text = strings.TrimSpace(fmt.Sprintf("%s (at most %s)", text, w.Latest))
	case !w.Earliest.IsZero():
		text = strings.TrimSpace(fmt.Sprintf("%s (at least %s)", text, w.Earliest))
	}
	if !w.Grace.IsZero() {
		text += ", missed " + w.Grace.String() + " later"
	}
	return text
}

// even is how far earliest and latest lie from nominal, where that is equal.
func (w Window) even() string {
	if w.Nominal.IsZero() || w.Earliest.IsZero() || w.Latest.IsZero() {
		return ""
	}
	early, err := w.Nominal.Sub(w.Earliest)
	if err != nil {
		return ""
	}
	late, err := w.Latest.Sub(w.Nominal)
	if err != nil {
		return ""
	}
	if c, err := early.Compare(late); err != nil || c != 0 {
		return ""
	}
	if in, err := late.In(w.Latest.Unit()); err == nil {
		late = in
	}
	return late.String()
}

func (t *teller) span(where, what string, list []quantity.Quantity) {
	var texts []string
	for _, q := range list {
		texts = append(texts, q.String())
	}
	between := " to "
	if len(list) != 2 {
		between = ", "
	}
	t.add(where, what, strings.Join(texts, between), list...)
}

func consequences(list []Consequence) string {
	var texts []string
	for _, c := range list {
		text := string(c.Do)
		if !c.AtLeast.IsZero() {
			text += " from " + c.AtLeast.String()
		}
		if !c.AtMost.IsZero() {
			text += " up to " + c.AtMost.String()
		}
		if len(list) > 1 && text == string(c.Do) {
			text = "else " + text
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", ")
}

// InWords tells a flow in words: "wait warm, then repeat (look) until
// look:look.clear is yes, at most 3 times".
func InWords(flow []Act) string {
	texts := make([]string, 0, len(flow))
	for _, a := range flow {
		texts = append(texts, a.String())
	}
	return strings.Join(texts, ", then ")
}

// String tells an act of a flow in words.
func (a Act) String() string {
	switch {
	case a.Task != "":
		return a.Task
	case a.Wait != "":
		return "wait " + a.Wait
	case len(a.Repeat) > 0:
		return fmt.Sprintf("repeat (%s) until %s, at most %d times", InWords(a.Repeat), a.Until, a.AtMost)
	}
	text := fmt.Sprintf("if %s (%s)", a.When, InWords(a.Then))
	if len(a.Else) > 0 {
		text += fmt.Sprintf(" else (%s)", InWords(a.Else))
	}
	return text
}

// String tells a condition in words: "look:look.clear is yes".
func (p Proviso) String() string { return p.Value + " " + p.Criterion().Limit() }

// exactly is v in canonical JSON.
func exactly(v any) string {
	b, err := record.Canonical(v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
