package cli

import (
	"context"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"secretome/internal/client"
	"secretome/internal/protocol"
	"secretome/internal/run"
)

// control is the command by which a manager does something to a run.
func (a *app) control(verb run.Verb, short string) *cobra.Command {
	m := client.Control{Verb: verb}
	c := &cobra.Command{
		Use: string(verb) + " RUN", Short: short, Args: cobra.ExactArgs(1),
		Example: "  secretome run " + string(verb) + " 014 --reason \"the incubator is being repaired\"",
	}
	c.Flags().StringVar(&m.Reason, "reason", "", "`TEXT` that says why")
	_ = c.MarkFlagRequired("reason") // it was just defined
	c.RunE = func(c *cobra.Command, args []string) error { return a.doToRun(c.Context(), args[0], m) }
	return c
}

func (a *app) doToRun(ctx context.Context, id string, m client.Control) error {
	request, err := a.newRequest()
	if err != nil {
		return err
	}
	return a.with(func(server *client.Client) error {
		id, err := findRun(ctx, server, id)
		if err != nil {
			return err
		}
		done, err := server.Control(ctx, request, id, m)
		if err != nil {
			return a.sent(err)
		}
		if done.Follows {
			a.note("saved; the list follows")
		}
		return one(a, done, func() error {
			state := "goes on"
			switch {
			case done.Standing.Stopping != "":
				state = "is being stopped"
			case done.Standing.Paused != "":
				state = "paused"
			}
			err := a.table([]string{"run", "state", "record"}, [][]string{{id, state, strconv.FormatInt(done.Record.Number, 10)}})
			for _, change := range done.Changes {
				a.note("%s", change)
			}
			return err
		})
	})
}

func (a *app) runAsk() *cobra.Command {
	m := client.Control{Verb: run.Ask}
	t := protocol.Task{ID: "ad-hoc"}
	var text, role string
	c := &cobra.Command{
		Use: "ask RUN TITLE", Short: "Ask for a task that the protocol does not have", Args: cobra.ExactArgs(2),
		Example: "  secretome run ask 014 \"Photograph the incubator's display\" --role technician --reason \"an alarm at 3:10\"",
	}
	c.Flags().StringVar(&role, "role", "technician", "`ROLE` of who does it")
	c.Flags().StringVar(&text, "text", "", "`TEXT` of the instruction; else the title")
	c.Flags().StringVar(&m.Reason, "reason", "", "`TEXT` that says why")
	_ = c.MarkFlagRequired("reason") // it was just defined
	c.RunE = func(c *cobra.Command, args []string) error {
		t.Title, t.Role = args[1], role
		if text == "" {
			text = args[1]
		}
		t.Steps = []protocol.Step{{ID: "do", Text: text, Fields: []protocol.Field{{ID: "answer", Title: "what was done or seen", Kind: protocol.Text}}}}
		m.Task = &t
		return a.doToRun(c.Context(), args[0], m)
	}
	return c
}

func (a *app) runAmend() *cobra.Command {
	m := client.Control{Verb: run.Amend}
	c := &cobra.Command{
		Use: "amend RUN FILE", Short: "Have stages that have not begun follow another version of the protocol", Args: cobra.ExactArgs(2),
		Example: "  secretome run amend 014 study-1.1.yaml --reason \"the supplier's medium changed\"",
	}
	c.Flags().StringVar(&m.Reason, "reason", "", "`TEXT` that says why")
	_ = c.MarkFlagRequired("reason") // it was just defined
	c.RunE = func(c *cobra.Command, args []string) error {
		const most = 1 << 20 // bytes of a protocol
		document, err := a.read(args[1], most)
		if err != nil {
			return err
		}
		m.Document, m.Name = string(document), filepath.Base(args[1])
		m.Reason = strings.TrimSpace(m.Reason)
		return a.doToRun(c.Context(), args[0], m)
	}
	return c
}
