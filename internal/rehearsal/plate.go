package rehearsal

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"secretome/internal/fault"
	"secretome/internal/protocol"
)

// PlateModel says how the plates of an assay are simulated: what each group
// reads on average, how blocks, units and wells scatter, and what goes wrong.
type PlateModel struct {
	Groups   map[string]float64 `yaml:"groups"`    // group → its mean: a fraction of the control's reading, or a concentration
	Blank    float64            `yaml:"blank"`     // reading without signal, AU
	Control  float64            `yaml:"control"`   // reading of a group with mean 1, AU; where there is no curve
	Curve    *Curve             `yaml:"curve"`     // from concentration to reading
	BlockCV  float64            `yaml:"block_cv"`  // scatter between blocks, as a fraction
	UnitCV   float64            `yaml:"unit_cv"`   // between units of a block
	WellCV   float64            `yaml:"well_cv"`   // between wells of a unit
	Off      float64            `yaml:"reference"` // reading at the reference wavelength, AU
	Spoiled  []Spoiled          `yaml:"spoiled"`
	Dilution float64            `yaml:"dilution"` // of the samples on the plate
}

// Curve is a 4PL from concentration to reading: a at nothing, d at infinity, c
// in the middle, b its slope.
type Curve struct{ A, B, C, D float64 }

func (c Curve) at(x float64) float64 { return c.D + (c.A-c.D)/(1+math.Pow(x/c.C, c.B)) }

// Spoiled is a plate on which one group scatters, so that it must be repeated.
type Spoiled struct {
	Block   string  `yaml:"block"`
	Attempt int     `yaml:"attempt"`
	Group   string  `yaml:"group"`
	CV      float64 `yaml:"cv"`
}

// plate is one plate to be simulated.
type plate struct {
	assay   protocol.Assay
	layout  protocol.Layout
	block   string
	attempt int
	name    string
	seed    uint64
}

// simulate writes the export of a plate reader for a plate that nobody read.
// The same plate and seed give the same bytes.
func (m PlateModel) simulate(p plate) ([]byte, error) {
	rows := slices.Sorted(maps.Keys(p.layout.Rows))
	grid := make([][]float64, 8)
	for i := range grid {
		grid[i] = make([]float64, 12)
		for j := range grid[i] {
			grid[i][j] = m.Off + 0.001*float64((i+j)%3) // an empty well
		}
	}
	s := scatter{m, p}
	for _, row := range rows {
		for col, code := range strings.Fields(p.layout.Rows[row]) {
			if code == "-" {
				continue
			}
			v, err := s.well(code, row, col)
			if err != nil {
				return nil, err
			}
			grid[row[0]-'A'][col] = v
		}
	}
	return Export(p.name, p.assay, grid, m.Off), nil
}

// scatter draws the readings of one plate. Every draw has its own stream, made
// from the seed and a name, so that one well more changes no other.
type scatter struct {
	model PlateModel
	plate plate
}

// draw returns a standard normal number for a name.
func (s scatter) draw(name string) float64 {
	h := fnv.New64a()
	h.Write([]byte(s.plate.assay.ID + "/" + name))
	return rand.New(rand.NewPCG(s.plate.seed, h.Sum64())).NormFloat64()
}

func (s scatter) well(code, row string, col int) (float64, error) {
	group, unit, _ := strings.Cut(code, ".")
	where := fmt.Sprintf("%s/%d/%s%d", s.plate.block, s.plate.attempt, row, col+1)
	noise := 1 + s.model.wellCV(s.plate, group)*s.draw("well/"+where)
	if standard, ok := s.plate.layout.Standards[code]; ok {
		x, err := standard.Float(s.plate.assay.Unit)
		if err != nil {
			return 0, err
		}
		return s.model.Blank + s.model.signal(x)*noise, nil
	}
	mean, ok := s.model.Groups[group]
	if !ok {
		return 0, fault.New(fault.Invalid, "the script's plate model of %q has no group %q", s.plate.assay.ID, group)
	}
	mean *= 1 + s.model.BlockCV*s.draw("block/"+s.plate.block) // what a block has in common is no difference between its groups
	mean *= 1 + s.model.UnitCV*s.draw("unit/"+s.plate.block+"/"+group+"/"+unit)
	return s.model.Blank + s.model.signal(math.Max(mean, 0)/cmp.Or(s.model.Dilution, 1))*noise, nil
}

func (m PlateModel) signal(x float64) float64 {
	if m.Curve == nil {
		return m.Control * x
	}
	return m.Curve.at(x)
}

func (m PlateModel) wellCV(p plate, group string) float64 {
	for _, s := range m.Spoiled {
		if s.Block == p.block && s.Attempt == p.attempt && s.Group == group {
			return s.CV
		}
	}
	return m.WellCV
}

// Export writes a plate of 96 wells, by row and column, in the layout of a SoftMax
// Pro text export: a block with the readings of the assay's one or two wavelengths
// side by side. off is the reading at the reference wavelength.
func Export(name string, a protocol.Assay, grid [][]float64, off float64) []byte {
	main, reference := a.Wavelength.Amount(), a.Reference.Amount()
	waves, count := main, 1
	if reference != "" {
		waves, count = main+" "+reference, 2
	}
	var b strings.Builder
	b.WriteString("##BLOCKS= 2\n")
	fmt.Fprintf(&b, "Plate:\t%s\t1.3\tPlateFormat\tEndpoint\tAbsorbance\tRaw\tFALSE\t1\t\t\t\t\t\t%d\t%s \t1\t12\t96\t1\t8\t\t\n", name, count, waves)
	b.WriteString("\tTemperature(°C)")
	for range count {
		for c := 1; c <= 12; c++ {
			fmt.Fprintf(&b, "\t%d", c)
		}
		b.WriteString("\t")
	}
	b.WriteString("\n")
	for i, row := range grid {
		b.WriteString("\t")
		if i == 0 {
			b.WriteString("23.0")
		}
		for _, v := range row {
			b.WriteString("\t" + strconv.FormatFloat(v, 'f', 4, 64))
		}
		b.WriteString("\t")
		if count == 2 {
			for c := range row {
				b.WriteString("\t" + strconv.FormatFloat(off+0.0003*float64((i*5+c*3)%7), 'f', 4, 64))
			}
			b.WriteString("\t")
		}
		b.WriteString("\n")
	}
	b.WriteString("\n~End\nNote: Simulated\nSIMULATED: a seeded model wrote these readings, no instrument did.\n~End\n")
	b.WriteString("Original Filename: simulated; Date Last Saved: 1/1/2000 12:00:00 PM\n")
	return []byte(b.String())
}
