package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"secretome/internal/fault"
	"secretome/internal/task"
)

// Task is where one asking of a task stands.
type Task struct {
	ID                       string // task/<run>/<stage>/…/<n>
	Run, Stage, Model, Block string
	Task                     string // its ID in the protocol
	Title                    string
	Role                     string
	State                    task.Phase
	Holder                   string   // who claimed it; empty when nobody holds it
	NotBy                    []string // people who may not do it
	Opens, Nominal           time.Time
	Closes, Hard             time.Time
	Due                      time.Time // Closes, else Nominal, else zero
	Attempt                  int
	Asked                    time.Time
	Completed                time.Time // also when it was skipped or withdrawn
	CompletedBy              string
	Verdict                  string // of the window
	Late                     bool   // the window's end passed before it was done
}

// TaskFilter chooses tasks; what is empty chooses all.
type TaskFilter struct {
	Run    string
	Role   string
	Holder string
	States []task.Phase
	Limit  int // at most so many, if above 0
}

const selectTasks = `SELECT id, run, stage, model, block, task, title, role, state, holder, not_by, opens, nominal, closes, hard, due,
	attempt, asked, completed, completed_by, verdict, late FROM tasks`

func scanTask(rows *sql.Rows) (Task, error) {
	var t Task
	var notBy string
	err := rows.Scan(&t.ID, &t.Run, &t.Stage, &t.Model, &t.Block, &t.Task, &t.Title, &t.Role, &t.State, &t.Holder, &notBy,
		moment{&t.Opens}, moment{&t.Nominal}, moment{&t.Closes}, moment{&t.Hard}, moment{&t.Due},
		&t.Attempt, moment{&t.Asked}, moment{&t.Completed}, &t.CompletedBy, &t.Verdict, &t.Late)
	if err != nil {
		return t, err
	}
	if stamp(t.Due) == never {
		t.Due = time.Time{}
	}
	return t, json.Unmarshal([]byte(notBy), &t.NotBy)
}

// Tasks lists tasks, what is due first: by the end of the window, or by the
// nominal time where there is no end; then by nominal time, then by ID. Tasks
// without a window come last.
func (x *Index) Tasks(ctx context.Context, f TaskFilter) ([]Task, error) {
	var w where
	w.equal("run", f.Run)
	w.equal("role", f.Role)
	w.equal("holder", f.Holder)
	in(&w, "state", f.States)
	return list(ctx, x, scanTask, limited(selectTasks+w.clause()+" ORDER BY due, nominal, id", f.Limit), w.args...)
}

// Task returns one task. It fails with [fault.NotFound].
func (x *Index) Task(ctx context.Context, id string) (Task, error) {
	t, ok, err := one(ctx, x, scanTask, selectTasks+" WHERE id = ?", id)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "there is no task %q", id).Try("list them with: secretome task list")
	}
	return t, err
}

// Step is a step of a task that was done; of a corrected one the correction.
type Step struct {
	Task, Step string
	Logbook    string
	Number     int64 // of its record
	Happened   time.Time
	By         string
}

// Steps lists the steps of a task that were done, in the order of their records.
func (x *Index) Steps(ctx context.Context, task string) ([]Step, error) {
	scan := func(rows *sql.Rows) (Step, error) {
		var s Step
		err := rows.Scan(&s.Task, &s.Step, &s.Logbook, &s.Number, moment{&s.Happened}, &s.By)
		return s, err
	}
	return list(ctx, x, scan, "SELECT task, step, logbook, number, happened, actor FROM steps WHERE task = ? ORDER BY number", task)
}
