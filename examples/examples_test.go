package examples_test

import (
	"io/fs"
	"strings"
	"testing"

	"secretome/examples"
	"secretome/internal/protocol"
)

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
		text, err := examples.Files.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		p, err := protocol.Parse(file, text)
		if err != nil {
			t.Error(err)
			continue
		}
		if _, err := p.Draw([32]byte{1}); err != nil {
			t.Error(err)
		}
		t.Logf("%s: %d models, %d stages", p.Name(), len(p.Models), len(p.Stages))
	}
}

// The plate of the range finding is the full inner plate: six untreated wells,
// six of the vehicle, five of each of eight doses, four killed, four blank.
func TestTheRangeFindingFillsItsPlate(t *testing.T) {
	text, err := examples.Files.ReadFile("range.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, err := protocol.Parse("range.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	wells := 0
	for _, n := range p.Layouts[0].Place {
		wells += n
	}
	if wells != 60 || p.Layouts[0].Place["T8"] != 5 || p.Models[0].Groups[3].Dose.String() != "0.390625 %{v/v}" {
		t.Errorf("%d wells are placed: %v", wells, p.Layouts[0].Place)
	}
}
