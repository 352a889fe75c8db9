package api

import (
	"bytes"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

func TestThePageTellsOfEveryAddressWithoutAnyScript(t *testing.T) {
	server, _ := serve(t, &bytes.Buffer{})
	get := func(path string) (*http.Response, string) {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		a, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer a.Body.Close()
		data, err := io.ReadAll(a.Body)
		if err != nil || a.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d, %v", path, a.StatusCode, err)
		}
		return a, string(data)
	}
	a, page := get("/api")
	for _, one := range documented(t) {
		method, path, _ := strings.Cut(one, " ")
		want := regexp.MustCompile(`<span class="method ` + strings.ToLower(method) + `">` + method + `</span> <code>` + regexp.QuoteMeta(prefix+path) + `</code>`)
		if !want.MatchString(page) {
			t.Errorf("the page does not tell of %s", one)
		}
	}
	if found := regexp.MustCompile(`(?i)<script|<style|\son[a-z]+=|\sstyle=|https?://[^ <"]+"`).FindString(page); found != "" {
		t.Errorf("there is %q in the page", found)
	}
	for id := range strings.SplitSeq(page, `href="#`) {
		name, _, _ := strings.Cut(id, `"`)
		if !strings.Contains(page, `id="`+name+`"`) && !strings.HasPrefix(id, "<!doctype") {
			t.Errorf("#%s leads nowhere", name)
		}
	}
	_, css := get("/api/style.css")
	const most = 150_000 // bytes of a first load
	if len(page)+len(css) > most {
		t.Errorf("the page has %d bytes", len(page)+len(css))
	}
	if policy := a.Header.Get("Content-Security-Policy"); !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("its policy is %q", policy)
	}
	if _, again := get("/api/"); again != page {
		t.Error("a slash behind it leads elsewhere")
	}
}
