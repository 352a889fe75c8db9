package lab

import (
	"context"
	"time"

	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/protocol"
	"secretome/internal/record"
)

// BoardQuery chooses what the board of runs shows.
type BoardQuery struct {
	State string         // active, review, finished, all; empty: active
	Query string         // in ID, title, protocol, barcode or the beginning of a hash
	Page  int            // from 1; 0 is 1
	Zone  *time.Location // of the day on the bench; nil: UTC
}

// PageOfRuns is how many runs one page of the board has.
const PageOfRuns = 50

// BoardRow is one run on the board.
type BoardRow struct {
	index.BoardRun
	index.Origin
	Columns []MapColumn
	Next    *Task // the open task that is due first; nil where there is none
}

// Need is one thing that needs somebody.
type Need struct {
	Kind string // PartBlocked, PartMissed, PartDue or PartReview
	Task
	What  string // of a decision: what departed
	Title string // of the run
}

// Board is one page of the board of runs.
type Board struct {
	BoardQuery
	Needs    []Need
	Rows     []BoardRow
	Counts   map[string]int // by state, without the query
	Found    int
	Pages    int
	Bench    []Task // of today, what was done first
	Overload bool   // the bench has more than is shown
	Opening  *Task  // whose window opens next; nil: no window is planned
	Now      time.Time
}

// mostNeeds is how many things on top of the board need somebody.
const mostNeeds = 3

// mostBench is how many tasks of one day are drawn.
const mostBench = 80

// parts are the states by which the board is filtered.
func parts() map[string]string {
	return map[string]string{"active": index.BoardActive, "review": index.BoardReview, "finished": index.BoardFinished, "all": ""}
}

// Board tells what needs somebody, and how far one page of the runs is. It fails
// with [fault.Invalid] for a state that is none.
func (l *Lab) Board(ctx context.Context, who record.Actor, q BoardQuery) (Board, error) {
	if err := Allowed(who, Look); err != nil {
		return Board{}, err
	}
	if q.State == "" {
		q.State = "active"
	}
	part, ok := parts()[q.State]
	if !ok {
		return Board{}, fault.New(fault.Invalid, "%q is no state of a run", q.State).Field("state").Try("states are: active, review, finished, all")
	}
	q.Page = max(q.Page, 1)
	b := Board{BoardQuery: q, Counts: map[string]int{}, Now: l.Now()}
	n, err := l.Index.BoardCounts(ctx)
	if err != nil {
		return b, err
	}
	b.Counts["active"], b.Counts["review"], b.Counts["finished"], b.Counts["all"] = n.Active, n.Review, n.Finished, n.Active+n.Review+n.Finished
	f := index.BoardFilter{Part: part, Query: q.Query, Limit: PageOfRuns, Offset: (q.Page - 1) * PageOfRuns}
	if err := l.boardRows(ctx, &b, f); err != nil {
		return b, err
	}
	if err := l.needs(ctx, &b); err != nil {
		return b, err
	}
	return b, l.today(ctx, &b)
}

// boardRows reads one page of runs and what their strips show.
func (l *Lab) boardRows(ctx context.Context, b *Board, f index.BoardFilter) error {
	rows, err := l.Index.Board(ctx, f)
	if err != nil {
		return err
	}
	b.Found = b.Counts[b.State]
	if f.Query != "" {
		if b.Found, err = l.Index.CountBoard(ctx, f); err != nil {
			return err
		}
	}
	b.Pages = (b.Found + PageOfRuns - 1) / PageOfRuns
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	stages, err := l.Index.StagesOf(ctx, ids)
	if err != nil {
		return err
	}
	tallies, err := l.Index.Tallies(ctx, ids, b.Now, true)
	if err != nil {
		return err
	}
	next, err := l.Index.NextTasks(ctx, ids)
	if err != nil {
		return err
	}
	origins, err := l.Index.Origins(ctx, ids)
	if err != nil {
		return err
	}
	ofRun := byRun(stages, tallies)
	for _, r := range rows {
		row := BoardRow{BoardRun: r, Origin: origins[r.ID]}
		mine := ofRun[r.ID]
		row.Columns = stageMap(l.outline(ctx, r.Protocol, mine.stages).plain(), r.Run, mine.stages, mine.tallies)
		if t, ok := next[r.ID]; ok {
			row.Next = &t
		}
		b.Rows = append(b.Rows, row)
	}
	return nil
}

