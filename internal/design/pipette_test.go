package design_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"secretome/internal/design"
	"secretome/internal/fault"
	"secretome/internal/quantity"
)

func TestADoseHasThreeBases(t *testing.T) {
	strong := design.Strength{Protein: q(t, "250 ug/mL"), Cells: q(t, "2000000 {cells}/mL")}
	for _, test := range []struct {
		name          string
		of            design.Strength
		dose          string
		want          [3]string
		says, hasHelp string
	}{
		{"volume", strong, "20 %{v/v}", [3]string{"20 %{v/v}", "50 ug/mL", "400000 {cells}/mL"}, "", ""},
		{"protein", strong, "50 ug/mL", [3]string{"20 %{v/v}", "50 ug/mL", "400000 {cells}/mL"}, "", ""},
		{"protein in another unit", strong, "0.05 g/L", [3]string{"20 %{v/v}", "50 ug/mL", "400000 {cells}/mL"}, "", ""},
		{"cells", strong, "400000 {cells}/mL", [3]string{"20 %{v/v}", "50 ug/mL", "400000 {cells}/mL"}, "", ""},
		{"what does not divide stays as it is given", design.Strength{Protein: q(t, "300 ug/mL")}, "10 ug/mL", [3]string{"3.333333 %{v/v}", "10 ug/mL", ""}, "", ""},
		{"a lot that was not measured", design.Strength{}, "5 %{v/v}", [3]string{"5 %{v/v}", "", ""}, "", ""},
		{"no protein known", design.Strength{}, "5 ug/mL", [3]string{}, "needs the lot's protein, which is not known", "measure the lot"},
		{"no cells known", strong, "5 {pieces}/mL", [3]string{}, "does not say of what", "cell equivalents"},
		{"a mass", strong, "5 ug", [3]string{}, "does not say of what", "%{v/v}"},
		{"less than nothing", strong, "-5 %{v/v}", [3]string{}, "less than nothing", "minus"},
	} {
		d, err := test.of.Doses(q(t, test.dose))
		if test.says != "" {
			if f := fault.Of(err); err == nil || f.Kind != fault.Invalid || !strings.Contains(f.Message, test.says) || !strings.Contains(f.Help, test.hasHelp) {
				t.Errorf("%s: %v, want %q", test.name, err, test.says)
			}
			continue
		}
		if got := [3]string{d.Volume.String(), d.Protein.String(), d.Cells.String()}; err != nil || got != test.want {
			t.Errorf("%s: %q, %v; want %q", test.name, got, err, test.want)
		}
	}
}

func sheet(s design.Sheet) string {
	var lines []string
	line := func(name string, volumes []design.Volume) {
		for _, v := range volumes {
			name += ", " + v.Of + " " + v.Volume.String()
		}
		lines = append(lines, name)
	}
	for _, m := range s.Tubes {
		line(fmt.Sprintf("%s %d × = %s", m.Group, m.Wells, m.Total), m.Parts)
	}
	line("needs", s.Needs)
	return strings.Join(lines, "\n")
}

