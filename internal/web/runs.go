package web

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/lab"
	"secretome/internal/run"
	"secretome/internal/task"
)

func runRoutes() []route {
	return []route{
		{"GET /runs", lab.Look, (*page).runs},
		{"GET /runs/{run}", lab.Look, (*page).runPage},
		{"GET /runs/{run}/stages/{stage}", lab.Look, (*page).stagePage},
		{"GET /runs/{run}/stages/{stage}/{model}", lab.Look, (*page).stagePage},
		{"GET /runs/{run}/pause", lab.ToRun(run.Pause), showsControl(run.Pause)},
		{"POST /runs/{run}/pause", lab.ToRun(run.Pause), control(run.Pause)},
		{"GET /runs/{run}/resume", lab.ToRun(run.Resume), showsControl(run.Resume)},
		{"POST /runs/{run}/resume", lab.ToRun(run.Resume), control(run.Resume)},
		{"GET /runs/{run}/stop", lab.ToRun(run.Stop), showsControl(run.Stop)},
		{"POST /runs/{run}/stop", lab.ToRun(run.Stop), control(run.Stop)},
		{"GET /runs/{run}/hold", lab.ToRun(run.Hold), showsControl(run.Hold)},
		{"POST /runs/{run}/hold", lab.ToRun(run.Hold), control(run.Hold)},
		{"GET /runs/{run}/ask", lab.ToRun(run.Ask), showsControl(run.Ask)},
		{"POST /runs/{run}/ask", lab.ToRun(run.Ask), control(run.Ask)},
		{"GET /runs/{run}/amend", lab.ToRun(run.Amend), showsControl(run.Amend)},
		{"POST /runs/{run}/amend", lab.ToRun(run.Amend), (*page).amend},
		{"GET /decisions", lab.Look, (*page).decisions},
		{"POST /decisions", lab.Decide, (*page).decide},
		{"GET /people/workload", lab.Look, (*page).workload},
		{"GET /manage/assign/{task...}", lab.ToTask(task.Assign), showsManage(task.Assign)},
		{"POST /manage/assign/{task...}", lab.ToTask(task.Assign), manage(task.Assign)},
		{"GET /manage/repeat/{task...}", lab.ToTask(task.Repeat), showsManage(task.Repeat)},
		{"POST /manage/repeat/{task...}", lab.ToTask(task.Repeat), manage(task.Repeat)},
		{"GET /manage/cancel/{task...}", lab.ToTask(task.Cancel), showsManage(task.Cancel)},
		{"POST /manage/cancel/{task...}", lab.ToTask(task.Cancel), manage(task.Cancel)},
		{"GET /manage/skip/{task...}", lab.ToTask(task.Skip), showsManage(task.Skip)},
		{"POST /manage/skip/{task...}", lab.ToTask(task.Skip), manage(task.Skip)},
		{"GET /manage/hand-over/{task...}", lab.ToTask(task.HandOver), showsManage(task.HandOver)},
		{"POST /manage/hand-over/{task...}", lab.ToTask(task.HandOver), manage(task.HandOver)},
	}
}

// Draws reports whether a button for a command is drawn for who asks.
func (p *page) Draws(command string) bool { return p.may(lab.Command(command)) == nil }

// boardPage is the manager's board.
type boardPage struct {
	lab.Board
	Rows    []boardRow
	Needs   []boardNeed
	Bench   bench24
	Filters []boardFilter
	Sum     string // what needs somebody, in a sentence
	Before  string // address of the page before
	After   string // of the next one
}

type boardRow struct {
	lab.BoardRow
	Strip strip
	State boardState
	Left  string // of the next window, in words
	Late  bool   // it has closed
}

// boardState is a run's state: sign, words, and what stands below.
type boardState struct{ Sign, Words, Below string }

type boardNeed struct {
	lab.Need
	Sign, Words, Text, Button, Href string
}

type boardFilter struct {
	State, Words string
	Count        int
	Href         string
	Here         bool
}

func (p *page) runs() error {
	number, err := p.pageNumber()
	if err != nil {
		return err
	}
	b, err := p.lab.Board(p.r.Context(), p.Who, lab.BoardQuery{State: p.value("state"), Query: p.value("q"), Page: number, Zone: p.Zone})
	if err != nil {
		return err
	}
	in := boardPage{Board: b, Bench: newBench(b.Bench, p.Now())}
	for _, r := range b.Rows {
		in.Rows = append(in.Rows, p.boardRow(r))
	}
	for _, n := range b.Needs {
		in.Needs = append(in.Needs, p.boardNeed(n))
	}
	in.filters()
	in.Sum = in.sum()
	here := "runs"
	if in.State == "review" {
		here = "review"
	}
	return p.show("runs", here, "Runs", in)
}

// pageNumber is the page that the address names, 0 where it names none.
func (p *page) pageNumber() (int, error) {
	text := p.value("page")
	if text == "" {
		return 0, nil
	}
	const most = 1_000_000
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > most {
		return 0, fault.New(fault.Invalid, "%q is no number of a page", text).Field("page").Try("write a whole number from 1")
	}
	return n, nil
}

