package lab

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/google/uuid"

	"secretome/internal/artifact"
	"secretome/internal/fault"
	"secretome/internal/record"
)

// The limits on uploads in pieces.
const (
	UploadsLast   = 48 * time.Hour // after the last byte that came
	mostUnder     = 16             // on their way at once, of one person
	mostUnderSize = 12 << 30       // bytes that they announce together
)

// Arriving is an upload in pieces: how far it has come, and the artifact once all
// of it is stored.
type Arriving struct {
	ID       string
	Size     int64
	Offset   int64 // bytes that are safely here
	Expires  time.Time
	Artifact record.Artifact // zero until it is whole
}

// Whole reports whether the upload is stored.
func (a Arriving) Whole() bool { return a.Artifact.SHA256 != "" }

// BeginUpload announces an upload that comes in pieces. Its ID is the request's,
// so that asked again it answers with the same upload, as far as it has come. It
// fails with [fault.Refused] where a person has too much on its way.
func (l *Lab) BeginUpload(ctx context.Context, who record.Actor, request string, o Uploaded) (Arriving, error) {
	if err := Allowed(who, Upload); err != nil {
		return Arriving{}, err
	}
	if err := checkRequest(request); err != nil {
		return Arriving{}, err
	}
	before, err := l.Arriving(ctx, who, request)
	if err == nil && before.Size != o.Size {
		return before, fault.New(fault.Invalid, "the upload was begun with %d bytes, and now has %d", before.Size, o.Size).Field("size").Try("make a new request ID for each file")
	}
	if !fault.Is(err, fault.NotFound) {
		return before, err
	}
	if err := l.roomFor(who, o.Size); err != nil {
		return Arriving{}, err
	}
	err = l.Artifacts.Partials().Begin(artifact.Partial{ID: request, By: who.Name, Begun: l.Now().UTC(), Options: o})
	if err != nil {
		return Arriving{}, err
	}
	if o.Size == 0 {
		return l.ContinueUpload(ctx, who, request, 0, eof{})
	}
	return l.Arriving(ctx, who, request)
}

// eof is a file without bytes.
type eof struct{}

func (eof) Read([]byte) (int, error) { return 0, io.EOF }

// roomFor forgets what waited too long, and refuses what is too much at once.
func (l *Lab) roomFor(who record.Actor, size int64) error {
	all, err := l.Artifacts.Partials().List()
	if err != nil {
		return err
	}
	count, sum := 0, size
	for _, u := range all {
		switch {
		case l.Now().Sub(u.Touched) > UploadsLast:
			if err := l.Artifacts.Partials().Drop(u.ID); err != nil {
				return err
			}
		case u.By == who.Name:
			count++
			sum += u.Options.Size
		}
	}
	if count >= mostUnder || sum > mostUnderSize {
		return fault.New(fault.Refused, "%d uploads of yours, of %d bytes together, are on their way or asked for; the most is %d, of %d bytes", count+1, sum, mostUnder, int64(mostUnderSize)).
			Field("size").Try("finish or cancel one of them; what nobody goes on with is forgotten after %s", UploadsLast)
	}
	return nil
}

// Arriving tells how far an upload of one's own has come. It fails with
// [fault.NotFound].
func (l *Lab) Arriving(ctx context.Context, who record.Actor, id string) (Arriving, error) {
	if err := Allowed(who, Upload); err != nil {
		return Arriving{}, err
	}
	r, stored, err := l.Logbooks.Find(ctx, Logbook, id)
	if err != nil {
		return Arriving{}, err
	}
	if stored {
		made, err := uploaded(r, true)
		if r.By.Name != who.Name {
			err = reused(r)
		}
		return Arriving{ID: id, Size: made.Size, Offset: made.Size, Artifact: made}, err
	}
	u, err := l.Artifacts.Partials().Find(id)
	if err == nil && (u.By != who.Name || l.Now().Sub(u.Touched) > UploadsLast) {
		err = fault.New(fault.NotFound, "there is no upload %q", id).Try("begin it again")
	}
	if err != nil {
		return Arriving{}, err
	}
	return arriving(u), nil
}

func arriving(u artifact.Partial) Arriving {
	return Arriving{ID: u.ID, Size: u.Options.Size, Offset: u.Offset, Expires: u.Touched.Add(UploadsLast).UTC()}
}

// ContinueUpload takes what r yields behind the first offset bytes. Its answer
// tells how far the upload has come even where it fails: with [fault.Conflict] if
// that is elsewhere, with [fault.Unavailable] if r broke off. With the last byte
// the whole is held against its announced hash, stored and recorded, as by
// [Lab.Upload]; other bytes than announced are forgotten.
func (l *Lab) ContinueUpload(ctx context.Context, who record.Actor, id string, offset int64, r io.Reader) (Arriving, error) {
	at, err := l.Arriving(ctx, who, id)
	if err != nil || at.Whole() {
		return at, err
	}
	u, err := l.Artifacts.Partials().Append(id, offset, r)
	if err != nil || u.Offset < u.Options.Size {
		return arriving(u), err
	}
	at = arriving(u)
	at.Artifact, err = l.keepUpload(context.WithoutCancel(ctx), who, u)
	return at, err
}

// keepUpload stores and records what has come whole.
func (l *Lab) keepUpload(ctx context.Context, who record.Actor, u artifact.Partial) (record.Artifact, error) {
	stored, err := l.Artifacts.PutPartial(ctx, u)
	if err != nil {
		return record.Artifact{}, err
	}
	made, err := l.recordUpload(ctx, who, u.ID, stored)
	if err != nil {
		return record.Artifact{}, err
	}
	return made, l.Artifacts.Partials().Drop(u.ID)
}

// CancelUpload forgets an upload of one's own that is on its way.
func (l *Lab) CancelUpload(ctx context.Context, who record.Actor, id string) error {
	at, err := l.Arriving(ctx, who, id)
	if err == nil && at.Whole() {
		err = fault.New(fault.Conflict, "the upload is stored already, as %s", at.Artifact.SHA256)
	}
	if err != nil {
		return err
	}
	return l.Artifacts.Partials().Drop(id)
}

// UploadInForm stores bytes that came in a form with this request ID. They are
// recorded once, however often the form is sent; with other bytes, when somebody
// goes back and chooses a better file, it is another upload.
func (l *Lab) UploadInForm(ctx context.Context, who record.Actor, request string, r io.Reader, o Uploaded) (record.Artifact, error) {
	if err := Allowed(who, Upload); err != nil {
		return record.Artifact{}, err
	}
	form, err := uuid.Parse(request)
	if err != nil {
		return record.Artifact{}, checkRequest(request)
	}
	stored, err := l.Artifacts.Put(ctx, r, o)
	if err != nil {
		return record.Artifact{}, err
	}
	return l.recordUpload(ctx, who, uuid.NewSHA1(form, []byte(stored.SHA256)).String(), stored)
}

// recordUpload writes into the laboratory's logbook who brought stored bytes.
func (l *Lab) recordUpload(ctx context.Context, who record.Actor, request string, stored record.Artifact) (record.Artifact, error) {
	d, err := l.draft(who, Logbook, request, record.ArtifactStored, record.Made{Title: stored.Name, Artifact: stored})
	if err != nil {
		return record.Artifact{}, err
	}
	d.Uses = []record.Use{stored.As("upload")}
	written, err := l.Logbooks.Append(ctx, d)
	made, failed := uploaded(written, err == nil)
	return made, errors.Join(err, failed)
}
