package lab

import (
	"context"
	"slices"

	"secretome/internal/fault"
	"secretome/internal/record"
	"secretome/workflows"
)

// History is a run's logbook from its first record to one of them, and what it
// told at that moment. Nothing in it comes from a later record.
type History struct {
	Run     string
	Launch  record.Launch
	Records []record.Record // 1 to At
	At      int64           // number of the last record told
	Head    int64           // number of the last record that is there
	Next    int64           // number of the first key event behind At, 0 for none: what it is, At does not know
	titles  map[string]string
}

// History tells a run as it was when record at was its last; 0 is the newest. It
// fails with [fault.NotFound] for a record that is not there.
func (l *Lab) History(ctx context.Context, who record.Actor, run string, at int64) (History, error) {
	if err := Allowed(who, Look); err != nil {
		return History{}, err
	}
	row, err := l.Index.Run(ctx, run)
	if err != nil {
		return History{}, err
	}
	if at == 0 {
		at = row.Head
	}
	if at < 1 || at > row.Head {
		return History{}, fault.New(fault.NotFound, "run %s has no record %d", run, at).Field("at").Try("its records are 1 to %d", row.Head)
	}
	h := History{Run: run, At: at, Head: row.Head, titles: map[string]string{}}
	for after := int64(0); after < row.Head && h.Next == 0; {
		page, err := l.Index.Records(ctx, run, after, pageOfRecords)
		if err != nil {
			return h, err
		}
		if len(page) == 0 {
			break
		}
		for _, r := range page {
			if r.Number <= at {
				h.Records = append(h.Records, r)
			} else if h.Next == 0 && IsKeyEvent(r.Kind) {
				h.Next = r.Number
			}
		}
		after = page[len(page)-1].Number
	}
	return h, h.read()
}

// read takes from the records what all questions about them need.
func (h *History) read() error {
	for _, r := range h.Records {
		switch r.Kind {
		case record.RunLaunched:
			launch, err := record.Read[record.Launch](r)
			if err != nil {
				return err
			}
			h.Launch = launch
		case record.TaskAsked:
			if asked, err := record.Read[record.Asked](r); err == nil {
				h.titles[r.Subject.Task] = asked.Title
			}
		}
	}
	return nil
}

// Task returns the title of a task, its ID where it was not asked yet.
func (h History) Task(id string) string {
	if title, ok := h.titles[id]; ok {
		return title
	}
	return id
}

// Last is the record that the history ends with.
func (h History) Last() record.Record {
	if len(h.Records) == 0 {
		return record.Record{}
	}
	return h.Records[len(h.Records)-1]
}

// Record returns the record with a number; false where it is none of the history.
func (h History) Record(number int64) (record.Record, bool) {
	if number < 1 || number > int64(len(h.Records)) {
		return record.Record{}, false
	}
	return h.Records[number-1], true
}

// RecordView is one record with what it was made from, what was made from it, and
// the notes on it.
type RecordView struct {
	History
	Record record.Record
	Ref    record.Ref
	Up     []Edge
	Down   []Edge
	Notes  []record.Record
}

// RecordOf tells one record of a run. It fails with [fault.NotFound].
func (l *Lab) RecordOf(ctx context.Context, who record.Actor, run string, number int64) (RecordView, error) {
	return l.RecordAt(ctx, who, run, number, 0)
}

// RecordAt tells one record as it was when record at was the run's last; 0 is the
// newest. What was made from it, or said of it, later is no part of it.
func (l *Lab) RecordAt(ctx context.Context, who record.Actor, run string, number, at int64) (RecordView, error) {
	h, err := l.History(ctx, who, run, at)
	if err != nil {
		return RecordView{}, err
	}
	r, ok := h.Record(number)
	if !ok {
		return RecordView{}, fault.New(fault.NotFound, "run %s has no record %d", run, number).Try("its records are 1 to %d", h.At)
	}
	v := RecordView{History: h, Record: r}
	if v.Ref, err = r.Ref(); err != nil {
		return v, err
	}
	v.Up, v.Down, err = l.Index.Near(ctx, Node{Record: v.Ref})
	if h.At < h.Head {
		v.Down = slices.DeleteFunc(v.Down, h.later)
	}
	for _, other := range h.Records {
		if note, err := record.Read[record.Pinned](other); other.Kind == record.NotePinned && err == nil && note.Number == number {
			v.Notes = append(v.Notes, other)
		}
	}
	return v, err
}

// later reports whether an edge leads to what the history does not tell. Of what
// stands in another logbook it does not say when, so that is left out too.
func (h History) later(e Edge) bool {
	return e.From.Record.Logbook != workflows.Logbook(h.Run) || e.From.Record.Number > h.At
}

// Note pins a remark to a record of a run. It is a record of its own: what it is
// about does not change.
func (l *Lab) Note(ctx context.Context, who record.Actor, request, run string, number int64, text string) (record.Ref, error) {
	if err := Allowed(who, PinNote); err != nil {
		return record.Ref{}, err
	}
	if err := checkRequest(request); err != nil {
		return record.Ref{}, err
	}
	const longest = 4000
	if text == "" {
		return record.Ref{}, fault.New(fault.Invalid, "Write the note").Field("text")
	}
	if len(text) > longest {
		return record.Ref{}, fault.New(fault.Invalid, "The note has %d bytes, the most is %d", len(text), longest).Field("text").Try("put a long text into a file and attach it")
	}
	v, err := l.RecordOf(ctx, who, run, number)
	if err != nil {
		return record.Ref{}, err
	}
	d, err := l.draft(who, workflows.Logbook(run), request, record.NotePinned, record.Pinned{Text: text, Number: number})
	if err != nil {
		return record.Ref{}, err
	}
	d.Subject, d.Uses = v.Record.Subject, []record.Use{v.Ref.As("note on")}
	d.Protocol, d.Rehearsal = v.Records[0].Protocol, v.Records[0].Rehearsal
	r, err := l.Logbooks.Append(ctx, d)
	if err != nil {
		return record.Ref{}, err
	}
	if r.Kind != record.NotePinned || r.By.Name != who.Name {
		return record.Ref{}, reused(r)
	}
	ref, err := r.Ref()
	if err == nil {
		l.shown(ctx, ref)
	}
	return ref, err
}
