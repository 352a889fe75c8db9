package web

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"path"
	"strings"

	"secretome/internal/account"
	"secretome/internal/fault"
	"secretome/internal/lab"
	"secretome/internal/protocol"
	"secretome/internal/run"
)

// controlView is a page that says what will happen to a run, before it asks why.
type controlView struct {
	lab.ControlPage
	Title, Lead string
	Button      string
	Stops       bool // the button is drawn as one that ends something
	Typed       map[string]string
	Roles       []string
	Amendment   *lab.Amendment // what is to be confirmed; nil: no document yet
	Document    string         // base64, carried from the changes to the confirmation
	Name        string
}

// controlWords are title, lead and button of each verb.
var controlWords = map[run.Verb][3]string{
	run.Pause:  {"Pause the run", "Nothing new is asked until somebody resumes it. What is asked already can be finished, and what incubates goes on.", "Pause the run"},
	run.Resume: {"Resume the run", "The run goes on where it was paused. What would have been asked meanwhile is asked at once.", "Resume the run"},
	run.Stop:   {"Stop the run", "Nothing more is asked but to deal with what is in work. Then the run ends and its record is sealed. This cannot be taken back.", "Stop the run"},
	run.Hold:   {"Hold the run", "The run is paused, and a manager is asked to decide whether it goes on or is stopped.", "Hold the run"},
	run.Ask:    {"Ask for a task", "A task that the protocol does not have. It stands in the list of whoever has the role, beside the stages, which do not wait for it.", "Ask for it"},
	run.Amend:  {"Change the plan", "Stages that have not begun follow another version of the protocol. What has begun goes on as it was.", "Show the changes"},
}

// showsControl answers with the page of a verb.
func showsControl(verb run.Verb) func(*page) error {
	return func(p *page) error {
		in, err := p.controlView(verb)
		if err != nil {
			return err
		}
		return p.showControl(in)
	}
}

func (p *page) controlView(verb run.Verb) (controlView, error) {
	id := p.r.PathValue("run")
	c, err := p.lab.ControlPage(p.r.Context(), p.Who, id, verb)
	if err != nil {
		return controlView{}, spokenOfRun(err, id)
	}
	words := controlWords[verb]
	in := controlView{ControlPage: c, Title: words[0], Lead: words[1], Button: words[2], Stops: verb == run.Stop, Roles: account.Roles(), Typed: map[string]string{}}
	for _, name := range []string{"reason", "title", "text", "role"} {
		in.Typed[name] = p.value(name)
	}
	if in.Typed["role"] == "" {
		in.Typed["role"] = account.Technician
	}
	return in, nil
}

func (p *page) showControl(in controlView) error {
	return p.show(in.template(), "runs", in.Title+" "+in.ID, in)
}

func (in controlView) template() string {
	if in.Verb == run.Amend {
		return "amend"
	}
	return "control"
}

// spokenOfRun is a fault about a run without the words of the command line.
func spokenOfRun(err error, id string) error {
	if fault.Is(err, fault.NotFound) {
		return noRun(err, id)
	}
	return spoken(err)
}

// control does a verb to a run.
func control(verb run.Verb) func(*page) error {
	return func(p *page) error {
		request, err := p.postedRequest()
		if err != nil {
			return err
		}
		id := p.r.PathValue("run")
		q := lab.ControlRequest{Request: request, Verb: verb, Reason: p.value("reason")}
		if verb == run.Ask {
			q.Task = p.asked()
		}
		if err = checkControl(q); err == nil {
			_, err = p.lab.Control(p.r.Context(), p.Who, id, q)
		}
		if err == nil {
			return p.see("/runs/" + id)
		}
		return p.controlAgain(verb, err)
	}
}

// checkControl wants all that the form asks for, before anything is sent.
func checkControl(q lab.ControlRequest) error {
	reason := checkReason(q)
	if q.Task == nil || q.Task.Title != "" {
		return reason
	}
	title := fault.New(fault.Invalid, "Write what is to be done").Field("title")
	if reason == nil {
		return title
	}
	return errors.Join(title, reason)
}

// checkReason wants the reason before anything is sent.
func checkReason(q lab.ControlRequest) error {
	const longest = 4000
	switch {
	case q.Reason == "":
		return fault.New(fault.Invalid, "Write why").Field("reason").Try("it stands in the record")
	case len(q.Reason) > longest:
		return fault.New(fault.Invalid, "The reason has %d bytes, the most is %d", len(q.Reason), longest).Field("reason").Try("put a long text into a file and attach it")
	}
	return nil
}

