package index

import "secretome/internal/record"

func (p *projection) deviated(r record.Record, b record.Deviation) {
	s := r.Subject
	p.exec(`INSERT INTO deviations (logbook, number, type, what, reason, asks, stage, model, block, task, actor, happened,
			state, choice, justification, decided)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', 0)`,
		r.Logbook, r.Number, b.Type, b.What, b.Reason, b.Asks, s.Stage, s.Model, s.Block, s.Task, r.By.Name, stamp(r.Happened), DeviationOpen)
}

// decided closes each deviation that the decision used.
func (p *projection) decided(r record.Record, b record.Decided) {
	for _, u := range r.Uses {
		if u.Logbook == r.Logbook {
			p.exec("UPDATE deviations SET state = ?, choice = ?, justification = ?, decided = ? WHERE logbook = ? AND number = ?",
				DeviationDecided, b.Choice, b.Justification, r.Number, u.Logbook, u.Number)
		}
	}
}

func (p *projection) parsed(r record.Record, b record.Parsed) {
	p.mentions(r, b.File)
	p.makes(r, b.Table)
}

func (p *projection) computed(r record.Record, b record.Result) {
	p.makes(r, b.Output)
	s := r.Subject
	p.exec(`INSERT INTO results (logbook, number, stage, model, block, assay, name, method, output, summary, happened)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.Logbook, r.Number, s.Stage, s.Model, s.Block, b.Assay, b.Name, b.Method, b.Output.SHA256, b.Summary, stamp(r.Happened))
}

func (p *projection) judged(r record.Record, b record.Decision) {
	s, failed := r.Subject, 0
	for _, c := range b.Checks {
		failed += flag(!c.Pass)
	}
	p.exec(`INSERT INTO decisions (logbook, number, stage, model, block, thing, verdict, follows, checks, failed, happened)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		r.Logbook, r.Number, s.Stage, s.Model, s.Block, s.Thing, b.Verdict, b.Do, len(b.Checks), failed, stamp(r.Happened))
}

func (p *projection) lot(r record.Record, b record.Lot) {
	p.exec(`INSERT INTO lots (barcode, logbook, number, title, state, volume, aliquots, stock, happened) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (barcode, logbook) DO UPDATE SET number = excluded.number, title = excluded.title, state = excluded.state,
			volume = excluded.volume, aliquots = excluded.aliquots, stock = excluded.stock, happened = excluded.happened`,
		b.Barcode, r.Logbook, r.Number, b.Title, b.State, b.Volume, b.Aliquots, flag(b.Stock), stamp(r.Happened))
}

func (p *projection) document(r record.Record, b record.Made) {
	p.makes(r, b.Artifact)
	p.makes(r, b.More...)
	p.exec("INSERT INTO documents (logbook, number, kind, title, artifact, happened) VALUES (?, ?, ?, ?, ?, ?)",
		r.Logbook, r.Number, string(r.Kind), b.Title, b.Artifact.SHA256, stamp(r.Happened))
}

func (p *projection) signed(r record.Record, b record.Signature) {
	p.exec(`INSERT INTO signatures (logbook, number, actor, actor_role, meaning, report, over_number, happened) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		r.Logbook, r.Number, r.By.Name, r.By.Role, b.Meaning, b.Report, b.Over.Number, stamp(r.Happened))
}

func (p *projection) histories(r record.Record, b record.Histories) {
	for _, h := range b.Histories {
		p.makes(r, h.Artifact)
	}
}

func (p *projection) allocated(r record.Record, b record.Allocation) { p.makes(r, b.Sealed, b.Plan) }

func (p *projection) keyOpened(r record.Record, b record.Opened) { p.makes(r, b.Key) }
