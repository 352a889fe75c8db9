package web

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"secretome/internal/account"
)

// sendLog posts the form of a place's log.
func (s stockroom) sendLog(t *testing.T, role, file string, pairs ...string) *httptest.ResponseRecorder {
	t.Helper()
	var b bytes.Buffer
	form := multipart.NewWriter(&b)
	fields := fill(pairs...)
	for name := range fields {
		if err := form.WriteField(name, fields.Get(name)); err != nil {
			t.Fatal(err)
		}
	}
	if file != "" {
		part, err := form.CreateFormFile("file", "freezer.csv")
		if err != nil {
			t.Fatal(err)
		}
		_, _ = part.Write([]byte(file)) // into memory
	}
	if err := form.Close(); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, "/places", &b)
	r.Header.Set("Content-Type", form.FormDataContentType())
	return s.do(role, r)
}

func TestAPlaceShowsItsCurveWithTheGapsInIt(t *testing.T) {
	s := openStock(t)
	file := "time,temperature (°C)\n2026-03-01 00:00,-80\n2026-03-01 00:10,-79\n2026-03-01 00:20,-78\n2026-03-01 06:00,-80\n2026-03-01 06:10,-81\n"
	if w := s.sendLog(t, account.Technician, file, "how", "file", "place", "F-80-2", "zone", "UTC"); w.Code != http.StatusSeeOther || w.Header().Get("Location") != "/places/F-80-2?done=1" {
		t.Fatalf("%d %s", w.Code, faultsIn(w))
	}
	body := s.get(account.Auditor, "/places/F-80-2").Body.String()
	if strings.Count(body, "<polyline") != 2 || strings.Count(body, `class="gap"`) != 1 || !strings.Contains(body, "−81\u00a0°C to −78\u00a0°C") || strings.Contains(body, "Log the file") {
		t.Errorf("no curve of two parts with a gap between:\n%s", body)
	}
	for _, c := range []struct {
		name, role, file string
		form             []string
		status           int
		says             string
	}{
		{"the same file", account.Technician, file, []string{"how", "file", "place", "F-80-2", "zone", "UTC"}, 409, "is in the log of F-80-2 already"},
		{"no file", account.Technician, "", []string{"how", "file", "place", "F-80-2", "zone", "UTC"}, 422, "Choose the logger&#39;s file"},
		{"a wrong line", account.Technician, "time,temperature (°C)\n2026-03-01 00:00,cold\n", []string{"how", "file", "place", "F-80-2", "zone", "UTC"}, 422, "Line 2: &#34;cold&#34; is no temperature"},
		{"no zone", account.Technician, file, []string{"how", "file", "place", "X", "zone", "Mars"}, 422, "is no time zone"},
		{"no place", account.Technician, file, []string{"how", "file", "place", " ", "zone", "UTC"}, 422, "is no name of a place"},
		{"words for a reading", account.Technician, "", []string{"how", "reading", "place", "F-80-2", "cel", "warm"}, 422, "“warm” is no temperature"},
		{"no reading", account.Technician, "", []string{"how", "reading", "place", "F-80-2"}, 422, "Enter the temperature in °C"},
		{"only a reader", account.Auditor, file, []string{"how", "file", "place", "F-80-2", "zone", "UTC"}, 403, "auditor"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if w := s.sendLog(t, c.role, c.file, c.form...); w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
				t.Errorf("%d %s, want %d and %q", w.Code, faultsIn(w), c.status, c.says)
			}
		})
	}
	if w := s.sendLog(t, account.Technician, "", "how", "reading", "place", "R-4", "cel", "4,2"); w.Code != http.StatusSeeOther {
		t.Fatalf("%d %s", w.Code, faultsIn(w))
	}
	if body := s.get(account.Auditor, "/places/R-4").Body.String(); strings.Count(body, "<circle") < 1 || !strings.Contains(body, "4.2\u00a0°C") {
		t.Error("a single reading is no dot")
	}
	if w := s.get(account.Auditor, "/places/nowhere"); w.Code != http.StatusNotFound {
		t.Errorf("a place that nobody named: %d", w.Code)
	}
}
