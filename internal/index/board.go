package index

import (
	"context"
	"database/sql"
	"strings"
	"time"

	"secretome/internal/protocol"
)

// The parts of the board of runs.
const (
	BoardActive   = "active"   // under way, and no task of its review waits
	BoardReview   = "review"   // under way, and a task of its review waits
	BoardFinished = "finished" // over
)

// BoardFilter chooses the runs of one page of the board.
type BoardFilter struct {
	Part   string // BoardActive, BoardReview, BoardFinished; empty for all
	Query  string // in the ID, title, protocol, a barcode, or the beginning of a hash
	Limit  int
	Offset int
}

// BoardRun is a run with what waits in it.
type BoardRun struct {
	Run
	Open    int       // tasks that wait for somebody
	Blocked int       // decisions that wait for somebody
	Due     time.Time // by when the first open task wants to be done; zero for never
	Changed time.Time // when its last record was received
}

// waiting counts the tasks of each run that wait for somebody. Which index it goes
// by is said, here and where else what waits is counted: without statistics the
// planner takes the one that begins with the state.
const waiting = `SELECT run, COUNT(*) AS open, SUM(CASE WHEN task = '` + protocol.DecisionID + `' THEN 1 ELSE 0 END) AS blocked,
	SUM(CASE WHEN stage = '` + protocol.Reviewing + `' THEN 1 ELSE 0 END) AS reviews, MIN(due) AS due
	FROM tasks INDEXED BY tasks_of_runs WHERE state IN ('open', 'claimed') GROUP BY run`

// Board lists runs: those that wait for a decision first, then by the end of the
// next window, then the newest; those that are over behind, the last ended first.
func (x *Index) Board(ctx context.Context, f BoardFilter) ([]BoardRun, error) {
	w := f.where()
	query := "WITH o AS (" + waiting + `), p AS (SELECT r.id, r.logbook, r.title, r.protocol, r.protocol_name, r.zone, r.simulated, r.state, r.started, r.ended,
		r.outcome, r.why, r.sealed, COALESCE(o.open, 0) AS open, COALESCE(o.blocked, 0) AS blocked, COALESCE(o.due, '') AS due,
		ROW_NUMBER() OVER (ORDER BY CASE WHEN r.state = '` + Running + `' THEN 0 ELSE 1 END, CASE WHEN o.blocked > 0 THEN 0 ELSE 1 END,
			COALESCE(o.due, '` + never + `'), r.ended DESC, r.started DESC, r.id DESC) AS place
		FROM runs r LEFT JOIN o ON o.run = r.id` + w.clause() + ` ORDER BY place LIMIT ? OFFSET ?)
		SELECT p.id, p.logbook, p.title, p.protocol, p.protocol_name, p.zone, p.simulated, p.state, p.started, p.ended,
		p.outcome, p.why, p.sealed, l.last, p.open, p.blocked, p.due, COALESCE(c.received, '')
		FROM p JOIN logbooks l ON l.name = p.logbook LEFT JOIN records c ON c.logbook = p.logbook AND c.number = l.last ORDER BY p.place`
	return list(ctx, x, scanBoard, query, append(w.args, f.Limit, f.Offset)...)
}

// CountBoard returns how many runs [Index.Board] would list without its limit.
func (x *Index) CountBoard(ctx context.Context, f BoardFilter) (int, error) {
	w := f.where()
	n, _, err := one(ctx, x, scanInt, "WITH o AS ("+waiting+") SELECT COUNT(*) FROM runs r LEFT JOIN o ON o.run = r.id"+w.clause(), w.args...)
	return n, err
}

// BoardCounts is how many runs each part of the board has.
type BoardCounts struct{ Active, Review, Finished int }

// BoardCounts counts the runs of each part, at once.
func (x *Index) BoardCounts(ctx context.Context) (BoardCounts, error) {
	scan := func(rows *sql.Rows) (BoardCounts, error) {
		var c BoardCounts
		err := rows.Scan(&c.Active, &c.Review, &c.Finished)
		return c, err
	}
	reviews := "EXISTS (SELECT 1 FROM tasks t INDEXED BY tasks_of_runs WHERE t.run = r.id AND t.stage = '" + protocol.Reviewing + "' AND t.state IN ('open', 'claimed'))"
	sum := func(condition string) string {
		return "COALESCE(SUM(CASE WHEN " + condition + " THEN 1 ELSE 0 END), 0)"
	}
	c, _, err := one(ctx, x, scan, "SELECT "+sum("r.state = '"+Running+"' AND NOT r.reviews")+", "+sum("r.state = '"+Running+"' AND r.reviews")+", "+
		sum("r.state = '"+Ended+"'")+" FROM (SELECT r.state, "+reviews+" AS reviews FROM runs r) r")
	return c, err
}

func (f BoardFilter) where() where {
	var w where
	switch f.Part {
	case BoardActive:
		w.conditions = append(w.conditions, "r.state = '"+Running+"'", "COALESCE(o.reviews, 0) = 0")
	case BoardReview:
		w.conditions = append(w.conditions, "r.state = '"+Running+"'", "o.reviews > 0")
	case BoardFinished:
		w.conditions = append(w.conditions, "r.state = '"+Ended+"'")
	}
	if q := strings.TrimSpace(f.Query); q != "" {
		w.search(q)
	}
	return w
}

