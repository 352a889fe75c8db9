package s3

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
	"github.com/rs/zerolog"
	"github.com/versity/versitygw/backend/meta"
	"golang.org/x/sys/unix"

	"secretome/internal/embedded/port"
	"secretome/internal/fault"
)

// childRoot names the variable that makes this test binary a server on a root,
// to be killed by a test.
const childRoot = "SECRETOME_TEST_S3_ROOT"

const bucket = "lab"

func TestMain(m *testing.M) {
	if root := os.Getenv(childRoot); root != "" {
		serveAsChild(root)
	}
	os.Exit(m.Run())
}

// serveAsChild prints the port and serves until it is killed.
func serveAsChild(root string) {
	port, err := freePort()
	if err == nil {
		_, err = Start(context.Background(), options(root, port))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(port)
	select {}
}

func freePort() (int, error) {
	p, err := port.Claim(0, "")
	if err != nil {
		return 0, err
	}
	return p.Yield(), nil
}

func options(root string, port int) Options {
	return Options{Root: root, Port: port, Bucket: bucket, AccessKey: "key", SecretKey: "secret-of-the-tests", Logger: zerolog.Nop()}
}

// store is a running server and a client of it.
type store struct {
	*minio.Client
	core minio.Core
	root string
	port int
	stop func()
}

// open starts a server on root. The library allows one in a process, so these
// tests are not parallel and each stops its own.
func open(t *testing.T, root string) store {
	t.Helper()
	return openWith(t, root, attributes{MetadataStorer: meta.XattrMeta{}, root: root})
}

func openWith(t *testing.T, root string, m meta.MetadataStorer) store {
	t.Helper()
	port, err := freePort()
	if err != nil {
		t.Fatal(err)
	}
	s, err := start(t.Context(), options(root, port), m)
	if err != nil {
		t.Fatal(err)
	}
	st := dial(t, root, port)
	st.stop = s.Stop
	t.Cleanup(s.Stop)
	return st
}

func dial(t *testing.T, root string, port int) store {
	t.Helper()
	c, err := minio.New("127.0.0.1:"+strconv.Itoa(port), &minio.Options{
		Creds: credentials.NewStaticV4("key", "secret-of-the-tests", ""), Region: Region, MaxRetries: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	return store{Client: c, core: minio.Core{Client: c}, root: root, port: port}
}

// spawn runs a server on root in a process of its own.
func spawn(t *testing.T, root string) (store, *exec.Cmd) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childRoot+"="+root)
	cmd.Dir, cmd.Stderr = "/", os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the child did not start: %v", err)
	}
	port, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	return dial(t, root, port), cmd
}

func (s store) put(ctx context.Context, key string, body []byte) error {
	_, err := s.PutObject(ctx, bucket, key, bytes.NewReader(body), int64(len(body)), minio.PutObjectOptions{DisableMultipart: true})
	return err
}

