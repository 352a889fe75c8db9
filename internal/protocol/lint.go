package protocol

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"secretome/internal/design"
	"secretome/internal/fault"
	"secretome/internal/quantity"
	"secretome/internal/record"
)

// maxPart is how many bytes one stage's part may have, since it is a workflow's
// input.
const maxPart = 64 << 10

var (
	protocolID = regexp.MustCompile(`^[A-Z][A-Z0-9-]{1,39}$`)
	plainID    = regexp.MustCompile(`^[a-z][a-z0-9_-]{0,39}$`)
	groupCode  = regexp.MustCompile(`^[A-Z][A-Z0-9]{0,9}$`)
	zoneName   = regexp.MustCompile(`^(UTC|[A-Z][A-Za-z_]+(/[A-Z][A-Za-z_+-]+){1,2})$`)
	evidence   = regexp.MustCompile(`^(K|P|C|R|N|lab|S:[0-9]{1,3}[a-z]?)$`)
)

// linter holds a protocol against the rules that the types do not say.
type linter struct {
	p      Protocol
	source *reader
	seals  bool // something is blinded
	faults Faults
}

// add tells a mistake at path, unless it is the echo of one in reading.
func (l *linter) add(path, format string, args ...any) *fault.Fault {
	f := fault.New(fault.Invalid, format, args...).At(l.source.place(path))
	if !l.source.spoilt(path) {
		l.faults = append(l.faults, f)
	}
	return f
}

func (l *linter) protocol() {
	l.matches("protocol", l.p.ID, protocolID, "capital letters, digits and dashes, for instance UC-CM-COMPACT")
	if l.source.stands("format") && l.p.Format != 1 {
		l.add("format", "format %d is unknown here: this program reads format 1", l.p.Format).Try("write format: 1, or use a newer release")
	}
	l.given("version", l.p.Version)
	l.given("title", l.p.Title)
	l.matches("zone", l.p.Zone, zoneName, "an IANA name, for instance Europe/Berlin")
	if !l.p.Retention.IsZero() {
		l.dimension("retention", l.p.Retention, "a")
	}
	l.ethics()
	l.roles()
	l.materials()
	l.instruments()
	l.models()
	l.seals = l.p.Seals()
	l.layouts()
	l.assays()
	l.stages()
	l.sealing()
	l.analysis()
	if len(l.faults)+len(l.source.faults) == 0 {
		l.sizes()
		l.drawable()
	}
}

func (l *linter) ethics() {
	e := l.p.Ethics
	l.given("ethics.committee", e.Committee)
	l.given("ethics.approval", e.Approval)
	if len(e.Scope) == 0 {
		l.add("ethics.scope", "the approval covers nothing").Try("list what may be taken: cord, skin")
	}
	for i, s := range e.Scope {
		l.oneOf(fmt.Sprintf("ethics.scope[%d]", i), "scope", s, []string{"cord", "skin"})
	}
	from, until := l.day("ethics.from", e.From), l.day("ethics.until", e.Until)
	if !from.IsZero() && !until.IsZero() && until.Before(from) {
		l.add("ethics.until", "the approval ends on %s, before it begins on %s", e.Until, e.From).Try("exchange them")
	}
	for i, text := range e.Consent.Covers {
		l.given(fmt.Sprintf("ethics.consent.covers[%d]", i), text)
	}
}

// maxBlocks is how many blocks a run has at most: they go side by side, and the
// server takes 2,000 open children of one workflow.
const maxBlocks = 1000

func (l *linter) models() {
	if len(l.p.Models) == 0 {
		l.add("models", "no model is given").Try("say what is treated: models: [{model: cells, …}]")
	}
	seen := map[string]bool{}
	blocks := 0
	for i, m := range l.p.Models {
		at := fmt.Sprintf("models[%d]", i)
		if blocks += max(m.Blocks, 0); blocks > maxBlocks && blocks-m.Blocks <= maxBlocks {
			l.add(at+".blocks", "the models have %d blocks up to here, the most of a run is %d", blocks, maxBlocks).Try("share the study out over several runs")
		}
		l.id(at+".model", m.ID, plainID, seen)
		l.given(at+".title", m.Title)
		l.given(at+".block", m.Block)
		l.counted(at, m)
		l.number(at+".blocks", m.Blocks, 1, 99)
		l.groups(at, m)
	}
}

// counted checks what N counts.
func (l *linter) counted(at string, m Model) {
	l.given(at+".means", m.Means)
	if m.Unit == "" {
		l.missing(at + ".unit").Try("say what N counts: run, donor or tissue")
		return
	}
	unit, err := design.ParseUnit(m.Unit)
	if err != nil {
		f := fault.Of(err)
		l.add(at+".unit", "%s", f.Message).Try("%s", f.Help)
		return
	}
	if perBlock := unit == design.Tissue; perBlock {
		l.number(at+".units", m.Units, 1, 99)
	} else if m.Units != 0 {
		l.add(at+".units", "N counts each %s once, whatever is measured in it", m.Unit).Try("leave units out")
	}
	if !m.Apart.IsZero() && l.dimension(at+".apart", m.Apart, "h") && strings.HasPrefix(m.Apart.Amount(), "-") {
		l.add(at+".apart", "%s: a block cannot begin before the one before it", m.Apart).Try("take out the minus")
	}
	if m.Layout != "" && l.oneOf(at+".layout", "layout", m.Layout, l.layoutIDs()) {
		j := slices.Index(l.layoutIDs(), m.Layout)
		l.codes(fmt.Sprintf("layouts[%d]", j), l.p.Layouts[j], l.groupCodes(m.ID), m.ID)
	}
	for i, q := range m.Sampled {
		l.dimension(fmt.Sprintf("%s.sampled[%d]", at, i), q, "h")
	}
	if !m.Fraction.IsZero() {
		l.dimension(at+".fraction", m.Fraction, "%{v/v}")
	}
}

