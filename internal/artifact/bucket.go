package artifact

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"secretome/internal/fault"
	"secretome/internal/record"
)

// Config says where a bucket is and who may use it.
type Config struct {
	URL       string // http:// or https://, host and port
	Bucket    string // its name; made by [Open] if missing
	AccessKey string
	SecretKey string
	Region    string // empty: us-east-1
}

// Bucket is one bucket of an S3 server. It is safe for concurrent use. Each call
// may take as long as its context allows.
//
// Errors are faults: [fault.NotFound] for an object that is not there,
// [fault.Unavailable] for a server that cannot be reached, is full or asks to
// try again, [fault.Forbidden] for keys that it does not accept.
type Bucket struct {
	core minio.Core
	name string
	url  string
	idle interface{ CloseIdleConnections() }
}

// Close gives back the connections that wait for the next call. A server that
// is about to stop would wait for them.
func (b *Bucket) Close() { b.idle.CloseIdleConnections() }

// patience is how long [Open] waits for a server that says it is not ready yet:
// MinIO reports itself ready before it has loaded its users.
const patience = 10 * time.Second

// Open connects to a bucket and makes it if it is missing. It waits up to ten
// seconds for a server that is still starting.
func Open(ctx context.Context, c Config) (*Bucket, error) {
	b, err := connect(c)
	if err != nil {
		return nil, err
	}
	deadline := time.Now().Add(patience)
	for {
		err := b.ensure(ctx, c.region())
		if err == nil {
			return b, nil
		}
		if !starting(err) || time.Now().After(deadline) {
			return nil, fmt.Errorf("open bucket %s: %w", c.Bucket, b.explain(err, ""))
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("open bucket %s: %w", c.Bucket, b.explain(ctx.Err(), ""))
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func (c Config) region() string {
	if c.Region == "" {
		return "us-east-1"
	}
	return c.Region
}

// connect makes the client; it sends nothing yet.
func connect(c Config) (*Bucket, error) {
	u, err := url.Parse(c.URL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || (u.Path != "" && u.Path != "/") || u.User != nil {
		return nil, fault.New(fault.Invalid, "%q is no address of an S3 server; one looks like \"http://127.0.0.1:9000\"", c.URL).Field("s3")
	}
	transport, err := minio.DefaultTransport(u.Scheme == "https")
	if err != nil {
		return nil, fmt.Errorf("prepare connections to %s: %w", c.URL, err)
	}
	transport.ResponseHeaderTimeout = 0 // a server that syncs a gigabyte answers late; the context is the limit
	transport.MaxIdleConnsPerHost = 64
	core, err := minio.NewCore(u.Host, &minio.Options{
		Creds:      credentials.NewStaticV4(c.AccessKey, c.SecretKey, ""),
		Secure:     u.Scheme == "https",
		Transport:  transport,
		Region:     c.region(), // else keys with few rights would need one more
		MaxRetries: 3,
	})
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "%q is no address of an S3 server", c.URL)
	}
	return &Bucket{core: *core, name: c.Bucket, url: u.Scheme + "://" + u.Host, idle: transport}, nil
}

// ensure makes the bucket unless it can be listed already. It lists, rather than
// asks for the head, because an answer to HEAD has no room for a reason.
func (b *Bucket) ensure(ctx context.Context, region string) error {
	err := b.first(ctx)
	if minio.ToErrorResponse(err).Code != minio.NoSuchBucket {
		return err
	}
	err = b.core.MakeBucket(ctx, b.name, minio.MakeBucketOptions{Region: region})
	if minio.ToErrorResponse(err).StatusCode == http.StatusConflict {
		return b.first(ctx) // somebody was faster
	}
	return err
}

// first lists one object.
func (b *Bucket) first(ctx context.Context) error {
	for o := range b.core.ListObjectsIter(ctx, b.name, minio.ListObjectsOptions{Recursive: true, MaxKeys: 1}) {
		return o.Err
	}
	return ctx.Err()
}

// starting tells whether a server may answer otherwise in a moment.
func starting(err error) bool {
	r := minio.ToErrorResponse(err)
	return r.StatusCode == http.StatusServiceUnavailable || r.Code == "XMinioServerNotInitialized" || r.Code == minio.AccessDenied
}

// Create stores data under key unless the key exists, in which case it changes
// nothing and answers false. Bytes that changed on the way are refused by the
// server. A request whose first answer was lost is sent again, so false may also
// mean that this very call created the object: read it to know.
func (b *Bucket) Create(ctx context.Context, key string, data []byte) (created bool, err error) {
	return b.CreateFrom(ctx, key, bytes.NewReader(data), Object{Size: int64(len(data)), SHA256: record.Hash(data)})
}

// CreateFrom is [Bucket.Create] for the o.Size bytes of data whose SHA-256 is
// known. They are read again if the server asks to try again.
func (b *Bucket) CreateFrom(ctx context.Context, key string, data io.ReaderAt, o Object) (created bool, err error) {
	opts := minio.PutObjectOptions{
		ContentType:          o.MediaType,
		DisableContentSha256: true, // the library's name for: do not hash in chunks, send the hash given
		DisableMultipart:     true, // the condition would be dropped
	}
	opts.SetMatchETagExcept("*")
	body := io.NewSectionReader(data, 0, o.Size)
	_, err = b.core.PutObject(ctx, b.name, key, body, o.Size, "", o.SHA256, opts)
	if minio.ToErrorResponse(err).StatusCode == http.StatusPreconditionFailed {
		return false, nil
	}
	return err == nil, b.explain(err, key)
}

// Get returns the bytes of a small object.
func (b *Bucket) Get(ctx context.Context, key string) ([]byte, error) {
	r, o, err := b.Reader(ctx, key)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data := bytes.NewBuffer(make([]byte, 0, o.Size+bytes.MinRead))
	if _, err := data.ReadFrom(r); err != nil {
		return nil, fmt.Errorf("read object %q: %w", key, err)
	}
	return data.Bytes(), nil
}

// Reader returns the bytes of an object, and what the server says of it. The
// caller closes the reader.
func (b *Bucket) Reader(ctx context.Context, key string) (io.ReadCloser, Object, error) {
	body, info, _, err := b.core.GetObject(ctx, b.name, key, minio.GetObjectOptions{})
	if err != nil {
		return nil, Object{}, b.explain(err, key)
	}
	return explained{body, b, key}, Object{Size: info.Size, MediaType: info.ContentType}, nil
}

// Stat returns what the server says of an object.
func (b *Bucket) Stat(ctx context.Context, key string) (Object, error) {
	info, err := b.core.StatObject(ctx, b.name, key, minio.StatObjectOptions{})
	if err != nil {
		return Object{}, b.explain(err, key)
	}
	return Object{Size: info.Size, MediaType: info.ContentType}, nil
}

// List returns the keys that begin with prefix and sort behind after, in the
// order of their bytes.
func (b *Bucket) List(ctx context.Context, prefix, after string) ([]string, error) {
	var keys []string
	for o := range b.core.ListObjectsIter(ctx, b.name, minio.ListObjectsOptions{Prefix: prefix, StartAfter: after, Recursive: true}) {
		if o.Err != nil {
			return nil, b.explain(o.Err, prefix)
		}
		keys = append(keys, o.Key)
	}
	if err := ctx.Err(); err != nil { // the library ends a listing early, and silently
		return nil, b.explain(err, prefix)
	}
	return keys, nil
}

// explained is the body of an answer, whose errors are faults too.
type explained struct {
	io.ReadCloser
	bucket *Bucket
	key    string
}

func (e explained) Read(p []byte) (int, error) {
	n, err := e.ReadCloser.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		err = e.bucket.explain(err, e.key)
	}
	return n, err
}

// explain turns an error of the client into a fault. A conflict (409) is never
// taken for "exists": servers answer it for races and for full disks.
func (b *Bucket) explain(err error, key string) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return fault.Wrap(err, fault.Timeout, "the store at %s did not answer in time", b.url)
	}
	r, _ := errors.AsType[minio.ErrorResponse](err)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF): // MinIO does so when it finds the object damaged on its disk
		return unavailable(err, "the store at %s broke off while it sent object %q", b.url, key)
	case r.StatusCode == 0:
		return unavailable(err, "the store at %s cannot be reached", b.url)
	case r.StatusCode == http.StatusInsufficientStorage:
		return noSpace(err)
	case r.Code == minio.NoSuchBucket:
		return unavailable(err, "the store at %s has no bucket %s any more", b.url, b.name)
	case r.Code == minio.NoSuchKey:
		return fault.Wrap(err, fault.NotFound, "there is no object %q in bucket %s", key, b.name)
	case locked(r):
		return refused(err, "the store at %s does not accept access key and secret for bucket %s", b.url, b.name)
	case passing(r):
		return unavailable(err, "the store at %s answered %d %s", b.url, r.StatusCode, r.Code)
	}
	return fmt.Errorf("object %q: the store answered %d %s: %w", key, r.StatusCode, r.Code, err)
}

// locked tells whether the server refuses these keys. versitygw answers an unknown one
// with 404 XAdminUserNotFound: that status alone never means "no such object".
func locked(r minio.ErrorResponse) bool {
	return r.Code == minio.InvalidAccessKeyID || r.Code == "XAdminUserNotFound" || r.StatusCode == http.StatusUnauthorized || r.StatusCode == http.StatusForbidden
}

// passing tells whether the same request may succeed later: the server is busy
// or broken, or the bytes changed or broke off on their way to it.
func passing(r minio.ErrorResponse) bool {
	switch r.Code {
	case minio.XAmzContentSHA256Mismatch, "BadDigest", "IncompleteBody", "RequestTimeout":
		return true
	}
	return r.StatusCode >= 500 || r.StatusCode == http.StatusConflict || r.StatusCode == http.StatusTooManyRequests
}

func unavailable(cause error, format string, args ...any) error {
	err := fault.Wrap(cause, fault.Unavailable, format, args...)
	return fault.Of(err).Try("try again; secretome doctor tells what is wrong")
}

func refused(cause error, format string, args ...any) error {
	err := fault.Wrap(cause, fault.Forbidden, format, args...)
	return fault.Of(err).Try("check the S3 keys in the configuration")
}
