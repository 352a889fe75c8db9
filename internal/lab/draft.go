package lab

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"secretome/internal/durable"
	"secretome/internal/fault"
)

// The limits of drafts.
const (
	mostDrafts   = 50      // of one person
	mostDocument = 1 << 20 // bytes, as of a protocol
	mostTyped    = 400     // bytes of any other field
)

// Draft is a run that somebody is about to launch, as they left it. It is no
// record: it may be changed and thrown away. What stands in it is as it was
// typed, right or wrong.
type Draft struct {
	ID       string    `json:"id"`
	Owner    string    `json:"owner"`
	Origin   string    `json:"origin"` // where its document is from, in words
	Made     time.Time `json:"made"`
	Saved    time.Time `json:"saved"`
	Version  int       `json:"version"`            // grows with each change
	Editor   string    `json:"editor,omitempty"`   // the page that changed it last
	Turn     int       `json:"turn,omitempty"`     // of that page's changes
	Launched string    `json:"launched,omitempty"` // the run that became of it
	Intent
}

// Intent is what a draft says of the run.
type Intent struct {
	Name      string            `json:"name"` // of the document's file
	Document  string            `json:"document"`
	Title     string            `json:"title"` // empty: the protocol's
	Start     string            `json:"start"` // empty: when it is launched
	Rehearsal bool              `json:"rehearsal,omitempty"`
	Speed     string            `json:"speed,omitempty"` // of a rehearsal; empty: 1
	Donor     string            `json:"donor,omitempty"`
	Lots      map[string]string `json:"lots,omitempty"`  // material → barcodes
	Unset     map[string]string `json:"unset,omitempty"` // path of a parameter → what was typed and could not be written into the document
}

// Drafts keeps drafts in a folder, a file each. One process works on a folder.
type Drafts struct {
	folder    string
	mu        sync.Mutex // held by who changes a file
	launching sync.Mutex // held by who launches
}

// OpenDrafts makes the folder where it is missing.
func OpenDrafts(folder string) (*Drafts, error) {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("make folder for drafts: %w", err)
	}
	return &Drafts{folder: folder}, nil
}

func (d *Drafts) path(id string) string { return filepath.Join(d.folder, id+".json") }

// get reads a draft of a person. To others it is not there.
func (d *Drafts) get(owner, id string) (Draft, error) {
	var draft Draft
	missing := fault.New(fault.NotFound, "there is no draft %q of yours", id).Try("it may have been thrown away: see your drafts on the page Launch a run")
	if uuid.Validate(id) != nil || strings.ToLower(id) != id {
		return draft, missing
	}
	data, err := os.ReadFile(d.path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return draft, missing
	}
	if err != nil {
		return draft, fmt.Errorf("read draft %s: %w", id, err)
	}
	if err := json.Unmarshal(data, &draft); err != nil {
		return draft, fault.Wrap(err, fault.Corrupt, "the draft %s cannot be read", id)
	}
	if draft.Owner != owner {
		return Draft{}, missing
	}
	return draft, nil
}

func (d *Drafts) put(draft Draft) error {
	data, err := json.Marshal(draft)
	if err == nil {
		err = durable.WriteFile(d.path(draft.ID), data)
	}
	if err != nil {
		return fmt.Errorf("keep draft %s: %w", draft.ID, err)
	}
	return nil
}

// list returns the drafts of a person that were not launched, the one saved last
// on top. A file that cannot be read is passed over.
func (d *Drafts) list(owner string) ([]Draft, error) {
	files, err := os.ReadDir(d.folder)
	if err != nil {
		return nil, fmt.Errorf("list drafts: %w", err)
	}
	var all []Draft
	for _, f := range files {
		id, ok := strings.CutSuffix(f.Name(), ".json")
		if !ok {
			continue
		}
		if draft, err := d.get(owner, id); err == nil && draft.Launched == "" {
			all = append(all, draft)
		}
	}
	slices.SortFunc(all, func(a, b Draft) int { return b.Saved.Compare(a.Saved) })
	return all, nil
}

// begin keeps a new draft; one that is there under its ID already is the answer.
func (d *Drafts) begin(draft Draft) (Draft, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	before, err := d.get(draft.Owner, draft.ID)
	if err == nil || !fault.Is(err, fault.NotFound) {
		return before, err
	}
	if _, err := os.Stat(d.path(draft.ID)); err == nil {
		return before, fault.New(fault.Conflict, "the request ID %s was used for another draft", draft.ID).Try("load the page again, and begin from there")
	}
	mine, err := d.list(draft.Owner)
	if err != nil {
		return before, err
	}
	if len(mine) >= mostDrafts {
		return before, fault.New(fault.Refused, "you have %d drafts, the most is %d", len(mine), mostDrafts).Try("throw one away that you do not need")
	}
	return draft, d.put(draft)
}

// change lets do change a draft that was not launched yet, and keeps it. Nobody
// else changes a draft meanwhile. It fails with [fault.Conflict] if the draft was
// launched.
func (d *Drafts) change(owner, id string, do func(*Draft) error) (Draft, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	draft, err := d.get(owner, id)
	if err != nil {
		return draft, err
	}
	if draft.Launched != "" {
		return draft, fault.New(fault.Conflict, "this draft was launched as %s", draft.Launched).Try("open the run, or begin a new draft")
	}
	if err := do(&draft); err != nil {
		return draft, err
	}
	return draft, d.put(draft)
}

// drop throws a draft away.
func (d *Drafts) drop(owner, id string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if _, err := d.get(owner, id); err != nil {
		return err
	}
	if err := os.Remove(d.path(id)); err != nil {
		return fmt.Errorf("throw draft %s away: %w", id, err)
	}
	return durable.SyncFolder(d.folder)
}

// checkTyped refuses what is no field of a form any more, but a file.
func (p Intent) checkTyped() error {
	if len(p.Document) > mostDocument {
		return fault.New(fault.Invalid, "the document has %d bytes, a protocol has at most %d", len(p.Document), mostDocument).Field("document").Try("is this the right file?")
	}
	if len(p.Lots) > mostTyped {
		return fault.New(fault.Invalid, "%d lots are named, the most is %d", len(p.Lots), mostTyped)
	}
	typed := map[string]string{"title": p.Title, "start": p.Start, "speed": p.Speed, "donor": p.Donor, "name": p.Name}
	for material, lot := range p.Lots {
		typed["lot-"+material] = lot
	}
	for field, text := range typed {
		if len(text) > mostTyped {
			return fault.New(fault.Invalid, "this has %d characters, the most is %d", len(text), mostTyped).Field(field).Try("shorten it")
		}
	}
	return nil
}
