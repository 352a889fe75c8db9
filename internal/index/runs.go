package index

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"

	"secretome/internal/fault"
)

// The states of runs and stages.
const (
	Running = "running"
	Ended   = "ended"
)

// Run is where a run stands.
type Run struct {
	ID           string
	Logbook      string
	Title        string
	Protocol     string // SHA-256 of its canonical JSON
	ProtocolName string
	Zone         string // lab time, an IANA name
	Simulated    bool   // people or instruments were played
	State        string // Running or Ended
	Started      time.Time
	Ended        time.Time // zero while it runs
	Outcome      string
	Why          string
	Sealed       int64 // number of its last seal; 0 for none
	Head         int64 // number of its last record that the index has
}

// RunFilter chooses runs; what is empty chooses all.
type RunFilter struct {
	State    string // Running or Ended
	Protocol string // SHA-256
	Limit    int    // at most so many, if above 0
}

const selectRuns = `SELECT r.id, r.logbook, r.title, r.protocol, r.protocol_name, r.zone, r.simulated, r.state, r.started, r.ended,
	r.outcome, r.why, r.sealed, l.last FROM runs r JOIN logbooks l ON l.name = r.logbook`

func scanRun(rows *sql.Rows) (Run, error) {
	var r Run
	err := rows.Scan(&r.ID, &r.Logbook, &r.Title, &r.Protocol, &r.ProtocolName, &r.Zone, &r.Simulated, &r.State,
		moment{&r.Started}, moment{&r.Ended}, &r.Outcome, &r.Why, &r.Sealed, &r.Head)
	return r, err
}

// Runs lists runs, the newest first.
func (x *Index) Runs(ctx context.Context, f RunFilter) ([]Run, error) {
	var w where
	w.equal("r.state", f.State)
	w.equal("r.protocol", f.Protocol)
	return list(ctx, x, scanRun, limited(selectRuns+w.clause()+" ORDER BY r.started DESC, r.id DESC", f.Limit), w.args...)
}

// Run returns one run. It fails with [fault.NotFound].
func (x *Index) Run(ctx context.Context, id string) (Run, error) {
	r, ok, err := one(ctx, x, scanRun, selectRuns+" WHERE r.id = ?", id)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "there is no run %q", id).Try("list them with: secretome run list")
	}
	return r, err
}

// LastRun returns the highest number among the logbooks of runs whose ID is
// prefix and a number, as in "UCM-2026-" and 014; 0 for none.
func (x *Index) LastRun(ctx context.Context, prefix string) (int, error) {
	from := "run/" + prefix
	names, err := list(ctx, x, scanText, "SELECT name FROM logbooks WHERE name > ? AND name < ?", from, from+":") // a colon sorts behind the digits
	last := 0
	for _, name := range names {
		if n, err := strconv.Atoi(strings.TrimPrefix(name, from)); err == nil {
			last = max(last, n)
		}
	}
	return last, err
}

func scanText(rows *sql.Rows) (string, error) {
	var s string
	err := rows.Scan(&s)
	return s, err
}

// Stage is where a stage of a run stands.
type Stage struct {
	Run     string
	Stage   string
	Model   string // empty where it happens once a run
	Block   string
	Number  int64 // of the record that started it
	Title   string
	Tasks   int // how many it will ask at least
	State   string
	Started time.Time
	Ended   time.Time
	Outcome string
	Why     string
}

const selectStages = "SELECT run, stage, model, block, number, title, tasks, state, started, ended, outcome, why FROM stages"

func scanStage(rows *sql.Rows) (Stage, error) {
	var s Stage
	err := rows.Scan(&s.Run, &s.Stage, &s.Model, &s.Block, &s.Number, &s.Title, &s.Tasks, &s.State,
		moment{&s.Started}, moment{&s.Ended}, &s.Outcome, &s.Why)
	return s, err
}

// Stages lists the stages of a run in the order in which they were started.
func (x *Index) Stages(ctx context.Context, run string) ([]Stage, error) {
	return list(ctx, x, scanStage, selectStages+" WHERE run = ? ORDER BY number", run)
}

// StageTitles are the titles of the stages of runs that have begun, by run and
// stage.
func (x *Index) StageTitles(ctx context.Context, runs ...string) (map[[2]string]string, error) {
	titles := map[[2]string]string{}
	if len(runs) == 0 {
		return titles, nil
	}
	var w where
	in(&w, "run", runs)
	scan := func(rows *sql.Rows) (struct{}, error) {
		var at [2]string
		var title string
		err := rows.Scan(&at[0], &at[1], &title)
		titles[at] = title
		return struct{}{}, err
	}
	_, err := list(ctx, x, scan, "SELECT DISTINCT run, stage, title FROM stages"+w.clause(), w.args...)
	return titles, err
}

// Wait is an incubation or another wait of a stage.
type Wait struct {
	Run, Stage, Model, Block string
	Wait                     string // its ID in the stage
	Number                   int64  // of its last record
	Title                    string
	Anchor                   time.Time // from when it counts
	Opens, Nominal           time.Time
	Closes, Hard             time.Time
	Ended                    time.Time // zero while it lasts
}

// Waits lists the waits of a run in the order of their last record.
func (x *Index) Waits(ctx context.Context, run string) ([]Wait, error) {
	scan := func(rows *sql.Rows) (Wait, error) {
		var w Wait
		err := rows.Scan(&w.Run, &w.Stage, &w.Model, &w.Block, &w.Wait, &w.Number, &w.Title, moment{&w.Anchor},
			moment{&w.Opens}, moment{&w.Nominal}, moment{&w.Closes}, moment{&w.Hard}, moment{&w.Ended})
		return w, err
	}
	return list(ctx, x, scan, `SELECT run, stage, model, block, wait, number, title, anchor, opens, nominal, closes, hard, ended
		FROM waits WHERE run = ? ORDER BY number`, run)
}