// Arithmetic by hand: 6 wells of 100 uL and 10 % are 660 uL, of which 20 % are
// 132 uL of media; 10 ng/mL from 10 ug/mL is 1 in 1,000; 10 uM from 10 mM too.
func TestASheetAddsUp(t *testing.T) {
	tnf := design.Addition{Name: "TNF-a", Stock: q(t, "10 ug/mL"), Final: q(t, "10 ng/mL")}
	drug := design.Addition{Name: "indomethacin", Stock: q(t, "10 mmol/L"), Final: q(t, "10 umol/L")}
	p := design.Preparation{Strength: design.Strength{Protein: q(t, "250 ug/mL")}, Fraction: q(t, "20 %{v/v}"), PerWell: q(t, "100 uL"), Excess: q(t, "10 %")}
	s, err := p.Sheet([]design.Tube{
		{Group: "NC", Wells: 6},
		{Group: "VC", Wells: 6, Treated: true},
		{Group: "MV", Wells: 6, Treated: true, Additions: []design.Addition{tnf}},
		{Group: "T1", Wells: 5, Treated: true, Dose: q(t, "5 %{v/v}"), Additions: []design.Addition{tnf}},
		{Group: "T2", Wells: 5, Treated: true, Dose: q(t, "50 ug/mL"), Additions: []design.Addition{tnf}},
		{Group: "PC", Wells: 5, Treated: true, Additions: []design.Addition{tnf, drug}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := `NC 6 × = 660 uL, base medium 660 uL
VC 6 × = 660 uL, base medium 528 uL, unconditioned medium 132 uL
MV 6 × = 660 uL, base medium 527.34 uL, unconditioned medium 132 uL, TNF-a 0.66 uL
T1 5 × = 550 uL, base medium 439.45 uL, conditioned medium 27.5 uL, unconditioned medium 82.5 uL, TNF-a 0.55 uL
T2 5 × = 550 uL, base medium 439.45 uL, conditioned medium 110 uL, TNF-a 0.55 uL
PC 5 × = 550 uL, base medium 438.9 uL, unconditioned medium 110 uL, TNF-a 0.55 uL, indomethacin 0.55 uL
needs, base medium 3033.14 uL, unconditioned medium 456.5 uL, TNF-a 2.31 uL, conditioned medium 137.5 uL, indomethacin 0.55 uL`
	if got := sheet(s); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestWhatCannotBePipettedIsRefused(t *testing.T) {
	p := design.Preparation{Fraction: q(t, "20 %{v/v}"), PerWell: q(t, "100 uL")}
	add := func(name, stock, final string) []design.Addition {
		return []design.Addition{{Name: name, Stock: q(t, stock), Final: q(t, final)}}
	}
	for _, test := range []struct {
		name       string
		change     func(*design.Preparation)
		tube       design.Tube
		says, help string
	}{
		{"a stock that is too strong", nil, design.Tube{Wells: 5, Additions: add("LPS", "1 mg/mL", "100 ng/mL")},
			"0.05 uL of LPS cannot be pipetted, the least is 0.5 uL", "dilute it 1 in 10 with base medium first and take 0.5 uL"},
		{"a stock that is much too strong", nil, design.Tube{Wells: 1, Additions: add("LPS", "1 mg/mL", "1 ng/mL")},
			"0.0001 uL of LPS", "dilute it 1 in 10000 with base medium first and take 1 uL"},
		{"a stock beyond reason", nil, design.Tube{Wells: 1, Additions: add("LPS", "1 kg/mL", "0.000001 pg/mL")},
			"0 uL of LPS", "much weaker stock"},
		{"a stock that is too weak", nil, design.Tube{Wells: 5, Treated: true, Additions: add("LPS", "1 ug/mL", "900 ng/mL")},
			"media and stocks are more than the 500 uL of the tube", "stronger stocks"},
		{"units that do not meet", nil, design.Tube{Wells: 5, Additions: add("dexamethasone", "1 mg/mL", "1 umol/L")},
			"do not measure the same", "both as mass"},
		{"an empty stock", nil, design.Tube{Wells: 5, Additions: add("LPS", "0 mg/mL", "1 ng/mL")}, "cannot be made from a stock", "above 0"},
		{"a dose that is too small", nil, design.Tube{Wells: 5, Treated: true, Dose: q(t, "0.05 %{v/v}")},
			"0.25 uL of conditioned medium", "dilute it 1 in 10 with unconditioned medium first and take 2.5 uL"},
		{"a dose just below the fraction", nil, design.Tube{Wells: 5, Treated: true, Dose: q(t, "19.95 %{v/v}")},
			"0.25 uL of unconditioned medium", "leave it out"},
		{"a dose above the fraction", nil, design.Tube{Wells: 5, Treated: true, Dose: q(t, "25 %{v/v}")}, "does not fit into the constant fraction", "raise the fraction"},
		{"a dose of protein of an unknown lot", nil, design.Tube{Wells: 5, Treated: true, Dose: q(t, "25 ug/mL")}, "needs the lot's protein", "measure the lot"},
		{"a fraction that leaves a trace", func(p *design.Preparation) { p.Fraction = q(t, "99.9 %{v/v}") }, design.Tube{Wells: 1, Treated: true},
			"0.1 uL of base medium", "leave it out"},
		{"no wells", nil, design.Tube{}, "0 wells", "at least one well"},
		{"no volume", func(p *design.Preparation) { p.PerWell = quantity.Quantity{} }, design.Tube{Wells: 5}, "are no volume", "above 0"},
		{"a mass per well", func(p *design.Preparation) { p.PerWell = q(t, "5 mg") }, design.Tube{Wells: 5}, "mass", ""},
		{"an excess in another unit", func(p *design.Preparation) { p.Excess = q(t, "5 uL") }, design.Tube{Wells: 5}, "uL", ""},
		{"a least that no pipette takes", func(p *design.Preparation) { p.Least = q(t, "0.01 uL") }, design.Tube{Wells: 5}, "0.01 uL is no volume that a pipette takes", "0.1 uL"},
	} {
		p := p
		if test.change != nil {
			test.change(&p)
		}
		test.tube.Group = "T1"
		_, err := p.Sheet([]design.Tube{test.tube})
		if f := fault.Of(err); err == nil || f.Kind != fault.Invalid || !strings.Contains(f.Message, test.says) || !strings.Contains(f.Help, test.help) {
			t.Errorf("%s: %s; %s; want %q, %q", test.name, f.Message, f.Help, test.says, test.help)
		}
	}
}

func TestNoSheetLosesADrop(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	made := 0
	for range 200 {
		p := design.Preparation{
			Strength: design.Strength{Protein: q(t, fmt.Sprintf("%d.%02d ug/mL", 100+r.IntN(900), r.IntN(100)))},
			Fraction: q(t, "50 %{v/v}"), PerWell: q(t, fmt.Sprintf("%d.%d uL", 50+r.IntN(150), r.IntN(10))), Excess: q(t, fmt.Sprintf("%d.%d %%", r.IntN(20), r.IntN(10))),
		}
		tube := design.Tube{Group: "T", Wells: 1 + r.IntN(8), Treated: true, Dose: q(t, fmt.Sprintf("%d.%d ug/mL", 5+r.IntN(30), r.IntN(10))),
			Additions: []design.Addition{{Name: "S", Stock: q(t, "1 ug/mL"), Final: q(t, fmt.Sprintf("%d ng/mL", 3+r.IntN(90)))}}}
		s, err := p.Sheet([]design.Tube{tube})
		if err != nil {
			continue // too little for a pipette
		}
		made++
		sum := q(t, "0 uL")
		for _, v := range s.Tubes[0].Parts {
			if sum, err = sum.Add(v.Volume); err != nil {
				t.Fatal(err)
			}
		}
		if sum != s.Tubes[0].Total {
			t.Fatalf("parts are %s of %s:\n%s", sum, s.Tubes[0].Total, sheet(s))
		}
	}
	if made < 100 {
		t.Errorf("only %d of 200 sheets were made", made)
	}
}
