package protocol

import (
	"fmt"
	"slices"
	"strings"

	"secretome/internal/quantity"
)

func (l *linter) analysis() {
	least, _ := quantity.New("0.001", "1")  // bounds that a study's plan may
	greatest, _ := quantity.New("0.1", "1") // choose alpha from
	if q, err := quantity.New(l.p.Analysis.Alpha, "1"); err != nil || below(q, least) || below(greatest, q) {
		l.add("analysis.alpha", "alpha is %q, from 0.001 to 0.1 is allowed", clip(l.p.Analysis.Alpha)).Try("write it as a decimal: alpha: \"0.05\"")
	}
	if len(l.p.Analysis.Endpoints) == 0 {
		l.add("analysis.endpoints", "nothing is compared").Try("plan at least one endpoint before the run")
	}
	seen := map[string]bool{}
	for i, e := range l.p.Analysis.Endpoints {
		at := fmt.Sprintf("analysis.endpoints[%d]", i)
		l.id(at+".endpoint", e.ID, plainID, seen)
		l.given(at+".title", e.Title)
		l.given(at+".claim", e.Claim)
		l.oneOf(at+".test", "test", e.Test, []string{"dunnett", "welch"})
		l.oneOf(at+".scale", "scale", e.Scale, []string{"identity", "log10", "log2"})
		l.oneOf(at+".benefit", "benefit", e.Benefit, []string{"higher", "lower", "none"})
		if l.oneOf(at+".model", "model", e.Model, l.modelIDs()) {
			l.compared(at, e)
		}
		if l.oneOf(at+".assay", "assay", e.Assay, l.assayIDs()) && !l.measured(e.Model, e.Assay) {
			l.add(at+".assay", "assay %q is not measured in model %q", e.Assay, e.Model).Try("name it under measures of that model's stage %q", Assaying)
		}
	}
}

func (l *linter) measured(model, assay string) bool {
	return slices.ContainsFunc(l.p.Stages, func(s Stage) bool {
		return s.ID == Assaying && s.Model == model && slices.Contains(s.Measures, assay)
	})
}

// compared checks an endpoint's groups.
func (l *linter) compared(at string, e Endpoint) {
	l.comparable(at+".comparator", e, e.Comparator)
	if len(e.Groups) == 0 {
		l.add(at+".groups", "nothing is compared with %q", e.Comparator).Try("list the groups")
	}
	seen := map[string]bool{e.Comparator: true}
	for i, g := range e.Groups {
		at := fmt.Sprintf("%s.groups[%d]", at, i)
		if !l.comparable(at, e, g) {
			continue
		}
		if seen[g] {
			l.add(at, "group %q is compared twice, or with itself", g).Try("name each group once")
		}
		seen[g] = true
	}
}

// comparable wants a group of the model that is no plate control and, where the
// assay has a layout, stands on the plate.
func (l *linter) comparable(at string, e Endpoint, code string) bool {
	if !l.oneOf(at, "group", code, l.groupCodes(e.Model)) {
		return false
	}
	for _, m := range l.p.Models {
		if m.ID == e.Model && slices.ContainsFunc(m.Groups, func(g Group) bool { return g.Code == code && g.Open }) {
			l.add(at, "group %q is open: a plate control is never compared", code).Try("name a group that is blinded")
		}
	}
	for _, a := range l.p.Assays {
		i := slices.Index(l.layoutIDs(), a.Layout)
		if a.ID == e.Assay && i >= 0 && !onPlate(l.p.Layouts[i], code) {
			l.add(at, "group %q stands in no well of layout %q", code, a.Layout).Try("put it on the plate")
		}
	}
	return true
}

func onPlate(y Layout, group string) bool {
	for _, codes := range y.Rows {
		for _, c := range strings.Fields(codes) {
			if c == group || strings.HasPrefix(c, group+".") {
				return true
			}
		}
	}
	return false
}
