package temporal

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"

	"github.com/rs/zerolog"
	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/log/tag"
)

// logger passes the server's warnings and errors on. The server says "info" for
// every part of it that starts, so that and less is dropped.
type logger struct {
	to    zerolog.Logger
	fatal chan error // the first fatal message
	muted atomic.Bool
}

// noNexus begins the server's warning that it has no HTTP API, each time it
// starts. It has none because nobody needs it.
const noNexus = "HTTP API port has not been set."

var _ log.Logger = (*logger)(nil)

func newLogger(to zerolog.Logger) *logger {
	return &logger{to: to.With().Str("server", "temporal").Logger(), fatal: make(chan error, 1)}
}

// mute silences the logger: while the server stops, its own workers complain
// that they cannot reach it.
func (l *logger) mute() { l.muted.Store(true) }

// Debug drops the message.
func (l *logger) Debug(string, ...tag.Tag) {}

// Info drops the message.
func (l *logger) Info(string, ...tag.Tag) {}

// Warn passes the message on.
func (l *logger) Warn(msg string, tags ...tag.Tag) { l.pass(l.to.Warn(), msg, tags) }

// Error passes the message on.
func (l *logger) Error(msg string, tags ...tag.Tag) { l.pass(l.to.Error(), msg, tags) }

// DPanic passes the message on: it panics only in development.
func (l *logger) DPanic(msg string, tags ...tag.Tag) { l.pass(l.to.Error(), msg, tags) }

// Panic passes the message on and panics, as the server relies on.
func (l *logger) Panic(msg string, tags ...tag.Tag) {
	l.pass(l.to.Error(), msg, tags)
	panic(msg)
}

// Fatal hands the message to whoever watches the server and holds the goroutine
// for good. It must not return, the server relies on that; it must not end the
// process, which has more in it; and the server has places that take the end of
// a goroutine for a panic.
func (l *logger) Fatal(msg string, tags ...tag.Tag) {
	l.pass(l.to.Error(), msg, tags)
	err := errors.New(msg)
	for _, t := range tags {
		if t.Key() == "error" {
			err = fmt.Errorf("%s: %v", msg, t.Value())
		}
	}
	select {
	case l.fatal <- err:
	default: // one is enough
	}
	select {}
}

func (l *logger) pass(e *zerolog.Event, msg string, tags []tag.Tag) {
	if l.muted.Load() || strings.HasPrefix(msg, noNexus) {
		return
	}
	for _, t := range tags {
		e = e.Interface(t.Key(), t.Value())
	}
	e.Msg(msg)
}
