// Package s3test gives tests an S3 server. The library behind it allows one a
// process and moves the working directory, so the tests of a package share one,
// each with a bucket of its own:
//
//	func TestMain(m *testing.M) { os.Exit(s3test.Main(m)) }
//
//	func TestPut(t *testing.T) {
//		store := s3test.Start(t) // with a new bucket
//
// It does not link the Temporal server; package embeddedtest has both.
package s3test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/rs/zerolog"

	"secretome/internal/embedded/port"
	"secretome/internal/embedded/s3"
)

// Store is where a test finds its bucket.
type Store struct {
	URL       string // http://127.0.0.1:port
	Region    string
	Bucket    string // of this test alone
	AccessKey string
	SecretKey string
}

// shared is the one server of the test process. It is the only package variable
// that changes in this program: tests have no other place that outlives them.
var shared struct {
	once   sync.Once
	store  Store
	server *s3.Server
	root   string
	err    error
	made   atomic.Int64 // buckets
}

// Main runs the tests of a package and stops the server afterwards, if a test
// started one. It returns the exit code.
func Main(m *testing.M) int {
	code := m.Run()
	if shared.server != nil {
		shared.server.Stop()
	}
	if shared.root != "" {
		_ = os.RemoveAll(shared.root) // a temporary directory
	}
	return code
}

// Start returns the server of this test process with a new bucket. The package
// has a TestMain that calls [Main].
func Start(t testing.TB) Store {
	t.Helper()
	shared.once.Do(func() { shared.err = begin() })
	if shared.err != nil {
		t.Fatalf("start s3 server: %v", shared.err)
	}
	s := shared.store
	s.Bucket = Bucket(t, s)
	return s
}

func begin() (err error) {
	if shared.root, err = os.MkdirTemp("", "secretome-s3-"); err != nil {
		return err
	}
	free, err := port.Claim(0, "")
	if err != nil {
		return err
	}
	number := free.Yield()
	shared.store = Store{URL: fmt.Sprintf("http://127.0.0.1:%d", number), Region: s3.Region, AccessKey: "tests", SecretKey: "only-for-tests"}
	shared.server, err = s3.Start(context.Background(), s3.Options{
		Root: filepath.Join(shared.root, "objects"), Port: number, Bucket: "secretome",
		AccessKey: shared.store.AccessKey, SecretKey: shared.store.SecretKey, Logger: zerolog.Nop(),
	})
	return err
}

// Bucket makes a new bucket on any S3 server and names it after the test.
func Bucket(t testing.TB, s Store) string {
	t.Helper()
	c, err := minio.New(strings.TrimPrefix(s.URL, "http://"), &minio.Options{
		Creds: credentials.NewStaticV4(s.AccessKey, s.SecretKey, ""), Region: s.Region,
	})
	bucket := Name(t)
	if err == nil {
		err = c.MakeBucket(t.Context(), bucket, minio.MakeBucketOptions{Region: s.Region})
	}
	if err != nil {
		t.Fatalf("make bucket %s: %v", bucket, err)
	}
	return bucket
}

// Name returns a name that no other test of this process gets, fit for a
// bucket, made from the test's own.
func Name(t testing.TB) string {
	const longest = 40 // a bucket's name has at most 63 characters
	words := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, strings.ToLower(t.Name()))
	return fmt.Sprintf("%s-%d", strings.Trim(words[:min(longest, len(words))], "-"), shared.made.Add(1))
}
