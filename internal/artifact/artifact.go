// Package artifact keeps bytes by their SHA-256: what an instrument exported,
// what a person photographed, what the program drew. Equal bytes are kept once,
// and whoever reads them learns if a single bit has changed.
//
// # Buckets
//
// A [Bucket] is one bucket of an S3 server. Objects in it are created, read and
// listed, and never replaced: [Bucket.Create] is a conditional PUT which sends
// the SHA-256 ahead, so the server itself refuses other bytes. Logbooks use the
// same bucket. [Mem] is a bucket in memory for tests.
//
// # Artifacts
//
// A [Store] keeps artifacts in a bucket at [Key]. An answer of [Store.Put] means
// that the server has acknowledged the bytes or, where they were there already,
// that they have been read back whole. The name of a file is no part of the
// object, since equal bytes may have several: it travels in [record.Artifact].
package artifact

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"mime"
	"path"
	"path/filepath"
	"unicode/utf8"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// MaxSize is the most that one artifact may hold, in bytes: what S3 takes in a
// single PUT, the only kind whose condition and hash every server checks.
const MaxSize = 5 << 30

// prefix is the folder of all artifacts in a bucket.
const prefix = "artifact/sha256/"

// Key returns where the artifact with this SHA-256 (hex) lies in its bucket.
func Key(sha256 string) string { return prefix + sha256[:2] + "/" + sha256 }

// Object is what a bucket says of one object.
type Object struct {
	Size      int64  // bytes
	SHA256    string // hex; known before a create, empty when read back
	MediaType string
}

// Objects is what a [Store] needs of its bucket: [Bucket] and [Mem] have it.
type Objects interface {
	CreateFrom(ctx context.Context, key string, data io.ReaderAt, o Object) (created bool, err error)
	Reader(ctx context.Context, key string) (io.ReadCloser, Object, error)
	Stat(ctx context.Context, key string) (Object, error)
	List(ctx context.Context, prefix, after string) ([]string, error)
}

// Store keeps artifacts in a bucket. It is safe for concurrent use.
type Store struct {
	objects Objects
	spool   string
	uploads *Partials
}

// New returns a store over a bucket, which spools what it is given to unnamed
// files in the folder spool. The folder must exist and have room for what is
// uploaded at the same time.
func New(objects Objects, spool string) *Store {
	return &Store{objects, spool, &Partials{folder: filepath.Join(spool, "uploads"), turns: map[string]int{}}}
}

// PutOptions says what is known of bytes before they are read.
type PutOptions struct {
	MediaType string // empty: application/octet-stream
	Name      string // as its maker called it; any text, and no part of the object
	Size      int64  // announced, in bytes; -1 if unknown
	SHA256    string // announced, hex; empty if unknown
}

// Put stores what r yields and returns its name. Memory stays bounded, whatever
// the size: r is spooled to a file while it is hashed, then sent in one
// conditional PUT. The media type of an object is that of its first Put.
//
// Put fails with [fault.Invalid] if size or hash differ from what was announced,
// with [fault.Unavailable] if a disk is full or the server is away, and with
// [fault.Corrupt] if the same artifact was there before and has been damaged. In
// no case is anything left behind that was not announced.
func (s *Store) Put(ctx context.Context, r io.Reader, o PutOptions) (record.Artifact, error) {
	if err := o.check(); err != nil {
		return record.Artifact{}, err
	}
	sp, err := fill(s.spool, r, o.limit())
	if err != nil {
		return record.Artifact{}, err
	}
	defer sp.Close()
	if err := o.compare(sp); err != nil {
		return record.Artifact{}, err
	}
	return s.place(ctx, sp.file, Object{Size: sp.size, SHA256: sp.sha256}, o)
}

// PutBytes stores b. It is [Store.Put] without a spool.
func (s *Store) PutBytes(ctx context.Context, b []byte, mediaType, name string) (record.Artifact, error) {
	o := PutOptions{MediaType: mediaType, Name: name, Size: int64(len(b))}
	if err := o.check(); err != nil {
		return record.Artifact{}, err
	}
	return s.place(ctx, bytes.NewReader(b), Object{Size: o.Size, SHA256: record.Hash(b)}, o)
}

