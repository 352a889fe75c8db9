// Package protocol has the document that a run follows: stages, tasks, steps
// and their fields, windows and criteria, models and groups, assays and the
// analysis plan.
//
// # Division
//
// What follows what, loops and branches are code, one file a stage in package
// workflows. What a step says, asks, allows and takes in time, who does it, its
// criteria and what follows a failure stand here, by task and step ID. The
// shape of each stage, which the code relies on, is in stages.go.
//
// # Identity
//
// A protocol is identified by the SHA-256 of its canonical JSON; comments, order
// of keys and layout of the YAML do not matter.
package protocol

import "secretome/internal/quantity"

// Protocol is a whole document.
type Protocol struct {
	ID       string   `yaml:"protocol" json:"protocol"` // "UC-CM-COMPACT"
	Version  string   `yaml:"version" json:"version"`
	Title    string   `yaml:"title" json:"title"`
	Zone     string   `yaml:"zone" json:"zone"` // lab time: an IANA name
	Note     string   `yaml:"note" json:"note,omitempty"`
	Ethics   Ethics   `yaml:"ethics" json:"ethics"`
	Models   []Model  `yaml:"models" json:"models"`
	Layouts  []Layout `yaml:"layouts" json:"layouts,omitempty"`
	Assays   []Assay  `yaml:"assays" json:"assays"`
	Stages   []Stage  `yaml:"stages" json:"stages"`
	Analysis Analysis `yaml:"analysis" json:"analysis"`
}

// Name returns "UC-CM-COMPACT 1.0".
func (p Protocol) Name() string { return p.ID + " " + p.Version }

// Ethics is the approval under which material is taken.
type Ethics struct {
	Committee string   `yaml:"committee" json:"committee"`
	Approval  string   `yaml:"approval" json:"approval"`
	Scope     []string `yaml:"scope" json:"scope"` // cord, skin
}

// Model is what is treated.
type Model struct {
	ID     string  `yaml:"model" json:"model"` // cells, skin, tissue
	Title  string  `yaml:"title" json:"title"`
	Block  string  `yaml:"block" json:"block"`   // what one block is: "independent thaw", "skin donor", "tissue batch"
	Blocks int     `yaml:"blocks" json:"blocks"` // how many independent repeats
	Unit   string  `yaml:"unit" json:"unit"`     // the experimental unit: what N counts
	Groups []Group `yaml:"groups" json:"groups"`
}

// Group is one treatment within a model.
type Group struct {
	Code   string            `yaml:"group" json:"group"` // NC, VC, MV, CM20 …
	Title  string            `yaml:"title" json:"title"`
	Dose   quantity.Quantity `yaml:"dose" json:"dose,omitzero"`
	Stress string            `yaml:"stress" json:"stress,omitempty"`
	Open   bool              `yaml:"open" json:"open,omitempty"` // a plate control: never blinded, never compared
}

// Layout says which well holds what. A well's code is a group, a group and the
// number of its unit ("MV.2"), a standard ("S1"), or "-" for unused.
type Layout struct {
	ID        string                       `yaml:"layout" json:"layout"`
	Wells     int                          `yaml:"wells" json:"wells"` // 6 … 384
	Rows      map[string]string            `yaml:"rows" json:"rows"`   // row letter → codes separated by blanks
	Standards map[string]quantity.Quantity `yaml:"standards" json:"standards,omitempty"`
}

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

// Stage is one part of the protocol, for all blocks of one model or once a run.
type Stage struct {
	ID       string   `yaml:"stage" json:"stage"`           // one of the shapes
	Model    string   `yaml:"model" json:"model,omitempty"` // empty: once a run
	Title    string   `yaml:"title" json:"title"`
	Measures []string `yaml:"measures" json:"measures,omitempty"` // assays
	Counts   Counts   `yaml:"counts" json:"counts,omitzero"`
	Waits    []Wait   `yaml:"waits" json:"waits,omitempty"`
	Tasks    []Task   `yaml:"tasks" json:"tasks"`
}

