package run

import (
	"strings"

	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
)

// Verb is what a manager does to a run.
type Verb string

// The verbs.
const (
	Pause  Verb = "pause"  // nothing new is asked; what incubates goes on
	Resume Verb = "resume" //
	Stop   Verb = "stop"   // what is in work is dealt with, then the run ends
	Hold   Verb = "hold"   // a recall reached it: paused until the manager decided
	Ask    Verb = "ask"    // a task that the protocol does not have
	Amend  Verb = "amend"  // stages that have not begun follow another version of the protocol
)

// Verbs lists all.
func Verbs() []Verb { return []Verb{Pause, Resume, Stop, Hold, Ask, Amend} }

// Act is one thing that a manager does to a run.
type Act struct {
	Verb    Verb            `json:"verb"`
	Request string          `json:"request"`
	By      record.Actor    `json:"by"`
	Reason  string          `json:"reason,omitempty"`
	Cause   record.Ref      `json:"cause,omitzero"` // of a hold
	Thing   string          `json:"thing,omitempty"`
	Task    *protocol.Task  `json:"task,omitempty"`    // to ask
	Amended *record.Amended `json:"amended,omitempty"` // to amend
	Plan    []string        `json:"plan,omitempty"`    // of the amended protocol
}

// Acted is the answer to an act.
type Acted struct {
	Record   record.Ref `json:"record"`
	Standing Standing   `json:"standing"`
}

// Standing is whether a run goes on.
type Standing struct {
	Paused   string   `json:"paused,omitempty"`   // why
	Stopping string   `json:"stopping,omitempty"` // why
	Closing  bool     `json:"closing,omitempty"`  // its logbook is being sealed
	Begun    []string `json:"begun,omitempty"`    // stages
}

// Gate is what the stages of a run are told.
type Gate struct {
	Paused bool   `json:"paused,omitempty"`
	Stop   string `json:"stop,omitempty"` // why
}

// Check says whether the act may happen now.
func (s Standing) Check(a Act) error {
	switch {
	case s.Closing:
		return fault.New(fault.Conflict, "the run is over: its logbook is being sealed")
	case s.Stopping != "":
		return fault.New(fault.Conflict, "the run is being stopped: %s", s.Stopping)
	case a.Verb == Pause && s.Paused != "":
		return fault.New(fault.Conflict, "the run is paused already: %s", s.Paused)
	case a.Verb == Resume && s.Paused == "":
		return fault.New(fault.Conflict, "the run is not paused")
	case strings.TrimSpace(a.Reason) == "":
		return fault.New(fault.Invalid, "the reason is missing").Field("reason").Try("say why: it stands in the record")
	}
	switch a.Verb {
	case Ask:
		if a.Task == nil {
			return fault.New(fault.Invalid, "the task is missing").Field("task")
		}
	case Amend:
		return s.checkAmend(a)
	case Pause, Resume, Stop, Hold:
	default:
		return fault.New(fault.Invalid, "%q is nothing that is done to a run", a.Verb)
	}
	return nil
}

// checkAmend: the stages that began are the same in both versions, in order.
func (s Standing) checkAmend(a Act) error {
	if a.Amended == nil {
		return fault.New(fault.Invalid, "the protocol is missing").Field("protocol")
	}
	for i, stage := range s.Begun {
		if i >= len(a.Plan) || a.Plan[i] != stage {
			return fault.New(fault.Refused, "stage %q has begun and is not stage %d of the amended protocol", stage, i+1).Try("keep the stages that have begun as they are, in their order")
		}
	}
	return nil
}
