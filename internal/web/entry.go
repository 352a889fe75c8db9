package web

import (
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/quantity"
	"secretome/internal/record"
	"secretome/internal/task"
)

// entry is one field of a step as the bench asks for it.
type entry struct {
	protocol.Field
	Name   string // of the input, and its ID
	Label  string
	Value  string // what is typed in it
	File   string // of a file: its name
	Unit   string // as people write it
	Expect string // the code that a scan must show
	Usual  string // what is usual: shown, never entered by itself
	Known  string // the same value from an earlier task
	Scale  *scale
	Fault  *fault.Fault
	// Scanned is what a scanner read: what stands there otherwise was typed.
	Scanned string
	Unclear string      // the number, where a point may stand between thousands
	Twice   []time.Time // the moments at which the clocks showed this time
}

// Like is what the code of a scan may look like; empty where it may be anything.
func (e entry) Like() string { return protocol.Example(e.Pattern) }

// labelOf is what stands at a field.
func labelOf(f protocol.Field) string {
	if f.Title == "" {
		return sentence(f.ID)
	}
	return sentence(f.Title)
}

// prefix keeps the names of fields apart from the other inputs of the page.
const prefix = "e-"

// entriesOf are the fields of the step in the middle: with what was posted, or
// with what is recorded where that is to be corrected.
func (p *page) entriesOf(in benchPage) []entry {
	var all []entry
	for _, f := range in.Step.Fields {
		e := entry{Field: f, Name: prefix + f.ID, Label: labelOf(f), Unit: quantity.Word(f.Unit), Scale: newScale(f)}
		e.Expect = in.Spec.Expect[in.Step.ID+"."+f.ID]
		e.Known = in.Spec.Known[f.ID]
		if f.Default != "" {
			e.Usual = p.shown(f, record.Entry{Value: f.Default})
		}
		if p.r.Method == "POST" {
			e.Value, e.File, e.Scanned = p.value(e.Name), p.value("n-"+f.ID), p.value("s-"+f.ID)
		} else {
			e.Value, e.File, e.Scanned = p.recordedText(in.Step, f)
		}
		if f.Kind == protocol.Time && p.FaultAt(e.Name) != nil {
			e.Twice = p.Twice(e.Value)
		}
		if e.Fault = p.FaultAt(e.Name); e.Fault != nil && p.isUnclear(f) {
			e.Unclear = e.Value
		}
		if e.Scale != nil {
			e.Scale.mark(e.Value, f.Unit)
		}
		all = append(all, e)
	}
	return all
}

// recordedText is what stands in the record, as one would type it.
func (p *page) recordedText(s *benchStep, f protocol.Field) (text, file, scanned string) {
	for _, line := range s.Lines {
		if line.Entry.Field != f.ID {
			continue
		}
		text = line.Entry.Value
		switch f.Kind {
		case protocol.Amount:
			if q, err := quantity.Parse(text); err == nil {
				text = q.Amount()
			}
		case protocol.Time:
			if t, err := time.Parse(time.RFC3339, text); err == nil {
				text = p.time(t).Format("2006-01-02T15:04")
			}
		case protocol.File:
			if line.Entry.File != nil {
				return line.Entry.File.SHA256, line.Entry.File.Name, ""
			}
		case protocol.Scan:
			if !line.Entry.Hand {
				scanned = text
			}
		case protocol.Choice, protocol.Text, protocol.YesNo:
		}
	}
	return text, "", scanned
}

// Shown is a recorded value as people read it.
func (p *page) Shown(l benchLine) string { return p.shown(l.Field, l.Entry) }

// ShownAs is another value of the same field.
func (p *page) ShownAs(l benchLine, e record.Entry) string { return p.shown(l.Field, e) }

func (p *page) shown(f protocol.Field, e record.Entry) string {
	switch f.Kind {
	case protocol.Amount:
		if q, err := quantity.Parse(e.Value); err == nil {
			return amount(q)
		}
	case protocol.Time:
		if t, err := time.Parse(time.RFC3339, e.Value); err == nil {
			return p.time(t).Format("2 Jan 15:04")
		}
	case protocol.File:
		if e.File != nil && e.File.Name != "" {
			return visible(e.File.Name)
		}
		return short(e.Value)
	case protocol.Choice, protocol.Text, protocol.Scan, protocol.YesNo:
	}
	return visible(e.Value)
}

// Options are the choices of a choice, or yes and no.
func (e entry) Options() []string {
	if e.Kind == protocol.YesNo {
		return []string{"yes", "no"}
	}
	return e.Choices
}

// Buttons reports whether the options are few enough for a button each.
func (e entry) Buttons() bool {
	const most = 5
	return e.Kind == protocol.YesNo || e.Kind == protocol.Choice && len(e.Choices) <= most
}

// Range is what is plausible, in words.
func (e entry) Range() string {
	if len(e.Field.Range) != 2 {
		return ""
	}
	return strings.Replace(e.Field.Range[0].Amount(), "-", "−", 1) + " to " + amount(e.Field.Range[1])
}

// Hint is what stands below a quantity: its range, what is usual, what was
// found earlier.
func (e entry) Hint() string {
	var all []string
	if r := e.Range(); r != "" {
		all = append(all, r)
	}
	if e.Usual != "" {
		all = append(all, "usually "+e.Usual)
	}
	if e.Known != "" {
		all = append(all, "earlier "+e.Known)
	}
	return strings.Join(all, "; ")
}

// What is the thing behind a scan, in words.
func (e entry) What() string {
	if e.Thing.Is == "" {
		return ""
	}
	if e.Thing.Made {
		return "a new label for the " + e.Thing.Is
	}
	return "the label of the " + e.Thing.Is
}

