package web

import (
	"net/url"
	"strconv"
	"time"

	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/lab"
	"secretome/internal/protocol"
)

// runView is the page of one run.
type runView struct {
	lab.RunPage
	Tell      telling
	State     boardState
	Doing     []taskRow
	Coming    []taskRow
	Decisions []lab.DecisionView
	Groups    []mapGroup
	Line      *timeline // nil: nothing has begun
	Days      string    // how long it has taken
}

// mapGroup is a stage that happens once, or the lanes of models side by side.
type mapGroup struct {
	Once  *mapNode
	Lanes []mapLane
}

type mapLane struct {
	Model, Name string
	Nodes       []mapNode
}

// mapNode is one stage on the map.
type mapNode struct {
	lab.MapPart
	Sign, Words string
	Href        string
	Deviations  int
	Over        string // from when to when, by the day
}

func (p *page) runPage() error {
	if p.value("at") != "" {
		return p.seeThen()
	}
	in, err := p.lab.RunPage(p.r.Context(), p.Who, p.r.PathValue("run"))
	if err != nil {
		return noRun(err, p.r.PathValue("run"))
	}
	v := runView{RunPage: in, Tell: telling{in.Latest}, State: runStateOf(in), Decisions: in.Decisions, Groups: groupsOf(in, p.Zone), Days: daysOf(in)}
	now := p.Now()
	if in.Launch.Script != "" {
		now = in.Changed.In(p.Zone)
	}
	for _, t := range in.Doing {
		v.Doing = append(v.Doing, taskRow{Task: t, Window: windowOf(t, p.Now())})
	}
	for _, t := range in.Coming {
		v.Coming = append(v.Coming, taskRow{Task: t, Window: windowOf(t, p.Now())})
	}
	v.Line = newTimeline(in, now)
	return p.show("run", "runs", in.ID+" "+in.Title, v)
}

// noRun is that there is no such run, in words for a page.
func noRun(err error, id string) error {
	if !fault.Is(err, fault.NotFound) {
		return err
	}
	return fault.New(fault.NotFound, "There is no run %q", id).Try("look for it in the list of runs, or scan a label of it")
}

// runStateOf is how the run stands, as on the board.
func runStateOf(in lab.RunPage) boardState {
	switch in.Standing.State {
	case "paused":
		return boardState{"waiting", "Paused", ""}
	case "held":
		return boardState{"blocked", "Held", ""}
	case "stopping":
		return boardState{"stopped", "Being stopped", ""}
	}
	row := lab.BoardRow{BoardRun: index.BoardRun{Run: in.Run, Open: in.Open, Blocked: in.Deciding}, Columns: in.Map}
	return stateOf(row)
}

// groupsOf puts columns of models that stand side by side together.
func groupsOf(in lab.RunPage, zone *time.Location) []mapGroup {
	var all []mapGroup
	for i, c := range in.Map {
		if !c.ByModel {
			if len(c.Parts) == 0 {
				continue
			}
			n := nodeOf(in, c.Parts[0], zone)
			all = append(all, mapGroup{Once: &n})
			continue
		}
		if i == 0 || !in.Map[i-1].ByModel {
			all = append(all, mapGroup{})
		}
		g := &all[len(all)-1]
		for _, part := range c.Parts {
			g.lane(part, nodeOf(in, part, zone))
		}
	}
	return all
}

func (g *mapGroup) lane(part lab.MapPart, n mapNode) {
	for i := range g.Lanes {
		if g.Lanes[i].Model == part.Model {
			g.Lanes[i].Nodes = append(g.Lanes[i].Nodes, n)
			return
		}
	}
	name := part.Name
	if name == "" {
		name = part.Model
	}
	g.Lanes = append(g.Lanes, mapLane{part.Model, sentence(name), []mapNode{n}})
}

func nodeOf(in lab.RunPage, part lab.MapPart, zone *time.Location) mapNode {
	n := mapNode{MapPart: part, Sign: partSigns[part.State], Words: partWords[part.State], Deviations: in.Deviating[part.Stage+"/"+part.Model]}
	n.Href = "/runs/" + in.ID + "/stages/" + url.PathEscape(part.Stage)
	if part.Model != "" {
		n.Href += "/" + url.PathEscape(part.Model)
	}
	if !part.Started.IsZero() {
		const day = "2 Jan"
		n.Over = part.Started.In(zone).Format(day)
		if end := part.Ended.In(zone).Format(day); part.Ended.IsZero() {
			n.Over = "since " + n.Over
		} else if end != n.Over {
			n.Over += " to " + end
		}
	}
	return n
}

// BlockSign is the sign of one block.
func (n mapNode) BlockSign(b lab.MapBlock) string { return partSigns[b.State] }

