package web

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"secretome/internal/lab"
)

func searchRoutes() []route {
	return []route{
		{"GET /search", lab.Look, (*page).search},
		{"GET /s/{scan...}", lab.Look, (*page).scan},
	}
}

// searchPage is what was found, or what to check where nothing was.
type searchPage struct {
	lab.Found
	Groups []foundGroup
	Alike  []found // what reads like the text
	Label  bool    // a label was scanned
}

// foundGroup is what was found of one kind.
type foundGroup struct {
	ID, Title string
	Hits      []found
	More      bool
}

// found is one hit with its address; without one it has no page.
type found struct {
	lab.Hit
	Href string
}

func (p *page) search() error {
	text := p.r.URL.Query().Get("q")
	if answered, err := p.strayBadge(text); answered || err != nil {
		return err
	}
	f, err := p.lab.Search(p.r.Context(), p.Who, text)
	if err != nil {
		return p.again(err, "search", "", "Search", searchPage{Found: f})
	}
	if f.Exact != nil {
		if at := p.address(*f.Exact); at != "" {
			return p.see(at)
		}
	}
	in := searchPage{Found: f}
	for _, g := range f.Groups {
		group := foundGroup{ID: string(g.Kind), Title: groupTitle(g.Kind), More: g.More}
		for _, h := range g.Hits {
			group.Hits = append(group.Hits, found{h, p.address(h)})
		}
		in.Groups = append(in.Groups, group)
	}
	if len(in.Groups) == 0 && f.Text != "" {
		_, hit, alike, err := p.lab.Scanned(p.r.Context(), p.Who, text)
		if err != nil {
			return err
		}
		if hit != nil && p.address(*hit) != "" { // what a scanner sent into the field, with its signs
			return p.see(p.address(*hit))
		}
		in.alike(p, alike)
	}
	return p.show("search", "", searchTitle(f.Text), in)
}

func searchTitle(text string) string {
	if text == "" {
		return "Search"
	}
	return "Search for " + text
}

func (in *searchPage) alike(p *page, hits []lab.Hit) {
	for _, h := range hits {
		in.Alike = append(in.Alike, found{h, p.address(h)})
	}
}

// scan leads to the page of whatever was scanned.
func (p *page) scan() error {
	sent := p.r.PathValue("scan")
	if query := p.r.URL.RawQuery; query != "" {
		if more, err := url.QueryUnescape(query); err == nil {
			sent += "?" + more
		}
	}
	if answered, err := p.strayBadge(sent); answered || err != nil {
		return err
	}
	code, hit, alike, err := p.lab.Scanned(p.r.Context(), p.Who, sent)
	if err != nil {
		return err
	}
	if code != sent {
		p.Log.Debug().Str("sent", sent).Str("code", code).Msg("scan cleaned")
	}
	if hit != nil {
		if at := p.address(*hit); at != "" {
			return p.see(at)
		}
	}
	in := searchPage{Found: lab.Found{Text: code}, Label: true}
	in.alike(p, alike)
	p.Title = "No label reads " + code
	return p.render(http.StatusNotFound, "search", in)
}

// address is the page of what was found; empty where there is none.
func (p *page) address(h lab.Hit) string {
	at, id := "", url.PathEscape(h.ID)
	switch h.Kind {
	case lab.HitRun:
		at = "/runs/" + id
	case lab.HitThing:
		at = "/lots/" + id
	case lab.HitDonor:
		at = "/donors/" + id
	case lab.HitPlate:
		at = "/runs/" + url.PathEscape(h.Run) + "/plates/" + id
	case lab.HitTask:
		at = "/tasks/" + h.ID
	case lab.HitPerson:
		at = "/people"
	case lab.HitProtocol:
		name, version, _ := cutLastBlank(h.ID)
		at = "/protocols/" + url.PathEscape(name) + "/" + url.PathEscape(version)
	case lab.HitFile:
		at = "/artifacts/" + id
	case lab.HitRecord:
		if h.Run != "" {
			at = "/runs/" + url.PathEscape(h.Run) + "/events/" + strconv.FormatInt(h.Place, 10)
		} else if lot, ok := strings.CutPrefix(h.About, "lot/"); ok {
			at = "/lots/" + url.PathEscape(lot)
		}
	}
	if at == "" || !p.serves(at) {
		return ""
	}
	return at
}

// cutLastBlank splits a protocol's name from its version.
func cutLastBlank(s string) (before, after string, found bool) {
	i := strings.LastIndexByte(s, ' ')
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

func groupTitle(k lab.HitKind) string {
	return map[lab.HitKind]string{
		lab.HitRun: "Runs", lab.HitThing: "Lots and things", lab.HitPlate: "Plates", lab.HitDonor: "Donors", lab.HitTask: "Tasks",
		lab.HitPerson: "People", lab.HitProtocol: "Protocols", lab.HitFile: "Files", lab.HitRecord: "Records",
	}[k]
}

// serves reports whether there is a page at an address, for who asks.
func (p *page) serves(at string) bool {
	for pattern, needs := range p.served {
		if pattern, ok := strings.CutPrefix(pattern, "GET "); ok && fits(pattern, at) {
			return lab.Allowed(p.Who, needs) == nil
		}
	}
	return false
}

// fits reports whether a pattern of the router takes an address.
func fits(pattern, at string) bool {
	want, got := strings.Split(strings.TrimSuffix(pattern, "{$}"), "/"), strings.Split(at, "/")
	for i, w := range want {
		switch {
		case strings.HasSuffix(w, "...}"):
			return len(got) > i
		case i >= len(got) || got[i] == "" && i > 0:
			return false
		case !strings.HasPrefix(w, "{") && w != got[i]:
			return false
		}
	}
	return len(got) == len(want)
}
