package api

import (
	"net/http"
	"strconv"

	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/lab"
	"secretome/internal/record"
)

// number reads the number of a record out of a path or a query.
func number(field, text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, parameter(field, text, "%q is no number of a record", text)
	}
	return n, nil
}

// record tells one record with what surrounds it.
func (a *api) record(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	n, err := number("number", r.PathValue("number"))
	if err != nil {
		return err
	}
	v, err := a.lab.RecordOf(r.Context(), who, r.PathValue("run"), n)
	if err != nil {
		return err
	}
	m := client.RecordView{Record: client.Record{Hash: v.Ref.Hash, Record: v.Record}, Up: each(v.Up, edgeMessage), Down: each(v.Down, edgeMessage)}
	if m.Notes, err = recordMessages(v.Notes); err != nil {
		return err
	}
	return tagged(w, r, n, m)
}

func edgeMessage(e lab.Edge) client.Edge {
	return client.Edge{From: client.Node(e.From), As: e.As, To: client.Node(e.To)}
}

// note pins a remark to a record.
func (a *api) note(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	n, err := number("number", r.PathValue("number"))
	if err != nil {
		return err
	}
	m, err := message[client.Note](a, w, r, who)
	if err != nil {
		return err
	}
	ref, err := a.lab.Note(r.Context(), who, r.Header.Get(client.KeyHeader), r.PathValue("run"), n, m.Text)
	if err != nil {
		return err
	}
	return render(w, http.StatusCreated, client.Noted{Record: ref})
}

// history tells a run as it was when one of its records was the last.
func (a *api) history(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	at := int64(0)
	if text := r.URL.Query().Get("at"); text != "" {
		var err error
		if at, err = number("at", text); err != nil {
			return err
		}
	}
	h, err := a.lab.History(r.Context(), who, r.PathValue("run"), at)
	if err != nil {
		return err
	}
	m := client.History{Run: h.Run, At: h.At, Head: h.Head, Next: h.Next, Known: each(h.Known(), factMessage), Open: each(h.Open(), openMessage)}
	m.Stages = each(h.Stages(), func(s lab.StageThen) client.StageThen { return client.StageThen(s) })
	m.KeyEvents = each(h.KeyEvents(), func(r record.Record) client.Event {
		return client.Event{Number: r.Number, Kind: r.Kind, Happened: r.Happened, By: r.By, Subject: r.Subject}
	})
	return tagged(w, r, h.At, m)
}

func factMessage(f lab.Fact) client.Fact { return client.Fact(f) }

func openMessage(t lab.TaskThen) client.TaskThen {
	return client.TaskThen{ID: t.ID, Title: t.Title, Role: t.Role, Asked: t.Asked, Attempt: t.Attempt, Holder: t.Holder, Window: t.Window}
}

// departures tells what did not go as the protocol says.
func (a *api) departures(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	h, err := a.lab.History(r.Context(), who, r.PathValue("run"), 0)
	if err != nil {
		return err
	}
	return tagged(w, r, h.At, each(h.Departures(), func(d lab.Departure) client.Departure {
		return client.Departure{
			Sort: string(d.Sort), Number: d.Record.Number, What: d.What, Was: d.Was, Why: d.Why, Open: d.Open,
			By: d.Record.By.Name, Happened: d.Record.Happened, Subject: d.Record.Subject,
			Decided: d.Decided.Number, Choice: d.Decision.Choice, Justification: d.Decision.Justification,
		}
	}))
}

// results tells what a run found.
func (a *api) results(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	o, err := a.lab.Results(r.Context(), who, r.PathValue("run"))
	if err != nil {
		return err
	}
	m := client.Results{
		Run: o.Run, Sealed: o.Sealed, Signed: o.Signed, Final: o.Final,
		Endpoints: each(o.Endpoints, func(e lab.Endpoint) client.Endpoint { return client.Endpoint(e) }),
		Plates:    each(o.Plates, func(p lab.PlateRow) client.PlateRow { return client.PlateRow(p) }),
	}
	if o.Number > 0 {
		m.Report = &client.Report{Number: o.Number, Artifact: o.Made}
	}
	return tagged(w, r, o.At, m)
}

// compare sets two runs side by side.
func (a *api) compare(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	c, err := a.lab.Compare(r.Context(), who, r.PathValue("run"), r.PathValue("other"))
	if err != nil {
		return err
	}
	return tagged(w, r, c.This.Head, client.Compared{This: c.This.Run, Other: c.Other.Run, Rows: each(c.Rows, func(d lab.Differing) client.Differing {
		return client.Differing{
			Subject: d.Subject, Task: d.Task, Field: d.Field, Change: d.Change, Same: d.Same(),
			This: client.Answered(d.This), Other: client.Answered(d.Other),
		}
	})})
}

// toSign tells what a signature would cover, and the signatures that there are.
func (a *api) toSign(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	h, err := a.lab.History(r.Context(), who, r.PathValue("run"), 0)
	if err != nil {
		return err
	}
	s, err := a.lab.ToSign(r.Context(), who, h)
	if err != nil {
		return err
	}
	m := client.Signatures{Run: h.Run, Signed: each(h.Signatures(), func(s lab.SignedThen) client.Signed {
		return client.Signed{Number: s.Record.Number, By: s.Record.By.Name, Happened: s.Record.Happened, Signature: s.Signature, Manifest: s.Manifest, Same: s.Same}
	})}
	if s != nil {
		m.Waits = &client.ToSign{Task: s.Task.ID, Steps: s.Steps, Over: s.Manifest.Over, Report: s.Manifest.Report, Manifest: s.Hash, Refused: s.Refused}
	}
	return tagged(w, r, h.At, m)
}

// sign takes a signature: the password is asked for at every one, whoever holds
// the token.
func (a *api) sign(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	m, err := message[client.Sign](a, w, r, who)
	if err != nil {
		return err
	}
	if err := a.lab.Prove(r.Context(), who, m.Password); err != nil {
		f := fault.Of(err)
		return fault.New(f.Kind, "%s; nothing was signed", f.Message).Field("password").Try("%s", f.Help)
	}
	signed, err := a.lab.Sign(r.Context(), who, lab.Signing{
		Request: r.Header.Get(client.KeyHeader), Run: r.PathValue("run"), Task: m.Task, Over: m.Over, Hash: m.Manifest, Answers: m.Answers,
	})
	if err != nil {
		return err
	}
	return render(w, http.StatusOK, client.Acted(signed))
}
