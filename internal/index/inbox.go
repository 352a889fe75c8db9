package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"
	"time"

	"secretome/internal/protocol"
	"secretome/internal/task"
)

// Inbox chooses the tasks that wait for somebody, as a person's day has them.
type Inbox struct {
	Now      time.Time // in the zone whose days count
	Holder   string    // held by this person
	Role     string    // or held by nobody, for this role, and not barred to Holder
	All      bool      // held by or for anybody; Holder and Role do not count
	From, To int       // rows, from 0; To excluded
}

// soon is how long before its opening a window is said to open soon.
const soon = 2 * time.Hour

// waits is what a query says whose rows wait for somebody: in the words of the
// partial indexes, which it then may use.
const waits = "state IN ('open', 'claimed')"

// Which index serves is said, since SQLite, which keeps no statistics here, prefers
// one that begins with the state, and then reads every row.

// of chooses the rows of an inbox.
func (q Inbox) of() (clause string, args []any) {
	switch {
	case q.All:
		return " WHERE " + waits, nil
	case q.Role == "":
		return " WHERE " + waits + " AND holder = ?", []any{q.Holder}
	}
	return " WHERE " + waits + " AND (holder = ? OR holder = '' AND role = ? AND instr(not_by, ?) = 0)", []any{q.Holder, q.Role, quoted(q.Holder)}
}

// quoted is a name as it stands in a list of names, with its quotes: no part of
// another name.
func quoted(name string) string {
	text, _ := json.Marshal(name) // a string always encodes
	return string(text)
}

// Inbox lists tasks by the part of the day in which their windows stand: missed,
// open, without a window, opening within two hours, later today, tomorrow, later;
// then by what is due. It returns the rows asked for, and how many there are.
func (x *Index) Inbox(ctx context.Context, q Inbox) ([]Task, int, error) {
	found, err := x.Waiting(ctx, q)
	if err != nil || found == 0 {
		return nil, found, err
	}
	const opening = "(CASE WHEN opens = '' AND closes = '' THEN nominal ELSE opens END)"
	const order = " ORDER BY CASE WHEN opens = '' AND closes = '' AND nominal = '' THEN 2 WHEN closes <> '' AND closes < ? THEN 0 WHEN " + opening +
		" <= ? THEN 1 WHEN " + opening + " <= ? THEN 3 WHEN " + opening + " < ? THEN 4 WHEN " + opening + " < ? THEN 5 ELSE 6 END, due, nominal, id LIMIT ? OFFSET ?"
	now := stamp(q.Now)
	year, month, day := q.Now.Date()
	midnight := func(days int) string { return stamp(time.Date(year, month, day+days, 0, 0, 0, 0, q.Now.Location())) }
	clause, args := q.of()
	args = append(args, now, now, stamp(q.Now.Add(soon)), midnight(1), midnight(2), max(q.To-q.From, 0), q.From)
	ids, err := list(ctx, x, scanText, "SELECT id FROM tasks INDEXED BY tasks_day"+clause+order, args...)
	if err != nil || len(ids) == 0 {
		return nil, found, err
	}
	var w where
	in(&w, "id", ids)
	tasks, err := list(ctx, x, scanTask, selectTasks+w.clause(), w.args...)
	slices.SortFunc(tasks, func(a, b Task) int { return slices.Index(ids, a.ID) - slices.Index(ids, b.ID) })
	return tasks, found, err
}

// Waiting counts the tasks of an inbox.
func (x *Index) Waiting(ctx context.Context, q Inbox) (int, error) {
	query, args := "SELECT COUNT(*) FROM tasks INDEXED BY tasks_held WHERE "+waits, []any(nil)
	if !q.All {
		query, args = query+" AND holder = ?", []any{q.Holder}
	}
	var held, free int
	if err := x.reader.QueryRowContext(ctx, query, args...).Scan(&held); err != nil {
		return 0, x.explain(err)
	}
	if q.All || q.Role == "" {
		return held, nil
	}
	err := x.reader.QueryRowContext(ctx, "SELECT COUNT(*) FROM tasks INDEXED BY tasks_held WHERE "+waits+" AND holder = '' AND role = ? AND instr(not_by, ?) = 0", q.Role, quoted(q.Holder)).Scan(&free)
	return held + free, x.explain(err)
}

// Standing is what one run waits for.
type Standing struct {
	Open    int   // tasks that wait for somebody
	Next    *Task // the one that is due first
	Blocked int   // of those: decisions on a deviation
}

// Standings tells what runs wait for, of those named, or of all where none is.
// One that waits for nothing is left out. Of the rows of a run the columns without
// a function are those of the least one: SQLite promises it where MIN is the only
// one of its kind.
func (x *Index) Standings(ctx context.Context, runs ...string) (map[string]Standing, error) {
	w := where{}
	in(&w, "state", []task.Phase{task.Open, task.Claimed})
	in(&w, "run", runs)
	counts := map[string]Standing{}
	scan := func(rows *sql.Rows) (struct{}, error) {
		var t Task
		var s Standing
		var least string
		err := rows.Scan(&t.Run, &s.Open, &s.Blocked, &least, &t.ID, &t.Stage, &t.Model, &t.Block, &t.Task, &t.Title, &t.Role, &t.State, &t.Holder,
			moment{&t.Opens}, moment{&t.Nominal}, moment{&t.Closes}, moment{&t.Hard}, &t.Attempt, moment{&t.Asked}, &t.Late)
		s.Next = &t
		if t.Due = t.Closes; t.Due.IsZero() {
			t.Due = t.Nominal
		}
		counts[t.Run] = s
		return struct{}{}, err
	}
	_, err := list(ctx, x, scan, `SELECT run, COUNT(*), SUM(task = '`+protocol.DecisionID+`'), MIN(due || nominal || id), id, stage, model, block, task, title, role, state, holder,
		opens, nominal, closes, hard, attempt, asked, late FROM tasks`+w.clause()+" GROUP BY run", w.args...)
	return counts, err
}
