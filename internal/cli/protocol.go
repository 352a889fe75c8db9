package cli

import "github.com/spf13/cobra"

func (a *app) protocols() *cobra.Command {
	c := &cobra.Command{Use: "protocol", Short: "Documents that runs follow"}
	c.AddCommand(a.plan())
	return c
}
