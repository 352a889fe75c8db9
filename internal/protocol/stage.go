package protocol

import (
	"slices"
	"strings"

	"secretome/internal/quantity"
)

// Stage is one part of the protocol, for all blocks of a model or of several
// models, or once a run.
type Stage struct {
	ID       string    `yaml:"stage" json:"stage"`             // one of the shapes, or a name where Kind is steps
	Kind     string    `yaml:"kind" json:"kind,omitempty"`     // steps: the flow stands here instead of in code
	Model    string    `yaml:"model" json:"model,omitempty"`   // empty: once a run, or Models
	Models   []string  `yaml:"models" json:"models,omitempty"` // all that go through it in the same way
	Title    string    `yaml:"title" json:"title"`
	Measures []string  `yaml:"measures" json:"measures,omitempty"` // assays
	Counts   Counts    `yaml:"counts" json:"counts,omitzero"`
	Waits    []Wait    `yaml:"waits" json:"waits,omitempty"`
	Tasks    []Task    `yaml:"tasks" json:"tasks"`
	LeaveOut []LeftOut `yaml:"leave_out" json:"leave_out,omitempty"` // optional tasks of the shape
	Flow     []Act     `yaml:"flow" json:"flow,omitempty"`           // of kind steps; left out: the tasks in order
}

// Of reports whether the stage is for the model; "" is once a run.
func (s Stage) Of(model string) bool {
	return s.Model == model && len(s.Models) == 0 || model != "" && slices.Contains(s.Models, model)
}

// LeftOut is an optional task that this protocol does without.
type LeftOut struct {
	Task   string `yaml:"task" json:"task"`
	Reason string `yaml:"reason" json:"reason"`
}

// Act is one thing in the flow of a stage of kind steps: a task, a wait, a
// repetition until something is so, or a choice between two ways.
type Act struct {
	Task   string  `yaml:"task" json:"task,omitempty"`
	Wait   string  `yaml:"wait" json:"wait,omitempty"` // counted from the task before it
	Repeat []Act   `yaml:"repeat" json:"repeat,omitempty"`
	Until  Proviso `yaml:"until" json:"until,omitzero"`      // ends the repetition
	AtMost int     `yaml:"at_most" json:"at_most,omitempty"` // repetitions; a deviation follows where Until is not met by then
	When   Proviso `yaml:"when" json:"when,omitzero"`
	Then   []Act   `yaml:"then" json:"then,omitempty"` // where When holds
	Else   []Act   `yaml:"else" json:"else,omitempty"` // where not
}

// Proviso holds one value of an earlier task against a limit. Exactly one of
// AtLeast, AtMost, Between, Equals is given.
type Proviso struct {
	Value   string              `yaml:"value" json:"value"` // "task:step.field", or "task:computed"
	AtLeast quantity.Quantity   `yaml:"at_least" json:"at_least,omitzero"`
	AtMost  quantity.Quantity   `yaml:"at_most" json:"at_most,omitzero"`
	Between []quantity.Quantity `yaml:"between" json:"between,omitempty"`
	Equals  string              `yaml:"equals" json:"equals,omitempty"`
}

// IsZero reports whether there is none.
func (p Proviso) IsZero() bool {
	return p.Value+p.Equals == "" && len(p.Between) == 0 && p.AtLeast.IsZero() && p.AtMost.IsZero()
}

// Criterion returns p as a criterion of its task: where it does not hold nothing
// follows but what the flow says.
func (p Proviso) Criterion() Criterion {
	_, value, _ := strings.Cut(p.Value, ":")
	return Criterion{
		ID: "proviso", Title: p.Value, Value: value, AtLeast: p.AtLeast, AtMost: p.AtMost, Between: p.Between, Equals: p.Equals,
		OnFail: []Consequence{{Do: Accept}},
	}
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
