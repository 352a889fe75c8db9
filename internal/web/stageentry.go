package web

import (
	"secretome/internal/quantity"
	"secretome/internal/record"
)

// entry is a step that was done, in words, with the files that it brought.
func (v *stageView) entry(r record.Record) stageEntry {
	e := stageEntry{Number: r.Number, Step: r.Subject.Step, By: v.Tell.By(r.By), At: r.Happened}
	entered, err := record.Read[record.Entered](r)
	if err != nil {
		return e
	}
	for _, one := range entered.Entries {
		if one.File != nil {
			name := one.File.Name
			if name == "" {
				name = short(one.File.SHA256)
			}
			e.Artifacts = append(e.Artifacts, edgeLink{one.Field, "/artifacts/" + one.File.SHA256, name})
			continue
		}
		if e.Words != "" {
			e.Words += "; "
		}
		e.Words += one.Field + " " + enteredValue(one.Value)
	}
	if entered.Corrects > 0 {
		e.Words += " (corrected: " + entered.Reason + ")"
	}
	return e
}

// enteredValue writes a recorded value as people read it.
func enteredValue(text string) string {
	if q, err := quantity.Parse(text); err == nil && !q.IsZero() {
		return amount(q)
	}
	return text
}
