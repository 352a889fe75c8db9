package forecast

import (
	"fmt"
	"strings"
	"time"

	"secretome/internal/figure"
)

// SVG returns the forecast as a drawing: a line a task, the same tasks of
// several blocks in one. Days on which nobody is in the laboratory are shaded.
func (f Forecast) SVG() string {
	s := figure.Schedule{
		ID:    "plan",
		Title: fmt.Sprintf("%s, start %s (%s)", f.Protocol, f.Start.Format("Mon 2 Jan 2006 15:04"), f.Zone),
		Description: fmt.Sprintf("%d tasks from %s to %s, %d of them with a clash.", len(f.Tasks),
			f.Start.Format(day), f.End.Format(day), f.Clashes),
		From: midnight(f.Start), To: midnight(f.End).AddDate(0, 0, 1),
	}
	for d := s.From; d.Before(s.To); d = d.AddDate(0, 0, 1) {
		if _, _, open := f.calendar.on(d); !open {
			s.Shut = append(s.Shut, figure.Span{From: d, To: d.AddDate(0, 0, 1)})
		}
	}
	for _, l := range fold(f.Tasks) {
		s.Lines = append(s.Lines, l.drawn())
	}
	return s.Draw()
}

func (l line) drawn() figure.Line {
	about := append([]string{
		l.name() + ", " + l.where(), l.Begins.Format("Mon 2 Jan 2006 15:04") + " to " + l.Ends.Format("15:04"),
	}, l.described()...)
	d := figure.Line{
		Label: l.name(), Where: l.where(), Work: figure.Span{From: l.Begins, To: l.Ends}, Bad: len(l.Clash) > 0, Name: strings.Join(about, "; "),
	}
	if l.Windowed {
		d.Window = figure.Span{From: l.Opens, To: l.Closes}
	}
	return d
}

// midnight is the begin of t's day.
func midnight(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, 0, 0, 0, 0, t.Location())
}
