package program

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"secretome/internal/cli"
	"secretome/internal/durable"
	"secretome/internal/fault"
	"secretome/worker"
	"secretome/workflows"
)

// programFile says whose worker ran on a data directory last.
const programFile = "program.json"

// build is one build of this program, and where it works.
type build struct {
	Version string `json:"version"`
	Code    string `json:"code"`              // tells builds of one version apart; empty if nothing does
	Servers string `json:"servers,omitempty"` // the Temporal server and namespace, if they are elsewhere
}

// String names the build as a person would look for it.
func (b build) String() string {
	kind, sum, _ := strings.Cut(b.Code, " ")
	if sum == "" {
		return b.Version
	}
	return fmt.Sprintf("%s (%s %.12s)", b.Version, kind, sum)
}

// begin starts the worker, once it is known that this program can go on with all
// that is open.
func (h *house) begin(ctx context.Context, s cli.Servers, io cli.IO) error {
	if err := h.gate(ctx, s, io); err != nil {
		return err
	}
	return h.work(ctx)
}

// gate refuses, as [fault.Refused], if another build ran here last and an open
// execution does not go on under this one. It writes nothing before it passed.
func (h *house) gate(ctx context.Context, s cli.Servers, io cli.IO) error {
	now := build{Version: Version, Code: code()}
	if s.Temporal != "" {
		now.Servers = s.Temporal + "/" + s.Namespace
	}
	return admit(filepath.Join(h.data, programFile), now, func(last build) error {
		found, err := worker.Replay(ctx, h.temporal, worker.ReplayOptions{Queue: workflows.Queue, Code: workflows.All(), Progress: counting(io.Err)})
		if err != nil {
			return fault.Wrap(err, fault.Unavailable, "the open histories cannot be checked with this version")
		}
		for _, f := range found.Failed {
			h.log.Warn().Str("workflow", f.Workflow).Str("type", f.Type).Str("reason", f.Reason).Msg("does not go on under this version")
		}
		return refusal(found.Failed, last)
	})
}

// admit checks unless the file says that the same build ran last, and says so in
// the file if the check found nothing. A file that cannot be read says nothing.
func admit(path string, now build, check func(last build) error) error {
	var last build
	if text, err := os.ReadFile(path); err != nil || json.Unmarshal(text, &last) != nil || last.Servers != now.Servers {
		last = build{}
	}
	if last == now && now.Code != "" {
		return nil
	}
	if err := check(last); err != nil {
		return err
	}
	text, err := json.MarshalIndent(now, "", "  ")
	if err == nil {
		err = durable.WriteFile(path, append(text, '\n'))
	}
	if err != nil {
		return fmt.Errorf("keep which version ran here last: %w", err)
	}
	return nil
}

// refusal names the first five executions that do not go on; nil if all do.
func refusal(failed []worker.Failure, last build) error {
	if len(failed) == 0 {
		return nil
	}
	const most = 5
	var told []string
	for i, f := range failed {
		if i == most {
			told = append(told, fmt.Sprintf("and %d more", len(failed)-most))
			break
		}
		told = append(told, fmt.Sprintf("%s does not go on under this version: %s", subject(f.Workflow), f.Reason))
	}
	refused := fault.New(fault.Refused, "%s", strings.Join(told, "; "))
	if last == (build{}) {
		return refused.Try("start the version that ran last; nothing was changed")
	}
	return refused.Try("start the version that ran last: %s; nothing was changed", last)
}

// subject names an execution by its run, where it has one.
func subject(workflow string) string {
	_, rest, _ := strings.Cut(workflow, "/")
	if run, _, _ := strings.Cut(rest, "/"); strings.HasPrefix(run, "UCM-") {
		return "run " + run + " (" + workflow + ")"
	}
	return workflow
}

// counting says how far a check is, once a second.
func counting(to io.Writer) func(done, total int) {
	last := time.Now()
	return func(done, total int) {
		if now := time.Now(); now.Sub(last) >= time.Second {
			last = now
			fmt.Fprintf(to, "checking %d open histories with this version … %d\n", total, done)
		}
	}
}

// code tells builds of one version apart: by the commit, or by the hash of the
// program's file where it was built from changes that no commit has. It is empty
// where neither is known.
func code() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		if commit := cleanCommit(info); commit != "" {
			return "commit " + commit
		}
	}
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	sum, err := hash(path)
	if err != nil {
		return ""
	}
	return "sha256 " + sum
}

// cleanCommit is the commit that a program was built from, if it had no changes.
func cleanCommit(info *debug.BuildInfo) (commit string) {
	changed := true
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value
		case "vcs.modified":
			changed = s.Value != "false"
		}
	}
	if changed {
		return ""
	}
	return commit
}

func hash(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}
