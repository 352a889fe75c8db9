package cli

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/protocol"
)

func (a *app) plates() *cobra.Command {
	c := &cobra.Command{Use: "plate", Short: "See what stands in which well"}
	c.AddCommand(a.plateView())
	return c
}

func (a *app) plateView() *cobra.Command {
	var model, block string
	c := &cobra.Command{
		Use: "view RUN", Short: "Show the layouts that were drawn for a run, with codes for sealed groups", Args: cobra.ExactArgs(1),
		Example: "  secretome plate view 001 --model cells --block 2",
	}
	c.Flags().StringVar(&model, "model", "", "of this model only")
	c.Flags().StringVar(&block, "block", "", "of this block only")
	c.RunE = func(c *cobra.Command, args []string) error {
		return a.with(func(server *client.Client) error {
			id, err := findRun(c.Context(), server, args[0])
			if err != nil {
				return err
			}
			plan, err := server.Plates(c.Context(), id)
			if err != nil {
				return err
			}
			all := len(plan.Blocks)
			plan.Blocks = slices.DeleteFunc(plan.Blocks, func(s protocol.Shown) bool {
				return model != "" && s.Model != model || block != "" && s.Block != block
			})
			if len(plan.Blocks) == 0 {
				return fault.New(fault.NotFound, "none of the %d blocks is of this model and block", all).Try("leave --model and --block out to see all")
			}
			return one(a, plan, func() error { return a.showPlates(plan) })
		})
	}
	return c
}

func (a *app) showPlates(plan protocol.Plan) error {
	for _, s := range plan.Blocks {
		for _, y := range s.Layouts {
			if _, err := fmt.Fprintf(a.out, "%s, block %s: %s\n", s.Model, s.Block, y.ID); err != nil {
				return err
			}
			if err := a.showLayout(y); err != nil {
				return err
			}
		}
	}
	return nil
}

// showLayout prints a plate as a person holds it: rows down, columns across.
func (a *app) showLayout(y protocol.Layout) error {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for i, row := range slices.Sorted(maps.Keys(y.Rows)) {
		codes := strings.Fields(y.Rows[row])
		if i == 0 {
			var head []string
			for j := range codes {
				head = append(head, strconv.Itoa(j+1))
			}
			fmt.Fprintln(w, "\t"+strings.Join(head, "\t")) // Flush tells what went wrong
		}
		fmt.Fprintln(w, row+"\t"+strings.Join(codes, "\t"))
	}
	fmt.Fprintln(w)
	return w.Flush()
}
