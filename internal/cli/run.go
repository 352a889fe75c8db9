package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/run"
)

func (a *app) runs() *cobra.Command {
	c := &cobra.Command{Use: "run", Short: "Launch runs, see where they stand, pause and stop them"}
	c.AddCommand(a.runLaunch(), a.runList(), a.runView(), a.runWatch(), a.runExport(), a.runReport())
	c.AddCommand(
		a.control(run.Pause, "Ask nothing new until the run is resumed; what incubates goes on"),
		a.control(run.Resume, "Go on with a paused run"),
		a.control(run.Stop, "End a run: what is in work is dealt with, then its logbook is sealed"),
		a.control(run.Hold, "Pause a run until its manager decided whether it goes on"),
		a.runAsk(), a.runAmend(),
	)
	c.RunE = func(c *cobra.Command, _ []string) error { return a.listRuns(c.Context()) }
	return c
}

func (a *app) runLaunch() *cobra.Command {
	var l client.Launch
	var start string
	c := &cobra.Command{
		Use: "launch FILE", Short: "Start a run of a protocol", Args: cobra.ExactArgs(1),
		Example: "  secretome run launch examples/compact.yaml --as manager\n  secretome run launch - --as manager --title \"Repeat of 014\" < protocol.yaml",
	}
	c.Flags().StringVar(&l.Title, "title", "", "title of the run; else the protocol's")
	c.Flags().StringVar(&start, "start", "", "from when windows count; else now")
	c.Flags().Float64Var(&l.Speed, "speed", 1, "divide waits by this; rehearsals only")
	c.Flags().BoolVar(&l.Rehearsal, "rehearsal", false, "people and instruments are played by a script; every record says so")
	c.Flags().StringVar(&l.Script, "script", "", "name of that script")
	c.RunE = func(c *cobra.Command, args []string) error {
		const most = 1 << 20 // bytes of a protocol
		document, err := a.read(args[0], most)
		if err != nil {
			return err
		}
		l.Document, l.Name = string(document), filepath.Base(args[0])
		if args[0] == stdin {
			l.Name = "standard input"
		}
		if l.Start, err = a.instant("start", start); err != nil {
			return err
		}
		return a.with(func(server *client.Client) error { return a.launch(c.Context(), server, l) })
	}
	return c
}

func (a *app) launch(ctx context.Context, server *client.Client, l client.Launch) error {
	request, err := a.newRequest()
	if err != nil {
		return err
	}
	launched, err := server.Launch(ctx, request, l)
	if err != nil {
		return a.sent(err)
	}
	return one(a, launched, func() error {
		_, err := fmt.Fprintln(a.out, launched.Run)
		a.note("see what waits: secretome task list --run %s", launched.Run)
		return err
	})
}

func (a *app) runList() *cobra.Command {
	return &cobra.Command{
		Use: "list", Short: "List runs, the newest first", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return a.listRuns(c.Context()) },
	}
}

func (a *app) listRuns(ctx context.Context) error {
	return a.with(func(server *client.Client) error {
		runs, err := server.Runs(ctx)
		if err != nil {
			return err
		}
		return list(a, runs, []column[client.Run]{
			{"run", func(r client.Run) string { return r.ID }},
			{"title", func(r client.Run) string { return r.Title }},
			{"state", func(r client.Run) string { return r.State }},
			{"open", func(r client.Run) string { return strconv.Itoa(r.Open) }},
			{"next", func(r client.Run) string { return r.Next }},
			{"closes", func(r client.Run) string { return a.when(r.Closes) }},
		})
	})
}

func (a *app) runView() *cobra.Command {
	return &cobra.Command{
		Use: "view RUN", Short: "Show where a run stands and what it waits for", Args: cobra.ExactArgs(1),
		Example: "  secretome run view 014\n  secretome run view UCM-2026-014 --json",
		RunE: func(c *cobra.Command, args []string) error {
			return a.with(func(server *client.Client) error {
				id, err := findRun(c.Context(), server, args[0])
				if err != nil {
					return err
				}
				v, err := server.Run(c.Context(), id)
				if err != nil {
					return err
				}
				return one(a, v, func() error { return a.showRun(v) })
			})
		},
	}
}

func (a *app) showRun(v client.RunView) error {
	rehearsal := ""
	if v.Rehearsal {
		rehearsal = "yes: people and instruments are simulated"
	}
	err := a.pairs([2]string{"run", v.ID}, [2]string{"title", v.Title}, [2]string{"protocol", v.Protocol}, [2]string{"state", v.State},
		[2]string{"started", a.when(v.Started)}, [2]string{"ended", a.when(v.Ended)}, [2]string{"rehearsal", rehearsal}, [2]string{"records", strconv.FormatInt(v.Records, 10)})
	if err != nil {
		return err
	}
	fmt.Fprintln(a.out)
	err = list(a, v.Stages, []column[client.Stage]{
		{"stage", func(s client.Stage) string { return s.Stage }},
		{"of", func(s client.Stage) string { return strings.TrimSpace(s.Model + " " + s.Block) }},
		{"state", func(s client.Stage) string { return s.State }},
		{"started", func(s client.Stage) string { return a.when(s.Started) }},
		{"ended", func(s client.Stage) string { return a.when(s.Ended) }},
	})
	if err != nil || len(v.Tasks) == 0 {
		return err
	}
	fmt.Fprintln(a.out)
	return list(a, v.Tasks, a.taskColumns())
}

