package examples_test

import (
	"io/fs"
	"strings"
	"testing"

	"secretome/examples"
	"secretome/internal/protocol"
)

func shipped(t *testing.T, file string) protocol.Protocol {
	t.Helper()
	text, err := examples.Files.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	p, err := protocol.Parse(file, text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Every protocol that is shipped can be launched, drawn and cut into the parts
// of its stages.
func TestEveryShippedProtocolIsWithoutMistakes(t *testing.T) {
	files, err := fs.Glob(examples.Files, "*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.Contains(file, ".rehearsal.") {
			continue
		}
		t.Run(file, func(t *testing.T) {
			p := shipped(t, file)
			if _, err := p.Draw([32]byte{1}); err != nil {
				t.Error(err)
			}
			t.Logf("%s: %d models, %d stages", p.Name(), len(p.Models), len(p.Stages))
		})
	}
}

// The plate of the range finding is the full inner plate: six untreated wells,
// six of the vehicle, five of each of eight doses, four killed, four blank.
func TestTheRangeFindingFillsItsPlate(t *testing.T) {
	p := shipped(t, "range.yaml")
	wells := 0
	for _, n := range p.Layouts[0].Place {
		wells += n
	}
	if wells != 60 || p.Layouts[0].Place["T8"] != 5 || p.Models[0].Groups[3].Dose.String() != "0.390625 %{v/v}" {
		t.Errorf("%d wells are placed: %v", wells, p.Layouts[0].Place)
	}
}

// Every module of the reference study is there, with the readout that decides
// its claim.
func TestTheReferenceStudyHasAllItsModules(t *testing.T) {
	p := shipped(t, "reference.yaml")
	primary := map[string]string{
		"a1": "a1-viability", "a3": "a3-flow", "a6": "a6-mtt", "b1": "b1-il8", "b4": "b4-il8", "c1": "c1-qpcr", "c2": "c2-stain",
		"d1": "d1-annexin", "d3": "d3-qpcr", "d4": "d4-sabgal",
	}
	compared := map[string]bool{}
	for _, e := range p.Analysis.Endpoints {
		compared[e.Model] = true
		if e.Primary && primary[e.Model] == e.Assay {
			delete(primary, e.Model)
		}
	}
	if len(primary) > 0 {
		t.Errorf("no primary endpoint speaks of %v", primary)
	}
	for _, module := range strings.Fields("a1 a2 a3 a4 a5 a6 b1 b2 b3 b4 b5 c1 c2 c3 c4 d1 d2 d3 d4 d5 e1") {
		if !compared[module] {
			t.Errorf("module %s is not in the study", module)
		}
	}
	for _, m := range p.Models {
		want := 0
		switch m.Unit {
		case "donor":
			want = 4
		case "tissue":
			want = 3 // of a group in a batch
		}
		if m.Unit == "donor" && m.Blocks != want || m.Unit == "tissue" && m.Units != want {
			t.Errorf("model %s has %d blocks of %d units", m.ID, m.Blocks, m.Units)
		}
	}
	wells := func(layout string) (n int) {
		for _, y := range p.Layouts {
			for _, k := range y.Place {
				if y.ID == layout {
					n += k
				}
			}
		}
		return n
	}
	if wells("a1-plate") != 60 || wells("b1-plate") != 60 { // both fill the inner wells
		t.Errorf("A1 places %d wells, B1 %d", wells("a1-plate"), wells("b1-plate"))
	}
}
