package task

import (
	"regexp"
	"strings"
	"time"

	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/quantity"
	"secretome/internal/record"
)

// Normalise returns the entries of a step in canonical form, keeping what was
// typed beside it where that differs: quantities in the field's unit, times in
// UTC. zone is the laboratory's, for times typed without one.
func Normalise(step protocol.Step, entries []record.Entry, zone *time.Location) ([]record.Entry, error) {
	clean := make([]record.Entry, 0, len(entries))
	for _, e := range entries {
		f, err := field(step, e.Field)
		if err != nil {
			return nil, err
		}
		value, err := canonical(f, e, zone)
		if err != nil {
			return nil, at(err, e.Field)
		}
		if value != e.Value {
			e.Typed, e.Value = e.Value, value
		}
		clean = append(clean, e)
	}
	return clean, nil
}

// CheckEntries holds the entries of a step, in canonical form, against its
// fields. A value outside the field's range needs a deviation; partial leaves
// out the check for missing fields.
func CheckEntries(step protocol.Step, entries []record.Entry, deviation string, partial bool) error {
	seen := map[string]bool{}
	for _, e := range entries {
		f, err := field(step, e.Field)
		if err != nil {
			return err
		}
		if seen[e.Field] {
			return fault.New(fault.Invalid, "%s is entered twice", e.Field).Field(e.Field).Try("give one value")
		}
		seen[e.Field] = true
		if err := check(f, e, deviation); err != nil {
			return at(err, e.Field)
		}
	}
	if partial {
		return nil
	}
	for _, f := range step.Fields {
		if !seen[f.ID] && !f.Optional {
			return fault.New(fault.Invalid, "%s is missing", f.ID).Field(f.ID).Try("enter %s%s", f.Title, hint(f))
		}
	}
	return nil
}

// OutOfRange returns the sentence for the first entry outside its field's
// range, in words for whoever decides on it; empty if there is none.
func OutOfRange(step protocol.Step, entries []record.Entry) string {
	for _, e := range entries {
		if f, err := field(step, e.Field); err == nil && f.Kind == protocol.Amount {
			if err := inRange(f, e.Value); fault.Is(err, fault.Refused) {
				q, _ := quantity.Parse(e.Value) // inRange has read it
				return f.Title + ": " + q.Words() + " is outside " + f.Range[0].Words() + " to " + f.Range[1].Words()
			}
		}
	}
	return ""
}

func field(step protocol.Step, id string) (protocol.Field, error) {
	var names []string
	for _, f := range step.Fields {
		if f.ID == id {
			return f, nil
		}
		names = append(names, f.ID)
	}
	return protocol.Field{}, fault.New(fault.Invalid, "step %q has no field %q", step.ID, id).Field(id).Try("its fields are: %s", strings.Join(names, ", "))
}

func canonical(f protocol.Field, e record.Entry, zone *time.Location) (string, error) {
	if blank(e.Value) && e.File == nil {
		return "", nil // spaces and signs without a width say nothing
	}
	switch f.Kind {
	case protocol.Amount:
		q, err := quantity.Parse(e.Value)
		if err == nil {
			q, err = q.In(f.Unit)
		}
		if err != nil {
			return "", inUnit(err, f)
		}
		return q.String(), whole(q)
	case protocol.Time:
		return instant(e.Value, zone)
	case protocol.YesNo:
		return strings.ToLower(strings.TrimSpace(e.Value)), nil
	case protocol.Scan:
		return scanned(e.Value), nil
	case protocol.Choice:
		return strings.TrimSpace(e.Value), nil
	case protocol.File:
		if e.File != nil {
			return e.File.SHA256, nil
		}
	case protocol.Text:
	}
	return e.Value, nil
}

