package lab

import (
	"context"
	"slices"
	"strings"
	"time"

	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/record"
	"secretome/internal/sample"
)

// Custody tells the chain of identity and of custody of a thing: a lot, or
// whatever was scanned in a run. It fails with [fault.NotFound].
func (l *Lab) Custody(ctx context.Context, who record.Actor, barcode string) (sample.Custody, error) {
	v, err := l.Lot(ctx, who, barcode)
	if err != nil {
		return sample.Custody{}, err
	}
	return l.custody(ctx, v)
}

// custody tells the chain of a thing that was read before.
func (l *Lab) custody(ctx context.Context, v LotView) (sample.Custody, error) {
	var scans []sample.Scan
	for _, t := range v.Scans {
		scans = append(scans, sample.Scan{Run: runIn(t.Record), Number: t.Record.Number, Task: t.Task, Kind: t.Kind, Made: t.Made, Passage: t.Passage, By: t.By, Happened: t.Happened})
	}
	made, err := l.children(ctx, v.Descendants)
	if err != nil {
		return sample.Custody{}, err
	}
	c, err := sample.Trace(v.Kind, v.Records, append(scans, made...), l.Now())
	if err != nil {
		return c, err
	}
	c.Barcode, c.Title, c.State, c.Held = v.Barcode, v.Title, v.State, v.Held
	for _, r := range v.Ancestors {
		o, err := l.origin(ctx, r)
		if err != nil {
			return c, err
		}
		c.Origins = append(c.Origins, o)
	}
	logs, err := l.logsOf(ctx, c.Stays)
	c.Measure(logs)
	return c, err
}

// origin says what a thing is and who made it.
func (l *Lab) origin(ctx context.Context, r index.Relative) (sample.Origin, error) {
	o := sample.Origin{Barcode: r.Barcode, Distance: r.Distance}
	lot, err := l.Index.Stock(ctx, r.Barcode)
	switch {
	case err == nil:
		o.Kind, o.Title, o.Made, o.By = lot.Kind, lot.Title, lot.Made, lot.By
	case !fault.Is(err, fault.NotFound):
		return o, err
	}
	scans, err := l.Index.Things(ctx, r.Barcode)
	for _, t := range scans {
		if o.Kind == "" {
			o.Kind = t.Kind
		}
		if t.Made {
			o.Made, o.By, o.Run, o.Number = t.Happened, t.By, runIn(t.Record), t.Record.Number
			break
		}
	}
	return o, err
}

// children are what was made in runs from a thing itself, once for each record.
func (l *Lab) children(ctx context.Context, below []index.Relative) ([]sample.Scan, error) {
	var all []sample.Scan
	for _, r := range below {
		if r.Distance > 1 {
			break
		}
		t, ok, err := l.Index.Maker(ctx, r.Barcode)
		if err != nil {
			return nil, err
		}
		run := runIn(t.Record)
		same := func(s sample.Scan) bool { return s.Run == run && s.Number == t.Record.Number }
		if i := slices.IndexFunc(all, same); ok && i >= 0 {
			all[i].Child += ", " + r.Barcode
		} else if ok {
			all = append(all, sample.Scan{Run: run, Number: t.Record.Number, Child: r.Barcode, Task: t.Task, Kind: t.Kind, By: t.By, Happened: t.Happened})
		}
	}
	return all, nil
}

func runIn(ref record.Ref) string { return strings.TrimPrefix(ref.Logbook, "run/") }

// logsOf reads the temperature logs of where a thing lay, while it lay there and
// a little more: two files may follow each other around its coming or going.
func (l *Lab) logsOf(ctx context.Context, stays []sample.Stay) ([]sample.PlaceLog, error) {
	const margin = 24 * time.Hour
	rows, err := l.Index.PlaceLogs(ctx)
	if err != nil {
		return nil, err
	}
	var logs []sample.PlaceLog
	for _, row := range rows {
		there := func(s sample.Stay) bool {
			return sample.Inside(s.Place, row.Place) && !row.To.Before(s.From.Add(-margin)) && !row.From.After(s.To.Add(margin))
		}
		if !slices.ContainsFunc(stays, there) {
			continue
		}
		log, err := l.readings(ctx, row.PlaceLog)
		if err != nil {
			return nil, err
		}
		logs = append(logs, log)
	}
	return logs, nil
}
