// Package embeddedtest gives tests a Temporal server and an S3 server. The
// tests of a package share them, each with a bucket and a task queue of its own:
//
//	func TestMain(m *testing.M) { os.Exit(embeddedtest.Main(m)) }
//
//	func TestRun(t *testing.T) {
//		at := embeddedtest.Start(t)          // with a new bucket
//		queue := embeddedtest.TaskQueue(t)
//
// Package s3test is the lighter one, for tests that need only a store.
package embeddedtest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/rs/zerolog"

	"secretome/internal/embedded"
	"secretome/internal/embedded/s3test"
)

// shared is the one set of servers of the test process: a variable that
// changes, since tests have no other place that outlives them.
var shared struct {
	once    sync.Once
	servers *embedded.Servers
	root    string
	err     error
}

// Main runs the tests of a package and stops the servers afterwards, if a test
// started them. It returns the exit code.
func Main(m *testing.M) int {
	code := m.Run()
	if shared.servers != nil {
		shared.servers.Stop()
	}
	if shared.root != "" {
		_ = os.RemoveAll(shared.root) // a temporary directory
	}
	return code
}

// Start returns the addresses of this test process's servers, with a new bucket.
// The package has a TestMain that calls [Main].
func Start(t testing.TB) embedded.Addresses {
	t.Helper()
	at := Servers(t).Addresses()
	at.Bucket = s3test.Bucket(t, s3test.Store{URL: at.S3, Region: at.Region, AccessKey: at.AccessKey, SecretKey: at.SecretKey})
	return at
}

// Servers returns the servers themselves. Their bucket is shared by all tests.
func Servers(t testing.TB) *embedded.Servers {
	t.Helper()
	shared.once.Do(func() { shared.err = begin() })
	if shared.err != nil {
		t.Fatalf("start servers: %v", shared.err)
	}
	return shared.servers
}

func begin() (err error) {
	if shared.root, err = os.MkdirTemp("", "secretome-data-"); err != nil {
		return err
	}
	shared.servers, err = embedded.Start(context.Background(), embedded.Options{
		Data: filepath.Join(shared.root, "data"), Program: "test", Logger: zerolog.Nop(),
	})
	return err
}

// TaskQueue returns a name that no other test of this process gets, for a task
// queue or an ID.
func TaskQueue(t testing.TB) string { return s3test.Name(t) }
