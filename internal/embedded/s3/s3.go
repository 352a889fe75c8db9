// Package s3 runs an S3 server inside this process, on one directory, for a
// laboratory that has one machine: versitygw's protocol and POSIX backend
// behind a wrapper of our own that answers only what is on the disk.
//
// # Durability
//
// The library itself never syncs, and acknowledges some requests that it did
// not carry out. The wrapper has two seams. One is the metadata store
// ([attributes]): the attribute "etag" is written once the body of an upload is
// complete and before its name exists, so that is where the body is synced. The
// other is the backend ([durable]): after each change it syncs the object and
// the directories that lead to it, and only then lets the answer go. An answer
// means: a power cut does not take it back.
//
// # The working directory
//
// The library changes the working directory of the whole process to its root
// and opens everything relative to it. So there is one server in a process at
// a time, every path of the program has to be absolute before [Start], and a
// request that finds the working directory moved is answered 503.
package s3

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/rs/zerolog"
	"github.com/versity/versitygw/auth"
	"github.com/versity/versitygw/backend/meta"
	"github.com/versity/versitygw/backend/posix"
	"github.com/versity/versitygw/embedgw"
	"github.com/versity/versitygw/s3api"

	"secretome/internal/fault"
)

// Region is the region that the server names and clients must sign for.
const Region = "us-east-1"

const (
	maxRequests  = 1024             // at once; more are answered 503 and tried again by clients
	maxParts     = 10_000           // of one multipart upload, as in S3
	maxCopy      = 5 << 30          // bytes, as in S3; zero would refuse every copy
	startTimeout = 10 * time.Second // it takes 10 ms
)

// Options say where the server keeps its objects and who may use it.
type Options struct {
	Root      string // absolute path; made with mode 0700 when absent
	Port      int    // on 127.0.0.1; must be free
	Bucket    string // made when absent
	AccessKey string
	SecretKey string
	Logger    zerolog.Logger
}

// Server is a running S3 server.
type Server struct {
	cancel context.CancelFunc
	done   chan struct{}
	err    error // why it ended; read after done is closed
}

// Start runs an S3 server until [Server.Stop] and returns when its bucket can
// be used. Uploads that a crash left half completed are given back first. It
// fails with a [fault.Refused] on a filesystem without user attributes.
func Start(ctx context.Context, o Options) (*Server, error) {
	return start(ctx, o, attributes{MetadataStorer: meta.XattrMeta{}, root: o.Root})
}

// start is Start with the metadata in m.
func start(ctx context.Context, o Options, m meta.MetadataStorer) (*Server, error) {
	if !filepath.IsAbs(o.Root) {
		return nil, fmt.Errorf("start s3 server: root %q is not absolute", o.Root)
	}
	if err := prepare(o); err != nil {
		return nil, err
	}
	store, err := newBackend(o, m)
	if err != nil {
		return nil, fmt.Errorf("open object store: %w", err)
	}
	s := &Server{done: make(chan struct{})}
	if err := s.serve(ctx, o, store); err != nil {
		return nil, err
	}
	if err := makeBucket(ctx, o); err != nil {
		s.Stop()
		return nil, fmt.Errorf("make bucket %s: %w", o.Bucket, err)
	}
	return s, nil
}

// Done is closed when the server has ended, by [Server.Stop] or by itself.
func (s *Server) Done() <-chan struct{} { return s.done }

// Err says why the server ended. It is nil until then, and after a Stop.
func (s *Server) Err() error {
	select {
	case <-s.done:
		return s.err
	default:
		return nil
	}
}

// Stop ends the server and waits for it. A request in flight is finished or
// answered with an error that clients try again, never half carried out.
func (s *Server) Stop() {
	s.cancel()
	<-s.done
}

// prepare makes the root and what a crash left in it ready for a server.
func prepare(o Options) error {
	if err := os.MkdirAll(o.Root, 0o700); err != nil {
		return fmt.Errorf("make object store: %w", err)
	}
	if err := syncPath(filepath.Dir(o.Root)); err != nil {
		return fmt.Errorf("make object store: %w", err)
	}
	if err := probeAttributes(o.Root); err != nil {
		return fault.Wrap(err, fault.Refused, "the filesystem of %s keeps no user attributes, which the object store needs; ext4, XFS and Btrfs do", o.Root)
	}
	given, err := repair(o.Root, time.Now())
	if err != nil {
		return fmt.Errorf("repair object store: %w", err)
	}
	if given.uploads+given.expired+given.buckets > 0 {
		o.Logger.Warn().Int("uploads_given_back", given.uploads).Int("uploads_expired", given.expired).Int("buckets_removed", given.buckets).
			Msg("object store repaired after a crash")
	}
	return nil
}

// newBackend opens the store at o.Root, with the metadata in m. It changes the
// working directory of the process.
func newBackend(o Options, m meta.MetadataStorer) (*durable, error) {
	opts := posix.PosixOpts{CopyObjectThreshold: maxCopy, ForceNoObjLockFile: true}
	opts.SetNewDirPerm(0o700)
	opts.SetNewFilePerm(0o600)
	p, err := posix.New(o.Root, m, opts)
	if err != nil {
		return nil, err
	}
	return &durable{Posix: p, meta: m, tree: newTree(o.Root), log: o.Logger}, nil
}

// serve starts the protocol on store and waits until it listens.
func (s *Server) serve(ctx context.Context, o Options, store *durable) error {
	home, err := os.Stat(o.Root)
	if err != nil {
		return fmt.Errorf("open object store: %w", err)
	}
	listening := make(chan struct{})
	account := auth.Account{Access: o.AccessKey, Secret: o.SecretKey, Role: auth.RoleAdmin}
	config := &embedgw.Config{
		RootUserAccess: o.AccessKey, RootUserSecret: o.SecretKey, Region: Region,
		Ports:          []string{fmt.Sprintf("127.0.0.1:%d", o.Port)},
		MaxConnections: maxRequests, MaxRequests: maxRequests, MultipartMaxParts: maxParts,
		Quiet: true, KeepAlive: true, DisableACLs: true,
		IAMService: auth.NewIAMServiceSingle(account), // given, or the library prints a line on standard output
		S3Options:  []s3api.Option{s3api.WithMiddleware("/", guard(home)), s3api.WithOnListen(func() { close(listening) })},
	}
	running, cancel := context.WithCancel(context.WithoutCancel(ctx))
	s.cancel = cancel
	go func() {
		defer close(s.done)
		s.err = embedgw.RunVersityGW(running, store, config)
	}()
	return s.await(ctx, listening)
}

// await returns when the server listens, or stops it and says why it does not.
func (s *Server) await(ctx context.Context, listening <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	select {
	case <-listening:
		return nil
	case <-s.done:
		s.cancel()
		return fmt.Errorf("start s3 server: %w", s.err)
	case <-ctx.Done():
		s.Stop()
		return fmt.Errorf("start s3 server: %w", ctx.Err())
	}
}

// makeBucket makes o.Bucket through the server's own door, if it is not there.
func makeBucket(ctx context.Context, o Options) error {
	c, err := minio.New(fmt.Sprintf("127.0.0.1:%d", o.Port), &minio.Options{
		Creds: credentials.NewStaticV4(o.AccessKey, o.SecretKey, ""), Region: Region, MaxRetries: 3,
	})
	if err != nil {
		return err
	}
	exists, err := c.BucketExists(ctx, o.Bucket)
	if err != nil || exists {
		return err
	}
	return c.MakeBucket(ctx, o.Bucket, minio.MakeBucketOptions{Region: Region})
}
