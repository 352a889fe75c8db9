package api

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"secretome/internal/account"
	"secretome/internal/artifact"
	"secretome/internal/client"
	"secretome/internal/index"
	"secretome/internal/lab"
	"secretome/internal/logbook"
	"secretome/internal/record"
)

// harbour is a server that takes uploads, over folders that outlive it.
type harbour struct {
	t      *testing.T
	dir    string
	bucket *artifact.Mem
	server *httptest.Server
	people *account.Book
	stop   func()
}

func newHarbour(t *testing.T) *harbour {
	t.Helper()
	h := &harbour{t: t, dir: t.TempDir(), bucket: &artifact.Mem{}}
	h.start()
	t.Cleanup(func() { h.stop() })
	return h
}

// start opens the server on what lies in the folders.
func (h *harbour) start() {
	h.t.Helper()
	x, err := index.Open(h.t.Context(), filepath.Join(h.dir, "index.db"))
	if err != nil {
		h.t.Fatal(err)
	}
	h.people, err = account.Ensure(filepath.Join(h.dir, "credentials.json"), []account.Person{{Name: "Tim", Role: account.Technician}, {Name: "Eve", Role: account.Technician}, {Name: "Ada", Role: account.Auditor}})
	if err != nil {
		h.t.Fatal(err)
	}
	l := lab.New(lab.Deps{Temporal: empty{}, Logbooks: logbook.New(h.bucket, x, zerolog.Nop()), Index: x, Artifacts: artifact.New(h.bucket, h.dir), People: h.people, Program: "test", Now: time.Now})
	h.server = httptest.NewServer(New(l, Options{Log: zerolog.Nop(), Version: "test", Requests: filepath.Join(h.dir, "requests")}))
	h.stop = func() {
		h.server.Close()
		if err := x.Close(); err != nil {
			h.t.Error(err)
		}
	}
}

// answer is what the server said.
type answered struct {
	status int
	offset string
	whole  string
	body   string
}

// ask sends a request as somebody.
func (h *harbour) ask(who, method, path string, header map[string]string, body string) answered {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), method, h.server.URL+prefix+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	token, _ := h.people.Token(who)
	r.Header.Set("Authorization", "Bearer "+token)
	for k, v := range header {
		r.Header.Set(k, v)
	}
	a, err := h.server.Client().Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return answered{a.StatusCode, a.Header.Get(offsetHeader), a.Header.Get(completeHeader), string(text)}
}

// begin announces bytes.
func (h *harbour) begin(who, id string, size int, sha256 string) answered {
	h.t.Helper()
	body := fmt.Sprintf(`{"name":"scan.czi","size":%d,"sha256":%q,"media_type":"image/czi"}`, size, sha256)
	return h.ask(who, "POST", "/uploads", map[string]string{"Content-Type": "application/json", client.KeyHeader: id}, body)
}

func (h *harbour) patch(who, id string, offset int, piece string) answered {
	h.t.Helper()
	return h.ask(who, "PATCH", "/uploads/"+id, map[string]string{"Content-Type": "application/partial-upload", offsetHeader: strconv.Itoa(offset)}, piece)
}

func (h *harbour) head(who, id string) answered {
	h.t.Helper()
	return h.ask(who, "HEAD", "/uploads/"+id, nil, "")
}

// cut sends a piece whose end never comes.
func (h *harbour) cut(id string, offset, announced int, piece string) {
	h.t.Helper()
	c, err := net.Dial("tcp", h.server.Listener.Addr().String())
	if err != nil {
		h.t.Fatal(err)
	}
	token, _ := h.people.Token("Tim")
	_, err = fmt.Fprintf(c, "PATCH %s/uploads/%s HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: application/partial-upload\r\nUpload-Offset: %d\r\nContent-Length: %d\r\n\r\n%s", prefix, id, token, offset, announced, piece)
	if err != nil {
		h.t.Fatal(err)
	}
	c.Close()
}

