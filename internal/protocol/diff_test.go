package protocol_test

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"

	"secretome/internal/protocol"
	"secretome/internal/quantity"
)

func TestADiffSpeaksOfMeaning(t *testing.T) {
	small := read(t, "testdata/small.yaml")
	before := parse(t, "testdata/small.yaml")
	for _, test := range []struct{ name, old, new, want string }{
		{"nothing", "", "", ""},
		{"a comment", "title: Small\n", "title: Small # a remark\n", ""},
		{"a window", "window: {nominal: 48 h, evidence: K}", "window: {nominal: 72 h, earliest: 70 h, latest: 74 h, evidence: K}", "stage collection, wait condition: window changed from 48 h to 72 h ± 2 h"},
		{"a window that is not even", "window: {nominal: 48 h, evidence: K}", "window: {nominal: 48 h, earliest: 24 h, latest: 50 h, evidence: K}", "window changed from 48 h to 48 h (24 h to 50 h)"},
		{"what a late answer asks for", "on_late: DEVIATION", "on_late: FLAG", "stage cord-harvest, task receive-cord: when late changed from DEVIATION to FLAG"},
		{"the evidence of a window", "on_missed: DISCARD\n          evidence: K", "on_missed: DISCARD\n          evidence: S:7", "evidence of the window changed from K to S:7"},
		{"the same written differently", "latest: 24 h", "latest: 1 d", "window written differently, which means the same, from 6 h (at most 24 h), missed 24 h later to 6 h (at most 1 d), missed 24 h later"},
		{"a reminder", "latest: 24 h", "latest: 24 h\n          remind: 2 h", "reminder added: 2 h before its end"},
		{"an escalation", "latest: 24 h", "latest: 24 h\n          escalate: {to: manager, after: 1 h}", "escalation added: to manager 1 h after its end"},
		{"a range", "range: [5 g, 80 g]", "range: [5 g, 60 g]", "step look, field mass: range changed from 5 g to 80 g to 5 g to 60 g"},
		{"a unit", "{field: viability, title: viability, kind: quantity, unit: \"%\"}", "{field: viability, title: viability, kind: quantity, unit: \"1\"}", "field viability: unit changed from % to 1"},
		{"a default", "[ok, torn]}", "[ok, torn], default: ok}", "field state: default added: ok"},
		{"choices", "[ok, torn]", "[ok, torn, short]", "field state: choices changed from ok, torn to ok, torn, short"},
		{"a limit", "at_least: 90 %", "at_least: 85 %", "stage culture, task harvest, criterion viability: at least changed from 90 % to 85 %"},
		{"what follows", "{at_least: 70 %, do: DEVIATION}, {do: DISCARD}", "{do: DISCARD}", "what follows changed from DEVIATION from 70 %, else DISCARD to DISCARD"},
		{"a role", "title: Consent, role: manager", "title: Consent, role: quality", "stage cord-harvest, task consent: role changed from manager to quality"},
		{"an instruction", "text: Look at it.", "text: Look at it twice.", "step look: text changed from Look at it. to Look at it twice."},
		{"a group", `      - {group: CM5, title: "5 %", dose: "5 %{v/v}"}`, `      - {group: CM5, title: "5 %", dose: "10 %{v/v}"}`, "model cells, group CM5: dose changed from 5 %{v/v} to 10 %{v/v}"},
		{"a new group", `      - {group: CM5,`, "      - {group: NC, title: Untreated}\n      - {group: CM5,", "model cells, group NC: added: Untreated"},
		{"blocks", "blocks: 2", "blocks: 3", "model cells: blocks changed from 2 to 3"},
		{"what N counts", "unit: run", "unit: donor", "model cells: unit changed from run to donor"},
		{"a well", "A: VC.1 S1 BLK", "A: VC.1 BLK S1", "layout six: rows A changed from VC.1 S1 BLK to VC.1 BLK S1"},
		{"a standard", "S1: 10 pg/mL", "S1: 12 pg/mL", "layout six: standards S1 changed from 10 pg/mL to 12 pg/mL"},
		{"an assay's curve", "weights: 1/y2", "weights: none", "assay il8: weights changed from 1/y2 to none"},
		{"how often a plate is repeated", "repeats: 1", "repeats: 2", "assay il8: repeats changed from 1 to 2"},
		{"a count", "feeds: 1", "feeds: 3", "stage culture, counts: feeds changed from 1 to 3"},
		{"alpha", `alpha: "0.05"`, `alpha: "0.01"`, "analysis: alpha changed from 0.05 to 0.01"},
		{"a test", "test: welch", "test: dunnett", "analysis, endpoint il8: test changed from welch to dunnett"},
		{"the zone", "zone: Europe/Berlin", "zone: Europe/Paris", "zone changed from Europe/Berlin to Europe/Paris"},
		{"ethics", `approval: "1"`, `approval: "2"`, "ethics: approval changed from 1 to 2"},
		{"the name of a plate's task", "prepare: {task: run-plate,", "prepare: {task: run-the-plate,", "assay il8, prepare: task changed from run-plate to run-the-plate"},
		{"why a task is left out", "reason: own cells", "reason: our own bank", "stage treatment of cells, leave_out receive: reason changed from own cells to our own bank"},
		{"authors", "zone: Europe/Berlin", "zone: Europe/Berlin\nauthors: [A. Person]", "authors added: A. Person"},
		{"a list whose entry has a comma", "zone: Europe/Berlin", "zone: Europe/Berlin\nauthors: [\"Person, A.\", \"\"]", `authors added: "Person, A.", ""`},
		{"blanks", "text: Look at it.", "text: Look  at it.", `text written differently, which means the same, from "Look at it." to "Look  at it."`},
		{"the retention", "zone: Europe/Berlin", "zone: Europe/Berlin\nretention: 10 a", "retention added: 10 a"},
		{"a role's people", "zone: Europe/Berlin", "zone: Europe/Berlin\nroles: [{role: quality, title: Quality, people: 1}]", "role quality: added: Quality"},
		{"a material", "zone: Europe/Berlin", "zone: Europe/Berlin\nmaterials: [{material: pbs, title: PBS}]", "material pbs: added: PBS"},
		{"a comparator's side", "benefit: lower", "benefit: none", "analysis, endpoint il8: benefit changed from lower to none"},
		{"a long instruction", "text: Look at it.", "text: Look at it, hold it against the light and turn it round twice, and write down whether it is sound or has been torn on its way here.",
			"text changed from Look at it. to Look at it, hold it against the light and turn it round twic…"},
		{"an own task", "      - {task: treat,", "      - {task: clean, before: treat, title: Clean the bench, role: technician, steps: [{step: a, text: Do.}]}\n      - {task: treat,", "stage treatment of cells, task clean: added: Clean the bench"},
		{"fields in another order", "{field: n_harvested, title: harvested, kind: quantity, unit: \"{cells}\"}\n              - {field: viability, title: viability, kind: quantity, unit: \"%\"}", "{field: viability, title: viability, kind: quantity, unit: \"%\"}\n              - {field: n_harvested, title: harvested, kind: quantity, unit: \"{cells}\"}", "stage culture, task harvest, step count: order of fields changed from n_harvested, viability to viability, n_harvested"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if !strings.Contains(small, test.old) {
				t.Fatalf("%q is not in small.yaml", test.old)
			}
			after, err := protocol.Parse("p.yaml", []byte(strings.Replace(small, test.old, test.new, 1)))
			if err != nil {
				t.Fatal(err)
			}
			var said []string
			for _, c := range protocol.Diff(before, after) {
				said = append(said, c.String())
			}
			if test.want == "" && len(said) > 0 || test.want != "" && (len(said) != 1 || !strings.Contains(said[0], test.want)) {
				t.Errorf("says %q, want %q alone", said, test.want)
			}
			back := protocol.Diff(after, before)
			if len(back) != len(said) {
				t.Errorf("forward %d changes, back %d", len(said), len(back))
			}
		})
	}
}

