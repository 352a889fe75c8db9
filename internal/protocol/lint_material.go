package protocol

import (
	"fmt"
	"regexp"
	"time"

	"secretome/internal/quantity"
)

// rrid is the form of a research resource identifier: a registry's prefix and
// its number.
var rrid = regexp.MustCompile(`^(AB|CVCL|SCR|Addgene|IMSR|ZFIN|MMRRC)_[A-Za-z0-9:_-]+$`)

func (l *linter) roles() {
	seen := map[string]bool{}
	for i, r := range l.p.Roles {
		at := fmt.Sprintf("roles[%d]", i)
		if l.oneOf(at+".role", "role", r.ID, Roles()) {
			l.id(at+".role", r.ID, plainID, seen)
		}
		l.given(at+".title", r.Title)
		l.number(at+".people", r.People, 0, 99)
	}
}

func (l *linter) materials() {
	seen := map[string]bool{}
	for i, m := range l.p.Materials {
		at := fmt.Sprintf("materials[%d]", i)
		l.id(at+".material", m.ID, plainID, seen)
		l.given(at+".title", m.Title)
		if m.RRID != "" {
			l.matches(at+".rrid", m.RRID, rrid, "a registry and a number, for instance CVCL_0038 or AB_2536526")
		}
		if !m.Storage.IsZero() {
			l.dimension(at+".storage", m.Storage, "Cel")
		}
		if !m.Lead.IsZero() {
			l.dimension(at+".lead", m.Lead, "d")
		}
	}
}

func (l *linter) materialIDs() []string {
	return names(l.p.Materials, func(m Material) string { return m.ID })
}

func (l *linter) instruments() {
	seen := map[string]bool{}
	for i, m := range l.p.Instruments {
		at := fmt.Sprintf("instruments[%d]", i)
		l.id(at+".instrument", m.ID, plainID, seen)
		l.given(at+".title", m.Title)
		l.number(at+".count", m.Count, 0, 99)
		if !m.Calibrated.IsZero() && l.dimension(at+".calibrated", m.Calibrated, "d") {
			l.tagged(at, m.Evidence, "an interval")
		}
	}
}

func (l *linter) instrumentIDs() []string {
	return names(l.p.Instruments, func(m Instrument) string { return m.ID })
}

// bench checks what a task takes: time, materials, instruments.
func (l *linter) bench(at string, t Task) {
	if !t.Takes.IsZero() && l.dimension(at+".takes", t.Takes, "min") {
		if day, _ := quantity.New("24", "h"); below(day, t.Takes) {
			l.add(at+".takes", "%s is no sitting: a task is what one person does in one", t.Takes).Try("make a wait of the time that passes by itself")
		}
	}
	seen := map[string]bool{}
	for i, n := range t.Needs {
		at := fmt.Sprintf("%s.needs[%d]", at, i)
		if l.oneOf(at+".material", "material", n.Material, l.materialIDs()) && seen[n.Material] {
			l.add(at+".material", "%q stands here for the second time", n.Material).Try("add the amounts up")
		}
		seen[n.Material] = true
		if n.Amount.IsZero() {
			l.missing(at + ".amount")
		}
	}
	for i, id := range t.Instruments {
		l.oneOf(fmt.Sprintf("%s.instruments[%d]", at, i), "instrument", id, l.instrumentIDs())
	}
	if t.Blind && t.OpensKey {
		l.add(at+".blind", "who opens the key is not blind").Try("keep one of blind and opens_key")
	}
}

// day reads a calendar day; zero where there is none.
func (l *linter) day(path, text string) time.Time {
	if text == "" {
		return time.Time{}
	}
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		l.add(path, "%q is no day", clip(text)).Try("write year, month and day: 2026-03-01")
	}
	return d
}
