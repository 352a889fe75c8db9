package protocol

import (
	"fmt"
	"slices"
	"strings"
)

func (l *linter) stages() {
	for _, shape := range Shapes() {
		if fromStock := l.takesStock(); shape.Makes && fromStock || shape.Stage == Stocking && !fromStock {
			l.never(shape.Stage)
			continue
		}
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
		if s.Kind != "" {
			l.stepsStage(at, i, s)
			continue
		}
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

// takesStock reports whether the lots come from stock instead of from a cord.
func (l *linter) takesStock() bool {
	return slices.ContainsFunc(l.p.Stages, func(s Stage) bool { return s.ID == Stocking })
}

// never wants no stage that makes lots beside one that takes them from stock.
func (l *linter) never(stage string) {
	for i, s := range l.p.Stages {
		if s.ID == stage {
			l.add(fmt.Sprintf("stages[%d].stage", i), "stage %q makes lots, and stage %q takes them from stock", stage, Stocking).Try("keep one of the two ways; stage %q can take further lots from stock", Collecting)
		}
	}
}

func stageIDs() []string { return names(Shapes(), func(s Shape) string { return s.Stage }) }

// once wants exactly one stage with this ID for this model.
func (l *linter) once(stage, model string) {
	n, at := 0, "stages"
	for i, s := range l.p.Stages {
		if s.ID == stage && s.Of(model) {
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
	l.stageModels(at, s, shape)
	l.together(at, "flow", len(s.Flow) > 0, "kind", false)
	l.measures(at, s, shape)
	l.counts(at, s)
	l.waits(at, s.Waits, shape)
	l.tasks(at, s, shape)
}

// stageModels wants one model or several for a stage that happens by model.
func (l *linter) stageModels(at string, s Stage, shape Shape) {
	switch {
	case !shape.ByModel && s.Model != "":
		l.add(at+".model", "stage %q happens once a run, not for model %q", s.ID, s.Model).Try("leave the model out")
	case !shape.ByModel && len(s.Models) > 0:
		l.add(at+".models", "stage %q happens once a run, not by model", s.ID).Try("leave the models out")
	case shape.ByModel && s.Model != "" && len(s.Models) > 0:
		l.add(at+".models", "model and models are both given").Try("keep one of them")
	case shape.ByModel && len(s.Models) == 0:
		l.oneOf(at+".model", "model", s.Model, l.modelIDs())
	}
	for i, m := range s.Models {
		l.oneOf(fmt.Sprintf("%s.models[%d]", at, i), "model", m, l.modelIDs())
	}
}

func (l *linter) modelIDs() []string {
	return names(l.p.Models, func(m Model) string { return m.ID })
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

// maxFeeds is how often medium is changed at most before the first harvest: a
// stage of so many tasks keeps its history far below what the server takes.
const maxFeeds = 60

func (l *linter) counts(at string, s Stage) {
	if s.ID != Culturing {
		if s.Counts != (Counts{}) {
			l.add(at+".counts", "stage %q counts nothing", s.ID).Try("leave the key counts out")
		}
		return
	}
	l.number(at+".counts.feeds", s.Counts.Feeds, 1, maxFeeds)
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
		if t.Before+t.After != "" {
			l.ownTask(at, s, t, shape, have)
			have = append(have, t.ID)
			l.task(at, t, s.Tasks[:i])
			continue
		}
		l.known(at+".task", "task", t.ID, shape.Stage, shape.Tasks, have)
		have = append(have, t.ID)
		order := slices.Index(shape.Tasks, t.ID)
		if order >= 0 && order < last {
			l.add(at+".task", "task %q comes too late, behind %q", t.ID, shape.Tasks[last]).Try("bring the tasks into the order of the stage: %s", strings.Join(shape.Tasks, ", "))
		}
		last = max(last, order)
		l.task(at, t, s.Tasks[:i])
	}
	l.leftOut(at, s, shape, have)
	for _, id := range shape.Tasks {
		sealing := slices.Contains(shape.Sealing, id) && !l.seals
		switch {
		case slices.Contains(have, id) && sealing:
			l.add(at, "task %q has nothing to open: no layout is drawn with sealed groups", id).Try("take it out")
		case !slices.Contains(have, id) && !slices.Contains(shape.Optional, id) && !sealing:
			l.add(at, "task %q is missing in stage %q", id, shape.Stage).Try("add it under tasks")
		}
	}
}

// ownTask wants a task of the lab's own to say where it comes.
func (l *linter) ownTask(at string, s Stage, t Task, shape Shape, have []string) {
	l.id(at+".task", t.ID, plainID, map[string]bool{})
	anchor, key := t.Before, ".before"
	if anchor == "" {
		anchor, key = t.After, ".after"
	}
	switch {
	case slices.Contains(shape.Tasks, t.ID):
		l.add(at+key, "task %q is one of the stage's: it has its place", t.ID).Try("leave before and after out")
	case slices.Contains(have, t.ID):
		l.add(at+".task", "task %q stands here for the second time", t.ID).Try("give each its own name")
	case t.Before != "" && t.After != "":
		l.add(at+".after", "before and after are both given").Try("keep one of them")
	case l.oneOf(at+key, "task", anchor, shape.Tasks) && !slices.ContainsFunc(s.Tasks, func(other Task) bool { return other.ID == anchor }):
		l.add(at+key, "task %q is left out in this stage, so nothing can come before or after it", anchor).Try("name a task that stands here")
	}
}

// leftOut wants a reason for every optional task that is not there.
func (l *linter) leftOut(at string, s Stage, shape Shape, have []string) {
	var left []string
	for i, o := range s.LeaveOut {
		at := fmt.Sprintf("%s.leave_out[%d]", at, i)
		l.given(at+".reason", o.Reason)
		switch {
		case !slices.Contains(shape.Optional, o.Task):
			l.add(at+".task", "task %q cannot be left out of stage %q", clip(o.Task), shape.Stage).Try("optional are: %s", listed(shape.Optional))
		case slices.Contains(have, o.Task):
			l.add(at+".task", "task %q is left out, and stands under tasks", o.Task).Try("keep one of them")
		}
		left = append(left, o.Task)
	}
	for _, id := range shape.Optional {
		if !slices.Contains(have, id) && !slices.Contains(left, id) {
			l.add(at, "task %q is left out of stage %q without a reason", id, shape.Stage).Try("say why: leave_out: [{task: %s, reason: …}], or add it under tasks", id)
		}
	}
}

func listed(ids []string) string {
	if len(ids) == 0 {
		return "none"
	}
	return strings.Join(ids, ", ")
}
