package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"secretome/internal/fault"
	"secretome/internal/record"
	"secretome/internal/sample"
)

// Thing is one scan of a physical thing.
type Thing struct {
	Barcode  string
	Kind     string // lot, vessel, plate …
	Made     bool   // it came into the world here
	Passage  int
	Record   record.Ref // without its hash
	Task     string
	By       string
	Happened time.Time
}

// Flag is what a run's logbook says of a thing that may not be used.
type Flag struct {
	Barcode string
	State   string
	Why     string
	Record  record.Ref // without its hash
}

// scanned notes what a step did to things.
func (p *projection) scanned(r record.Record, entries []record.Entry) {
	for _, e := range entries {
		if e.Thing == nil || e.Value == "" {
			continue
		}
		p.exec(`INSERT INTO things (logbook, number, field, barcode, kind, made, passage, task, actor, happened) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (logbook, number, field) DO NOTHING`,
			r.Logbook, r.Number, e.Field, e.Value, e.Thing.Kind, flag(e.Thing.Made), e.Thing.Passage, r.Subject.Task, r.By.Name, stamp(r.Happened))
		p.descend(r, e.Value, e.Thing.Parents)
	}
}

func (p *projection) descend(r record.Record, child string, parents []string) {
	for _, parent := range parents {
		p.exec("INSERT INTO parents (child, parent, logbook, number) VALUES (?, ?, ?, ?) ON CONFLICT (child, parent, logbook, number) DO NOTHING",
			child, parent, r.Logbook, r.Number)
	}
}

func (p *projection) flagged(r record.Record, b record.Flagged) {
	for _, code := range b.Things {
		p.exec(`INSERT INTO flags (barcode, logbook, number, state, why) VALUES (?, ?, ?, ?, ?) ON CONFLICT (barcode, logbook, number) DO NOTHING`,
			code, r.Logbook, r.Number, b.State, b.Why)
	}
}

// kept brings a lot up to a record of its own logbook. What stands elsewhere is
// no act on it.
func (p *projection) kept(r record.Record, b record.LotAct) {
	barcode, ok := strings.CutPrefix(r.Logbook, "lot/")
	if !ok || p.err != nil {
		return
	}
	lot := sample.Lot{Barcode: barcode}
	var text string
	err := p.row("SELECT json FROM stock WHERE barcode = ?", []any{barcode}, &text)
	if err == nil {
		err = json.Unmarshal([]byte(text), &lot)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		p.err = err
		return
	}
	if lot.Apply(r) != nil { // it stands in the logbook all the same
		return
	}
	data, err := json.Marshal(lot)
	if err != nil {
		p.err = err
		return
	}
	p.exec(`INSERT INTO stock (barcode, kind, state, held, expires, number, json) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (barcode) DO UPDATE SET kind = excluded.kind, state = excluded.state, held = excluded.held, expires = excluded.expires,
			number = excluded.number, json = excluded.json`,
		barcode, lot.Kind, string(lot.State), lot.Held, stamp(lot.Expires), r.Number, string(data))
	if r.Kind == record.LotRegistered {
		p.descend(r, barcode, append(append([]string(nil), b.Parents...), b.Donors...))
	}
}

// Stock returns a kept thing: a lot, a vial, a reagent, a donor. It fails with
// [fault.NotFound].
func (x *Index) Stock(ctx context.Context, barcode string) (sample.Lot, error) {
	lot, ok, err := one(ctx, x, scanLot, "SELECT json FROM stock WHERE barcode = ?", barcode)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "nothing is registered as %q", barcode).Try("see what is with: secretome lot list")
	}
	return lot, err
}

// AllStock lists the kept things of a kind, all where it is empty, by barcode.
func (x *Index) AllStock(ctx context.Context, kind string) ([]sample.Lot, error) {
	return list(ctx, x, scanLot, "SELECT json FROM stock WHERE ? = '' OR kind = ? ORDER BY barcode", kind, kind)
}

