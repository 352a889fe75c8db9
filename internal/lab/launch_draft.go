package lab

import (
	"context"
	"errors"
	"slices"

	"github.com/google/uuid"

	"secretome/internal/account"
	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
)

// ProtocolApproved is what the signature of a launch means.
const ProtocolApproved = "Protocol approved for use"

// Checked is all that is told before a run is launched.
type Checked struct {
	Sketch
	Last    string // the run of this protocol before; empty: there is none
	LastOf  string // name and version of the protocol that it followed
	Changes []protocol.Change
	Renamed bool                // the protocol differs, and its version says so
	People  map[string][]string // by role, those who could be asked
}

// CheckDraft tells all that a launch of a draft would do.
func (l *Lab) CheckDraft(ctx context.Context, who record.Actor, id string) (Checked, error) {
	s, err := l.SketchDraft(ctx, who, id)
	if err != nil || !s.Known {
		return Checked{Sketch: s}, err
	}
	c := Checked{Sketch: s, People: map[string][]string{}}
	last, found, err := l.lastOf(ctx, s.Protocol)
	if err != nil {
		return c, err
	}
	if found {
		before, err := l.protocolOf(ctx, last.ID)
		if err != nil {
			return c, err
		}
		c.Last, c.LastOf, c.Changes = last.ID, before.Name(), protocol.Diff(before, s.Protocol)
		c.Renamed = before.Version != s.Protocol.Version
	}
	people, err := l.colleagues(ctx)
	for _, p := range people {
		c.People[p.Role] = append(c.People[p.Role], p.Name)
	}
	for _, role := range account.Roles() {
		slices.Sort(c.People[role])
	}
	return c, err
}

// LaunchDraft launches a draft as it was checked at a version, signed by whoever
// acts; that they proved anew who they are is the door's to ask. A draft is
// launched once, however often that is asked. It fails with [fault.Conflict] if
// the draft changed since, and with its faults if it has any.
func (l *Lab) LaunchDraft(ctx context.Context, who record.Actor, id string, version int) (Launched, error) {
	if err := l.mayDraft(who); err != nil {
		return Launched{}, err
	}
	l.Drafts.launching.Lock()
	defer l.Drafts.launching.Unlock()
	d, err := l.Drafts.get(who.Name, id)
	if err != nil {
		return Launched{}, err
	}
	if d.Launched != "" {
		return Launched{Run: d.Launched}, nil
	}
	if d.Version != version {
		return Launched{}, fault.New(fault.Conflict, "The draft was changed since you opened this page. Nothing was launched").Field("version").Try("read the plan again, then launch")
	}
	s, err := l.sketch(ctx, d)
	if err != nil {
		return Launched{}, err
	}
	if err := s.Err(); err != nil {
		return Launched{}, err
	}
	done, err := l.Launch(ctx, who, LaunchRequest{
		Request: d.request(), Document: []byte(d.Document), Name: d.Name, Title: d.Title, Start: s.Start, Speed: s.Speed, Rehearsal: d.Rehearsal,
		Donor: d.Donor, Lots: s.chosen(), Approval: record.Approval{Meaning: ProtocolApproved, Identity: who.Name},
	})
	if err != nil {
		return done, err
	}
	_, err = l.Drafts.change(who.Name, id, func(d *Draft) error { d.Launched = done.Run; return nil })
	return done, err
}

// request is the ID under which the draft is launched, always the same.
func (d Draft) request() string { return uuid.NewSHA1(uuid.MustParse(d.ID), []byte("launch")).String() }

// Err are all faults as one error; nil where there is none.
func (s Sketch) Err() error {
	var all []error
	for _, f := range s.Faults {
		all = append(all, f)
	}
	return errors.Join(all...)
}
