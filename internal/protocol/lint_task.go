package protocol

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"secretome/internal/fault"
	"secretome/internal/quantity"
	"secretome/internal/sample"
)

// value is what a criterion may be about: a quantity in unit, one of words, or
// any text where both are empty.
type value struct {
	unit  string
	words []string
}

// task checks all of t but its ID; before are the tasks that come before it in
// its stage.
func (l *linter) task(at string, t Task, before []Task) {
	l.given(at+".title", t.Title)
	l.oneOf(at+".role", "role", t.Role, Roles())
	l.window(at+".window", t.Window)
	l.bench(at, t)
	if len(t.Steps) == 0 {
		l.add(at, "task %q has no steps", t.ID).Try("say what is to be done: steps: [{step: …, text: …}]")
	}
	seen := map[string]bool{}
	for i, s := range t.Steps {
		at := fmt.Sprintf("%s.steps[%d]", at, i)
		l.id(at+".step", s.ID, plainID, seen)
		l.given(at+".text", s.Text)
		fields := map[string]bool{}
		for j, f := range s.Fields {
			at := fmt.Sprintf("%s.fields[%d]", at, j)
			l.field(at, f, fields)
			l.thing(at+".thing", f, t.Steps[:i+1])
		}
	}
	l.computed(at, t, before)
	l.number(at+".repeats", t.Repeats, 0, 9)
	l.criteria(at, t.Criteria, taskValues(t), t.Repeats)
}

// taskValues returns what the criteria of a task may name.
func taskValues(t Task) map[string]value {
	values := map[string]value{}
	for _, s := range t.Steps {
		for _, f := range s.Fields {
			v := value{unit: f.Unit, words: f.Choices}
			if f.Kind == YesNo {
				v.words = []string{"yes", "no"}
			}
			values[s.ID+"."+f.ID] = v
		}
	}
	for _, c := range t.Computed {
		values[c.ID] = value{unit: c.Unit}
	}
	return values
}

func (l *linter) field(at string, f Field, seen map[string]bool) {
	l.id(at+".field", f.ID, plainID, seen)
	l.given(at+".title", f.Title)
	kinds := []string{string(Amount), string(Choice), string(Text), string(Scan), string(YesNo), string(Time), string(File)}
	if !l.oneOf(at+".kind", "kind", string(f.Kind), kinds) {
		return
	}
	if f.Kind == Amount {
		if l.unit(at+".unit", f.Unit) && l.source.stands(at+".range") {
			l.span(at+".range", f.Range, f.Unit)
			l.tagged(at+".range", f.Evidence, "a range")
		}
	}
	l.onlyFor(at+".unit", f.Unit != "", f.Kind, Amount)
	l.onlyFor(at+".range", len(f.Range) > 0, f.Kind, Amount)
	l.onlyFor(at+".choices", len(f.Choices) > 0, f.Kind, Choice)
	l.onlyFor(at+".pattern", f.Pattern != "", f.Kind, Scan, Text)
	l.onlyFor(at+".material", f.Material != "", f.Kind, Scan)
	l.onlyFor(at+".default", f.Default != "", f.Kind, Amount, Choice, Text)
	if f.Material != "" {
		l.oneOf(at+".material", "material", f.Material, l.materialIDs())
	}
	l.usual(at+".default", f)
	if f.Kind == Choice {
		l.choices(at+".choices", f.Choices)
	}
	if _, err := regexp.Compile("^(?:" + f.Pattern + ")$"); err != nil {
		l.add(at+".pattern", "%q is no regular expression: %v", clip(f.Pattern), err).Try("see https://pkg.go.dev/regexp/syntax")
	}
}

// usual checks a field's default by the field's own rules.
func (l *linter) usual(at string, f Field) {
	switch {
	case f.Default == "":
	case f.Kind == Choice:
		l.oneOf(at, "choice", f.Default, f.Choices)
	case f.Kind == Amount:
		q, err := quantity.Parse(f.Default)
		if err != nil {
			told := fault.Of(err)
			l.add(at, "%s", told.Message).Try("%s", told.Help)
		} else if l.dimension(at, q, f.Unit) && len(f.Range) == 2 && (below(q, f.Range[0]) || below(f.Range[1], q)) {
			l.add(at, "the default %s lies outside the range %s to %s", q, f.Range[0], f.Range[1]).Try("mend one of them")
		}
	}
}

