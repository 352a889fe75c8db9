package index

import (
	"context"
	"database/sql"
	"fmt"

	"secretome/internal/fault"
)

// migrations are the steps from an empty file to the present schema; the number
// of steps taken is the version. Steps are only added. One that changes what is
// projected from a record empties all tables: the records come again from S3.
//
// Times are text in UTC with milliseconds, so that they sort as they are; a time
// that does not apply is empty. The first columns of a table are its key.
func migrations() []string {
	return []string{schema1, schema2, schema3, schema4, schema5, schema6, schema7}
}

const schema1 = `
CREATE TABLE logbooks (
	name TEXT NOT NULL PRIMARY KEY, last BIGINT NOT NULL, hash TEXT NOT NULL);
CREATE TABLE records (
	logbook TEXT NOT NULL, number BIGINT NOT NULL, hash TEXT NOT NULL, request TEXT NOT NULL, kind TEXT NOT NULL,
	received TEXT NOT NULL, happened TEXT NOT NULL, actor_kind TEXT NOT NULL, actor TEXT NOT NULL, actor_role TEXT NOT NULL,
	stage TEXT NOT NULL, model TEXT NOT NULL, block TEXT NOT NULL, task TEXT NOT NULL, step TEXT NOT NULL, thing TEXT NOT NULL,
	problem TEXT NOT NULL, json TEXT NOT NULL,
	PRIMARY KEY (logbook, number), UNIQUE (logbook, request));
CREATE INDEX records_request ON records (request);
CREATE INDEX records_hash ON records (hash);
CREATE INDEX records_task ON records (task);
CREATE TABLE uses (
	logbook TEXT NOT NULL, number BIGINT NOT NULL, position BIGINT NOT NULL, served_as TEXT NOT NULL,
	artifact TEXT NOT NULL, record TEXT NOT NULL,
	PRIMARY KEY (logbook, number, position));
CREATE INDEX uses_used ON uses (artifact, record);
CREATE TABLE makes (
	logbook TEXT NOT NULL, number BIGINT NOT NULL, artifact TEXT NOT NULL,
	PRIMARY KEY (logbook, number, artifact));
CREATE INDEX makes_artifact ON makes (artifact);
CREATE TABLE artifacts (
	sha256 TEXT NOT NULL PRIMARY KEY, size BIGINT NOT NULL, media_type TEXT NOT NULL,
	received TEXT NOT NULL, logbook TEXT NOT NULL, number BIGINT NOT NULL);
CREATE TABLE artifact_names (
	sha256 TEXT NOT NULL, name TEXT NOT NULL,
	PRIMARY KEY (sha256, name));
CREATE TABLE runs (
	id TEXT NOT NULL PRIMARY KEY, logbook TEXT NOT NULL, title TEXT NOT NULL, protocol TEXT NOT NULL, protocol_name TEXT NOT NULL,
	zone TEXT NOT NULL, simulated BIGINT NOT NULL, state TEXT NOT NULL, started TEXT NOT NULL, ended TEXT NOT NULL,
	outcome TEXT NOT NULL, why TEXT NOT NULL, sealed BIGINT NOT NULL);
CREATE TABLE stages (
	run TEXT NOT NULL, stage TEXT NOT NULL, model TEXT NOT NULL, block TEXT NOT NULL, number BIGINT NOT NULL, title TEXT NOT NULL,
	tasks BIGINT NOT NULL, state TEXT NOT NULL, started TEXT NOT NULL, ended TEXT NOT NULL, outcome TEXT NOT NULL, why TEXT NOT NULL,
	PRIMARY KEY (run, stage, model, block));
CREATE TABLE waits (
	run TEXT NOT NULL, stage TEXT NOT NULL, model TEXT NOT NULL, block TEXT NOT NULL, wait TEXT NOT NULL, number BIGINT NOT NULL,
	title TEXT NOT NULL, anchor TEXT NOT NULL, opens TEXT NOT NULL, nominal TEXT NOT NULL, closes TEXT NOT NULL, hard TEXT NOT NULL,
	ended TEXT NOT NULL,
	PRIMARY KEY (run, stage, model, block, wait));
CREATE TABLE tasks (
	id TEXT NOT NULL PRIMARY KEY, run TEXT NOT NULL, stage TEXT NOT NULL, model TEXT NOT NULL, block TEXT NOT NULL,
	task TEXT NOT NULL, title TEXT NOT NULL, role TEXT NOT NULL, state TEXT NOT NULL, holder TEXT NOT NULL, not_by TEXT NOT NULL,
	opens TEXT NOT NULL, nominal TEXT NOT NULL, closes TEXT NOT NULL, hard TEXT NOT NULL, due TEXT NOT NULL, attempt BIGINT NOT NULL,
	asked TEXT NOT NULL, completed TEXT NOT NULL, completed_by TEXT NOT NULL, verdict TEXT NOT NULL, late BIGINT NOT NULL);
CREATE INDEX tasks_due ON tasks (state, due, nominal, id);
CREATE INDEX tasks_run ON tasks (run, due);
CREATE TABLE steps (
	task TEXT NOT NULL, step TEXT NOT NULL, logbook TEXT NOT NULL, number BIGINT NOT NULL, happened TEXT NOT NULL, actor TEXT NOT NULL,
	PRIMARY KEY (task, step));
CREATE TABLE deviations (
	logbook TEXT NOT NULL, number BIGINT NOT NULL, type TEXT NOT NULL, what TEXT NOT NULL, reason TEXT NOT NULL, asks TEXT NOT NULL,
	stage TEXT NOT NULL, model TEXT NOT NULL, block TEXT NOT NULL, task TEXT NOT NULL, actor TEXT NOT NULL, happened TEXT NOT NULL,
	state TEXT NOT NULL, choice TEXT NOT NULL, justification TEXT NOT NULL, decided BIGINT NOT NULL,
	PRIMARY KEY (logbook, number));
CREATE TABLE results (
	logbook TEXT NOT NULL, number BIGINT NOT NULL, stage TEXT NOT NULL, model TEXT NOT NULL, block TEXT NOT NULL,
	assay TEXT NOT NULL, name TEXT NOT NULL, method TEXT NOT NULL, output TEXT NOT NULL, summary TEXT NOT NULL, happened TEXT NOT NULL,
	PRIMARY KEY (logbook, number));
CREATE TABLE decisions (
	logbook TEXT NOT NULL, number BIGINT NOT NULL, stage TEXT NOT NULL, model TEXT NOT NULL, block TEXT NOT NULL, thing TEXT NOT NULL,
	verdict TEXT NOT NULL, follows TEXT NOT NULL, checks BIGINT NOT NULL, failed BIGINT NOT NULL, happened TEXT NOT NULL,
	PRIMARY KEY (logbook, number));
CREATE TABLE documents (
	logbook TEXT NOT NULL, number BIGINT NOT NULL, kind TEXT NOT NULL, title TEXT NOT NULL, artifact TEXT NOT NULL, happened TEXT NOT NULL,
	PRIMARY KEY (logbook, number));
CREATE TABLE signatures (
	logbook TEXT NOT NULL, number BIGINT NOT NULL, actor TEXT NOT NULL, actor_role TEXT NOT NULL, meaning TEXT NOT NULL,
	report TEXT NOT NULL, over_number BIGINT NOT NULL, happened TEXT NOT NULL,
	PRIMARY KEY (logbook, number));
CREATE TABLE lots (
	barcode TEXT NOT NULL, logbook TEXT NOT NULL, number BIGINT NOT NULL, title TEXT NOT NULL, state TEXT NOT NULL, volume TEXT NOT NULL,
	aliquots BIGINT NOT NULL, stock BIGINT NOT NULL, happened TEXT NOT NULL,
	PRIMARY KEY (barcode, logbook));
`

