package web

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"secretome/internal/lab"
	"secretome/internal/record"
	"secretome/internal/sample"
)

func lotRoutes() []route {
	routes := []route{
		{"GET /lots", lab.Look, (*page).lots},
		{"GET /lots/{lot}", lab.Look, (*page).lot},
		{"GET /donors/{donor}", lab.Look, (*page).donor},
	}
	return append(routes, lotActRoutes()...)
}

// lotsPage is the stock.
type lotsPage struct {
	lab.StockPage
	Filter lab.StockFilter
	Kinds  []chip
	Shows  []chip
	More   string // address of the next page
	MayAdd bool
	Donors bool // the list is one of donors
}

// chip is one choice of a list of links.
type chip struct {
	Name, Href string
	On         bool
}

// pageOfLots is how many lots a page has.
const pageOfLots = 50

func (p *page) lots() error {
	f := lab.StockFilter{Kind: p.value("kind"), Show: p.value("show"), Text: p.value("q"), Limit: pageOfLots}
	if f.Show == "" {
		f.Show = lab.InStock
	}
	f.From, _ = strconv.Atoi(p.value("from")) // anything else is the beginning
	found, err := p.lab.Stock(p.r.Context(), p.Who, f)
	if err != nil {
		return err
	}
	in := lotsPage{StockPage: found, Filter: f, MayAdd: p.may(lab.ToLot(record.LotRegistered)) == nil, Donors: f.Kind == sample.Donor}
	at := func(kind, show string, from int) string {
		q := url.Values{}
		for name, value := range map[string]string{"kind": kind, "show": show, "q": f.Text} {
			if value != "" {
				q.Set(name, value)
			}
		}
		if from > 0 {
			q.Set("from", strconv.Itoa(from))
		}
		return "/lots?" + q.Encode()
	}
	in.Kinds = []chip{{"All kinds", at("", f.Show, 0), f.Kind == ""}}
	for _, k := range sample.KeptKinds() {
		in.Kinds = append(in.Kinds, chip{kindsWord(k), at(k, f.Show, 0), f.Kind == k})
	}
	for _, s := range [][2]string{{lab.InStock, "In stock"}, {lab.OnHold, "Held"}, {lab.Gone, "Gone"}, {lab.AllLots, "All"}} {
		in.Shows = append(in.Shows, chip{s[1], at(f.Kind, s[0], 0), f.Show == s[0]})
	}
	if found.Next > 0 {
		in.More = at(f.Kind, f.Show, found.Next)
	}
	return p.show("lots", "lots", "Lots", in)
}

// kindWord is a kind of thing as people say it; kindsWord is the plural.
func kindWord(kind string) string {
	switch kind {
	case sample.CM:
		return "conditioned medium"
	case sample.Unconditioned:
		return "unconditioned medium"
	case "":
		return "thing"
	}
	return kind
}

func kindsWord(kind string) string {
	word := kindWord(kind)
	word = strings.ToUpper(word[:1]) + word[1:]
	if kind == sample.CM || kind == sample.Unconditioned {
		return word
	}
	return word + "s"
}

// lotSign is how a lot stands: a shape and a word.
type lotSign struct{ Sign, Word string }

// signOf is how a lot stands now.
func signOf(lot sample.Lot, s lab.Fitness) lotSign {
	switch {
	case lot.State == sample.Rejected:
		return lotSign{"stopped", "rejected"}
	case lot.Held != "":
		return lotSign{"blocked", "on hold"}
	case s.Expired:
		return lotSign{"stopped", "expired"}
	}
	switch lot.State {
	case sample.Quarantine:
		return lotSign{"waiting", "in quarantine"}
	case sample.Released:
		return lotSign{"done", "released"}
	case sample.Depleted:
		return lotSign{"planned", "used up"}
	case sample.Unknown:
		return lotSign{"planned", "not kept in stock"}
	default:
		return lotSign{"planned", string(lot.State)}
	}
}

// Sign is how a row's lot stands.
func (lotsPage) Sign(r lab.StockRow) lotSign { return signOf(r.Lot, r.Fitness) }

// Kind is what a row's lot is.
func (lotsPage) Kind(kind string) string { return kindWord(kind) }

// Ends says when a lot expires, in days where that is near.
func (lotsPage) Ends(r lab.StockRow) string { return endsWords(r.Fitness) }

func endsWords(s lab.Fitness) string {
	switch {
	case !s.Soon:
		return ""
	case s.Days == 0:
		return "expires today"
	case s.Days == 1:
		return "1 day left"
	}
	return strconv.Itoa(s.Days) + " days left"
}

// lotPage is one lot, or another thing with a barcode.
type lotPage struct {
	lab.LotDesk
	Sign  lotSign
	Acts  []lotLink
	Done  string // what was just done, from the record
	Draws []drawRow
	Thaws []thawRow
	Kind  string
}

// lotLink leads to the page of one act.
type lotLink struct {
	Href, Name string
	Stop       bool // it takes something away
}

// drawRow is a draw with what may still be done with it.
type drawRow struct {
	lab.Draw
	Acts []lotLink
}

type thawRow struct {
	Aliquot string
	Times   int
	Most    int
}

func (p *page) lot() error {
	code := p.r.PathValue("lot")
	d, err := p.lab.LotDesk(p.r.Context(), p.Who, code)
	if err != nil {
		return err
	}
	if d.Kind == sample.Donor {
		return p.see("/donors/" + url.PathEscape(code))
	}
	in := lotPage{LotDesk: d, Sign: signOf(d.Lot, d.Fitness), Kind: kindWord(d.Kind), Done: doneWords(d, p.value("done"))}
	in.Acts = actLinks(d)
	for _, draw := range d.Draws {
		in.Draws = append(in.Draws, drawRow{draw, drawLinks(d, draw)})
	}
	for _, aliquot := range slices.Sorted(maps.Keys(d.Thawed)) {
		in.Thaws = append(in.Thaws, thawRow{aliquot, d.Thawed[aliquot], max(d.Most, 1)})
	}
	return p.show("lot", "lots", d.Barcode, in)
}

// doneWords tells what a form just did, from the lot's own record of it.
func doneWords(d lab.LotDesk, number string) string {
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return ""
	}
	for _, line := range d.Custody.Lines {
		if line.Number == n && line.Logbook == "lot/"+d.Barcode {
			return line.What
		}
	}
	return "saved; the page shows it in a moment"
}
