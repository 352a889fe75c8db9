package artifact

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// Partial is an upload that comes in pieces, and how far it has come.
type Partial struct {
	ID      string    `json:"id"` // a UUID
	By      string    `json:"by"` // whose it is
	Begun   time.Time `json:"begun"`
	Options PutOptions
	Offset  int64     `json:"-"` // bytes that are safely here
	Touched time.Time `json:"-"` // when the last of them came
}

// Partials keeps uploads that are on their way: as much of each as was
// acknowledged outlives the program and a power cut. Bytes are appended only, at
// the offset that the sender names, so that none is there twice or missing.
type Partials struct {
	folder string
	mu     sync.Mutex
	turns  map[string]int // ID → which of its requests may append
}

// Partials returns the uploads that are on their way into the store.
func (s *Store) Partials() *Partials { return s.uploads }

func (p *Partials) about(id string) string { return filepath.Join(p.folder, id+".json") }
func (p *Partials) bytes(id string) string { return filepath.Join(p.folder, id+".part") }

// Begin makes room for an upload of announced size. It fails with
// [fault.Conflict] if there is one of that ID.
func (p *Partials) Begin(u Partial) error {
	if uuid.Validate(u.ID) != nil || u.Options.Size < 0 {
		return fault.New(fault.Invalid, "an upload needs a UUID and its size")
	}
	if err := u.Options.check(); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := os.MkdirAll(p.folder, 0o700); err != nil {
		return spoolError(err)
	}
	if _, err := os.Stat(p.about(u.ID)); err == nil {
		return fault.New(fault.Conflict, "the upload %s was begun before", u.ID)
	}
	about, err := json.Marshal(u)
	if err != nil {
		return fmt.Errorf("note an upload: %w", err)
	}
	if err := written(p.bytes(u.ID), nil); err != nil { // the bytes first: what is noted has a file
		return err
	}
	if err := written(p.about(u.ID), about); err != nil {
		return errors.Join(err, p.remove(u.ID))
	}
	return syncFolder(p.folder)
}

// written makes a file whole and durable; its name is durable with the folder.
func written(path string, data []byte) error {
	const private = 0o600
	f, err := os.OpenFile(path+".new", os.O_CREATE|os.O_TRUNC|os.O_WRONLY, private)
	if err != nil {
		return spoolError(err)
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return spoolError(err)
	}
	return spoolError(os.Rename(path+".new", path))
}

func syncFolder(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return spoolError(err)
	}
	return spoolError(errors.Join(d.Sync(), d.Close()))
}

// Find tells how far an upload has come. Whoever else still sends bytes of it is
// cut off, so that the offset stays as it is told. It fails with [fault.NotFound].
func (p *Partials) Find(id string) (Partial, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	u, err := p.find(id)
	if err != nil {
		return u, err
	}
	p.turns[id]++
	return u, p.sync(id)
}

// sync makes what came so far durable.
func (p *Partials) sync(id string) error {
	f, err := os.OpenFile(p.bytes(id), os.O_WRONLY, 0)
	if err != nil {
		return spoolError(err)
	}
	return spoolError(errors.Join(f.Sync(), f.Close()))
}

func (p *Partials) find(id string) (Partial, error) {
	var u Partial
	none := fault.New(fault.NotFound, "there is no upload %q", id).Try("it may have been cancelled, or have waited too long: begin it again")
	if uuid.Validate(id) != nil {
		return u, none
	}
	data, err := os.ReadFile(p.about(id))
	if errors.Is(err, fs.ErrNotExist) {
		return u, none
	}
	if err == nil {
		err = json.Unmarshal(data, &u)
	}
	info, failed := os.Stat(p.bytes(id))
	if err := errors.Join(err, failed); err != nil {
		return u, spoolError(err)
	}
	u.Offset, u.Touched = info.Size(), info.ModTime()
	return u, nil
}

