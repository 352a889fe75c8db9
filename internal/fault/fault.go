// Package fault has the errors that this program explains to people: what is
// wrong, where it is, and what to do next. An error that is not a fault is a
// bug or an outage; doors log it in full and show only "internal error".
package fault

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Kind says what went wrong, in a way that every door understands.
type Kind int

// The kinds. Their names are stored in records and sent over the API, so the
// list only grows.
const (
	Internal    Kind = iota // a bug; never shown in detail
	Invalid                 // the input is wrong and will stay wrong
	Forbidden               // this person may not do this, or must sign in
	NotFound                // the thing named does not exist
	Conflict                // the thing exists already, or has moved on
	Refused                 // a rule of the laboratory says no
	Unavailable             // a server cannot be reached; safe to try again
	Corrupt                 // stored bytes do not match their hash
	Usage                   // the command was called the wrong way
	Different               // done, and the answer is no
	Timeout                 // the time given for waiting is over
	Limited                 // too many tries; see Wait
)

// Meaning is what a kind means at the edges of the program.
type Meaning struct {
	Name  string
	HTTP  int  // status of the HTTP API
	Exit  int  // exit code of the command line: a promise to scripts
	Retry bool // whether the same request may succeed later
}

// meanings is indexed by Kind.
var meanings = [...]Meaning{
	Internal:    {"internal", 500, 11, true},
	Invalid:     {"invalid", 422, 2, false},
	Forbidden:   {"forbidden", 403, 4, false},
	NotFound:    {"not-found", 404, 5, false},
	Conflict:    {"conflict", 409, 6, false},
	Refused:     {"refused", 422, 7, false},
	Unavailable: {"unavailable", 503, 8, true},
	Corrupt:     {"corrupt", 500, 10, false},
	Usage:       {"usage", 400, 2, false},
	Different:   {"different", 409, 1, false},
	Timeout:     {"timeout", 504, 9, true},
	Limited:     {"limited", 429, 8, true},
}

// Meaning returns what k means at the edges.
func (k Kind) Meaning() Meaning { return meanings[k] }

// String returns the name of the kind, as records and the API have it.
func (k Kind) String() string { return meanings[k].Name }

// KindOf returns the kind with the given name, and Internal for an unknown one.
func KindOf(name string) Kind {
	for k, m := range meanings {
		if m.Name == name {
			return Kind(k)
		}
	}
	return Internal
}

// Place is where in an input the fault lies. Fields that do not apply are zero.
type Place struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
	Field  string `json:"field,omitempty"`
	Well   string `json:"well,omitempty"`
}

// String prints the place as file:line:column, then field and well.
func (p Place) String() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		if p.File == "" {
			b.WriteString("line ")
		} else {
			b.WriteByte(':')
		}
		fmt.Fprint(&b, p.Line)
		if p.Column > 0 {
			fmt.Fprintf(&b, ":%d", p.Column)
		}
	}
	for _, part := range []struct{ word, value string }{{"field", p.Field}, {"well", p.Well}} {
		if part.value == "" {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(part.word + " " + part.value)
	}
	return b.String()
}

// Fault is one explained error.
type Fault struct {
	Kind    Kind
	Message string        // one sentence for a person: what is wrong
	Place   Place         // where
	Help    string        // what to do next; may be empty
	Wait    time.Duration // how long until the same may succeed; 0: nobody knows
	cause   error         // for the log; may be nil
}

// New returns a fault with a message that a person can read.
func New(k Kind, format string, args ...any) *Fault {
	return &Fault{Kind: k, Message: fmt.Sprintf(format, args...)}
}

// Wrap explains cause to a person without showing it. It returns nil for a nil
// cause, typed as error so that the result can be returned as it is.
func Wrap(cause error, k Kind, format string, args ...any) error {
	if cause == nil {
		return nil
	}
	f := New(k, format, args...)
	f.cause = cause
	return f
}

// At says where the fault lies.
func (f *Fault) At(p Place) *Fault { f.Place = p; return f }

// Field says in which field of a form or document the fault lies.
func (f *Fault) Field(name string) *Fault { f.Place.Field = name; return f }

// Try says what to do next.
func (f *Fault) Try(format string, args ...any) *Fault {
	f.Help = fmt.Sprintf(format, args...)
	return f
}

// Sentence returns place and message, as a person sees them.
func (f *Fault) Sentence() string {
	if at := f.Place.String(); at != "" {
		return at + ": " + f.Message
	}
	return f.Message
}

// Error returns the sentence and, for the log, the cause.
func (f *Fault) Error() string {
	if f.cause == nil {
		return f.Sentence()
	}
	return f.Sentence() + ": " + f.cause.Error()
}

// Unwrap returns the cause.
func (f *Fault) Unwrap() error { return f.cause }

// Of returns the fault in err's chain. An error without one becomes an
// internal fault that shows nothing of it.
func Of(err error) *Fault {
	if f, ok := errors.AsType[*Fault](err); ok {
		return f
	}
	return &Fault{Kind: Internal, Message: "internal error", cause: err}
}

// Is reports whether err is a fault of kind k.
func Is(err error, k Kind) bool {
	f, ok := errors.AsType[*Fault](err)
	return ok && f.Kind == k
}
