package lab

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strings"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// mostVerified is the size up to which an artifact is read again, and so held
// against its hash, whenever its page is opened.
const mostVerified = 8 << 20

// FileView is one artifact: where it came from, what it is, what was made of it.
type FileView struct {
	Artifact
	Bytes    []byte // nil where it is larger than 8 MiB, damaged or absent
	Damage   error  // why the stored bytes cannot be trusted; nil: they are what was stored, or were not read
	Read     bool   // the bytes were read now and held against the hash
	Maker    record.Record
	Made     bool            // Maker is the record that made it
	Users    []record.Record // that made or used it
	Up, Down []Edge          // all that it came from, and all that came from it, the nearest first
	Table    []Reading       // of a plate file: what was read from it
	TableOf  string          // SHA-256 of the table
	nodes    map[string]record.Record
}

// Reading is one value that a plate file has for a well.
type Reading struct {
	Plate string   `json:"plate"`
	Well  string   `json:"well"`
	Group string   `json:"group"`
	Kind  string   `json:"kind"`
	Label string   `json:"label"`
	NM    float64  `json:"wavelength_nm"`
	Value *float64 `json:"value"`
	Unit  string   `json:"unit"`
	Flag  string   `json:"flag"`
}

// File tells all about an artifact, by its SHA-256. Damage is part of the answer.
// It fails with [fault.NotFound] if no record tells of it.
func (l *Lab) File(ctx context.Context, who record.Actor, sha256 string) (FileView, error) {
	if err := Allowed(who, Look); err != nil {
		return FileView{}, err
	}
	row, err := l.Index.Artifact(ctx, sha256)
	if err != nil {
		return FileView{}, err
	}
	v := FileView{Artifact: row, nodes: map[string]record.Record{}}
	if v.Size <= mostVerified {
		v.Bytes, v.Damage = l.Artifacts.Bytes(ctx, sha256)
		v.Read = v.Damage == nil
		if v.Damage != nil && !fault.Is(v.Damage, fault.Corrupt) && !fault.Is(v.Damage, fault.NotFound) {
			return v, v.Damage
		}
	}
	if v.Users, err = l.Index.ArtifactRecords(ctx, sha256); err != nil {
		return v, err
	}
	if v.Up, err = l.behind(ctx, v); err != nil {
		return v, err
	}
	if v.Down, err = l.Index.Down(ctx, Node{Artifact: sha256}); err != nil {
		return v, err
	}
	if err := l.tellNodes(ctx, &v); err != nil {
		return v, err
	}
	return v, l.readTable(ctx, &v)
}

// behind lists all that an artifact came from, back to the cord. What somebody
// brought, and what they wrote down at the bench, is made by no other record: it
// goes back through the task that asked for it, and what that task followed.
func (l *Lab) behind(ctx context.Context, v FileView) ([]Edge, error) {
	edges, err := l.Index.Up(ctx, Node{Artifact: v.SHA256})
	if err != nil {
		return nil, err
	}
	if i := slices.IndexFunc(v.Users, func(r record.Record) bool { return r.Kind == record.StepDone }); i >= 0 {
		step := Node{}
		if step.Record, err = v.Users[i].Ref(); err != nil {
			return nil, err
		}
		edges = append([]Edge{{From: Node{Artifact: v.SHA256}, To: step, As: EnteredIn}}, edges...)
	}
	asked := asking{lab: l, books: map[string]map[int64]record.Record{}, tasks: map[string]bool{}}
	known := map[Edge]bool{}
	for i := 0; i < len(edges); i++ {
		known[edges[i]] = true
		further, err := asked.behind(ctx, edges[i].To)
		if err != nil {
			return nil, err
		}
		for _, e := range further {
			if !known[e] {
				known[e] = true
				edges = append(edges, e)
			}
		}
	}
	return edges, nil
}

// asking leads from what was done in a task to what that task followed, each task
// once.
type asking struct {
	lab   *Lab
	books map[string]map[int64]record.Record // of runs, by number
	tasks map[string]bool
}

func (a asking) behind(ctx context.Context, n Node) ([]Edge, error) {
	if strings.HasPrefix(n.Record.Logbook, "lot/") {
		return a.made(ctx, n)
	}
	if !strings.HasPrefix(n.Record.Logbook, "run/") {
		return nil, nil
	}
	book, err := a.book(ctx, n.Record)
	if err != nil {
		return nil, err
	}
	task := book[n.Record.Number].Subject.Task
	if task == "" || a.tasks[task] {
		return nil, nil
	}
	a.tasks[task] = true
	for _, r := range book {
		if r.Kind != record.TaskAsked || r.Subject.Task != task || r.Number >= n.Record.Number {
			continue
		}
		asked := Node{}
		if asked.Record, err = r.Ref(); err != nil {
			return nil, err
		}
		further, err := a.lab.Index.Up(ctx, asked)
		return append([]Edge{{From: n, To: asked, As: "asked in"}}, further...), err
	}
	return nil, nil
}

