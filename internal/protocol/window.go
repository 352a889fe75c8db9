package protocol

import (
	"secretome/internal/quantity"
)

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
	Remind   quantity.Quantity `yaml:"remind" json:"remind,omitzero"` // how long before latest the holder is reminded
	Escalate Escalation        `yaml:"escalate" json:"escalate,omitzero"`
	Evidence string            `yaml:"evidence" json:"evidence,omitempty"`
}

// Escalation says who else is told when nobody answers.
type Escalation struct {
	To    string            `yaml:"to" json:"to"`                // a role
	After quantity.Quantity `yaml:"after" json:"after,omitzero"` // behind latest; zero: at once
}

// IsZero reports whether there is no window.
func (w Window) IsZero() bool { return w == Window{} }
