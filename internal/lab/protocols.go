package lab

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"secretome/activities"
	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/protocol"
	"secretome/internal/record"
)

// ProtocolRow is one version of a protocol by which runs went. Two documents with
// the same name and version are two rows: the hash tells them apart.
type ProtocolRow struct {
	ID, Version string
	Hash        string // SHA-256 of its canonical JSON: its identity
	Title       string // of its newest run
	Runs        []ProtocolRun
}

// First and Last are when its first and its newest run were launched.
func (r ProtocolRow) First() time.Time { return r.Runs[len(r.Runs)-1].Started }

// Last is when its newest run was launched.
func (r ProtocolRow) Last() time.Time { return r.Runs[0].Started }

// ProtocolRun is a run by a protocol. Launching it approved the protocol for it.
type ProtocolRun struct {
	Run, Title string
	State      string
	Started    time.Time
	By         record.Actor // who launched it, or changed it to this version
	Amended    bool         // the run was changed to this version on its way
	Number     int64        // of the record of that
	Simulated  bool
}

// Protocols lists the versions of protocols by which runs went, by name, the
// newest version first.
func (l *Lab) Protocols(ctx context.Context, who record.Actor) ([]ProtocolRow, error) {
	if err := Allowed(who, Look); err != nil {
		return nil, err
	}
	runs, err := l.Index.Runs(ctx, index.RunFilter{})
	if err != nil {
		return nil, err
	}
	followings, err := l.Index.Followings(ctx)
	if err != nil {
		return nil, err
	}
	of := map[string][]index.Following{}
	for _, f := range followings {
		of[f.Run] = append(of[f.Run], f)
	}
	var rows []ProtocolRow
	for _, run := range runs {
		for _, f := range of[run.ID] {
			i := slices.IndexFunc(rows, func(r ProtocolRow) bool { return r.Hash == f.Hash })
			if i < 0 {
				id, version := nameAndVersion(f.Name)
				i, rows = len(rows), append(rows, ProtocolRow{ID: id, Version: version, Hash: f.Hash, Title: run.Title})
			}
			rows[i].Runs = append(rows[i].Runs, ProtocolRun{
				Run: run.ID, Title: run.Title, State: run.State, Started: f.Happened, By: f.By, Amended: f.Amended, Number: f.Number, Simulated: run.Simulated,
			})
		}
	}
	slices.SortStableFunc(rows, func(a, b ProtocolRow) int {
		return cmp.Or(strings.Compare(a.ID, b.ID), b.Last().Compare(a.Last()))
	})
	return rows, nil
}

// nameAndVersion takes "UC-CM-COMPACT 1.0" apart.
func nameAndVersion(name string) (id, version string) {
	id, version, _ = strings.Cut(name, " ")
	return id, version
}

// ProtocolView is one version of a protocol with its document.
type ProtocolView struct {
	ProtocolRow
	Protocol protocol.Protocol
	Others   []ProtocolRow // further versions of the same protocol
	Advice   []string      // what a reviewer of the study would ask about
}

// Protocol tells one version of a protocol; where several documents have that
// name and version, the one whose hash begins so, or the newest. It fails with
// [fault.NotFound].
func (l *Lab) Protocol(ctx context.Context, who record.Actor, id, version, hash string) (ProtocolView, error) {
	rows, err := l.Protocols(ctx, who)
	if err != nil {
		return ProtocolView{}, err
	}
	return l.protocolAmong(ctx, rows, id, version, hash)
}

// protocolAmong is Protocol over a list that was read before.
func (l *Lab) protocolAmong(ctx context.Context, rows []ProtocolRow, id, version, hash string) (v ProtocolView, err error) {
	for _, r := range rows {
		switch {
		case r.ID != id:
		case v.Hash == "" && r.Version == version && strings.HasPrefix(r.Hash, hash):
			v.ProtocolRow = r
		default:
			v.Others = append(v.Others, r)
		}
	}
	if v.Hash == "" {
		return v, fault.New(fault.NotFound, "no run went by a protocol %s %s", id, version).Try("see the list of protocols")
	}
	v.Protocol, err = activities.Load[protocol.Protocol](ctx, l.Artifacts, v.Hash)
	v.Title, v.Advice = v.Protocol.Title, v.Protocol.Advice()
	return v, err
}

// ProtocolDiff is what one version of a protocol says otherwise than another.
type ProtocolDiff struct {
	Old, New ProtocolView
	Changes  []protocol.Change
}

// ProtocolDiff compares two versions of a protocol, each named by version or by
// the begin of its hash. It fails with [fault.NotFound].
func (l *Lab) ProtocolDiff(ctx context.Context, who record.Actor, id, a, b string) (ProtocolDiff, error) {
	var d ProtocolDiff
	rows, err := l.Protocols(ctx, who)
	if err != nil {
		return d, err
	}
	if d.Old, err = l.protocolNamed(ctx, rows, id, a); err != nil {
		return d, err
	}
	if d.New, err = l.protocolNamed(ctx, rows, id, b); err != nil {
		return d, err
	}
	d.Changes = protocol.Diff(d.Old.Protocol, d.New.Protocol)
	return d, nil
}

func (l *Lab) protocolNamed(ctx context.Context, rows []ProtocolRow, id, name string) (ProtocolView, error) {
	if name == "" {
		return ProtocolView{}, fault.New(fault.Invalid, "Choose two versions to compare").Field("a")
	}
	const least = 8 // characters of a hash that tell documents apart
	for _, r := range rows {
		if r.ID == id && len(name) >= least && strings.HasPrefix(r.Hash, name) {
			return l.protocolAmong(ctx, rows, id, r.Version, name)
		}
	}
	return l.protocolAmong(ctx, rows, id, name, "")
}
