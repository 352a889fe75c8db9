package program

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"secretome/examples"
	"secretome/internal/account"
	"secretome/internal/cli"
	"secretome/internal/client"
	"secretome/internal/crate"
	"secretome/internal/fault"
	"secretome/internal/protocol"
	"secretome/internal/rehearsal"
	"secretome/workflows"
)

// demoScript is the scripted study that the demo plays.
const demoScript = "compact.rehearsal.yaml"

// demo plays the scripted study through the API of a house of its own, and
// leaves a bundle. On a data directory with an unfinished demo it goes on.
func demo(ctx context.Context, o cli.DemoOptions, io cli.IO) (cli.DemoResult, error) {
	begun := time.Now()
	cast, people, err := stageDemo(o)
	if err != nil {
		return cli.DemoResult{}, err
	}
	out := o.Out
	if out != "" {
		if out, err = filepath.Abs(out); err != nil {
			return cli.DemoResult{}, fmt.Errorf("folder for the bundle: %w", err)
		}
	}
	mine, err := fresh(o.Data)
	if err != nil {
		return cli.DemoResult{}, err
	}
	h, err := open(ctx, o.Servers, io, people)
	if err != nil {
		return cli.DemoResult{}, err
	}
	defer h.close()
	if mine {
		if err := markDemo(h.data, people); err != nil {
			return cli.DemoResult{}, err
		}
	}
	l := h.lab()
	if err := h.begin(ctx, o.Servers, io); err != nil {
		return cli.DemoResult{}, err
	}
	f, err := openFront(cli.UpOptions{Listen: "127.0.0.1:0"})
	if err != nil {
		return cli.DemoResult{}, err
	}
	if err := h.serve(l, f); err != nil {
		return cli.DemoResult{}, err
	}
	cast.Speak = h.speaker(f.api)
	cast.Progress = func(line string) { fmt.Fprintln(io.Err, line) }
	run, err := cast.Play(ctx)
	if err != nil {
		return cli.DemoResult{}, err
	}
	bundle, err := h.leave(ctx, run, out, cast.Progress)
	return cli.DemoResult{Run: run, Bundle: bundle, Report: filepath.Join(bundle, "report.html"), Seconds: time.Since(begun).Seconds()}, err
}

// stageDemo reads script and protocol and lists the people of the story.
func stageDemo(o cli.DemoOptions) (cast rehearsal.Cast, people []account.Person, err error) {
	cast.Files = examples.Files
	text, err := fs.ReadFile(examples.Files, demoScript)
	if err != nil {
		return cast, nil, fmt.Errorf("script of the demo: %w", err)
	}
	if cast.Script, err = rehearsal.Parse(demoScript, text); err != nil {
		return cast, nil, err
	}
	if o.Speed > 0 {
		cast.Script.Speed = o.Speed
	}
	if cast.Document, err = fs.ReadFile(examples.Files, cast.Script.Protocol); err != nil {
		return cast, nil, fmt.Errorf("protocol of the demo: %w", err)
	}
	cast.Protocol, err = protocol.Parse(cast.Script.Protocol, cast.Document)
	for role, names := range cast.Script.People {
		for _, name := range names {
			people = append(people, account.Person{Name: name, Role: role})
		}
	}
	slices.SortFunc(people, func(a, b account.Person) int {
		return slices.Compare([]string{a.Role, a.Name}, []string{b.Role, b.Name})
	})
	return cast, people, err
}

// speaker returns clients that act as the people of the credentials file.
func (h *house) speaker(address string) func(string) (*client.Client, error) {
	return func(name string) (*client.Client, error) {
		token, ok := h.people.Token(name)
		if !ok {
			return nil, fault.New(fault.NotFound, "nobody is called %q here", name)
		}
		return client.New(client.Options{URL: address, Token: token, Patience: time.Minute})
	}
}

// leave waits until the run's own history is kept and writes its bundle, once.
func (h *house) leave(ctx context.Context, run, out string, say func(string)) (string, error) {
	for _, id := range []string{workflows.RunID(run), workflows.ArchiveID(run)} { // the second starts as the first ends
		if err := h.temporal.GetWorkflow(ctx, id, "").Get(ctx, nil); err != nil {
			return "", fmt.Errorf("wait for %s: %w", id, err)
		}
	}
	if out == "" {
		out = filepath.Join(h.data, "bundles", run)
	}
	if err := os.MkdirAll(filepath.Dir(out), 0o700); err != nil {
		return "", fmt.Errorf("folder for the bundle: %w", err)
	}
	err := crate.Write(ctx, out, source{h, run})
	if !fault.Is(err, fault.Conflict) {
		return out, err
	}
	verdict, failed := crate.Verify(out) // an earlier demo left it
	if failed != nil || !verdict.OK {
		return "", errors.Join(err, failed)
	}
	say("The demo of this data directory was finished before; nothing was done again.")
	return out, nil
}
