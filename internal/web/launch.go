package web

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"secretome/internal/fault"
	"secretome/internal/lab"
)

func launchRoutes() []route {
	return []route{
		{"GET /runs/new", lab.Launch, (*page).launchOffers},
		{"POST /runs/new", lab.Launch, (*page).beginDraft},
		{"GET /runs/new/draft/{draft}", lab.Launch, (*page).draft},
		{"POST /runs/new/draft/{draft}", lab.Launch, (*page).reviseDraft},
		{"GET /runs/new/draft/{draft}/document", lab.Launch, (*page).draftDocument},
		{"POST /runs/new/draft/{draft}/document", lab.Launch, (*page).reviseDraft},
		{"POST /runs/new/draft/{draft}/preview", lab.Launch, (*page).previewDraft},
		{"POST /runs/new/draft/{draft}/drop", lab.Launch, (*page).dropDraft},
		{"GET /runs/new/draft/{draft}/check", lab.Launch, (*page).checkDraft},
		{"POST /runs/new/draft/{draft}/launch", lab.Launch, (*page).launchDraft},
	}
}

// mostLaunchForm is how large a form with a document may be: each byte of a
// protocol may travel as three.
const mostLaunchForm = 4 << 20

// launchPage is where a launch begins.
type launchPage struct {
	lab.Offers
	Typed map[string]string
}

func (p *page) launchOffers() error {
	in := launchPage{Typed: map[string]string{"protocol": p.value("protocol")}}
	var err error
	if in.Offers, err = p.lab.LaunchOffers(p.r.Context(), p.Who); err != nil {
		return err
	}
	return p.show("launch", "runs", "Launch a run", in)
}

func (p *page) beginDraft() error {
	if err := p.formUpTo(mostLaunchForm); err != nil {
		return err
	}
	request, err := p.request()
	if err != nil {
		return err
	}
	b := lab.Beginning{Request: request, Key: p.value("protocol"), Text: p.text("document"), Name: p.value("file")}
	d, err := p.lab.BeginDraft(p.r.Context(), p.Who, b)
	if err == nil {
		return p.see(draftPath(d.ID))
	}
	in := launchPage{Typed: map[string]string{"protocol": b.Key, "document": b.Text, "file": b.Name}}
	var failed error
	if in.Offers, failed = p.lab.LaunchOffers(p.r.Context(), p.Who); failed != nil {
		return failed
	}
	return p.again(err, "launch", "runs", "Launch a run", in)
}

// text is a field of several lines as it was typed, with the line ends of a file.
func (p *page) text(name string) string {
	return strings.ReplaceAll(p.r.PostFormValue(name), "\r\n", "\n")
}

func draftPath(id string) string { return "/runs/new/draft/" + id }

func (p *page) draft() error {
	s, err := p.lab.SketchDraft(p.r.Context(), p.Who, p.r.PathValue("draft"))
	if err != nil {
		return err
	}
	if s.Draft.Launched != "" {
		return p.see("/runs/" + s.Draft.Launched)
	}
	return p.show("launchdraft", "runs", "Launch a run", p.drafting(s))
}

func (p *page) draftDocument() error {
	s, err := p.lab.SketchDraft(p.r.Context(), p.Who, p.r.PathValue("draft"))
	if err != nil {
		return err
	}
	if s.Draft.Launched != "" {
		return p.see("/runs/" + s.Draft.Launched)
	}
	return p.show("launchdocument", "runs", "Document of a run", p.drafting(s))
}

// reviseDraft keeps what was typed, and leads on to where the button says.
func (p *page) reviseDraft() error {
	if err := p.formUpTo(mostLaunchForm); err != nil {
		return err
	}
	s, err := p.revised()
	in := p.drafting(s)
	name, title := "launchdraft", "Launch a run"
	if strings.HasSuffix(p.r.URL.Path, "/document") {
		name, title = "launchdocument", "Document of a run"
	}
	checks := p.value("action") == "check"
	if err == nil && checks {
		err = s.Err()
	}
	switch {
	case err != nil:
		return p.again(err, name, "runs", title, in)
	case checks:
		return p.see(draftPath(s.Draft.ID) + "/check")
	case name == "launchdocument" && p.value("action") == "back":
		return p.see(draftPath(s.Draft.ID))
	}
	return p.see(strings.TrimPrefix(p.r.URL.Path, p.Prefix))
}

