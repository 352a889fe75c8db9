package protocol

import (
	"fmt"
	"slices"
	"strings"
)

func (l *linter) stages() {
	for _, shape := range Shapes() {
		if !shape.ByModel {
			l.once(shape.Stage, "")
			continue
		}
		for _, m := range l.p.Models {
			l.once(shape.Stage, m.ID)
		}
	}
	last := -1
	for i, s := range l.p.Stages {
		at := fmt.Sprintf("stages[%d]", i)
		order := slices.IndexFunc(Shapes(), func(shape Shape) bool { return shape.Stage == s.ID })
		if order < 0 {
			l.oneOf(at+".stage", "stage", s.ID, stageIDs())
			continue
		}
		if order < last {
			l.add(at+".stage", "stage %q comes too late, behind %q", s.ID, Shapes()[last].Stage).Try("bring the stages into the order of a run: %s", strings.Join(stageIDs(), ", "))
		}
		last = max(last, order)
		l.stage(at, s, Shapes()[order])
	}
}

func stageIDs() []string {
	var ids []string
	for _, s := range Shapes() {
		ids = append(ids, s.Stage)
	}
	return ids
}

// once wants exactly one stage with this ID for this model.
func (l *linter) once(stage, model string) {
	n, at := 0, "stages"
	for i, s := range l.p.Stages {
		if s.ID == stage && s.Model == model {
			n, at = n+1, fmt.Sprintf("stages[%d].stage", i)
		}
	}
	what := fmt.Sprintf("stage %q", stage)
	if model != "" {
		what += fmt.Sprintf(" for model %q", model)
	}
	switch {
	case n == 0:
		l.add("stages", "%s is missing", what).Try("add it: a run goes through all stages")
	case n > 1:
		l.add(at, "%s stands here for the second time", what).Try("keep one of them")
	}
}

func (l *linter) stage(at string, s Stage, shape Shape) {
	l.given(at+".title", s.Title)
	if shape.ByModel {
		l.oneOf(at+".model", "model", s.Model, l.modelIDs())
	} else if s.Model != "" {
		l.add(at+".model", "stage %q happens once a run, not for model %q", s.ID, s.Model).Try("leave the model out")
	}
	l.measures(at, s, shape)
	l.counts(at, s)
	l.waits(at, s.Waits, shape)
	l.tasks(at, s, shape)
}

func (l *linter) modelIDs() []string {
	var ids []string
	for _, m := range l.p.Models {
		ids = append(ids, m.ID)
	}
	return ids
}

func (l *linter) measures(at string, s Stage, shape Shape) {
	if shape.Measures && len(s.Measures) == 0 {
		l.add(at+".measures", "stage %q measures nothing", s.ID).Try("name at least one assay: %s", strings.Join(l.assayIDs(), ", "))
	}
	if !shape.Measures && len(s.Measures) > 0 {
		l.add(at+".measures", "stage %q measures nothing", s.ID).Try("leave the key measures out")
		return
	}
	seen := map[string]bool{}
	for i, id := range s.Measures {
		at := fmt.Sprintf("%s.measures[%d]", at, i)
		if l.oneOf(at, "assay", id, l.assayIDs()) && seen[id] {
			l.add(at, "assay %q stands here for the second time", id).Try("keep one of them")
		}
		seen[id] = true
	}
}

func (l *linter) counts(at string, s Stage) {
	if s.ID != Culturing {
		if s.Counts != (Counts{}) {
			l.add(at+".counts", "stage %q counts nothing", s.ID).Try("leave the key counts out")
		}
		return
	}
	l.number(at+".counts.feeds", s.Counts.Feeds, 1, 20)
	l.number(at+".counts.passages", s.Counts.Passages, 1, 20)
}

func (l *linter) waits(at string, waits []Wait, shape Shape) {
	var have []string
	for i, w := range waits {
		at := fmt.Sprintf("%s.waits[%d]", at, i)
		l.known(at+".wait", "wait", w.ID, shape.Stage, shape.Waits, have)
		have = append(have, w.ID)
		l.given(at+".title", w.Title)
		if w.Window.Nominal.IsZero() {
			l.add(at+".window", "wait %q has no nominal time", w.ID).Try("say how long it is: window: {nominal: 24 h, …}")
		}
		l.window(at+".window", w.Window)
	}
	for _, id := range shape.Waits {
		if !slices.Contains(have, id) {
			l.add(at, "wait %q is missing in stage %q", id, shape.Stage).Try("add it under waits")
		}
	}
}

// known wants an ID that the stage's code asks for, and only once.
func (l *linter) known(path, what, id, stage string, ids, have []string) {
	switch {
	case id == "":
		l.missing(path)
	case !slices.Contains(ids, id):
		l.add(path, "stage %q has no %s %q", stage, what, clip(id)).Try("%s", meant(id, ids))
	case slices.Contains(have, id):
		l.add(path, "%s %q stands here for the second time", what, id).Try("keep one of them")
	}
}

func (l *linter) tasks(at string, s Stage, shape Shape) {
	var have []string
	last := -1
	for i, t := range s.Tasks {
		at := fmt.Sprintf("%s.tasks[%d]", at, i)
		l.known(at+".task", "task", t.ID, shape.Stage, shape.Tasks, have)
		have = append(have, t.ID)
		order := slices.Index(shape.Tasks, t.ID)
		if order >= 0 && order < last {
			l.add(at+".task", "task %q comes too late, behind %q", t.ID, shape.Tasks[last]).Try("bring the tasks into the order of the stage: %s", strings.Join(shape.Tasks, ", "))
		}
		last = max(last, order)
		l.task(at, t, s.Tasks[:i])
	}
	for _, id := range shape.Tasks {
		if !slices.Contains(have, id) && !slices.Contains(shape.Optional, id) {
			l.add(at, "task %q is missing in stage %q", id, shape.Stage).Try("add it under tasks")
		}
	}
}
