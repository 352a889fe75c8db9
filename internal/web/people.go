package web

import (
	"context"
	"html/template"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/google/uuid"

	"secretome/internal/account"
	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/lab"
	"secretome/internal/record"
)

func peopleRoutes() []route {
	return []route{
		{"GET /people", lab.Look, (*page).people},
		{"POST /people", lab.AddPerson, (*page).addPerson},
		{"GET /people/{name}", lab.ListPeople, (*page).person},
		{"POST /people/{name}/disable", lab.DisablePerson, (*page).disablePerson},
		{"POST /people/{name}/enable", lab.EnablePerson, (*page).enablePerson},
		{"POST /people/{name}/reset", lab.ResetPerson, (*page).resetPerson},
		{"POST /people/{name}/role", lab.ChangeRole, (*page).changeRole},
		{"POST /people/{name}/badge", lab.GiveBadge, (*page).giveBadge},
		{"POST /people/{name}/badge/take", lab.TakeBadge, (*page).takeBadge},
		{"POST /people/{name}/tokens", lab.MakeToken, (*page).newToken},
		{"POST /people/{name}/tokens/{id}/revoke", lab.RevokeToken, (*page).revokeToken},
		{"GET /people/me", lab.Look, (*page).me},
		{"POST /people/me/password", lab.ChangePassword, (*page).changePassword},
		{"POST /people/me/sessions", lab.EndSessions, (*page).endSessions},
	}
}

// peoplePage lists everybody with an account.
type peoplePage struct {
	People []account.Account
	Loads  map[string]index.Load // open tasks, by who holds them
	Adds   bool                  // who looks may give accounts
	Roles  []roleWord
	Typed  account.Account
}

// roleWord is a role and what it is for.
type roleWord struct{ Role, For string }

func roleWords() []roleWord {
	return []roleWord{
		{account.Manager, "plans and launches runs, decides, pauses and stops"},
		{account.Technician, "works at the bench"},
		{account.Reviewer, "checks the record and signs"},
		{account.Quality, "releases lots, watches over the criteria, may hold a run"},
		{account.Administrator, "runs the server and gives accounts; does nothing at the bench"},
		{account.Auditor, "reads everything and changes nothing"},
	}
}

// people lists them for who may see the list, and leads everybody else to their
// own page.
func (p *page) people() error {
	if lab.Allowed(p.Who, lab.ListPeople) != nil {
		return p.see("/people/me")
	}
	in, err := p.peoplePage()
	if err != nil {
		return err
	}
	return p.show("people", "people", "People", in)
}

func (p *page) peoplePage() (in peoplePage, err error) {
	in.Roles, in.Adds = roleWords(), lab.Allowed(p.Who, lab.AddPerson) == nil
	if in.People, err = p.lab.ListPeople(p.r.Context(), p.Who); err != nil {
		return in, err
	}
	loads, err := p.lab.Loads(p.r.Context(), p.Who, p.Zone)
	in.Loads = map[string]index.Load{}
	for _, l := range loads.Rows {
		sum := in.Loads[l.Holder]
		sum.Total, sum.Now, sum.Missed = sum.Total+l.Total, sum.Now+l.Now, sum.Missed+l.Missed
		in.Loads[l.Holder] = sum
	}
	return in, err
}

func (p *page) addPerson() error {
	request, err := p.postedRequest()
	if err != nil {
		return err
	}
	a := account.Account{Person: account.Person{Name: p.value("name"), Role: p.value("role")}, FullName: p.value("full_name"), Email: p.value("email")}
	done, err := p.lab.AddPerson(p.r.Context(), p.Who, request, a)
	if err != nil {
		in, failed := p.peoplePage()
		if failed != nil {
			return failed
		}
		in.Typed = a
		return p.again(err, "people", "people", "People", in)
	}
	return p.showOnce(personPath(done.Name), toldOnce{Name: done.Name, Link: p.absolute("/link/" + done.Link.Token), Expires: done.Link.Expires})
}

// personPage is one person, as administrators see them.
type personPage struct {
	Person account.Account
	Path   string
	Acts   bool // who looks may disable, enable and reset
	Self   bool
	File   bool // has a token in the credentials file
	Tokens []account.Token
	Scopes []scopeWord
	Told   *toldOnce
	Roles  []roleWord
	Badges bool // a badge is good for something in this role
}

