package api

import (
	"io"
	"net/http"
	"strconv"

	"secretome/internal/client"
	"secretome/internal/lab"
	"secretome/internal/record"
)

func (a *api) health(w http.ResponseWriter, r *http.Request) {
	if err := render(w, http.StatusOK, client.Health{Status: "ok", Version: a.Version}); err != nil {
		a.fail(w, r, err)
	}
}

func (a *api) me(w http.ResponseWriter, _ *http.Request, who record.Actor) error {
	return render(w, http.StatusOK, who)
}

func (a *api) runs(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	l, err := listOf(r, twoColumns)
	if err != nil {
		return err
	}
	var after lab.RunKey
	if l.after != nil {
		if after.Started, err = timeOf(l.after[0]); err != nil {
			return err
		}
		after.ID = l.after[1]
	}
	runs, err := a.lab.RunsPage(r.Context(), who, after, l.more())
	if err != nil {
		return err
	}
	runs, err = page(w, l, runs, func(r lab.Run) []string { return []string{keyTime(r.Started), r.ID} })
	if err != nil {
		return err
	}
	return render(w, http.StatusOK, each(runs, runMessage))
}

func (a *api) run(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	v, err := a.lab.Run(r.Context(), who, r.PathValue("run"))
	if err != nil {
		return err
	}
	return tagged(w, r, v.Head, client.RunView{Run: runMessage(v.Run), Stages: each(v.Stages, stageMessage), Tasks: each(v.Tasks, taskMessage)})
}

func (a *api) plates(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	plan, err := a.lab.Plates(r.Context(), who, r.PathValue("run"))
	if err != nil {
		return err
	}
	return render(w, http.StatusOK, plan)
}

func (a *api) records(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	q := r.URL.Query()
	l, err := listOf(r, oneColumn)
	if err != nil {
		return err
	}
	from := q.Get("after")
	if l.after != nil {
		from = l.after[0]
	}
	after := int64(0)
	if from != "" {
		if after, err = number("after", from); err != nil {
			return err
		}
	}
	var kinds []record.Kind
	for _, k := range q["kind"] {
		kinds = append(kinds, record.Kind(k))
	}
	records, err := a.lab.RecordsPage(r.Context(), who, r.PathValue("run"), after, l.more(), kinds...)
	if err != nil {
		return err
	}
	records, err = page(w, l, records, func(r record.Record) []string { return []string{strconv.FormatInt(r.Number, 10)} })
	if err != nil {
		return err
	}
	messages, err := recordMessages(records)
	if err != nil {
		return err
	}
	return render(w, http.StatusOK, messages)
}

func recordMessages(records []record.Record) ([]client.Record, error) {
	messages := make([]client.Record, 0, len(records))
	for _, one := range records {
		ref, err := one.Ref()
		if err != nil {
			return nil, err
		}
		messages = append(messages, client.Record{Hash: ref.Hash, Record: one})
	}
	return messages, nil
}

func (a *api) report(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	about, data, err := a.lab.Report(r.Context(), who, r.PathValue("run"))
	if err != nil {
		return err
	}
	return send(w, r, about, data)
}

func (a *api) export(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	run := r.PathValue("run")
	if err := a.lab.CheckExport(r.Context(), who, run); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/x-tar")
	w.Header().Set("Content-Disposition", `attachment; filename="`+run+`.tar"`)
	return pour(w, r, func(w io.Writer) error { return a.lab.Export(r.Context(), who, run, w) })
}

func (a *api) tasks(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	q := r.URL.Query()
	l, err := listOf(r, threeColumns)
	if err != nil {
		return err
	}
	after, err := taskKey(l.after)
	if err != nil {
		return err
	}
	tasks, err := a.lab.TasksPage(r.Context(), who, lab.TaskFilter{Run: q.Get("run"), Role: q.Get("role"), State: q.Get("state"), Mine: q.Get("mine") == "true"}, after, l.more())
	if err != nil {
		return err
	}
	tasks, err = page(w, l, tasks, func(t lab.Task) []string { return []string{keyTime(t.Due), keyTime(t.Nominal), t.ID} })
	if err != nil {
		return err
	}
	return render(w, http.StatusOK, each(tasks, taskMessage))
}

