package embedded

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"

	"secretome/internal/durable"
	"secretome/internal/embedded/temporal"
	"secretome/internal/fault"
)

// format is the layout of the data directory. A program refuses a higher one
// than it knows.
const format = 1

// version is what version.json holds.
type version struct {
	Format         int    `json:"format"`
	Program        string `json:"program"`
	TemporalServer string `json:"temporal_server"`
}

// keys is what s3-credentials.json holds.
type keys struct {
	AccessKey string `json:"access_key"`
	SecretKey string `json:"secret_key"`
}

// directory is a data directory that this process holds.
type directory struct {
	path    string // absolute
	lock    *os.File
	version version // as found; zero in a new directory
}

// enter makes the directory when it is absent and takes it for this process. A
// directory of a newer format is not touched.
func enter(path string) (*directory, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("find data directory: %w", err)
	}
	d := &directory{path: path}
	if err := d.readVersion(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(path, 0o700); err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "data directory %s cannot be made: choose another with --data", path)
	}
	if err := d.take(); err != nil {
		return nil, err
	}
	if err := errors.Join(d.readVersion(), durable.SyncFolder(filepath.Dir(path))); err != nil { // again: the process before us may have made it
		d.leave()
		return nil, err
	}
	return d, nil
}

// take locks the directory. The kernel lets go of the lock when the process
// ends, however it ends, so none is ever stale.
func (d *directory) take() error {
	lock, err := os.OpenFile(d.file("lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "data directory %s cannot be written: choose another with --data", d.path)
	}
	err = unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		holder, _ := os.ReadFile(lock.Name()) // only for the message
		_ = lock.Close()
		return fault.New(fault.Conflict, "data directory %s is in use by %s", d.path, named(holder)).Try("stop it or choose another with --data")
	}
	if err == nil {
		err = writePID(lock)
	}
	if err != nil {
		_ = lock.Close()
		return fmt.Errorf("lock data directory %s: %w", d.path, err)
	}
	d.lock = lock
	return nil
}

func named(pid []byte) string {
	if s := strings.TrimSpace(string(pid)); s != "" {
		return "process " + s
	}
	return "another process"
}

func writePID(lock *os.File) error {
	if err := lock.Truncate(0); err != nil {
		return err
	}
	_, err := lock.WriteAt(fmt.Appendf(nil, "%d\n", os.Getpid()), 0)
	return err
}

// leave lets another process have the directory.
func (d *directory) leave() { _ = d.lock.Close() } // which unlocks it

func (d *directory) file(name string) string { return filepath.Join(d.path, name) }

// readVersion reads version.json, if there is one, and refuses a newer format.
func (d *directory) readVersion() error {
	v, err := readJSON[version](d.file("version.json"))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case v.Format > format:
		return fault.New(fault.Refused, "data directory %s has format %d, made by version %s of this program, and this version knows formats up to %d",
			d.path, v.Format, v.Program, format).Try("use that version, or choose another directory with --data; nothing was changed")
	}
	d.version = v
	return nil
}

// record keeps who ran here last. A start of the S3 server alone leaves the
// Temporal server's version as it was.
func (d *directory) record(program string, all bool) error {
	v := version{Format: format, Program: program, TemporalServer: d.version.TemporalServer}
	if all {
		v.TemporalServer = temporal.Version
	}
	if v == d.version {
		return nil
	}
	return saveJSON(d.file("version.json"), v)
}

// keys reads the S3 server's keys; they are made once.
func (d *directory) keys() (keys, error) {
	path := d.file("s3-credentials.json")
	k, err := readJSON[keys](path)
	if errors.Is(err, fs.ErrNotExist) {
		k = keys{AccessKey: "secretome-" + strings.ToLower(rand.Text()[:8]), SecretKey: rand.Text() + rand.Text()}
		return k, saveJSON(path, k)
	}
	if err == nil && (k.AccessKey == "" || k.SecretKey == "") {
		err = damaged(nil, path)
	}
	return k, err
}

func readJSON[T any](path string) (v T, err error) {
	b, err := os.ReadFile(path)
	if err != nil {
		return v, err
	}
	if err := json.Unmarshal(b, &v); err != nil {
		return v, damaged(err, path)
	}
	return v, nil
}

func damaged(cause error, path string) error {
	if cause == nil {
		cause = errors.New("a field is missing")
	}
	return fault.Wrap(cause, fault.Corrupt, "%s is damaged; restore it from a backup", path)
}

// saveJSON replaces a file that only its owner may read, whole or not at all.
func saveJSON(path string, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	if err := durable.WriteFile(path, append(b, '\n')); err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	return nil
}