// schema2 is about things. What is in it comes from records of kinds and parts
// that no earlier program wrote, so nothing has to be read again.
const schema2 = `
CREATE TABLE things (
	logbook TEXT NOT NULL, number BIGINT NOT NULL, field TEXT NOT NULL, barcode TEXT NOT NULL, kind TEXT NOT NULL, made BIGINT NOT NULL,
	passage BIGINT NOT NULL, task TEXT NOT NULL, actor TEXT NOT NULL, happened TEXT NOT NULL,
	PRIMARY KEY (logbook, number, field));
CREATE INDEX things_barcode ON things (barcode);
CREATE TABLE parents (
	child TEXT NOT NULL, parent TEXT NOT NULL, logbook TEXT NOT NULL, number BIGINT NOT NULL,
	PRIMARY KEY (child, parent, logbook, number));
CREATE INDEX parents_parent ON parents (parent);
CREATE TABLE flags (
	barcode TEXT NOT NULL, logbook TEXT NOT NULL, number BIGINT NOT NULL, state TEXT NOT NULL, why TEXT NOT NULL,
	PRIMARY KEY (barcode, logbook, number));
CREATE TABLE stock (
	barcode TEXT NOT NULL PRIMARY KEY, kind TEXT NOT NULL, state TEXT NOT NULL, held TEXT NOT NULL, expires TEXT NOT NULL,
	number BIGINT NOT NULL, json TEXT NOT NULL);
`

