package forecast

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Text returns the calendar for people: what it comes to first, then day by
// day. A clash stands below its task behind "!", a hint behind ">".
func (f Forecast) Text() string {
	var b strings.Builder
	f.summary(&b)
	f.supplies(&b)
	lines := fold(f.Tasks)
	widest := 0
	for _, l := range lines {
		widest = max(widest, utf8.RuneCountInString(l.name()))
	}
	const most = 44
	widest = min(widest, most)
	date := ""
	for _, l := range lines {
		if d := l.Begins.Format(day); d != date {
			date = d
			fmt.Fprintf(&b, "\n%s\n", l.Begins.Format("Monday 2 January 2006 (MST)"))
		}
		l.write(&b, widest)
	}
	return b.String()
}

func (l line) write(b *strings.Builder, widest int) {
	where := l.where() + ", " + l.Role
	fmt.Fprintf(b, "  %s-%s  %s  %s", l.Begins.Format("15:04"), l.Ends.Format("15:04"), padded(l.name(), widest), where)
	if w := l.window(); w != "" {
		fmt.Fprintf(b, "; window %s", w)
	}
	b.WriteByte('\n')
	for _, c := range l.Clash {
		fmt.Fprintf(b, "               ! %s: %s\n", c.Kind, c.Text)
	}
	if l.Hint != "" {
		fmt.Fprintf(b, "               > %s\n", l.Hint)
	}
}

func (f Forecast) summary(b *strings.Builder) {
	const at = "Mon 2 Jan 2006 15:04"
	fmt.Fprintf(b, "%s: %s\n", f.Protocol, f.Title)
	fmt.Fprintf(b, "from        %s\nto          %s (%s)\n", f.Start.Format(at), f.End.Format(at), f.Zone)
	fmt.Fprintf(b, "tasks       %d\nclashes     %d%s\n", len(f.Tasks), f.Clashes, f.kinds())
	moves := 0
	for _, t := range f.Tasks {
		if len(t.Clash) == 0 && t.Hint != "" {
			moves++
		}
	}
	fmt.Fprintf(b, "to move     %d: outside the hours, but there is a better time in their windows\n", moves)
	fmt.Fprintf(b, "best start  %s of the next %d days\n\nstart       clashes  to move\n", f.best(), len(f.Starts))
	for _, s := range f.Starts {
		mark := ""
		if s.Date == f.Best {
			mark = "  best"
		}
		fmt.Fprintf(b, "%s %s  %5d  %7d%s\n", s.At.Format("Mon"), s.At.Format("02 Jan"), s.Clashes, s.Moves, mark)
	}
}

func (f Forecast) best() string {
	for _, s := range f.Starts {
		if s.Date == f.Best {
			return s.At.Format("Mon 2 Jan 2006")
		}
	}
	return f.Best
}

// kinds says how many tasks have each kind of clash.
func (f Forecast) kinds() string {
	var parts []string
	for _, k := range []Kind{Weekend, Night, Holiday, People, Instrument, Window} {
		n := 0
		for _, t := range f.Tasks {
			for _, c := range t.Clash {
				if c.Kind == k {
					n++
					break
				}
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", k, n))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, ", ")
}

func (f Forecast) supplies(b *strings.Builder) {
	if len(f.Supplies) == 0 {
		return
	}
	widest, amount := 0, 0
	for _, s := range f.Supplies {
		widest, amount = max(widest, utf8.RuneCountInString(s.Title)), max(amount, utf8.RuneCountInString(s.Amount.String()))
	}
	fmt.Fprintf(b, "\nmaterials\n")
	for _, s := range f.Supplies {
		fmt.Fprintf(b, "  %s  %s  from %s", padded(s.Title, widest), padded(s.Amount.String(), amount), s.First.Format("Mon 2 Jan 2006"))
		if s.OrderBy != "" {
			fmt.Fprintf(b, ", order by %s", s.OrderBy)
		}
		if s.Late {
			b.WriteString(", which is before the start")
		}
		b.WriteByte('\n')
	}
}

func padded(s string, n int) string {
	return s + strings.Repeat(" ", max(0, n-utf8.RuneCountInString(s)))
}
