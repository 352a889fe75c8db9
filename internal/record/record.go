// Package record has the numbered acts of a logbook: who did what, when, with
// what and from what, under which protocol and program.
//
// # Chain and graph
//
// A logbook is a chain: each record carries the hash of the one before it. What
// a record used (artifacts and other records, by hash) makes a graph that leads
// from a number in a report back to the cord. The hash of a record is the
// SHA-256 of its canonical JSON (RFC 8785), which is also what is stored.
package record

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/gowebpki/jcs"

	"secretome/internal/fault"
)

// Format is the version of the records that this program writes.
const Format = 1

// Draft is an act that has no number yet.
type Draft struct {
	Logbook   string          `json:"logbook"`             // "run/UCM-2026-001", "lot/CM-…", "lab"
	Request   string          `json:"request"`             // unique in its logbook: a second append answers with the first record
	Kind      Kind            `json:"kind"`                //
	Received  time.Time       `json:"received"`            // the server's clock, UTC
	Happened  time.Time       `json:"happened"`            // when it was done; equals Received unless an offline queue or a rehearsal says otherwise
	By        Actor           `json:"by"`                  //
	Subject   Subject         `json:"subject,omitzero"`    // what in the run it is about
	Uses      []Use           `json:"uses,omitempty"`      // what it was made from
	Protocol  string          `json:"protocol,omitempty"`  // hash of the protocol in force
	Program   string          `json:"program"`             // version of the program that wrote it
	Rehearsal bool            `json:"rehearsal,omitempty"` // people and instruments were played by a script
	Body      json.RawMessage `json:"body"`                // one of the structs of body.go, by kind
}

// Record is a draft in its place: number and hash of the record before it.
type Record struct {
	Format   int    `json:"format"`
	Number   int64  `json:"number"`             // 1, 2, 3 …; the event number on screens
	Previous string `json:"previous,omitempty"` // hash of record Number-1; empty for 1
	Draft
}

// Actor is who acted.
type Actor struct {
	Kind ActorKind `json:"kind"`
	Name string    `json:"name"`           // a person's name, an instrument's id, the program's part
	Role string    `json:"role,omitempty"` // the role in which a person acted
}

// ActorKind tells people from machines.
type ActorKind string

// The kinds of actors.
const (
	Person     ActorKind = "person"
	Instrument ActorKind = "instrument"
	Program    ActorKind = "program"
)

// Subject is what a record is about; parts that do not apply are empty.
type Subject struct {
	Stage string `json:"stage,omitempty"`
	Model string `json:"model,omitempty"`
	Block string `json:"block,omitempty"`
	Task  string `json:"task,omitempty"` // the task's whole ID: task/<run>/<stage>/…/<n>
	Step  string `json:"step,omitempty"`
	Thing string `json:"thing,omitempty"` // barcode of a lot, plate, vessel …
}

// Use is one thing that a record was made from: an artifact or a record.
type Use struct {
	As       string `json:"as"`                 // what it served as: "plate file", "standard curve", "anchor"
	Artifact string `json:"artifact,omitempty"` // SHA-256, hex
	Record   string `json:"record,omitempty"`   // hash of a record
	Logbook  string `json:"logbook,omitempty"`  // where that record stands
	Number   int64  `json:"number,omitempty"`
}

// Ref names a record.
type Ref struct {
	Logbook string `json:"logbook"`
	Number  int64  `json:"number"`
	Hash    string `json:"hash"`
}

// As returns the use of the record that r names.
func (r Ref) As(what string) Use {
	return Use{As: what, Record: r.Hash, Logbook: r.Logbook, Number: r.Number}
}

// Artifact names stored bytes.
type Artifact struct {
	SHA256    string `json:"sha256"` // hex
	Size      int64  `json:"size"`   // bytes
	MediaType string `json:"media_type"`
	Name      string `json:"name,omitempty"` // as its maker called it; equal bytes may have several
}

// As returns the use of the artifact.
func (a Artifact) As(what string) Use { return Use{As: what, Artifact: a.SHA256} }

// Numbered puts a draft in its place behind the record with hash previous.
func (d Draft) Numbered(number int64, previous string) Record {
	d.Received, d.Happened = clean(d.Received), clean(d.Happened)
	return Record{Format: Format, Number: number, Previous: previous, Draft: d}
}

// clean keeps what survives a round trip through JSON: UTC, milliseconds.
func clean(t time.Time) time.Time { return t.UTC().Truncate(time.Millisecond) }

// Canonical returns the canonical JSON of r and its hash.
func (r Record) Canonical() (data []byte, hash string, err error) {
	data, err = Canonical(r)
	if err != nil {
		return nil, "", fmt.Errorf("record %d of %s: %w", r.Number, r.Logbook, err)
	}
	return data, Hash(data), nil
}

// Ref returns the name of r.
func (r Record) Ref() (Ref, error) {
	_, hash, err := r.Canonical()
	return Ref{Logbook: r.Logbook, Number: r.Number, Hash: hash}, err
}

// Canonical returns the canonical JSON of v (RFC 8785): keys sorted by UTF-16
// code units, numbers as ECMAScript prints them, no white space.
func Canonical(v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("write as JSON: %w", err)
	}
	return jcs.Transform(plain)
}

// Hash returns the SHA-256 of b in hex.
func Hash(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// Parse reads a stored record and checks that its bytes are canonical, so that
// nothing can hide in the white space. It fails with [fault.Corrupt].
func Parse(data []byte) (Record, error) {
	var r Record
	if err := json.Unmarshal(data, &r); err != nil {
		return Record{}, fault.Wrap(err, fault.Corrupt, "a stored record is no JSON of a record")
	}
	if r.Format > Format {
		return Record{}, fault.New(fault.Refused, "record %d of %s has format %d, this program reads up to %d", r.Number, r.Logbook, r.Format, Format).Try("use a newer version of secretome")
	}
	again, _, err := r.Canonical()
	if err != nil {
		return Record{}, err
	}
	if string(again) != string(data) {
		return Record{}, fault.New(fault.Corrupt, "record %d of %s is not in canonical form", r.Number, r.Logbook)
	}
	return r, nil
}

// Read decodes the body of r into its struct.
func Read[T any](r Record) (T, error) {
	var body T
	if err := json.Unmarshal(r.Body, &body); err != nil {
		return body, fault.Wrap(err, fault.Corrupt, "record %d of %s: body is no %s", r.Number, r.Logbook, r.Kind)
	}
	return body, nil
}

// Body encodes a struct of body.go for a draft.
func Body(v any) (json.RawMessage, error) {
	b, err := Canonical(v)
	if err != nil {
		return nil, fmt.Errorf("body of a record: %w", err)
	}
	return b, nil
}
