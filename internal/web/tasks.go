package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"secretome/internal/fault"
	"secretome/internal/lab"
	"secretome/internal/task"
)

func taskRoutes() []route {
	return []route{
		{"GET /tasks", lab.Look, (*page).tasks},
		{"GET /tasks/{task...}", lab.Look, (*page).taskPage},
		{"POST /tasks/{task...}", lab.ToTask(task.Step), (*page).taskForm},
	}
}

// taskPath splits what stands behind /tasks/ into the ID of a task and the part
// of its page: the ID ends with the number of the asking, a part is a word.
func taskPath(rest string) (id, part string) {
	i := strings.LastIndexByte(rest, '/')
	if last := rest[i+1:]; i > 0 {
		if _, err := strconv.Atoi(last); err != nil {
			return "task/" + rest[:i], last
		}
	}
	return "task/" + rest, ""
}

// taskPage answers with the bench, or with one of the pages beside it.
func (p *page) taskPage() error {
	id, part := taskPath(p.r.PathValue("task"))
	switch part {
	case "":
		return p.bench(id)
	case "sheet":
		return p.benchSheet(id)
	case "key":
		return p.benchKey(id)
	case "read":
		return p.benchRead(id)
	}
	return notFound(p)
}

// taskForm takes what the bench sends.
func (p *page) taskForm() error {
	id, part := taskPath(p.r.PathValue("task"))
	switch part {
	case "":
		return p.benchAct(id)
	case "judge":
		return p.benchJudge(id)
	case "files":
		return p.benchFile(id)
	case "key":
		return p.readKey(id)
	}
	return notFound(p)
}

// tasksPage is the technician's day.
type tasksPage struct {
	Whose  string // open (mine and unclaimed), me, all
	Groups []taskGroup
	Found  int
	More   string // address of the next page
	Next   *lab.Task
	Axis   axis
}

// taskGroup is the tasks of one part of the day.
type taskGroup struct {
	Name, Title, Sign string
	Rows              []taskRow
}

// taskRow is one task in the list.
type taskRow struct {
	lab.Task
	Window window
	Bar    *bar   // nil: its window lies outside the axis, or it has none
	Button string // Continue, Claim, Do it late, View
	Takes  bool   // the button claims the task
	Mine   bool
}

// rowsOfTasks is how many tasks one page has.
const rowsOfTasks = 50

func (p *page) tasks() error {
	in := tasksPage{Whose: p.value("who"), Axis: newAxis(p.Now())}
	if in.Whose != lab.Mine && in.Whose != lab.Everybodys {
		in.Whose = lab.MineAndFree
	}
	from, err := strconv.Atoi(p.value("from"))
	if err != nil || from < 0 {
		from = 0
	}
	day, err := p.lab.Day(p.r.Context(), p.Who, lab.DayRequest{Whose: in.Whose, Now: p.Now(), From: from, To: from + rowsOfTasks})
	if err != nil {
		return err
	}
	in.Found, in.Next = day.Found, day.Next
	if to := from + len(day.Tasks); to < day.Found {
		in.More = "/tasks?who=" + in.Whose + "&from=" + strconv.Itoa(to)
	}
	in.group(day, p)
	return p.show("tasks", "tasks", "Tasks", in)
}

// parts are the parts of the day, in the order of the list.
func parts() []taskGroup {
	return []taskGroup{
		{Name: "missed", Title: "Missed", Sign: "stopped"},
		{Name: "open", Title: "Window open", Sign: "due"},
		{Name: "free", Title: "Any time", Sign: "active"},
		{Name: "soon", Title: "Opens soon", Sign: "waiting"},
		{Name: "today", Title: "Later today", Sign: "planned"},
		{Name: "tomorrow", Title: "Tomorrow", Sign: "planned"},
		{Name: "later", Title: "Later", Sign: "planned"},
	}
}

func (in *tasksPage) group(day lab.Day, p *page) {
	groups := parts()
	for _, t := range day.Tasks {
		r := in.row(t, p)
		r.Stage = day.Stage(t)
		i := slices.IndexFunc(groups, func(g taskGroup) bool { return g.Name == r.Window.Part() })
		groups[i].Rows = append(groups[i].Rows, r)
	}
	in.Groups = slices.DeleteFunc(groups, func(g taskGroup) bool { return len(g.Rows) == 0 })
}

func (in *tasksPage) row(t lab.Task, p *page) taskRow {
	r := taskRow{Task: t, Window: windowOf(t, p.Now()), Button: "View", Mine: t.Holder == p.Who.Name}
	r.Bar = in.Axis.bar(r.Window)
	free := t.Holder == "" && t.Role == p.Who.Role && !slices.Contains(t.NotBy, p.Who.Name)
	switch part := r.Window.Part(); {
	case r.Mine:
		r.Button = "Continue"
	case free && part == "missed":
		r.Button, r.Takes = "Do it late", true
	case free && (part == "open" || part == "free"):
		r.Button, r.Takes = "Claim", true
	}
	return r
}

// spoken is a fault without the words of the command line, which nobody at a
// bench types.
func spoken(err error) error {
	f := fault.Of(err)
	if f == nil || f.Kind == fault.Internal {
		return err
	}
	for _, mark := range []string{": secretome ", ": --", "; act as somebody else with --as"} {
		if i := strings.Index(f.Help, mark); i >= 0 {
			f.Help = f.Help[:i]
		}
	}
	if rest, cut := strings.CutSuffix(f.Help, " with"); cut { // "list them with: secretome …": the links of a page say as much
		f.Help = rest[:strings.LastIndexAny(rest, ";.")+1]
	}
	f.Help = strings.TrimSuffix(f.Help, ";")
	if f.Kind == fault.Refused && strings.HasPrefix(f.Help, "measure again") {
		f.Help = "measure again, or record a deviation below"
	}
	f.Help = sentence(f.Help)
	return f
}

// status is the HTTP status of a fault.
func status(err error) int {
	if err == nil {
		return http.StatusOK
	}
	return fault.Of(err).Kind.Meaning().HTTP
}
