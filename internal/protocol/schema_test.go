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

// judged is what the schema says of a YAML document.
func judged(t *testing.T, s *jsonschema.Schema, document []byte) error {
	t.Helper()
	var v any
	if err := yaml.Unmarshal(document, &v); err != nil {
		t.Fatal(err)
	}
	return s.Validate(v)
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

// mutants changes a document in ways that a schema can tell, each time at a
// place that the seed picks.
func mutants(t *testing.T, document string, r *rand.Rand, n int) []mutant {
	t.Helper()
	var all []mutant
	for len(all) < n {
		var root yaml.Node
		if err := yaml.Unmarshal([]byte(document), &root); err != nil {
			t.Fatal(err)
		}
		var maps []*yaml.Node
		collect(root.Content[0], &maps)
		m := maps[r.IntN(len(maps))]
		i := 2 * r.IntN(len(m.Content)/2)
		how, good, done := mutate(m, i, r)
		if !done {
			continue
		}
		text, err := yaml.Marshal(&root)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, mutant{fmt.Sprintf("%s at %q of line %d", how, m.Content[min(i, len(m.Content)-2)].Value, m.Line), text, good})
	}
	return all
}

func collect(n *yaml.Node, maps *[]*yaml.Node) {
	if n.Kind == yaml.MappingNode && len(n.Content) > 0 {
		*maps = append(*maps, n)
	}
	for _, c := range n.Content {
		collect(c, maps)
	}
}

// free are keys of which the text may be any.
var free = []string{"title", "text", "note", "committee", "means", "block"}

// mutate changes one mapping at its i-th key, and says how.
func mutate(m *yaml.Node, i int, r *rand.Rand) (how string, good, done bool) {
	key, value := m.Content[i], m.Content[i+1]
	word := func(text string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: text} }
	first := m.Content[0].Value
	switch r.IntN(9) {
	case 0: // a mapping that takes any key has no unknown one
		if slices.Contains([]string{"A", "S1", "S0", "harvested"}, first) {
			return "", false, false
		}
		m.Content = append(m.Content, word("zzz"), word("1"))
		return "an unknown key", false, true
	case 1:
		if !slices.Contains([]string{"title", "role", "steps", "text", "kind", "test", "scale", "on_fail", "block", "blocks", "wells", "claim", "approval", "zone", "version"}, key.Value) {
			return "", false, false
		}
		m.Content = slices.Delete(m.Content, i, i+2)
		return "a needed key taken out", false, true
	case 2:
		if value.Kind != yaml.SequenceNode {
			return "", false, false
		}
		m.Content[i+1] = word("nothing")
		return "a text for a list", false, true
	case 3:
		if value.Tag != "!!int" || key.Value == "version" {
			return "", false, false
		}
		m.Content[i+1] = word("many")
		return "a text for a number", false, true
	case 4:
		if !slices.Contains([]string{"role", "kind", "do", "test", "scale", "benefit", "on_late", "method"}, key.Value) {
			return "", false, false
		}
		m.Content[i+1] = word("zzz")
		return "an unknown word", false, true
	case 5:
		if !slices.Contains([]string{"task", "step", "field", "wait", "criterion", "endpoint", "model", "assay", "layout"}, key.Value) || value.Kind != yaml.ScalarNode {
			return "", false, false
		}
		m.Content[i+1] = word("No Name")
		return "a name with a blank", false, true
	case 6:
		if !slices.Contains([]string{"nominal", "latest", "grace", "at_least", "dose"}, key.Value) || value.Kind != yaml.ScalarNode {
			return "", false, false
		}
		m.Content[i+1] = word("12")
		return "a number without a unit", false, true
	case 7:
		if !slices.Contains(free, key.Value) {
			return "", false, false
		}
		m.Content[i+1] = word("Another text: with [marks] and 12 % of them")
		return "another text", true, true
	}
	has := func(key string) bool {
		return slices.ContainsFunc(m.Content, func(n *yaml.Node) bool { return n.Value == key })
	}
	if first == "task" && has("role") && !has("takes") {
		m.Content = append(m.Content, word("takes"), word("20 min"))
		return "how long a task takes", true, true
	}
	if key.Value == "blocks" {
		m.Content[i+1] = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: "7"}
		return "more blocks", true, true
	}
	return "", false, false
}

// The schema and the parser agree on what a schema can say.
func TestSchemaAndParserAgree(t *testing.T) {
	s := schema(t)
	taken, refused := 0, 0
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
			if byParser == nil {
				taken++
			} else {
				refused++
			}
		}
	}
	t.Logf("%d taken, %d refused by both", taken, refused)
	if taken < 60 || refused < 60 {
		t.Error("the generator makes too few of one kind")
	}
}
