package crate

import (
	"context"
	"fmt"
	"math"
	"slices"

	"secretome/internal/fault"
	"secretome/internal/record"
	"secretome/internal/seal"
)

// gathering fills a folder with records and artifacts.
type gathering struct {
	src    Source
	folder *folder
	known  *known
	books  map[string]*book
	names  []string // of the books, as they came
	links  []link
}

// book is how far a logbook has been read.
type book struct {
	hashes   []string         // of records 1, 2, 3 …
	requests map[string]int64 // the record that answers each
	want     int64            // up to which number it is needed
}

// head names the last record that was read.
func (b *book) head(logbook string) record.Ref {
	head := record.Ref{Logbook: logbook, Number: int64(len(b.hashes))}
	if head.Number > 0 {
		head.Hash = b.hashes[head.Number-1]
	}
	return head
}

// link is a record's use of another.
type link struct {
	from record.Ref
	use  record.Use
}

// all writes every logbook and every artifact.
func (g *gathering) all(ctx context.Context, c Contents) error {
	if len(c.Logbooks) == 0 {
		return fault.New(fault.Invalid, "a bundle of no logbook would be empty")
	}
	for _, name := range c.Logbooks {
		g.want(name, math.MaxInt64)
	}
	for i := 0; i < len(g.names); i++ { // grows while records are read
		if err := g.read(ctx, g.names[i], c.Logbooks); err != nil {
			return err
		}
	}
	if err := g.checkLinks(); err != nil {
		return err
	}
	if c.Report.SHA256 != "" && !g.known.reports[c.Report.SHA256] {
		return fault.New(fault.Refused, "no record of kind %s names the report %s", record.ReportMade, c.Report.SHA256)
	}
	taken := map[string]bool{}
	for _, hash := range g.known.order {
		if err := g.artifact(ctx, g.known.artifacts[hash], c.Report.SHA256, taken); err != nil {
			return err
		}
	}
	return nil
}

// want notes that the records of a logbook up to number are needed. A book that
// was read already and not far enough is read on.
func (g *gathering) want(name string, number int64) {
	b := g.books[name]
	if b == nil {
		b = &book{requests: map[string]int64{}}
		g.books[name] = b
	}
	if number > max(b.want, int64(len(b.hashes))) {
		b.want = number
		g.names = append(g.names, name)
	}
}

// read writes the records of a logbook that are needed and not there yet.
func (g *gathering) read(ctx context.Context, name string, whole []string) error {
	b := g.books[name]
	if int64(len(b.hashes)) >= b.want {
		return nil
	}
	for data, err := range g.src.Records(ctx, name, int64(len(b.hashes))) {
		if err != nil {
			return fmt.Errorf("read logbook %s: %w", name, err)
		}
		if err := g.record(ctx, name, b, data); err != nil {
			return err
		}
		if int64(len(b.hashes)) >= b.want {
			return nil
		}
	}
	if !slices.Contains(whole, name) {
		return fault.New(fault.NotFound, "a record uses record %d of logbook %s, which ends at %d", b.want, name, len(b.hashes))
	}
	if len(b.hashes) == 0 {
		return fault.New(fault.NotFound, "there is no logbook %q", name)
	}
	return nil
}

// record checks one record's place in its chain and writes it.
func (g *gathering) record(ctx context.Context, name string, b *book, data []byte) error {
	r, err := record.Parse(data)
	if err != nil {
		return fmt.Errorf("record %d of %s: %w", len(b.hashes)+1, name, err)
	}
	ref, err := b.head(name).Follow(r)
	if err != nil {
		return err
	}
	if at := b.requests[r.Request]; at > 0 {
		return fault.New(fault.Corrupt, "records %d and %d of %s answer the same request %q", at, r.Number, name, r.Request)
	}
	b.requests[r.Request] = r.Number
	if _, ok := recordAt(RecordPath(ref)); !ok {
		return fault.New(fault.Refused, "the logbook %q has a name that no folder can bear", name)
	}
	c, err := claimsOf(r)
	if err != nil {
		return err
	}
	if err := g.promises(c, b); err != nil {
		return err
	}
	g.known.add(c)
	for _, use := range c.records {
		g.links = append(g.links, link{ref, use})
		if use.Logbook != "" {
			g.want(use.Logbook, use.Number)
		}
	}
	b.hashes = append(b.hashes, ref.Hash)
	title := fmt.Sprintf("Record %d of %s: %s", r.Number, name, r.Kind)
	return g.folder.put(ctx, entry{path: RecordPath(ref), sha256: ref.Hash, mediaType: "application/json", name: title}, data)
}

