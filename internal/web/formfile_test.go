package web

import (
	"bytes"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"testing"

	"secretome/internal/account"
	"secretome/internal/lab"
	"secretome/internal/record"
)

// attached is a file that was chosen in a form.
type attached struct{ input, name, data string }

// inPartsOf is a form as a browser without script sends it: a file stands before
// what was typed behind its input, and an input that nobody chose a file in is
// sent too.
func inPartsOf(t *testing.T, form url.Values, files ...attached) *http.Request {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	must := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	head := []string{"do", "request", "step"}
	for _, name := range head {
		must(w.WriteField(name, form.Get(name)))
	}
	for _, f := range files {
		part, err := w.CreatePart(textproto.MIMEHeader{
			"Content-Disposition": {fmt.Sprintf(`form-data; name="%s"; filename="%s"`, f.input, f.name)}, "Content-Type": {"image/jpeg"},
		})
		must(err)
		_, err = io.WriteString(part, f.data)
		must(err)
	}
	for name, values := range form {
		for _, v := range values {
			if !slices.Contains(head, name) {
				must(w.WriteField(name, v))
			}
		}
	}
	must(w.Close())
	r := httptest.NewRequest(http.MethodPost, cord, &b)
	r.Header.Set("Content-Type", w.FormDataContentType())
	r.Header.Set("Referer", "http://localhost"+cord)
	return r
}

// looking is the bench at the step that may have a photo, and what is typed there.
func looking(t *testing.T) (desk, *hands, url.Values) {
	t.Helper()
	spec := bottles(t)
	spec.Task.Steps = spec.Task.Steps[1:]
	d, h := atBench(t, spec)
	d.takes(t, account.Technician, fill("do", "claim"))
	return d, h, fill("do", "step", "step", "look", "e-appearance", "ok", "e-clean", "yes", "e-photo", "", "n-photo", "")
}

// uploads are what the laboratory's logbook says was stored.
func (h *hands) uploads(t *testing.T) (all []record.Record) {
	t.Helper()
	records, err := h.books.Read(t.Context(), lab.Logbook, 0, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if r.Kind == record.ArtifactStored {
			all = append(all, r)
		}
	}
	return all
}

const leaf = "a picture of the cord"

func TestAFormWithoutScriptBringsItsFile(t *testing.T) {
	d, h, form := looking(t)
	body := d.get(account.Technician, cord).Body.String()
	for _, part := range []string{`enctype="multipart/form-data"`, `<input type="file" id="e-photo" name="f-photo"`} {
		if !strings.Contains(body, part) {
			t.Errorf("the page of the step has no %s", part)
		}
	}
	for range 2 { // sent twice
		w := d.do(account.Technician, inPartsOf(t, form, attached{"f-photo", `C:\bench\cord.jpg`, leaf}))
		if w.Code != http.StatusSeeOther || w.Header().Get("Location") != cord {
			t.Fatalf("it is answered with %d: %s", w.Code, faultsIn(w))
		}
	}
	entered := h.state.Done[0].Entries
	got := entered[len(entered)-1].File
	if got == nil || got.SHA256 != record.Hash([]byte(leaf)) || got.Name != "cord.jpg" || got.Size != int64(len(leaf)) {
		t.Errorf("the file of the step is %+v", got)
	}
	stored := h.uploads(t)
	if len(stored) != 1 || stored[0].By.Name != "Mara Thiel" {
		t.Errorf("the laboratory's logbook says of it %+v", stored)
	}
}

