package protocol

import (
	"reflect"
	"strings"
)

// Key is one key of the format: where it may stand, and what it means.
type Key struct {
	Of       string // the mapping that it stands in: "task"
	Name     string // "takes"
	Kind     string // "text", "quantity", "whole number", "yes or no", "list of step" …
	Required bool
	Meaning  string // one sentence without its full stop
}

// Keys returns every key of the format, mapping by mapping, in the order of the
// types.
func Keys() []Key {
	var keys []Key
	for _, t := range mappings() {
		for i := range t.NumField() {
			f := t.Field(i)
			name := f.Tag.Get("yaml")
			keys = append(keys, Key{
				Of: mappingName(t), Name: name, Kind: kindOfKey(f.Type), Required: required(mappingName(t), name), Meaning: meanings[mappingName(t)+"."+name],
			})
		}
	}
	return keys
}

// mappings are the types of the format, each once, the whole document first.
func mappings() []reflect.Type {
	var found []reflect.Type
	var visit func(reflect.Type)
	visit = func(t reflect.Type) {
		for t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
			t = t.Elem()
		}
		if t.Kind() != reflect.Struct || reflect.PointerTo(t).Implements(textType) {
			return
		}
		for _, known := range found {
			if known == t {
				return
			}
		}
		found = append(found, t)
		for i := range t.NumField() {
			visit(t.Field(i).Type)
		}
	}
	visit(reflect.TypeFor[Protocol]())
	return found
}

// mappingName is what documents call a type: "leave_out" for LeftOut.
func mappingName(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[Agreement]():
		return "consent"
	case reflect.TypeFor[LeftOut]():
		return "leave_out"
	case reflect.TypeFor[Act]():
		return "flow"
	case reflect.TypeFor[Escalation]():
		return "escalate"
	case reflect.TypeFor[Consequence]():
		return "on_fail"
	case reflect.TypeFor[Proviso]():
		return "condition"
	}
	return strings.ToLower(t.Name())
}

func kindOfKey(t reflect.Type) string {
	switch {
	case reflect.PointerTo(t).Implements(textType):
		return "quantity"
	case t.Kind() == reflect.Int:
		return "whole number"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() == reflect.Slice:
		return "list of " + kindOfKey(t.Elem())
	case t.Kind() == reflect.Map:
		return "mapping to " + kindOfKey(t.Elem())
	case t.Kind() == reflect.Struct:
		return mappingName(t)
	}
	return "text"
}

// required reports whether a mapping must have a key.
func required(of, name string) bool {
	for _, key := range strings.Fields(obligatory[of]) {
		if key == name {
			return true
		}
	}
	return false
}

// obligatory are the keys that a mapping must have.
var obligatory = map[string]string{
	"protocol": "protocol version title zone ethics models assays stages analysis",
	"ethics":   "committee approval scope", "role": "role title", "material": "material title", "need": "material amount",
	"instrument": "instrument title", "model": "model title block blocks unit means groups", "group": "group title", "layout": "layout wells",
	"assay": "assay method title unit prepare read", "stage": "stage title", "counts": "feeds passages", "wait": "wait title window",
	"window": "evidence", "escalate": "to", "task": "task title role steps", "step": "step text", "field": "field title kind", "thing": "is",
	"computed": "value title formula of unit", "criterion": "criterion title value on_fail evidence", "on_fail": "do",
	"analysis": "alpha endpoints", "endpoint": "endpoint title claim model assay test comparator groups scale benefit",
	"leave_out": "task reason", "condition": "value",
}
