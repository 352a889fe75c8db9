package lab

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/quantity"
	"secretome/internal/record"
	"secretome/internal/sample"
)

// PlaceRequest says that a stored file is what the logger of a place wrote.
type PlaceRequest struct {
	Request  string
	Place    string
	Artifact string // SHA-256 of the file
	Name     string // of the file
	Zone     string // in which its times without an offset are, an IANA name
}

// PlaceLogged is the answer.
type PlaceLogged struct {
	Record  record.Ref
	Log     record.PlaceLog
	Follows bool // saved; the lists will show it in a moment
}

// LogPlace writes what the temperature logger of a place wrote into the
// laboratory's logbook. It fails with [fault.Invalid] for a file that is none,
// once for each wrong line, and with [fault.Conflict] for one that stands there
// already.
func (l *Lab) LogPlace(ctx context.Context, who record.Actor, q PlaceRequest) (PlaceLogged, error) {
	if err := Allowed(who, LogPlace); err != nil {
		return PlaceLogged{}, err
	}
	if err := checkRequest(q.Request); err != nil {
		return PlaceLogged{}, err
	}
	if first, found, err := l.Logbooks.Find(ctx, Logbook, q.Request); err != nil || found {
		if err != nil {
			return PlaceLogged{}, err
		}
		return l.placeLogged(ctx, first)
	}
	body, err := l.placeLog(ctx, q)
	if err != nil {
		return PlaceLogged{}, err
	}
	d, err := l.draft(who, Logbook, q.Request, record.PlaceLogged, body)
	if err != nil {
		return PlaceLogged{}, err
	}
	d.Uses = []record.Use{body.Artifact.As("temperature log")}
	written, err := l.Logbooks.Append(ctx, d)
	if err != nil {
		return PlaceLogged{}, err
	}
	return l.placeLogged(ctx, written)
}

func (l *Lab) placeLogged(ctx context.Context, r record.Record) (PlaceLogged, error) {
	if r.Kind != record.PlaceLogged {
		return PlaceLogged{}, reused(r)
	}
	body, ref, err := decode[record.PlaceLog](r)
	return PlaceLogged{ref, body, !l.shown(ctx, ref)}, err
}

// placeLog reads the file and says what is in it.
func (l *Lab) placeLog(ctx context.Context, q PlaceRequest) (record.PlaceLog, error) {
	place, err := sample.CleanPlace(q.Place)
	if err != nil {
		return record.PlaceLog{}, err
	}
	stored, err := l.Artifacts.Stat(ctx, q.Artifact)
	if err != nil {
		return record.PlaceLog{}, err
	}
	stored.Name = q.Name
	body := record.PlaceLog{Place: place, Zone: q.Zone, Source: q.Name, Artifact: stored}
	known, err := l.Index.PlaceLogs(ctx)
	if err != nil {
		return body, err
	}
	for _, other := range known {
		if other.Artifact.SHA256 == q.Artifact && sample.SamePlace(other.Place, place) {
			return body, fault.New(fault.Conflict, "%s is in the log of %s already, by %s: record %d of %s", other.Source, other.Place, other.By, other.Record.Number, other.Record.Logbook).
				Try("see what there is with: secretome place view %q", place)
		}
	}
	log, err := l.readings(ctx, body)
	if err != nil {
		return body, err
	}
	span := log.Span()
	all := sample.Cover([]sample.PlaceLog{log}, span)
	body.From, body.To, body.Low, body.High = span.From, span.To, all.Low.String(), all.High.String()
	body.Readings, body.Missing = all.Readings, log.Missing()
	return body, nil
}

