package lab

import (
	"cmp"
	"context"
	"slices"
	"time"

	"secretome/internal/index"
	"secretome/internal/record"
)

// Whose tasks a day has.
const (
	MineAndFree = "open" // held by whoever asks, and what nobody holds and they may do
	Mine        = "me"
	Everybodys  = "all"
)

// DayRequest asks for some rows of a day.
type DayRequest struct {
	Whose    string    // MineAndFree, Mine or Everybodys
	Now      time.Time // in the zone whose days count
	From, To int       // rows, from 0; To excluded
}

// Day is the tasks that wait for somebody, by the part of the day in which their
// windows stand; see [index.Index.Inbox].
type Day struct {
	Tasks []Task
	Found int   // of all rows
	Next  *Task // whose window opens next, of anybody's; nil: none

	stages stageTitles
}

// Stage is the title of a task's stage, or else its name.
func (d Day) Stage(t Task) string { return d.stages.of(t) }

// stageTitles are the titles of stages, by run and stage.
type stageTitles map[[2]string]string

func (s stageTitles) of(t Task) string { return cmp.Or(s[[2]string{t.Run, t.Stage}], t.Stage) }

// Day tells what there is to do.
func (l *Lab) Day(ctx context.Context, who record.Actor, q DayRequest) (d Day, err error) {
	if err := Allowed(who, Look); err != nil {
		return Day{}, err
	}
	in := inbox(who, q.Whose)
	in.Now, in.From, in.To = q.Now, q.From, q.To
	if d.Tasks, d.Found, err = l.Index.Inbox(ctx, in); err != nil {
		return Day{}, err
	}
	var runs []string
	for _, t := range d.Tasks {
		runs = append(runs, t.Run)
	}
	slices.Sort(runs)
	if d.stages, err = l.Index.StageTitles(ctx, slices.Compact(runs)...); err != nil {
		return Day{}, err
	}
	next, ok, err := l.Index.Opening(ctx, q.Now)
	if ok {
		d.Next = &next
	}
	return d, err
}

func inbox(who record.Actor, whose string) index.Inbox {
	switch whose {
	case Everybodys:
		return index.Inbox{All: true}
	case Mine:
		return index.Inbox{Holder: who.Name}
	}
	return index.Inbox{Holder: who.Name, Role: who.Role}
}

// Counts is what waits, for the rail beside every page.
type Counts struct {
	Tasks     int // of whoever asks, and that nobody holds and they may do
	Decisions int // deviations that wait for a decision, of all runs
}

// Counts tells what waits.
func (l *Lab) Counts(ctx context.Context, who record.Actor) (c Counts, err error) {
	if err := Allowed(who, Look); err != nil {
		return Counts{}, err
	}
	if c.Tasks, err = l.Index.Waiting(ctx, inbox(who, MineAndFree)); err != nil {
		return Counts{}, err
	}
	c.Decisions, err = l.Index.CountDeciding(ctx, "")
	return c, err
}

// Change is a row of the index, as doors see it.
type Change = index.Change

// Changes lists up to limit records that the index took behind a sequence number.
func (l *Lab) Changes(ctx context.Context, who record.Actor, after int64, limit int) ([]Change, error) {
	if err := Allowed(who, Look); err != nil {
		return nil, err
	}
	return l.Index.Changes(ctx, after, limit)
}

// Changed returns a channel that is closed with the next change, and the sequence
// number of the last one. The channel comes first, so that nothing falls between.
func (l *Lab) Changed(ctx context.Context) (next <-chan struct{}, last int64, err error) {
	next = l.Index.Changed()
	last, err = l.Index.Sequence(ctx)
	return next, last, err
}