func taskKey(columns []string) (k lab.TaskKey, err error) {
	if columns == nil {
		return k, nil
	}
	if k.Due, err = timeOf(columns[0]); err != nil {
		return k, err
	}
	k.Nominal, err = timeOf(columns[1])
	k.ID = columns[2]
	return k, err
}

func (a *api) task(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	v, err := a.lab.Task(r.Context(), who, taskID(r))
	if err != nil {
		return err
	}
	return tagged(w, r, v.Now.Last, client.TaskView{Task: taskMessage(v.Task), Spec: v.Spec, Now: v.Now})
}

func (a *api) artifacts(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	l, err := listOf(r, twoColumns)
	if err != nil {
		return err
	}
	var after lab.ArtifactKey
	if l.after != nil {
		if after.Received, err = timeOf(l.after[0]); err != nil {
			return err
		}
		after.SHA256 = l.after[1]
	}
	found, err := a.lab.ArtifactsPage(r.Context(), who, r.URL.Query().Get("run"), after, l.more())
	if err != nil {
		return err
	}
	found, err = page(w, l, found, func(f lab.Artifact) []string { return []string{keyTime(f.Received), f.SHA256} })
	if err != nil {
		return err
	}
	return render(w, http.StatusOK, each(found, func(f lab.Artifact) client.Artifact { return client.Artifact(f) }))
}

func (a *api) artifact(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	sha256 := r.PathValue("sha256")
	if _, err := a.lab.Has(r.Context(), who, sha256); err != nil {
		return err
	}
	if known(w, r, `"`+sha256+`"`) {
		return nil
	}
	about, data, err := a.lab.Artifact(r.Context(), who, sha256)
	if err != nil {
		return err
	}
	return send(w, r, about, data)
}

func (a *api) lineage(w http.ResponseWriter, r *http.Request, who record.Actor) error {
	edges, err := a.lab.Lineage(r.Context(), who, r.PathValue("hash"), r.URL.Query().Get("down") == "true")
	if err != nil {
		return err
	}
	return render(w, http.StatusOK, each(edges, edgeMessage))
}

// each turns a list into messages; an empty one is [], not null.
func each[From, To any](from []From, message func(From) To) []To {
	to := make([]To, 0, len(from))
	for _, f := range from {
		to = append(to, message(f))
	}
	return to
}

func runMessage(r lab.Run) client.Run {
	m := client.Run{
		ID: r.ID, Title: r.Title, Protocol: r.ProtocolName, State: r.State, Open: r.Open, Blocked: r.Blocked,
		Started: r.Started, Ended: r.Ended, Records: r.Head, Rehearsal: r.Simulated, Why: r.Why, Zone: r.Zone,
	}
	if r.Next != nil {
		m.Stage, m.Next, m.Closes = r.Next.Stage, r.Next.Title, r.Next.Closes
	}
	return m
}

func stageMessage(s lab.Stage) client.Stage {
	state := s.State
	if s.Outcome != "" {
		state = s.Outcome
	}
	return client.Stage{Stage: s.Stage, Model: s.Model, Block: s.Block, Title: s.Title, State: state, Started: s.Started, Ended: s.Ended, Why: s.Why}
}

func taskMessage(t lab.Task) client.Task {
	return client.Task{
		ID: t.ID, Run: t.Run, Stage: t.Stage, Model: t.Model, Block: t.Block, Title: t.Title, Role: t.Role, State: string(t.State),
		Holder: t.Holder, Attempt: t.Attempt, Opens: t.Opens, Nominal: t.Nominal, Closes: t.Closes, Hard: t.Hard,
		Late: t.Late, Verdict: t.Verdict, By: t.CompletedBy, Done: t.Completed,
	}
}
