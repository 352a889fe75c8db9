package lab

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"secretome/internal/artifact"
	"secretome/internal/fault"
	"secretome/internal/record"
)

// Logbook is the logbook of the laboratory itself: what belongs to no run.
const Logbook = "lab"

// Uploaded says what is known of an upload before it is read.
type Uploaded = artifact.PutOptions

// Upload stores bytes as an artifact and writes who brought them into the
// laboratory's logbook. Asked again with the same request it answers as the
// first time, without reading r.
func (l *Lab) Upload(ctx context.Context, who record.Actor, request string, r io.Reader, o Uploaded) (record.Artifact, error) {
	if err := Allowed(who, Upload); err != nil {
		return record.Artifact{}, err
	}
	if err := checkRequest(request); err != nil {
		return record.Artifact{}, err
	}
	if first, found, err := l.Logbooks.Find(ctx, Logbook, request); err != nil || found {
		made, err2 := uploaded(first, found)
		return made, errors.Join(err, err2)
	}
	stored, err := l.Artifacts.Put(ctx, r, o)
	if err != nil {
		return record.Artifact{}, err
	}
	return l.recordUpload(ctx, who, request, stored)
}

func uploaded(r record.Record, found bool) (record.Artifact, error) {
	if !found {
		return record.Artifact{}, nil
	}
	if r.Kind != record.ArtifactStored {
		return record.Artifact{}, reused(r)
	}
	made, err := record.Read[record.Made](r)
	return made.Artifact, err
}

// Artifact tells size and media type of an artifact, and opens its bytes, which
// are checked while they are read. The caller closes the reader.
func (l *Lab) Artifact(ctx context.Context, who record.Actor, sha256 string) (record.Artifact, io.ReadCloser, error) {
	if err := Allowed(who, Look); err != nil {
		return record.Artifact{}, nil, err
	}
	a, err := l.Artifacts.Stat(ctx, sha256)
	if err != nil {
		return a, nil, err
	}
	r, err := l.Artifacts.Get(ctx, sha256)
	return a, r, err
}

// Report opens the newest report of a run. It fails with [fault.NotFound] while
// there is none.
func (l *Lab) Report(ctx context.Context, who record.Actor, run string) (record.Artifact, io.ReadCloser, error) {
	if err := Allowed(who, Look); err != nil {
		return record.Artifact{}, nil, err
	}
	records, err := l.Records(ctx, who, run, 0, record.ReportMade)
	if err != nil {
		return record.Artifact{}, nil, err
	}
	if len(records) == 0 {
		return record.Artifact{}, nil, fault.New(fault.NotFound, "run %s has no report yet", run).Try("see where it stands: secretome run view %s", run)
	}
	made, err := record.Read[record.Made](records[len(records)-1])
	if err != nil {
		return record.Artifact{}, nil, err
	}
	r, err := l.Artifacts.Get(ctx, made.Artifact.SHA256)
	return made.Artifact, r, err
}

// CheckExport fails as [Lab.Export] would before it writes anything.
func (l *Lab) CheckExport(ctx context.Context, who record.Actor, run string) error {
	if err := Allowed(who, Export); err != nil {
		return err
	}
	if l.Exporter == nil {
		return fault.New(fault.Refused, "this server exports no bundles")
	}
	_, err := l.firstRecord(ctx, run)
	return err
}

// Export writes the bundle of a run to w as a tar archive.
func (l *Lab) Export(ctx context.Context, who record.Actor, run string, w io.Writer) error {
	if err := l.CheckExport(ctx, who, run); err != nil {
		return err
	}
	return l.Exporter.Export(ctx, run, w)
}

// Verified is what the check of all artifacts found.
type Verified struct {
	Checked  int
	Problems []Damage
}

// Damage is one artifact that is not what it should be.
type Damage struct {
	SHA256 string
	Kind   fault.Kind
	Detail string
}

// VerifyArtifacts reads every artifact in the store, and every one that a record
// names, and holds it against its hash. Damage is part of the answer, not an
// error.
func (l *Lab) VerifyArtifacts(ctx context.Context, who record.Actor) (Verified, error) {
	if err := Allowed(who, VerifyArtifacts); err != nil {
		return Verified{}, err
	}
	hashes, err := l.hashes(ctx)
	if err != nil {
		return Verified{}, err
	}
	v := Verified{Problems: []Damage{}}
	for _, h := range hashes {
		err := l.Artifacts.Verify(ctx, h)
		f := fault.Of(err)
		switch {
		case err == nil:
		case f.Kind == fault.Corrupt || f.Kind == fault.NotFound:
			v.Problems = append(v.Problems, Damage{h, f.Kind, f.Sentence()})
		default:
			return v, fmt.Errorf("verify artifact %s: %w", h, err)
		}
		v.Checked++
	}
	return v, nil
}

// hashes lists what lies in the store or is named by a record.
func (l *Lab) hashes(ctx context.Context) ([]string, error) {
	stored, err := l.Artifacts.List(ctx)
	if err != nil {
		return nil, err
	}
	known, err := l.Index.Artifacts(ctx, "")
	for _, a := range known {
		stored = append(stored, a.SHA256)
	}
	slices.Sort(stored)
	return slices.Compact(stored), err
}
