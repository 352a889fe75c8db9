package s3

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
)

const (
	inProgress = ".inprogress"  // how the library marks an upload that is being completed
	uploadLife = 24 * time.Hour // an upload without a new part for so long is dropped
)

// repaired counts what repair did.
type repaired struct {
	uploads int // half-completed uploads that can be completed again
	expired int // uploads that nobody went on with
	buckets int // buckets of which only the directory had been made
}

// repair mends what a crash leaves below root. The library claims an upload by
// renaming it while it completes it; after a crash the retry would find the
// claim and be answered "done" without an object, so the name is given back. A
// bucket without its access list can be neither used nor made, and goes.
func repair(root string, now time.Time) (repaired, error) {
	var r repaired
	buckets, err := os.ReadDir(root)
	if err != nil {
		return r, err
	}
	for _, b := range buckets {
		bucket := filepath.Join(root, b.Name())
		if _, err := (meta.XattrMeta{}).RetrieveAttribute(nil, bucket, "", "acl"); errors.Is(err, meta.ErrNoSuchKey) && os.Remove(bucket) == nil {
			r.buckets++
			continue
		}
		uploads, err := filepath.Glob(filepath.Join(escape(bucket), posix.MetaTmpMultipartDir, "*", "*"))
		if err != nil {
			return r, err
		}
		for _, upload := range uploads {
			if err := r.repairUpload(upload, now); err != nil {
				return r, err
			}
		}
	}
	return r, nil
}

func (r *repaired) repairUpload(dir string, now time.Time) error {
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !info.IsDir() {
		return nil
	}
	if err != nil {
		return err
	}
	if now.Sub(info.ModTime()) > uploadLife {
		r.expired++
		return os.RemoveAll(dir)
	}
	if !strings.HasSuffix(dir, inProgress) {
		return nil
	}
	id, _, _ := strings.Cut(filepath.Base(dir), ".")
	if err := os.Rename(dir, filepath.Join(filepath.Dir(dir), id)); err != nil {
		return err
	}
	r.uploads++
	return syncPath(filepath.Dir(dir))
}

// escape makes a path literal for filepath.Glob.
func escape(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}
