// Package rehearsal plays the people and instruments of a scripted study
// through the API that real ones use: a manager launches the run, technicians
// answer their tasks, a reviewer signs.
//
// # Time
//
// Happened times come from the script and from the windows of the tasks, never
// from the machine: two rehearsals of one script tell the same story to the
// minute. Requests have IDs that follow from the run, the task and the act, so
// that a rehearsal that was cut off goes on where it stopped and doubles
// nothing.
package rehearsal

import (
	"bytes"
	"cmp"
	"path"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"secretome/internal/fault"
)

// Script is a scripted study.
type Script struct {
	Name     string                `yaml:"rehearsal"`
	Protocol string                `yaml:"protocol"` // path of the protocol, beside the script
	Title    string                `yaml:"title"`
	Start    time.Time             `yaml:"start"`
	Speed    float64               `yaml:"speed"`  // waits are divided by it
	Seed     uint64                `yaml:"seed"`   // of the simulated plates
	People   map[string][]string   `yaml:"people"` // role → names
	Plates   map[string]PlateModel `yaml:"plates"` // assay → how its plates are simulated
	Answers  []Answer              `yaml:"answers"`
}

// Answer says how tasks are answered whose path below the run matches. The
// first match holds.
type Answer struct {
	Task    string            `yaml:"task"`    // "treatment/cells/*/treat"; * stands for one part, a missing attempt for any
	Attempt int               `yaml:"attempt"` // 0: any
	By      string            `yaml:"by"`      // a name; empty: the block's person of the role
	At      string            `yaml:"at"`      // offset from the nominal time, "+25m"; empty: at it
	Entries map[string]string `yaml:"entries"` // "step.field" → what is typed; {block}, {model}, {attempt}, {expect} are filled in
	Slips   []Slip            `yaml:"slips"`   // tried first, and refused
	Reasons map[string]string `yaml:"reasons"` // step → why a value out of range is entered all the same
}

// Slip is an entry that must be refused.
type Slip struct {
	Step    string            `yaml:"step"`
	Entries map[string]string `yaml:"entries"`
	Says    string            `yaml:"says"` // part of the sentence
}

// Parse reads a script and refuses what it does not know.
func Parse(file string, data []byte) (Script, error) {
	var s Script
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(&s); err != nil {
		return Script{}, fault.Wrap(err, fault.Invalid, "%s: %s", file, strings.TrimPrefix(err.Error(), "yaml: "))
	}
	if s.Start.IsZero() || s.Protocol == "" || s.Speed <= 0 {
		return Script{}, fault.New(fault.Invalid, "%s lacks start, protocol or speed", file).Try("look at examples/compact.rehearsal.yaml")
	}
	return s, nil
}

// answer returns how a task is answered.
func (s Script) answer(below string, attempt int) (Answer, error) {
	for _, a := range s.Answers {
		if ok, err := path.Match(a.Task, below); err != nil {
			return Answer{}, fault.New(fault.Invalid, "the script's task %q is no pattern", a.Task)
		} else if ok && (a.Attempt == 0 || a.Attempt == attempt) {
			return a, nil
		}
	}
	return Answer{}, fault.New(fault.NotFound, "the script does not answer %s", below).Try("add an answer to the script")
}

// person returns who does a task: the named one, or one of the role.
func (s Script) person(a Answer, role, block string) (string, error) {
	if a.By != "" {
		return a.By, nil
	}
	names := s.People[role]
	if len(names) == 0 {
		return "", fault.New(fault.Invalid, "the script has nobody of the role %s", role)
	}
	turn := 0
	if block != "" {
		turn = int(cmp.Or(block[len(block)-1], '0') - '0')
	}
	return names[turn%len(names)], nil
}
