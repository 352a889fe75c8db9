package artifact_test

import (
	"bytes"
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"secretome/internal/artifact"
	"secretome/internal/artifact/artifacttest"
	"secretome/internal/fault"
	"secretome/internal/record"
)

// proxy puts interfere between a client and the server at c. interfere answers
// a request itself and returns true, or lets it pass.
func proxy(t *testing.T, c artifact.Config, interfere func(w http.ResponseWriter, r *http.Request, pass http.Handler) bool) artifact.Config {
	t.Helper()
	server := httptest.NewServer(between(t, c, interfere))
	t.Cleanup(server.Close)
	c.URL = server.URL
	return c
}

func between(t *testing.T, c artifact.Config, interfere func(w http.ResponseWriter, r *http.Request, pass http.Handler) bool) http.Handler {
	t.Helper()
	target, err := url.Parse(c.URL)
	if err != nil {
		t.Fatal(err)
	}
	pass := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.Out.Host = r.In.Host // it is signed
	}}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !interfere(w, r, pass) {
			pass.ServeHTTP(w, r)
		}
	})
}

func never(http.ResponseWriter, *http.Request, http.Handler) bool { return false }

// says answers as S3 servers do.
func says(w http.ResponseWriter, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<Error><Code>%s</Code></Error>", code)
}

func TestAnswersOfABrokenServerAreExplained(t *testing.T) {
	direct := fresh(embedded(t, t.TempDir()))
	mustOpen := open(t, direct)
	for _, test := range []struct {
		name, code string
		status     int
		want       fault.Kind
		says       string
	}{
		{"a full disk", "InsufficientStorage", 507, fault.Unavailable, "no space left; nothing was recorded"},
		{"a full MinIO", "XMinioStorageFull", 507, fault.Unavailable, "no space left; nothing was recorded"},
		{"an error of the server", "InternalError", 500, fault.Unavailable, "answered 500 InternalError"},
		{"a conflict is not taken for existing", "ExistingObjectIsDirectory", 409, fault.Unavailable, "answered 409"},
		{"a conditional conflict is not taken for existing", "ConditionalRequestConflict", 409, fault.Unavailable, "answered 409"},
		{"keys that are not accepted", "SignatureDoesNotMatch", 403, fault.Forbidden, "does not accept access key"},
		{"bytes that changed on the way", "XAmzContentSHA256Mismatch", 400, fault.Unavailable, "answered 400"},
		{"a bucket that was removed", "NoSuchBucket", 404, fault.Unavailable, "has no bucket"},
	} {
		t.Run(test.name, func(t *testing.T) {
			c := proxy(t, direct, func(w http.ResponseWriter, r *http.Request, _ http.Handler) bool {
				broken := r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/k")
				if broken {
					says(w, test.status, test.code)
				}
				return broken
			})
			created, err := open(t, c).Create(t.Context(), "k", []byte("v"))
			if created || !fault.Is(err, test.want) || !strings.Contains(fault.Of(err).Sentence(), test.says) {
				t.Errorf("Create = %v, %v; want a fault %v that says %q", created, err, test.want, test.says)
			}
		})
	}
	if keys, err := mustOpen.List(t.Context(), "", ""); err != nil || len(keys) != 0 {
		t.Errorf("the bucket holds %q, %v; want nothing", keys, err)
	}
}

func TestAServerThatIsNotThereIsUnavailable(t *testing.T) {
	c := fresh(keys)
	c.URL = "http://" + artifacttest.FreePort(t)
	_, err := artifact.Open(t.Context(), c)
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(fault.Of(err).Sentence(), c.URL) {
		t.Errorf("Open fails with %v; want a fault unavailable that names %s", err, c.URL)
	}
}

func TestADeadlineEndsACall(t *testing.T) {
	done := make(chan struct{})
	b := open(t, proxy(t, fresh(embedded(t, t.TempDir())), func(_ http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		if r.Method == http.MethodPut && strings.HasSuffix(r.URL.Path, "/slow") {
			<-done
			return true
		}
		return false
	}))
	defer close(done)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := b.Create(ctx, "slow", nil); !fault.Is(err, fault.Timeout) {
		t.Errorf("Create fails with %v; want a fault timeout", err)
	}
}

func TestOpenRefusesWhatIsNoServer(t *testing.T) {
	for _, address := range []string{"", "127.0.0.1:9000", "ftp://host", "http://", "http://host/bucket", "http://user:secret@host", "http://a b"} {
		c := fresh(keys)
		c.URL = address
		if _, err := artifact.Open(t.Context(), c); !fault.Is(err, fault.Invalid) {
			t.Errorf("Open(%q) fails with %v; want a fault invalid", address, err)
		}
	}
}

func TestOpenTellsWrongKeysAtOnce(t *testing.T) {
	c := fresh(embedded(t, t.TempDir()))
	start := time.Now()
	for _, change := range []func(c *artifact.Config){
		func(c *artifact.Config) { c.SecretKey = "wrong-secret" },
		func(c *artifact.Config) { c.AccessKey = "nobody" },
	} {
		wrong := c
		change(&wrong)
		if _, err := artifact.Open(t.Context(), wrong); !fault.Is(err, fault.Forbidden) {
			t.Errorf("Open fails with %v; want a fault forbidden", err)
		}
	}
	if waited := time.Since(start); waited > 5*time.Second {
		t.Errorf("it took %v", waited)
	}
}

