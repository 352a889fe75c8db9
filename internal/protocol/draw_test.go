package protocol_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"secretome/internal/protocol"
	"secretome/internal/record"
)

// inserts is the small protocol with twelve inserts that are drawn, and an ELISA
// whose standards stand in fixed wells.
func inserts(t *testing.T) protocol.Protocol {
	t.Helper()
	text := read(t, "../e2e/testdata/blind.yaml")
	text = strings.Replace(text, "    fraction:", "    layout: inserts-12\n    fraction:", 1)
	text = strings.Replace(text, "assays:\n", "  - layout: inserts-12\n    wells: 12\n    area: all\n    place: {NC: 3, VC: 3, CM5: 3, CM20: 3}\nassays:\n", 1)
	text = strings.Replace(text, "    area: inner\n", "    rows:\n      A: \"BLK BLK - - - - - - - - - -\"\n"+strings.Repeat("      ROW: \"- ? ? ? ? ? ? ? ? ? ? -\"\n", 7), 1)
	text = strings.Replace(text, "place: {BLK: 4,", "place: {", 1)
	for _, row := range strings.Split("BCDEFGH", "") {
		text = strings.Replace(text, "ROW:", row+":", 1)
	}
	p, err := protocol.Parse("inserts.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestADrawingIsAFunctionOfProtocolAndSeed(t *testing.T) {
	p := inserts(t)
	canonical := func(seed byte) []byte {
		d, err := p.Draw([32]byte{seed})
		if err != nil {
			t.Fatal(err)
		}
		b, err := record.Canonical(d)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	if !bytes.Equal(canonical(1), canonical(1)) {
		t.Error("the same seed gives another drawing")
	}
	if bytes.Equal(canonical(1), canonical(2)) {
		t.Error("another seed gives the same drawing")
	}
}

func TestADrawingKeepsWhatIsFixedAndShowsCodesOnly(t *testing.T) {
	p := inserts(t)
	d, err := p.Draw([32]byte{7})
	if err != nil {
		t.Fatal(err)
	}
	if len(d.Plan.Blocks) != 3 || len(d.Keys) != 3 {
		t.Fatalf("%d blocks and %d keys, want 3", len(d.Plan.Blocks), len(d.Keys))
	}
	taken := map[string]bool{}
	for i, shown := range d.Plan.Blocks {
		key := d.Codes(shown.Model, shown.Block)
		if len(key) != 3 {
			t.Errorf("block %s has the key %v, want codes for VC, CM5 and CM20", shown.Block, key)
		}
		for code := range key {
			if taken[code] {
				t.Errorf("code %s stands for something in two blocks", code)
			}
			taken[code] = true
		}
		count := map[string]int{}
		for _, y := range shown.Layouts {
			for _, codes := range y.Rows {
				for _, c := range strings.Fields(codes) {
					if group, sealed := key[c]; sealed {
						c = "sealed " + group
					}
					count[y.ID+" "+c]++
				}
			}
		}
		for what, n := range map[string]int{
			"cells-96 BLK": 2, "cells-96 NC": 6, "cells-96 KC": 4, "cells-96 sealed VC": 6, "cells-96 sealed CM5": 6, "cells-96 sealed CM20": 6,
			"inserts-12 NC": 3, "inserts-12 sealed VC": 3, "inserts-12 sealed CM5": 3, "inserts-12 sealed CM20": 3,
			"cells-96 VC": 0, "cells-96 CM5": 0, "cells-96 ?": 0, "inserts-12 CM20": 0,
		} {
			if count[what] != n {
				t.Errorf("block %s has %d × %s, want %d", shown.Block, count[what], what, n)
			}
		}
		if row := shown.Layouts[1].Rows["A"]; row != "BLK BLK - - - - - - - - - -" {
			t.Errorf("the fixed row is %q", row)
		}
		for _, turn := range shown.Order {
			if sorted := slices.Compact(slices.Sorted(slices.Values(turn.Wells))); len(sorted) != len(turn.Wells) || slices.IsSorted(turn.Wells) {
				t.Errorf("layout %s is worked on in the order %v", turn.Layout, turn.Wells)
			}
		}
		if i > 0 && fmt.Sprint(shown.Layouts[1].Rows) == fmt.Sprint(d.Plan.Blocks[i-1].Layouts[1].Rows) {
			t.Error("two blocks have the same plate")
		}
	}
}

func TestAPartUnderAPlanKnowsNoSealedGroup(t *testing.T) {
	p := inserts(t)
	d, err := p.Draw([32]byte{7})
	if err != nil {
		t.Fatal(err)
	}
	part, err := p.Part(protocol.Assaying, "cells")
	if err != nil {
		t.Fatal(err)
	}
	b, err := record.Canonical(part.Under(d.Plan, "cells", "2"))
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range []string{"CM5", "CM20", `"VC"`} {
		if bytes.Contains(b, []byte(group)) {
			t.Errorf("the part names %s: %s", group, b)
		}
	}
	if !bytes.Contains(b, []byte(`"NC"`)) {
		t.Error("the part has lost an open group")
	}
}