func scanLot(rows *sql.Rows) (sample.Lot, error) {
	var text string
	var lot sample.Lot
	err := rows.Scan(&text)
	if err == nil {
		err = json.Unmarshal([]byte(text), &lot)
	}
	return lot, err
}

// Things lists the scans of a barcode, in the order in which they happened.
func (x *Index) Things(ctx context.Context, barcode string) ([]Thing, error) {
	scan := func(rows *sql.Rows) (Thing, error) {
		var t Thing
		err := rows.Scan(&t.Barcode, &t.Kind, &t.Made, &t.Passage, &t.Record.Logbook, &t.Record.Number, &t.Task, &t.By, moment{&t.Happened})
		return t, err
	}
	return list(ctx, x, scan, `SELECT barcode, kind, made, passage, logbook, number, task, actor, happened FROM things
		WHERE barcode = ? ORDER BY happened, logbook, number`, barcode)
}

// Flags lists what runs said against a thing.
func (x *Index) Flags(ctx context.Context, barcode string) ([]Flag, error) {
	scan := func(rows *sql.Rows) (Flag, error) {
		var f Flag
		err := rows.Scan(&f.Barcode, &f.State, &f.Why, &f.Record.Logbook, &f.Record.Number)
		return f, err
	}
	return list(ctx, x, scan, "SELECT barcode, state, why, logbook, number FROM flags WHERE barcode = ? ORDER BY logbook, number", barcode)
}

// Relative is a thing with its distance from another one, and the logbooks that
// tell of it.
type Relative struct {
	Barcode  string
	Distance int
}

// Descendants lists all that was made from a thing, the nearest first.
func (x *Index) Descendants(ctx context.Context, barcode string) ([]Relative, error) {
	return x.relatives(ctx, barcode, "SELECT child FROM parents WHERE parent = ? ORDER BY child")
}

// Ancestors lists all that a thing was made from, the nearest first.
func (x *Index) Ancestors(ctx context.Context, barcode string) ([]Relative, error) {
	return x.relatives(ctx, barcode, "SELECT parent FROM parents WHERE child = ? ORDER BY parent")
}

func (x *Index) relatives(ctx context.Context, barcode, query string) ([]Relative, error) {
	var all []Relative
	seen := map[string]bool{barcode: true}
	for near, distance := []string{barcode}, 1; len(near) > 0; distance++ {
		var next []string
		for _, code := range near {
			found, err := list(ctx, x, scanText, query, code)
			if err != nil {
				return nil, err
			}
			for _, other := range found {
				if !seen[other] {
					seen[other] = true
					all, next = append(all, Relative{other, distance}), append(next, other)
				}
			}
		}
		near = next
	}
	return all, nil
}

// RunsOf lists the runs in whose logbooks a thing was scanned, or for which it
// was drawn.
func (x *Index) RunsOf(ctx context.Context, barcode string) ([]string, error) {
	return list(ctx, x, scanText, `SELECT DISTINCT substr(logbook, 5) FROM things WHERE barcode = ? AND logbook LIKE 'run/%' ORDER BY 1`, barcode)
}

// Maker returns the record with which a thing came into the world; false where
// none tells of that.
func (x *Index) Maker(ctx context.Context, barcode string) (Thing, bool, error) {
	all, err := x.Things(ctx, barcode)
	for _, t := range all {
		if t.Made {
			return t, true, err
		}
	}
	return Thing{}, false, err
}

// Descend lists a thing and all that was made from it, with the runs that they
// were in, the nearest first.
func (x *Index) Descend(ctx context.Context, barcode string) ([]sample.Descendant, error) {
	below, err := x.Descendants(ctx, barcode)
	if err != nil {
		return nil, err
	}
	var all []sample.Descendant
	for _, r := range append([]Relative{{Barcode: barcode}}, below...) {
		d := sample.Descendant{Barcode: r.Barcode}
		if d.Runs, err = x.RunsOf(ctx, r.Barcode); err != nil {
			return nil, err
		}
		_, err := x.Stock(ctx, r.Barcode)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, err
		}
		d.Kept = err == nil
		all = append(all, d)
	}
	return all, nil
}
