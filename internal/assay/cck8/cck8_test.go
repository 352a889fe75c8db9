package cck8_test

import (
	"math"
	"strings"
	"testing"

	"secretome/internal/assay"
	"secretome/internal/assay/assaytest"
	"secretome/internal/assay/cck8"
	"secretome/internal/fault"
	"secretome/internal/instrument"
	"secretome/internal/protocol"
)

var viability = protocol.Assay{ID: "viability", Method: "cck8", Unit: "%"}

func compute(t *testing.T, in assay.Input) assay.Result {
	t.Helper()
	r, err := assay.Compute([]assay.Assay{cck8.Assay}, in)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func golden() assay.Input {
	return assaytest.Plate(viability,
		assaytest.Row("BLK", .102, .098, .100),
		assaytest.Row("NC", 1.250, 1.310, 1.280, 1.270, 1.290, 1.260),
		assaytest.Row("CM", 1.330, 1.350, 1.300),
		assaytest.Row("KC", .350, .340, .360),
	)
}

// The expected numbers were computed in R 4.2 from the same wells.
func TestGoldenPlate(t *testing.T) {
	r := compute(t, golden())
	cm := assaytest.Value(t, r, "CM", 1)
	if cm.N != 3 {
		t.Errorf("N of wells is %d, want 3", cm.N)
	}
	assaytest.Near(t, "viability of CM", cm.Mean, 104.249292, 1e-8)
	assaytest.Near(t, "SD of CM", cm.SD, 2.138763, 1e-6)
	assaytest.Near(t, "CV of CM", cm.CV, 2.051585, 1e-6)
	assaytest.Near(t, "nc_od", assaytest.Named(t, r, "nc_od", "{AU}"), 1.17666666667, 1e-10)
	assaytest.Near(t, "nc_cv", assaytest.Named(t, r, "nc_cv", "%"), 1.692099, 1e-6)
	assaytest.Near(t, "kc_viability", assaytest.Named(t, r, "kc_viability", "%"), 21.246459, 1e-8)
	assaytest.Near(t, "z_prime", assaytest.Named(t, r, "z_prime", "1"), 0.89768985, 1e-8)
	assaytest.Near(t, "blk_od", assaytest.Named(t, r, "blk_od", "{AU}"), 0.1, 1e-12)
	if got := assaytest.Named(t, r, "vc_viability", "%"); got != nil {
		t.Errorf("vc_viability = %v on a plate without vehicle", *got)
	}
	if w := cm.Wells[0]; w.Well != "C1" || w.Source.Line != 3 || !w.Used {
		t.Errorf("the first well of CM is %+v, want C1 of line 3", w)
	}
}

func TestTheReferenceIsSubtractedWellByWell(t *testing.T) {
	in := golden()
	in.Assay.Wavelength, in.Assay.Reference = assaytest.Quantity(t, "450 nm"), assaytest.Quantity(t, "650 nm")
	for i, r := range in.Table.Readings {
		offset := 0.01 * float64(i%4)
		v := *r.Value + offset
		in.Table.Readings[i].Value = &v
		in.Table.Readings = append(in.Table.Readings, assaytest.Reading(r.Well, 650, offset))
	}
	assaytest.Near(t, "viability of CM", assaytest.Value(t, compute(t, in), "CM", 1).Mean, 104.249292, 1e-8)
}

func TestWhatCannotBeUsedIsNoNumber(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*instrument.Reading)
		flag   instrument.Flag
	}{
		{"a saturated well", func(r *instrument.Reading) { *r.Value = 3.6 }, instrument.Overflow},
		{"a masked well", func(r *instrument.Reading) { r.Flag = instrument.Masked }, instrument.Masked},
		{"an overflow", func(r *instrument.Reading) { r.Value, r.Flag = nil, instrument.Overflow }, instrument.Overflow},
	} {
		t.Run(test.name, func(t *testing.T) {
			in := golden()
			test.change(&in.Table.Readings[9]) // C1, the first of CM
			v := assaytest.Value(t, compute(t, in), "CM", 1)
			if w := v.Wells[0]; v.N != 2 || w.Used || w.Flag != test.flag {
				t.Errorf("N = %d, well %+v; want 2 and flag %q", v.N, w, test.flag)
			}
			assaytest.Near(t, "mean of the others", v.Mean, 100*(1.325-.1)/1.1766666666666667, 1e-10)
		})
	}
}

func TestAMissingWellIsSaid(t *testing.T) {
	in := golden()
	in.Table.Readings = in.Table.Readings[:len(in.Table.Readings)-1]
	r := compute(t, in)
	if len(r.Flags) != 1 || !strings.Contains(r.Flags[0], "1 wells of the plate map have no reading: D3") {
		t.Errorf("flags are %q", r.Flags)
	}
}

func TestTheBlankFollowsTheDose(t *testing.T) {
	in := assaytest.Plate(viability,
		assaytest.Row("BLK", .1, .1), assaytest.Row("CMB", .3, .3), assaytest.Row("NC", 1.1, 1.1),
		assaytest.Row("CM20", 1.3, 1.3), assaytest.Row("CM5", 1.15, 1.15), assaytest.Row("VC", 1.1, 1.1),
	)
	dose := func(s string) protocol.Group { return protocol.Group{Dose: assaytest.Quantity(t, s)} }
	in.Model = &protocol.Model{ID: "cells"}
	for _, g := range []struct {
		code string
		of   protocol.Group
	}{{"BLK", protocol.Group{}}, {"NC", protocol.Group{}}, {"VC", dose("0 %{v/v}")}, {"CMB", dose("20 %{v/v}")}, {"CM5", dose("5 %{v/v}")}, {"CM20", dose("20 %{v/v}")}} {
		g.of.Code = g.code
		in.Model.Groups = append(in.Model.Groups, g.of)
	}
	r := compute(t, in)
	// By hand: NC less blank is 1; CM20 less CMB is 1; CM5 less 0.1 + 0.2·5/20 is 1.
	for _, group := range []string{"CM20", "CM5", "VC"} {
		assaytest.Near(t, group, assaytest.Value(t, r, group, 1).Mean, 100, 1e-12)
	}
	if len(r.Flags) != 1 || !strings.Contains(r.Flags[0], "the blank of CM5 (5 %{v/v}) is taken in proportion") {
		t.Errorf("flags are %q", r.Flags)
	}
}

func TestPlatesThatCannotBeComputed(t *testing.T) {
	nan := math.NaN()
	for _, test := range []struct {
		name string
		in   assay.Input
		want string
	}{
		{"no blank", assaytest.Plate(viability, assaytest.Row("NC", 1, 1)), "no blank well (BLK)"},
		{"no untreated cells", assaytest.Plate(viability, assaytest.Row("BLK", .1), assaytest.Row("CM", 1)), "have no signal above the blank"},
		{"no reading at all", assaytest.Plate(viability, assaytest.Row("BLK", nan), assaytest.Row("NC", nan)), "no readings"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := assay.Compute([]assay.Assay{cck8.Assay}, test.in)
			if !fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error is %v, want one with %q", err, test.want)
			}
		})
	}
}
