package client

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"secretome/internal/protocol"
	"secretome/internal/record"
)

// RecordView is one record with what surrounds it.
type RecordView struct {
	Record
	Up    []Edge   `json:"up"`    // what it was made from
	Down  []Edge   `json:"down"`  // what was made from it
	Notes []Record `json:"notes"` // that are pinned to it
}

// Note is a remark on a record.
type Note struct {
	Text string `json:"text"`
}

// Noted is the answer to [Note].
type Noted struct {
	Record record.Ref `json:"record"` // of the note
}

// History is a run as it was when one of its records was the last.
type History struct {
	Run       string      `json:"run"`
	At        int64       `json:"at"`             // number of the last record told
	Head      int64       `json:"head"`           // number of the last record that is there
	Next      int64       `json:"next,omitempty"` // number of the first key event behind At
	Known     []Fact      `json:"known"`
	Stages    []StageThen `json:"stages"`
	Open      []TaskThen  `json:"open"`       // tasks that waited for somebody
	KeyEvents []Event     `json:"key_events"` // up to At
}

// Fact is one thing that was known, and the record that told it.
type Fact struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Number int64  `json:"number"`
}

// StageThen is how a stage stood.
type StageThen struct {
	Stage  string `json:"stage"`
	Model  string `json:"model,omitempty"`
	Block  string `json:"block,omitempty"`
	Title  string `json:"title"`
	Number int64  `json:"number"` // of the record that started it; 0: planned
	State  string `json:"state"`  // planned, running, or how it ended
}

// TaskThen is a task that waited for somebody.
type TaskThen struct {
	ID      string        `json:"id"`
	Title   string        `json:"title"`
	Role    string        `json:"role"`
	Asked   int64         `json:"asked"` // number of the record that asked it
	Attempt int           `json:"attempt"`
	Holder  string        `json:"holder,omitempty"`
	Window  record.Window `json:"window,omitzero"`
}

// Event is a record without its body.
type Event struct {
	Number   int64          `json:"number"`
	Kind     record.Kind    `json:"kind"`
	Happened time.Time      `json:"happened"`
	By       record.Actor   `json:"by"`
	Subject  record.Subject `json:"subject,omitzero"`
}

// Departure is one thing that did not go as the protocol says.
type Departure struct {
	Sort          string         `json:"sort"`   // deviation, window, range, correction, late, task, criterion, flag, run
	Number        int64          `json:"number"` // of the record
	What          string         `json:"what"`
	Was           string         `json:"was,omitempty"` // of a correction: what stood there before
	Why           string         `json:"why,omitempty"`
	Open          bool           `json:"open"` // waits for a decision
	By            string         `json:"by"`
	Happened      time.Time      `json:"happened"`
	Subject       record.Subject `json:"subject,omitzero"`
	Decided       int64          `json:"decided,omitempty"` // number of the record of the decision
	Choice        string         `json:"choice,omitempty"`
	Justification string         `json:"justification,omitempty"`
}

// Results is what a run found. Sealed groups are told by their code.
type Results struct {
	Run       string     `json:"run"`
	Sealed    bool       `json:"sealed"` // groups are told by code: the key is not open
	Signed    bool       `json:"signed"`
	Final     bool       `json:"final"` // signed, or the data are locked
	Report    *Report    `json:"report,omitempty"`
	Endpoints []Endpoint `json:"endpoints"`
	Plates    []PlateRow `json:"plates"`
}

// Report is the newest report of a run.
type Report struct {
	Number   int64           `json:"number"` // of its record
	Artifact record.Artifact `json:"artifact"`
}

// Endpoint is one comparison that the protocol fixed.
type Endpoint struct {
	ID      string `json:"id"` // of the protocol
	Title   string `json:"title"`
	Claim   string `json:"claim"`
	Primary bool   `json:"primary"`
	Model   string `json:"model"`
	Assay   string `json:"assay"`
	Number  int64  `json:"number"`         // of the record of its result; 0: it waits
	Held    string `json:"held,omitempty"` // what must be decided first
}

// PlateRow is what one plate gave.
type PlateRow struct {
	Number  int64  `json:"number"` // of the record
	Assay   string `json:"assay"`
	Model   string `json:"model,omitempty"`
	Block   string `json:"block,omitempty"`
	Name    string `json:"name"`
	Method  string `json:"method"`
	Output  string `json:"output"` // SHA-256 of the whole result
	Summary string `json:"summary"`
	Verdict string `json:"verdict,omitempty"`
	Failed  int    `json:"failed"` // criteria that did not pass
}

