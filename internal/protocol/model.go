package protocol

import (
	"secretome/internal/quantity"
	"time"
)

// Model is what is treated.
type Model struct {
	ID       string              `yaml:"model" json:"model"` // cells, skin, tissue
	Title    string              `yaml:"title" json:"title"`
	Block    string              `yaml:"block" json:"block"`                // what one block is: "independent thaw", "skin donor", "tissue batch"
	Blocks   int                 `yaml:"blocks" json:"blocks"`              // how many independent repeats
	Apart    quantity.Quantity   `yaml:"apart" json:"apart,omitzero"`       // how long after one block the next begins: blocks that share a day share its error
	Unit     string              `yaml:"unit" json:"unit"`                  // the experimental unit: what N counts
	Means    string              `yaml:"means" json:"means"`                // how one unit's value is made: "mean of a group's wells in one thaw"
	Units    int                 `yaml:"units" json:"units,omitempty"`      // units of a group in one block, where N counts them; else 0
	Fraction quantity.Quantity   `yaml:"fraction" json:"fraction,omitzero"` // CM and unconditioned medium together, the same in all treated groups
	Sampled  []quantity.Quantity `yaml:"sampled" json:"sampled,omitempty"`  // times after treatment: "24 h"
	Layout   string              `yaml:"layout" json:"layout,omitempty"`    // of the plate or inserts on which it is treated, where that is drawn apart from an assay's plate
	Groups   []Group             `yaml:"groups" json:"groups"`
}

// codes are those of its groups.
func (m Model) codes() []string { return names(m.Groups, func(g Group) string { return g.Code }) }

// Every returns how long after one block the next begins; zero is at once.
func (m Model) Every() (time.Duration, error) {
	if m.Apart.IsZero() {
		return 0, nil
	}
	return m.Apart.Duration()
}

// Group is one treatment within a model.
type Group struct {
	Code   string            `yaml:"group" json:"group"` // NC, VC, MV, CM20 …
	Title  string            `yaml:"title" json:"title"`
	Dose   quantity.Quantity `yaml:"dose" json:"dose,omitzero"`
	Stress string            `yaml:"stress" json:"stress,omitempty"`
	Drug   string            `yaml:"drug" json:"drug,omitempty"` // of a positive control
	Open   bool              `yaml:"open" json:"open,omitempty"` // a plate control: never blinded, never compared
}

// Layout says which well holds what. A well's code is a group, a group and the
// number of its unit ("MV.2"), a standard ("S1"), or "-" for unused.
//
// Where Place is given, what it counts is drawn onto the plate at launch, anew
// for each block: into the wells that Rows mark with "?", or into Area. Groups
// that are not open then stand on the plate under a code of the block.
type Layout struct {
	ID        string                       `yaml:"layout" json:"layout"`
	Wells     int                          `yaml:"wells" json:"wells"`           // 6 … 384
	Rows      map[string]string            `yaml:"rows" json:"rows,omitempty"`   // row letter → codes separated by blanks
	Area      string                       `yaml:"area" json:"area,omitempty"`   // inner, all: where Place goes without Rows
	Place     map[string]int               `yaml:"place" json:"place,omitempty"` // group, or group and unit → number of wells
	Standards map[string]quantity.Quantity `yaml:"standards" json:"standards,omitempty"`
}

// Drawn reports whether the layout is drawn at launch.
func (y Layout) Drawn() bool { return len(y.Place) > 0 }

// Assay is a measurement on a plate: how it is computed, its criteria, and the
// two tasks that a person does for it.
type Assay struct {
	ID         string            `yaml:"assay" json:"assay"`   // viability, il8, protein …
	Method     string            `yaml:"method" json:"method"` // cck8, elisa, protein: a folder of internal/assay
	Title      string            `yaml:"title" json:"title"`
	Analyte    string            `yaml:"analyte" json:"analyte,omitempty"`
	Layout     string            `yaml:"layout" json:"layout,omitempty"`        // empty: the file's own layout is the plate map
	Wavelength quantity.Quantity `yaml:"wavelength" json:"wavelength,omitzero"` // of the reading
	Reference  quantity.Quantity `yaml:"reference" json:"reference,omitzero"`   // subtracted well by well where given
	Unit       string            `yaml:"unit" json:"unit"`                      // UCUM unit of the result
	Curve      string            `yaml:"curve" json:"curve,omitempty"`          // 4pl, linear, quadratic
	Weights    string            `yaml:"weights" json:"weights,omitempty"`      // none, 1/y, 1/y2
	Dilution   string            `yaml:"dilution" json:"dilution,omitempty"`    // factor of all samples, a decimal; empty: 1 or the file's
	Criteria   []Criterion       `yaml:"criteria" json:"criteria,omitempty"`
	Repeats    int               `yaml:"repeats" json:"repeats"` // how often the plate may be repeated
	Prepare    Task              `yaml:"prepare" json:"prepare"`
	Read       Task              `yaml:"read" json:"read"` // its last field of kind file is the instrument's export
}
