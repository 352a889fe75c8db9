package schedule

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"secretome/internal/fault"
	"secretome/internal/lab"
	"secretome/internal/record"
	"secretome/internal/sample"
	"secretome/internal/task"
)

// told is one answer that a client got.
type told struct {
	client    int
	request   string
	lot       string // barcode, or
	task      int    // number of the task
	onTask    bool
	act       task.Act      // what was asked of the task
	onLot     sample.LotAct // what was asked of the lot
	call, ret int64         // nanoseconds of the clock of the test
	ref       record.Ref    // what answered it; zero: it was refused
	answer    task.Answer
	state     string // of the lot
	left      string
	err       *fault.Fault
}

func (a told) accepted() bool { return a.err == nil }

// long is how many bytes a long text has. It stands three times in a history, of
// which the server wants a new one after 4 MiB.
const long = 180_000

// play is a schedule that is being done.
type play struct {
	*world
	plan
	n     int
	begin time.Time

	mu    sync.Mutex
	told  []told
	draws [lots][]int64 // numbers of the draws that clients made by hand
}

func (p *play) since() int64 { return time.Since(p.begin).Nanoseconds() }

// run does a schedule, and returns all answers.
func (w *world) run(t *testing.T, s plan, n int) *play {
	t.Helper()
	p := &play{world: w, plan: s, n: n, begin: time.Now()}
	w.launch(t, n)
	p.stock(t)
	var all sync.WaitGroup
	for i, deeds := range s.Clients {
		all.Go(func() {
			for _, d := range deeds {
				p.do(t.Context(), i, d)
			}
		})
	}
	all.Wait()
	if s.Long {
		p.again(t.Context())
	}
	return p
}

// again sends the first requests of all once more, now that what they were sent to
// has turned a page.
func (p *play) again(ctx context.Context) {
	const some = 20
	for _, a := range slices.Clone(p.told[:min(some, len(p.told))]) {
		if a.accepted() {
			p.ask(ctx, a)
		}
	}
}

// stock registers and releases the lots. A lot that has expired already is one
// before the first client comes.
func (p *play) stock(t *testing.T) {
	t.Helper()
	for lot, amount := range p.Amounts {
		body := record.LotAct{Kind: "reagent", Title: "medium", Amount: amount}
		if lot == 1 && p.Expires > 0 {
			body.Expires = time.Now().UTC().Add([]time.Duration{0, 0, 400 * time.Millisecond}[p.Expires]).Truncate(time.Millisecond)
		}
		p.send(t.Context(), told{client: 2, lot: lotCode(p.n, lot), onLot: sample.LotAct{Kind: record.LotRegistered, Body: body}}, once)
		p.send(t.Context(), told{client: len(people()) - 1, lot: lotCode(p.n, lot), onLot: sample.LotAct{Kind: record.LotReleased}}, once)
	}
}

func (p *play) do(ctx context.Context, who int, d deed) {
	a := told{client: who}
	if d.Task == "" {
		a.lot = lotCode(p.n, d.On)
		a.onLot = p.toLot(d)
	} else {
		a.onTask, a.task = true, d.On
		a.act = p.toTask(d)
	}
	p.send(ctx, a, d.Sent)
}

// send sends an act once or more often, always as the same request.
func (p *play) send(ctx context.Context, a told, how int) {
	a.request = uuid.NewString()
	a.act.Request, a.onLot.Request = a.request, a.request
	a.act.By, a.onLot.By = people()[a.client], people()[a.client]
	a.onLot.Happened = time.Now().UTC().Truncate(time.Millisecond)
	var both sync.WaitGroup
	if how == twice {
		both.Go(func() { p.ask(ctx, a) })
	}
	p.ask(ctx, a)
	both.Wait()
	if how == afterwards {
		p.ask(ctx, a)
	}
}

// ask asks until there is an answer: what nobody answers is asked again.
func (p *play) ask(ctx context.Context, a told) {
	who := people()[a.client]
	a.call = p.since()
	for {
		var err error
		if a.onTask {
			var acted lab.Acted
			acted, err = p.lab.Act(ctx, who, taskID(p.n, a.task), a.act)
			a.answer, a.ref = acted.Answer, acted.Record
		} else {
			var acted lab.LotActed
			acted, err = p.lab.ActOnLot(ctx, who, lab.LotRequest{Request: a.request, Barcode: a.lot, Kind: a.onLot.Kind, Happened: a.onLot.Happened, Body: a.onLot.Body})
			a.ref, a.state, a.left = acted.Record, acted.State, acted.Left
		}
		if fault.Is(err, fault.Unavailable) && ctx.Err() == nil {
			continue
		}
		if err != nil {
			a.err, a.ref = fault.Of(err), record.Ref{}
			if a.err.Kind == fault.Internal {
				a.err.Message = err.Error()
			}
		}
		break
	}
	a.ret = p.since()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = append(p.told, a)
	if a.accepted() && a.onLot.Kind == record.LotDrawn {
		for lot := range lots {
			if a.lot == lotCode(p.n, lot) {
				p.draws[lot] = append(p.draws[lot], a.ref.Number)
			}
		}
	}
}

func (p *play) toLot(d deed) sample.LotAct {
	a := sample.LotAct{Kind: d.Lot}
	switch d.Lot {
	case record.LotDrawn:
		a.Body.Amount = d.Amount
	case record.LotReturned, record.LotCorrected, record.LotWrittenOff:
		p.mu.Lock()
		defer p.mu.Unlock()
		a.Body.Draw, a.Body.Why = 1, "misread" // record 1 is no draw
		if made := p.draws[d.On]; len(made) > 0 {
			a.Body.Draw = made[d.Pick%len(made)]
		}
		if d.Lot == record.LotCorrected {
			a.Body.Amount = d.Amount
		}
	case record.LotMoved:
		a.Body.Place = "freezer 2"
	case record.LotOpened:
		a.Body.Why = strings.Repeat("opened, ", long/8)
	default:
		a.Body.Why = "a question"
	}
	return a
}

func (p *play) toTask(d deed) task.Act {
	a := task.Act{Verb: d.Task, Step: d.Step, Reason: "as read again"}
	entry := func(field, value string) { a.Entries = append(a.Entries, record.Entry{Field: field, Value: value}) }
	switch d.Step {
	case "take":
		entry("lot", lotCode(p.n, d.From))
		entry("volume", d.Amount)
	case "split":
		entry("parent", parentCode(p.n))
		entry("medium", lotCode(p.n, d.From))
		entry("child", childCode(p.n, d.On, d.Pick%2))
	case "fill":
		entry("vial", vialCode(p.n, d.Pick%vials))
		entry("source", lotCode(p.n, d.From))
		entry("volume", d.Amount)
	}
	if d.Task == task.Comment && p.Long {
		a.Reason = strings.Repeat("comment ", long/8)
	}
	if d.Task == task.HandOver {
		heirs := []string{"Tim", "Tea", "Tom"}
		a.To = heirs[d.Pick%len(heirs)]
	}
	return a
}