// Append writes what r yields behind the first offset bytes, and returns how far
// the upload has come, even where r broke off. It fails with [fault.Conflict] if
// the upload stands elsewhere, and when another request goes on with it.
func (p *Partials) Append(id string, offset int64, r io.Reader) (Partial, error) {
	p.mu.Lock()
	u, err := p.find(id)
	if err == nil && u.Offset != offset {
		err = fault.New(fault.Conflict, "the upload stands at byte %d, not %d", u.Offset, offset).Field("Upload-Offset").Try("go on from there")
	}
	p.turns[id]++
	turn := p.turns[id]
	p.mu.Unlock()
	if err != nil {
		return u, err
	}
	f, err := os.OpenFile(p.bytes(id), os.O_WRONLY, 0)
	if err != nil {
		return u, spoolError(err)
	}
	err = p.pour(f, &u, turn, r)
	if err := errors.Join(f.Sync(), f.Close()); err != nil {
		return u, spoolError(err)
	}
	return u, err
}

// pour writes piece by piece, as long as it is its turn.
func (p *Partials) pour(f *os.File, u *Partial, turn int, r io.Reader) error {
	piece := make([]byte, 256<<10)
	for {
		n, err := r.Read(piece)
		if u.Offset+int64(n) > u.Options.Size {
			return fault.New(fault.Invalid, "more came than the %d bytes that were announced", u.Options.Size).Field("size").Try("begin the upload again with its true size")
		}
		if n > 0 {
			if err := p.put(f, u, turn, piece[:n]); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fault.Wrap(err, fault.Unavailable, "the connection broke: %d of %d bytes are here", u.Offset, u.Options.Size)
		}
	}
}

func (p *Partials) put(f *os.File, u *Partial, turn int, piece []byte) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.turns[u.ID] != turn {
		return fault.New(fault.Conflict, "another request goes on with the upload").Try("ask how far it has come")
	}
	n, err := f.WriteAt(piece, u.Offset)
	u.Offset += int64(n)
	return spoolError(err)
}

// Drop forgets an upload and its bytes. One that is not there is no error.
func (p *Partials) Drop(id string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if uuid.Validate(id) != nil {
		return nil
	}
	return p.remove(id)
}

func (p *Partials) remove(id string) error {
	p.turns[id]++ // whoever still writes does so no more
	var all []error
	for _, path := range []string{p.about(id), p.bytes(id)} {
		if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
			all = append(all, err)
		}
	}
	return spoolError(errors.Join(all...))
}

// List returns all uploads that are on their way.
func (p *Partials) List() ([]Partial, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	entries, err := os.ReadDir(p.folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var all []Partial
	for _, e := range entries {
		id, ok := strings.CutSuffix(e.Name(), ".json")
		if !ok {
			continue
		}
		if u, err := p.find(id); err == nil { // what is damaged is on no way
			all = append(all, u)
		}
	}
	return all, spoolError(err)
}

// PutPartial stores the bytes of an upload that is whole; [Partials.Drop] forgets
// it once that is recorded. Where they are other bytes than announced they are
// forgotten at once, and it fails with [fault.Invalid].
func (s *Store) PutPartial(ctx context.Context, u Partial) (record.Artifact, error) {
	f, err := os.Open(s.uploads.bytes(u.ID))
	if errors.Is(err, fs.ErrNotExist) {
		return record.Artifact{}, fault.New(fault.Unavailable, "another request stores this upload").Try("ask how far it has come")
	}
	if err != nil {
		return record.Artifact{}, spoolError(err)
	}
	defer f.Close()
	sum := sha256.New()
	size, err := io.Copy(sum, f)
	if err != nil {
		return record.Artifact{}, spoolError(err)
	}
	sp := &spool{file: f, size: size, sha256: hex.EncodeToString(sum.Sum(nil))}
	if err := u.Options.compare(sp); err != nil {
		return record.Artifact{}, errors.Join(err, s.uploads.Drop(u.ID))
	}
	return s.place(ctx, f, Object{Size: size, SHA256: sp.sha256}, u.Options)
}
