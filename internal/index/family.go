package index

import (
	"context"
	"database/sql"
	"slices"
	"strings"
)

// Children lists what was made from a thing itself, by barcode.
func (x *Index) Children(ctx context.Context, barcode string) ([]string, error) {
	return list(ctx, x, scanText, "SELECT DISTINCT child FROM parents WHERE parent = ? ORDER BY child", barcode)
}

// MadeIn lists the things that came into the world in a run, each once, in the
// order of their records.
func (x *Index) MadeIn(ctx context.Context, run string) ([]Thing, error) {
	all, err := x.ScannedIn(ctx, run)
	return slices.DeleteFunc(all, func(t Thing) bool { return !t.Made }), err
}

// ScannedIn lists the things that were made or used in a run, each once, in the
// order of the records that first tell of them; of one that was made there, of
// its making.
func (x *Index) ScannedIn(ctx context.Context, run string) ([]Thing, error) {
	scan := func(rows *sql.Rows) (Thing, error) {
		var t Thing
		err := rows.Scan(&t.Barcode, &t.Kind, &t.Made, &t.Passage, &t.Record.Logbook, &t.Record.Number, &t.Task, &t.By, moment{&t.Happened})
		return t, err
	}
	all, err := list(ctx, x, scan, `SELECT barcode, kind, made, passage, logbook, number, task, actor, happened FROM things
		WHERE logbook = ? ORDER BY made DESC, number, field`, "run/"+run)
	seen := map[string]bool{}
	once := all[:0]
	for _, t := range all {
		if !seen[t.Barcode] {
			seen[t.Barcode] = true
			once = append(once, t)
		}
	}
	return once, err
}

// likeLetters are the characters that an eye takes for one another on a label.
var likeLetters = strings.NewReplacer("O", "0", "I", "1", "L", "1", "S", "5", "B", "8", "Z", "2", "_", "-")

// Alike lists the barcodes that an eye takes for this one: zero for the letter O,
// one for I, small letters for capitals. Itself is none of them.
func (x *Index) Alike(ctx context.Context, barcode string) ([]string, error) {
	known, err := list(ctx, x, scanText, "SELECT barcode FROM stock UNION SELECT barcode FROM things ORDER BY 1")
	if err != nil {
		return nil, err
	}
	look := func(code string) string { return likeLetters.Replace(strings.ToUpper(code)) }
	var alike []string
	for _, code := range known {
		if code != barcode && look(code) == look(barcode) {
			alike = append(alike, code)
		}
	}
	return alike, nil
}