// Counts are the numbers that a stage's loops ask for.
type Counts struct {
	Feeds    int `yaml:"feeds" json:"feeds,omitempty"`       // medium changes before the first harvest
	Passages int `yaml:"passages" json:"passages,omitempty"` // passages until cells are used
}

// Wait is time that passes: an incubation.
type Wait struct {
	ID     string `yaml:"wait" json:"wait"`
	Title  string `yaml:"title" json:"title"`
	Window Window `yaml:"window" json:"window"` // of the task that ends it
}

// Window is when something may be done, counted from its anchor. Hours are
// elapsed hours: clock changes do not move them.
type Window struct {
	Nominal  quantity.Quantity `yaml:"nominal" json:"nominal,omitzero"`
	Earliest quantity.Quantity `yaml:"earliest" json:"earliest,omitzero"`
	Latest   quantity.Quantity `yaml:"latest" json:"latest,omitzero"`
	Grace    quantity.Quantity `yaml:"grace" json:"grace,omitzero"` // behind latest, until OnMissed follows
	OnEarly  Action            `yaml:"on_early" json:"on_early,omitempty"`
	OnLate   Action            `yaml:"on_late" json:"on_late,omitempty"`
	OnMissed Action            `yaml:"on_missed" json:"on_missed,omitempty"`
	Evidence string            `yaml:"evidence" json:"evidence,omitempty"`
}

// IsZero reports whether there is no window.
func (w Window) IsZero() bool { return w == Window{} }

// Task is what one person does in one sitting.
type Task struct {
	ID       string      `yaml:"task" json:"task"`
	Title    string      `yaml:"title" json:"title"`
	Role     string      `yaml:"role" json:"role"`
	Window   Window      `yaml:"window" json:"window,omitzero"`
	Steps    []Step      `yaml:"steps" json:"steps"`
	Computed []Computed  `yaml:"computed" json:"computed,omitempty"`
	Criteria []Criterion `yaml:"criteria" json:"criteria,omitempty"`
	Repeats  int         `yaml:"repeats" json:"repeats,omitempty"` // how often REPEAT or RETEST may follow
}

// Step is one instruction with its fields.
type Step struct {
	ID     string  `yaml:"step" json:"step"`
	Text   string  `yaml:"text" json:"text"`
	Fields []Field `yaml:"fields" json:"fields,omitempty"`
}

// Field is what a step asks for.
type Field struct {
	ID       string              `yaml:"field" json:"field"`
	Title    string              `yaml:"title" json:"title"`
	Kind     FieldKind           `yaml:"kind" json:"kind"`
	Unit     string              `yaml:"unit" json:"unit,omitempty"`       // of a quantity
	Range    []quantity.Quantity `yaml:"range" json:"range,omitempty"`     // least and greatest plausible value: outside needs a deviation
	Choices  []string            `yaml:"choices" json:"choices,omitempty"` // of a choice
	Pattern  string              `yaml:"pattern" json:"pattern,omitempty"` // of a scan or text: a regular expression for the whole of it
	Optional bool                `yaml:"optional" json:"optional,omitempty"`
	Evidence string              `yaml:"evidence" json:"evidence,omitempty"`
}

// FieldKind says how a field is entered.
type FieldKind string

// The kinds of fields.
const (
	Amount FieldKind = "quantity"
	Choice FieldKind = "choice"
	Text   FieldKind = "text"
	Scan   FieldKind = "scan"
	YesNo  FieldKind = "yes-no" // entered as yes or no
	Time   FieldKind = "time"   // RFC 3339, or lab time without a zone
	File   FieldKind = "file"   // an artifact
)

