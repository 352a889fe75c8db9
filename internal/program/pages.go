package program

import (
	"context"
	"net/http"
	"path/filepath"
	"time"

	"secretome/internal/api"
	"secretome/internal/fault"
	"secretome/internal/lab"
	"secretome/internal/record"
	"secretome/internal/web"
)

// doors returns the API, and the API with the pages.
func (h *house) doors(l *lab.Lab, f front) (programs, all http.Handler) {
	zone, err := time.LoadLocation(labZone)
	if err != nil {
		zone = time.UTC
	}
	o := api.Options{Log: h.log, Version: Version, Hosts: f.hosts, Requests: filepath.Join(h.data, "requests")}
	programs = api.New(l, o)
	h.leaving = make(chan struct{})
	pages := web.New(l, web.Options{
		Log: h.log, Version: Version, Prefix: f.prefix, Hosts: f.hosts, Zone: zone, Secure: f.secure, Forwarded: f.proxy,
		Accounts: h.doorkeeper(l), Guests: h.guests(f), Uploads: api.Uploads(l, o), Leaving: h.leaving,
	})
	return f.below(programs, http.NotFoundHandler()), f.below(programs, pages)
}

// labZone is the laboratory's, where nothing else is set.
const labZone = "Europe/Berlin"

// doorkeeper signs people in by their password, and those of the credentials file
// by their token.
func (h *house) doorkeeper(l *lab.Lab) web.Accounts { return door{l} }

type door struct{ lab *lab.Lab }

// SignIn begins a session for a name and a password, or for a token of that name.
func (d door) SignIn(ctx context.Context, name, password, from string) (string, error) {
	if d.byToken(ctx, name, password) {
		return d.lab.BeginSession(ctx, password)
	}
	if d.lab.Accounts == nil {
		return "", wrong()
	}
	return d.lab.Accounts.SignIn(ctx, name, password, from)
}

// Check asks for the password, or the token, of a name again.
func (d door) Check(ctx context.Context, name, password, _ string) (record.Actor, error) {
	if d.byToken(ctx, name, password) {
		a, err := d.lab.Recognise(ctx, password)
		return a.Who, err
	}
	if d.lab.Accounts == nil {
		return record.Actor{}, wrong()
	}
	a, err := d.lab.Accounts.Check(ctx, name, password)
	return a.Actor(), err
}

// SignInByBadge begins a session for a badge.
func (d door) SignInByBadge(ctx context.Context, badge, from string) (string, error) {
	if d.lab.Accounts == nil {
		return "", noBadges()
	}
	return d.lab.Accounts.SignInByBadge(ctx, badge, from)
}

// CheckBadge returns whose badge it is.
func (d door) CheckBadge(ctx context.Context, badge, from string) (record.Actor, error) {
	if d.lab.Accounts == nil {
		return record.Actor{}, noBadges()
	}
	a, err := d.lab.Accounts.ByBadge(ctx, badge, from)
	return a.Actor(), err
}

func noBadges() error {
	return fault.New(fault.Refused, "this server keeps no accounts, and so no badges").Try("use name and password")
}

// byToken reports whether a token that may do all that its person may, and not a
// password, was typed in.
func (d door) byToken(ctx context.Context, name, token string) bool {
	p, ok := d.lab.People.Who(token)
	if !ok || p.Name != name {
		return false
	}
	_, err := d.lab.Recognise(ctx, token)
	return err == nil
}

func wrong() error {
	return fault.New(fault.Forbidden, "Name or password is wrong").Field("password")
}

// SignOut ends a session. A token stays as it is: scripts use it too.
func (d door) SignOut(ctx context.Context, token string) error {
	if d.lab.Accounts == nil {
		return nil
	}
	return d.lab.Accounts.SignOut(ctx, token)
}