func (l *linter) onlyFor(path string, is bool, kind FieldKind, kinds ...FieldKind) {
	if is && !slices.Contains(kinds, kind) {
		l.add(path, "a field of kind %s has no %s", kind, path[strings.LastIndex(path, ".")+1:]).Try("leave it out, or change the kind to %s", kinds[0])
	}
}

func (l *linter) choices(at string, choices []string) {
	if len(choices) < 2 {
		l.add(at, "a choice needs at least two choices, here are %d", len(choices)).Try("list them: choices: [one, two]")
	}
	seen := map[string]bool{}
	for i, c := range choices {
		if c == "" || c != strings.TrimSpace(c) || seen[c] {
			l.add(fmt.Sprintf("%s[%d]", at, i), "the choice %q is empty, has blanks around it, or stands twice", clip(c)).Try("give each choice one word of its own")
		}
		seen[c] = true
	}
}

func (l *linter) unit(path, unit string) bool {
	if quantity.Known(unit) {
		return true
	}
	if unit == "" {
		l.missing(path).Try("write a UCUM code, for instance mL, ug/mL, {cells}, Cel, h")
		return false
	}
	_, err := quantity.New("1", unit)
	f := fault.Of(err)
	l.add(path, "%s", f.Message).Try("%s", f.Help)
	return false
}

// span wants two quantities of the unit's dimension, the lesser first.
func (l *linter) span(at string, s []quantity.Quantity, unit string) {
	if len(s) != 2 {
		l.add(at, "the least and the greatest value belong here, %d given", len(s)).Try("write two: [1 mL, 2 mL]")
		return
	}
	fit := l.dimension(at+"[0]", s[0], unit)
	if l.dimension(at+"[1]", s[1], unit) && fit && below(s[1], s[0]) {
		l.add(at, "%s to %s: the greatest is below the least", s[0], s[1]).Try("exchange them")
	}
}

func (l *linter) computed(at string, t Task, before []Task) {
	seen := map[string]bool{}
	for i, c := range t.Computed {
		at := fmt.Sprintf("%s.computed[%d]", at, i)
		l.id(at+".value", c.ID, plainID, seen)
		l.given(at+".title", c.Title)
		args, result, err := sample.Formula(c.Formula)
		if err != nil {
			f := fault.Of(err)
			l.add(at+".formula", "%s", f.Message).Try("%s", f.Help)
			continue
		}
		if l.unit(at+".unit", c.Unit) && quantity.Dimension(c.Unit) != quantity.Dimension(result) {
			l.add(at+".unit", "%s gives %s, not %s", c.Formula, result, c.Unit).Try("give the unit as %s", strings.Join(quantity.Alternatives(result), " or "))
		}
		l.arguments(at+".of", c, args, append(slices.Clone(before), t))
	}
}

func (l *linter) arguments(at string, c Computed, args map[string]string, tasks []Task) {
	for _, name := range sortedKeys(args) {
		if _, ok := c.Of[name]; !ok {
			l.add(at, "%s needs %q", c.Formula, name).Try("name a field for it: of: {%s: step.field}", name)
		}
	}
	own := tasks[len(tasks)-1]
	for _, name := range sortedKeys(c.Of) {
		at := at + "." + name
		unit, ok := args[name]
		if !ok {
			l.add(at, "%s takes no %q", c.Formula, clip(name)).Try("%s", meant(name, sortedKeys(args)))
			continue
		}
		task, path, other := strings.Cut(c.Of[name], ":")
		if !other {
			task, path = own.ID, task
		}
		l.argument(at, c.Of[name], task, path, unit, tasks)
	}
}

// argument wants a field of a task that is done by then, in the unit's dimension.
func (l *linter) argument(at, given, task, path, unit string, tasks []Task) {
	i := slices.IndexFunc(tasks, func(t Task) bool { return t.ID == task })
	if i < 0 {
		l.add(at, "%q is in no task before this one", clip(given)).Try("name step.field of this task, or task:step.field of one before it in the stage")
		return
	}
	f, ok := tasks[i].Field(path)
	if !ok {
		l.add(at, "task %q has no field %q", task, clip(path)).Try("%s", meant(path, sortedKeys(taskValues(tasks[i]))))
		return
	}
	if f.Kind != Amount || f.Optional || quantity.Dimension(f.Unit) != quantity.Dimension(unit) {
		l.add(at, "field %q does not always give a %s", path, quantity.Dimension(unit)).Try("name a field of kind quantity in %s that is not optional", strings.Join(quantity.Alternatives(unit), " or "))
	}
}
