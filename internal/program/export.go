package program

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"

	"secretome/internal/crate"
	"secretome/internal/record"
	"secretome/workflows"
)

// source reads what goes into the bundle of a run.
type source struct {
	*house
	run string
}

// Contents says what the bundle is about.
func (s source) Contents(ctx context.Context) (crate.Contents, error) {
	book := workflows.Logbook(s.run)
	first, err := s.logbooks.Record(ctx, book, 1)
	if err != nil {
		return crate.Contents{}, err
	}
	launch, err := record.Read[record.Launch](first)
	if err != nil {
		return crate.Contents{}, err
	}
	c := crate.Contents{
		Title: s.run + ": " + launch.Title, Logbooks: []string{book}, Published: first.Received,
		Description: "Everything that was recorded in run " + s.run + " of protocol " + launch.Name + ": records, files, results, report and histories.",
	}
	reports, err := s.index.Records(ctx, s.run, 0, 0, record.ReportMade)
	if err != nil || len(reports) == 0 {
		return c, err
	}
	made, err := record.Read[record.Made](reports[len(reports)-1])
	c.Report = made.Artifact
	return c, err
}

// Records yields the stored bytes of a logbook's records.
func (s source) Records(ctx context.Context, book string, after int64) iter.Seq2[[]byte, error] {
	const page = 500
	return func(yield func([]byte, error) bool) {
		for {
			records, err := s.logbooks.Read(ctx, book, after, page)
			if err != nil {
				yield(nil, err)
				return
			}
			for _, r := range records {
				data, _, err := r.Canonical()
				if !yield(data, err) || err != nil {
					return
				}
				after = r.Number
			}
			if len(records) < page {
				return
			}
		}
	}
}

// Artifact opens the bytes of an artifact.
func (s source) Artifact(ctx context.Context, sha256 string) (io.ReadCloser, error) {
	return s.artifacts.Get(ctx, sha256)
}

// exporter packs bundles for the API.
type exporter struct{ *house }

// Export writes a run's bundle as a tar archive of what lies in its folder.
func (e exporter) Export(ctx context.Context, run string, w io.Writer) (err error) {
	dir, err := os.MkdirTemp(filepath.Join(e.data, "spool"), "bundle-")
	if err != nil {
		return fmt.Errorf("folder for the bundle: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	bundle := filepath.Join(dir, run)
	if err := crate.Write(ctx, bundle, source{e.house, run}); err != nil {
		return err
	}
	archive := tar.NewWriter(w)
	if err := archive.AddFS(os.DirFS(bundle)); err != nil {
		return fmt.Errorf("pack the bundle: %w", err)
	}
	return archive.Close()
}
