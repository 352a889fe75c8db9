package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/record"
	"secretome/internal/task"
)

func (a *app) tasks() *cobra.Command {
	var f client.TaskFilter
	c := &cobra.Command{Use: "task", Short: "See and do tasks"}
	c.RunE = func(c *cobra.Command, _ []string) error { return a.listTasks(c.Context(), f) }
	c.AddCommand(a.taskList(), a.taskView(), a.taskEnter(), a.taskKey())
	c.AddCommand(
		a.verb(task.Claim, "Take a task: from now on it is yours"),
		a.verb(task.Release, "Give a task back", reason(false)),
		a.verb(task.Complete, "Say that all steps of a task are done"),
		a.verb(task.Comment, "Write a comment into a task's record", reason(true)),
		a.verb(task.Deviate, "Record that something differed from the protocol", reason(true)),
		a.verb(task.Skip, "Leave a task out; the manager decides whether the run goes on without it", reason(true)),
		a.verb(task.Repeat, "Ask a task again from its first step (manager)", reason(true)),
		a.verb(task.Cancel, "Go on without a task (manager)", reason(true)),
		a.toSomebody(task.HandOver, "Give a task to somebody else"),
		a.toSomebody(task.Assign, "Say who is to do a task (manager)"),
		a.taskCheck(), a.taskAttach(),
	)
	return c
}

func (a *app) taskList() *cobra.Command {
	var f client.TaskFilter
	var all bool
	c := &cobra.Command{
		Use: "list", Short: "List tasks that wait for somebody, what is due first on top", Args: cobra.NoArgs,
		Example: "  secretome task list --role technician\n  secretome task list --mine --json --fields id,closes",
	}
	c.Flags().StringVar(&f.Run, "run", "", "of this run only")
	c.Flags().StringVar(&f.Role, "role", "", "for this role only")
	c.Flags().StringVar(&f.State, "state", "", "open, claimed, completed, skipped or closed; else open and claimed")
	c.Flags().BoolVar(&f.Mine, "mine", false, "only those that you hold")
	c.Flags().BoolVar(&all, "all", false, "also those that are over")
	c.RunE = func(c *cobra.Command, _ []string) error {
		if all {
			f.State = "all"
		}
		return a.listTasks(c.Context(), f)
	}
	return c
}

func (a *app) listTasks(ctx context.Context, f client.TaskFilter) error {
	return a.with(func(server *client.Client) error {
		if f.Run != "" {
			id, err := findRun(ctx, server, f.Run)
			if err != nil {
				return err
			}
			f.Run = id
		}
		tasks, err := server.Tasks(ctx, f)
		if err != nil {
			return err
		}
		return list(a, tasks, a.taskColumns())
	})
}

func (a *app) taskColumns() []column[client.Task] {
	return []column[client.Task]{
		{"task", func(t client.Task) string { return t.ID }},
		{"title", func(t client.Task) string { return t.Title }},
		{"role", func(t client.Task) string { return t.Role }},
		{"state", func(t client.Task) string { return t.State }},
		{"holder", func(t client.Task) string { return t.Holder }},
		{"opens", func(t client.Task) string { return a.when(t.Opens) }},
		{"closes", func(t client.Task) string { return a.when(t.Closes) }},
	}
}

func (a *app) taskView() *cobra.Command {
	return &cobra.Command{
		Use: "view TASK", Short: "Show what a task asks and what was entered", Args: cobra.ExactArgs(1),
		Example: "  secretome task view consent\n  secretome task view task/UCM-2026-001/cord-harvest/consent/1 --json",
		RunE: func(c *cobra.Command, args []string) error {
			return a.with(func(server *client.Client) error {
				id, err := findTask(c.Context(), server, args[0])
				if err != nil {
					return err
				}
				v, err := server.Task(c.Context(), id)
				if err != nil {
					return err
				}
				return one(a, v, func() error { return a.showTask(v) })
			})
		},
	}
}

func (a *app) showTask(v client.TaskView) error {
	err := a.pairs([2]string{"task", v.ID}, [2]string{"title", v.Title}, [2]string{"role", v.Role}, [2]string{"state", v.State}, [2]string{"holder", v.Holder},
		[2]string{"opens", a.when(v.Opens)}, [2]string{"nominal", a.when(v.Nominal)}, [2]string{"closes", a.when(v.Closes)}, [2]string{"hard limit", a.when(v.Hard)})
	if err != nil {
		return err
	}
	for _, known := range sortedKeys(v.Spec.Known) {
		if err := a.pairs([2]string{"known: " + known, v.Spec.Known[known]}); err != nil {
			return err
		}
	}
	for _, s := range v.Spec.Task.Steps {
		if err := a.showStep(v, s); err != nil {
			return err
		}
	}
	return nil
}

