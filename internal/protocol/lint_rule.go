package protocol

import (
	"fmt"
	"slices"
	"strings"

	"secretome/internal/quantity"
)

// window checks a window; none is given where it is zero.
func (l *linter) window(at string, w Window) {
	if w.IsZero() {
		return
	}
	times := []struct {
		name string
		q    quantity.Quantity
	}{{"earliest", w.Earliest}, {"nominal", w.Nominal}, {"latest", w.Latest}, {"grace", w.Grace}}
	for _, t := range times {
		if !t.q.IsZero() && l.dimension(at+"."+t.name, t.q, "h") && strings.HasPrefix(t.q.Amount(), "-") {
			l.add(at+"."+t.name, "%s lies before what it is counted from", t.q).Try("count from what came before, without a minus")
		}
	}
	for i, early := range times[:3] {
		for _, late := range times[i+1 : 3] {
			if !early.q.IsZero() && !late.q.IsZero() && below(late.q, early.q) {
				l.add(at+"."+late.name, "%s %s lies before %s %s", late.name, late.q, early.name, early.q).Try("exchange them, or mend the unit")
			}
		}
	}
	l.together(at, "grace", !w.Grace.IsZero(), "latest", !w.Latest.IsZero())
	l.together(at, "grace", !w.Grace.IsZero(), "on_missed", w.OnMissed != "")
	l.together(at, "on_missed", w.OnMissed != "", "grace", !w.Grace.IsZero())
	l.together(at, "on_early", w.OnEarly != "", "earliest", !w.Earliest.IsZero())
	l.together(at, "on_late", w.OnLate != "", "latest", !w.Latest.IsZero())
	l.action(at+".on_early", w.OnEarly, true)
	l.action(at+".on_late", w.OnLate, true)
	l.action(at+".on_missed", w.OnMissed, true)
	l.tagged(at, w.Evidence, "a window")
	l.notices(at, w)
}

// notices checks who is told before and after a window closes.
func (l *linter) notices(at string, w Window) {
	l.together(at, "remind", !w.Remind.IsZero(), "latest", !w.Latest.IsZero())
	if !w.Remind.IsZero() && l.dimension(at+".remind", w.Remind, "h") && !w.Latest.IsZero() && below(w.Latest, w.Remind) {
		l.add(at+".remind", "a reminder %s before the end comes before the window begins: it is %s long", w.Remind, w.Latest).Try("remind later")
	}
	if w.Escalate == (Escalation{}) {
		return
	}
	l.together(at, "escalate", true, "latest", !w.Latest.IsZero())
	l.oneOf(at+".escalate.to", "role", w.Escalate.To, Roles())
	if !w.Escalate.After.IsZero() {
		l.dimension(at+".escalate.after", w.Escalate.After, "h")
	}
}

// together wants the key other where the key one is given.
func (l *linter) together(at, one string, given bool, other string, is bool) {
	if given && !is && !l.source.stands(at+"."+other) {
		l.add(at+"."+one, "%s means nothing without %s", one, other).Try("add %s, or take out %s", other, one)
	}
}

func (l *linter) action(path string, a Action, optional bool) {
	if a == "" && optional {
		return
	}
	l.oneOf(path, "action", string(a), actionNames())
}

// criteria checks criteria on the given values.
func (l *linter) criteria(at string, criteria []Criterion, values map[string]value, repeats int) {
	seen := map[string]bool{}
	for i, c := range criteria {
		at := fmt.Sprintf("%s.criteria[%d]", at, i)
		l.id(at+".criterion", c.ID, plainID, seen)
		l.given(at+".title", c.Title)
		l.tagged(at, c.Evidence, "a criterion")
		v, ok := values[c.Value]
		if !ok {
			l.oneOf(at+".value", "value", c.Value, sortedKeys(values))
			continue
		}
		l.limit(at, c, v)
		l.consequences(at+".on_fail", c.OnFail, v, repeats)
	}
}

// limit wants exactly one limit, of the value's kind.
func (l *linter) limit(at string, c Criterion, v value) {
	given := 0
	for _, is := range []bool{!c.AtLeast.IsZero(), !c.AtMost.IsZero(), len(c.Between) > 0, c.Equals != ""} {
		if is {
			given++
		}
	}
	if given != 1 {
		l.add(at, "criterion %q has %d limits", c.ID, given).Try("give exactly one of at_least, at_most, between, equals")
		return
	}
	switch {
	case v.unit == "" && c.Equals == "":
		l.add(at, "%q is no quantity", c.Value).Try("give the word that it must be: equals: …")
	case v.unit != "" && c.Equals != "":
		l.add(at+".equals", "%q is a quantity in %s", c.Value, v.unit).Try("give at_least, at_most or between")
	case c.Equals != "" && len(v.words) > 0:
		l.oneOf(at+".equals", "answer", c.Equals, v.words)
	case len(c.Between) > 0:
		l.span(at+".between", c.Between, v.unit)
	case c.Equals == "":
		l.bounds(at, c.AtLeast, c.AtMost, v.unit)
	}
}

func (l *linter) bounds(at string, least, greatest quantity.Quantity, unit string) {
	if !least.IsZero() {
		l.dimension(at+".at_least", least, unit)
	}
	if !greatest.IsZero() {
		l.dimension(at+".at_most", greatest, unit)
	}
}

// consequences wants one without a limit, and that one last: the first that
// holds follows.
func (l *linter) consequences(at string, list []Consequence, v value, repeats int) {
	if len(list) == 0 {
		l.add(at, "nothing follows when this fails").Try("say what does: on_fail: [{do: FLAG}]")
	}
	for i, c := range list {
		at := fmt.Sprintf("%s[%d]", at, i)
		limited := !c.AtLeast.IsZero() || !c.AtMost.IsZero()
		last := i == len(list)-1
		switch {
		case limited && v.unit == "":
			l.add(at, "a word is neither above nor below a limit").Try("leave the limit out")
		case limited && last:
			l.add(at, "what follows beyond this limit is not said").Try("end the list with an entry that has no limit: {do: DISCARD}")
		case !limited && !last:
			l.add(at, "what stands behind this entry never follows").Try("put the entry without a limit last")
		}
		if v.unit != "" {
			l.bounds(at, c.AtLeast, c.AtMost, v.unit)
		}
		l.action(at+".do", c.Do, false)
		if slices.Contains([]Action{Repeat, Retest}, c.Do) && repeats == 0 {
			l.add(at+".do", "%s may not happen: repeats is 0", c.Do).Try("say how often: repeats: 1")
		}
	}
}
