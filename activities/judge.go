package activities

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"

	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/quantity"
	"secretome/internal/record"
	"secretome/internal/run"
	"secretome/internal/sample"
)

// JudgeInput asks for a task's computed values and for its criteria.
type JudgeInput struct {
	Base   record.Draft          `json:"base"`
	Task   protocol.Task         `json:"task"`
	Answer run.Answer            `json:"answer"`
	Known  map[string]run.Answer `json:"known"` // answers that formulas may name, by task
}

// Judged is a decision with the values that it rests on.
type Judged struct {
	Decision record.Decision   `json:"decision"`
	Values   map[string]string `json:"values"` // entered and computed
	What     string            `json:"what"`   // one sentence about what did not pass
	Record   record.Ref        `json:"record"`
}

// Judge computes the values that a task's formulas give and holds them and the
// entered ones against its criteria. The decision is a record.
func (a *Activities) Judge(ctx context.Context, in JudgeInput) (Judged, error) {
	values := maps.Clone(in.Answer.Values)
	if values == nil {
		values = map[string]string{}
	}
	uses := []record.Use{in.Answer.Record.As("task")}
	for _, c := range in.Task.Computed {
		v, err := computed(c, values, in.Known)
		if err != nil {
			return Judged{}, Encode(err)
		}
		values[c.ID] = v
	}
	for _, name := range slices.Sorted(maps.Keys(in.Known)) {
		uses = append(uses, in.Known[name].Record.As("values of "+name))
	}
	decision, err := protocol.Judge(in.Task.Criteria, values)
	if err != nil {
		return Judged{}, Encode(err)
	}
	ref, err := a.append(ctx, in.Base, record.DecisionMade, "", decision, uses...)
	return Judged{decision, values, in.Task.Title + ": " + Sentence(decision), ref}, Encode(err)
}

// computed evaluates one formula and returns its value as a quantity's text.
func computed(c protocol.Computed, values map[string]string, known map[string]run.Answer) (string, error) {
	units, unit, err := sample.Formula(c.Formula)
	if err != nil {
		return "", err
	}
	args := map[string]float64{}
	for _, name := range slices.Sorted(maps.Keys(units)) {
		text, ok := lookUp(c.Of[name], values, known)
		if !ok {
			return "", fault.New(fault.Invalid, "%s needs %s, which is not recorded", c.Title, c.Of[name]).Field(c.ID)
		}
		q, err := quantity.Parse(text)
		if err != nil {
			return "", err
		}
		if args[name], err = q.Float(units[name]); err != nil {
			return "", err
		}
	}
	v, err := sample.Compute(c.Formula, args)
	if err != nil {
		return "", err
	}
	return strconv.FormatFloat(v, 'f', 6, 64) + " " + unit, nil
}

// OtherTask returns the task that an argument of a formula names, where it is
// not a field of the same task.
func OtherTask(arg string) (string, bool) {
	name, _, ok := strings.Cut(arg, ":")
	return name, ok
}

func lookUp(arg string, values map[string]string, known map[string]run.Answer) (string, bool) {
	if name, field, ok := strings.Cut(arg, ":"); ok {
		v, found := known[name].Values[field]
		return v, found
	}
	v, found := values[arg]
	return v, found
}

// Sentence says what did not pass, criterion by criterion.
func Sentence(d record.Decision) string {
	var failed []string
	for _, c := range d.Checks {
		if !c.Pass {
			failed = append(failed, c.Title+": "+c.Value+", wanted "+strings.TrimPrefix(c.Limit, "is "))
		}
	}
	if len(failed) == 0 {
		return "all criteria met"
	}
	return strings.Join(failed, "; ")
}
