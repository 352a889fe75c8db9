package web

import (
	"bufio"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"secretome/internal/fault"
	"secretome/internal/lab"
	"secretome/internal/protocol"
)

// chosenNote is the name of the input that chooses the file of a note or a
// deviation; those of a step are called by their field.
const chosenNote = "chosen"

// chosenPrefix stands before a field in the name of the input that chooses its
// file.
const chosenPrefix = "f-"

// mostParts is how large a form with files may be, bytes.
const mostParts = maxFile + mostForm

// filePlaces are the inputs that say which file a chosen one became: those of its
// SHA-256 and its name.
func filePlaces(chooser string) (hash, name string, known bool) {
	if chooser == chosenNote {
		return "file", "file-name", true
	}
	field, known := strings.CutPrefix(chooser, chosenPrefix)
	return prefix + field, "n-" + field, known
}

// inParts reports whether a posted form has its files in it, as a browser without
// script sends them.
func (p *page) inParts() bool {
	kind, _, err := mime.ParseMediaType(p.r.Header.Get("Content-Type"))
	return err == nil && kind == "multipart/form-data"
}

// parts reads a form part by part. What was typed goes to where any form's does,
// and is bounded by mostForm; each file that was chosen goes to take, which may
// leave it unread.
func (p *page) parts(take func(*multipart.Part) error) error {
	p.r.Body = http.MaxBytesReader(p.w, p.r.Body, mostParts)
	p.r.PostForm, p.r.Form = url.Values{}, url.Values{}
	defer p.mergeForm()
	all, err := p.r.MultipartReader()
	if err != nil {
		return formUnread(err, mostParts)
	}
	for left := mostForm; ; {
		part, err := all.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return formUnread(err, mostParts)
		}
		if part.FileName() != "" {
			if err := take(part); err != nil {
				return err
			}
			continue
		}
		if left, err = p.typedPart(part, left); err != nil {
			return err
		}
	}
}

// typedPart reads what was typed into one input, of at most left bytes, and
// returns how many may still come.
func (p *page) typedPart(part *multipart.Part, left int) (int, error) {
	const entry = 64 // bytes that each input takes besides
	value, err := io.ReadAll(io.LimitReader(part, int64(left)+1))
	if err != nil {
		return 0, formUnread(err, mostParts)
	}
	name := part.FormName()
	if left -= len(name) + len(value) + entry; left < 0 {
		return 0, formUnread(&http.MaxBytesError{Limit: mostForm}, mostForm)
	}
	p.r.PostForm.Add(name, string(value))
	return left, nil
}

// mergeForm puts what the address says behind what was posted, as
// [http.Request.ParseForm] does.
func (p *page) mergeForm() {
	for _, from := range []url.Values{p.r.PostForm, p.r.URL.Query()} {
		for name, values := range from {
			p.r.Form[name] = append(p.r.Form[name], values...)
		}
	}
}

// typedOnly reads a form without the files that were chosen in it, and reports
// whether there were any. An older file in the place of one is left out as well:
// nobody wants that one any more.
func (p *page) typedOnly() (chosen bool, err error) {
	if !p.inParts() {
		return false, p.form()
	}
	if p.r.ContentLength > mostParts { // nobody is signed in: nothing of it is read
		return true, formUnread(&http.MaxBytesError{Limit: mostParts}, mostParts)
	}
	var places []string
	err = p.parts(func(part *multipart.Part) error {
		if hash, name, known := filePlaces(part.FormName()); known {
			places = append(places, hash, name)
		}
		chosen = true
		return nil
	})
	for _, name := range places {
		p.r.PostForm.Del(name)
	}
	return chosen, err
}

// benchForm reads a form of the bench. Files that were chosen in it are stored on
// the way, and stand then where the script of the page puts those that it sent.
// What is wrong with one is kept for the page that is shown again.
func (p *page) benchForm() error {
	if !p.inParts() {
		return p.form()
	}
	err := p.parts(p.takeFile)
	if f := fault.Of(err); f != nil && f.Place.Field != "" {
		p.wrongFiles, p.unread = append(p.wrongFiles, f), true
		return nil
	}
	return err
}

// takeFile stores one file of a form. A fault at its field means that no more can
// be read.
func (p *page) takeFile(part *multipart.Part) error {
	hash, name, known := filePlaces(part.FormName())
	if !known {
		return nil
	}
	called := baseName(part.FileName())
	if p.r.ContentLength > mostParts {
		return muchTooLarge(called).Field(hash)
	}
	body := bufio.NewReader(part)
	if _, err := body.Peek(1); errors.Is(err, io.EOF) {
		p.wrongFiles = append(p.wrongFiles, fault.New(fault.Invalid, "%q is empty", called).Field(hash).Try("choose another file"))
		return nil
	}
	stored, err := p.lab.UploadInForm(p.r.Context(), p.Who, strings.TrimSpace(p.r.PostForm.Get("request")), body, lab.Uploaded{
		Name: called, MediaType: mediaTypeOf(part), Size: -1,
	})
	switch f := fault.Of(err); {
	case err == nil:
		p.r.PostForm.Set(hash, stored.SHA256)
		p.r.PostForm.Set(name, called)
	case tooLarge(err):
		return muchTooLarge(called).Field(hash)
	case f.Kind == fault.Internal:
		return err
	default:
		f.Place.Field = hash
		p.wrongFiles = append(p.wrongFiles, f)
	}
	return nil
}

func muchTooLarge(name string) *fault.Fault {
	return fault.New(fault.Invalid, "%q is too large: a form takes 2 GB, and nothing of it was recorded", name).Try("choose a smaller file, or split it; what you typed behind it in the form was not read")
}

// baseName is the name of a file without the folders that a browser may send.
func baseName(name string) string {
	return name[strings.LastIndexAny(name, `/\`)+1:]
}

// mediaTypeOf is what the browser says of a file; empty where that is no media
// type.
func mediaTypeOf(part *multipart.Part) string {
	said := part.Header.Get("Content-Type")
	if _, _, err := mime.ParseMediaType(said); err != nil {
		return ""
	}
	return said
}

// Sends reports whether a file is asked for in the middle.
func (in benchPage) Sends() bool {
	return slices.ContainsFunc(in.Entries, func(e entry) bool { return e.Kind == protocol.File })
}

// withFiles adds what is wrong with the files of a form to what else is; if the
// form was not read to its end, only they count.
func (p *page) withFiles(err error) error {
	if len(p.wrongFiles) == 0 {
		return err
	}
	var all []*fault.Fault
	if err != nil && !p.unread {
		all = faultsOf(err)
	}
	return joined(append(all, p.wrongFiles...))
}

// wrongFile is what is wrong with the file of a field; nil if nothing is.
func (p *page) wrongFile(field string) *fault.Fault {
	i := slices.IndexFunc(p.wrongFiles, func(f *fault.Fault) bool { return f.Place.Field == field })
	if i < 0 {
		return nil
	}
	return p.wrongFiles[i]
}
