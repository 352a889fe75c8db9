package crate

import (
	"encoding/json"
	"slices"

	"secretome/internal/record"
	"secretome/internal/seal"
)

// claims is what one record says about other bytes.
type claims struct {
	by        record.Record // without its body
	artifacts []record.Artifact
	records   []record.Use // with As: what the record served as
	histories []record.History
	report    bool // whether its artifacts are reports
	seal      *seal.Seal
	signature *record.Signature
}

// claimsOf reads what r says. It fails with [fault.Corrupt] where a body is not
// of the record's kind.
func claimsOf(r record.Record) (claims, error) {
	c := claims{by: r, report: r.Kind == record.ReportMade}
	c.by.Body = nil
	for _, use := range r.Uses {
		if use.Artifact != "" {
			c.artifacts = append(c.artifacts, record.Artifact{SHA256: use.Artifact})
		}
		if use.Record != "" {
			c.records = append(c.records, use)
		}
	}
	c.artifacts = append(c.artifacts, artifactsIn(r.Body)...)
	switch r.Kind {
	case record.HistoriesExported:
		body, err := record.Read[record.Histories](r)
		c.histories = body.Histories
		return c, err
	case record.Signed:
		body, err := record.Read[record.Signature](r)
		c.signature = &body
		c.artifacts = append(c.artifacts, record.Artifact{SHA256: body.Report})
		return c, err
	case record.Sealed:
		body, err := record.Read[seal.Seal](r)
		c.seal = &body
		return c, err
	}
	return c, nil
}

// artifactsIn returns every artifact that stands anywhere in a body, so that a
// new kind of record needs nothing here. Keys are read in sorted order.
func artifactsIn(body json.RawMessage) []record.Artifact {
	var object map[string]json.RawMessage
	if json.Unmarshal(body, &object) == nil {
		var a record.Artifact
		if object["sha256"] != nil && object["media_type"] != nil && json.Unmarshal(body, &a) == nil && isHash(a.SHA256) {
			return []record.Artifact{a}
		}
		keys := make([]string, 0, len(object))
		for key := range object {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		var found []record.Artifact
		for _, key := range keys {
			found = append(found, artifactsIn(object[key])...)
		}
		return found
	}
	var list []json.RawMessage
	if json.Unmarshal(body, &list) != nil {
		return nil
	}
	var found []record.Artifact
	for _, item := range list {
		found = append(found, artifactsIn(item)...)
	}
	return found
}

// known is what the records together say about artifacts and people.
type known struct {
	artifacts map[string]*item
	order     []string            // hashes, in the order of their first mention
	histories map[string][]string // path in the bundle: hashes of what may stand there
	reports   map[string]bool     // hashes
	people    []record.Actor      // each once by name, with the first role
}

// item is one artifact with all its names.
type item struct {
	record.Artifact           // as first named in full
	mentions        []mention // each name once
	history         string    // its path, if it is a history
	by              record.Ref
}

// mention is one name of an artifact and the record that first gave it.
type mention struct {
	name string
	by   record.Ref
}

func newKnown() *known {
	return &known{artifacts: map[string]*item{}, histories: map[string][]string{}, reports: map[string]bool{}}
}

// add notes what one record says.
func (k *known) add(c claims) {
	by := record.Ref{Logbook: c.by.Logbook, Number: c.by.Number}
	for _, a := range c.artifacts {
		k.artifact(a, by)
		k.reports[a.SHA256] = k.reports[a.SHA256] || c.report
	}
	for _, h := range c.histories {
		p := historyPath(h)
		k.histories[p] = append(k.histories[p], h.Artifact.SHA256)
		if it := k.artifacts[h.Artifact.SHA256]; it != nil && it.history == "" {
			it.history = p
		}
	}
	same := func(a record.Actor) bool { return a.Name == c.by.By.Name }
	if c.by.By.Kind == record.Person && !slices.ContainsFunc(k.people, same) {
		k.people = append(k.people, c.by.By)
	}
}

func (k *known) artifact(a record.Artifact, by record.Ref) {
	it := k.artifacts[a.SHA256]
	if it == nil {
		it = &item{Artifact: record.Artifact{SHA256: a.SHA256}, by: by}
		k.artifacts[a.SHA256] = it
		k.order = append(k.order, a.SHA256)
	}
	if it.MediaType == "" {
		it.MediaType, it.Size = a.MediaType, a.Size
	}
	if a.Name != "" && !slices.ContainsFunc(it.mentions, func(m mention) bool { return m.name == a.Name }) {
		it.mentions = append(it.mentions, mention{a.Name, by})
	}
}

// names returns the names of it, the first one apart; "" where it has none.
func (it *item) names() (first string, also []string) {
	for _, m := range it.mentions {
		also = append(also, m.name)
	}
	if len(also) == 0 {
		return "", nil
	}
	return also[0], also[1:]
}
