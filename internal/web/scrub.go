package web

import "secretome/internal/record"

// scrub is the line of records that a reader moves along. Of what is behind the
// moment it knows only how long the line is.
type scrub struct {
	Bars             []scrubBar
	Marks            []scrubMark
	At, Head         int64
	X                int   // of the moment, in units of the drawing
	Previous, Next   int64 // 0: there is none
	KeyPrev, KeyNext int64
}

// Units of the drawing.
const (
	scrubWidth = 1000
	scrubBars  = 80
	scrubTall  = 34
)

type scrubBar struct{ X, Y, Height int }

// scrubMark is a key event on the line.
type scrubMark struct {
	Number int64
	X      int
	Sign   string // stage, flag, key, signed, stop
	Words  string
}

func newScrub(t telling) scrub {
	s := scrub{At: t.At, Head: t.Head, X: placeOnLine(t.At, t.Head), KeyNext: t.Next}
	if t.At > 1 {
		s.Previous = t.At - 1
	}
	if t.At < t.Head {
		s.Next = t.At + 1
	}
	s.bars(t.Records)
	for _, r := range t.KeyEvents() {
		if r.Number < t.At {
			s.KeyPrev = r.Number
		}
		s.Marks = append(s.Marks, scrubMark{r.Number, placeOnLine(r.Number, t.Head), markOf(r.Kind), t.By(r.By) + ": " + t.Told(r)})
	}
	return s
}

func placeOnLine(number, head int64) int { return int(number * scrubWidth / max(head, 1)) }

// bars says how much people recorded along the line: a bar is its share of acts
// of people, so that a busy day stands out between waits.
func (s *scrub) bars(records []record.Record) {
	var people, all [scrubBars]int
	for _, r := range records {
		i := int((r.Number - 1) * scrubBars / max(s.Head, 1))
		all[i]++
		if r.By.Kind == record.Person {
			people[i]++
		}
	}
	for i := range all {
		if all[i] == 0 {
			continue
		}
		h := 3 + people[i]*(scrubTall-3)/all[i]
		s.Bars = append(s.Bars, scrubBar{i * scrubWidth / scrubBars, scrubTall - h, h})
	}
}

func markOf(k record.Kind) string {
	switch k {
	case record.StageStarted, record.RunLaunched:
		return "stage"
	case record.Signed, record.Sealed, record.ReportMade:
		return "signed"
	case record.Allocated, record.KeySeen, record.KeyOpened:
		return "key"
	case record.DeviationDecided, record.RunResumed:
		return "done"
	case record.RunEnded:
		return "stop"
	}
	return "flag"
}

// Tail is whether the line goes on behind the moment.
func (s scrub) Tail() int { return scrubWidth - s.X }