func (in *boardPage) filters() {
	address := func(state string, page int) string {
		q := url.Values{"state": {state}}
		if in.Query != "" {
			q.Set("q", in.Query)
		}
		if page > 1 {
			q.Set("page", strconv.Itoa(page))
		}
		return "/runs?" + q.Encode()
	}
	for _, f := range [][2]string{{"active", "Active"}, {"review", "Review"}, {"finished", "Finished"}, {"all", "All"}} {
		in.Filters = append(in.Filters, boardFilter{f[0], f[1], in.Counts[f[0]], address(f[0], 1), in.State == f[0]})
	}
	if in.Page > 1 {
		in.Before = address(in.State, in.Page-1)
	}
	if in.Page < in.Pages {
		in.After = address(in.State, in.Page+1)
	}
}

// sum says how much is going on.
func (in *boardPage) sum() string {
	active := in.Counts["active"] + in.Counts["review"]
	if active == 0 {
		return "No run is under way."
	}
	text := sentence(count(active, "run", "runs")) + " under way"
	if n := in.Counts["review"]; n > 0 {
		text += ", " + count(n, "of them in review", "of them in review")
	}
	return text + "."
}

func (p *page) boardRow(r lab.BoardRow) boardRow {
	row := boardRow{BoardRow: r, Strip: newStrip(r.Columns), State: stateOf(r)}
	if r.Next != nil {
		w := windowOf(*r.Next, p.Now())
		row.Left, row.Late = w.Left(), w.Missed()
	}
	return row
}

// stateOf is how a run stands, in a word or two.
func stateOf(r lab.BoardRow) boardState {
	if r.State != index.Running {
		return endOf(r.Outcome, r.Why)
	}
	below := ""
	if r.Open > 0 {
		below = sentence(count(r.Open, "task open", "tasks open"))
	}
	switch why, paused := strings.CutPrefix(r.Why, "paused: "); {
	case r.Blocked > 0:
		return boardState{"blocked", "Blocked", sentence(count(r.Blocked, "decision waits", "decisions wait"))}
	case paused:
		return boardState{"waiting", "Paused", sentence(why)}
	}
	best, title := "", ""
	for _, state := range []string{lab.PartMissed, lab.PartDue, lab.PartReview, lab.PartActive, lab.PartWaiting} {
		for _, c := range r.Columns {
			for _, part := range c.Parts {
				if part.State == state && best == "" {
					best, title = state, part.Title
				}
			}
		}
	}
	switch best {
	case "":
		return boardState{"waiting", "Between stages", below}
	case lab.PartMissed:
		return boardState{"stopped", "Window missed", title}
	case lab.PartReview:
		return boardState{"review", "In review", below}
	}
	return boardState{partSigns[best], title, below}
}

// endOf is how a run that is over stands.
func endOf(outcome, why string) boardState {
	if outcome == string(run.Done) {
		return boardState{"signed", "Signed", ""}
	}
	return boardState{"stopped", sentence(outcome), why}
}

func (p *page) boardNeed(n lab.Need) boardNeed {
	at := "/tasks/" + strings.TrimPrefix(n.ID, "task/")
	w := windowOf(n.Task, p.Now())
	who := "Nobody has it yet"
	if n.Holder != "" {
		who = n.Holder + " has it"
	}
	need := boardNeed{Need: n, Sign: partSigns[n.Kind], Text: n.Task.Title, Href: at, Button: "See the task", Words: who}
	switch n.Kind {
	case lab.PartBlocked:
		need.Words, need.Text, need.Button = "Blocked", sentence(telling{}.Plain(n.What)), "Decide"
		need.Href = "/decisions?run=" + url.QueryEscape(n.Run) + "#" + keyOf(n.ID)
		if need.Text == "" {
			need.Text = n.Task.Title
		}
	case lab.PartMissed:
		need.Words = "Missed, " + w.Left()
	case lab.PartDue:
		need.Words, need.Button = "Window open, "+w.Left(), "Watch the task"
	case lab.PartReview:
		need.Words, need.Button, need.Href = "Ready for review", "Review", "/runs/"+n.Run+"/review"
	}
	return need
}

// Who says who has what needs somebody.
func (n boardNeed) Who() string {
	if n.Kind == lab.PartBlocked {
		return "Nothing behind it goes on before somebody decides."
	}
	if n.Holder != "" {
		return n.Holder + " has it."
	}
	return "Nobody has it yet; it is for the " + n.Role + "."
}

// keyOf is a task's ID as the ID of an element.
func keyOf(id string) string {
	return "d-" + strings.NewReplacer("/", "-", " ", "-").Replace(strings.TrimPrefix(id, "task/"))
}

// shortRun is the end of a run's ID, to tell runs apart on a bar.
func shortRun(id string) string {
	if i := strings.LastIndexByte(id, '-'); i >= 0 {
		return id[i+1:]
	}
	return id
}

// Total is how many pages there are, in words.
func (in boardPage) Total() string { return fmt.Sprintf("page %d of %d", in.Page, max(in.Pages, 1)) }
