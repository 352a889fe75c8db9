package design_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"secretome/internal/design"
	"secretome/internal/fault"
)

func TestPlatesHaveTheirWells(t *testing.T) {
	for _, test := range []struct {
		wells, inner int
		last         string
	}{{6, 0, "B3"}, {12, 2, "C4"}, {24, 8, "D6"}, {48, 24, "F8"}, {96, 60, "H12"}, {384, 308, "P24"}} {
		p, err := design.PlateOf(test.wells)
		if err != nil {
			t.Fatal(err)
		}
		all := p.All()
		if len(all) != test.wells || len(p.Inner()) != test.inner {
			t.Errorf("a plate of %d has %d wells and %d inner ones, want %d", test.wells, len(all), len(p.Inner()), test.inner)
		}
		if all[0].String() != "A1" || all[len(all)-1].String() != test.last {
			t.Errorf("a plate of %d runs from %s to %s", test.wells, all[0], all[len(all)-1])
		}
		for _, at := range all {
			if got, err := p.Position(at.String()); err != nil || got != at {
				t.Errorf("%v reads as %v, %v", at, got, err)
			}
		}
	}
	inner := (design.Plate{Wells: 96, Rows: 8, Columns: 12}).Inner()
	if inner[0].String() != "B2" || inner[59].String() != "G11" {
		t.Errorf("the inner wells run from %s to %s, want B2 to G11", inner[0], inner[59])
	}
	if _, err := design.PlateOf(97); !fault.Is(err, fault.Invalid) {
		t.Errorf("a plate of 97: %v", err)
	}
}

func TestNamesOfWellsAreRead(t *testing.T) {
	p, err := design.PlateOf(96)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"A1", "A01", "a1", "a01"} {
		if at, err := p.Position(name); err != nil || at != (design.Position{}) {
			t.Errorf("%s reads as %v, %v", name, at, err)
		}
	}
	for _, name := range []string{"", "A", "1", "A0", "A00", "A001", "A13", "I1", "A-1", "A+1", "AA1", "1A", "A1 ", "Ä1", "A１", "\xff1"} {
		_, err := p.Position(name)
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("%q is read", name)
			continue
		}
		if f := fault.Of(err); !strings.Contains(f.Message, fmt.Sprintf("%q", name)) || f.Help != "wells are A1 to H12" {
			t.Errorf("%q: %s; %s", name, f.Message, f.Help)
		}
	}
}

func FuzzPosition(f *testing.F) {
	for _, name := range []string{"A1", "h12", "P24", "A01", "A+1", "\xff9", ""} {
		f.Add(name, uint8(4))
	}
	f.Fuzz(func(t *testing.T, name string, format uint8) {
		p := design.Plates()[int(format)%len(design.Plates())]
		at, err := p.Position(name)
		if err != nil {
			return
		}
		if !slices.Contains(p.All(), at) {
			t.Fatalf("%q lies at %d, %d, outside a plate of %d", name, at.Row, at.Column, p.Wells)
		}
		if plain := strings.ToUpper(name[:1]) + strings.TrimLeft(name[1:], "0"); plain != at.String() {
			t.Errorf("%q reads as %s", name, at)
		}
	})
}
