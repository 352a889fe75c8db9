package lab

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"

	"secretome/activities"
	"secretome/internal/fault"
	"secretome/internal/forecast"
	"secretome/internal/index"
	"secretome/internal/protocol"
)

// Sketch is a draft and what would come of it.
type Sketch struct {
	Draft    Draft
	Faults   []*fault.Fault // all that keeps it from being launched, each with its field
	Known    bool           // the document has no mistakes: what follows is known
	Protocol protocol.Protocol
	Hash     string // the protocol's identity
	Zone     *time.Location
	Start    time.Time // in that zone
	Speed    float64
	Plan     forecast.Forecast
	Others   []forecast.Collision // with runs under way
	Beside   int                  // runs that it was held against
	Running  int                  // runs under way in all, but rehearsals
	Chosen   []Setting            // one a parameter of the protocol
	Donor    DonorCheck
	Lots     []LotCheck // one a material that tasks use
	Medium   Medium
	Power    []Detectable
	Advice   []string
}

// drafted is what a document says.
type drafted struct {
	protocol protocol.Protocol
	hash     string
	course   forecast.Course
}

// sketch finds out what would come of a draft.
func (l *Lab) sketch(ctx context.Context, d Draft) (Sketch, error) {
	s := Sketch{Draft: d, Speed: 1}
	known, err := l.understand(ctx, d.Name, d.Document)
	if err != nil {
		if s.Faults = inDocument(err); s.Faults == nil {
			return s, err
		}
		return s, nil
	}
	s.Known, s.Protocol, s.Hash = true, known.protocol, known.hash
	if s.Zone, err = forecast.Zone(s.Protocol); err != nil {
		return s, err
	}
	s.settings(l.Now())
	s.parameters()
	if s.Plan, err = known.course.On(forecast.Options{Start: s.Start, Calendar: l.Calendar}); err != nil {
		return s, err
	}
	if err := l.collisions(ctx, &s, known.course); err != nil {
		return s, err
	}
	if err := l.supplied(ctx, &s, known.course); err != nil {
		return s, err
	}
	s.Power, s.Advice = detectables(s.Protocol), s.Protocol.Advice()
	return s, nil
}

// understand reads a document and foresees its run. Whoever waits for it no
// longer stops it.
func (l *Lab) understand(ctx context.Context, name, document string) (drafted, error) {
	return l.drawn.or(documentKey(name, document), func() (d drafted, err error) {
		if d.protocol, err = protocol.Parse(name, []byte(document)); err != nil {
			return d, err
		}
		if _, d.hash, err = d.protocol.Canonical(); err != nil {
			return d, err
		}
		d.course, err = forecast.Foresee(ctx, d.protocol, l.Now())
		return d, err
	})
}

// inDocument are the faults of a document, each at its field; nil where the error
// is none of the document's.
func inDocument(err error) []*fault.Fault {
	many, ok := err.(interface{ Unwrap() []error })
	errs := []error{err}
	if ok {
		errs = many.Unwrap()
	}
	var all []*fault.Fault
	for _, one := range errs {
		f := *fault.Of(one)
		if f.Kind == fault.Internal || f.Kind == fault.Unavailable {
			return nil
		}
		f.Place.Field = "document"
		all = append(all, &f)
	}
	return all
}

func (s *Sketch) refuse(field string, err error) {
	f := *fault.Of(err)
	f.Place.Field = field
	s.Faults = append(s.Faults, &f)
}

// settings reads the fields beside the document.
func (s *Sketch) settings(now time.Time) {
	s.Start = now.In(s.Zone)
	d := s.Draft
	if strings.ContainsFunc(d.Title, unicode.IsControl) {
		s.refuse("title", fault.New(fault.Invalid, "The title has a line break or another control character in it").Try("write it in one line"))
	}
	if d.Start != "" {
		start, err := forecast.ParseStart(d.Start, s.Zone)
		if err == nil {
			s.Start = start
			err = notPast(s.Start, s.Draft.Rehearsal, now)
		}
		if err != nil {
			s.refuse("start", err)
		}
	}
	if err := checkApproval(s.Protocol, LaunchRequest{Start: s.Start, Rehearsal: d.Rehearsal}); err != nil {
		s.refuse("start", err)
	}
	speed, err := speedOf(d.Intent)
	if err != nil {
		s.refuse("speed", err)
		return
	}
	s.Speed = speed
}

// mostSpeed is what waits are divided by at most: a year in five minutes.
const mostSpeed = 100_000

func speedOf(d Intent) (float64, error) {
	if !d.Rehearsal || d.Speed == "" {
		return 1, nil
	}
	speed, err := strconv.ParseFloat(strings.ReplaceAll(d.Speed, ",", "."), 64)
	if err != nil || math.IsNaN(speed) || speed < 1 || speed > mostSpeed {
		return 1, fault.New(fault.Invalid, "%q is no speed", d.Speed).Try("write a number from 1 to %d: waits are divided by it", mostSpeed)
	}
	return speed, nil
}

// The limits of what a draft is held against.
const (
	mostBeside = 200 // runs
	waitBeside = 4 * time.Second
)

// collisions holds the plan against the runs under way, as they were planned.
func (l *Lab) collisions(ctx context.Context, s *Sketch, course forecast.Course) error {
	runs, err := l.Index.Runs(ctx, index.RunFilter{State: index.Running})
	if err != nil || s.Draft.Rehearsal {
		return err
	}
	until := time.Now().Add(waitBeside)
	var others []forecast.Planned
	for _, r := range runs {
		if r.Simulated {
			continue
		}
		s.Running++
		if len(others) == mostBeside || time.Now().After(until) {
			continue
		}
		f, err := l.foreseen(ctx, r)
		if err != nil {
			return err
		}
		if f.End.After(s.Start) {
			others = append(others, forecast.Planned{Run: r.ID, Forecast: f})
		}
		s.Beside++
	}
	s.Others = course.Collisions(s.Plan, others)
	return nil
}

// foreseen is how a run under way was planned at its launch.
func (l *Lab) foreseen(ctx context.Context, r index.Run) (forecast.Forecast, error) {
	return l.planned.or(r.ID, func() (f forecast.Forecast, err error) {
		launch, err := l.launchOf(ctx, r.ID)
		if err != nil {
			return f, err
		}
		d, err := l.drawn.or("protocol\x00"+r.Protocol, func() (d drafted, err error) {
			if d.protocol, err = activities.Load[protocol.Protocol](ctx, l.Artifacts, launch.Protocol.SHA256); err != nil {
				return d, err
			}
			d.course, err = forecast.Foresee(ctx, d.protocol, launch.Start)
			return d, err
		})
		if err != nil {
			return f, fmt.Errorf("foresee run %s: %w", r.ID, err)
		}
		return d.course.On(forecast.Options{Start: launch.Start, Calendar: l.Calendar})
	})
}
