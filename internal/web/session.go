package web

import (
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
	Guests []Guest
}

func (p *page) askToSignIn() {
	if p.r.Method != http.MethodGet && p.r.Method != http.MethodHead {
		p.fail(fault.New(fault.Forbidden, "you were signed out").Try("sign in again; go back in the browser to find what you typed"))
		return
	}
	to := p.Path("/login?back=" + url.QueryEscape(p.Self()))
	http.Redirect(p.w, p.r, to, http.StatusSeeOther)
}

func signInForm(p *page) error {
	if !nobody(p.Who) && p.value("back") == "" {
		return p.see(landing(p.Who.Role))
	}
	return p.show("login", "", "Sign in", signInPage{Back: p.value("back"), Guests: p.Guests})
}

func signIn(p *page) error {
	if err := p.form(); err != nil {
		return err
	}
	in := signInPage{Name: p.value("name"), Back: p.value("back"), Guests: p.Guests}
	token, err := p.admit(in.Name)
	if err != nil {
		return p.again(err, "login", "", "Sign in", in)
	}
	who, err := p.lab.Recognise(p.r.Context(), token)
	if err != nil {
		return p.again(err, "login", "", "Sign in", in)
	}
	p.endSession() // a browser has one session, and a new one at each sign-in
	p.keepSession(token)
	return p.see(p.back(landing(who.Who.Role)))
}

// identify finds out who asks. What a page's script asks by itself does not count
// as use of a session.
func (p *page) identify() error {
	c, err := p.r.Cookie(p.sessionName())
	if err != nil {
		return nil
	}
	ask := p.lab.Identify
	if p.r.Method == http.MethodGet && p.r.Header.Get("Sec-Fetch-Dest") == "empty" {
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
	return lab.Allowed(p.Who, c)
}

// from is the address that a request comes from.
func (p *page) from() string {
	host, _, err := net.SplitHostPort(p.r.RemoteAddr)
	if err != nil {
		return p.r.RemoteAddr
	}
	return host
}

// admit returns the token of who signs in: a guest by one click, everybody else by
// name and password.
func (p *page) admit(name string) (string, error) {
	if guest := p.value("guest"); guest != "" {
		for _, g := range p.Guests {
			if g.Name == guest {
				return g.Token, nil
			}
		}
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

// setTheme keeps light, dark, or the system's.
func setTheme(p *page) error {
	if err := p.form(); err != nil {
		return err
	}
	switch theme := p.value("theme"); theme {
	case "light", "dark":
		p.cookie(themeCookie, theme, int((365 * 24 * time.Hour).Seconds()))
	default:
		p.cookie(themeCookie, "", -1)
	}
	return p.see(p.back("/"))
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
