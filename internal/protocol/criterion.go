package protocol

import (
	"secretome/internal/quantity"
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
