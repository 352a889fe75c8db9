package protocol

import (
	"encoding/json"
	"maps"
	"reflect"

	"secretome/internal/sample"
)

// SchemaID names the schema of the format.
const SchemaID = "urn:secretome:protocol:1"

// node is a part of a JSON Schema.
type node map[string]any

// Schema returns the JSON Schema (draft 2020-12) of the format, for editors. It
// says what keys there are, which are needed and what they look like. What it
// cannot say, such as whether a name is known elsewhere in the document or a unit
// fits, the parser says.
func Schema() ([]byte, error) {
	defs := node{}
	for _, t := range mappings()[1:] {
		defs[mappingName(t)] = mapping(t)
	}
	root := mapping(reflect.TypeFor[Protocol]())
	root["$schema"], root["$id"] = "https://json-schema.org/draft/2020-12/schema", SchemaID
	root["title"], root["$defs"] = "secretome protocol, format 1", defs
	b, err := json.MarshalIndent(root, "", "  ")
	return append(b, '\n'), err
}

func mapping(t reflect.Type) node {
	properties, needed := node{}, []string{}
	of := mappingName(t)
	for i := range t.NumField() {
		key := t.Field(i).Tag.Get("yaml")
		n := shapeOf(t.Field(i).Type)
		maps.Copy(n, limits[of+"."+key])
		n["description"] = meanings[of+"."+key]
		properties[key] = n
		if required(of, key) {
			needed = append(needed, key)
		}
	}
	n := node{"type": "object", "additionalProperties": false, "properties": properties}
	maps.Copy(n, rules(of))
	if len(needed) > 0 {
		n["required"] = needed
	}
	return n
}

// rules are what the schema says of the keys of one mapping together.
func rules(of string) node {
	switch of {
	case "stage": // only a stage of kind steps has a name of its own
		return node{"if": having("kind"), "else": node{"properties": node{"stage": enum(stageIDs()...)}}}
	case "task":
		return node{"not": having("before", "after")}
	case "criterion", "condition":
		return oneOf("at_least", "at_most", "between", "equals")
	case "field":
		return node{"allOf": []node{where("kind", "quantity", "unit"), where("kind", "choice", "choices")}}
	case "layout": // what is drawn goes into rows, or into an area
		return node{"if": having("place"), "then": node{"anyOf": []node{having("rows"), having("area")}}, "else": having("rows")}
	case "flow":
		n := oneOf("task", "wait", "repeat", "when")
		n["dependentRequired"] = map[string][]string{"repeat": {"until", "at_most"}, "until": {"repeat"}, "at_most": {"repeat"}, "then": {"when"}, "else": {"when"}}
		return n
	}
	return nil
}

func having(keys ...string) node { return node{"required": keys} }

func oneOf(keys ...string) node {
	var one []node
	for _, k := range keys {
		one = append(one, having(k))
	}
	return node{"oneOf": one}
}

// where says that a mapping of which a key has a value needs another one.
func where(key, value, needs string) node {
	return node{"if": node{"properties": node{key: node{"const": value}}}, "then": having(needs)}
}

func shapeOf(t reflect.Type) node {
	switch {
	case reflect.PointerTo(t).Implements(textType):
		return node{"type": "string", "pattern": amountPattern}
	case t.Kind() == reflect.Int:
		return node{"type": "integer", "minimum": 0, "maximum": 999999}
	case t.Kind() == reflect.Bool:
		return node{"type": "boolean"}
	case t.Kind() == reflect.Slice:
		return node{"type": "array", "maxItems": maxList, "items": shapeOf(t.Elem())}
	case t.Kind() == reflect.Map:
		return node{"type": "object", "maxProperties": maxList, "additionalProperties": shapeOf(t.Elem())}
	case t.Kind() == reflect.Struct:
		return node{"$ref": "#/$defs/" + mappingName(t)}
	}
	return node{"type": []string{"string", "number", "boolean"}} // a word is taken as it is written
}

// amountPattern is a number with at most one decimal mark and without a
// thousands mark or a power of ten, and a unit.
const amountPattern = `^\s*[-+−]?([0-9]+(\.[0-9]+|,([0-9]{1,2}|[0-9]{4,}))?|0+,[0-9]{3}|[.,][0-9]+)` +
	`(\s+([^\s0-9+-]|1(/|$)|10[*^])|[^\s0-9.,eE+-]|[eE][^0-9+-])`

func enum(words ...string) node { return node{"enum": words} }

func named(pattern string) node { return node{"type": "string", "pattern": pattern} }

