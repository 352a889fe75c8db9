package report

import (
	"fmt"
	"slices"
	"strings"

	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/task"
)

// timeline lists the stages as they ran.
func (b *book) timeline() section {
	t := table{Head: head("Stage", "Model, block", "Began", "Ended", "Outcome", "By")}
	each(b, record.StageStarted, func(r record.Record, ref record.Ref, _ record.Start) {
		row := []cell{
			b.to(b.stage(r.Subject.Stage, r.Subject.Model), ref), {Text: strings.TrimSpace(r.Subject.Model + " " + r.Subject.Block)},
			b.to(b.time(r.Happened), ref), {}, {Text: "under way", Class: "note"}, {Text: b.people(r.Subject)},
		}
		each(b, record.StageEnded, func(e record.Record, ended record.Ref, end record.End) {
			if e.Subject.Stage == r.Subject.Stage && e.Subject.Model == r.Subject.Model && e.Subject.Block == r.Subject.Block {
				row[3], row[4] = b.to(b.time(e.Happened), ended), cell{Text: strings.TrimSpace(end.Outcome + " " + end.Why), Class: class(end.Outcome == "done")}
			}
		})
		t.Rows = append(t.Rows, row)
	})
	return section{ID: "timeline", Title: "Stages", Lead: "In lab time. A stage of a model runs once a block.", Tables: []table{t}}
}

// people lists who acted in a stage, in the order of their first act.
func (b *book) people(s record.Subject) string {
	var names []string
	for _, r := range b.Records {
		if r.By.Kind == record.Person && r.Subject.Stage == s.Stage && r.Subject.Model == s.Model && r.Subject.Block == s.Block && !slices.Contains(names, r.By.Name) {
			names = append(names, r.By.Name)
		}
	}
	return strings.Join(names, ", ")
}

func class(ok bool) string {
	if ok {
		return "ok"
	}
	return "bad"
}

// materials is the chain from donor to lot: every code that was scanned, and
// every lot that was made or taken.
func (b *book) materials() section {
	scanned := table{Caption: "Scanned on the way", Head: head("What", "Code", "Where", "When", "By")}
	seen := map[string]bool{}
	each(b, record.StepDone, func(r record.Record, ref record.Ref, body record.Entered) {
		for _, e := range body.Entries {
			f, ok := b.field(r.Subject, e.Field)
			key := f.Title + "\x00" + e.Value
			if !ok || f.Kind != protocol.Scan || seen[key] {
				continue
			}
			seen[key] = true
			scanned.Rows = append(scanned.Rows, []cell{{Text: f.Title}, {Text: e.Value, Href: b.href(ref), Class: "mono"}, {Text: b.place(r.Subject)}, {Text: b.time(r.Happened)}, {Text: r.By.Name}})
		}
	})
	lots := table{Caption: "Lots of conditioned medium", Head: numeric([]string{"Lot", "What", "State", "Volume", "Aliquots", "From"}, 3, 4)}
	each(b, record.LotMade, func(_ record.Record, ref record.Ref, l record.Lot) {
		from, aliquots := "made in this run", ""
		if l.Stock {
			from = "taken from stock, made before this run"
		}
		if l.Aliquots > 0 {
			aliquots = fmt.Sprint(l.Aliquots)
		}
		lots.Rows = append(lots.Rows, []cell{
			{Text: l.Barcode, Href: b.href(ref), Class: "mono"}, {Text: l.Title}, {Text: l.State, Class: class(l.State == "released")},
			{Text: l.Volume, Href: b.href(ref), Num: true}, {Text: aliquots, Href: b.href(ref), Num: true}, {Text: from},
		})
	})
	return section{ID: "materials", Title: "Donor, cord and lots", Lead: "Each code with its first scan.", Tables: []table{lots, scanned}}
}

