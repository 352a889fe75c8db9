package index

import (
	"context"
	"database/sql"
	"errors"
	"strings"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// projection writes records into the tables, in one transaction. After an error
// of the database it does nothing more; err has it.
type projection struct {
	ctx      context.Context
	tx       *sql.Tx
	prepared map[string]*sql.Stmt // by query; they end with the transaction
	err      error
}

func (p *projection) exec(query string, args ...any) {
	if p.err != nil {
		return
	}
	s, err := p.prepare(query)
	if err == nil {
		_, err = s.ExecContext(p.ctx, args...)
	}
	p.err = err
}

// row scans the one row of a query. It fails with [sql.ErrNoRows].
func (p *projection) row(query string, args []any, into ...any) error {
	s, err := p.prepare(query)
	if err != nil {
		return err
	}
	return s.QueryRowContext(p.ctx, args...).Scan(into...)
}

func (p *projection) prepare(query string) (*sql.Stmt, error) {
	if s, ok := p.prepared[query]; ok {
		return s, nil
	}
	s, err := p.tx.PrepareContext(p.ctx, statement(query))
	if err == nil {
		p.prepared[query] = s
	}
	return s, err
}

// apply takes one record, unless it was applied before.
func (p *projection) apply(r record.Record) error {
	data, hash, err := r.Canonical()
	if err != nil {
		return err
	}
	head := record.Ref{Logbook: r.Logbook}
	err = p.row("SELECT last, hash FROM logbooks WHERE name = ?", []any{r.Logbook}, &head.Number, &head.Hash)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	switch {
	case r.Number <= head.Number:
		return p.same(r, hash)
	case r.Number > head.Number+1:
		return conflict(r, head.Number)
	}
	if r.Previous != head.Hash {
		_, err := head.Follow(r)
		return err
	}
	if err := p.once(r); err != nil {
		return err
	}
	return p.insert(r, string(data), hash)
}

// same checks that a record is the one that was applied under its number.
func (p *projection) same(r record.Record, hash string) error {
	var known string
	err := p.row("SELECT hash FROM records WHERE logbook = ? AND number = ?", []any{r.Logbook, r.Number}, &known)
	if err == nil && known != hash {
		return fault.New(fault.Corrupt, "record %d of %s is not the one that the index has", r.Number, r.Logbook).Try("run: secretome index rebuild")
	}
	return err
}

// once checks that no other record answers the request of r.
func (p *projection) once(r record.Record) error {
	var number int64
	err := p.row("SELECT number FROM records WHERE logbook = ? AND request = ?", []any{r.Logbook, r.Request}, &number)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err == nil {
		return fault.New(fault.Corrupt, "records %d and %d of %s answer the same request %q", number, r.Number, r.Logbook, r.Request)
	}
	return err
}

// insert writes the record and what it means. A body that cannot be read is no
// reason to stop: the record has happened, so it is kept with the problem.
func (p *projection) insert(r record.Record, data, hash string) error {
	problem := ""
	if project, ok := projectionOf(r.Kind); !ok {
		problem = "unknown kind " + string(r.Kind)
	} else if err := project(p, r); err != nil { // of the body: those of the database are in p.err
		problem = err.Error()
	}
	p.exec(`INSERT INTO records (logbook, number, hash, request, kind, received, happened, actor_kind, actor, actor_role,
		stage, model, block, task, step, thing, problem, json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.Logbook, r.Number, hash, r.Request, string(r.Kind), stamp(r.Received), stamp(r.Happened), string(r.By.Kind), r.By.Name, r.By.Role,
		r.Subject.Stage, r.Subject.Model, r.Subject.Block, r.Subject.Task, r.Subject.Step, r.Subject.Thing, problem, data)
	for i, u := range r.Uses {
		p.exec("INSERT INTO uses (logbook, number, position, served_as, artifact, record) VALUES (?, ?, ?, ?, ?, ?)",
			r.Logbook, r.Number, i, u.As, u.Artifact, u.Record)
	}
	p.exec(`INSERT INTO logbooks (name, last, hash) VALUES (?, ?, ?)
		ON CONFLICT (name) DO UPDATE SET last = excluded.last, hash = excluded.hash`, r.Logbook, r.Number, hash)
	return p.err
}

// makes notes an artifact that came into the world with r.
func (p *projection) makes(r record.Record, artifacts ...record.Artifact) {
	for _, a := range artifacts {
		if a.SHA256 == "" {
			continue
		}
		p.mentions(r, a)
		p.exec("INSERT INTO makes (logbook, number, artifact) VALUES (?, ?, ?) ON CONFLICT (logbook, number, artifact) DO NOTHING",
			r.Logbook, r.Number, a.SHA256)
	}
}

// mentions notes size, type and name of an artifact. They are those of the
// earliest record, in whatever order the logbooks come.
func (p *projection) mentions(r record.Record, a record.Artifact) {
	p.exec(`INSERT INTO artifacts (sha256, size, media_type, received, logbook, number) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (sha256) DO UPDATE SET size = excluded.size, media_type = excluded.media_type,
			received = excluded.received, logbook = excluded.logbook, number = excluded.number
		WHERE (excluded.received, excluded.logbook, excluded.number) < (artifacts.received, artifacts.logbook, artifacts.number)`,
		a.SHA256, a.Size, a.MediaType, stamp(r.Received), r.Logbook, r.Number)
	if a.Name != "" {
		p.exec("INSERT INTO artifact_names (sha256, name) VALUES (?, ?) ON CONFLICT (sha256, name) DO NOTHING", a.SHA256, a.Name)
	}
}

// runOf returns the run whose logbook it is, empty for other logbooks.
func runOf(logbook string) string {
	run, ok := strings.CutPrefix(logbook, "run/")
	if !ok {
		return ""
	}
	return run
}

// taskOf returns the ID that a task has in the protocol, from its whole ID:
// task/<run>/<stage>[/<model>][/<block>]/<task>[/<plate or vessel>]/<n>.
func taskOf(run string, s record.Subject) string {
	rest := s.Task
	for _, part := range []string{"task", run, s.Stage, s.Model, s.Block} {
		if part != "" {
			rest = strings.TrimPrefix(rest, part+"/")
		}
	}
	task, _, _ := strings.Cut(rest, "/")
	return task
}