// Compared is two runs side by side.
type Compared struct {
	This  string      `json:"this"`
	Other string      `json:"other"`
	Rows  []Differing `json:"rows"` // in the order of the protocol
}

// Differing is one field of two runs.
type Differing struct {
	Subject record.Subject `json:"subject,omitzero"`
	Task    string         `json:"task"` // title
	Field   string         `json:"field"`
	This    Answered       `json:"this"`
	Other   Answered       `json:"other"`
	Change  string         `json:"change,omitempty"` // of two quantities with one unit: other less this
	Same    bool           `json:"same"`
}

// Answered is what stands in a run.
type Answered struct {
	Value  string `json:"value"`
	Number int64  `json:"number"`         // of the record; 0: the run has none
	File   string `json:"file,omitempty"` // SHA-256
}

// Signatures is what a run's signature would cover, and those that there are.
type Signatures struct {
	Run    string   `json:"run"`
	Waits  *ToSign  `json:"waits,omitempty"` // none while no report waits for a signature
	Signed []Signed `json:"signed"`
}

// ToSign is a report that waits for a signature.
type ToSign struct {
	Task     string          `json:"task"`
	Steps    []protocol.Step `json:"steps"`             // what the signature says
	Over     record.Ref      `json:"over"`              // the last record that it covers
	Report   string          `json:"report,omitempty"`  // SHA-256
	Manifest string          `json:"manifest"`          // SHA-256 of over and report
	Refused  string          `json:"refused,omitempty"` // why whoever asks may not sign
}

// Signed is one signature.
type Signed struct {
	Number    int64            `json:"number"` // of its record
	By        string           `json:"by"`
	Happened  time.Time        `json:"happened"`
	Signature record.Signature `json:"signature"`
	Manifest  string           `json:"manifest,omitempty"` // that was named before it
	Same      bool             `json:"same"`               // computed again from the records it is the same
}

// Sign is a person's signature under a run's report.
type Sign struct {
	Task     string            `json:"task"`     // the whole ID
	Over     int64             `json:"over"`     // number of the record that was seen as the last
	Manifest string            `json:"manifest"` // SHA-256 that was seen
	Answers  map[string]string `json:"answers"`  // "step.field" → value: the meaning, and the name
	Password string            `json:"password"` // of the account; of somebody without one their token
}

// RecordOf tells one record of a run.
func (c *Client) RecordOf(ctx context.Context, run string, number int64) (RecordView, error) {
	return get[RecordView](ctx, c, runPath(run)+"/records/"+strconv.FormatInt(number, 10), nil)
}

// Note pins a remark to a record of a run.
func (c *Client) Note(ctx context.Context, request, run string, number int64, text string) (Noted, error) {
	return post[Noted](ctx, c, request, runPath(run)+"/records/"+strconv.FormatInt(number, 10)+"/notes", Note{text})
}

// History tells a run as it was when record at was its last; 0 is the newest.
func (c *Client) History(ctx context.Context, run string, at int64) (History, error) {
	query := url.Values{}
	if at > 0 {
		query.Set("at", strconv.FormatInt(at, 10))
	}
	return get[History](ctx, c, runPath(run)+"/history", query)
}

// Departures lists what did not go as the protocol says.
func (c *Client) Departures(ctx context.Context, run string) ([]Departure, error) {
	return get[[]Departure](ctx, c, runPath(run)+"/departures", nil)
}

// Results tells what a run found.
func (c *Client) Results(ctx context.Context, run string) (Results, error) {
	return get[Results](ctx, c, runPath(run)+"/results", nil)
}

// Compare sets two runs side by side, field by field.
func (c *Client) Compare(ctx context.Context, run, other string) (Compared, error) {
	return get[Compared](ctx, c, runPath(run)+"/compare/"+url.PathEscape(other), nil)
}

// Signatures tells what a run's signature would cover, and those that there are.
func (c *Client) Signatures(ctx context.Context, run string) (Signatures, error) {
	return get[Signatures](ctx, c, runPath(run)+"/signature", nil)
}

// Sign signs a run's report.
func (c *Client) Sign(ctx context.Context, request, run string, m Sign) (Acted, error) {
	return post[Acted](ctx, c, request, runPath(run)+"/signature", m)
}

func runPath(run string) string { return "/runs/" + url.PathEscape(run) }
