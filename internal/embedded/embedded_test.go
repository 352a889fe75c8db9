package embedded

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
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
	"go.temporal.io/sdk/client"

	"secretome/internal/fault"
)

// childData names the variable that makes this test binary run servers on a
// data directory until its standard input is closed.
const childData = "SECRETOME_TEST_DATA"

func TestMain(m *testing.M) {
	if data := os.Getenv(childData); data != "" {
		runAsChild(data)
		return
	}
	os.Exit(m.Run())
}

func runAsChild(data string) {
	s, err := Start(context.Background(), Options{Data: data, Program: "child", UI: true, Logger: zerolog.New(os.Stderr)})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	s.Stop()
}

type child struct {
	*exec.Cmd
	in  io.Closer
	out *bufio.Reader
}

func spawn(t *testing.T, data string) child {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env, cmd.Dir, cmd.Stderr = append(os.Environ(), childData+"="+data), "/", os.Stderr
	in, inErr := cmd.StdinPipe()
	out, outErr := cmd.StdoutPipe()
	if err := errors.Join(inErr, outErr, cmd.Start()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	c := child{cmd, in, bufio.NewReader(out)}
	if line, err := c.out.ReadString('\n'); line != "ready\n" {
		t.Fatalf("the child said %q, %v; want only that it is ready", line, err)
	}
	return c
}

func options(data string) Options {
	return Options{Data: data, Program: "1.2.3", Logger: zerolog.Nop()}
}

func objects(t *testing.T, at Addresses) *minio.Client {
	t.Helper()
	c, err := minio.New(strings.TrimPrefix(at.S3, "http://"), &minio.Options{
		Creds: credentials.NewStaticV4(at.AccessKey, at.SecretKey, ""), Region: at.Region,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func workflows(t *testing.T, at Addresses) client.Client {
	t.Helper()
	c, err := client.Dial(client.Options{HostPort: at.Temporal, Namespace: at.Namespace})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestWhatWasStoredIsThereAfterARestart(t *testing.T) {
	data := filepath.Join(t.TempDir(), "new", "data")
	o := options(data)
	o.UI = true
	s, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	before := s.Addresses()
	if _, err := objects(t, before).PutObject(t.Context(), before.Bucket, "k", strings.NewReader("v"), 1, minio.PutObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	c := workflows(t, before)
	if _, err := c.ExecuteWorkflow(t.Context(), client.StartWorkflowOptions{ID: "run/1", TaskQueue: "q"}, "Run"); err != nil {
		t.Fatal(err)
	}
	c.Close()
	answer, err := http.Get(before.UI)
	if err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("GET %s = %v, %v", before.UI, answer, err)
	}
	s.Stop()
	s.Stop() // once more does no harm

	if s, err = Start(t.Context(), options(data)); err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	after := s.Addresses()
	if after.AccessKey != before.AccessKey || after.SecretKey != before.SecretKey || after.UI != "" {
		t.Errorf("addresses were %+v and are %+v; want the same keys and no web UI", before, after)
	}
	if _, err := objects(t, after).StatObject(t.Context(), after.Bucket, "k", minio.StatObjectOptions{}); err != nil {
		t.Errorf("the object: %v", err)
	}
	if _, err := workflows(t, after).DescribeWorkflowExecution(t.Context(), "run/1", ""); err != nil {
		t.Errorf("the workflow: %v", err)
	}
	for path, want := range map[string]fs.FileMode{"": 0o700 | fs.ModeDir, "s3": 0o700 | fs.ModeDir, "s3-credentials.json": 0o600} {
		if info, err := os.Stat(filepath.Join(data, path)); err != nil || info.Mode() != want {
			t.Errorf("mode of %q = %v, %v; want %v", path, info.Mode(), err, want)
		}
	}
	b, err := os.ReadFile(filepath.Join(data, "version.json"))
	if want := `"program": "1.2.3"`; err != nil || !strings.Contains(string(b), want) {
		t.Errorf("version.json = %s, %v; want %s in it", b, err, want)
	}
}

func TestASecondProcessIsRefusedUntilTheFirstIsGone(t *testing.T) {
	data := t.TempDir()
	first := spawn(t, data)
	_, err := Start(t.Context(), options(data))
	want := fmt.Sprintf("data directory %s is in use by process %d", data, first.Process.Pid)
	if f := fault.Of(err); f.Kind != fault.Conflict || f.Message != want || !strings.Contains(f.Help, "--data") {
		t.Errorf("Start = %v, help %q; want %q", err, f.Help, want)
	}
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait() // killed
	second := spawn(t, data)
	if err := second.in.Close(); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(second.out); err != nil || len(rest) != 0 {
		t.Errorf("standard output has %q after ready, %v; commands print JSON there", rest, err)
	}
	if err := second.Wait(); err != nil {
		t.Errorf("a clean stop ended with %v", err)
	}
}

// listing is every file of a directory with what it holds.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var all strings.Builder
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		fmt.Fprintf(&all, "%s\n%s\n", path, b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all.String()
}

func TestADirectoryOfANewerFormatIsRefusedAndLeftAlone(t *testing.T) {
	data := t.TempDir()
	write(t, filepath.Join(data, "version.json"), `{"format":2,"program":"9.0.0","temporal_server":"2.0.0"}`)
	before := listing(t, data)
	_, err := Start(t.Context(), options(data))
	if f := fault.Of(err); f.Kind != fault.Refused || !strings.Contains(f.Message, "format 2") || !strings.Contains(f.Message, "9.0.0") {
		t.Errorf("Start = %v", err)
	}
	if after := listing(t, data); after != before {
		t.Errorf("the directory was\n%s\nand is\n%s", before, after)
	}
}

func TestDamagedFilesAreNamed(t *testing.T) {
	for name, content := range map[string]string{
		"version.json":        `{"format":`,
		"s3-credentials.json": `{"access_key":"only"}`,
	} {
		t.Run(name, func(t *testing.T) {
			data := t.TempDir()
			write(t, filepath.Join(data, name), content)
			if _, err := StartS3(t.Context(), options(data)); !fault.Is(err, fault.Corrupt) || !strings.Contains(err.Error(), name) {
				t.Errorf("StartS3 = %v", err)
			}
		})
	}
}

func write(t *testing.T, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestATakenPortNamesItsFlagAndNothingStaysBehind(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	number := taken.Addr().(*net.TCPAddr).Port
	data := t.TempDir()
	for flag, o := range map[string]Options{
		"--s3-port":       {S3Port: number},
		"--temporal-port": {TemporalPort: number},
		"--ui-port":       {UIPort: number, UI: true},
	} {
		o.Data, o.Logger = data, zerolog.Nop()
		_, err := Start(t.Context(), o)
		f := fault.Of(err)
		if f.Kind != fault.Unavailable || !strings.Contains(f.Message, strconv.Itoa(number)) || !strings.Contains(f.Help, flag) {
			t.Errorf("%s: Start = %v, help %q", flag, err, f.Help)
		}
	}
}

func TestAFailedStartStopsWhatItHadStarted(t *testing.T) {
	data := t.TempDir()
	write(t, filepath.Join(data, "temporal.db"), "this is no database, though somebody named it so")
	if _, err := Start(t.Context(), options(data)); !fault.Is(err, fault.Corrupt) {
		t.Fatalf("Start on a file that is no database = %v", err)
	}
	s, err := StartS3(t.Context(), options(data)) // the lock and the only S3 server of the process are free again
	if err != nil {
		t.Fatal(err)
	}
	defer s.Stop()
	if at := s.Addresses(); at.Temporal != "" || at.S3 == "" {
		t.Errorf("addresses = %+v; want S3's alone", at)
	}
	if b, err := os.ReadFile(filepath.Join(data, "temporal.db")); err != nil || !bytes.HasPrefix(b, []byte("this is no database")) {
		t.Errorf("the file is now %q, %v", b, err)
	}
}

func TestAServerThatFailsIsReported(t *testing.T) {
	s := &Servers{failed: make(chan error, 2)}
	fatal := make(chan error, 1)
	s.pass(fatal)
	fatal <- errors.New("shard lost")
	select {
	case err := <-s.Failed():
		if !strings.Contains(err.Error(), "shard lost") {
			t.Errorf("Failed gave %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Error("nothing was reported")
	}
	s.Stop()
}
