package assay

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"secretome/internal/fault"
	"secretome/internal/instrument"
	"secretome/internal/protocol"
)

// Plate is a plate map filled with its readings.
type Plate struct {
	Spots    []Spot // those in use, row by row of the layout or in the order of the file
	ConcUnit string // UCUM unit of the standards; empty where nobody says
	Flags    []string
}

// Fill lays the readings of the file onto the plate map: the protocol's
// layout, or the file's own where that is nil. It fails with [fault.Invalid] if
// the file lacks the wavelength, reads a well twice, or holds no well of the map.
func (in Input) Fill() (Plate, error) {
	main, reference, err := in.reads()
	if err != nil {
		return Plate{}, err
	}
	var p Plate
	if in.Layout == nil {
		p, err = in.fromFile(main)
	} else {
		p, err = in.fromLayout()
	}
	if err != nil {
		return Plate{}, err
	}
	var missing []string
	for i := range p.Spots {
		s := &p.Spots[i]
		read, ok := main.of(s.Well.Well)
		if !ok {
			missing = append(missing, s.Well.Well)
		}
		s.Reading, s.Flag, s.Source = read.Value, read.Flag, read.Source
		if ref, ok := reference.of(s.Well.Well); ok {
			s.Reference = ref.Value
		}
		s.settle(!in.Assay.Reference.IsZero())
	}
	if len(missing) == len(p.Spots) {
		return Plate{}, fault.New(fault.Invalid, "the file has no reading of any of the %d wells that the plate map uses", len(p.Spots)).
			Try("check that this is the file of this plate")
	}
	if len(missing) > 0 {
		p.Flags = append(p.Flags, fmt.Sprintf("%d wells of the plate map have no reading: %s", len(missing), strings.Join(missing, ", ")))
	}
	return p, nil
}

// scan is one read of the plate: one reading a well, in the order of the file.
type scan []instrument.Reading

func (s scan) of(well string) (instrument.Reading, bool) {
	i := slices.IndexFunc(s, func(r instrument.Reading) bool { return r.Well == well })
	if i < 0 {
		return instrument.Reading{Flag: instrument.NotRead}, false
	}
	return s[i], true
}

// reads returns the readings at the assay's wavelength and at its reference.
func (in Input) reads() (main, reference scan, err error) {
	nm, err := nanometres(in.Assay.Wavelength)
	if err != nil {
		return nil, nil, err
	}
	if main, err = in.scan(nm); err != nil || in.Assay.Reference.IsZero() {
		return main, nil, err
	}
	if nm, err = nanometres(in.Assay.Reference); err != nil {
		return nil, nil, err
	}
	reference, err = in.scan(nm)
	return main, reference, err
}

// scan returns the raw readings at one wavelength; 0 is the file's only one.
func (in Input) scan(nm float64) (scan, error) {
	var out scan
	var there []string
	for _, r := range in.Table.Readings {
		if r.Kind != instrument.Raw || r.Well == "" {
			continue
		}
		if name := strconv.FormatFloat(r.WavelengthNM, 'f', -1, 64); !slices.Contains(there, name) {
			there = append(there, name)
		}
		if nm != 0 && r.WavelengthNM != nm && r.WavelengthNM != 0 {
			continue
		}
		if earlier, ok := out.of(r.Well); ok {
			return nil, fault.New(fault.Invalid, "well %s is read twice at the same wavelength, in lines %d and %d", r.Well, earlier.Source.Line, r.Source.Line).
				At(fault.Place{Line: r.Source.Line, Well: r.Well}).Try("export one plate and one read at a time")
		}
		out = append(out, r)
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Invalid, "the file has no readings at %v nm; it has readings at: %s nm", nm, strings.Join(there, ", ")).
			Field("wavelength").Try("read the plate at the protocol's wavelength, or check that this is the right file")
	}
	return out, nil
}

// fromLayout takes the map from the protocol, row by row.
func (in Input) fromLayout() (Plate, error) {
	var p Plate
	for row := range 26 {
		letter := string(rune('A' + row))
		for column, text := range strings.Fields(in.Layout.Rows[letter]) {
			if text == unused {
				continue
			}
			s := Spot{Well: Well{Well: instrument.Well(row, column+1), Dilution: 1}}
			if err := in.place(&s, &p, text); err != nil {
				return Plate{}, err
			}
			p.Spots = append(p.Spots, s)
		}
	}
	if len(p.Spots) == 0 {
		return Plate{}, fault.New(fault.Invalid, "layout %s uses no well", in.Layout.ID).Field("layout")
	}
	return p, in.dilute(&p)
}

// place says what the well with a layout's code is.
func (in Input) place(s *Spot, p *Plate, text string) error {
	if conc, ok := in.Layout.Standards[text]; ok {
		if p.ConcUnit == "" {
			p.ConcUnit = conc.Unit()
		}
		c, err := conc.Float(p.ConcUnit)
		s.Role, s.Group, s.Unit, s.Conc = AsStandard, text, 1, c
		return err
	}
	s.Group, s.Unit = code(text)
	if s.Group == BlankCode {
		s.Role = AsBlank
		return nil
	}
	if in.Model != nil && !slices.ContainsFunc(in.Model.Groups, func(g protocol.Group) bool { return g.Code == s.Group }) {
		return fault.New(fault.Invalid, "well %s of layout %s holds %q, which is no group of model %s, no standard and not %s", s.Well.Well, in.Layout.ID, text, in.Model.ID, BlankCode).Field("layout")
	}
	return nil
}

// dilute applies the protocol's factor to every sample, where it has one.
func (in Input) dilute(p *Plate) error {
	if in.Assay.Dilution == "" {
		return nil
	}
	factor, err := strconv.ParseFloat(in.Assay.Dilution, 64)
	if err != nil || !(factor > 0) || factor > 1e9 {
		return fault.New(fault.Invalid, "dilution %q of assay %s is no factor above 0", in.Assay.Dilution, in.Assay.ID).Field("dilution")
	}
	for i := range p.Spots {
		if p.Spots[i].Role == AsSample {
			p.Spots[i].Dilution = factor
		}
	}
	return nil
}
