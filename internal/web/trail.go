package web

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"secretome/internal/fault"
	"secretome/internal/lab"
	"secretome/internal/record"
)

// trailPage is the audit trail of a run, filtered.
type trailPage struct {
	telling
	Show                  string // key, people, all
	Who                   string // what is chosen
	Kind                  string
	Stage                 string
	Of                    string // ID of a task
	People, Kinds, Stages []string
	Tasks                 []trailChoice
	Rows                  []record.Record
	Found                 int
	More                  string // address of the next page
}

// trailChoice is one option of a select.
type trailChoice struct{ Value, Words string }

// pageOfEvents is how many records a page of the trail has.
const pageOfEvents = 200

func (p *page) trail() error {
	at, err := p.at()
	if err != nil {
		return err
	}
	h, err := p.lab.History(p.r.Context(), p.Who, p.r.PathValue("run"), at)
	if err != nil {
		return err
	}
	in := trailPage{telling: telling{h}, Show: p.value("show"), Who: p.value("who"), Kind: p.value("kind"), Stage: p.value("stage"), Of: p.value("task")}
	if in.Show == "" {
		in.Show = "all"
	}
	after, err := strconv.ParseInt("0"+p.value("after"), 10, 64)
	if err != nil {
		return fault.New(fault.Invalid, "%q is no number of a record", p.value("after")).Field("after")
	}
	for _, r := range h.Records {
		in.offer(r)
		if !in.takes(r) {
			continue
		}
		in.Found++
		switch {
		case p.value("as") == "csv":
			in.Rows = append(in.Rows, r)
		case r.Number <= after:
		case len(in.Rows) < pageOfEvents:
			in.Rows = append(in.Rows, r)
		case in.More == "":
			in.More = in.address(in.Rows[pageOfEvents-1].Number, at)
		}
	}
	for _, list := range [][]string{in.People, in.Kinds} {
		slices.Sort(list)
	}
	if p.value("as") == "csv" {
		return p.trailTable(in)
	}
	return p.show("events", "review", "Record of "+in.Run, in)
}

// offer adds what a record has to the choices.
func (in *trailPage) offer(r record.Record) {
	add := func(list *[]string, value string) {
		if value != "" && !slices.Contains(*list, value) {
			*list = append(*list, value)
		}
	}
	if r.By.Kind == record.Person {
		add(&in.People, r.By.Name)
	}
	add(&in.Kinds, string(r.Kind))
	add(&in.Stages, r.Subject.Stage)
	if r.Kind == record.TaskAsked {
		words := in.Task(r.Subject.Task)
		if where := in.Where(r.Subject); where != "" {
			words += ", " + where
		}
		in.Tasks = append(in.Tasks, trailChoice{r.Subject.Task, words})
	}
}

func (in *trailPage) takes(r record.Record) bool {
	if in.Show == "key" && !lab.IsKeyEvent(r.Kind) || in.Show == "people" && r.By.Kind != record.Person {
		return false
	}
	return (in.Who == "" || r.By.Name == in.Who) && (in.Kind == "" || string(r.Kind) == in.Kind) &&
		(in.Stage == "" || r.Subject.Stage == in.Stage) && (in.Of == "" || r.Subject.Task == in.Of)
}

func (in *trailPage) address(after, at int64) string {
	q := in.filter(at)
	q.Set("after", strconv.FormatInt(after, 10))
	return "/runs/" + in.Run + "/events?" + q.Encode()
}

func (in *trailPage) filter(at int64) url.Values {
	q := url.Values{"show": {in.Show}, "who": {in.Who}, "kind": {in.Kind}, "stage": {in.Stage}, "task": {in.Of}}
	if at > 0 {
		q.Set("at", strconv.FormatInt(at, 10))
	}
	return q
}

// CSV is the address of the same records as a table.
func (in trailPage) CSV() string {
	at := int64(0)
	if in.At < in.Head {
		at = in.At
	}
	q := in.filter(at)
	q.Set("as", "csv")
	return "/runs/" + in.Run + "/events?" + q.Encode()
}

// Words is a kind of record as people say it.
func (trailPage) Words(kind string) string { return kindWords(record.Kind(kind)) }

// eventPage is one record.
type eventPage struct {
	telling
	Record   record.Record
	Ref      record.Ref
	Body     string
	Entries  []record.Entry
	Up, Down []edgeLink
	Notes    []record.Record
	MayNote  bool
	Text     string // of a note that could not be taken
}

