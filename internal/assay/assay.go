// Package assay turns the table of a plate into results: one folder below it
// knows one method; this package has what all of them share, and the comparison
// of groups over blocks.
//
// # Wells, units, blocks
//
// A well is a technical replicate: wells of one experimental unit are averaged
// and never counted in N. A unit is what received a treatment by itself; where a
// model is repeated in blocks, the units of a block are averaged too, and N
// counts blocks.
//
// # Numbers
//
// A reading that saturated the detector, was masked by an operator or is no
// number is kept with its flag and used for nothing. No result is NaN: what
// cannot be computed is absent, and a flag says why. Lists are in the order of
// the plate map, so equal input gives equal bytes.
package assay

import (
	"strings"

	"secretome/internal/fault"
	"secretome/internal/instrument"
	"secretome/internal/protocol"
)

// Assay is one method. Each plug-in folder exports one as Assay.
type Assay struct {
	Name    string // as in protocol.Assay.Method: "cck8"
	Version string // changes whenever a number may
	Compute func(Input) (Result, error)
}

// Input is what a plate is computed from.
type Input struct {
	Table     instrument.Table
	Assay     protocol.Assay
	Layout    *protocol.Layout // nil: the file's own layout is the plate map
	Model     *protocol.Model  // nil where the stage has none
	Block     string           // of the model
	Plate     string           // barcode
	Simulated bool             // the file was made by a rehearsal
}

// Compute computes in with the method that its protocol names, among methods,
// and holds the protocol's criteria against the values. It fails with
// [fault.Invalid] where the plate cannot be read by its map.
func Compute(methods []Assay, in Input) (Result, error) {
	var names []string
	for _, m := range methods {
		if m.Name == in.Assay.Method {
			return m.run(in)
		}
		names = append(names, m.Name)
	}
	return Result{}, fault.New(fault.Invalid, "unknown method %q of assay %s; methods are: %s", in.Assay.Method, in.Assay.ID, strings.Join(names, ", ")).Field("method")
}

func (m Assay) run(in Input) (Result, error) {
	r, err := m.Compute(in)
	if err != nil {
		return Result{}, err
	}
	r.Assay, r.Title, r.Analyte = in.Assay.ID, in.Assay.Title, in.Assay.Analyte
	r.Method, r.Version = m.Name, m.Version
	r.Block, r.Plate, r.Simulated = in.Block, in.Plate, in.Simulated
	if in.Model != nil {
		r.Model = in.Model.ID
	}
	r.Decision, err = protocol.Judge(in.Assay.Criteria, r.Texts())
	return r, err
}