func TestADiffTellsAFlowInWords(t *testing.T) {
	const own = "../e2e/testdata/own.yaml"
	after, err := protocol.Parse("p.yaml", []byte(strings.Replace(read(t, own), "at_most: 3", "at_most: 5", 1)))
	if err != nil {
		t.Fatal(err)
	}
	changes := protocol.Diff(parse(t, own), after)
	const want = "wait warm, then repeat (look) until look:look.clear is yes, at most 5 times"
	if len(changes) != 1 || !strings.Contains(changes[0].New, want) {
		t.Errorf("says %q, want %q alone", changes, want)
	}
}

func TestLongTextsAreShortenedToWhereTheyDiffer(t *testing.T) {
	long := strings.Repeat("wash it again and ", 20)
	c := protocol.Change{Where: "step wash", What: "text changed", Old: long + "wait 5 min", New: long + "wait 50 min"}
	if got, want := c.String(), "step wash: text changed from … again and wait 5 min to … again and wait 50 min"; got != want {
		t.Errorf("says %q, want %q", got, want)
	}
}

func TestADiffKeepsAStageTogether(t *testing.T) {
	text := read(t, "testdata/small.yaml")
	for _, edit := range [][2]string{
		{"on_late: DEVIATION", "on_late: FLAG"}, {"title: Harvest, role", "title: First harvest, role"}, {"blocks: 2", "blocks: 3"},
		{", range: [5 g, 80 g], evidence: K", ""}, {"title: Small", "title: Smaller"},
	} {
		text = strings.Replace(text, edit[0], edit[1], 1)
	}
	after, err := protocol.Parse("p.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, c := range protocol.Diff(parse(t, "testdata/small.yaml"), after) {
		part, _, _ := strings.Cut(c.Where, ",")
		if len(order) == 0 || order[len(order)-1] != part {
			order = append(order, part)
		}
	}
	if got, want := strings.Join(order, "|"), "|model cells|stage cord-harvest|stage culture"; got != want {
		t.Errorf("parts come as %q, want %q", got, want)
	}
}

