// Package run has the values that pass between a run's workflows: small, and
// naming everything large by hash.
package run

import (
	"time"

	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/task"
)

// Context is what every workflow of a run knows.
type Context struct {
	Run       string     `json:"run"`
	Logbook   string     `json:"logbook"`
	Protocol  string     `json:"protocol"` // SHA-256 of its canonical JSON, an artifact
	Zone      string     `json:"zone"`
	Speed     float64    `json:"speed"`             // waits are divided by it; 1 in real life
	Rehearsal bool       `json:"rehearsal"`         // happened times come from a script
	Program   string     `json:"program"`           // version that launched the run
	Launch    record.Ref `json:"launch"`            // record 1
	Notices   bool       `json:"notices,omitempty"` // people outside the program are told
}

// Input starts a run.
type Input struct {
	Context Context   `json:"context"`
	Title   string    `json:"title"`
	Start   time.Time `json:"start"`           // from when the first windows count
	Plan    []string  `json:"plan,omitempty"`  // the stages in the protocol's order: [protocol.Protocol.Plan]
	Draws   bool      `json:"draws,omitempty"` // layouts are drawn before the first stage
}

// Allocation is what was drawn for a run, as far as a workflow may know it.
type Allocation struct {
	Record record.Ref `json:"record"`
	Plan   string     `json:"plan"` // SHA-256 of the layouts with their codes
}

// Outline is the order of a run: its models with their number of blocks.
type Outline struct {
	Models []Blocks `json:"models"`
}

// Blocks says how many blocks a model has.
type Blocks struct {
	Model string        `json:"model"`
	N     int           `json:"n"`
	Apart time.Duration `json:"apart,omitempty"` // from the begin of one block to that of the next
}

// OutlineOf returns the models of a protocol with their blocks.
func OutlineOf(p protocol.Protocol) (Outline, error) {
	var o Outline
	for _, m := range p.Models {
		apart, err := m.Every()
		if err != nil {
			return Outline{}, err
		}
		o.Models = append(o.Models, Blocks{Model: m.ID, N: m.Blocks, Apart: apart})
	}
	return o, nil
}

// StageInput starts a stage. The stage reads its part of the protocol itself, so
// that the run does not carry what only the stage needs.
type StageInput struct {
	Context Context           `json:"context"`
	Stage   string            `json:"stage"`
	Model   string            `json:"model,omitempty"`
	Block   string            `json:"block,omitempty"`   // "1", "2" …
	Given   map[string]Answer `json:"given,omitempty"`   // answers of earlier stages, by task
	Lots    []string          `json:"lots,omitempty"`    // barcodes of lots of conditioned medium that may be used
	Results []record.Ref      `json:"results,omitempty"` // records of results that the analysis compares
	Donors  []string          `json:"donors,omitempty"`  // codes of those from whom the run's material comes
	Hands   []string          `json:"hands,omitempty"`   // people who recorded something in this run so far
	Drawn   *Allocation       `json:"drawn,omitempty"`
	Part    *protocol.Part    `json:"part,omitempty"` // set where the stage stands in no protocol
	What    string            `json:"what,omitempty"` // of a hold: why
	Cause   record.Ref        `json:"cause,omitzero"` // of a hold: the record behind it
	Free    bool              `json:"free,omitempty"` // goes on while the run is paused
	Begins  time.Time         `json:"begins"`         // from when windows without another anchor count
}

// Outcome is how a stage or run ended.
type Outcome string

// The outcomes.
const (
	Done        Outcome = "done"
	Discarded   Outcome = "discarded"
	Invalidated Outcome = "invalidated"
	Stopped     Outcome = "stopped" // by the manager
	Failed      Outcome = "failed"
)

// StageResult is what a stage leaves.
type StageResult struct {
	Outcome Outcome           `json:"outcome"`
	Why     string            `json:"why,omitempty"`
	Ended   time.Time         `json:"ended"` // when its last act happened
	Answers map[string]Answer `json:"answers,omitempty"`
	Lots    []string          `json:"lots,omitempty"`
	Results []record.Ref      `json:"results,omitempty"`
	Donors  []string          `json:"donors,omitempty"`
	Head    record.Ref        `json:"head"` // its last record
}

// Answer is what a task left: who did it when, and the values.
type Answer struct {
	Task     string                     `json:"task"` // ID in the protocol
	ID       string                     `json:"id"`   // task/…
	Phase    task.Phase                 `json:"phase"`
	Happened time.Time                  `json:"happened"`
	By       string                     `json:"by"`
	Record   record.Ref                 `json:"record"`
	Values   map[string]string          `json:"values,omitempty"` // "step.field" → canonical text; computed values by their name
	Files    map[string]record.Artifact `json:"files,omitempty"`
	Steps    []record.Ref               `json:"steps,omitempty"`
	Things   []task.Thing               `json:"things,omitempty"` // what it left, for the tasks that follow
}

// Status is the result of a run.
type Status struct {
	Run     string     `json:"run"`
	Outcome Outcome    `json:"outcome"`
	Why     string     `json:"why,omitempty"`
	Seal    record.Ref `json:"seal,omitzero"`
}

// TaskInput starts a human task. State is set when it continues as new.
type TaskInput struct {
	Context Context      `json:"context"`
	Spec    task.Spec    `json:"spec"`
	Uses    []record.Use `json:"uses,omitempty"`
	State   *task.State  `json:"state,omitempty"`
	Edge    int          `json:"edge,omitempty"` // edges of the window that passed already
}

// TaskResult is what a human task returns.
type TaskResult struct {
	State task.State `json:"state"`
}
