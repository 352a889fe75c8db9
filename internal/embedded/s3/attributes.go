package s3

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"golang.org/x/sys/unix"
)

// etag is the attribute that the library stores when a body is complete.
const etag = "etag"

// attributes is a metadata store whose answers are durable. A staged file is
// synced when its etag arrives: its body is whole, its name does not exist yet,
// so nothing torn ever becomes visible. What belongs to a visible path is
// synced at once, save in the staging area, where [durable] syncs at the end.
type attributes struct {
	meta.MetadataStorer
	root string
}

// StoreAttribute stores one attribute of f, or of a path when f is nil.
func (a attributes) StoreAttribute(f *os.File, bucket, object, attribute string, value []byte) error {
	if err := a.MetadataStorer.StoreAttribute(f, bucket, object, attribute, value); err != nil {
		return err
	}
	if f == nil {
		return a.sync(bucket, object)
	}
	if attribute == etag {
		return f.Sync()
	}
	return nil
}

// DeleteAttribute removes one attribute of a path.
func (a attributes) DeleteAttribute(bucket, object, attribute string) error {
	if err := a.MetadataStorer.DeleteAttribute(bucket, object, attribute); err != nil {
		return err
	}
	return a.sync(bucket, object)
}

func (a attributes) sync(bucket, object string) error {
	if strings.HasPrefix(object, posix.MetaTmpDir) {
		return nil
	}
	err := syncPath(filepath.Join(a.root, bucket, object))
	if errors.Is(err, fs.ErrNotExist) {
		return nil // deleted meanwhile, and its attributes with it
	}
	return err
}

// probeAttributes fails where files cannot carry attributes of their own.
func probeAttributes(dir string) error {
	const name = "user.secretome.probe"
	if err := unix.Setxattr(dir, name, []byte("1"), 0); err != nil {
		return err
	}
	return unix.Removexattr(dir, name)
}

// syncPath forces the file or directory at path to the disk.
func syncPath(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Sync()
}