// Computed is a value that a formula gives from entered ones. Arguments name
// "step.field" of this task or "task:step.field" of one that it follows.
type Computed struct {
	ID      string            `yaml:"value" json:"value"`
	Title   string            `yaml:"title" json:"title"`
	Formula string            `yaml:"formula" json:"formula"` // a name that internal/sample knows
	Of      map[string]string `yaml:"of" json:"of"`
	Unit    string            `yaml:"unit" json:"unit"`
}

// Criterion holds one value against a limit. Exactly one of AtLeast, AtMost,
// Between, Equals is given.
type Criterion struct {
	ID       string              `yaml:"criterion" json:"criterion"`
	Title    string              `yaml:"title" json:"title"`
	Value    string              `yaml:"value" json:"value"` // "step.field", a computed value, or a value that the assay names
	AtLeast  quantity.Quantity   `yaml:"at_least" json:"at_least,omitzero"`
	AtMost   quantity.Quantity   `yaml:"at_most" json:"at_most,omitzero"`
	Between  []quantity.Quantity `yaml:"between" json:"between,omitempty"`
	Equals   string              `yaml:"equals" json:"equals,omitempty"`
	OnFail   []Consequence       `yaml:"on_fail" json:"on_fail"`
	Evidence string              `yaml:"evidence" json:"evidence,omitempty"`
}

// Consequence is what follows a failed criterion: the first one that holds. One
// without a limit always holds.
type Consequence struct {
	AtLeast quantity.Quantity `yaml:"at_least" json:"at_least,omitzero"`
	AtMost  quantity.Quantity `yaml:"at_most" json:"at_most,omitzero"`
	Do      Action            `yaml:"do" json:"do"`
}

// Action is what follows a verdict.
type Action string

// The actions, from the mildest to the gravest: where several follow, the
// gravest does.
const (
	Accept          Action = "ACCEPT"           // go on
	Flag            Action = "FLAG"             // go on, shown in the report
	Deviation       Action = "DEVIATION"        // go on only with the manager's written decision
	Hold            Action = "HOLD"             // nothing downstream until somebody decided
	Retest          Action = "RETEST"           // same sample, new measurement
	Repeat          Action = "REPEAT"           // the step or plate again
	InvalidateBlock Action = "INVALIDATE_BLOCK" // kept, but not in the decision
	Discard         Action = "DISCARD"          // unusable, with all that descends from it
)

// Actions lists all, mildest first.
func Actions() []Action {
	return []Action{Accept, Flag, Deviation, Hold, Retest, Repeat, InvalidateBlock, Discard}
}

// Analysis is the plan, fixed before the first cell is touched.
type Analysis struct {
	Alpha     string     `yaml:"alpha" json:"alpha"` // a decimal: "0.05"
	Endpoints []Endpoint `yaml:"endpoints" json:"endpoints"`
}

// Endpoint is one comparison over the blocks of a model.
type Endpoint struct {
	ID         string   `yaml:"endpoint" json:"endpoint"`
	Title      string   `yaml:"title" json:"title"`
	Claim      string   `yaml:"claim" json:"claim"`
	Model      string   `yaml:"model" json:"model"`
	Assay      string   `yaml:"assay" json:"assay"`
	Test       string   `yaml:"test" json:"test"`             // dunnett (blocks and groups), welch
	Comparator string   `yaml:"comparator" json:"comparator"` // group
	Groups     []string `yaml:"groups" json:"groups"`         // compared with it
	Scale      string   `yaml:"scale" json:"scale"`           // identity, log10, log2
	Benefit    string   `yaml:"benefit" json:"benefit"`       // higher, lower, none: fixed beforehand
}

// Part is what one stage gets of the protocol.
type Part struct {
	Stage    Stage    `json:"stage"`
	Model    *Model   `json:"model,omitempty"`
	Assays   []Assay  `json:"assays,omitempty"`
	Layouts  []Layout `json:"layouts,omitempty"`
	Analysis Analysis `json:"analysis,omitzero"`
	Ethics   Ethics   `json:"ethics,omitzero"`
}
