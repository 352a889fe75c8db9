package s3

import (
	"context"
	"errors"
	"hash/fnv"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	awss3 "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/rs/zerolog"
	"github.com/versity/versitygw/backend"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/s3err"
	"github.com/versity/versitygw/s3response"
)

// durable is the library's backend with answers that a power cut does not take
// back. What it does not override only reads, or changes attributes, which
// [attributes] syncs.
type durable struct {
	*posix.Posix
	meta     meta.MetadataStorer
	tree     *tree
	log      zerolog.Logger
	complete [64]sync.Mutex // by upload ID: two completions of one upload take turns
}

var _ backend.Backend = (*durable)(nil)

// CreateBucket makes a bucket.
func (d *durable) CreateBucket(ctx context.Context, in *awss3.CreateBucketInput, acl []byte) error {
	err := d.Posix.CreateBucket(ctx, in, acl)
	if err == nil {
		err = d.tree.settle(*in.Bucket)
	}
	return d.answer("create bucket", err)
}

// DeleteBucket removes an empty bucket.
func (d *durable) DeleteBucket(ctx context.Context, bucket string) error {
	err := d.tree.removing(func() error { return d.Posix.DeleteBucket(ctx, bucket) }, bucket)
	return d.answer("delete bucket", err)
}

// PutObject stores one object, whole or not at all.
func (d *durable) PutObject(ctx context.Context, in s3response.PutObjectInput) (s3response.PutObjectOutput, error) {
	if reserved(text(in.Key)) {
		return s3response.PutObjectOutput{}, s3err.GetAPIError(s3err.ErrAccessDenied)
	}
	in.ContentEncoding = withoutChunked(in.ContentEncoding)
	out, err := d.PutObjectWithPostFunc(ctx, in, whole(in.ContentLength))
	if err == nil && out.Size == nil {
		err = errors.New("the library answered without having linked the object") // its way out when no name was free, or a tag came too late
	}
	if err == nil {
		err = d.tree.settle(filepath.Join(*in.Bucket, *in.Key))
	}
	if d.misnamed(err, in) {
		err = errors.New("make the object's name: " + err.Error()) // not wrapped: answered as internal, and tried again
	}
	return out, d.answer("put object", err)
}

// misnamed reports whether err is the library's "existing object is a
// directory" where there is none: it answers so whenever a directory or a link
// cannot be made, for instance on a full disk, and a client would take it for
// final.
func (d *durable) misnamed(err error, in s3response.PutObjectInput) bool {
	if !errors.Is(err, s3err.GetAPIError(s3err.ErrExistingObjectIsDirectory)) {
		return false
	}
	info, statErr := os.Stat(filepath.Join(d.tree.root, *in.Bucket, *in.Key))
	return statErr != nil || !info.IsDir()
}

// CopyObject copies one object. The library puts the copy by itself, past
// [durable.PutObject], so the body is synced by [attributes].
func (d *durable) CopyObject(ctx context.Context, in s3response.CopyObjectInput) (s3response.CopyObjectOutput, error) {
	in.ContentEncoding = withoutChunked(in.ContentEncoding)
	out, err := d.Posix.CopyObject(ctx, in)
	if err == nil {
		err = d.tree.settle(filepath.Join(*in.Bucket, *in.Key))
	}
	return out, d.answer("copy object", err)
}

// DeleteObject removes one object; one that is absent is no error.
func (d *durable) DeleteObject(ctx context.Context, in *awss3.DeleteObjectInput) (out *awss3.DeleteObjectOutput, err error) {
	err = d.tree.removing(func() error {
		out, err = d.Posix.DeleteObject(ctx, in)
		return err
	}, filepath.Join(text(in.Bucket), text(in.Key)))
	return out, d.answer("delete object", err)
}

// DeleteObjects removes many objects and says of each how it went.
func (d *durable) DeleteObjects(ctx context.Context, in *awss3.DeleteObjectsInput) (out s3response.DeleteResult, err error) {
	var paths []string
	for _, o := range in.Delete.Objects {
		if reserved(text(o.Key)) {
			return out, s3err.GetAPIError(s3err.ErrAccessDenied)
		}
		paths = append(paths, filepath.Join(text(in.Bucket), text(o.Key)))
	}
	err = d.tree.removing(func() error {
		out, err = d.Posix.DeleteObjects(ctx, in)
		return err
	}, paths...)
	return out, d.answer("delete objects", err)
}

// answer turns an error into one that the protocol layer can send. It sends
// only errors of its own type, unwrapped; all others are logged here and
// answered as internal, which clients try again.
func (d *durable) answer(doing string, err error) error {
	if err == nil {
		return nil
	}
	if known, ok := errors.AsType[s3err.S3Error](err); ok {
		return known
	}
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return s3err.GetAPIError(s3err.ErrNoSpaceLeftOnDevice)
	case errors.Is(err, syscall.EDQUOT):
		return s3err.GetAPIError(s3err.ErrQuotaExceeded)
	}
	d.log.Error().Err(err).Msg("object store could not " + doing)
	return s3err.GetAPIError(s3err.ErrInternalError)
}

// lock lets the completions of one upload take turns.
func (d *durable) lock(upload string) (unlock func()) {
	h := fnv.New32a()
	h.Write([]byte(upload))
	m := &d.complete[h.Sum32()%uint32(len(d.complete))]
	m.Lock()
	return m.Unlock
}

// whole returns a check that a staged file holds as many bytes as were
// announced. The library takes a connection that broke for the end of the body.
func whole(length *int64) func(*os.File) error {
	return func(f *os.File) error {
		at, err := f.Seek(0, io.SeekCurrent)
		if err != nil {
			return err
		}
		if want := value(length); at != want {
			return s3err.GetAPIError(s3err.ErrIncompleteBody)
		}
		return nil
	}
}

// withoutChunked removes the transfer's own coding from a content encoding: it
// says how the body was sent, not what it is.
func withoutChunked(encoding *string) *string {
	if encoding == nil {
		return nil
	}
	var kept []string
	for part := range strings.SplitSeq(*encoding, ",") {
		if part = strings.TrimSpace(part); part != "" && !strings.EqualFold(part, "aws-chunked") {
			kept = append(kept, part)
		}
	}
	if len(kept) == 0 {
		return nil
	}
	joined := strings.Join(kept, ",")
	return &joined
}

// reserved reports whether a key reaches into the library's staging area.
func reserved(key string) bool {
	for segment := range strings.SplitSeq(key, "/") {
		if strings.EqualFold(segment, posix.MetaTmpDir) {
			return true
		}
	}
	return false
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func value(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}