// made leads from what was done to a lot to the task in which it was made.
func (a asking) made(ctx context.Context, n Node) ([]Edge, error) {
	book, err := a.lab.upTo(ctx, n.Record.Logbook, 1)
	if err != nil || len(book) == 0 {
		return nil, err
	}
	registered := Node{}
	if registered.Record, err = book[0].Ref(); err != nil {
		return nil, err
	}
	if n != registered {
		return []Edge{{From: n, To: registered, As: "registered in"}}, nil
	}
	by, err := record.Read[record.LotAct](book[0])
	if err != nil || by.Task == "" {
		return nil, err
	}
	records, err := a.lab.Index.TaskRecords(ctx, by.Task)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(records, func(r record.Record) bool { return r.Kind == record.TaskCompleted })
	if i < 0 {
		return nil, nil
	}
	completed := Node{}
	if completed.Record, err = records[i].Ref(); err != nil {
		return nil, err
	}
	further, err := a.lab.Index.Up(ctx, completed)
	return append([]Edge{{From: n, To: completed, As: "made in"}}, further...), err
}

// book reads a run's logbook up to a record, once.
func (a asking) book(ctx context.Context, last record.Ref) (map[int64]record.Record, error) {
	if b := a.books[last.Logbook]; b[last.Number].Number == last.Number {
		return b, nil
	}
	records, err := a.lab.upTo(ctx, last.Logbook, last.Number)
	b := map[int64]record.Record{}
	for _, r := range records {
		b[r.Number] = r
	}
	a.books[last.Logbook] = b
	return b, err
}

// EnteredIn leads from a file to the step at which somebody entered it.
const EnteredIn = "entered in"

// tellNodes reads the records of the lineage, and which of them made the artifact.
func (l *Lab) tellNodes(ctx context.Context, v *FileView) error {
	books := map[string]int64{} // logbook → the last number that is needed
	for _, e := range slices.Concat(v.Up, v.Down) {
		for _, n := range []Node{e.From, e.To} {
			if n.Record.Logbook != "" {
				books[n.Record.Logbook] = max(books[n.Record.Logbook], n.Record.Number)
			}
		}
	}
	for book, last := range books {
		records, err := l.upTo(ctx, book, last)
		if err != nil {
			return err
		}
		for _, r := range records {
			ref, err := r.Ref()
			if err != nil {
				return err
			}
			v.nodes[ref.Hash] = r
		}
	}
	for _, e := range v.Up {
		if e.From.Artifact == v.SHA256 {
			v.Maker, v.Made = v.nodes[e.To.Record.Hash]
			return nil
		}
	}
	for _, r := range v.Users {
		if r.Logbook == v.First.Logbook && r.Number == v.First.Number {
			v.Maker = r
		}
	}
	return nil
}

// upTo reads a logbook up to a record: a run's from the index.
func (l *Lab) upTo(ctx context.Context, book string, last int64) ([]record.Record, error) {
	if run, ok := strings.CutPrefix(book, "run/"); ok {
		return l.Index.Records(ctx, run, 0, int(last))
	}
	return l.Logbooks.Read(ctx, book, 0, int(last))
}

// Node returns the record of a node of the lineage; false for an artifact, or for
// a record that no logbook here has.
func (v FileView) Node(n Node) (record.Record, bool) {
	r, ok := v.nodes[n.Record.Hash]
	return r, ok && n.Artifact == ""
}

// readTable reads what was parsed out of a plate file.
func (l *Lab) readTable(ctx context.Context, v *FileView) error {
	for _, r := range v.Users {
		if r.Kind != record.FileParsed {
			continue
		}
		parsed, err := record.Read[record.Parsed](r)
		if err != nil || parsed.File.SHA256 != v.SHA256 && parsed.Table.SHA256 != v.SHA256 || parsed.Table.Size > mostVerified {
			continue
		}
		data, err := l.Artifacts.Bytes(ctx, parsed.Table.SHA256)
		if fault.Is(err, fault.Corrupt) || fault.Is(err, fault.NotFound) {
			continue // its own page says so
		}
		if err != nil {
			return err
		}
		var table struct {
			Readings []Reading `json:"readings"`
		}
		if err := json.Unmarshal(data, &table); err != nil {
			return fault.Wrap(err, fault.Corrupt, "artifact %s is no table of readings", parsed.Table.SHA256)
		}
		v.Table, v.TableOf = table.Readings, parsed.Table.SHA256
	}
	return nil
}

// FindFiles lists artifacts whose hash begins with a text, or whose name has it
// in it; all where it is empty. The newest come first.
func (l *Lab) FindFiles(ctx context.Context, who record.Actor, text string) ([]Artifact, error) {
	all, err := l.ListArtifacts(ctx, who, "")
	if err != nil {
		return nil, err
	}
	text = strings.ToLower(strings.TrimSpace(text))
	all = slices.DeleteFunc(all, func(a Artifact) bool {
		return !strings.HasPrefix(a.SHA256, text) && !strings.Contains(strings.ToLower(strings.Join(a.Names, "\n")), text)
	})
	slices.Reverse(all)
	return all, nil
}

// VerifyFile reads an artifact of any size and holds it against its hash. Damage
// is told as an error.
func (l *Lab) VerifyFile(ctx context.Context, who record.Actor, sha256 string) error {
	if err := Allowed(who, VerifyArtifacts); err != nil {
		return err
	}
	return l.Artifacts.Verify(ctx, sha256)
}

// Raw opens an artifact's bytes for a download.
func (l *Lab) Raw(ctx context.Context, who record.Actor, sha256 string) (Artifact, io.ReadCloser, error) {
	_, body, err := l.Artifact(ctx, who, sha256)
	if err != nil {
		return Artifact{}, nil, err
	}
	row, err := l.Index.Artifact(ctx, sha256)
	if err != nil {
		return row, nil, errors.Join(err, body.Close())
	}
	return row, body, nil
}
