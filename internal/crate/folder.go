package crate

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"syscall"

	"golang.org/x/sync/errgroup"

	"secretome/internal/fault"
)

// entry is one file of a bundle.
type entry struct {
	path      string
	sha256    string
	size      int64
	mediaType string
	name      string   // as people call it
	also      []string // other names it had
}

// folder is a bundle that is being written, beside where it will stand.
type folder struct {
	dir     string // where it will stand
	staging string
	root    *os.Root
	entries []entry
}

// stage opens the hidden folder in which the bundle grows.
func stage(dir string) (*folder, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("bundle %s: %w", dir, err)
	}
	switch there, err := os.ReadDir(dir); {
	case errors.Is(err, syscall.ENOTDIR):
		return nil, fault.New(fault.Conflict, "%q is a file; a bundle is a folder", dir).Try("name a folder that does not exist yet")
	case err == nil && len(there) > 0:
		return nil, fault.New(fault.Conflict, "the folder %q has something in it already", dir).Try("name a folder that does not exist yet, or remove this one")
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return nil, fmt.Errorf("bundle %s: %w", dir, err)
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return nil, fmt.Errorf("bundle %s: %w", dir, err)
	}
	staging, err := os.MkdirTemp(parent, "."+filepath.Base(dir)+".partial-")
	if err != nil {
		return nil, fmt.Errorf("bundle %s: %w", dir, err)
	}
	root, err := os.OpenRoot(staging)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("bundle %s: %w", dir, err), os.Remove(staging))
	}
	return &folder{dir: dir, staging: staging, root: root}, nil
}

// put writes data as the file that e describes.
func (f *folder) put(ctx context.Context, e entry, data []byte) error {
	return f.copy(ctx, e, bytes.NewReader(data))
}

// copy writes from as the file that e describes, and notes its hash and size.
// Where e brings a hash, other bytes are a [fault.Corrupt].
func (f *folder) copy(ctx context.Context, e entry, from io.Reader) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := f.root.MkdirAll(path.Dir(e.path), 0o755); err != nil {
		return explain(err, e.path)
	}
	to, err := f.root.OpenFile(e.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return explain(err, e.path)
	}
	sum := sha256.New()
	n, err := io.Copy(io.MultiWriter(to, sum), contextReader{ctx, from})
	if err := errors.Join(err, to.Close()); err != nil {
		return explain(err, e.path)
	}
	got := hex.EncodeToString(sum.Sum(nil))
	if e.sha256 != "" && e.sha256 != got {
		return fault.New(fault.Corrupt, "the artifact %s has other bytes in the store: their hash is %s", e.sha256, got)
	}
	e.sha256, e.size = got, n
	f.entries = append(f.entries, e)
	return nil
}

// explain says in words that the disk is full.
func explain(err error, name string) error {
	if errors.Is(err, syscall.ENOSPC) {
		return fault.Wrap(err, fault.Unavailable, "no space left on the disk to write %s of the bundle", name)
	}
	return fmt.Errorf("write %s of the bundle: %w", name, err)
}

// contextReader stops reading when its context does.
type contextReader struct {
	ctx  context.Context
	from io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(p)
}

// publish makes all files durable and gives the folder its name.
func (f *folder) publish(ctx context.Context) error {
	paths := map[string]bool{".": true}
	for _, e := range f.entries {
		for p := e.path; !paths[p]; p = path.Dir(p) {
			paths[p] = true
		}
	}
	var g errgroup.Group
	g.SetLimit(16) // side by side, the file system commits many at once
	for p := range paths {
		g.Go(func() error { return syncAt(f.root, p) })
	}
	if err := errors.Join(g.Wait(), ctx.Err()); err != nil {
		return fmt.Errorf("sync the bundle: %w", err)
	}
	if err := os.Chmod(f.staging, 0o755); err != nil {
		return fmt.Errorf("bundle %s: %w", f.dir, err)
	}
	err := os.Remove(f.dir) // the empty folder, where there was one
	if err == nil || errors.Is(err, os.ErrNotExist) {
		err = os.Rename(f.staging, f.dir)
	}
	if err != nil {
		if errors.Is(err, os.ErrExist) { // in Unix's words, ENOTEMPTY is this too
			return fault.Wrap(err, fault.Conflict, "something else wrote to the folder %q meanwhile", f.dir)
		}
		return fmt.Errorf("bundle %s: %w", f.dir, err)
	}
	parent, err := os.OpenRoot(filepath.Dir(f.dir))
	if err != nil {
		return fmt.Errorf("bundle %s: %w", f.dir, err)
	}
	return errors.Join(syncAt(parent, "."), parent.Close(), f.root.Close())
}

func syncAt(root *os.Root, p string) error {
	file, err := root.Open(p)
	if err != nil {
		return err
	}
	return errors.Join(file.Sync(), file.Close())
}

// discard removes what was not published.
func (f *folder) discard() {
	_ = f.root.Close()          // closed already where it was published
	_ = os.RemoveAll(f.staging) // the error that led here says more
}
