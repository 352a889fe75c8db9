package web

import (
	"compress/gzip"
	"io"
	"net/http"
	"regexp"
	"testing"

	"secretome/internal/account"
)

// fetched is what a browser that takes gzip gets: as it came, and unpacked.
func fetched(t *testing.T, d desk, path string) (wire int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Accept-Encoding", "br;q=1.0, gzip;q=0.8")
	w := d.do(account.Manager, r)
	if w.Code != http.StatusOK || w.Header().Get("Content-Encoding") != "gzip" {
		t.Fatalf("%s is answered with %d, packed as %q", path, w.Code, w.Header().Get("Content-Encoding"))
	}
	wire = w.Body.Len()
	z, err := gzip.NewReader(w.Body)
	if err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return wire, string(all)
}

// The budget of the pages: 150 kB for the first, 30 kB for those that follow.
func TestPagesAreLight(t *testing.T) {
	w := writeRun(t)
	w.tell(t)
	page, body := fetched(t, w.desk, "/runs/R-1/review")
	first := page
	for _, asset := range regexp.MustCompile(`(?:href|src)="(/static/[^"]+)"`).FindAllStringSubmatch(body, -1) {
		n, _ := fetched(t, w.desk, asset[1])
		first += n
	}
	t.Logf("first load %d bytes, later ones %d", first, page)
	if first > 150_000 || page > 30_000 {
		t.Errorf("first load %d bytes, later ones %d", first, page)
	}
}

func TestPagesComePlainToWhoTakesNothingElse(t *testing.T) {
	w := writeRun(t)
	for _, accept := range []string{"", "identity", "gzip;q=0", "gzip; q=0, br"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/runs", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Accept-Encoding", accept)
		if got := w.do(account.Manager, r); got.Header().Get("Content-Encoding") != "" || got.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("who takes %q gets %q", accept, got.Header().Get("Content-Encoding"))
		}
	}
}
