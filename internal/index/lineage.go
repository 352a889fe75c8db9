package index

import (
	"context"
	"database/sql"
	"time"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// Artifact is what the logbooks say of stored bytes.
type Artifact struct {
	SHA256    string
	Size      int64 // bytes
	MediaType string
	Names     []string   // as its makers called it, in order
	First     record.Ref // the earliest record that tells of it
	Received  time.Time  // of that record
}

// Artifact returns one artifact. It fails with [fault.NotFound].
func (x *Index) Artifact(ctx context.Context, sha256 string) (Artifact, error) {
	scan := func(rows *sql.Rows) (Artifact, error) {
		var a Artifact
		err := rows.Scan(&a.SHA256, &a.Size, &a.MediaType, moment{&a.Received}, &a.First.Logbook, &a.First.Number, &a.First.Hash)
		return a, err
	}
	a, ok, err := one(ctx, x, scan, `SELECT a.sha256, a.size, a.media_type, a.received, a.logbook, a.number, r.hash
		FROM artifacts a JOIN records r ON r.logbook = a.logbook AND r.number = a.number WHERE a.sha256 = ?`, sha256)
	if err == nil && !ok {
		err = fault.New(fault.NotFound, "no record tells of artifact %q", sha256)
	}
	if err != nil {
		return a, err
	}
	a.Names, err = list(ctx, x, scanText, "SELECT name FROM artifact_names WHERE sha256 = ? ORDER BY name", sha256)
	return a, err
}

// ArtifactRecords returns the records that made, read or used an artifact, by
// logbook and number.
func (x *Index) ArtifactRecords(ctx context.Context, sha256 string) ([]record.Record, error) {
	return list(ctx, x, x.scanRecord, `SELECT r.json, r.hash FROM records r JOIN
		(SELECT logbook, number FROM makes WHERE artifact = ? UNION SELECT logbook, number FROM uses WHERE artifact = ?) t
		ON t.logbook = r.logbook AND t.number = r.number ORDER BY r.logbook, r.number`, sha256, sha256)
}

// Node is a record or an artifact in the graph of what was made from what.
type Node struct {
	Artifact string     // SHA-256; empty for a record
	Record   record.Ref // zero for an artifact; without its place if no logbook here has it
}

// Edge says that From was made from To, which served as As. Between an artifact
// and the record that made it As is [MadeBy].
type Edge struct {
	From, To Node
	As       string
}

// MadeBy leads from an artifact to the record with which it came into the world.
const MadeBy = "made by"

// key tells nodes apart.
func (n Node) key() string { return n.Artifact + "/" + n.Record.Hash }

// Up returns the edges from a node to all that it was made from, the nearest
// first, each once: back to the cord. A record is named by its hash.
func (x *Index) Up(ctx context.Context, from Node) ([]Edge, error) {
	return x.walk(ctx, from, x.above, func(e Edge) Node { return e.To })
}

// Down returns the edges from all that was made from a node, the nearest first,
// each once.
func (x *Index) Down(ctx context.Context, from Node) ([]Edge, error) {
	return x.walk(ctx, from, x.below, func(e Edge) Node { return e.From })
}

// walk goes through the graph in breadth.
func (x *Index) walk(ctx context.Context, from Node, step func(context.Context, Node) ([]Edge, error), next func(Edge) Node) ([]Edge, error) {
	var all []Edge
	seen := map[string]bool{from.key(): true}
	for queue := []Node{from}; len(queue) > 0; queue = queue[1:] {
		edges, err := step(ctx, queue[0])
		if err != nil {
			return nil, err
		}
		for _, e := range edges {
			all = append(all, e)
			if n := next(e); !seen[n.key()] {
				seen[n.key()] = true
				queue = append(queue, n)
			}
		}
	}
	return all, nil
}

// above returns the edges that lead from n. What a record made itself is not
// above it, even if it names it among its uses.
func (x *Index) above(ctx context.Context, n Node) ([]Edge, error) {
	if n.Artifact != "" {
		return x.makers(ctx, n)
	}
	scan := func(rows *sql.Rows) (Edge, error) {
		e, to := Edge{From: n}, record.Ref{}
		err := rows.Scan(&e.As, &e.To.Artifact, &to.Hash, &to.Logbook, &to.Number)
		e.To.Record = to
		return e, err
	}
	return list(ctx, x, scan, `SELECT u.served_as, u.artifact, u.record, COALESCE(t.logbook, ''), COALESCE(t.number, 0)
		FROM uses u JOIN records r ON r.logbook = u.logbook AND r.number = u.number
		LEFT JOIN records t ON t.hash = u.record
		WHERE r.hash = ? AND NOT EXISTS (SELECT 1 FROM makes m WHERE m.logbook = u.logbook AND m.number = u.number AND m.artifact = u.artifact)
		ORDER BY u.position`, n.Record.Hash)
}

// makers returns the edges from an artifact to the records that made it.
func (x *Index) makers(ctx context.Context, n Node) ([]Edge, error) {
	scan := func(rows *sql.Rows) (Edge, error) {
		e := Edge{From: n, As: MadeBy}
		err := rows.Scan(&e.To.Record.Logbook, &e.To.Record.Number, &e.To.Record.Hash)
		return e, err
	}
	return list(ctx, x, scan, `SELECT r.logbook, r.number, r.hash FROM makes m JOIN records r ON r.logbook = m.logbook AND r.number = m.number
		WHERE m.artifact = ? ORDER BY r.logbook, r.number`, n.Artifact)
}

// below returns the edges that lead to n.
func (x *Index) below(ctx context.Context, n Node) ([]Edge, error) {
	scan := func(rows *sql.Rows) (Edge, error) {
		e := Edge{To: n}
		err := rows.Scan(&e.As, &e.From.Record.Logbook, &e.From.Record.Number, &e.From.Record.Hash)
		return e, err
	}
	users, err := list(ctx, x, scan, `SELECT u.served_as, r.logbook, r.number, r.hash
		FROM uses u JOIN records r ON r.logbook = u.logbook AND r.number = u.number
		WHERE u.artifact = ? AND u.record = ?
			AND NOT EXISTS (SELECT 1 FROM makes m WHERE m.logbook = u.logbook AND m.number = u.number AND m.artifact = u.artifact)
		ORDER BY r.logbook, r.number, u.position`, n.Artifact, n.Record.Hash)
	if err != nil || n.Artifact != "" {
		return users, err
	}
	made := func(rows *sql.Rows) (Edge, error) {
		e := Edge{To: n, As: MadeBy}
		err := rows.Scan(&e.From.Artifact)
		return e, err
	}
	products, err := list(ctx, x, made, `SELECT m.artifact FROM makes m JOIN records r ON r.logbook = m.logbook AND r.number = m.number
		WHERE r.hash = ? ORDER BY m.artifact`, n.Record.Hash)
	return append(products, users...), err
}
