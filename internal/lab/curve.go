package lab

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"time"

	"secretome/internal/fault"
	"secretome/internal/record"
	"secretome/internal/sample"
)

// PlaceCurve is a place with its temperatures.
type PlaceCurve struct {
	sample.PlaceView
	Readings [][]sample.Temperature // of each file, in the order of time
	Here     []sample.Lot           // what lies there now
}

// Curve tells the temperatures of a place, and what lies there. A place of which
// there is no log, and in which something lies, has no readings. It fails with
// [fault.NotFound] for a place that nobody named.
func (l *Lab) Curve(ctx context.Context, who record.Actor, place string) (PlaceCurve, error) {
	var c PlaceCurve
	v, err := l.Place(ctx, who, place)
	unlogged := fault.Is(err, fault.NotFound)
	if err != nil && !unlogged {
		return c, err
	}
	c.PlaceView = v
	if c.Here, err = l.inPlace(ctx, place); err != nil {
		return c, err
	}
	if unlogged {
		if len(c.Here) == 0 {
			return c, fault.New(fault.NotFound, "no place is called %q", place).Try("see the list of places")
		}
		c.Place.Place = place
		return c, nil
	}
	rows, err := l.Index.PlaceLogs(ctx)
	if err != nil {
		return c, err
	}
	for _, row := range rows {
		if !sample.SamePlace(row.Place, place) {
			continue
		}
		log, err := l.readings(ctx, row.PlaceLog)
		if err != nil {
			return c, err
		}
		c.Readings = append(c.Readings, log.Readings)
	}
	return c, nil
}

func (l *Lab) inPlace(ctx context.Context, place string) ([]sample.Lot, error) {
	all, err := l.Index.AllStock(ctx, "")
	if err != nil {
		return nil, err
	}
	var here []sample.Lot
	for _, lot := range all {
		if lot.Place != "" && sample.Inside(lot.Place, place) && !over(lot) {
			here = append(here, lot)
		}
	}
	return here, nil
}

// StoragePlace is a place in which things lie or of which there is a log.
type StoragePlace struct {
	sample.Place
	Lots int // that lie there now
}

// Storage lists the places, by name: those with a log, and those in which
// something lies.
func (l *Lab) Storage(ctx context.Context, who record.Actor) ([]StoragePlace, error) {
	logged, err := l.Places(ctx, who)
	if err != nil {
		return nil, err
	}
	var all []StoragePlace
	for _, p := range logged {
		all = append(all, StoragePlace{Place: p})
	}
	lots, err := l.Index.AllStock(ctx, "")
	if err != nil {
		return nil, err
	}
	for _, lot := range lots {
		if lot.Place != "" && !over(lot) {
			all = lies(all, lot.Place)
		}
	}
	slices.SortFunc(all, func(a, b StoragePlace) int { return strings.Compare(a.Place.Place, b.Place.Place) })
	return all, nil
}

// lies counts one thing at a place, and at those that it is inside.
func lies(all []StoragePlace, place string) []StoragePlace {
	known := false
	for i, p := range all {
		if sample.Inside(place, p.Place.Place) {
			all[i].Lots++
		}
		known = known || sample.SamePlace(p.Place.Place, place)
	}
	if known {
		return all
	}
	return append(all, StoragePlace{sample.Place{Place: place}, 1})
}

// PlaceReading is one temperature that a person read off a display.
type PlaceReading struct {
	Request string
	Place   string
	At      time.Time
	Cel     string // °C, a decimal
}

// LogReading writes a temperature that was read off a display, as a log of one
// line. It fails as [Lab.LogPlace].
func (l *Lab) LogReading(ctx context.Context, who record.Actor, q PlaceReading) (PlaceLogged, error) {
	at := q.At.UTC().Format(time.RFC3339)
	text := "time,temperature (°C)\n" + at + "," + strings.ReplaceAll(q.Cel, ",", ".") + "\n"
	name := "read off " + at + ".csv"
	if _, err := sample.ReadPlaceLog(name, []byte(text), time.UTC); err != nil {
		return PlaceLogged{}, fault.New(fault.Invalid, "%s is no temperature", quoted(q.Cel)).Field("cel").Try("Enter the number only, like -79.5. The unit is already °C")
	}
	return l.LogPlaceFile(ctx, who, PlaceRequest{Request: q.Request, Place: q.Place, Name: name, Zone: "UTC"}, []byte(text))
}

// LogPlaceFile stores what the logger of a place wrote and logs it, see
// [Lab.LogPlace]. A file that is none is refused before it is stored.
func (l *Lab) LogPlaceFile(ctx context.Context, who record.Actor, q PlaceRequest, data []byte) (PlaceLogged, error) {
	if err := Allowed(who, LogPlace); err != nil {
		return PlaceLogged{}, err
	}
	zone, err := time.LoadLocation(q.Zone)
	if err != nil || q.Zone == "" || q.Zone == "Local" {
		return PlaceLogged{}, fault.New(fault.Invalid, "%q is no time zone", q.Zone).Field("zone").Try("write it like Europe/Berlin, or UTC")
	}
	if _, err := sample.ReadPlaceLog(q.Name, data, zone); err != nil {
		return PlaceLogged{}, err
	}
	stored, err := l.Artifacts.Put(ctx, bytes.NewReader(data), Uploaded{Name: q.Name, MediaType: "text/csv", Size: int64(len(data))})
	if err != nil {
		return PlaceLogged{}, err
	}
	q.Artifact = stored.SHA256
	return l.LogPlace(ctx, who, q)
}

func quoted(text string) string { return "“" + text + "”" }
