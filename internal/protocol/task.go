package protocol

import (
	"time"

	"secretome/internal/quantity"
)

// Task is what one person does in one sitting.
type Task struct {
	ID          string            `yaml:"task" json:"task"`
	Before      string            `yaml:"before" json:"before,omitempty"` // a task of the stage's shape: this one is the lab's own, and comes before it
	After       string            `yaml:"after" json:"after,omitempty"`   // or after it
	Title       string            `yaml:"title" json:"title"`
	Role        string            `yaml:"role" json:"role"`
	Takes       quantity.Quantity `yaml:"takes" json:"takes,omitzero"`          // time at the bench; zero: [DefaultTakes]
	Blind       bool              `yaml:"blind" json:"blind,omitempty"`         // not for people who have seen a key of this run
	OpensKey    bool              `yaml:"opens_key" json:"opens_key,omitempty"` // shows its holder which code is which group, for one block
	Window      Window            `yaml:"window" json:"window,omitzero"`
	Needs       []Need            `yaml:"needs" json:"needs,omitempty"`
	Instruments []string          `yaml:"instruments" json:"instruments,omitempty"`
	Deviations  []string          `yaml:"deviations" json:"deviations,omitempty"` // what may differ, for whoever records that something did
	Steps       []Step            `yaml:"steps" json:"steps"`
	Computed    []Computed        `yaml:"computed" json:"computed,omitempty"`
	Criteria    []Criterion       `yaml:"criteria" json:"criteria,omitempty"`
	Repeats     int               `yaml:"repeats" json:"repeats,omitempty"` // how often REPEAT or RETEST may follow
}

// DefaultTakes is how long a task that does not say it takes a person.
const DefaultTakes = 30 * time.Minute

// Duration returns how long the task takes a person at the bench.
func (t Task) Duration() time.Duration {
	if d, err := t.Takes.Duration(); err == nil && !t.Takes.IsZero() {
		return d
	}
	return DefaultTakes
}

// Step is one instruction with its fields.
type Step struct {
	ID     string  `yaml:"step" json:"step"`
	Text   string  `yaml:"text" json:"text"`
	Second bool    `yaml:"second" json:"second,omitempty"` // a second person checks it before the task is completed
	Fields []Field `yaml:"fields" json:"fields,omitempty"`
}

// Field is what a step asks for.
type Field struct {
	ID       string              `yaml:"field" json:"field"`
	Title    string              `yaml:"title" json:"title"`
	Kind     FieldKind           `yaml:"kind" json:"kind"`
	Unit     string              `yaml:"unit" json:"unit,omitempty"`         // of a quantity
	Range    []quantity.Quantity `yaml:"range" json:"range,omitempty"`       // least and greatest plausible value: outside needs a deviation
	Choices  []string            `yaml:"choices" json:"choices,omitempty"`   // of a choice
	Pattern  string              `yaml:"pattern" json:"pattern,omitempty"`   // of a scan or text: a regular expression for the whole of it
	Material string              `yaml:"material" json:"material,omitempty"` // of a scan: what the scanned lot is a lot of
	Thing    Thing               `yaml:"thing" json:"thing,omitzero"`        // of a scan: what stands behind the barcode
	Default  string              `yaml:"default" json:"default,omitempty"`   // what is usual: shown, never entered by itself
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
