package protocol

import (
	"fmt"
	"maps"
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
	l.power()
	l.primaries()
	if len(l.p.Analysis.Endpoints) == 0 {
		l.add("analysis.endpoints", "nothing is compared").Try("plan at least one endpoint before the run")
	}
	seen := map[string]bool{}
	for i, e := range l.p.Analysis.Endpoints {
		at := fmt.Sprintf("analysis.endpoints[%d]", i)
		l.id(at+".endpoint", e.ID, plainID, seen)
		l.given(at+".title", e.Title)
		l.given(at+".claim", e.Claim)
		l.strength(at, e)
		l.tested(at, e)
		l.oneOf(at+".test", "test", e.Test, []string{"dunnett", "welch", ReportOnly})
		l.oneOf(at+".scale", "scale", e.Scale, []string{"identity", "log10", "log2"})
		l.oneOf(at+".benefit", "benefit", e.Benefit, []string{"higher", "lower", "none"})
		if l.oneOf(at+".model", "model", e.Model, l.modelIDs()) {
			l.compared(at, e)
		}
		if l.oneOf(at+".assay", "assay", e.Assay, l.assayIDs()) && !slices.ContainsFunc(l.p.assaysOf(e.Model), func(a Assay) bool { return a.ID == e.Assay }) {
			l.add(at+".assay", "assay %q is not measured in model %q", e.Assay, e.Model).Try("name it under measures of that model's stage %q", Assaying)
		}
	}
}

// power checks what the number of repeats was planned for.
func (l *linter) power() {
	if l.p.Analysis.Power == "" {
		return
	}
	least, _ := quantity.New("0.8", "1")     // bounds that a study's plan may
	greatest, _ := quantity.New("0.95", "1") // choose its power from
	if q, err := quantity.New(l.p.Analysis.Power, "1"); err != nil || below(q, least) || below(greatest, q) {
		l.add("analysis.power", "power is %q, from 0.8 to 0.95 is allowed", clip(l.p.Analysis.Power)).Try("write it as a decimal: power: \"0.8\"")
	}
}

// primaries wants one primary endpoint of each claim: a claim is decided by the
// one that was named before.
func (l *linter) primaries() {
	first := map[string]int{}
	count := map[string]int{}
	for i, e := range l.p.Analysis.Endpoints {
		if _, ok := first[e.Claim]; !ok {
			first[e.Claim] = i
		}
		if e.Primary {
			count[e.Claim]++
		}
		if e.Primary && count[e.Claim] == 2 {
			l.add(fmt.Sprintf("analysis.endpoints[%d].primary", i), "the claim %q has a second primary endpoint", clip(e.Claim)).Try("keep the one that decides")
		}
	}
	for i, e := range l.p.Analysis.Endpoints {
		if first[e.Claim] == i && e.Claim != "" && count[e.Claim] == 0 {
			l.add(fmt.Sprintf("analysis.endpoints[%d]", i), "the claim %q has no primary endpoint", clip(e.Claim)).Try("say which endpoint decides it: primary: true")
		}
	}
}

// strength checks how an endpoint's comparisons are corrected, and the least
// effect that matters.
func (l *linter) strength(at string, e Endpoint) {
	own := map[string]string{"dunnett": "dunnett", "welch": "holm"}[e.Test]
	if e.Correction != "" && own != "" && e.Correction != own {
		l.add(at+".correction", "test %s is corrected by %s, not by %q", e.Test, own, clip(e.Correction)).Try("write correction: %s, or leave it out", own)
	}
	if !e.Effect.IsZero() {
		l.dimension(at+".effect", e.Effect, "%")
	}
}

// tested wants no test of an assay that gives no values.
func (l *linter) tested(at string, e Endpoint) {
	for _, a := range l.p.Assays {
		if a.ID == e.Assay && a.Method == KeptMethod && e.Test != ReportOnly && e.Test != "" {
			l.add(at+".test", "assay %q gives no values to test: its method is %s", e.Assay, KeptMethod).Try("write test: %s", ReportOnly)
		}
	}
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
	for _, codes := range append(slices.Collect(maps.Values(y.Rows)), slices.Collect(maps.Keys(y.Place))...) {
		for _, c := range strings.Fields(codes) {
			if c == group || strings.HasPrefix(c, group+".") {
				return true
			}
		}
	}
	return false
}
