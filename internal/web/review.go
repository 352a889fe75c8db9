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
	"secretome/internal/task"
)

func reviewRoutes() []route {
	return []route{
		{"GET /runs/{run}/review", lab.Look, (*page).review},
		{"POST /runs/{run}/review/sign", lab.ToTask(task.Complete), (*page).sign},
		{"GET /runs/{run}/events", lab.Look, (*page).trail},
		{"GET /runs/{run}/events/{number}", lab.Look, (*page).event},
		{"POST /runs/{run}/events/{number}/note", lab.PinNote, (*page).pin},
		{"GET /runs/{run}/diff/{other}", lab.Look, (*page).diff},
	}
}

// reviewPage is a run as a reviewer reads it, as of one record.
type reviewPage struct {
	telling
	Replay   bool // an earlier moment was asked for
	Scrub    scrub
	Known    []lab.Fact
	Stages   []lab.StageThen
	Open     []lab.TaskThen
	Groups   []departed
	Nothing  string // which groups are empty, in a sentence
	Departed int
	Rest     []countedKind
	RestSum  int
	Signed   []lab.SignedThen
	Since    []record.Record
	Sign     *lab.ToSign
	Typed    map[string]string
}

// departed is one group of departures.
type departed struct {
	Title string
	Items []lab.Departure
}

// countedKind are the records of a kind that departed in nothing.
type countedKind struct {
	Kind    record.Kind
	Words   string
	Count   int
	Records []record.Record // the first of them
	More    string          // address of all; empty where Records is all
}

func (p *page) review() error {
	at, err := p.at()
	if err != nil {
		return err
	}
	in, err := p.reviewed(at)
	if err != nil {
		return err
	}
	return p.show("review", "review", "Review "+in.Run, in)
}

// seeThen leads from a page that tells how a run stands now to its replay.
func (p *page) seeThen() error {
	return p.see("/runs/" + url.PathEscape(p.r.PathValue("run")) + "/review?" + url.Values{"at": {p.value("at")}}.Encode())
}

// at is the record number of the address, 0 where it has none.
func (p *page) at() (int64, error) {
	text := p.value("at")
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 {
		return 0, fault.New(fault.Invalid, "%q is no number of a record", text).Field("at").Try("write a whole number from 1")
	}
	return n, nil
}

// reviewed reads all that the page needs. Nothing of it is later than at.
func (p *page) reviewed(at int64) (reviewPage, error) {
	h, err := p.lab.History(p.r.Context(), p.Who, p.r.PathValue("run"), at)
	if err != nil {
		return reviewPage{}, err
	}
	in := reviewPage{
		telling: telling{h}, Replay: at != 0, Known: h.Known(), Stages: h.Stages(), Open: h.Open(), Signed: h.Signatures(), Since: h.Since(),
		Typed: map[string]string{"name": p.Who.Name},
	}
	in.Scrub = newScrub(in.telling)
	in.sort(h.Departures())
	if at == 0 {
		in.Sign, err = p.lab.ToSign(p.r.Context(), p.Who, h)
	}
	return in, err
}

// groupTitles are the heads of the groups of departures.
var groupTitles = map[lab.Sort][2]string{
	lab.Deviated:  {"Deviations", "deviations"},
	lab.Outside:   {"Outside the window", "times outside a window"},
	lab.Range:     {"Outside the range", "values outside a range"},
	lab.Corrected: {"Corrected", "corrections"},
	lab.ByHand:    {"Typed by hand", "codes typed by hand"},
	lab.Paper:     {"From paper", "entries from paper"},
	lab.Late:      {"Arrived late", "late entries"},
	lab.Again:     {"Repeated, left out, withdrawn", "tasks repeated or left out"},
	lab.Failed:    {"Criteria that failed", "failed criteria"},
	lab.Flag:      {"Flagged things", "flagged things"},
	lab.OfRun:     {"The run itself", "interventions in the run"},
}

// sort puts departures into groups, and counts what is left.
func (in *reviewPage) sort(all []lab.Departure) {
	in.Departed = len(all)
	departs := map[int64]bool{}
	var none []string
	for _, s := range lab.Sorts() {
		g := departed{Title: groupTitles[s][0]}
		for _, d := range all {
			if d.Sort == s {
				g.Items = append(g.Items, d)
				departs[d.Record.Number], departs[d.Decided.Number] = true, true
			}
		}
		if len(g.Items) > 0 {
			in.Groups = append(in.Groups, g)
		} else {
			none = append(none, groupTitles[s][1])
		}
	}
	if n := len(none); n > 0 {
		in.Nothing = "No " + strings.Join(none[:n-1], ", no ")
		if n > 1 {
			in.Nothing += ", no "
		}
		in.Nothing += none[n-1] + "."
	}
	in.count(departs)
}

// count lists what departed in nothing, by kind.
func (in *reviewPage) count(departs map[int64]bool) {
	const most = 5
	for _, r := range in.Records {
		if departs[r.Number] {
			continue
		}
		in.RestSum++
		i := slices.IndexFunc(in.Rest, func(c countedKind) bool { return c.Kind == r.Kind })
		if i < 0 {
			i, in.Rest = len(in.Rest), append(in.Rest, countedKind{Kind: r.Kind, Words: kindWords(r.Kind)})
		}
		c := &in.Rest[i]
		if c.Count++; c.Count <= most {
			c.Records = append(c.Records, r)
		} else {
			c.More = fmt.Sprintf("/runs/%s/events?show=all&kind=%s&at=%d", in.Run, r.Kind, in.At)
		}
	}
	slices.SortStableFunc(in.Rest, func(a, b countedKind) int { return b.Count - a.Count })
}

// sign takes a signature. Name and password are asked for at every one.
func (p *page) sign() error {
	request, err := p.postedRequest()
	if err != nil {
		return err
	}
	q := lab.Signing{Request: request, Run: p.r.PathValue("run"), Task: p.value("task"), Hash: p.value("manifest"), Answers: map[string]string{}}
	for key := range p.r.PostForm {
		if name, ok := strings.CutPrefix(key, "answer."); ok {
			q.Answers[name] = p.value(key)
		}
	}
	q.Answers["sign.identity"] = p.Who.Name
	q.Over, err = strconv.ParseInt(p.value("over"), 10, 64)
	if err == nil {
		err = p.prove()
	}
	if err == nil {
		_, err = p.lab.Sign(p.r.Context(), p.Who, q)
	}
	if err == nil {
		return p.see("/runs/" + q.Run + "/review#signatures")
	}
	in, err2 := p.reviewed(0)
	if err2 != nil {
		return err2
	}
	in.Typed = q.Answers
	in.Typed["name"] = p.value("name")
	return p.again(err, "review", "review", "Review "+in.Run, in)
}

// prove asks anew who signs: by name and password, and no session stands for it.
func (p *page) prove() error {
	name := p.value("name")
	if name != p.Who.Name {
		return fault.New(fault.Forbidden, "You are signed in as %s. Nothing was signed", p.Who.Name).Field("name").Try("sign under your own name, or sign in as the other person")
	}
	who, err := p.Accounts.Check(p.r.Context(), name, p.r.PostFormValue("password"), p.from())
	if err != nil {
		f := fault.Of(err)
		if f.Kind == fault.Internal {
			return err
		}
		again := fault.New(f.Kind, "%s. Nothing was signed", f.Message).Field("password").Try("%s", f.Help)
		again.Wait = f.Wait
		return again
	}
	if who.Name != p.Who.Name {
		return fault.New(fault.Forbidden, "You are signed in as %s. Nothing was signed", p.Who.Name).Field("name")
	}
	return nil
}
