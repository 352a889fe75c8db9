package index

import (
	"context"
	"database/sql"
	"time"

	"secretome/internal/record"
)

// The states of a deviation.
const (
	DeviationOpen    = "open"
	DeviationDecided = "decided"
)

// About is what an outcome of a run has in common with the others.
type About struct {
	Logbook             string
	Number              int64 // of its record
	Stage, Model, Block string
	Happened            time.Time
}

// Deviation is a departure from the protocol, with its decision.
type Deviation struct {
	About
	Type          string
	What          string
	Reason        string
	Asks          string // what the protocol says follows
	Task          string // the whole ID of the task
	By            string
	State         string // DeviationOpen or DeviationDecided
	Choice        string
	Justification string
	Decided       int64 // number of the record that decided it
}

const selectDeviations = `SELECT logbook, number, stage, model, block, happened, type, what, reason, asks, task, actor,
	state, choice, justification, decided FROM deviations`

func scanDeviation(rows *sql.Rows) (Deviation, error) {
	var d Deviation
	err := rows.Scan(&d.Logbook, &d.Number, &d.Stage, &d.Model, &d.Block, moment{&d.Happened},
		&d.Type, &d.What, &d.Reason, &d.Asks, &d.Task, &d.By, &d.State, &d.Choice, &d.Justification, &d.Decided)
	return d, err
}

// Deviations lists the deviations of a run, by number.
func (x *Index) Deviations(ctx context.Context, run string) ([]Deviation, error) {
	return list(ctx, x, scanDeviation, selectDeviations+" WHERE logbook = ? ORDER BY number", "run/"+run)
}

// Result is what an assay gave.
type Result struct {
	About
	Assay   string
	Name    string
	Method  string
	Output  string // SHA-256 of the whole result
	Summary string
}

// Results lists the results of a run, by number.
func (x *Index) Results(ctx context.Context, run string) ([]Result, error) {
	scan := func(rows *sql.Rows) (Result, error) {
		var r Result
		err := rows.Scan(&r.Logbook, &r.Number, &r.Stage, &r.Model, &r.Block, moment{&r.Happened}, &r.Assay, &r.Name, &r.Method, &r.Output, &r.Summary)
		return r, err
	}
	return list(ctx, x, scan, `SELECT logbook, number, stage, model, block, happened, assay, name, method, output, summary
		FROM results WHERE logbook = ? ORDER BY number`, "run/"+run)
}

// Decision is criteria held against values.
type Decision struct {
	About
	Thing          string // what it is about
	Verdict        string
	Do             string // what the protocol says follows
	Checks, Failed int    // how many criteria, and how many did not pass
}

// Decisions lists the decisions of a run, by number.
func (x *Index) Decisions(ctx context.Context, run string) ([]Decision, error) {
	scan := func(rows *sql.Rows) (Decision, error) {
		var d Decision
		err := rows.Scan(&d.Logbook, &d.Number, &d.Stage, &d.Model, &d.Block, moment{&d.Happened}, &d.Thing, &d.Verdict, &d.Do, &d.Checks, &d.Failed)
		return d, err
	}
	return list(ctx, x, scan, `SELECT logbook, number, stage, model, block, happened, thing, verdict, follows, checks, failed
		FROM decisions WHERE logbook = ? ORDER BY number`, "run/"+run)
}

// Document is a figure, a report, or bytes that somebody stored by hand.
type Document struct {
	Logbook  string
	Number   int64 // of its record
	Kind     record.Kind
	Title    string
	Artifact string // SHA-256
	Happened time.Time
}

// Documents lists the figures and reports of a logbook, by number.
func (x *Index) Documents(ctx context.Context, logbook string) ([]Document, error) {
	scan := func(rows *sql.Rows) (Document, error) {
		var d Document
		err := rows.Scan(&d.Logbook, &d.Number, &d.Kind, &d.Title, &d.Artifact, moment{&d.Happened})
		return d, err
	}
	return list(ctx, x, scan, "SELECT logbook, number, kind, title, artifact, happened FROM documents WHERE logbook = ? ORDER BY number", logbook)
}

// Signature is a person's signed statement.
type Signature struct {
	Logbook  string
	Number   int64 // of its record
	By, Role string
	Meaning  string
	Report   string // SHA-256 of what was signed
	Over     int64  // number of the record that the person saw as the last
	Happened time.Time
}

// Signatures lists the signatures of a run, by number.
func (x *Index) Signatures(ctx context.Context, run string) ([]Signature, error) {
	scan := func(rows *sql.Rows) (Signature, error) {
		var s Signature
		err := rows.Scan(&s.Logbook, &s.Number, &s.By, &s.Role, &s.Meaning, &s.Report, &s.Over, moment{&s.Happened})
		return s, err
	}
	return list(ctx, x, scan, `SELECT logbook, number, actor, actor_role, meaning, report, over_number, happened
		FROM signatures WHERE logbook = ? ORDER BY number`, "run/"+run)
}

// Lot is what one logbook last said of a lot.
type Lot struct {
	Barcode  string
	Logbook  string
	Number   int64 // of its record
	Title    string
	State    string // quarantine, released, rejected
	Volume   string
	Aliquots int
	Stock    bool // made before the run
	Happened time.Time
}

// LotFilter chooses lots; what is empty chooses all.
type LotFilter struct {
	Barcode string
	Logbook string
}

// Lots lists lots by barcode; of one that several logbooks tell of, the latest
// comes last.
func (x *Index) Lots(ctx context.Context, f LotFilter) ([]Lot, error) {
	scan := func(rows *sql.Rows) (Lot, error) {
		var l Lot
		err := rows.Scan(&l.Barcode, &l.Logbook, &l.Number, &l.Title, &l.State, &l.Volume, &l.Aliquots, &l.Stock, moment{&l.Happened})
		return l, err
	}
	var w where
	w.equal("barcode", f.Barcode)
	w.equal("logbook", f.Logbook)
	return list(ctx, x, scan, "SELECT barcode, logbook, number, title, state, volume, aliquots, stock, happened FROM lots"+
		w.clause()+" ORDER BY barcode, happened, logbook", w.args...)
}