func (l *linter) groups(at string, m Model) {
	groups := m.Groups
	if len(groups) == 0 {
		l.add(at+".groups", "the model has no groups").Try("list its groups")
	}
	seen := map[string]bool{}
	for i, g := range groups {
		at := fmt.Sprintf("%s.groups[%d]", at, i)
		l.id(at+".group", g.Code, groupCode, seen)
		l.given(at+".title", g.Title)
		dose := quantity.Dimension(g.Dose.Unit())
		if !g.Dose.IsZero() && !slices.Contains([]string{"volume fraction", "mass concentration", "cells per volume"}, dose) {
			l.add(at+".dose", "a dose of %s does not say of what", g.Dose).Try("give it in %%{v/v}, ug/mL of protein, or {cells}/mL of cell equivalents")
		}
		if below(m.Fraction, g.Dose) && !m.Fraction.IsZero() {
			l.add(at+".dose", "a dose of %s is more than the fraction %s that all groups share", g.Dose, m.Fraction).Try("raise the fraction, or lower the dose")
		}
	}
}

// drawable draws each layout once: one that keeps no rule is found before launch.
func (l *linter) drawable() {
	for i, y := range l.p.Layouts {
		if !y.Drawn() {
			continue
		}
		if _, _, err := y.fill([32]byte{}, y.ID, nil); err != nil {
			f := fault.Of(err)
			l.add(fmt.Sprintf("layouts[%d].place", i), "%s", f.Message).Try("%s", f.Help)
		}
	}
}

// sizes holds each stage's part against the limit of a workflow's input.
func (l *linter) sizes() {
	for i, s := range l.p.Stages {
		at := fmt.Sprintf("stages[%d]", i)
		model := s.Model
		if len(s.Models) > 0 {
			model = s.Models[0]
		}
		part, err := l.p.Part(s.ID, model)
		if err != nil {
			l.add(at, "%s", fault.Of(err).Message)
			continue
		}
		if b, err := record.Canonical(part); err != nil || len(b) > maxPart {
			l.add(at, "stage %q has %d bytes with its assays and layouts, at most %d are allowed", s.ID, len(b), maxPart).Try("shorten instructions, or put pictures and long text into a file of their own")
		}
	}
}

// given wants a text.
func (l *linter) given(path, text string) {
	if strings.TrimSpace(text) == "" {
		l.missing(path)
	}
}

func (l *linter) missing(path string) *fault.Fault {
	return l.add(path, "%s is missing", strings.TrimPrefix(path[strings.LastIndexAny(path, ".")+1:], "."))
}

func (l *linter) matches(path, text string, pattern *regexp.Regexp, like string) bool {
	if text == "" {
		l.missing(path).Try("write %s", like)
		return false
	}
	if !pattern.MatchString(text) {
		l.add(path, "%q does not fit here", clip(text)).Try("write %s", like)
		return false
	}
	return true
}

// id wants a name that is written as names are and stands only once in seen.
func (l *linter) id(path, id string, pattern *regexp.Regexp, seen map[string]bool) {
	like := "a small letter, then small letters, digits, - or _"
	if pattern == groupCode {
		like = "a capital letter, then capital letters or digits"
	}
	if !l.matches(path, id, pattern, like) {
		return
	}
	if seen[id] {
		l.add(path, "%q stands here for the second time", id).Try("give each its own name")
	}
	seen[id] = true
}

func (l *linter) oneOf(path, what, word string, known []string) bool {
	if word == "" {
		l.missing(path).Try("known are: %s", strings.Join(known, ", "))
		return false
	}
	if !slices.Contains(known, word) {
		l.add(path, "unknown %s %q", what, clip(word)).Try("%s", meant(word, known))
		return false
	}
	return true
}

func (l *linter) number(path string, n, least, greatest int) {
	if n < least || n > greatest {
		l.add(path, "%s is %d, from %d to %d is allowed", path[strings.LastIndex(path, ".")+1:], n, least, greatest)
	}
}

// dimension wants a quantity of the dimension that unit has.
func (l *linter) dimension(path string, q quantity.Quantity, unit string) bool {
	got, want := quantity.Dimension(q.Unit()), quantity.Dimension(unit)
	if _, err := q.In(unit); got != want && err != nil {
		l.add(path, "%s", fault.Of(err).Message).Try("write it in another unit: %s", strings.Join(quantity.Alternatives(unit), ", "))
	}
	return got == want
}

// below reports whether a is less than b; not so where they do not compare.
func below(a, b quantity.Quantity) bool {
	c, err := a.Compare(b)
	return err == nil && c < 0
}

// tagged wants the evidence of a number.
func (l *linter) tagged(path, tag, what string) {
	known := "K (general knowledge, to be confirmed), P (the paper), S:n (source n), C, R, N, or lab (this laboratory's choice)"
	if tag == "" {
		l.add(path, "%s without evidence", what).Try("say what it rests on: evidence: %s", known)
	} else if !evidence.MatchString(tag) {
		l.add(path, "unknown evidence %q", clip(tag)).Try("known are: %s", known)
	}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