func check(f protocol.Field, e record.Entry, deviation string) error {
	if e.Value == "" {
		return fault.New(fault.Invalid, "%s is empty", f.ID).Try("enter %s%s", f.Title, hint(f))
	}
	switch f.Kind {
	case protocol.Amount:
		err := inRange(f, e.Value)
		if fault.Is(err, fault.Refused) && deviation != "" {
			return nil
		}
		return err
	case protocol.Choice:
		return oneOf(e.Value, f.Choices)
	case protocol.YesNo:
		return oneOf(e.Value, []string{"yes", "no"})
	case protocol.Text, protocol.Scan:
		return matches(f, e.Value)
	case protocol.Time:
		if _, err := time.Parse(time.RFC3339, e.Value); err != nil {
			return fault.New(fault.Invalid, "%q is no time", e.Value).Try("write it like 2026-03-02T14:05:00+01:00")
		}
	case protocol.File:
		if e.File == nil {
			return fault.New(fault.Invalid, "%s is no file", f.ID).Try("upload the file first: --file %s=PATH", f.ID)
		}
	}
	return nil
}

// inRange fails with [fault.Refused] outside the range, and with
// [fault.Invalid] if value is no quantity of the field's dimension.
func inRange(f protocol.Field, value string) error {
	q, err := quantity.Parse(value)
	if err != nil {
		return err
	}
	if len(f.Range) != 2 {
		_, err := q.In(f.Unit)
		return err
	}
	low, err := q.Compare(f.Range[0])
	if err != nil {
		return err
	}
	high, err := q.Compare(f.Range[1])
	if err != nil {
		return err
	}
	if low < 0 || high > 0 {
		return fault.New(fault.Refused, "%s is outside %s to %s", q, f.Range[0], f.Range[1]).Try("measure again, or say why it is so, which opens a deviation: --deviation TEXT")
	}
	return nil
}

func oneOf(value string, choices []string) error {
	for _, c := range choices {
		if c == value {
			return nil
		}
	}
	return fault.New(fault.Invalid, "%q is none of: %s", value, strings.Join(choices, ", ")).Try("choose one of them")
}

func matches(f protocol.Field, value string) error {
	if f.Pattern == "" {
		return nil
	}
	pattern, err := regexp.Compile("^(?:" + f.Pattern + ")$")
	if err != nil {
		return fault.New(fault.Invalid, "the protocol's pattern %q is no regular expression", f.Pattern).Try("mend the protocol")
	}
	if !pattern.MatchString(value) {
		return fault.New(fault.Invalid, "%q does not look like %s, for example %s", value, f.Title, protocol.Example(f.Pattern)).Try("scan or type it again")
	}
	return nil
}

func hint(f protocol.Field) string {
	switch f.Kind {
	case protocol.Amount:
		if f.Unit == "1" {
			return "" // a number alone
		}
		return " in " + f.Unit
	case protocol.Choice:
		return ": " + strings.Join(f.Choices, ", ")
	case protocol.YesNo:
		return ": yes or no"
	case protocol.Time:
		return ", for instance 2026-03-02 14:05"
	case protocol.Text, protocol.Scan, protocol.File:
	}
	return ""
}

// whole refuses a part of what is counted one by one. Cells are left out: their
// number is an estimate.
func whole(q quantity.Quantity) error {
	switch q.Unit() {
	case "{pieces}", "{wells}", "{colonies}":
	default:
		return nil
	}
	if _, part, _ := strings.Cut(q.Amount(), "."); strings.Trim(part, "0") != "" {
		return fault.New(fault.Invalid, "%s is no whole number", q).Try("enter how many there are")
	}
	return nil
}

// inUnit says which units the field takes, whatever is wrong with the quantity.
func inUnit(err error, f protocol.Field) error {
	return fault.Of(err).Try("enter it in %s, for instance %s", strings.Join(quantity.Alternatives(f.Unit), " or "), example(f))
}

func example(f protocol.Field) string {
	if len(f.Range) == 2 {
		return f.Range[0].String()
	}
	return "1 " + f.Unit
}

// at puts the field's name on a fault that has no place yet.
func at(err error, field string) error {
	f := fault.Of(err)
	if f.Place.Field == "" {
		f.Place.Field = field
	}
	return f
}
