package lab

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"secretome/internal/index"
	"secretome/internal/protocol"
	"secretome/internal/run"
)

// The states of a part of a run, as its map says them.
const (
	PartPlanned = "planned" // not begun
	PartActive  = "active"  // a task waits for somebody
	PartWaiting = "waiting" // nothing to do but to wait
	PartDue     = "due"     // a window is open, and will close
	PartMissed  = "missed"  // a window has closed
	PartBlocked = "blocked" // a decision waits
	PartDone    = "done"
	PartReview  = "review"
	PartSigned  = "signed"
	PartStopped = "stopped" // ended in another way than done
)

// MapColumn is one column of the map of a run: one part, or one for each model
// that goes through it.
type MapColumn struct {
	Column
	Parts []MapPart
}

// MapPart is a stage, of one model where it has models.
type MapPart struct {
	Stage, Model   string
	Title          string // of the stage
	Name           string // of the model
	State          string
	Why            string // of one that did not end as done
	Share          int    // of 100: how far, where it is in progress
	Started, Ended time.Time
	Blocks         []MapBlock
	index.Tally
}

// MapBlock is one independent repeat of a part.
type MapBlock struct {
	Block string
	State string
	Why   string
}

// stageMap lays out what was started, and what the protocol has besides.
func stageMap(o Outline, r index.Run, stages []index.Stage, tallies []index.Tally) []MapColumn {
	var columns []MapColumn
	for _, c := range o.Columns {
		column := MapColumn{Column: c}
		for _, model := range c.models(o, stages) {
			column.Parts = append(column.Parts, partOf(o, c, model, r, stages, tallies))
		}
		columns = append(columns, column)
	}
	return columns
}

// models are those that go through a column; "" is once a run.
func (c Column) models(o Outline, stages []index.Stage) []string {
	if !c.ByModel {
		return []string{""}
	}
	var all []string
	for _, m := range o.Models {
		_, planned := c.Titles[m.ID]
		if planned || slices.ContainsFunc(stages, func(s index.Stage) bool { return s.Stage == c.Stage && s.Model == m.ID }) {
			all = append(all, m.ID)
		}
	}
	return all
}

func partOf(o Outline, c Column, model string, r index.Run, stages []index.Stage, tallies []index.Tally) MapPart {
	p := MapPart{Stage: c.Stage, Model: model, Title: c.Title, State: PartPlanned}
	blocks := 1
	for _, m := range o.Models {
		if m.ID == model {
			p.Name, blocks = m.Title, m.Blocks
		}
	}
	if title := c.Titles[model]; title != "" {
		p.Title = title
	}
	planned := 0
	for _, s := range stages {
		if s.Stage != c.Stage || s.Model != model {
			continue
		}
		t := tallyOf(tallies, s)
		p.count(t)
		planned += max(s.Tasks, t.Asked)
		p.Blocks = append(p.Blocks, MapBlock{s.Block, blockState(s, t, r), s.Why})
		p.span(s)
	}
	slices.SortStableFunc(p.Blocks, func(a, b MapBlock) int { return cmp.Or(len(a.Block)-len(b.Block), strings.Compare(a.Block, b.Block)) })
	for len(p.Blocks) > 0 && len(p.Blocks) < blocks {
		p.Blocks = append(p.Blocks, MapBlock{State: PartPlanned})
	}
	p.join()
	if planned > 0 {
		p.Share = min(100, 100*p.Done/planned)
	}
	return p
}

func tallyOf(all []index.Tally, s index.Stage) index.Tally {
	for _, t := range all {
		if t.Run == s.Run && t.Stage == s.Stage && t.Model == s.Model && t.Block == s.Block {
			return t
		}
	}
	return index.Tally{}
}

func (p *MapPart) count(t index.Tally) {
	p.Asked += t.Asked
	p.Done += t.Done
	p.Open += t.Open
	p.Now += t.Now
	p.Missed += t.Missed
	p.Blocked += t.Blocked
}

// span reaches from the first beginning to the last end.
func (p *MapPart) span(s index.Stage) {
	if p.Started.IsZero() || s.Started.Before(p.Started) {
		p.Started = s.Started
	}
	if s.Ended.After(p.Ended) {
		p.Ended = s.Ended
	}
}

// blockState is how one block of a stage stands.
func blockState(s index.Stage, t index.Tally, r index.Run) string {
	switch {
	case s.State == index.Ended && s.Outcome != string(run.Done):
		return PartStopped
	case s.State == index.Ended && s.Stage == protocol.Reviewing:
		return PartSigned
	case s.State == index.Ended:
		return PartDone
	case r.State == index.Ended: // a run that ended from outside leaves its stages open
		return PartStopped
	case t.Blocked > 0:
		return PartBlocked
	case t.Missed > 0:
		return PartMissed
	case s.Stage == protocol.Reviewing:
		return PartReview
	case t.Now > 0:
		return PartDue
	case t.Open > 0:
		return PartActive
	}
	return PartWaiting
}

// join is the state of all blocks together: the one that needs somebody most.
func (p *MapPart) join() {
	if len(p.Blocks) == 0 {
		return
	}
	states := map[string]int{}
	for _, b := range p.Blocks {
		states[b.State]++
		if b.State == PartStopped && p.Why == "" {
			p.Why = b.Why
		}
	}
	for _, s := range []string{PartBlocked, PartMissed, PartDue, PartReview, PartActive, PartWaiting} {
		if states[s] > 0 {
			p.State, p.Ended = s, time.Time{}
			return
		}
	}
	switch {
	case states[PartPlanned] > 0:
		p.State, p.Ended = PartActive, time.Time{}
	case states[PartStopped] == len(p.Blocks):
		p.State = PartStopped
	case states[PartSigned] > 0:
		p.State = PartSigned
	default:
		p.State = PartDone
	}
}
