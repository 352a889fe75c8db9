package activities

import (
	"errors"

	"go.temporal.io/sdk/temporal"

	"secretome/internal/fault"
)

// Encode turns an error into one that survives the way through Temporal: the
// fault's kind becomes the type, and kinds that trying again cannot cure are
// not retried. [Decode] is its inverse.
func Encode(err error) error {
	if err == nil {
		return nil
	}
	f := fault.Of(err)
	message := f.Message
	if f.Kind == fault.Internal {
		message = err.Error() // for the log of whoever operates the server
	}
	options := temporal.ApplicationErrorOptions{NonRetryable: !f.Kind.Meaning().Retry, Cause: errors.Unwrap(f), Details: []any{details{f.Place, f.Help}}}
	return temporal.NewApplicationErrorWithOptions(message, f.Kind.String(), options)
}

type details struct {
	Place fault.Place `json:"place"`
	Help  string      `json:"help,omitempty"`
}

// Decode finds the fault in an error that came through Temporal; an error
// without one is returned as it is.
func Decode(err error) error {
	applied, ok := errors.AsType[*temporal.ApplicationError](err)
	if !ok {
		return err
	}
	kind := fault.KindOf(applied.Type())
	if kind == fault.Internal {
		return err
	}
	var d details
	f := fault.New(kind, "%s", applied.Message())
	if applied.HasDetails() && applied.Details(&d) == nil {
		f.Place, f.Help = d.Place, d.Help
	}
	return f
}
