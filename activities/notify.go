package activities

import (
	"context"
	"time"
)

// The kinds of notices.
const (
	Reminder  = "reminder"   // a window is about to close
	Escalated = "escalation" // nobody answered
	Decide    = "decision"   // a deviation waits for its decision
	HeldRun   = "held"       // a recall reached a run
	Stopping  = "stopped"    // a run is being stopped
	LotOver   = "expired"    // a lot's time is over
)

// Notice tells somebody outside the program. It never says more of a donor than
// a code.
type Notice struct {
	ID       string    `json:"id"` // the same when it is sent again
	Kind     string    `json:"kind"`
	Channel  string    `json:"channel"` // one of Channels
	Run      string    `json:"run,omitempty"`
	Task     string    `json:"task,omitempty"`
	Title    string    `json:"title"`
	Text     string    `json:"text"`
	Role     string    `json:"role"`
	Due      time.Time `json:"due,omitzero"`
	Happened time.Time `json:"happened"`
	Zone     string    `json:"zone,omitempty"`
}

// Channels are the ways in which notices go; each is tried by itself, so that one
// that is down does not repeat the other.
func Channels() []string { return []string{"webhook", "e-mail"} }

// Notifier sends notices. Package notify is behind it.
type Notifier interface {
	Notify(ctx context.Context, n Notice) error
}

// Notify sends a notice once; whether another attempt may help is in its error.
// Where nothing is set up it does nothing.
func (a *Activities) Notify(ctx context.Context, n Notice) error {
	if a.Notifier == nil {
		return nil
	}
	return Encode(a.Notifier.Notify(ctx, n))
}