// sentence begins with a capital letter, unless the second one is one too.
func sentence(text string) string {
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return ""
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// typedEntries are the entries of a posted step. A number alone gets the unit
// that stands beside the field.
func (p *page) typedEntries(step protocol.Step) []record.Entry {
	var all []record.Entry
	for _, f := range step.Fields {
		v := p.value(prefix + f.ID)
		if v == "" {
			continue
		}
		e := record.Entry{Field: f.ID, Value: v}
		switch f.Kind {
		case protocol.Amount:
			e.Value = withUnit(v, f.Unit)
		case protocol.File:
			e.File = &record.Artifact{SHA256: v, Name: p.value("n-" + f.ID)}
		case protocol.Time:
			if t, err := p.labTime(prefix+f.ID, p.value("w-"+f.ID)); err == nil {
				e.Value = t.Format(time.RFC3339)
			}
		case protocol.Scan:
			e.Hand = v != p.value("s-"+f.ID)
		case protocol.Choice, protocol.Text, protocol.YesNo:
		}
		all = append(all, e)
	}
	return all
}

// labTime reads a field with a time that was typed without a zone: it is the one
// that the page names as lab time. Where the clocks showed it twice, which says
// which of the two.
func (p *page) labTime(field, which string) (time.Time, error) {
	text := p.value(field)
	at, known := task.Instants(text, p.Zone)
	for _, t := range at {
		if len(at) == 1 || which == t.Format(time.RFC3339) {
			return t, nil
		}
	}
	bad := fault.New(fault.Invalid, "%q is no time", text).Field(field).Try("write it like 2026-03-02 14:05, in lab time")
	switch {
	case known && len(at) == 0:
		bad.Message, bad.Help = text+" was no time here: the clocks were put forward over it", "write the time that the clock showed"
	case known:
		bad.Message, bad.Help = text+" came twice: the clocks were put back", "say which of the two it was"
	}
	return time.Time{}, bad
}

// Twice are the two moments at which the clocks showed a time; nil where there
// was one.
func (p *page) Twice(text string) []time.Time {
	if at, _ := task.Instants(text, p.Zone); len(at) > 1 {
		return at
	}
	return nil
}

// Exact is a moment as a form sends it back.
func (*page) Exact(t time.Time) string { return t.Format(time.RFC3339) }

// InZone is a moment with the name of the clock that showed it.
func (*page) InZone(t time.Time) string { return t.Format("15:04 MST (UTC-07:00)") }

// unclear are amounts that can be read in two ways, both of them plausible: 1.500
// is 1.5, or 1500 where a point stands between thousands.
func (p *page) unclear(step protocol.Step) []*fault.Fault {
	var all []*fault.Fault
	for _, f := range step.Fields {
		v := p.value(prefix + f.ID)
		if !p.isUnclear(f) {
			continue
		}
		large := strings.Replace(v, ".", "", 1)
		small := strings.TrimRight(strings.TrimRight(v, "0"), ".")
		all = append(all, fault.New(fault.Invalid, "%q may be %s or %s", v, small, large).Field(prefix+f.ID).Try("say that the point is the decimal mark, or write it without the point"))
	}
	return all
}

// isUnclear reports whether what was posted for a field can be read in two ways,
// and nobody said which is meant.
func (p *page) isUnclear(f protocol.Field) bool {
	v := p.value(prefix + f.ID)
	return f.Kind == protocol.Amount && thousands.MatchString(v) && p.value("d-"+f.ID) != v &&
		plausible(f, withUnit(v, f.Unit)) && plausible(f, withUnit(strings.Replace(v, ".", "", 1), f.Unit))
}

// thousands is a number that may have a point between thousands.
var thousands = regexp.MustCompile(`^[1-9][0-9]{0,2}\.[0-9]{3}$`)

// plausible reports whether a value lies in the range of a field; where there is
// none, it does.
func plausible(f protocol.Field, value string) bool {
	s := newScale(f)
	if s == nil {
		return true
	}
	s.mark(value, f.Unit)
	return !s.Out
}

// withUnit puts the unit behind what ends like a number.
func withUnit(text, unit string) string {
	last, _ := utf8.DecodeLastRuneInString(text)
	if unicode.IsDigit(last) || last == '.' || last == ',' {
		return text + " " + unit
	}
	return text
}

// scale is a range drawn as a line: the range is its middle half.
type scale struct {
	Low, High string
	At        int // where the value is, of 100; below 0: none
	Out       bool
	low, high float64
}

// newScale returns nil where there is no range.
func newScale(f protocol.Field) *scale {
	if f.Kind != protocol.Amount || len(f.Range) != 2 {
		return nil
	}
	low, err := f.Range[0].Float(f.Unit)
	if err != nil {
		return nil
	}
	high, err := f.Range[1].Float(f.Unit)
	if err != nil || high <= low {
		return nil
	}
	const none = -1
	return &scale{Low: f.Range[0].Amount(), High: f.Range[1].Amount(), At: none, low: low, high: high}
}

// mark puts a typed value onto the scale.
func (s *scale) mark(text, unit string) {
	q, err := quantity.Parse(withUnit(text, unit))
	if err != nil {
		return
	}
	v, err := q.Float(unit)
	if err != nil {
		return
	}
	s.At, s.Out = s.place(v), v < s.low || v > s.high
}

// place is where a value lies: 25 and 75 are the ends of the range.
func (s *scale) place(v float64) int {
	const begin, middle, end = 25, 50, 100
	x := begin + middle*(v-s.low)/(s.high-s.low)
	return int(max(1, min(x, end-1)))
}
