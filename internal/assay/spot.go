package assay

import (
	"strconv"
	"strings"

	"secretome/internal/instrument"
	"secretome/internal/quantity"
)

// Role is what a well is there for.
type Role int

// The roles.
const (
	AsSample   Role = iota // anything that is measured
	AsStandard             // of known concentration, which may be 0
	AsBlank                // reagent and medium, no cells
)

// BlankCode is the code of a blank well in a layout.
const BlankCode = "BLK"

// unused is the code of a well that holds nothing.
const unused = "-"

// saturation is the absorbance above which a reader's answer is no measure any
// more, in AU (rule of the laboratory, to be set by instrument where known).
const saturation = 3.5

// Spot is one well: what the plate map says of it and what was read.
type Spot struct {
	Well
	Role   Role
	Group  string
	Unit   int
	Sample string
	Conc   float64  // of a standard, in ConcUnit
	Vendor *float64 // the concentration that the vendor's program printed, before dilution
	signal *float64 // reading less reference, where usable
}

// Signal returns the reading less the reference, and whether it may be used.
func (s Spot) Signal() (float64, bool) {
	if s.signal == nil {
		return 0, false
	}
	return *s.signal, true
}

// settle decides whether the reading may be used, and why not.
func (s *Spot) settle(withReference bool) {
	switch {
	case s.Flag != "":
		return // masked, overflow, not read …: never a number
	case s.Reading == nil, withReference && s.Reference == nil:
		s.Flag = instrument.NotRead
		return
	case *s.Reading > saturation:
		s.Flag = instrument.Overflow
		return
	}
	v := *s.Reading
	if withReference {
		v -= *s.Reference
	}
	s.signal = &v
}

// code splits "MV.2" into the group and the number of its unit, which is 1
// where the code has none.
func code(text string) (group string, unit int) {
	i := strings.LastIndexByte(text, '.')
	if i < 0 {
		return text, 1
	}
	n, err := strconv.Atoi(text[i+1:])
	if err != nil || n < 1 {
		return text, 1
	}
	return text[:i], n
}

// nanometres returns a wavelength, 0 where it is not given.
func nanometres(q quantity.Quantity) (float64, error) {
	if q.IsZero() {
		return 0, nil
	}
	return q.Float("nm")
}
