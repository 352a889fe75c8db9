package artifacttest

import (
	"bytes"
	"net"
	"net/http"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"secretome/internal/artifact"
)

// MinIO starts the MinIO server whose binary SECRETOME_TEST_MINIO names, in a
// process of its own over an empty folder, and stops it when the test ends. The
// bucket's name is left to the caller. Without the variable the test is skipped
// (in CI it fails); .ci/minio builds the binary and prints its path.
func MinIO(t testing.TB) artifact.Config {
	t.Helper()
	binary := os.Getenv("SECRETOME_TEST_MINIO")
	if binary == "" {
		Missing(t, "no MinIO server: set SECRETOME_TEST_MINIO to what .ci/minio prints")
	}
	c := artifact.Config{URL: "http://" + FreePort(t), AccessKey: "secretome-test", SecretKey: "only-for-this-test"}
	cmd := exec.Command(binary, "server", t.TempDir(), "--address", c.URL[len("http://"):], "--quiet")
	cmd.Env = append(os.Environ(), "MINIO_ROOT_USER="+c.AccessKey, "MINIO_ROOT_PASSWORD="+c.SecretKey, "MINIO_BROWSER=off")
	Start(t, cmd, c.URL+"/minio/health/live")
	return c
}

// Missing skips a test that needs what this machine does not have; with
// SECRETOME_CI=1 the test fails instead.
func Missing(t testing.TB, sentence string) {
	t.Helper()
	if os.Getenv("SECRETOME_CI") == "1" {
		t.Fatal(sentence)
	}
	t.Skip(sentence)
}

// FreePort returns a loopback address on which nothing listened a moment ago.
func FreePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// Start runs a server, waits until health answers without an error of the server
// (a refusal is an answer), and stops it when
// the test ends.
func Start(t testing.TB, cmd *exec.Cmd, health string) {
	t.Helper()
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() { stop(t, cmd.Process, ended) })
	for deadline := time.Now().Add(30 * time.Second); !healthy(health); {
		select {
		case err := <-ended:
			t.Fatalf("%s ended: %v\n%s", cmd.Path, err, said.String())
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s does not answer on %s", cmd.Path, health)
		}
	}
}

func healthy(url string) bool {
	res, err := http.Get(url)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	return res.StatusCode < http.StatusInternalServerError
}

func stop(t testing.TB, p *os.Process, ended <-chan error) {
	if err := p.Signal(syscall.SIGTERM); err != nil {
		return // it has ended already
	}
	select {
	case <-ended:
	case <-time.After(15 * time.Second):
		t.Errorf("the server did not stop in 15 s and is killed: %v", p.Kill())
	}
}
