package gen5

import (
	"strings"

	"secretome/internal/instrument"
)

// read is a Read step of the procedure.
type read struct {
	name    string
	channel string // absorbance, fluorescence, luminescence; empty until the mode is known
}

// modes are the words that name a read's mode, with channel and unit.
var modes = []struct{ word, channel, unit string }{
	{"Absorbance", "absorbance", "OD"},
	{"Fluorescence", "fluorescence", "RFU"},
	{"Luminescence", "luminescence", "RLU"},
}

func channelOf(mode string) string {
	for _, m := range modes {
		if strings.HasPrefix(mode, m.word) {
			return m.channel
		}
	}
	return ""
}

func unitOf(channel string) string {
	for _, m := range modes {
		if m.channel == channel {
			return m.unit
		}
	}
	return ""
}

// newRead reads the second cell of a Read line: the step's name, or its mode
// where the step has no name.
func newRead(printed string) read {
	for _, kind := range []string{" Endpoint", " Kinetic", " Spectrum", " Area Scan"} {
		if strings.HasSuffix(printed, kind) && channelOf(printed) != "" {
			return read{channel: channelOf(printed)}
		}
	}
	return read{name: printed}
}

// detail reads a line below a Read step.
func (r *reader) detail(printed string) {
	n := len(r.plate.reads)
	if n == 0 || r.plate.reads[n-1].channel != "" {
		return
	}
	r.plate.reads[n-1].channel = channelOf(printed)
}

// shape makes the reading that a label stands for: a raw read with its channel
// and wavelengths, or a derived value.
func (p plate) shape(label string) instrument.Reading {
	for _, s := range p.reads {
		spec, ok := label, true
		if s.name != "" {
			if spec, ok = strings.CutPrefix(label, s.name); ok && spec != "" {
				spec, ok = strings.CutPrefix(spec, ":")
			}
		}
		if !ok {
			continue
		}
		if r, ok := s.reading(spec); ok {
			r.Plate, r.Label = p.name, label
			return r
		}
	}
	r := instrument.Reading{Plate: p.name, Kind: instrument.Calculated, Label: label}
	switch strings.ToLower(strings.Trim(label, "[]")) {
	case "conc", "concentration":
		r.Quantity = instrument.Concentration
	}
	return r
}

// reading interprets what stands behind a step's name. Absorbance has a
// wavelength, fluorescence excitation and emission, all perhaps with band
// widths; other modes have a word or a filter, which is not taken for a
// wavelength.
func (s read) reading(spec string) (instrument.Reading, bool) {
	r := instrument.Reading{Kind: instrument.Raw, Channel: s.channel, Unit: unitOf(s.channel)}
	part := strings.Split(spec, ",")
	var nm []float64
	for _, p := range part {
		v, ok := wavelength(p)
		if !ok {
			break
		}
		nm = append(nm, v)
	}
	switch {
	case s.channel == "absorbance" && len(part) == 1 && len(nm) == 1:
		r.WavelengthNM = nm[0]
	case s.channel == "fluorescence" && len(part) == 2 && len(nm) == 2:
		r.ExNM, r.WavelengthNM = nm[0], nm[1]
	case s.channel == "luminescence" && (spec == "" || spec == "Lum" || len(nm) == len(part)):
	case s.channel == "" && s.name != "" && !strings.ContainsAny(spec, " []"):
	default:
		return instrument.Reading{}, false
	}
	return r, true
}

// wavelength reads "450" or "400/30", centre and band width.
func wavelength(s string) (float64, bool) {
	centre, width, wide := strings.Cut(strings.TrimSpace(s), "/")
	if _, ok := instrument.Number(width); wide && !ok {
		return 0, false
	}
	v, ok := instrument.Number(centre)
	return v, ok && v > 0
}