// deviations lists each departure with what was decided on it.
func (b *book) deviations() section {
	decided := map[string]int{} // hash of the deviation's record → index of the decision's
	for i, r := range b.Records {
		for _, u := range r.Uses {
			if r.Kind == record.DeviationDecided && u.As == "deviation" {
				decided[u.Record] = i
			}
		}
	}
	t := table{Head: head("Event", "What departed", "Where", "The protocol asks", "Decision", "Justification")}
	open := 0
	each(b, record.DeviationOpened, func(r record.Record, ref record.Ref, d record.Deviation) {
		what := d.What
		if d.Reason != "" {
			what += ". Reason: " + d.Reason
		}
		row := []cell{b.event(ref), b.to(what, ref), {Text: b.place(r.Subject)}, {Text: d.Asks}, {Text: "none asked", Class: "note"}, {}}
		if i, ok := decided[ref.Hash]; ok {
			body, err := record.Read[record.Decided](b.Records[i])
			if err == nil {
				row[4] = b.to(body.Choice+", "+b.Records[i].By.Name+", "+b.time(b.Records[i].Happened), b.refs[i])
				row[5] = b.to(body.Justification, b.refs[i])
			}
		} else if d.Asks == string(protocol.Deviation) || d.Asks == string(protocol.Hold) {
			open++
			row[4] = cell{Text: "not decided", Class: "bad"}
		}
		t.Rows = append(t.Rows, row)
	})
	s := section{ID: "deviations", Title: "Deviations", Lead: fmt.Sprintf("Recorded: %d. Without the decision that they need: %d.", len(t.Rows), open), Tables: []table{t}}
	return s
}

// repeats lists what was asked again because something failed, and plates that
// were computed but do not count.
func (b *book) repeats() section {
	t := table{Head: head("Event", "Task", "Where", "")}
	again := map[string]bool{} // places where the last decision asks for a repeat
	for i, r := range b.Records {
		where := b.place(r.Subject)
		if asks, ok := repeats(r); ok {
			again[where] = asks
		}
		a := b.asked[r.Subject.Task]
		if r.Kind == record.TaskAsked && again[where] && a.Attempt > 1 && !strings.Contains(r.Subject.Task, protocol.DecisionID) {
			t.Rows = append(t.Rows, []cell{b.event(b.refs[i]), b.to(a.Title, b.refs[i]), {Text: where}, {Text: "asked for the " + ordinal(a.Attempt) + " time, " + b.time(r.Happened)}})
		}
	}
	for _, r := range b.Results {
		if !r.Result.Counts() {
			t.Rows = append(t.Rows, []cell{b.event(r.Ref), b.to(r.Result.Title+", plate "+r.Result.Plate, r.Ref), {Text: strings.TrimSpace(r.Result.Model + " " + r.Result.Block)}, {Text: "computed, does not count: " + r.Result.Decision.Do, Class: "note"}})
		}
	}
	return section{ID: "repeats", Title: "Repeats", Lead: "Nothing is deleted: what was done again stands beside what it replaces.", Tables: []table{t}}
}

// repeats reports whether a record decides, and asks for something again.
func repeats(r record.Record) (asks, decides bool) {
	switch r.Kind {
	case record.DecisionMade:
		d, err := record.Read[record.Decision](r)
		return d.Do == string(protocol.Repeat) || d.Do == string(protocol.Retest), err == nil
	case record.DeviationDecided:
		d, err := record.Read[record.Decided](r)
		return protocol.Chosen(d.Choice) == protocol.Repeat, err == nil
	}
	return false, false
}

func ordinal(n int) string {
	switch n {
	case 2:
		return "second"
	case 3:
		return "third"
	}
	return fmt.Sprintf("%dth", n)
}

// windows lists what was done early or late.
func (b *book) windows() section {
	t := table{Head: head("Event", "Task", "Where", "Window", "Done", "")}
	kept := 0
	each(b, record.TaskCompleted, func(r record.Record, ref record.Ref, c record.Completed) {
		switch c.Verdict {
		case task.InWindow:
			kept++
			return
		case task.NoWindow, "":
			return
		}
		t.Rows = append(t.Rows, []cell{
			b.event(ref), b.to(b.asked[r.Subject.Task].Title, ref), {Text: b.place(r.Subject)}, {Text: b.window(c.Window)},
			b.to(b.time(r.Happened), ref), {Text: c.Verdict, Class: "bad"},
		})
	})
	return section{ID: "windows", Title: "Time windows", Lead: fmt.Sprintf("Done inside their window: %d. Not: %d.", kept, len(t.Rows)), Tables: []table{t}}
}

func (b *book) window(w record.Window) string {
	from, to := b.time(w.Opens), b.time(w.Closes)
	switch {
	case from == "" && to == "":
		return ""
	case to == "":
		return "from " + from
	case from == "":
		return "until " + to
	}
	return from + " to " + to
}
