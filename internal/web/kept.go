package web

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/google/uuid"

	"secretome/internal/account"
	"secretome/internal/fault"
)

// keptForm is what somebody typed and sent after their session had ended. It
// travels in the sign-in form, and leads back to the page that it was typed on.
type keptForm struct {
	Who    string     // who was signed in; empty: nobody knows
	Page   string     // path and query of the page with the form, without the prefix
	Action string     // path that the form was sent to, with the prefix
	Values url.Values // all but passwords, badges and files
	Chosen bool       // a file was chosen, and has to be chosen again
}

// mostForm is how large a posted form may be, and mostKept the sign-in form with
// such a one in it; bytes.
const (
	mostForm = 1 << 20
	mostKept = 3 * mostForm
)

// keep reads the form that was just sent.
func (p *page) keep() (keptForm, error) {
	chosen, err := p.typedOnly()
	if err != nil {
		return keptForm{}, err
	}
	k := keptForm{Who: p.whoWas(), Action: p.Path(p.r.URL.Path), Values: url.Values{}, Chosen: chosen}
	for name, values := range p.r.PostForm {
		if !secretInput(name) && !slices.ContainsFunc(values, account.HasBadge) {
			k.Values[name] = values
		}
	}
	k.Page = p.formPage()
	return k, nil
}

// secretInput reports whether what stands in an input proves who somebody is: it
// is neither kept nor shown again.
func secretInput(name string) bool {
	return strings.Contains(name, "password") || name == "badge" || name == "second-badge"
}

// formPage is the page that a form stands on: the browser names it, or else it is
// at the address that the form is sent to.
func (p *page) formPage() string {
	if from, err := url.Parse(p.r.Referer()); err == nil && from.Host == p.r.Host {
		if at, ok := strings.CutPrefix(from.RequestURI(), p.Prefix+"/"); ok {
			return "/" + at
		}
	}
	look := &http.Request{Method: http.MethodGet, Host: p.r.Host, URL: &url.URL{Path: p.r.URL.Path}}
	if _, pattern := p.mux.Handler(look); pattern != "" && pattern != "/" {
		return p.r.URL.Path
	}
	return "/"
}

// String is the form as a hidden input carries it; empty for none.
func (k keptForm) String() string {
	if k.Action == "" {
		return ""
	}
	data, err := json.Marshal(k)
	if err != nil {
		return "" // of texts there is always JSON
	}
	return base64.RawURLEncoding.EncodeToString(data)
}

// readKept reads what String wrote; an empty text is no form.
func readKept(text string) (k keptForm, err error) {
	if text == "" {
		return k, nil
	}
	data, err := base64.RawURLEncoding.DecodeString(text)
	if err == nil {
		err = json.Unmarshal(data, &k)
	}
	if err == nil && (!strings.HasPrefix(k.Page, "/") || strings.HasPrefix(k.Page, "//") || strings.Contains(k.Page, `\`)) {
		err = errors.New("leads to another site")
	}
	if err != nil {
		return keptForm{}, fault.Wrap(err, fault.Invalid, "what was typed before could not be read")
	}
	return k, nil
}

// keptForms are the forms of those who signed in again, until they come back to
// their pages.
type keptForms struct {
	mu    sync.Mutex
	forms map[string]keptForm
	order []string // the oldest first
}

// mostForms bounds how many are remembered: with mostForm, how much memory.
const mostForms = 64

// put remembers a form under a name that nobody guesses.
func (f *keptForms) put(k keptForm) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.forms == nil {
		f.forms = map[string]keptForm{}
	}
	if len(f.order) == mostForms {
		delete(f.forms, f.order[0])
		f.order = f.order[1:]
	}
	id := uuid.NewString()
	f.forms[id], f.order = k, append(f.order, id)
	return id
}

// of returns a form of a person.
func (f *keptForms) of(id, who string) (keptForm, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	k, ok := f.forms[id]
	return k, ok && k.Who == who
}

// keptQuery is the part of an address that names a form to fill again.
const keptQuery = "kept"

// goOn leads back to the page of a form, after whoever typed it signed in again.
func (p *page) goOn(k keptForm, who string) error {
	k.Who = who
	to, err := url.Parse(k.Page)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "what was typed before could not be read")
	}
	q := to.Query()
	q.Set(keptQuery, p.kept.put(k))
	to.RawQuery = q.Encode()
	return p.see(to.String())
}

// pickUp finds the form that the address of this page names, and takes its name
// out of the address.
func (p *page) pickUp() {
	q := p.r.URL.Query()
	id := q.Get(keptQuery)
	if id == "" || p.r.Method != http.MethodGet {
		return
	}
	if k, ok := p.kept.of(id, p.Who.Name); ok {
		p.typed = &k
	}
	q.Del(keptQuery)
	p.r.URL.RawQuery = q.Encode()
}

// wasCookie says who used this browser last, so that nobody goes on with the form
// of somebody else. It admits to nothing.
const wasCookie = "secretome-was"

func (p *page) whoWas() string {
	c, err := p.r.Cookie(wasCookie)
	if err != nil {
		return ""
	}
	name, err := url.QueryUnescape(c.Value)
	if err != nil {
		return ""
	}
	return name
}
