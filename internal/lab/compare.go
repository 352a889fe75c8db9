package lab

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"secretome/internal/quantity"
	"secretome/internal/record"
)

// Compared is two runs side by side.
type Compared struct {
	This, Other History
	Rows        []Differing // in the order of the protocol
}

// Differing is one field of two runs. A run without the field has record 0.
type Differing struct {
	Subject     record.Subject // of the first run that has it
	Task        string         // title
	Field       string
	This, Other Answered
	Change      string // of two quantities with one unit: other less this
}

// Answered is what stands in a run.
type Answered struct {
	Value  string
	Number int64 // of the record; 0: the run has none
	File   string
}

// Same reports whether both runs have the same.
func (d Differing) Same() bool {
	return d.This.Value == d.Other.Value && (d.This.Number > 0) == (d.Other.Number > 0)
}

// Compare sets two runs side by side, field by field. It fails with
// [fault.NotFound].
func (l *Lab) Compare(ctx context.Context, who record.Actor, run, other string) (Compared, error) {
	c := Compared{}
	var err error
	if c.This, err = l.History(ctx, who, run, 0); err != nil {
		return c, err
	}
	if c.Other, err = l.History(ctx, who, other, 0); err != nil {
		return c, err
	}
	rows := map[string]*Differing{}
	var order []string
	for i, h := range []History{c.This, c.Other} {
		for _, a := range h.answers() {
			row, ok := rows[a.key]
			if !ok {
				row = &Differing{Subject: a.subject, Task: a.task, Field: a.field}
				rows[a.key] = row
				order = append(order, a.key)
			}
			if i == 0 {
				row.This = a.Answered
			} else {
				row.Other = a.Answered
			}
		}
	}
	for _, key := range order {
		rows[key].Change = change(rows[key].This.Value, rows[key].Other.Value)
		c.Rows = append(c.Rows, *rows[key])
	}
	slices.SortStableFunc(c.Rows, func(a, b Differing) int { return c.rank(a) - c.rank(b) })
	return c, nil
}

// rank is the place of a row's stage in the protocol.
func (c Compared) rank(d Differing) int {
	if d.Subject.Stage == "" {
		return -1
	}
	i := slices.Index(c.This.Launch.Plan, d.Subject.Stage)
	if i < 0 {
		i = slices.Index(c.This.Launch.Plan, "by-model")
	}
	return i
}

type answer struct {
	Answered
	key, task, field string
	subject          record.Subject
}

// answers are what was entered, of what was corrected the last, beside how the
// run was launched and what was computed.
func (h History) answers() []answer {
	var all []answer
	at := map[string]int{}
	add := func(r record.Record, key, task, field, value, file string) {
		a := answer{Answered{value, r.Number, file}, key, task, field, r.Subject}
		if i, ok := at[key]; ok {
			all[i] = a
			return
		}
		at[key] = len(all)
		all = append(all, a)
	}
	for _, r := range h.Records {
		switch r.Kind {
		case record.RunLaunched:
			add(r, "protocol", "Launch", "protocol", h.Launch.Name, "")
			add(r, "document", "Launch", "document, SHA-256", h.Launch.Document.SHA256, h.Launch.Document.SHA256)
			add(r, "speed", "Launch", "waits divided by", strconv.FormatFloat(h.Launch.Speed, 'f', -1, 64), "")
		case record.StepDone:
			b, err := record.Read[record.Entered](r)
			if err != nil {
				continue
			}
			path := strings.TrimPrefix(r.Subject.Task, "task/"+h.Run+"/") + "/" + r.Subject.Step
			for _, e := range b.Entries {
				file := ""
				if e.File != nil {
					file = e.File.SHA256
				}
				add(r, path+"."+e.Field, h.Task(r.Subject.Task), r.Subject.Step+", "+e.Field, e.Value, file)
			}
		case record.TaskCompleted:
			if b, err := record.Read[record.Completed](r); err == nil {
				add(r, strings.TrimPrefix(r.Subject.Task, "task/"+h.Run+"/")+"#window", h.Task(r.Subject.Task), "window", b.Verdict, "")
			}
		case record.ResultComputed:
			if b, err := record.Read[record.Result](r); err == nil {
				add(r, place("result "+b.Assay+" "+b.Name, r.Subject), "Result", b.Name, b.Summary, b.Output.SHA256)
			}
		default:
		}
	}
	return all
}

// change is what two quantities differ by, where they have one unit.
func change(this, other string) string {
	a, errA := quantity.Parse(this)
	b, errB := quantity.Parse(other)
	if this == other || errA != nil || errB != nil || a.Unit() != b.Unit() {
		return ""
	}
	x, errX := a.Float(a.Unit())
	y, errY := b.Float(b.Unit())
	if errX != nil || errY != nil {
		return ""
	}
	sign := "+"
	if y < x {
		sign = "−"
	}
	return sign + strconv.FormatFloat(max(y-x, x-y), 'g', 6, 64) + " " + a.Unit()
}