// large is the size from which place asks whether an artifact is there before
// it sends it: one more round trip, against bytes sent for nothing.
const large = 1 << 20

// place creates the object at its final key, or makes sure that the one that is
// there already is whole: it is the only copy, so it is read back.
func (s *Store) place(ctx context.Context, data io.ReaderAt, ob Object, o PutOptions) (record.Artifact, error) {
	ob.MediaType = o.mediaType()
	created, err := s.create(ctx, data, ob)
	if err == nil && !created {
		err = s.Verify(ctx, ob.SHA256)
	}
	if err != nil {
		return record.Artifact{}, fmt.Errorf("store artifact %s: %w", ob.SHA256, err)
	}
	return record.Artifact{SHA256: ob.SHA256, Size: ob.Size, MediaType: ob.MediaType, Name: o.Name}, nil
}

func (s *Store) create(ctx context.Context, data io.ReaderAt, ob Object) (bool, error) {
	if ob.Size >= large {
		_, err := s.objects.Stat(ctx, Key(ob.SHA256))
		if !fault.Is(err, fault.NotFound) {
			return false, err
		}
	}
	return s.objects.CreateFrom(ctx, Key(ob.SHA256), data, ob)
}

// Get returns the bytes of the artifact with this SHA-256 (hex). The caller
// closes the reader. The bytes are checked on the way: if they differ from their
// name, the read that would give out the last of them fails with
// [fault.Corrupt] instead, so a reader that reached the end has the right ones.
func (s *Store) Get(ctx context.Context, sha256Hex string) (io.ReadCloser, error) {
	if err := checkHash(sha256Hex); err != nil {
		return nil, err
	}
	body, o, err := s.objects.Reader(ctx, Key(sha256Hex))
	if err != nil {
		return nil, absent(err, sha256Hex)
	}
	return &checked{body: body, left: o.Size, sum: sha256.New(), want: sha256Hex}, nil
}

