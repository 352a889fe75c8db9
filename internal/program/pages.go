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
	mux.Handle("/", web.New(l, web.Options{Log: h.log, Version: o.Version, Hosts: o.Hosts, Zone: zone, Accounts: byToken{l}}))
	return mux
}

// labZone is the laboratory's, where nothing else is set.
const labZone = "Europe/Berlin"

// byToken signs people in by the token of the credentials file instead of a
// password.
type byToken struct{ lab *lab.Lab }

// SignIn takes a token in the place of a password.
func (b byToken) SignIn(_ context.Context, name, password, _ string) (string, error) {
	who, err := b.lab.SignIn(password)
	if err != nil || who.Name != name {
		return "", fault.New(fault.Forbidden, "Name or password is wrong").Field("password")
	}
	return password, nil
}

// SignOut leaves the token as it is: scripts use it too.
func (byToken) SignOut(context.Context, string) error { return nil }