// revised sends a form's change to the draft. Where it could not be kept, the
// sketch has what was typed.
func (p *page) revised() (lab.Sketch, error) {
	r := lab.Revision{Editor: p.value("editor"), Change: p.change, Set: map[string]string{}}
	for name := range p.r.PostForm {
		if strings.HasPrefix(name, "set-") {
			r.Set[name] = p.value(name)
		}
	}
	var err error
	if r.Version, err = strconv.Atoi(p.value("version")); err == nil {
		r.Turn, err = strconv.Atoi(p.value("turn"))
	}
	if err != nil {
		return lab.Sketch{}, fault.New(fault.Invalid, "the form does not say of which draft it is").Try("load the page again, and send it from there")
	}
	s, err := p.lab.ReviseDraft(p.r.Context(), p.Who, p.r.PathValue("draft"), r)
	if err != nil && s.Draft.ID != "" {
		p.change(&s.Draft.Intent)
		s.Draft.Version = r.Version
	}
	return s, err
}

// change writes the fields that the form has into a draft.
func (p *page) change(i *lab.Intent) {
	f := p.r.PostForm
	for name, to := range map[string]*string{"title": &i.Title, "start": &i.Start, "speed": &i.Speed, "donor": &i.Donor} {
		if f.Has(name) {
			*to = p.value(name)
		}
	}
	if f.Has("settings") {
		i.Rehearsal = f.Has("rehearsal")
		i.Lots = map[string]string{}
		for name := range f {
			if material, ok := strings.CutPrefix(name, "lot-"); ok && p.value(name) != "" {
				i.Lots[material] = strings.Join(lab.Barcodes(p.value(name)), ", ")
			}
		}
	}
	if use := p.value("use"); use != "" {
		i.Start = use
	}
	if f.Has("document") {
		i.Document = p.text("document")
		if name := p.value("file"); name != "" {
			i.Name = name
		}
	}
}

// previewDraft keeps what was typed and answers with the preview alone, for who
// types.
func (p *page) previewDraft() error {
	if err := p.formUpTo(mostLaunchForm); err != nil {
		return err
	}
	s, err := p.revised()
	status := http.StatusOK
	if err != nil {
		p.Faults = faultsOf(err)
		if p.Faults[0].Kind == fault.Internal || s.Draft.ID == "" {
			return err
		}
		status = p.Faults[0].Kind.Meaning().HTTP
	}
	p.Data = p.drafting(s)
	var b bytes.Buffer
	if err := p.views.pages["launchdraft"].ExecuteTemplate(&b, "launchPreview", p); err != nil {
		return fmt.Errorf("preview of a draft: %w", err)
	}
	p.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	p.w.Header().Set("Cache-Control", "no-store")
	p.w.WriteHeader(status)
	_, _ = p.w.Write(b.Bytes()) // who asked has gone: nobody is left to tell
	return nil
}

func (p *page) dropDraft() error {
	if err := p.lab.DropDraft(p.r.Context(), p.Who, p.r.PathValue("draft")); err != nil {
		return err
	}
	return p.see("/runs/new")
}

// checkPage tells in sentences what a launch will do.
type checkPage struct {
	lab.Checked
	draftPage
	Name string // who signs, as it was typed
}

func (p *page) checked() (checkPage, error) {
	c, err := p.lab.CheckDraft(p.r.Context(), p.Who, p.r.PathValue("draft"))
	return checkPage{Checked: c, draftPage: p.drafting(c.Sketch), Name: p.Who.Name}, err
}

func (p *page) checkDraft() error {
	in, err := p.checked()
	if err != nil {
		return err
	}
	if run := in.Checked.Draft.Launched; run != "" {
		return p.see("/runs/" + run)
	}
	return p.show("launchcheck", "runs", "Check the plan", in)
}

// launchDraft launches by signature: name and password are asked for at this very
// moment.
func (p *page) launchDraft() error {
	if err := p.form(); err != nil {
		return err
	}
	version, err := strconv.Atoi(p.value("version"))
	if err != nil {
		return fault.New(fault.Invalid, "the form does not say which draft was checked").Try("open the draft again, and check the plan")
	}
	var done lab.Launched
	if err = p.prove(); err == nil {
		done, err = p.lab.LaunchDraft(p.r.Context(), p.Who, p.r.PathValue("draft"), version)
	}
	if err == nil {
		return p.see("/runs/" + done.Run)
	}
	in, failed := p.checked()
	if failed != nil {
		return failed
	}
	in.Name = p.value("name")
	return p.again(err, "launchcheck", "runs", "Check the plan", in)
}

// faultsAt are the faults of a draft and of its form, those of the form first.
func (p *page) faultsAt(s lab.Sketch) []*fault.Fault {
	all := slices.Clone(p.Faults)
	for _, f := range s.Faults {
		if !slices.ContainsFunc(all, func(o *fault.Fault) bool { return o.Message == f.Message && o.Place == f.Place }) {
			all = append(all, f)
		}
	}
	return all
}
