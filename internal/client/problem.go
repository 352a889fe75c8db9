package client

import (
	"errors"

	"secretome/internal/fault"
)

// Problem is an error as RFC 9457 wants it, with what a fault knows.
type Problem struct {
	Type   string `json:"type"`   // "urn:secretome:" and what sort of problem it is
	Title  string `json:"title"`  // the sort in words
	Status int    `json:"status"` // of the answer
	Detail string `json:"detail"` // what is wrong, for a person
	Kind   string `json:"kind"`   // of the fault, by which the command line chooses its exit code
	fault.Place
	Help      string         `json:"help,omitempty"`    // what to do next
	Ref       string         `json:"ref,omitempty"`     // of the server's log, for internal errors
	Others    []Mistake      `json:"others,omitempty"`  // more mistakes of the same document
	Errors    []ProblemError `json:"errors"`            // all mistakes, the first included
	Version   int64          `json:"version,omitempty"` // that there is now, where If-Match named another
	RequestID string         `json:"request_id"`        // the command's own, else one of the server's log
}

// ProblemError is one mistake in a request.
type ProblemError struct {
	Detail
	Field   string `json:"field,omitempty"` // of the message, the query or the headers
	Code    string `json:"code"`            // the kind of the fault
	Message string `json:"message"`         // for a person
	Line    int    `json:"line,omitempty"`  // of the document in the message
	Column  int    `json:"column,omitempty"`
}

// Detail is where in a request a mistake lies, as far as it is known.
type Detail struct {
	Pointer string `json:"pointer,omitempty"` // JSON pointer into the message
	Got     string `json:"got,omitempty"`     // what stood there
	Offset  *int64 `json:"offset,omitempty"`  // bytes of the message before it
}

// Mistake is one more mistake.
type Mistake struct {
	Detail string `json:"detail"`
	fault.Place
	Help string `json:"help,omitempty"`
}

// ProblemOf says in a problem what err says.
func ProblemOf(err error) Problem {
	all := Faults(err)
	first := all[0]
	m := first.Kind.Meaning()
	p := Problem{Type: "urn:secretome:" + m.Name, Title: title(first.Kind), Status: m.HTTP, Detail: first.Message, Kind: m.Name, Place: first.Place, Help: first.Help}
	for i, f := range all {
		p.Errors = append(p.Errors, ProblemError{Field: f.Place.Field, Code: f.Kind.String(), Message: f.Message, Line: f.Place.Line, Column: f.Place.Column})
		if i > 0 {
			p.Others = append(p.Others, Mistake{f.Message, f.Place, f.Help})
		}
	}
	return p
}

// title names a kind of problem.
func title(k fault.Kind) string {
	switch k {
	case fault.Invalid:
		return "The input is wrong"
	case fault.Forbidden:
		return "This person may not do this"
	case fault.NotFound:
		return "There is no such thing"
	case fault.Conflict:
		return "It has moved on, or exists already"
	case fault.Refused:
		return "A rule of the laboratory says no"
	case fault.Unavailable:
		return "A server cannot be reached"
	case fault.Corrupt:
		return "Stored bytes are damaged"
	case fault.Usage:
		return "The request was put the wrong way"
	case fault.Different:
		return "The answer is no"
	case fault.Timeout:
		return "The time for waiting is over"
	case fault.Internal:
		return "Something went wrong on the server"
	default:
		return k.String()
	}
}

// Fault turns the problem back into the error that the server had.
func (p Problem) Fault() error {
	kind := fault.KindOf(p.Kind)
	message := p.Detail
	if p.Ref != "" {
		message += " (reference " + p.Ref + ")"
	}
	first := fault.New(kind, "%s", message).At(p.Place)
	first.Help = p.Help
	if len(p.Others) == 0 {
		return first
	}
	all := []error{first}
	for _, m := range p.Others {
		f := fault.New(kind, "%s", m.Detail).At(m.Place)
		f.Help = m.Help
		all = append(all, f)
	}
	return errors.Join(all...)
}

// Faults returns all faults of an error that joins several; at least one.
func Faults(err error) []*fault.Fault {
	joined, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err)
	if !ok {
		return []*fault.Fault{fault.Of(err)}
	}
	var all []*fault.Fault
	for _, e := range joined.Unwrap() {
		all = append(all, Faults(e)...)
	}
	return all
}
