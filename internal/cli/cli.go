// Package cli is the command line: it decodes arguments, makes one call of the
// client or of a pure package, and prints. What needs servers in this process is
// given to it as functions, see [Programs], so that it knows none of them.
//
// # Promises to scripts
//
// Standard output is the answer, standard error is everything else. Output has
// three forms: columns on a terminal, tab-separated lines without a header in a
// pipe, and JSON with --json, to which fields are only added. Exit codes are
// those of [fault.Kind] and 130 for an interrupt.
package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"secretome/internal/client"
	"secretome/internal/fault"
)

// app is one call of the program.
type app struct {
	programs Programs
	file     map[string]string // the configuration file
	in       io.Reader
	out, err io.Writer
	terminal bool // standard output is one
	getenv   func(string) string
	width    int  // of the terminal
	began    bool // arguments were understood, the command runs

	servers Servers
	url, as string
	request string
	json    bool
	header  bool
	fields  []string
}

// interrupted is the exit code after Ctrl-C, as shells have it.
const interrupted = 130

// Main runs the program with the arguments behind its name, and returns its
// exit code. ctx ends when the person interrupts it.
func Main(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer, p Programs) int {
	a := &app{programs: p, in: stdin, out: stdout, err: stderr, getenv: os.Getenv}
	a.terminal, a.width = terminal(stdout)
	return a.run(ctx, args)
}

func terminal(w io.Writer) (yes bool, width int) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return false, 0
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		width = 0 // unknown: nothing is cut
	}
	return true, width
}

func (a *app) run(ctx context.Context, args []string) int {
	if err := a.configure(); err != nil {
		a.report(err)
		return fault.Of(err).Kind.Meaning().Exit
	}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(a.in)
	root.SetOut(a.out)
	root.SetErr(a.err)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil, errors.Is(err, syscall.EPIPE): // the reader has what it wanted
		return 0
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		fmt.Fprintln(a.err, "interrupted")
		return interrupted
	case !a.began && fault.Of(err).Kind == fault.Internal: // cobra did not understand the arguments
		line, _, _ := strings.Cut(err.Error(), "\n")
		err = fault.New(fault.Usage, "%s", line).Try("see: %s --help", meant(root, args))
	}
	a.report(err)
	return client.Faults(err)[0].Kind.Meaning().Exit
}

// meant is the command whose arguments were not understood.
func meant(root *cobra.Command, args []string) string {
	c, _, err := root.Find(args)
	if err != nil {
		c = root
	}
	return c.CommandPath()
}

// report tells on standard error what went wrong and what to do.
func (a *app) report(err error) {
	faults := client.Faults(err)
	if a.json {
		a.reportJSON(faults)
		return
	}
	for _, f := range faults {
		fmt.Fprintf(a.err, "error: %s\n", f.Sentence())
		if cause := f.Unwrap(); f.Kind == fault.Internal && cause != nil {
			fmt.Fprintf(a.err, "  %v\n", cause) // it happened in this process: nobody else has the log
		}
		if f.Help != "" {
			fmt.Fprintf(a.err, "  %s\n", f.Help)
		}
	}
}

type failure struct {
	Code    string      `json:"code"`
	Message string      `json:"message"`
	Help    string      `json:"help,omitempty"`
	Place   fault.Place `json:"place,omitzero"`
	Others  []failure   `json:"others,omitempty"`
}

func (a *app) reportJSON(faults []*fault.Fault) {
	var all []failure
	for _, f := range faults {
		if cause := f.Unwrap(); f.Kind == fault.Internal && cause != nil {
			fmt.Fprintln(a.err, cause) // it happened in this process: nobody else has the log
		}
		all = append(all, failure{Code: f.Kind.String(), Message: f.Sentence(), Help: f.Help, Place: f.Place})
	}
	first := all[0]
	first.Others = all[1:]
	_ = json.NewEncoder(a.err).Encode(map[string]failure{"error": first}) // standard error is gone: nobody is left to tell
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:           "secretome",
		Short:         "Run, record and reproduce experiments on conditioned medium",
		SilenceErrors: true, SilenceUsage: true,
		PersistentPreRunE: func(c *cobra.Command, _ []string) error {
			if err := c.ValidateRequiredFlags(); err != nil { // cobra does it too, but later
				return err
			}
			a.began = true
			return nil
		},
	}
	f := root.PersistentFlags()
	f.StringVar(&a.servers.Data, "data", a.setting("SECRETOME_DATA", DefaultData), "`DIR` with everything that is stored on this machine")
	f.StringVar(&a.url, "url", a.setting("SECRETOME_URL", ""), "`URL` of the server; else the one that runs on the data directory")
	f.StringVar(&a.as, "as", "", "`NAME` of the person who acts, from the credentials of the data directory")
	f.StringVar(&a.request, "request", "", "request `ID` of a command that is sent again")
	f.BoolVar(&a.json, "json", false, "print JSON")
	f.StringSliceVar(&a.fields, "fields", nil, "print these fields of the JSON only")
	f.BoolVar(&a.header, "header", false, "print column titles into a pipe too")
	root.AddCommand(a.runs(), a.tasks(), a.lots(), a.places(), a.users(), a.artifacts(), a.plates(), a.protocols(), a.index(), a.parse(), a.label(), a.verify())
	root.AddCommand(a.demo(), a.up(), a.worker(), a.replay(), a.doctor(), a.version())
	for _, c := range root.Commands() {
		words(c)
	}
	return root
}

// words makes a noun without a verb print its help, if it has nothing better to
// do, and refuses a word that is no verb of it.
func words(noun *cobra.Command) {
	if !noun.HasSubCommands() {
		return
	}
	if !noun.Runnable() {
		noun.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
	}
	noun.Args = func(_ *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		var verbs []string
		for _, v := range noun.Commands() {
			verbs = append(verbs, v.Name())
		}
		return fault.New(fault.Usage, "%q is no verb of %s", args[0], noun.Name()).Try("verbs are: %s", strings.Join(verbs, ", "))
	}
}

// note tells the person something that is not the answer.
func (a *app) note(format string, args ...any) {
	fmt.Fprintf(a.err, format+"\n", args...)
}
