// Package crate writes what a laboratory gives away, a bundle, and checks one
// that it was given. A bundle is a folder that needs no server and no account:
//
//	README.txt              what this is and how to check it
//	report.html             the report, where there is one
//	records/<logbook>/<number>.json    the logbooks, one file a record, the bytes as stored
//	artifacts/<sha256>/<name>          every artifact once, under the first name it had
//	artifacts.tsv           every name that an artifact had, and the record that says so
//	histories/<workflow>/<execution>.json    the events of Temporal
//	ro-crate-metadata.json  the same folder described as an RO-Crate 1.1
//	manifest.sha256         what sha256sum -c reads
//
// # What vouches for what
//
// The records are the only truth: each names the one before it, the artifacts
// and the records that it used, by SHA-256, and a seal among them signs a head.
// The manifest, the list and the description are derived from them; they help to
// find which file was changed, but [Verify] believes none of them alone.
//
// # Which records
//
// A bundle holds the logbooks it is asked for, and of every other logbook that
// a record in it used as many records from the first one on as are needed to
// check the chain up to the one that was used.
package crate

import (
	"context"
	"io"
	"iter"
	"time"

	"secretome/internal/record"
)

// The files of a bundle that are neither record nor artifact, and the report.
const (
	ReportFile   = "report.html"
	readmeFile   = "README.txt"
	listFile     = "artifacts.tsv"
	metadataFile = "ro-crate-metadata.json"
	manifestFile = "manifest.sha256"
)

// Source has what goes into a bundle. Its answers must not change while a
// bundle is written.
type Source interface {
	// Contents says what the bundle is about.
	Contents(ctx context.Context) (Contents, error)
	// Records yields the stored bytes of the records of a logbook with numbers
	// above after, in order.
	Records(ctx context.Context, logbook string, after int64) iter.Seq2[[]byte, error]
	// Artifact opens the bytes with the given SHA-256 (hex).
	Artifact(ctx context.Context, sha256 string) (io.ReadCloser, error)
}

// Contents is what a bundle is about.
type Contents struct {
	Title       string
	Description string
	Logbooks    []string        // whole; others come along as far as they were used
	Report      record.Artifact // named by a record of kind [record.ReportMade]; zero where there is none
	Published   time.Time
	Laboratory  string // its name; may be empty
	Website     string // its address, "https://…"; may be empty
	License     License
}

// License is the licence of a bundle. The zero value says that none is given.
type License struct {
	URL         string // "https://creativecommons.org/licenses/by/4.0/"
	Name        string
	Description string
}

// Write writes the bundle of src to the folder dir, which must be absent or
// empty. It checks all that it writes, so what it wrote verifies. The folder
// appears whole or not at all: until then a hidden folder beside it grows, which
// only a killed process leaves behind. Errors: [fault.Conflict] where dir has
// something in it, [fault.Corrupt] where bytes and hash of src differ or a chain
// is broken, [fault.NotFound] where src lacks what a record used.
func Write(ctx context.Context, dir string, src Source) error {
	contents, err := src.Contents(ctx)
	if err != nil {
		return err
	}
	f, err := stage(dir)
	if err != nil {
		return err
	}
	defer f.discard()
	g := gathering{src: src, folder: f, known: newKnown(), books: map[string]*book{}}
	if err := g.all(ctx, contents); err != nil {
		return err
	}
	for _, derived := range []func(Contents, *gathering) (entry, []byte, error){readme, list, metadata, manifest} {
		e, data, err := derived(contents, &g)
		if err != nil {
			return err
		}
		if err := f.put(ctx, e, data); err != nil {
			return err
		}
	}
	return f.publish(ctx)
}
