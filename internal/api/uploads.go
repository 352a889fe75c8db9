package api

import (
	"context"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"secretome/internal/artifact"
	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/lab"
	"secretome/internal/record"
)

// MaxArriving is the most that a file which comes in pieces may have, in bytes.
const MaxArriving = artifact.MaxSize

// The headers of uploads in pieces have the names and meanings of the IETF draft
// "Resumable Uploads for HTTP" (draft-ietf-httpbis-resumable-upload); what of it
// we leave out (the upload by its first request, the interim answers 104) no
// client here needs.
const (
	offsetHeader   = "Upload-Offset"
	lengthHeader   = "Upload-Length"
	completeHeader = "Upload-Complete"
	limitHeader    = "Upload-Limit"
)

// pieceTypes are the media types of a piece: that of the draft, and what clients
// of the tus protocol and simple ones send.
func pieceTypes() []string {
	return []string{"application/partial-upload", "application/offset+octet-stream", "application/octet-stream"}
}

func (a *api) uploadRoutes() []route {
	upload := []lab.Command{lab.Upload}
	return []route{
		{http.MethodPost, "/uploads", nil, upload, a.beginUpload},
		{http.MethodGet, "/uploads/{id}", nil, upload, a.arriving}, // and HEAD
		{http.MethodPatch, "/uploads/{id}", nil, upload, a.continueUpload},
		{http.MethodDelete, "/uploads/{id}", nil, upload, a.cancelUpload},
	}
}

// Uploads answers the addresses /uploads and /uploads/{id} for whoever was found
// to ask by other means than a token: the pages mount it behind their session and
// their guard against other sites.
func Uploads(l *lab.Lab, o Options) func(w http.ResponseWriter, r *http.Request, who record.Actor) {
	a := &api{Options: o, lab: l}
	a.requests, _ = openRequests("") // in memory: it cannot fail
	mux := http.NewServeMux()
	for _, rt := range a.uploadRoutes() {
		mux.HandleFunc(rt.method+" "+rt.path, func(w http.ResponseWriter, r *http.Request) {
			who, _ := r.Context().Value(whoKey{}).(record.Actor)
			r = marked(r)
			if err := a.commanded(rt, r); err != nil {
				a.fail(w, r, err)
				return
			}
			if err := rt.serve(w, r, who); err != nil {
				a.forget(r, err)
				a.fail(w, r, err)
			}
		})
	}
	reached := a.logged(a.reached(mux))
	return func(w http.ResponseWriter, r *http.Request, who record.Actor) {
		reached.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), whoKey{}, who)))
	}
}

type whoKey struct{}

// commanded asks for a request ID where something is commanded.
func (a *api) commanded(rt route, r *http.Request) error {
	if rt.method != http.MethodPost || uuid.Validate(r.Header.Get(client.KeyHeader)) == nil {
		return nil
	}
	return fault.New(fault.Usage, "the header %s is missing or no UUID", client.KeyHeader).Try("make one for each command, and keep it when the command is sent again")
}

func (a *api) beginUpload(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	m, err := message[client.NewUpload](a, w, r, who)
	if err != nil {
		return err
	}
	if err := checkName(m.Name); err != nil {
		return err
	}
	switch {
	case m.Size == nil:
		return wrongValue("/size", "", "the size of the file is missing")
	case *m.Size < 0:
		return wrongValue("/size", strconv.FormatInt(*m.Size, 10), "a file cannot have %d bytes", *m.Size)
	case *m.Size > MaxArriving:
		return tooLarge("the file has %d bytes, the most is %d", *m.Size, int64(MaxArriving))
	}
	at, err := a.lab.BeginUpload(r.Context(), who, r.Header.Get(client.KeyHeader), lab.Uploaded{
		Name: m.Name, MediaType: m.MediaType, Size: *m.Size, SHA256: m.SHA256,
	})
	if fault.Is(err, fault.Refused) {
		return &refusal{fault: fault.Of(err), status: http.StatusRequestEntityTooLarge}
	}
	if err != nil {
		return err
	}
	told(w, at)
	w.Header().Set("Location", "uploads/"+at.ID)
	w.Header().Set(limitHeader, "max-size="+strconv.FormatInt(MaxArriving, 10)+", max-age="+strconv.Itoa(int(lab.UploadsLast.Seconds())))
	return render(w, http.StatusCreated, arrivingMessage(at))
}

// checkName refuses what cannot be in a name anywhere.
func checkName(name string) error {
	if strings.ContainsRune(name, 0) {
		return &refusal{fault: fault.New(fault.Usage, "there is a zero byte in the name of the file").Field("name").Try("rename the file"), status: http.StatusBadRequest}
	}
	return nil
}

// told puts into the headers how far an upload has come.
func told(w http.ResponseWriter, at lab.Arriving) {
	h := w.Header()
	h.Set(offsetHeader, strconv.FormatInt(at.Offset, 10))
	h.Set(lengthHeader, strconv.FormatInt(at.Size, 10))
	h.Set(completeHeader, map[bool]string{true: "?1", false: "?0"}[at.Whole()])
	h.Set("Cache-Control", "no-store")
}

func arrivingMessage(at lab.Arriving) client.Arriving {
	m := client.Arriving{ID: at.ID, Size: at.Size, Offset: at.Offset, Expires: at.Expires}
	if at.Whole() {
		m.Artifact = &at.Artifact
	}
	return m
}

func (a *api) arriving(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	at, err := a.lab.Arriving(r.Context(), who, r.PathValue("id"))
	if err != nil {
		return err
	}
	told(w, at)
	return render(w, http.StatusOK, arrivingMessage(at))
}

// pieceAt reads at which byte a piece begins, and that it is one.
func pieceAt(r *http.Request) (int64, error) {
	media, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || !slices.Contains(pieceTypes(), media) {
		return 0, mediaType(r.Header.Get("Content-Type"), pieceTypes()[0])
	}
	text := r.Header.Get(offsetHeader)
	offset, err := strconv.ParseInt(text, 10, 64)
	if err != nil || offset < 0 {
		return 0, parameter(offsetHeader, text, "the header %s is %q, and not the number of bytes that are there", offsetHeader, text)
	}
	return offset, nil
}

// continueUpload takes one piece. Whatever the answer, the header tells how far
// the upload has come.
func (a *api) continueUpload(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	offset, err := pieceAt(r)
	if err != nil {
		return err
	}
	at, err := a.lab.Arriving(r.Context(), who, r.PathValue("id"))
	if err == nil && offset == at.Offset && r.ContentLength > at.Size-offset {
		err = fault.New(fault.Invalid, "%d bytes come behind byte %d, and the file has %d", r.ContentLength, offset, at.Size).Field("size")
	}
	if err == nil {
		at, err = a.lab.ContinueUpload(r.Context(), who, r.PathValue("id"), offset, r.Body)
	}
	switch f := fault.Of(err); {
	case err != nil && f.Kind == fault.Invalid && f.Place.Field != "size", at.ID == "":
		return err // nothing of it is kept, or nothing is there
	}
	told(w, at)
	switch f := fault.Of(err); {
	case err == nil && at.Whole():
		return render(w, http.StatusCreated, at.Artifact)
	case err == nil:
		w.WriteHeader(http.StatusNoContent)
		return nil
	case f.Kind == fault.Invalid && f.Place.Field == "size":
		return &refusal{fault: f.Try("begin the upload again with its true size"), status: http.StatusRequestEntityTooLarge}
	}
	return err
}

func (a *api) cancelUpload(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	if err := a.lab.CancelUpload(r.Context(), who, r.PathValue("id")); err != nil {
		return err
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
