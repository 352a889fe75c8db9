package index

import (
	"context"
	"database/sql"
)

// Artifacts lists all artifacts that a record tells of, by the time of the
// earliest such record. With a run only those that its logbook made, read or
// used.
func (x *Index) Artifacts(ctx context.Context, run string) ([]Artifact, error) {
	var w where
	if run != "" {
		w.conditions = []string{`a.sha256 IN (SELECT artifact FROM makes WHERE logbook = ? UNION SELECT artifact FROM uses WHERE logbook = ?)`}
		w.args = []any{"run/" + run, "run/" + run}
	}
	scan := func(rows *sql.Rows) (Artifact, error) {
		var a Artifact
		err := rows.Scan(&a.SHA256, &a.Size, &a.MediaType, moment{&a.Received}, &a.First.Logbook, &a.First.Number, &a.First.Hash)
		return a, err
	}
	all, err := list(ctx, x, scan, `SELECT a.sha256, a.size, a.media_type, a.received, a.logbook, a.number, r.hash
		FROM artifacts a JOIN records r ON r.logbook = a.logbook AND r.number = a.number`+w.clause()+" ORDER BY a.received, a.sha256", w.args...)
	if err != nil {
		return nil, err
	}
	names, err := x.names(ctx)
	for i := range all {
		all[i].Names = names[all[i].SHA256]
	}
	return all, err
}

// names returns the names of every artifact, in order.
func (x *Index) names(ctx context.Context) (map[string][]string, error) {
	scan := func(rows *sql.Rows) ([2]string, error) {
		var pair [2]string
		err := rows.Scan(&pair[0], &pair[1])
		return pair, err
	}
	pairs, err := list(ctx, x, scan, "SELECT sha256, name FROM artifact_names ORDER BY sha256, name")
	names := map[string][]string{}
	for _, p := range pairs {
		names[p[0]] = append(names[p[0]], p[1])
	}
	return names, err
}
