// Command temporalserver runs the Temporal server that secretome embeds as a
// process of its own, to try the program against servers elsewhere. It prints
// its address when it answers, and stops when it is interrupted.
//
//	go run ./internal/gen/temporalserver DIR
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/rs/zerolog"

	"secretome/internal/embedded/temporal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "temporalserver:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("want the folder to keep its file in")
	}
	dir, err := filepath.Abs(args[0])
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	var ports [4]int
	for i := range ports {
		if ports[i], err = free(); err != nil {
			return err
		}
	}
	server, err := temporal.Start(ctx, temporal.Options{
		File: filepath.Join(dir, "temporal.db"), Logger: zerolog.New(os.Stderr).Level(zerolog.WarnLevel),
		Ports: temporal.Ports{Frontend: ports[0], History: ports[1], Matching: ports[2], Worker: ports[3]},
	})
	if err != nil {
		return err
	}
	defer server.Stop()
	fmt.Println(server.Address())
	<-ctx.Done()
	return nil
}

// free returns a port that nobody uses at this moment.
func free() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