// decimal is a number, with or without quotes.
func decimal(least, greatest float64) node {
	return node{"type": []string{"string", "number"}, "pattern": `^\s*[0-9]*[.,]?[0-9]+\s*$`, "minimum": least, "maximum": greatest}
}

func between(least, greatest int) node { return node{"minimum": least, "maximum": greatest} }

var (
	some  = node{"minItems": 1}
	said  = node{"type": []string{"string", "number", "boolean"}, "pattern": `\S`}
	plain = node{"type": []string{"string", "boolean"}, "pattern": plainID.String()} // true is a word, too
	tag   = named(evidence.String())
)

// limits are what the schema says of single keys besides their kind.
var limits = map[string]node{
	"protocol.format": enumInt(1), "protocol.protocol": named(protocolID.String()), "protocol.version": said, "protocol.title": said,
	"protocol.zone": named(zoneName.String()), "protocol.models": some, "protocol.stages": some,
	"ethics.committee": said, "ethics.approval": said, "ethics.scope": {"minItems": 1, "items": enum("cord", "skin")},
	"ethics.from": named(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`), "ethics.until": named(`^[0-9]{4}-[0-9]{2}-[0-9]{2}$`),
	"role.role": enum(Roles()...), "role.title": said, "role.people": between(0, 99),
	"material.material": plain, "material.title": said, "material.rrid": named(rrid.String()),
	"instrument.instrument": plain, "instrument.title": said, "instrument.count": between(0, 99), "instrument.evidence": tag,
	"model.model": plain, "model.title": said, "model.block": said, "model.means": said, "model.blocks": between(1, 99),
	"model.unit": enum("run", "donor", "tissue", "lot"), "model.units": between(0, 99), "model.groups": some,
	"group.group": named(groupCode.String()), "group.title": said,
	"layout.layout": plain, "layout.wells": enumInt(6, 12, 24, 48, 96, 384), "layout.area": enum("inner", "all"),
	"assay.assay": plain, "assay.title": said, "assay.method": enum(methodNames()...), "assay.repeats": between(0, 9),
	"assay.curve": enum("4pl", "linear", "quadratic"), "assay.weights": enum("none", "1/y", "1/y2"),
	"stage.stage": plain, "stage.title": said, "stage.kind": enum(Steps),
	"leave_out.task": plain, "leave_out.reason": said, "flow.task": plain, "flow.wait": plain, "stage.model": plain, "task.before": plain, "task.after": plain,
	"need.material": plain, "field.material": plain, "endpoint.model": plain, "endpoint.assay": plain, "assay.layout": plain, "model.layout": plain,
	"endpoint.comparator": named(groupCode.String()), "flow.at_most": between(1, maxLoop),
	"counts.feeds": between(1, maxFeeds), "counts.passages": between(1, 20), "wait.wait": plain, "wait.title": said,
	"window.on_early": enum(actionNames()...), "window.on_late": enum(actionNames()...), "window.on_missed": enum(actionNames()...),
	"window.evidence": tag, "escalate.to": enum(Roles()...),
	"task.task": plain, "task.title": said, "task.role": enum(Roles()...), "task.steps": some, "task.repeats": between(0, 9),
	"step.step": plain, "step.text": said, "field.field": plain, "field.title": said,
	"field.kind":  enum("quantity", "choice", "text", "scan", "yes-no", "time", "file"),
	"field.range": {"minItems": 2, "maxItems": 2}, "field.choices": {"minItems": 2}, "field.evidence": tag,
	"thing.is": enum(sample.Kinds()...), "thing.thaws": between(0, 9), "thing.becomes": enum(string(sample.Released), string(sample.Rejected)),
	"computed.value": plain, "computed.title": said,
	"criterion.criterion": plain, "criterion.title": said, "criterion.on_fail": some, "criterion.evidence": tag,
	"criterion.between": {"minItems": 2, "maxItems": 2}, "condition.between": {"minItems": 2, "maxItems": 2}, "on_fail.do": enum(actionNames()...),
	"analysis.endpoints": some, "analysis.alpha": decimal(0.001, 0.1), "analysis.power": decimal(0.8, 0.95), "endpoint.endpoint": plain, "endpoint.title": said, "endpoint.claim": said, "endpoint.groups": some,
	"endpoint.test": enum("dunnett", "welch", ReportOnly), "endpoint.scale": enum("identity", "log10", "log2"), "endpoint.benefit": enum("higher", "lower", "none"),
}

func enumInt(values ...int) node { return node{"enum": values} }

func methodNames() []string { return names(Methods(), func(m Method) string { return m.Name }) }

func actionNames() []string { return names(Actions(), func(a Action) string { return string(a) }) }