// search asks for a text in what a run is called, for a barcode in it, or for the
// beginning of the hash of an artifact that it made.
func (w *where) search(q string) {
	like := "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(q) + "%"
	any := []string{`r.id LIKE ? ESCAPE '\'`, `r.title LIKE ? ESCAPE '\'`, `r.protocol_name LIKE ? ESCAPE '\'`,
		"r.logbook IN (SELECT logbook FROM things WHERE barcode = ?)", "r.logbook IN (SELECT logbook FROM lots WHERE barcode = ?)"}
	code := strings.ToUpper(q)
	w.args = append(w.args, like, like, like, code, code)
	const least, digits = 6, "0123456789abcdef"
	if hash := strings.ToLower(q); len(hash) >= least && strings.Trim(hash, digits) == "" {
		any = append(any, "r.logbook IN (SELECT logbook FROM makes WHERE artifact >= ? AND artifact < ?)")
		w.args = append(w.args, hash, hash+"g")
	}
	w.conditions = append(w.conditions, "("+strings.Join(any, " OR ")+")")
}

func scanBoard(rows *sql.Rows) (BoardRun, error) {
	var r BoardRun
	err := rows.Scan(&r.ID, &r.Logbook, &r.Title, &r.Protocol, &r.ProtocolName, &r.Zone, &r.Simulated, &r.State, moment{&r.Started}, moment{&r.Ended},
		&r.Outcome, &r.Why, &r.Sealed, &r.Head, &r.Open, &r.Blocked, moment{&r.Due}, moment{&r.Changed})
	if stamp(r.Due) == never {
		r.Due = time.Time{}
	}
	return r, err
}

func scanInt(rows *sql.Rows) (int, error) {
	var n int
	err := rows.Scan(&n)
	return n, err
}

// StagesOf lists the stages of several runs, in the order in which each run
// started them.
func (x *Index) StagesOf(ctx context.Context, runs []string) ([]Stage, error) {
	if len(runs) == 0 {
		return nil, nil
	}
	var w where
	in(&w, "run", runs)
	return list(ctx, x, scanStage, selectStages+w.clause()+" ORDER BY run, number", w.args...)
}

// Tally counts the tasks of one stage, model and block of a run.
type Tally struct {
	Run, Stage, Model, Block string
	Asked                    int // in all
	Done                     int // completed or left out
	Open                     int // wait for somebody
	Now                      int // of those whose window is open, and closes
	Missed                   int // of those whose window has closed
	Blocked                  int // of those that are decisions
}

// Tallies counts the tasks of several runs. With open only those that wait for
// somebody are looked at.
func (x *Index) Tallies(ctx context.Context, runs []string, now time.Time, open bool) ([]Tally, error) {
	if len(runs) == 0 {
		return nil, nil
	}
	var w where
	in(&w, "run", runs)
	from := "tasks"
	if open {
		w.conditions = append(w.conditions, "state IN ('open', 'claimed')")
		from = "tasks INDEXED BY tasks_of_runs"
	}
	t := stamp(now)
	sum := func(condition string) string { return ", SUM(CASE WHEN " + condition + " THEN 1 ELSE 0 END)" }
	waits := "state IN ('open', 'claimed')"
	query := "SELECT run, stage, model, block, COUNT(*)" + sum("state IN ('completed', 'skipped')") + sum(waits) +
		sum(waits+" AND closes <> '' AND opens <= ? AND closes >= ?") + sum(waits+" AND closes <> '' AND closes < ?") +
		sum(waits+" AND task = '"+protocol.DecisionID+"'") + " FROM " + from + w.clause() + " GROUP BY run, stage, model, block"
	scan := func(rows *sql.Rows) (Tally, error) {
		var c Tally
		err := rows.Scan(&c.Run, &c.Stage, &c.Model, &c.Block, &c.Asked, &c.Done, &c.Open, &c.Now, &c.Missed, &c.Blocked)
		return c, err
	}
	return list(ctx, x, scan, query, append([]any{t, t, t}, w.args...)...)
}

// NextTasks returns for each of several runs the open task that is due first.
func (x *Index) NextTasks(ctx context.Context, runs []string) (map[string]Task, error) {
	next := map[string]Task{}
	if len(runs) == 0 {
		return next, nil
	}
	var w where
	in(&w, "run", runs)
	w.conditions = append(w.conditions, "state IN ('open', 'claimed')")
	tasks, err := list(ctx, x, scanTask, selectTasks+` WHERE id IN (SELECT id FROM (SELECT id,
		ROW_NUMBER() OVER (PARTITION BY run ORDER BY due, nominal, id) AS place FROM tasks INDEXED BY tasks_of_runs`+w.clause()+`) WHERE place = 1)`, w.args...)
	for _, t := range tasks {
		next[t.Run] = t
	}
	return next, err
}

// Origin is from whom a run comes, and what it made.
type Origin struct {
	Donor string // barcode of the first donor
	Lot   string // barcode of the first lot that it made
}

// Origins returns the origin of each of several runs.
func (x *Index) Origins(ctx context.Context, runs []string) (map[string]Origin, error) {
	all := map[string]Origin{}
	if len(runs) == 0 {
		return all, nil
	}
	logbooks := make([]string, len(runs))
	for i, r := range runs {
		logbooks[i] = "run/" + r
	}
	var w where
	in(&w, "logbook", logbooks)
	w.conditions = append(w.conditions, "(kind = 'donor' OR kind = 'lot' AND made = 1)")
	scan := func(rows *sql.Rows) ([3]string, error) {
		var t [3]string
		err := rows.Scan(&t[0], &t[1], &t[2])
		return t, err
	}
	things, err := list(ctx, x, scan, "SELECT logbook, kind, barcode FROM things"+w.clause()+" ORDER BY logbook, number", w.args...)
	for _, t := range things {
		run := runOf(t[0])
		o := all[run]
		switch {
		case t[1] == "donor" && o.Donor == "":
			o.Donor = t[2]
		case t[1] == "lot" && o.Lot == "":
			o.Lot = t[2]
		}
		all[run] = o
	}
	return all, err
}
