package assay

import (
	"secretome/internal/instrument"
	"secretome/internal/protocol"
	"secretome/internal/record"
)

// Result is what one plate gave. Its canonical JSON (package record) is the
// artifact that figures, comparisons and the report are made from.
type Result struct {
	Assay     string          `json:"assay"` // ID in the protocol
	Title     string          `json:"title,omitempty"`
	Analyte   string          `json:"analyte,omitempty"`
	Method    string          `json:"method"`
	Version   string          `json:"version"` // of the method
	Model     string          `json:"model,omitempty"`
	Block     string          `json:"block,omitempty"`
	Plate     string          `json:"plate,omitempty"`
	Unit      string          `json:"unit"` // UCUM, of all values
	Values    []Value         `json:"values"`
	Curve     *Curve          `json:"curve,omitempty"`
	Named     []Named         `json:"named"` // what criteria are held against
	Decision  record.Decision `json:"decision"`
	Vendor    *Vendor         `json:"vendor,omitempty"`
	Flags     []string        `json:"flags,omitempty"` // a sentence each
	Simulated bool            `json:"simulated,omitempty"`
}

// Value is the result of one experimental unit, or of one sample.
type Value struct {
	Group    string   `json:"group"`                // of the protocol, or of the file where its layout is the map
	Unit     int      `json:"unit"`                 // the number of the unit in its block; 1 where the map has one
	Sample   string   `json:"sample,omitempty"`     // as the file names it
	N        int      `json:"n"`                    // technical wells that count
	Mean     *float64 `json:"mean,omitempty"`       // absent where nothing could be computed
	SD       *float64 `json:"sd,omitempty"`         // of the wells
	CV       *float64 `json:"cv_percent,omitempty"` // of the wells
	Censored Censor   `json:"censored,omitempty"`   //
	Bound    *float64 `json:"bound,omitempty"`      // where censored: the limit, with the dilution
	Dilution float64  `json:"dilution,omitempty"`   // factor; absent where dilutions differ by well
	Spread   *float64 `json:"spread_percent,omitempty"`
	Wells    []Well   `json:"wells"`
	Flags    []string `json:"flags,omitempty"`
}

// Censor says on which side of the measurable range a value lies.
type Censor string

// The sides.
const (
	BelowLLOQ Censor = "below_lloq" // below the lower limit of quantification
	AboveULOQ Censor = "above_uloq" // above the upper one: to be diluted and read again
)

// Well is one well as read and as used, with its place in the file.
type Well struct {
	Well      string            `json:"well"`
	Reading   *float64          `json:"reading,omitempty"`   // as the instrument printed it
	Reference *float64          `json:"reference,omitempty"` // at the reference wavelength
	Corrected *float64          `json:"corrected,omitempty"` // less reference and blank
	Value     *float64          `json:"value,omitempty"`     // in the result's unit, dilution included
	Dilution  float64           `json:"dilution,omitempty"`
	Used      bool              `json:"used"`
	Flag      instrument.Flag   `json:"flag,omitempty"`
	Source    instrument.Source `json:"source"`
}

// Named is a value that the method names for criteria, as canonical text.
type Named struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Texts returns the named values as [protocol.Judge] takes them.
func (r Result) Texts() map[string]string {
	texts := map[string]string{}
	for _, n := range r.Named {
		texts[n.Name] = n.Value
	}
	return texts
}

// Name adds a computed number for criteria; nil is a number that is not there.
func (r *Result) Name(name string, v *float64, unit string) {
	n := Named{Name: name}
	if v != nil {
		n.Value = protocol.Measured(*v, unit)
	}
	r.Named = append(r.Named, n)
}

// Counts reports whether the plate goes into comparisons: criteria whose
// failure asks for another measurement, or that takes the block out, keep it
// out.
func (r Result) Counts() bool { return r.Decision.Verdict != protocol.VerdictReject }

// Reveal returns r with each group named as the key says, code → group. The
// values stay where they are.
func (r Result) Reveal(key map[string]string) Result {
	values := make([]Value, len(r.Values))
	for i, v := range r.Values {
		if group, sealed := key[v.Group]; sealed {
			v.Group = group
		}
		values[i] = v
	}
	r.Values = values
	return r
}