// readings reads the file behind a record.
func (l *Lab) readings(ctx context.Context, b record.PlaceLog) (sample.PlaceLog, error) {
	zone, err := time.LoadLocation(b.Zone)
	if err != nil || b.Zone == "" || b.Zone == "Local" {
		return sample.PlaceLog{}, fault.New(fault.Invalid, "%q is no time zone", b.Zone).Field("zone").Try("write it like Europe/Berlin, or UTC")
	}
	if b.Artifact.Size > sample.MaxPlaceFile {
		return sample.PlaceLog{}, fault.New(fault.Invalid, "%s has %d bytes, the most is %d", b.Source, b.Artifact.Size, sample.MaxPlaceFile).Try("export a shorter time into one file")
	}
	data, err := l.Artifacts.Bytes(ctx, b.Artifact.SHA256)
	if err != nil {
		return sample.PlaceLog{}, fmt.Errorf("read temperature log %s of %s: %w", b.Source, b.Place, err)
	}
	log, err := sample.ReadPlaceLog(b.Source, data, zone)
	log.Place = b.Place
	return log, err
}

// Places lists the places of which there are temperature logs, by name.
func (l *Lab) Places(ctx context.Context, who record.Actor) ([]sample.Place, error) {
	if err := Allowed(who, Look); err != nil {
		return nil, err
	}
	rows, err := l.Index.PlaceLogs(ctx)
	if err != nil {
		return nil, err
	}
	all := []sample.Place{}
	for _, row := range rows {
		i := slices.IndexFunc(all, func(p sample.Place) bool { return sample.SamePlace(p.Place, row.Place) })
		if i < 0 {
			i, all = len(all), append(all, sample.Place{Place: row.Place, From: row.From})
		}
		if err := widen(&all[i], row); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(all, func(a, b sample.Place) int { return strings.Compare(a.Place, b.Place) })
	return all, nil
}

// widen adds a file to what is known of its place.
func widen(p *sample.Place, row index.PlaceLog) error {
	low, high, err := bounds(row)
	if err != nil {
		return err
	}
	p.Files++
	if row.To.After(p.To) {
		p.To = row.To
	}
	if c, err := low.Compare(p.Low); p.Files == 1 || err == nil && c < 0 {
		p.Low = low
	}
	if c, err := high.Compare(p.High); p.Files == 1 || err == nil && c > 0 {
		p.High = high
	}
	return nil
}

func bounds(row index.PlaceLog) (low, high quantity.Quantity, err error) {
	if low, err = quantity.Parse(row.Low); err == nil {
		high, err = quantity.Parse(row.High)
	}
	if err != nil {
		err = fault.Wrap(err, fault.Corrupt, "record %d of %s has no lowest and highest temperature", row.Record.Number, row.Record.Logbook)
	}
	return low, high, err
}

// Place tells for which times there are temperatures of a place. It fails with
// [fault.NotFound] where there is no log of it.
func (l *Lab) Place(ctx context.Context, who record.Actor, place string) (sample.PlaceView, error) {
	all, err := l.Places(ctx, who)
	if err != nil {
		return sample.PlaceView{}, err
	}
	i := slices.IndexFunc(all, func(p sample.Place) bool { return sample.SamePlace(p.Place, place) })
	if i < 0 {
		return sample.PlaceView{}, fault.New(fault.NotFound, "there is no temperature log of %q", place).Try("see of which places there is one with: secretome place list")
	}
	v := sample.PlaceView{Place: all[i], Logs: []sample.PlaceFile{}}
	rows, err := l.Index.PlaceLogs(ctx)
	if err != nil {
		return v, err
	}
	var logs []sample.PlaceLog
	for _, row := range rows {
		if !sample.SamePlace(row.Place, place) {
			continue
		}
		log, err := l.readings(ctx, row.PlaceLog)
		if err != nil {
			return v, err
		}
		low, high, err := bounds(row)
		if err != nil {
			return v, err
		}
		logs = append(logs, log)
		v.Logs = append(v.Logs, sample.PlaceFile{
			Number: row.Record.Number, Source: row.Source, Artifact: row.Artifact.SHA256, From: row.From, To: row.To,
			Low: low, High: high, Readings: row.Readings, Missing: row.Missing, By: row.By, Received: row.Received,
		})
	}
	v.Coverage = sample.Cover(logs, sample.Span{From: v.From, To: v.To})
	return v, nil
}
