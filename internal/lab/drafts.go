package lab

import (
	"context"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"

	"secretome/examples"
	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/protocol"
	"secretome/internal/record"
)

// Offered is a document from which a run can be launched.
type Offered struct {
	Key    string // "example/compact.yaml", or "document/" and its SHA-256
	Name   string // of the protocol, "UC-CM-COMPACT 1.0"
	Title  string
	Origin string // in words
	Run    string // the last one that followed it; empty: none
	hash   string // of an example: SHA-256
}

// Offers is what the manager may begin with.
type Offers struct {
	Drafts    []Draft // their own, the one saved last on top
	Documents []Offered
}

// LaunchOffers lists the drafts of whoever asks and the documents that are here:
// the program's examples, and what earlier runs followed.
func (l *Lab) LaunchOffers(ctx context.Context, who record.Actor) (Offers, error) {
	if err := l.mayDraft(who); err != nil {
		return Offers{}, err
	}
	drafts, err := l.Drafts.list(who.Name)
	if err != nil {
		return Offers{}, err
	}
	earlier, err := l.followed(ctx)
	return Offers{Drafts: drafts, Documents: joined(earlier, shipped())}, err
}

func (l *Lab) mayDraft(who record.Actor) error {
	if err := Allowed(who, Launch); err != nil {
		return err
	}
	if l.Drafts == nil {
		return fault.New(fault.Refused, "this server keeps no drafts").Try("launch with: secretome run launch FILE")
	}
	return nil
}

// shipped are the protocols among the program's examples.
func shipped() []Offered {
	var all []Offered
	files, _ := fs.Glob(examples.Files, "*.yaml") // the pattern is right
	for _, file := range files {
		if strings.HasSuffix(file, ".rehearsal.yaml") {
			continue
		}
		data, _ := examples.Files.ReadFile(file) // it is part of the program
		name, title := heading(data)
		all = append(all, Offered{Key: "example/" + file, Name: name, Title: title, Origin: "example that comes with the program", hash: record.Hash(data)})
	}
	return all
}

// joined puts the examples behind the documents of earlier runs. One that a run
// followed as it came stands once.
func joined(earlier, examples []Offered) []Offered {
	for _, e := range examples {
		i := slices.IndexFunc(earlier, func(o Offered) bool { return o.Key == "document/"+e.hash })
		if i < 0 {
			earlier = append(earlier, e)
			continue
		}
		earlier[i].Key, earlier[i].Origin = e.Key, e.Origin+", last followed by "+earlier[i].Run
	}
	return earlier
}

// heading reads name and title of a document without all of it.
func heading(data []byte) (name, title string) {
	parts := map[string]string{}
	for line := range strings.Lines(string(data)) {
		key, value, ok := strings.Cut(strings.TrimRight(line, "\r\n"), ": ")
		if !ok || strings.HasPrefix(line, " ") || strings.HasPrefix(line, "#") || parts[key] != "" {
			continue
		}
		parts[key] = strings.Trim(strings.TrimSpace(value), `"'`)
	}
	return strings.TrimSpace(parts["protocol"] + " " + parts["version"]), parts["title"]
}

// mostFollowed is how many documents of earlier runs are offered.
const mostFollowed = 50

// followed are the documents of earlier runs, the newest first, each once.
func (l *Lab) followed(ctx context.Context) ([]Offered, error) {
	runs, err := l.Index.Runs(ctx, index.RunFilter{})
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	var all []Offered
	for _, r := range runs {
		if seen[r.Protocol] || len(all) == mostFollowed {
			continue
		}
		seen[r.Protocol] = true
		first, err := l.launchOf(ctx, r.ID)
		if err != nil {
			return nil, err
		}
		all = append(all, Offered{Key: "document/" + first.Document.SHA256, Name: r.ProtocolName, Title: first.Title, Origin: "as " + r.ID + " followed it", Run: r.ID})
	}
	return all, nil
}

// launchOf is how a run was launched.
func (l *Lab) launchOf(ctx context.Context, run string) (record.Launch, error) {
	records, err := l.Index.Records(ctx, run, 0, 1)
	if err != nil {
		return record.Launch{}, err
	}
	if len(records) == 0 {
		return record.Launch{}, fault.New(fault.NotFound, "there is no run %q", run)
	}
	return record.Read[record.Launch](records[0])
}

// Beginning says of what a draft is begun: of a document that is offered, or of
// a text.
type Beginning struct {
	Request string // becomes the draft's ID
	Key     string // of what is offered; empty: the text
	Text    string
	Name    string // of its file
}

// BeginDraft keeps a new draft. Asked again with the same request it answers
// with the same one. A document that is wrong is kept as well: it is mended in
// the draft.
func (l *Lab) BeginDraft(ctx context.Context, who record.Actor, b Beginning) (Draft, error) {
	if err := l.mayDraft(who); err != nil {
		return Draft{}, err
	}
	if err := checkRequest(b.Request); err != nil {
		return Draft{}, err
	}
	now := l.Now()
	d := Draft{ID: strings.ToLower(b.Request), Owner: who.Name, Made: now, Saved: now, Version: 1}
	var err error
	if d.Origin, err = l.source(ctx, b, &d.Intent); err != nil {
		return Draft{}, err
	}
	if err := d.checkTyped(); err != nil {
		return Draft{}, err
	}
	d.Start = nextMonday(now, d.Document)
	return l.Drafts.begin(d)
}