// promises checks a seal against the records before it, and follows the record
// that a signature stands on.
func (g *gathering) promises(c claims, b *book) error {
	if c.signature != nil {
		over := c.signature.Over
		g.links = append(g.links, link{record.Ref{Logbook: c.by.Logbook, Number: c.by.Number}, over.As("head that was signed")})
		g.want(over.Logbook, over.Number)
	}
	if c.seal == nil {
		return nil
	}
	return sealFault(*c.seal, c.by, func(number int64) string {
		if number < 1 || number > int64(len(b.hashes)) {
			return ""
		}
		return b.hashes[number-1]
	})
}

// sealFault says what is wrong with the seal that the record by carries; hash
// answers with the hash of a record of its logbook, "" where there is none.
func sealFault(s seal.Seal, by record.Record, hash func(number int64) string) error {
	if err := s.Verify(); err != nil {
		return err
	}
	said := s.Statement
	switch {
	case said.Logbook != by.Logbook:
		return fault.New(fault.Corrupt, "the seal in record %d of %s seals another logbook, %q", by.Number, by.Logbook, said.Logbook)
	case hash(said.Number) != said.Hash:
		return fault.New(fault.Corrupt, "the seal in record %d of %s gives record %d the hash %s; it has %q", by.Number, by.Logbook, said.Number, said.Hash, hash(said.Number))
	}
	return nil
}

// checkLinks holds what the records used against what is there.
func (g *gathering) checkLinks() error {
	for _, l := range g.links {
		if l.use.Logbook == "" {
			if !g.holds(l.use.Record) {
				return fault.New(fault.NotFound, "record %d of %s uses the record %s, which is in none of its logbooks", l.from.Number, l.from.Logbook, l.use.Record)
			}
			continue
		}
		hashes := g.books[l.use.Logbook].hashes
		if l.use.Number < 1 || l.use.Number > int64(len(hashes)) || hashes[l.use.Number-1] != l.use.Record {
			return fault.New(fault.Corrupt, "record %d of %s uses record %d of %s with the hash %s, which is not its hash", l.from.Number, l.from.Logbook, l.use.Number, l.use.Logbook, l.use.Record)
		}
	}
	return nil
}

func (g *gathering) holds(hash string) bool {
	for _, b := range g.books {
		if slices.Contains(b.hashes, hash) {
			return true
		}
	}
	return false
}

// artifact writes one artifact to its place: the report's, its execution's, or
// the folder of its hash.
func (g *gathering) artifact(ctx context.Context, it *item, report string, taken map[string]bool) error {
	first, also := it.names()
	e := entry{sha256: it.SHA256, mediaType: it.MediaType, name: first, also: also}
	switch {
	case it.SHA256 == report:
		e.path = ReportFile
	case it.history != "" && !taken[it.history]:
		e.path = it.history
	default:
		e.path = artifactPath(it.SHA256, first, it.MediaType)
	}
	taken[e.path] = true
	from, err := g.src.Artifact(ctx, it.SHA256)
	if err != nil {
		return fmt.Errorf("artifact %s, used by record %d of %s: %w", it.SHA256, it.by.Number, it.by.Logbook, err)
	}
	err = g.folder.copy(ctx, e, from)
	if closing := from.Close(); err == nil && closing != nil {
		err = fmt.Errorf("artifact %s: %w", it.SHA256, closing)
	}
	return err
}
