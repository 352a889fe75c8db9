package web

import (
	"context"
	"html/template"
	"maps"
	"slices"
	"strings"

	"secretome/internal/account"
	"secretome/internal/fault"
	"secretome/internal/lab"
	"secretome/internal/label"
	"secretome/internal/record"
)

// posted is what a form has in an input, and no address: a secret stands in none.
func (p *page) posted(name string) string { return strings.TrimSpace(p.r.PostFormValue(name)) }

// admitBadge returns the token of who signs in by a badge.
func (p *page) admitBadge() (string, error) {
	code := p.posted("badge")
	if code == "" {
		return "", fault.New(fault.Invalid, "Scan your badge").Field("badge")
	}
	token, err := p.Accounts.SignInByBadge(p.r.Context(), code, p.from())
	if err != nil {
		return "", atInput(err, "badge")
	}
	return token, nil
}

// secondByBadge is whose badge it is. A name that was typed beside it must be theirs:
// nothing is recorded under another name than who checked believes.
func (p *page) secondByBadge(badge, name string) (record.Actor, error) {
	who, err := p.Accounts.CheckBadge(p.r.Context(), badge, p.from())
	if err != nil {
		return record.Actor{}, atInput(err, "second-badge")
	}
	if name != "" && name != who.Name {
		return record.Actor{}, fault.New(fault.Invalid, "The badge is of %s, and the name beside it is %s", who.Name, name).Field("second-badge").Try("take the name out, or use name and password")
	}
	return who, nil
}

// atInput puts a fault to the input that it is about.
func atInput(err error, field string) error {
	f := fault.Of(err)
	f.Place.Field = field
	return f
}

// unbadged takes out of a form what a scanner typed of a badge into an input that
// does not ask for one, and refuses the form: a badge is recorded nowhere.
func (p *page) unbadged() (err error) {
	for _, name := range slices.Sorted(maps.Keys(p.r.Form)) {
		if secretInput(name) {
			continue
		}
		for _, values := range [][]string{p.r.Form[name], p.r.PostForm[name]} {
			for i, v := range values {
				if account.HasBadge(v) {
					values[i] = ""
					err = fault.New(fault.Invalid, "A badge was scanned into the form. It was taken out, and nothing was recorded").Try("scan it where a badge is asked for: to sign in, or to check a step")
				}
			}
		}
	}
	return err
}

// badgeQuery marks the search that a badge was scanned into.
const badgeQuery = "badge"

// strayBadge leads away from an address with a badge in it, and then says so. It
// reports whether it answered.
func (p *page) strayBadge(text string) (bool, error) {
	if account.HasBadge(text) {
		return true, p.see("/search?" + badgeQuery + "=1")
	}
	if !p.r.URL.Query().Has(badgeQuery) {
		return false, nil
	}
	f := fault.New(fault.Invalid, "That was a badge, which nothing here is called by").Try("scan it where a badge is asked for: to sign in, or to check a step")
	return true, p.again(f, "search", "", "Search", searchPage{})
}

// badgeSheet is the label that a badge is printed on.
const badgeSheet = "roll-70x36"

// badgeLabel draws a badge; empty where its person's name has no room.
func badgeLabel(name, code string) template.HTML {
	g := labelGroup{Symbol: label.Code128}
	g.Sheet, _ = label.Named(badgeSheet) // a name of its table
	g.draw([]label.Label{{Code: code, Title: name, Line2: "badge"}})
	if len(g.Drawn) == 0 {
		return ""
	}
	return g.Drawn[0]
}

func (p *page) giveBadge() error  { return p.actOnPerson(p.lab.GiveBadge) }
func (p *page) takeBadge() error  { return p.actOnPerson(p.lab.TakeBadge) }
func (p *page) changeRole() error { return p.actOnPerson(p.toRole) }

func (p *page) toRole(ctx context.Context, who record.Actor, request, name string) (lab.PersonActed, error) {
	return p.lab.ChangeRole(ctx, who, request, name, p.value("role"))
}
