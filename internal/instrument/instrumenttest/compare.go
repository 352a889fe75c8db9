package instrumenttest

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	"secretome/internal/instrument"
)

// what tells series apart: everything but well, time and value.
type what struct {
	plate, class, channel, label, target string
	wavelength, ex                       float64
}

// series is the values of one "what" by place, in the order of the file.
type series struct {
	what
	values map[string][]value
	places []string
}

// value is a number, or none with or without a flag. A flag that is a duration
// may be given as seconds instead.
type value struct {
	number  *float64
	flagged bool
	seconds *float64
}

func expectedValue(r Record) value {
	v := value{number: r.Value, flagged: r.Flag != ""}
	if s, ok := instrument.Seconds(r.Flag); ok {
		v.seconds = &s
	}
	return v
}

// classOf joins kinds that count as one.
func classOf(kind string) string {
	switch kind {
	case "raw", "kinetic", "":
		return "raw"
	case "reduced", "calculated", "derived":
		return "derived"
	}
	return kind
}

// plain leaves letters and digits: names are compared leniently.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

type builder struct{ all []*series }

func (b *builder) add(w what, well string, time *float64, v value) {
	place := well
	if time != nil {
		place = fmt.Sprintf("%s at %.2f s", well, *time)
	}
	for _, s := range b.all {
		if s.what == w {
			if _, ok := s.values[place]; !ok {
				s.places = append(s.places, place)
			}
			s.values[place] = append(s.values[place], v)
			return
		}
	}
	b.all = append(b.all, &series{w, map[string][]value{place: {v}}, []string{place}})
}

// Compare returns what is wrong with got: readings are found by where and what
// they are, never by value; values are equal to the last digit; a number where
// none is expected is wrong too, unless it is of a kind that the file is not
// said to have.
func Compare(want File, got instrument.Table) []string {
	var w, g builder
	plates := map[string]int{}
	for _, r := range want.Records {
		n, ok := plates[r.Plate]
		if !ok {
			n = len(plates)
			plates[r.Plate] = n
		}
		w.add(what{fmt.Sprint(n), classOf(r.Kind), plain(r.Channel), plain(r.Label + r.Name), plain(r.Target), r.WavelengthNM, r.ExNM},
			r.Well, r.TimeS, expectedValue(r))
	}
	kinds := map[string]bool{}
	for _, s := range w.all {
		kinds[s.class] = true
	}
	clear(plates)
	for _, r := range got.Readings {
		class := classOf(string(r.Kind))
		if !kinds[class] {
			continue
		}
		n, ok := plates[r.Plate]
		if !ok {
			n = len(plates)
			plates[r.Plate] = n
		}
		g.add(what{fmt.Sprint(n), class, plain(r.Channel), plain(r.Label), plain(r.Target), r.WavelengthNM, r.ExNM},
			r.Well, r.TimeS, value{number: r.Value, flagged: r.Flag != ""})
	}
	return pair(want, w.all, g.all)
}

// pair finds for each expected series the one that fits best.
func pair(want File, expected, found []*series) []string {
	var problems []string
	for _, e := range expected {
		best, score := -1, -1
		for i, f := range found {
			if n := e.fits(f.what); n > score {
				best, score = i, n
			}
		}
		if best < 0 {
			problems = append(problems, fmt.Sprintf("no series for %+v", e.what))
			continue
		}
		problems = append(problems, e.differences(found[best], want.Sampled)...)
		found = slices.Delete(found, best, best+1)
	}
	for _, f := range found {
		for _, place := range f.places {
			for _, v := range f.values[place] {
				if v.number != nil {
					problems = append(problems, fmt.Sprintf("%s has %v in %+v, where nothing is expected", place, *v.number, f.what))
				}
			}
		}
	}
	return problems
}

// fits returns how well f may stand for e; -1 if it may not.
func (e what) fits(f what) int {
	if e.plate != f.plate || e.class != f.class || e.target != f.target ||
		(e.wavelength != 0 && math.Abs(e.wavelength-f.wavelength) > 0.5) ||
		(e.ex != 0 && math.Abs(e.ex-f.ex) > 0.5) {
		return -1
	}
	n := 0
	for _, name := range []string{e.channel, e.label} {
		switch name {
		case "":
		case f.channel, f.label:
			n++
		default:
			return -1
		}
	}
	return n
}

// differences compares two series place by place.
func (e *series) differences(f *series, sampled bool) []string {
	var problems []string
	for _, place := range e.places {
		got := f.values[place]
		for i, w := range e.values[place] {
			var g value
			if i < len(got) {
				g = got[i]
			}
			if text := w.differs(g, i < len(got)); text != "" {
				problems = append(problems, fmt.Sprintf("%s of %+v: %s", place, e.what, text))
			}
		}
		if len(got) > len(e.values[place]) {
			problems = append(problems, fmt.Sprintf("%s of %+v: %d readings, want %d", place, e.what, len(got), len(e.values[place])))
		}
	}
	for _, place := range f.places {
		if _, ok := e.values[place]; !ok && !sampled {
			problems = append(problems, fmt.Sprintf("%s of %+v is not expected", place, e.what))
		}
	}
	return problems
}

// differs says how a found value differs; there is whether it was found at all.
func (w value) differs(g value, there bool) string {
	if w.seconds != nil && g.number != nil && *g.number == *w.seconds {
		return ""
	}
	switch {
	case w.number != nil && g.number == nil:
		return fmt.Sprintf("no number, want %v", *w.number)
	case w.number != nil && *w.number != *g.number:
		return fmt.Sprintf("%v, want %v", *g.number, *w.number)
	case w.number == nil && w.flagged && !there:
		return "the reading is missing"
	case w.number == nil && g.number != nil:
		return fmt.Sprintf("%v, want no number", *g.number)
	case w.flagged && !g.flagged:
		return "the flag is missing"
	}
	return ""
}
