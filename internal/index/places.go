package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"time"

	"secretome/internal/record"
)

// PlaceLog is what a record says of a place's temperature.
type PlaceLog struct {
	record.PlaceLog
	Record   record.Ref // without its hash
	By       string
	Received time.Time
}

func (p *projection) placeLogged(r record.Record, b record.PlaceLog) {
	data, _ := json.Marshal(b) // it was just read from JSON
	p.exec(`INSERT INTO places (logbook, number, place, starts, ends, artifact, actor, received, json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (logbook, number) DO NOTHING`,
		r.Logbook, r.Number, b.Place, stamp(b.From), stamp(b.To), b.Artifact.SHA256, r.By.Name, stamp(r.Received), string(data))
}

// PlaceLogs lists the temperature logs of all places, in the order of their first
// readings.
func (x *Index) PlaceLogs(ctx context.Context) ([]PlaceLog, error) {
	scan := func(rows *sql.Rows) (PlaceLog, error) {
		var l PlaceLog
		var text string
		err := rows.Scan(&l.Record.Logbook, &l.Record.Number, &l.By, moment{&l.Received}, &text)
		if err == nil {
			err = json.Unmarshal([]byte(text), &l.PlaceLog)
		}
		return l, err
	}
	return list(ctx, x, scan, "SELECT logbook, number, actor, received, json FROM places ORDER BY starts, logbook, number")
}
