package s3

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"
)

// tree syncs directories. It remembers which of them are on the disk, name and
// all, so that a PUT deep in a full tree syncs two things and not six.
//
// A directory is remembered only if it was seen before its parent was synced.
// Whatever removes directories holds the lock alone and makes the tree forget:
// one that is made again has to be synced again.
type tree struct {
	root  string
	rooms sync.RWMutex // read: settling; write: removing
	mu    sync.Mutex
	known map[string]bool // guarded by mu
}

func newTree(root string) *tree {
	return &tree{root: root, known: map[string]bool{}}
}

// settle returns once the object at path, below the root, and the names that
// lead to it are on the disk. It fails when the object is not there.
func (t *tree) settle(path string) error {
	t.rooms.RLock()
	defer t.rooms.RUnlock()
	path = filepath.Join(t.root, path)
	if err := syncPath(path); err != nil {
		return err
	}
	var seen []string
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		if err := syncPath(dir); err != nil {
			return err
		}
		if dir == t.root || t.remembers(dir) {
			break
		}
		seen = append(seen, dir)
	}
	t.remember(seen)
	return nil
}

// settleStaged does the same for a path in the staging area, whose directories
// come and go too often to be remembered.
func (t *tree) settleStaged(path string) error {
	for p := filepath.Join(t.root, path); ; p = filepath.Dir(p) {
		if err := syncPath(p); err != nil || p == t.root {
			return err
		}
	}
}

// removing runs remove, forgets all directories, and syncs those that are left
// above each path, below the root.
func (t *tree) removing(remove func() error, paths ...string) error {
	t.rooms.Lock()
	defer t.rooms.Unlock()
	err := remove()
	t.forget()
	if err != nil {
		return err
	}
	synced := map[string]bool{}
	for _, path := range paths {
		if err := t.syncAbove(path, synced); err != nil {
			return err
		}
	}
	return nil
}

func (t *tree) syncAbove(path string, synced map[string]bool) error {
	for dir := filepath.Join(t.root, filepath.Dir(path)); strings.HasPrefix(dir, t.root); dir = filepath.Dir(dir) {
		if synced[dir] {
			return nil
		}
		if err := syncPath(dir); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		synced[dir] = true
	}
	return nil
}

func (t *tree) remembers(dir string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.known[dir]
}

func (t *tree) remember(dirs []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, dir := range dirs {
		t.known[dir] = true
	}
}

func (t *tree) forget() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.known)
}
