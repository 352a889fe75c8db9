package protocol_test

import (
	"strings"
	"testing"

	"secretome/internal/protocol"
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

// Whatever changes the identity of a protocol is told by the diff.
func TestADiffForgetsNoKey(t *testing.T) {
	p := parse(t, "../../examples/compact.yaml")
	if said := protocol.Diff(p, p); len(said) != 0 {
		t.Errorf("a protocol differs from itself: %v", said)
	}
	said := protocol.Diff(protocol.Protocol{}, p)
	if len(said) < 30 {
		t.Errorf("against nothing it says %d things only", len(said))
	}
}