type partsOfRun struct {
	stages  []index.Stage
	tallies []index.Tally
}

func byRun(stages []index.Stage, tallies []index.Tally) map[string]partsOfRun {
	all := map[string]partsOfRun{}
	for _, s := range stages {
		p := all[s.Run]
		p.stages = append(p.stages, s)
		all[s.Run] = p
	}
	for _, t := range tallies {
		p := all[t.Run]
		p.tallies = append(p.tallies, t)
		all[t.Run] = p
	}
	return all
}

// plain leaves out what no protocol plans: a strip has the protocol's stages.
func (o Outline) plain() Outline {
	var kept []Column
	for _, c := range o.Columns {
		if len(c.Titles) > 0 || !c.aside() {
			kept = append(kept, c)
		}
	}
	o.Columns = kept
	return o
}

// needs finds up to three things that need somebody: one of each kind first.
func (l *Lab) needs(ctx context.Context, b *Board) error {
	const near = 30 * time.Minute
	decisions, err := l.Index.Deciding(ctx, "", mostNeeds, 0)
	if err != nil {
		return err
	}
	missed, err := l.Index.Overdue(ctx, b.Now, mostNeeds)
	if err != nil {
		return err
	}
	closing, err := l.Index.Closing(ctx, b.Now, b.Now.Add(near), mostNeeds)
	if err != nil {
		return err
	}
	reviews, err := l.Index.OfStage(ctx, protocol.Reviewing, mostNeeds)
	if err != nil {
		return err
	}
	kinds := [][]Need{nil, needsOf(PartMissed, missed), needsOf(PartDue, closing), needsOf(PartReview, reviews)}
	for _, d := range decisions {
		kinds[0] = append(kinds[0], Need{Kind: PartBlocked, Task: d.Task})
	}
	for rank := range mostNeeds {
		for _, kind := range kinds {
			if rank < len(kind) && len(b.Needs) < mostNeeds {
				b.Needs = append(b.Needs, kind[rank])
			}
		}
	}
	return l.tellNeeds(ctx, b, decisions)
}

func needsOf(kind string, tasks []Task) []Need {
	all := make([]Need, len(tasks))
	for i, t := range tasks {
		all[i] = Need{Kind: kind, Task: t}
	}
	return all
}

// tellNeeds says of each need in which run it is, and of a decision what it is
// about.
func (l *Lab) tellNeeds(ctx context.Context, b *Board, decisions []index.Deciding) error {
	for i, n := range b.Needs {
		r, err := l.Index.Run(ctx, n.Run)
		if err != nil {
			return err
		}
		b.Needs[i].Title = r.Title
		for _, d := range decisions {
			if d.ID != n.ID {
				continue
			}
			deviation, _, err := l.Index.Deviation(ctx, d.Run, d.Deviation)
			if err != nil {
				return err
			}
			b.Needs[i].What = deviation.What
		}
	}
	return nil
}

// today reads what is at the bench today, and what opens next.
func (l *Lab) today(ctx context.Context, b *Board) error {
	zone := b.Zone
	if zone == nil {
		zone = time.UTC
	}
	now := b.Now.In(zone)
	from := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, zone)
	tasks, err := l.Index.Day(ctx, from, from.AddDate(0, 0, 1), mostBench)
	if err != nil {
		return err
	}
	b.Overload = len(tasks) > mostBench
	b.Bench = tasks[:min(len(tasks), mostBench)]
	next, ok, err := l.Index.Opening(ctx, b.Now)
	if ok {
		b.Opening = &next
	}
	return err
}

// Loads is who has how much to do.
type Loads struct {
	Now  time.Time
	Rows []index.Load
}

// Loads counts the open tasks of each person, and of each role those that nobody
// holds. Zone is that in which days begin.
func (l *Lab) Loads(ctx context.Context, who record.Actor, zone *time.Location) (Loads, error) {
	if err := Allowed(who, Look); err != nil {
		return Loads{}, err
	}
	now := l.Now().In(zone)
	day := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, zone)
	rows, err := l.Index.Loads(ctx, now, day.AddDate(0, 0, 1), day.AddDate(0, 0, 2))
	return Loads{now, rows}, err
}
