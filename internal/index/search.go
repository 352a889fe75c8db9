package index

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"secretome/internal/record"
)

// like is a text for LIKE that is found anywhere in a column.
func like(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(text) + "%"
}

// SearchRuns lists up to limit runs with a text in their ID, title or protocol,
// without regard to case: one with that ID first, then the newest.
func (x *Index) SearchRuns(ctx context.Context, text string, limit int) ([]Run, error) {
	l := like(text)
	return list(ctx, x, scanRun, selectRuns+` WHERE r.id LIKE ? ESCAPE '\' OR r.title LIKE ? ESCAPE '\' OR r.protocol_name LIKE ? ESCAPE '\'
		ORDER BY CASE WHEN lower(r.id) = lower(?) THEN 0 ELSE 1 END, r.started DESC, r.id DESC LIMIT ?`, l, l, l, text, limit)
}

// SearchTasks lists up to limit tasks with a text in their ID or title, without
// regard to case: one with that ID first, then those that wait, then what is due.
func (x *Index) SearchTasks(ctx context.Context, text string, limit int) ([]Task, error) {
	l := like(text)
	return list(ctx, x, scanTask, selectTasks+` WHERE id LIKE ? ESCAPE '\' OR title LIKE ? ESCAPE '\'
		ORDER BY CASE WHEN lower(id) IN (lower(?), lower(?)) THEN 0 WHEN `+waits+` THEN 1 ELSE 2 END, due, nominal, id LIMIT ?`, l, l, text, "task/"+text, limit)
}

// FoundThing is a barcode that something has, or once had.
type FoundThing struct {
	Barcode string
	Kind    string // lot, donor, plate, vessel …
	Title   string // of a kept thing
	State   string // of a kept thing
	Run     string // in which it was scanned last; empty where it never was
}

// everyThing lists every barcode once: those of which a balance is kept, and those
// that were scanned.
const everyThing = `SELECT s.barcode, s.kind, COALESCE(json_extract(s.json, '$.title'), '') AS title, s.state,
		COALESCE((SELECT substr(logbook, 5) FROM things t WHERE t.barcode = s.barcode AND logbook LIKE 'run/%' ORDER BY happened DESC LIMIT 1), '') AS run
	FROM stock s WHERE CONDITION
	UNION ALL
	SELECT s.barcode, MIN(s.kind), '', '', COALESCE(substr(MAX(CASE WHEN s.logbook LIKE 'run/%' THEN s.happened || s.logbook END), 29), '')
	FROM things s WHERE s.barcode NOT IN (SELECT barcode FROM stock) AND CONDITION GROUP BY s.barcode`

func (x *Index) everyThing(ctx context.Context, condition, rest string, args ...any) ([]FoundThing, error) {
	scan := func(rows *sql.Rows) (FoundThing, error) {
		var t FoundThing
		err := rows.Scan(&t.Barcode, &t.Kind, &t.Title, &t.State, &t.Run)
		return t, err
	}
	return list(ctx, x, scan, "SELECT * FROM ("+strings.ReplaceAll(everyThing, "CONDITION", condition)+")"+rest, args...)
}

// SearchThings lists up to limit barcodes with a text in them, without regard to
// case: that barcode first, then the shortest.
func (x *Index) SearchThings(ctx context.Context, text string, limit int) ([]FoundThing, error) {
	l := like(text)
	return x.everyThing(ctx, `s.barcode LIKE ? ESCAPE '\'`, " ORDER BY length(barcode), barcode LIMIT ?", l, l, limit)
}

// LooksLike lists up to limit barcodes and runs that read like a text to a tired eye:
// the letter O is a zero there, and I and L are ones.
func (x *Index) LooksLike(ctx context.Context, text string, limit int) ([]FoundThing, error) {
	const folded = "replace(replace(replace(upper(%), 'O', '0'), 'I', '1'), 'L', '1') = replace(replace(replace(upper(?), 'O', '0'), 'I', '1'), 'L', '1')"
	things, err := x.everyThing(ctx, strings.Replace(folded, "%", "s.barcode", 1), " LIMIT ?", text, text, limit)
	if err != nil {
		return nil, err
	}
	runs, err := list(ctx, x, scanText, "SELECT id FROM runs WHERE "+strings.Replace(folded, "%", "id", 1)+" ORDER BY id LIMIT ?", text, limit)
	for _, run := range runs {
		things = append(things, FoundThing{Barcode: run, Kind: "run", Run: run})
	}
	return things, err
}

// FoundFile is a file by one of its names.
type FoundFile struct {
	SHA256    string
	Name      string
	MediaType string
	Received  time.Time
}

const selectFiles = `SELECT a.sha256, COALESCE(n.name, ''), a.media_type, a.received FROM artifacts a LEFT JOIN artifact_names n ON n.sha256 = a.sha256`

func scanFile(rows *sql.Rows) (FoundFile, error) {
	var f FoundFile
	err := rows.Scan(&f.SHA256, &f.Name, &f.MediaType, moment{&f.Received})
	return f, err
}

// SearchFiles lists up to limit files with a text in their names, without regard
// to case: those that are called so first, then the newest. The histories of
// tasks, which nobody named, are left out.
func (x *Index) SearchFiles(ctx context.Context, text string, limit int) ([]FoundFile, error) {
	return list(ctx, x, scanFile, selectFiles+` WHERE n.name LIKE ? ESCAPE '\' AND n.name NOT LIKE 'task/%' AND n.name NOT LIKE 'run/%'
		GROUP BY a.sha256 ORDER BY CASE WHEN lower(n.name) = lower(?) THEN 0 ELSE 1 END, a.received DESC, a.sha256 LIMIT ?`, like(text), text, limit)
}

// ByHash lists up to limit files and as many records whose hash begins with a text
// of hexadecimal digits in small letters.
func (x *Index) ByHash(ctx context.Context, prefix string, limit int) ([]FoundFile, []record.Ref, error) {
	end := prefix + "g" // behind every digit
	files, err := list(ctx, x, scanFile, selectFiles+" WHERE a.sha256 >= ? AND a.sha256 < ? GROUP BY a.sha256 ORDER BY a.sha256 LIMIT ?", prefix, end, limit)
	if err != nil {
		return nil, nil, err
	}
	scan := func(rows *sql.Rows) (record.Ref, error) {
		var r record.Ref
		err := rows.Scan(&r.Logbook, &r.Number, &r.Hash)
		return r, err
	}
	records, err := list(ctx, x, scan, "SELECT logbook, number, hash FROM records WHERE hash >= ? AND hash < ? ORDER BY hash LIMIT ?", prefix, end, limit)
	return files, records, err
}
