package protocol

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"secretome/internal/quantity"
	"secretome/internal/record"
)

// fact is one thing that a protocol says, in words.
type fact struct {
	where   string // "stage collection, wait condition"; empty: the whole protocol
	what    string // "window"; empty: that the thing at where is there, by its title
	text    string // "48 h ± 2 h"
	meaning string // equal where only the writing differs
}

// facts returns all that a protocol says, in the order of its types. It goes over
// the types themselves, so that no key is forgotten.
func (p Protocol) facts() []fact {
	var t teller
	t.record("", reflect.ValueOf(p))
	return t.facts
}

type teller struct{ facts []fact }

func (t *teller) add(where, what, text string) { t.addMeaning(where, what, text, text) }

func (t *teller) addMeaning(where, what, text, meaning string) {
	if text != "" {
		t.facts = append(t.facts, fact{where, what, text, meaning})
	}
}

// record tells the keys of a mapping.
func (t *teller) record(where string, v reflect.Value) {
	for i := range v.NumField() {
		key := v.Type().Field(i).Tag.Get("yaml")
		if where != "" && slices.Contains(naming, key) && i <= 1 {
			continue // it stands in where already
		}
		t.value(where, strings.ReplaceAll(key, "_", " "), v.Field(i))
	}
}

// naming are the keys that name an entry of a list.
var naming = []string{"model", "group", "layout", "assay", "stage", "task", "step", "field", "wait", "value", "criterion", "endpoint", "role", "material", "instrument"}

func (t *teller) value(where, what string, v reflect.Value) {
	switch x := v.Interface().(type) {
	case Window:
		t.window(where, x)
	case quantity.Quantity:
		t.addMeaning(where, what, x.String(), meaning(x))
	case []quantity.Quantity:
		t.span(where, what, x)
	case []Consequence:
		t.add(where, "what follows", consequences(x))
	case []Act:
		t.add(where, what, flowText(x))
	default:
		t.shape(where, what, v)
	}
}

// shape tells a value by what it is made of.
func (t *teller) shape(where, what string, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		t.record(inside(where, what), v)
	case reflect.Slice:
		t.list(where, what, v)
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
		for _, k := range keys {
			t.value(where, what+" "+k.String(), v.MapIndex(k))
		}
	case reflect.Bool:
		if v.Bool() {
			t.add(where, what, "yes")
		}
	default:
		if !v.IsZero() {
			t.add(where, what, strings.Join(strings.Fields(fmt.Sprint(v.Interface())), " "))
		}
	}
}

// list tells the entries one by one by their names, or a plain list in one line.
func (t *teller) list(where, what string, v reflect.Value) {
	if v.Len() == 0 {
		return
	}
	if v.Index(0).Kind() != reflect.Struct {
		var texts []string
		for i := range v.Len() {
			texts = append(texts, fmt.Sprint(v.Index(i).Interface()))
		}
		t.add(where, what, strings.Join(texts, ", "))
		return
	}
	for i := range v.Len() {
		at := inside(where, name(v.Index(i)))
		t.add(at, "", title(v.Index(i)))
		t.record(at, v.Index(i))
	}
}

// name is what an entry of a list is called: its first key and what stands there.
// Stages of the same kind differ by their models.
func name(v reflect.Value) string {
	key := v.Type().Field(0).Tag.Get("yaml")
	text := key + " " + fmt.Sprint(v.Field(0).Interface())
	if s, ok := v.Interface().(Stage); ok {
		if models := strings.TrimSpace(s.Model + " " + strings.Join(s.Models, " ")); models != "" {
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
	t.addMeaning(where, "window", w.String(), strings.Join([]string{meaning(w.Nominal), meaning(w.Earliest), meaning(w.Latest), meaning(w.Grace)}, "/"))
	for _, edge := range []struct {
		what string
		do   Action
	}{{"when early", w.OnEarly}, {"when late", w.OnLate}, {"when missed", w.OnMissed}} {
		t.add(where, edge.what, string(edge.do))
	}
	t.addMeaning(where, "reminder", before(w.Remind), meaning(w.Remind))
	if w.Escalate.To != "" {
		t.addMeaning(where, "escalation", strings.TrimSpace("to "+w.Escalate.To+" "+after(w.Escalate.After)), w.Escalate.To+meaning(w.Escalate.After))
	}
	t.add(where, "evidence of the window", w.Evidence)
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
	var texts, meanings []string
	for _, q := range list {
		texts, meanings = append(texts, q.String()), append(meanings, meaning(q))
	}
	between := " to "
	if len(list) != 2 {
		between = ", "
	}
	t.addMeaning(where, what, strings.Join(texts, between), strings.Join(meanings, " "))
}

// meaning is the same for 1 d and 24 h: the amount in the unit that comes first
// among those of its dimension.
func meaning(q quantity.Quantity) string {
	if q.IsZero() {
		return ""
	}
	units := quantity.Alternatives(q.Unit())
	if len(units) == 0 {
		return q.String()
	}
	same, err := q.Div(one(), units[0], meaningDecimals)
	if err != nil {
		return q.String()
	}
	return same.String()
}

// meaningDecimals are enough for any two ways to write an amount.
const meaningDecimals = 18

func one() quantity.Quantity {
	q, _ := quantity.New("1", "1") // a constant
	return q
}

func consequences(list []Consequence) string {
	var texts []string
	for _, c := range list {
		text := string(c.Do)
		switch {
		case !c.AtLeast.IsZero():
			text += " from " + c.AtLeast.String()
		case !c.AtMost.IsZero():
			text += " up to " + c.AtMost.String()
		case len(list) > 1:
			text = "else " + text
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", ")
}

// flowText is a flow in one line of canonical JSON.
func flowText(flow []Act) string {
	if len(flow) == 0 {
		return ""
	}
	b, err := record.Canonical(flow)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