// scopeWord is a scope and what it is good for.
type scopeWord struct {
	Scope account.Scope
	For   string
}

func scopeWords() []scopeWord {
	return []scopeWord{
		{account.Read, "asks questions"},
		{account.Act, "asks, and does what your role may do"},
		{account.All, "all of that, and your password, tokens and accounts"},
	}
}

func (p *page) person() error {
	in, err := p.personPage()
	if err != nil {
		return err
	}
	in.Told = p.once(p.value("told"))
	return p.show("person", "people", in.Person.Name, in)
}

func (p *page) personPage() (in personPage, err error) {
	if in.Person, err = p.lab.Person(p.r.Context(), p.Who, p.r.PathValue("name")); err != nil {
		return in, err
	}
	in.Path, in.Acts, in.Self = personPath(in.Person.Name), lab.Allowed(p.Who, lab.DisablePerson) == nil, in.Person.Name == p.Who.Name
	in.File, in.Roles, in.Badges = p.lab.InCredentials(in.Person.Name), roleWords(), lab.MayBadge(in.Person)
	if in.Acts || in.Self {
		in.Tokens, err = p.lab.Tokens(p.r.Context(), p.Who, in.Person.Name)
	}
	return in, err
}

func personPath(name string) string { return "/people/" + url.PathEscape(name) }

func (p *page) disablePerson() error { return p.actOnPerson(p.lab.DisablePerson) }
func (p *page) enablePerson() error  { return p.actOnPerson(p.lab.EnablePerson) }
func (p *page) resetPerson() error   { return p.actOnPerson(p.lab.ResetPerson) }

// actOnPerson does one thing to the account of the address.
func (p *page) actOnPerson(do func(ctx context.Context, who record.Actor, request, name string) (lab.PersonActed, error)) error {
	request, err := p.postedRequest()
	if err != nil {
		return err
	}
	done, err := do(p.r.Context(), p.Who, request, p.r.PathValue("name"))
	if err != nil {
		in, failed := p.personPage()
		if failed != nil {
			return err
		}
		return p.again(err, "person", "people", in.Person.Name, in)
	}
	if done.Secret != "" {
		return p.showOnce(personPath(done.Name), toldOnce{Name: done.Name, Secret: done.Secret, Badge: badgeLabel(done.Name, done.Secret)})
	}
	if done.Link.Token == "" {
		return p.see(personPath(done.Name))
	}
	return p.showOnce(personPath(done.Name), toldOnce{Name: done.Name, Link: p.absolute("/link/" + done.Link.Token), Expires: done.Link.Expires})
}

// absolute is an address as somebody on another machine types it.
func (p *page) absolute(path string) string {
	scheme := "http://"
	if p.Secure {
		scheme = "https://"
	}
	return scheme + p.r.Host + p.Path(path)
}

// toldOnce is a secret that is shown once: a one-time link, a token, or a badge.
type toldOnce struct {
	Name    string
	Link    string
	Token   string // its ID
	Secret  string
	Badge   template.HTML // as it is printed
	Expires time.Time

	to    string // who may see it
	until time.Time
}

// secrets wait for the page that shows them.
type secrets struct {
	mu    sync.Mutex
	all   map[string]toldOnce
	order []string
}

// showOnce leads to a page that shows a secret once: it stands in no address and in no
// answer to a form that a browser would send again.
func (p *page) showOnce(path string, t toldOnce) error {
	const most, lasts = 64, 10 * time.Minute
	t.to, t.until = p.Who.Name, p.began.Add(lasts)
	id := uuid.NewString()
	s := &p.secrets
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[string]toldOnce{}
	}
	if len(s.order) == most {
		delete(s.all, s.order[0])
		s.order = s.order[1:]
	}
	s.all[id], s.order = t, append(s.order, id)
	return p.see(path + "?told=" + id)
}

// once returns a secret and forgets it; nil where there is none.
func (p *page) once(id string) *toldOnce {
	s := &p.secrets
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.all[id]
	if !ok || t.to != p.Who.Name || p.began.After(t.until) || p.r.Method != http.MethodGet {
		return nil
	}
	delete(s.all, id)
	return &t
}