// edgeLink is one end of an edge of the lineage.
type edgeLink struct {
	As, To, Words string
}

func (p *page) event() error {
	in, err := p.eventOf()
	if err != nil {
		return err
	}
	return p.show("event", "review", fmt.Sprintf("Record %d of %s", in.Record.Number, in.Run), in)
}

func (p *page) eventOf() (eventPage, error) {
	number, err := strconv.ParseInt(p.r.PathValue("number"), 10, 64)
	if err != nil {
		return eventPage{}, fault.New(fault.NotFound, "%q is no number of a record", p.r.PathValue("number"))
	}
	at, err := p.at()
	if err != nil {
		return eventPage{}, err
	}
	v, err := p.lab.RecordAt(p.r.Context(), p.Who, p.r.PathValue("run"), number, at)
	if err != nil {
		return eventPage{}, err
	}
	in := eventPage{telling: telling{v.History}, Record: v.Record, Ref: v.Ref, Body: visible(prettyJSON(v.Record.Body)), Notes: v.Notes, MayNote: v.At == v.Head && lab.Allowed(p.Who, lab.PinNote) == nil}
	if b, err := record.Read[record.Entered](v.Record); err == nil {
		in.Entries = b.Entries
	}
	for _, e := range v.Up {
		in.Up = append(in.Up, in.link(e.As, e.To))
	}
	for _, e := range v.Down {
		in.Down = append(in.Down, in.link(e.As, e.From))
	}
	return in, nil
}

// link is the address and the words of an artifact or a record.
func (t telling) link(as string, n lab.Node) edgeLink {
	if n.Artifact != "" {
		return edgeLink{as, "/artifacts/" + n.Artifact, "artifact " + short(n.Artifact)}
	}
	run, ok := strings.CutPrefix(n.Record.Logbook, "run/")
	if !ok {
		return edgeLink{as, "", fmt.Sprintf("record %d of %s", n.Record.Number, n.Record.Logbook)}
	}
	words := fmt.Sprintf("record %d", n.Record.Number)
	if run != t.Run {
		words += " of " + run
	} else if r, ok := t.Record(n.Record.Number); ok {
		words += ", " + t.By(r.By) + ": " + t.Told(r)
	}
	if run == t.Run {
		return edgeLink{as, t.Event(n.Record.Number), words}
	}
	return edgeLink{as, fmt.Sprintf("/runs/%s/events/%d", run, n.Record.Number), words}
}

// pin pins a note to a record.
func (p *page) pin() error {
	request, err := p.postedRequest()
	if err != nil {
		return err
	}
	in, err := p.eventOf()
	if err != nil {
		return err
	}
	in.Text = p.value("text")
	if _, err := p.lab.Note(p.r.Context(), p.Who, request, in.Run, in.Record.Number, in.Text); err != nil {
		return p.again(err, "event", "review", fmt.Sprintf("Record %d of %s", in.Record.Number, in.Run), in)
	}
	return p.see(fmt.Sprintf("/runs/%s/events/%d#notes", in.Run, in.Record.Number))
}

// diffPage is two runs side by side.
type diffPage struct {
	lab.Compared
	Differ    []lab.Differing
	SameCount int
	Stages    []sameStage
}

// sameStage counts what is the same in a stage.
type sameStage struct {
	Stage string
	Rows  []lab.Differing
}

func (p *page) diff() error {
	c, err := p.lab.Compare(p.r.Context(), p.Who, p.r.PathValue("run"), p.r.PathValue("other"))
	if err != nil {
		return err
	}
	in := diffPage{Compared: c}
	for _, row := range c.Rows {
		if !row.Same() {
			in.Differ = append(in.Differ, row)
			continue
		}
		in.SameCount++
		name := row.Subject.Stage
		if name == "" {
			name = "launch"
		}
		i := slices.IndexFunc(in.Stages, func(s sameStage) bool { return s.Stage == name })
		if i < 0 {
			i, in.Stages = len(in.Stages), append(in.Stages, sameStage{Stage: name})
		}
		in.Stages[i].Rows = append(in.Stages[i].Rows, row)
	}
	return p.show("diff", "review", "Compare "+c.This.Run+" with "+c.Other.Run, in)
}
