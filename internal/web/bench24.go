package web

import (
	"slices"
	"strconv"
	"time"

	"secretome/internal/lab"
	"secretome/internal/task"
)

// bench24 is today at the bench: a group of rows a person, a bar a task.
type bench24 struct {
	People []benchPerson
	Hours  []tick
	Height int
	Now    int // where now is
	Clock  string
	Count  int
}

type benchPerson struct {
	Name string
	Y    int // of the text
	Top  int // of the line above
	Bars []benchBar
	More int // tasks that are not drawn
}

// benchBar is one task of the day.
type benchBar struct {
	lab.Task
	X, Y, Width int
	State       string // done, due, missed, planned
	Sign        string
	Text        string
	TextX       int
	End         bool // the text ends at TextX
	Words       string
}

// The drawing of a day, in its own units.
const (
	benchFrom, benchTo     = 6, 22 // hours that are drawn, and more where now is outside
	benchLeft, benchWide   = 130, 1000
	benchRow, benchHead    = 30, 26
	mostBarsOf, mostPeople = 4, 8
)

func newBench(tasks []lab.Task, now time.Time) bench24 {
	day := dayOf(now)
	b := bench24{Height: benchHead, Now: day.x(now), Clock: now.Format("15:04"), Count: len(tasks)}
	for h := day.from; h <= day.to; h++ {
		b.Hours = append(b.Hours, tick{At: day.x(day.at(h)), Text: strconv.Itoa(h)})
	}
	for _, t := range tasks {
		b.add(t)
	}
	slices.SortStableFunc(b.People, func(x, y benchPerson) int { return namedFirst(x.Name) - namedFirst(y.Name) })
	if len(b.People) > mostPeople {
		b.People = b.People[:mostPeople]
	}
	for i := range b.People {
		b.draw(&b.People[i], day, now)
	}
	return b
}

func namedFirst(name string) int {
	if name == unclaimed {
		return 1
	}
	return 0
}

// unclaimed is the row of tasks that nobody has.
const unclaimed = "Unclaimed"

// add puts a task into the row of who has it, or did it.
func (b *bench24) add(t lab.Task) {
	name := t.Holder
	if t.State == task.Completed {
		name = t.CompletedBy
	}
	if name == "" {
		name = unclaimed
	}
	i := slices.IndexFunc(b.People, func(p benchPerson) bool { return p.Name == name })
	if i < 0 {
		i, b.People = len(b.People), append(b.People, benchPerson{Name: name})
	}
	p := &b.People[i]
	if len(p.Bars) == mostBarsOf {
		p.More++
		return
	}
	p.Bars = append(p.Bars, benchBar{Task: t})
}

// benchDay is the hours of a day that are drawn.
type benchDay struct {
	midnight time.Time
	from, to int
}

func dayOf(now time.Time) benchDay {
	midnight := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	return benchDay{midnight, min(benchFrom, now.Hour()), max(benchTo, now.Hour()+1)}
}

func (d benchDay) at(hour int) time.Time { return d.midnight.Add(time.Duration(hour) * time.Hour) }

// x is where a time of the day is drawn; what lies outside is at the edge.
func (d benchDay) x(t time.Time) int {
	x := int(t.Sub(d.at(d.from)).Minutes()) * benchWide / ((d.to - d.from) * 60)
	return benchLeft + max(0, min(x, benchWide))
}

func (b *bench24) draw(p *benchPerson, day benchDay, now time.Time) {
	p.Top, p.Y = b.Height, b.Height+19
	for i := range p.Bars {
		bar := &p.Bars[i]
		bar.Y = b.Height + 4
		bar.place(day, now)
		b.Height += benchRow
	}
	if p.More > 0 {
		b.Height += benchRow - 8
	}
}

// place says where a bar is drawn, and how.
func (bar *benchBar) place(day benchDay, now time.Time) {
	const least, room, beside = 22, 260, 7
	w := windowOf(bar.Task, now)
	from, to := w.from(), w.Closes
	bar.State, bar.Sign, bar.Words = "planned", "planned", w.Left()
	switch {
	case bar.Task.State == task.Completed:
		from, to = bar.Completed, bar.Completed
		bar.State, bar.Sign, bar.Words = "done", "done", "done "+bar.Completed.In(now.Location()).Format("15:04")
	case w.Missed():
		bar.State, bar.Sign = "missed", "stopped"
	case !w.Early() && w.Closes.IsZero():
		bar.State, bar.Sign = "active", "active"
	case !w.Early():
		bar.State, bar.Sign = "due", "due"
	}
	if to.IsZero() {
		to = day.at(day.to)
	}
	bar.X = day.x(from)
	bar.Width = max(day.x(to)-bar.X, least)
	if over := bar.X + bar.Width - benchLeft - benchWide; over > 0 {
		bar.X -= over
	}
	bar.Text = shortRun(bar.Run) + " " + bar.Title
	bar.TextX = bar.X + bar.Width + beside
	switch {
	case bar.Width >= room: // inside, behind the sign
		bar.TextX = bar.X + least + 2
	case bar.TextX > benchLeft+benchWide-room:
		bar.TextX, bar.End = bar.X-beside, true
	}
	const most = 38
	if r := []rune(bar.Text); len(r) > most {
		bar.Text = string(r[:most-1]) + "…"
	}
}

// SignX and SignY are where the sign of a bar stands.
func (bar benchBar) SignX() int { return bar.X + 5 }

// SignY is its top.
func (bar benchBar) SignY() int { return bar.Y + 5 }

// TextY is the line of a bar's words.
func (bar benchBar) TextY() int { return bar.Y + 15 }