func content(t *testing.T, n int) string {
	t.Helper()
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestAnUploadGoesOnAfterCutsAndARestart(t *testing.T) {
	h := newHarbour(t)
	const size = 3 << 20
	whole := content(t, size)
	id := client.NewRequest()
	if a := h.begin("Tim", id, size, record.Hash([]byte(whole))); a.status != http.StatusCreated || a.offset != "0" || a.whole != "?0" {
		t.Fatalf("begun: %+v", a)
	}
	first := h.patch("Tim", id, 0, whole[:1<<20])
	if first.status != http.StatusNoContent || first.offset != "1048576" || first.whole != "?0" {
		t.Fatalf("the first piece: %+v", first)
	}
	h.cut(id, 1<<20, 1<<20, whole[1<<20:1<<20+70_000])
	h.untilQuiet(id, 1<<20+70_000)
	h.stop()
	h.start()
	if a := h.head("Tim", id); a.offset != strconv.Itoa(1<<20+70_000) {
		t.Fatalf("after a restart: %+v", a)
	}
	last := h.patch("Tim", id, 1<<20+70_000, whole[1<<20+70_000:])
	var stored record.Artifact
	if err := json.Unmarshal([]byte(last.body), &stored); err != nil || last.status != http.StatusCreated || last.whole != "?1" || stored.Size != size || stored.Name != "scan.czi" {
		t.Fatalf("the last piece: %+v, %v", last, err)
	}
	if back := h.ask("Ada", "GET", "/artifacts/"+stored.SHA256, nil, ""); back.body != whole {
		t.Errorf("%d bytes came back of %d", len(back.body), size)
	}
	if a := h.head("Tim", id); a.whole != "?1" || a.offset != strconv.Itoa(size) {
		t.Errorf("asked afterwards: %+v", a)
	}
	if a := h.patch("Tim", id, size, ""); a.status != http.StatusCreated || a.body != last.body {
		t.Errorf("the last piece, sent again: %+v", a)
	}
	h.keepsNothing()
}

// keepsNothing fails if bytes of an upload are left.
func (h *harbour) keepsNothing() {
	h.t.Helper()
	left, err := os.ReadDir(filepath.Join(h.dir, "uploads"))
	if err != nil || len(left) > 0 {
		h.t.Errorf("left are %v, %v", left, err)
	}
}

func TestAnUploadIsRefusedInWords(t *testing.T) {
	h := newHarbour(t)
	id, wrong, small := client.NewRequest(), client.NewRequest(), client.NewRequest()
	for name, id := range map[string]string{"ten bytes": id, "ten other bytes": wrong} {
		if a := h.begin("Tim", id, 10, record.Hash([]byte("0123456789"))); a.status != http.StatusCreated {
			t.Fatalf("%s: %+v", name, a)
		}
	}
	octets := map[string]string{"Content-Type": "application/offset+octet-stream", offsetHeader: "0"}
	for _, test := range []struct {
		name   string
		got    answered
		status int
		offset string
		text   string
	}{
		{"at another offset", h.patch("Tim", id, 4, "4567"), 409, "0", "stands at byte 0, not 4"},
		{"more than announced", h.patch("Tim", id, 0, "0123456789x"), 413, "0", "11 bytes come behind byte 0, and the file has 10"},
		{"without an offset", h.ask("Tim", "PATCH", "/uploads/"+id, map[string]string{"Content-Type": "application/partial-upload"}, "x"), 400, "", "Upload-Offset"},
		{"a negative offset", h.patch("Tim", id, -1, "x"), 400, "", "-1"},
		{"a form", h.ask("Tim", "PATCH", "/uploads/"+id, map[string]string{"Content-Type": "multipart/form-data; boundary=x", offsetHeader: "0"}, "x"), 415, "", "multipart"},
		{"of somebody else", h.patch("Eve", id, 0, "x"), 404, "", "no upload"},
		{"asked by somebody else", h.ask("Eve", "GET", "/uploads/"+id, nil, ""), 404, "", "no upload"},
		{"by a role that may not", h.begin("Ada", client.NewRequest(), 1, ""), 403, "", "auditor"},
		{"that never was", h.head("Tim", client.NewRequest()), 404, "", ""},
		{"begun again with another size", h.begin("Tim", id, 11, ""), 422, "", "another message"},
		{"begun again", h.begin("Tim", id, 10, record.Hash([]byte("0123456789"))), 201, "0", id},
		{"larger than a file may be", h.begin("Tim", client.NewRequest(), MaxArriving+1, ""), 413, "", "the most is"},
		{"without a size", h.ask("Tim", "POST", "/uploads", map[string]string{"Content-Type": "application/json", client.KeyHeader: client.NewRequest()}, `{"name":"a"}`), 422, "", "size of the file is missing"},
		{"with a zero byte in its name", h.ask("Tim", "POST", "/uploads", map[string]string{"Content-Type": "application/json", client.KeyHeader: client.NewRequest()}, `{"name":"a\u0000","size":1}`), 400, "", "zero byte"},
		{"as tus clients send it", h.ask("Tim", "PATCH", "/uploads/"+id, octets, "0123"), 204, "4", ""},
		{"with other bytes than announced", h.patch("Tim", wrong, 0, "0123456780"), 422, "", "was announced"},
		{"with other bytes, asked afterwards", h.head("Tim", wrong), 404, "", ""},
		{"cancelled", h.ask("Tim", "DELETE", "/uploads/"+id, nil, ""), 204, "", ""},
		{"cancelled twice", h.ask("Tim", "DELETE", "/uploads/"+id, nil, ""), 404, "", "no upload"},
		{"without a byte", h.begin("Tim", small, 0, ""), 201, "0", "e3b0c44298fc1c149afbf4c8996fb924"},
	} {
		if test.got.status != test.status || (test.offset != "" && test.got.offset != test.offset) || !strings.Contains(test.got.body, test.text) {
			t.Errorf("%s: %+v, want %d at %q with %q", test.name, test.got, test.status, test.offset, test.text)
		}
	}
	h.keepsNothing()
}

func TestWhoeverGoesOnCutsTheOldRequestOff(t *testing.T) {
	h := newHarbour(t)
	id := client.NewRequest()
	if a := h.begin("Tim", id, 10, ""); a.status != http.StatusCreated {
		t.Fatal(a)
	}
	slow, more := io.Pipe()
	token, _ := h.people.Token("Tim")
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPatch, h.server.URL+prefix+"/uploads/"+id, slow)
	if err != nil {
		t.Fatal(err)
	}
	r.ContentLength = 10
	for k, v := range map[string]string{"Authorization": "Bearer " + token, "Content-Type": "application/partial-upload", offsetHeader: "0"} {
		r.Header.Set(k, v)
	}
	over := make(chan int, 1)
	go func() {
		a, err := h.server.Client().Do(r)
		if err != nil {
			over <- 0
			return
		}
		a.Body.Close()
		over <- a.StatusCode
	}()
	send := func(piece string) {
		if _, err := io.WriteString(more, piece); err != nil {
			t.Error(err)
		}
	}
	send("0123")
	h.untilQuiet(id, 4)
	if a := h.patch("Tim", id, 4, "456"); a.status != http.StatusNoContent || a.offset != "7" {
		t.Errorf("the new request: %+v", a)
	}
	send("xxxxxx")
	more.Close()
	if status := <-over; status != http.StatusConflict {
		t.Errorf("the old request ends with %d, want 409", status)
	}
	if a := h.patch("Tim", id, 7, "789"); a.status != http.StatusCreated || !strings.Contains(a.body, record.Hash([]byte("0123456789"))) {
		t.Errorf("the end: %+v", a)
	}
}

