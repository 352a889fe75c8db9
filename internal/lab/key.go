package lab

import (
	"context"
	"maps"
	"slices"

	"secretome/activities"
	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/quantity"
	"secretome/internal/record"
	"secretome/internal/task"
	"secretome/workflows"
)

// Vault opens what is blinded. Package vault implements it.
type Vault = activities.Vault

// Bottle is one line of a block's key.
type Bottle struct {
	Code  string // on the bottle, and on the layout
	Group protocol.Group
	Wells int // that it fills in this block
}

// Key is which code is which group in one block.
type Key struct {
	Run, Model, Block string
	Fraction          quantity.Quantity // that all treated groups of the model share
	Bottles           []Bottle          // by code
	Record            record.Ref        // that says who saw it
}

// ReadKey shows the holder of a task that opens the key which code is which
// group in the task's block. That they saw it is recorded first; from then on
// they get no blind task of the run. It fails with [fault.Refused] for another
// task, and with [fault.Conflict] for somebody who does not hold it.
func (l *Lab) ReadKey(ctx context.Context, who record.Actor, request, id string) (Key, error) {
	if err := Allowed(who, ReadKey); err != nil {
		return Key{}, err
	}
	if err := checkRequest(request); err != nil {
		return Key{}, err
	}
	spec, err := l.mayOpen(ctx, who, id)
	if err != nil {
		return Key{}, err
	}
	k := Key{Run: runOf(id), Model: spec.Subject.Model, Block: spec.Subject.Block}
	drawing, p, err := l.unsealed(ctx, k.Run)
	if err != nil {
		return Key{}, err
	}
	if k.Record, err = l.sawKey(ctx, who, request, id, spec.Subject); err != nil {
		return Key{}, err
	}
	for _, m := range p.Models {
		if m.ID == k.Model {
			k.Fraction = m.Fraction
		}
	}
	codes := drawing.Codes(k.Model, k.Block)
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		k.Bottles = append(k.Bottles, Bottle{code, p.Group(k.Model, codes[code]), drawing.Plan.Wells(k.Model, k.Block, code)})
	}
	return k, nil
}

// mayOpen refuses everybody but the holder of a task that opens the key.
func (l *Lab) mayOpen(ctx context.Context, who record.Actor, id string) (task.Spec, error) {
	spec, err := l.spec(ctx, id)
	if err != nil {
		return spec, err
	}
	if !spec.Task.OpensKey {
		return spec, fault.New(fault.Refused, "task %q opens no key", spec.Task.ID).Try("the key is shown to who holds a task that the protocol marks opens_key")
	}
	state, err := query[task.State](ctx, l, id, workflows.QueryState)
	if err == nil && (state.Phase != task.Claimed || state.Holder.Name != who.Name) {
		err = fault.New(fault.Conflict, "you do not hold this task: it is %s", state.Phase).Try("take it first: secretome task claim %s", id)
	}
	return spec, err
}

// sawKey records that somebody saw a block's key.
func (l *Lab) sawKey(ctx context.Context, who record.Actor, request, id string, about record.Subject) (record.Ref, error) {
	d, err := l.draft(who, workflows.Logbook(runOf(id)), request, record.KeySeen, record.Note{Text: "which code is which group in " + about.Model + ", block " + about.Block})
	if err != nil {
		return record.Ref{}, err
	}
	d.Subject = about
	first, err := l.firstRecord(ctx, runOf(id))
	if err != nil {
		return record.Ref{}, err
	}
	d.Protocol, d.Rehearsal = first.Protocol, first.Rehearsal
	r, err := l.Logbooks.Append(ctx, d)
	if err != nil {
		return record.Ref{}, err
	}
	if r.Kind != record.KeySeen || r.By.Name != who.Name || r.Subject.Task != id {
		return record.Ref{}, reused(r)
	}
	ref, err := r.Ref()
	if err == nil {
		l.shown(ctx, ref)
	}
	return ref, err
}

// unsealed opens a run's allocation, and reads its protocol.
func (l *Lab) unsealed(ctx context.Context, run string) (d protocol.Drawing, p protocol.Protocol, err error) {
	body, err := l.allocation(ctx, run)
	if err != nil {
		return d, p, err
	}
	sealed, err := l.Artifacts.Bytes(ctx, body.Sealed.SHA256)
	if err != nil {
		return d, p, err
	}
	secret, err := activities.Unseal(l.Vault, sealed, body.Commitment)
	if err != nil {
		return d, p, err
	}
	p, err = l.protocolOf(ctx, run)
	return secret.Drawing, p, err
}

// allocation reads what was drawn for a run. It fails with [fault.NotFound].
func (l *Lab) allocation(ctx context.Context, run string) (record.Allocation, error) {
	records, err := l.Index.Records(ctx, run, 0, 1, record.Allocated)
	if err != nil {
		return record.Allocation{}, err
	}
	if len(records) == 0 {
		return record.Allocation{}, fault.New(fault.NotFound, "nothing was drawn for run %s: its layouts stand in the protocol", run).Try("see them with: secretome protocol view")
	}
	return record.Read[record.Allocation](records[0])
}

func (l *Lab) protocolOf(ctx context.Context, run string) (protocol.Protocol, error) {
	first, err := l.firstRecord(ctx, run)
	if err != nil {
		return protocol.Protocol{}, err
	}
	launch, err := record.Read[record.Launch](first)
	if err != nil {
		return protocol.Protocol{}, err
	}
	return activities.Load[protocol.Protocol](ctx, l.Artifacts, launch.Protocol.SHA256)
}

// Plates returns the layouts that were drawn for a run, with codes in the place
// of sealed groups. It fails with [fault.NotFound] where none were drawn.
func (l *Lab) Plates(ctx context.Context, who record.Actor, run string) (protocol.Plan, error) {
	if err := Allowed(who, Look); err != nil {
		return protocol.Plan{}, err
	}
	if _, err := l.firstRecord(ctx, run); err != nil {
		return protocol.Plan{}, err
	}
	body, err := l.allocation(ctx, run)
	if err != nil {
		return protocol.Plan{}, err
	}
	return activities.Load[protocol.Plan](ctx, l.Artifacts, body.Plan.SHA256)
}

// checkBlind keeps who has seen a key of the run from its blind tasks.
func (l *Lab) checkBlind(ctx context.Context, id string, a task.Act) error {
	if a.Verb == task.Release || a.Verb == task.Comment || a.Verb == task.Deviate {
		return nil
	}
	spec, err := l.spec(ctx, id)
	if err != nil || !spec.Task.Blind {
		return err
	}
	person := a.By.Name
	if a.Verb == task.HandOver {
		person = a.To
	}
	seen, err := l.Index.Records(ctx, runOf(id), 0, pageOfRecords, record.KeySeen)
	if err != nil {
		return err
	}
	for _, r := range seen {
		if r.By.Name == person {
			return fault.New(fault.Refused, "%s has seen which code is which group (record %d), and this task is blind", person, r.Number).
				Try("let somebody else do it, who has not filled coded bottles in this run")
		}
	}
	return nil
}
