package cli

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/record"
)

func (a *app) artifacts() *cobra.Command {
	c := &cobra.Command{Use: "artifact", Short: "Store, fetch and check files by their hash"}
	c.AddCommand(a.artifactPut(), a.artifactGet(), a.artifactList(), a.artifactVerify())
	return c
}

func (a *app) artifactPut() *cobra.Command {
	return &cobra.Command{
		Use: "put FILE…", Short: "Store files; equal bytes are kept once", Args: cobra.MinimumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			request, err := a.newRequest()
			if err != nil {
				return err
			}
			return a.with(func(server *client.Client) error {
				var stored []record.Artifact
				for _, path := range args {
					one, err := a.upload(c.Context(), server, part(request, path), path)
					if err != nil {
						return a.sent(err)
					}
					stored = append(stored, one)
				}
				return list(a, stored, artifactColumns())
			})
		},
	}
}

func artifactColumns() []column[record.Artifact] {
	return []column[record.Artifact]{
		{"sha256", func(r record.Artifact) string { return r.SHA256 }},
		{"size", func(r record.Artifact) string { return strconv.FormatInt(r.Size, 10) }},
		{"type", func(r record.Artifact) string { return r.MediaType }},
		{"name", func(r record.Artifact) string { return r.Name }},
	}
}

func (a *app) artifactGet() *cobra.Command {
	var out string
	c := &cobra.Command{Use: "get SHA256", Short: "Fetch a file, checked against its hash", Args: cobra.ExactArgs(1)}
	c.Flags().StringVar(&out, "out", stdin, "`FILE` to write; else standard output")
	c.RunE = func(c *cobra.Command, args []string) error {
		return a.with(func(server *client.Client) error {
			err := a.write(out, func(w io.Writer) error { return server.Artifact(c.Context(), args[0], w) })
			return a.wrote(out, err)
		})
	}
	return c
}

func (a *app) artifactList() *cobra.Command {
	var run string
	c := &cobra.Command{Use: "list", Short: "List what is stored and which record names it", Args: cobra.NoArgs}
	c.Flags().StringVar(&run, "run", "", "of this run only")
	c.RunE = func(c *cobra.Command, _ []string) error {
		return a.with(func(server *client.Client) error {
			if run != "" {
				id, err := findRun(c.Context(), server, run)
				if err != nil {
					return err
				}
				run = id
			}
			found, err := server.Artifacts(c.Context(), run)
			if err != nil {
				return err
			}
			return list(a, found, []column[client.Artifact]{
				{"sha256", func(r client.Artifact) string { return r.SHA256 }},
				{"size", func(r client.Artifact) string { return strconv.FormatInt(r.Size, 10) }},
				{"type", func(r client.Artifact) string { return r.MediaType }},
				{"name", func(r client.Artifact) string { return strings.Join(r.Names, ", ") }},
				{"record", func(r client.Artifact) string { return fmt.Sprintf("%s %d", r.First.Logbook, r.First.Number) }},
			})
		})
	}
	return c
}

func (a *app) artifactVerify() *cobra.Command {
	return &cobra.Command{
		Use: "verify", Short: "Read every stored file and hold it against its hash", Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			request, err := a.newRequest()
			if err != nil {
				return err
			}
			return a.with(func(server *client.Client) error {
				v, err := server.VerifyArtifacts(c.Context(), request)
				if err != nil {
					return err
				}
				if err := one(a, v, func() error { return a.showVerified(v) }); err != nil {
					return err
				}
				if len(v.Problems) > 0 {
					return fault.New(fault.Corrupt, "%d of %d artifacts are damaged or missing", len(v.Problems), v.Checked).Try("restore them from a backup")
				}
				return nil
			})
		},
	}
}

func (a *app) showVerified(v client.Verified) error {
	for _, p := range v.Problems {
		if err := a.table([]string{"sha256", "kind", "detail"}, [][]string{{p.SHA256, p.Kind, p.Detail}}); err != nil {
			return err
		}
	}
	if len(v.Problems) > 0 {
		return nil
	}
	_, err := fmt.Fprintf(a.out, "%d of %d artifacts match\n", v.Checked, v.Checked)
	return err
}
