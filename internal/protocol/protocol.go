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
	Format      int               `yaml:"format" json:"format,omitempty"` // of the document; 1, also where it is left out
	ID          string            `yaml:"protocol" json:"protocol"`       // "UC-CM-COMPACT"
	Version     string            `yaml:"version" json:"version"`
	Replaces    string            `yaml:"replaces" json:"replaces,omitempty"` // the version before
	Title       string            `yaml:"title" json:"title"`
	Authors     []string          `yaml:"authors" json:"authors,omitempty"`
	Zone        string            `yaml:"zone" json:"zone"` // lab time: an IANA name
	Note        string            `yaml:"note" json:"note,omitempty"`
	Retention   quantity.Quantity `yaml:"retention" json:"retention,omitzero"` // how long everything is kept: "10 a"
	Ethics      Ethics            `yaml:"ethics" json:"ethics"`
	Roles       []Role            `yaml:"roles" json:"roles,omitempty"`
	Materials   []Material        `yaml:"materials" json:"materials,omitempty"`
	Instruments []Instrument      `yaml:"instruments" json:"instruments,omitempty"`
	Models      []Model           `yaml:"models" json:"models"`
	Layouts     []Layout          `yaml:"layouts" json:"layouts,omitempty"`
	Assays      []Assay           `yaml:"assays" json:"assays"`
	Stages      []Stage           `yaml:"stages" json:"stages"`
	Analysis    Analysis          `yaml:"analysis" json:"analysis"`
}

// Name returns "UC-CM-COMPACT 1.0".
func (p Protocol) Name() string { return p.ID + " " + p.Version }

// Ethics is the approval under which material is taken.
type Ethics struct {
	Committee string    `yaml:"committee" json:"committee"`
	Approval  string    `yaml:"approval" json:"approval"`
	From      string    `yaml:"from" json:"from,omitempty"`   // first day of the approval, 2021-03-01
	Until     string    `yaml:"until" json:"until,omitempty"` // last day
	Scope     []string  `yaml:"scope" json:"scope"`           // cord, skin
	Consent   Agreement `yaml:"consent" json:"consent,omitzero"`
}

// Agreement is what a donor must have agreed to.
type Agreement struct {
	Form   string   `yaml:"form" json:"form,omitempty"`     // title and version of the form
	Covers []string `yaml:"covers" json:"covers,omitempty"` // what it must cover, a sentence each
}

// Role is who does tasks, for the forecast and for the training that is asked.
type Role struct {
	ID       string   `yaml:"role" json:"role"` // one of [Roles]
	Title    string   `yaml:"title" json:"title"`
	People   int      `yaml:"people" json:"people,omitempty"`     // who are there at the same time; 0: not said
	Training []string `yaml:"training" json:"training,omitempty"` // titles of SOPs
}

// Analysis is the plan, fixed before the first cell is touched.
type Analysis struct {
	Alpha     string     `yaml:"alpha" json:"alpha"`           // a decimal: "0.05"
	Power     string     `yaml:"power" json:"power,omitempty"` // a decimal: "0.8"
	Endpoints []Endpoint `yaml:"endpoints" json:"endpoints"`
}

// Endpoint is one comparison over the blocks of a model.
type Endpoint struct {
	ID         string            `yaml:"endpoint" json:"endpoint"`
	Title      string            `yaml:"title" json:"title"`
	Claim      string            `yaml:"claim" json:"claim"`
	Primary    bool              `yaml:"primary" json:"primary,omitempty"` // exactly one of a claim
	Model      string            `yaml:"model" json:"model"`
	Assay      string            `yaml:"assay" json:"assay"`
	Test       string            `yaml:"test" json:"test"`                       // dunnett (blocks and groups), welch, report
	Comparator string            `yaml:"comparator" json:"comparator"`           // group
	Groups     []string          `yaml:"groups" json:"groups"`                   // compared with it
	Scale      string            `yaml:"scale" json:"scale"`                     // identity, log10, log2
	Benefit    string            `yaml:"benefit" json:"benefit"`                 // higher, lower, none: fixed beforehand
	Correction string            `yaml:"correction" json:"correction,omitempty"` // of the p values: of dunnett "dunnett", of welch "holm"; left out: that one
	Effect     quantity.Quantity `yaml:"effect" json:"effect,omitzero"`          // least that matters, as a share of what the stress did: "20 %"
}

// ReportOnly is the test of an endpoint that is reported and not tested.
const ReportOnly = "report"

// Part is what one stage gets of the protocol.
type Part struct {
	Stage    Stage    `json:"stage"`
	Model    *Model   `json:"model,omitempty"`
	Assays   []Assay  `json:"assays,omitempty"`
	Layouts  []Layout `json:"layouts,omitempty"`
	Analysis Analysis `json:"analysis,omitzero"`
	Ethics   Ethics   `json:"ethics,omitzero"`
}