func sortedKeys(m map[string]string) []string {
	var keys []string
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func (a *app) showStep(v client.TaskView, s protocol.Step) error {
	mark := "[ ]"
	if slices.ContainsFunc(v.Now.Done, func(d task.Done) bool { return d.Step == s.ID }) {
		mark = "[x]"
	}
	if _, err := fmt.Fprintf(a.out, "\n%s %s: %s\n", mark, s.ID, cell(s.Text)); err != nil {
		return err
	}
	for _, f := range s.Fields {
		value, entered := v.Now.Value(s.ID + "." + f.ID)
		text := "(" + asks(f) + ")"
		if entered {
			text = value.Value
			if value.File != nil {
				text = value.File.Name + " (SHA-256 " + value.File.SHA256 + ")"
			}
		}
		if expected := v.Spec.Expect[s.ID+"."+f.ID]; expected != "" && !entered {
			text += " must be " + expected
		}
		if err := a.pairs([2]string{"    " + f.ID, text}); err != nil {
			return err
		}
	}
	return nil
}

// asks says what a field wants.
func asks(f protocol.Field) string {
	text := string(f.Kind)
	if f.Unit != "" {
		text += " in " + f.Unit
	}
	if len(f.Range) == 2 {
		text += fmt.Sprintf(", %s to %s", f.Range[0], f.Range[1])
	}
	if len(f.Choices) > 0 {
		text += ": " + strings.Join(f.Choices, ", ")
	}
	if f.Optional {
		text += ", may be left out"
	}
	return f.Title + "; " + text
}

// withReason adds the flag by which an act is explained.
type withReason struct{ needed bool }

func reason(needed bool) *withReason { return &withReason{needed} }

// verb is the command for an act that needs no more than a reason.
func (a *app) verb(v task.Verb, short string, options ...*withReason) *cobra.Command {
	var happened string
	act := client.Act{Verb: v}
	c := &cobra.Command{Use: string(v) + " TASK", Short: short, Args: cobra.ExactArgs(1)}
	for _, o := range options {
		c.Flags().StringVar(&act.Reason, "reason", "", "`TEXT` that says why")
		if o.needed {
			_ = c.MarkFlagRequired("reason") // it was just defined
		}
	}
	c.Flags().StringVar(&happened, "happened", "", "`TIME` when it was done; else now")
	c.RunE = func(c *cobra.Command, args []string) error { return a.act(c.Context(), args[0], act, happened, nil) }
	return c
}

func (a *app) toSomebody(v task.Verb, short string) *cobra.Command {
	act := client.Act{Verb: v}
	c := &cobra.Command{Use: string(v) + " TASK", Short: short, Args: cobra.ExactArgs(1)}
	c.Flags().StringVar(&act.To, "to", "", "`NAME` of who takes it")
	c.Flags().StringVar(&act.Reason, "reason", "", "`TEXT` that says why")
	_ = c.MarkFlagRequired("to") // it was just defined
	c.RunE = func(c *cobra.Command, args []string) error { return a.act(c.Context(), args[0], act, "", nil) }
	return c
}

func (a *app) taskCheck() *cobra.Command {
	act := client.Act{Verb: task.Check}
	c := &cobra.Command{Use: "check TASK STEP", Short: "Hold a step to be right that somebody else did", Args: cobra.ExactArgs(2)}
	c.Flags().StringVar(&act.Reason, "note", "", "`TEXT` beside it")
	c.RunE = func(c *cobra.Command, args []string) error {
		act.Step = args[1]
		return a.act(c.Context(), args[0], act, "", nil)
	}
	return c
}

func (a *app) taskAttach() *cobra.Command {
	act := client.Act{Verb: task.Attach}
	c := &cobra.Command{Use: "attach TASK FILE", Short: "Put a file beside a task's steps: a photo, a note", Args: cobra.ExactArgs(2)}
	c.Flags().StringVar(&act.Reason, "note", "", "`TEXT` that says what it is")
	c.RunE = func(c *cobra.Command, args []string) error {
		return a.act(c.Context(), args[0], act, "", []string{"file=" + args[1]})
	}
	return c
}

func (a *app) taskEnter() *cobra.Command {
	var happened string
	var files []string
	var save bool
	act := client.Act{Verb: task.Step}
	c := &cobra.Command{
		Use: "enter TASK STEP [FIELD=VALUE]…", Short: "Complete a step with what was measured, scanned or exported", Args: cobra.MinimumNArgs(2),
		Example: "  secretome task enter receive-cord weigh mass=\"31.4 g\"\n  secretome task enter read-il8 export --file export=il8.txt",
	}
	c.Flags().StringArrayVar(&files, "file", nil, "`FIELD=PATH` of a file that is uploaded for a field")
	c.Flags().StringVar(&act.Deviation, "deviation", "", "`TEXT` that says why a value out of range is entered")
	c.Flags().StringVar(&act.Reason, "reason", "", "`TEXT` that says why a step is corrected")
	c.Flags().StringVar(&happened, "happened", "", "`TIME` when it was done; else now")
	c.Flags().BoolVar(&save, "save", false, "keep the values, the step is not complete yet")
	c.RunE = func(c *cobra.Command, args []string) error {
		entries, err := entries(args[2:])
		if err != nil {
			return err
		}
		if save {
			act.Verb = task.Save
		}
		act.Step, act.Entries = args[1], entries
		return a.act(c.Context(), args[0], act, happened, files)
	}
	return c
}

func entries(pairs []string) ([]record.Entry, error) {
	var ee []record.Entry
	for _, p := range pairs {
		field, value, ok := strings.Cut(p, "=")
		if !ok || field == "" {
			return nil, fault.New(fault.Usage, "%q is no entry", p).Try("write FIELD=VALUE, with quotes around blanks: mass=\"31.4 g\"")
		}
		ee = append(ee, record.Entry{Field: field, Value: value})
	}
	return ee, nil
}

// act does one thing to a task, after the files that it needs were uploaded.
func (a *app) act(ctx context.Context, id string, act client.Act, happened string, files []string) error {
	var err error
	if act.Happened, err = a.instant("happened", happened); err != nil {
		return err
	}
	request, err := a.newRequest()
	if err != nil {
		return err
	}
	return a.with(func(server *client.Client) error {
		id, err := findTask(ctx, server, id)
		if err != nil {
			return err
		}
		for _, pair := range files {
			e, err := a.uploadFor(ctx, server, part(request, pair), pair)
			if err != nil {
				return err
			}
			act.Entries = append(act.Entries, e)
		}
		acted, err := server.Act(ctx, request, id, act)
		if err != nil {
			return a.sent(err)
		}
		return a.acted(id, acted)
	})
}

func (a *app) uploadFor(ctx context.Context, server *client.Client, request, pair string) (record.Entry, error) {
	field, path, ok := strings.Cut(pair, "=")
	if !ok || field == "" || path == "" {
		return record.Entry{}, fault.New(fault.Usage, "%q names no file for a field", pair).Field("file").Try("write --file FIELD=PATH")
	}
	stored, err := a.upload(ctx, server, request, path)
	return record.Entry{Field: field, Value: stored.SHA256, File: &stored}, err
}

// upload stores one file as an artifact.
func (a *app) upload(ctx context.Context, server *client.Client, request, path string) (record.Artifact, error) {
	f, err := open(path)
	if err != nil {
		return record.Artifact{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return record.Artifact{}, fmt.Errorf("size of %s: %w", path, err)
	}
	return server.Upload(ctx, request, f, client.Upload{Name: filepath.Base(path), MediaType: mediaType(path), Size: info.Size()})
}

// mediaType goes by a file's name, the same on every machine: the system's own
// table differs from one to the next.
func mediaType(path string) string {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".txt":
		return "text/plain"
	case ".csv":
		return "text/csv"
	case ".json":
		return "application/json"
	case ".yaml", ".yml":
		return "application/yaml"
	case ".xml":
		return "application/xml"
	case ".html":
		return "text/html"
	case ".pdf":
		return "application/pdf"
	case ".png":
		return "image/png"
	case ".jpg", ".jpeg":
		return "image/jpeg"
	case ".xlsx":
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	}
	return "application/octet-stream"
}

func (a *app) acted(id string, acted client.Acted) error {
	if acted.Follows {
		a.note("saved; the list follows")
	}
	if acted.Late {
		a.note("the task was over when this arrived: it is kept as record %d, changes nothing, and the manager decides what follows", acted.Record.Number)
	}
	return one(a, acted, func() error {
		next := ""
		switch {
		case acted.NextStep != "":
			next = "next step: " + acted.NextStep
		case acted.Phase == task.Claimed:
			next = "all steps are done: secretome task complete " + id
		}
		return a.table([]string{"task", "state", "record", "next"}, [][]string{{id, string(acted.Phase), strconv.FormatInt(acted.Record.Number, 10), next}})
	})
}
