package cli

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"secretome/examples"
	"secretome/internal/fault"
	"secretome/internal/protocol"
)

func (a *app) protocols() *cobra.Command {
	c := &cobra.Command{Use: "protocol", Short: "Documents that runs follow"}
	c.AddCommand(a.protocolNew(), a.protocolLint(), a.protocolView(), a.protocolDiff(), a.plan(), a.protocolSchema())
	return c
}

// document reads a protocol from a file, or from standard input.
func (a *app) document(file string) (protocol.Protocol, error) {
	data, err := a.read(file, maxProtocol)
	if err != nil {
		return protocol.Protocol{}, err
	}
	return protocol.Parse(file, data)
}

// linted is what is said of a protocol without mistakes.
type linted struct {
	File   string   `json:"file"`
	Name   string   `json:"name"`
	Hash   string   `json:"hash"` // its identity
	Stages int      `json:"stages"`
	Tasks  int      `json:"tasks"`
	Advice []string `json:"advice"`
}

func (a *app) protocolLint() *cobra.Command {
	return &cobra.Command{
		Use: "lint FILE…", Short: "Tell all mistakes of protocols, each with its line", Args: cobra.MinimumNArgs(1),
		Long:    "Tell all mistakes of protocols, each with file, line and column and what to do. A protocol without mistakes gets one line and, below it, what a reviewer of the study would ask about.",
		Example: "  secretome protocol lint study.yaml\n  secretome protocol lint - < study.yaml",
		RunE: func(_ *cobra.Command, args []string) error {
			var all []error
			var good []linted
			for _, file := range args {
				p, err := a.document(file)
				if err != nil {
					all = append(all, err)
					continue
				}
				l, err := look(file, p)
				if err != nil {
					return err
				}
				good = append(good, l)
			}
			if err := a.showLinted(good); err != nil {
				return err
			}
			return errors.Join(all...)
		},
	}
}

func look(file string, p protocol.Protocol) (linted, error) {
	_, hash, err := p.Canonical()
	l := linted{File: file, Name: p.Name(), Hash: hash, Stages: len(p.Stages), Tasks: 2 * len(p.Assays), Advice: p.Advice()}
	for _, s := range p.Stages {
		l.Tasks += len(s.Tasks)
	}
	return l, err
}

func (a *app) showLinted(good []linted) error {
	if a.json {
		return list(a, good, nil)
	}
	for _, l := range good {
		if _, err := fmt.Fprintf(a.out, "%s: %s has no mistakes; %d stages, %d tasks, identity %s\n", l.File, cell(l.Name), l.Stages, l.Tasks, l.Hash[:16]); err != nil {
			return err
		}
		for _, advice := range l.Advice {
			a.note("worth a look: %s", advice)
		}
	}
	return nil
}

func (a *app) protocolDiff() *cobra.Command {
	return &cobra.Command{
		Use: "diff OLD NEW", Short: "Tell what one version of a protocol means otherwise than another", Args: cobra.ExactArgs(2),
		Long:    "Tell what one version of a protocol means otherwise than another: things are matched by their names, not by their lines. The exit code is 0 where they are the same protocol, and 1 where not.",
		Example: "  secretome protocol diff study-1.yaml study-2.yaml",
		RunE: func(_ *cobra.Command, args []string) error {
			before, err := a.document(args[0])
			if err != nil {
				return err
			}
			now, err := a.document(args[1])
			if err != nil {
				return err
			}
			changes := protocol.Diff(before, now)
			if err := a.showChanges(changes); err != nil {
				return err
			}
			if len(changes) > 0 {
				return fault.New(fault.Different, "%s and %s differ in %d things", args[0], args[1], len(changes))
			}
			a.note("they are the same protocol")
			return nil
		},
	}
}

func (a *app) showChanges(changes []protocol.Change) error {
	if a.json || len(a.fields) > 0 {
		return list(a, changes, nil)
	}
	for _, c := range changes {
		if _, err := fmt.Fprintln(a.out, cell(c.String())); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) protocolSchema() *cobra.Command {
	return &cobra.Command{
		Use: "schema", Short: "Print the JSON Schema of protocols, for editors", Args: cobra.NoArgs,
		Long:    "Print the JSON Schema of protocols. Many editors check a protocol while you type if its first line is\n\n  # yaml-language-server: $schema=protocol.schema.json\n\nWhat a schema cannot say (whether a name is known, whether a unit fits) protocol lint says.",
		Example: "  secretome protocol schema > protocol.schema.json",
		RunE: func(_ *cobra.Command, _ []string) error {
			b, err := protocol.Schema()
			if err != nil {
				return err
			}
			_, err = a.out.Write(b)
			return err
		},
	}
}

var idLine = regexp.MustCompile(`(?m)^protocol: .*$`)

func (a *app) protocolNew() *cobra.Command {
	var from, out string
	c := &cobra.Command{
		Use: "new [NAME]", Short: "Begin a protocol of your own as a copy of a shipped one", Args: cobra.MaximumNArgs(1),
		Long:    "Begin a protocol of your own: a copy of a shipped one, with its comments, under the name given, or MY-STUDY. No file is written over.",
		Example: "  secretome protocol new MY-STUDY\n  secretome protocol new MY-STUDY --from compact --out study.yaml",
	}
	c.Flags().StringVar(&from, "from", "compact", "the shipped `PROTOCOL` to begin with: "+strings.Join(shipped(), ", "))
	c.Flags().StringVar(&out, "out", "", "`FILE` to write; else the name in small letters")
	c.RunE = func(_ *cobra.Command, args []string) error {
		name := "MY-STUDY"
		if len(args) > 0 {
			name = args[0]
		}
		text, err := beginning(from, name)
		if err != nil {
			return err
		}
		if out == "" {
			out = strings.ToLower(name) + ".yaml"
		}
		if err := create(out, text); err != nil {
			return err
		}
		a.note("edit it, then: secretome protocol lint %s", out)
		_, err = fmt.Fprintln(a.out, out)
		return err
	}
	return c
}

// shipped are the protocols that come with the program.
func shipped() []string {
	files, err := fs.Glob(examples.Files, "*.yaml")
	if err != nil {
		return nil
	}
	var names []string
	for _, f := range files {
		if !strings.Contains(f, ".rehearsal.") {
			names = append(names, strings.TrimSuffix(f, ".yaml"))
		}
	}
	return names
}

// beginning returns a shipped protocol under another name.
func beginning(from, name string) ([]byte, error) {
	text, err := examples.Files.ReadFile(from + ".yaml")
	if err != nil || !slices.Contains(shipped(), from) {
		return nil, fault.New(fault.NotFound, "no protocol %q comes with this program", from).Field("from").Try("there are: %s", strings.Join(shipped(), ", "))
	}
	text = idLine.ReplaceAllLiteral(text, []byte("protocol: "+name))
	if _, err := protocol.Parse(from+".yaml", text); err != nil {
		return nil, fault.New(fault.Usage, "%q is no name of a protocol", name).Try("write capital letters, digits and dashes, for instance MY-STUDY")
	}
	return text, nil
}

// create writes a new file, and never over another one.
func create(path string, text []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fault.New(fault.Conflict, "%s exists already", path).Try("choose another one with --out")
	}
	if err != nil {
		return fault.Wrap(err, fault.Usage, "cannot write %s: %v", path, errors.Unwrap(err))
	}
	_, err = bytes.NewReader(text).WriteTo(f)
	return errors.Join(err, f.Close())
}
