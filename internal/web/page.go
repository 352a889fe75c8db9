package web

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"

	"secretome/internal/fault"
	"secretome/internal/lab"
)

// page is one request and what its template needs.
type page struct {
	*Web
	w     http.ResponseWriter
	r     *http.Request
	began time.Time

	lab.Access // who is signed in; nobody without a name

	Title  string // of the page, without the product's name
	Here   string // the part of the navigation that it belongs to
	Data   any    // what the template is about
	Faults []*fault.Fault
	Foot   string // what a copy on paper names besides: the hash of what it shows
	mark   string // where the stream stood when the page was begun
	rail   []place
	Said   string    // what was just done, said once
	typed  *keptForm // to be filled into the page again

	wrongFiles []*fault.Fault // what is wrong with files that came in a form, at their fields
	unread     bool           // what stands behind the last of them was not read
}

// render answers with a template of the given status.
func (p *page) render(status int, name string, data any) error {
	p.Data = data
	var b bytes.Buffer
	if err := p.views.execute(&b, name, p); err != nil {
		return err
	}
	body := b.Bytes()
	if p.typed != nil {
		filled, err := refill(body, *p.typed)
		if err != nil {
			return err
		}
		body = filled
	}
	h := p.w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	p.body(status, body)
	return nil
}

// show answers with a page.
func (p *page) show(name, here, title string, data any) error {
	p.Here, p.Title = here, title
	return p.render(http.StatusOK, name, data)
}

// again answers a form that could not be taken: the page once more, with what was
// typed and what is wrong.
func (p *page) again(err error, name, here, title string, data any) error {
	p.Faults = faultsOf(err)
	if p.Faults[0].Kind == fault.Internal {
		return err
	}
	p.Here, p.Title = here, "Error: "+title
	p.later(p.Faults[0])
	return p.render(p.Faults[0].Kind.Meaning().HTTP, name, data)
}

// faultsOf are the faults of an error, one at least.
func faultsOf(err error) []*fault.Fault {
	if many, ok := errors.AsType[interface {
		error
		Unwrap() []error
	}](err); ok {
		var all []*fault.Fault
		for _, one := range many.Unwrap() {
			all = append(all, fault.Of(one))
		}
		if len(all) > 0 {
			return all
		}
	}
	return []*fault.Fault{fault.Of(err)}
}

// see leads on after a form was taken.
func (p *page) see(path string) error {
	http.Redirect(p.w, p.r, p.Path(path), http.StatusSeeOther)
	return nil
}

// Path is the address of one of our pages.
func (p *page) Path(path string) string { return p.Prefix + path }

// fail explains an error on a page of its own. A bug shows nothing of itself.
func (p *page) fail(err error) {
	f := fault.Of(err)
	status := f.Kind.Meaning().HTTP
	if tooLarge(err) {
		status = http.StatusRequestEntityTooLarge
	}
	reference := strings.ToUpper(uuid.NewString()[:6])
	if f.Kind == fault.Internal {
		p.Log.Error().Err(err).Str("reference", reference).Str("path", p.r.URL.Path).Msg("page failed")
		f = fault.New(fault.Internal, "something went wrong on the server").Try("what was recorded is safe. Try again; if it stays, tell whoever runs it: error %s, %s", reference, p.time(time.Now()).Format("15:04"))
	}
	f = fault.Of(spoken(f))
	p.Title = "Error"
	p.later(f)
	if err := p.render(status, "error", f); err != nil {
		p.Log.Error().Err(err).Msg("page of an error failed")
		http.Error(p.w, f.Sentence(), status)
	}
}

// tooLarge reports whether more bytes came than are read.
func tooLarge(err error) bool {
	_, is := errors.AsType[*http.MaxBytesError](err)
	return is
}

// later says to programs how long to wait before the next try.
func (p *page) later(f *fault.Fault) {
	if f.Wait > 0 {
		p.w.Header().Set("Retry-After", strconv.Itoa(int((f.Wait+time.Second-1)/time.Second)))
	}
}

// time is a moment in lab time.
func (p *page) time(t time.Time) time.Time { return t.In(p.Zone) }

// Now is this moment in lab time.
func (p *page) Now() time.Time { return p.time(p.began) }

// value is a form's or query's value.
func (p *page) value(name string) string { return strings.TrimSpace(p.r.FormValue(name)) }

// form reads a posted form of bounded size.
func (p *page) form() error { return p.formUpTo(mostForm) }

func (p *page) formUpTo(most int64) error {
	p.r.Body = http.MaxBytesReader(p.w, p.r.Body, most)
	if err := p.r.ParseForm(); err != nil {
		return formUnread(err, most)
	}
	return nil
}

// formUnread says why a form could not be read, of which most bytes are.
func formUnread(err error, most int64) error {
	if tooLarge(err) {
		return fault.Of(fault.Wrap(err, fault.Invalid, "the form has more than %d bytes, so nothing of it was recorded", most)).
			Try("go back: what you typed is still there. Put long texts into a file, and attach it")
	}
	return fault.Wrap(err, fault.Invalid, "the form could not be read")
}

// request is the request ID of a form: made with the page, so that a form that is
// sent twice is done once.
func (p *page) request() (string, error) {
	id := p.value("request")
	if uuid.Validate(id) != nil {
		return "", fault.New(fault.Invalid, "the form has no request ID").Try("load the page again, and send it from there")
	}
	return id, nil
}

// postedRequest reads a form and returns its request ID.
func (p *page) postedRequest() (string, error) {
	if err := p.form(); err != nil {
		return "", err
	}
	return p.request()
}

// NewRequest is the request ID of a form on this page.
func (p *page) NewRequest() string { return uuid.Must(uuid.NewV7()).String() }

// IsFault returns the fault at a form's field; nil where there is none.
func (p *page) FaultAt(field string) *fault.Fault {
	for _, f := range p.Faults {
		if f.Place.Field == field {
			return f
		}
	}
	return nil
}

// Theme is light, dark, or empty for the system's.
func (p *page) Theme() string {
	if c, err := p.r.Cookie(themeCookie); err == nil && (c.Value == "light" || c.Value == "dark") {
		return c.Value
	}
	return ""
}

// Self is the address of this page, to come back to.
func (p *page) Self() string { return p.Path(p.r.URL.RequestURI()) }

// back is where a form leads back to: one of our own pages.
func (p *page) back(otherwise string) string {
	to := p.r.FormValue("back")
	u, err := url.Parse(to)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(to, p.Prefix+"/") || strings.HasPrefix(to, "//") || strings.Contains(to, `\`) {
		return otherwise
	}
	return strings.TrimPrefix(to, p.Prefix)
}
