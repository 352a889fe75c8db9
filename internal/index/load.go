package index

import (
	"context"
	"database/sql"
	"time"

	"secretome/internal/protocol"
	"secretome/internal/record"
)

// Load is how many open tasks one person holds, by their windows; of nobody, how
// many wait for one role.
type Load struct {
	Holder   string // empty: nobody holds them
	Role     string // that the tasks are for
	Missed   int    // the window has closed
	Now      int    // the window is open
	Free     int    // without a window
	Today    int    // it opens until the end of the day
	Tomorrow int
	Later    int
	Total    int
	First    time.Time // by when the first of them wants to be done; zero: never
}

// Loads counts the open tasks of each person and role. Days begin at the given
// times.
func (x *Index) Loads(ctx context.Context, now, tomorrow, after time.Time) ([]Load, error) {
	// A window begins with its opening, or at its nominal time where it has only
	// that one. What comes first in this list counts.
	begins := "(CASE WHEN opens = '' AND closes = '' THEN nominal ELSE opens END)"
	part := `CASE WHEN opens = '' AND closes = '' AND nominal = '' THEN 'free' WHEN closes <> '' AND closes < ? THEN 'missed'
		WHEN ` + begins + ` <= ? THEN 'now' WHEN ` + begins + ` < ? THEN 'today' WHEN ` + begins + ` < ? THEN 'tomorrow' ELSE 'later' END`
	sum := func(name string) string { return ", SUM(CASE WHEN part = '" + name + "' THEN 1 ELSE 0 END)" }
	query := "SELECT holder, role" + sum("missed") + sum("now") + sum("free") + sum("today") + sum("tomorrow") + sum("later") +
		", COUNT(*), MIN(due) FROM (SELECT holder, role, due, " + part + ` AS part FROM tasks INDEXED BY tasks_loads WHERE state IN ('open', 'claimed'))
		GROUP BY holder, role ORDER BY holder = '', holder, role`
	scan := func(rows *sql.Rows) (Load, error) {
		var l Load
		err := rows.Scan(&l.Holder, &l.Role, &l.Missed, &l.Now, &l.Free, &l.Today, &l.Tomorrow, &l.Later, &l.Total, moment{&l.First})
		if stamp(l.First) == never {
			l.First = time.Time{}
		}
		return l, err
	}
	t := stamp(now)
	return list(ctx, x, scan, query, t, t, stamp(tomorrow), stamp(after))
}

// Day lists the tasks whose windows touch the time between from and to, and those
// that were completed in it: at most limit of each, what is due first.
func (x *Index) Day(ctx context.Context, from, to time.Time, limit int) ([]Task, error) {
	// What was completed has a verdict; what was left out or withdrawn has none.
	open, err := list(ctx, x, scanTask, limited(selectTasks+` INDEXED BY tasks_day WHERE state IN ('open', 'claimed') AND due >= ? AND due <> '`+never+`'
		AND opens < ? ORDER BY due, nominal, id`, limit), stamp(from), stamp(to))
	if err != nil {
		return nil, err
	}
	done, err := list(ctx, x, scanTask, limited(selectTasks+" WHERE completed >= ? AND completed < ? AND verdict <> '' ORDER BY completed", limit), stamp(from), stamp(to))
	return append(done, open...), err
}

// Overdue lists open tasks whose window has closed, the longest ago first.
func (x *Index) Overdue(ctx context.Context, now time.Time, limit int) ([]Task, error) {
	return list(ctx, x, scanTask, limited(selectTasks+` INDEXED BY tasks_day WHERE state IN ('open', 'claimed') AND due < ? AND closes <> '' AND closes < ? ORDER BY due, nominal, id`, limit), stamp(now), stamp(now))
}

// Closing lists open tasks whose window is open and closes until a time, the
// nearest first.
func (x *Index) Closing(ctx context.Context, now, until time.Time, limit int) ([]Task, error) {
	return list(ctx, x, scanTask, limited(selectTasks+` INDEXED BY tasks_day WHERE state IN ('open', 'claimed') AND due >= ? AND due < ? AND closes <> '' AND opens <= ?
		ORDER BY due, nominal, id`, limit), stamp(now), stamp(until), stamp(now))
}

// Opening returns the open task whose window opens next; false where none does.
func (x *Index) Opening(ctx context.Context, now time.Time) (Task, bool, error) {
	return one(ctx, x, scanTask, selectTasks+" INDEXED BY tasks_opening WHERE state IN ('open', 'claimed') AND opens > ? ORDER BY opens LIMIT 1", stamp(now))
}

// OfStage lists open tasks of a stage of any run.
func (x *Index) OfStage(ctx context.Context, stage string, limit int) ([]Task, error) {
	return list(ctx, x, scanTask, limited(selectTasks+" INDEXED BY tasks_of_stages WHERE state IN ('open', 'claimed') AND stage = ? ORDER BY due, nominal, id", limit), stage)
}

// Deciding is a task by which a manager decides, with the deviation that it is
// about.
type Deciding struct {
	Task
	Deviation int64 // number of its record; 0 where the task says none
}

// Deciding lists the decisions that wait, the oldest first; of one run, or of all
// runs where run is empty.
func (x *Index) Deciding(ctx context.Context, run string, limit, offset int) ([]Deciding, error) {
	w := where{conditions: []string{"state IN ('open', 'claimed')", "task = '" + protocol.DecisionID + "'"}}
	w.equal("run", run)
	tasks, err := list(ctx, x, scanTask, selectTasks+" INDEXED BY tasks_deciding"+w.clause()+" ORDER BY asked, id LIMIT ? OFFSET ?", append(w.args, limit, offset)...)
	if err != nil {
		return nil, err
	}
	all := make([]Deciding, len(tasks))
	for i, t := range tasks {
		all[i].Task = t
		all[i].Deviation, _, err = one(ctx, x, scanNumber, `SELECT d.number FROM records a JOIN uses u ON u.logbook = a.logbook AND u.number = a.number
			JOIN records d ON d.hash = u.record WHERE a.task = ? AND a.kind = ? AND d.kind = ? AND d.logbook = a.logbook`,
			t.ID, string(record.TaskAsked), string(record.DeviationOpened))
		if err != nil {
			return nil, err
		}
	}
	return all, nil
}

// CountDeciding returns how many decisions wait.
func (x *Index) CountDeciding(ctx context.Context, run string) (int, error) {
	w := where{conditions: []string{"state IN ('open', 'claimed')", "task = '" + protocol.DecisionID + "'"}}
	w.equal("run", run)
	n, _, err := one(ctx, x, scanInt, "SELECT COUNT(*) FROM tasks INDEXED BY tasks_deciding"+w.clause(), w.args...)
	return n, err
}

func scanNumber(rows *sql.Rows) (int64, error) {
	var n int64
	err := rows.Scan(&n)
	return n, err
}
