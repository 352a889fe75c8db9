package web

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"secretome/internal/account"
	"secretome/internal/fault"
	"secretome/internal/lab"
)

const (
	sessionCookie = "secretome-session"
	themeCookie   = "secretome-theme"
)

// signInPage is what the page of the sign-in shows.
type signInPage struct {
	Name   string
	Back   string
	Kept   keptForm      // what was typed before; it is sent along
	Ended  bool          // there was a session, and it has ended
	Set    bool          // a password was set just now
	Idle   time.Duration // a session ends that is not used for so long
	Limit  time.Duration // a session ends after so long
	Guests []Guest
	First  bool // nobody typed anything yet: a badge can be scanned at once
}

func (p *page) newSignIn() signInPage {
	in := signInPage{Back: p.value("back"), Guests: p.Guests}
	in.Idle, in.Limit = p.lab.SessionLimits()
	return in
}

// askToSignIn sends a stranger to the sign-in. A form that was sent comes along:
// nothing that was typed is lost.
func (p *page) askToSignIn() error {
	if p.r.Header.Get("Accept") == "application/json" { // a script asks, and says so to the person
		return p.tellStatus(http.StatusUnauthorized, verdictOf{Problem: "You were signed out", Help: "sign in in another tab", At: -1})
	}
	if p.r.Method == http.MethodGet || p.r.Method == http.MethodHead {
		http.Redirect(p.w, p.r, p.Path("/login?back="+url.QueryEscape(p.Self())), http.StatusSeeOther)
		return nil
	}
	k, err := p.keep()
	if err != nil {
		return err
	}
	help := "sign in to go on: what you typed is kept"
	if k.Chosen {
		help += ", the file has to be chosen again"
	}
	p.Faults = []*fault.Fault{fault.New(fault.Forbidden, "You were signed out, and nothing was sent").Try("%s", help)}
	p.Title = "Error: Sign in"
	in := p.newSignIn()
	in.Back, in.Name, in.Kept = "", k.Who, k
	return p.render(http.StatusUnauthorized, "login", in)
}

func signInForm(p *page) error {
	if !nobody(p.Who) && p.value("back") == "" && p.value("set") == "" {
		return p.see(landing(p.Who.Role))
	}
	in := p.newSignIn()
	_, err := p.r.Cookie(p.sessionName())
	in.Ended = err == nil && nobody(p.Who)
	if name := p.value("set"); name != "" {
		in.Name, in.Set = name, true
	}
	in.First = !in.Set && len(in.Guests) == 0
	return p.show("login", "", "Sign in", in)
}

func signIn(p *page) error {
	if err := p.formUpTo(mostKept); err != nil {
		return err
	}
	in := p.newSignIn()
	in.Name = p.value("name")
	var err error
	if in.Kept, err = readKept(p.value("kept")); err != nil {
		return err
	}
	token, err := p.admit(in.Name)
	if err != nil {
		if f := fault.Of(err); f.Kind == fault.Forbidden && f.Place.Field == "" {
			f.Place.Field = "password"
		}
		return p.again(err, "login", "", "Sign in", in)
	}
	a, err := p.lab.Recognise(p.r.Context(), token)
	if err != nil {
		return p.again(err, "login", "", "Sign in", in)
	}
	if in.Kept.Who != "" && in.Kept.Who != a.Who.Name {
		if err := p.Accounts.SignOut(p.r.Context(), token); err != nil {
			p.Log.Warn().Err(err).Msg("session not ended")
		}
		err := fault.New(fault.Conflict, "%s typed what is kept here", in.Kept.Who).Field("name").Try("sign in as %s to go on with it, or leave it below", in.Kept.Who)
		return p.again(err, "login", "", "Sign in", in)
	}
	p.endSession() // a browser has one session, and a new one at each sign-in
	p.keepSession(token)
	p.cookie(wasCookie, url.QueryEscape(a.Who.Name), 0)
	if in.Kept.Action != "" {
		return p.goOn(in.Kept, a.Who.Name)
	}
	return p.see(p.back(landing(a.Who.Role)))
}

// identify finds out who asks. What a page asks by itself, by script or without,
// does not count as use of a session.
func (p *page) identify() error {
	itself := p.refreshed() || p.r.Method == http.MethodGet && p.r.Header.Get("Sec-Fetch-Dest") == "empty"
	c, err := p.r.Cookie(p.sessionName())
	if err != nil {
		return nil
	}
	ask := p.lab.Identify
	if itself {
		ask = p.lab.Recognise
	}
	access, err := ask(p.r.Context(), c.Value)
	if err != nil && !fault.Is(err, fault.Forbidden) {
		return err
	}
	if err == nil {
		p.Access = access
	}
	return nil
}

