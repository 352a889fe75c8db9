package api

import (
	"fmt"
	"net"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/lab"
)

// local answers only requests that are meant for this server.
func (a *api) local(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if h, _, err := net.SplitHostPort(host); err == nil {
			host = h
		}
		host = strings.Trim(host, "[]")
		ip := net.ParseIP(host)
		if host == "localhost" || (ip != nil && ip.IsLoopback()) || slices.Contains(a.Hosts, host) {
			next.ServeHTTP(w, r)
			return
		}
		f := fault.New(fault.Forbidden, "this server is not called %q", host).Try("use its own address, or start it with that name")
		a.fail(w, r, &refusal{fault: f, status: http.StatusMisdirectedRequest})
	})
}

// mostHeaders is how many bytes names and values of all headers may have.
const mostHeaders = 64 << 10

// addressed refuses what no client of ours sends: headers without end, an address
// that climbs out of its folder or is no text.
func (a *api) addressed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		size := 0
		for name, values := range r.Header {
			for _, v := range values {
				size += len(name) + len(v)
			}
		}
		if size > mostHeaders {
			f := fault.New(fault.Usage, "the headers have %d bytes, the most is %d", size, mostHeaders).Try("send what is long in the body")
			a.fail(w, r, &refusal{fault: f, status: http.StatusRequestHeaderFieldsTooLarge})
			return
		}
		if err := reachable(r); err != nil {
			a.fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

// reachable refuses addresses at which no route can be.
func reachable(r *http.Request) error {
	if strings.ContainsFunc(r.URL.Path, unicode.IsControl) {
		f := fault.New(fault.Usage, "there is a control character in the address %s", shown(r.URL.Path))
		return &refusal{fault: f, status: http.StatusBadRequest}
	}
	nowhere := fault.New(fault.NotFound, "there is nothing at %s %s", r.Method, shown(r.URL.Path))
	if !utf8.ValidString(r.URL.Path) {
		return nowhere
	}
	for part := range strings.FieldsFuncSeq(r.URL.Path, func(c rune) bool { return c == '/' || c == '\\' }) {
		if part == ".." || part == "." {
			return nowhere
		}
	}
	if raw := r.URL.EscapedPath(); raw != "/api/" && path.Clean(raw) != raw {
		return nowhere
	}
	return nil
}

// shown writes text without what would move a terminal's cursor.
func shown(text string) string {
	quoted := fmt.Sprintf("%q", text)
	return quoted[1 : len(quoted)-1]
}

// mostParameters is how many parts a query may have.
const mostParameters = 100

// asked reads a query, strictly: a parameter that a route does not have would be
// a filter that is silently none.
func asked(r *http.Request, known []string) (url.Values, error) {
	if n := strings.Count(r.URL.RawQuery, "&") + 1; n > mostParameters {
		return nil, fault.New(fault.Usage, "the query has %d parameters, the most is %d", n, mostParameters)
	}
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fault.Wrap(err, fault.Usage, "the query cannot be read: %s", err)
	}
	for name := range q {
		if !slices.Contains(known, name) {
			f := parameter(name, q.Get(name), "there is no parameter %q", name)
			if len(known) > 0 {
				f.fault = f.fault.Try("parameters are: %s", strings.Join(known, ", "))
			}
			return nil, f
		}
	}
	return q, nil
}

// signedIn asks for a token, for a query that the route has, and for a request ID
// where something is commanded.
func (a *api) signedIn(rt route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r = marked(r)
		token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		access, err := a.lab.Identify(r.Context(), token)
		if fault.Is(err, fault.Forbidden) {
			w.Header().Set("WWW-Authenticate", `Bearer realm="secretome"`)
		}
		if err == nil {
			err = pagesOnly(access)
		}
		if err == nil {
			err = access.May(needed(rt))
		}
		if err == nil {
			_, err = asked(r, rt.query)
		}
		if err == nil && rt.method == http.MethodPost && uuid.Validate(r.Header.Get(client.KeyHeader)) != nil {
			err = fault.New(fault.Usage, "the header %s is missing or no UUID", client.KeyHeader).Try("make one for each command, and keep it when the command is sent again")
		}
		if err == nil {
			who := access.Who
			zerolog.Ctx(r.Context()).UpdateContext(func(c zerolog.Context) zerolog.Context { return c.Str("by", who.Name) })
			err = rt.serve(w, r, who)
		}
		if err != nil {
			a.forget(r, err)
			a.fail(w, r, err)
		}
	}
}

// pagesOnly refuses a session that a badge opened: a badge is for the bench, where
// the pages ask for what it cannot do, and not for scripts.
func pagesOnly(access lab.Access) error {
	if !access.Badge {
		return nil
	}
	return fault.New(fault.Forbidden, "a session that a badge opened is for the pages").Try("use a token: secretome user token")
}