// controlAgain shows the page once more, with what was typed and what is wrong.
// One that can no longer be shown is told as what it is.
func (p *page) controlAgain(verb run.Verb, wrong error) error {
	in, err := p.controlView(verb)
	if err != nil {
		return err
	}
	if len(faultsOf(wrong)) == 1 {
		wrong = spokenOfRun(wrong, in.ID)
	}
	return p.again(wrong, in.template(), "runs", in.Title+" "+in.ID, in)
}

// asked is the task that the form of an ad-hoc task asks for.
func (p *page) asked() *protocol.Task {
	title, text := p.value("title"), p.value("text")
	if text == "" {
		text = title
	}
	answer := protocol.Field{ID: "answer", Title: "what was done or seen", Kind: protocol.Text}
	return &protocol.Task{ID: "ad-hoc", Title: title, Role: p.value("role"), Steps: []protocol.Step{{ID: "do", Text: text, Fields: []protocol.Field{answer}}}}
}

// mostProtocol is how many bytes the document of a protocol has at most.
const mostProtocol = 1 << 20

// amend takes an amended protocol: first it shows the changes, then, confirmed,
// the run follows it.
func (p *page) amend() error {
	p.r.Body = http.MaxBytesReader(p.w, p.r.Body, 3*mostProtocol)
	name, document, err := p.document()
	in, broken := p.controlView(run.Amend)
	if broken != nil {
		return broken
	}
	again := func(err error) error { return p.again(spoken(err), "amend", "runs", in.Title+" "+in.ID, in) }
	if err != nil {
		return again(err)
	}
	in.Name = name
	changes, err := p.lab.PreviewAmendment(p.r.Context(), p.Who, in.ID, name, document)
	if err != nil {
		return again(atDocument(err))
	}
	in.Amendment, in.Document = &changes, base64.StdEncoding.EncodeToString(document)
	if p.value("confirm") == "" {
		return p.showControl(in)
	}
	request, err := p.request()
	if err != nil {
		return err
	}
	q := lab.ControlRequest{Request: request, Verb: run.Amend, Reason: p.value("reason"), Document: document, Name: name}
	if err = checkReason(q); err == nil {
		_, err = p.lab.Control(p.r.Context(), p.Who, in.ID, q)
	}
	if err != nil {
		return again(err)
	}
	return p.see("/runs/" + in.ID)
}

// document reads the posted protocol: a file, or what the page of the changes
// carries on.
func (p *page) document() (name string, data []byte, err error) {
	none := fault.New(fault.Invalid, "Choose the file of the changed protocol").Field("document").Try("it is the YAML, with a version of its own")
	if err := p.r.ParseMultipartForm(mostProtocol); err != nil && !errors.Is(err, http.ErrNotMultipart) {
		if _, large := errors.AsType[*http.MaxBytesError](err); large {
			return "", nil, fault.New(fault.Invalid, "The file is larger than 1 MB").Field("document").Try("a protocol is a short text: choose another file")
		}
		return "", nil, fault.Wrap(err, fault.Invalid, "the form could not be read")
	}
	if carried := p.value("carried"); carried != "" {
		data, err = base64.StdEncoding.DecodeString(carried)
		if err != nil {
			return "", nil, none
		}
		return path.Base(p.value("name")), data, nil
	}
	file, header, err := p.r.FormFile("document")
	if err != nil {
		return "", nil, none
	}
	defer func() { _ = file.Close() }() // it was only read
	data, err = io.ReadAll(io.LimitReader(file, mostProtocol+1))
	switch {
	case err != nil:
		return "", nil, fault.Wrap(err, fault.Invalid, "the file could not be read")
	case len(data) > mostProtocol:
		return "", nil, fault.New(fault.Invalid, "The file is larger than 1 MB").Field("document").Try("a protocol is a short text: choose another file")
	case len(strings.TrimSpace(string(data))) == 0:
		return "", nil, fault.New(fault.Invalid, "%q is empty", header.Filename).Field("document").Try("choose the YAML of the changed protocol")
	}
	return path.Base(strings.ReplaceAll(header.Filename, `\`, "/")), data, nil
}

// atDocument puts what is wrong with a protocol at its field; where in it is said
// in the words.
func atDocument(err error) error {
	var all []error
	for _, f := range faultsOf(err) {
		if f.Kind == fault.Internal {
			return err
		}
		at := *f
		if where := f.Place.String(); where != "" {
			at.Message = where + ": " + f.Message
		}
		at.Place = fault.Place{Field: "document"}
		all = append(all, &at)
	}
	const most = 20
	if len(all) > most {
		all = append(all[:most], fault.New(fault.Invalid, "and %d more", len(all)-most).Field("document"))
	}
	if len(all) == 1 {
		return all[0]
	}
	return errors.Join(all...)
}