func TestNothingSaysThirtyThings(t *testing.T) {
	if said := protocol.Diff(protocol.Protocol{}, parse(t, "../../examples/compact.yaml")); len(said) < 30 {
		t.Errorf("against nothing it says %d things only", len(said))
	}
}

// Whatever changes the identity of a protocol is told, both ways, and nothing
// else is: values of three protocols are changed, one at a time.
func TestADiffIsEmptyIfAndOnlyIfTheIdentityIsTheSame(t *testing.T) {
	for _, path := range []string{"testdata/small.yaml", "../e2e/testdata/blind.yaml", "../e2e/testdata/own.yaml"} {
		text := []byte(read(t, path))
		base := parse(t, path)
		total := 0
		visit(reflect.ValueOf(&base).Elem(), "", func(string, reflect.Value) { total++ })
		step := 7 // some of all, so that it takes a second
		if testing.Short() {
			step = 37
		}
		for chosen := 0; chosen < total; chosen += step {
			other, err := protocol.Parse(path, text)
			if err != nil {
				t.Fatal(err)
			}
			at, i := "", 0
			visit(reflect.ValueOf(&other).Elem(), "", func(path string, v reflect.Value) {
				if i == chosen {
					at = path
					change(v)
				}
				i++
			})
			same := identity(t, base) == identity(t, other)
			if there, back := protocol.Diff(base, other), protocol.Diff(other, base); same != (len(there) == 0) || same != (len(back) == 0) {
				t.Errorf("%s of %s: the identity is the same: %v, but it says %q and back %q", at, path, same, there, back)
			}
		}
	}
}

func identity(t *testing.T, p protocol.Protocol) string {
	t.Helper()
	_, hash, err := p.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	return hash
}

// visit calls f with each value of a protocol and each list.
func visit(v reflect.Value, path string, f func(string, reflect.Value)) {
	switch {
	case v.Type() == reflect.TypeFor[quantity.Quantity](), v.Kind() == reflect.Map:
		f(path, v)
	case v.Type() == reflect.TypeFor[protocol.Escalation]() && v.IsZero(): // its time says nothing without a role
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			visit(v.Field(i), path+"."+v.Type().Field(i).Name, f)
		}
	case v.Kind() == reflect.Slice:
		f(path, v)
		for i := range v.Len() {
			visit(v.Index(i), fmt.Sprintf("%s[%d]", path, i), f)
		}
	default:
		f(path, v)
	}
}

// change makes a value another one: of a list it swaps the first two or takes the
// only one out.
func change(v reflect.Value) {
	switch x := v.Addr().Interface().(type) {
	case *quantity.Quantity:
		*x = hours("7.125")
	case *[]string:
		*x = append(*x, "")
	case *map[string]string:
		*x = extended(*x, "")
	case *map[string]int:
		*x = extended(*x, 0)
	case *map[string]quantity.Quantity:
		*x = extended(*x, hours("3"))
	default:
		changeKind(v)
	}
}

func changeKind(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(v.String() + " x")
	case reflect.Int:
		v.SetInt(v.Int() + 1)
	case reflect.Bool:
		v.SetBool(!v.Bool())
	case reflect.Slice:
		if v.Len() > 1 {
			swap := reflect.Swapper(v.Interface())
			swap(0, 1)
			return
		}
		v.SetZero()
	default: // the format has no other kinds
	}
}

func extended[T any](m map[string]T, value T) map[string]T {
	all := map[string]T{"Z": value}
	maps.Copy(all, m)
	return all
}

func hours(amount string) quantity.Quantity {
	q, err := quantity.New(amount, "h")
	if err != nil {
		panic(err) // a constant of this file
	}
	return q
}
