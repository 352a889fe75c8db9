package lab

import (
	"context"
	"slices"
	"strings"
	"sync"

	"secretome/activities"
	"secretome/internal/index"
	"secretome/internal/protocol"
)

// Outline is a protocol's order of stages, as a map of a run draws it.
type Outline struct {
	Columns []Column
	Models  []ModelOutline
}

// Column is a stage that happens once a run, or once a model and block.
type Column struct {
	Stage   string
	Title   string
	ByModel bool
	Titles  map[string]string // of the stage, by model
}

// ModelOutline is a model and its independent repeats.
type ModelOutline struct {
	ID, Title string
	Block     string // what one block is
	Blocks    int
}

// outlines remembers the outlines of protocols, which never change under their
// hash. When it is full it forgets everything.
type outlines struct {
	mu    sync.Mutex
	bySHA map[string]Outline
}

const mostOutlines = 200

// outline tells the order of a run's stages. Where its protocol cannot be read
// it is that of the stages which were started: a board does without the rest.
func (l *Lab) outline(ctx context.Context, sha string, started []index.Stage) Outline {
	l.outlines.mu.Lock()
	known, ok := l.outlines.bySHA[sha]
	l.outlines.mu.Unlock()
	if ok {
		return known.with(started)
	}
	p, err := activities.Load[protocol.Protocol](ctx, l.Artifacts, sha)
	if err != nil {
		return Outline{}.with(started)
	}
	o := outlineOf(p)
	l.outlines.mu.Lock()
	defer l.outlines.mu.Unlock()
	if l.outlines.bySHA == nil || len(l.outlines.bySHA) >= mostOutlines {
		l.outlines.bySHA = map[string]Outline{}
	}
	l.outlines.bySHA[sha] = o
	return o.with(started)
}

func outlineOf(p protocol.Protocol) Outline {
	var o Outline
	for _, m := range p.Models {
		o.Models = append(o.Models, ModelOutline{m.ID, m.Title, m.Block, m.Blocks})
	}
	for _, s := range p.Stages {
		shape, known := protocol.ShapeOf(s.ID)
		o.add(Column{Stage: s.ID, Title: s.Title, ByModel: known && shape.ByModel}, s)
	}
	return o
}

func (o *Outline) add(c Column, s protocol.Stage) {
	i := slices.IndexFunc(o.Columns, func(other Column) bool { return other.Stage == c.Stage })
	if i < 0 {
		c.Titles = map[string]string{}
		i, o.Columns = len(o.Columns), append(o.Columns, c)
	}
	for _, m := range o.Models {
		if s.Of(m.ID) {
			o.Columns[i].Titles[m.ID] = s.Title
		}
	}
}

// with adds the stages that were started and do not stand in the protocol: what
// a manager asked for, a hold, what arrived late.
func (o Outline) with(started []index.Stage) Outline {
	o.Columns, o.Models = slices.Clone(o.Columns), slices.Clone(o.Models)
	for _, s := range started {
		if s.Model != "" && !slices.ContainsFunc(o.Models, func(m ModelOutline) bool { return m.ID == s.Model }) {
			o.Models = append(o.Models, ModelOutline{ID: s.Model, Title: s.Model})
		}
		if !slices.ContainsFunc(o.Columns, func(c Column) bool { return c.Stage == s.Stage }) {
			o.Columns = append(o.Columns, Column{Stage: s.Stage, Title: s.Title, ByModel: s.Model != "", Titles: map[string]string{}})
		}
	}
	return o
}

// aside reports whether a column is of a stage that no protocol plans.
func (c Column) aside() bool {
	return strings.HasPrefix(c.Stage, "ad-hoc-") || strings.HasPrefix(c.Stage, "hold-") || strings.HasPrefix(c.Stage, "late-")
}
