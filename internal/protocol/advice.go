package protocol

import (
	"fmt"
	"slices"
	"strings"

	"secretome/internal/design"
)

// Advice returns what is worth a look in a protocol that has no mistakes, one
// sentence each: what a reviewer of the study would ask about.
func (p Protocol) Advice() []string {
	var advice []string
	for _, m := range p.Models {
		advice = append(advice, p.adviceOn(m)...)
	}
	if n := p.unconfirmed(); n > 0 {
		advice = append(advice, fmt.Sprintf("%d windows, ranges and criteria rest on K, general knowledge that nobody has held against its source yet", n))
	}
	return advice
}

// fewest is below how many units nothing is tested.
const fewest = 3

func (p Protocol) adviceOn(m Model) []string {
	var advice []string
	if n := m.Blocks * max(m.Units, 1); n < fewest {
		advice = append(advice, fmt.Sprintf("model %s has N = %d: with fewer than %d nothing can be tested", m.ID, n, fewest))
	}
	if missing := p.lacking(m); len(missing) > 0 {
		advice = append(advice, fmt.Sprintf("model %s lacks %s", m.ID, strings.Join(missing, "; ")))
	}
	if m.Fraction.IsZero() && slices.ContainsFunc(m.Groups, func(g Group) bool { return !g.Dose.IsZero() }) {
		advice = append(advice, fmt.Sprintf("model %s has doses and no fraction: only where every group gets the same volume of CM and unconditioned medium together does one vehicle serve all doses", m.ID))
	}
	for _, y := range p.Layouts {
		if !y.Drawn() && len(y.Standards) == 0 && slices.ContainsFunc(p.assaysOf(m.ID), func(a Assay) bool { return a.Layout == y.ID }) {
			advice = append(advice, fmt.Sprintf("layout %s of model %s is the same in every block: let it be drawn, so that a gradient on the plate is not taken for an effect", y.ID, m.ID))
		}
	}
	return advice
}

// lacking names groups without which an effect cannot be told from its controls,
// each with what cannot be said without it.
func (p Protocol) lacking(m Model) []string {
	var occasions []design.Occasion
	if slices.ContainsFunc(m.Groups, func(g Group) bool { return g.Stress != "" }) {
		occasions = append(occasions, design.Stressed)
	}
	if slices.ContainsFunc(p.assaysOf(m.ID), func(a Assay) bool { return a.Method == "cck8" }) {
		occasions = append(occasions, design.OnPlates, design.Cytotoxic)
	}
	var lacking []string
	for _, k := range design.Lacking(m.codes(), occasions...) {
		lacking = append(lacking, fmt.Sprintf("%s (%s: %s)", k.Code, k.Title, k.Purpose))
	}
	return lacking
}

// unconfirmed counts what rests on K.
func (p Protocol) unconfirmed() int {
	n := 0
	count := func(evidence string) {
		if evidence == "K" {
			n++
		}
	}
	task := func(t Task) {
		count(t.Window.Evidence)
		for _, s := range t.Steps {
			for _, f := range s.Fields {
				count(f.Evidence)
			}
		}
		for _, c := range t.Criteria {
			count(c.Evidence)
		}
	}
	for _, a := range p.Assays {
		for _, c := range a.Criteria {
			count(c.Evidence)
		}
		task(a.Prepare)
		task(a.Read)
	}
	for _, s := range p.Stages {
		for _, w := range s.Waits {
			count(w.Window.Evidence)
		}
		for _, t := range s.Tasks {
			task(t)
		}
	}
	return n
}