func (s store) get(t *testing.T, key string) []byte {
	t.Helper()
	o, err := s.GetObject(t.Context(), bucket, key, minio.GetObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	b, err := io.ReadAll(o)
	if err != nil {
		t.Errorf("get %s: %v", key, err)
	}
	return b
}

func status(err error) int { return minio.ToErrorResponse(err).StatusCode }

func TestAnObjectIsThereAfterARestart(t *testing.T) {
	root := t.TempDir()
	s := open(t, root)
	if err := s.put(t.Context(), "artifact/sha256/ab/abcd", []byte("conditioned medium")); err != nil {
		t.Fatal(err)
	}
	info, err := s.StatObject(t.Context(), bucket, "artifact/sha256/ab/abcd", minio.StatObjectOptions{})
	if err != nil || info.Metadata.Get("Content-Encoding") != "" {
		t.Errorf("stat = %v, encoding %q; want none: aws-chunked says how the body travelled", err, info.Metadata.Get("Content-Encoding"))
	}
	s.stop()
	s = open(t, root)
	if got := s.get(t, "artifact/sha256/ab/abcd"); string(got) != "conditioned medium" {
		t.Errorf("after the restart: %q", got)
	}
}

func TestAPutThatBreaksOffChangesNothing(t *testing.T) {
	s := open(t, t.TempDir())
	if err := s.put(t.Context(), "plate.csv", []byte("whole")); err != nil {
		t.Fatal(err)
	}
	id, err := s.core.NewMultipartUpload(t.Context(), bucket, "big", minio.PutObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	part := url.Values{"uploadId": {id}, "partNumber": {"1"}}
	for _, test := range []struct {
		name, key string
		query     url.Values
	}{
		{"an object", "plate.csv", nil},
		{"a part", "big", part},
	} {
		t.Run(test.name, func(t *testing.T) { s.putTruncated(t, test.key, test.query) })
	}
	if got := s.get(t, "plate.csv"); string(got) != "whole" {
		t.Errorf("the object is now %d bytes; want the old one", len(got))
	}
	parts, err := s.core.ListObjectParts(t.Context(), bucket, "big", id, 0, 10)
	if err != nil || len(parts.ObjectParts) != 0 {
		t.Errorf("parts = %v, %v; want none", parts.ObjectParts, err)
	}
}

// putTruncated announces 1,000,000 bytes without a checksum, sends 400,000 and
// hangs up: the case in which the library stored what had come.
func (s store) putTruncated(t *testing.T, key string, query url.Values) {
	t.Helper()
	u, err := s.Presign(t.Context(), http.MethodPut, bucket, key, time.Minute, query)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := net.Dial("tcp", u.Host)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	fmt.Fprintf(conn, "PUT %s HTTP/1.1\r\nHost: %s\r\nContent-Length: 1000000\r\n\r\n", u.RequestURI(), u.Host)
	if _, err := conn.Write(make([]byte, 400_000)); err != nil {
		t.Fatal(err)
	}
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(conn)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("no answer: %v", err)
	}
	if bytes.HasPrefix(answer, []byte("HTTP/1.1 200")) {
		t.Errorf("answered %q", answer)
	}
}

func TestOneOfSixteenConditionalPutsWins(t *testing.T) {
	s := open(t, t.TempDir())
	for round := range 5 {
		key := fmt.Sprintf("logbook/run/1/%010d.json", round)
		results := make(chan error, 16)
		for i := range 16 {
			go func() {
				opts := minio.PutObjectOptions{DisableMultipart: true}
				opts.SetMatchETagExcept("*")
				body := fmt.Appendf(nil, "writer %d", i)
				_, err := s.PutObject(t.Context(), bucket, key, bytes.NewReader(body), int64(len(body)), opts)
				results <- err
			}()
		}
		won := 0
		for range 16 {
			switch err := <-results; {
			case err == nil:
				won++
			case status(err) != http.StatusPreconditionFailed:
				t.Errorf("a loser got %v; want 412", err)
			}
		}
		if won != 1 {
			t.Errorf("round %d: %d writers won", round, won)
		}
	}
}

func TestNothingIsServedFromAnotherWorkingDirectory(t *testing.T) {
	s := open(t, t.TempDir())
	elsewhere := t.TempDir()
	if err := os.Chdir(elsewhere); err != nil {
		t.Fatal(err)
	}
	if err := s.put(t.Context(), "k", []byte("v")); status(err) != http.StatusServiceUnavailable {
		t.Errorf("put after a chdir: %v; want 503", err)
	}
	if entries, _ := os.ReadDir(elsewhere); len(entries) != 0 {
		t.Errorf("written into the other directory: %v", entries)
	}
	if err := os.Chdir(s.root); err != nil {
		t.Fatal(err)
	}
	if err := s.put(t.Context(), "k", []byte("v")); err != nil {
		t.Errorf("put after coming back: %v", err)
	}
}

func TestTheStagingAreaCannotBeReached(t *testing.T) {
	s := open(t, t.TempDir())
	ctx := t.Context()
	if err := s.put(ctx, "k", []byte("v")); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{".sgwtmp/x", "a/.sgwtmp/x", ".SGWTMP/multipart/x"} {
		if err := s.put(ctx, key, []byte("v")); status(err) != http.StatusForbidden {
			t.Errorf("put %s: %v; want 403", key, err)
		}
		if _, err := s.StatObject(ctx, bucket, key, minio.StatObjectOptions{}); status(err) != http.StatusForbidden {
			t.Errorf("stat %s: %v; want 403", key, err)
		}
		if err := s.RemoveObject(ctx, bucket, key, minio.RemoveObjectOptions{}); status(err) != http.StatusForbidden {
			t.Errorf("remove %s: %v; want 403", key, err)
		}
		_, err := s.CopyObject(ctx, minio.CopyDestOptions{Bucket: bucket, Object: "copy"}, minio.CopySrcOptions{Bucket: bucket, Object: key})
		if status(err) != http.StatusForbidden {
			t.Errorf("copy from %s: %v; want 403", key, err)
		}
		objects := make(chan minio.ObjectInfo, 1)
		objects <- minio.ObjectInfo{Key: key}
		close(objects)
		if e := <-s.RemoveObjects(ctx, bucket, objects, minio.RemoveObjectsOptions{}); status(e.Err) != http.StatusForbidden {
			t.Errorf("remove many %s: %v; want 403", key, e.Err)
		}
	}
}

func TestADirectoryMadeAgainIsSyncedAgain(t *testing.T) {
	s := open(t, t.TempDir())
	for range 3 { // the second PUT meets a directory that the DELETE had removed
		if err := s.put(t.Context(), "a/b/c", []byte("v")); err != nil {
			t.Fatal(err)
		}
		if err := s.RemoveObject(t.Context(), bucket, "a/b/c", minio.RemoveObjectOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	tr := newTree(t.TempDir())
	if err := os.MkdirAll(filepath.Join(tr.root, "a/b/c"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := tr.settle("a/b/c"); err != nil || !tr.remembers(filepath.Join(tr.root, "a/b")) {
		t.Fatalf("settle: %v, known %v", err, tr.known)
	}
	if err := tr.removing(func() error { return os.RemoveAll(filepath.Join(tr.root, "a")) }, "a/b/c"); err != nil || len(tr.known) != 0 {
		t.Errorf("removing: %v, still known %v", err, tr.known)
	}
	if err := tr.settle("a/b/c"); err == nil {
		t.Error("an object that is not there was settled")
	}
}

func TestARelativeRootIsRefused(t *testing.T) {
	if _, err := Start(t.Context(), options("objects", 1)); err == nil {
		t.Error("started on a path that the library's chdir would move")
	}
}

func TestAFilesystemWithoutAttributesIsRefused(t *testing.T) {
	dir := t.TempDir()
	mount(t, "ramfs", dir, "ramfs", "")
	_, err := Start(t.Context(), options(filepath.Join(dir, "objects"), 1))
	if !fault.Is(err, fault.Refused) || !strings.Contains(err.Error(), "user attributes") {
		t.Errorf("Start on ramfs = %v", err)
	}
}

// missing skips a test for want of something, and fails it in CI.
func missing(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("SECRETOME_CI") == "1" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

func mount(t *testing.T, source, dir, kind, data string) {
	t.Helper()
	if err := unix.Mount(source, dir, kind, 0, data); err != nil {
		missing(t, "needs to mount %s (root): %v", kind, err)
	}
	t.Cleanup(func() {
		_ = os.Chdir("/") // the server's working directory keeps the mount busy
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Errorf("unmount: %v", err)
		}
	})
}
