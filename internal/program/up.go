package program

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"secretome/internal/account"
	"secretome/internal/api"
	"secretome/internal/cli"
	"secretome/internal/client"
	"secretome/internal/fault"
	"secretome/internal/lab"
)

// up serves everything on this machine until it is interrupted.
func up(ctx context.Context, o cli.UpOptions, io cli.IO) error {
	h, err := open(ctx, o.Servers, io, nil)
	if err != nil {
		return err
	}
	defer h.close()
	h.slots = o.Slots
	l := h.lab()
	if err := h.begin(ctx, o.Servers, io); err != nil {
		return err
	}
	if _, err := l.Heal(ctx); err != nil {
		return err
	}
	if err := h.accounts(ctx, l, account.Settings{Idle: o.Idle, Absolute: o.Limit}); err != nil {
		return err
	}
	f, err := openFront(o)
	if err != nil {
		return err
	}
	if err := h.serve(l, f); err != nil {
		return err
	}
	if err := setUp(ctx, l.Accounts, h.data, f.web, io.Err); err != nil {
		return err
	}
	go h.follow(ctx)
	go h.recordAccounts(ctx, l)
	go h.lookOutside(ctx, l)
	if err := o.Ready(h.where(f)); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-h.failed:
		return err
	}
}

// serve answers people and programs; the servers stop with the house.
func (h *house) serve(l *lab.Lab, f front) error {
	api, all := h.doors(l, f)
	h.run(all, f.listener, f.tls)
	if f.near != nil {
		h.run(api, f.near, nil)
	}
	h.later(func() { close(h.leaving) }) // before the servers wait for what they still answer
	h.later(h.forget)
	return h.where(f).Write(h.data)
}

// run serves a handler until the house is closed.
func (h *house) run(handler http.Handler, listener net.Listener, over *tls.Config) {
	server := api.Server(handler, h.log)
	served := make(chan struct{})
	go func() {
		defer close(served)
		serve := server.Serve
		if over != nil {
			server.TLSConfig = over
			serve = func(l net.Listener) error { return server.ServeTLS(l, "", "") }
		}
		if err := serve(listener); !errors.Is(err, http.ErrServerClosed) {
			h.log.Error().Err(err).Msg("API stopped")
		}
	}()
	h.later(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := server.Shutdown(ctx); err != nil {
			h.log.Warn().Err(err).Msg("API did not stop in time")
		}
		<-served
	})
}

// forget takes away what leads others to this process.
func (h *house) forget() {
	if err := os.Remove(filepath.Join(h.data, client.ServerFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		h.log.Warn().Err(err).Msg("server file left behind")
	}
}

func (h *house) where(f front) client.Server {
	return client.Server{
		Web: f.web, API: f.api + "/api/v1", UI: h.at.UI, Temporal: h.at.Temporal, Namespace: h.at.Namespace,
		S3: h.at.S3, Bucket: h.at.Bucket, Credentials: filepath.Join(h.data, client.CredentialsFile),
	}
}

// runWorker works on a task queue until it is interrupted.
func runWorker(ctx context.Context, o cli.WorkerOptions, io cli.IO) error {
	if o.Temporal == "" {
		return fault.New(fault.Usage, "a worker needs servers to work for").Try("give --temporal and --s3, or use: secretome up")
	}
	h, err := open(ctx, o.Servers, io, nil)
	if err != nil {
		return err
	}
	defer h.close()
	h.slots = o.Slots
	if err := h.begin(ctx, o.Servers, io); err != nil {
		return err
	}
	fmt.Fprintf(io.Err, "working for %s\n", h.at.Temporal)
	h.follow(ctx)
	return nil
}
