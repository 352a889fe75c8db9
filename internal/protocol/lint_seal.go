package protocol

import (
	"fmt"
	"slices"
	"strings"
)

// sealed returns the groups of a model that stand on a drawn layout under a
// code until the key is opened.
func (p Protocol) sealed(model string) []string {
	var sealed []string
	for _, y := range p.drawn(model) {
		for _, code := range sortedKeys(y.Place) {
			group, _, _ := strings.Cut(code, ".")
			if p.hides(model, group) && !slices.Contains(sealed, group) {
				sealed = append(sealed, group)
			}
		}
	}
	return sealed
}

// drawn returns the layouts that are drawn for a model: its own first, then those
// of its assays.
func (p Protocol) drawn(model string) []Layout {
	var used []string
	for _, m := range p.Models {
		if m.ID == model {
			used = append(used, m.Layout)
		}
	}
	for _, a := range p.assaysOf(model) {
		used = append(used, a.Layout)
	}
	var drawn []Layout
	for _, id := range used {
		i := slices.IndexFunc(p.Layouts, func(y Layout) bool { return y.ID == id && y.Drawn() })
		if i >= 0 && !slices.ContainsFunc(drawn, func(y Layout) bool { return y.ID == id }) {
			drawn = append(drawn, p.Layouts[i])
		}
	}
	return drawn
}

// hides reports whether a group of a model is one that is blinded.
func (p Protocol) hides(model, group string) bool {
	g := p.Group(model, group)
	return g.Code != "" && !g.Open
}

// Seals reports whether anything of the protocol is blinded.
func (p Protocol) Seals() bool {
	return slices.ContainsFunc(p.Models, func(m Model) bool { return len(p.sealed(m.ID)) > 0 })
}

// sealing checks what blinding asks for: somebody who fills the coded bottles,
// and criteria that need no sealed group.
func (l *linter) sealing() {
	for _, m := range l.p.Models {
		sealed := l.p.sealed(m.ID)
		for i, s := range l.p.Stages {
			if len(sealed) > 0 && s.ID == Treating && s.Of(m.ID) && !slices.ContainsFunc(s.Tasks, func(t Task) bool { return t.OpensKey }) {
				l.add(fmt.Sprintf("stages[%d]", i), "nobody can fill the coded bottles of model %q: %s are sealed", m.ID, strings.Join(sealed, ", ")).
					Try("mark the task in which they are filled: opens_key: true")
			}
			if s.ID == Assaying && s.Of(m.ID) {
				l.judgeable(s, m.ID, sealed)
			}
		}
	}
	for i, s := range l.p.Stages {
		for j, t := range s.Tasks {
			at := fmt.Sprintf("stages[%d].tasks[%d]", i, j)
			if t.OpensKey && (s.ID != Treating || !l.opens(s)) {
				l.add(at+".opens_key", "there is no key to open: no group is sealed here").Try("take opens_key out")
			}
			if t.Blind && !l.seals {
				l.add(at+".blind", "nothing is sealed in this protocol").Try("take blind out, or let a layout be drawn: place: {…}")
			}
		}
	}
}

// opens reports whether a stage's models have sealed groups.
func (l *linter) opens(s Stage) bool {
	return slices.ContainsFunc(l.p.Models, func(m Model) bool { return s.Of(m.ID) && len(l.p.sealed(m.ID)) > 0 })
}

// judgeable wants the criteria of a plate to be about open groups: it is judged
// before the key is opened.
func (l *linter) judgeable(s Stage, model string, sealed []string) {
	for i, a := range l.p.Assays {
		if !slices.Contains(s.Measures, a.ID) {
			continue
		}
		for j, c := range a.Criteria {
			if need := needs(a.Method, c.Value); slices.Contains(sealed, need) {
				l.add(fmt.Sprintf("assays[%d].criteria[%d].value", i, j), "%s needs group %s, which is sealed in model %q when the plate is judged", c.Value, need, model).
					Try("mark the group as open, or take the criterion out")
			}
		}
	}
}

// needs returns the group that a value of a method is about; empty for none.
func needs(method, value string) string {
	for _, m := range Methods() {
		if m.Name == method {
			return m.Needs[value]
		}
	}
	return ""
}