// BlockWords says how one block stands.
func (n mapNode) BlockWords(b lab.MapBlock) string {
	if b.Block == "" {
		return "a block " + partWords[b.State]
	}
	return "block " + b.Block + " " + partWords[b.State]
}

// Several reports whether there are blocks to tell of.
func (n mapNode) Several() bool { return n.Model != "" && len(n.Blocks) > 1 }

// TaskWords says how much of the stage is done.
func (n mapNode) TaskWords() string {
	switch {
	case n.Asked == 0:
		return ""
	case n.Open == 0:
		return sentence(count(n.Done, "task", "tasks")) + " done"
	}
	return sentence(count(n.Done, "task", "tasks")) + " done, " + count(n.Open, "open", "open")
}

// daysOf is how long a run took, or goes on for.
func daysOf(in lab.RunPage) string {
	end := in.Ended
	if end.IsZero() {
		end = in.Now
	}
	const day = 24 * time.Hour
	n := int(end.Sub(in.Started)/day) + 1
	if in.Ended.IsZero() {
		return "day " + strconv.Itoa(n)
	}
	return count(n, "day", "days")
}

// ReviewBegun reports whether there is something to review.
func (v runView) ReviewBegun() bool {
	for _, c := range v.Map {
		if c.Stage == protocol.Reviewing && len(c.Parts) > 0 && c.Parts[0].State != lab.PartPlanned {
			return true
		}
	}
	return false
}

// MorePlates is how many plates are not listed.
func (v runView) MorePlates() int { return max(0, v.Counts.Plates-len(v.Plates)) }

// Key is the ID of a decision's element on the page of decisions.
func (p *page) Key(task string) string { return keyOf(task) }

// stageView is the page of one stage.
type stageView struct {
	lab.StagePage
	Tell        telling
	Sign, Words string
	Groups      []stageBlock
	Models      []mapNode // the models of the same stage
}

// stageBlock is one block of a stage, with its tasks.
type stageBlock struct {
	Model, Block string
	State        *lab.Stage // nil: not begun
	Rows         []stageTask
	Waits        []index.Wait
	Results      []index.Result
}

// stageTask is one task of a stage with what was entered.
type stageTask struct {
	taskRow
	Entries []stageEntry
}

type stageEntry struct {
	Number    int64
	Step      string
	By        string
	At        time.Time
	Words     string
	Artifacts []edgeLink
}

func (p *page) stagePage() error {
	id, stage, model := p.r.PathValue("run"), p.r.PathValue("stage"), p.r.PathValue("model")
	if p.value("at") != "" {
		return p.seeThen()
	}
	in, err := p.lab.StagePage(p.r.Context(), p.Who, id, stage, model)
	if err != nil {
		if in.ID == "" {
			return noRun(err, id)
		}
		return err
	}
	v := stageView{StagePage: in, Tell: telling{in.Entries}, Sign: partSigns[in.Part.State], Words: partWords[in.Part.State]}
	for _, part := range in.Parts {
		if part.Model != "" {
			v.Models = append(v.Models, nodeOf(lab.RunPage{Run: in.Run}, part, p.Zone))
		}
	}
	v.group(p)
	title := in.Part.Title
	if in.Part.Model != "" {
		title += ", " + in.Part.Model
	}
	return p.show("stage", "runs", title+" of "+in.ID, v)
}

// group puts tasks, waits and results under their block.
func (v *stageView) group(p *page) {
	entries := map[string][]stageEntry{}
	for _, r := range v.Entries.Records {
		entries[r.Subject.Task] = append(entries[r.Subject.Task], v.entry(r))
	}
	for i, s := range v.Stages {
		g := v.block(s.Model, s.Block)
		g.State = &v.Stages[i]
	}
	for _, t := range v.Tasks {
		g := v.block(t.Model, t.Block)
		g.Rows = append(g.Rows, stageTask{taskRow{Task: t, Window: windowOf(t, p.Now())}, entries[t.ID]})
	}
	for _, w := range v.Waits {
		g := v.block(w.Model, w.Block)
		g.Waits = append(g.Waits, w)
	}
	for _, r := range v.Results {
		g := v.block(r.Model, r.Block)
		g.Results = append(g.Results, r)
	}
}

func (v *stageView) block(model, block string) *stageBlock {
	for i := range v.Groups {
		if v.Groups[i].Model == model && v.Groups[i].Block == block {
			return &v.Groups[i]
		}
	}
	v.Groups = append(v.Groups, stageBlock{Model: model, Block: block})
	return &v.Groups[len(v.Groups)-1]
}

// Title is what a block is called.
func (g stageBlock) Title() string {
	switch {
	case g.Model == "":
		return "Tasks"
	case g.Block == "":
		return sentence(g.Model)
	}
	return sentence(g.Model) + ", block " + g.Block
}

// Over reports whether a task waits for nobody any more.
func (t stageTask) Over() bool { return !t.Completed.IsZero() }
