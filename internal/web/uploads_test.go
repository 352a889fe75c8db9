package web

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"secretome/internal/account"
	"secretome/internal/record"
)

func TestAScriptSendsAFileInPieces(t *testing.T) {
	d := open(t)
	ask := func(role, method, path, body string, header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "http://localhost"+path, strings.NewReader(body))
		r.Header.Set("Accept", "application/json")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
		if role != "" {
			r.AddCookie(&http.Cookie{Name: sessionCookie, Value: d.tokens[role]})
		}
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		w := httptest.NewRecorder()
		d.ServeHTTP(w, r)
		return w
	}
	id := newID()
	announced := `{"name":"photo.jpg","size":10,"media_type":"image/jpeg"}`
	json := []string{"Content-Type", "application/json", "Idempotency-Key", id}
	piece := func(offset string) []string {
		return []string{"Content-Type", "application/partial-upload", "Upload-Offset", offset}
	}
	for _, test := range []struct {
		name   string
		got    *httptest.ResponseRecorder
		status int
		offset string
		text   string
	}{
		{"nobody is signed in", ask("", "POST", "/uploads", announced, json...), 401, "", "You were signed out"},
		{"a page of another site", ask(account.Technician, "POST", "/uploads", announced, append(json, "Sec-Fetch-Site", "cross-site")...), 403, "", "another site"},
		{"a role that may not", ask(account.Auditor, "POST", "/uploads", announced, json...), 403, "", "auditor"},
		{"no request ID", ask(account.Technician, "POST", "/uploads", announced, "Content-Type", "application/json"), 400, "", "Idempotency-Key"},
		{"begun", ask(account.Technician, "POST", "/uploads", announced, json...), 201, "0", id},
		{"a piece", ask(account.Technician, "PATCH", "/uploads/"+id, "01234", piece("0")...), 204, "5", ""},
		{"the piece again", ask(account.Technician, "PATCH", "/uploads/"+id, "01234", piece("0")...), 409, "5", "stands at byte 5"},
		{"of somebody else", ask(account.Quality, "GET", "/uploads/"+id, ""), 404, "", "no upload"},
		{"how far", ask(account.Technician, "GET", "/uploads/"+id, ""), 200, "5", `"offset":5`},
		{"a method that is none", ask(account.Technician, "PUT", "/uploads/"+id, ""), 404, "", ""},
		{"the rest", ask(account.Technician, "PATCH", "/uploads/"+id, "56789", piece("5")...), 201, "10", record.Hash([]byte("0123456789"))},
		{"afterwards", ask(account.Technician, "GET", "/uploads/"+id, ""), 200, "10", `"artifact"`},
	} {
		if test.got.Code != test.status || test.got.Header().Get("Upload-Offset") != test.offset || !strings.Contains(test.got.Body.String(), test.text) {
			t.Errorf("%s: %d at %q, %s", test.name, test.got.Code, test.got.Header().Get("Upload-Offset"), test.got.Body.String())
		}
	}
}