func (a *app) runWatch() *cobra.Command {
	var until []string
	var timeout time.Duration
	c := &cobra.Command{
		Use: "watch RUN", Short: "Print what happens in a run, as it happens", Args: cobra.ExactArgs(1),
		Example: "  secretome run watch 014\n  secretome run watch 014 --until blocked,finished --timeout 24h",
	}
	c.Flags().StringSliceVar(&until, "until", []string{"finished"}, "stop when the run is one of these: finished, blocked, waiting")
	c.Flags().DurationVar(&timeout, "timeout", 0, "stop after this time; exit code 9")
	c.RunE = func(c *cobra.Command, args []string) error {
		for _, u := range until {
			if !slices.Contains([]string{"finished", "blocked", "waiting"}, u) {
				return fault.New(fault.Usage, "%q is nothing to wait for", u).Field("until").Try("wait for finished, blocked or waiting")
			}
		}
		return a.with(func(server *client.Client) error {
			id, err := findRun(c.Context(), server, args[0])
			if err != nil {
				return err
			}
			return a.watch(c.Context(), server, id, until, timeout)
		})
	}
	return c
}

// watch prints records until the run is in one of the states.
func (a *app) watch(ctx context.Context, server *client.Client, id string, until []string, timeout time.Duration) error {
	const pause = 300 * time.Millisecond
	var over <-chan time.Time // never, without a timeout
	if timeout > 0 {
		over = time.After(timeout)
	}
	for last := int64(0); ; {
		v, err := server.Run(ctx, id) // before the records: what it tells of is among them
		if err != nil {
			return err
		}
		if last, err = a.printRecords(ctx, server, id, last); err != nil {
			return err
		}
		if slices.ContainsFunc(until, func(u string) bool { return is(v, u) }) {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-over:
			return fault.New(fault.Timeout, "run %s is not %s after %s", id, strings.Join(until, " or "), timeout)
		case <-time.After(pause):
		}
	}
}

func is(v client.RunView, state string) bool {
	switch state {
	case "finished":
		return !v.Ended.IsZero()
	case "blocked":
		return v.Blocked > 0
	}
	return v.Open > 0 // waiting
}

func (a *app) printRecords(ctx context.Context, server *client.Client, id string, last int64) (int64, error) {
	for {
		records, err := server.Records(ctx, id, last)
		if err != nil || len(records) == 0 {
			return last, err
		}
		for _, r := range records {
			if err := a.printRecord(r); err != nil {
				return last, err
			}
			last = r.Record.Number
		}
	}
}

func (a *app) printRecord(r client.Record) error {
	if a.json {
		return json.NewEncoder(a.out).Encode(struct {
			Type string `json:"type"`
			client.Record
		}{"record", r})
	}
	d := r.Record
	what := strings.TrimPrefix(d.Subject.Task, "task/"+strings.TrimPrefix(d.Logbook, "run/")+"/")
	if what == "" {
		what = strings.TrimSpace(d.Subject.Stage + " " + d.Subject.Model + " " + d.Subject.Block)
	}
	plain := *a
	plain.terminal = false // a stream has no widths to align
	row := []string{strconv.FormatInt(d.Number, 10), a.when(d.Happened), string(d.Kind), d.By.Name, what, d.Subject.Step}
	return plain.table(nil, [][]string{row})
}

func (a *app) runReport() *cobra.Command {
	var out string
	c := &cobra.Command{Use: "report RUN", Short: "Save a run's report, one self-contained HTML file", Args: cobra.ExactArgs(1)}
	c.Flags().StringVar(&out, "out", "", "`FILE` to write, - for standard output; else <run>.html")
	c.RunE = func(c *cobra.Command, args []string) error {
		return a.with(func(server *client.Client) error {
			id, err := findRun(c.Context(), server, args[0])
			if err != nil {
				return err
			}
			if out == "" {
				out = id + ".html"
			}
			err = a.write(out, func(w io.Writer) error { return server.Report(c.Context(), id, w) })
			return a.wrote(out, err)
		})
	}
	return c
}

func (a *app) runExport() *cobra.Command {
	var out string
	c := &cobra.Command{Use: "export RUN", Short: "Save a run's bundle, a folder that needs no server", Args: cobra.ExactArgs(1)}
	c.Flags().StringVar(&out, "out", "", "`DIR` to make; else <run>")
	c.RunE = func(c *cobra.Command, args []string) error {
		return a.with(func(server *client.Client) error {
			id, err := findRun(c.Context(), server, args[0])
			if err != nil {
				return err
			}
			if out == "" {
				out = id
			}
			return a.wrote(out, unpack(out, func(w io.Writer) error { return server.Export(c.Context(), id, w) }))
		})
	}
	return c
}

// wrote tells where an answer lies.
func (a *app) wrote(path string, err error) error {
	if err != nil || path == stdin {
		return err
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return fmt.Errorf("where is %s: %w", path, err)
	}
	return one(a, map[string]string{"path": absolute}, func() error {
		_, err := fmt.Fprintln(a.out, path)
		return err
	})
}
