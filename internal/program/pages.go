package program

import (
	"context"
	"net/http"
	"time"

	"secretome/internal/api"
	"secretome/internal/fault"
	"secretome/internal/lab"
	"secretome/internal/web"
)

// doors serves the API and the pages at one address.
func (h *house) doors(l *lab.Lab, o api.Options) http.Handler {
	zone, err := time.LoadLocation(labZone)
	if err != nil {
		zone = time.UTC
	}
	mux := http.NewServeMux()
	mux.Handle("/api/", api.New(l, o))
	mux.Handle("/", web.New(l, web.Options{Log: h.log, Version: o.Version, Hosts: o.Hosts, Zone: zone, Accounts: h.doorkeeper(l)}))
	return mux
}

// labZone is the laboratory's, where nothing else is set.
const labZone = "Europe/Berlin"

// doorkeeper signs people in by their password, and those of the credentials file
// by their token.
func (h *house) doorkeeper(l *lab.Lab) web.Accounts { return door{l} }

type door struct{ lab *lab.Lab }

// SignIn returns a session for a name and a password, or for a token.
func (d door) SignIn(ctx context.Context, name, password, from string) (string, error) {
	if who, err := d.lab.SignIn(password); err == nil && who.Name == name {
		return password, nil
	}
	if d.lab.Accounts == nil {
		return "", fault.New(fault.Forbidden, "Name or password is wrong").Field("password")
	}
	return d.lab.Accounts.SignIn(ctx, name, password, from)
}

// SignOut ends a session. A token stays as it is: scripts use it too.
func (d door) SignOut(ctx context.Context, token string) error {
	if d.lab.Accounts == nil {
		return nil
	}
	return d.lab.Accounts.SignOut(ctx, token)
}