// untilQuiet waits until bytes lie in the file, without asking the server: that
// would cut the sender off.
func (h *harbour) untilQuiet(id string, want int64) {
	h.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if info, err := os.Stat(filepath.Join(h.dir, "uploads", id+".part")); err == nil && info.Size() == want {
			return
		}
	}
	h.t.Fatalf("%d bytes never came", want)
}

func TestUploadsHaveAQuotaAndEnd(t *testing.T) {
	h := newHarbour(t)
	const most = 16 // of package lab, at once
	var last string
	for range most {
		last = client.NewRequest()
		if a := h.begin("Tim", last, 100, ""); a.status != http.StatusCreated {
			t.Fatal(a)
		}
	}
	if a := h.begin("Tim", client.NewRequest(), 100, ""); a.status != http.StatusRequestEntityTooLarge || !strings.Contains(a.body, "17 uploads of yours") {
		t.Errorf("one too many: %+v", a)
	}
	files, err := filepath.Glob(filepath.Join(h.dir, "uploads", "*.part"))
	if err != nil {
		t.Fatal(err)
	}
	if a := h.begin("Eve", client.NewRequest(), 100, ""); a.status != http.StatusCreated {
		t.Errorf("of somebody else: %+v", a)
	}
	for _, f := range files {
		old := time.Now().Add(-lab.UploadsLast - time.Hour)
		if err := os.Chtimes(f, old, old); err != nil {
			t.Fatal(err)
		}
	}
	if a := h.head("Tim", last); a.status != http.StatusNotFound {
		t.Errorf("after two days: %+v", a)
	}
	if a := h.begin("Tim", client.NewRequest(), 100, ""); a.status != http.StatusCreated {
		t.Errorf("begun after two days: %+v", a)
	}
	left, err := os.ReadDir(filepath.Join(h.dir, "uploads"))
	if err != nil || len(left) != 4 {
		t.Errorf("left are %d files, %v, want two of the new one and two of somebody else", len(left), err)
	}
}

func TestAFileOfAnnouncedSizeIsTakenWhole(t *testing.T) {
	h := newHarbour(t)
	c := as(t, h.server, mustToken(t, h.people, "Tim"))
	const size = 300_000
	whole := content(t, size)
	a, err := c.Upload(t.Context(), client.NewRequest(), strings.NewReader(whole), client.Upload{Name: "a.bin", MediaType: "application/octet-stream", Size: size})
	if err != nil {
		t.Fatal(err)
	}
	var back bytes.Buffer
	if err := c.Artifact(t.Context(), a.SHA256, &back); err != nil || back.String() != whole {
		t.Errorf("%d bytes, %v", back.Len(), err)
	}
}

func mustToken(t *testing.T, people *account.Book, name string) string {
	t.Helper()
	token, ok := people.Token(name)
	if !ok {
		t.Fatalf("nobody is called %s", name)
	}
	return token
}
