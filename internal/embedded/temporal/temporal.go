// Package temporal runs a Temporal server inside this process, on one SQLite
// file, for a laboratory that has one machine, and the server's Web UI beside
// it.
//
// The file is in WAL mode with synchronous FULL, so that a commit which the
// server acknowledged outlives a power cut, and has one connection: several
// would meet in SQLite's busy handler, which is slower and answers errors. One
// history shard serves it; that number cannot change later.
//
// The namespace and its search attributes are written into the file before the
// server starts, so everything can be searched from the first moment on.
package temporal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	sdklog "go.temporal.io/sdk/log"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/headers"
	"go.temporal.io/server/common/metrics"
	server "go.temporal.io/server/temporal"
)

// Version is the version of the server that is built in.
const Version = headers.ServerVersion

// Namespace is where all of this program's workflows live.
const Namespace = "secretome"

const (
	startTimeout = 30 * time.Second // it takes 0.4 s on a quiet machine
	probeEvery   = 10 * time.Millisecond
)

// Ports are where the server's four services listen, on 127.0.0.1. Clients need
// only the frontend's.
type Ports struct{ Frontend, History, Matching, Worker int }

// Options say where the server keeps its state.
type Options struct {
	File   string // absolute path of the SQLite file; made when absent
	Made   string // version of the server that last ran on File, for messages; may be empty
	Ports  Ports  // must be free
	Logger zerolog.Logger
}

// Server is a running Temporal server.
type Server struct {
	address string
	server  server.Server
	log     *logger
}

// Start runs a Temporal server until [Server.Stop] and returns when it answers
// and its search attributes can be used. It fails with a [fault.Refused] when
// the file has another schema than this server makes, and leaves it as it is.
func Start(ctx context.Context, o Options) (*Server, error) {
	if err := prepare(o.File, o.Made); err != nil {
		return nil, err
	}
	s := &Server{address: host(o.Ports.Frontend), log: newLogger(o.Logger)}
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if err := s.launch(o); err != nil {
		return nil, fmt.Errorf("start temporal server: %w", err)
	}
	if err := errors.Join(s.await(ctx), checkConnection(o.File)); err != nil {
		s.Stop()
		return nil, fmt.Errorf("start temporal server: %w", err)
	}
	return s, nil
}

// Address is where clients find the server, as host:port.
func (s *Server) Address() string { return s.address }

// Failed receives what the server calls fatal while it runs; it is of no use
// after that and should be stopped.
func (s *Server) Failed() <-chan error { return s.log.fatal }

// Stop ends the server and waits for it, about a second. It has no effect on
// open workflows: they go on with the next start.
func (s *Server) Stop() {
	s.log.mute()
	if err := s.server.Stop(); err != nil {
		s.log.to.Warn().Err(err).Msg("temporal server did not stop cleanly")
	}
}

// launch makes and starts the server. What the server calls fatal would end the
// process; here it is the error. A server that failed so cannot be stopped, since
// parts of it never were; it keeps its ports and its file until the process ends.
// Nor can one that is starting: a cancelled start is noticed afterwards.
func (s *Server) launch(o Options) error {
	started := make(chan error, 1)
	made := make(chan server.Server, 1)
	go func() {
		srv, err := newServer(o, s.log)
		if err == nil {
			err = srv.Start()
		}
		if err == nil {
			made <- srv
		}
		started <- err
	}()
	select {
	case err := <-started:
		if err == nil {
			s.server = <-made
		}
		return err
	case err := <-s.log.fatal:
		return err
	}
}

func newServer(o Options, l *logger) (server.Server, error) {
	return server.NewServer(
		server.ForServices(server.DefaultServices),
		server.WithConfig(configuration(o.File, o.Ports)),
		server.WithDynamicConfigClient(dynamicconfig.StaticClient(settings())),
		server.WithStaticHosts(hosts(o.Ports)),
		server.WithCustomMetricsHandler(metrics.NoopMetricsHandler),
		server.WithLogger(l),
	)
}

// await polls until a client can use the namespace and its search attributes.
func (s *Server) await(ctx context.Context) error {
	c, err := client.NewLazyClient(client.Options{
		HostPort: s.address, Namespace: Namespace,
		Logger: sdklog.NewStructuredLogger(slog.New(slog.DiscardHandler)), // the default one writes to standard output
	})
	if err != nil {
		return err
	}
	defer c.Close()
	for {
		err := probe(ctx, c)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not ready after %v: %w", startTimeout, err)
		case err := <-s.log.fatal:
			return err
		case <-time.After(probeEvery):
		}
	}
}

func probe(ctx context.Context, c client.Client) error {
	if _, err := c.CheckHealth(ctx, &client.CheckHealthRequest{}); err != nil {
		return err
	}
	var used []string
	for name := range searchAttributes() {
		used = append(used, name+" IS NOT NULL")
	}
	_, err := c.CountWorkflow(ctx, &workflowservice.CountWorkflowExecutionsRequest{
		Namespace: Namespace, Query: strings.Join(used, " OR "),
	})
	return err
}