// may fails with [fault.Forbidden] if who asks, or the token that they came with,
// is not good for a command. Everybody may what needs none.
func (p *page) may(c lab.Command) error {
	if c == "" {
		return nil
	}
	scope := c.Needs()
	switch {
	case p.r.Method == http.MethodGet || p.r.Method == http.MethodHead:
		scope = account.Read
	case scope == account.Read:
		scope = account.Act
	}
	if err := p.May(scope); err != nil {
		return err
	}
	if lab.Allowed(p.Who, c) != nil {
		return p.denied(c)
	}
	return nil
}

// from is the address that a request comes from. Of what a proxy says only the last
// one counts, which it added itself.
func (p *page) from() string {
	if told := p.r.Header.Values("X-Forwarded-For"); p.Forwarded && len(told) > 0 {
		all := strings.Split(told[len(told)-1], ",")
		return strings.TrimSpace(all[len(all)-1])
	}
	host, _, err := net.SplitHostPort(p.r.RemoteAddr)
	if err != nil {
		return p.r.RemoteAddr
	}
	return host
}

// admit returns the token of who signs in: a guest by one click, by a badge, or by
// name and password.
func (p *page) admit(name string) (string, error) {
	if guest := p.value("guest"); guest != "" {
		for _, g := range p.Guests {
			if g.Name == guest {
				return p.Accounts.SignIn(p.r.Context(), g.Name, g.Token, p.from())
			}
		}
	}
	if p.r.PostForm.Has("badge") {
		return p.admitBadge()
	}
	if name == "" {
		return "", fault.New(fault.Invalid, "Enter your name").Field("name")
	}
	return p.Accounts.SignIn(p.r.Context(), name, p.r.PostFormValue("password"), p.from())
}

func signOut(p *page) error {
	p.endSession()
	p.cookie(p.sessionName(), "", -1)
	return p.see("/login")
}

// Unused is for how long a session may be unused.
func (p *page) Unused() time.Duration {
	idle, _ := p.lab.SessionLimits()
	return idle
}

// howLong writes a duration as people say it, in whole minutes.
func howLong(d time.Duration) string {
	const hour = 60
	minutes := int(d.Round(time.Minute) / time.Minute)
	switch {
	case minutes < hour:
		return fmt.Sprintf("%d\u00a0min", minutes)
	case minutes%hour == 0:
		return fmt.Sprintf("%d\u00a0h", minutes/hour)
	}
	return fmt.Sprintf("%d\u00a0h %d\u00a0min", minutes/hour, minutes%hour)
}

// sessionName is of the cookie: over TLS one that no other server, path or
// connection in clear can set.
func (w *Web) sessionName() string {
	if w.Secure {
		return "__Host-" + sessionCookie
	}
	return sessionCookie
}

// keepSession lets the browser send the session's token with each request, until
// it is closed.
func (p *page) keepSession(token string) { p.cookie(p.sessionName(), token, 0) }

// endSession ends the session that the browser has, if it has one.
func (p *page) endSession() {
	c, err := p.r.Cookie(p.sessionName())
	if err != nil {
		return
	}
	if err := p.Accounts.SignOut(p.r.Context(), c.Value); err != nil {
		p.Log.Warn().Err(err).Msg("session not ended")
	}
	p.live.end(c.Value)
}

// cookie sets one of our cookies; a negative age removes it. They come along when
// somebody follows a link from a message, but never with what another site posts.
func (p *page) cookie(name, value string, age int) {
	path := p.Prefix + "/"
	if strings.HasPrefix(name, "__Host-") {
		path = "/" // RFC 6265bis asks for it
	}
	http.SetCookie(p.w, &http.Cookie{
		Name: name, Value: value, Path: path, MaxAge: age, HttpOnly: true, Secure: p.Secure, SameSite: http.SameSiteLaxMode,
	})
}

// landing is where a role begins.
func landing(role string) string {
	switch role {
	case account.Technician:
		return "/tasks"
	case account.Reviewer, account.Quality:
		return "/runs?state=review"
	}
	return "/runs"
}

func home(p *page) error { return p.see(landing(p.Who.Role)) }