// mePage is one's own account.
type mePage struct {
	Person   account.Account
	Accounts bool // this server keeps accounts
	Sessions []account.Opened
	Tokens   []account.Token
	Scopes   []scopeWord
	Role     string // what it is for
	Until    string // the end that a new token has unless another is chosen
	Scope    string
	Told     *toldOnce
	Path     string
	Changed  bool
}

func (p *page) me() error {
	in, err := p.mePage()
	if err != nil {
		return err
	}
	in.Told, in.Changed = p.once(p.value("told")), p.value("changed") != ""
	return p.show("me", "people", "Your account", in)
}

func (p *page) mePage() (in mePage, err error) {
	in.Scopes, in.Scope, in.Until, in.Path = scopeWords(), string(account.Read), p.Now().AddDate(0, 3, 0).Format(time.DateOnly), personPath(p.Who.Name)
	for _, r := range roleWords() {
		if r.Role == p.Who.Role {
			in.Role = r.For
		}
	}
	in.Person = account.Account{Person: account.Person{Name: p.Who.Name, Role: p.Who.Role}}
	if in.Accounts = p.lab.Accounts != nil; !in.Accounts {
		return in, nil
	}
	found, err := p.lab.Person(p.r.Context(), p.Who, p.Who.Name)
	if fault.Is(err, fault.NotFound) { // of the credentials file alone
		in.Accounts = false
		return in, nil
	}
	if err != nil {
		return in, err
	}
	in.Person = found
	if in.Sessions, err = p.lab.Sessions(p.r.Context(), p.Who, p.session()); err != nil {
		return in, err
	}
	in.Tokens, err = p.lab.Tokens(p.r.Context(), p.Who, p.Who.Name)
	return in, err
}

// session is the token that the browser has.
func (p *page) session() string {
	c, err := p.r.Cookie(p.sessionName())
	if err != nil {
		return ""
	}
	return c.Value
}

// meAgain shows one's own page with what is wrong.
func (p *page) meAgain(err error, change func(*mePage)) error {
	in, failed := p.mePage()
	if failed != nil {
		return failed
	}
	if change != nil {
		change(&in)
	}
	return p.again(err, "me", "people", "Your account", in)
}

func (p *page) changePassword() error {
	request, err := p.postedRequest()
	if err != nil {
		return err
	}
	if err = p.twice(); err == nil {
		_, err = p.lab.ChangePassword(p.r.Context(), p.Who, lab.OwnPassword{
			Request: request, Before: p.r.PostFormValue("password-before"), After: p.r.PostFormValue("password"), Session: p.session(),
		})
	}
	if err != nil {
		return p.meAgain(err, nil)
	}
	return p.see("/people/me?changed=1")
}

func (p *page) endSessions() error {
	if err := p.lab.EndSessions(p.r.Context(), p.Who, p.session()); err != nil {
		return err
	}
	return p.see("/people/me")
}

// newToken makes a token of the person of the address, until the end of a day.
func (p *page) newToken() error {
	request, err := p.postedRequest()
	if err != nil {
		return err
	}
	name := p.r.PathValue("name")
	q := lab.TokenRequest{Request: request, Name: name, Scope: account.Scope(p.value("scope"))}
	day, err := time.ParseInLocation(time.DateOnly, p.value("expires"), p.Zone)
	if err != nil {
		err = fault.New(fault.Invalid, "%q is no day", p.value("expires")).Field("expires").Try("write it like 2027-01-31")
	}
	var done lab.PersonActed
	if err == nil {
		q.Expires = day.AddDate(0, 0, 1)
		done, err = p.lab.NewToken(p.r.Context(), p.Who, q)
	}
	if err != nil {
		return p.meAgain(err, func(in *mePage) { in.Until, in.Scope = p.value("expires"), p.value("scope") })
	}
	to := "/people/me"
	if done.Name != p.Who.Name {
		to = personPath(done.Name)
	}
	return p.showOnce(to, toldOnce{Name: done.Name, Token: done.Token.ID, Secret: done.Secret, Expires: done.Token.Expires})
}

func (p *page) revokeToken() error {
	request, err := p.postedRequest()
	if err != nil {
		return err
	}
	if _, err := p.lab.RevokeToken(p.r.Context(), p.Who, request, p.r.PathValue("name"), p.r.PathValue("id")); err != nil {
		return err
	}
	return p.see(p.back("/people/me"))
}