func TestAFormThatIsRefusedNeedsItsFileOnlyOnce(t *testing.T) {
	d, h, form := looking(t)
	form.Del("e-clean")
	w := d.do(account.Technician, inPartsOf(t, form, attached{"f-photo", "cord.jpg", leaf}))
	body := w.Body.String()
	if w.Code != http.StatusUnprocessableEntity || !strings.Contains(body, "Here: <bdi>cord.jpg</bdi>") || !strings.Contains(body, `value="ok" checked`) {
		t.Fatalf("it is answered with %d: %s", w.Code, faultsIn(w))
	}
	form.Set("request", newID())
	form.Set("e-clean", "yes")
	form.Set("e-photo", hidden(t, body, "e-photo"))
	form.Set("n-photo", hidden(t, body, "n-photo"))
	w = d.do(account.Technician, inPartsOf(t, form, attached{"f-photo", "", ""})) // nothing chosen
	if w.Code != http.StatusSeeOther {
		t.Fatalf("sent again it is answered with %d: %s", w.Code, faultsIn(w))
	}
	entered := h.state.Done[0].Entries
	if got := entered[len(entered)-1].File; got == nil || got.SHA256 != record.Hash([]byte(leaf)) || got.Name != "cord.jpg" {
		t.Errorf("the file of the step is %+v", got)
	}
}

// Who goes back after a refusal and chooses another file gets that one, though the
// form has the same request ID.
func TestAnotherFileInTheSameFormIsAnotherFile(t *testing.T) {
	d, h, form := looking(t)
	form.Del("e-clean")
	d.do(account.Technician, inPartsOf(t, form, attached{"f-photo", "cord.jpg", "a blurred one"}))
	form.Set("e-clean", "yes")
	if w := d.do(account.Technician, inPartsOf(t, form, attached{"f-photo", "cord.jpg", leaf})); w.Code != http.StatusSeeOther {
		t.Fatalf("it is answered with %d: %s", w.Code, faultsIn(w))
	}
	entered := h.state.Done[0].Entries
	if got := entered[len(entered)-1].File; got.SHA256 != record.Hash([]byte(leaf)) {
		t.Errorf("the file of the step is %+v", got)
	}
}

func TestAWrongFileIsRefusedAtItsField(t *testing.T) {
	const large = "is too large: a form takes 2 GB"
	cut := func(r *http.Request) { r.Body = http.MaxBytesReader(nil, r.Body, 700) }
	announced := func(r *http.Request) { r.ContentLength = 3 << 30 }
	for _, test := range []struct {
		name   string
		file   attached
		change func(*http.Request)
		code   int
		want   []string
	}{
		{"an empty one", attached{"f-photo", "cord.jpg", ""}, nil, 422, []string{`is empty. Choose another file`, `href="#e-photo"`, `id="e-photo" name="f-photo" aria-describedby="e-photo-say" aria-invalid="true"`, `value="ok" checked`}},
		{"one that is announced as too large", attached{"f-photo", "cord.jpg", leaf}, announced, 422, []string{large, `href="#e-photo"`}},
		{"one that turns out to be too large", attached{"f-photo", "cord.jpg", strings.Repeat(leaf, 100)}, cut, 422, []string{large, `href="#e-photo"`}},
		{"one whose name is no text", attached{"f-photo", "cord\xff.jpg", leaf}, nil, 422, []string{"Rename the file", `href="#e-photo"`}},
		{"one without a request", attached{"f-photo", "cord.jpg", leaf}, func(r *http.Request) {
			body, _ := io.ReadAll(r.Body) // it is in memory
			r.Body = io.NopCloser(bytes.NewReader(bytes.Replace(body, []byte(`name="request"`), []byte(`name="requesT"`), 1)))
		}, 422, []string{"no request ID"}},
		{"of a name that no input has", attached{"e-photo", "cord.jpg", leaf}, nil, 303, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			d, h, form := looking(t)
			last := h.state.Last
			r := inPartsOf(t, form, test.file)
			if test.change != nil {
				test.change(r)
			}
			w := d.do(account.Technician, r)
			if w.Code != test.code {
				t.Errorf("answered with %d, want %d: %s", w.Code, test.code, faultsIn(w))
			}
			for _, part := range test.want {
				if !strings.Contains(w.Body.String(), part) {
					t.Errorf("no %q in %s", part, faultsIn(w))
				}
			}
			if len(h.uploads(t)) > 0 || test.code != 303 && h.state.Last != last {
				t.Error("something was recorded all the same")
			}
		})
	}
}

