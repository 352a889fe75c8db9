package crate

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// largest is more than any record has: a body holds text that people typed and
// names of artifacts, never bytes. Lines of a manifest are shorter still.
const largest = 16 << 20

// inspection is a bundle that is being verified: first all is read, then judged.
type inspection struct {
	root    *os.Root
	verdict Verdict
	listed  map[string]string          // path: hash, as the manifest says; nil without one
	files   map[string]string          // path: hash, as it is
	pages   map[string]map[int64]*page // logbook, number
	hashes  map[string]bool            // of all pages
	here    map[string]bool            // hashes of all artifacts
	vouched map[string]bool            // hashes that some record names
	blamed  map[string]bool            // paths that a problem names
	told    map[[2]string]bool         // kind and path of each problem
	known   *known                     // what sound records say
}

// page is a record's file.
type page struct {
	path   string
	hash   string
	ref    record.Ref // where it stands
	claims claims
	fault  error // why it cannot be read
	sound  bool  // whether what it says counts
}

// open reads the whole bundle.
func open(dir string) (*inspection, error) {
	root, err := os.OpenRoot(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fault.Wrap(err, fault.NotFound, "there is no folder %q", dir)
	}
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "%q cannot be opened as a folder", dir)
	}
	in := &inspection{
		root: root, files: map[string]string{}, pages: map[string]map[int64]*page{}, hashes: map[string]bool{},
		here: map[string]bool{}, vouched: map[string]bool{}, blamed: map[string]bool{}, told: map[[2]string]bool{}, known: newKnown(),
	}
	if err := errors.Join(in.readManifest(), in.readFiles()); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	if in.listed == nil && len(in.pages) == 0 {
		return nil, errors.Join(fault.New(fault.Invalid, "%q is no bundle: it has neither %s nor records", dir, manifestFile), root.Close())
	}
	return in, nil
}

// blame reports a problem, once for each kind and path.
func (in *inspection) blame(kind ProblemKind, path, want, got, format string, args ...any) {
	if key := [2]string{string(kind), path}; !in.told[key] {
		in.told[key], in.blamed[path] = true, true
		in.verdict.Problems = append(in.verdict.Problems, Problem{kind, path, want, got, fmt.Sprintf(format, args...)})
	}
}

// readManifest reads what should be there.
func (in *inspection) readManifest() error {
	if info, err := in.root.Lstat(manifestFile); err != nil || !info.Mode().IsRegular() {
		in.blame(FileMissing, manifestFile, "", "", "the manifest is missing, or is no plain file")
		return nil
	}
	file, err := in.root.Open(manifestFile)
	if err != nil {
		return fmt.Errorf("read the manifest: %w", err)
	}
	defer file.Close() // was only read
	in.listed = map[string]string{}
	lines, number, last := bufio.NewScanner(file), 0, ""
	for lines.Scan() {
		number++
		hash, p, ok := readManifestLine(lines.Text())
		if !ok || p <= last || !fs.ValidPath(p) {
			in.blame(ManifestDiffers, manifestFile, "", "", "line %d is not a hash and a path, in the order of paths", number)
			continue
		}
		in.listed[p], last = hash, p
	}
	if err := lines.Err(); err != nil {
		in.blame(ManifestDiffers, manifestFile, "", "", "line %d cannot be read: %v", number+1, err)
	}
	return nil
}

// readFiles hashes every file and parses every record. It follows no links.
func (in *inspection) readFiles() error {
	return fs.WalkDir(in.root.FS(), ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return fmt.Errorf("read %s: %w", p, err)
		case d.IsDir():
			return nil
		case !d.Type().IsRegular():
			in.blame(FileUnknown, p, "", "", "a bundle holds plain files; this is a link or a device, which is not followed")
			return nil
		}
		return in.readFile(p)
	})
}

func (in *inspection) readFile(p string) error {
	file, err := in.root.Open(p)
	if err != nil {
		return fmt.Errorf("read %s: %w", p, err)
	}
	defer file.Close() // was only read
	ref, isRecord := recordAt(p)
	sum := sha256.New()
	var data bytes.Buffer
	if isRecord {
		if _, err := io.CopyN(io.MultiWriter(sum, &data), file, largest); err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("read %s: %w", p, err)
		}
	}
	if _, err := io.Copy(sum, file); err != nil {
		return fmt.Errorf("read %s: %w", p, err)
	}
	in.files[p] = hex.EncodeToString(sum.Sum(nil))
	if isRecord {
		in.addPage(p, ref, data.Bytes())
	}
	return nil
}

// addPage parses a record and notes which hashes it names.
func (in *inspection) addPage(p string, ref record.Ref, data []byte) {
	pg := &page{path: p, hash: in.files[p], ref: ref}
	var r record.Record
	if r, pg.fault = record.Parse(data); pg.fault == nil {
		pg.claims, pg.fault = claimsOf(r)
	}
	if in.pages[ref.Logbook] == nil {
		in.pages[ref.Logbook] = map[int64]*page{}
	}
	in.pages[ref.Logbook][ref.Number] = pg
	in.hashes[pg.hash] = true
	if pg.fault != nil {
		return
	}
	in.verdict.Records++
	in.vouched[r.Previous] = true
	for _, use := range pg.claims.records {
		in.vouched[use.Record] = true
	}
	for _, a := range pg.claims.artifacts {
		in.vouched[a.SHA256] = true
	}
}