// Bytes returns the checked bytes of a small artifact.
func (s *Store) Bytes(ctx context.Context, sha256 string) ([]byte, error) {
	r, err := s.Get(ctx, sha256)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

// Verify reads an artifact and fails with [fault.Corrupt] if its bytes differ
// from its name, with [fault.NotFound] if it is not there.
func (s *Store) Verify(ctx context.Context, sha256 string) error {
	r, err := s.Get(ctx, sha256)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(io.Discard, r)
	return err
}

// Stat returns size and media type of an artifact without reading it. Its Name
// is empty: names are in records.
func (s *Store) Stat(ctx context.Context, sha256 string) (record.Artifact, error) {
	if err := checkHash(sha256); err != nil {
		return record.Artifact{}, err
	}
	o, err := s.objects.Stat(ctx, Key(sha256))
	if err != nil {
		return record.Artifact{}, absent(err, sha256)
	}
	return record.Artifact{SHA256: sha256, Size: o.Size, MediaType: o.MediaType}, nil
}

// List returns the SHA-256 (hex) of all artifacts, in ascending order. Objects
// that are not at a [Key] are not artifacts and are left out.
func (s *Store) List(ctx context.Context) ([]string, error) {
	keys, err := s.objects.List(ctx, prefix, "")
	if err != nil {
		return nil, fmt.Errorf("list artifacts: %w", err)
	}
	hashes := make([]string, 0, len(keys))
	for _, key := range keys {
		if h := path.Base(key); checkHash(h) == nil && Key(h) == key {
			hashes = append(hashes, h)
		}
	}
	return hashes, nil
}

// absent names the artifact, not the object, that was not found.
func absent(err error, sha256 string) error {
	if fault.Is(err, fault.NotFound) {
		return fault.Wrap(err, fault.NotFound, "artifact %s is not in the store", sha256)
	}
	return fmt.Errorf("read artifact %s: %w", sha256, err)
}

// checkHash tells whether h is a SHA-256 as this program writes it.
func checkHash(h string) error {
	b, err := hex.DecodeString(h)
	if err != nil || len(b) != sha256.Size || hex.EncodeToString(b) != h {
		return fault.New(fault.Invalid, "%q is no SHA-256: 64 hexadecimal digits in lower case were expected", h).Field("sha256")
	}
	return nil
}

func (o PutOptions) mediaType() string {
	if o.MediaType == "" {
		return "application/octet-stream"
	}
	return o.MediaType
}

// check refuses options before a byte is read.
func (o PutOptions) check() error {
	if o.SHA256 != "" {
		if err := checkHash(o.SHA256); err != nil {
			return err
		}
	}
	if _, _, err := mime.ParseMediaType(o.mediaType()); err != nil {
		return fault.New(fault.Invalid, "%q is no media type; one looks like \"text/csv\"", o.MediaType).Field("media_type")
	}
	if !utf8.ValidString(o.Name) {
		return fault.New(fault.Invalid, "the file name %q is not UTF-8", o.Name).Field("name").Try("rename the file")
	}
	if o.Size > MaxSize {
		return tooLarge(o.Size)
	}
	return nil
}

func tooLarge(size int64) error {
	return fault.New(fault.Invalid, "%d bytes are more than the %d that one artifact may have; nothing was recorded", size, int64(MaxSize)).Field("size").Try("split the file")
}

// limit is how much is spooled at most: some more than announced, so that an
// error can tell by how much an upload is too long.
func (o PutOptions) limit() int64 {
	const excess = 1 << 20
	if o.Size < 0 {
		return MaxSize + 1
	}
	return o.Size + excess
}

// compare holds what came against what was announced.
func (o PutOptions) compare(sp *spool) error {
	switch {
	case o.Size >= 0 && sp.size == o.limit():
		return fault.New(fault.Invalid, "%d bytes were announced, and more than %d came; nothing was recorded", o.Size, sp.size-1).Field("size").Try("send the file again")
	case o.Size >= 0 && sp.size != o.Size:
		return fault.New(fault.Invalid, "%d bytes were announced, and %d came; nothing was recorded", o.Size, sp.size).Field("size").Try("send the file again")
	case sp.size > MaxSize:
		return tooLarge(sp.size)
	case sp.cut != nil:
		return fault.Wrap(sp.cut, fault.Invalid, "the upload broke off after %d bytes; nothing was recorded", sp.size)
	case o.SHA256 != "" && sp.sha256 != o.SHA256:
		return fault.New(fault.Invalid, "the SHA-256 %s was announced, and the bytes that came have %s; nothing was recorded", o.SHA256, sp.sha256).Field("sha256").Try("send the file again")
	}
	return nil
}

// checked gives out the bytes of body while it hashes them, and holds back the
// last of them until the hash is known to be right: a caller that knows the
// size and never asks for io.EOF is protected as well.
type checked struct {
	body io.ReadCloser
	left int64 // bytes that the store says are still to come
	sum  hash.Hash
	want string
	err  error // sticky
}

func (c *checked) Read(p []byte) (int, error) {
	if c.err != nil {
		return 0, c.err
	}
	n, err := c.body.Read(p)
	c.sum.Write(p[:n])
	c.left -= int64(n)
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		c.err = fmt.Errorf("read artifact %s: %w", c.want, err)
	case err != nil || c.left <= 0:
		c.err = c.verdict()
	}
	if fault.Is(c.err, fault.Corrupt) {
		return 0, c.err
	}
	return n, c.err
}

// verdict is io.EOF if the bytes so far are the artifact.
func (c *checked) verdict() error {
	got := hex.EncodeToString(c.sum.Sum(nil))
	if c.left == 0 && got == c.want {
		return io.EOF
	}
	return fault.New(fault.Corrupt, "artifact %s is damaged: the stored bytes have the SHA-256 %s", c.want, got).Try("restore it from a backup, and do not rely on what was computed from it")
}

// Close ends the reading; it says nothing about the bytes.
func (c *checked) Close() error { return c.body.Close() }
