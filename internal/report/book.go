package report

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"secretome/internal/figure"
	"secretome/internal/protocol"
	"secretome/internal/record"
)

// book is the run's logbook with what the report says of it.
type book struct {
	Input
	refs     []record.Ref // of Records
	launch   record.Launch
	first    record.Ref
	asked    map[string]record.Asked // by the task's whole ID
	drawings int
}

func newBook(in Input) (*book, error) {
	if in.Zone == nil {
		in.Zone = time.UTC
	}
	b := &book{Input: in, asked: map[string]record.Asked{}}
	for _, r := range in.Records {
		ref, err := r.Ref()
		if err != nil {
			return nil, err
		}
		b.refs = append(b.refs, ref)
		switch r.Kind {
		case record.RunLaunched:
			if b.launch, err = record.Read[record.Launch](r); err != nil {
				return nil, err
			}
			b.first = ref
		case record.TaskAsked:
			asked, err := record.Read[record.Asked](r)
			if err != nil {
				return nil, err
			}
			b.asked[r.Subject.Task] = asked
		}
	}
	return b, nil
}

// each calls f with the body of every record of a kind, in order. A body that
// is none of its kind was refused when it was written, and is passed over.
func each[T any](b *book, kind record.Kind, f func(r record.Record, ref record.Ref, body T)) {
	for i, r := range b.Records {
		if r.Kind != kind {
			continue
		}
		if body, err := record.Read[T](r); err == nil {
			f(r, b.refs[i], body)
		}
	}
}

// to returns a cell that leads to a record.
func (b *book) to(text string, ref record.Ref) cell { return cell{Text: text, Href: b.href(ref)} }

// event names a record by its number.
func (b *book) event(ref record.Ref) cell {
	return cell{Text: "#" + strconv.FormatInt(ref.Number, 10), Href: b.href(ref), Class: "mono"}
}

func (b *book) href(ref record.Ref) string {
	if b.Link == nil || ref.Number == 0 {
		return ""
	}
	return b.Link(ref)
}

// number prints a computed number; all its digits stand in the title.
func (b *book) number(v *float64, ref record.Ref) cell {
	if v == nil {
		return cell{Text: "–", Num: true}
	}
	return cell{Text: figure.Number(*v), Href: b.href(ref), Full: strconv.FormatFloat(*v, 'g', -1, 64), Num: true}
}

func (b *book) time(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(b.Zone).Format("2006-01-02 15:04")
}

// place names stage, model and block of a record.
func (b *book) place(s record.Subject) string {
	parts := []string{b.stage(s.Stage, s.Model)}
	if s.Model != "" {
		parts = append(parts, s.Model)
	}
	if s.Block != "" {
		parts = append(parts, "block "+s.Block)
	}
	return strings.Join(parts, ", ")
}

func (b *book) stage(id, model string) string {
	for _, s := range b.Protocol.Stages {
		if s.ID == id && (s.Model == model || s.Model == "") && s.Title != "" {
			return s.Title
		}
	}
	return id
}

// field finds what the protocol asks for in a step of a task that was done.
func (b *book) field(s record.Subject, name string) (protocol.Field, bool) {
	path := strings.Split(s.Task, "/")
	for _, t := range b.tasks() {
		if !slices.Contains(path, t.ID) {
			continue
		}
		if f, ok := t.Field(s.Step + "." + name); ok {
			return f, true
		}
	}
	return protocol.Field{}, false
}

func (b *book) tasks() []protocol.Task {
	var out []protocol.Task
	for _, s := range b.Protocol.Stages {
		out = append(out, s.Tasks...)
	}
	for _, a := range b.Protocol.Assays {
		out = append(out, a.Prepare, a.Read)
	}
	return out
}

// unit writes a UCUM unit for people.
func unit(ucum string) string {
	if ucum == "1" {
		return ""
	}
	return units.Replace(ucum)
}

// units turns UCUM codes inside a text into words of the bench.
var units = strings.NewReplacer("%{v/v}", "% v/v", "%{w/v}", "% w/v", "{AU}", "AU", "{cells}", "cells", "ug/mL", "µg/mL", "Cel", "°C")

// spoken writes a sentence with canonical quantities for people: "at least 0.5
// 1" is at least 0.5.
func spoken(text string) string {
	var words []string
	isNumber := false
	for _, w := range strings.Fields(units.Replace(text)) {
		if w == "1" && isNumber {
			isNumber = false
			continue
		}
		_, err := strconv.ParseFloat(w, 64)
		words, isNumber = append(words, w), err == nil
	}
	return strings.Join(words, " ")
}

func spokenAll(texts []string) []string {
	var out []string
	for _, t := range texts {
		out = append(out, units.Replace(t))
	}
	return out
}

// word writes a quantity's canonical text for people.
func word(text string) string {
	number, u, ok := strings.Cut(text, " ")
	v, err := strconv.ParseFloat(number, 64)
	if !ok || err != nil {
		return text
	}
	return strings.TrimSpace(figure.Number(v) + " " + unit(u))
}