// schema3 is about the temperature logs of places, of which no earlier program
// wrote a record.
const schema3 = `
CREATE TABLE places (
	logbook TEXT NOT NULL, number BIGINT NOT NULL, place TEXT NOT NULL, starts TEXT NOT NULL, ends TEXT NOT NULL, artifact TEXT NOT NULL,
	actor TEXT NOT NULL, received TEXT NOT NULL, json TEXT NOT NULL,
	PRIMARY KEY (logbook, number));
`

// schema4 lets the board count what waits in a thousand runs, and what was done
// today, without reading the tasks themselves.
const schema4 = `
CREATE INDEX tasks_waiting ON tasks (state, run, due, task, stage);
CREATE INDEX tasks_completed ON tasks (completed);
`

// schema5 lets the lists of a day find their rows among many: all that they sort
// and choose by stands in the index itself.
const schema5 = `
CREATE INDEX tasks_day ON tasks (due, nominal, id, state, opens, closes, role, holder, not_by) WHERE state IN ('open', 'claimed');
CREATE INDEX tasks_held ON tasks (holder, role, state, not_by) WHERE state IN ('open', 'claimed');
CREATE INDEX tasks_opening ON tasks (opens, state) WHERE state IN ('open', 'claimed');
CREATE INDEX deviations_state ON deviations (state, logbook);
CREATE INDEX runs_started ON runs (state, started);
`

// schema6 keeps what waits in the order in which the board and the loads of people
// count it, so that nothing is sorted.
const schema6 = `
DROP INDEX tasks_waiting;
CREATE INDEX tasks_of_runs ON tasks (run, due, task, stage, state) WHERE state IN ('open', 'claimed');
CREATE INDEX tasks_of_stages ON tasks (stage, due, nominal, id) WHERE state IN ('open', 'claimed');
CREATE INDEX tasks_deciding ON tasks (asked, id, run) WHERE task = 'decide-deviation' AND state IN ('open', 'claimed');
CREATE INDEX tasks_loads ON tasks (holder, role, due, opens, closes, nominal, state) WHERE state IN ('open', 'claimed');
`

// schema7 finds by which protocols runs go without a question for each run.
const schema7 = `
CREATE INDEX records_protocols ON records (logbook, number) WHERE kind IN ('run-launched', 'run-amended');
`

// table is one table of the projection and how many of its first columns are
// its key.
type table struct {
	name string
	key  int
}

// tables lists all that is projected from the records, records first.
func tables() []table {
	return []table{
		{"logbooks", 1},
		{"records", 2},
		{"uses", 3},
		{"makes", 3},
		{"artifacts", 1},
		{"artifact_names", 2},
		{"runs", 1},
		{"stages", 4},
		{"waits", 5},
		{"tasks", 1},
		{"steps", 2},
		{"deviations", 2},
		{"results", 2},
		{"decisions", 2},
		{"documents", 2},
		{"signatures", 2},
		{"lots", 2},
		{"things", 3},
		{"parents", 4},
		{"flags", 3},
		{"stock", 1},
		{"places", 2},
	}
}

// migrate takes the steps that the file lacks, all or none.
func migrate(ctx context.Context, db *sql.DB, path string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // no effect once committed
	if _, err := tx.ExecContext(ctx, "CREATE TABLE IF NOT EXISTS meta (version BIGINT NOT NULL)"); err != nil {
		return err
	}
	var version int
	if err := tx.QueryRowContext(ctx, "SELECT COALESCE(MAX(version), 0) FROM meta").Scan(&version); err != nil {
		return err
	}
	steps := migrations()
	if version > len(steps) {
		return fault.New(fault.Refused, "the index %s has version %d, this program knows up to %d", path, version, len(steps)).
			Try("use the newer version of secretome that wrote it, or run: secretome index rebuild")
	}
	for i := version; i < len(steps); i++ {
		if _, err := tx.ExecContext(ctx, steps[i]); err != nil {
			return fmt.Errorf("bring the index to version %d: %w", i+1, err)
		}
		if _, err := tx.ExecContext(ctx, statement("INSERT INTO meta (version) VALUES (?)"), i+1); err != nil {
			return err
		}
	}
	return tx.Commit()
}
