// Package embedded runs the servers that a laboratory with one machine needs
// inside this process: an S3 server for what happened ([secretome/internal/embedded/s3])
// and a Temporal server for what is happening ([secretome/internal/embedded/temporal]),
// with its Web UI. All of it is on the loopback address and under one data
// directory:
//
//	lock                 held by the process that uses the directory
//	version.json         the directory's format, and who ran here last
//	s3-credentials.json  the S3 server's keys, mode 0600
//	s3/                  the objects
//	temporal.db          the workflows
//
// # The working directory
//
// Starting changes the working directory of the process to the directory's s3
// folder, for good, and only one set of servers can run in a process at a time.
// A program makes all its paths absolute before it calls [Start].
package embedded

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"sync"

	"github.com/rs/zerolog"

	"secretome/internal/embedded/s3"
	"secretome/internal/embedded/temporal"
)

// Bucket is the S3 bucket of the laboratory.
const Bucket = "secretome"

// Options say where the servers keep their state and where they listen.
type Options struct {
	Data         string // the data directory; made with mode 0700 when absent
	Program      string // version of this program, kept in version.json
	TemporalPort int    // 0 picks a free one, here and below
	S3Port       int
	UIPort       int
	UI           bool // whether to serve Temporal's Web UI
	Logger       zerolog.Logger
}

// Addresses are where clients find the servers. Those of servers that were not
// started are empty.
type Addresses struct {
	Temporal  string // host:port
	Namespace string
	S3        string // http://host:port
	Region    string
	Bucket    string
	AccessKey string
	SecretKey string
	UI        string // http://host:port
}

// Servers are running servers.
type Servers struct {
	at     Addresses
	stops  []func() // in the order of starting
	once   sync.Once
	failed chan error
}

// Start runs all servers until [Servers.Stop] and returns when they answer. What
// goes wrong is a fault: Conflict when another process uses the directory,
// Refused when a newer program wrote it, another Temporal server kept its
// workflows, or its filesystem will not do, and Unavailable when a port is
// taken. Whatever had been started is stopped again.
func Start(ctx context.Context, o Options) (*Servers, error) {
	return start(ctx, o, true)
}

// StartS3 runs only the S3 server, for commands that work on records and
// artifacts while the laboratory rests. It fails as [Start] does.
func StartS3(ctx context.Context, o Options) (*Servers, error) {
	return start(ctx, o, false)
}

func start(ctx context.Context, o Options, all bool) (*Servers, error) {
	s := &Servers{failed: make(chan error, 2)} // one for each server
	if err := s.start(ctx, o, all); err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

func (s *Servers) start(ctx context.Context, o Options, all bool) error {
	dir, err := enter(o.Data)
	if err != nil {
		return err
	}
	s.stops = append(s.stops, dir.leave)
	ports, err := claimPorts(o, all)
	if err != nil {
		return err
	}
	defer ports.release()
	if err := s.startS3(ctx, o, dir, ports); err != nil {
		return err
	}
	if all {
		if err := s.startTemporal(ctx, o, dir, ports); err != nil {
			return err
		}
	}
	return dir.record(o.Program, all)
}

func (s *Servers) startS3(ctx context.Context, o Options, dir *directory, ports *ports) error {
	keys, err := dir.keys()
	if err != nil {
		return err
	}
	options := s3.Options{
		Root: filepath.Join(dir.path, "s3"), Port: ports.s3.Yield(), Bucket: Bucket,
		AccessKey: keys.AccessKey, SecretKey: keys.SecretKey, Logger: o.Logger,
	}
	server, err := s3.Start(ctx, options)
	if err != nil {
		return err
	}
	s.stops = append(s.stops, server.Stop)
	s.watch(server.Done(), server.Err)
	s.at.S3 = "http://127.0.0.1:" + strconv.Itoa(options.Port)
	s.at.Region, s.at.Bucket = s3.Region, Bucket
	s.at.AccessKey, s.at.SecretKey = keys.AccessKey, keys.SecretKey
	return nil
}

func (s *Servers) startTemporal(ctx context.Context, o Options, dir *directory, ports *ports) error {
	server, err := temporal.Start(ctx, temporal.Options{
		File: filepath.Join(dir.path, "temporal.db"), Made: dir.version.TemporalServer, Logger: o.Logger,
		Ports: temporal.Ports{
			Frontend: ports.temporal.Yield(), History: ports.history.Yield(), Matching: ports.matching.Yield(), Worker: ports.worker.Yield(),
		},
	})
	if err != nil {
		return err
	}
	s.stops = append(s.stops, server.Stop)
	s.pass(server.Failed())
	s.at.Temporal, s.at.Namespace = server.Address(), temporal.Namespace
	if !o.UI {
		return nil
	}
	ui, err := temporal.StartUI(ctx, server.Address(), ports.ui.Yield())
	if err != nil {
		return err
	}
	s.stops = append(s.stops, ui.Stop)
	s.at.UI = ui.URL()
	return nil
}

// Addresses are where clients find the servers.
func (s *Servers) Addresses() Addresses { return s.at }

// Failed receives the reason when a server ends by itself. The process should
// then stop: what it had acknowledged is safe, and nothing more will be.
func (s *Servers) Failed() <-chan error { return s.failed }

// Stop ends the servers, last started first, and lets go of the data directory.
// It takes about a second and may be called more than once.
func (s *Servers) Stop() {
	s.once.Do(func() {
		for _, stop := range slices.Backward(s.stops) {
			stop()
		}
	})
}

// watch reports the reason when a server is done without having been stopped.
func (s *Servers) watch(done <-chan struct{}, why func() error) {
	go func() {
		<-done
		if err := why(); err != nil {
			s.failed <- fmt.Errorf("s3 server ended: %w", err)
		}
	}()
}

// pass reports what a server calls fatal.
func (s *Servers) pass(fatal <-chan error) {
	ended := make(chan struct{})
	s.stops = append(s.stops, func() { close(ended) })
	go func() {
		select {
		case err := <-fatal:
			s.failed <- fmt.Errorf("temporal server failed: %w", err)
		case <-ended:
		}
	}()
}
