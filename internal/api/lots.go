package api

import (
	"context"
	"net/http"
	"strings"

	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/index"
	"secretome/internal/lab"
	"secretome/internal/record"
	"secretome/internal/sample"
)

// control does something to a run.
func (a *api) control(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	m, err := message[client.Control](a, w, r, who)
	if err != nil {
		return err
	}
	if err := a.unchanged(r, func(ctx context.Context) (lab.Version, error) { return a.lab.RunVersion(ctx, r.PathValue("run")) }); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(r.Context(), answerWithin)
	defer cancel()
	done, err := a.lab.Control(ctx, who, r.PathValue("run"), lab.ControlRequest{
		Request: r.Header.Get(client.KeyHeader), Verb: m.Verb, Reason: m.Reason, Task: m.Task, Document: []byte(m.Document), Name: m.Name,
	})
	if err != nil {
		return err
	}
	return render(w, http.StatusOK, client.Controlled{Record: done.Record, Standing: done.Standing, Changes: done.Changes, Follows: done.Follows})
}

func (a *api) lots(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	l, err := listOf(r, oneColumn)
	if err != nil {
		return err
	}
	after := ""
	if l.after != nil {
		after = l.after[0]
	}
	all, err := a.lab.LotsPage(r.Context(), who, r.URL.Query().Get("kind"), after, l.more())
	if err != nil {
		return err
	}
	all, err = page(w, l, all, func(l sample.Lot) []string { return []string{l.Barcode} })
	if err != nil {
		return err
	}
	return render(w, http.StatusOK, each(all, func(l sample.Lot) sample.Lot { return l }))
}

func (a *api) lot(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	v, err := a.lab.Lot(r.Context(), who, r.PathValue("barcode"))
	if err != nil {
		return err
	}
	m := client.LotView{
		Lot: v.Lot, Scans: each(v.Scans, scanMessage), Flags: each(v.Flags, flagMessage),
		Ancestors: each(v.Ancestors, relativeMessage), Descendants: each(v.Descendants, relativeMessage),
	}
	if m.Records, err = recordMessages(v.Records); err != nil {
		return err
	}
	return tagged(w, r, v.Last, m)
}

func scanMessage(t index.Thing) client.Scan {
	return client.Scan{Run: runOf(t.Record), Number: t.Record.Number, Task: t.Task, Kind: t.Kind, Made: t.Made, Passage: t.Passage, By: t.By, Happened: t.Happened}
}

func flagMessage(f index.Flag) client.Flag {
	return client.Flag{Run: runOf(f.Record), Number: f.Record.Number, State: f.State, Why: f.Why}
}

func relativeMessage(r index.Relative) client.Relative { return client.Relative(r) }

func runOf(ref record.Ref) string { return strings.TrimPrefix(ref.Logbook, "run/") }

func (a *api) actOnLot(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	m, err := message[client.LotAct](a, w, r, who)
	if err != nil {
		return err
	}
	q := lab.LotRequest{Request: r.Header.Get(client.KeyHeader), Barcode: r.PathValue("barcode"), Happened: m.Happened, Body: m.Body}
	for _, v := range sample.LotVerbs() {
		if v.Verb == m.Verb {
			q.Kind = v.Kind
		}
	}
	if q.Kind == "" {
		return fault.New(fault.Usage, "%q is nothing that is done to a lot", m.Verb).Field("verb")
	}
	if err := a.unchanged(r, a.lotVersion(q.Barcode)); err != nil {
		return err
	}
	acted, err := a.lab.ActOnLot(r.Context(), who, q)
	if err != nil {
		return err
	}
	return render(w, http.StatusOK, lotActed(acted))
}

func (a *api) lotVersion(barcode string) func(context.Context) (lab.Version, error) {
	return func(ctx context.Context) (lab.Version, error) { return a.lab.LotVersion(ctx, barcode) }
}

func lotActed(done lab.LotActed) client.LotActed {
	return client.LotActed{Record: done.Record, State: done.State, Left: done.Left, Follows: done.Follows}
}

func (a *api) recall(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	m, err := message[client.Recall](a, w, r, who)
	if err != nil {
		return err
	}
	if err := a.unchanged(r, a.lotVersion(r.PathValue("barcode"))); err != nil {
		return err
	}
	acted, err := a.lab.Recall(r.Context(), who, lab.RecallRequest{Request: r.Header.Get(client.KeyHeader), Thing: r.PathValue("barcode"), Why: m.Why})
	if err != nil {
		return err
	}
	return render(w, http.StatusOK, lotActed(acted))
}