func TestOpenWaitsForAServerThatIsStarting(t *testing.T) {
	var asked atomic.Int32
	c := proxy(t, fresh(embedded(t, t.TempDir())), func(w http.ResponseWriter, _ *http.Request, _ http.Handler) bool {
		switch n := asked.Add(1); {
		case n <= 4: // more than the client tries by itself
			says(w, 503, "XMinioServerNotInitialized")
		case n == 5:
			says(w, 403, "AccessDenied") // its users are not loaded yet
		default:
			return false
		}
		return true
	})
	if _, err := open(t, c).Create(t.Context(), "k", nil); err != nil {
		t.Error(err)
	}
}

func TestOpenIsSafeForManyAtOnce(t *testing.T) {
	c := fresh(embedded(t, t.TempDir()))
	failed := make(chan error, 8)
	for range 8 {
		go func() {
			_, err := artifact.Open(t.Context(), c)
			failed <- err
		}()
	}
	for range 8 {
		if err := <-failed; err != nil {
			t.Error(err)
		}
	}
}

// TestALostAnswerIsNoFailure cuts the connection after the server has stored
// the object: the client tries again and is told that the object exists.
func TestALostAnswerIsNoFailure(t *testing.T) {
	var puts atomic.Int32
	c := proxy(t, fresh(embedded(t, t.TempDir())), func(_ http.ResponseWriter, r *http.Request, pass http.Handler) bool {
		if r.Method != http.MethodPut || !strings.HasPrefix(r.URL.Path, "/suite-") || strings.Count(r.URL.Path, "/") < 2 || puts.Add(1)%2 == 0 {
			return false
		}
		pass.ServeHTTP(httptest.NewRecorder(), r)
		panic(http.ErrAbortHandler)
	})
	b := open(t, c)
	a, err := artifact.New(b, t.TempDir()).Put(t.Context(), strings.NewReader("bytes"), artifact.PutOptions{Size: 5})
	if err != nil || a.SHA256 != record.Hash([]byte("bytes")) {
		t.Errorf("Put = %+v, %v", a, err)
	}
	if created, err := b.Create(t.Context(), "k", []byte("v")); created || err != nil {
		t.Errorf("Create = %v, %v; want false, as its comment warns", created, err)
	}
	if got, err := b.Get(t.Context(), "k"); err != nil || string(got) != "v" {
		t.Errorf("Get = %q, %v", got, err)
	}
}

func TestAReadThatBreaksOffIsNoEnd(t *testing.T) {
	direct := fresh(embedded(t, t.TempDir()))
	data := bytes.Repeat([]byte("x"), 100_000)
	a, err := artifact.New(open(t, direct), t.TempDir()).PutBytes(t.Context(), data, "", "")
	if err != nil {
		t.Fatal(err)
	}
	b := open(t, proxy(t, direct, func(w http.ResponseWriter, r *http.Request, _ http.Handler) bool {
		if !strings.HasSuffix(r.URL.Path, a.SHA256) {
			return false
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(data)))
		w.Header().Set("Last-Modified", time.Unix(0, 0).UTC().Format(http.TimeFormat))
		w.Write(data[:50_000])
		panic(http.ErrAbortHandler)
	}))
	got, err := artifact.New(b, t.TempDir()).Bytes(t.Context(), a.SHA256)
	if !fault.Is(err, fault.Unavailable) || !errors.Is(err, io.ErrUnexpectedEOF) || !strings.Contains(err.Error(), "broke off") {
		t.Errorf("Bytes = %d bytes, %v; want a fault unavailable", len(got), err)
	}
}

// TestOverTLS uses a TLS server whose certificate only SSL_CERT_FILE vouches
// for. Over TLS the client library does not hash what it sends unless told so.
func TestOverTLS(t *testing.T) {
	c := fresh(embedded(t, t.TempDir()))
	server := httptest.NewTLSServer(between(t, c, never))
	t.Cleanup(server.Close)
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it logs the refusal that is wanted
	c.URL = server.URL
	if _, err := artifact.Open(t.Context(), c); !fault.Is(err, fault.Unavailable) {
		t.Errorf("Open without the certificate fails with %v; want a fault unavailable", err)
	}
	file := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", file)
	b := open(t, c)
	s := artifact.New(b, t.TempDir())
	a, err := s.Put(t.Context(), artifacttest.Noise(4, 3<<20), artifact.PutOptions{Size: 3 << 20})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Verify(t.Context(), a.SHA256); err != nil {
		t.Error(err)
	}
	created, err := b.CreateFrom(t.Context(), "k", strings.NewReader("other"), artifact.Object{Size: 5, SHA256: a.SHA256})
	if created || !fault.Is(err, fault.Unavailable) {
		t.Errorf("CreateFrom with a wrong hash = %v, %v; want it refused", created, err)
	}
}

// TestAFullSpoolIsExplained fills a file system of 1 MiB.
func TestAFullSpoolIsExplained(t *testing.T) {
	spool := t.TempDir()
	if err := syscall.Mount("tmpfs", spool, "tmpfs", 0, "size=1m"); err != nil {
		artifacttest.Missing(t, "no right to mount a small file system: "+err.Error())
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(spool, 0); err != nil {
			t.Error(err)
		}
	})
	s := artifact.New(new(artifact.Mem), spool)
	for range 3 { // the space is given back each time
		_, err := s.Put(t.Context(), artifacttest.Noise(3, 2<<20), artifact.PutOptions{Size: 2 << 20})
		if !fault.Is(err, fault.Unavailable) || fault.Of(err).Sentence() != "no space left; nothing was recorded" {
			t.Errorf("Put fails with %v", err)
		}
	}
	if _, err := s.Put(t.Context(), artifacttest.Noise(3, 1000), artifact.PutOptions{Size: 1000}); err != nil {
		t.Errorf("Put of what fits: %v", err)
	}
}
