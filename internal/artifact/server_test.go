package artifact_test

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/rs/zerolog"

	"secretome/internal/artifact"
	"secretome/internal/artifact/artifacttest"
	"secretome/internal/embedded/s3"
)

// The embedded server runs in a child, this test binary again: so its memory is
// not counted as the store's, and its working directory is its own.
const childRoot, childPort = "SECRETOME_TEST_S3_ROOT", "SECRETOME_TEST_S3_PORT"

var keys = artifact.Config{AccessKey: "secretome-test", SecretKey: "only-for-this-test"}

func TestMain(m *testing.M) {
	if root := os.Getenv(childRoot); root != "" {
		if err := serve(root, os.Getenv(childPort)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func serve(root, port string) error {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	n, err := strconv.Atoi(port)
	if err != nil {
		return err
	}
	server, err := s3.Start(ctx, s3.Options{Root: root, Port: n, Bucket: "first", AccessKey: keys.AccessKey, SecretKey: keys.SecretKey, Logger: zerolog.New(os.Stderr)})
	if err != nil {
		return err
	}
	<-ctx.Done()
	server.Stop()
	return nil
}

// embedded starts the embedded server in a child and returns its address and
// the folder that it keeps its objects in.
func embedded(t testing.TB, root string) artifact.Config {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := keys
	address := artifacttest.FreePort(t)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	c.URL = "http://" + address
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), childRoot+"="+root, childPort+"="+port)
	artifacttest.Start(t, cmd, c.URL)
	return c
}

// fresh returns c with a bucket name that was not used before.
func fresh(c artifact.Config) artifact.Config {
	c.Bucket = fmt.Sprintf("suite-%03d", buckets.Add(1))
	return c
}

var buckets atomic.Int64

func open(t testing.TB, c artifact.Config) *artifact.Bucket {
	t.Helper()
	b, err := artifact.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func opened(t *testing.T, c artifact.Config, damage func(t *testing.T, key string, data []byte)) artifacttest.Opened {
	spool := t.TempDir()
	return artifacttest.Opened{Store: artifact.New(open(t, c), spool), Spool: spool, Damage: damage}
}

// overwrite replaces an object through the server, which no code of ours does.
func overwrite(t *testing.T, c artifact.Config, key string, data []byte) {
	t.Helper()
	client := bare(t, c)
	if _, err := client.PutObject(t.Context(), c.Bucket, key, bytes.NewReader(data), int64(len(data)), minio.PutObjectOptions{}); err != nil {
		t.Fatal(err)
	}
}

func bare(t testing.TB, c artifact.Config) *minio.Client {
	t.Helper()
	client, err := minio.New(c.URL[len("http://"):], &minio.Options{Creds: credentials.NewStaticV4(c.AccessKey, c.SecretKey, ""), Region: "us-east-1"})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestMem(t *testing.T) {
	artifacttest.Bucket(t, func(*testing.T) artifacttest.Objects { return new(artifact.Mem) })
	artifacttest.Store(t, func(t *testing.T) artifacttest.Opened {
		m, spool := new(artifact.Mem), t.TempDir()
		damage := func(_ *testing.T, key string, data []byte) { m.Damage(key, data) }
		return artifacttest.Opened{Store: artifact.New(m, spool), Spool: spool, Damage: damage, InProcess: true}
	})
}

func TestEmbedded(t *testing.T) {
	root := t.TempDir()
	server := embedded(t, root)
	artifacttest.Bucket(t, func(t *testing.T) artifacttest.Objects { return open(t, fresh(server)) })
	artifacttest.Store(t, func(t *testing.T) artifacttest.Opened {
		c := fresh(server)
		return opened(t, c, func(t *testing.T, key string, data []byte) { damageFile(t, root, c, key, data) })
	})
}

// damageFile changes the file of an object on the server's disk.
func damageFile(t *testing.T, root string, c artifact.Config, key string, data []byte) {
	t.Helper()
	file := filepath.Join(root, c.Bucket, key)
	if _, err := os.Stat(file); err != nil {
		overwrite(t, c, key, data) // nothing there to damage: a stranger
		return
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestMinIO(t *testing.T) {
	server := artifacttest.MinIO(t)
	artifacttest.Bucket(t, func(t *testing.T) artifacttest.Objects { return open(t, fresh(server)) })
	artifacttest.Store(t, func(t *testing.T) artifacttest.Opened {
		c := fresh(server)
		return opened(t, c, func(t *testing.T, key string, data []byte) { overwrite(t, c, key, data) })
	})
}