// source finds the text of a beginning.
func (l *Lab) source(ctx context.Context, b Beginning, p *Intent) (origin string, err error) {
	kind, name, _ := strings.Cut(b.Key, "/")
	switch {
	case b.Key == "" && strings.TrimSpace(b.Text) == "":
		return "", fault.New(fault.Invalid, "Choose a protocol, or paste one").Field("document").Try("a document begins with protocol: and its name")
	case b.Key == "":
		p.Name, p.Document = path.Base("/"+b.Name), b.Text
		if p.Name == "/" || p.Name == "." {
			p.Name = "protocol.yaml"
		}
		return "pasted or uploaded", nil
	case kind == "example" && slices.ContainsFunc(shipped(), func(o Offered) bool { return o.Key == b.Key }):
		data, err := examples.Files.ReadFile(name)
		p.Name, p.Document = name, string(data)
		return "example " + name, err
	case kind == "document":
		stored, err := l.Artifacts.Stat(ctx, name)
		if err != nil {
			return "", err
		}
		if stored.Size > mostDocument {
			return "", fault.New(fault.Invalid, "this artifact has %d bytes, a protocol has at most %d", stored.Size, mostDocument).Field("document").Try("choose a document of the list")
		}
		data, err := l.Artifacts.Bytes(ctx, name)
		p.Name, p.Document = "protocol.yaml", strings.ToValidUTF8(string(data), "\uFFFD")
		return "document " + name[:min(len(name), 12)], err
	}
	return "", fault.New(fault.NotFound, "no document %q is offered", b.Key).Field("document").Try("choose one of the list")
}

// opening is the time of day at which a run begins where nobody says another.
const opening = "09:00"

// nextMonday is the opening of the first Monday behind today, in the zone that
// the document names.
func nextMonday(now time.Time, document string) string {
	zone := time.UTC
	for line := range strings.Lines(document) {
		if name, ok := strings.CutPrefix(line, "zone:"); ok {
			if found, err := time.LoadLocation(strings.Trim(strings.TrimSpace(name), `"'`)); err == nil && found != time.Local {
				zone = found
			}
			break
		}
	}
	const week = 7
	today := now.In(zone)
	ahead := (int(time.Monday)-int(today.Weekday())+week-1)%week + 1
	return today.AddDate(0, 0, ahead).Format(time.DateOnly) + "T" + opening
}

// DropDraft throws a draft away.
func (l *Lab) DropDraft(_ context.Context, who record.Actor, id string) error {
	if err := l.mayDraft(who); err != nil {
		return err
	}
	return l.Drafts.drop(who.Name, id)
}

// Revision is what a page sends of a draft. Two pages that have the same draft
// open do not write over each other; one page's own changes come in their order.
type Revision struct {
	Version int    // of the draft that the page began with
	Editor  string // tells pages apart
	Turn    int    // grows with each change that the page sends
	Change  func(*Intent)
	Set     map[string]string // field of a parameter, see [ParameterField], → what was typed
}

// ReviseDraft keeps a change and looks at what came of it. It fails with
// [fault.Conflict] if another page changed the draft since; a change that was
// overtaken by a later one of the same page is dropped.
func (l *Lab) ReviseDraft(ctx context.Context, who record.Actor, id string, r Revision) (Sketch, error) {
	if err := l.mayDraft(who); err != nil {
		return Sketch{}, err
	}
	d, err := l.Drafts.change(who.Name, id, func(d *Draft) error {
		switch {
		case d.Editor == r.Editor && r.Turn < d.Turn:
			return nil
		case d.Editor != r.Editor && d.Version != r.Version:
			return fault.New(fault.Conflict, "This draft was changed at %s on another page. Nothing was written over", d.Saved.UTC().Format("15:04:05 MST")).Try("open the draft anew on another page, and copy over what is missing")
		}
		r.Change(&d.Intent)
		l.set(&d.Intent, r.Set)
		if err := d.checkTyped(); err != nil {
			return err
		}
		d.Editor, d.Turn, d.Version, d.Saved = r.Editor, r.Turn, d.Version+1, l.Now()
		return nil
	})
	if err != nil {
		return Sketch{Draft: d}, err
	}
	return l.sketch(ctx, d)
}

// SketchDraft looks at a draft as it was left.
func (l *Lab) SketchDraft(ctx context.Context, who record.Actor, id string) (Sketch, error) {
	if err := l.mayDraft(who); err != nil {
		return Sketch{}, err
	}
	d, err := l.Drafts.get(who.Name, id)
	if err != nil {
		return Sketch{}, err
	}
	return l.sketch(ctx, d)
}

// lastOf is the newest run of a protocol, in whichever version; empty where there
// is none.
func (l *Lab) lastOf(ctx context.Context, p protocol.Protocol) (index.Run, bool, error) {
	runs, err := l.Index.Runs(ctx, index.RunFilter{})
	for _, r := range runs {
		if id, _, _ := strings.Cut(r.ProtocolName, " "); id == p.ID {
			return r, true, err
		}
	}
	return index.Run{}, false, err
}
