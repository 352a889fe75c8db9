package web

import (
	"net/http"
	"strings"
	"sync"

	"secretome/internal/lab"
)

// place is one place of the rail.
type place struct {
	Name, Path, Title string
	Current           bool
	Counts            bool   // it says how much waits there
	Count             int    // what waits
	Waits             string // what it is that waits, spoken
	Topic             string // of the stream, on which the count changes
}

// Places are the places that there are for who asks, in the order of the rail.
func (p *page) Places() []place {
	if p.rail != nil {
		return p.rail
	}
	counts := p.counts()
	for _, one := range []place{
		{Name: "tasks", Path: "/tasks", Title: "Tasks", Counts: true, Count: counts.Tasks, Waits: "wait for you", Topic: "tasks"},
		{Name: "runs", Path: "/runs", Title: "Runs"},
		{Name: "decisions", Path: "/decisions", Title: "Decisions", Counts: true, Count: counts.Decisions, Waits: "wait", Topic: "decisions"},
		{Name: "review", Path: "/runs?state=review", Title: "Review"},
		{Name: "artifacts", Path: "/artifacts", Title: "Artifacts"},
		{Name: "lots", Path: "/lots", Title: "Lots"},
		{Name: "protocols", Path: "/protocols", Title: "Protocols"},
		{Name: "people", Path: "/people", Title: "People"},
	} {
		at := one.Path
		if one.Name == "review" {
			at = "/runs"
		}
		if needs, ok := p.served["GET "+at]; ok && lab.Allowed(p.Who, needs) == nil {
			one.Current = p.Here == one.Name
			p.rail = append(p.rail, one)
		}
	}
	return p.rail
}

// waitings remembers what waits, until something changes.
type waitings struct {
	mu   sync.Mutex
	mark string
	by   map[string]lab.Counts
}

// counts is what waits for who asks. A page does without it.
func (p *page) counts() lab.Counts {
	c := &p.waits
	c.mu.Lock()
	if c.mark != p.mark || c.by == nil {
		c.mark, c.by = p.mark, map[string]lab.Counts{}
	}
	known, ok := c.by[p.Who.Name]
	c.mu.Unlock()
	if ok && p.mark != "" {
		return known
	}
	now, err := p.lab.Counts(p.r.Context(), p.Who)
	if err != nil {
		p.Log.Warn().Err(err).Msg("what waits is not known")
		return lab.Counts{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.mark == p.mark {
		c.by[p.Who.Name] = now
	}
	return now
}

// refreshQuery marks the address that a page reads itself again at, where there is
// no script: it is not somebody who asks.
const refreshQuery = "refresh"

// Again is the address at which this page reads itself again.
func (p *page) Again() string {
	u := *p.r.URL
	q := u.Query()
	q.Set(refreshQuery, "1")
	u.RawQuery = q.Encode()
	return p.Path(u.RequestURI())
}

// refreshed reports whether the page reads itself again, and takes the mark out of
// the address, which is that of the page as before.
func (p *page) refreshed() bool {
	q := p.r.URL.Query()
	if p.r.Method != http.MethodGet || !q.Has(refreshQuery) {
		return false
	}
	q.Del(refreshQuery)
	p.r.URL.RawQuery = q.Encode()
	return true
}

// Refreshes reports whether the page reads itself again each minute where there is
// no script: lists do, nothing with a form that somebody fills in does.
func (p *page) Refreshes() bool {
	switch p.r.URL.Path {
	case "/tasks", "/runs":
		return !p.Posted()
	}
	return false
}

// Posted reports whether the page answers a form that could not be taken: it is at
// no address of its own.
func (p *page) Posted() bool { return p.r.Method != http.MethodGet }

// MayList reports whether who asks may see the list of people.
func (p *page) MayList() bool { return lab.Allowed(p.Who, lab.ListPeople) == nil }

// Warns is the topic of the stream on which this page says that it is old, instead
// of changing under a hand; empty where it does not.
func (p *page) Warns() string {
	parts := strings.Split(strings.Trim(p.r.URL.Path, "/"), "/")
	switch {
	case p.Posted() || p.value("at") != "":
	case len(parts) > 2 && parts[0] == "tasks":
		id, _ := taskPath(strings.Join(parts[1:], "/"))
		return "task:" + strings.TrimPrefix(id, "task/")
	case len(parts) == 3 && parts[0] == "runs" && parts[2] == "review":
		return "run:" + parts[1]
	}
	return ""
}

// Lives are the topics of the stream on which the whole page reads itself again;
// empty where it does not, or only parts of it do.
func (p *page) Lives() string {
	parts := strings.Split(strings.Trim(p.r.URL.Path, "/"), "/")
	switch {
	case p.Posted() || p.value("at") != "":
	case len(parts) == 1 && parts[0] == "runs":
		return "runs"
	case len(parts) == 1 && parts[0] == "decisions":
		return "decisions"
	case len(parts) == 1 && parts[0] == "lots":
		return "lots"
	case len(parts) == 2 && parts[0] == "lots" && parts[1] != "new":
		return "lot:" + parts[1]
	case parts[0] == "runs" && parts[1] != "new" && (len(parts) == 2 || parts[2] == "stages"):
		return "run:" + parts[1]
	}
	return ""
}