func TestTheTypedPartOfAFormWithFilesIsBounded(t *testing.T) {
	d, h, form := looking(t)
	form.Set("e-remark", strings.Repeat("x", mostForm))
	last := h.state.Last
	w := d.do(account.Technician, inPartsOf(t, form, attached{"f-photo", "cord.jpg", leaf}))
	if w.Code != http.StatusRequestEntityTooLarge || h.state.Last != last {
		t.Errorf("a form with a text of 1 MiB is answered with %d: %s", w.Code, faultsIn(w))
	}
}

func TestADeviationAndANoteBringTheirPhotosWithoutScript(t *testing.T) {
	d, _, _ := looking(t)
	for _, test := range []struct {
		pane string
		form url.Values
	}{
		{"deviate", fill("do", "deviate", "what", "other", "reason", "spilt", "file", "", "file-name", "")},
		{"note", fill("do", "attach", "reason", "before the wash", "file", "", "file-name", "")},
	} {
		body := d.get(account.Technician, cord+"?do="+test.pane).Body.String()
		if !strings.Contains(body, `enctype="multipart/form-data"`) || !strings.Contains(body, `<input type="file" id="file" name="chosen"`) || !strings.Contains(body, "data-photo") {
			t.Errorf("the form %s takes no file", test.pane)
		}
		if w := d.do(account.Technician, inPartsOf(t, test.form, attached{"chosen", test.pane + ".jpg", leaf + test.pane})); w.Code != http.StatusSeeOther {
			t.Errorf("the form %s is answered with %d: %s", test.pane, w.Code, faultsIn(w))
		}
		if body := d.get(account.Technician, cord).Body.String(); !strings.Contains(body, `/artifacts/`+record.Hash([]byte(leaf+test.pane))+`"><bdi>`+test.pane+".jpg") {
			t.Errorf("the file of the form %s does not stand beside the steps", test.pane)
		}
	}
	refused := fill("do", "deviate", "what", "other", "file", "", "file-name", "")
	w := d.do(account.Technician, inPartsOf(t, refused, attached{"chosen", "spill.jpg", leaf}))
	if body := w.Body.String(); w.Code != 422 || !strings.Contains(body, "Here: <bdi>spill.jpg</bdi>") || hidden(t, body, "file") != record.Hash([]byte(leaf)) {
		t.Errorf("a deviation without words is answered with %d: %s", w.Code, faultsIn(w))
	}
}

func TestAFileThatWasSentAfterTheSessionEndedIsChosenAgain(t *testing.T) {
	d, h, form := looking(t)
	form.Set("e-remark", "pale")
	form.Set("e-photo", record.Hash([]byte("an older one")))
	form.Set("n-photo", "older.jpg")
	r := inPartsOf(t, form, attached{"f-photo", "cord.jpg", leaf})
	r.AddCookie(&http.Cookie{Name: wasCookie, Value: url.QueryEscape("Mara Thiel")})
	w := d.do("", r)
	if w.Code != http.StatusUnauthorized || !strings.Contains(faultsIn(w), "what you typed is kept, the file has to be chosen again") {
		t.Fatalf("a form after the end of its session: %d %s", w.Code, faultsIn(w))
	}
	k, err := readKept(hidden(t, w.Body.String(), "kept"))
	if err != nil || !k.Chosen || k.Values.Get("e-remark") != "pale" || len(k.Values["e-photo"])+len(k.Values["n-photo"])+len(k.Values["f-photo"]) > 0 {
		t.Errorf("kept is %+v, %v", k, err)
	}
	if len(h.uploads(t)) > 0 {
		t.Error("a file of nobody was stored")
	}
	r = inPartsOf(t, form, attached{"f-photo", "cord.jpg", leaf})
	r.ContentLength = 3 << 30
	if w := d.do("", r); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("a form of nobody with 3 GiB is answered with %d: %s", w.Code, faultsIn(w))
	}
	w = send(d, "/login", "", url.Values{"name": {"Mara Thiel"}, "password": {d.tokens[account.Technician]}, "kept": {k.String()}})
	body := d.get(account.Technician, w.Header().Get("Location")).Body.String()
	for _, part := range []string{"The file has to be chosen again", ">pale</textarea>", `name="f-photo"`} {
		if !strings.Contains(body, part) {
			t.Errorf("the page does not have %q: %d %s", part, w.Code, faultsIn(w))
		}
	}
}
