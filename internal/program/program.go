// Package program is the wiring and nothing else: it puts the parts of each
// subcommand together and takes them apart again.
package program

import (
	"context"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"syscall"

	"secretome/internal/cli"
)

// Version of this program. It stands in every record that it writes.
const Version = "0.2.0"

// Main runs the command line and returns the exit code.
func Main(args []string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	debug.SetGCPercent(200) // servers in this process make much short-lived garbage
	return cli.Main(ctx, args, os.Stdin, os.Stdout, os.Stderr, programs())
}

func programs() cli.Programs {
	return cli.Programs{
		Version: version(), Demo: demo, Up: up, Worker: runWorker,
		RebuildIndex: rebuildIndex, Replay: replay, Doctor: doctor,
	}
}

func version() cli.Version {
	v := cli.Version{Version: Version, Go: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
		case "vcs.time":
			v.Built = s.Value
		}
	}
	return v
}
