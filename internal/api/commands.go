package api

import (
	"context"
	"net/http"
	"strings"

	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/lab"
	"secretome/internal/record"
	"secretome/internal/task"
)

func (a *api) launch(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	m, err := message[client.Launch](a, w, r, who)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerWithin)
	defer cancel()
	launched, err := a.lab.Launch(ctx, who, lab.LaunchRequest{
		Request: r.Header.Get(client.KeyHeader), Document: []byte(m.Document), Name: m.Name, Title: m.Title,
		Start: m.Start, Speed: m.Speed, Rehearsal: m.Rehearsal, Script: m.Script,
	})
	if err != nil {
		return err
	}
	w.Header().Set("Location", "runs/"+launched.Run) // beside this address, whatever prefix it has
	return render(w, http.StatusCreated, client.Launched(launched))
}

// mostEntries is how many entries one act may have.
const mostEntries = 1000

func (a *api) act(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	m, err := message[client.Act](a, w, r, who)
	if err != nil {
		return err
	}
	if len(m.Entries) > mostEntries {
		return tooLarge("there are %d entries, the most is %d", len(m.Entries), mostEntries)
	}
	if err := a.unchanged(r, func(ctx context.Context) (lab.Version, error) { return a.lab.TaskVersion(ctx, taskID(r)) }); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerWithin)
	defer cancel()
	acted, err := a.lab.Act(ctx, who, taskID(r), task.Act{
		Verb: m.Verb, Request: r.Header.Get(client.KeyHeader), Happened: m.Happened, Step: m.Step,
		Entries: m.Entries, To: m.To, Reason: m.Reason, Deviation: m.Deviation, Bench: m.Clock, Paper: m.Paper,
	})
	if err != nil {
		return err
	}
	return render(w, http.StatusOK, client.Acted(acted))
}

// decide says what follows a deviation.
func (a *api) decide(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	m, err := message[client.Decide](a, w, r, who)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerWithin)
	defer cancel()
	acted, err := a.lab.Decide(ctx, who, lab.DecideRequest{Request: r.Header.Get(client.KeyHeader), Task: taskID(r), Choice: m.Choice, Why: m.Why})
	if err != nil {
		return err
	}
	return render(w, http.StatusOK, client.Acted(acted))
}

// readKey shows which code is which group. It is a command: that somebody saw it
// is recorded.
func (a *api) readKey(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	k, err := a.lab.ReadKey(r.Context(), who, r.Header.Get(client.KeyHeader), taskID(r))
	if err != nil {
		return err
	}
	m := client.Key{Run: k.Run, Model: k.Model, Block: k.Block, Fraction: k.Fraction, Record: k.Record, Bottles: []client.Bottle{}}
	for _, b := range k.Bottles {
		m.Bottles = append(m.Bottles, client.Bottle{Code: b.Code, Wells: b.Wells, Group: b.Group.Code, Title: b.Group.Title, Dose: b.Group.Dose, Stress: b.Group.Stress, Drug: b.Group.Drug})
	}
	w.Header().Set("Cache-Control", "no-store")
	return render(w, http.StatusOK, m)
}

// taskID is the ID of the task in a request's path.
func taskID(r *http.Request) string { return "task/" + r.PathValue("task") }

// upload stores the raw body. Its length is announced, so that what breaks off
// is noticed.
func (a *api) upload(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	if r.ContentLength < 0 {
		return fault.New(fault.Usage, "the length of the upload is not announced").Field("Content-Length").Try("send the raw bytes of one file with their length")
	}
	if r.ContentLength > MaxUpload {
		f := fault.New(fault.Invalid, "the file has %d bytes, the most is %d", r.ContentLength, int64(MaxUpload)).Field("Content-Length").Try("send it in pieces, through /api/v1/uploads, or split it")
		return &refusal{fault: f, status: http.StatusRequestEntityTooLarge}
	}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		return mediaType(r.Header.Get("Content-Type"), "the media type of the file itself")
	}
	q := r.URL.Query()
	if err := checkName(q.Get("name")); err != nil {
		return err
	}
	if err := a.once(r, who, announced{r.ContentLength, r.Header.Get("Content-Type")}); err != nil {
		return err
	}
	stored, err := a.lab.Upload(r.Context(), who, r.Header.Get(client.KeyHeader), http.MaxBytesReader(w, r.Body, MaxUpload), lab.Uploaded{
		MediaType: r.Header.Get("Content-Type"), Name: q.Get("name"), Size: r.ContentLength, SHA256: q.Get("sha256"),
	})
	if err != nil {
		return err
	}
	return render(w, http.StatusCreated, stored)
}

// announced is what is known of a file before it is read.
type announced struct {
	Size      int64
	MediaType string
}

func (a *api) verify(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	v, err := a.lab.VerifyArtifacts(r.Context(), who)
	if err != nil {
		return err
	}
	m := client.Verified{Checked: v.Checked, Problems: []client.VerifyProblem{}}
	for _, p := range v.Problems {
		m.Problems = append(m.Problems, client.VerifyProblem{SHA256: p.SHA256, Kind: p.Kind.String(), Detail: p.Detail})
	}
	return render(w, http.StatusOK, m)
}
