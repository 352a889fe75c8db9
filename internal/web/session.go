package web

import (
	"net"
	"net/http"
	"net/url"
	"time"

	"secretome/internal/account"
	"secretome/internal/fault"
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
	who, err := p.lab.SignIn(token)
	if err != nil {
		return p.again(err, "login", "", "Sign in", in)
	}
	p.cookie(sessionCookie, token, 0)
	return p.see(p.back(landing(who.Role)))
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
	from, _, err := net.SplitHostPort(p.r.RemoteAddr)
	if err != nil {
		from = p.r.RemoteAddr
	}
	return p.Accounts.SignIn(p.r.Context(), name, p.r.FormValue("password"), from)
}

func signOut(p *page) error {
	if c, err := p.r.Cookie(sessionCookie); err == nil {
		if err := p.Accounts.SignOut(p.r.Context(), c.Value); err != nil {
			p.Log.Warn().Err(err).Msg("session not ended")
		}
	}
	p.cookie(sessionCookie, "", -1)
	return p.see("/login")
}

// cookie sets one of our cookies; a negative age removes it.
func (p *page) cookie(name, value string, age int) {
	http.SetCookie(p.w, &http.Cookie{
		Name: name, Value: value, Path: p.Prefix + "/", MaxAge: age, HttpOnly: true, Secure: p.Secure, SameSite: http.SameSiteStrictMode,
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
