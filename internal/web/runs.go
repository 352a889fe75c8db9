package web

import (
	"net/url"
	"strings"

	"secretome/internal/lab"
)

func runRoutes() []route {
	return []route{
		{"GET /runs", lab.Look, (*page).runs},
	}
}

// runsPage is the manager's board.
type runsPage struct {
	State string // active, review, finished, all
	Query string
	Needs []lab.Run // what needs somebody
	Runs  []lab.Run
	Found int // before the page was cut
	From  int
	More  string // address of the next page
}

// pageOfRuns is how many runs a page has.
const pageOfRuns = 50

func (p *page) runs() error {
	all, err := p.lab.Runs(p.r.Context(), p.Who)
	if err != nil {
		return err
	}
	in := runsPage{State: p.value("state"), Query: p.value("q")}
	if in.State == "" {
		in.State = "active"
	}
	for _, r := range all {
		if r.Blocked > 0 && len(in.Needs) < 3 {
			in.Needs = append(in.Needs, r)
		}
		if in.shows(r) {
			in.Runs = append(in.Runs, r)
		}
	}
	in.Found = len(in.Runs)
	in.cut(p.value("after"))
	here := "runs"
	if in.State == "review" {
		here = "review"
	}
	return p.show("runs", here, "Runs", in)
}

func (in runsPage) shows(r lab.Run) bool {
	q := strings.ToLower(in.Query)
	if q != "" && !strings.Contains(strings.ToLower(r.ID+" "+r.Title+" "+r.ProtocolName), q) {
		return false
	}
	running := r.State == "running"
	switch in.State {
	case "active":
		return running
	case "review":
		return running && r.Next != nil && (r.Next.Stage == "review" || r.Next.Stage == "analysis")
	case "finished":
		return !running
	}
	return true
}

// cut keeps one page, behind the run with this ID.
func (in *runsPage) cut(after string) {
	for i, r := range in.Runs {
		if r.ID == after {
			in.From = i + 1
		}
	}
	in.Runs = in.Runs[in.From:]
	if len(in.Runs) > pageOfRuns {
		in.Runs = in.Runs[:pageOfRuns]
		in.More = "/runs?" + url.Values{"state": {in.State}, "q": {in.Query}, "after": {in.Runs[pageOfRuns-1].ID}}.Encode()
	}
}
