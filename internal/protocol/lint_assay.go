package protocol

import (
	"fmt"
	"slices"
	"strings"

	"secretome/internal/quantity"
)

func (l *linter) assayIDs() []string {
	return names(l.p.Assays, func(a Assay) string { return a.ID })
}

func (l *linter) assays() {
	seen, tasks := map[string]bool{}, map[string]bool{}
	for _, s := range Shapes() {
		for _, id := range s.Tasks {
			tasks[id] = true
		}
	}
	for i, a := range l.p.Assays {
		at := fmt.Sprintf("assays[%d]", i)
		l.id(at+".assay", a.ID, plainID, seen)
		l.given(at+".title", a.Title)
		l.unit(at+".unit", a.Unit)
		l.number(at+".repeats", a.Repeats, 0, 9)
		l.optics(at, a)
		l.dilution(at+".dilution", a.Dilution)
		l.method(at, a)
		l.plate(at+".layout", a)
		l.task(at+".prepare", a.Prepare, nil)
		l.task(at+".read", a.Read, nil)
		l.id(at+".prepare.task", a.Prepare.ID, plainID, tasks)
		l.id(at+".read.task", a.Read.ID, plainID, tasks)
		if !hasFile(a.Read) {
			l.add(at+".read", "no field takes the instrument's file").Try("add a field of kind file to the last step")
		}
		if !slices.ContainsFunc(l.p.Stages, func(s Stage) bool { return slices.Contains(s.Measures, a.ID) }) {
			l.add(at+".assay", "no stage measures assay %q", a.ID).Try("name it under measures of a stage, or take it out")
		}
	}
}

func hasFile(t Task) bool {
	for _, s := range t.Steps {
		if slices.ContainsFunc(s.Fields, func(f Field) bool { return f.Kind == File }) {
			return true
		}
	}
	return false
}

func (l *linter) optics(at string, a Assay) {
	if a.Method == KeptMethod {
		return
	}
	if a.Wavelength.IsZero() {
		l.missing(at + ".wavelength").Try("give the one that is read: wavelength: 450 nm")
	} else {
		l.dimension(at+".wavelength", a.Wavelength, "nm")
	}
	if !a.Reference.IsZero() {
		l.dimension(at+".reference", a.Reference, "nm")
	}
}

func (l *linter) dilution(path, text string) {
	if text == "" {
		return
	}
	nothing, _ := quantity.New("0", "1") // a decimal of our own
	if q, err := quantity.New(text, "1"); err != nil || !below(nothing, q) {
		l.add(path, "%q is no factor", clip(text)).Try("write a decimal above 0, for instance \"2\" for 1 in 2")
	}
}

func (l *linter) method(at string, a Assay) {
	i := slices.IndexFunc(Methods(), func(m Method) bool { return m.Name == a.Method })
	if i < 0 {
		l.oneOf(at+".method", "method", a.Method, methodNames())
		return
	}
	m := Methods()[i]
	if m.Layout && a.Layout == "" {
		l.add(at, "method %q needs a layout", m.Name).Try("name one of: %s", strings.Join(l.layoutIDs(), ", "))
	}
	if len(m.Curves) > 0 {
		l.oneOf(at+".curve", "curve", a.Curve, m.Curves)
		l.oneOf(at+".weights", "weights", a.Weights, []string{"none", "1/y", "1/y2"})
	} else if a.Curve+a.Weights != "" {
		l.add(at, "method %q has no standard curve", m.Name).Try("leave curve and weights out")
	}
	values := map[string]value{}
	for name, unit := range m.Values {
		values[name] = value{unit: unit}
		if unit == "" {
			values[name] = value{words: []string{"yes", "no"}}
		}
	}
	l.criteria(at, a.Criteria, values, a.Repeats)
}

// plate holds an assay's layout against the assay and the groups that stand on it.
func (l *linter) plate(at string, a Assay) {
	if a.Layout == "" || !l.oneOf(at, "layout", a.Layout, l.layoutIDs()) {
		return
	}
	i := slices.Index(l.layoutIDs(), a.Layout)
	layout, path := l.p.Layouts[i], fmt.Sprintf("layouts[%d]", i)
	if a.Curve != "" && len(layout.Standards) == 0 {
		l.add(at, "layout %q has no standards for a curve", layout.ID).Try("give their concentrations under standards")
	}
	for _, s := range sortedKeys(layout.Standards) {
		if quantity.Known(a.Unit) {
			l.dimension(path+".standards."+s, layout.Standards[s], a.Unit)
		}
	}
	for _, s := range l.p.Stages {
		if !slices.Contains(s.Measures, a.ID) {
			continue
		}
		l.codes(path, layout, l.groupCodes(s.Model), s.Model)
	}
}

func (l *linter) groupCodes(model string) []string {
	for _, m := range l.p.Models {
		if m.ID == model {
			return m.codes()
		}
	}
	return nil
}
