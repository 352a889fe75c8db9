package protocol_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"secretome/internal/protocol"
)

func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	b, err := protocol.Schema()
	if err != nil {
		t.Fatal(err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(protocol.SchemaID, document); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(protocol.SchemaID)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// judged is what the schema says of a YAML document, in which a day is a text,
// as YAML 1.2 has it.
func judged(t *testing.T, s *jsonschema.Schema, document []byte) error {
	t.Helper()
	var root yaml.Node
	if err := yaml.Unmarshal(document, &root); err != nil {
		t.Fatal(err)
	}
	daysAreTexts(&root)
	var v any
	if err := root.Decode(&v); err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
}

func daysAreTexts(n *yaml.Node) {
	if n.ShortTag() == "!!timestamp" {
		n.Tag = "!!str"
	}
	for _, c := range n.Content {
		daysAreTexts(c)
	}
}

func TestEveryKeyIsExplained(t *testing.T) {
	for _, k := range protocol.Keys() {
		if k.Meaning == "" || strings.HasSuffix(k.Meaning, ".") {
			t.Errorf("%s.%s is explained with %q", k.Of, k.Name, k.Meaning)
		}
	}
}

func TestThePublishedSchemaIsThisOne(t *testing.T) {
	b, err := protocol.Schema()
	if err != nil {
		t.Fatal(err)
	}
	const path = "../../docs/protocol.schema.json"
	if *update {
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if published, err := os.ReadFile(path); err != nil || !bytes.Equal(published, b) {
		t.Errorf("docs/protocol.schema.json is another schema (%v); run with -update", err)
	}
}

// mutant is a document with one thing changed.
type mutant struct {
	how  string
	text []byte
	good bool // as it was meant
}

// mutants changes a document in ways that a schema can tell, each time in a way
// and at a place that the generator picks.
func mutants(t *testing.T, document string, r *rand.Rand, n int) []mutant {
	t.Helper()
	var all []mutant
	for len(all) < n {
		var root yaml.Node
		if err := yaml.Unmarshal([]byte(document), &root); err != nil {
			t.Fatal(err)
		}
		m := mutations[r.IntN(len(mutations))]
		places := m.places(root.Content[0], nil)
		if len(places) == 0 {
			continue
		}
		at := places[r.IntN(len(places))]
		value := m.values[r.IntN(len(m.values))]
		how := fmt.Sprintf("%s in line %d: %s %s", m.how, at.mapping.Line, at.mapping.Content[at.key].Value, value)
		m.change(t, at, value)
		text, err := yaml.Marshal(&root)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, mutant{how, text, m.good})
	}
	return all
}

// mutation is one way to change a document: one of keys, where it stands beside
// the key beside, gets one of values, or is taken out, or a key is added there.
type mutation struct {
	how, keys string
	values    []string // YAML
	good      bool     // both take it
	beside    string
	add       string
}

const gone = "(taken out)"

var mutations = []mutation{
	{how: "another text", keys: "title text note committee means block claim stress", values: []string{`"Another text: with [marks], 12 % of them"`, "true", "12", "~x", "2026-10-05"}, good: true},
	{how: "another amount", keys: "takes remind", values: []string{"20 min", "1.5 h", "0,5 h"}, good: true},
	{how: "another number", keys: "blocks feeds people", values: []string{"7", "2", "20"}, good: true},
	{how: "another evidence", keys: "evidence", values: []string{"K", "P", "S:12", "lab", "C", "R", "N"}, good: true},
	{how: "another decimal", keys: "alpha", values: []string{"0.01", `"0.1"`}, good: true},
	{how: "how long it takes", keys: "role", values: []string{"20 min", "90 s"}, good: true, beside: "task", add: "takes"},
	{how: "a note", keys: "zone", values: []string{"a note", "|\n  one\n  two"}, good: true, add: "note"},
	{how: "an unknown key", keys: "title role field task wait step kind do test unit wells alpha committee covers", values: []string{"1"}, add: "zzz"},
	{how: "a needed key", keys: "title role steps text do test scale on_fail block blocks wells claim approval committee scope zone version alpha endpoints method prepare read", values: []string{gone}},
	{how: "a field without its", keys: "unit choices", values: []string{gone}, beside: "field"},
	{how: "another kind than", keys: "models groups stages tasks steps fields endpoints on_fail measures scope criteria waits rows", values: []string{"nothing", "12"}},
	{how: "a list or mapping for", keys: "title text zone version role kind unit do nominal dose blocks evidence", values: []string{"[a]", "{a: 1}", "[]"}},
	{how: "nothing for", keys: "title text zone version claim", values: []string{`""`, `" "`, "~"}},
	{how: "no whole number", keys: "blocks wells feeds passages repeats people", values: []string{"many", "1.5", "-1", `"2"`, "1000000", "010x"}},
	{how: "out of range", keys: "blocks", values: []string{"0", "100"}},
	{how: "out of range", keys: "feeds passages", values: []string{"0", "61"}},
	{how: "out of range", keys: "repeats", values: []string{"10", "500"}},
	{how: "out of range", keys: "wells", values: []string{"0", "7", "1536"}},
	{how: "out of range", keys: "alpha", values: []string{"0.5", "0", "x", "12 h"}},
	{how: "an unknown word", keys: "role kind do test scale benefit on_late method", values: []string{"zzz", "12", "Technician"}},
	{how: "no name", keys: "task step field wait criterion endpoint model assay layout", values: []string{"No Name", "a_b!", "12", `"a b"`}},
	{how: "no code", keys: "protocol group comparator", values: []string{"cm 5", "cm-5", "[CM5]"}},
	{how: "no zone", keys: "zone", values: []string{"at home", "12"}},
	{how: "no evidence", keys: "evidence", values: []string{"S:x", "S", "k", "hearsay"}},
	{how: "no amount", keys: "nominal latest grace dose takes", values: []string{"12", `"12"`, "h", "1e3 h", "2021-03-01", "1.2.3 h", "twelve h", "1 000", "1,500 h", "5-3 h", "true"}},
	{how: "a list of another length", keys: "range", values: []string{"[5 g]", "[1 g, 2 g, 3 g]", "[]"}},
	{how: "two limits", keys: "at_least", values: []string{"99 %"}, beside: "criterion", add: "at_most"},
	{how: "two anchors", keys: "role", values: []string{"treat"}, beside: "before", add: "after"},
	{how: "a repetition without its", keys: "until at_most", values: []string{gone}, beside: "repeat"},
	{how: "an act that is two", keys: "wait", values: []string{"look"}, beside: "", add: "repeat"},
}

// place is a key of a mapping.
type place struct {
	mapping *yaml.Node
	key     int
}

// places finds where a mutation can be made.
func (m mutation) places(n *yaml.Node, found []place) []place {
	if n.Kind == yaml.MappingNode {
		for i := 0; i < len(n.Content); i += 2 {
			if slices.Contains(strings.Fields(m.keys), n.Content[i].Value) && m.fits(n, n.Content[i+1]) {
				found = append(found, place{n, i})
			}
		}
	}
	for _, c := range n.Content {
		found = m.places(c, found)
	}
	return found
}

// fits reports whether a mutation can be made in a mapping.
func (m mutation) fits(n, value *yaml.Node) bool {
	has := func(key string) bool {
		return slices.ContainsFunc(n.Content, func(k *yaml.Node) bool { return k.Value == key })
	}
	return (m.beside == "" || has(m.beside)) && (m.add == "" || !has(m.add)) && value.Value != "file"
}

func (m mutation) change(t *testing.T, at place, value string) {
	t.Helper()
	content := &at.mapping.Content
	if value == gone {
		*content = slices.Delete(*content, at.key, at.key+2)
		return
	}
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(value), &n); err != nil {
		t.Fatal(err)
	}
	if m.add != "" {
		*content = append(*content, &yaml.Node{Kind: yaml.ScalarNode, Value: m.add}, n.Content[0])
		return
	}
	(*content)[at.key+1] = n.Content[0]
}

func TestTheSchemaTakesWhatIsShipped(t *testing.T) {
	s := schema(t)
	for _, name := range []string{"compact", "range", "release", "reference"} {
		if err := judged(t, s, []byte(read(t, "../../examples/"+name+".yaml"))); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// The schema and the parser agree on what a schema can say.
func TestSchemaAndParserAgree(t *testing.T) {
	s := schema(t)
	taken, refused := 0, 0
	ways := map[string]bool{}
	for path, n := range map[string]int{"testdata/small.yaml": 120, "../../examples/compact.yaml": 40, "../e2e/testdata/own.yaml": 120, "../e2e/testdata/blind.yaml": 120} {
		r := rand.New(rand.NewPCG(2026, uint64(len(path))))
		document := read(t, path)
		if err := judged(t, s, []byte(document)); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for _, m := range mutants(t, document, r, n) {
			bySchema := judged(t, s, m.text)
			_, byParser := protocol.Parse(path, m.text)
			if (bySchema == nil) != (byParser == nil) || (byParser == nil) != m.good {
				t.Errorf("%s, %s:\nschema %v\nparser %v", path, m.how, bySchema, byParser)
			}
			ways[m.how[:strings.Index(m.how, " in line")]] = true
			if byParser == nil {
				taken++
			} else {
				refused++
			}
		}
	}
	t.Logf("%d taken, %d refused by both, changed in %d ways", taken, refused, len(ways))
	if taken < 60 || refused < 60 {
		t.Error("the generator makes too few of one kind")
	}
}
